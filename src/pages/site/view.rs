//! The small values that all pages are put together from: the frame around a page, a person, a moment.

use super::people::Individual;
use super::rich::{Rich, called, discreet, rich};
use super::{Site, Way, paths};
use crate::clock::Timestamp;
use crate::grammar::Host;
use crate::letters::wrap::printable;
use crate::mail::Person;
use crate::session::{Session, SessionKey, Status, Summit};
use jiff::tz::TimeZone;

/// What stands around every page.
pub struct Frame<'a> {
    pub title: String,
    /// The way to the top of the site.
    pub up: String,
    /// This page's own path.
    path: String,
    pub robot: &'a str,
    pub summit: Option<&'a Summit>,
    pub served: bool,
}

impl Frame<'_> {
    /// `aria-current` for the page one is on.
    pub fn is_here(&self, path: &str) -> bool {
        self.path == path
    }

    pub fn is_in_summit(&self, file: &str) -> bool {
        self.summit.is_some_and(|summit| self.path == paths::of_summit(&summit.slug, file))
    }
}

/// A person, with the way to their page when they have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub label: String,
    pub path: Option<String>,
    /// Whom they work for, say.
    pub note: Option<String>,
}

/// A moment for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub shown: String,
    pub iso: String,
}

impl Moment {
    /// To the minute.
    pub fn minute(at: Timestamp, zone: &TimeZone) -> Moment {
        let shown = at.to_zoned(zone.clone()).strftime("%-d %B %Y, %H:%M %Z").to_string();
        Moment { shown, iso: at.strftime("%Y-%m-%dT%H:%MZ").to_string() }
    }

    pub fn day(at: Timestamp, zone: &TimeZone) -> Moment {
        let here = at.to_zoned(zone.clone());
        Moment { shown: here.strftime("%-d %B %Y").to_string(), iso: here.strftime("%Y-%m-%d").to_string() }
    }
}

/// A session in a line, wherever one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub key: String,
    pub path: String,
    pub title: Rich,
    pub hosts: Vec<Named>,
    pub status: &'static str,
    /// The slot's beginning, in the summit's zone.
    pub when: Option<Moment>,
    pub room: Option<String>,
}

impl Site {
    pub fn frame<'a>(&'a self, path: &str, title: &str, summit: Option<&'a Summit>) -> Frame<'a> {
        Frame {
            title: printable(title),
            up: paths::up(path),
            path: path.to_owned(),
            robot: &self.policy.robot_name,
            summit,
            served: self.way == Way::Served,
        }
    }

    pub fn named(&self, person: &Person) -> Named {
        match self.people.find(person) {
            Some(Individual { name, path, .. }) => Named { label: name.clone(), path: Some(path.clone()), note: None },
            None => Named { label: called(person), path: None, note: None },
        }
    }

    pub fn hosts(&self, hosts: &[Host]) -> Vec<Named> {
        let host = |host: &Host| Named { note: host.affiliation.as_deref().map(shown), ..self.named(&host.person) };
        hosts.iter().map(host).collect()
    }

    pub fn card(&self, summit: &Summit, session: &Session) -> Card {
        let slot = session.slot.as_ref();
        Card {
            key: session.key.to_string(),
            path: paths::session(&session.key),
            title: title(session),
            hosts: self.hosts(&session.proposal.hosts),
            status: self.standing(summit, session),
            when: slot.and_then(|slot| slot.start).map(|start| Moment::minute(start, &summit.zone)),
            room: slot.and_then(|slot| slot.room.as_deref()).map(shown),
        }
    }

    pub fn card_of(&self, key: &SessionKey) -> Option<Card> {
        let summit = self.policy.summit(&key.summit)?;
        Some(self.card(summit, self.register.session(key)?))
    }

    /// The status in a word; of a concluded session how firm its outcome is.
    pub fn standing(&self, summit: &Summit, session: &Session) -> &'static str {
        let status = session.status(self.now);
        match (&status, session.finality(self.now, summit.patience())) {
            (Status::Concluded, Some(firm)) => firm.name(),
            _ => status.name(),
        }
    }
}

/// A title without links in it: it mostly is one.
pub fn title(session: &Session) -> Rich {
    rich(&shown(session.title())).into_iter().map(|word| super::rich::Word { url: None, ..word }).collect()
}

/// One line of somebody else's words.
pub fn shown(text: &str) -> String {
    discreet(&printable(text))
}

/// Hides every address in a JSON value. Message-IDs and links stay what they are.
pub fn hide_addresses(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let leads = |key: &str| matches!(key, "message_id" | "url" | "target" | "undone_by");
            fields.iter_mut().filter(|(key, _)| !leads(key)).for_each(|(_, value)| hide_addresses(value));
        }
        Value::Array(all) => all.iter_mut().for_each(hide_addresses),
        Value::String(text) => *text = discreet(text),
        _ => {}
    }
}
