//! The one way in which something here is changed that was meant to stay: a person is taken out.
//!
//! Who is to be erased stands in `erasure` from the order until all is done, so that a crash in between is made good. All
//! rows change in one transaction; what the old ones leave behind in the files is swept out afterwards, and a row of
//! `meta` says so until that is done, too.

use super::inbox::pack;
use super::row::{Columns, ask, ask_many, id_text, json};
use super::thread::bind_place;
use super::work::{bind_mail, fact_of, stored_change};
use super::{LetterRow, LetterStatus, MailRow, Store, StoreError, Work, sql};
use crate::clock::{Timestamp, from_micros};
use crate::mail::end::name;
use crate::mail::{Address, MessageId};
use crate::session::Fact;
use crate::session::erase::Residue;
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// In `meta`: something of what was erased may still lie in the files.
const SWEEP: &str = "sweep";

/// A letter with everything in it that may name somebody.
pub struct Letter {
    pub row: LetterRow,
    pub bytes: Vec<u8>,
}

/// Makes the hashes by which what was erased is known again. With the instance's secret: nobody else can try names.
#[derive(Clone, Copy, Debug)]
pub struct Tombs<'a> {
    secret: &'a [u8; 32],
}

impl Tombs<'_> {
    /// Of a mail: it has its id, and its words or its time.
    pub fn of_mail(&self, id: &MessageId, content_hash: &str, at: Timestamp) -> [String; 2] {
        let at = at.as_microsecond().to_string();
        [self.hash(&["words", id.as_str(), content_hash]), self.hash(&["time", id.as_str(), &at])]
    }

    pub fn of_author(&self, address: &Address) -> String {
        self.hash(&["author", &address.key()])
    }

    fn hash(&self, parts: &[&str]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }
}

impl Store {
    pub fn tombs(&self) -> Tombs<'_> {
        Tombs { secret: self.secret() }
    }

    /// Who is to be erased, with their numbers.
    pub async fn erasures(&self) -> Result<Vec<(i64, Address)>, StoreError> {
        let rows = ask(sql::ERASURES).fetch_all(&self.reader).await?;
        let pairs = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.int()?, columns.named()?))
        });
        pairs.collect()
    }

    /// All facts in order, each with the number of the mail that brought it.
    pub async fn log_of_mails(&self) -> Result<Vec<(i64, Fact)>, StoreError> {
        let rows = ask(sql::LOG_OF_MAILS).fetch_all(&self.reader).await?;
        let pairs = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.int()?, fact_of(&mut columns)?))
        });
        pairs.collect()
    }

    /// Which mail holds the lines that each of these mails brought the word for.
    pub async fn words_by(&self) -> Result<HashMap<i64, i64>, StoreError> {
        let rows = ask(sql::WORDS_BY).fetch_all(&self.reader).await?;
        let pairs = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            let command = columns.int()?;
            Ok((columns.int()?, command))
        });
        pairs.collect()
    }

    /// Puts to a mail what is known of it, before it is read: in a replay.
    pub async fn bring_residue(&self, mailbox: &str, key: &str, residue: &Residue) -> Result<(), StoreError> {
        let bring = ask(sql::BRING_RESIDUE).bind(mailbox.to_owned()).bind(key.to_owned()).bind(json(residue));
        bring.execute(&self.writer).await?;
        Ok(())
    }

    /// Leaves nothing of what was erased in the files, if there may be something. `true` when that was to be done. It
    /// takes as long as copying the database; nobody can write meanwhile.
    pub async fn sweep(&self) -> Result<bool, StoreError> {
        let due: Option<String> = sqlx::query_scalar(sql::META).bind(SWEEP).fetch_optional(&self.reader).await?;
        if due.is_none() {
            return Ok(false);
        }
        for statement in self.engine.sweep() {
            let rows = sqlx::raw_sql(*statement).fetch_all(&self.writer).await?;
            // SQLite's checkpoint answers whether a reader was in its way (1): then it is done at the next pass.
            if rows.first().is_some_and(|row| Columns::of(row).int().is_ok_and(|busy| busy != 0)) {
                return Ok(false);
            }
        }
        ask(sql::DROP_META).bind(SWEEP).execute(&self.writer).await?;
        Ok(true)
    }
}

impl Work {
    /// Notes that somebody is to be erased.
    pub async fn order_erasure(&mut self, address: &Address, now: Timestamp) -> Result<(), StoreError> {
        if ask(sql::ERASURE_OF).bind(address.key()).fetch_optional(&mut *self.turn).await?.is_none() {
            let order = ask(sql::ORDER_ERASURE).bind(address.key()).bind(now.as_microsecond());
            order.execute(&mut *self.turn).await?;
        }
        Ok(())
    }

    /// Nothing of them is left.
    pub async fn erasure_done(&mut self, number: i64, now: Timestamp) -> Result<(), StoreError> {
        ask(sql::ERASURE_DONE).bind(number).bind(now.as_microsecond()).execute(&mut *self.turn).await?;
        // The pages are of another state now.
        ask(sql::NEXT_SETTLING).execute(&mut *self.turn).await?;
        self.is_to_be_swept().await
    }

