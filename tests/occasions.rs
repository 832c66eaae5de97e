//! What people are told by the clock, over random histories: nothing twice, and nothing to somebody whom it does not
//! concern any more.
//!
//! The clock jumps, forwards and back; mails come late. What was told is remembered by its key alone, as the daemon does.

use proptest::prelude::*;
use rapporteur::clock::Timestamp;
use rapporteur::grammar::{Action, Host, Notes, Proposal, Report, Slot, Vocabulary};
use rapporteur::mail::{Address, MessageId, Person};
use rapporteur::session::occasion::{Diary, Occasion, Reminders, What};
use rapporteur::session::{Change, Fact, Noise, Register, Session, SessionKey, Summit};
use std::collections::{HashMap, HashSet};

const PEOPLE: [&str; 4] = ["ada", "grace", "kurt", "edsger"];

fn person(who: usize) -> Person {
    let name = PEOPLE[who % PEOPLE.len()];
    Person { name: Some(name.into()), address: Address::parse(&format!("{name}@example.org")) }
}

fn hour(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).expect("a time")
}

fn summit() -> Summit {
    Summit {
        slug: "summit".into(),
        name: "Summit".into(),
        lists: vec![Address::parse("devel@lists.example.org").expect("an address")],
        organisers: Vec::new(),
        zone: jiff::tz::TimeZone::get("Europe/Budapest").expect("a zone"),
        opens: None,
        closes: None,
        vocabulary: Vocabulary::default(),
        outcome_days: 7,
        introduction: None,
        tracks: Vec::new(),
        first_day: None,
        last_day: None,
        noise: Noise::default(),
        form: rapporteur::session::policy::DigestForm::default(),
        reminders: Reminders::default(),
    }
}

