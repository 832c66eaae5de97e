//! Between rows and values: how each type of ours lies in BIGINT, TEXT and bytes.

use super::sql::Many;
use super::{Origin, StoreError};
use crate::clock::{Timestamp, from_micros};
use crate::mail::{Address, MessageId, end};
use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Decode, Row, Type};

/// A query with its parameters.
pub type Asked = Query<'static, Any, AnyArguments>;

/// A static statement.
pub fn ask(text: &'static str) -> Asked {
    sqlx::query(text)
}

/// A statement over so many rows. Its text holds numbers of parameters and nothing else that is not static.
pub fn ask_many(many: Many, rows: usize) -> Asked {
    sqlx::query(AssertSqlSafe(many.text(rows)))
}

/// A statement over Message-IDs.
pub fn ask_ids(many: Many, ids: &[MessageId]) -> Asked {
    ids.iter().fold(ask_many(many, ids.len()), |asked, id| asked.bind(id_text(id)))
}

/// The columns of a row, taken from left to right.
pub struct Columns<'r> {
    row: &'r AnyRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub fn of(row: &'r AnyRow) -> Columns<'r> {
        Columns { row, next: 0 }
    }

    fn take<T: Decode<'r, Any> + Type<Any>>(&mut self) -> Result<T, StoreError> {
        let column = self.next;
        self.next += 1;
        Ok(self.row.try_get(column)?)
    }

    pub fn int(&mut self) -> Result<i64, StoreError> {
        self.take()
    }

    pub fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.int()? != 0)
    }

    /// A number that cannot be negative.
    pub fn count(&mut self) -> Result<u64, StoreError> {
        let number = self.int()?;
        u64::try_from(number).map_err(|_| StoreError::Corrupt(format!("the count {number}")))
    }

    pub fn int_or_null(&mut self) -> Result<Option<i64>, StoreError> {
        self.take()
    }

    pub fn text(&mut self) -> Result<String, StoreError> {
        self.take()
    }

    pub fn text_or_null(&mut self) -> Result<Option<String>, StoreError> {
        self.take()
    }

    pub fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.take()
    }

    pub fn time(&mut self) -> Result<Timestamp, StoreError> {
        Ok(from_micros(self.int()?))
    }

    /// A unit variant, a Message-ID, an address: whatever serialises to one string.
    pub fn named<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        from_stored_name(&self.text()?)
    }

    pub fn named_or_null<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        self.text_or_null()?.as_deref().map(from_stored_name).transpose()
    }

    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(format!("`{text}` ({error})")))
    }

    pub fn json_or_null<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        let read = |text: String| {
            serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(format!("`{text}` ({error})")))
        };
        self.text_or_null()?.map(read).transpose()
    }

    pub fn origin(&mut self) -> Result<Origin, StoreError> {
        match self.text()?.as_str() {
            "live" => Ok(Origin::Live),
            "archive" => Ok(Origin::Archive),
            "pages" => Ok(Origin::Pages),
            other => Err(StoreError::Corrupt(format!("the origin `{other}`"))),
        }
    }

    /// A mail: its size, then its compressed bytes.
    pub fn raw(&mut self) -> Result<Vec<u8>, StoreError> {
        let size = self.count()?;
        let packed = self.bytes()?;
        let whole = zstd::bulk::decompress(&packed, size as usize).ok().filter(|raw| raw.len() as u64 == size);
        whole.ok_or_else(|| StoreError::Corrupt(format!("a mail of {size} bytes that cannot be unpacked")))
    }
}

fn from_stored_name<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    end::from_name(text).ok_or_else(|| StoreError::Corrupt(format!("the value `{text}`")))
}

/// JSON for a TEXT column.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("no type of ours has such keys: {error}"))
}

pub fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Live => "live",
        Origin::Archive => "archive",
        Origin::Pages => "pages",
    }
}

pub fn id_text(id: &MessageId) -> String {
    id.as_str().to_owned()
}

pub fn address_text(address: Option<&Address>) -> Option<String> {
    address.map(|address| address.as_str().to_owned())
}

/// The column form of `now + lease`.
pub fn lease_end(now: Timestamp, lease: SignedDuration) -> i64 {
    now.checked_add(lease).unwrap_or(Timestamp::MAX).as_microsecond()
}

/// How many of these sizes, from the first, stay within `max` bytes together: at least one, or work would stop at a
/// mail that is larger than `max` by itself.
pub fn within(sizes: impl Iterator<Item = u64>, max: u64) -> usize {
    let mut sum: u64 = 0;
    let fitting = sizes.take_while(|size| {
        let first = sum == 0;
        sum = sum.saturating_add((*size).max(1));
        first || sum <= max
    });
    fitting.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_stays_within_its_bytes_but_is_never_empty() {
        assert_eq!(within([40, 40, 40].into_iter(), 100), 2);
        assert_eq!(within([400, 40].into_iter(), 100), 1);
        assert_eq!(within([0, 0, 0].into_iter(), 100), 3);
        assert_eq!(within([].into_iter(), 100), 0);
    }

    #[test]
    fn a_lease_at_the_end_of_time_does_not_overflow() {
        assert_eq!(lease_end(Timestamp::MAX, SignedDuration::from_hours(1)), Timestamp::MAX.as_microsecond());
    }
}
