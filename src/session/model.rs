//! A session, and the changes that make it.

use crate::clock::Timestamp;
use crate::grammar::{Host, Level, Mode, Notes, Proposal, Slot};
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

    pub fn is_summit(&self) -> bool {
        self.number == 0
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
    /// Who says to be a host, and is none yet.
    pub claims: Vec<Said<Person>>,
    /// The mails that count no more, each with the mail that took it back.
    undone: HashMap<MessageId, MessageId>,
    /// Its facts, by the time their mails were written: the same facts make the same session in whatever order they came.
    log: Vec<Fact>,
}

/// Sessions without a stated end are taken to last this long.
const USUAL_MINUTES: u32 = 60;

impl Session {
    /// A session from the fact that opens it; `None` when the fact is another. Nobody has to propose the summit itself.
    pub fn open(fact: Fact) -> Option<Session> {
        let (root, author) = match &fact.change {
            Change::Proposed { root, author, .. } => (root, author.clone()),
            _ if fact.session.is_summit() => (&fact.mail, Person::default()),
            _ => return None,
        };
        let mut session = Session::blank(fact.session.clone(), root.clone(), author, fact.at);
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
            claims: Vec::new(),
            undone: HashMap::new(),
            log: Vec::new(),
        }
    }

    /// Takes in one more fact. One that was written before others already here, or that takes others back, makes the
    /// session fold anew.
    pub fn insert(&mut self, fact: Fact) {
        let place = self.log.partition_point(|known| order(known) <= order(&fact));
        if place == self.log.len() && !matches!(fact.change, Change::Undone { .. }) {
            self.count(&fact);
            self.log.push(fact);
            return;
        }
        let mut log = std::mem::take(&mut self.log);
        log.insert(place, fact);
        self.fold(log);
    }

    /// Makes the session of these facts, which stand in their order.
    fn fold(&mut self, log: Vec<Fact>) {
        *self = Session::blank(self.key.clone(), self.root.clone(), self.proposer.clone(), self.submitted);
        self.undone = undone(&log);
        log.iter().for_each(|fact| self.count(fact));
        self.log = log;
    }

    /// A fact of a mail that was taken back does nothing; but a session is still called what it was called.
    fn count(&mut self, fact: &Fact) {
        if matches!(fact.change, Change::Proposed { .. }) || !self.undone.contains_key(&fact.mail) {
            self.apply(fact);
        }
    }

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

    /// The session with what people said in these others, which became part of it: the last word of each counts,
    /// wherever it was said.
    pub fn with_voices_of<'a>(&self, others: impl Iterator<Item = &'a Session>) -> Session {
        let mut log = self.log.clone();
        log.extend(others.flat_map(|other| other.counted().filter(|fact| fact.change.is_voice()).cloned()));
        log.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut together = Session::blank(self.key.clone(), self.root.clone(), self.proposer.clone(), self.submitted);
        together.fold(log);
        together
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
                self.proposal.hosts = each_once(&proposal.hosts);
                self.slot = self.proposal.slot.take();
                self.repairs = repairs.clone();
                self.refer_all(fact);
            }
            Change::Revised { proposal, repairs, .. } => {
                let before = std::mem::replace(&mut self.proposal, proposal.clone());
                self.proposal.hosts = each_once(&proposal.hosts);
                self.proposal.keep(before);
                if let Some(slot) = self.proposal.slot.take() {
                    self.move_to(slot);
                }
                self.repairs.extend(repairs.iter().cloned());
                self.refer_all(fact);
            }
            Change::Titled { title } => self.proposal.title = title.clone(),
            Change::HostAdded { host } => {
                add_host(&mut self.proposal.hosts, host);
                let (claims, hosts) = (&mut self.claims, &self.proposal.hosts);
                claims.retain(|claim| !hosts.iter().any(|host| host.person.address == claim.value.address));
            }
            Change::HostClaimed { person } => {
                self.claims.retain(|claim| claim.value.address != person.address);
                self.claims.push(fact.says(person.clone()));
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
            Change::Scribe { person } => match self.scribes.iter_mut().find(|scribe| scribe.value.is(person)) {
                Some(known) => known.value.address = known.value.address.take().or(person.address.clone()),
                None => self.scribes.push(fact.says(person.clone())),
            },
            Change::Noted { source, author, notes, complete, corrects } => {
                let (source, author, notes) = (source.clone(), author.clone(), notes.clone());
                let outcome = fact.says(Outcome { source, author, notes, complete: *complete, corrected: false });
                match self.outcomes.iter_mut().find(|known| Some(&known.value.source) == corrects.as_ref()) {
                    Some(known) => known.correct(outcome),
                    None => self.outcomes.push(outcome),
                }
            }
            Change::ActionDone { number } => {
                let mut actions = self.outcomes.iter_mut().flat_map(|outcome| &mut outcome.value.notes.actions);
                if let Some(action) = number.checked_sub(1).and_then(|index| actions.nth(index)) {
                    action.done = true;
                }
            }
            // What they mean follows from all facts together: `finality`, `undone`.
            Change::Objected { .. } | Change::Settled { .. } | Change::Undone { .. } => {}
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

impl Said<Outcome> {
    /// The corrected notes stand in the place of the first ones. What was done stays done.
    fn correct(&mut self, mut outcome: Said<Outcome>) {
        let done = |text: &str| self.value.notes.actions.iter().any(|before| before.done && before.text == text);
        outcome.value.notes.actions.iter_mut().for_each(|action| action.done |= done(&action.text));
        outcome.value.corrected = true;
        *self = outcome;
    }
}

/// The mails whose facts do not count, each with the mail that says so. An undoing that was itself undone says nothing,
/// so the last is asked first.
fn undone(log: &[Fact]) -> HashMap<MessageId, MessageId> {
    let mut undone = HashMap::new();
    for fact in log.iter().rev() {
        if let Change::Undone { mail } = &fact.change
            && !undone.contains_key(&fact.mail)
        {
            undone.insert(mail.clone(), fact.mail.clone());
        }
    }
    undone
}

impl Fact {
    fn word<'a>(&'a self, person: &'a Person, text: &'a Option<String>) -> Word<'a> {
        Word { person, text: text.as_deref(), mail: &self.mail, at: self.at }
    }

    fn says<T>(&self, value: T) -> Said<T> {
        Said { value, mail: self.mail.clone(), at: self.at, position: self.position }
    }
}

