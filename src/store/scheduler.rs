//! The database of session-scheduler (its schema is version 2), read and left as it is.
//!
//! It is another program's and SQLite alone, so its statements stand here, and not among those that serve our own tables
//! on either engine.

use super::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use std::path::Path;

/// A session of the scheduler, with its owner and its place in the timetable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discussion {
    pub id: String,
    /// As everybody may see it; blank when nothing was approved yet.
    pub title: String,
    pub description: String,
    pub owner: User,
    /// RFC 3339, as are `ends`.
    pub starts: Option<String>,
    pub ends: Option<String>,
    pub room: Option<String>,
    pub room_url: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub id: String,
    pub login: String,
    pub name: String,
    pub email: String,
    pub company: String,
}

/// How much somebody wants a session: 1 to 100.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub discussion: String,
    pub user: User,
    pub interest: i64,
}

const DISCUSSIONS: &str = "
    SELECT d.discussionid,
           CASE WHEN d.ispublic THEN d.title ELSE d.approvedtitle END,
           CASE WHEN d.ispublic THEN d.description ELSE d.approveddescription END,
           u.userid, u.username, u.realname, u.email, u.company,
           CAST(s.slottime AS TEXT), CAST(after.slottime AS TEXT), l.locationname, l.locationurl
    FROM event_discussions d
    JOIN event_users u ON u.userid = d.owner
    LEFT JOIN event_schedule p ON p.discussionid = d.discussionid
    LEFT JOIN event_slots s ON s.slotid = p.slotid
    LEFT JOIN event_slots after ON after.dayid = s.dayid AND after.slotidx = s.slotidx + 1
    LEFT JOIN event_locations l ON l.locationid = p.locationid
    ORDER BY d.rowid, s.dayid, s.slotidx";

/// An owner's own interest is the scheduler's doing.
const WISHES: &str = "
    SELECT i.discussionid, u.userid, u.username, u.realname, u.email, u.company, CAST(i.interest AS INTEGER)
    FROM event_interest i
    JOIN event_users u ON u.userid = i.userid
    JOIN event_discussions d ON d.discussionid = i.discussionid
    WHERE i.interest > 0 AND u.userid <> d.owner
    ORDER BY i.rowid";

/// All that it holds of sessions.
pub async fn read(path: &Path) -> Result<(Vec<Discussion>, Vec<Wish>), StoreError> {
    let mut base = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let discussions = rows(&mut base, DISCUSSIONS).await?.iter().map(discussion).collect::<Result<_, _>>()?;
    let wishes = rows(&mut base, WISHES).await?.iter().map(wish).collect::<Result<_, _>>()?;
    base.close().await?;
    Ok((discussions, wishes))
}

async fn rows(base: &mut SqliteConnection, statement: &'static str) -> Result<Vec<SqliteRow>, StoreError> {
    Ok(sqlx::query(statement).fetch_all(base).await?)
}

fn discussion(row: &SqliteRow) -> Result<Discussion, StoreError> {
    Ok(Discussion {
        id: text(row, 0)?,
        title: text(row, 1)?,
        description: text(row, 2)?,
        owner: user(row, 3)?,
        starts: row.try_get_unchecked(8)?,
        ends: row.try_get_unchecked(9)?,
        room: row.try_get_unchecked(10)?,
        room_url: row.try_get_unchecked(11)?,
    })
}

fn wish(row: &SqliteRow) -> Result<Wish, StoreError> {
    Ok(Wish { discussion: text(row, 0)?, user: user(row, 1)?, interest: row.try_get_unchecked(6)? })
}

fn user(row: &SqliteRow, at: usize) -> Result<User, StoreError> {
    let [id, login, name, email, company] = [0, 1, 2, 3, 4].map(|n| text(row, at + n));
    Ok(User { id: id?, login: login?, name: name?, email: email?, company: company? })
}

/// Blank where the database has nothing.
fn text(row: &SqliteRow, at: usize) -> Result<String, StoreError> {
    Ok(row.try_get_unchecked::<Option<String>, _>(at)?.unwrap_or_default())
}
