//! A session as an event of calendars (RFC 5545): how often what a calendar shows of it has changed, and whether it still
//! takes place. The text is written elsewhere.

use super::model::{Change, Fact, Session, Status};
use crate::clock::Timestamp;

/// How the event of a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventState {
    /// SEQUENCE (RFC 5545 §3.8.7.4): counts what changed since the session first had a time, in whatever order the mails
    /// came.
    pub sequence: u32,
    /// When it first had a time.
    pub since: Timestamp,
    /// When it changed last.
    pub revised: Timestamp,
    /// It has no time any more, or does not take place.
    pub cancelled: bool,
}

impl Session {
    /// Its event; nothing when it never had a time.
    pub fn event(&self, now: Timestamp) -> Option<EventState> {
        let first = self.history().iter().position(gives_a_time)?;
        let changes: Vec<&Fact> = self.history()[first..].iter().filter(|fact| changes_the_event(fact)).collect();
        let off = matches!(
            self.status(now),
            Status::Withdrawn(_) | Status::Rejected(_) | Status::Merged(_) | Status::Undone(_)
        );
        Some(EventState {
            sequence: changes.len().saturating_sub(1).try_into().unwrap_or(u32::MAX),
            since: self.history()[first].at,
            revised: changes.iter().map(|fact| fact.at).max().unwrap_or(self.submitted),
            cancelled: off || self.slot.as_ref().and_then(|slot| slot.start).is_none(),
        })
    }
}

fn gives_a_time(fact: &Fact) -> bool {
    match &fact.change {
        Change::Slotted { slot } => slot.start.is_some(),
        Change::Proposed { proposal, .. } | Change::Revised { proposal, .. } => {
            proposal.slot.as_ref().is_some_and(|slot| slot.start.is_some())
        }
        _ => false,
    }
}

/// When, where, what it is called, whether it takes place.
fn changes_the_event(fact: &Fact) -> bool {
    matches!(
        fact.change,
        Change::Proposed { .. }
            | Change::Revised { .. }
            | Change::Titled { .. }
            | Change::Slotted { .. }
            | Change::Unslotted
            | Change::Tracked { .. }
            | Change::Withdrawn { .. }
            | Change::Reopened
            | Change::Accepted
            | Change::Rejected { .. }
            | Change::Merged { .. }
            | Change::Undone { .. }
    )
}
