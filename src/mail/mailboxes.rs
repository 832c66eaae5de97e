//! The entries of an address list (RFC 5322 §3.4), as they are written: names, addresses not yet checked, and whatever
//! makes an entry unsound.
//!
//! Quoted strings and comments are skipped whole, so that an address in them is none. Nothing is repaired here: an entry
//! that two readers could read in two ways says so, and the caller decides what that is worth.

use super::header::readable;
use std::borrow::Cow;

/// One entry of an address list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mailbox<'a> {
    pub name: String,
    /// What stands where the addr-spec belongs, trimmed, unchecked.
    pub spec: Cow<'a, str>,
    /// It stands in a group: `name: a, b;`
    pub grouped: bool,
    /// Why another reader could see something else here, in words.
    pub unsound: Option<&'static str>,
}

/// Splits an address list, outside quoted strings and comments. Group names fall away; an unquoted comma within a
/// name (`Lovelace, Ada <ada@example.org>`) stays in the name. Linear in the text.
pub fn mailboxes(value: &str) -> Vec<Mailbox<'_>> {
    let mut found = Vec::new();
    let mut entry = Entry::default();
    let mut grouped = false;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                let (text, closed) = quoted_string(&mut chars);
                entry.quoted(&text, closed);
            }
            '(' => {
                let (text, closed) = comment(&mut chars);
                entry.commented(text, closed);
            }
            '<' => {
                if entry.angle.is_some() {
                    found.extend(entry.finish(grouped));
                }
                let (angle, closed) = up_to(&mut chars, '>');
                entry.angled(angle, closed);
            }
            '=' => {
                let bare = entry.bare.to_mut();
                bare.push(c);
                let length = encoded_word(chars.as_str());
                bare.extend(chars.by_ref().take(length));
            }
            ',' if entry.is_name_only() => entry.bare.to_mut().push(c),
            ',' => found.extend(entry.finish(grouped)),
            ';' => {
                let stray = (!grouped).then_some("a `;` where no group ends");
                entry.unsound = entry.unsound.or(stray);
                found.extend(entry.finish(grouped));
                entry.unsound = stray;
            }
            '>' | ')' | '\\' => entry.unsound = Some("a stray bracket or backslash"),
            ':' if entry.angle.is_none() => {
                entry = Entry::default();
                grouped = true;
            }
            _ => {
                let rest = chars.as_str();
                let start = value.len() - rest.len() - c.len_utf8();
                let end = value.len() - rest.len() + plain_run(rest).len();
                entry.bare(&value[start..end]);
                chars = value[end..].chars();
            }
        }
    }
    found.extend(entry.finish(grouped));
    found
}

/// The text up to the next character that means something in an address list, or lies beyond ASCII.
fn plain_run(text: &str) -> &str {
    let means = |byte: u8| matches!(byte, b'"' | b'(' | b')' | b'<' | b'>' | b'=' | b',' | b';' | b':' | b'\\');
    let end = text.bytes().position(|byte| means(byte) || !byte.is_ascii()).unwrap_or(text.len());
    &text[..end]
}

/// One entry while it is read.
#[derive(Default)]
struct Entry<'a> {
    /// The part of the name that is already decoded.
    name: String,
    /// Text outside of anything, not yet decoded.
    bare: Cow<'a, str>,
    /// There is an `@` in it.
    has_at: bool,
    angle: Option<&'a str>,
    /// A part of it was quoted.
    quoted: bool,
    comment: String,
    unsound: Option<&'static str>,
}

impl<'a> Entry<'a> {
    fn bare(&mut self, run: &'a str) {
        self.has_at |= run.contains('@');
        match self.bare.is_empty() {
            true => self.bare = Cow::Borrowed(run),
            false => self.bare.to_mut().push_str(run),
        }
    }

    fn quoted(&mut self, text: &str, closed: bool) {
        if !closed {
            self.unsound = Some("a quoted name that does not end");
        } else if self.angle.is_some() {
            self.unsound = Some("a quoted name behind the address");
        } else if self.has_at {
            self.unsound = Some("an address in the place of the name");
        }
        self.quoted = true;
        let apart = if self.bare.trim().is_empty() { "" } else { " " };
        self.settle();
        self.name.extend([apart, text]);
    }

    fn commented(&mut self, text: String, closed: bool) {
        if !closed {
            self.unsound = Some("a comment that does not end");
        }
        self.comment = text;
        // Within an address a comment is legal and read by nobody: the gap makes the address unsound.
        self.bare.to_mut().push(' ');
    }

    fn angled(&mut self, angle: &'a str, closed: bool) {
        let before = self.bare.trim();
        if !closed {
            self.unsound = Some("a `<` without its `>`");
        } else if self.has_at && (self.quoted || !before.eq_ignore_ascii_case(angle.trim())) {
            self.unsound = Some("an address in the place of the name");
        }
        self.settle();
        self.angle = Some(angle);
    }

