//! The writer's turn: look up what a mail belongs to, then write what it did, in one transaction.
//!
//! A statement costs two changes of thread, or a way to the server and back: an archive's mails must not pay for several
//! each. So a turn reads ahead for all its mails ([`Work::prepare`]), keeps what it has read (nobody else writes, so it
//! stays true), and writes what it settled in statements over many mails, before the commit at the latest. Facts and
//! letters, which few mails have, are written at once.

use super::link::{Links, archive_page};
use super::outbox::add_letters;
use super::row::{Asked, Columns, address_text, ask, ask_many, id_text, json};
use super::thread::Threads;
use super::twin::Twins;
use super::{ClaimedMail, LetterStatus, MailRow, Recent, StoreError, Twin, sql};
use crate::clock::Timestamp;
use crate::letters::Outgoing;
use crate::mail::link::{Link, id_hash};
use crate::mail::{Address, MessageId, end::name};
use crate::session::{Change, Fact, SessionKey};
use jiff::SignedDuration;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, Transaction};
use std::collections::HashMap;

/// A transaction in which its holder is the only writer. Dropped without [`Work::commit`], it leaves no trace.
pub struct Work {
    pub(super) turn: Transaction<'static, Any>,
    /// The attempt of each claim that is still open; `None` for mails that are settled.
    claims: HashMap<i64, Option<i64>>,
    twins: Twins,
    threads: Threads,
    links: Links,
    /// Settled, and not written yet.
    unwritten: Vec<(i64, MailRow)>,
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
    pub(super) fn new(turn: Transaction<'static, Any>) -> Work {
        let (twins, threads, links) = (Twins::default(), Threads::default(), Links::default());
        Work { turn, claims: HashMap::new(), twins, threads, links, unwritten: Vec::new() }
    }

    /// Reads at once what the turn will be asked about these mails: their claims, what is known under their own
    /// Message-IDs, and the threads of those they `name`. What is not read here is read when it is asked for.
    pub async fn prepare(
        &mut self,
        claims: &[ClaimedMail],
        own: &[MessageId],
        named: &[MessageId],
    ) -> Result<(), StoreError> {
        self.read_claims(&claims.iter().map(|claim| claim.id).collect::<Vec<_>>()).await?;
        self.twins.read(own, &mut self.turn).await?;
        self.threads.read(own.iter().chain(named), &mut self.turn).await
    }

