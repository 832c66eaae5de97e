//! MIME (RFC 2045–2047, 2231): the one module that knows the parser's crate.
//!
//! It turns a mail into leaves in reading order, text already decoded. Which leaf is the mail's text is not its
//! business. A parsed message is never cloned and never nested deeper than the gate lets through: both would overflow
//! the stack.

use super::header::{Header, readable};
use super::transfer;
use crate::clock::Timestamp;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{ContentType, DateTime, MessageParser, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;
use std::ops::Range;
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
pub fn leaves(header: &Header, raw: &[u8]) -> (Vec<Leaf>, bool) {
    guarded(|| parsed(header, raw)).flatten().unwrap_or_else(|| (vec![unparsed(header, raw)], false))
}

/// A leaf, with its place in the mail.
pub struct Piece {
    pub leaf: Leaf,
    pub header: Range<usize>,
    pub body: Range<usize>,
    /// The bytes of the body, their transfer encoding undone as far as it is known.
    pub content: Vec<u8>,
}

/// All leaves of a mail with their places, in the order in which they stand.
pub fn pieces(raw: &[u8]) -> Vec<Piece> {
    let header = Header::read(raw);
    let whole = || {
        let body = header.body().unwrap_or(0);
        let (leaf, content) = (unparsed(&header, raw), raw[body..].to_vec());
        vec![Piece { leaf, header: 0..body, body: body..raw.len(), content }]
    };
    let placed = || -> Option<Vec<Piece>> {
        header.fields().next()?;
        let message = PARSER.parse(raw)?;
        let leaves = message.parts.iter().filter(|part| !matches!(part.body, PartType::Multipart(_)));
        let mut pieces: Vec<Piece> = leaves.filter_map(|part| piece(raw, part)).collect();
        pieces.sort_by_key(|piece| piece.header.start);
        Some(pieces)
    };
    guarded(placed).flatten().unwrap_or_else(whole)
}

fn piece(raw: &[u8], part: &MessagePart) -> Option<Piece> {
    let [header, body, end] = [part.raw_header_offset(), part.raw_body_offset(), part.raw_end_offset()];
    let (header, body) = (header as usize..body as usize, body as usize..end as usize);
    let bytes = raw.get(body.clone()).filter(|_| header.start <= header.end)?;
    let content = content(bytes, Coding::of(part).unwrap_or(Coding::None)).into_owned();
    Some(Piece { leaf: leaf(raw, bytes, part, Around::default()), header, body, content })
}

/// The leaves of a mail within a mail.
pub fn leaves_of(raw: &[u8]) -> Vec<Leaf> {
    leaves(&Header::read(raw), raw).0
}

/// Foreign code at work on foreign bytes: should it panic, the mail is read without it.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Nothing survives a panic but the borrowed bytes, so no state can be seen half changed.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}

fn unparsed(header: &Header, raw: &[u8]) -> Leaf {
    let (text, flaw) = decoded_text(&raw[header.body().unwrap_or(0)..], None);
    let flaw = flaw.or_else(|| (!raw.is_empty()).then(|| "this is no mail: it is read as text".to_owned()));
    Leaf { kind: "text/plain".to_owned(), text, flaw, ..Leaf::default() }
}

/// What a leaf takes from the multiparts around it.
#[derive(Clone, Default)]
struct Around {
    parent: usize,
    alternative: bool,
    protected: bool,
    protected_subject: Option<String>,
}

/// The parser is shown no more of the header than it has to know; and of the body nothing, where there is but one part.
fn parsed(header: &Header, raw: &[u8]) -> Option<(Vec<Leaf>, bool)> {
    header.fields().next()?;
    let body = &raw[header.body().unwrap_or(raw.len())..];
    let told = mime_fields(header);
    let alone = PARSER.parse_headers(&told)?;
    let root = alone.parts.first()?;
    let has_parts = |found: &ContentType| matches!(found.ctype(), "multipart" | "message");
    if !root.content_type().is_some_and(has_parts) {
        return Some((vec![leaf(&told, body, root, Around::default())], false));
    }
    parts(&[told.as_slice(), body].concat())
}

/// The fields of MIME (RFC 2045 §9), unfolded, and the empty line under them.
fn mime_fields(header: &Header) -> Vec<u8> {
    let is_mime = |name: &str| name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"));
    let mut told = Vec::with_capacity(512);
    told.extend_from_slice(b"MIME-Version: 1.0\r\n");
    for (name, value) in header.fields().filter(|(name, _)| is_mime(name)) {
        for piece in [name, ":", value, "\r\n"] {
            told.extend_from_slice(piece.as_bytes());
        }
    }
    told.extend_from_slice(b"\r\n");
    told
}

fn parts(raw: &[u8]) -> Option<(Vec<Leaf>, bool)> {
    let message = PARSER.parse(raw)?;
    let report = message.parts.first().is_some_and(|part| kind(part) == "multipart/report");
    let mut leaves = Vec::new();
    let mut open = vec![(0, Around::default())];
    while let Some((id, around)) = open.pop() {
        let Some(part) = message.parts.get(id) else { continue };
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
            _ => leaves.push(leaf(raw, bytes(raw, part), part, around)),
        }
    }
    Some((leaves, report))
}

