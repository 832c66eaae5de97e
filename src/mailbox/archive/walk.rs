//! Walks through files, directories and what is packed in them, and emits each mail.

use super::spool::Spool;
use super::unpack::{Peeked, is_tar, peek, unpack};
use super::{Progress, RawMail};
use crate::clock::{Timestamp, from_micros};
use crate::mailbox::mbox::{self, Ending, postmark};
use crate::mailbox::received::{HEAD, looks_like_mail, received};
use crate::mailbox::{LIMIT, Trouble, file_time, maildir, open_plain};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

/// A packed tar of packed mboxes has three layers; more is a trap.
const DEEPEST: usize = 4;

const FETCH_AGAIN: &str =
    "fetch or pack the file again and repeat the import; what stands before this place has been read";

/// The consumer wants no more.
pub struct Stopped;

type Going = Result<(), Stopped>;

pub struct Walk<'a> {
    pub emit: &'a mut dyn FnMut(Result<RawMail, Trouble>) -> Going,
    pub progress: &'a Progress,
}

/// What a file is known by while it is read.
struct Origin<'a> {
    /// The file on the disk.
    path: &'a Path,
    /// The path, and for a member of a tar file its name there.
    place: String,
    /// The time of mails that name none.
    time: Timestamp,
    meant: Meant,
    /// How many layers it is packed in.
    depth: usize,
}

/// What a file that shows no form of mail is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// In a Maildir, or called `.eml`: a mail, however broken.
    Mail,
    /// Named by the user: what is no mail is a mistake.
    Given,
    /// Met in a directory: left out.
    Unknown,
}

impl Meant {
    fn by_name(name: &str) -> Meant {
        if name.ends_with(".eml") { Meant::Mail } else { Meant::Unknown }
    }
}

/// The bytes of all files under `path`. What cannot be read counts nothing.
pub fn size(path: &Path) -> u64 {
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            // A linked directory is not followed: it may lead in a circle.
            entries.filter(|entry| !is_linked_directory(&entry.path())).map(|entry| size(&entry.path())).sum()
        }
        Ok(about) => about.len(),
        Err(_) => 0,
    }
}

