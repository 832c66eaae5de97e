//! What a mail's lines ask for, one after the other.

use super::{Item, Judge, Leave, Refusal};
use crate::clock::Timestamp;
use crate::grammar::{Ask, Form, Proposal, Report, SessionRef, Want};
use crate::mail::{Address, Automatic, Kind, Person, name_key};
use crate::session::model::{Basis, Change, Finality, Session, SessionKey};
use crate::session::policy::Via;
use crate::session::rights::right;

impl Judge<'_> {
    /// Each line in turn; but a session that the mail opens is there for all of them.
    pub(super) fn asks(&mut self) {
        let opens = |ask: &&Ask| matches!(ask.want, Want::ProposeParent { .. });
        let asks = &self.q.reading.asks;
        for ask in asks.iter().filter(opens).chain(asks.iter().filter(|ask| !opens(ask))) {
            // What is said to us alone is not for the session's page; the words of notes are the notes; and those of
            // holiday notices and ticket systems, which are not certain to be programs, are nobody's suggestion.
            let program = self.q.mail.automatic != Automatic::No;
            let aside = program || self.q.via == Via::Private || self.here.is_none() || self.kind == Kind::Outcome;
            if ask.form == Form::Prose && aside {
                continue;
            }
            if ask.form == Form::Command {
                self.asked = true;
            }
            self.ask(ask);
        }
        for complaint in &self.q.reading.complaints {
            if self.here.is_some() || complaint.asks_by_itself() {
                self.items.push(Item::NotUnderstood(complaint.clone()));
            }
        }
    }

    pub(super) fn ask(&mut self, ask: &Ask) {
        let outcome = match &ask.want {
            Want::ProposeParent { title } => {
                self.propose_parent(title.as_deref()).map(|session| Item::Done { session, ask: ask.clone() })
            }
            Want::Undo(mail) => self.undo(ask, mail),
            Want::Unsubscribe(scope) if self.means_all(ask, *scope) => self.unsubscribe_all(ask),
            _ => self.on_session(ask),
        };
        let own = &self.q.mail.message_id;
        let counts = |key: &SessionKey| self.session(key).is_none_or(|session| session.undone_by(own).is_none());
        match outcome {
            Ok(Item::Done { session, ask }) if !counts(&session) => self.items.push(Item::UndoneAhead { session, ask }),
            Ok(item) => self.items.push(item),
            // Attendance at the summit as a whole, and remarks on mails that are nobody's session, ask nothing.
            Err(Refusal::NoSession) if ask.form != Form::Command => {}
            Err(refusal) => self.refuse(ask.line, &ask.source, refusal),
        }
    }

    /// One ask about one session: what became of it.
    pub(super) fn on_session(&mut self, ask: &Ask) -> Result<Item, Refusal> {
        let named = match &ask.want {
            Want::NotesParent(session) => Some(session),
            _ => ask.target.as_ref(),
        };
        let key = match named {
            Some(session) => self.resolve(session)?,
            None if matches!(ask.want, Want::Introduce(_)) => {
                let here = self.here.as_ref().map(|key| key.summit.as_str());
                SessionKey::of_summit(here.unwrap_or(&self.q.summit.slug))
            }
            // An `[ATTEND]` mail is about the summit where it is about no session.
            None if self.kind == Kind::Attend && matches!(ask.want, Want::Attend { .. }) => {
                self.here.clone().unwrap_or_else(|| SessionKey::of_summit(&self.q.summit.slug))
            }
            None if matches!(ask.want, Want::Subscribe(_) | Want::Unsubscribe(_)) => self.subscribed_to(ask),
            None => self.here.clone().ok_or(Refusal::NoSession)?,
        };
        let wrote_it = match ask.want {
            Want::ActionDone(number) => self.owns_action(&key, number),
            Want::NotesParent(_) => self.q.parent.is_some_and(|parent| self.is_authors(parent.author.address.as_ref())),
            _ => false,
        };
        let verb = ask.want.verb();
        if self.may_with(verb, &key, wrote_it)? == Leave::AskFirst {
            // Nobody is asked about what cannot be done; but what stands behind a waiting line is weighed with it.
            let behind = self.held.iter().any(|held| held.place.session == key);
            if !behind && !matches!(ask.want, Want::NotesParent(_)) {
                self.change(ask, &key)?;
            }
            return Ok(self.wait(ask.line, &ask.source, verb, &key));
        }
        if matches!(ask.want, Want::NotesParent(_)) {
            let session = self.place_parent(key)?;
            return Ok(Item::Done { session, ask: ask.clone() });
        }
        let late = matches!(ask.want, Want::Object { .. }).then(|| self.firm_since(&key)).flatten();
        let change = self.change(ask, &key)?;
        self.add(&key, change, Some(ask.line));
        if matches!(ask.want, Want::Subscribe(_)) {
            // Who asks for mail has it, whatever they said before.
            self.mute = Some(false);
        }
        let (session, ask) = (key, ask.clone());
        Ok(match late {
            Some(since) => Item::ObjectedLate { session, ask, since },
            None => Item::Done { session, ask },
        })
    }

    /// Since when nobody can object any more, if so; within it `None` where the dispute was settled.
    fn firm_since(&self, key: &SessionKey) -> Option<Option<Timestamp>> {
        match self.finality(key)? {
            Finality::Final { since } => Some(Some(since)),
            Finality::Settled { .. } => Some(None),
            Finality::Tentative { .. } | Finality::Disputed { .. } => None,
        }
    }

    fn finality(&self, key: &SessionKey) -> Option<Finality<'_>> {
        self.session(key)?.finality(self.q.mail.at, self.summit_of(key).patience())
    }

    /// Takes back what one mail did: in the session that the line names, else in each that it touched.
    fn undo(&mut self, ask: &Ask, mail: &SessionRef) -> Result<Item, Refusal> {
        let id = match mail {
            SessionRef::MessageId(id) => Some(id.clone()),
            SessionRef::Url(url) => self.q.links.get(url).cloned(),
            _ => None,
        };
        let id = id.ok_or_else(|| Refusal::NoSuchMail(mail.clone()))?;
        let named = ask.target.as_ref().map(|target| self.resolve(target)).transpose()?;
        let mut sessions = self.q.register.touched_by(&id);
        sessions.retain(|key| named.as_ref().is_none_or(|named| named == key));
        // It may not have come yet, or not have found its session: then it will count for nothing.
        let ahead = sessions.is_empty();
        if ahead {
            sessions.extend(named.or_else(|| self.here.clone()));
        }
        let first = sessions.first().ok_or_else(|| match self.q.authors.contains_key(&id) {
            true => Refusal::NothingToUndo,
            false => Refusal::NoSuchMail(mail.clone()),
        })?;
        let wrote_it = self.is_authors(self.q.authors.get(&id).and_then(Option::as_ref));
        let verb = ask.want.verb();
        for key in &sessions {
            if self.may_with(verb, key, wrote_it)? == Leave::AskFirst {
                return Ok(self.wait(ask.line, &ask.source, verb, key));
            }
        }
        let by = |key: &SessionKey| self.session(key).and_then(|session| session.undone_by(&id)).cloned();
        if let Some(by) = by(first).filter(|_| sessions.iter().all(|key| by(key).is_some())) {
            return Err(Refusal::AlreadyUndone(by));
        }
        for key in &sessions {
            self.add(key, Change::Undone { mail: id.clone() }, Some(ask.line));
        }
        let by = self.q.mail.message_id.clone();
        Ok(Item::Undone { ask: ask.clone(), sessions, by, ahead })
    }

    /// The change that an ask amounts to, now that its author may have it.
    pub(super) fn change(&self, ask: &Ask, key: &SessionKey) -> Result<Change, Refusal> {
        let person = self.author.clone();
        let basis = if ask.form == Form::Phrase { Basis::Inferred } else { Basis::Explicit };
        let session = self.session(key);
        match ask.want {
            Want::Reopen | Want::Split | Want::Merge(_) | Want::Settle { .. } => self.not_taken_back(key)?,
            _ if right(ask.want.verb()).anyone.is_none() && !matches!(ask.want, Want::ActionDone(_)) => {
                self.stands(key)?
            }
            _ => {}
        }
        Ok(match ask.want.clone() {
            Want::Interest(level) => Change::Interest { person, level, basis },
            Want::Attend { mode, note } => Change::Attendance { person, mode, note, basis },
            Want::Scribe(who) => Change::Scribe { person: who.unwrap_or(person) },
            Want::Refer(url) => {
                let target = self.q.links.get(&url).cloned();
                Change::Referenced { url, target }
            }
            Want::Suggest(text) => Change::Suggested { author: person, text },
            Want::Title(title) => Change::Titled { title },
            Want::AddHost(host) => Change::HostAdded { host },
            Want::DropHost(person) => {
                let named = self.q.policy.people.known(&person);
                let known = session.is_some_and(|s| s.proposal.hosts.iter().any(|h| h.person.is(&named)));
                if !known {
                    return Err(Refusal::NotAHost { name: person.label().to_owned(), session: key.clone() });
                }
                Change::HostDropped { person }
            }
            Want::Slot(slot) => Change::Slotted { slot },
            Want::Cancel => match session.is_some_and(|session| session.slot.is_some()) {
                true => Change::Unslotted,
                false => return Err(Refusal::NothingToCancel(key.clone())),
            },
            Want::Track(track) => Change::Tracked { track },
            Want::Withdraw { why } => Change::Withdrawn { why },
            Want::Reopen => match session.is_some_and(Session::is_closed) {
                true => Change::Reopened,
                false => return Err(Refusal::NothingToReopen(key.clone())),
            },
            Want::Accept => Change::Accepted,
            Want::Reject { why } => Change::Rejected { why },
            Want::Merge(other) => {
                let into = self.resolve(&other)?;
                self.not_taken_back(&into)?;
                let home = self.session(&into).map(|session| self.q.register.home(session).key.clone());
                if into == *key {
                    return Err(Refusal::MergedIntoItself(key.clone()));
                }
                if home.as_ref() == Some(key) {
                    return Err(Refusal::PartOf { session: into, into: key.number });
                }
                Change::Merged { into: into.number }
            }
            Want::Split => match session.and_then(Session::merged_into) {
                Some(_) => Change::Reopened,
                None => return Err(Refusal::NotMerged(key.clone())),
            },
            Want::Object { why } => match self.finality(key) {
                Some(_) => Change::Objected { person, why },
                None => return Err(Refusal::NothingToObject(key.clone())),
            },
            Want::Settle { how } => match self.finality(key) {
                Some(Finality::Disputed { .. }) => Change::Settled { person, how },
                _ => return Err(Refusal::NothingToSettle(key.clone())),
            },
            Want::ClaimHost => {
                let host = |session: &Session| self.acting.address.as_ref().is_some_and(|own| session.is_host(own));
                match session.is_some_and(host) {
                    true => return Err(Refusal::HostAlready(key.clone())),
                    false => Change::HostClaimed { person },
                }
            }
            Want::ActionDone(number) => {
                let have = session.map_or(0, |session| session.actions().count());
                if number == 0 || number > have {
                    return Err(Refusal::NoSuchAction { number, have });
                }
                Change::ActionDone { number }
            }
            Want::Subscribe(scope) => {
                // A session has no digests of its own: who follows it, follows all of it.
                Change::Subscribed {
                    person,
                    report: scope.report().filter(|kind| key.is_summit() || *kind == Report::Calendar),
                }
            }
            Want::Unsubscribe(scope) => match session.is_some_and(|s| s.is_sent(&self.acting, scope.report())) {
                true => Change::Unsubscribed { person, report: scope.report() },
                false => return Err(Refusal::NotSubscribed(key.clone(), scope.report())),
            },
            Want::Introduce(text) => Change::Introduced { text },
            Want::ProposeParent { .. } | Want::NotesParent(_) | Want::Undo(_) => return Err(Refusal::AnswersNothing),
        })
    }

    // The mail that this one answers.

    pub(super) fn propose_parent(&mut self, title: Option<&str>) -> Result<SessionKey, Refusal> {
        let parent = self.q.parent.ok_or(Refusal::AnswersNothing)?;
        if let Some(key) = self.here.as_ref().filter(|key| self.not_taken_back(key).is_ok()) {
            return Err(Refusal::AlreadyASession(key.clone()));
        }
        if self.is_authors(parent.author.address.as_ref()) {
            return Err(Refusal::OwnMail);
        }
        let proposal = Proposal {
            title: title.unwrap_or(&parent.title).to_owned(),
            description: parent.text.clone(),
            ..Proposal::default()
        };
        let key = self.next_key();
        self.open(&parent.message_id, &parent.author, proposal);
        self.courtesy = Some((parent.author.clone(), key.clone(), self.author.label().to_owned()));
        Ok(key)
    }

    pub(super) fn place_parent(&mut self, key: SessionKey) -> Result<SessionKey, Refusal> {
        let parent = self.q.parent.ok_or(Refusal::AnswersNothing)?;
        self.note(&key, &parent.message_id, &parent.author, parent.notes.clone(), true);
        Ok(key)
    }

    /// Whether the address is one of the author's. Where nobody knows from which address a mail came, a name does not
    /// make it theirs: anybody can take a name.
    fn is_authors(&self, address: Option<&Address>) -> bool {
        address.is_some_and(|address| self.acting.address.as_ref() == Some(self.q.policy.people.first(address)))
    }

    pub(super) fn owns_action(&self, key: &SessionKey, number: usize) -> bool {
        let mut actions = self.session(key).into_iter().flat_map(Session::actions);
        let owner = actions.find(|(n, _)| *n == number).and_then(|(_, action)| action.owner.as_ref());
        owner.is_some_and(|owner| owner.is(&self.acting) || is_first_name(owner, &self.acting))
    }
}

/// Notes call people by their first names: `AI(Grace): …`. Enough to close one's own action, and for nothing else.
fn is_first_name(owner: &Person, author: &Person) -> bool {
    let (Some(owner), Some(author)) = (&owner.name, &author.name) else { return false };
    name_key(author).split(' ').next() == Some(name_key(owner).as_str())
}
