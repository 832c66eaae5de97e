//! The tables and their versions. All missing migrations run in one transaction, by one process at a time; a database
//! of a newer version is not touched.

use super::engine::{Engine, Migration, OLDEST_SQLITE, Place};
use super::{StoreError, sql};
use sqlx::{Any, AnyConnection, AssertSqlSafe, Transaction};

/// Each brings the tables to the version that is its place in this list, counted from 1. Entries are only ever added.
const MIGRATIONS: &[Migration] = &[Migration {
    tables: include_str!("../../migrations/0001_tables.sql"),
    sqlite: include_str!("../../migrations/0001_search.sqlite.sql"),
    postgres: include_str!("../../migrations/0001_search.postgres.sql"),
}];

/// The version this program writes.
pub const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Brings the tables up to date inside `work`.
pub async fn migrate(place: &Place, work: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
    check_library(place.engine, work).await?;
    let found = version(place.engine, work).await?;
    if found > KNOWN {
        return Err(StoreError::Newer { url: place.shown.clone(), found, known: KNOWN });
    }
    if found == KNOWN {
        return Ok(());
    }
    sqlx::query(sql::MAKE_META).execute(&mut **work).await?;
    for migration in &MIGRATIONS[found as usize..] {
        sqlx::raw_sql(AssertSqlSafe(place.engine.migration(migration))).execute(&mut **work).await?;
    }
    sqlx::query(sql::SET_META).bind("version").bind(KNOWN.to_string()).execute(&mut **work).await?;
    Ok(())
}

/// 0 for a database without our tables.
pub async fn version(engine: Engine, connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let tables: i64 = sqlx::query_scalar(engine.count_meta()).fetch_one(&mut *connection).await?;
    if tables == 0 {
        return Ok(0);
    }
    let text: Option<String> = sqlx::query_scalar(sql::META).bind("version").fetch_optional(connection).await?;
    match text.as_deref().map(str::parse) {
        Some(Ok(version)) if version > 0 => Ok(version),
        other => Err(StoreError::Corrupt(format!("the version of its tables is {other:?}"))),
    }
}

async fn check_library(engine: Engine, connection: &mut AnyConnection) -> Result<(), StoreError> {
    let Some(question) = engine.library_version() else { return Ok(()) };
    let found: String = sqlx::query_scalar(question).fetch_one(connection).await?;
    let parts: Vec<u32> = found.split('.').map_while(|part| part.parse().ok()).collect();
    if parts.as_slice() < OLDEST_SQLITE.as_slice() {
        let needed = OLDEST_SQLITE.map(|part| part.to_string()).join(".");
        return Err(StoreError::OldSqlite { found, needed });
    }
    Ok(())
}
