//! Looking things up: for export, replay, status and the commands. Sees what is committed; writes nothing.

use super::row::{Columns, ask, ask_ids, ask_many, id_text, within};
use super::work::{fact, position};
use super::{LetterStatus, MailRow, Origin, Store, StoreError, sql};
use crate::clock::{Timestamp, from_micros};
use crate::mail::{Address, End, MessageId, end::name};
use crate::session::erase::Residue;
use crate::session::{Archived, Fact};
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// A mail with what became of it.
#[derive(Clone, Debug)]
pub struct StoredMail {
    pub id: i64,
    pub received: Timestamp,
    pub origin: Origin,
    /// `false` when it waits to be read again; `row` then says what became of it before.
    pub settled: bool,
    pub row: MailRow,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct StoredRaw {
    pub id: i64,
    pub mailbox: String,
    pub source_key: String,
    pub origin: Origin,
    pub received: Timestamp,
    /// How often it was read again, because of what came after it.
    pub again: i64,
    /// What stays of what was decided about it.
    pub residue: Option<Residue>,
    pub raw: Vec<u8>,
}

/// The database in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Mails that wait to be read, or are being read.
    pub waiting: u64,
    pub ends: Vec<(End, u64)>,
    pub letters: Vec<(LetterStatus, u64)>,
    pub facts: u64,
    /// When the last mail came that no archive brought.
    pub last_received: Option<Timestamp>,
}

/// Mails looked at for one page, at most.
const PAGE: i64 = 500;

impl Store {
    /// All mails that were settled at least once, in the order of their arrival, without their bytes.
    pub async fn mail_rows(&self) -> Result<Vec<StoredMail>, StoreError> {
        ask(sql::MAILS).fetch_all(&self.reader).await?.iter().map(stored_mail).collect()
    }

    /// The mails under this Message-ID: usually one.
    pub async fn mails_called(&self, id: &MessageId) -> Result<Vec<StoredMail>, StoreError> {
        let question = ask(sql::MAILS_CALLED).bind(id_text(id));
        question.fetch_all(&self.reader).await?.iter().map(stored_mail).collect()
    }

    pub async fn quarantined(&self) -> Result<Vec<StoredMail>, StoreError> {
        let question = ask(sql::MAILS_ENDED).bind(name(End::Quarantined));
        question.fetch_all(&self.reader).await?.iter().map(stored_mail).collect()
    }

    /// Mails of a summit that an organiser should hear of, and has not.
    pub async fn needs_attention(&self, summit: &str) -> Result<Vec<StoredMail>, StoreError> {
        let question = ask(sql::NEEDS_ATTENTION).bind(summit.to_owned());
        question.fetch_all(&self.reader).await?.iter().map(stored_mail).collect()
    }

    /// How many bytes these mails have.
    pub async fn sizes(&self, ids: &[i64]) -> Result<HashMap<i64, u64>, StoreError> {
        let mut sizes = HashMap::new();
        for ids in sql::SIZES.pieces(ids) {
            let question = ids.iter().fold(ask_many(sql::SIZES, ids.len()), |asked, id| asked.bind(*id));
            for row in question.fetch_all(&self.reader).await? {
                let mut columns = Columns::of(&row);
                sizes.insert(columns.int()?, columns.count()?);
            }
        }
        Ok(sizes)
    }

    /// A mail's bytes as they arrived.
    pub async fn raw(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let row = ask(sql::RAW).bind(id).fetch_optional(&self.reader).await?;
        row.map(|row| Columns::of(&row).raw()).transpose()
    }

    /// The bytes of the first mail that came under this Message-ID.
    pub async fn raw_of(&self, id: &MessageId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = ask(sql::RAW_OF).bind(id_text(id)).fetch_optional(&self.reader).await?;
        row.map(|row| Columns::of(&row).raw()).transpose()
    }

    /// When the first mail came that no archive brought.
    pub async fn first_received(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = ask(sql::FIRST_RECEIVED).fetch_one(&self.reader).await?;
        Ok(Columns::of(&row).int_or_null()?.map(from_micros))
    }

