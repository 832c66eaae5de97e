//! How much may go out. Each letter is recorded; what is too much waits, is held, or is given up, never lost from view.

use crate::clock::Timestamp;
use crate::config::Config;
use crate::letters::{LetterKind, Outgoing};
use crate::mail::Address;
use crate::store::{LetterStatus, Recent, StoreError, Work};
use jiff::SignedDuration;

/// Private answers to one person within a day; the rest is given up.
const PERSON_A_DAY: u32 = 5;
/// Posts to lists within a day; the rest is held.
const LIST_A_DAY: u32 = 10;
/// So long nothing is sent to a person whose mail came back.
const BOUNCED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Letters within an hour before the breaker holds everything.
pub const BREAKER: u32 = 20;

/// A letter with its status and the time before which it is not tried.
pub type Rationed = (Outgoing, LetterStatus, Timestamp);

/// One answer a person and hour: the next ones wait for theirs.
pub async fn ration(
    work: &mut Work,
    letters: Vec<Outgoing>,
    config: &Config,
    now: Timestamp,
) -> Result<Vec<Rationed>, StoreError> {
    let month_ago = now.checked_sub(BOUNCED).unwrap_or(now);
    let mut out: Vec<Rationed> = Vec::with_capacity(letters.len());
    for letter in letters {
        let Some(to) = letter.recipients.first() else { continue };
        let bounced = !letter.to_list && work.came_back(to, month_ago).await?;
        let recent = recent(work, to, config, now).await?;
        let waits = i64::from(if letter.to_list { 0 } else { recent.to_person_last_hour });
        let due = now.checked_add(SignedDuration::from_hours(waits)).unwrap_or(now);
        let status = match letter.to_list {
            _ if config.hold => LetterStatus::Held,
            true if recent.to_list_last_day >= LIST_A_DAY => LetterStatus::Held,
            false if recent.to_person_last_day >= PERSON_A_DAY || bounced => LetterStatus::Dropped,
            // A ticket system that answers our letters under a proposal's subject would go on for ever.
            false if letter.kind == LetterKind::Misdirected && recent.to_person_last_day > 0 => LetterStatus::Dropped,
            _ => LetterStatus::Pending,
        };
        out.push((letter, status, due));
    }
    Ok(out)
}

/// Whether the next letter to a person is the last one of their day. It says so, for those that would follow.
pub async fn next_is_last(work: &mut Work, to: &Address, config: &Config, now: Timestamp) -> Result<bool, StoreError> {
    Ok(recent(work, to, config, now).await?.to_person_last_day + 1 == PERSON_A_DAY)
}

/// What went out lately. A person is all the addresses that the operator knows.
async fn recent(work: &mut Work, to: &Address, config: &Config, now: Timestamp) -> Result<Recent, StoreError> {
    let mut recent = Recent::default();
    for address in config.policy.people.addresses(to) {
        let one = work.recent(&address, now).await?;
        recent.to_person_last_hour += one.to_person_last_hour;
        recent.to_person_last_day += one.to_person_last_day;
        recent.to_list_last_day = one.to_list_last_day;
    }
    Ok(recent)
}
