//! What a summit still owes in writing: of the sessions that took place, how many have notes, how many have decisions, and
//! which actions are open. And how that came about, day by day.
//!
//! A session owes from the end of its slot; notes of one without a slot show that it took place. Everything follows from
//! when the mails were written, so the past looks the same whenever it is looked at. It must not decide what is said of it.

use super::model::{Fact, Session};
use crate::clock::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

/// How a summit stands at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Debt {
    /// Sessions that took place.
    pub held: usize,
    /// Of these, how many have notes, and how many a decision.
    pub noted: usize,
    pub decided: usize,
    pub actions: usize,
    /// Actions that are done.
    pub done: usize,
}

impl Debt {
    pub fn without_notes(&self) -> usize {
        self.held - self.noted
    }

    pub fn open_actions(&self) -> usize {
        self.actions - self.done
    }

    /// Something took place, and nothing is owed for it.
    pub fn is_paid(&self) -> bool {
        self.held > 0 && self.without_notes() == 0 && self.open_actions() == 0
    }
}

/// What some sessions owed at each time.
#[derive(Clone, Debug)]
pub struct Ledger(Vec<Account>);

/// One session's entries, oldest first; each holds until the next.
type Account = Vec<Entry>;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    from: Timestamp,
    state: State,
}

#[derive(Clone, Debug, PartialEq)]
struct State {
    /// Withdrawn, merged or taken back: it owes nothing.
    closed: bool,
    ends: Option<Timestamp>,
    noted: bool,
    decided: bool,
    actions: usize,
    done: usize,
}

impl Ledger {
    pub fn of<'a>(sessions: impl IntoIterator<Item = &'a Session>) -> Ledger {
        Ledger(sessions.into_iter().map(account).collect())
    }

    pub fn at(&self, at: Timestamp) -> Debt {
        self.0.iter().filter_map(|account| standing(account, at)).fold(Debt::default(), |debt, state| Debt {
            held: debt.held + 1,
            noted: debt.noted + usize::from(state.noted),
            decided: debt.decided + usize::from(state.decided),
            actions: debt.actions + state.actions,
            done: debt.done + state.done,
        })
    }

    /// Each day's evening, from the day on which the first session was held to the last on which anything changed; the
    /// present where a day is not over.
    pub fn course(&self, zone: &TimeZone, now: Timestamp) -> Vec<(Date, Debt)> {
        let turns = || self.0.iter().flat_map(|account| turns(account).map(move |turn| (account, turn)));
        let turns = || turns().filter(|(_, turn)| *turn <= now);
        let held = turns().filter(|(account, turn)| standing(account, *turn).is_some());
        let (first, last) = (held.map(|(_, turn)| turn).min(), turns().map(|(_, turn)| turn).max());
        let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let evening = |date: Date| {
            let next = date.checked_add(1.day()).and_then(|next| next.to_zoned(zone.clone()));
            next.map_or(now, |next| next.timestamp() - SignedDuration::from_nanos(1)).min(now)
        };
        let days = day(first).series(1.day()).take_while(|date| *date <= day(last));
        days.map(|date| (date, self.at(evening(date)))).collect()
    }
}

/// The times at which something may change.
fn turns(account: &[Entry]) -> impl Iterator<Item = Timestamp> {
    account.iter().flat_map(|entry| [Some(entry.from), entry.state.ends]).flatten()
}

/// A session's state at a time; nothing when it had not taken place.
fn standing(account: &[Entry], at: Timestamp) -> Option<&State> {
    let state = &account.iter().rev().find(|entry| entry.from <= at)?.state;
    let took_place = !state.closed && (state.noted || state.ends.is_some_and(|end| end <= at));
    took_place.then_some(state)
}

/// Folds a session once more, fact by fact, and writes down what each changed of its debt.
fn account(session: &Session) -> Account {
    let mut facts = session.history().iter().filter(|fact| !fact.change.is_voice());
    let mut account = Account::new();
    let Some(mut past) = facts.next().and_then(|opening| Session::open(opening.clone())) else { return account };
    enter(&mut account, past.submitted, &past);
    for fact in facts {
        past.insert(Fact::clone(fact));
        enter(&mut account, fact.at, &past);
    }
    account
}

