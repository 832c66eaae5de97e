//! The header of a mail as names and unfolded values (RFC 5322 §2.2), repeated fields kept in their order.
//!
//! A header has ten times as many fields as anybody asks for: they are cut, not copied. Nothing is decoded before it is
//! asked for.

use super::{mime, words};
use memchr::memchr_iter;
use std::ops::Range;

/// Header fields, in order.
pub struct Header {
    /// The whole block as text, folds undone.
    text: String,
    fields: Vec<Field>,
    /// For each shelf its first field, counted from 1: a header is asked for more names than it has.
    firsts: [u32; SHELVES],
    /// How many fields stand above the first line that is none; readers differ in whether the header goes on there.
    sound: Option<usize>,
    body: Option<usize>,
}

/// How many shelves the fields are laid on, by the marks of their names.
const SHELVES: usize = 64;

/// Places in the text.
struct Field {
    mark: u32,
    /// The next one of the same shelf, counted from 1.
    next: u32,
    start: u32,
    name_end: u32,
    colon: u32,
    end: u32,
}

impl Field {
    fn name(&self) -> Range<usize> {
        self.start as usize..self.name_end as usize
    }

    fn value(&self) -> Range<usize> {
        self.colon as usize + 1..self.end as usize
    }
}

impl Header {
    /// Reads up to the first empty line. What is no field is skipped.
    pub fn read(raw: &[u8]) -> Header {
        let (block, body) = block(raw);
        let mut decoded = String::new();
        let block = std::str::from_utf8(block).unwrap_or_else(|_| {
            mime::add_bytes(block, &mut decoded);
            &decoded
        });
        let fields = Vec::with_capacity(block.len() / 64);
        let text = String::with_capacity(block.len());
        let mut header = Header { text, fields, firsts: [0; SHELVES], sound: None, body };
        let mut start = 0;
        for end in memchr_iter(b'\n', block.as_bytes()).chain([block.len()]) {
            header.add(block.get(start..end).unwrap_or_default());
            start = end + 1;
        }
        for (at, field) in header.fields.iter_mut().enumerate().rev() {
            field.next = std::mem::replace(&mut header.firsts[shelf(field.mark)], at as u32 + 1);
        }
        header
    }

    fn add(&mut self, line: &str) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let start = self.text.len();
        if matches!(line.as_bytes().first(), Some(b' ' | b'\t')) {
            if let Some(field) = self.fields.last_mut() {
                self.text.push_str(line);
                field.end = self.text.len() as u32;
            }
        } else if let Some(colon) = memchr::memchr(b':', line.as_bytes()) {
            self.text.push_str(line);
            let name = line[..colon].trim_end();
            self.fields.push(Field {
                mark: mark(name),
                next: 0,
                start: start as u32,
                name_end: (start + name.len()) as u32,
                colon: (start + colon) as u32,
                end: self.text.len() as u32,
            });
        } else if !line.is_empty() {
            self.sound = self.sound.or(Some(self.fields.len()));
        }
    }

    /// The values of every field of this name, unfolded, untrimmed.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let wanted = mark(name);
        let at = |number: u32| self.fields.get((number as usize).checked_sub(1)?);
        let alike = std::iter::successors(at(self.firsts[shelf(wanted)]), move |field| at(field.next));
        let named =
            alike.filter(move |field| field.mark == wanted && self.text[field.name()].eq_ignore_ascii_case(name));
        named.map(|field| &self.text[field.value()])
    }

    /// Whether a field of this name stands below a line that is none.
    pub fn is_torn_above(&self, name: &str) -> bool {
        let wanted = mark(name);
        let below = self.sound.and_then(|sound| self.fields.get(sound..)).unwrap_or_default();
        below.iter().any(|field| field.mark == wanted && self.text[field.name()].eq_ignore_ascii_case(name))
    }

    /// Every field, name and value as written.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|field| (&self.text[field.name()], &self.text[field.value()]))
    }

    /// The first of them, trimmed.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next().map(str::trim)
    }

    /// Where the body begins in what was read: behind the first empty line, if there is one.
    pub fn body(&self) -> Option<usize> {
        self.body
    }
}

