//! Words to the program itself: `help`, `list`, `status`, `stop`, `start`, which change no session; and `subscribe`.

use super::{Item, Judge, Refusal};
use crate::grammar::private::{Request, What};
use crate::mail::{Kind, Person};
use crate::session::model::Session;

/// What somebody is told because they asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Help,
    /// All sessions of the summit.
    Sessions(Vec<Session>),
    Session(Box<Session>),
    /// The sessions that somebody has to do with.
    Mine {
        person: Person,
        sessions: Vec<Session>,
        /// The summit as a whole.
        summit: Option<Box<Session>>,
    },
    Muted,
    Unmuted,
}

impl Judge<'_> {
    pub(super) fn requests(&mut self) {
        for request in &self.q.reading.private.requests {
            let told = match &request.what {
                What::Help => Told::Help,
                What::List => Told::Sessions(self.q.register.of_summit(&self.q.summit.slug).cloned().collect()),
                What::Status(None) => self.mine(),
                What::Status(Some(session)) => {
                    let key = self.resolve(session);
                    match key.map(|key| self.session(&key).cloned().ok_or(Refusal::NotFound(session.clone()))) {
                        Ok(Ok(session)) => Told::Session(Box::new(session)),
                        Ok(Err(refusal)) | Err(refusal) => {
                            self.refuse(request.line, &request.source, refusal);
                            continue;
                        }
                    }
                }
                What::Stop => Told::Muted,
                What::Start => Told::Unmuted,
                What::Ask { .. } => {
                    self.kind = Kind::Command;
                    self.asked = true;
                    request.ask().iter().for_each(|ask| self.ask(ask));
                    continue;
                }
                // The lines that they are about are another mail's.
                What::Confirm(_) | What::Drop(_) | What::Edit(_) | What::Unknown => continue,
            };
            match told {
                Told::Muted => self.mute = Some(true),
                Told::Unmuted => self.mute = Some(false),
                _ => {}
            }
            self.tell(request, told);
        }
    }

    fn tell(&mut self, request: &Request, told: Told) {
        self.items.push(Item::Told { line: request.line, source: request.source.clone(), told });
    }

    /// A word that nobody knows, when the mail has said nothing else.
    pub(super) fn unknown_word(&mut self) {
        let unknown = self.q.reading.private.requests.iter().find(|request| request.what == What::Unknown);
        if let Some(request) = unknown.filter(|_| self.items.is_empty() && self.facts.is_empty()) {
            self.refuse(request.line, &request.source, Refusal::UnknownWord);
        }
    }

    fn mine(&self) -> Told {
        let sessions = self.q.register.of_summit(&self.q.summit.slug);
        let sessions = sessions.filter(|session| concerns(session, &self.acting)).cloned().collect();
        let summit = self.q.register.summit(&self.q.summit.slug).cloned().map(Box::new);
        Told::Mine { person: self.acting.clone(), sessions, summit }
    }
}

/// Whether somebody hosts a session, has said whether they come, has something to do for it, or follows it.
fn concerns(session: &Session, person: &Person) -> bool {
    let is_host = person.address.as_ref().is_some_and(|address| session.is_host(address));
    let comes = session.attendance.iter().any(|said| said.value.person.is(person));
    let owes = session.actions().any(|(_, action)| !action.done && action.owner.as_ref().is_some_and(|o| o.is(person)));
    is_host || comes || owes || session.is_subscribed(person)
}
