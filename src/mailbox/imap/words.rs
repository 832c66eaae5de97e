//! An answer, word by word (RFC 9051 §4): atoms, quoted strings, literals, and lists that are passed over.

use super::answer::{Body, Code, Item, Status, Verdict, fit_to_show};
use crate::clock::Timestamp;
use jiff::fmt::strtime;

/// The rest of an answer, word by word.
pub struct Words<'t> {
    rest: &'t [u8],
    literals: std::vec::IntoIter<Option<Vec<u8>>>,
}

/// One value of a FETCH.
enum Value<'t> {
    Atom(&'t [u8]),
    Text(Vec<u8>),
    Dropped,
    List,
}

impl<'t> Words<'t> {
    pub fn of(text: &'t [u8], literals: Vec<Option<Vec<u8>>>) -> Words<'t> {
        Words { rest: text, literals: literals.into_iter() }
    }

    pub fn space(&mut self) -> Option<()> {
        self.skip(b' ')
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// Up to a space or a parenthesis; what stands in `[]` belongs to it whatever it is. Perhaps empty.
    pub fn atom(&mut self) -> &'t [u8] {
        let mut in_section = false;
        let end = self.rest.iter().position(|byte| {
            match byte {
                b'[' => in_section = true,
                b']' => in_section = false,
                _ => {}
            }
            !in_section && matches!(byte, b' ' | b'(' | b')')
        });
        self.cut(end.unwrap_or(self.rest.len()))
    }

    fn cut(&mut self, at: usize) -> &'t [u8] {
        let (word, rest) = self.rest.split_at(at);
        self.rest = rest;
        word
    }

    /// `[CODE …] words`, both of which may be missing.
    pub fn status(mut self, verdict: Verdict) -> Status {
        self.space();
        let mut code = Code::None;
        if self.rest.starts_with(b"[")
            && let Some(end) = memchr::memchr(b']', self.rest)
        {
            code = Words::of(&self.rest[1..end], Vec::new()).code();
            self.cut(end + 1);
        }
        Status { verdict, code, words: fit_to_show(self.rest) }
    }

    fn code(mut self) -> Code {
        let name = self.atom().to_ascii_uppercase();
        match name.as_slice() {
            b"CAPABILITY" => return Code::Capability(self.names()),
            b"READ-ONLY" => return Code::ReadOnly,
            b"EXPUNGEISSUED" => return Code::ExpungeIssued,
            _ => {}
        }
        self.space();
        let value = self.atom();
        let known = match name.as_slice() {
            b"UIDVALIDITY" => number(value).map(Code::UidValidity),
            b"UIDNEXT" => number(value).map(Code::UidNext),
            b"HIGHESTMODSEQ" => number(value).map(Code::HighestModSeq),
            _ => None,
        };
        known.unwrap_or(Code::Other)
    }

    /// The names of what a server can do, in capitals.
    pub fn names(&self) -> Vec<String> {
        let names = self.rest.split(|byte| *byte == b' ').filter(|name| !name.is_empty());
        names.map(|name| String::from_utf8_lossy(name).to_ascii_uppercase()).collect()
    }

    /// ` (NAME value NAME value …)`. `None` when it is not of this form.
    pub fn item(mut self) -> Option<Item> {
        let mut item = Item::default();
        self.space()?;
        self.skip(b'(')?;
        while self.skip(b')').is_none() {
            let name = self.atom().to_ascii_uppercase();
            self.space()?;
            match (name.as_slice(), self.value()?) {
                (b"UID", Value::Atom(word)) => item.uid = Some(number(word)?),
                (b"RFC822.SIZE", Value::Atom(word)) => item.size = Some(number(word)?),
                (b"INTERNALDATE", Value::Text(text)) => item.date = date(&text),
                // The whole mail, or as much of it as was asked for: `BODY[]<0>`.
                (b"BODY[]" | b"BODY[]<0>", Value::Text(bytes)) => item.body = Some(Body::Bytes(bytes)),
                (b"BODY[]" | b"BODY[]<0>", Value::Dropped) => item.body = Some(Body::Dropped),
                _ => {}
            }
            self.space();
        }
        self.rest.is_empty().then_some(item)
    }

    fn value(&mut self) -> Option<Value<'t>> {
        match self.rest.first()? {
            b'"' => self.quoted().map(Value::Text),
            b'{' | b'~' => self.literal(),
            b'(' => self.list(),
            _ => Some(self.atom()).filter(|atom| !atom.is_empty()).map(Value::Atom),
        }
    }

    fn quoted(&mut self) -> Option<Vec<u8>> {
        self.skip(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.cut(1.min(self.rest.len())) {
                b"" => return None,
                b"\"" => return Some(text),
                b"\\" => text.extend_from_slice(self.cut(1.min(self.rest.len()))),
                byte => text.extend_from_slice(byte),
            }
        }
    }

    fn literal(&mut self) -> Option<Value<'t>> {
        let end = memchr::memchr(b'}', self.rest)?;
        self.cut(end + 1);
        Some(self.literals.next()?.map_or(Value::Dropped, Value::Text))
    }

    /// Passes over a list, with all lists in it.
    fn list(&mut self) -> Option<Value<'t>> {
        let mut depth = 0_u32;
        loop {
            match self.rest.first()? {
                b'(' => {
                    self.cut(1);
                    depth += 1;
                }
                b')' => {
                    self.cut(1);
                    depth -= 1;
                    if depth == 0 {
                        return Some(Value::List);
                    }
                }
                b' ' => {
                    self.cut(1);
                }
                b'"' => {
                    self.quoted()?;
                }
                b'{' | b'~' => {
                    self.literal()?;
                }
                _ => {
                    // An atom of no length would keep us here for ever.
                    let length = self.atom().len();
                    (length > 0).then_some(())?;
                }
            }
        }
    }
}

pub fn number<N: std::str::FromStr>(word: &[u8]) -> Option<N> {
    // `parse` takes a sign, which no number here has.
    word.first().filter(|byte| byte.is_ascii_digit())?;
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// ` 4-Jul-2017 10:00:30 +0200` (RFC 9051 §9, `date-time`).
fn date(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.trim();
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text).ok()?.to_timestamp().ok()
}
