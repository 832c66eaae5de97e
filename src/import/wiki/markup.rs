//! MediaWiki's markup, as far as a session's fields have it: what it stands for as plain text.
//!
//! The inverse of what `pages::wiki` writes. Links and emphasis stay as they are written: they are readable.

use crate::grammar::pattern;
use regex::{Captures, Regex};
use std::sync::LazyLock;

static COMMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<!--.*?-->"));
static BREAK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<br\s*/?>\n?"));
static LITERAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)</?(?:nowiki|pre)\s*/?>"));
static BULLET: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\* "));
static ENTITY: LazyLock<Regex> = LazyLock::new(|| pattern(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));"));

/// The text that a value of wikitext stands for.
pub fn plain(value: &str) -> String {
    let text = COMMENT.replace_all(value.trim(), "");
    let text = BREAK.replace_all(&text, "\n");
    let text = LITERAL.replace_all(&text, "");
    let text = BULLET.replace_all(&text, "- ");
    let text = text.replace("{{!}}", "|");
    ENTITY.replace_all(&text, character).into_owned()
}

fn character(found: &Captures) -> String {
    let number = |at: usize, radix| found.get(at).and_then(|digits| u32::from_str_radix(digits.as_str(), radix).ok());
    let named = match found.get(3).map(|name| name.as_str()) {
        Some("amp") => Some('&'),
        Some("lt") => Some('<'),
        Some("gt") => Some('>'),
        Some("quot") => Some('"'),
        Some("nbsp") => Some(' '),
        _ => None,
    };
    let one = named.or_else(|| number(1, 10).or_else(|| number(2, 16)).and_then(char::from_u32));
    one.map_or_else(|| found[0].to_owned(), String::from)
}
