//! The register: all sessions of all summits, in memory, as the log tells them up to one position.
//!
//! It is a value. Somebody else reads the log and hands the facts over; the register answers what `decide`,
//! the letters and the pages ask.

use super::model::{Change, Fact, Session, SessionKey};
use super::people::People;
use crate::mail::MessageId;
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Debug, Default)]
pub struct Register {
    /// Facts name people as mails do; sessions name them as the operator knows them.
    people: People,
    sessions: BTreeMap<SessionKey, Session>,
    /// The mails whose answers belong to a session: the head of its thread, its revisions, its notes.
    threads: HashMap<MessageId, Vec<SessionKey>>,
    position: i64,
}

/// What a title leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TitleMatch {
    Exactly(SessionKey),
    /// Alike, or alike to several: somebody has to say which. Best first.
    Perhaps(Vec<SessionKey>),
    Nothing,
}

/// A title that shares at least this part of its words is almost the same: perhaps somebody proposed twice.
const ALMOST: f64 = 0.8;

/// Two titles are alike when they share at least this part of their words.
const ALIKE: f64 = 0.5;

impl Register {
    /// An empty one, in which these people are known. `Register::default()` knows nobody.
    pub fn of(people: People) -> Register {
        Register { people, ..Register::default() }
    }

    /// Takes in one stored fact, in log order.
    pub fn apply(&mut self, mut fact: Fact) {
        for person in fact.change.people_mut() {
            *person = self.people.known(person);
        }
        self.position = self.position.max(fact.position);
        let leads = match &fact.change {
            Change::Proposed { root, .. } => Some(root.clone()),
            Change::Revised { .. } => Some(fact.mail.clone()),
            Change::Noted { source, complete: true, .. } => Some(source.clone()),
            _ => None,
        };
        let key = fact.session.clone();
        match self.sessions.get_mut(&key) {
            Some(session) => session.insert(fact),
            None => {
                // A fact of a session that was never opened can't be written by `decide`; there is nothing to add it to.
                let Some(session) = Session::open(fact) else { return };
                self.sessions.insert(key.clone(), session);
            }
        }
        if let Some(mail) = leads {
            let keys = self.threads.entry(mail).or_default();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }

    /// The log position up to which it knows everything.
    pub fn position(&self) -> i64 {
        self.position
    }

    pub fn session(&self, key: &SessionKey) -> Option<&Session> {
        self.sessions.get(key)
    }

    pub fn of_summit<'a>(&'a self, summit: &'a str) -> impl Iterator<Item = &'a Session> {
        let from = SessionKey { summit: summit.to_owned(), number: 0 };
        self.sessions.range(from..).map(|(_, session)| session).take_while(move |s| s.key.summit == summit)
    }

    pub fn numbered(&self, summit: &str, number: u32) -> Option<&Session> {
        self.sessions.get(&SessionKey { summit: summit.to_owned(), number })
    }

    pub fn next_number(&self, summit: &str) -> u32 {
        self.of_summit(summit).last().map_or(1, |session| session.key.number + 1)
    }

    /// The sessions whose thread this mail heads; mostly none, rarely more than one.
    pub fn headed_by(&self, mail: &MessageId) -> &[SessionKey] {
        self.threads.get(mail).map_or(&[], Vec::as_slice)
    }

    /// The session of the nearest of these mails that heads one's thread.
    pub fn of_thread(&self, nearest_first: &[MessageId]) -> &[SessionKey] {
        nearest_first.iter().map(|mail| self.headed_by(mail)).find(|keys| !keys.is_empty()).unwrap_or(&[])
    }

    /// Which session of the summit bears this title.
    pub fn titled(&self, summit: &str, title: &str) -> TitleMatch {
        let wanted = words(title);
        if wanted.is_empty() {
            return TitleMatch::Nothing;
        }
        let exact: Vec<SessionKey> =
            self.of_summit(summit).filter(|s| words(s.title()) == wanted).map(|s| s.key.clone()).collect();
        if let [one] = exact.as_slice() {
            return TitleMatch::Exactly(one.clone());
        }
        if !exact.is_empty() {
            return TitleMatch::Perhaps(exact);
        }
        let alike: Vec<SessionKey> = self.alike(summit, &wanted, ALIKE).into_iter().take(3).collect();
        if alike.is_empty() { TitleMatch::Nothing } else { TitleMatch::Perhaps(alike) }
    }

    /// The session of the summit that bears this title or almost this one, when there is one.
    pub fn almost(&self, summit: &str, title: &str) -> Option<SessionKey> {
        match self.titled(summit, title) {
            TitleMatch::Exactly(key) => Some(key),
            TitleMatch::Perhaps(_) => self.alike(summit, &words(title), ALMOST).into_iter().next(),
            TitleMatch::Nothing => None,
        }
    }

    /// The sessions whose titles share at least this part of the words, best first.
    fn alike(&self, summit: &str, wanted: &[String], least: f64) -> Vec<SessionKey> {
        let of_summit = self.of_summit(summit).map(|s| (likeness(wanted, &words(s.title())), s.key.clone()));
        let mut alike: Vec<(f64, SessionKey)> = of_summit.filter(|(likeness, _)| *likeness >= least).collect();
        alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        alike.into_iter().map(|(_, key)| key).collect()
    }
}

/// Whether two titles have the same words.
pub fn same_title(a: &str, b: &str) -> bool {
    words(a) == words(b)
}

/// A title for comparing: its words in lower case, without punctuation.
fn words(title: &str) -> Vec<String> {
    title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase())
        .collect()
}

/// The shared part of two titles' telling words: 1 for the same words, 0 for none. A title that holds the other
/// whole counts by the shorter one when that has at least two words.
fn likeness(a: &[String], b: &[String]) -> f64 {
    let telling = |words: &[String]| -> HashSet<String> {
        words.iter().filter(|w| w.chars().count() > 2 && !COMMON.contains(&w.as_str())).cloned().collect()
    };
    let (a, b) = (telling(a), telling(b));
    let shared = a.intersection(&b).count() as f64;
    let shorter = a.len().min(b.len());
    if shorter >= 2 && shared as usize == shorter {
        return 1.0;
    }
    shared / (a.union(&b).count().max(1)) as f64
}

/// Words that say nothing of what a session is about.
const COMMON: [&str; 12] =
    ["the", "and", "for", "from", "with", "session", "sessions", "design", "notes", "discussion", "about", "into"];
