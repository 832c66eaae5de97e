//! MIME (RFC 2045–2047, 2231): the one module that knows the parser's crate.
//!
//! It turns a mail into leaves in reading order, text already decoded. Which leaf is the mail's text is not its
//! business. A parsed message is never cloned and never nested deeper than the gate lets through: both would overflow
//! the stack.

use super::header::{Header, readable};
use super::transfer;
use crate::clock::Timestamp;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{DateTime, Encoding, MessageParser, MessagePart, MimeHeaders, PartType};
use memchr::memchr_iter;
use std::borrow::Cow;
use std::sync::LazyLock;

/// One part that has no parts.
#[derive(Debug, Default)]
pub struct Leaf {
    /// `text/plain`, lower case.
    pub kind: String,
    /// Its file name; of a mail within the mail, the subject.
    pub name: Option<String>,
    /// Content-Disposition: attachment (RFC 2183).
    pub attached: bool,
    /// It stands within a multipart/alternative.
    pub alternative: bool,
    /// Which multipart holds it: leaves of the same one have the same number.
    pub parent: usize,
    /// Decoded, for text and reports; as it stands, for a mail within the mail; empty for all else.
    pub text: String,
    /// `format=flowed`, and then whether `DelSp=yes` (RFC 3676 §4).
    pub flowed: Option<bool>,
    /// The subject that a signed or encrypted part repeats from the header (RFC 9788).
    pub protected_subject: Option<String>,
    /// It shows such fields once more, for readers that do not know them.
    pub legacy_display: bool,
    /// What had to be mended, or cannot be read.
    pub flaw: Option<String>,
}

/// The fields that say how parts are built; the others are read by our own header reader.
static PARSER: LazyLock<MessageParser> =
    LazyLock::new(|| MessageParser::new().with_mime_headers().default_header_ignore());

/// All leaves of a mail in reading order, and whether its root is a multipart/report (RFC 6522). A mail that cannot be
/// parsed at all is one leaf: its body as it stands.
pub fn leaves(raw: &[u8]) -> (Vec<Leaf>, bool) {
    guarded(|| parsed(raw)).flatten().unwrap_or_else(|| (vec![unparsed(raw)], false))
}

/// Foreign code at work on foreign bytes: should it panic, the mail is read without it.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Nothing survives a panic but the borrowed bytes, so no state can be seen half changed.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}

fn unparsed(raw: &[u8]) -> Leaf {
    let (text, flaw) = decoded_text(&raw[body_start(raw)..], None);
    let flaw = flaw.or_else(|| (!raw.is_empty()).then(|| "this is no mail: it is read as text".to_owned()));
    Leaf { kind: "text/plain".to_owned(), text, flaw, ..Leaf::default() }
}

/// Behind the first empty line; without one, all is the body.
fn body_start(raw: &[u8]) -> usize {
    let mut start = 0;
    let body = memchr_iter(b'\n', raw).find_map(|end| {
        let empty = matches!(&raw[start..end], b"" | b"\r");
        start = end + 1;
        empty.then_some(start)
    });
    body.unwrap_or(0)
}

/// What a leaf takes from the multiparts around it.
#[derive(Clone, Default)]
struct Around {
    parent: usize,
    alternative: bool,
    protected: bool,
    protected_subject: Option<String>,
}

fn parsed(raw: &[u8]) -> Option<(Vec<Leaf>, bool)> {
    let mut message = PARSER.parse(raw)?;
    let report = message.parts.first().is_some_and(|part| kind(part) == "multipart/report");
    let mut leaves = Vec::new();
    let mut open = vec![(0, Around::default())];
    while let Some((id, around)) = open.pop() {
        let Some(part) = message.parts.get_mut(id) else { continue };
        match &part.body {
            PartType::Multipart(children) => {
                let inside = Around {
                    parent: id,
                    alternative: around.alternative || kind(part) == "multipart/alternative",
                    protected: around.protected || is_protected(part),
                    protected_subject: around.protected_subject.or_else(|| protected_subject(raw, part)),
                };
                open.extend(children.iter().rev().map(|child| (*child as usize, inside.clone())));
            }
            _ => leaves.push(leaf(raw, part, around)),
        }
    }
    Some((leaves, report))
}

