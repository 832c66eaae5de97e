//! What can go wrong with the database, in words that name the thing and the fix.

use thiserror::Error;

/// An error of the store. `Display` is for the operator.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("`{0}` is no database of ours: write `sqlite:PATH` or `postgres://USER@HOST/NAME` as `database`")]
    BadUrl(String),
    #[error("there is no database at {0}: check `database` in the configuration, or create it with `rapporteur init`")]
    Missing(String),
    #[error(
        "cannot open the database {url}: {source}; check that its directory exists and may be written, or that the server runs"
    )]
    Unreachable { url: String, source: sqlx::Error },
    #[error(
        "the database {url} has version {found} and this program knows versions up to {known}: \
         it was written by a newer rapporteur; run that one (nothing was changed)"
    )]
    Newer { url: String, found: i64, known: i64 },
    #[error(
        "this program carries SQLite {found}, which can damage a database in WAL mode: \
         build it with the bundled SQLite, {needed} or newer"
    )]
    OldSqlite { found: String, needed: String },
    #[error("another process keeps the database locked: stop it, or wait until it is done, and try again")]
    Locked,
    #[error("the disk of the database is full: free some space; nothing was lost, work goes on by itself then")]
    Full,
    #[error("the database holds something it should not: {0}; restore a backup")]
    Corrupt(String),
    #[error(
        "the disk of the database fails ({0}): look into the system's log, copy the database away, and start again; \
         what was committed is kept"
    )]
    Disk(sqlx::Error),
    #[error("the database failed: {0}")]
    Sqlx(sqlx::Error),
}

impl StoreError {
    /// Whether it passes by itself, so that whoever has time waits and tries again.
    pub fn passes(&self) -> bool {
        matches!(self, StoreError::Locked | StoreError::Full)
    }
}

/// SQLITE_IOERR_SHMSIZE: the file that readers share cannot grow, which is how a full disk shows there.
const SHARED_CANNOT_GROW: u32 = 4874;

/// The codes are those of SQLite (result codes, the primary part) and PostgreSQL (Appendix A of its manual).
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        match code.as_deref() {
            Some("55P03") => StoreError::Locked,
            Some("53100") => StoreError::Full,
            // PostgreSQL's codes have five places.
            Some(code) if code.len() < 5 => match code.parse::<u32>().map(|code| (code, code & 0xff)) {
                Ok((_, 5 | 6)) => StoreError::Locked,
                Ok((_, 13) | (SHARED_CANNOT_GROW, _)) => StoreError::Full,
                Ok((_, 10)) => StoreError::Disk(error),
                _ => StoreError::Sqlx(error),
            },
            Some(_) => StoreError::Sqlx(error),
            None => StoreError::Sqlx(error),
        }
    }
}
