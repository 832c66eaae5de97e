//! Maildir: one file per mail, `tmp/` while it is written, `new/` when it is whole, `cur/` when a reader has seen it.
//!
//! Reading never renames a file, so it can share the directory with a person's mail reader, which does: what stays
//! with a mail is its key, the file name before `:`. After the `:` stand flags (`:2,S`).

use super::{Trouble, file_time, open_plain, read_bounded};
use crate::clock::Timestamp;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Smaller numbers at the start of a file name are counters, not seconds since the epoch (this one is in 2001).
const FIRST_CREDIBLE_SECOND: i64 = 1_000_000_000;

/// One mail of a Maildir. Small, because a mailbox may hold hundreds of thousands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `new/` or `cur/`, the same for all of them.
    folder: Arc<Path>,
    name: String,
}

impl Entry {
    /// The file name before `:`. It stays when flags change or the file moves from `new/` to `cur/`.
    pub fn key(&self) -> &str {
        self.name.split(':').next().unwrap_or(&self.name)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }
}

/// The mails of a Maildir in the order of their delivery: by the time in the name, else by the file's time; then by
/// name. Trashed mails (`T`), drafts (`D`), dot files and all of `tmp/` are left out.
///
/// Errors: `dir` is no Maildir, or cannot be read. A single unreadable mail shows in [`read_entry`].
pub fn list(dir: &Path) -> Result<Vec<Entry>, Trouble> {
    require_maildir(dir)?;
    let mut dated: Vec<(Timestamp, Entry)> = Vec::new();
    files(dir, |entry| {
        let delivered = time_in_name(entry.key())
            .unwrap_or_else(|| file_time(fs::metadata(entry.path()).and_then(|about| about.modified())));
        dated.push((delivered, entry));
    })?;
    dated.sort_by(|(a_time, a), (b_time, b)| (a_time, a.key()).cmp(&(b_time, b.key())));
    // Seen in `new/` and again in `cur/`: it moved meanwhile.
    dated.dedup_by(|(_, a), (_, b)| a.key() == b.key());
    Ok(dated.into_iter().map(|(_, entry)| entry).collect())
}

