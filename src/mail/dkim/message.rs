//! A mail as signers see it: fields byte by byte, and lines that end in CRLF, where mailboxes on disk have LF.

use crate::mail::read::without_envelope_line;
use std::ops::Range;

pub struct Message {
    lines: Vec<u8>,
    fields: Vec<Place>,
    body: usize,
}

struct Place {
    name: Range<usize>,
    whole: Range<usize>,
}

/// The fields that are signatures, or parts of a seal.
const SIGNATURES: [&str; 4] = ["dkim-signature", "arc-seal", "arc-message-signature", "arc-authentication-results"];

/// One field, with its folds and without the CRLF at its end.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// As written, without white space at its end.
    pub name: &'a [u8],
    /// Name, colon and value.
    pub whole: &'a [u8],
}

impl<'a> Field<'a> {
    pub fn value(&self) -> &'a [u8] {
        let colon = self.whole.iter().position(|byte| *byte == b':').map_or(self.whole.len(), |at| at + 1);
        &self.whole[colon..]
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl Message {
    /// `None` when nothing in it is a signature, or when its header holds what is no field: two readers might not agree
    /// on such a header, and a signature must not be read by one and the mail by the other.
    pub fn read(raw: &[u8]) -> Option<Message> {
        let lines = with_crlf(without_envelope_line(raw));
        let mut message = Message { lines, fields: Vec::new(), body: 0 };
        let mut at = 0;
        for line in message.lines.split_inclusive(|byte| *byte == b'\n') {
            let start = at;
            at += line.len();
            let line = line.strip_suffix(b"\r\n").unwrap_or(line);
            let end = start + line.len();
            if line.is_empty() {
                break;
            }
            if matches!(line[0], b' ' | b'\t') {
                message.fields.last_mut()?.whole.end = end;
            } else {
                let colon = line.iter().position(|byte| *byte == b':')?;
                let name = start..start + line[..colon].trim_ascii_end().len();
                message.fields.push(Place { name, whole: start..end });
            }
        }
        message.body = at;
        let signed = message.fields().any(|field| SIGNATURES.iter().any(|name| field.is(name)));
        signed.then_some(message)
    }

    pub fn body(&self) -> &[u8] {
        &self.lines[self.body..]
    }

    fn fields(&self) -> impl DoubleEndedIterator<Item = Field<'_>> {
        let field =
            |place: &Place| Field { name: &self.lines[place.name.clone()], whole: &self.lines[place.whole.clone()] };
        self.fields.iter().map(field)
    }

    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Field<'a>> {
        self.fields().filter(move |field| field.is(name))
    }

    /// The fields that a list of names stands for: each name takes the lowest field of that name that is not taken yet,
    /// or nothing (RFC 6376 §5.4.2).
    pub fn signed<'a>(&'a self, names: &[String]) -> Vec<Field<'a>> {
        let mut free: Vec<Option<Field>> = self.fields().rev().map(Some).collect();
        let mut taken = Vec::new();
        // More names than these sign nothing more.
        for name in names.iter().take(MOST_NAMES) {
            let found = free.iter_mut().find(|field| field.is_some_and(|field| field.is(name)));
            taken.extend(found.and_then(Option::take));
        }
        taken
    }
}

/// Names in one list that are looked for: each is looked for among all fields.
const MOST_NAMES: usize = 200;

fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(raw.len() + raw.len() / 32);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                lines.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                lines.extend_from_slice(b"\r\n");
            }
            None => lines.extend_from_slice(line),
        }
    }
    lines
}
