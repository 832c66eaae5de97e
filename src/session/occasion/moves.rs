//! When the time and place of a session changed, from what and by which mails. Changes that follow each other soon are one
//! move: who sets a slot and corrects it moves the session once.

use super::QUIET;
use crate::clock::Timestamp;
use crate::grammar::Slot;
use crate::mail::MessageId;
use crate::session::model::{Change, Fact, Session, Status};

/// Where and when a session takes place, or why it does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// No time and no room yet.
    Nowhere,
    At(Slot),
    /// It is off: withdrawn, rejected, merged or taken back, in a word and with what was said of it.
    Off {
        how: String,
        why: Option<String>,
    },
}

/// One move.
#[derive(Clone, Debug, PartialEq)]
pub struct Move<'a> {
    pub before: Place,
    pub now: Place,
    /// The mails that did it.
    pub by: Vec<&'a MessageId>,
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Place {
    fn of(session: &Session, now: Timestamp) -> Place {
        let off = |how: String, why: Option<&str>| Place::Off { how, why: why.map(str::to_owned) };
        match session.status(now) {
            Status::Withdrawn(why) => off("withdrawn".into(), why),
            Status::Rejected(why) => off("rejected".into(), why),
            Status::Merged(into) => off(format!("part of S-{into} now"), None),
            Status::Undone(_) => off("taken back".into(), None),
            _ => session.slot.clone().map_or(Place::Nowhere, Place::At),
        }
    }

    pub fn start(&self) -> Option<Timestamp> {
        match self {
            Place::At(slot) => slot.start,
            Place::Nowhere | Place::Off { .. } => None,
        }
    }
}

impl Move<'_> {
    /// When it is no news any more: once the session has begun, here or there. A move without a time is none.
    pub fn matters_until(&self) -> Option<Timestamp> {
        self.now.start().or(self.before.start())
    }
}

/// What can change time and place.
fn moves_it(fact: &Fact) -> bool {
    match &fact.change {
        Change::Slotted { .. }
        | Change::Unslotted
        | Change::Withdrawn { .. }
        | Change::Reopened
        | Change::Rejected { .. }
        | Change::Accepted
        | Change::Merged { .. }
        | Change::Undone { .. } => true,
        Change::Proposed { proposal, .. } | Change::Revised { proposal, .. } => proposal.slot.is_some(),
        _ => false,
    }
}

/// When time and place were touched last.
pub(super) fn last(session: &Session) -> Option<Timestamp> {
    session.counted().filter(|fact| moves_it(fact)).map(|fact| fact.at).last()
}

/// The moves of which the last change was made since then, oldest first. A session that is proposed with its slot was not
/// moved.
pub(super) fn moves(session: &Session, since: Timestamp) -> Vec<Move<'_>> {
    // Most sessions have not been touched for long, and need not be folded anew.
    let lately = |fact: &Fact| fact.at.checked_add(QUIET).is_ok_and(|at| at >= since);
    if !session.history().iter().any(|fact| moves_it(fact) && lately(fact)) {
        return Vec::new();
    }
    let mut facts = session.history().iter().filter(|fact| !fact.change.is_voice());
    let Some(mut past) = facts.next().and_then(|opening| Session::open(opening.clone())) else { return Vec::new() };
    let mut moves: Vec<Move> = Vec::new();
    for fact in facts {
        let before = Place::of(&past, fact.at);
        past.insert(fact.clone());
        let now = Place::of(&past, fact.at);
        if before == now {
            continue;
        }
        match moves.last_mut() {
            Some(going) if fact.at.duration_since(going.last) < QUIET => {
                (going.now, going.last) = (now, fact.at);
                going.by.push(&fact.mail);
            }
            _ => moves.push(Move { before, now, by: vec![&fact.mail], first: fact.at, last: fact.at }),
        }
    }
    moves.retain(|moved| moved.before != moved.now && moved.last.checked_add(QUIET).is_ok_and(|at| at >= since));
    moves
}
