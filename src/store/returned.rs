//! Letters that came back: what a report says about them, and about their recipients.

use super::outbox::letter;
use super::row::{Columns, ask, id_text};
use super::{LetterRow, Store, StoreError, Work, sql};
use crate::clock::{Timestamp, from_micros};
use crate::letters::reach::Returned;
use crate::mail::{Address, MessageId};

impl Store {
    /// Whom something did not reach, of the letters written since then.
    pub async fn returned_people(&self, since: Timestamp) -> Result<Vec<Address>, StoreError> {
        let mut people: Vec<Address> = Vec::new();
        let question = ask(sql::RETURNED_PEOPLE).bind(since.as_microsecond());
        for row in question.fetch_all(&self.reader).await? {
            let recipients: Vec<Address> = Columns::of(&row).json()?;
            people.extend(recipients.into_iter().filter(|address| !people.contains(address)).collect::<Vec<_>>());
        }
        Ok(people)
    }
}

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
        let letters = self.returned(returned, came_to, failed).await?;
        let why = format!("it came back: {} cannot be reached", failed.join(", "));
        let mut rows = Vec::with_capacity(letters.len());
        for id in letters {
            let bounced = ask(sql::BOUNCED).bind(id).bind(now.as_microsecond()).bind(why.clone());
            bounced.execute(&mut *self.turn).await?;
            rows.push(letter(&mut Columns::of(&ask(sql::LETTER).bind(id).fetch_one(&mut *self.turn).await?))?);
        }
        Ok(rows)
    }

    /// The letters that a report is about.
    async fn returned(
        &mut self,
        returned: &[MessageId],
        came_to: &[Address],
        failed: &[String],
    ) -> Result<Vec<i64>, StoreError> {
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
        Ok(letters)
    }

    /// Notes that letters are late, as [`Work::bounced`] does those that came back.
    pub async fn late(
        &mut self,
        returned: &[MessageId],
        came_to: &[Address],
        failed: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for letter in self.returned(returned, came_to, failed).await? {
            ask(sql::LATE).bind(letter).bind(now.as_microsecond()).execute(&mut *self.turn).await?;
        }
        Ok(())
    }

    /// What did not reach a person, of the letters written since then.
    pub async fn returns(&mut self, to: &[Address], since: Timestamp) -> Result<Vec<Returned>, StoreError> {
        let mut returns = Vec::new();
        for address in to {
            let question = ask(sql::RETURNS).bind(address.key()).bind(since.as_microsecond());
            for row in question.fetch_all(&mut *self.turn).await? {
                let mut columns = Columns::of(&row);
                let (hard, soft) = (columns.int_or_null()?, columns.int_or_null()?);
                let one = |at: Option<i64>, hard| at.map(|at| Returned { at: from_micros(at), hard });
                returns.extend(one(hard, true).or(one(soft, false)));
            }
        }
        Ok(returns)
    }

    /// Whether a letter to this person came back since then.
    pub async fn came_back(&mut self, to: &Address, since: Timestamp) -> Result<bool, StoreError> {
        let question = ask(sql::CAME_BACK).bind(to.key()).bind(since.as_microsecond());
        Ok(Columns::of(&question.fetch_one(&mut *self.turn).await?).count()? > 0)
    }
}
