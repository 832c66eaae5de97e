//! What differs between SQLite and PostgreSQL, all of it.
//!
//! Everything else in this room is one text for both, through sqlx's `Any` driver: we bind and read only BIGINT, TEXT
//! and bytes, which it carries faithfully (a test reads each back on both engines).

use super::StoreError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, AssertSqlSafe, ConnectOptions};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The oldest SQLite we run on: earlier ones can corrupt a database when the write-ahead log is reset.
pub const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// How long a statement waits for another process, or a task for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// `synchronous` says what a commit survives: FULL a loss of power; OFF is for scratch databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    Full,
    Off,
}

/// Where a database is.
#[derive(Clone, Debug)]
pub struct Place {
    pub engine: Engine,
    /// As configured, without its password: for messages.
    pub shown: String,
    url: String,
    /// The file, for SQLite.
    path: Option<PathBuf>,
}

impl Place {
    /// `sqlite:PATH` (also `sqlite://PATH`) or `postgres://…` (also `postgresql://…`).
    pub fn parse(url: &str) -> Result<Place, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let path = path.split('?').next().unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(StoreError::BadUrl(url.to_owned()));
            }
            let quoted = path.replace('%', "%25").replace('#', "%23").replace(' ', "%20");
            let url = format!("sqlite:{quoted}?mode=rw");
            return Ok(Place { engine: Engine::Sqlite, shown: path.to_owned(), url, path: Some(path.into()) });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let shown = without_password(url);
            return Ok(Place { engine: Engine::Postgres, shown, url: url.to_owned(), path: None });
        }
        Err(StoreError::BadUrl(without_password(url)))
    }

    /// Whether there is a file; a PostgreSQL database is always there before us.
    pub fn exists(&self) -> bool {
        self.path.as_ref().is_none_or(|path| path.exists())
    }

    /// Makes the file, readable by its owner alone (it holds mail and a secret); SQLite gives the same mode to its
    /// companions `-wal` and `-shm`.
    pub fn create(&self) -> Result<(), StoreError> {
        let Some(path) = &self.path else { return Ok(()) };
        match OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path) {
            Ok(_) => Ok(()),
            Err(source) => Err(StoreError::Unreachable { url: self.shown.clone(), source: source.into() }),
        }
    }

    /// Opens connections, up to `count`, kept for as long as the program runs.
    pub async fn connect(&self, count: u32, durability: Durability) -> Result<AnyPool, StoreError> {
        sqlx::any::install_default_drivers();
        let setup = self.engine.setup(durability);
        let unreachable = |source| StoreError::Unreachable { url: self.shown.clone(), source };
        let options = AnyConnectOptions::from_str(&self.url).map_err(unreachable)?.disable_statement_logging();
        AnyPoolOptions::new()
            .max_connections(count)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            // A file needs no ping before each use; a server may have gone away.
            .test_before_acquire(self.engine == Engine::Postgres)
            .after_connect(move |connection, _| {
                let setup = setup.clone();
                Box::pin(async move { sqlx::raw_sql(AssertSqlSafe(setup)).execute(connection).await.map(|_| ()) })
            })
            .connect_with(options)
            .await
            .map_err(unreachable)
    }
}

impl Engine {
    /// Connections besides the writer's.
    pub fn readers(self) -> u32 {
        4
    }

    /// What each new connection is told first. SQLite's log is folded back every 16 MiB: while an archive is imported
    /// that writes each page once instead of once a batch.
    fn setup(self, durability: Durability) -> String {
        match self {
            Engine::Sqlite => format!(
                "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; \
                 PRAGMA wal_autocheckpoint = 4000",
                PATIENCE.as_millis(),
                if durability == Durability::Full { "FULL" } else { "OFF" },
            ),
            Engine::Postgres => "SET application_name = 'rapporteur'".to_owned(),
        }
    }