fn enter(account: &mut Account, from: Timestamp, session: &Session) {
    let notes = || session.outcomes.iter().map(|outcome| &outcome.value.notes);
    let state = State {
        closed: session.is_closed(),
        ends: session.ends(),
        noted: session.outcomes.iter().any(|outcome| outcome.value.complete),
        decided: notes().any(|notes| !notes.decisions.is_empty()),
        actions: session.actions().count(),
        done: session.actions().filter(|(_, action)| action.done).count(),
    };
    if account.last().is_none_or(|last| last.state != state) {
        account.push(Entry { from, state });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{Action, Notes, Proposal, Slot};
    use crate::mail::{MessageId, Person};
    use crate::session::{Change, Register, SessionKey};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A session of July 2027, with what came later: the day and hour, and what it was.
    fn ledger(facts: &[(&str, Change)]) -> Ledger {
        let mut register = Register::default();
        let id = |n: usize| MessageId::parse(&format!("{n}@example.org")).unwrap();
        let proposal = Proposal { title: "Console".into(), ..Proposal::default() };
        let opening = Change::Proposed { root: id(0), author: Person::default(), proposal, repairs: Vec::new() };
        let all = std::iter::once(("01T08", opening)).chain(facts.iter().cloned());
        for (n, (when, change)) in all.enumerate() {
            let session = SessionKey { summit: "summit".into(), number: 1 };
            let at = at(&format!("2027-07-{when}:00:00Z"));
            register.apply(Fact { position: n as i64 + 1, session, change, mail: id(n), at, line: None });
        }
        Ledger::of(register.of_summit("summit"))
    }
    fn slot() -> Change {
        let start = Some(at("2027-07-14T10:00:00Z"));
        Change::Slotted { slot: Slot { start, ..Slot::default() } }
    }
    fn noted() -> Change {
        let action = Action { owner: None, text: "write it down".into(), done: false };
        let notes = Notes { decisions: vec!["off".into()], actions: vec![action], ..Notes::default() };
        let source = MessageId::parse("notes@example.org").unwrap();
        Change::Noted { source, author: Person::default(), notes, complete: true, corrects: None }
    }

    #[test]
    fn a_session_owes_from_the_end_of_its_slot_until_its_notes_and_actions_are_there() {
        let ledger = ledger(&[("10T08", slot()), ("16T08", noted()), ("18T08", Change::ActionDone { number: 1 })]);
        let held = Debt { held: 1, ..Debt::default() };
        let written = Debt { noted: 1, decided: 1, actions: 1, ..held };
        for (when, debt) in [
            ("14T10:59", Debt::default()),
            ("14T11:00", held),
            ("16T07:59", held),
            ("16T08:00", written),
            ("18T08:00", Debt { done: 1, ..written }),
        ] {
            assert_eq!(ledger.at(at(&format!("2027-07-{when}:00Z"))), debt, "{when}");
        }
        assert!(ledger.at(at("2027-07-18T08:00:00Z")).is_paid());
    }

    #[test]
    fn its_course_runs_from_the_first_day_to_the_last_change() {
        let ledger = ledger(&[("10T08", slot()), ("16T08", noted())]);
        let course = ledger.course(&TimeZone::UTC, at("2027-09-01T00:00:00Z"));
        let told: Vec<(i8, usize)> = course.iter().map(|(date, debt)| (date.day(), debt.without_notes())).collect();
        assert_eq!(told, [(14, 1), (15, 1), (16, 0)]);
        assert_eq!(ledger.course(&TimeZone::UTC, at("2027-07-14T10:00:00Z")), []);
    }

    #[test]
    fn what_does_not_take_place_owes_nothing() {
        let ledger = ledger(&[("10T08", slot()), ("15T08", Change::Withdrawn { why: None })]);
        assert_eq!(ledger.at(at("2027-07-14T12:00:00Z")).held, 1);
        assert_eq!(ledger.at(at("2027-07-15T08:00:00Z")), Debt::default());
    }
}