/// The opening fact first, then by the time of writing; mails of one moment by their ids, facts of one mail as stored.
fn order(fact: &Fact) -> (bool, Timestamp, &MessageId, i64) {
    (!matches!(fact.change, Change::Proposed { .. }), fact.at, &fact.mail, fact.position)
}

/// Two addresses among the hosts may turn out to be one person's.
fn each_once(hosts: &[Host]) -> Vec<Host> {
    let mut once = Vec::with_capacity(hosts.len());
    hosts.iter().for_each(|host| add_host(&mut once, host));
    once
}

/// Whoever is a host by address stays one; a host known by name alone gets the address; anybody else is one more.
fn add_host(hosts: &mut Vec<Host>, host: &Host) {
    if host.person.address.is_some() && hosts.iter().any(|known| known.person.address == host.person.address) {
        return;
    }
    match hosts.iter_mut().find(|known| known.person.is(&host.person)) {
        Some(known) => known.person.address = known.person.address.take().or(host.person.address.clone()),
        None => hosts.push(host.clone()),
    }
}

impl Change {
    /// What somebody says to a session, without changing it.
    fn is_voice(&self) -> bool {
        matches!(
            self,
            Change::Interest { .. }
                | Change::Attendance { .. }
                | Change::Suggested { .. }
                | Change::Referenced { .. }
                | Change::Scribe { .. }
        )
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