fn leaf(raw: &[u8], part: &mut MessagePart, around: Around) -> Leaf {
    let attribute = |name| part.content_type().and_then(|content_type| content_type.attribute(name));
    let is = |name, value: &str| attribute(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
    let mut leaf = Leaf {
        kind: kind(part),
        name: part.attachment_name().map(readable).filter(|name| !name.is_empty()),
        attached: part.content_disposition().is_some_and(|disposition| disposition.is_attachment()),
        alternative: around.alternative,
        parent: around.parent,
        flowed: is("format", "flowed").then(|| is("delsp", "yes")),
        legacy_display: around.protected && is_protected(part),
        protected_subject: around.protected_subject.or_else(|| protected_subject(raw, part)),
        ..Leaf::default()
    };
    let Some(coding) = Coding::of(part) else {
        // RFC 2045 §6.4
        let unknown = part.content_transfer_encoding().unwrap_or("");
        leaf.flaw = Some(format!("the transfer encoding `{unknown}` is unknown: the part is not read"));
        leaf.kind = "application/octet-stream".to_owned();
        return leaf;
    };
    if leaf.kind.starts_with("multipart/") {
        leaf.flaw = Some(format!("there are no parts in what is said to be {}: it is read as text", leaf.kind));
        leaf.kind = "text/plain".to_owned();
    }
    match leaf.kind.as_str() {
        "message/rfc822" | "message/global" => {
            leaf.text = String::from_utf8_lossy(&content(raw, part, coding)).into_owned();
            leaf.name = Header::read(leaf.text.as_bytes()).first("subject").map(readable).or(leaf.name);
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let signed = is("smime-type", "signed-data");
            leaf.flaw = Some(if signed { OPAQUE } else { ENCRYPTED }.to_owned());
        }
        "application/pgp-encrypted" => leaf.flaw = Some(ENCRYPTED.to_owned()),
        kind if kind.starts_with("text/") || is_report(kind) => {
            let charset = attribute("charset").map(charset_name).unwrap_or_default();
            let (text, flaw) = match parsers_text(raw, part, coding, &charset) {
                Some(text) => (text.into_owned(), None),
                None => decoded_text(&content(raw, part, coding), Some(&charset)),
            };
            leaf.text = text;
            leaf.flaw = leaf.flaw.or(flaw);
        }
        _ => {}
    }
    leaf
}

pub const ENCRYPTED: &str = "the mail is encrypted: it cannot be read";
const OPAQUE: &str =
    "the text is wrapped in its S/MIME signature: it cannot be read; a clear-signed mail (multipart/signed) can";

/// The part of a multipart/report that programs read (RFC 3464, 6533, 8098, 5965).
pub fn is_report(kind: &str) -> bool {
    ["delivery-status", "disposition-notification", "feedback-report"].iter().any(|end| kind.ends_with(end))
}

fn kind(part: &MessagePart) -> String {
    match (part.content_type(), &part.body) {
        // RFC 2045 §5.2: what cannot be read is plain text.
        (Some(found), _) if found.subtype().is_none() => "text/plain".to_owned(),
        (Some(found), _) => format!("{}/{}", found.ctype(), found.subtype().unwrap_or("")).to_ascii_lowercase(),
        // Within a multipart/digest (RFC 2046 §5.1.5).
        (None, PartType::Message(_)) => "message/rfc822".to_owned(),
        (None, _) => "text/plain".to_owned(),
    }
}

/// Such a part repeats fields of the header (RFC 9788, and the older `protected-headers="v1"`).
fn is_protected(part: &MessagePart) -> bool {
    let has = |name| part.content_type().is_some_and(|found| found.has_attribute(name));
    has("protected-headers") || has("hp")
}

fn protected_subject(raw: &[u8], part: &MessagePart) -> Option<String> {
    let header = raw.get(part.raw_header_offset() as usize..part.raw_body_offset() as usize)?;
    is_protected(part).then(|| Header::read(header).first("subject").map(readable)).flatten()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    None,
    Base64,
    QuotedPrintable,
}

impl Coding {
    /// What Content-Transfer-Encoding says (RFC 2045 §6.1); `None` when nobody knows it.
    fn of(part: &MessagePart) -> Option<Coding> {
        let name = part.content_transfer_encoding().unwrap_or("").trim();
        let name = name.split([';', ' ', '\t', '(']).next().unwrap_or(name).to_ascii_lowercase();
        match name.as_str() {
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" => Some(Coding::None),
            "base64" => Some(Coding::Base64),
            "quoted-printable" => Some(Coding::QuotedPrintable),
            _ => None,
        }
    }
}

/// The bytes of a part, its transfer encoding undone.
fn content<'a>(raw: &'a [u8], part: &MessagePart, coding: Coding) -> Cow<'a, [u8]> {
    let bytes = bytes(raw, part);
    match coding {
        Coding::None => Cow::Borrowed(bytes),
        Coding::Base64 => Cow::Owned(transfer::base64(bytes)),
        Coding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(bytes)),
    }
}

