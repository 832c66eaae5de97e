//! Which of our mails a link leads to, for links that do not hold its id: by the hash of the id, or by the page where
//! the mail itself says that it is archived.

use super::row::{Columns, ask_many};
use super::sql::{self, Many};
use super::{MailRow, StoreError};
use crate::mail::MessageId;
use crate::mail::link::{Link, id_hash, page};
use sqlx::AnyConnection;
use std::collections::{HashMap, HashSet};

/// The hashes and pages that a turn has asked about, with those of the mails that the turn has settled. A hash and a
/// page can't be taken for each other: only a page holds a `/`.
#[derive(Default)]
pub struct Links {
    /// The mail that a hash or page names first; `None` for those that name none.
    mails: HashMap<String, Option<MessageId>>,
    /// Mails settled in this turn, which the tables may not have yet.
    fresh: HashMap<String, MessageId>,
}

impl Links {
    /// Asks about these links, as far as nobody has.
    pub async fn read<'a>(
        &mut self,
        links: impl IntoIterator<Item = &'a Link>,
        connection: &mut AnyConnection,
    ) -> Result<(), StoreError> {
        let (mut hashes, mut pages) = (HashSet::new(), HashSet::new());
        for link in links {
            hashes.extend(link.hash.clone().filter(|hash| !self.mails.contains_key(hash)));
            pages.extend(link.page.clone().filter(|page| !self.mails.contains_key(page)));
        }
        self.ask(sql::BY_ID_HASH, hashes.into_iter().collect(), connection).await?;
        self.ask(sql::BY_PAGE, pages.into_iter().collect(), connection).await
    }

    async fn ask(
        &mut self,
        question: Many,
        keys: Vec<String>,
        connection: &mut AnyConnection,
    ) -> Result<(), StoreError> {
        for keys in question.pieces(&keys) {
            let asked = keys.iter().fold(ask_many(question, keys.len()), |asked, key| asked.bind(key.clone()));
            for row in asked.fetch_all(&mut *connection).await? {
                let mut columns = Columns::of(&row);
                let (key, id) = (columns.text()?, columns.named()?);
                // The first mail that came is the one meant.
                self.mails.entry(key).or_insert(Some(id));
            }
        }
        for key in keys {
            self.mails.entry(key).or_insert(None);
        }
        Ok(())
    }

    /// The mail behind a link, which must have been asked about. Its hash tells more than the page it stands on.
    pub fn behind(&self, link: &Link) -> Option<&MessageId> {
        let keys = link.hash.iter().chain(&link.page);
        keys.filter_map(|key| self.mails.get(key).and_then(Option::as_ref).or_else(|| self.fresh.get(key))).next()
    }

    /// Notes a mail that was settled.
    pub fn put(&mut self, row: &MailRow) {
        for key in keys(row) {
            self.fresh.entry(key).or_insert_with(|| row.message_id.clone());
        }
    }
}

fn keys(row: &MailRow) -> impl Iterator<Item = String> {
    [id_hash(&row.message_id)].into_iter().chain(archive_page(row))
}

/// The page that its Archived-At names.
pub fn archive_page(row: &MailRow) -> Option<String> {
    row.archived_at.as_deref().and_then(page)
}
