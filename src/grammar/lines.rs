//! The author's own lines, as the readers of this room see them.
//!
//! Quotes, signatures, footers and forwarded parts are left out here, once, so that no reader below can act on them.
//! Code stays, because it belongs to a description; [`OwnLine::code`] keeps it from acting.

use crate::mail::text::is_blank;
use crate::mail::{SpanKind, Text};
use memchr::memchr3;
use std::borrow::Cow;

/// One line of the author's own.
#[derive(Clone, Debug)]
pub struct OwnLine<'a> {
    /// First physical line, counted from 1.
    pub number: usize,
    /// Last physical line: a flowed line was joined from several.
    pub last: usize,
    /// As written, without trailing white space.
    pub raw: &'a str,
    /// For matching: no byte order mark in front, no-break spaces as spaces.
    pub text: Cow<'a, str>,
    /// Between fences: it never acts.
    pub code: bool,
}

impl OwnLine<'_> {
    pub fn is_blank(&self) -> bool {
        is_blank(&self.text)
    }

    /// The line from column 0. One leading space is forgiven: mailers stuff it (RFC 3676).
    pub fn head(&self) -> &str {
        self.text.strip_prefix(' ').unwrap_or(&self.text)
    }

    pub fn is_indented(&self) -> bool {
        self.text.starts_with([' ', '\t'])
    }

    /// Whether nothing stands between the two: no quote, no other line.
    pub fn follows(&self, earlier: &OwnLine) -> bool {
        self.number == earlier.last + 1
    }
}

/// The visible and code lines of a text, in order.
pub fn own(text: &Text) -> Vec<OwnLine<'_>> {
    let own = text.lines().filter(|line| matches!(line.kind, SpanKind::Visible | SpanKind::Code));
    let mut lines = Vec::with_capacity(own.clone().count());
    lines.extend(own.map(|line| {
        let raw = line.text.trim_end();
        OwnLine { number: line.first, last: line.last, raw, text: clean(raw), code: line.kind == SpanKind::Code }
    }));
    lines
}

/// The lines as written, blank ones at both ends left out.
pub fn joined<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let joined = lines.into_iter().collect::<Vec<_>>().join("\n");
    match joined.trim_matches('\n') {
        trimmed if trimmed.len() == joined.len() => joined,
        trimmed => trimmed.to_owned(),
    }
}

/// Adds a line to what it goes on with.
pub fn append(text: &mut String, between: char, line: &str) {
    text.push(between);
    text.push_str(line);
}

fn clean(raw: &str) -> Cow<'_, str> {
    let text = raw.trim_start_matches(['\u{feff}', '\u{200b}']);
    if !text.is_ascii() && text.contains('\u{a0}') {
        Cow::Owned(text.replace('\u{a0}', " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether any of three bytes stands in a text. Most lines are prose: a pattern that needs a mark is not tried on a line
/// without it, and that is most of this room's speed.
pub fn holds(text: &str, [a, b, c]: [u8; 3]) -> bool {
    memchr3(a, b, c, text.as_bytes()).is_some()
}

/// The words of a list item (`- a`, `* a`, `• a`, `1. a`, `2) a`), without its mark.
pub fn bullet(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let marked = text.strip_prefix(['-', '*', '•', '+', '–', '·', '◦']).or_else(|| {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = text.len() - rest.len();
        (1..=2).contains(&digits).then(|| rest.strip_prefix(['.', ')'])).flatten()
    })?;
    let words = marked.trim();
    (marked.starts_with([' ', '\t']) && !words.is_empty()).then_some(words)
}

/// The items of all lists among the lines, each joined from its wrapped lines.
pub fn bullets<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut previous: Option<&str> = None;
    for line in lines {
        if let Some(words) = bullet(line) {
            items.push(words.to_owned());
            previous = Some(line);
        } else if let (Some(above), Some(item)) = (previous, items.last_mut())
            && continues(above, line)
        {
            item.push(' ');
            item.push_str(line.trim());
            previous = Some(line);
        } else {
            previous = None;
        }
    }
    items
}

/// Whether a line goes on with the list item above it: indented, or wrapped by a mailer (a full line, then a small letter).
pub fn continues(above: &str, line: &str) -> bool {
    let Some(first) = line.trim_start().chars().next() else { return false };
    let full = above.chars().count() >= 60;
    line.starts_with([' ', '\t']) || (full && (first.is_lowercase() || first == '('))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bullet_needs_its_mark_and_words() {
        assert_eq!(bullet("- a b"), Some("a b"));
        assert_eq!(bullet("  • a"), Some("a"));
        assert_eq!(bullet("12) a"), Some("a"));
        for not in ["-a", "-- ", "---", "- ", "2017. a", "a - b", "*bold* words", ""] {
            assert_eq!(bullet(not), None, "{not}");
        }
    }

    #[test]
    fn a_wrapped_bullet_is_one_item() {
        let text = "- Once we have agreement, we basically just need to document it and\nget it started\n\
                    - second\n  half\nNot of it\n- third";
        let items = bullets(text.lines());
        assert_eq!(items.len(), 3);
        assert!(items[0].ends_with("document it and get it started"));
        assert_eq!(items[1..], ["second half", "third"]);
    }
}
