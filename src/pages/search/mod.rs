//! What of a session can be searched for, and how well a line of it answers: from here the index is written, and from
//! here comes the line that is shown with what was found.
//!
//! Words of private letters are not among it, nor is the domain of an address: only what the pages show can be found.

mod fold;

pub use fold::{asked, words};

use super::site::people::taking_part;
use super::site::rich::{called, discreet};
use crate::letters::wrap::printable;
use crate::session::Session;
use crate::store::Searchable;
use std::collections::HashSet;

/// Letters of one kind of lines, at most: no notes of people have more words, and PostgreSQL takes no more than a million
/// for a session.
const MOST: usize = 256 * 1024;

/// How much it tells to find a word there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    /// The title, and what the session is called: `S-7`.
    Title,
    /// The track, what was decided and what is to be done, who took part.
    Told,
    /// Description and notes.
    Prose,
}

/// A session's row of the index.
pub fn searchable(session: &Session) -> Searchable {
    let lines: Vec<(Rank, String)> = lines(session).collect();
    let of = |rank| {
        let own = lines.iter().filter(move |(line, _)| *line == rank);
        joined(own.flat_map(|(_, text)| words(text)))
    };
    Searchable {
        session: session.key.clone(),
        submitted: session.submitted,
        title: of(Rank::Title),
        told: of(Rank::Told),
        prose: of(Rank::Prose),
    }
}

/// The line of a session that has most of these words: the first of those that have as many.
pub fn best_line(session: &Session, asked: &[String]) -> String {
    let (mut most, mut best) = (0, String::new());
    for (_, text) in lines(session) {
        let here = words(&text);
        let held = asked.iter().filter(|word| here.iter().any(|one| one.starts_with(word.as_str()))).count();
        if best.is_empty() || held > most {
            (most, best) = (held, text);
        }
        if most == asked.len() {
            break;
        }
    }
    best
}

/// What tells most comes first.
fn lines(session: &Session) -> impl Iterator<Item = (Rank, String)> {
    let notes = || session.outcomes.iter().map(|outcome| &outcome.value.notes);
    let mut seen = HashSet::new();
    let people = taking_part(session).map(called).filter(move |name| !name.is_empty() && seen.insert(name.clone()));
    let title = format!("{} {}", session.key, session.title());
    let decisions = notes().flat_map(|notes| notes.decisions.iter().cloned());
    let actions = notes().flat_map(|notes| notes.actions.iter().map(|action| action.text.clone()));
    let told = session.proposal.track.clone().into_iter().chain(decisions).chain(actions).chain(people);
    let prose = std::iter::once(&session.proposal.description).chain(notes().map(|notes| &notes.text));
    let prose = prose.flat_map(|text| text.lines()).map(str::to_owned);
    let all = std::iter::once((Rank::Title, title)).chain(told.map(|text| (Rank::Told, text)));
    let all = all.chain(prose.map(|line| (Rank::Prose, line)));
    all.map(|(rank, text)| (rank, discreet(&printable(&text)))).filter(|(_, text)| !text.is_empty())
}

/// Each word once, with a blank between them.
fn joined(words: impl Iterator<Item = String>) -> String {
    let mut seen = HashSet::new();
    let mut all = String::new();
    for word in words {
        if all.len() + word.len() < MOST && !seen.contains(&word) {
            if !all.is_empty() {
                all.push(' ');
            }
            all.push_str(&word);
            seen.insert(word);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_once_and_there_is_an_end_of_them() {
        let said = |words: &[&str]| joined(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(said(&["zero", "copy", "zero"]), "zero copy");
        assert_eq!(said(&[]), "");
        let many = joined((0..100_000).map(|n| format!("word{n}")));
        assert!(many.len() < MOST && many.len() > MOST - 20);
    }
}
