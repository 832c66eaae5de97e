//! What letters to one person have to know: which occasions were told before, who ever wrote to us, and whose doing
//! something was.

use super::row::{Columns, ask, ask_ids, ask_many};
use super::{Store, StoreError, TickRun, Work, sql};
use crate::clock::{Timestamp, from_micros};
use crate::letters::LetterKind;
use crate::mail::{Address, MessageId};
use std::collections::{HashMap, HashSet};

/// A digest that went to a list, without its bytes.
#[derive(Clone, Debug)]
pub struct PostedDigest {
    pub id: i64,
    pub kind: LetterKind,
    pub message_id: MessageId,
    pub summit: String,
    pub subject: String,
    pub sent: Timestamp,
}

impl Store {
    /// The digests that lists have got since then.
    pub async fn digests_out(&self, since: Timestamp) -> Result<Vec<PostedDigest>, StoreError> {
        let rows = ask(sql::DIGESTS_OUT).bind(since.as_microsecond()).fetch_all(&self.reader).await?;
        let one = |row| {
            let mut columns = Columns::of(row);
            Ok(PostedDigest {
                id: columns.int()?,
                kind: columns.named()?,
                message_id: columns.named()?,
                summit: columns.text()?,
                subject: columns.text()?,
                sent: columns.time()?,
            })
        };
        rows.iter().map(one).collect()
    }

    /// Which of these ticks have run.
    pub async fn ran(&self, keys: &[String]) -> Result<HashSet<String>, StoreError> {
        let mut ran = HashSet::new();
        for keys in sql::RUN_ALREADY.pieces(keys) {
            let question =
                keys.iter().fold(ask_many(sql::RUN_ALREADY, keys.len()), |asked, key| asked.bind(key.clone()));
            for row in question.fetch_all(&self.reader).await? {
                ran.insert(Columns::of(&row).text()?);
            }
        }
        Ok(ran)
    }

    /// The keys of all that was asked for notes in a summit, and when that was.
    pub async fn reminders(&self, summit: &str) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let rows = ask(sql::REMINDERS).bind(summit.to_owned()).fetch_all(&self.reader).await?;
        let pairs = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.text()?, columns.time()?))
        });
        pairs.collect()
    }

    /// Who wrote these mails, where that is known beyond doubt.
    pub async fn authors(&self, mails: &[MessageId]) -> Result<HashMap<MessageId, Address>, StoreError> {
        let mut authors = HashMap::new();
        for mails in sql::AUTHORS.pieces(mails) {
            for row in ask_ids(sql::AUTHORS, mails).fetch_all(&self.reader).await? {
                let mut columns = Columns::of(&row);
                let (mail, author) = (columns.named()?, columns.named()?);
                authors.entry(mail).or_insert(author);
            }
        }
        Ok(authors)
    }
}

impl Work {
    /// Records a tick. `false` when it has run before.
    pub async fn run_tick(&mut self, tick: &TickRun<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let insert = ask(sql::RUN_TICK)
            .bind(tick.key.to_owned())
            .bind(tick.kind.to_owned())
            .bind(tick.summit.to_owned())
            .bind(tick.due.as_microsecond())
            .bind(now.as_microsecond())
            .bind(tick.told.changes)
            .bind(tick.told.outcomes)
            .bind(tick.outcome.to_owned());
        Ok(insert.execute(&mut *self.turn).await?.rows_affected() > 0)
    }

    /// When a mail of somebody's came last, from any of their addresses; never, when they never wrote.
    pub async fn heard(&mut self, addresses: &[Address]) -> Result<Option<Timestamp>, StoreError> {
        let mut last = None;
        for address in addresses {
            let question = ask(sql::HEARD).bind(address.key()).bind(address.as_str().to_ascii_lowercase());
            let row = question.fetch_one(&mut *self.turn).await?;
            last = last.max(Columns::of(&row).int_or_null()?.map(from_micros));
        }
        Ok(last)
    }
}
