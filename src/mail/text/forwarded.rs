//! Where a mail that was answered or passed on begins: a marker line, or the header lines that some mailers write
//! above it.

use super::tongues::phrases;
use super::{Line, trimmed};
use crate::mail::glance::Glance;
use memchr::memchr2;
use regex::Regex;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What stands above a mail that was answered or passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many lines: the marker and the header lines.
    pub lines: usize,
    /// It says that the mail was passed on. Otherwise it may have been answered, and `>` marks what is quoted.
    pub passed_on: bool,
}

/// What a header line above a quoted mail says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    From,
    Date,
    To,
    Subject,
    Other,
    /// People are not shown it.
    Machine,
}

/// How far a block of header lines is followed.
const BLOCK_LINES: usize = 14;
/// Lines over which a long value may be broken.
const WRAPPED_LINES: usize = 3;
/// Longest marker and longest label, in bytes.
const LONGEST_MARKER: usize = 90;
const LONGEST_LABEL: usize = 48;

/// The head of a mail that begins with the first of `lines`.
pub fn begins(lines: &[Line]) -> Option<Head> {
    if let Some(passed_on) = marker(lines.first()?.text) {
        let blank = lines[1..].iter().take(2).take_while(|line| line.text.trim().is_empty()).count();
        let block = header_block(&lines[1 + blank..]).map_or(0, |block| blank + block);
        return Some(Head { lines: 1 + block, passed_on });
    }
    header_block(lines).map(|lines| Head { lines, passed_on: false })
}

/// Whether this is a marker line, and one that says that a mail was passed on.
fn marker(text: &str) -> Option<bool> {
    let text = trimmed(text);
    let led =
        text.starts_with("--") || text.starts_with("__") || text.starts_with("==") || text.starts_with('\u{2014}');
    if !led && text.bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b',')
    {
        return None;
    }
    let inner = text.trim_matches(['-', '_', '=', '*', '+', '~', ' ', '\u{2013}', '\u{2014}']);
    if inner.is_empty() || inner.len() > LONGEST_MARKER {
        return None;
    }
    if led {
        let phrase = inner.to_lowercase();
        let phrase = phrase.trim_end_matches([':', '：', ' ']);
        let named = || FORWARDED.iter().any(|marker| phrase.starts_with(marker) && phrase.contains('@'));
        return if FORWARDED.contains(phrase) || named() {
            Some(true)
        } else {
            ORIGINAL.contains(phrase).then_some(false)
        };
    }
    let bare = inner.strip_suffix([':', '：'])?.trim_end();
    // `Forwarded message:` and the like without dashes; `Begin forwarded message:` is what Apple Mail writes.
    (bare.contains(' ') || !bare.is_ascii())
        .then(|| FORWARDED.contains(bare.to_lowercase().as_str()).then_some(true))?
}

/// `From:`, `Sent:`, `To:`, `Subject:` beneath each other: three of them, or two that carry an address and a time.
/// The number of lines.
fn header_block(lines: &[Line]) -> Option<usize> {
    let first = lines.first()?.text;
    key(first)?;
    // Indented header lines are shown by the author, not by a mailer. One that indents them writes them all, but none
    // that only machines read, and does not indent the mail under them. Bold ones are a mailer's.
    let shown = first.starts_with(['\t', ' ']) && !first.trim_start().starts_with('*');
    let mut found: Vec<Key> = Vec::new();
    let (mut address, mut time) = (false, false);
    let (mut wrapped, mut end, mut raw) = (0, 0, false);
    for (at, line) in lines.iter().take(BLOCK_LINES).enumerate() {
        match key(line.text) {
            Some((key, value)) => {
                address |= matches!(key, Key::From | Key::To) && value.contains('@');
                time |= key == Key::Date && MOMENT.is_match(value);
                raw |= key == Key::Machine;
                if !found.contains(&key) {
                    found.push(key);
                }
                (wrapped, end) = (0, at + 1);
            }
            None if line.text.trim().is_empty() || wrapped == WRAPPED_LINES => break,
            None => wrapped += 1,
        }
    }
    let has = |key: Key| found.contains(&key);
    let below = lines[end..].iter().map(|line| line.text).find(|text| !text.trim().is_empty());
    let complete = found.len() >= 4 && time && !raw && below.is_some_and(|below| !below.starts_with(['\t', ' ']));
    let enough = match found.len() {
        _ if shown => complete,
        0 | 1 => false,
        2 => address && time,
        _ => has(Key::From) || has(Key::Date) && (address || time),
    };
    enough.then_some(end)
}

