//! Why a session needs somebody, at a time. The digest and the pages ask the same; how it is said is theirs.

use super::model::{Finality, Said, Session, Status};
use super::policy::Summit;
use crate::clock::Timestamp;
use crate::mail::Person;

/// The first of these that holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Need<'a> {
    /// It took place, and nobody has posted notes.
    Notes,
    /// These say that they host it; a host or organiser has to confirm it.
    Confirmation(&'a [Said<Person>]),
    /// No host's address is known.
    Host,
    /// Nobody has answered.
    Answers,
    /// An objection to its outcome is not settled.
    Settlement,
}

impl Session {
    pub fn need(&self, summit: &Summit, now: Timestamp) -> Option<Need<'_>> {
        match self.status(now) {
            Status::Held(_) => Some(Need::Notes),
            Status::Concluded => {
                let disputed = matches!(self.finality(now, summit.patience()), Some(Finality::Disputed { .. }));
                disputed.then_some(Need::Settlement)
            }
            status if !status.is_open() => None,
            _ if !self.claims.is_empty() => Some(Need::Confirmation(&self.claims)),
            _ if self.proposal.hosts.iter().all(|host| host.person.address.is_none()) => Some(Need::Host),
            _ if self.interest.is_empty() && self.attendance.is_empty() && self.suggestions.is_empty() => {
                Some(Need::Answers)
            }
            _ => None,
        }
    }
}
