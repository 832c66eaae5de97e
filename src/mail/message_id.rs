//! Message-IDs (RFC 5322 §3.6.4) as people's software really writes them.
//!
//! An id is a key, never an address: reading one keeps whatever distinguishes it and drops only what mailers add or
//! fold in. Two different ids must never become one key.

use memchr::{memchr, memchr2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;

/// A Message-ID without its angle brackets: the key of a mail. Never empty, never with white space or controls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

/// Bytes of the longest id that is kept as written. Longer ones keep their beginning and get a hash of the whole.
const LONGEST: usize = 250;

impl MessageId {
    /// A stable key from the first `<…>`, or else from the first token with an `@`, or from whatever there is; `None` when
    /// nothing is left of it.
    pub fn parse(text: &str) -> Option<MessageId> {
        match bracketed(text) {
            Some((inner, _)) => MessageId::key(&without_comments(inner)),
            None => {
                let bare = without_comments(text);
                MessageId::key(bare.split_whitespace().find(|token| token.contains('@')).unwrap_or(&bare))
            }
        }
    }

    /// Every id in a header value such as In-Reply-To or References, in order. Without any `<…>`, the bare tokens
    /// with an `@` in them count.
    pub fn all(header: &str) -> Vec<MessageId> {
        let mut ids = Vec::new();
        let mut rest = header;
        while let Some((inner, behind)) = bracketed(rest) {
            ids.extend(MessageId::key(&without_comments(inner)));
            rest = behind;
        }
        if !header.contains('<') {
            let bare = without_comments(header);
            let tokens = bare.split(|c: char| c.is_whitespace() || ",;".contains(c));
            ids.extend(tokens.filter(|token| token.contains('@')).filter_map(MessageId::key));
        }
        ids
    }

    /// What is left without white space, which headers fold in, and controls.
    fn key(text: &str) -> Option<MessageId> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
        let key: String = match plain {
            true => text.to_owned(),
            false => text.chars().filter(|c| !unprintable(*c) && !"<>".contains(*c)).collect(),
        };
        (!key.is_empty()).then(|| MessageId(shortened(key)))
    }

    /// The id that a link into an archive names: see [`super::link`].
    pub fn from_url(url: &str) -> Option<MessageId> {
        super::link::read(url).id
    }

    /// An id of our own: `local` and `domain` must be plain dot-atoms, which the caller makes and does not receive.
    pub fn ours(local: &str, domain: &str) -> MessageId {
        let key: String = format!("{local}@{domain}").chars().filter(|c| !unprintable(*c)).collect();
        MessageId(shortened(key))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn unprintable(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// The key itself, or its beginning with the hash of the whole: as short, and as distinct.
fn shortened(key: String) -> String {
    if key.len() <= LONGEST {
        return key;
    }
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(key.as_bytes()));
    let head = key.floor_char_boundary(LONGEST - hash.len() - 1);
    format!("{}~{hash}", &key[..head])
}

/// What stands in the first `<…>`, and what follows it. A missing `>` ends where the next id begins; one in a quoted
/// local part (RFC 5322 §3.2.4) ends nothing.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let after = &text[memchr(b'<', text.as_bytes())? + 1..];
    // A quote that closes farther away belongs to some other id, and looking for it each time would take a square.
    let near = &after[..after.floor_char_boundary(LONGEST)];
    let from = near.strip_prefix('"').and_then(|inner| inner.find("\"@")).map_or(0, |close| close + 2);
    let end = memchr2(b'<', b'>', &after.as_bytes()[from..]).map_or(after.len(), |end| from + end);
    Some((&after[..end], after[end..].strip_prefix('>').unwrap_or(&after[end..])))
}

/// Drops `(…)`, nested too (RFC 5322 §3.2.2), that has white space in it or beside it. Others, such as the `(none)` of
/// hosts without a name, belong to the id, and so does an unclosed `(`.
fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains('(') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    // For each open one where it began, and how much white space there was up to the character before it.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let (mut spaces, mut before) = (0, 0);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let so_far = spaces;
        spaces += usize::from(c.is_whitespace());
        match c {
            '(' => {
                open.push((kept.len(), before));
                kept.push(c);
            }
            ')' if !open.is_empty() => {
                let (start, spaces_before) = open.pop().unwrap_or_default();
                let beside = chars.peek().is_some_and(|next| next.is_whitespace());
                if beside || spaces > spaces_before {
                    kept.truncate(start);
                } else {
                    kept.push(c);
                }
            }
            _ => kept.push(c),
        }
        before = so_far;
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(header: &str) -> Vec<String> {
        MessageId::all(header).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn one_id_however_it_is_written() {
        for text in [
            "<a@b>",
            "a@b",
            " <a@b> ",
            "<a@b",
            "<a @b>",
            "<a@\r\n b>",
            "<a@b> (sent by hand)",
            "mail <a@b> of",
            "a@b (by hand)",
            "<a@b> (by <c@d>)",
            "a@b by hand",
        ] {
            assert_eq!(MessageId::parse(text).unwrap().as_str(), "a@b", "{text:?}");
        }
        assert_eq!(MessageId::parse("<no-at-sign>").unwrap().as_str(), "no-at-sign");
        for nothing in ["", "<>", " < > ", "\r\n"] {
            assert_eq!(MessageId::parse(nothing), None);
        }
    }

    #[test]
    fn every_id_of_a_header_in_order() {
        assert_eq!(all("Your mail of Tue <a@b>"), ["a@b"]);
        assert_eq!(all("<a@b>\r\n <c@d>\n\t<e@f>"), ["a@b", "c@d", "e@f"]);
        assert_eq!(all("<a@b><c@d>, <e@f> text"), ["a@b", "c@d", "e@f"]);
        assert_eq!(all("<a@(a comment)b> (another) <x@y>"), ["a@b", "x@y"]);
        assert_eq!(all("<a@b <c@d>"), ["a@b", "c@d"]);
        assert_eq!(all("a@b c@d"), ["a@b", "c@d"]);
        assert_eq!(all("Your mail of Tuesday"), Vec::<String>::new());
    }

    #[test]
    fn two_ids_never_become_one() {
        for (one, other) in [
            ("<1(a)@example.org>", "<1(b)@example.org>"),
            ("<1@host.(none)>", "<1@host>"),
            ("<\"a>b\"@example.org>", "<\"a>c\"@example.org>"),
            ("<a(b@example.org>", "<a@example.org>"),
            ("<A@example.org>", "<a@example.org>"),
        ] {
            assert_ne!(MessageId::parse(one), MessageId::parse(other), "{one} {other}");
            assert_eq!(MessageId::all(one), [MessageId::parse(one).unwrap()], "it is the same wherever it stands");
        }
        assert_eq!(all("<\"a>b\"@x> <c@d>"), ["\"a>b\"@x".replace('>', ""), "c@d".to_owned()]);
    }

    #[test]
    fn long_ids_are_shortened_without_colliding() {
        let long = |end: &str| MessageId::parse(&format!("<{}{end}@example.org>", "é".repeat(300))).unwrap();
        assert_eq!(long("1"), long("1"));
        assert_ne!(long("1"), long("2"));
        assert!(long("1").as_str().len() <= LONGEST);
        assert_eq!(MessageId::parse(long("1").as_str()), Some(long("1")), "a key reads as itself");
    }

    proptest! {
        #[test]
        fn reading_is_total_and_keys_are_sound(text in any::<String>()) {
            for id in MessageId::all(&text).into_iter().chain(MessageId::parse(&text)).chain(MessageId::from_url(&text)) {
                prop_assert!(!id.as_str().is_empty() && id.as_str().len() <= LONGEST);
                prop_assert!(!id.as_str().contains(|c: char| c.is_whitespace() || c.is_control()));
            }
        }
    }
}
