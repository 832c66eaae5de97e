//! What waits for the word of a registered address, and the tokens that did not count.

use super::lookup::{StoredRaw, stored_raw};
use super::row::{Columns, ask, id_text, json};
use super::{Store, StoreError, Work, sql};
use crate::clock::Timestamp;
use crate::mail::end::name;
use crate::mail::{Address, MessageId};
use crate::session::Waiting;
use crate::session::waiting::Word;
use jiff::SignedDuration;
use sqlx::any::AnyRow;

/// Wrong tries count for so long.
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// The posts that wait, or waited, for organisers.
    pub async fn posts_waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        ask(sql::POSTS_WAITING).fetch_all(&self.reader).await?.iter().map(waiting).collect()
    }
}

impl Work {
    /// Notes that lines wait. The same lines wait once, whatever became of them. Mails that brought their token already
    /// are read again.
    pub async fn wait(&mut self, waiting: &Waiting) -> Result<(), StoreError> {
        let wait = ask(sql::WAIT)
            .bind(waiting.token_hash.clone())
            .bind(waiting.inbox_id)
            .bind(id_text(&waiting.mail))
            .bind(json(&waiting.places))
            .bind(waiting.command_hash.clone())
            .bind(waiting.address.as_str().to_owned())
            .bind(waiting.expires.as_microsecond());
        wait.execute(&mut *self.turn).await?;
        self.write().await?;
        for statement in [sql::REQUEUE_TRIES, sql::FORGET_TRIES] {
            ask(statement).bind(waiting.token_hash.clone()).execute(&mut *self.turn).await?;
        }
        Ok(())
    }

    /// What waits for the token with this hash.
    pub async fn waiting(&mut self, token_hash: &str) -> Result<Option<Waiting>, StoreError> {
        let question = ask(sql::WAITING).bind(token_hash.to_owned());
        let Some(row) = question.fetch_optional(&mut *self.turn).await? else { return Ok(None) };
        waiting(&row).map(Some)
    }

    /// No word counts for a post any more that is brought from then on, but the one by which it was changed.
    pub async fn close_post(&mut self, post: &MessageId, from: Timestamp, by: &str) -> Result<(), StoreError> {
        let close = ask(sql::CLOSE_POST).bind(id_text(post)).bind(from.as_microsecond()).bind(by.to_owned());
        close.execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Notes the word that a mail brought. `false` when there is another mail's already.
    pub async fn hear(&mut self, token_hash: &str, word: Word, mail: i64) -> Result<bool, StoreError> {
        let hear = ask(sql::WORD).bind(token_hash.to_owned()).bind(name(word)).bind(mail);
        Ok(hear.execute(&mut *self.turn).await?.rows_affected() > 0)
    }

    /// Notes that a mail brought a token which did not count.
    pub async fn wrong_try(
        &mut self,
        mail: i64,
        token_hash: &str,
        by: &Address,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let note = ask(sql::WRONG_TRY).bind(mail).bind(token_hash.to_owned()).bind(by.key()).bind(at.as_microsecond());
        note.execute(&mut *self.turn).await?;
        Ok(())
    }

    /// How many earlier mails of an address did so within the day before.
    pub async fn wrong_tries(&mut self, by: &Address, mail: i64, at: Timestamp) -> Result<u64, StoreError> {
        let day_before = at.checked_sub(DAY).unwrap_or(Timestamp::MIN).as_microsecond();
        let count = ask(sql::WRONG_TRIES).bind(by.key()).bind(day_before).bind(at.as_microsecond()).bind(mail);
        Columns::of(&count.fetch_one(&mut *self.turn).await?).count()
    }

    /// A mail as it arrived.
    pub async fn arrived(&mut self, mail: i64) -> Result<Option<StoredRaw>, StoreError> {
        let row = ask(sql::ARRIVED).bind(mail).fetch_optional(&mut *self.turn).await?;
        row.as_ref().map(stored_raw).transpose()
    }
}

fn waiting(row: &AnyRow) -> Result<Waiting, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Waiting {
        token_hash: columns.text()?,
        mail: columns.named()?,
        inbox_id: columns.int_or_null()?,
        places: columns.json()?,
        command_hash: columns.text()?,
        address: columns.named()?,
        expires: columns.time()?,
        word: columns.named_or_null()?.zip(columns.int_or_null()?),
    })
}
