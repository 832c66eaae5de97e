//! Finding something again. From files, a page that the browser's own search can look through: every session with who led
//! it, what was decided and what is to be done. Where somebody is there to answer, a form above it.

use super::Site;
use super::rich::Rich;
use super::view::{Card, Frame, shown};
use crate::letters::rendered;
use crate::session::Summit;
use askama::Template;

#[derive(Template)]
#[template(path = "site/search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    /// What was asked for, with what was found.
    answer: Option<(&'a str, Vec<Hit>)>,
    summits: Vec<Listed>,
}

/// Something that holds the words.
pub struct Hit {
    pub card: Card,
    pub excerpt: Rich,
}

struct Listed {
    name: String,
    sessions: Vec<(Card, Vec<Rich>)>,
}

impl Site {
    pub fn search<'a>(&'a self, path: &str, answer: Option<(&'a str, Vec<Hit>)>) -> Vec<u8> {
        let listed = |summit: &Summit| Listed {
            name: shown(&summit.name),
            sessions: self
                .register
                .of_summit(&summit.slug)
                .map(|session| {
                    let decisions = self.decisions(session).map(|decision| decision.text);
                    let tasks = self.tasks(session).map(|task| task.text);
                    (self.card(summit, session), decisions.chain(tasks).collect())
                })
                .collect(),
        };
        let mut summits: Vec<Listed> = self.policy.summits.iter().map(listed).collect();
        summits.reverse();
        let page = SearchPage { frame: self.frame(path, "Search", None), answer, summits };
        rendered(&page).into_bytes()
    }
}
