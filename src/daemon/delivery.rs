//! Mail out: each letter that is due is claimed, handed to the transport, and its fate written down.
//!
//! No transaction is open while the network is talked to. Whatever happens in between, the letter's row tells where it
//! was: see the table in `ARCHITECTURE.md`.

use super::rates::BREAKER;
use super::run::Stop;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::letters::{self, Seal};
use crate::store::{ClaimedLetter, LetterStatus, Store, StoreError, TickRun};
use crate::transport::{Sending, Transport};
use jiff::SignedDuration;
use std::time::Duration;

/// Longer than the longest wait for a server's answer, so that nobody else takes a letter that is still being sent.
const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// Minutes until the next attempt; the last one repeats.
const RETRY_MINUTES: [i64; 7] = [1, 5, 15, 60, 240, 1000, 4000];
/// After so long a letter that is always deferred is given up.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long a letter that was perhaps sent waits for its echo.
const ECHO_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// A letter that was perhaps sent so many times waits for a human.
const MOST_PERHAPS: i64 = 3;
/// What a letter that is being sent still gets when the program is asked to stop.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What one delivery pass did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    pub sent: u32,
    pub later: u32,
    pub failed: u32,
    /// The breaker opened: so many letters were held.
    pub held: u64,
}

/// Sends what is due, one letter after the other, until `stop`.
pub async fn pass(
    store: &Store,
    config: &Config,
    transport: &mut Transport,
    worker: &str,
    clock: Clock,
    stop: &Stop,
) -> Result<Delivered, StoreError> {
    let mut delivered = Delivered::default();
    while !stop.is_set() {
        let now = clock.now();
        let hour_ago = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
        if store.sent_since(hour_ago).await? >= BREAKER {
            let held = store.hold_all_pending("the breaker opened: too much mail in one hour").await?;
            if held > 0 {
                delivered.held += held;
                tell_organisers(store, config, transport, hour_ago, now).await?;
            }
            break;
        }
        let Some(letter) = store.claim_letter(worker, now, LEASE).await? else { break };
        send(store, transport, &letter, now, stop, &mut delivered).await?;
    }
    transport.close().await;
    Ok(delivered)
}

async fn send(
    store: &Store,
    transport: &mut Transport,
    letter: &ClaimedLetter,
    now: Timestamp,
    stop: &Stop,
    delivered: &mut Delivered,
) -> Result<(), StoreError> {
    let Some(to) = letter.recipients.first() else {
        store.letter_done(letter, LetterStatus::Failed, None, Some("it has no recipient"), now).await?;
        return Ok(());
    };
    if letter.doubts >= MOST_PERHAPS {
        let why = "it was perhaps sent three times; look for it on the list before you release it";
        store.letter_done(letter, LetterStatus::Held, None, Some(why), now).await?;
        delivered.failed += 1;
        return Ok(());
    }
    let sending = tokio::select! {
        sending = transport.send(letter.envelope_from.as_ref(), to, &letter.bytes) => sending,
        () = stop.wait_and(LAST_WORDS) => transport.cut(),
    };
    let (status, due, error) = fate(&sending, letter, now);
    match status {
        LetterStatus::Sent => delivered.sent += 1,
        LetterStatus::Failed | LetterStatus::Held => delivered.failed += 1,
        _ => delivered.later += 1,
    }
    tracing::info!(letter = letter.id, status = %crate::mail::end::name(status), "delivery");
    store.letter_done(letter, status, due, error, now).await?;
    Ok(())
}