/// One part, read in `raw`, which is these bytes as it was sent.
fn leaf(raw: &[u8], bytes: &[u8], part: &MessagePart, around: Around) -> Leaf {
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
            leaf.text = String::from_utf8_lossy(&content(bytes, coding)).into_owned();
            leaf.name = Header::read(leaf.text.as_bytes()).first("subject").map(readable).or(leaf.name);
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let signed = is("smime-type", "signed-data");
            leaf.flaw = Some(if signed { OPAQUE } else { ENCRYPTED }.to_owned());
        }
        "application/pgp-encrypted" => leaf.flaw = Some(ENCRYPTED.to_owned()),
        kind if kind.starts_with("text/") || is_report(kind) => {
            let charset = attribute("charset").map(charset_name).unwrap_or_default();
            let (text, flaw) = decoded_text(&content(bytes, coding), Some(&charset));
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
        (Some(found), _) => {
            let mut kind = [found.ctype(), "/", found.subtype().unwrap_or("")].concat();
            kind.make_ascii_lowercase();
            kind
        }
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
fn content(bytes: &[u8], coding: Coding) -> Cow<'_, [u8]> {
    match coding {
        Coding::None => Cow::Borrowed(bytes),
        Coding::Base64 => Cow::Owned(transfer::base64(bytes)),
        Coding::QuotedPrintable => Cow::Owned(transfer::quoted_printable(bytes)),
    }
}

fn bytes<'a>(raw: &'a [u8], part: &MessagePart) -> &'a [u8] {
    raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize).unwrap_or_default()
}

/// Charsets that mailers declare for what is really UTF-8, or for what they do not know.
const VAGUE: [&str; 6] = ["", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit"];

/// Families of charsets in which a byte of ASCII is that letter: most text in them is nothing else.
const KEEPS_ASCII: [&str; 3] = ["iso-8859-", "windows-12", "koi8-"];

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
        // A coded run of UTF-7 ends with its line (RFC 2152), and so do the letters of two bytes of ISO-2022-JP (RFC 1468);
        // the decoder takes the line end for a part of them.
        let whole_line = |line: &[u8]| {
            let text = line.trim_ascii_end();
            decode(text) + &String::from_utf8_lossy(&line[text.len()..])
        };
        if bytes.is_ascii() && KEEPS_ASCII.iter().any(|family| charset.starts_with(family)) {
            return (String::from_utf8_lossy(bytes).into_owned(), None);
        }
        return match charset.as_str() {
            "utf-7" | "iso-2022-jp" => (bytes.split_inclusive(|byte| *byte == b'\n').map(whole_line).collect(), None),
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
            assert_eq!(unparsed(&Header::read(raw.as_bytes()), raw.as_bytes()).text, expected, "{raw:?}");
        }
        assert_eq!(
            unparsed(&Header::read(b"Hi\nBye"), b"Hi\nBye").text,
            "Hi\nBye",
            "without an empty line there is no header"
        );
    }
}
