//! What arrived: kept first, then taken in hand, one worker at a time.

use super::row::{Columns, ask, ask_many, lease_end, origin_name, within};
use super::{Arrival, ClaimedMail, Store, StoreError, sql};
use crate::clock::Timestamp;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// zstd's own default: mail shrinks to about a third, at hundreds of megabytes a second.
const LEVEL: i32 = 3;

impl Store {
    /// How far the mailbox has been read, in its own words.
    pub async fn watermark(&self, mailbox: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(sql::WATERMARK).bind(mailbox.to_owned()).fetch_optional(&self.reader).await?)
    }

    /// Which of these keys have not been received yet, in the order given.
    pub async fn unknown_keys(&self, mailbox: &str, keys: &[String]) -> Result<Vec<String>, StoreError> {
        let mut known = HashSet::new();
        for keys in sql::KNOWN_KEYS.pieces(keys) {
            let mut question = ask_many(sql::KNOWN_KEYS, keys.len());
            for key in keys {
                question = question.bind(mailbox.to_owned()).bind(key.clone());
            }
            for row in question.fetch_all(&self.reader).await? {
                known.insert(Columns::of(&row).text()?);
            }
        }
        Ok(keys.iter().filter(|key| !known.contains(*key)).cloned().collect())
    }

    /// Keeps mails and the mailbox's new watermark, together or not at all. Returns how many were new. Packs on the
    /// calling thread, which tokio must be able to spare: its runtime has several.
    pub async fn receive(
        &self,
        mailbox: &str,
        arrivals: &[Arrival],
        watermark: Option<&str>,
    ) -> Result<u64, StoreError> {
        let mut packed = tokio::task::block_in_place(|| pack(arrivals.iter().map(|arrival| &arrival.raw[..])))
            .map_err(sqlx::Error::from)?
            .into_iter();
        let mut work = self.begin().await?;
        let mut new = 0;
        for arrivals in sql::RECEIVE.pieces(arrivals) {
            let mut insert = ask_many(sql::RECEIVE, arrivals.len());
            for (arrival, packed) in arrivals.iter().zip(packed.by_ref()) {
                insert = insert
                    .bind(mailbox.to_owned())
                    .bind(arrival.source_key.clone())
                    .bind(origin_name(arrival.origin))
                    .bind(arrival.received.as_microsecond())
                    .bind(arrival.raw.len() as i64)
                    .bind(packed.sha256)
                    .bind(packed.bytes);
            }
            new += insert.execute(&mut *work.turn).await?.rows_affected();
        }
        if let Some(watermark) = watermark {
            let set = ask(sql::SET_WATERMARK).bind(mailbox.to_owned()).bind(watermark.to_owned());
            set.execute(&mut *work.turn).await?;
        }
        work.commit().await?;
        Ok(new)
    }

    /// Takes the next mails in hand, oldest first, at most so many and so many bytes (but at least one). Each gets a
    /// strike, committed before anybody reads it and given back when it is settled or released; a mail that has one
    /// already comes alone, so that only the guilty one can collect more.
    pub async fn claim_mails(
        &self,
        worker: &str,
        now: Timestamp,
        lease: SignedDuration,
        max_count: usize,
        max_bytes: u64,
    ) -> Result<Vec<ClaimedMail>, StoreError> {
        let now_micros = now.as_microsecond();
        let waiting = ask(sql::CLAIMABLE).bind(now_micros).bind(1_i64).fetch_optional(&self.reader).await?;
        if waiting.is_none() {
            return Ok(Vec::new());
        }
        let mut work = self.begin().await?;
        let rows = ask(sql::CLAIMABLE).bind(now_micros).bind(max_count as i64).fetch_all(&mut *work.turn).await?;
        let candidates: Vec<Candidate> = rows.iter().map(Candidate::read).collect::<Result<_, _>>()?;
        let Some((first, last)) = batch(&candidates, max_bytes) else { return Ok(Vec::new()) };
        let claim = ask(sql::CLAIM_MAILS)
            .bind(worker.to_owned())
            .bind(lease_end(now, lease))
            .bind(now_micros)
            .bind(first.id)
            .bind(last.id)
            .bind(first.strikes);
        let rows = claim.fetch_all(&mut *work.turn).await?;
        work.commit().await?;
        let mut mails = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        mails.sort_by_key(|mail| mail.id);
        Ok(mails)
    }

    /// Gives mails back unread, with their strikes: nothing went wrong. Those whose lease was lost are left alone.
    pub async fn release_mails(&self, mails: &[ClaimedMail]) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        for mail in mails {
            ask(sql::RELEASE_MAIL).bind(mail.id).bind(mail.attempt).execute(&mut *work.turn).await?;
        }
        work.commit().await
    }

    /// Has a quarantined mail read again. `false` when there is no such mail in quarantine.
    pub async fn retry(&self, id: i64) -> Result<bool, StoreError> {
        Ok(ask(sql::RETRY_MAIL).bind(id).execute(&self.writer).await?.rows_affected() > 0)
    }
}

/// A mail's bytes as they are kept, with their hash.
pub(super) struct Packed {
    pub sha256: Vec<u8>,
    pub bytes: Vec<u8>,
}

pub(super) fn pack<'a>(mails: impl Iterator<Item = &'a [u8]>) -> std::io::Result<Vec<Packed>> {
    let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
    mails.map(|raw| Ok(Packed { sha256: Sha256::digest(raw).to_vec(), bytes: packer.compress(raw)? })).collect()
}

struct Candidate {
    id: i64,
    size: u64,
    strikes: i64,
}

impl Candidate {
    fn read(row: &sqlx::any::AnyRow) -> Result<Candidate, StoreError> {
        let mut columns = Columns::of(row);
        Ok(Candidate { id: columns.int()?, size: columns.count()?, strikes: columns.int()? })
    }
}

/// The first and the last mail of the next batch: one with strikes alone, else those before the next one with strikes.
fn batch(candidates: &[Candidate], max_bytes: u64) -> Option<(&Candidate, &Candidate)> {
    let clean = candidates.iter().take_while(|mail| mail.strikes == 0);
    let count = within(clean.map(|mail| mail.size), max_bytes);
    Some((candidates.first()?, &candidates[count.max(1) - 1]))
}

fn claimed(row: &sqlx::any::AnyRow) -> Result<ClaimedMail, StoreError> {
    let mut columns = Columns::of(row);
    Ok(ClaimedMail {
        id: columns.int()?,
        mailbox: columns.text()?,
        origin: columns.origin()?,
        received: columns.time()?,
        attempt: columns.int()?,
        strikes: columns.int()?,
        again: columns.int()?,
        residue: columns.json_or_null()?,
        raw: columns.raw()?,
    })
}