/// What happens, a number of hours after what happened before.
#[derive(Clone, Debug)]
enum Event {
    Slot(i64),
    Unslot,
    Withdraw,
    Reopen,
    AddHost(usize),
    DropHost(usize),
    Subscribe(usize),
    WantEvents(usize),
    Unsubscribe(usize),
    Notes(usize),
    Done,
    /// The mail of an earlier event is taken back.
    Undo(usize),
    /// Nothing: the clock is looked at. Back, when it is negative.
    Look(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE.len();
    prop_oneof![
        (1i64..120).prop_map(Event::Slot),
        Just(Event::Unslot),
        Just(Event::Withdraw),
        Just(Event::Reopen),
        who.clone().prop_map(Event::AddHost),
        who.clone().prop_map(Event::DropHost),
        who.clone().prop_map(Event::Subscribe),
        who.clone().prop_map(Event::WantEvents),
        who.clone().prop_map(Event::Unsubscribe),
        who.prop_map(Event::Notes),
        Just(Event::Done),
        (0usize..20).prop_map(Event::Undo),
        (-30i64..240).prop_map(Event::Look),
        (-30i64..240).prop_map(Event::Look),
    ]
}

fn change(event: &Event, now: i64) -> Option<Change> {
    Some(match event {
        Event::Slot(ahead) => {
            Change::Slotted { slot: Slot { start: Some(hour(now + ahead)), room: Some("A".into()), ..Slot::default() } }
        }
        Event::Unslot => Change::Unslotted,
        Event::Withdraw => Change::Withdrawn { why: None },
        Event::Reopen => Change::Reopened,
        Event::AddHost(who) => Change::HostAdded { host: Host { person: person(*who), affiliation: None } },
        Event::DropHost(who) => Change::HostDropped { person: person(*who) },
        Event::Subscribe(who) => Change::Subscribed { person: person(*who), report: None },
        Event::WantEvents(who) => Change::Subscribed { person: person(*who), report: Some(Report::Calendar) },
        Event::Unsubscribe(who) => Change::Unsubscribed { person: person(*who), report: None },
        Event::Notes(who) => {
            let actions = vec![Action { owner: Some(person(*who)), text: "send it".into(), done: false }];
            let (source, author) = (id(now), person(*who));
            Change::Noted {
                source,
                author,
                notes: Notes { actions, ..Notes::default() },
                complete: true,
                corrects: None,
            }
        }
        Event::Done => Change::ActionDone { number: 1 },
        Event::Undo(_) | Event::Look(_) => return None,
    })
}

fn id(n: i64) -> MessageId {
    MessageId::parse(&format!("{n}@example.org")).expect("an id")
}

/// Whether an occasion still concerns somebody.
fn concerns(occasion: &Occasion, session: &Session) -> bool {
    let address = occasion.person.address.as_ref().expect("only who has one is told");
    let hosts = session.proposal.hosts.iter().any(|host| host.person.address.as_ref() == Some(address));
    match &occasion.what {
        What::Near { .. } => hosts && !session.is_closed() && session.slot.is_some(),
        What::Owing { .. } => hosts && !session.is_closed() && session.outcomes.is_empty(),
        What::Noted { .. } => session.is_subscribed(&occasion.person) && !session.outcomes.is_empty(),
        What::Moved { .. } => hosts || session.is_subscribed(&occasion.person),
        What::Event { .. } => session.asked_for(&occasion.person, Report::Calendar).is_some(),
        What::Open(promises) => promises.iter().all(|promise| !promise.action.done) && !session.is_closed(),
    }
}

proptest! {
    #[test]
    fn nothing_is_told_twice_and_nothing_to_whom_it_does_not_concern(events in prop::collection::vec((0i64..40, event()), 1..40)) {
        let (summit, key) = (summit(), SessionKey { summit: "summit".into(), number: 1 });
        let mut register = Register::default();
        let fact = |position: i64, at: i64, change| Fact {
            position, session: key.clone(), change, mail: id(at), at: hour(at), line: None,
        };
        let proposal = Proposal {
            title: "Console".into(),
            hosts: vec![Host { person: person(0), affiliation: None }],
            ..Proposal::default()
        };
        register.apply(fact(1, 0, Change::Proposed { root: id(0), author: person(0), proposal, repairs: Vec::new() }));
        let (mut now, mut mails) = (1, vec![0]);
        let mut told: HashSet<String> = HashSet::new();
        // What the letters say, whatever their keys are.
        let mut said: HashMap<String, usize> = HashMap::new();
        for (position, (pause, event)) in (2..).zip(&events) {
            now += pause;
            let change = match event {
                Event::Look(hours) => {
                    now = (now + hours).max(1);
                    None
                }
                Event::Undo(which) => Some(Change::Undone { mail: id(mails[which % mails.len()]) }),
                event => change(event, now),
            };
            if let Some(change) = change {
                mails.push(now);
                register.apply(fact(position, now, change));
            }
            let diary = Diary::of(&register, &summit, hour(0), hour(now));
            let session = register.numbered("summit", 1).expect("it stays");
            for occasion in diary.due() {
                prop_assert!(occasion.due <= hour(now), "{occasion:?} is not due");
                if occasion.until <= hour(now) || !told.insert(occasion.key.clone()) {
                    continue;
                }
                prop_assert!(concerns(&occasion, session), "{occasion:?}\n{session:?}");
                let what = match &occasion.what {
                    What::Near { session, .. } => format!("near {:?}", session.slot.as_ref().and_then(|slot| slot.start)),
                    What::Owing { session, left } => format!("owing {:?} {left}", session.ends()),
                    What::Moved { moved, .. } => format!("moved {:?} {:?}", moved.last, moved.now),
                    What::Noted { outcome, .. } => format!("noted {}", outcome.value.source),
                    What::Event { state, .. } => format!("event {}", state.sequence),
                    What::Open(_) => format!("open {}", hour(now).as_second() / (7 * 24 * 3600)),
                };
                let open = matches!(occasion.what, What::Open(_));
                let times = said.entry(format!("{:?} {what}", occasion.person)).or_default();
                *times += 1;
                // A week of the calendar has parts of two that are counted from a fixed Thursday.
                prop_assert!(*times <= if open { 2 } else { 1 }, "told again: {occasion:?}");
            }
        }
    }
}
