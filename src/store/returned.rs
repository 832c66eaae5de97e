//! Letters that came back: what a report says about them, and about their recipients.

use super::outbox::letter;
use super::row::{Columns, ask, id_text};
use super::{LetterRow, StoreError, Work, sql};
use crate::clock::Timestamp;
use crate::mail::{Address, MessageId};

impl Work {
    /// Notes that letters came back: those with these Message-IDs, if they went to one of the failed addresses, and
    /// those whose own sender address the report came to (VERP), which proves it. The letters, as they stand now.
    pub async fn bounced(
        &mut self,
        returned: &[MessageId],
        came_to: &[Address],
        failed: &[String],
        now: Timestamp,
    ) -> Result<Vec<LetterRow>, StoreError> {
        let mut letters = Vec::new();
        for id in returned {
            for row in ask(sql::RETURNED).bind(id_text(id)).fetch_all(&mut *self.turn).await? {
                let mut columns = Columns::of(&row);
                let (letter, recipients): (i64, Vec<Address>) = (columns.int()?, columns.json()?);
                if recipients.iter().any(|address| failed.contains(&address.key())) {
                    letters.push(letter);
                }
            }
        }
        for sender in came_to {
            for row in ask(sql::RETURNED_TO).bind(sender.key()).fetch_all(&mut *self.turn).await? {
                letters.push(Columns::of(&row).int()?);
            }
        }
        letters.sort_unstable();
        letters.dedup();
        let why = format!("it came back: {} cannot be reached", failed.join(", "));
        let mut rows = Vec::with_capacity(letters.len());
        for id in letters {
            let bounced = ask(sql::BOUNCED).bind(id).bind(now.as_microsecond()).bind(why.clone());
            bounced.execute(&mut *self.turn).await?;
            rows.push(letter(&mut Columns::of(&ask(sql::LETTER).bind(id).fetch_one(&mut *self.turn).await?))?);
        }
        Ok(rows)
    }

    /// Whether a letter to this person came back since then.
    pub async fn came_back(&mut self, to: &Address, since: Timestamp) -> Result<bool, StoreError> {
        let question = ask(sql::CAME_BACK).bind(to.key()).bind(since.as_microsecond());
        Ok(Columns::of(&question.fetch_one(&mut *self.turn).await?).count()? > 0)
    }
}
