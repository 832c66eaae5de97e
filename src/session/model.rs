//! A session as it stands: the fold of its facts.
//!
//! `change.rs` says what a fact is, `fold.rs` what each one does.

mod change;
mod fold;
mod subscription;

pub use change::{Basis, Change, Fact};
pub use subscription::Subscription;

use crate::clock::Timestamp;
use crate::grammar::{Level, Mode, Notes, Proposal, Slot};
use crate::mail::{Address, MessageId, Person};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// A session's identity: `S-7` of one summit. Under the number 0 stands what concerns the summit as a whole: who comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionKey {
    pub summit: String,
    pub number: u32,
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_summit() {
            true => write!(f, "the summit"),
            false => write!(f, "S-{}", self.number),
        }
    }
}

impl SessionKey {
    pub fn of_summit(slug: &str) -> SessionKey {
        SessionKey { summit: slug.to_owned(), number: 0 }
    }

    /// The UID of its event in calendars, which never changes (RFC 5545 §3.8.4.7): `s-7.summit2027@example.org`.
    pub fn uid(&self, domain: &str) -> String {
        format!("s-{}.{}@{domain}", self.number, self.summit)
    }

    /// The session that a UID of ours is about.
    pub fn of_uid(uid: &str) -> Option<SessionKey> {
        let (number, summit) = uid.rsplit_once('@')?.0.strip_prefix("s-")?.split_once('.')?;
        Some(SessionKey { summit: summit.to_owned(), number: number.parse().ok().filter(|number| *number > 0)? })
    }

    pub fn is_summit(&self) -> bool {
        self.number == 0
    }
}

/// How a session stands, with what belongs to that state.
#[derive(Clone, Debug, PartialEq)]
pub enum Status<'a> {
    Proposed,
    Accepted,
    Scheduled(&'a Slot),
    /// Its slot is over, and nobody has posted notes.
    Held(&'a Slot),
    /// Its notes are here.
    Concluded,
    Withdrawn(Option<&'a str>),
    Rejected(Option<&'a str>),
    Merged(u32),
    /// The mail that opened it was taken back, by this one.
    Undone(&'a MessageId),
}

/// How firm what came of a session is.
#[derive(Clone, Debug, PartialEq)]
pub enum Finality<'a> {
    /// Anybody may object until then.
    Tentative { until: Timestamp },
    /// Nobody has objected in time.
    Final { since: Timestamp },
    /// In the order in which they were written; at least one.
    Disputed { objections: Vec<Word<'a>> },
    /// A host or organiser has ended the dispute, and had the last word.
    Settled { objections: Vec<Word<'a>>, by: Word<'a> },
}

/// What somebody said about an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Word<'a> {
    pub person: &'a Person,
    pub text: Option<&'a str>,
    pub mail: &'a MessageId,
    pub at: Timestamp,
}

impl Finality<'_> {
    pub fn name(&self) -> &'static str {
        match self {
            Finality::Tentative { .. } => "tentative",
            Finality::Final { .. } => "final",
            Finality::Disputed { .. } => "disputed",
            Finality::Settled { .. } => "settled",
        }
    }
}

impl Status<'_> {
    pub fn name(&self) -> &'static str {
        match self {
            Status::Proposed => "proposed",
            Status::Accepted => "accepted",
            Status::Scheduled(_) => "scheduled",
            Status::Held(_) => "held",
            Status::Concluded => "concluded",
            Status::Withdrawn(_) => "withdrawn",
            Status::Rejected(_) => "rejected",
            Status::Merged(_) => "merged",
            Status::Undone(_) => "undone",
        }
    }

    /// Whether the session still wants something of people.
    pub fn is_open(&self) -> bool {
        matches!(self, Status::Proposed | Status::Accepted | Status::Scheduled(_) | Status::Held(_))
    }
}

/// What was decided about a session, apart from when it takes place.
#[derive(Clone, Debug, Default, PartialEq)]
enum Standing {
    #[default]
    Proposed,
    Accepted,
    Withdrawn(Option<String>),
    Rejected(Option<String>),
    Merged(u32),
}

/// A value with the mail that said it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said<T> {
    pub value: T,
    pub mail: MessageId,
    pub at: Timestamp,
    pub position: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Interest {
    pub person: Person,
    pub level: Level,
    pub basis: Basis,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attendance {
    pub person: Person,
    pub mode: Mode,
    pub note: Option<String>,
    pub basis: Basis,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub author: Person,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub url: String,
    pub target: Option<MessageId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The mail that holds the notes.
    pub source: MessageId,
    pub author: Person,
    pub notes: Notes,
    pub complete: bool,
    /// They stand in the place of others.
    pub corrected: bool,
}

/// One session: the fold of its facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub key: SessionKey,
    /// The head of its thread.
    pub root: MessageId,
    pub submitted: Timestamp,
    pub proposer: Person,
    /// Title, hosts and all that the proposal said, as it stands now.
    pub proposal: Proposal,
    pub slot: Option<Slot>,
    standing: Standing,
    /// An organiser accepted it: a session that is reopened or split off again is accepted still.
    accepted: bool,
    pub interest: Vec<Said<Interest>>,
    pub attendance: Vec<Said<Attendance>>,
    pub suggestions: Vec<Said<Suggestion>>,
    pub references: Vec<Said<Reference>>,
    pub scribes: Vec<Said<Person>>,
    pub outcomes: Vec<Said<Outcome>>,
    pub repairs: Vec<String>,
    /// Of the summit as a whole: what an organiser wants to say first.
    pub introduction: Option<Said<String>>,
    /// Who says to be a host, and is none yet.
    pub claims: Vec<Said<Person>>,
    pub subscriptions: Vec<Said<Subscription>>,
    /// The mails that count no more, each with the mail that took it back.
    undone: HashMap<MessageId, MessageId>,
    /// Its facts, by the time their mails were written: the same facts make the same session in whatever order they came.
    log: Vec<Fact>,
}

