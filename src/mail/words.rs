//! Encoded words (RFC 2047): `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=`, in the forms that mailers really send.
//!
//! Read leniently: without the space that should separate words, with spaces and question marks inside, longer than 75
//! characters, without padding, with a language (RFC 2231 §5), and with a character cut in two between two words, which
//! is why the bytes of neighbours are joined before their charset is applied. What is no encoded word stays as it is.

use super::{mime, transfer};

/// The longest charset, with its language, that is believed.
const CHARSET: usize = 60;

/// Encoded words decoded, the space between adjacent ones dropped (§6.2).
pub fn decoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find("=?") {
        let Some((first, length)) = word(&rest[at..]) else {
            text.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        text.push_str(&rest[..at]);
        rest = &rest[at + length..];
        let mut run = first;
        while let Some((next, length)) = adjacent(rest) {
            rest = &rest[length..];
            if next.charset.eq_ignore_ascii_case(run.charset) && !is_stateful(run.charset) {
                run.bytes.extend(next.bytes);
            } else {
                text.push_str(&std::mem::replace(&mut run, next).text());
            }
        }
        text.push_str(&run.text());
    }
    text.push_str(rest);
    text
}

struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

impl Word<'_> {
    fn text(&self) -> String {
        mime::decoded_text(&self.bytes, Some(self.charset)).0
    }
}

/// Charsets in which each word begins anew: their bytes cannot be joined.
fn is_stateful(charset: &str) -> bool {
    let starts = |start: &str| charset.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    starts("iso-2022") || starts("utf-7") || starts("hz")
}

/// The word that follows with nothing but white space before it, and how many bytes both have.
fn adjacent(text: &str) -> Option<(Word<'_>, usize)> {
    let trimmed = text.trim_ascii_start();
    let (word, length) = word(trimmed)?;
    Some((word, text.len() - trimmed.len() + length))
}

/// The word at the start of `text`, and how many bytes it has. A second `=?` within it ends the search: it is cut off.
fn word(text: &str) -> Option<(Word<'_>, usize)> {
    let inner = text.strip_prefix("=?")?;
    let charset = inner.bytes().take(CHARSET).position(|byte| byte == b'?')?;
    let (charset, behind) = (&inner[..charset], &inner[charset + 1..]);
    if charset.is_empty() || charset.contains(|c: char| c.is_whitespace() || c == '=') {
        return None;
    }
    let (encoding, encoded) = behind.split_once('?').filter(|(encoding, _)| encoding.len() == 1)?;
    let limit = encoded.find("=?").unwrap_or(encoded.len());
    // `=?=` is the end of a word that ends in `=`.
    let end = encoded.as_bytes()[..(limit + 3).min(encoded.len())].windows(2).position(|pair| pair == b"?=")?;
    let content = &encoded[..end];
    let charset = charset.split('*').next().unwrap_or(charset);
    let word = match encoding {
        "B" | "b" => Word { charset, bytes: transfer::b_encoding(content.as_bytes())? },
        "Q" | "q" if content.is_ascii() => Word { charset, bytes: transfer::q_encoding(content.as_bytes()) },
        "Q" | "q" => Word { charset: "utf-8", bytes: mixed(content, charset).into_bytes() },
        _ => return None,
    };
    Some((word, text.len() - encoded.len() + end + 2))
}

/// A word in which other than ASCII stands as it is, already read, beside what is encoded.
fn mixed(content: &str, charset: &str) -> String {
    let mut text = String::new();
    for run in content.as_bytes().chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        match run.is_ascii() {
            true => text.push_str(&Word { charset, bytes: transfer::q_encoding(run) }.text()),
            false => text.push_str(&String::from_utf8_lossy(run)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_as_mailers_send_them() {
        for (value, expected) in [
            ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= an alle", "Grüße an alle"),
            ("=?utf-8?q?Gr=c3=bc=c3=9fe_an?= =?utf-8?b?IGFsbGU=?=", "Grüße an alle"),
            ("=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
            ("=?UTF-8?B?R3LD?=\t=?utf-8?B?vMOfZQ?=", "Grüße"),
            ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?==?iso-8859-1?Q?_an_alle?=", "Grüße an alle"),
            ("Re:=?utf-8?Q?Gr=C3=BC=C3=9Fe?=,alle", "Re:Grüße,alle"),
            ("=?UTF-8*en?Q?a_b?=", "a b"),
            ("=?utf-8?Q?What is a word??=", "What is a word?"),
            ("\"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\"", "\"Grüße\""),
            ("=?iso-2022-jp?B?GyRCJTslQyU3JWclcxsoQg==?=", "セッション"),
            ("=?gb2312?B?u+HS6Q==?=", "会议"),
            ("=?ks_c_5601-1987?B?yLjAxw==?=", "회의"),
            ("=?koi8-r?B?98/U0sXewQ==?=", "Вотреча"),
            ("=?windows-1252?Q?=93a=94?=", "“a”"),
            ("=?x-fancy?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
            ("=?utf-8?Q?a=3D=3Fb?=", "a=?b"),
            ("=?utf-8?Q??= x", " x"),
            ("=?iso-8859-1?Q?Grü=DFe?=", "Grüße"),
            ("=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?= =?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=", "テストテスト"),
            ("=?utf-7?Q?Gr+APwA3w-e?=", "Grüße"),
        ] {
            assert_eq!(decoded(value), expected, "{value}");
        }
        let long = "x".repeat(500);
        assert_eq!(decoded(&format!("=?utf-8?Q?{long}?=")), long);
    }

    #[test]
    fn what_is_no_word_stays() {
        for value in
            ["a=?b", "=?utf-8?X?abc?=", "=?utf-8?Q?never closed", "=?utf-8?B?!!!?=", "=? utf-8?Q?a?=", "=?", "?="]
        {
            assert_eq!(decoded(value), value);
        }
        assert_eq!(decoded("=?utf-8?Q?cut =?utf-8?Q?whole?="), "=?utf-8?Q?cut whole");
        assert_eq!(decoded(&"=?a?q?".repeat(10_000)).len(), 60_000);
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in "(=\\?|\\?=|utf-8|iso-2022-jp|\\?[QB]\\?|=C3|=|é| |\\PC){0,40}") {
            prop_assert!(decoded(&value).len() <= 3 * value.len() + 12);
        }
    }
}
