//! Follows an mbox that grows: each poll takes what came since the last one.
//!
//! How far we got is the watermark, `offset:hash`, where the hash is over the bytes just before the offset. When they
//! are no longer there, the file was rotated, cut or rewritten, and it is read from the start again: what was taken
//! before is known by its key.

use super::read::{Ending, Reader};
use crate::clock::Timestamp;
use crate::mailbox::{LIMIT, Trouble, file_time, open_plain, received::received};
use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How many bytes before the offset the watermark vouches for.
const VOUCHED: u64 = 1 << 10;
/// The last mail of the file counts as complete when nobody has written for so long.
const QUIET: SignedDuration = SignedDuration::from_secs(5);
/// The same for a last mail without the empty line at its end: perhaps its writer only pauses.
const VERY_QUIET: SignedDuration = SignedDuration::from_secs(60);

const NO_MBOX: &str =
    "name an mbox file: it begins with a line such as `From ada@example.org Tue Jul  4 10:00:00 2017`";

/// A mail that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// SHA-256 of the mail in hex.
    pub key: String,
    pub raw: Vec<u8>,
    /// The postmark's date, else the header's, else the file's time.
    pub received: Timestamp,
}

/// What one poll brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    pub mails: Vec<Arrived>,
    /// To be kept together with the mails, and handed to the next poll.
    pub watermark: String,
    /// There is more to read at once.
    pub more: bool,
}

/// Takes the mails after `watermark`, stopping after about `max_bytes`.
///
/// A last mail that is perhaps still being written is left for later: the file changed within seconds of `now`, or a
/// lock (`PATH.lock`) is beside it.
pub fn poll(path: &Path, watermark: Option<&str>, max_bytes: usize, now: Timestamp) -> Result<Poll, Trouble> {
    let unreadable = |error: io::Error| Trouble::io(path, "cannot be read", &error);
    let (mut file, about) = open_plain(path).map_err(unreadable)?;
    let changed = file_time(about.modified());
    // A file's time later than `now` shows that `now` is not the machine's clock; then it tells nothing.
    let quiet = |span| changed > now.saturating_add(QUIET).unwrap_or(now) || now.duration_since(changed) >= span;
    let locked = lock_of(path).exists();

    let start = watermark.map_or(Ok(0), |mark| resume(&mut file, mark)).map_err(unreadable)?;
    let mut position = start;
    let mut mails = Vec::new();
    let mut taken = 0;
    let mut more = false;
    file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    for mail in Reader::new(BufReader::new(&file), start, LIMIT) {
        let mail = match mail {
            // Somebody edited the file behind the watermark: begin again at the next poll.
            Err(error) if error.kind() == io::ErrorKind::InvalidData && start > 0 => {
                return Ok(Poll { mails, watermark: "0:".to_owned(), more: true });
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(Trouble::new(path, format!("is no mbox: {error}"), NO_MBOX));
            }
            mail => mail.map_err(unreadable)?,
        };
        let complete = match mail.ending {
            Ending::Separator => true,
            Ending::EmptyLine => quiet(QUIET) && !locked,
            Ending::LastLine | Ending::Cut => quiet(VERY_QUIET) && !locked,
        };
        if !complete {
            break;
        }
        position = mail.end;
        taken += mail.raw.len();
        let key = HEXLOWER.encode(&Sha256::digest(&mail.raw));
        let received = mail.date.or_else(|| received(&mail.raw)).unwrap_or(changed);
        mails.push(Arrived { key, raw: mail.raw, received });
        if taken >= max_bytes {
            more = mail.ending == Ending::Separator;
            break;
        }
    }
    let watermark = format!("{position}:{}", vouch(&mut file, position).map_err(unreadable)?);
    Ok(Poll { mails, watermark, more })
}

/// Where to go on: the watermark's offset when the bytes before it are still the same, else the start.
fn resume(file: &mut File, watermark: &str) -> io::Result<u64> {
    let Some((offset, hash)) = watermark.split_once(':') else { return Ok(0) };
    let Ok(offset) = offset.parse::<u64>() else { return Ok(0) };
    let same = offset <= file.metadata()?.len() && vouch(file, offset)? == hash;
    Ok(if same { offset } else { 0 })
}

/// The hash over the last bytes before `offset`.
fn vouch(file: &mut File, offset: u64) -> io::Result<String> {
    let from = offset.saturating_sub(VOUCHED);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(offset - from).read_to_end(&mut bytes)?;
    Ok(HEXLOWER.encode(&Sha256::digest(&bytes)))
}

fn lock_of(path: &Path) -> PathBuf {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    lock.into()
}
