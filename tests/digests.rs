//! What digests promise, over many histories: each period has one, and each change is in one.
//!
//! The clock is ours: it runs on, stands still while the program is down, and is set back. (R8.)

mod digests {
    pub mod world;
}

use digests::world::{World, every_change_once};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::collections::BTreeSet;

/// Where clocks change by an hour and by half of one, in spring and in autumn; and where they never do.
const ZONES: [&str; 6] =
    ["Europe/Budapest", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC"];
const WEEK: [(&str, Weekday); 3] = [("Sun", Weekday::Sunday), ("Mon", Weekday::Monday), ("Thu", Weekday::Thursday)];

/// What happens to the program next.
#[derive(Clone, Debug)]
enum Step {
    /// It runs, and looks at the clock after so many minutes.
    Runs(u16),
    /// It is down for so many hours.
    Down(u16),
    /// The clock is set back by so many minutes, and it looks.
    SetBack(u16),
    /// It is killed, and started again.
    Killed,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1..3000_u16).prop_map(Step::Runs),
        2 => (1..900_u16).prop_map(Step::Down),
        1 => (1..4000_u16).prop_map(Step::SetBack),
        1 => Just(Step::Killed),
    ];
    prop::collection::vec(step, 60)
}

/// When a digest is due on a day: as soon as the clock on the wall shows that hour, or a later one.
fn ring(date: Date, at: Time, zone: &TimeZone) -> Timestamp {
    let wanted = date.to_datetime(at);
    let midnight = date.yesterday().unwrap().at(9, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let minutes = (0..).map(|minute| midnight + SignedDuration::from_mins(minute));
    minutes.into_iter().find(|at| zone.to_datetime(*at) >= wanted).unwrap()
}

proptest! {
    #![proptest_config(Config { cases: 20, failure_persistence: None, ..Config::default() })]

    /// 20 histories of 60 steps: some 1,000 ticks.
    #[test]
    fn each_period_in_which_it_ran_has_one_digest(
        zone in prop::sample::select(&ZONES[..]),
        // Most changes of the clock are at night.
        (hour, minute) in (prop_oneof![0..4_i8, 0..24_i8], prop::sample::select(vec![0_i8, 15, 30, 59])),
        days in prop::sample::subsequence(&WEEK[..], 1..=3),
        // In the weeks around all changes of the clock of 2027.
        start in prop::sample::select(vec!["2027-03-05", "2027-03-25", "2027-04-01", "2027-08-30", "2027-10-25"]),
        steps in steps(),
    ) {
        let names: Vec<&str> = days.iter().map(|(name, _)| *name).collect();
        let zone = TimeZone::get(zone).unwrap();
        let schedule = format!("proposal_digest = \"{} {hour:02}:{minute:02}\"", names.join(","));
        let began: Date = start.parse().unwrap();
        let began = began.at(12, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
        let mut world = World::new(&format!("zone = \"{}\"\n{schedule}\n", zone.iana_name().unwrap()), began);
        let mut latest = began;
        let mut wanted = BTreeSet::new();
        let at = Time::new(hour, minute, 0, 0).unwrap();
        let last_ring = |now: Timestamp| {
            let today = zone.to_datetime(now).date();
            let days_back = (0..8).map(|back| today.checked_sub(back.days()).unwrap());
            let due = days_back.filter(|date| days.iter().any(|(_, day)| *day == date.weekday()));
            due.map(|date| ring(date, at, &zone)).find(|due| *due <= now)
        };
        for step in &steps {
            match step {
                Step::Runs(minutes) => world.now += SignedDuration::from_mins(i64::from(*minutes)),
                Step::Down(hours) => world.now += SignedDuration::from_hours(i64::from(*hours)),
                // Not to before the first mail: nothing is due there.
                Step::SetBack(minutes) => {
                    world.now = began.max(world.now - SignedDuration::from_mins(i64::from(*minutes)));
                }
                Step::Killed => world.restart(),
            }
            // There is always something to say.
            world.propose();
            world.pass();
            if world.now >= latest {
                latest = world.now;
                wanted.extend(last_ring(latest).filter(|due| *due >= began));
            }
        }
        let made: Vec<Timestamp> = world.due_times();
        let once: BTreeSet<Timestamp> = made.iter().copied().collect();
        prop_assert_eq!(made.len(), once.len(), "no period has two");
        prop_assert_eq!(once, wanted, "each period in which it ran has one, and no other");
    }
}

/// What people and the program do, in whatever order.
#[derive(Clone, Debug)]
enum Deed {
    Propose,
    Suggest(u8),
    Refer(u8),
    Slot(u8),
    Notes(u8),
    Withdraw(u8),
    Wait(u16),
    Killed,
    /// A digest is made, and the program dies before it is written down.
    DiesOver,
    ByHand(bool),
    /// Two are made at once, of the same news.
    Race,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => Just(Deed::Propose),
        4 => any::<u8>().prop_map(Deed::Suggest),
        3 => any::<u8>().prop_map(Deed::Refer),
        2 => any::<u8>().prop_map(Deed::Slot),
        3 => any::<u8>().prop_map(Deed::Notes),
        1 => any::<u8>().prop_map(Deed::Withdraw),
        8 => (1..4000_u16).prop_map(Deed::Wait),
        1 => (10_000..30_000_u16).prop_map(Deed::Wait),
        1 => Just(Deed::Killed),
        1 => Just(Deed::DiesOver),
        2 => any::<bool>().prop_map(Deed::ByHand),
        1 => Just(Deed::Race),
    ];
    prop::collection::vec(deed, 40)
}

proptest! {
    #![proptest_config(Config { cases: 20, failure_persistence: None, ..Config::default() })]

    /// Before the summit, on its days, and after it.
    #[test]
    fn every_change_is_in_exactly_one_digest(deeds in deeds()) {
        let began = "2027-05-20T12:00:00Z".parse().unwrap();
        let settings = "zone = \"Europe/Budapest\"\nfirst_day = \"2027-06-16\"\nlast_day = \"2027-06-18\"\n\
            proposal_digest = \"Mon,Thu 09:00\"\noutcome_digest = \"Mon 09:00\"\nagenda = \"18:00\"\ndigest_rows = 500\n";
        let mut world = World::new(settings, began);
        for deed in &deeds {
            match deed {
                Deed::Propose => world.propose(),
                Deed::Suggest(n) => world.suggest(*n),
                Deed::Refer(n) => world.refer(*n),
                Deed::Slot(n) => world.slot(*n),
                Deed::Notes(n) => world.notes(*n),
                Deed::Withdraw(n) => world.withdraw(*n),
                Deed::Wait(minutes) => world.now += SignedDuration::from_mins(i64::from(*minutes)),
                Deed::Killed => world.restart(),
                Deed::DiesOver => world.dies_over_a_digest(),
                Deed::ByHand(outcomes) => world.digest_by_hand(*outcomes),
                Deed::Race => world.race(),
            }
            world.pass();
        }
        // Weeks after it everything has been told.
        for _ in 0..2 {
            world.now = world.now.max("2027-06-20T12:00:00Z".parse().unwrap()) + SignedDuration::from_hours(8 * 24);
            world.pass();
        }
        every_change_once(&world)?;
    }
}