    /// The mails that arrived after `id` (0 at first; then the last one's of the page before), in order, at most so
    /// many bytes (but at least one mail). Empty at the end.
    pub async fn inbox_page(&self, id: i64, max_bytes: u64) -> Result<Vec<StoredRaw>, StoreError> {
        let rows = ask(sql::INBOX_SIZES).bind(id).bind(PAGE).fetch_all(&self.reader).await?;
        let sizes = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.int()?, columns.count()?))
        });
        let sizes = sizes.collect::<Result<Vec<(i64, u64)>, StoreError>>()?;
        let fitting = within(sizes.iter().map(|(_, size)| *size), max_bytes);
        let Some((last, _)) = fitting.checked_sub(1).and_then(|last| sizes.get(last)) else { return Ok(Vec::new()) };
        let page = ask(sql::INBOX_PAGE).bind(id).bind(*last).fetch_all(&self.reader).await?;
        page.iter().map(stored_raw).collect()
    }

    /// The number below the last so many mails, to begin a page with.
    pub async fn below_last(&self, count: i64) -> Result<i64, StoreError> {
        let row = ask(sql::LAST_ID).fetch_one(&self.reader).await?;
        Ok(Columns::of(&row).int_or_null()?.map_or(0, |last| (last - count).max(0)))
    }

    /// All facts, in order.
    pub async fn log_all(&self) -> Result<Vec<Fact>, StoreError> {
        self.log_after(0).await
    }

    /// The facts behind a position, in order.
    pub async fn log_after(&self, position: i64) -> Result<Vec<Fact>, StoreError> {
        ask(sql::LOG_AFTER).bind(position).fetch_all(&self.reader).await?.iter().map(fact).collect()
    }

    /// The position of the last fact; 0 when there is none.
    pub async fn position(&self) -> Result<i64, StoreError> {
        position(&mut *self.reader.acquire().await?).await
    }

    /// What is known of where these mails are archived.
    pub async fn archived(&self, ids: &[MessageId]) -> Result<Archived, StoreError> {
        let mut archived = Archived::default();
        for ids in sql::ARCHIVED.pieces(ids) {
            for row in ask_ids(sql::ARCHIVED, ids).fetch_all(&self.reader).await? {
                let mut columns = Columns::of(&row);
                archived.add(columns.named()?, columns.text_or_null()?.is_some(), columns.text_or_null()?);
            }
        }
        Ok(archived)
    }

    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let received: Option<i64> = sqlx::query_scalar(sql::LAST_RECEIVED).fetch_one(&self.reader).await?;
        Ok(Counts {
            waiting: self.total(sql::COUNT_WAITING).await?,
            ends: self.tally(sql::COUNT_ENDS).await?,
            letters: self.tally(sql::COUNT_LETTERS).await?,
            facts: self.total(sql::COUNT_FACTS).await?,
            last_received: received.map(from_micros),
        })
    }

    async fn total(&self, question: &'static str) -> Result<u64, StoreError> {
        Columns::of(&ask(question).fetch_one(&self.reader).await?).count()
    }

    async fn tally<T: serde::de::DeserializeOwned>(&self, question: &'static str) -> Result<Vec<(T, u64)>, StoreError> {
        let rows = ask(question).fetch_all(&self.reader).await?;
        let pairs = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            let count = columns.count()?;
            Ok((columns.named()?, count))
        });
        pairs.collect()
    }
}

fn stored_mail(row: &AnyRow) -> Result<StoredMail, StoreError> {
    let mut columns = Columns::of(row);
    Ok(StoredMail {
        id: columns.int()?,
        received: columns.time()?,
        origin: columns.origin()?,
        settled: columns.flag()?,
        row: MailRow {
            message_id: columns.named()?,
            content_hash: columns.text()?,
            subject: columns.text()?,
            from_name: columns.text_or_null()?,
            from_address: columns.named_or_null::<Address>()?,
            at: columns.time()?,
            list: columns.text_or_null()?,
            kind: columns.named()?,
            reason: columns.named()?,
            detail: columns.text()?,
            sessions: columns.json()?,
            candidates: columns.json()?,
            summit: columns.text_or_null()?,
            parents: columns.json()?,
            references: columns.json()?,
            archived_at: columns.text_or_null()?,
        },
    })
}

pub(super) fn stored_raw(row: &AnyRow) -> Result<StoredRaw, StoreError> {
    let mut columns = Columns::of(row);
    Ok(StoredRaw {
        id: columns.int()?,
        mailbox: columns.text()?,
        source_key: columns.text()?,
        origin: columns.origin()?,
        received: columns.time()?,
        again: columns.int()?,
        residue: columns.json_or_null()?,
        raw: columns.raw()?,
    })
}
