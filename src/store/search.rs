//! The index of words: a view of the log that is kept as a table, written with the facts it follows from, and thrown away
//! and made anew whenever it is not of this log or not of our making.
//!
//! It knows no language and folds nothing. Words come here as `pages::search` has folded them, of letters and digits
//! alone; so a question is a list of words, and nothing that somebody types can be anything else to a database.

use super::row::{Columns, ask, ask_many};
use super::{Store, StoreError, Work, sql};
use crate::clock::Timestamp;
use crate::session::SessionKey;

/// In `meta`: how the index was made, and from how much of the log.
const MADE: &str = "searchable";

/// What can be found of a session: words with a blank between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searchable {
    pub session: SessionKey,
    pub submitted: Timestamp,
    pub title: String,
    /// Who took part, what was decided and what is to be done.
    pub told: String,
    pub prose: String,
}

/// What the index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// All that it follows from beside the log.
    pub making: String,
    /// Of the log's last fact in it.
    pub position: i64,
}

impl Store {
    /// The sessions that have, for each of these words, one that begins so, at most so many. First those that have all in
    /// their titles, then in what was told of them, and of these the latest; the same on both engines.
    pub async fn find(&self, words: &[String], most: usize) -> Result<Vec<SessionKey>, StoreError> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let [title, told, all] = self.engine.questions(words);
        let question = ask(self.engine.find()).bind(title).bind(told).bind(all).bind(most as i64);
        question.fetch_all(&self.reader).await?.iter().map(|row| key(&mut Columns::of(row))).collect()
    }

    /// How far the index goes.
    pub async fn indexed(&self) -> Result<Option<Indexed>, StoreError> {
        let made: Option<String> = sqlx::query_scalar(sql::META).bind(MADE).fetch_optional(&self.reader).await?;
        Ok(made.as_deref().and_then(Indexed::read))
    }
}

impl Work {
    /// How far the index goes.
    pub async fn indexed(&mut self) -> Result<Option<Indexed>, StoreError> {
        let made: Option<String> = sqlx::query_scalar(sql::META).bind(MADE).fetch_optional(&mut *self.turn).await?;
        Ok(made.as_deref().and_then(Indexed::read))
    }

    /// Empties the index.
    pub async fn forget_words(&mut self) -> Result<(), StoreError> {
        ask(sql::FORGET_WORDS).execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Puts these sessions into the index, in the place of what it had of them, and notes how far it goes now.
    pub async fn index(&mut self, sessions: &[Searchable], now: &Indexed) -> Result<(), StoreError> {
        for sessions in sql::PUT_WORDS.pieces(sessions) {
            let mut put = ask_many(sql::PUT_WORDS, sessions.len());
            for one in sessions {
                put = put
                    .bind(one.session.summit.clone())
                    .bind(i64::from(one.session.number))
                    .bind(one.submitted.as_microsecond())
                    .bind(one.title.clone())
                    .bind(one.told.clone())
                    .bind(one.prose.clone());
            }
            put.execute(&mut *self.turn).await?;
        }
        ask(sql::SET_META).bind(MADE).bind(now.text()).execute(&mut *self.turn).await?;
        Ok(())
    }
}

impl Indexed {
    fn read(text: &str) -> Option<Indexed> {
        let (position, making) = text.split_once(' ')?;
        Some(Indexed { making: making.to_owned(), position: position.parse().ok()? })
    }

    fn text(&self) -> String {
        format!("{} {}", self.position, self.making)
    }
}

fn key(columns: &mut Columns) -> Result<SessionKey, StoreError> {
    let summit = columns.text()?;
    let number = u32::try_from(columns.int()?).map_err(|_| StoreError::Corrupt("a session's number".to_owned()))?;
    Ok(SessionKey { summit, number })
}
