//! From the mailboxes into the inbox: the raw bytes are kept before anybody reads them.
//!
//! A mailbox may hold any number of mails, and its disk may be slow: so it is read in pieces, each committed by itself,
//! and a stop is heard between two of them.

use super::run::Stop;
use crate::clock::Timestamp;
use crate::config::{Config, MailboxConfig, Source};
use crate::mailbox::imap::{Imap, ImapSettings, Patience};
use crate::mailbox::maildir::{self, Entry};
use crate::mailbox::{self, Trouble, mbox};
use crate::store::{Arrival, Origin, Store, StoreError};
use std::collections::HashSet;
use std::path::Path;
use tokio::task::block_in_place;

/// One transaction takes at the most so many mails, and so many bytes.
const BATCH_MAILS: usize = 500;
const BATCH_BYTES: u64 = 16 << 20;

/// What one look at a mailbox brought.
#[derive(Debug, Default)]
pub struct Fetched {
    pub new: u64,
    pub troubles: Vec<Trouble>,
    /// The mailbox could not be read at all, or not to its end.
    pub failed: bool,
}

impl Fetched {
    pub fn fail(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
        self.failed = true;
    }
}

/// Where fetched mail goes.
pub struct Inlet<'a> {
    pub store: &'a Store,
    pub stop: &'a Stop,
    /// Told after each commit that brought something new.
    pub came: &'a (dyn Fn() + Sync),
}

/// Looks at every mailbox once; all that is new is in the inbox afterwards. Trouble with one mail or one mailbox
/// does not keep the others.
pub async fn fetch(store: &Store, config: &Config, now: Timestamp, stop: &Stop) -> Result<Fetched, StoreError> {
    let inlet = Inlet { store, stop, came: &|| {} };
    let mut all = Fetched::default();
    for mailbox in &config.mailboxes {
        let fetched = inlet.fetch(mailbox, now).await?;
        all.new += fetched.new;
        all.troubles.extend(fetched.troubles);
        all.failed |= fetched.failed;
    }
    Ok(all)
}

impl Inlet<'_> {
    /// Looks at one mailbox once.
    pub async fn fetch(&self, mailbox: &MailboxConfig, now: Timestamp) -> Result<Fetched, StoreError> {
        match &mailbox.source {
            Source::Maildir(path) => self.maildir(&mailbox.name, path).await,
            Source::Mbox(path) => self.mbox(&mailbox.name, path, now).await,
            Source::Imap(settings) => self.imap(&mailbox.name, settings).await,
            // Its mail comes by itself, while somebody listens.
            Source::Lmtp(_) => Ok(Fetched::default()),
        }
    }

    async fn maildir(&self, name: &str, path: &Path) -> Result<Fetched, StoreError> {
        let mut fetched = Fetched::default();
        let entries = match block_in_place(|| maildir::list(path)) {
            Ok(entries) => entries,
            Err(trouble) => {
                fetched.fail(trouble);
                return Ok(fetched);
            }
        };
        for piece in entries.chunks(BATCH_MAILS) {
            let keys: Vec<String> = piece.iter().map(|entry| entry.key().to_owned()).collect();
            let unknown: HashSet<String> = self.store.unknown_keys(name, &keys).await?.into_iter().collect();
            let wanted: Vec<&Entry> = piece.iter().filter(|entry| unknown.contains(entry.key())).collect();
            let mut wanted = wanted.as_slice();
            while !wanted.is_empty() {
                if self.stop.is_set() {
                    return Ok(fetched);
                }
                let arrivals = block_in_place(|| read(&mut wanted, &mut fetched.troubles));
                fetched.new += self.keep(name, &arrivals, None).await?;
            }
        }
        Ok(fetched)
    }

    async fn mbox(&self, name: &str, path: &Path, now: Timestamp) -> Result<Fetched, StoreError> {
        let mut fetched = Fetched::default();
        while !self.stop.is_set() {
            let watermark = self.store.watermark(name).await?;
            let poll = match block_in_place(|| mbox::poll(path, watermark.as_deref(), BATCH_BYTES as usize, now)) {
                Ok(poll) => poll,
                Err(trouble) => {
                    fetched.fail(trouble);
                    break;
                }
            };
            let arrivals: Vec<Arrival> =
                poll.mails.into_iter().map(|mail| live(mail.key, mail.raw, mail.received)).collect();
            fetched.new += self.keep(name, &arrivals, Some(&poll.watermark)).await?;
            if !poll.more {
                break;
            }
        }
        Ok(fetched)
    }

    /// Connects, takes all that is new, and leaves.
    async fn imap(&self, name: &str, settings: &ImapSettings) -> Result<Fetched, StoreError> {
        let mut fetched = Fetched::default();
        match Imap::open(settings, Patience::STANDARD).await {
            Ok(mut imap) => {
                self.imap_look(name, &mut imap, &mut fetched).await?;
                imap.close().await;
            }
            Err(trouble) => fetched.fail(trouble),
        }
        Ok(fetched)
    }

    /// Takes what is new on one connection, window by window. If it fails, the connection is of no more use.
    pub async fn imap_look(&self, name: &str, imap: &mut Imap, fetched: &mut Fetched) -> Result<(), StoreError> {
        let watermark = self.store.watermark(name).await?;
        let mut looked = imap.look(watermark.as_deref()).await;
        while looked.is_ok() && !self.stop.is_set() {
            let unknown = self.store.unknown_keys(name, &imap.candidates()).await?;
            let poll = match imap.fetch(&unknown).await {
                Ok(poll) => poll,
                Err(trouble) => {
                    looked = Err(trouble);
                    break;
                }
            };
            let arrivals: Vec<Arrival> =
                poll.mails.into_iter().map(|mail| live(mail.key, mail.raw, mail.received)).collect();
            fetched.new += self.keep(name, &arrivals, poll.watermark.as_deref()).await?;
            fetched.troubles.extend(poll.troubles);
            // Also without new mails: there may be some that were kept before the connection broke.
            looked = imap.taken().await;
            if !poll.more {
                break;
            }
        }
        if let Err(trouble) = looked {
            fetched.fail(trouble);
        }
        Ok(())
    }

    /// Commits what was read. How many were new.
    async fn keep(&self, name: &str, arrivals: &[Arrival], watermark: Option<&str>) -> Result<u64, StoreError> {
        if arrivals.is_empty() && watermark.is_none() {
            return Ok(0);
        }
        let new = self.store.receive(name, arrivals, watermark).await?;
        if new > 0 {
            (self.came)();
        }
        Ok(new)
    }
}

