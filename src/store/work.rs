//! The writer's turn: look up what a mail belongs to, then write what it did, in one transaction.

use super::outbox::add_letters;
use super::row::{Columns, address_text, ask, ask_many, id_text, json};
use super::sql::Many;
use super::{ClaimedMail, LetterStatus, MailRow, Recent, StoreError, Twin, sql};
use crate::clock::Timestamp;
use crate::letters::Outgoing;
use crate::mail::{Address, MessageId, end::name};
use crate::session::{Change, Fact, SessionKey};
use jiff::SignedDuration;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, Transaction};

/// A transaction in which its holder is the only writer. Dropped without [`Work::commit`], it leaves no trace.
pub struct Work {
    pub(super) turn: Transaction<'static, Any>,
}

/// What [`Work::settle`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Somebody else has the mail by now, or settled it: nothing was written.
    pub lease_lost: bool,
    /// The new facts' places in the log, in the order given.
    pub positions: Vec<i64>,
    /// Mails that found no session while this one was missing, and wait to be read again.
    pub descendants_requeued: u64,
}

impl Work {
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.turn.commit().await?)
    }

    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.turn.rollback().await?)
    }

    /// The facts behind `position`, in order.
    pub async fn log_after(&mut self, position: i64) -> Result<Vec<Fact>, StoreError> {
        ask(sql::LOG_AFTER).bind(position).fetch_all(&mut *self.turn).await?.iter().map(fact).collect()
    }

    /// The bytes of the first mail that was settled under this Message-ID, in this turn or before.
    pub async fn raw_of(&mut self, id: &MessageId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = ask(sql::RAW_OF).bind(id_text(id)).fetch_optional(&mut *self.turn).await?;
        row.map(|row| Columns::of(&row).raw()).transpose()
    }

    /// The position of the last fact; 0 when there is none.
    pub async fn position(&mut self) -> Result<i64, StoreError> {
        position(&mut self.turn).await
    }

    /// Other mails under the same Message-ID, in the order of their arrival. Those that act on nothing because of their
    /// own twin are left out: a mail that is read again must not become the duplicate of its duplicate.
    pub async fn twins(&mut self, id: &MessageId, except_id: i64) -> Result<Vec<Twin>, StoreError> {
        let question = ask(sql::TWINS).bind(id_text(id)).bind(except_id);
        question.fetch_all(&mut *self.turn).await?.iter().map(twin).collect()
    }

    /// Whether a letter of ours has this Message-ID.
    pub async fn was_sent(&mut self, id: &MessageId) -> Result<bool, StoreError> {
        let row = ask(sql::OUR_LETTER).bind(id_text(id)).fetch_one(&mut *self.turn).await?;
        Columns::of(&row).flag()
    }

    /// The list has shown us our own letter: it is sent, whatever we believed. `false` when it is none of ours.
    pub async fn echo(&mut self, id: &MessageId, now: Timestamp) -> Result<bool, StoreError> {
        let confirm = ask(sql::ECHO).bind(id_text(id)).bind(now.as_microsecond());
        Ok(confirm.execute(&mut *self.turn).await?.rows_affected() > 0)
    }

    /// The letters of lately, to this person and to lists: a day's by when they were written, an hour's by when they go
    /// out, since one that waits for its hour takes up that hour too.
    pub async fn recent(&mut self, to: &Address, now: Timestamp) -> Result<Recent, StoreError> {
        let ago = |hours| (now.as_microsecond()).saturating_sub(SignedDuration::from_hours(hours).as_micros() as i64);
        let row = ask(sql::RECENT)
            .bind(format!("% {} %", escaped(&to.key())))
            .bind(ago(1))
            .bind(ago(24))
            .fetch_one(&mut *self.turn)
            .await?;
        let mut columns = Columns::of(&row);
        let mut next = || columns.count().map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Ok(Recent { to_person_last_hour: next()?, to_person_last_day: next()?, to_list_last_day: next()? })
    }

    /// Writes a mail's end and everything that follows from it: its place in the thread, its facts, its letters (each
    /// with how it stands and when it is due). A mail that others were waiting for, and that has a session, has them
    /// read again. Nothing is written when the mail is not in our hands any more.
    pub async fn settle(
        &mut self,
        mail: &ClaimedMail,
        row: &MailRow,
        facts: &[Fact],
        letters: &[(Outgoing, LetterStatus, Timestamp)],
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        let settled = ask(sql::SETTLE_MAIL).bind(mail.id).bind(mail.attempt).execute(&mut *self.turn).await?;
        if settled.rows_affected() == 0 {
            return Ok(Settled { lease_lost: true, ..Settled::default() });
        }
        let was_ghost = self.put_thread(row).await?;
        self.put_mail(mail.id, row).await?;
        let positions = self.add_facts(mail.id, facts).await?;
        add_letters(&mut self.turn, letters, now).await?;
        let mut descendants_requeued = 0;
        if was_ghost && !row.sessions.is_empty() {
            let requeue = ask(sql::REQUEUE_BELOW).bind(id_text(&row.message_id)).bind(mail.id);
            descendants_requeued = requeue.execute(&mut *self.turn).await?.rows_affected();
        }
        Ok(Settled { lease_lost: false, positions, descendants_requeued })
    }

    async fn put_mail(&mut self, id: i64, row: &MailRow) -> Result<(), StoreError> {
        let put = ask(sql::PUT_MAIL)
            .bind(id)
            .bind(id_text(&row.message_id))
            .bind(row.content_hash.clone())
            .bind(row.subject.clone())
            .bind(row.from_name.clone())
            .bind(address_text(row.from_address.as_ref()))
            .bind(row.at.as_microsecond())
            .bind(row.list.clone())
            .bind(name(row.kind))
            .bind(name(row.reason.end()))
            .bind(name(row.reason))
            .bind(row.detail.clone())
            .bind(json(&row.sessions))
            .bind(json(&row.candidates))
            .bind(row.summit.clone())
            .bind(json(&row.parents))
            .bind(json(&row.references))
            .bind(row.archived_at.clone());
        put.execute(&mut *self.turn).await?;
        Ok(())
    }

    async fn add_facts(&mut self, inbox_id: i64, facts: &[Fact]) -> Result<Vec<i64>, StoreError> {
        let mut positions = Vec::with_capacity(facts.len());
        for facts in facts.chunks(Many::ROWS) {
            let mut insert = ask_many(sql::ADD_FACTS, facts.len());
            for fact in facts {
                let (kind, change) = stored_change(&fact.change);
                insert = insert
                    .bind(inbox_id)
                    .bind(fact.session.summit.clone())
                    .bind(i64::from(fact.session.number))
                    .bind(id_text(&fact.mail))
                    .bind(fact.at.as_microsecond())
                    .bind(fact.line.map(|line| line as i64))
                    .bind(kind)
                    .bind(change);
            }
            for row in insert.fetch_all(&mut *self.turn).await? {
                positions.push(Columns::of(&row).int()?);
            }
        }
        // Numbers are given in the order of the rows; they may be returned in another.
        positions.sort_unstable();
        Ok(positions)
    }
}

/// For LIKE with `ESCAPE '!'`: `_` is common in addresses.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// The change's own name, for the index that keeps session numbers unique, and its JSON.
fn stored_change(change: &Change) -> (String, String) {
    let value = serde_json::to_value(change).unwrap_or_else(|error| unreachable!("a change is plain JSON: {error}"));
    (value["change"].as_str().unwrap_or_default().to_owned(), value.to_string())
}

pub(super) async fn position(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Columns::of(&ask(sql::POSITION).fetch_one(connection).await?).int()
}

pub(super) fn fact(row: &AnyRow) -> Result<Fact, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Fact {
        position: columns.int()?,
        session: SessionKey {
            summit: columns.text()?,
            number: u32::try_from(columns.int()?).map_err(|_| StoreError::Corrupt("a session's number".to_owned()))?,
        },
        mail: columns.named()?,
        at: columns.time()?,
        line: columns.int_or_null()?.and_then(|line| usize::try_from(line).ok()),
        change: columns.json()?,
    })
}

fn twin(row: &AnyRow) -> Result<Twin, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Twin {
        inbox_id: columns.int()?,
        content_hash: columns.text()?,
        from_address: columns.named_or_null()?,
        list: columns.text_or_null()?,
        at: columns.time()?,
    })
}
