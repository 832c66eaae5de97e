//! What a mail's lines ask for, one after the other.

use super::{Item, Judge, Refusal};
use crate::grammar::{Ask, Form, Proposal, Want};
use crate::mail::{Automatic, Kind, Person, name_key};
use crate::session::model::{Basis, Change, Session, SessionKey};
use crate::session::policy::Via;

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
            // Outside a session's thread only a command asks something of us.
            if self.here.is_some() || complaint.is_command() {
                self.items.push(Item::NotUnderstood(complaint.clone()));
            }
        }
    }

    pub(super) fn ask(&mut self, ask: &Ask) {
        let outcome = match &ask.want {
            Want::ProposeParent { title } => self.propose_parent(title.as_deref()),
            _ => self.on_session(ask),
        };
        match outcome {
            Ok(session) => self.items.push(Item::Done { session, ask: ask.clone() }),
            // Attendance at the summit as a whole, and remarks on mails that are nobody's session, ask nothing.
            Err(Refusal::NoSession) if ask.form != Form::Command => {}
            Err(refusal) => self.refuse(ask.line, &ask.source, refusal),
        }
    }

    /// One ask about one session: that session, when it was recorded.
    pub(super) fn on_session(&mut self, ask: &Ask) -> Result<SessionKey, Refusal> {
        let named = match &ask.want {
            Want::NotesParent(session) => Some(session),
            _ => ask.target.as_ref(),
        };
        let key = match named {
            Some(session) => self.resolve(session)?,
            None => self.here.clone().ok_or(Refusal::NoSession)?,
        };
        let closes_own = matches!(ask.want, Want::ActionDone(n) if self.owns_action(&key, n));
        if !closes_own && !self.may_place_notes(ask) {
            self.may(ask.want.verb(), &key)?;
        }
        if matches!(ask.want, Want::NotesParent(_)) {
            return self.place_parent(key);
        }
        let change = self.change(ask, &key)?;
        self.add(&key, change, Some(ask.line));
        Ok(key)
    }

    /// The change that an ask amounts to, now that its author may have it.
    pub(super) fn change(&self, ask: &Ask, key: &SessionKey) -> Result<Change, Refusal> {
        let person = self.author.clone();
        let basis = if ask.form == Form::Phrase { Basis::Inferred } else { Basis::Explicit };
        let session = self.session(key);
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
                if into == *key {
                    return Err(Refusal::MergedIntoItself(key.clone()));
                }
                Change::Merged { into: into.number }
            }
            Want::Split => match session.is_some_and(Session::is_merged) {
                true => Change::Reopened,
                false => return Err(Refusal::NotMerged(key.clone())),
            },
            Want::ActionDone(number) => {
                let have = session.map_or(0, |session| session.actions().count());
                if number == 0 || number > have {
                    return Err(Refusal::NoSuchAction { number, have });
                }
                Change::ActionDone { number }
            }
            Want::ProposeParent { .. } | Want::NotesParent(_) => return Err(Refusal::AnswersNothing),
        })
    }

    // The mail that this one answers.

    pub(super) fn propose_parent(&mut self, title: Option<&str>) -> Result<SessionKey, Refusal> {
        let parent = self.q.parent.ok_or(Refusal::AnswersNothing)?;
        if let Some(key) = &self.here {
            return Err(Refusal::AlreadyASession(key.clone()));
        }
        if self.is_acting(&parent.author) {
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

    /// Whoever wrote the notes may say where they belong.
    pub(super) fn may_place_notes(&self, ask: &Ask) -> bool {
        matches!(ask.want, Want::NotesParent(_)) && self.q.parent.is_some_and(|parent| self.is_acting(&parent.author))
    }

    pub(super) fn is_acting(&self, person: &Person) -> bool {
        self.q.policy.people.acting(person).is(&self.acting)
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
