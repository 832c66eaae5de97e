//! What one mail changes: a pure function from the mail, what was understood of it, and the register.
//!
//! `decide` has no clock, no I/O and no randomness, so the daemon, `import`, `replay`, `explain` and a dry run all
//! get the same answer from the same mail. It says what happened in data; the sentences are in [`crate::letters`].

mod confirmed;
mod decision;
mod find;
mod lines;
mod requests;
mod subscribe;
mod write;

pub use decision::{Answer, Brought, Decision, Item, Post, PostWord, Refusal};
pub use requests::Told;

use super::model::{Change, Fact, Session, SessionKey, Status};
use super::policy::{Policy, Summit, Via};
use super::register::{Register, TitleMatch, same_title};
use super::rights::Tier;
use super::waiting::{Held, Place};
use crate::clock::Timestamp;
use crate::grammar::{Doubt, Notes, Proposal, Reading};
use crate::mail::{Address, Automatic, Kind, Mail, MessageId, Person, Reason};
use std::collections::HashMap;

/// Everything a decision may look at.
pub struct Question<'a> {
    pub mail: &'a Mail,
    pub reading: &'a Reading,
    pub via: Via<'a>,
    /// How well it is known who wrote it.
    pub tier: Tier,
    pub policy: &'a Policy,
    /// The summit of the list at the time of the mail. A session in its thread may belong to another one.
    pub summit: &'a Summit,
    pub register: &'a Register,
    /// The mails it answers, nearest first.
    pub ancestors: &'a [MessageId],
    /// For each Message-ID that the mail names: that mail and those it answers, nearest first.
    pub named: &'a HashMap<MessageId, Vec<MessageId>>,
    /// The mail that each link leads to, for those that lead to one.
    pub links: &'a HashMap<String, MessageId>,
    /// The authors of the mails that it takes back, for those that have arrived.
    pub authors: &'a HashMap<MessageId, Option<Address>>,
    /// The mail it answers, when a verb or a doubt is about that mail itself.
    pub parent: Option<&'a Parent>,
    /// Its Message-ID belongs to another mail with other content.
    pub reused_id: bool,
    /// It was decided about before, and its author has been asked.
    pub confirmed: Option<Confirmed<'a>>,
}

/// The word of the registered address for some lines of a mail.
#[derive(Clone, Copy, Debug)]
pub struct Confirmed<'a> {
    pub places: &'a [Place],
    pub at: Timestamp,
}

/// The mail that is answered, as far as `^propose`, `^notes` and a renamed thread need it.
#[derive(Clone, Debug)]
pub struct Parent {
    pub message_id: MessageId,
    pub author: Person,
    pub at: Timestamp,
    pub title: String,
    pub text: String,
    pub notes: Notes,
}

/// Decides about one mail that passed the screen.
pub fn decide(question: &Question) -> Decision {
    let mut judge = Judge::new(question);
    if let Some(confirmed) = &question.confirmed {
        judge.confirmed(confirmed.places);
        return judge.decision();
    }
    if question.reused_id {
        return Decision::end(
            question.reading.kind,
            Reason::ReusedMessageId,
            "another mail has this Message-ID already: kept, acts on nothing",
        );
    }
    if question.via == Via::Elsewhere {
        return Decision::end(question.reading.kind, Reason::OtherList, "it came through no list that is watched");
    }
    if question.mail.author.address.is_none() {
        let doubt = question.mail.author.doubt.as_deref().unwrap_or("the author is unknown");
        return Decision::end(question.reading.kind, Reason::AmbiguousFrom, doubt);
    }
    // Whatever may be a program is not spoken with.
    let private = question.via == Via::Private && question.mail.automatic == Automatic::No;
    if private {
        judge.requests();
    }
    match question.reading.kind {
        Kind::Proposal => judge.proposal(),
        Kind::Revision => judge.revision(),
        Kind::Outcome => judge.outcome(),
        Kind::Call | Kind::Agenda => judge.announcement(),
        _ => judge.conversation(),
    }
    if private {
        judge.unknown_word();
    }
    judge.decision()
}

/// When something that the author may do is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    AtOnce,
    AskFirst,
}

/// One mail before the bench: what was decided so far.
struct Judge<'a> {
    q: &'a Question<'a>,
    author: Person,
    /// The same as the operator knows them, for comparing: facts keep the address that they came from.
    acting: Person,
    kind: Kind,
    facts: Vec<Fact>,
    items: Vec<Item>,
    sessions: Vec<SessionKey>,
    candidates: Vec<SessionKey>,
    courtesy: Option<(Person, SessionKey, String)>,
    held: Vec<Held>,
    /// Its author wants no private mail any more, or again.
    mute: Option<bool>,
    /// The session that lines without a name are about: the thread's, or the one this very mail opens.
    here: Option<SessionKey>,
    /// The sessions this mail has changed, as they stand now: a later line sees what an earlier one did.
    changed: HashMap<SessionKey, Session>,
    /// A reason that does not follow from facts and items.
    reason: Option<(Reason, String)>,
    /// The author gets an answer even when there is no error.
    asked: bool,
}