    pub async fn is_to_be_swept(&mut self) -> Result<(), StoreError> {
        ask(sql::SET_META).bind(SWEEP).bind("1").execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Remembers what was erased, by hashes.
    pub async fn bury(&mut self, hashes: &[(String, Timestamp)]) -> Result<(), StoreError> {
        for hashes in sql::PUT_ERASED.pieces(hashes) {
            let put = ask_many(sql::PUT_ERASED, hashes.len());
            let put = hashes.iter().fold(put, |put, (hash, until)| put.bind(hash.clone()).bind(until.as_microsecond()));
            put.execute(&mut *self.turn).await?;
        }
        Ok(())
    }

    /// Whether anything was ever erased.
    pub async fn has_tombs(&mut self) -> Result<bool, StoreError> {
        Ok(ask(sql::ANY_ERASED).fetch_optional(&mut *self.turn).await?.is_some())
    }

    /// Which of these hashes stand for something erased, and up to when.
    pub async fn buried(&mut self, hashes: &[String]) -> Result<HashMap<String, Timestamp>, StoreError> {
        let mut found = HashMap::new();
        for hashes in sql::KNOWN_ERASED.pieces(hashes) {
            let asked = ask_many(sql::KNOWN_ERASED, hashes.len());
            let asked = hashes.iter().fold(asked, |asked, hash| asked.bind(hash.clone()));
            for row in asked.fetch_all(&mut *self.turn).await? {
                let mut columns = Columns::of(&row);
                found.insert(columns.text()?, from_micros(columns.int()?));
            }
        }
        Ok(found)
    }

    /// Keeps what was decided about a mail, for when it is read again.
    pub async fn keep_residue(&mut self, id: i64, residue: &Residue) -> Result<(), StoreError> {
        ask(sql::KEEP_RESIDUE).bind(id).bind(json(residue)).execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Puts other bytes in the place of a mail's, with what stays of what was decided about it.
    pub async fn rewrite_raw(
        &mut self,
        id: i64,
        before: &[u8],
        after: &[u8],
        residue: Option<&Residue>,
    ) -> Result<(), StoreError> {
        let packed = tokio::task::block_in_place(|| pack(std::iter::once(after))).map_err(sqlx::Error::from)?;
        for packed in packed {
            let rewrite = ask(sql::REWRITE_RAW).bind(id).bind(residue.map(json)).bind(after.len() as i64);
            rewrite.bind(packed.sha256).bind(packed.bytes).execute(&mut *self.turn).await?;
        }
        let hash = Sha256::digest(before).to_vec();
        ask(sql::FORGET_ANSWERS).bind(hash).execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Says anew what became of a mail.
    pub async fn rewrite_row(&mut self, id: i64, row: &MailRow) -> Result<(), StoreError> {
        bind_mail(ask_many(sql::PUT_MAILS, 1), id, row).execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Puts another fact in the place of one: it happened then and there, and names nobody.
    pub async fn rewrite_fact(&mut self, fact: &Fact) -> Result<(), StoreError> {
        let (_, change) = stored_change(&fact.change);
        let rewrite = ask(sql::REWRITE_FACT).bind(fact.position).bind(id_text(&fact.mail)).bind(change);
        rewrite.execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Forgets what a person has asked of us: what waits for their word, wrong tokens, whether they want mail; and for whom
    /// something was due.
    pub async fn forget_person(&mut self, address: &Address, stand_in: &Address) -> Result<(), StoreError> {
        let key = address.key();
        let ticks = ask(sql::FORGET_TICKS).bind(key.clone()).bind(stand_in.key()).bind(within(&key));
        ticks.execute(&mut *self.turn).await?;
        let waiting = ask(sql::FORGET_WAITING).bind(key.clone()).bind(within(&key));
        waiting.execute(&mut *self.turn).await?;
        for statement in [sql::FORGET_MUTE, sql::FORGET_WRONG] {
            ask(statement).bind(key.clone()).execute(&mut *self.turn).await?;
        }
        Ok(())
    }

    /// Renames mails in the threads, where an address stands in their ids.
    pub async fn rename_places(
        &mut self,
        address: &Address,
        rename: impl Fn(&MessageId) -> MessageId,
    ) -> Result<(), StoreError> {
        let question = ask(sql::PLACES_CALLED).bind(within(&address.key()));
        for row in question.fetch_all(&mut *self.turn).await? {
            let mut columns = Columns::of(&row);
            let id: MessageId = columns.named()?;
            let place = super::thread::place(&mut columns, &rename)?;
            ask(sql::DROP_PLACE).bind(id_text(&id)).execute(&mut *self.turn).await?;
            bind_place(ask_many(sql::PUT_THREAD, 1), &rename(&id), &place).execute(&mut *self.turn).await?;
        }
        Ok(())
    }

    /// Puts another letter in the place of one.
    pub async fn rewrite_letter(&mut self, letter: &Letter) -> Result<(), StoreError> {
        let Letter { row, bytes } = letter;
        let to = row.recipients.first();
        let is_list: i64 = sqlx::query_scalar(sql::IS_TO_LIST).bind(row.id).fetch_one(&mut *self.turn).await?;
        let rewrite = ask(sql::REWRITE_LETTER)
            .bind(row.id)
            .bind(row.cause.clone())
            .bind(json(&row.recipients))
            .bind(to.filter(|_| is_list == 0).map(Address::key).unwrap_or_default())
            .bind(to.map(Address::domain_key).unwrap_or_default())
            .bind(row.subject.clone())
            .bind(name::<LetterStatus>(row.status))
            .bind(row.error.clone())
            .bind(bytes.clone());
        rewrite.execute(&mut *self.turn).await?;
        Ok(())
    }
}

/// For LIKE: anything around it. Its own `_` match more than they say; who looks closer is the caller.
fn within(key: &str) -> String {
    format!("%{key}%")
}