/// Sessions without a stated end are taken to last this long.
const USUAL_MINUTES: u32 = 60;

impl Session {
    /// Its facts without those of mails that were taken back.
    pub fn counted(&self) -> impl Iterator<Item = &Fact> {
        self.log.iter().filter(|fact| !self.undone.contains_key(&fact.mail))
    }

    /// The mail by which what this one did was taken back.
    pub fn undone_by(&self, mail: &MessageId) -> Option<&MessageId> {
        self.undone.get(mail)
    }

    /// The mail by which the whole session was taken back.
    pub fn taken_back_by(&self) -> Option<&MessageId> {
        let opening = self.log.first().filter(|fact| matches!(fact.change, Change::Proposed { .. }));
        opening.and_then(|opening| self.undone_by(&opening.mail))
    }

    /// Every change with the mail that caused it, oldest first.
    pub fn history(&self) -> &[Fact] {
        &self.log
    }

    pub fn title(&self) -> &str {
        &self.proposal.title
    }

    /// How it stands at a given time.
    pub fn status(&self, now: Timestamp) -> Status<'_> {
        if let Some(by) = self.taken_back_by() {
            return Status::Undone(by);
        }
        match &self.standing {
            Standing::Withdrawn(why) => Status::Withdrawn(why.as_deref()),
            Standing::Rejected(why) => Status::Rejected(why.as_deref()),
            Standing::Merged(into) => Status::Merged(*into),
            Standing::Proposed | Standing::Accepted => {
                if self.outcomes.iter().any(|outcome| outcome.value.complete) {
                    return Status::Concluded;
                }
                match (&self.slot, &self.standing) {
                    (Some(slot), _) if self.ends().is_some_and(|end| end <= now) => Status::Held(slot),
                    (Some(slot), _) => Status::Scheduled(slot),
                    (None, Standing::Accepted) => Status::Accepted,
                    (None, _) => Status::Proposed,
                }
            }
        }
    }

    /// How firm its outcome is, when objections are heard for so long; `None` when it has no notes.
    ///
    /// Notes, and decisions added to them, open the time for objections anew. An objection in time opens a dispute, which
    /// lasts until it is settled. What is said against a final or settled outcome is kept, and changes nothing.
    pub fn finality(&self, now: Timestamp, patience: SignedDuration) -> Option<Finality<'_>> {
        let mut firm: Option<Finality> = None;
        for fact in self.counted() {
            firm = match (&fact.change, firm) {
                (Change::Noted { complete, notes, .. }, firm @ (None | Some(Finality::Tentative { .. })))
                    if *complete || (firm.is_some() && !notes.decisions.is_empty()) =>
                {
                    let until = fact.at.checked_add(patience).unwrap_or(Timestamp::MAX);
                    Some(Finality::Tentative { until })
                }
                (Change::Objected { person, why }, Some(Finality::Tentative { until })) if fact.at < until => {
                    Some(Finality::Disputed { objections: vec![fact.word(person, why)] })
                }
                (Change::Objected { person, why }, Some(Finality::Disputed { mut objections })) => {
                    objections.push(fact.word(person, why));
                    Some(Finality::Disputed { objections })
                }
                (Change::Settled { person, how }, Some(Finality::Disputed { objections })) => {
                    Some(Finality::Settled { objections, by: fact.word(person, how) })
                }
                (_, firm) => firm,
            };
        }
        match firm {
            Some(Finality::Tentative { until }) if until <= now => Some(Finality::Final { since: until }),
            firm => firm,
        }
    }

    /// Withdrawn, rejected, merged or taken back.
    pub fn is_closed(&self) -> bool {
        self.taken_back_by().is_some() || !matches!(self.standing, Standing::Proposed | Standing::Accepted)
    }

    /// The number of the session that it became part of.
    pub fn merged_into(&self) -> Option<u32> {
        match self.standing {
            Standing::Merged(into) if self.taken_back_by().is_none() => Some(into),
            _ => None,
        }
    }

    /// When its slot is over: the stated end, else start and duration.
    pub fn ends(&self) -> Option<Timestamp> {
        let slot = self.slot.as_ref()?;
        let minutes = i64::from(self.proposal.duration.unwrap_or(USUAL_MINUTES));
        slot.end.or_else(|| slot.start?.checked_add(jiff::SignedDuration::from_mins(minutes)).ok())
    }

    pub fn is_host(&self, address: &Address) -> bool {
        let known = |person: &Person| person.address.as_ref() == Some(address);
        known(&self.proposer) || self.proposal.hosts.iter().any(|host| known(&host.person))
    }

    /// All actions of all notes, numbered from 1 in the order they were written.
    pub fn actions(&self) -> impl Iterator<Item = (usize, &crate::grammar::Action)> {
        self.outcomes.iter().flat_map(|outcome| &outcome.value.notes.actions).zip(1..).map(|(action, n)| (n, action))
    }

    /// The same, with the notes in which each stands.
    pub fn promises(&self) -> impl Iterator<Item = (usize, &crate::grammar::Action, &Said<Outcome>)> {
        let all = self.outcomes.iter();
        let each = all.flat_map(|outcome| outcome.value.notes.actions.iter().map(move |action| (action, outcome)));
        each.zip(1..).map(|((action, outcome), number)| (number, action, outcome))
    }

    /// The last mail that said something of it. What somebody wants sent to them is their own affair.
    pub fn last_activity(&self) -> Timestamp {
        let said = self.log.iter().rev().find(|fact| !fact.change.is_personal());
        said.map_or(self.submitted, |fact| fact.at)
    }
}
