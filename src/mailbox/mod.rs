//! Where mail comes in: Maildir, mbox, IMAP, LMTP, a pipe; and archives for `import`.
//!
//! Everything here only reads, apart from [`maildir::deliver`] and [`maildir::create`]: a mailbox belongs to its user,
//! so no mail is moved, flagged or deleted. What was taken already is known by its key, which the store remembers.
//! Nothing is parsed here beyond the few header lines that say when an archived mail was received.

pub mod archive;
pub mod imap;
pub mod lmtp;
pub mod maildir;
pub mod mbox;
mod received;
mod trouble;

pub use trouble::Trouble;

use crate::clock::{Timestamp, from_micros};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

/// The largest mail that is kept whole, in bytes (25 MiB).
pub const LIMIT: usize = 25 << 20;

/// Reads a whole mail, but at most `limit + 1` bytes: the one byte more lets the gate see that it is too large, and
/// memory stays bounded whatever comes.
pub fn read_bounded(input: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    input.take(limit as u64 + 1).read_to_end(&mut raw)?;
    Ok(raw)
}

/// How a Maildir or a file looks from outside: when it changed, and how long it is. What is looked through again only when
/// this has changed costs nothing meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance([Option<(SystemTime, u64)>; 3]);

/// Glances at a Maildir or a file. What is not there looks like nothing.
pub fn glance(path: &Path) -> Glance {
    let look = |path: &Path| fs::metadata(path).and_then(|about| Ok((about.modified()?, about.len()))).ok();
    Glance([look(path), look(&path.join("new")), look(&path.join("cur"))])
}

/// Opens a plain file. Anything else is refused before it is opened: a named pipe would make us wait for ever.
fn open_plain(path: &Path) -> io::Result<(File, Metadata)> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    Ok((File::open(path)?, about))
}

/// A file's time as ours, to the microsecond. A time outside the calendar counts as the epoch.
fn file_time(time: io::Result<SystemTime>) -> Timestamp {
    let time = time.ok().and_then(|time| Timestamp::try_from(time).ok());
    time.map_or(Timestamp::UNIX_EPOCH, |time| from_micros(time.as_microsecond()))
}