impl Walk<'_> {
    /// A path that the user named.
    pub fn given(&mut self, path: &Path) -> Going {
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => self.directory(path),
            Ok(_) => match Meant::by_name(&path.to_string_lossy()) {
                Meant::Unknown => self.file(path, Meant::Given),
                meant => self.file(path, meant),
            },
            Err(error) => self.trouble(Trouble::io(path, "cannot be read", &error)),
        }
    }

    /// First its single mails in the order of their receipt, then packed files and mboxes, then subdirectories.
    fn directory(&mut self, dir: &Path) -> Going {
        let (files, subdirectories) = match contents(dir) {
            Ok(contents) => contents,
            Err(trouble) => return self.trouble(trouble),
        };
        let mut mails: Vec<(Timestamp, PathBuf)> = Vec::new();
        let mut others: Vec<PathBuf> = Vec::new();
        for path in files {
            match received_of_single_mail(&path) {
                Some(received) => mails.push((received, path)),
                None => others.push(path),
            }
        }
        mails.sort();
        let in_maildir = maildir::is_maildir(dir);
        for path in mails.into_iter().map(|(_, path)| path).chain(others) {
            let meant = if in_maildir { Meant::Mail } else { Meant::by_name(&path.to_string_lossy()) };
            self.file(&path, meant)?;
        }
        subdirectories.iter().try_for_each(|path| self.directory(path))
    }

    fn file(&mut self, path: &Path, meant: Meant) -> Going {
        let (file, about) = match open_plain(path) {
            Ok(opened) => opened,
            Err(error) => return self.trouble(Trouble::io(path, "cannot be read", &error)),
        };
        let before = self.progress.done.load(Relaxed);
        let origin =
            Origin { path, place: path.display().to_string(), time: file_time(about.modified()), meant, depth: 0 };
        self.stream(&origin, BufReader::new(Counted { file, progress: self.progress }), None)?;
        self.progress.done.store(before + about.len(), Relaxed);
        Ok(())
    }

    /// Anything at all. The single mails of a tar file go to its `spool` first.
    fn stream<'b>(&mut self, origin: &Origin, input: impl BufRead + 'b, spool: Option<(&mut Spool, String)>) -> Going {
        let peeked = match peek(input, HEAD) {
            Ok(peeked) => peeked,
            Err(error) => return self.trouble(broken(origin, 0, &error)),
        };
        if origin.depth >= DEEPEST {
            return self.trouble(Trouble::new(
                origin.path,
                "is packed in too many layers",
                "unpack it and import what is in it",
            ));
        }
        let Peeked { head, all } = match unpack(peeked) {
            Ok(Ok(unpacked)) => return self.stream(&origin.inside(), unpacked, spool),
            Ok(Err(error)) => return self.trouble(broken(origin, 0, &error)),
            Err(plain) => plain,
        };
        if head.is_empty() {
            self.trouble(Trouble::new(Path::new(&origin.place), "is empty", "remove it, or fetch it again"))
        } else if is_tar(&head) {
            self.tar(origin, all)
        } else if is_mbox(&head) {
            self.mbox(origin, all)
        } else if looks_like_mail(&head) || origin.meant == Meant::Mail {
            self.single(origin, &head, all, spool)
        } else if origin.meant == Meant::Given {
            self.trouble(Trouble::new(
                Path::new(&origin.place),
                "is neither a mail nor an archive of mails",
                "name an mbox, a Maildir, a directory of .eml files, a single mail, or a tar file of these",
            ))
        } else {
            self.progress.left_out.fetch_add(1, Relaxed);
            Ok(())
        }
    }

    fn single(&mut self, origin: &Origin, head: &[u8], all: impl Read, spool: Option<(&mut Spool, String)>) -> Going {
        let mut raw = Vec::new();
        if let Err(error) = all.take(LIMIT as u64 + 1).read_to_end(&mut raw) {
            return self.trouble(broken(origin, raw.len() as u64, &error));
        }
        let mail = RawMail { raw, received: received(head).unwrap_or(origin.time), place: origin.place.clone() };
        match spool {
            None => (self.emit)(Ok(mail)),
            Some((spool, directory)) => match spool.add(directory, &mail) {
                Ok(()) => Ok(()),
                Err(error) => self.trouble(no_spool(&error)),
            },
        }
    }

    fn mbox(&mut self, origin: &Origin, input: impl BufRead) -> Going {
        let mut reader = mbox::Reader::new(input, 0, LIMIT);
        while let Some(mail) = reader.next() {
            match mail {
                Ok(mail) if mail.ending == Ending::Cut && origin.meant != Meant::Mail => {
                    return self.trouble(Trouble::new(
                        origin.path,
                        format!("ends in the middle of a line (the mail at {}:{})", origin.place, mail.offset),
                        "fetch the file again, or end it with an empty line if the mail is whole",
                    ));
                }
                Ok(mail) => {
                    let received = mail.date.or_else(|| received(&mail.raw)).unwrap_or(origin.time);
                    let place = format!("{}:{}", origin.place, mail.offset);
                    (self.emit)(Ok(RawMail { raw: mail.raw, received, place }))?;
                }
                Err(error) => return self.trouble(broken(origin, reader.position(), &error)),
            }
        }
        Ok(())
    }

    fn tar(&mut self, origin: &Origin, input: impl Read) -> Going {
        let mut spool = match Spool::new() {
            Ok(spool) => spool,
            Err(error) => return self.trouble(no_spool(&error)),
        };
        let mut tar = tar::Archive::new(input);
        match tar.entries() {
            Ok(members) => self.members(origin, members, &mut spool)?,
            Err(error) => self.trouble(broken(origin, 0, &error))?,
        }
        match spool.sorted() {
            Ok(mut mails) => mails.try_for_each(|mail| (self.emit)(mail.map_err(|error| no_spool(&error)))),
            Err(error) => self.trouble(no_spool(&error)),
        }
    }

    fn members(&mut self, origin: &Origin, members: tar::Entries<'_, impl Read>, spool: &mut Spool) -> Going {
        let mut position = 0;
        for member in members {
            let member = match member {
                Ok(member) => member,
                Err(error) => return self.trouble(broken(origin, position, &error)),
            };
            position = member.raw_file_position();
            let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
            let (directory, file) = name.rsplit_once('/').unwrap_or(("", &name));
            if !member.header().entry_type().is_file() || file.starts_with('.') || is_set_aside(directory, file) {
                continue;
            }
            let time =
                member.header().mtime().ok().and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(1_000_000));
            // The mails of `new/` and `cur/` are one Maildir.
            let maildir = directory.strip_suffix("new").or_else(|| directory.strip_suffix("cur"));
            let maildir = maildir.filter(|above| above.is_empty() || above.ends_with('/'));
            let in_maildir = maildir.is_some();
            let inside = Origin {
                place: format!("{}/{name}", origin.place),
                time: time.map_or(origin.time, from_micros),
                meant: if in_maildir { Meant::Mail } else { Meant::by_name(file) },
                ..origin.inside()
            };
            let folder = maildir.unwrap_or(directory).to_owned();
            let whole = Whole { left: member.size(), member };
            self.stream(&inside, BufReader::new(whole), Some((&mut *spool, folder)))?;
        }
        Ok(())
    }

    fn trouble(&mut self, trouble: Trouble) -> Going {
        (self.emit)(Err(trouble))
    }
}

