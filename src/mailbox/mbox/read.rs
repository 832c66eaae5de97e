//! Reads an mbox as a stream: one mail in memory at a time.

use super::postmark::{Postmark, postmark};
use crate::clock::Timestamp;
use std::io::{self, BufRead, Read};

/// Longer lines are handled in pieces of this many bytes.
const PIECE: u64 = 64 << 10;

/// One mail of an mbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Where its `From ` line begins, in bytes.
    pub offset: u64,
    /// Where the next mail begins, or the file ends.
    pub end: u64,
    /// The date of its `From ` line.
    pub date: Option<Timestamp>,
    /// The mail without `From ` line and `>` quoting; at most one byte more than the limit.
    pub raw: Vec<u8>,
    pub ending: Ending,
}

/// What came after a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The next mail.
    Separator,
    /// The end of the file, after the empty line that belongs there.
    EmptyLine,
    /// The end of the file, directly after the mail's last line.
    LastLine,
    /// The end of the file in the middle of a line: the mail was cut off.
    Cut,
}

/// The mails of an mbox in their order. After an error it ends.
///
/// A line is a separator when it stands at the start or after an empty line and looks like a postmark. Content that
/// begins otherwise is an error of kind `InvalidData`; no content at all is no mail and no error.
pub struct Reader<R> {
    input: R,
    /// Bytes consumed so far, counted from the start of the file.
    at: u64,
    limit: usize,
    /// The separator that was read last, with its place.
    next: Option<(u64, Postmark)>,
    begun: bool,
    failed: bool,
    line: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// `offset` is where `input` stands in its file; mails are kept up to `limit + 1` bytes.
    pub fn new(input: R, offset: u64, limit: usize) -> Reader<R> {
        Reader { input, at: offset, limit, next: None, begun: false, failed: false, line: Vec::new() }
    }

    /// Bytes consumed so far, counted from the start of the file.
    pub fn position(&self) -> u64 {
        self.at
    }

    fn mail(&mut self) -> io::Result<Option<Mail>> {
        if !self.begun {
            self.begun = true;
            self.next = self.first_postmark()?;
        }
        let Some((offset, mark)) = self.next.take() else { return Ok(None) };
        let mut raw = Vec::new();
        // An empty line is held back until it is known whether it belongs to the mail or to the separator.
        let mut held: Option<&[u8]> = None;
        let mut at_line_start = true;
        let ending = loop {
            let start = self.at;
            if self.read_piece()? == 0 {
                break match held {
                    Some(_) => Ending::EmptyLine,
                    None if at_line_start => Ending::LastLine,
                    None => Ending::Cut,
                };
            }
            let opens_line = std::mem::replace(&mut at_line_start, self.line.ends_with(b"\n"));
            if !opens_line {
                keep(&mut raw, &self.line, self.limit);
                continue;
            }
            if held.is_some()
                && let Some(mark) = postmark(&self.line)
            {
                self.next = Some((start, mark));
                break Ending::Separator;
            }
            if let Some(empty) = held.take() {
                keep(&mut raw, empty, self.limit);
            }
            match self.line.as_slice() {
                b"\n" => held = Some(b"\n"),
                b"\r\n" => held = Some(b"\r\n"),
                line => keep(&mut raw, unquoted(line), self.limit),
            }
        };
        let end = self.next.map_or(self.at, |(next, _)| next);
        Ok(Some(Mail { offset, end, date: mark.date, raw, ending }))
    }

    /// Passes over empty lines to the first separator.
    fn first_postmark(&mut self) -> io::Result<Option<(u64, Postmark)>> {
        loop {
            let start = self.at;
            if self.read_piece()? == 0 {
                return Ok(None);
            }
            if !self.line.trim_ascii().is_empty() {
                let mark = postmark(&self.line).ok_or_else(|| {
                    io::Error::new(
                        io::ErrorKind::InvalidData,
                        "no line such as `From ada@example.org Tue Jul  4 10:00:00 2017`",
                    )
                })?;
                return Ok(Some((start, mark)));
            }
        }
    }

    /// Fills `line` up to the next line feed, or with a piece of a long line.
    fn read_piece(&mut self) -> io::Result<usize> {
        self.line.clear();
        let length = (&mut self.input).take(PIECE).read_until(b'\n', &mut self.line)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = io::Result<Mail>;

    fn next(&mut self) -> Option<io::Result<Mail>> {
        if self.failed {
            return None;
        }
        let mail = self.mail().transpose();
        self.failed = matches!(mail, Some(Err(_)));
        mail
    }
}

/// Appends, but only up to the limit and one byte.
fn keep(raw: &mut Vec<u8>, bytes: &[u8], limit: usize) {
    let room = (limit + 1).saturating_sub(raw.len());
    raw.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// `>From ` and `>>From ` lose one `>`.
fn unquoted(line: &[u8]) -> &[u8] {
    match is_from_line(line) {
        true => line.strip_prefix(b">").unwrap_or(line),
        false => line,
    }
}

/// Whether the line is `From ` after any number of `>`.
pub(super) fn is_from_line(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    line[marks..].starts_with(b"From ")
}
