//! What an attempt's end means for a letter, and when it is tried again.

use crate::clock::Timestamp;
use crate::store::{ClaimedLetter, ECHO_WAIT};
use crate::transport::Sending;
use jiff::SignedDuration;

/// Minutes until the next attempt; the last one repeats (RFC 5321 §4.5.4.1).
const RETRY_MINUTES: [i64; 5] = [1, 5, 15, 30, 60];
/// After so long a letter that is always deferred is given up (RFC 5321 §4.5.4.1).
const GIVE_UP: SignedDuration = SignedDuration::from_hours(5 * 24);
/// A letter that was perhaps sent so many times waits for a human.
pub const MOST_PERHAPS: i64 = 3;

/// What an attempt's end means for the letter.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    Sent,
    Later {
        until: Timestamp,
        why: String,
    },
    /// Perhaps sent: it waits for its echo.
    Unknown {
        until: Timestamp,
        why: String,
    },
    Failed(String),
    /// Perhaps sent, too often.
    Held(String),
    /// It waits as it did before.
    NotTried(String),
}

impl Fate {
    /// For the log.
    pub fn name(&self) -> &'static str {
        match self {
            Fate::Sent => "sent",
            Fate::Later { .. } => "deferred",
            Fate::Unknown { .. } => "unknown",
            Fate::Failed(_) => "failed",
            Fate::Held(_) => "held",
            Fate::NotTried(_) => "not tried",
        }
    }
}

pub fn fate(sending: Sending, letter: &ClaimedLetter, now: Timestamp) -> Fate {
    match sending {
        Sending::Sent(_) => Fate::Sent,
        Sending::Rejected(why) => Fate::Failed(why),
        Sending::Deferred(why) if now.duration_since(letter.since) >= GIVE_UP => Fate::Failed(why),
        Sending::Deferred(why) => Fate::Later { until: next_try(letter, now), why },
        Sending::Unknown(why) if letter.doubts + 1 >= MOST_PERHAPS => Fate::Held(why),
        Sending::Unknown(why) => Fate::Unknown { until: now.checked_add(ECHO_WAIT).unwrap_or(now), why },
        Sending::Unavailable(why) => Fate::NotTried(why),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::MessageId;

    fn letter(attempt: i64) -> ClaimedLetter {
        ClaimedLetter {
            id: 7,
            attempt,
            doubts: 0,
            since: Timestamp::UNIX_EPOCH,
            message_id: MessageId::ours("a", "example.org"),
            envelope_from: None,
            recipients: Vec::new(),
            bytes: Vec::new(),
        }
    }

    #[test]
    fn deferred_letters_come_back_later_and_later_and_are_given_up() {
        let now = Timestamp::UNIX_EPOCH;
        let deferred = || Sending::Deferred("450 busy".into());
        let wait = |attempt| match fate(deferred(), &letter(attempt), now) {
            Fate::Later { until, .. } => until.as_second(),
            other => panic!("{other:?}"),
        };
        for (attempt, minutes) in [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 60), (99, 60)] {
            assert!((minutes * 48..=minutes * 72).contains(&wait(attempt)), "{attempt}: {} s", wait(attempt));
        }
        let late = now.checked_add(GIVE_UP).expect("five days");
        assert_eq!(fate(deferred(), &letter(9), late), Fate::Failed("450 busy".into()));
    }

    #[test]
    fn a_letter_perhaps_sent_three_times_waits_for_a_human() {
        let unknown = || Sending::Unknown("connection lost after the final dot".into());
        let doubtful = |doubts| ClaimedLetter { doubts, ..letter(9) };
        let now = Timestamp::UNIX_EPOCH;
        assert!(matches!(fate(unknown(), &doubtful(1), now), Fate::Unknown { until, .. } if until > now));
        assert!(matches!(fate(unknown(), &doubtful(2), now), Fate::Held(_)));
    }

    #[test]
    fn a_server_that_hears_of_no_mail_says_nothing_against_this_one_however_long() {
        let late = Timestamp::UNIX_EPOCH.checked_add(GIVE_UP * 2).expect("ten days");
        let down = Sending::Unavailable("mail.example.org:465 cannot be reached".into());
        assert!(matches!(fate(down, &letter(900), late), Fate::NotTried(_)));
    }
}
