//! One daemon on one database: a row that says who, renewed while it runs.

use super::row::{ask, json, lease_end};
use super::{Store, StoreError, Work, sql};
use crate::clock::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

const KEY: &str = "daemon";

#[derive(Serialize, Deserialize)]
struct Held {
    by: String,
    /// Microseconds since the epoch.
    until: i64,
}

impl Store {
    /// Takes the daemon's place on this database for so long. Returns who holds it, when that is somebody else whose
    /// lease has not ended; `None` means it is ours.
    pub async fn acquire_daemon(
        &self,
        holder: &str,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<String>, StoreError> {
        let mut work = self.begin().await?;
        if let Some(held) = held(&mut work).await?
            && held.by != holder
            && held.until > now.as_microsecond()
        {
            return Ok(Some(held.by));
        }
        put(&mut work, holder, lease_end(now, lease)).await?;
        work.commit().await?;
        Ok(None)
    }

    /// Keeps the place for longer. `false` when somebody else has taken it: stop.
    pub async fn renew_daemon(&self, holder: &str, now: Timestamp, lease: SignedDuration) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let ours = held(&mut work).await?.is_some_and(|held| held.by == holder);
        if ours {
            put(&mut work, holder, lease_end(now, lease)).await?;
            work.commit().await?;
        }
        Ok(ours)
    }

    /// Buries a holder that is known to be dead: its right ends, and so do its leases on mails and letters. The strikes
    /// stay: it was an unclean exit. A letter it was sending was perhaps sent.
    pub async fn bury_daemon(&self, holder: &str) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        if held(&mut work).await?.is_some_and(|held| held.by == holder) {
            ask(sql::DROP_META).bind(KEY).execute(&mut *work.turn).await?;
            for leases in [sql::END_MAIL_LEASES, sql::END_LETTER_LEASES] {
                ask(leases).bind(holder.to_owned()).execute(&mut *work.turn).await?;
            }
        }
        work.commit().await
    }

    /// Gives the place back, or takes it from a holder known to be dead. Somebody else's is left alone.
    pub async fn release_daemon(&self, holder: &str) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        if held(&mut work).await?.is_some_and(|held| held.by == holder) {
            ask(sql::DROP_META).bind(KEY).execute(&mut *work.turn).await?;
        }
        work.commit().await
    }
}

async fn held(work: &mut Work) -> Result<Option<Held>, StoreError> {
    let text: Option<String> = sqlx::query_scalar(sql::META).bind(KEY).fetch_optional(&mut *work.turn).await?;
    // A row that cannot be read is nobody's.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn put(work: &mut Work, holder: &str, until: i64) -> Result<(), StoreError> {
    let held = json(&Held { by: holder.to_owned(), until });
    ask(sql::SET_META).bind(KEY).bind(held).execute(&mut *work.turn).await?;
    Ok(())
}