    /// Starts the transaction of the one writer. SQLite takes its lock here.
    pub fn begin(self) -> &'static str {
        match self {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        }
    }

    /// Waits until no other writer is at work, in any process, until this transaction ends.
    pub fn take_turn(self) -> Option<&'static str> {
        match self {
            Engine::Sqlite => None,
            Engine::Postgres => Some("SELECT pg_advisory_xact_lock(7461706)"),
        }
    }

    /// Leaves nothing of what was deleted or overwritten in the files. Not in a transaction.
    pub fn sweep(self) -> &'static [&'static str] {
        match self {
            // The second folds the log back, and cuts it off.
            Engine::Sqlite => &["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"],
            Engine::Postgres => {
                &["VACUUM (FULL) inbox, mail, thread, log, waiting, wrong_try, mute, outbox, dns, erasure, searchable"]
            }
        }
    }

    /// How many tables are called `meta` here: 0 in an empty database.
    pub fn count_meta(self) -> &'static str {
        match self {
            Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'",
            Engine::Postgres => {
                "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'"
            }
        }
    }

    /// The library's version, where the library is part of this program.
    pub fn library_version(self) -> Option<&'static str> {
        match self {
            Engine::Sqlite => Some("SELECT sqlite_version()"),
            Engine::Postgres => None,
        }
    }

    /// A migration in this engine's words. Two phrases of the tables differ; a second set of files would differ in as
    /// many places and drift in others.
    pub fn migration(self, migration: &Migration) -> String {
        let Migration { tables, sqlite, postgres } = migration;
        match self {
            Engine::Sqlite => format!("{tables}{sqlite}"),
            Engine::Postgres => {
                let tables = tables
                    .replace("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
                    .replace(" BLOB", " BYTEA");
                format!("{tables}{postgres}")
            }
        }
    }

    /// Which sessions have all words in their titles ($1), in what was told ($2), anywhere ($3): see `search.rs`.
    pub fn find(self) -> &'static str {
        match self {
            Engine::Sqlite => {
                "SELECT s.summit, s.session FROM searchable_words w JOIN searchable s ON s.id = w.rowid \
                 WHERE searchable_words MATCH $3 \
                 ORDER BY s.id IN (SELECT rowid FROM searchable_words WHERE searchable_words MATCH $1) DESC, \
                 s.id IN (SELECT rowid FROM searchable_words WHERE searchable_words MATCH $2) DESC, \
                 s.submitted DESC, s.summit, s.session LIMIT $4"
            }
            Engine::Postgres => {
                "SELECT summit, session FROM searchable WHERE all_words @@ CAST($3 AS TSQUERY) \
                 ORDER BY title_words @@ CAST($1 AS TSQUERY) DESC, told_words @@ CAST($2 AS TSQUERY) DESC, \
                 submitted DESC, summit COLLATE \"C\", session LIMIT $4"
            }
        }
    }

    /// The three parameters of [`Engine::find`], for words of letters and digits.
    pub fn questions(self, words: &[String]) -> [String; 3] {
        let each = |before: &str, after: &str, between: &str| {
            words.iter().map(|word| format!("{before}{word}{after}")).collect::<Vec<_>>().join(between)
        };
        match self {
            Engine::Sqlite => {
                let all = each("\"", "\" *", " AND ");
                [format!("{{title}} : ({all})"), format!("{{title told}} : ({all})"), all]
            }
            Engine::Postgres => [(); 3].map(|()| each("'", "':*", " & ")),
        }
    }
}

/// A change of the tables: what both engines have, and what each has of its own.
pub struct Migration {
    pub tables: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

/// `postgres://user:secret@host/name` without the secret.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or(login);
            format!("{scheme}://{user}@{host}{}", &rest[authority.len()..])
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_never_show_the_password() {
        let place = Place::parse("postgres://ada:s3cret@db.example.org:5432/talks").unwrap();
        assert_eq!(place.shown, "postgres://ada@db.example.org:5432/talks");
    }

    #[test]
    fn an_address_of_another_kind_is_refused_with_the_legal_ones() {
        let error = Place::parse("mysql://ada:s3cret@db.example.org/talks").unwrap_err().to_string();
        assert!(error.contains("sqlite:PATH") && error.contains("postgres://"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[test]
    fn a_path_may_be_written_with_or_without_slashes() {
        for url in ["sqlite:a/b.db", "sqlite://a/b.db", "sqlite:a/b.db?mode=rwc"] {
            assert_eq!(Place::parse(url).unwrap().shown, "a/b.db");
        }
    }
}
