//! How much may go out. Each letter is recorded; what is too much waits, is held, or is given up, never lost from view.

use crate::clock::Timestamp;
use crate::config::Config;
use crate::letters::reach::{self, Reach, reach};
use crate::letters::{LetterKind, Outgoing};
use crate::mail::Address;
use crate::store::{LetterStatus, Recent, Store, StoreError, Work};
use jiff::SignedDuration;

/// Private answers to one person within a day; the rest is given up, and questions are held.
const PERSON_A_DAY: u32 = 5;
/// Posts to lists within a day; the rest is held.
pub const LIST_A_DAY: u32 = 10;
/// So long nothing is sent to a person whose mail came back.
const BOUNCED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Letters within an hour before the breaker holds everything.
pub const BREAKER: u32 = 20;

/// Why a question is held, in words that follow a "but".
pub const WHY_HELD: &str =
    "five letters went to that person within a day, or one of the last month came back, and then no more is sent";

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
        // What the clock says was weighed before: see `closed`.
        let bounced = !letter.to_list && !letter.kind.is_clocks() && work.came_back(to, month_ago).await?;
        let recent = recent(work, to, config, now).await?;
        // A question does not wait: the time for its answer runs. Nor does what the clock says: it has its own.
        let at_once = letter.to_list || letter.kind == LetterKind::Confirm || letter.kind.is_clocks();
        let waits = i64::from(if at_once { 0 } else { recent.to_person_last_hour });
        let due = now.checked_add(SignedDuration::from_hours(waits)).unwrap_or(now);
        let gives_up = recent.to_person_last_day >= PERSON_A_DAY || bounced;
        let status = match letter.to_list {
            _ if config.hold => LetterStatus::Held,
            true if config.approve || recent.to_list_last_day >= LIST_A_DAY => LetterStatus::Held,
            // Given up, it would take somebody's command with it: the operator decides.
            false if gives_up && letter.kind == LetterKind::Confirm => LetterStatus::Held,
            false if gives_up => LetterStatus::Dropped,
            // A ticket system that answers our letters under a proposal's subject would go on for ever.
            false if letter.kind == LetterKind::Misdirected && recent.to_person_last_day > 0 => LetterStatus::Dropped,
            _ => LetterStatus::Pending,
        };
        out.push((letter, status, due));
    }
    Ok(out)
}

/// Gives up the letters to those who want no private mail. Three kinds of it they get all the same: the answer to what they
/// have `spoken` to the program itself, questions whether a command is theirs, and what an organiser must know.
pub async fn spare(work: &mut Work, letters: &mut [Rationed], spoken: bool, config: &Config) -> Result<(), StoreError> {
    for (letter, status, _) in letters {
        let wanted = match letter.kind {
            LetterKind::Answer | LetterKind::WhichSession => spoken,
            LetterKind::Courtesy => false,
            _ => true,
        };
        let to = letter.recipients.first().filter(|_| !wanted);
        if let Some(to) = to
            && work.is_muted(&config.policy.people.addresses(to)).await?
        {
            *status = LetterStatus::Dropped;
        }
    }
    Ok(())
}

/// Why a person is not written to by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// They never wrote to us or to a list.
    Stranger,
    /// They want no private mail.
    Muted,
    /// What was sent to them came back again and again.
    Suspended,
    /// Something came back: a letter will try whether they are there, but not yet.
    Doubtful,
    /// They have had as much as a person gets a day.
    ForToday,
}

impl Closed {
    pub fn named(self) -> &'static str {
        match self {
            Closed::Stranger => "skipped: this address never wrote to us",
            Closed::Muted => "skipped: no private mail is wanted",
            Closed::Suspended => "skipped: suspended, because mail to this address came back",
            Closed::Doubtful => "skipped: mail to this address came back lately",
            Closed::ForToday => "put off: no more letters today",
        }
    }
}

/// Whether something may be said to a person that they have not just asked for.
pub async fn closed(
    work: &mut Work,
    to: &Address,
    config: &Config,
    now: Timestamp,
) -> Result<Option<Closed>, StoreError> {
    let addresses = config.policy.people.addresses(to);
    let Some(heard) = work.heard(&addresses).await? else { return Ok(Some(Closed::Stranger)) };
    if work.is_muted(&addresses).await? {
        return Ok(Some(Closed::Muted));
    }
    match reach_of(work, &addresses, Some(heard), now).await? {
        Reach::Suspended => return Ok(Some(Closed::Suspended)),
        Reach::Probe(from) if from > now => return Ok(Some(Closed::Doubtful)),
        Reach::Probe(_) | Reach::Well => {}
    }
    let day = recent(work, to, config, now).await?.to_person_last_day;
    Ok((day >= PERSON_A_DAY).then_some(Closed::ForToday))
}

/// How well a person is reached, at any of their addresses.
pub async fn reach_of(
    work: &mut Work,
    addresses: &[Address],
    heard: Option<Timestamp>,
    now: Timestamp,
) -> Result<Reach, StoreError> {
    // A letter may have been on its way for days before it came back.
    let since = now.checked_sub(reach::MEMORY * 2).unwrap_or(now);
    Ok(reach(&work.returns(addresses, since).await?, heard, now))
}

/// Who gets nothing from the clock any more, because too much came back.
pub async fn suspended(store: &Store, config: &Config, now: Timestamp) -> Result<Vec<Address>, StoreError> {
    let mut suspended = Vec::new();
    let mut work = store.begin().await?;
    for person in store.returned_people(now.checked_sub(reach::MEMORY * 2).unwrap_or(now)).await? {
        let addresses = config.policy.people.addresses(&person);
        let heard = work.heard(&addresses).await?;
        if reach_of(&mut work, &addresses, heard, now).await? == Reach::Suspended {
            suspended.push(person);
        }
    }
    work.rollback().await?;
    Ok(suspended)
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