impl<'a> Judge<'a> {
    fn new(q: &'a Question<'a>) -> Judge<'a> {
        Judge {
            q,
            author: q.mail.author.person(),
            acting: q.policy.people.acting(&q.mail.author.person()),
            kind: q.reading.kind,
            facts: Vec::new(),
            items: Vec::new(),
            sessions: Vec::new(),
            candidates: Vec::new(),
            courtesy: None,
            held: Vec::new(),
            mute: None,
            here: None,
            changed: HashMap::new(),
            reason: None,
            asked: false,
        }
    }

    // What kind of mail it is decides the way it takes.

    fn proposal(&mut self) {
        let Some(proposal) = &self.q.reading.proposal else { return self.conversation() };
        if self.q.via == Via::Private {
            return self.refuse(0, &self.q.mail.subject, Refusal::OnlyOnTheList);
        }
        if let Some(of) = self.taken_place(&proposal.title).filter(|_| self.q.reading.doubt == Some(Doubt::Notes)) {
            self.hold(Some(of));
            return self.asks();
        }
        let opened = self.open(&self.q.mail.message_id, &self.author.clone(), proposal.clone());
        self.items.push(opened);
        self.asked = true;
        self.asks();
    }

    fn revision(&mut self) {
        let Some(proposal) = &self.q.reading.proposal else { return self.conversation() };
        let by_title = || match self.q.register.titled(&self.q.summit.slug, &proposal.title) {
            TitleMatch::Exactly(key) => Some(key),
            _ => None,
        };
        let Some(key) = self.thread().or_else(by_title) else { return self.proposal() };
        match self.may_revise(&key) {
            Ok(Leave::AtOnce) => self.revise(&key, proposal),
            Ok(Leave::AskFirst) => {
                let waits = self.wait(0, &self.q.mail.subject, "revise", &key);
                self.items.push(waits);
            }
            Err(refusal) => return self.refuse(0, &self.q.mail.subject, refusal),
        }
        self.here = Some(key);
        self.asks();
    }

    fn may_revise(&self, key: &SessionKey) -> Result<Leave, Refusal> {
        let leave = self.may("revise", key)?;
        self.stands(key)?;
        Ok(leave)
    }

    fn revise(&mut self, key: &SessionKey, proposal: &Proposal) {
        let repairs = self.q.reading.repairs.iter().map(|repair| repair.text.clone()).collect();
        let proposal = proposal.clone();
        let title = proposal.title.clone();
        let author = self.author.clone();
        let references = proposal.references.clone();
        self.add(key, Change::Revised { author, proposal, repairs }, None);
        self.refer(key, references);
        self.items.push(Item::Revised { session: key.clone(), title });
        self.asked = true;
    }

    fn outcome(&mut self) {
        let Some(notes) = &self.q.reading.notes else { return self.conversation() };
        if self.q.via == Via::Private {
            return self.refuse(0, &self.q.mail.subject, Refusal::OnlyOnTheList);
        }
        let whole = |keys: Vec<SessionKey>| keys.into_iter().map(|key| (key, notes.clone())).collect();
        match self.parts_of_notes(notes).map_or_else(|| self.sessions_of_notes().map(whole), Ok) {
            Ok(parts) => {
                // Where it reports on several, a line has to say which it means.
                self.here = Some(parts.as_slice()).filter(|parts| parts.len() == 1).map(|parts| parts[0].0.clone());
                for (key, notes) in parts {
                    self.note(&key, &self.q.mail.message_id, &self.author.clone(), notes, true);
                }
                self.asks();
            }
            Err(candidates) => {
                let named = candidates.iter().map(|key| (key.clone(), self.title(key))).collect();
                let title = self.q.reading.subject.title.clone();
                self.items.push(Item::WhichSession { title, candidates: named });
                self.candidates = candidates;
                self.reason = Some((Reason::Unclaimed, "notes, but of which session?".into()));
            }
        }
    }

    fn announcement(&mut self) {
        self.reason = Some((Reason::Announcement, "an announcement; it belongs to no session".into()));
    }

    /// Replies, commands, `[ATTEND]` mails and all other talk: it acts by its lines.
    fn conversation(&mut self) {
        let thread = self.thread();
        self.here = thread.clone();
        if self.renames() {
            self.hold(None);
        }
        let notes = self.q.reading.notes.as_ref().filter(|_| thread.is_some() && self.q.via != Via::Private);
        // Notes are often posted as an answer to the proposal, under its subject.
        if notes.is_some_and(Notes::is_whole) {
            self.kind = Kind::Outcome;
        }
        self.asks();
        if self.kind == Kind::Attend {
            self.reason = Some((Reason::Attending, "says who comes to the summit".into()));
        } else if self.sessions.is_empty() && thread.is_none() && self.kind == Kind::Reply {
            self.kind = Kind::Discussion;
        }
        let Some(key) = thread else { return };
        if let Some(notes) = notes {
            self.note(&key, &self.q.mail.message_id, &self.author.clone(), notes.clone(), notes.is_whole());
        }
        if !self.sessions.contains(&key) {
            self.sessions.insert(0, key);
        }
    }

    fn hold(&mut self, of: Option<SessionKey>) {
        self.items.push(Item::Held { title: self.q.reading.subject.title.clone(), of });
    }

    /// Whether this very mail turned its thread into what may be a proposal; those that answer it only bear its title.
    fn renames(&self) -> bool {
        let title = &self.q.reading.subject.title;
        self.q.reading.doubt == Some(Doubt::Talk)
            && self.q.via != Via::Private
            && self.q.parent.is_some_and(|parent| !same_title(&parent.title, title))
    }

    /// The session that bears the title, when its slot is over or its notes are here.
    fn taken_place(&self, title: &str) -> Option<SessionKey> {
        let TitleMatch::Exactly(key) = self.q.register.titled(&self.q.summit.slug, title) else { return None };
        let status = self.q.register.session(&key)?.status(self.q.mail.at);
        matches!(status, Status::Held(_) | Status::Concluded).then_some(key)
    }
}