fn bytes<'a>(raw: &'a [u8], part: &MessagePart) -> &'a [u8] {
    raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize).unwrap_or_default()
}

/// What the parser has decoded, taken out of the part, where we would read the same.
fn parsers_text<'a>(raw: &[u8], part: &mut MessagePart<'a>, coding: Coding, charset: &str) -> Option<Cow<'a, str>> {
    let theirs = match part.encoding {
        Encoding::None => Coding::None,
        Encoding::Base64 => Coding::Base64,
        Encoding::QuotedPrintable => Coding::QuotedPrintable,
    };
    // Of a `=` right above a boundary it takes letters away, one or two, as the line ends are.
    let cut_short = coding == Coding::QuotedPrintable && bytes(raw, part).trim_ascii_end().ends_with(b"=");
    if part.is_encoding_problem || theirs != coding || cut_short {
        return None;
    }
    let (PartType::Text(text) | PartType::Html(text)) = std::mem::take(&mut part.body) else { return None };
    let same = match charset {
        "us-ascii" | "ascii" => text.is_ascii(),
        "utf-7" => false,
        _ if VAGUE.contains(&charset) => !text.contains(char::REPLACEMENT_CHARACTER),
        _ => charset_decoder(charset.as_bytes()).is_some(),
    };
    same.then_some(text)
}

/// Charsets that mailers declare for what is really UTF-8, or for what they do not know.
const VAGUE: [&str; 6] = ["", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit"];

/// A charset as declared, without what mailers put around it, lower case, by the name that is known.
fn charset_name(declared: &str) -> String {
    let name = declared.trim_matches(['"', '\'', '“', '”', ' ', '\t']);
    let name = name.split([';', ' ', '\t', '"']).next().unwrap_or(name).to_ascii_lowercase();
    match name.as_str() {
        // RFC 1642
        "unicode-1-1-utf-7" => "utf-7".to_owned(),
        _ => name,
    }
}

/// Bytes as text, and what had to be mended: by the charset; without a known one as UTF-8; else as windows-1252.
pub fn decoded_text(bytes: &[u8], charset: Option<&str>) -> (String, Option<String>) {
    let charset = charset.map(charset_name).unwrap_or_default();
    let vague = VAGUE.contains(&charset.as_str());
    if !vague && let Some(decode) = charset_decoder(charset.as_bytes()) {
        // A coded run of UTF-7 ends with its line (RFC 2152); the decoder takes the line end for a part of it.
        let whole_line = |line: &[u8]| {
            let text = line.trim_ascii_end();
            decode(text) + &String::from_utf8_lossy(&line[text.len()..])
        };
        return match charset.as_str() {
            "utf-7" => (bytes.split_inclusive(|byte| *byte == b'\n').map(whole_line).collect(), None),
            _ => (decode(bytes), None),
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if vague => (text.to_owned(), None),
        Ok(text) => (text.to_owned(), Some(format!("the charset `{charset}` is unknown: read as UTF-8"))),
        Err(_) => {
            let named = if charset.is_empty() { "none".to_owned() } else { format!("`{charset}`") };
            let flaw = format!("the text does not fit its charset ({named}): what does not is read as windows-1252");
            let mut text = String::with_capacity(bytes.len() * 2);
            add_bytes(bytes, &mut text);
            (text, Some(flaw))
        }
    }
}

fn windows_1252(bytes: &[u8]) -> String {
    charset_decoder(b"windows-1252").map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

/// Adds bytes whose charset nobody has said: UTF-8 (RFC 6532), and windows-1252 where they are none.
pub fn add_bytes(bytes: &[u8], into: &mut String) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return into.push_str(text);
    }
    for chunk in bytes.utf8_chunks() {
        into.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            into.push_str(&windows_1252(chunk.invalid()));
        }
    }
}

/// A Date header (RFC 5322 §3.3, with the obsolete forms of §4.3).
pub fn date(value: &str) -> Option<Timestamp> {
    let date = DateTime::parse_rfc822(&format!("{value}\n")).filter(DateTime::is_valid)?;
    Timestamp::from_second(date.to_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_parsed_is_its_body_whatever_ends_the_lines() {
        for raw in ["Subject: x\n\nHi\n\nBye\n", "Subject: x\r\n\r\nHi\n\nBye\n", "\nHi\n\nBye\n", "Hi\n\nBye\n"] {
            let expected = if raw.starts_with("Hi") { "Bye\n" } else { "Hi\n\nBye\n" };
            assert_eq!(unparsed(raw.as_bytes()).text, expected, "{raw:?}");
        }
        assert_eq!(unparsed(b"Hi\nBye").text, "Hi\nBye", "without an empty line there is no header");
    }
}