/// The next mails of a Maildir, as many as one transaction takes.
fn read(wanted: &mut &[&Entry], troubles: &mut Vec<Trouble>) -> Vec<Arrival> {
    let (mut arrivals, mut bytes) = (Vec::new(), 0);
    while let Some((entry, rest)) = wanted.split_first() {
        *wanted = rest;
        match maildir::read_entry(entry, mailbox::LIMIT) {
            Ok(Some((raw, received))) => {
                bytes += raw.len() as u64;
                arrivals.push(live(entry.key().to_owned(), raw, received));
            }
            // Somebody took it away between the listing and the reading: it is no longer in the mailbox.
            Ok(None) => {}
            Err(trouble) => troubles.push(trouble),
        }
        if bytes >= BATCH_BYTES {
            break;
        }
    }
    arrivals
}

fn live(source_key: String, raw: Vec<u8>, received: Timestamp) -> Arrival {
    Arrival { source_key, raw, received, origin: Origin::Live }
}

/// Mails of an archive on their way into the inbox, a bounded number in memory.
pub struct Batch<'a> {
    mailbox: &'a str,
    arrivals: Vec<Arrival>,
    bytes: u64,
    new: u64,
}

impl<'a> Batch<'a> {
    pub fn new(mailbox: &'a str) -> Batch<'a> {
        Batch { mailbox, arrivals: Vec::new(), bytes: 0, new: 0 }
    }

    pub async fn add(&mut self, store: &Store, arrival: Arrival) -> Result<(), StoreError> {
        self.bytes += arrival.raw.len() as u64;
        self.arrivals.push(arrival);
        if self.arrivals.len() >= BATCH_MAILS || self.bytes >= BATCH_BYTES {
            self.flush(store, None).await?;
        }
        Ok(())
    }

    /// How many were new.
    pub async fn finish(mut self, store: &Store, watermark: Option<&str>) -> Result<u64, StoreError> {
        self.flush(store, watermark).await?;
        Ok(self.new)
    }

    async fn flush(&mut self, store: &Store, watermark: Option<&str>) -> Result<(), StoreError> {
        if !self.arrivals.is_empty() || watermark.is_some() {
            self.new += store.receive(self.mailbox, &self.arrivals, watermark).await?;
            self.arrivals.clear();
            self.bytes = 0;
        }
        Ok(())
    }
}
