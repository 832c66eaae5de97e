//! What we publish: one read model, rendered.

pub mod atom;
pub mod calendar;
pub mod json;
pub mod report;
pub mod schedule;
pub mod search;
pub mod site;
pub mod wiki;

use crate::clock::Timestamp;
use crate::grammar::Host;
pub use crate::letters::event::is_web;
use crate::letters::wrap::printable;
use crate::mail::MessageId;
use crate::session::{Archived, Policy, Register, Session, Summit, Track};
use site::rich::{called, discreet};
use std::borrow::Cow;

/// What is on record of a summit at one time: what every form of it is made from.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub policy: &'a Policy,
    pub summit: &'a Summit,
    pub register: &'a Register,
    pub archived: &'a Archived,
    pub now: Timestamp,
}

impl<'a> Record<'a> {
    /// The sessions that stand on their own, each with the voices of those that became part of it.
    pub fn sessions(&self) -> impl Iterator<Item = Cow<'a, Session>> + use<'a> {
        let register = self.register;
        let all = register.of_summit(&self.summit.slug);
        let standing = all.filter(|session| session.taken_back_by().is_none() && session.merged_into().is_none());
        standing.map(move |session| register.gathered(session))
    }

    /// The same by track.
    pub fn tracks(&self) -> Vec<Track<Cow<'a, Session>>> {
        self.summit.by_track(self.sessions())
    }

    /// Where people can read a mail, when that is a link for a browser.
    pub fn permalink(&self, mail: &MessageId) -> Option<String> {
        self.policy.permalink(self.summit, mail, self.archived).filter(|link| is_web(link))
    }
}

/// A host with the affiliation, as a line of several has it: `Ada Lovelace (ACME)`.
pub fn host(host: &Host) -> String {
    let name = called(&host.person);
    match &host.affiliation {
        Some(affiliation) => format!("{name} ({})", discreet(&printable(affiliation))),
        None => name,
    }
}

/// A rendered document without the two characters that can be printed and are none of XML's (XML 1.0 §2.2).
fn xml(document: &str) -> String {
    document.replace(['\u{fffe}', '\u{ffff}'], "")
}

/// A template as text.
fn rendered(template: &impl askama::Template) -> String {
    template.render().expect("writing to memory does not fail")
}
