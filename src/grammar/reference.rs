//! How a text names a session or a document: `S-7`, a URL, a `<message-id>`, a quoted title.

use super::{Mention, SessionRef, lines::OwnLine, pattern};
use crate::mail::MessageId;
use memchr::memchr3_iter;
use regex::Regex;
use std::sync::LazyLock;

/// `S-7`, a URL, or a Message-ID in angle brackets, wherever it stands. `mid:` and `news:` are links when they name a
/// mail, and words of a sentence otherwise.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\bs-[0-9]{1,6}\b|https?://[^\s<>"]+|\b(?:mid|news|nntp):[^\s<>"@]+@[^\s<>"@]+|<[^\s<>@]+@[^\s<>@]+>"#,
    )
});

/// What [`NAMED`] found. Its beginning tells, and far faster than groups in the pattern would.
enum Named<'t> {
    Number(&'t str),
    Url(&'t str),
    /// Without its `<>`: a Message-ID, or a link.
    Bracketed(&'t str),
}

impl Named<'_> {
    fn of(found: &str) -> Named<'_> {
        if let Some(inner) = found.strip_prefix('<') {
            return Named::Bracketed(inner.strip_suffix('>').unwrap_or(inner));
        }
        // A scheme is longer than one letter.
        match found.split_once('-') {
            Some((letter, number)) if letter.chars().count() == 1 => Named::Number(number),
            _ => Named::Url(found),
        }
    }
}

/// Whether a text may hold what [`NAMED`] finds: the mark of an id, a scheme or an address within a word. Most lines do
/// not.
fn may_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr3_iter(b'-', b':', b'@', bytes).any(|at| {
        let before = bytes[..at].last().map_or(b' ', u8::to_ascii_lowercase);
        let behind = bytes.get(at + 1).copied().unwrap_or(b' ');
        match bytes[at] {
            b'-' => before == b's' && behind.is_ascii_digit(),
            b':' => matches!(before, b'd' | b'p' | b's') && !behind.is_ascii_whitespace(),
            _ => !behind.is_ascii_whitespace(),
        }
    })
}

/// What stands in `<…>` when it is no Message-ID.
const SCHEMES: [&str; 5] = ["mid:", "news:", "nntp:", "mailto:", "cid:"];

fn scheme(bracketed: &str) -> Option<&'static str> {
    SCHEMES.into_iter().find(|s| bracketed.get(..s.len()).is_some_and(|start| start.eq_ignore_ascii_case(s)))
}

/// A title in quotes at the start of a text, and what follows it.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^["“”„«]([^"“”„«»]+)["“”»]\s*(.*)$"#));
const OPENING: [char; 5] = ['"', '“', '”', '„', '«'];

/// Longer words are no references but an accident; keeping them out bounds what a mail can make us carry.
const LONGEST: usize = 2000;

/// A URL without the punctuation of the sentence around it.
fn trim_url(url: &str) -> &str {
    let mut url = url;
    loop {
        let shorter = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '|', '’', '”']);
        // One bracket is a sentence's, a pair belongs to the URL.
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if !inner.contains('(') => inner,
            _ => shorter.strip_suffix([']', '}']).unwrap_or(shorter),
        };
        if shorter.len() == url.len() {
            return url;
        }
        url = shorter;
    }
}

/// Every session id, URL and `<message-id>` of a text, in order.
pub fn all(text: &str) -> Vec<SessionRef> {
    if !may_name(text) {
        return Vec::new();
    }
    let found = NAMED.find_iter(text).filter(|found| found.len() <= LONGEST);
    let session = |found: regex::Match| match Named::of(found.as_str()) {
        Named::Number(number) => number.parse().ok().map(SessionRef::Number),
        Named::Url(url) => Some(SessionRef::Url(trim_url(url).to_owned())),
        Named::Bracketed(inner) => match scheme(inner) {
            None => MessageId::parse(inner).map(SessionRef::MessageId),
            Some("mailto:" | "cid:") => None,
            Some(_) => Some(SessionRef::Url(inner.to_owned())),
        },
    };
    found.filter_map(session).collect()
}

/// The references of a `Ref:` value, as written: URLs, and Message-IDs in their brackets.
pub fn documents(text: &str) -> Vec<String> {
    let found = NAMED.find_iter(text).filter_map(|found| match Named::of(found.as_str()) {
        Named::Number(_) => None,
        Named::Url(url) => Some(trim_url(url).to_owned()),
        Named::Bracketed(inner) => match scheme(inner) {
            None => Some(format!("<{inner}>")),
            Some("mailto:" | "cid:") => None,
            Some(_) => Some(inner.to_owned()),
        },
    });
    found.filter(|reference| reference.len() <= LONGEST).collect()
}

