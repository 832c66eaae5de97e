//! Brings the single mails of a tar file into their order.
//!
//! A tar file gives its members in the order of a directory on somebody's disk. They cannot be kept in memory until the
//! last one is known, so they wait in a temporary file that has no name.

use super::RawMail;
use crate::clock::Timestamp;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

pub struct Spool {
    file: BufWriter<File>,
    length: u64,
    mails: Vec<Waiting>,
}

struct Waiting {
    directory: String,
    received: Timestamp,
    place: String,
    offset: u64,
    length: u64,
}

impl Spool {
    pub fn new() -> io::Result<Spool> {
        Ok(Spool { file: BufWriter::new(tempfile::tempfile()?), length: 0, mails: Vec::new() })
    }

    pub fn add(&mut self, directory: String, mail: &RawMail) -> io::Result<()> {
        self.file.write_all(&mail.raw)?;
        let (offset, length) = (self.length, mail.raw.len() as u64);
        self.length += length;
        self.mails.push(Waiting { directory, received: mail.received, place: mail.place.clone(), offset, length });
        Ok(())
    }

    /// The mails by directory, then by the time they were received, then by name.
    pub fn sorted(mut self) -> io::Result<impl Iterator<Item = io::Result<RawMail>>> {
        self.mails.sort_by(|a, b| (&a.directory, a.received, &a.place).cmp(&(&b.directory, b.received, &b.place)));
        let mut file = BufReader::new(self.file.into_inner().map_err(|error| error.into_error())?);
        Ok(self.mails.into_iter().map(move |mail| {
            file.seek(SeekFrom::Start(mail.offset))?;
            let mut raw = Vec::new();
            (&mut file).take(mail.length).read_to_end(&mut raw)?;
            Ok(RawMail { raw, received: mail.received, place: mail.place })
        }))
    }
}
