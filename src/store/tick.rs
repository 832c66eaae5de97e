//! What was due on the clock: each key happens once, however often the clock passes it.

use super::outbox::add_letters;
use super::row::{Columns, ask};
use super::{LetterStatus, Store, StoreError, sql};
use crate::clock::Timestamp;
use crate::letters::Outgoing;
use crate::mail::MessageId;

/// A tick to be run.
#[derive(Clone, Copy, Debug)]
pub struct TickRun<'a> {
    /// What makes it this one: the kind, the summit and the time it was due, say.
    pub key: &'a str,
    pub kind: &'a str,
    pub summit: &'a str,
    pub due: Timestamp,
    /// The log's position up to which it speaks.
    pub position: i64,
    /// What came of it, in words: sent, nothing to say, skipped and why.
    pub outcome: &'a str,
}

/// A tick that has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickRow {
    pub key: String,
    pub due: Timestamp,
    pub ran: Timestamp,
    pub position: i64,
    pub outcome: String,
    /// Of the first letter whose cause is this key.
    pub message_id: Option<MessageId>,
}

impl Store {
    /// Records a tick and its letters, together. `false`, and nothing is written, when it has run before.
    pub async fn run_tick(
        &self,
        tick: &TickRun<'_>,
        letters: &[(Outgoing, LetterStatus, Timestamp)],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
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
            position: columns.int()?,
            outcome: columns.text()?,
            message_id: columns.named_or_null()?,
        }))
    }
}
