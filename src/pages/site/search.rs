//! Finding something again. From files, a page that the browser's own search can look through: every session with who led
//! it, what was decided and what is to be done. Where somebody is there to answer, a form instead.
//!
//! What is looked through is what the site holds anyway: titles, people, descriptions, notes, decisions, actions. A session
//! is found when it has a word that begins with each of the words asked for; accents and case make no difference.

use super::people::taking_part;
use super::rich::{Rich, called, rich};
use super::view::{Card, Frame, shown};
use super::{Site, Way};
use crate::letters::rendered;
use crate::letters::wrap::{cut, printable};
use crate::session::{Session, SessionKey, Summit};
use askama::Template;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Sessions that are shown, at most.
const MOST: usize = 50;
/// Characters of the line that holds the words.
const EXCERPT: usize = 200;

#[derive(Template)]
#[template(path = "site/search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    /// What was asked for, with what was found.
    answer: Option<(&'a str, Vec<Hit>)>,
    summits: Vec<Listed>,
}

/// A session that holds the words, and a line that does.
struct Hit {
    card: Card,
    excerpt: Rich,
}

struct Listed {
    name: String,
    sessions: Vec<(Card, Vec<Rich>)>,
}

/// What is looked through of one session.
pub struct Entry {
    session: SessionKey,
    lines: Vec<Line>,
}

struct Line {
    /// How much finding a word here tells.
    weight: usize,
    shown: String,
    /// Folded, each word with a blank before it.
    folded: String,
}

impl Site {
    /// The page without a question. Where one can be asked, there is no list to look through.
    pub fn search(&self, path: &str) -> Vec<u8> {
        let listed = |summit: &Summit| Listed {
            name: shown(&summit.name),
            sessions: self.register.of_summit(&summit.slug).map(|session| self.listed(summit, session)).collect(),
        };
        let summits = match self.way {
            Way::Files => self.policy.summits.iter().rev().map(listed).collect(),
            Way::Served => Vec::new(),
        };
        let page = SearchPage { frame: self.frame(path, "Search", None), answer: None, summits };
        rendered(&page).into_bytes()
    }

    fn listed(&self, summit: &Summit, session: &Session) -> (Card, Vec<Rich>) {
        let decisions = self.decisions(session).map(|decision| decision.text);
        let tasks = self.tasks(session).map(|task| task.text);
        (self.card(summit, session), decisions.chain(tasks).collect())
    }

    /// The page with what was found.
    pub fn answer(&self, path: &str, asked: &str) -> Vec<u8> {
        let words: Vec<String> = folded(asked).split_whitespace().map(|word| format!(" {word}")).collect();
        let entries =
            self.entries_to_search.get_or_init(|| self.sessions().map(|(_, session)| entry(session)).collect());
        let mut found: Vec<(usize, &Line, &Entry)> = entries.iter().filter_map(|entry| entry.holds(&words)).collect();
        found.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
        let hit = |(_, line, entry): &(usize, &Line, &Entry)| {
            Some(Hit { card: self.card_of(&entry.session)?, excerpt: rich(&cut(&line.shown, EXCERPT)) })
        };
        let hits = found.iter().filter_map(hit).take(MOST).collect();
        let frame = self.frame(path, &format!("Search: {asked}"), None);
        rendered(&SearchPage { frame, answer: Some((asked, hits)), summits: Vec::new() }).into_bytes()
    }
}

impl Entry {
    /// How well it holds the words, and the line that does best; `None` when it lacks one.
    fn holds(&self, words: &[String]) -> Option<(usize, &Line, &Entry)> {
        let in_line = |line: &Line| line.weight * words.iter().filter(|word| line.folded.contains(*word)).count();
        let all =
            !words.is_empty() && words.iter().all(|word| self.lines.iter().any(|line| line.folded.contains(word)));
        let best = self.lines.iter().rev().max_by_key(|line| in_line(line))?;
        all.then(|| (self.lines.iter().map(in_line).sum(), best, self))
    }
}

fn entry(session: &Session) -> Entry {
    let mut people: Vec<String> = taking_part(session).map(called).collect();
    people.sort();
    people.dedup();
    let notes = || session.outcomes.iter().map(|outcome| &outcome.value.notes);
    let decisions = notes().flat_map(|notes| &notes.decisions);
    let actions = notes().flat_map(|notes| notes.actions.iter().map(|action| &action.text));
    let title = [(20, format!("{} {}", session.key, session.title())), (5, people.join(", "))];
    let track = session.proposal.track.iter().map(|track| (5, track.clone()));
    let outcomes = decisions.chain(actions).map(|text| (8, text.clone()));
    let prose = std::iter::once(&session.proposal.description).chain(notes().map(|notes| &notes.text));
    let prose = prose.flat_map(|text| text.lines()).map(|line| (1, line.to_owned()));
    let lines = title.into_iter().chain(track).chain(outcomes).chain(prose);
    let line = |(weight, text): (usize, String)| {
        let shown = printable(&text);
        Line { weight, folded: folded(&shown), shown }
    };
    Entry { session: session.key.clone(), lines: lines.map(line).filter(|line| !line.shown.is_empty()).collect() }
}

/// Words in lower case and without accents, each with a blank before it.
fn folded(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let lower = plain.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(String::with_capacity(lower.len() + 1), |mut all, word| {
        all.push(' ');
        all.push_str(word);
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings_whatever_their_accents() {
        let line = |weight, text: &str| Line { weight, shown: text.to_owned(), folded: folded(text) };
        let session = SessionKey { summit: "s".into(), number: 1 };
        let entry = Entry { session, lines: vec![line(20, "Zero-copy display"), line(5, "Žofia Šťastná")] };
        let holds = |asked: &str| {
            let words: Vec<String> = folded(asked).split_whitespace().map(|word| format!(" {word}")).collect();
            entry.holds(&words).map(|(weight, line, _)| (weight, line.shown.as_str()))
        };
        assert_eq!(holds("ZERO disp"), Some((40, "Zero-copy display")));
        assert_eq!(holds("zofia"), Some((5, "Žofia Šťastná")));
        assert_eq!(holds("stastna copy"), Some((25, "Zero-copy display")));
        assert_eq!((holds("splay"), holds("zero tolerance"), holds("…")), (None, None, None));
    }
}
