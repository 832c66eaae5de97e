//! The clock's letters to single persons: what is due to whom is written once, or skipped with its reason.
//!
//! Each occasion is a tick, recorded in one transaction with the letter that speaks of it. A person who has had enough
//! for a day is written to later, as long as it matters.

use super::rates::{Closed, closed, ration};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::letters::Seal;
use crate::letters::digest::Told;
use crate::letters::personal::{self, Desk, Written};
use crate::mail::{Address, Author, MessageId, is_robot};
use crate::session::occasion::{Diary, Occasion, What};
use crate::session::{Register, Summit};
use crate::store::{Store, StoreError, TickRun};
use std::collections::{BTreeMap, HashMap};

/// Writes what is due. The keys of the occasions that were told.
pub async fn pass(
    store: &Store,
    config: &Config,
    register: &Register,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    // An archive alone has nobody to write to.
    let Some(begun) = store.first_received().await? else { return Ok(told) };
    for summit in &config.policy.summits {
        let diary = Diary::of(register, summit, begun, now);
        let due = diary.due();
        if due.is_empty() {
            continue;
        }
        let keys: Vec<String> = due.iter().map(|occasion| occasion.key.clone()).collect();
        let ran = store.ran(&keys).await?;
        let new: Vec<&Occasion> = due.iter().filter(|occasion| !ran.contains(&occasion.key)).collect();
        if new.is_empty() {
            continue;
        }
        let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
        let archived = store.archived(&mails(&new)).await?;
        let desk = Desk { summit, seal: &seal, archived: &archived, now };
        let movers = store.authors(&movers(&new)).await?;
        let mut people: BTreeMap<String, Vec<&Occasion>> = BTreeMap::new();
        for occasion in new {
            people.entry(address(occasion).map(Address::key).unwrap_or_default()).or_default().push(occasion);
        }
        for occasions in people.into_values() {
            told.extend(tell(store, config, &desk, &occasions, &movers).await?);
        }
    }
    Ok(told)
}

fn address<'o>(occasion: &'o Occasion) -> Option<&'o Address> {
    occasion.person.address.as_ref()
}

/// The mails that the letters may lead to.
fn mails(occasions: &[&Occasion]) -> Vec<MessageId> {
    let of = |what: &What| match what {
        What::Near { session, .. }
        | What::Owing { session, .. }
        | What::Event { session, .. }
        | What::Moved { session, .. } => {
            vec![session.root.clone()]
        }
        What::Noted { session, outcome } => vec![session.root.clone(), outcome.value.source.clone()],
        What::Open(promises) => promises.iter().map(|promise| promise.notes.clone()).collect(),
    };
    occasions.iter().flat_map(|occasion| of(&occasion.what)).collect()
}

/// The mails that moved sessions.
fn movers(occasions: &[&Occasion]) -> Vec<MessageId> {
    let of = |occasion: &&Occasion| match &occasion.what {
        What::Moved { moved, .. } => moved.by.iter().map(|mail| (*mail).clone()).collect(),
        _ => Vec::new(),
    };
    occasions.iter().flat_map(of).collect()
}

/// All that one person is to be told, in one transaction.
async fn tell(
    store: &Store,
    config: &Config,
    desk: &Desk<'_>,
    occasions: &[&Occasion<'_>],
    movers: &HashMap<MessageId, Address>,
) -> Result<Vec<String>, StoreError> {
    let Some(to) = occasions.first().and_then(|occasion| address(occasion)) else { return Ok(Vec::new()) };
    let now = desk.now;
    let mut told = Vec::new();
    let mut work = store.begin().await?;
    let (late, news): (Vec<&Occasion>, Vec<&Occasion>) = occasions.iter().partition(|one| one.until <= now);
    let own = |one: &&Occasion| is_own(one, to, movers, config);
    let (own, news): (Vec<&Occasion>, Vec<&Occasion>) = news.into_iter().partition(own);
    for (skipped, why) in [(late, "skipped: its time has passed"), (own, "nothing to say: it was their own doing")] {
        for occasion in skipped {
            work.run_tick(&tick(occasion, desk.summit, why), now).await?;
        }
    }
    let robot = Author { address: Some(to.clone()), ..Author::default() };
    for Written { letter, occasions } in personal::letters(&news, desk) {
        let outcome = match closed(&mut work, to, config, now).await? {
            _ if is_robot(&to.key(), &robot) => "skipped: nobody reads what is sent there",
            _ if letter.is_none() => "nothing to say",
            // Not recorded, so that it comes up again.
            Some(Closed::ForToday) => continue,
            Some(closed) => closed.named(),
            None => "sent",
        };
        let mut fresh = false;
        for occasion in occasions {
            fresh |= work.run_tick(&tick(occasion, desk.summit, outcome), now).await?;
            if outcome == "sent" {
                told.push(occasion.key.clone());
            }
        }
        if fresh && outcome == "sent" {
            let rationed = ration(&mut work, letter.into_iter().collect(), config, now).await?;
            work.owe(&rationed, now).await?;
        }
    }
    work.commit().await?;
    Ok(told)
}

/// Whether it was this very person who moved the session: they have had their answer.
fn is_own(occasion: &Occasion, to: &Address, movers: &HashMap<MessageId, Address>, config: &Config) -> bool {
    let What::Moved { moved, .. } = &occasion.what else { return false };
    let people = &config.policy.people;
    let theirs = |mail: &&MessageId| movers.get(*mail).is_some_and(|author| people.first(author) == people.first(to));
    moved.by.iter().all(theirs)
}

fn tick<'t>(occasion: &'t Occasion, summit: &'t Summit, outcome: &'t str) -> TickRun<'t> {
    TickRun {
        key: &occasion.key,
        kind: occasion.what.name(),
        summit: &summit.slug,
        due: occasion.due,
        before: Told::default(),
        told: Told::default(),
        outcome,
    }
}
