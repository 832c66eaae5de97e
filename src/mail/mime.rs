//! MIME (RFC 2045–2047, 2231): the one module that knows the parser's crate.
//!
//! It turns a mail into leaves in reading order, text already decoded. Which leaf is the mail's text is not its
//! business. A parsed message is never cloned and never nested deeper than the gate lets through: both would overflow
//! the stack.

use crate::clock::Timestamp;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::add_html_token;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;
use mail_parser::{DateTime, Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// One part that has no parts.
#[derive(Debug, Default)]
pub struct Leaf {
    /// `text/plain`, lower case.
    pub kind: String,
    pub name: Option<String>,
    /// Content-Disposition: attachment (RFC 2183).
    pub attached: bool,
    /// It stands within a multipart/alternative.
    pub alternative: bool,
    /// Decoded, for text and reports; as it stands, for a mail within the mail; empty for all else.
    pub text: String,
    /// `format=flowed`, and then whether `DelSp=yes` (RFC 3676 §4).
    pub flowed: Option<bool>,
    /// What had to be mended.
    pub flaw: Option<String>,
}

/// All leaves of a mail in reading order, and whether its root is a multipart/report (RFC 6522). A mail that cannot be
/// parsed at all is one leaf: its body as it stands.
pub fn leaves(raw: &[u8]) -> (Vec<Leaf>, bool) {
    guarded(|| parsed(raw)).flatten().unwrap_or_else(|| (vec![unparsed(raw)], false))
}

/// Foreign code at work on foreign bytes: should it panic, the mail is read without it.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Nothing survives a panic but the borrowed bytes, so no state can be seen half changed.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}

fn unparsed(raw: &[u8]) -> Leaf {
    let header = raw.windows(2).position(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
    let (text, flaw) = decoded_text(&raw[header..], None);
    let flaw = flaw.or_else(|| (!raw.is_empty()).then(|| "this is no mail: it is read as text".to_owned()));
    Leaf { kind: "text/plain".to_owned(), text, flaw, ..Leaf::default() }
}

fn parsed(raw: &[u8]) -> Option<(Vec<Leaf>, bool)> {
    let message = MessageParser::default().parse(raw)?;
    let report = message.parts.first().is_some_and(|part| kind(part) == "multipart/report");
    let mut leaves = Vec::new();
    let mut open = vec![(0, false)];
    while let Some((id, alternative)) = open.pop() {
        let Some(part) = message.part(id) else { continue };
        match &part.body {
            PartType::Multipart(children) => {
                let alternative = alternative || kind(part) == "multipart/alternative";
                open.extend(children.iter().rev().map(|child| (*child, alternative)));
            }
            _ => leaves.push(leaf(&message, part, alternative)),
        }
    }
    Some((leaves, report))
}

fn leaf(message: &Message, part: &MessagePart, alternative: bool) -> Leaf {
    let kind = kind(part);
    let attribute = |name| part.content_type().and_then(|content_type| content_type.attribute(name));
    let is = |name, value: &str| attribute(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
    let mut leaf = Leaf {
        name: part.attachment_name().map(str::to_owned),
        attached: part.content_disposition().is_some_and(|disposition| disposition.is_attachment()),
        alternative,
        flowed: is("format", "flowed").then(|| is("delsp", "yes")),
        ..Leaf::default()
    };
    if let Some(unknown) = part.content_transfer_encoding().filter(|name| !is_known_encoding(name)) {
        // RFC 2045 §6.4
        leaf.flaw = Some(format!("the transfer encoding `{unknown}` is unknown: the part is not read"));
        leaf.kind = "application/octet-stream".to_owned();
        return leaf;
    }
    if kind == "message/rfc822" {
        leaf.text = String::from_utf8_lossy(part.contents()).into_owned();
    } else if kind.starts_with("text/") || is_report(&kind) {
        let decoded = bytes_of(message, part);
        (leaf.text, leaf.flaw) = decoded_text(decoded.as_deref().unwrap_or(part.contents()), attribute("charset"));
    }
    Leaf { kind, ..leaf }
}

fn kind(part: &MessagePart) -> String {
    match (part.content_type(), &part.body) {
        (Some(found), _) => format!("{}/{}", found.ctype(), found.subtype().unwrap_or("")).to_ascii_lowercase(),
        // Within a multipart/digest (RFC 2046 §5.1.5).
        (None, PartType::Message(_)) => "message/rfc822".to_owned(),
        (None, _) => "text/plain".to_owned(),
    }
}

/// The part of a multipart/report that programs read (RFC 3464, 6533, 8098, 5965).
pub fn is_report(kind: &str) -> bool {
    ["delivery-status", "disposition-notification", "feedback-report"].iter().any(|end| kind.ends_with(end))
}

fn is_known_encoding(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    ["", "7bit", "8bit", "binary", "quoted-printable", "base64", "7-bit", "8-bit"].contains(&name.as_str())
}

/// The content without its transfer encoding, from the bytes of the mail: the parser has already applied a charset.
/// `None` when it cannot be decoded; what the parser made of it is then the best there is.
fn bytes_of(message: &Message, part: &MessagePart) -> Option<Vec<u8>> {
    let raw = message.raw_message.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize)?;
    match part.encoding {
        Encoding::None if part.is_encoding_problem => None,
        Encoding::None => Some(raw.to_vec()),
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    }
}

/// Charsets that mailers declare for what is really UTF-8, or for what they do not know.
const VAGUE: [&str; 6] = ["", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit"];

fn decoded_text(bytes: &[u8], charset: Option<&str>) -> (String, Option<String>) {
    let charset = charset.unwrap_or("").trim().to_ascii_lowercase();
    let vague = VAGUE.contains(&charset.as_str());
    if !vague && let Some(decode) = charset_decoder(charset.as_bytes()) {
        return (decode(bytes), None);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if vague => (text.to_owned(), None),
        Ok(text) => (text.to_owned(), Some(format!("the charset `{charset}` is unknown: read as UTF-8"))),
        Err(_) => {
            let named = if charset.is_empty() { "none".to_owned() } else { format!("`{charset}`") };
            (windows_1252(bytes), Some(format!("the text does not fit its charset ({named}): read as windows-1252")))
        }
    }
}

fn windows_1252(bytes: &[u8]) -> String {
    charset_decoder(b"windows-1252").map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

/// A header line as text: UTF-8 (RFC 6532), else windows-1252.
pub fn decoded_header_bytes(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| windows_1252(bytes), str::to_owned)
}

/// Encoded words decoded, the space between adjacent ones dropped (RFC 2047 §6.2).
pub fn decoded_words(value: &str) -> String {
    if !value.contains("=?") {
        return value.to_owned();
    }
    // The parser reads up to a line end, and gives nothing without one.
    let line = format!("{}\n", value.replace(['\r', '\n'], " "));
    MessageStream::new(line.as_bytes())
        .parse_unstructured()
        .into_text()
        .map_or_else(String::new, |text| text.into_owned())
}

/// The character that an HTML entity such as `&eacute;` or `&#233;` stands for. Of numbers, pages mean windows-1252 where
/// Unicode has controls.
pub fn entity(entity: &str) -> Option<char> {
    let number = entity.strip_prefix("&#").and_then(|rest| rest.strip_suffix(';'));
    if let Some(byte) = number.and_then(|number| number.parse::<u8>().ok()).filter(|byte| (0x80..0xa0).contains(byte)) {
        return windows_1252(&[byte]).chars().next();
    }
    let mut decoded = String::new();
    add_html_token(&mut decoded, entity.as_bytes(), false);
    (decoded != entity).then(|| decoded.chars().next()).flatten()
}

/// A Date header (RFC 5322 §3.3, with the obsolete forms of §4.3).
pub fn date(value: &str) -> Option<Timestamp> {
    let date = DateTime::parse_rfc822(&format!("{value}\n")).filter(DateTime::is_valid)?;
    Timestamp::from_second(date.to_timestamp()).ok()
}
