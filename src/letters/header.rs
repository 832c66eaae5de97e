//! Headers as they go over the wire: typed text, folded, encoded where it is not ASCII (RFC 5322 §2.2.3, RFC 2047).
//!
//! Nothing that comes in here can end a header or begin another: [`HeaderText`] holds no line end.

use super::wrap::printable;
use crate::mail::{Address, MessageId};
use data_encoding::BASE64;

/// RFC 5322 §2.1.1 asks for 78 columns at the most, RFC 2047 §2 for 76 where there are encoded words.
const COLUMNS: usize = 76;
const ENCODED_WORD: usize = 75;
/// A word of ASCII that is longer is encoded, so that it can be broken.
const LONGEST_WORD: usize = 70;

/// Text that may stand in a header: in one line, without control, bidi and zero-width characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    pub fn new(text: &str) -> HeaderText {
        HeaderText(printable(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A header of free text, with its line end.
pub fn text(name: &str, text: &HeaderText) -> String {
    folded(name, pieces(text, name.len() + 2))
}

/// A header of words that stand as they are, each in one piece: addresses and links in brackets.
pub fn words(name: &str, words: Vec<String>) -> String {
    folded(name, words)
}

/// From and To. The domain stands as the DNS has it; a local part beyond ASCII stays as it is, because there is no other
/// form of it (RFC 6532 §3.2).
pub fn mailbox(name: &str, person: Option<&HeaderText>, address: &Address) -> String {
    let domain = idna::domain_to_ascii(address.domain()).unwrap_or_else(|_| address.domain().to_owned());
    let spec = format!("{}@{domain}", address.local());
    let Some(person) = person.filter(|person| !person.0.is_empty()) else { return folded(name, vec![spec]) };
    let mut parts = phrase(person, name.len() + 2);
    parts.push(format!("<{spec}>"));
    folded(name, parts)
}

/// Message-IDs, each one that can stand in a header as it is.
pub fn ids(name: &str, ids: &[MessageId]) -> String {
    folded(name, ids.iter().map(|id| format!("<{id}>")).collect())
}

/// An id that can stand in a header as it is.
pub fn is_plain(id: &MessageId) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'<' && byte != b'>';
    id.as_str().len() <= 250 && id.as_str().bytes().all(plain)
}

/// The text as words that are not to be broken: its own, or encoded ones. `column` is where the first will stand.
fn pieces(text: &HeaderText, column: usize) -> Vec<String> {
    let plain = |word: &str| word.is_ascii() && word.len() <= LONGEST_WORD && !word.contains("=?");
    match text.0.split(' ').all(plain) {
        true => text.0.split(' ').map(str::to_owned).collect(),
        false => encoded(&text.0, column),
    }
}

/// A person's name (RFC 5322 §3.2.5): one plain word, in quotes, or encoded.
fn phrase(person: &HeaderText, column: usize) -> Vec<String> {
    let words = pieces(person, column);
    let is_word = person.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte));
    if is_word || words.join(" ") != person.0 {
        return words;
    }
    let quoted = format!("\"{}\"", person.0.replace('\\', "\\\\").replace('"', "\\\""));
    quoted.split(' ').map(str::to_owned).collect()
}

/// Encoded words (RFC 2047), letter by letter where most of it stays readable (§4.2), else as base64 (§4.1). The white
/// space between two of them does not count (§6.2), so they can be broken anywhere between characters.
fn encoded(text: &str, column: usize) -> Vec<String> {
    let escaped = text.bytes().filter(|byte| !is_readable(*byte) && *byte != b' ').count();
    let readable = escaped * 3 <= text.len();
    let encoding = if readable { 'q' } else { 'b' };
    let length = |text: &str| match readable {
        true => text.bytes().map(|byte| if is_readable(byte) || byte == b' ' { 1 } else { 3 }).sum(),
        false => text.len().div_ceil(3) * 4,
    };
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let used = if words.is_empty() { column } else { 1 };
        let room = ENCODED_WORD.min(COLUMNS.saturating_sub(used)) - "=?utf-8?q??=".len();
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        let end = ends.take_while(|end| length(&rest[..*end]) <= room).last().unwrap_or(rest.len());
        let (now, later) = rest.split_at(end);
        let payload = if readable { q(now) } else { BASE64.encode(now.as_bytes()) };
        words.push(format!("=?utf-8?{encoding}?{payload}?="));
        rest = later;
    }
    words
}