impl<'a> Origin<'a> {
    /// The same, one layer further in.
    fn inside(&self) -> Origin<'a> {
        Origin { path: self.path, place: self.place.clone(), time: self.time, meant: self.meant, depth: self.depth + 1 }
    }
}

/// Counts what is read from the disk, whatever it unpacks to.
struct Counted<'a> {
    file: File,
    progress: &'a Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.progress.done.fetch_add(length as u64, Relaxed);
        Ok(length)
    }
}

/// A member of a tar file. When the file is cut, the member must not just look shorter.
struct Whole<R> {
    member: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.member.read(buffer)?;
        if length == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(length as u64);
        Ok(length)
    }
}

/// The mail files and the subdirectories of a directory, by name. Hidden ones are left out, except Maildir folders
/// (`.Sent` inside a Maildir).
fn contents(dir: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Trouble> {
    let unreadable = |error: io::Error| Trouble::io(dir, "cannot be listed", &error);
    let is_maildir = maildir::is_maildir(dir);
    let (mut files, mut subdirectories) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own = is_maildir && ["new", "cur", "tmp"].contains(&name.as_str());
        if path.is_dir() {
            let hidden = name.starts_with('.') && !maildir::is_maildir(&path);
            if !own && !hidden && !is_linked_directory(&path) {
                subdirectories.push(path);
            }
        } else if !is_maildir && !name.starts_with('.') {
            files.push(path);
        }
    }
    files.sort();
    subdirectories.sort();
    if is_maildir {
        files = maildir::list(dir)?.into_iter().map(|entry| entry.path()).collect();
    }
    Ok((files, subdirectories))
}

fn is_linked_directory(path: &Path) -> bool {
    path.is_symlink() && path.is_dir()
}

/// The order of a single mail among others; `None` for anything else.
fn received_of_single_mail(path: &Path) -> Option<Timestamp> {
    let (file, about) = open_plain(path).ok()?;
    let time = file_time(about.modified());
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head).ok()?;
    (!is_mbox(&head) && looks_like_mail(&head)).then(|| received(&head).unwrap_or(time))
}

fn is_mbox(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    postmark(line).is_some()
}

/// In a Maildir that is packed: `tmp/`, and what its owner trashed or drafted.
fn is_set_aside(directory: &str, file: &str) -> bool {
    let part = directory.rsplit('/').next().unwrap_or("");
    let flags = file.split_once(":2,").map_or("", |(_, flags)| flags);
    part == "tmp" || (part == "cur" && flags.contains(['T', 'D']))
}

fn broken(origin: &Origin, position: u64, error: &io::Error) -> Trouble {
    let deed = format!("cannot be read further ({}, after byte {position} of it unpacked: {error})", origin.place);
    Trouble::new(origin.path, deed, FETCH_AGAIN)
}

fn no_spool(error: &io::Error) -> Trouble {
    Trouble::io(&std::env::temp_dir(), "cannot hold the mails of a tar file while they are sorted", error)
}
