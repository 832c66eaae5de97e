//! What we owe. A letter's way:
//!
//! ```text
//! pending → sending → sent → confirmed
//!    ↑         ├────→ unknown   (perhaps sent: waits for its echo, then is sent again, byte for byte)
//!    └─────────┤      failed
//! held ⇄ pending      dropped
//! ```
//!
//! The list's echo confirms from any state. Who holds a letter proves it by the number of the attempt.

use super::row::{Asked, Columns, address_text, ask, ask_many, id_text, json, lease_end};
use super::{ClaimedLetter, LetterRow, LetterStatus, Store, StoreError, Work, sql};
use crate::clock::{Timestamp, from_micros};
use crate::letters::Outgoing;
use crate::mail::end::name;
use crate::mail::{Address, MessageId};
use jiff::SignedDuration;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

/// How long a letter that was perhaps sent waits for its echo before it is sent again.
pub const ECHO_WAIT: SignedDuration = SignedDuration::from_mins(15);

impl Store {
    /// Takes the next letter in hand that is due. A letter whose lease ended while it was being sent was perhaps sent:
    /// it becomes `Unknown` and comes back only after [`ECHO_WAIT`].
    pub async fn claim_letter(
        &self,
        worker: &str,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<ClaimedLetter>, StoreError> {
        self.claim(sql::CLAIM_LETTER, worker, now, lease).await
    }

    /// The same, of the letters that tell of an open breaker.
    pub async fn claim_breaker_letter(
        &self,
        worker: &str,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<ClaimedLetter>, StoreError> {
        self.claim(sql::CLAIM_BREAKER, worker, now, lease).await
    }

    async fn claim(
        &self,
        claim: &'static str,
        worker: &str,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<ClaimedLetter>, StoreError> {
        let now_micros = now.as_microsecond();
        let mut work = self.begin().await?;
        let lost = ask(sql::LEASE_LOST).bind(now_micros).bind(lease_end(now, ECHO_WAIT));
        lost.execute(&mut *work.turn).await?;
        let claim = ask(claim).bind(worker.to_owned()).bind(lease_end(now, lease)).bind(now_micros);
        let row = claim.fetch_optional(&mut *work.turn).await?;
        work.commit().await?;
        row.as_ref().map(claimed).transpose()
    }

    /// When the delivery has something to do next: a letter is due, or a lease on one has ended.
    pub async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = ask(sql::NEXT_LETTER).fetch_one(&self.reader).await?;
        Ok(Columns::of(&row).int_or_null()?.map(from_micros))
    }

    /// Says what became of a letter in hand. `due` is the next try's time, for `Pending` and `Unknown`. `false` when
    /// the letter is not ours any more: another attempt began, or its echo came.
    pub async fn letter_done(
        &self,
        letter: &ClaimedLetter,
        status: LetterStatus,
        due: Option<Timestamp>,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = done(letter, status, due, error, now);
        Ok(done.execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Gives a letter in hand back, as due as it was: it could not even be tried.
    pub async fn letter_not_tried(
        &self,
        letter: &ClaimedLetter,
        status: LetterStatus,
        error: &str,
    ) -> Result<bool, StoreError> {
        let back = ask(sql::LETTER_NOT_TRIED).bind(letter.id).bind(letter.attempt).bind(name(status));
        Ok(back.bind(error.to_owned()).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// The letters to a domain that are due before then wait until then. A letter in hand stays as it is.
    pub async fn put_off(&self, domain: &str, until: Timestamp) -> Result<u64, StoreError> {
        let put_off = ask(sql::PUT_OFF).bind(domain.to_owned()).bind(until.as_microsecond());
        Ok(put_off.execute(&self.writer).await?.rows_affected())
    }

    /// How many letters went out, or perhaps did, since then.
    pub async fn sent_since(&self, since: Timestamp) -> Result<u32, StoreError> {
        let row = ask(sql::SENT_SINCE).bind(since.as_microsecond()).fetch_one(&self.reader).await?;
        Ok(Columns::of(&row).count()?.try_into().unwrap_or(u32::MAX))
    }

    /// All letters, or those that stand so, oldest first.
    pub async fn letters(&self, status: Option<LetterStatus>) -> Result<Vec<LetterRow>, StoreError> {
        let question = match status {
            None => ask(sql::LETTERS),
            Some(status) => ask(sql::LETTERS_AT).bind(name(status)),
        };
        question.fetch_all(&self.reader).await?.iter().map(|row| letter(&mut Columns::of(row))).collect()
    }

    /// One letter with its bytes.
    pub async fn letter(&self, id: i64) -> Result<Option<(LetterRow, Vec<u8>)>, StoreError> {
        let Some(row) = ask(sql::LETTER).bind(id).fetch_optional(&self.reader).await? else { return Ok(None) };
        with_bytes(&row).map(Some)
    }

    /// Keeps a letter for review. `false` when it is gone, in somebody's hands, or held already.
    pub async fn hold(&self, id: i64, reason: &str) -> Result<bool, StoreError> {
        Ok(ask(sql::HOLD).bind(id).bind(reason.to_owned()).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Keeps every letter that waits, but those that tell of it. Returns how many.
    pub async fn hold_all_pending(&self, reason: &str) -> Result<u64, StoreError> {
        Ok(ask(sql::HOLD_PENDING).bind(reason.to_owned()).execute(&self.writer).await?.rows_affected())
    }

    /// Has a held or failed letter sent now. `false` when it is neither, nor `Unknown`.
    pub async fn release(&self, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        Ok(ask(sql::RELEASE).bind(id).bind(now.as_microsecond()).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Gives a letter up for good. `false` when it was sent, is being sent, or is dropped already.
    pub async fn drop_letter(&self, id: i64) -> Result<bool, StoreError> {
        Ok(ask(sql::DROP).bind(id).execute(&self.writer).await?.rows_affected() > 0)
    }
}

impl Work {
    /// [`Store::letter_done`], together with the letters that tell of it.
    pub async fn letter_done(
        &mut self,
        letter: &ClaimedLetter,
        status: LetterStatus,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = done(letter, status, None, error, now);
        Ok(done.execute(&mut *self.turn).await?.rows_affected() > 0)
    }

    /// The letter with this Message-ID, and its bytes.
    pub async fn letter_called(&mut self, id: &MessageId) -> Result<Option<(LetterRow, Vec<u8>)>, StoreError> {
        let row = ask(sql::LETTER_CALLED).bind(id_text(id)).fetch_optional(&mut *self.turn).await?;
        row.as_ref().map(with_bytes).transpose()
    }

    /// [`Store::release`] in this turn.
    pub async fn release(&mut self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        ask(sql::RELEASE).bind(id).bind(now.as_microsecond()).execute(&mut *self.turn).await?;
        Ok(())
    }

    /// [`Store::drop_letter`] in this turn.
    pub async fn drop_letter(&mut self, id: i64) -> Result<(), StoreError> {
        ask(sql::DROP).bind(id).execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Gives a held letter other bytes. `false` when it is not held, or was tried before: somebody may have it.
    pub async fn rewrite(&mut self, id: &MessageId, bytes: &[u8]) -> Result<bool, StoreError> {
        let rewrite = ask(sql::REWRITE).bind(id_text(id)).bind(bytes.to_owned());
        Ok(rewrite.execute(&mut *self.turn).await?.rows_affected() > 0)
    }

    /// Adds letters to what we owe.
    pub async fn owe(
        &mut self,
        letters: &[(Outgoing, LetterStatus, Timestamp)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        add_letters(&mut self.turn, letters, now).await
    }
}

fn done(
    letter: &ClaimedLetter,
    status: LetterStatus,
    due: Option<Timestamp>,
    error: Option<&str>,
    now: Timestamp,
) -> Asked {
    let perhaps_sent = matches!(status, LetterStatus::Sent | LetterStatus::Unknown | LetterStatus::Confirmed);
    ask(sql::LETTER_DONE)
        .bind(letter.id)
        .bind(letter.attempt)
        .bind(name(status))
        .bind(due.map(|due| due.as_microsecond()))
        .bind(error.map(str::to_owned))
        .bind(perhaps_sent.then(|| now.as_microsecond()))
}

/// Adds letters to what we owe, with how each stands and when it is due. One that is there already (the same cause
/// made the same Message-ID) stays as it is.
pub async fn add_letters(
    connection: &mut AnyConnection,
    letters: &[(Outgoing, LetterStatus, Timestamp)],
    now: Timestamp,
) -> Result<(), StoreError> {
    for letters in sql::ADD_LETTERS.pieces(letters) {
        let mut insert = ask_many(sql::ADD_LETTERS, letters.len());
        for (letter, status, due) in letters {
            insert = insert
                .bind(name(letter.kind))
                .bind(id_text(&letter.message_id))
                .bind(letter.cause.clone())
                .bind(letter.summit.clone())
                .bind(address_text(letter.envelope_from.as_ref()))
                .bind(json(&letter.recipients))
                .bind(i64::from(letter.to_list))
                .bind(person(letter))
                .bind(letter.recipients.first().map(Address::domain_key).unwrap_or_default())
                .bind(letter.subject.clone())
                .bind(name(*status))
                .bind(now.as_microsecond())
                .bind(due.as_microsecond())
                .bind(letter.bytes.clone());
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Whom a private letter goes to, as the rates count.
fn person(letter: &Outgoing) -> String {
    let to = letter.recipients.first().filter(|_| !letter.to_list);
    to.map(Address::key).unwrap_or_default()
}

fn claimed(row: &AnyRow) -> Result<ClaimedLetter, StoreError> {
    let mut columns = Columns::of(row);
    Ok(ClaimedLetter {
        id: columns.int()?,
        attempt: columns.int()?,
        doubts: columns.int()?,
        since: columns.time()?,
        message_id: columns.named()?,
        envelope_from: columns.named_or_null()?,
        recipients: columns.json()?,
        bytes: columns.bytes()?,
    })
}

fn with_bytes(row: &AnyRow) -> Result<(LetterRow, Vec<u8>), StoreError> {
    let mut columns = Columns::of(row);
    Ok((letter(&mut columns)?, columns.bytes()?))
}

/// A row without its bytes.
pub(super) fn letter(columns: &mut Columns) -> Result<LetterRow, StoreError> {
    Ok(LetterRow {
        id: columns.int()?,
        kind: columns.named()?,
        message_id: columns.named()?,
        cause: columns.text()?,
        summit: columns.text()?,
        recipients: columns.json()?,
        subject: columns.text()?,
        status: columns.named()?,
        attempts: columns.int()?,
        created: columns.time()?,
        due: columns.time()?,
        error: columns.text_or_null()?,
    })
}
