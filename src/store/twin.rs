//! Mails under the same Message-ID. Whether one is the same mail again is not decided here.

use super::row::{Columns, ask_ids};
use super::{MailRow, StoreError, Twin, sql};
use crate::mail::{MessageId, Reason};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The twins that a turn has read, with those that the turn has settled.
#[derive(Default)]
pub struct Twins {
    /// In the order of their arrival. An id that is here has all its twins here.
    called: HashMap<MessageId, Vec<Twin>>,
    /// Under which id each mail above stands: a mail that is read again may come out under another one.
    ids: HashMap<i64, MessageId>,
}

impl Twins {
    /// Reads the mails under these ids, as far as they are not known.
    pub async fn read(
        &mut self,
        ids: impl IntoIterator<Item = &MessageId>,
        connection: &mut AnyConnection,
    ) -> Result<(), StoreError> {
        let unread: HashSet<&MessageId> = ids.into_iter().filter(|id| !self.called.contains_key(*id)).collect();
        let unread: Vec<MessageId> = unread.into_iter().cloned().collect();
        for ids in sql::TWINS.pieces(&unread) {
            for row in ask_ids(sql::TWINS, ids).fetch_all(&mut *connection).await? {
                let (id, twin) = stored(&row)?;
                // What this turn has settled stands elsewhere by now.
                if let Entry::Vacant(unknown) = self.ids.entry(twin.inbox_id) {
                    unknown.insert(id.clone());
                    self.called.entry(id).or_default().push(twin);
                }
            }
        }
        for id in unread {
            self.called.entry(id).or_default();
        }
        Ok(())
    }

    /// Those under this id, which must have been read.
    pub fn called(&self, id: &MessageId) -> &[Twin] {
        self.called.get(id).map_or(&[], Vec::as_slice)
    }

    /// Notes a mail under its id, which must have been read.
    pub fn put(&mut self, inbox_id: i64, row: &MailRow) {
        if let Some(before) = self.ids.insert(inbox_id, row.message_id.clone())
            && let Some(twins) = self.called.get_mut(&before)
        {
            twins.retain(|twin| twin.inbox_id != inbox_id);
        }
        // A copy is nobody's original: read again after a late parent, the original must not take itself for one.
        if matches!(row.reason, Reason::Duplicate | Reason::ReusedMessageId) {
            return;
        }
        let twin = Twin {
            inbox_id,
            content_hash: row.content_hash.clone(),
            from_address: row.from_address.clone(),
            list: row.list.clone(),
            at: row.at,
        };
        let twins = self.called.entry(row.message_id.clone()).or_default();
        twins.insert(twins.partition_point(|other| other.inbox_id < inbox_id), twin);
    }
}

fn stored(row: &AnyRow) -> Result<(MessageId, Twin), StoreError> {
    let mut columns = Columns::of(row);
    let id = columns.named()?;
    let twin = Twin {
        inbox_id: columns.int()?,
        content_hash: columns.text()?,
        from_address: columns.named_or_null()?,
        list: columns.text_or_null()?,
        at: columns.time()?,
    };
    Ok((id, twin))
}
