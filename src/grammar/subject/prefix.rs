//! Reply and forward prefixes as mail programs write them, in their languages.

use crate::grammar::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// Reply prefixes, lower case, by language as mailers write them.
#[rustfmt::skip]
const REPLY: &[&str] = &[
    "re", "aw", "antw", "antwort", "antwoord", "sv", "svar", "vs", "vá", "ref", "res", "r", "rif", "rép",
    "odp", "odpowiedź", "ynt", "yanıt", "cev", "atb", "bls", "blsv", "απ", "σχετ", "на", "отв", "ответ",
    "відп", "отг", "ответно", "תגובה", "رد", "回复", "回覆", "答复", "答覆", "返信", "답장", "回信", "trả lời",
];

/// Forward prefixes, likewise.
#[rustfmt::skip]
const FORWARD: &[&str] = &[
    "fwd", "fw", "wg", "weitergeleitet", "tr", "rv", "enc", "i", "doorst", "vl", "vb", "vs.", "fs",
    "videresendt", "pd", "továbbítás", "ilt", "i̇lt", "yml", "πρθ", "пересл", "ha", "הועבר", "转发", "轉寄",
    "轉發", "転送", "전달",
];

/// `Re:`, `RE[2]:`, `Re(2):`, `Re^2:`, `Re :`, `回复：`
///
/// Slow, for it knows the letters of all scripts: not tried on a text without an early colon.
static PREFIX: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([\p{L}\p{M}. ]{1,16}?)\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\d{1,2})?\s?[:：]\s*"));

/// How far the colon of a prefix can stand, in characters: a word, a number, two spaces.
const REACH: usize = 24;

/// The reply (false) or forward (true) prefix a text starts with, and its length in bytes.
pub fn prefix(text: &str) -> Option<(bool, usize)> {
    let (word, length) = match text.find(|c: char| !c.is_ascii_alphabetic()) {
        // By far the most, `Re:` among them.
        Some(end) if text[end..].starts_with(':') => (&text[..end], text.len() - text[end + 1..].trim_start().len()),
        _ => {
            text.chars().take(REACH).find(|c| matches!(c, ':' | '：'))?;
            let found = PREFIX.captures(text)?;
            (found.get(1)?.as_str(), found[0].len())
        }
    };
    let word = word.trim().to_lowercase();
    let known = |words: &[&str]| words.contains(&word.as_str());
    (known(REPLY) || known(FORWARD)).then(|| (!known(REPLY), length))
}
