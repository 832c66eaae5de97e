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
    Noted {
        source: MessageId,
        author: Person,
        notes: Notes,
        complete: bool,
    },
    /// Counts through all actions of the session, from 1.
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
}

/// One session: the fold of its facts.
#[derive(Clone, Debug)]
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
    /// Its facts, by the time their mails were written: the same facts make the same session in whatever order they came.
    log: Vec<Fact>,
}

/// Sessions without a stated end are taken to last this long.
const USUAL_MINUTES: u32 = 60;

impl Session {
    /// A session from the fact that opens it; `None` when the fact is another.
    pub fn open(fact: Fact) -> Option<Session> {
        let Change::Proposed { root, author, .. } = &fact.change else { return None };
        let mut session = Session::blank(fact.session.clone(), root.clone(), author.clone(), fact.at);
        session.insert(fact);
        Some(session)
    }

    fn blank(key: SessionKey, root: MessageId, proposer: Person, at: Timestamp) -> Session {
        Session {
            key,
            root,
            submitted: at,
            proposer,
            proposal: Proposal::default(),
            slot: None,
            standing: Standing::Proposed,
            accepted: false,
            interest: Vec::new(),
            attendance: Vec::new(),
            suggestions: Vec::new(),
            references: Vec::new(),
            scribes: Vec::new(),
            outcomes: Vec::new(),
            repairs: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Takes in one more fact. One that was written before others already here makes the session fold anew.
    pub fn insert(&mut self, fact: Fact) {
        let place = self.log.partition_point(|known| order(known) <= order(&fact));
        if place == self.log.len() {
            self.apply(&fact);
            self.log.push(fact);
            return;
        }
        let mut log = std::mem::take(&mut self.log);
        log.insert(place, fact);
        let blank = Session::blank(self.key.clone(), self.root.clone(), self.proposer.clone(), self.submitted);
        *self = blank;
        for fact in &log {
            self.apply(fact);
        }
        self.log = log;
    }

    /// The session as the log told it up to a position; `None` before it was opened.
    pub fn as_of(&self, position: i64) -> Option<Session> {
        let mut known = self.log.iter().filter(|fact| fact.position <= position).cloned();
        let mut session = Session::open(known.next()?)?;
        known.for_each(|fact| session.insert(fact));
        Some(session)
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

    /// Withdrawn, rejected or merged.
    pub fn is_closed(&self) -> bool {
        !matches!(self.standing, Standing::Proposed | Standing::Accepted)
    }

    pub fn is_merged(&self) -> bool {
        matches!(self.standing, Standing::Merged(_))
    }

    /// When its slot is over: the stated end, else start and duration.
    pub fn ends(&self) -> Option<Timestamp> {
        let slot = self.slot.as_ref()?;
        let minutes = i64::from(self.proposal.duration.unwrap_or(USUAL_MINUTES));
        slot.end.or_else(|| slot.start?.checked_add(jiff::SignedDuration::from_mins(minutes)).ok())
    }

    pub fn is_host(&self, author: &Person) -> bool {
        let by_address = |person: &Person| match (&person.address, &author.address) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        };
        by_address(&self.proposer) || self.proposal.hosts.iter().any(|host| by_address(&host.person))
    }

    /// All actions of all notes, numbered from 1 in the order they were written.
    pub fn actions(&self) -> impl Iterator<Item = (usize, &crate::grammar::Action)> {
        self.outcomes.iter().flat_map(|outcome| &outcome.value.notes.actions).zip(1..).map(|(action, n)| (n, action))
    }

    /// The last mail that said something of it.
    pub fn last_activity(&self) -> Timestamp {
        self.log.last().map_or(self.submitted, |fact| fact.at)
    }

    fn apply(&mut self, fact: &Fact) {
        match &fact.change {
            Change::Proposed { root, author, proposal, repairs } => {
                self.root = root.clone();
                self.proposer = author.clone();
                self.submitted = fact.at;
                self.proposal = proposal.clone();
                self.slot = self.proposal.slot.take();
                self.repairs = repairs.clone();
                self.refer_all(fact);
            }
            Change::Revised { proposal, repairs, .. } => {
                let before = std::mem::replace(&mut self.proposal, proposal.clone());
                self.proposal.keep(before);
                if let Some(slot) = self.proposal.slot.take() {
                    self.move_to(slot);
                }
                self.repairs.extend(repairs.iter().cloned());
                self.refer_all(fact);
            }
            Change::Titled { title } => self.proposal.title = title.clone(),
            Change::HostAdded { host } => {
                match self.proposal.hosts.iter_mut().find(|known| known.person.is(&host.person)) {
                    Some(known) => known.person.address = host.person.address.clone().or(known.person.address.take()),
                    None => self.proposal.hosts.push(host.clone()),
                }
            }
            Change::HostDropped { person } => self.proposal.hosts.retain(|host| !host.person.is(person)),
            Change::Slotted { slot } => self.move_to(slot.clone()),
            Change::Unslotted => self.slot = None,
            Change::Tracked { track } => self.proposal.track = Some(track.clone()),
            Change::Withdrawn { why } => self.standing = Standing::Withdrawn(why.clone()),
            Change::Reopened if self.accepted => self.standing = Standing::Accepted,
            Change::Reopened => self.standing = Standing::Proposed,
            Change::Accepted => {
                self.standing = Standing::Accepted;
                self.accepted = true;
            }
            Change::Rejected { why } => {
                self.standing = Standing::Rejected(why.clone());
                self.accepted = false;
            }
            Change::Merged { into } => self.standing = Standing::Merged(*into),
            Change::Interest { person, level, basis } => {
                let said = Interest { person: person.clone(), level: *level, basis: *basis };
                replace(&mut self.interest, fact, said, |i| (&i.person, i.basis));
            }
            Change::Attendance { person, mode, note, basis } => {
                let said = Attendance { person: person.clone(), mode: *mode, note: note.clone(), basis: *basis };
                replace(&mut self.attendance, fact, said, |a| (&a.person, a.basis));
            }
            Change::Suggested { author, text } => {
                self.suggestions.push(fact.says(Suggestion { author: author.clone(), text: text.clone() }));
            }
            Change::Referenced { url, target } => self.refer(fact, url, target.as_ref()),
            Change::Scribe { person } => {
                if !self.scribes.iter().any(|scribe| scribe.value.is(person)) {
                    self.scribes.push(fact.says(person.clone()));
                }
            }
            Change::Noted { source, author, notes, complete } => {
                let (source, author, notes) = (source.clone(), author.clone(), notes.clone());
                self.outcomes.push(fact.says(Outcome { source, author, notes, complete: *complete }));
            }
            Change::ActionDone { number } => {
                let mut actions = self.outcomes.iter_mut().flat_map(|outcome| &mut outcome.value.notes.actions);
                if let Some(action) = number.checked_sub(1).and_then(|index| actions.nth(index)) {
                    action.done = true;
                }
            }
        }
    }

    /// A new slot replaces what it states and keeps the rest: a move to another hour keeps the room and the link.
    fn move_to(&mut self, slot: Slot) {
        let before = self.slot.take().unwrap_or_default();
        let (start, end) = if slot.start.is_some() { (slot.start, slot.end) } else { (before.start, before.end) };
        self.slot = Some(Slot { start, end, room: slot.room.or(before.room), url: slot.url.or(before.url) });
    }

    fn refer_all(&mut self, fact: &Fact) {
        for url in self.proposal.references.clone() {
            let target = MessageId::from_url(&url);
            self.refer(fact, &url, target.as_ref());
        }
    }

    fn refer(&mut self, fact: &Fact, url: &str, target: Option<&MessageId>) {
        match self.references.iter_mut().find(|known| known.value.url == url) {
            // Whoever finds out where it leads, does not refer to it anew.
            Some(known) => known.value.target = target.cloned().or(known.value.target.take()),
            None => self.references.push(fact.says(Reference { url: url.to_owned(), target: target.cloned() })),
        }
    }
}

impl Fact {
    fn says<T>(&self, value: T) -> Said<T> {
        Said { value, mail: self.mail.clone(), at: self.at, position: self.position }
    }
}

/// The opening fact first, then by the time of writing; mails of one moment by their ids, facts of one mail as stored.
fn order(fact: &Fact) -> (bool, Timestamp, &MessageId, i64) {
    (!matches!(fact.change, Change::Proposed { .. }), fact.at, &fact.mail, fact.position)
}

/// A person's last explicit word stands; a guess never replaces an explicit one.
fn replace<T>(all: &mut Vec<Said<T>>, fact: &Fact, said: T, of: impl Fn(&T) -> (&Person, Basis)) {
    let (person, basis) = of(&said);
    match all.iter().position(|known| of(&known.value).0.is(person)) {
        Some(at) if of(&all[at].value).1 == Basis::Explicit && basis == Basis::Inferred => {}
        Some(at) => all[at] = fact.says(said),
        None => all.push(fact.says(said)),
    }
}

impl Proposal {
    /// A revision replaces what it says and keeps what it leaves out.
    fn keep(&mut self, before: Proposal) {
        if self.hosts.is_empty() {
            self.hosts = before.hosts;
        }
        if self.title.is_empty() {
            self.title = before.title;
        }
        if self.description.is_empty() {
            self.description = before.description;
            self.agenda = before.agenda;
        }
        self.submitted = self.submitted.or(before.submitted);
        self.track = self.track.take().or(before.track);
        self.duration = self.duration.or(before.duration);
        self.format = self.format.take().or(before.format);
        self.expected_outcomes = self.expected_outcomes.take().or(before.expected_outcomes);
        if self.required.is_empty() {
            self.required = before.required;
        }
        if self.avoid.is_empty() {
            self.avoid = before.avoid;
        }
        let mut references = before.references;
        references.extend(self.references.drain(..).filter(|url| !references.contains(url)).collect::<Vec<_>>());
        self.references = references;
    }
}