/// The lines above the first empty one, and where those below it begin.
pub fn block(raw: &[u8]) -> (&[u8], Option<usize>) {
    if let [b'\n', ..] | [b'\r', b'\n', ..] = raw {
        return (&[], Some(if raw[0] == b'\n' { 1 } else { 2 }));
    }
    for end in memchr_iter(b'\n', raw).map(|at| at + 1) {
        match &raw[end..] {
            [b'\n', ..] => return (&raw[..end], Some(end + 1)),
            [b'\r', b'\n', ..] => return (&raw[..end], Some(end + 2)),
            _ => {}
        }
    }
    (raw, None)
}

/// Tells most names apart at a glance: the length, and both ends whatever their case.
fn mark(name: &str) -> u32 {
    let end = |byte: Option<&u8>| u32::from(byte.map_or(0, |byte| byte | 0x20));
    let bytes = name.as_bytes();
    (bytes.len() as u32) << 16 | end(bytes.first()) << 8 | end(bytes.last())
}

/// Where a mark's fields lie.
fn shelf(mark: u32) -> usize {
    (mark.wrapping_mul(0x9E37_79B1) >> 26) as usize
}

/// One line of text for people: RFC 2047 decoded, controls and direction marks gone, white space collapsed.
pub fn readable(value: &str) -> String {
    if memchr_iter(b'=', value.as_bytes()).any(|at| value.as_bytes().get(at + 1) == Some(&b'?')) {
        tidy(&words::decoded(value))
    } else {
        tidy(value)
    }
}

/// NFC, without control, bidi or zero-width characters, white space collapsed. For text that others will see.
pub fn tidy(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let text = text.trim();
    // Most text is tidy.
    if is_evenly_spaced(text) {
        return text.to_owned();
    }
    let visible = text.nfc().filter(|c| !is_invisible(*c)).map(|c| if c.is_control() { ' ' } else { c });
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text holds no more than printable ASCII, with one space between words. Without an early end, which would
/// keep the compiler from looking at many bytes at a time.
pub fn is_evenly_spaced(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |byte: u8| !matches!(byte, b' '..=b'~');
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    !pairs.fold(false, |found, (a, b)| found | odd(*a) | ((*a == b' ') & (*b == b' ')))
        && !bytes.last().is_some_and(|last| odd(*last))
}

/// Zero-width characters, direction marks and overrides, byte order marks, tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A value without its comments `(…)` and parameters `; …`, lower case: the token of Auto-Submitted and the like.
pub fn token(value: &str) -> String {
    if memchr::memchr2(b'(', b')', value.as_bytes()).is_none() {
        return value.split(';').next().unwrap_or(value).trim().to_lowercase();
    }
    let mut depth = 0usize;
    let mut kept = String::new();
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => break,
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_repeated_ones_kept() {
        let header =
            Header::read(b"References: <a@b>\r\n <c@d>\r\nreferences : <e@f>\r\nno field\r\n\r\nReferences: body\r\n");
        assert_eq!(header.all("references").collect::<Vec<_>>(), [" <a@b> <c@d>", " <e@f>"]);
        assert_eq!(header.first("subject"), None);
    }

    #[test]
    fn what_people_see_is_decoded_and_harmless() {
        assert_eq!(readable("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\t=?utf-8?Q?_an?= alle"), "Grüße an alle");
        assert_eq!(readable("a\u{202e}b\u{200b}c\u{7}d\0e"), "abc d e");
        assert_eq!(readable("=?utf-8?Q?two=0D=0Alines?="), "two lines");
        assert_eq!(readable("e\u{301}"), "é");
    }

    #[test]
    fn a_token_stands_without_comments_and_parameters() {
        assert_eq!(token(" (x(y)) Auto-Replied (by a; program) ; owner=ada"), "auto-replied");
        assert_eq!(token("NO ; x=y"), "no");
    }
}
