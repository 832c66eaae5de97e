//! From facts to a session: what each change does, in the order in which their mails were written.
//!
//! The same facts make the same session in whatever order they came. What was taken back is passed over, and stays.

use super::{
    Attendance, Basis, Change, Fact, Interest, Outcome, Reference, Said, Session, SessionKey, Standing, Suggestion,
};
use crate::clock::Timestamp;
use crate::grammar::{Host, Proposal, Slot};
use crate::mail::{MessageId, Person};
use std::collections::HashMap;

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
            subscriptions: Vec::new(),
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
            Change::Subscribed { person, report } => self.subscribe(fact, person, *report),
            Change::Unsubscribed { person, report } => self.unsubscribe(fact, person, *report),
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
