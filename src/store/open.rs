//! Opening a database, and the turn of its one writer.

use super::engine::{Durability, Engine, Place};
use super::row::ask;
use super::{StoreError, Work, schema, sql};
use data_encoding::HEXLOWER;
use sqlx::{Any, AnyPool, Transaction};
use std::fs::{DirBuilder, remove_dir_all};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database, open. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) engine: Engine,
    /// For everything that writes: one connection on SQLite.
    pub(super) writer: AnyPool,
    /// For everything that only reads; sees what is committed.
    pub(super) reader: AnyPool,
    secret: [u8; 32],
    /// Declared last: the files go after the connections.
    _scratch: Option<Arc<Scratch>>,
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…`, creating and migrating what is missing. `secret` becomes the instance's
    /// secret when it has none yet and is ignored otherwise.
    pub async fn open(url: &str, secret: [u8; 32]) -> Result<Store, StoreError> {
        let place = Place::parse(url)?;
        place.create()?;
        Store::connect(&place, Durability::Full, Some(secret)).await
    }

    /// Opens a database that must be there; its tables are brought up to date.
    pub async fn open_existing(url: &str) -> Result<Store, StoreError> {
        let place = Place::parse(url)?;
        if !place.exists() {
            return Err(StoreError::Missing(place.shown));
        }
        Store::connect(&place, Durability::Full, None).await
    }

    /// A private database for a replay, which knows our own mail by the same secret; nothing of it remains when the last
    /// clone is dropped.
    pub async fn memory(secret: [u8; 32]) -> Result<Store, StoreError> {
        let scratch = Scratch::new()?;
        let place = Place::parse(&format!("sqlite:{}", scratch.0.join("replay.db").display()))?;
        place.create()?;
        let mut store = Store::connect(&place, Durability::Off, Some(secret)).await?;
        store._scratch = Some(Arc::new(scratch));
        Ok(store)
    }

    async fn connect(place: &Place, durability: Durability, secret: Option<[u8; 32]>) -> Result<Store, StoreError> {
        let engine = place.engine;
        let writers = if engine == Engine::Sqlite { 1 } else { engine.readers() };
        let writer = place.connect(writers, durability).await?;
        if secret.is_none() && schema::version(engine, &mut *writer.acquire().await?).await? == 0 {
            return Err(StoreError::Missing(place.shown.clone()));
        }
        let mut turn = begin(engine, writer.clone()).await?;
        schema::migrate(place, &mut turn).await?;
        let secret = keep_secret(&mut turn, secret).await?;
        turn.commit().await?;
        let reader = match engine {
            Engine::Sqlite => place.connect(engine.readers(), durability).await?,
            Engine::Postgres => writer.clone(),
        };
        Ok(Store { engine, writer, reader, secret, _scratch: None })
    }

    pub fn is_postgres(&self) -> bool {
        self.engine == Engine::Postgres
    }

    /// The instance's secret: our Message-IDs and loop marks are made with it.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Waits for the writer's turn. On SQLite the same task must not write through the `Store` before it has ended the
    /// `Work`: it would wait for itself.
    pub async fn begin(&self) -> Result<Work, StoreError> {
        Ok(Work::new(begin(self.engine, self.writer.clone()).await?))
    }

    /// Waits for open work to end and closes the connections.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// In a task of its own, so that it runs to its end even if the caller is cancelled: a `BEGIN` cut off half way leaves
/// a PostgreSQL connection in the pool that looks idle and is inside a transaction.
async fn begin(engine: Engine, pool: AnyPool) -> Result<Transaction<'static, Any>, StoreError> {
    let turn = tokio::spawn(async move {
        let mut turn = match pool.begin_with(engine.begin()).await {
            // SQLite ends a transaction by itself when the disk is full. sqlx counts it as open for ever: such a connection
            // is of no more use.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                let _ = pool.acquire().await?.close().await;
                pool.begin_with(engine.begin()).await?
            }
            begun => begun?,
        };
        if let Some(wait) = engine.take_turn() {
            sqlx::query(wait).execute(&mut *turn).await?;
        }
        Ok(turn)
    });
    turn.await.unwrap_or(Err(sqlx::Error::WorkerCrashed)).map_err(StoreError::from)
}

async fn keep_secret(turn: &mut Transaction<'static, Any>, secret: Option<[u8; 32]>) -> Result<[u8; 32], StoreError> {
    if let Some(secret) = secret {
        ask(sql::SET_META_ONCE).bind("secret").bind(HEXLOWER.encode(&secret)).execute(&mut **turn).await?;
    }
    let text: Option<String> = sqlx::query_scalar(sql::META).bind("secret").fetch_optional(&mut **turn).await?;
    text.and_then(|text| HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok())
        .ok_or_else(|| StoreError::Corrupt("no secret of 32 bytes in hex".to_owned()))
}

/// A directory that only we can read, removed when dropped.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, StoreError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("rapporteur-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
                Err(error) => {
                    return Err(StoreError::Unreachable { url: path.display().to_string(), source: error.into() });
                }
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's directory for temporary files, which is cleaned by others.
        let _ = remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::store::{Arrival, Origin};
    use sha2::{Digest, Sha256};

    fn arrival(source_key: &str, blocks: u32) -> Arrival {
        // Nothing that could be packed.
        let raw = (0..blocks).flat_map(|n| Sha256::digest(n.to_be_bytes()).to_vec()).collect();
        Arrival { source_key: source_key.to_owned(), raw, received: Timestamp::UNIX_EPOCH, origin: Origin::Live }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn after_a_full_disk_it_goes_on() {
        let store = Store::memory([7; 32]).await.expect("a database");
        sqlx::query("PRAGMA max_page_count = 60").fetch_all(&store.writer).await.expect("a small disk");
        let refused = store.receive("inbox", &[arrival("large", 30_000)], None).await;
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
        let kept = store.receive("inbox", &[arrival("small", 1)], None).await;
        assert!(matches!(kept, Ok(1)), "{kept:?}");
    }
}
