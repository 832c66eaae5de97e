//! Mail out: each letter that is due is claimed, handed to the transport, and its fate written down.
//!
//! No transaction is open while the network is talked to. Whatever happens in between, the letter's row tells where it
//! was: see the table in `ARCHITECTURE.md`.

mod fate;

use super::rates::{BREAKER, Rationed, ration};
use super::run::Stop;
use super::undelivered;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::letters::digest::Told;
use crate::letters::{Seal, notice};
use crate::store::{ClaimedLetter, LetterStatus, Store, StoreError, TickRun};
use crate::transport::Transport;
use fate::{Fate, MOST_PERHAPS, fate};
use jiff::SignedDuration;
use std::time::Duration;

/// Longer than one sending can take (`Patience`), so that nobody else takes a letter that is still being sent.
const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// What a place defers keeps other letters to it waiting, so long at the most: the trouble may be one mailbox's.
const PUT_OFF: SignedDuration = SignedDuration::from_mins(15);
/// A pass takes no new letter in hand after so long: a slow server must not make it endless.
const PASS: Duration = Duration::from_secs(300);
/// What a letter that is being sent still gets when the program is asked to stop.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// What became of a letter is written down again and again, so many times, while the database is locked or full.
const NOTED: u32 = 60;

/// What one delivery pass did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    pub sent: u32,
    pub later: u32,
    pub failed: u32,
    /// The breaker opened: so many letters were held.
    pub held: u64,
}

/// Sends what is due, one letter after the other, until `stop`, and as long as the transport works. The connection is
/// kept for the next pass: whoever ends the last one calls [`Transport::close`].
pub async fn pass(
    store: &Store,
    config: &Config,
    transport: &mut Transport,
    worker: &str,
    clock: Clock,
    stop: &Stop,
) -> Result<Delivered, StoreError> {
    let mut delivered = Delivered::default();
    let began = tokio::time::Instant::now();
    while transport.resting().is_none() && !stop.is_set() && began.elapsed() < PASS {
        let now = clock.now();
        let hour_ago = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
        let letter = match store.sent_since(hour_ago).await? >= BREAKER {
            false => store.claim_letter(worker, now, LEASE).await?,
            true => {
                delivered.held += hold_all(store, config, hour_ago, now).await?;
                store.claim_breaker_letter(worker, now, LEASE).await?
            }
        };
        let Some(letter) = letter else { break };
        let fate = send(transport, &letter, now, stop).await;
        tracing::info!(letter = letter.id, fate = fate.name(), "delivery");
        note_surely(store, config, &letter, &fate, now).await?;
        match fate {
            Fate::Sent => delivered.sent += 1,
            Fate::Failed(_) | Fate::Held(_) => delivered.failed += 1,
            Fate::Later { .. } | Fate::Unknown { .. } => delivered.later += 1,
            Fate::NotTried(_) => break,
        }
    }
    transport.close_if_idle().await;
    Ok(delivered)
}

async fn send(transport: &mut Transport, letter: &ClaimedLetter, now: Timestamp, stop: &Stop) -> Fate {
    let Some(to) = letter.recipients.first() else { return Fate::Failed("it has no recipient".into()) };
    if letter.doubts >= MOST_PERHAPS {
        return Fate::Held("the program stopped while it was being sent".into());
    }
    let sending = tokio::select! {
        sending = transport.send(letter.envelope_from.as_ref(), to, &letter.bytes) => sending,
        () = stop.wait_and(LAST_WORDS) => transport.cut(),
    };
    fate(sending, letter, now)
}

/// [`note`], and again while the database is locked or full: the letter is out, and nobody else knows.
async fn note_surely(
    store: &Store,
    config: &Config,
    letter: &ClaimedLetter,
    fate: &Fate,
    now: Timestamp,
) -> Result<(), StoreError> {
    for _ in 0..NOTED {
        match note(store, config, letter, fate, now).await {
            Err(error) if error.passes() => tracing::warn!(letter = letter.id, "what became of it waits: {error}"),
            noted => return noted,
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    note(store, config, letter, fate, now).await
}

async fn note(
    store: &Store,
    config: &Config,
    letter: &ClaimedLetter,
    fate: &Fate,
    now: Timestamp,
) -> Result<(), StoreError> {
    match fate {
        Fate::Sent => {
            store.letter_done(letter, LetterStatus::Sent, None, None, now).await?;
        }
        Fate::Later { until, why } => {
            store.letter_done(letter, LetterStatus::Pending, Some(*until), Some(why), now).await?;
            put_off_the_others(store, letter, *until, now).await?;
        }
        Fate::Unknown { until, why } => {
            store.letter_done(letter, LetterStatus::Unknown, Some(*until), Some(why), now).await?;
        }
        Fate::Failed(why) => end_badly(store, config, letter, LetterStatus::Failed, why, now).await?,
        Fate::Held(why) => end_badly(store, config, letter, LetterStatus::Held, why, now).await?,
        Fate::NotTried(why) => {
            tracing::warn!(letter = letter.id, "nothing can be sent: {why}");
            // One that was perhaps sent before still is.
            let status = if letter.doubts > 0 { LetterStatus::Unknown } else { LetterStatus::Pending };
            store.letter_not_tried(letter, status, why).await?;
        }
    }
    Ok(())
}

/// A place that defers, perhaps after minutes, must not take the time of letters to other places: those to the same one
/// wait, too.
async fn put_off_the_others(
    store: &Store,
    letter: &ClaimedLetter,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let until = until.min(now.checked_add(PUT_OFF).unwrap_or(until));
    if let Some(to) = letter.recipients.first() {
        store.put_off(&to.domain_key(), until).await?;
    }
    Ok(())
}

/// Writes down a letter's end and, in the same transaction, the letters that tell of it.
async fn end_badly(
    store: &Store,
    config: &Config,
    letter: &ClaimedLetter,
    status: LetterStatus,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = store.letter(letter.id).await?.map(|(row, _)| row);
    let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
    let held = status == LetterStatus::Held;
    let notices = row.map_or_else(Vec::new, |row| undelivered::notices(&row, held, why, &seal, now));
    let mut work = store.begin().await?;
    if work.letter_done(letter, status, Some(why), now).await? {
        let notices = ration(&mut work, notices, config, now).await?;
        work.owe(&notices, now).await?;
    }
    work.commit().await
}

/// Holds what waits, and has the organisers told: one letter each when the breaker opens, not one for each letter that it
/// holds afterwards.
async fn hold_all(store: &Store, config: &Config, hour_ago: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
    let held = store.hold_all_pending("the breaker opened: too much mail in one hour").await?;
    if held == 0 || store.last_tick("breaker", "").await?.is_some_and(|last| last.due > hour_ago) {
        return Ok(held);
    }
    let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
    let letters = notice::breaker(&config.policy, &seal, BREAKER, now);
    let letters: Vec<Rationed> = letters.into_iter().map(|letter| (letter, LetterStatus::Pending, now)).collect();
    let key = format!("breaker:{now}");
    let told = TickRun {
        key: &key,
        kind: "breaker",
        summit: "",
        due: now,
        before: Told::default(),
        told: Told::default(),
        outcome: "told the organisers",
    };
    store.run_tick(&told, &letters, now).await?;
    Ok(held)
}
