//! What the pages are made of, and whether there is anything new to make them of.

use super::outbox::letter;
use super::row::{Columns, ask, ask_many};
use super::{LetterRow, Store, StoreError, sql};
use std::collections::HashMap;

/// A state of what is published. Two that are equal are the same state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Edition {
    /// Of the last fact.
    position: u64,
    /// How often mails have been settled, or changed otherwise.
    settlings: u64,
    /// Letters that lists got.
    posted: u64,
}

impl Store {
    pub async fn edition(&self) -> Result<Edition, StoreError> {
        let row = ask(sql::EDITION).fetch_one(&self.reader).await?;
        let mut columns = Columns::of(&row);
        let (position, posted) = (columns.count()?, columns.count()?);
        let settlings = columns.text_or_null()?;
        let settlings = settlings.map_or(Ok(0), |text| {
            text.parse().map_err(|_| StoreError::Corrupt(format!("the number of settlings `{text}`")))
        })?;
        Ok(Edition { position, settlings, posted })
    }

    /// The letters that lists got, with their bytes, oldest first.
    pub async fn posted(&self) -> Result<Vec<(LetterRow, Vec<u8>)>, StoreError> {
        let rows = ask(sql::POSTED).fetch_all(&self.reader).await?;
        let posted = rows.iter().map(|row| {
            let mut columns = Columns::of(row);
            Ok((letter(&mut columns)?, columns.bytes()?))
        });
        posted.collect()
    }

    /// The raw mails at these places of the inbox, as far as they are there.
    pub async fn raws(&self, ids: &[i64]) -> Result<HashMap<i64, Vec<u8>>, StoreError> {
        let mut raws = HashMap::with_capacity(ids.len());
        for ids in sql::RAWS.pieces(ids) {
            let question = ids.iter().fold(ask_many(sql::RAWS, ids.len()), |asked, id| asked.bind(*id));
            for row in question.fetch_all(&self.reader).await? {
                let mut columns = Columns::of(&row);
                raws.insert(columns.int()?, columns.raw()?);
            }
        }
        Ok(raws)
    }
}
