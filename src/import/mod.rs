//! What other programs keep of sessions, written as the mails that would have said it.
//!
//! A source becomes [`Entry`]s; an entry becomes a mail ([`letter`]), which goes into the inbox and is read and decided
//! about like any other. So there is one reader and one way to a fact, every fact knows its mail, and a replay needs no
//! source. Nothing here knows what the database holds, and nothing in a source is trusted: only the fields of a session
//! are understood of it, whatever else its text says.

mod field;
pub mod letter;
pub mod schedule;
pub mod scheduler;
pub mod wiki;

use crate::clock::Timestamp;
use crate::grammar::Level;
use crate::mail::Person;

/// One session as its source has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What the source calls it, at every import the same.
    pub key: String,
    /// Where it stands there: `line 24`.
    pub place: String,
    pub title: String,
    /// Who proposed it, with an address; otherwise the operator stands in.
    pub author: Option<Person>,
    pub proposed: Option<Timestamp>,
    /// The proposal as its author would mail it: fields, then the description.
    pub text: String,
    pub voices: Vec<Voice>,
    /// Where it stands below the source's own address.
    pub page: Option<String>,
}

/// Somebody's interest in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    pub person: Person,
    pub level: Level,
}

/// All that a source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub entries: Vec<Entry>,
    /// Its tracks in their order, with those that have no session.
    pub tracks: Vec<String>,
    /// What of it does not come, and why.
    pub remarks: Vec<String>,
}

/// Why a source cannot be read, for whoever can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}\n  fix: {fix}", line.map(|line| format!("{line}: ")).unwrap_or_default())]
pub struct Fault {
    pub line: Option<usize>,
    pub what: String,
    pub fix: String,
}

impl Fault {
    fn at(line: usize, what: impl Into<String>, fix: impl Into<String>) -> Fault {
        Fault { line: Some(line), what: what.into(), fix: fix.into() }
    }

    fn whole(what: impl Into<String>, fix: impl Into<String>) -> Fault {
        Fault { line: None, what: what.into(), fix: fix.into() }
    }
}
