//! The site as files: only what has changed is written, each file whole or not at all, and what is no page any more is
//! removed if it was ours.
//!
//! No clock, no counter stands in a page: the same knowledge makes the same bytes. When nothing is new, nothing is even
//! made: the manifest says from which state of the database the files are. Mail is read for the pages that show it, some
//! at a time.

use super::manifest::{File, Manifest, Source, put, remove};
use super::shelf;
use crate::clock::Timestamp;
use crate::pages::site::{Leaf, Raws, Site, Way};
use crate::session::Policy;
use crate::store::{Store, StoreError};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::thread;
use tokio::task::JoinHandle;

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}: {source}\n  fix: the site needs a directory that can be written to, with room in it", path.display())]
    Disk { path: PathBuf, source: std::io::Error },
}

/// What publishing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Published {
    /// Files of the site.
    pub files: usize,
    pub written: usize,
    pub removed: usize,
}

/// Mails read at a time.
const MAILS: usize = 2_000;
/// Pages made at a time.
const PAGES: usize = 200;
/// As when the mail was read first: it may be nested.
const STACK: usize = 16 << 20;

/// Brings a directory up to date. `progress` is told how many pages of how many are done.
pub async fn publish(
    store: &Store,
    policy: &Policy,
    dir: &Path,
    now: Timestamp,
    mut progress: impl FnMut(usize, usize),
) -> Result<Published, PublishError> {
    let before = Manifest::read(dir)?;
    let source = Source { edition: store.edition().await?, making: making(policy) };
    if before.is_of(&source, now, dir) {
        return Ok(Published { files: before.files.len(), ..Published::default() });
    }
    let (edition, site) = shelf::read(store, policy, now, Way::Files).await?;
    let leaves = site.leaves();
    let mut files = before.files.clone();
    files.extend(leaves.iter().map(|(path, _)| (path.clone(), File { bytes: 0, hash: String::new() })));
    // If we are ended now, the next one knows what is ours.
    Manifest { files, ..Manifest::default() }.write(dir)?;
    let mut after = Manifest { since: Some(now), until: site.good_until(), ..Manifest::default() };
    let mut published = Published { files: leaves.len(), ..Published::default() };
    let stacks = stacks(&site, &leaves);
    let mut fetching = fetch(store, &site, stacks[0]);
    for (at, stack) in stacks.iter().enumerate() {
        let raws = fetching.await.unwrap_or_else(|end| std::panic::resume_unwind(end.into_panic()))?;
        // What is shown next is read while this is made.
        fetching = fetch(store, &site, stacks.get(at + 1).copied().unwrap_or_default());
        let made = tokio::task::block_in_place(|| render_all(&site, stack, &raws, dir, &before))?;
        for (path, file, written) in made {
            published.written += usize::from(written);
            after.files.insert(path, file);
        }
        progress(after.files.len(), leaves.len());
    }
    for path in before.files.keys().filter(|path| !after.files.contains_key(*path)) {
        remove(dir, path)?;
        published.removed += 1;
    }
    after.source = Some(Source { edition, ..source });
    after.write(dir)?;
    Ok(published)
}

/// The mails of a stack, being read.
fn fetch(store: &Store, site: &Site, stack: &[(String, Leaf)]) -> JoinHandle<Result<Raws, StoreError>> {
    let ids: Vec<i64> = stack.iter().flat_map(|(_, leaf)| site.needs(leaf)).collect();
    let store = store.clone();
    tokio::spawn(async move { store.raws(&ids).await })
}

/// What the pages follow from beside the database.
fn making(policy: &Policy) -> String {
    let all = format!("{} {policy:?}", env!("CARGO_PKG_VERSION"));
    HEXLOWER.encode(&Sha256::digest(all.as_bytes())[..16])
}

/// The leaves, cut into what is made at a time.
fn stacks<'a>(site: &Site, leaves: &'a [(String, Leaf)]) -> Vec<&'a [(String, Leaf)]> {
    let (mut stacks, mut start, mut mails) = (Vec::new(), 0, 0);
    for (at, (_, leaf)) in leaves.iter().enumerate() {
        let needed = site.needs(leaf).len();
        if at > start && (mails + needed > MAILS || at - start >= PAGES) {
            stacks.push(&leaves[start..at]);
            (start, mails) = (at, 0);
        }
        mails += needed;
    }
    stacks.push(&leaves[start..]);
    stacks
}

/// A file with its path, and whether it had to be written.
type Made = (String, File, bool);

/// Makes the pages on as many threads as there are processors, and writes those that have changed.
fn render_all(
    site: &Site,
    leaves: &[(String, Leaf)],
    raws: &Raws,
    dir: &Path,
    before: &Manifest,
) -> Result<Vec<Made>, PublishError> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let share = leaves.len().div_ceil(processors).max(1);
    let work = |leaves: &[(String, Leaf)]| {
        let made = leaves.iter().map(|(path, leaf)| {
            let bytes = site.render(path, leaf, raws);
            let file = File { bytes: bytes.len() as u64, hash: HEXLOWER.encode(&Sha256::digest(&bytes)) };
            let written = !before.has(dir, path, &file);
            if written {
                put(dir, path, &bytes)?;
            }
            Ok((path.clone(), file, written))
        });
        made.collect::<Result<Vec<Made>, PublishError>>()
    };
    thread::scope(|scope| {
        let start = |leaves| {
            let thread = thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, move || work(leaves)).expect("the system grants a thread")
        };
        let threads: Vec<_> = leaves.chunks(share).map(start).collect();
        let made = threads.into_iter().map(|thread| match thread.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        Ok(made.collect::<Result<Vec<_>, PublishError>>()?.into_iter().flatten().collect())
    })
}
