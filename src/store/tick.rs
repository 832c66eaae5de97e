//! What was due on the clock: each key happens once, however often the clock passes it.

use super::outbox::add_letters;
use super::row::{Columns, ask};
use super::{LetterStatus, Store, StoreError, sql};
use crate::clock::Timestamp;
use crate::letters::Outgoing;
use crate::letters::digest::Told;
use crate::mail::MessageId;
use sqlx::any::AnyRow;

/// A tick to be run.
#[derive(Clone, Copy, Debug)]
pub struct TickRun<'a> {
    /// What makes it this one: the kind, the summit and the time it was due, say.
    pub key: &'a str,
    pub kind: &'a str,
    pub summit: &'a str,
    pub due: Timestamp,
    /// What was told when it was made: it does not run when somebody has told more meanwhile.
    pub before: Told,
    /// What is told once it has run.
    pub told: Told,
    /// What came of it, in words: sent, nothing to say, skipped and why.
    pub outcome: &'a str,
}

/// A tick that has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickRow {
    pub key: String,
    pub due: Timestamp,
    pub ran: Timestamp,
    pub outcome: String,
    /// Of the first letter whose cause is this key.
    pub message_id: Option<MessageId>,
}

impl Store {
    /// Records a tick and its letters, together. `false`, and nothing is written, when it has run before, or another one has
    /// told meanwhile what it tells.
    pub async fn run_tick(
        &self,
        tick: &TickRun<'_>,
        letters: &[(Outgoing, LetterStatus, Timestamp)],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        work.write().await?;
        let told = ask(sql::TOLD).bind(tick.summit.to_owned()).fetch_one(&mut *work.turn).await?;
        if self::told(&told)? != tick.before {
            return Ok(false);
        }
        if !work.run_tick(tick, now).await? {
            return Ok(false);
        }
        add_letters(&mut work.turn, letters, now).await?;
        work.commit().await?;
        Ok(true)
    }

    /// The tick of this kind that was due last.
    pub async fn last_tick(&self, kind: &str, summit: &str) -> Result<Option<TickRow>, StoreError> {
        self.tick(sql::LAST_TICK, kind, summit).await
    }

    /// The tick of this kind that was due last and of which a letter came.
    pub async fn last_digest(&self, kind: &str, summit: &str) -> Result<Option<TickRow>, StoreError> {
        self.tick(sql::LAST_DIGEST, kind, summit).await
    }

    /// What the ticks of a summit have told so far.
    pub async fn told(&self, summit: &str) -> Result<Told, StoreError> {
        told(&ask(sql::TOLD).bind(summit.to_owned()).fetch_one(&self.reader).await?)
    }

    /// How many letters came of ticks of this kind.
    pub async fn count_digests(&self, kind: &str, summit: &str) -> Result<u64, StoreError> {
        let question = ask(sql::COUNT_DIGESTS).bind(kind.to_owned()).bind(summit.to_owned());
        Columns::of(&question.fetch_one(&self.reader).await?).count()
    }

    async fn tick(&self, question: &'static str, kind: &str, summit: &str) -> Result<Option<TickRow>, StoreError> {
        let question = ask(question).bind(kind.to_owned()).bind(summit.to_owned());
        let Some(row) = question.fetch_optional(&self.reader).await? else { return Ok(None) };
        let mut columns = Columns::of(&row);
        Ok(Some(TickRow {
            key: columns.text()?,
            due: columns.time()?,
            ran: columns.time()?,
            outcome: columns.text()?,
            message_id: columns.named_or_null()?,
        }))
    }
}

fn told(row: &AnyRow) -> Result<Told, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Told { changes: columns.int()?, outcomes: columns.int()? })
}
