//! Reply and forward prefixes as mail programs write them, in their languages.

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

/// How far the colon of a prefix can stand, in characters: a word, a number, two spaces.
const REACH: usize = 24;

/// The reply (false) or forward (true) prefix a text starts with, and its length in bytes: `Re:`, `RE[2]:`, `Re(2):`,
/// `Re^2:`, `Re2 :`, `回复：`
pub fn prefix(text: &str) -> Option<(bool, usize)> {
    let (colon, mark) = text.char_indices().take(REACH).find(|(_, c)| matches!(c, ':' | '：'))?;
    let word = without_number(text[..colon].trim_end()).trim().to_lowercase();
    let known = |words: &[&str]| words.contains(&word.as_str());
    let length = text.len() - text[colon + mark.len_utf8()..].trim_start().len();
    (known(REPLY) || known(FORWARD)).then(|| (!known(REPLY), length))
}

/// How often was answered, as some programs count, left out: `[2]`, `(2)`, `^2`, `2`.
fn without_number(word: &str) -> &str {
    let closed = word.strip_suffix([']', ')']).unwrap_or(word);
    let bare = closed.trim_end_matches(|c: char| c.is_ascii_digit());
    let counted = bare.len() < closed.len();
    match word.as_bytes().last() {
        Some(b']') => bare.strip_suffix('[').filter(|_| counted).unwrap_or(word),
        Some(b')') => bare.strip_suffix('(').filter(|_| counted).unwrap_or(word),
        _ => bare.strip_suffix('^').filter(|_| counted).unwrap_or(bare),
    }
}
