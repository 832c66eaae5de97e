//! From the mailboxes into the inbox: the raw bytes are kept before anybody reads them.

use crate::clock::Timestamp;
use crate::config::{Config, Source};
use crate::mailbox::{self, Trouble, maildir, mbox};
use crate::store::{Arrival, Origin, Store, StoreError};
use std::collections::HashSet;
use std::path::Path;

/// One transaction takes at the most so many mails, and so many bytes.
const BATCH_MAILS: usize = 500;
const BATCH_BYTES: u64 = 16 << 20;

/// What one look at a mailbox brought.
#[derive(Debug, Default)]
pub struct Fetched {
    pub new: u64,
    pub troubles: Vec<Trouble>,
}

/// Looks at every mailbox once; all that is new is in the inbox afterwards. Trouble with one mail or one mailbox
/// does not keep the others.
pub async fn fetch(store: &Store, config: &Config, now: Timestamp) -> Result<Fetched, StoreError> {
    let mut fetched = Fetched::default();
    for mailbox in &config.mailboxes {
        match &mailbox.source {
            Source::Maildir(path) => fetch_maildir(store, &mailbox.name, path, &mut fetched).await?,
            Source::Mbox(path) => fetch_mbox(store, &mailbox.name, path, now, &mut fetched).await?,
        }
    }
    Ok(fetched)
}

async fn fetch_maildir(store: &Store, name: &str, path: &Path, fetched: &mut Fetched) -> Result<(), StoreError> {
    let entries = match maildir::list(path) {
        Ok(entries) => entries,
        Err(trouble) => {
            fetched.troubles.push(trouble);
            return Ok(());
        }
    };
    let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let unknown: HashSet<String> = store.unknown_keys(name, &keys).await?.into_iter().collect();
    let mut batch = Batch::new(name);
    for entry in entries.iter().filter(|entry| unknown.contains(&entry.key)) {
        match maildir::read_entry(entry, mailbox::LIMIT) {
            Ok(Some((raw, received))) => {
                batch
                    .add(store, Arrival { source_key: entry.key.clone(), raw, received, origin: Origin::Live })
                    .await?;
            }
            // Somebody took it away between the listing and the reading: it is no longer in the mailbox.
            Ok(None) => {}
            Err(trouble) => fetched.troubles.push(trouble),
        }
    }
    fetched.new += batch.finish(store, None).await?;
    Ok(())
}

async fn fetch_mbox(
    store: &Store,
    name: &str,
    path: &Path,
    now: Timestamp,
    fetched: &mut Fetched,
) -> Result<(), StoreError> {
    loop {
        let watermark = store.watermark(name).await?;
        let poll = match mbox::poll(path, watermark.as_deref(), BATCH_BYTES as usize, now) {
            Ok(poll) => poll,
            Err(trouble) => {
                fetched.troubles.push(trouble);
                return Ok(());
            }
        };
        let arrival = |mail: mbox::Arrived| Arrival {
            source_key: mail.key,
            raw: mail.raw,
            received: mail.received,
            origin: Origin::Live,
        };
        let arrivals: Vec<Arrival> = poll.mails.into_iter().map(arrival).collect();
        fetched.new += store.receive(name, &arrivals, Some(&poll.watermark)).await?;
        if !poll.more {
            return Ok(());
        }
    }
}

/// Mails on their way into the inbox, a bounded number in memory.
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