/// The header that a line begins with, and its value.
fn key(text: &str) -> Option<(Key, &str)> {
    // Nearly all lines have no colon near their beginning; 0xEF begins the wide one.
    memchr2(b':', 0xEF, &text.as_bytes()[..text.len().min(LONGEST_LABEL)])?;
    let label = text.get(..text.floor_char_boundary(LONGEST_LABEL)).unwrap_or(text);
    let colon = label.find([':', '：'])?;
    let name = text[..colon].trim_matches(['*', '_', ' ', '\t', '\u{a0}', '\u{200e}', '\u{200f}']);
    let key = KEYS_GLANCE.may_begin(name).then(|| KEYS.get(name.to_lowercase().as_str())).flatten()?;
    Some((*key, &text[colon..]))
}

static ORIGINAL: LazyLock<HashSet<&str>> = LazyLock::new(|| phrases(|tongue| tongue.original).collect());
static FORWARDED: LazyLock<HashSet<&str>> = LazyLock::new(|| phrases(|tongue| tongue.forwarded).collect());
static KEYS: LazyLock<HashMap<&str, Key>> = LazyLock::new(|| {
    let named = |key: Key, names: Vec<&'static str>| names.into_iter().map(move |name| (name, key));
    // A word that two languages use for two headers keeps the last: `from` and `date` decide more.
    named(Key::Machine, vec!["message-id", "in-reply-to", "references", "mime-version", "x-mailer", "user-agent"])
        .chain(named(Key::Other, phrases(|tongue| tongue.copy).collect()))
        .chain(named(Key::To, phrases(|tongue| tongue.to).collect()))
        .chain(named(Key::Subject, phrases(|tongue| tongue.subject).collect()))
        .chain(named(Key::Date, phrases(|tongue| tongue.date).collect()))
        .chain(named(Key::From, phrases(|tongue| tongue.from).collect()))
        .collect()
});
static KEYS_GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(KEYS.keys().copied()));
/// A time of day, or a day with its year.
static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{1,2}[:.h]\d{2}|(?-u:\b)(?:19|20)\d{2}(?-u:\b)|\d[-/.]\d{1,2}[-/.]\d{2}")
        .expect("a constant, and a test builds it")
});

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};

    /// How many lines are the author's own before something passed on begins, if it does.
    fn own_lines(text: &str) -> Option<usize> {
        let text = Text::plain(text, false);
        text.lines().position(|line| line.kind == SpanKind::Forwarded)
    }

    #[test]
    fn marker_lines_in_many_languages_end_the_authors_words() {
        for marker in [
            "-----Original Message-----",
            "----- Original Message -----",
            "---------- Forwarded message ----------",
            "-------- Weitergeleitete Nachricht --------",
            "-----Message d'origine-----",
            "________ Mensaje original ________",
            "Begin forwarded message:",
        ] {
            assert_eq!(own_lines(&format!("+1\n\n{marker}\nAttend: yes\n")), Some(2), "{marker}");
        }
    }

    #[test]
    fn header_lines_do_too() {
        let english = "+1\n\nFrom: Ada <ada@example.org>\nSent: Monday, July 3, 2017 10:00 AM\nTo: Devel\nSubject: Slots\n\nAttend: yes\n";
        assert_eq!(own_lines(english), Some(2));
        let german = "+1\n________________________________\n*Von:* Ada\n*Gesendet:* Montag, 3. Juli 2017 10:00\n*An:* Devel\n*Betreff:* Slots\n";
        assert_eq!(own_lines(german), Some(1));
        let short = "+1\nFrom: ada@example.org\nDate: Mon, 3 Jul 2017 10:00:00 +0000\n\nHi\n";
        assert_eq!(own_lines(short), Some(1));
    }

    #[test]
    fn fields_of_a_proposal_are_no_header_lines() {
        assert_eq!(own_lines("Title: Slots\nDate: July 11 2017\nContact: Ada <ada@example.org>\nTrack: Tools\n"), None);
        assert_eq!(own_lines("Date: July 11 2017, 10:00\nRoom: 2\n"), None);
        assert_eq!(own_lines("Such a mail:\n\n  From: Ada <ada@example.org>\n  To: Bob\n  Subject: x\n\nSee?\n"), None);
        assert_eq!(own_lines("------- Agenda -------\nOriginal message of the talk\n"), None);
    }
}
