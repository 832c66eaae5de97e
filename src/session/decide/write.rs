//! Writing down what was decided: facts, what the author is told, and the mail's end.

use super::{Answer, Decision, Item, Judge, Refusal};
use crate::grammar::{Notes, Proposal};
use crate::mail::{Kind, MessageId, Person, Reason};
use crate::session::model::{Change, Fact, Session, SessionKey};
use crate::session::waiting::{Asked, Held, Place, command_hash};

impl Judge<'_> {
    pub(super) fn next_key(&self) -> SessionKey {
        let summit = self.q.summit.slug.clone();
        SessionKey { number: self.q.register.next_number(&summit), summit }
    }

    /// Opens a session; what its host may be told.
    pub(super) fn open(&mut self, root: &MessageId, author: &Person, mut proposal: Proposal) -> Item {
        let key = self.next_key();
        let alike = self.q.register.almost(&key.summit, &proposal.title);
        claim_own_name(&mut proposal, author);
        let repairs = self.q.reading.repairs.iter().map(|repair| repair.text.clone()).collect();
        let shown = Box::new(proposal.clone());
        self.add(&key, Change::Proposed { root: root.clone(), author: author.clone(), proposal, repairs }, None);
        self.refer(&key, shown.references.clone());
        self.reason = Some((Reason::NewSession, format!("opened {key}")));
        self.here = Some(key.clone());
        let lineage = self.session(&key).map(|session| self.q.register.lineage(session, self.q.policy));
        let before = lineage.into_iter().flatten().next();
        Item::Opened { session: key, proposal: shown, alike, before }
    }

    /// A proposal's references speak for themselves; only where one leads to that does not stand in it is a fact more.
    pub(super) fn refer(&mut self, key: &SessionKey, references: Vec<String>) {
        for url in references {
            let target = self.q.links.get(&url).cloned().filter(|id| MessageId::from_url(&url).as_ref() != Some(id));
            if target.is_some() {
                self.add(key, Change::Referenced { url, target }, None);
            }
        }
    }

    /// Takes notes down, and with them who wrote them, where they say so. A session that became part of another did not
    /// take place: its notes are the other's.
    pub(super) fn note(&mut self, key: &SessionKey, source: &MessageId, author: &Person, notes: Notes, complete: bool) {
        let home = self.session(key).map(|session| self.q.register.home(session).key.clone());
        let key = home.as_ref().unwrap_or(key);
        let corrects = self.corrected(key, source).filter(|_| complete);
        let (source, author) = (source.clone(), author.clone());
        let own = |scribe: &Person| if scribe.is(&author) { author.clone() } else { scribe.clone() };
        let scribes: Vec<Person> = notes.scribes.iter().map(own).collect();
        self.add(key, Change::Noted { source, author, notes, complete, corrects }, None);
        for person in scribes {
            self.add(key, Change::Scribe { person }, None);
        }
    }

    /// The notes that this very mail corrects: its author's own, when it answers them or calls itself a new version.
    fn corrected(&self, key: &SessionKey, source: &MessageId) -> Option<MessageId> {
        if *source != self.q.mail.message_id {
            return None;
        }
        let again = self.q.reading.subject.version.is_some_and(|version| version >= 2);
        let outcomes = self.session(key)?.outcomes.iter().rev().map(|said| &said.value);
        let mut own = outcomes.filter(|outcome| outcome.complete && outcome.author.is(&self.acting));
        let corrected = own.find(|outcome| again || self.q.ancestors.contains(&outcome.source))?;
        Some(corrected.source.clone())
    }

    pub(super) fn add(&mut self, key: &SessionKey, change: Change, line: Option<usize>) {
        let mail = self.q.mail.message_id.clone();
        let at = self.q.confirmed.map_or(self.q.mail.at, |confirmed| confirmed.at);
        let fact = Fact { position: 0, session: key.clone(), change, mail, at, line };
        match (self.changed.get_mut(key), self.q.register.session(key)) {
            (Some(session), _) => session.insert(fact.clone()),
            (None, Some(session)) => {
                let mut session = session.clone();
                session.insert(fact.clone());
                self.changed.insert(key.clone(), session);
            }
            (None, None) => self.changed.extend(Session::open(fact.clone()).map(|session| (key.clone(), session))),
        }
        self.facts.push(fact);
        if !self.sessions.contains(key) && !key.is_summit() {
            self.sessions.push(key.clone());
        }
    }

    pub(super) fn refuse(&mut self, line: usize, source: &str, refusal: Refusal) {
        self.items.push(Item::Refused { line, source: source.to_owned(), refusal });
    }

    /// Puts a line aside until its author has been asked.
    pub(super) fn wait(&mut self, line: usize, source: &str, verb: &'static str, key: &SessionKey) -> Item {
        let (session, source) = (key.clone(), source.to_owned());
        let waits = Item::Waits { session: session.clone(), line, source: source.clone(), verb };
        let title = self.session(key).map_or_else(String::new, |session| session.title().to_owned());
        self.held.push(Held { place: Place { line, session }, verb, title, source });
        if !self.sessions.contains(key) && !key.is_summit() {
            self.sessions.push(key.clone());
        }
        waits
    }

    fn asked_first(&mut self) -> Option<Asked> {
        let lines = std::mem::take(&mut self.held);
        let session = &lines.first()?.place.session;
        let summit = self.q.policy.summit(&session.summit).unwrap_or(self.q.summit);
        let address = self.q.policy.registered(summit, self.author.address.as_ref()?);
        let command_hash = command_hash(lines.iter().map(|held| (&held.place, held.source.as_str())));
        Some(Asked { lines, address, command_hash })
    }

    pub(super) fn decision(mut self) -> Decision {
        let asked = self.asked_first();
        let errors = self.items.iter().filter(|item| item.is_error()).count();
        let told = self.items.iter().filter(|item| matches!(item, Item::Told { .. })).count();
        let keys: Vec<String> = self.sessions.iter().map(SessionKey::to_string).collect();
        let keys = keys.join(", ");
        let (reason, detail) = match self.reason {
            Some((reason, detail)) => (reason, detail),
            None if !self.facts.is_empty() => {
                let to = if keys.is_empty() { "the summit" } else { &keys };
                (Reason::Joined, format!("{} to {to}", count(self.facts.len(), "fact")))
            }
            None if asked.is_some() => (Reason::AskedFirst, "its author is asked first".into()),
            None if errors == 0 && told > 0 => (Reason::Answered, "spoke to the program itself".into()),
            None if errors > 0 => (Reason::Refused, format!("{} not done", count(errors, "line"))),
            None if !self.sessions.is_empty() => (Reason::InThread, format!("in the thread of {keys}")),
            None => (Reason::NoSession, "belongs to no session".into()),
        };
        let detail = match &asked {
            Some(asked) => format!("{detail}; {} waiting for a confirmation", count(asked.lines.len(), "line")),
            None => detail,
        };
        let imitated = self.q.policy.imitated(&self.q.mail.author);
        let detail = imitated.map_or(detail.clone(), |organiser| {
            format!("{detail}; the author is called like {organiser}, and is somebody else")
        });
        let wanted = self.asked || errors > 0 || asked.is_some() || told > 0;
        let answer = wanted.then(|| Answer { items: self.items, repairs: self.q.reading.repairs.clone() });
        Decision {
            kind: if told > 0 { Kind::Command } else { self.kind },
            reason,
            detail,
            facts: self.facts,
            sessions: self.sessions,
            candidates: self.candidates,
            answer: answer.filter(|answer| !answer.items.is_empty()),
            asked,
            mute: self.mute,
            token: None,
            post: None,
            courtesy: self.courtesy,
        }
    }
}

/// Without a named host the author is it; and where the author is named without an address, the mail supplies it.
fn claim_own_name(proposal: &mut Proposal, author: &Person) {
    if proposal.hosts.is_empty() {
        proposal.hosts.push(crate::grammar::Host { person: author.clone(), affiliation: None });
    }
    for host in &mut proposal.hosts {
        if host.person.address.is_none() && host.person.is(author) {
            host.person.address = author.address.clone();
        }
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
