//! When digests are due: the wall clock of a summit, as a pure function from the time to the last ring before it.
//!
//! A time that a change of the clocks leaves out rings at the first moment after the gap; one that comes twice rings at its
//! first. Whether a ring was answered already is not asked here.

use crate::clock::Timestamp;
use crate::config::DigestTimes;
use crate::letters::digest::Digest;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

/// A ring that nobody answered for longer is passed over: its news are the next one's.
pub const LATEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So far back is looked for a ring.
const DAYS_BACK: i32 = 60;

/// What decides when a summit's digests are due.
pub struct Clockwork<'a> {
    pub times: &'a DigestTimes,
    pub zone: &'a TimeZone,
    /// The first and the last day of the summit, if anybody knows.
    pub days: Option<(Date, Date)>,
}

impl Clockwork<'_> {
    /// The last time up to `now` at which a digest is due.
    pub fn last(&self, digest: Digest, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        (0..=DAYS_BACK).find_map(|back| {
            let date = today.checked_sub(back.days()).ok()?;
            let at = self.rings(digest, date)?;
            moment(date, at, self.zone).filter(|at| *at <= now)
        })
    }

    /// Whether a digest is due on a day, and at which hour.
    fn rings(&self, digest: Digest, date: Date) -> Option<Time> {
        let on_weekday = |schedule: &crate::config::Schedule| schedule.days.contains(&date.weekday());
        match digest {
            // The last one is due on the summit's last day.
            Digest::Proposals => {
                let schedule = self.times.proposals.as_ref()?;
                let over = self.days.is_some_and(|(_, last)| date > last);
                (!over && on_weekday(schedule)).then_some(schedule.at)
            }
            // A week before all of it, and on each eve the day that comes.
            Digest::Agenda => {
                let (first, last) = self.days?;
                let (tomorrow, in_a_week) = (date.tomorrow().ok()?, date.checked_add(7.days()).ok()?);
                (in_a_week == first || (first..=last).contains(&tomorrow)).then_some(self.times.agenda?)
            }
            // Each day while it lasts, told on the next; then week by week.
            Digest::Outcomes => {
                let schedule = self.times.outcomes.as_ref()?;
                let yesterday = date.yesterday().ok()?;
                let daily = self.days.is_some_and(|(first, last)| (first..=last).contains(&yesterday));
                (daily || on_weekday(schedule)).then_some(schedule.at)
            }
            // It follows on the last digest of outcomes.
            Digest::Report => None,
        }
    }
}

fn moment(date: Date, at: Time, zone: &TimeZone) -> Option<Timestamp> {
    let wanted = date.to_datetime(at);
    let zoned = wanted.to_zoned(zone.clone()).ok()?;
    if zoned.datetime() == wanted {
        return Some(zoned.timestamp());
    }
    // jiff moves a time inside a gap forward by the gap's length; it is to ring when the gap ends, which may be that very
    // moment.
    let after = zoned.timestamp().checked_add(SignedDuration::from_nanos(1)).ok()?;
    Some(zone.preceding(after).next().map_or(zoned.timestamp(), |transition| transition.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Schedule;
    use jiff::civil::{Weekday, date, time};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn budapest() -> TimeZone {
        TimeZone::get("Europe/Budapest").expect("a zone")
    }

    fn weekly(day: Weekday, hour: i8, minute: i8) -> DigestTimes {
        let schedule = Some(Schedule { days: vec![day], at: time(hour, minute, 0, 0) });
        let agenda = Some(time(18, 0, 0, 0));
        DigestTimes { summit: "summit".into(), proposals: schedule.clone(), agenda, outcomes: schedule }
    }

    fn last(times: &DigestTimes, digest: Digest, now: &str) -> Option<Timestamp> {
        let days = Some((date(2027, 7, 13), date(2027, 7, 15)));
        Clockwork { times, zone: &budapest(), days }.last(digest, at(now))
    }

    #[test]
    fn a_weekly_digest_is_due_at_its_hour_in_its_zone() {
        let monday = weekly(Weekday::Monday, 9, 0);
        for (now, due) in [
            ("2027-07-12T07:00:00Z", "2027-07-12T07:00:00Z"),
            ("2027-07-12T06:59:59Z", "2027-07-05T07:00:00Z"),
            ("2027-07-19T07:00:00Z", "2027-07-12T07:00:00Z"),
        ] {
            assert_eq!(last(&monday, Digest::Proposals, now), Some(at(due)), "no summary after the summit: {now}");
        }
    }

    #[test]
    fn outcomes_are_told_daily_while_it_lasts_and_then_week_by_week() {
        let monday = weekly(Weekday::Monday, 9, 0);
        for (now, due) in [
            ("2027-07-13T12:00:00Z", "2027-07-12T07:00:00Z"),
            ("2027-07-14T12:00:00Z", "2027-07-14T07:00:00Z"),
            ("2027-07-15T12:00:00Z", "2027-07-15T07:00:00Z"),
            ("2027-07-18T12:00:00Z", "2027-07-16T07:00:00Z"),
            ("2027-07-20T12:00:00Z", "2027-07-19T07:00:00Z"),
        ] {
            assert_eq!(last(&monday, Digest::Outcomes, now), Some(at(due)), "{now}");
        }
    }

    #[test]
    fn agendas_come_a_week_before_and_on_each_eve() {
        let times = weekly(Weekday::Monday, 9, 0);
        for (now, due) in [
            ("2027-07-05T12:00:00Z", None),
            ("2027-07-07T12:00:00Z", Some("2027-07-06T16:00:00Z")),
            ("2027-07-12T16:00:00Z", Some("2027-07-12T16:00:00Z")),
            ("2027-07-14T15:00:00Z", Some("2027-07-13T16:00:00Z")),
            ("2027-07-19T12:00:00Z", Some("2027-07-14T16:00:00Z")),
        ] {
            assert_eq!(last(&times, Digest::Agenda, now), due.map(at), "{now}");
        }
    }

    #[test]
    fn an_hour_that_is_left_out_rings_when_the_gap_ends() {
        for minute in [0, 30, 59] {
            let sunday = weekly(Weekday::Sunday, 2, minute);
            assert_eq!(last(&sunday, Digest::Proposals, "2027-03-28T12:00:00Z"), Some(at("2027-03-28T01:00:00Z")));
        }
    }

    #[test]
    fn an_hour_that_comes_twice_rings_once() {
        let sunday = weekly(Weekday::Sunday, 2, 30);
        assert_eq!(last(&sunday, Digest::Outcomes, "2027-10-31T12:00:00Z"), Some(at("2027-10-31T00:30:00Z")));
    }
}
