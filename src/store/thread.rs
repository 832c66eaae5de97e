//! Who answers whom, kept: the places of [`mail::thread`](crate::mail::thread), which has the rule. This only reads and
//! writes them.

use super::row::{Asked, Columns, ask_ids, ask_many, id_text};
use super::{MailRow, StoreError, sql};
use crate::mail::MessageId;
use crate::mail::thread::{Ids, Place, ancestors, changes, nearest, within_reach};
use sqlx::AnyConnection;
use std::collections::{HashMap, HashSet};

/// The part of the table `thread` that a turn has read, with what the turn has changed in it.
#[derive(Default)]
pub struct Threads {
    /// `None` for ids that the table does not have.
    places: HashMap<MessageId, Option<Place>>,
    /// Whose places are not written yet.
    changed: HashSet<MessageId>,
}

impl Threads {
    /// Reads the places of these mails, and of those above them, as far as they are not known.
    pub async fn read(
        &mut self,
        ids: impl IntoIterator<Item = &MessageId>,
        connection: &mut AnyConnection,
    ) -> Result<(), StoreError> {
        let unread: HashSet<&MessageId> = ids.into_iter().filter(|id| !self.places.contains_key(*id)).collect();
        let unread: Vec<MessageId> = unread.into_iter().cloned().collect();
        for ids in sql::ABOVE.pieces(&unread) {
            for row in ask_ids(sql::ABOVE, ids).fetch_all(&mut *connection).await? {
                let mut columns = Columns::of(&row);
                let id = columns.named()?;
                let place = place(&mut columns, MessageId::clone)?;
                // What is known already may have changed since it was read.
                self.places.entry(id).or_insert(Some(place));
            }
        }
        for id in unread {
            self.places.entry(id).or_insert(None);
        }
        Ok(())
    }

    /// The given mails and all above them in their threads, nearest first, at most 500. Ghosts are among them.
    pub async fn ancestors(
        &mut self,
        ids: &[MessageId],
        connection: &mut AnyConnection,
    ) -> Result<Vec<MessageId>, StoreError> {
        loop {
            let way = ancestors(nearest(ids), |id| self.place(id));
            if way.iter().all(|id| self.places.contains_key(id)) {
                return Ok(way);
            }
            self.read(&way, connection).await?;
        }
    }

    /// Puts a mail in its thread, and ghosts for what it tells about mails not seen. Returns the ghosts whose place
    /// this changed, the mail itself among them if it was one: the mails below them have another way up now.
    pub async fn put(&mut self, row: &MailRow, connection: &mut AnyConnection) -> Result<Vec<MessageId>, StoreError> {
        let mail = Ids { message_id: &row.message_id, parents: &row.parents, references: &row.references };
        self.read(within_reach(mail), connection).await?;
        let mut moved = Vec::new();
        for (id, place) in changes(mail, |id| self.place(id)) {
            if self.place(&id).is_some() {
                moved.push(id.clone());
            }
            self.changed.insert(id.clone());
            self.places.insert(id, Some(place));
        }
        Ok(moved)
    }

    /// Writes what has changed.
    pub async fn write(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let changed: Vec<(MessageId, Place)> =
            self.changed.drain().filter_map(|id| Some((id.clone(), self.places.get(&id)?.clone()?))).collect();
        for places in sql::PUT_THREAD.pieces(&changed) {
            let mut put = ask_many(sql::PUT_THREAD, places.len());
            for (id, place) in places {
                put = bind_place(put, id, place);
            }
            put.execute(&mut *connection).await?;
        }
        Ok(())
    }

    fn place(&self, id: &MessageId) -> Option<&Place> {
        self.places.get(id)?.as_ref()
    }
}

/// The columns behind the id. What is called there may be called otherwise here.
pub(super) fn place(columns: &mut Columns, called: impl Fn(&MessageId) -> MessageId) -> Result<Place, StoreError> {
    Ok(Place {
        parent: columns.named_or_null()?.as_ref().map(&called),
        aside: columns.named_or_null()?.as_ref().map(&called),
        told: usize::try_from(columns.count()?).unwrap_or(usize::MAX),
        seen: columns.flag()?,
    })
}

pub(super) fn bind_place(put: Asked, id: &MessageId, place: &Place) -> Asked {
    put.bind(id_text(id))
        .bind(place.parent.as_ref().map(id_text))
        .bind(place.aside.as_ref().map(id_text))
        .bind(i64::try_from(place.told).unwrap_or(i64::MAX))
        .bind(i64::from(place.seen))
}
