//! A session, and the changes that make it.

use crate::clock::Timestamp;
use crate::grammar::{Host, Level, Mode, Notes, Proposal, Slot};
use crate::mail::{MessageId, Person};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A session's identity: `S-7` of one summit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionKey {
    pub summit: String,
    pub number: u32,
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S-{}", self.number)
    }
}

/// Whether a fact was stated or inferred from prose. A stated one replaces an inferred one, never the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    Explicit,
    Inferred,
}

/// One change of one session. The log holds nothing else; its JSON form is stored, so variants are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Opens the session. `root` is the mail at the head of its thread.
    Proposed {
        root: MessageId,
        proposal: Proposal,
        repairs: Vec<String>,
    },
    Revised {
        proposal: Proposal,
        repairs: Vec<String>,
    },
    Titled {
        title: String,
    },
    HostAdded {
        host: Host,
    },
    HostDropped {
        person: Person,
    },
    Slotted {
        slot: Slot,
    },
    Unslotted,
    Tracked {
        track: String,
    },
    Withdrawn {
        why: Option<String>,
    },
    Reopened,
    Accepted,
    Rejected {
        why: Option<String>,
    },
    Merged {
        into: u32,
    },
    Interest {
        person: Person,
        level: Level,
        basis: Basis,
    },
    Attendance {
        person: Person,
        mode: Mode,
        note: Option<String>,
        basis: Basis,
    },
    Suggested {
        author: Person,
        text: String,
    },
    Referenced {
        url: String,
    },
    Scribe {
        person: Person,
    },
    Noted {
        author: Person,
        notes: Notes,
    },
    ActionDone {
        number: usize,
    },
}

/// A change with its source: the mail that caused it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Place in the log; 0 before it is stored.
    pub position: i64,
    pub session: SessionKey,
    pub change: Change,
    pub mail: MessageId,
    /// When that mail was written.
    pub at: Timestamp,
    /// The line it came from, when it came from one.
    pub line: Option<usize>,
}