    /// Moves what was read so far into the name. Only here encoded words are decoded: within a quoted string they are
    /// none (RFC 2047 §5).
    fn settle(&mut self) {
        self.has_at = false;
        if !self.bare.trim().is_empty() {
            let words = readable(&self.bare);
            match self.name.is_empty() {
                true => self.name = words,
                false => self.name.extend([" ", &words]),
            }
        }
        self.bare = Cow::default();
    }

    fn is_name_only(&self) -> bool {
        let blank = self.bare.trim().is_empty();
        self.angle.is_none() && !self.has_at && !blank && !self.quoted
    }

    /// What was read as one mailbox, if anything was. Leaves an empty entry.
    fn finish(&mut self, grouped: bool) -> Option<Mailbox<'a>> {
        let mut entry = std::mem::take(self);
        let spec = match entry.angle.take() {
            Some(angle) => {
                if !entry.bare.trim().is_empty() {
                    entry.unsound = Some("text behind the address");
                    entry.bare = Cow::default();
                }
                Cow::Borrowed(angle)
            }
            None if entry.has_at => {
                if entry.quoted {
                    entry.unsound = Some("an address without `<…>` behind a name");
                }
                std::mem::take(&mut entry.bare)
            }
            None => Cow::default(),
        };
        entry.settle();
        let name = if entry.name.trim().is_empty() { readable(&entry.comment) } else { entry.name };
        let spec = match spec {
            Cow::Borrowed(spec) => Cow::Borrowed(spec.trim()),
            Cow::Owned(spec) => Cow::Owned(spec.trim().to_owned()),
        };
        let mailbox = Mailbox { name, spec, grouped, unsound: entry.unsound };
        (!mailbox.name.is_empty() || !mailbox.spec.is_empty()).then_some(mailbox)
    }
}

/// The longest encoded word that is looked for, in bytes: RFC 2047 §2 allows 75, mailers write longer ones.
const LONGEST_WORD: usize = 1000;

/// How many characters behind a `=` belong to an encoded word: commas and brackets in it separate nothing.
fn encoded_word(rest: &str) -> usize {
    if !rest.starts_with('?') {
        return 0;
    }
    let word = rest.char_indices().take_while(|(at, c)| *at < LONGEST_WORD && !c.is_whitespace());
    let mut marks = word.filter(|(_, c)| *c == '?').map(|(at, _)| at);
    let closing = marks.nth(3).filter(|at| rest[*at..].starts_with("?="));
    closing.map_or(0, |at| rest[..at].chars().count() + 2)
}

/// The text up to a character, and whether there was one.
fn up_to<'a>(chars: &mut std::str::Chars<'a>, end: char) -> (&'a str, bool) {
    let (text, rest) = chars.as_str().split_once(end).unwrap_or((chars.as_str(), ""));
    let closed = text.len() < chars.as_str().len();
    *chars = rest.chars();
    (text, closed)
}

/// The text up to the closing quote, and whether there was one.
fn quoted_string(chars: &mut std::str::Chars) -> (String, bool) {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return (text, true),
            '\\' => text.extend(chars.next()),
            _ => text.push(c),
        }
    }
    (text, false)
}

/// The text up to the closing bracket, brackets within included, and whether there was one.
fn comment(chars: &mut std::str::Chars) -> (String, bool) {
    let mut text = String::new();
    let mut depth = 1usize;
    while let Some(c) = chars.next() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return (text, true),
            ')' => depth -= 1,
            '\\' => {
                text.extend(chars.next());
                continue;
            }
            _ => {}
        }
        text.push(c);
    }
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Vec<String> {
        let show = |mailbox: Mailbox| format!("{}|{}", mailbox.name.trim(), mailbox.spec);
        mailboxes(value).into_iter().map(show).collect()
    }

    #[test]
    fn entries_are_split_where_a_mailer_would_split_them() {
        for (value, entries) in [
            ("Ada <ada@example.org>, bob@example.org", &["Ada|ada@example.org", "|bob@example.org"][..]),
            ("\"Lovelace, Ada\" <ada@example.org>,", &["Lovelace, Ada|ada@example.org"]),
            ("team: ada@example.org, Bob <bob@example.org>;", &["|ada@example.org", "Bob|bob@example.org"]),
            ("=?utf-8?Q?Ada,_<x@y>?= <ada@example.org>", &["Ada, <x@y>|ada@example.org"]),
            ("ada@example.org (Ada (at work), or not)", &["Ada (at work), or not|ada@example.org"]),
            ("(<eve@example.net>) ada@example.org", &["<eve@example.net>|ada@example.org"]),
            (" , ,", &[]),
        ] {
            assert_eq!(shown(value), entries, "{value}");
        }
    }

    #[test]
    fn splitting_takes_time_in_proportion() {
        for piece in ["<", "(", "\"", "=?", "=?a?q?b?= ", "a@b,", "a,", ":", ";", "\\\""] {
            mailboxes(&piece.repeat(20_000));
        }
    }
}