    /// Writes what is unwritten, and commits.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.write().await?;
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
        self.write().await?;
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
        self.twins.read([id], &mut self.turn).await?;
        Ok(self.twins.called(id).iter().filter(|twin| twin.inbox_id != except_id).cloned().collect())
    }

    /// The given mails and all above them in their threads, nearest first, at most 500. Mails that have not arrived are
    /// among them.
    pub async fn ancestors(&mut self, ids: &[MessageId]) -> Result<Vec<MessageId>, StoreError> {
        self.threads.ancestors(ids, &mut self.turn).await
    }

    /// Reads at once which mails these links lead to, besides what stands in them. See [`Work::behind`].
    pub async fn read_links(&mut self, links: &[Link]) -> Result<(), StoreError> {
        self.links.read(links, &mut self.turn).await
    }

    /// The mail that a link leads to by the hash in it, or by that mail's own Archived-At; `None` when we have none such.
    pub async fn behind(&mut self, link: &Link) -> Result<Option<MessageId>, StoreError> {
        self.links.read([link], &mut self.turn).await?;
        Ok(self.links.behind(link).cloned())
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
        let row = ask(sql::RECENT).bind(to.key()).bind(ago(1)).bind(ago(24)).fetch_one(&mut *self.turn).await?;
        let mut columns = Columns::of(&row);
        let mut next = || columns.count().map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Ok(Recent { to_person_last_hour: next()?, to_person_last_day: next()?, to_list_last_day: next()? })
    }

    /// Notes a mail's end and everything that follows from it: its place in the thread, its facts, its letters (each
    /// with how it stands and when it is due). A mail that others were waiting for, or that tells where a mail belongs
    /// that others wait for, has them read again when it has a session. Nothing is noted when the mail is not in our hands any more. A mail that must not act, because it
    /// did before, may be refused as late as by the commit.
    pub async fn settle(
        &mut self,
        mail: &ClaimedMail,
        row: &MailRow,
        facts: &[Fact],
        letters: &[(Outgoing, LetterStatus, Timestamp)],
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        self.read_claims(&[mail.id]).await?;
        if self.claims.get(&mail.id) != Some(&Some(mail.attempt)) {
            return Ok(Settled { lease_lost: true, ..Settled::default() });
        }
        self.claims.insert(mail.id, None);
        self.twins.read([&row.message_id], &mut self.turn).await?;
        self.twins.put(mail.id, row);
        self.links.put(row);
        let moved = self.threads.put(row, &mut self.turn).await?;
        self.unwritten.push((mail.id, row.clone()));
        let positions = self.add_facts(mail.id, facts).await?;
        add_letters(&mut self.turn, letters, now).await?;
        let mut descendants_requeued = 0;
        if !moved.is_empty() && !row.sessions.is_empty() {
            self.write().await?;
            for id in &moved {
                let requeue = ask(sql::REQUEUE_BELOW).bind(id_text(id)).bind(mail.id);
                descendants_requeued += requeue.execute(&mut *self.turn).await?.rows_affected();
            }
        }
        Ok(Settled { lease_lost: false, positions, descendants_requeued })
    }

    async fn read_claims(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        let unread: Vec<i64> = ids.iter().copied().filter(|id| !self.claims.contains_key(id)).collect();
        for ids in sql::CLAIMS.pieces(&unread) {
            let question = ids.iter().fold(ask_many(sql::CLAIMS, ids.len()), |asked, id| asked.bind(*id));
            for row in question.fetch_all(&mut *self.turn).await? {
                let mut columns = Columns::of(&row);
                self.claims.insert(columns.int()?, Some(columns.int()?));
            }
        }
        for id in unread {
            self.claims.entry(id).or_insert(None);
        }
        Ok(())
    }

    /// Writes what is unwritten.
    pub(super) async fn write(&mut self) -> Result<(), StoreError> {
        let mails = std::mem::take(&mut self.unwritten);
        for mails in sql::SETTLE_MAILS.pieces(&mails) {
            let settle = ask_many(sql::SETTLE_MAILS, mails.len());
            let settle = mails.iter().fold(settle, |settle, (id, _)| settle.bind(*id));
            settle.execute(&mut *self.turn).await?;
        }
        for mails in sql::PUT_MAILS.pieces(&mails) {
            let put = ask_many(sql::PUT_MAILS, mails.len());
            let put = mails.iter().fold(put, |put, (id, row)| bind_mail(put, *id, row));
            put.execute(&mut *self.turn).await?;
        }
        if !mails.is_empty() {
            ask(sql::NEXT_SETTLING).execute(&mut *self.turn).await?;
        }
        self.threads.write(&mut self.turn).await
    }

    async fn add_facts(&mut self, inbox_id: i64, facts: &[Fact]) -> Result<Vec<i64>, StoreError> {
        let mut positions = Vec::with_capacity(facts.len());
        for facts in sql::ADD_FACTS.pieces(facts) {
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

pub(super) fn bind_mail(put: Asked, id: i64, row: &MailRow) -> Asked {
    put.bind(id)
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
        .bind(row.archived_at.clone())
        .bind(id_hash(&row.message_id))
        .bind(archive_page(row))
}

/// The change's own name, for the index that keeps session numbers unique, and its JSON.
pub(super) fn stored_change(change: &Change) -> (String, String) {
    let value = serde_json::to_value(change).unwrap_or_else(|error| unreachable!("a change is plain JSON: {error}"));
    (value["change"].as_str().unwrap_or_default().to_owned(), value.to_string())
}

pub(super) async fn position(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Columns::of(&ask(sql::POSITION).fetch_one(connection).await?).int()
}

pub(super) fn fact(row: &AnyRow) -> Result<Fact, StoreError> {
    fact_of(&mut Columns::of(row))
}

pub(super) fn fact_of(columns: &mut Columns) -> Result<Fact, StoreError> {
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
