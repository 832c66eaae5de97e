//! The site that is being served: the one of the last look, until a look finds another.
//!
//! A page is made when somebody asks for it first, and kept, with its packed form, until the site is another one. Whoever
//! asks is never kept waiting for a look at the whole database: [`Library::refresh`] is called by the daemon in its own time.

use super::{shelf, unsubscribe};
use crate::clock::{Clock, Timestamp};
use crate::pages::search::asked;
use crate::pages::site::{Leaf, Raws, Site, Way, paths};
use crate::session::Policy;
use crate::store::{Arrival, Edition, Origin, Store, StoreError};
use axum::body::Bytes;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The mailbox of what readers did.
const CLICKS: &str = "pages";

pub struct Library {
    store: Store,
    clock: Clock,
    shelf: RwLock<Option<Arc<Shelf>>>,
    /// Which parts of the daemon are not well.
    troubles: Mutex<Vec<String>>,
}

/// One site, with what was asked of it so far.
pub struct Shelf {
    edition: Edition,
    policy: String,
    since: Timestamp,
    until: Option<Timestamp>,
    site: Site,
    leaves: HashMap<String, Leaf>,
    made: Mutex<HashMap<String, Arc<Made>>>,
}

/// A page as it goes out.
pub struct Made {
    pub plain: Bytes,
    /// Where that is shorter.
    pub packed: Option<Bytes>,
    /// Without its quotes.
    pub tag: String,
    pub kind: &'static str,
    pub found: bool,
}

impl Library {
    pub fn of(store: Store, clock: Clock) -> Library {
        Library { store, clock, shelf: RwLock::default(), troubles: Mutex::default() }
    }

    /// Looks whether there is anything new, and takes it in.
    pub async fn refresh(&self, policy: &Policy, now: Timestamp) -> Result<(), StoreError> {
        let written = format!("{policy:?}");
        if let Some(shelf) = self.shelf()
            && shelf.policy == written
            && shelf.since <= now
            && shelf.until.is_none_or(|until| now < until)
            && shelf.edition == self.store.edition().await?
        {
            return Ok(());
        }
        let (edition, site) = shelf::read(&self.store, policy, now, Way::Served).await?;
        let leaves = site.leaves().into_iter().collect();
        let until = site.good_until();
        let shelf = Shelf { edition, policy: written, since: now, until, site, leaves, made: Mutex::default() };
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(shelf));
        Ok(())
    }

    /// Tells which parts of the daemon are not well.
    pub fn tell(&self, troubles: Vec<String>) {
        *self.troubles.lock().unwrap_or_else(PoisonError::into_inner) = troubles;
    }

    /// What keeps us from being ready; nothing when we are.
    pub fn troubles(&self) -> Vec<String> {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let unread = self.shelf().is_none().then(|| "the archive is being read".to_owned());
        troubles.into_iter().chain(unread).collect()
    }

    /// The page at a path, the page for those who are lost where there is none; `None` before the first look.
    pub async fn page(&self, path: &str) -> Result<Option<Arc<Made>>, StoreError> {
        let Some(shelf) = self.shelf() else { return Ok(None) };
        let Some(leaf) = shelf.leaves.get(path) else {
            return Ok(Some(Arc::new(Made::of(paths::LOST, shelf.site.lost(path), false))));
        };
        if let Some(made) = shelf.kept(path) {
            return Ok(Some(made));
        }
        let raws: Raws = self.store.raws(&shelf.site.needs(leaf)).await?;
        let made = tokio::task::block_in_place(|| Made::of(path, shelf.site.render(path, leaf, &raws), true));
        Ok(Some(shelf.keep(path, made)))
    }

    /// The answer to a search; `None` before the first look.
    pub async fn search(&self, question: &str) -> Result<Option<Arc<Made>>, StoreError> {
        let Some(shelf) = self.shelf() else { return Ok(None) };
        let words = asked(question);
        let found = self.store.find(&words, Site::MOST_FOUND + 1).await?;
        let answer = || shelf.site.answer(paths::SEARCH, question, &words, &found);
        Ok(Some(tokio::task::block_in_place(|| Arc::new(Made::of(paths::SEARCH, answer(), true)))))
    }

    /// The page behind a link that ends a subscription; `None` before the first look.
    pub fn unsubscribe(&self, path: &str) -> Option<Made> {
        let shelf = self.shelf()?;
        let page = tokio::task::block_in_place(|| shelf.site.unsubscribe(path, self.store.secret()));
        Some(unsubscribe::made(path, page, || shelf.site.lost(path)))
    }

    /// The same when somebody clicks there: the click is kept like a mail that arrived, once.
    pub async fn unsubscribed(&self, path: &str) -> Result<Option<Made>, StoreError> {
        let Some(shelf) = self.shelf() else { return Ok(None) };
        let now = self.clock.now();
        let clicked = tokio::task::block_in_place(|| shelf.site.unsubscribed(path, self.store.secret(), now));
        let (page, mail) = clicked.map_or((None, None), |clicked| (Some(clicked.page), clicked.mail));
        if let Some((id, raw)) = mail {
            let arrival = Arrival { source_key: id.to_string(), raw, received: now, origin: Origin::Pages };
            self.store.receive(CLICKS, &[arrival], None).await?;
        }
        Ok(Some(unsubscribe::made(path, page, || shelf.site.lost(path))))
    }

    fn shelf(&self) -> Option<Arc<Shelf>> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shelf {
    fn kept(&self, path: &str) -> Option<Arc<Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn keep(&self, path: &str, made: Made) -> Arc<Made> {
        let mut kept = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(path.to_owned()).or_insert_with(|| Arc::new(made)).clone()
    }
}

impl Made {
    pub(super) fn of(path: &str, plain: Vec<u8>, found: bool) -> Made {
        let packed = packed(&plain).filter(|packed| packed.len() < plain.len());
        Made {
            tag: HEXLOWER.encode(&Sha256::digest(&plain)[..12]),
            packed: packed.map(Bytes::from),
            plain: Bytes::from(plain),
            kind: kind(path),
            found,
        }
    }
}

fn packed(plain: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(plain).ok()?;
    packer.finish().ok()
}

/// The media type of a file, by its name's end.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("atom") => "application/atom+xml",
        Some("mbox") => "application/mbox",
        _ => "text/plain; charset=utf-8",
    }
}
