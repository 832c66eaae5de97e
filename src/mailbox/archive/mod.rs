//! Archives for `import`: every mail of files and directories, whatever their form, in the order of its time.
//!
//! Understood are mbox, Maildir, MH, directories of mail files, single mails, and tar of any of these; all of it plain or packed
//! with gzip, xz, zstd or bzip2. What a file is, its first bytes tell; its name does not matter.
//!
//! The order: an mbox keeps its own. The single mails of one directory come in the order in which they were received,
//! because an exported archive's file names tell nothing; then its other files, then its subdirectories, by name.
//!
//! One thread reads and unpacks, and the consumer takes mail by mail: a few mails are in memory at a time.

mod spool;
mod unpack;
mod walk;

use super::Trouble;
use crate::clock::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

/// How many mails may wait for the consumer. Each may have 25 MiB.
const WAITING: usize = 4;

/// One mail of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMail {
    /// At most [`super::LIMIT`] and one byte.
    pub raw: Vec<u8>,
    /// The postmark's date, else that of the topmost Received header, of the Date header, of the file.
    pub received: Timestamp,
    /// Where it stands, for messages: `lists/xen.mbox:4711`, `old.tar.xz/new/17.host`.
    pub place: String,
}

/// How far an [`Archive`] is, in bytes as they are on the disk.
#[derive(Debug, Default)]
pub struct Progress {
    total: u64,
    done: AtomicU64,
    left_out: AtomicU64,
}

impl Progress {
    pub fn total(&self) -> u64 {
        self.total
    }

    pub fn done(&self) -> u64 {
        self.done.load(Relaxed).min(self.total)
    }

    /// Files met in directories that are no mail.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Relaxed)
    }
}

/// The mails of an archive. A file that cannot be read, or not to its end, is a [`Trouble`]; the others go on.
pub struct Archive {
    mails: Receiver<Result<RawMail, Trouble>>,
    reader: Option<JoinHandle<()>>,
    progress: Arc<Progress>,
    first_path: PathBuf,
}

/// Opens an archive of files and directories, which are read in the given order.
pub fn open(paths: &[PathBuf]) -> Archive {
    let progress = Arc::new(Progress { total: paths.iter().map(|path| walk::size(path)).sum(), ..Progress::default() });
    let (give, mails) = sync_channel(WAITING);
    let reader = thread::spawn({
        let (paths, progress) = (paths.to_vec(), progress.clone());
        move || {
            let mut emit = |mail| give.send(mail).map_err(|_| walk::Stopped);
            let mut walk = walk::Walk { emit: &mut emit, progress: &progress };
            // Stopped: the consumer has gone, and nobody is left to tell.
            let _ = paths.iter().try_for_each(|path| walk.given(path));
            progress.done.store(progress.total, Relaxed);
        }
    });
    let first_path = paths.first().map_or_else(PathBuf::new, |path| Path::to_owned(path));
    Archive { mails, reader: Some(reader), progress, first_path }
}

impl Archive {
    /// Counts while the archive is read; may be shared with another thread.
    pub fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }
}

impl Iterator for Archive {
    type Item = Result<RawMail, Trouble>;

    fn next(&mut self) -> Option<Result<RawMail, Trouble>> {
        if let Ok(mail) = self.mails.recv() {
            return Some(mail);
        }
        // The channel closes when the reader is done. If it ended by a panic, that must not look like the end.
        let panicked = self.reader.take().is_some_and(|reader| reader.join().is_err());
        panicked.then(|| {
            Err(Trouble::new(
                &self.first_path,
                "was not read to the end, because reading failed inside the program",
                "report this as a bug",
            ))
        })
    }
}