/// The first URL of a text, and the text without it.
pub fn split_url(text: &str) -> (Option<String>, String) {
    let found = NAMED.find_iter(text).find(|found| matches!(Named::of(found.as_str()), Named::Url(_)));
    match found {
        None => (None, text.to_owned()),
        Some(url) => {
            let whole = trim_url(url.as_str());
            let (before, behind) = (&text[..url.start()], &text[url.start() + whole.len()..]);
            let before = before.strip_suffix('<').unwrap_or(before);
            let rest = format!("{before} {}", behind.strip_prefix('>').unwrap_or(behind));
            (Some(whole.to_owned()), rest)
        }
    }
}

/// Whether a line holds a reference and nothing else, such as a URL or a `<message-id>` that a mailer wrapped to its own
/// line.
pub fn stands_alone(line: &str) -> bool {
    let line = line.trim();
    let bracketed = line.strip_prefix('<').and_then(|l| l.strip_suffix('>'));
    let is_id = bracketed.is_some_and(|inner| inner.contains('@') && scheme(inner).is_none());
    let bare = bracketed.unwrap_or(line);
    !line.contains(char::is_whitespace) && (is_id || bare.starts_with("http://") || bare.starts_with("https://"))
}

/// A session named at the start of a text, and what follows it.
pub fn leading(text: &str) -> Option<(SessionRef, &str)> {
    let text = text.trim_start();
    if text.starts_with(OPENING)
        && let Some(found) = QUOTED.captures(text)
    {
        let rest = found.get(2).map_or("", |rest| rest.as_str());
        return Some((SessionRef::Title(found[1].trim().to_owned()), rest));
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let session = whole(word.trim_end_matches([':', ',']))?;
    Some((session, rest.trim_start()))
}

/// A text that is one reference and nothing more.
pub fn whole(text: &str) -> Option<SessionRef> {
    let found = may_name(text).then(|| NAMED.find(text)).flatten()?;
    let bare = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
    let all_of_it = found.as_str() == text || found.as_str() == bare;
    all_of_it.then(|| all(text).pop()).flatten()
}

/// What the lines name without asking anything of it, each once.
pub fn mentions(lines: &[OwnLine]) -> Vec<Mention> {
    let mut seen = std::collections::HashSet::new();
    let mut mentions = Vec::new();
    for line in lines.iter().filter(|line| !line.code) {
        for session in all(&line.text) {
            if seen.insert(session.clone()) {
                mentions.push(Mention { session, line: line.number });
            }
        }
    }
    mentions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> SessionRef {
        SessionRef::Url(text.to_owned())
    }

    #[test]
    fn a_url_ends_where_the_sentence_goes_on() {
        let text = "see https://example.org/a_(b)), <https://example.org/c> and (https://example.org/d).";
        let expected = ["https://example.org/a_(b)", "https://example.org/c", "https://example.org/d"].map(url);
        assert_eq!(all(text)[1..], expected[1..]);
        assert_eq!(documents("[1] https://example.org/x#y."), ["https://example.org/x#y"]);
    }

    #[test]
    fn ids_are_whole_words() {
        assert_eq!(all("S-7, s-12 and XS-4 or S-x"), [SessionRef::Number(7), SessionRef::Number(12)]);
        assert_eq!(leading("S-7: +1"), Some((SessionRef::Number(7), "+1")));
        assert_eq!(leading("S-7x +1"), None);
        assert_eq!(leading("“Grant v3” attend"), Some((SessionRef::Title("Grant v3".to_owned()), "attend")));
    }

    #[test]
    fn links_to_mails_come_in_several_schemes() {
        let text =
            "mid:1@example.org, <news:2@example.org>, <3@example.org>, <mailto:ada@example.org>; good news: none";
        let id = MessageId::parse("3@example.org").map(SessionRef::MessageId).unwrap();
        assert_eq!(all(text), [url("mid:1@example.org"), url("news:2@example.org"), id]);
        assert_eq!(documents(text), ["mid:1@example.org", "news:2@example.org", "<3@example.org>"]);
    }

    #[test]
    fn a_url_can_be_taken_out() {
        let (found, rest) = split_url("14:00 <https://example.org/x> Room A");
        assert_eq!(found.as_deref(), Some("https://example.org/x"));
        assert_eq!(rest.split_whitespace().collect::<Vec<_>>(), ["14:00", "Room", "A"]);
    }
}
