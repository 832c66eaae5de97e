//! Message-IDs (RFC 5322 §3.6.4) as people's software really writes them.
//!
//! An id is a key, never an address: reading one keeps whatever distinguishes it and drops only what mailers add or
//! fold in. Two different ids must never become one key.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// A Message-ID without its angle brackets: the key of a mail. Never empty, never with white space or controls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

/// Bytes of the longest id that is kept as written. Longer ones keep their beginning and get a hash of the whole.
const LONGEST: usize = 250;

impl MessageId {
    /// A stable key from the content of one `<…>` or a bare token; `None` when nothing is left of it.
    pub fn parse(text: &str) -> Option<MessageId> {
        let inner = match text.find('<') {
            Some(open) => {
                let rest = &text[open + 1..];
                &rest[..rest.find('>').unwrap_or(rest.len())]
            }
            None => text,
        };
        let key: String = inner.chars().filter(|c| !unprintable(*c) && !"<>".contains(*c)).collect();
        (!key.is_empty()).then(|| MessageId(shortened(key)))
    }

    /// Every id in a header value such as In-Reply-To or References, in order. Without any `<…>`, the bare tokens
    /// with an `@` in them count.
    pub fn all(header: &str) -> Vec<MessageId> {
        let mut ids = Vec::new();
        let mut rest = header;
        while let Some(open) = rest.find('<') {
            let after = &rest[open + 1..];
            // A missing `>` ends where the next id begins.
            let end = after.find(['<', '>']).unwrap_or(after.len());
            ids.extend(MessageId::parse(without_comments(&after[..end]).as_str()));
            rest = after[end..].strip_prefix('>').unwrap_or(&after[end..]);
        }
        if !header.contains('<') {
            let bare = without_comments(header);
            let tokens = bare.split(|c: char| c.is_whitespace() || ",;".contains(c));
            ids.extend(tokens.filter(|token| token.contains('@')).filter_map(MessageId::parse));
        }
        ids
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

/// Drops `(…)`, nested too (RFC 5322 §3.2.2). An unclosed `(` is kept: it belongs to the id.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut open: Vec<usize> = Vec::new();
    for c in text.chars() {
        match c {
            '(' => {
                open.push(kept.len());
                kept.push(c);
            }
            ')' if !open.is_empty() => kept.truncate(open.pop().unwrap_or(0)),
            _ => kept.push(c),
        }
    }
    kept
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
        for text in ["<a@b>", "a@b", " <a@b> ", "<a@b", "<a @b>", "<a@\r\n b>", "<a@b> (sent by hand)", "mail <a@b> of"]
        {
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