/// What may stand in an encoded word also within a name (RFC 2047 §5(3)).
fn is_readable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte)
}

fn q(text: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => "_".to_owned(),
        byte if is_readable(byte) => char::from(byte).to_string(),
        byte => format!("={byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// One header: words with a space between, broken before one that would stand too far right.
fn folded(name: &str, words: Vec<String>) -> String {
    let mut header = format!("{name}:");
    let mut column = header.len();
    for word in words {
        let width = word.chars().count();
        if column + 1 + width > COLUMNS && column > name.len() + 1 {
            header.push_str("\r\n");
            column = 0;
        }
        header.push(' ');
        header.push_str(&word);
        column += 1 + width;
    }
    header + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(words: &str) -> String {
        text("Subject", &HeaderText::new(words))
    }

    fn from(name: &str) -> String {
        mailbox("From", Some(&HeaderText::new(name)), &Address::parse("ada@example.org").unwrap())
    }

    #[test]
    fn ascii_goes_as_it_is_and_is_folded_between_words() {
        assert_eq!(subject("Design sessions"), "Subject: Design sessions\r\n");
        let long = subject(&"sessions ".repeat(20));
        assert_eq!(long.matches("\r\n sessions").count(), 2, "{long}");
        assert!(long.lines().all(|line| line.len() <= COLUMNS));
    }

    #[test]
    fn other_text_is_encoded_in_words_of_at_most_75() {
        assert_eq!(subject("Liebe Grüße, an alle"), "Subject: =?utf-8?q?Liebe_Gr=C3=BC=C3=9Fe=2C_an_alle?=\r\n");
        assert_eq!(subject("会议"), "Subject: =?utf-8?b?5Lya6K6u?=\r\n");
        let long = subject(&"会议".repeat(60));
        assert!(long.lines().count() > 3 && long.lines().all(|line| line.len() <= COLUMNS), "{long}");
        assert!(subject(&"x".repeat(400)).lines().all(|line| line.len() <= COLUMNS));
        assert!(subject("no =?utf-8?q?word?=").contains("=3D=3F"), "what looks encoded is not ours to decode");
    }

    #[test]
    fn a_name_is_one_word_in_quotes_or_encoded() {
        assert_eq!(from("Ada"), "From: Ada <ada@example.org>\r\n");
        assert_eq!(from("Lovelace, \"Ada\""), "From: \"Lovelace, \\\"Ada\\\"\" <ada@example.org>\r\n");
        assert_eq!(from("Ada, Lady Łace"), "From: =?utf-8?q?Ada=2C_Lady_=C5=81ace?= <ada@example.org>\r\n");
        assert_eq!(from(" \u{200b}\r\n"), "From: ada@example.org\r\n");
    }

    #[test]
    fn an_address_stands_as_the_dns_has_it() {
        let at = |address| mailbox("To", None, &Address::parse(address).unwrap());
        assert_eq!(at("ada@bücher.example"), "To: ada@xn--bcher-kva.example\r\n");
        assert_eq!(at("łukasz@example.org"), "To: łukasz@example.org\r\n");
    }

    #[test]
    fn nothing_begins_a_header_of_its_own() {
        assert_eq!(subject("x\r\nBcc: all@example.org\u{85}\u{2028}y").matches("\r\n").count(), 1);
        assert!(!from("x\r\nBcc: y").contains("\nBcc"));
    }
}
