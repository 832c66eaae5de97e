//! The clock's work: digests that are due.
//!
//! A tick is a row with a unique key, written in one transaction with the letter it causes: it happens once, whatever
//! crashes, and a clock set back makes nothing happen again.

use super::rates::ration;
use super::review;
use crate::clock::Timestamp;
use crate::config::{Config, Schedule};
use crate::grammar::subject;
use crate::letters::digest::{self, Desk, Since, Unclaimed};
use crate::letters::{Outgoing, Seal};
use crate::mail::{MessageId, Person};
use crate::pages::json;
use crate::session::{Register, Summit};
use crate::store::{Store, StoreError, TickRun};
use jiff::{ToSpan, tz::TimeZone};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    Proposals,
    Outcomes,
}

impl Digest {
    pub const ALL: [Digest; 2] = [Digest::Proposals, Digest::Outcomes];

    pub fn name(self) -> &'static str {
        match self {
            Digest::Proposals => "proposals",
            Digest::Outcomes => "outcomes",
        }
    }
}

/// Runs every tick that is due. The names of the digests that went out.
pub async fn pass(store: &Store, config: &Config, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for summit in &config.policy.summits {
        for kind in Digest::ALL {
            let times = config.digests_of(&summit.slug);
            let schedule = times.and_then(|times| match kind {
                Digest::Proposals => times.proposals.as_ref(),
                Digest::Outcomes => times.outcomes.as_ref(),
            });
            let Some(due) = schedule.and_then(|schedule| last_due(schedule, &summit.zone, now)) else { continue };
            let key = format!("{}:{}:{due}", kind.name(), summit.slug);
            if owed(store, summit, kind, due).await? && run(store, config, summit, kind, due, &key, now).await? {
                out.push(key);
            }
        }
    }
    Ok(out)
}

/// Whether a digest due then is still to be made: nothing is owed for times before the program had any mail, nor for
/// times before the last digest of its kind.
async fn owed(store: &Store, summit: &Summit, kind: Digest, due: Timestamp) -> Result<bool, StoreError> {
    match store.last_tick(kind.name(), &summit.slug).await? {
        Some(last) => Ok(due > last.due),
        None => Ok(store.first_received().await?.is_some_and(|first| first <= due)),
    }
}

/// Makes one digest now and queues it; `true` when a letter came of it.
pub async fn run(
    store: &Store,
    config: &Config,
    summit: &Summit,
    kind: Digest,
    due: Timestamp,
    key: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (letter, position) = make(store, config, summit, kind, key, now).await?;
    let outcome = if letter.is_some() { "sent" } else { "nothing to say" };
    // A digest that had nothing to say leaves the position to the next one.
    let before = store.last_tick(kind.name(), &summit.slug).await?.map_or(0, |last| last.position);
    let position = if letter.is_some() { position } else { before };
    let sent = letter.is_some();
    let mut work = store.begin().await?;
    let mut rationed = ration(&mut work, letter.into_iter().collect(), config, now).await?;
    let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
    review::ask(&mut work, &mut rationed, config, summit, &seal, now).await?;
    work.commit().await?;
    let tick = TickRun { key, kind: kind.name(), summit: &summit.slug, due, position, outcome };
    Ok(store.run_tick(&tick, &rationed, now).await? && sent)
}

/// The letter of a digest as it would go out now, and the log position it speaks up to.
pub async fn make(
    store: &Store,
    config: &Config,
    summit: &Summit,
    kind: Digest,
    cause: &str,
    now: Timestamp,
) -> Result<(Option<Outgoing>, i64), StoreError> {
    let mut register = Register::of(config.policy.people.clone());
    store.log_all().await?.into_iter().for_each(|fact| register.apply(fact));
    let mails = store.mail_rows().await?;
    let last = store.last_digest(kind.name(), &summit.slug).await?;
    let unclaimed: Vec<Unclaimed> = json::unclaimed(&mails, &register, &summit.slug)
        .map(|mail| Unclaimed {
            message_id: mail.row.message_id.clone(),
            subject: subject::parse(&mail.row.subject, &summit.vocabulary).subject.title,
            author: config
                .policy
                .people
                .known(&Person { name: mail.row.from_name.clone(), address: mail.row.from_address.clone() }),
            candidates: mail.row.candidates.clone(),
            new: last.as_ref().is_none_or(|last| mail.received > last.ran),
        })
        .collect();
    let archived: HashMap<MessageId, String> =
        mails.iter().filter_map(|mail| Some((mail.row.message_id.clone(), mail.row.archived_at.clone()?))).collect();
    let since = Since {
        position: last.as_ref().map_or(0, |last| last.position),
        count: store.count_digests(kind.name(), &summit.slug).await?,
        previous: last.and_then(|last| last.message_id),
    };
    let desk = Desk {
        policy: &config.policy,
        summit,
        register: &register,
        unclaimed: &unclaimed,
        archived: &archived,
        since,
        now,
        cause,
    };
    let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
    let letter = match kind {
        Digest::Proposals => digest::proposals(&desk, &seal),
        Digest::Outcomes => digest::outcomes(&desk, &seal),
    };
    Ok((letter, register.position()))
}

/// The last time up to `now` at which the schedule rings: never more than 7 days ago. After a longer downtime the times
/// before it are not made up for; the digest that comes speaks of everything since the last one that went out.
///
/// A time that a change of the clocks leaves out rings at the first moment after the gap; one that comes twice rings at
/// its first.
pub fn last_due(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    (0..=7).find_map(|back| {
        let day = today.checked_sub(back.days()).ok()?;
        let rings = schedule.days.contains(&day.weekday());
        let at = rings.then(|| day.to_datetime(schedule.at).to_zoned(zone.clone()).ok())??;
        Some(after_gap(&at, zone, day.to_datetime(schedule.at))).filter(|at| *at <= now)
    })
}

/// jiff moves a time inside a gap forward by the gap's length; it is to ring when the gap ends.
fn after_gap(at: &jiff::Zoned, zone: &TimeZone, wanted: jiff::civil::DateTime) -> Timestamp {
    if at.datetime() == wanted {
        return at.timestamp();
    }
    zone.preceding(at.timestamp()).next().map_or(at.timestamp(), |transition| transition.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, time};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn budapest() -> TimeZone {
        TimeZone::get("Europe/Budapest").expect("a zone")
    }

    #[test]
    fn a_weekly_digest_is_due_at_its_hour_in_its_zone() {
        let monday = Schedule { days: vec![Weekday::Monday], at: time(9, 0, 0, 0) };
        assert_eq!(last_due(&monday, &budapest(), at("2017-07-17T07:00:00Z")), Some(at("2017-07-17T07:00:00Z")));
        assert_eq!(last_due(&monday, &budapest(), at("2017-07-17T06:59:59Z")), Some(at("2017-07-10T07:00:00Z")));
    }

    #[test]
    fn an_hour_that_is_left_out_rings_when_the_gap_ends() {
        let daily = Schedule { days: vec![Weekday::Sunday], at: time(2, 30, 0, 0) };
        assert_eq!(last_due(&daily, &budapest(), at("2017-03-26T12:00:00Z")), Some(at("2017-03-26T01:00:00Z")));
    }

    #[test]
    fn an_hour_that_comes_twice_rings_once() {
        let daily = Schedule { days: vec![Weekday::Sunday], at: time(2, 30, 0, 0) };
        assert_eq!(last_due(&daily, &budapest(), at("2017-10-29T12:00:00Z")), Some(at("2017-10-29T00:30:00Z")));
    }
}
