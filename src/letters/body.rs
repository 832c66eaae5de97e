//! A letter's text as any mail system can carry it: ASCII, CRLF, no line longer than 998 (RFC 5322 §2.1.1), encoded where
//! the text itself is not so (RFC 2045 §6).

use crate::mail::MessageId;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};

/// RFC 5322 §2.1.1.
const LONGEST_LINE: usize = 998;
/// A line of an encoded body (RFC 2045 §6.7 (5), §6.8).
const ENCODED_LINE: usize = 76;

/// One part: the fields that say what it is, and its text in whatever encoding it needs. Lines end with LF or CRLF in `text`.
pub fn part(kind: &str, text: &str) -> String {
    let (encoding, body) = encode(&text.replace("\r\n", "\n"));
    format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}")
}

/// The same said in several ways, the plainest first (RFC 2046 §5.1.4). The boundary has marks that stand in no encoding
/// together, and no letter has it twice.
pub fn alternative(parts: &[String], id: &MessageId) -> String {
    let boundary: String =
        format!("=_{id}").chars().filter(|c| c.is_ascii_alphanumeric() || "=_.".contains(*c)).take(70).collect();
    let mut whole = format!("Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n");
    for part in parts {
        whole += &format!("\r\n--{boundary}\r\n{part}");
    }
    whole + &format!("\r\n--{boundary}--\r\n")
}

/// The Content-Transfer-Encoding and the text in it. Lines end with LF in `text`.
pub fn encode(text: &str) -> (&'static str, String) {
    if is_plain(text) {
        return ("7bit", text.replace('\n', "\r\n"));
    }
    let escaped = text.bytes().filter(|byte| !is_readable(*byte) && *byte != b'\n').count();
    match escaped * 5 <= text.len() {
        true => ("quoted-printable", text.split_inclusive('\n').map(quoted_printable).collect()),
        false => ("base64", base64(&text.replace('\n', "\r\n"))),
    }
}

/// A body with this line at its end, in the place of `old` where that stood there: lines of ASCII, in the encoding that the body
/// has. As it is in one that is not ours.
pub fn with_last_line(encoding: &str, body: &str, old: &str, new: &str) -> String {
    let (old, new) = (format!("{old}\n"), format!("{new}\n"));
    let exchanged = |body: &str, encode: &dyn Fn(&str) -> String| {
        let kept = body.strip_suffix(&encode(&old)).unwrap_or(body);
        format!("{kept}{}", encode(&new))
    };
    let lines = |text: &str| text.replace('\n', "\r\n");
    match encoding {
        "7bit" => exchanged(body, &lines),
        "quoted-printable" => exchanged(body, &|text| text.split_inclusive('\n').map(quoted_printable).collect()),
        "base64" => match BASE64_MIME_PERMISSIVE.decode(body.as_bytes()) {
            Ok(bytes) => base64(&exchanged(&String::from_utf8_lossy(&bytes), &lines)),
            Err(_) => body.to_owned(),
        },
        _ => body.to_owned(),
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| is_readable(byte) || byte == b'\n' || byte == b'=')
        && text.split('\n').all(|line| line.len() <= LONGEST_LINE)
}

/// What stands for itself in quoted-printable, within a line.
fn is_readable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'='
}

/// One line, broken softly where it is too long. White space at its end is escaped, or it would be lost on the way, and so
/// is what old mail systems would change at its beginning.
fn quoted_printable(line: &str) -> String {
    let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\r\n"));
    let mut out = String::with_capacity(line.len() + line.len() / 8 + 2);
    let mut column = 0;
    for (at, byte) in line.bytes().enumerate() {
        let last = at + 1 == line.len();
        let lost = last && byte == b' ' || at == 0 && (byte == b'.' || line.starts_with("From "));
        let one = if is_readable(byte) && !lost { char::from(byte).to_string() } else { format!("={byte:02X}") };
        // Room for the `=` of a soft break.
        if column + one.len() > ENCODED_LINE - 1 {
            out.push_str("=\r\n");
            column = 0;
        }
        column += one.len();
        out.push_str(&one);
    }
    out + end
}

fn base64(text: &str) -> String {
    let lines = text.as_bytes().chunks(ENCODED_LINE / 4 * 3);
    lines.map(|bytes| BASE64.encode(bytes) + "\r\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_goes_as_it_is_however_long_its_links() {
        let text = format!("Hello\n\nhttps://example.org/?{}\n-- \n", "x=1&".repeat(100));
        assert_eq!(encode(&text), ("7bit", text.replace('\n', "\r\n")));
        assert_eq!(encode(&"x".repeat(999)).0, "quoted-printable");
    }

    #[test]
    fn what_is_almost_ascii_stays_readable() {
        let (how, text) = encode("Liebe Grüße an alle\n-- \nFrom here\n.\nIhr =\n");
        assert_eq!(how, "quoted-printable");
        assert_eq!(text, "Liebe Gr=C3=BC=C3=9Fe an alle\r\n--=20\r\n=46rom here\r\n=2E\r\nIhr =3D\r\n");
        let long = encode(&"Grüße an alle, ".repeat(40)).1;
        assert!(long.lines().count() > 5 && long.lines().all(|line| line.len() <= ENCODED_LINE), "{long}");
    }

    #[test]
    fn the_rest_is_base64() {
        let (how, text) = encode(&"会议\n".repeat(40));
        assert_eq!((how, text.lines().all(|line| line.len() <= ENCODED_LINE)), ("base64", true));
        assert!(text.starts_with("5Lya6K6uDQ"));
    }
}
