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

    /// The id that a link into an archive names: `https://lore.example.org/list/ID/`, also with `%40` for `@`, behind
    /// `/raw` or `/T/#u`, and wrapped by a mail gateway. Never an id without `@`.
    pub fn from_url(url: &str) -> Option<MessageId> {
        let url = unwrapped(url);
        let (_, path) = url.split_once("://")?.1.split_once('/')?;
        let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
        let segment = path.split('/').map(percent_decoded).find(|segment| looks_like_id(segment))?;
        MessageId::parse(&segment)
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

fn looks_like_id(segment: &str) -> bool {
    segment.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
        && !segment.contains(char::is_whitespace)
}

/// Query parameters in which link rewriters keep the real URL.
const WRAPPED_IN: [&str; 5] = ["url", "u", "q", "a", "target"];
/// Rewriters rarely nest deeper; a bound keeps this linear.
const WRAPPERS: usize = 3;

/// The URL behind the link rewriters of mail gateways.
fn unwrapped(url: &str) -> String {
    let mut url = url.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
    for _ in 0..WRAPPERS {
        match unwrapped_once(&url) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    url
}

fn unwrapped_once(url: &str) -> Option<String> {
    if let Some((_, rest)) = url.split_once("urldefense.com/v3/__").or_else(|| url.split_once("urldefense.us/v3/__")) {
        // v3 replaces some characters by `*` and keeps them after `__;`. Without those the link still names the id.
        return Some(rest.rsplit_once("__;").map_or(rest, |(inner, _)| inner).to_owned());
    }
    let query = url.split_once('?')?.1;
    query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| {
        let value = if url.contains("urldefense.proofpoint.com/v2/") {
            percent_decoded(&value.replace('-', "%").replace('_', "/"))
        } else {
            percent_decoded(value)
        };
        let is_link = value.starts_with("http://") || value.starts_with("https://");
        (WRAPPED_IN.contains(&key.to_ascii_lowercase().as_str()) && is_link).then_some(value)
    })
}

/// `%40` → `@`. What is not a valid escape, or no UTF-8, stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| data_encoding::HEXLOWER_PERMISSIVE.decode(hex).ok());
        match hex.as_deref() {
            Some([byte]) => {
                bytes.push(*byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(header: &str) -> Vec<String> {
        MessageId::all(header).into_iter().map(|id| id.0).collect()
    }
    fn from_url(url: &str) -> Option<String> {
        MessageId::from_url(url).map(|id| id.0)
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

    #[test]
    fn archive_links_name_their_mail() {
        let id = Some("20170711.1@example.org".to_owned());
        for url in [
            "https://lore.example.org/devel/20170711.1@example.org/",
            "https://lore.example.org/r/20170711.1@example.org",
            "https://lore.example.org/devel/20170711.1%40example.org/T/#u",
            "https://lore.example.org/devel/20170711.1@example.org/raw",
            "<https://lore.example.org/all/20170711.1@example.org/t.mbox.gz>",
            "https://eur01.safelinks.example.com/?url=https%3A%2F%2Flore.example.org%2Fdevel%2F20170711.1%2540example.org%2F&data=05",
            "https://urldefense.com/v3/__https://lore.example.org/devel/20170711.1@example.org/__;!!x!y$",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__lore.example.org_devel_20170711.1-40example.org_&d=Dw",
            "https://www.google.com/url?q=https://lore.example.org/devel/20170711.1@example.org/&sa=D",
        ] {
            assert_eq!(from_url(url), id, "{url}");
        }
        assert_eq!(from_url("https://lore.example.org/devel/a%2Fb@example.org/"), Some("a/b@example.org".to_owned()));
    }

    #[test]
    fn other_links_name_none() {
        for url in [
            "https://lists.example.org/archives/html/devel/2017-07/msg00042.html",
            "https://ada@example.org/devel/",
            "https://example.org/page?contact=ada@example.org",
            "mailto:ada@example.org",
            "https://example.org",
            "",
        ] {
            assert_eq!(from_url(url), None, "{url}");
        }
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
