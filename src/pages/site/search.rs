//! Finding something again. From files, a page that the browser's own search can look through: every session with who led
//! it, what was decided and what is to be done. Where somebody is there to answer, a form instead, and what the database
//! has found.

use super::rich::{Rich, rich};
use super::view::{Card, Frame, shown};
use super::{Site, Way};
use crate::letters::rendered;
use crate::letters::wrap::cut;
use crate::pages::search::best_line;
use crate::session::{Session, SessionKey, Summit};
use askama::Template;

/// Characters of the line that holds the words.
const EXCERPT: usize = 200;

#[derive(Template)]
#[template(path = "site/search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    answer: Option<Answer<'a>>,
    summits: Vec<Listed>,
}

struct Answer<'a> {
    /// What was asked for.
    asked: &'a str,
    hits: Vec<Hit>,
    /// There are others.
    more: bool,
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

impl Site {
    /// Sessions that are shown, at most.
    pub const MOST_FOUND: usize = 50;

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

    /// The page with what was found, best first: as many as are shown, or one more.
    pub fn answer(&self, path: &str, asked: &str, words: &[String], found: &[SessionKey]) -> Vec<u8> {
        let hit = |key: &SessionKey| {
            let best = best_line(self.register.session(key)?, words);
            Some(Hit { card: self.card_of(key)?, excerpt: rich(&cut(&best, EXCERPT)) })
        };
        let hits = found.iter().filter_map(hit).take(Site::MOST_FOUND).collect();
        let answer = Answer { asked, hits, more: found.len() > Site::MOST_FOUND };
        let frame = self.frame(path, &format!("Search: {asked}"), None);
        rendered(&SearchPage { frame, answer: Some(answer), summits: Vec::new() }).into_bytes()
    }
}
