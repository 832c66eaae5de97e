//! What a mail can change of a session. The log holds these and nothing else.

use super::{Said, SessionKey, Word};
use crate::clock::Timestamp;
use crate::grammar::{Host, Level, Mode, Notes, Proposal, Report, Slot};
use crate::mail::{MessageId, Person};
use serde::{Deserialize, Serialize};

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
    /// Opens the session. `root` is the mail at the head of its thread: mostly the proposal itself, but for
    /// `#session ^propose` the mail that was replied to.
    Proposed {
        root: MessageId,
        author: Person,
        proposal: Proposal,
        repairs: Vec<String>,
    },
    Revised {
        author: Person,
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
    /// `target` is the mail of the list that the reference leads to, when it leads to one.
    Referenced {
        url: String,
        target: Option<MessageId>,
    },
    Scribe {
        person: Person,
    },
    /// `source` is the mail that holds the notes; `complete` tells notes of the session from a line that adds to them.
    /// `corrects` is the mail whose notes these replace.
    Noted {
        source: MessageId,
        author: Person,
        notes: Notes,
        complete: bool,
        #[serde(default)]
        corrects: Option<MessageId>,
    },
    /// Counts through all actions of the session, from 1.
    ActionDone {
        number: usize,
    },
    /// Somebody says that they are a host. It gives no rights: a host or organiser names them with their address.
    HostClaimed {
        person: Person,
    },
    /// The outcome is not what was agreed.
    Objected {
        person: Person,
        why: Option<String>,
    },
    /// The dispute about the outcome is over.
    Settled {
        person: Person,
        how: Option<String>,
    },
    /// What happens is sent to this person, too: one kind of digest, or all.
    Subscribed {
        person: Person,
        report: Option<Report>,
    },
    Unsubscribed {
        person: Person,
        report: Option<Report>,
    },
    /// What this mail did to the session counts no more. The mail of an undoing can be undone as well.
    Undone {
        mail: MessageId,
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

impl Fact {
    pub(super) fn word<'a>(&'a self, person: &'a Person, text: &'a Option<String>) -> Word<'a> {
        Word { person, text: text.as_deref(), mail: &self.mail, at: self.at }
    }

    pub(super) fn says<T>(&self, value: T) -> Said<T> {
        Said { value, mail: self.mail.clone(), at: self.at, position: self.position }
    }
}

impl Change {
    /// What somebody says to a session, without changing it.
    pub(in crate::session) fn is_voice(&self) -> bool {
        matches!(
            self,
            Change::Interest { .. }
                | Change::Attendance { .. }
                | Change::Suggested { .. }
                | Change::Referenced { .. }
                | Change::Scribe { .. }
                | Change::Subscribed { .. }
                | Change::Unsubscribed { .. }
        )
    }

    /// What somebody wants sent to them: said in private, it is nobody else's business.
    pub fn is_personal(&self) -> bool {
        matches!(self, Change::Subscribed { .. } | Change::Unsubscribed { .. })
    }

    /// The mail whose answers belong to the session from now on.
    pub fn heads<'a>(&'a self, mail: &'a MessageId) -> Option<&'a MessageId> {
        match self {
            Change::Proposed { root, .. } => Some(root),
            Change::Revised { .. } => Some(mail),
            Change::Noted { source, complete: true, .. } => Some(source),
            _ => None,
        }
    }

    /// Everybody whom the change names.
    pub fn people_mut(&mut self) -> Vec<&mut Person> {
        fn of_proposal(proposal: &mut Proposal) -> impl Iterator<Item = &mut Person> {
            proposal.hosts.iter_mut().map(|host| &mut host.person).chain(&mut proposal.required)
        }
        match self {
            Change::Proposed { author, proposal, .. } | Change::Revised { author, proposal, .. } => {
                of_proposal(proposal).chain([author]).collect()
            }
            Change::HostAdded { host } => vec![&mut host.person],
            Change::HostDropped { person }
            | Change::Interest { person, .. }
            | Change::Attendance { person, .. }
            | Change::HostClaimed { person }
            | Change::Objected { person, .. }
            | Change::Settled { person, .. }
            | Change::Subscribed { person, .. }
            | Change::Unsubscribed { person, .. }
            | Change::Scribe { person } => vec![person],
            Change::Suggested { author, .. } => vec![author],
            Change::Noted { author, notes, .. } => {
                let owners = notes.actions.iter_mut().filter_map(|action| action.owner.as_mut());
                let others = notes.participants.iter_mut().chain(&mut notes.hosts).chain(&mut notes.scribes);
                owners.chain(others).chain([author]).collect()
            }
            Change::Titled { .. }
            | Change::Slotted { .. }
            | Change::Unslotted
            | Change::Tracked { .. }
            | Change::Withdrawn { .. }
            | Change::Reopened
            | Change::Accepted
            | Change::Rejected { .. }
            | Change::Merged { .. }
            | Change::Referenced { .. }
            | Change::ActionDone { .. }
            | Change::Undone { .. } => Vec::new(),
        }
    }
}