/// Reads a mail and when it was received (the file's time); see [`read_bounded`] for `limit`.
///
/// A file that was renamed since it was listed is found again by its key; `None` when its owner has deleted it.
pub fn read_entry(entry: &Entry, limit: usize) -> Result<Option<(Vec<u8>, Timestamp)>, Trouble> {
    let path = entry.path();
    match read_file(&path, limit) {
        Ok(mail) => Ok(Some(mail)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match find_again(entry)? {
            Some(path) => match read_file(&path, limit) {
                Ok(mail) => Ok(Some(mail)),
                // A file that is listed but cannot be opened is a dangling link, not a mail on the move.
                Err(error) => Err(Trouble::io(&path, "cannot be read", &error)),
            },
            None => Ok(None),
        },
        Err(error) => Err(Trouble::io(&path, "cannot be read", &error)),
    }
}

/// Puts a mail into `new/`, durably: when this returns, the mail survives a power cut. Under a `unique` name that is
/// there already, in `new/` or `cur/`, nothing is written: a retry makes no second file.
///
/// `unique` becomes the file name: not empty, without `/` and `:`, not starting with a dot.
pub fn deliver(dir: &Path, unique: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    if unique.is_empty() || unique.starts_with('.') || unique.contains(['/', ':', '\0']) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{unique}` cannot name a file of a Maildir")));
    }
    if let Some(path) = find(dir, unique)? {
        return Ok(path);
    }
    let partial = dir.join("tmp").join(unique);
    let mut file = File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let new = dir.join("new");
    let whole = new.join(unique);
    fs::rename(&partial, &whole)?;
    File::open(&new)?.sync_all()?;
    Ok(whole)
}

/// Makes the directories of a Maildir, readable by their owner only. Those that exist stay as they are.
pub fn create(dir: &Path) -> io::Result<()> {
    ["new", "cur", "tmp"]
        .iter()
        .try_for_each(|part| DirBuilder::new().recursive(true).mode(0o700).create(dir.join(part)))
}

/// Whether `dir` holds `new/` and `cur/`.
pub fn is_maildir(dir: &Path) -> bool {
    dir.join("new").is_dir() && dir.join("cur").is_dir()
}

fn require_maildir(dir: &Path) -> Result<(), Trouble> {
    if is_maildir(dir) {
        return Ok(());
    }
    let what = if dir.is_dir() {
        "is no Maildir, it lacks `new` or `cur`"
    } else {
        "is no Maildir, there is no such directory"
    };
    Err(Trouble::new(
        dir,
        what,
        format!("check the path, or create one with `mkdir -p {}/{{new,cur,tmp}}`", dir.display()),
    ))
}

/// The mails of `new/`, then of `cur/`: a mail that moves meanwhile is rather seen twice than missed.
fn files(dir: &Path, mut found: impl FnMut(Entry)) -> Result<(), Trouble> {
    for part in ["new", "cur"] {
        let folder: Arc<Path> = dir.join(part).into();
        let unreadable = |error: io::Error| Trouble::io(&folder, "cannot be listed", &error);
        for file in fs::read_dir(&folder).map_err(unreadable)? {
            // A name that is no UTF-8 is found again by its key.
            let name = file.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
            let info = name.split_once(':').map_or("", |(_, info)| info);
            let flags = info.strip_prefix("2,").unwrap_or("");
            if !name.starts_with('.') && !flags.contains(['T', 'D']) {
                found(Entry { folder: folder.clone(), name });
            }
        }
    }
    Ok(())
}

fn read_file(path: &Path, limit: usize) -> io::Result<(Vec<u8>, Timestamp)> {
    let (file, about) = open_plain(path)?;
    let received = file_time(about.modified());
    Ok((read_bounded(file, limit)?, received))
}

fn find_again(entry: &Entry) -> Result<Option<PathBuf>, Trouble> {
    let Some(dir) = entry.folder.parent() else { return Ok(None) };
    find(dir, entry.key()).map_err(|error| Trouble::io(dir, "cannot be listed", &error))
}

/// The file with this key, whatever its flags. An untouched delivery is found without a listing.
fn find(dir: &Path, key: &str) -> io::Result<Option<PathBuf>> {
    let untouched = dir.join("new").join(key);
    if fs::symlink_metadata(&untouched).is_ok() {
        return Ok(Some(untouched));
    }
    for part in ["new", "cur"] {
        for file in fs::read_dir(dir.join(part))? {
            let file = file?;
            let name = file.file_name();
            if name.to_string_lossy().split(':').next() == Some(key) {
                return Ok(Some(file.path()));
            }
        }
    }
    Ok(None)
}

/// `1700000000.M123456P42.host` was delivered at that second and microsecond.
fn time_in_name(key: &str) -> Option<Timestamp> {
    let mut parts = key.split('.');
    let seconds: i64 = parts.next()?.parse().ok().filter(|seconds| *seconds >= FIRST_CREDIBLE_SECOND)?;
    let micros = parts.next().and_then(|middle| {
        let digits = middle.split_once('M')?.1;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse::<i64>().ok().filter(|micros| *micros < 1_000_000)
    });
    Timestamp::from_microsecond(seconds.checked_mul(1_000_000)?.checked_add(micros.unwrap_or(0))?).ok()
}

#[cfg(test)]
mod tests {
    use super::time_in_name;

    #[test]
    fn the_time_of_delivery_is_read_from_the_name_when_it_is_one() {
        let micros = |name| time_in_name(name).map(|time| time.as_microsecond());
        assert_eq!(micros("1700000000.M5P42V3.host,S=99"), Some(1_700_000_000_000_005));
        assert_eq!(micros("1700000000.4242_7.host"), Some(1_700_000_000_000_000));
        assert_eq!(micros("0000250.ed0fab0f1bf8.lore"), None, "a counter");
        assert_eq!(micros("9223372036854775807.M1.host"), None);
        assert_eq!(micros("letter"), None);
    }
}