/// What an attempt's end means for the letter.
fn fate<'s>(
    sending: &'s Sending,
    letter: &ClaimedLetter,
    now: Timestamp,
) -> (LetterStatus, Option<Timestamp>, Option<&'s str>) {
    match sending {
        Sending::Sent(_) => (LetterStatus::Sent, None, None),
        Sending::Rejected(why) => (LetterStatus::Failed, None, Some(why)),
        Sending::Deferred(why) if now.duration_since(letter.created) >= GIVE_UP => {
            (LetterStatus::Failed, None, Some(why))
        }
        Sending::Deferred(why) => (LetterStatus::Pending, Some(next_try(letter, now)), Some(why)),
        Sending::Unknown(why) if letter.doubts + 1 >= MOST_PERHAPS => (LetterStatus::Held, None, Some(why)),
        Sending::Unknown(why) => (LetterStatus::Unknown, now.checked_add(ECHO_WAIT).ok(), Some(why)),
    }
}

/// The next time, a fifth earlier or later so that letters deferred together don't come back together. The shift
/// follows from the letter, not from chance: the same history gives the same times.
fn next_try(letter: &ClaimedLetter, now: Timestamp) -> Timestamp {
    let step = usize::try_from(letter.attempt - 1).unwrap_or(0).min(RETRY_MINUTES.len() - 1);
    let seconds = RETRY_MINUTES[step] * 60;
    let shift = (letter.id * 31 + letter.attempt * 17).rem_euclid(41) - 20;
    now.checked_add(SignedDuration::from_secs(seconds + seconds * shift / 100)).unwrap_or(now)
}

/// One mail to the organisers when the breaker opens, not one for each letter that it holds afterwards. It goes past
/// the outbox's queue, which is what is held; the tick remembers it.
async fn tell_organisers(
    store: &Store,
    config: &Config,
    transport: &mut Transport,
    hour_ago: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    if store.last_tick("breaker", "").await?.is_some_and(|last| last.due > hour_ago) {
        return Ok(());
    }
    let seal = Seal { policy: &config.policy, secret: store.secret() };
    for letter in letters::breaker(&config.policy, &seal, BREAKER, now) {
        if let Some(to) = letter.recipients.first()
            && let Sending::Deferred(why) | Sending::Rejected(why) | Sending::Unknown(why) =
                transport.send(letter.envelope_from.as_ref(), to, &letter.bytes).await
        {
            tracing::error!("the breaker opened, and the organisers could not be told: {why}");
        }
    }
    let key = format!("breaker:{now}");
    let told =
        TickRun { key: &key, kind: "breaker", summit: "", due: now, position: 0, outcome: "told the organisers" };
    store.run_tick(&told, &[], now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::MessageId;

    fn letter(attempt: i64) -> ClaimedLetter {
        ClaimedLetter {
            id: 7,
            attempt,
            doubts: 0,
            created: Timestamp::UNIX_EPOCH,
            message_id: MessageId::ours("a", "example.org"),
            envelope_from: None,
            recipients: Vec::new(),
            bytes: Vec::new(),
        }
    }

    #[test]
    fn deferred_letters_come_back_later_and_later_and_are_given_up() {
        let now = Timestamp::UNIX_EPOCH;
        let deferred = Sending::Deferred("450 busy".into());
        let waits: Vec<i64> = (1..=8)
            .map(|attempt| fate(&deferred, &letter(attempt), now).1.map_or(0, |due| due.as_second() / 60))
            .collect();
        assert!(waits.is_sorted() && waits[0] <= 2 && waits[7] >= 3200, "{waits:?}");
        let late = now.checked_add(GIVE_UP).expect("five days");
        assert_eq!(fate(&deferred, &letter(9), late).0, LetterStatus::Failed);
    }

    #[test]
    fn a_letter_perhaps_sent_three_times_waits_for_a_human() {
        let unknown = Sending::Unknown("connection lost after the final dot".into());
        let doubtful = |doubts| ClaimedLetter { doubts, ..letter(9) };
        assert_eq!(fate(&unknown, &doubtful(1), Timestamp::UNIX_EPOCH).0, LetterStatus::Unknown);
        assert_eq!(fate(&unknown, &doubtful(2), Timestamp::UNIX_EPOCH).0, LetterStatus::Held);
    }
}
