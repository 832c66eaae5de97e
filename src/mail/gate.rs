//! The gate: what is too large or too deep to be parsed at all, judged on bytes alone.
//!
//! The MIME parser recurses when a nested message is dropped, and takes quadratic time over parameters continued as
//! `name*0=…; name*1=…` (RFC 2231 §3). A stack overflow cannot be caught, so such mail is stopped here.
//! The gate must never parse: it only counts.

use super::Reason;
use memchr::memchr_iter;

/// Bytes of one mail that are read. What is larger waits in quarantine, unread.
pub const PARSE_LIMIT: usize = 2 << 20;
const HEADER_BYTES: usize = 100 << 10;
const HEADER_LINES: usize = 500;
/// Each opens a level of nesting: a message within a message.
const NESTING: [(&[u8], &[u8]); 3] = [(b"message", b"rfc822"), (b"message", b"global"), (b"multipart", b"digest")];
const NESTING_LIMIT: usize = 50;
const MULTIPART_LIMIT: usize = 200;
/// Continued parameters (`name*12=`) in one mail.
const CONTINUATION_LIMIT: usize = 1000;

/// Refuses what the parser must never see. Constant memory, linear time.
pub fn gate(raw: &[u8]) -> Result<(), Reason> {
    if raw.len() > PARSE_LIMIT {
        return Err(Reason::TooLarge);
    }
    let (bytes, lines) = header_size(raw);
    if bytes > HEADER_BYTES || lines > HEADER_LINES {
        return Err(Reason::HeaderTooLarge);
    }
    let types = media_types(raw);
    let too_many =
        types.nesting > NESTING_LIMIT || types.multipart > MULTIPART_LIMIT || continuations(raw) > CONTINUATION_LIMIT;
    if too_many { Err(Reason::TooManyParts) } else { Ok(()) }
}

/// Bytes and lines before the first empty line.
fn header_size(raw: &[u8]) -> (usize, usize) {
    let mut start = 0;
    for (lines, end) in memchr_iter(b'\n', raw).enumerate() {
        if matches!(&raw[start..end], b"" | b"\r") {
            return (start, lines);
        }
        if lines > HEADER_LINES {
            return (end + 1, lines + 1);
        }
        start = end + 1;
    }
    (raw.len(), memchr_iter(b'\n', raw).count() + usize::from(start < raw.len()))
}

/// How often the media types stand in `raw` that make a mail deep or wide.
#[derive(Default)]
struct MediaTypes {
    nesting: usize,
    multipart: usize,
}

/// Counts them around each `/`, wherever it stands and in any case of letters.
fn media_types(raw: &[u8]) -> MediaTypes {
    let mut types = MediaTypes::default();
    for slash in memchr_iter(b'/', raw) {
        let (before, after) = raw.split_at(slash);
        let named = |kind: &[u8], subtype: &[u8]| {
            let tail = before.len().checked_sub(kind.len()).map(|start| &before[start..]);
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(kind))
                && after[1..].get(..subtype.len()).is_some_and(|head| head.eq_ignore_ascii_case(subtype))
        };
        types.nesting += usize::from(NESTING.iter().any(|(kind, subtype)| named(kind, subtype)));
        types.multipart += usize::from(named(b"multipart", b""));
    }
    types
}

/// How often `*`, digits, perhaps `*`, and `=` follow each other.
fn continuations(raw: &[u8]) -> usize {
    let continues = |star: &usize| {
        let digits = raw[star + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let behind = &raw[star + 1 + digits..];
        digits > 0 && behind.strip_prefix(b"*").unwrap_or(behind).starts_with(b"=")
    };
    memchr_iter(b'*', raw).filter(continues).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_and_empty_mail_passes() {
        assert_eq!(gate(b""), Ok(()));
        assert_eq!(gate(b"Subject: hello\r\n\r\nHi\r\n"), Ok(()));
    }

    #[test]
    fn a_large_mail_is_not_read() {
        let mut raw = b"Subject: minutes\n\n".to_vec();
        raw.resize(PARSE_LIMIT, b'x');
        assert_eq!(gate(&raw), Ok(()));
        raw.push(b'x');
        assert_eq!(gate(&raw), Err(Reason::TooLarge));
    }

    #[test]
    fn a_header_block_has_a_size_and_a_length() {
        let long = format!("Subject: {}\n\nHi\n", "x".repeat(HEADER_BYTES));
        assert_eq!(gate(long.as_bytes()), Err(Reason::HeaderTooLarge));
        let many = format!("{}\nHi\n", "X-A: b\n".repeat(HEADER_LINES + 1));
        assert_eq!(gate(many.as_bytes()), Err(Reason::HeaderTooLarge));
        let body = format!("Subject: a\n\n{}", "a line\n".repeat(HEADER_LINES * 3));
        assert_eq!(gate(body.as_bytes()), Ok(()), "the body may have as many lines as it likes");
    }

    #[test]
    fn deep_nesting_is_stopped_in_any_case_of_letters() {
        let level = "Content-Type: Message/RFC822\n\n";
        assert_eq!(gate(level.repeat(NESTING_LIMIT).as_bytes()), Ok(()));
        assert_eq!(gate(level.repeat(NESTING_LIMIT + 1).as_bytes()), Err(Reason::TooManyParts));
        let mixed = "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
        assert_eq!(gate(mixed.repeat(MULTIPART_LIMIT + 1).as_bytes()), Err(Reason::TooManyParts));
    }

    #[test]
    fn endless_parameter_continuations_are_stopped() {
        let parameters: String = (0..=CONTINUATION_LIMIT).map(|n| format!(" a*{n}*=b;\n")).collect();
        let raw = format!("Subject: x\n\n--b\nContent-Type: text/plain;\n{parameters}\n");
        assert_eq!(gate(raw.as_bytes()), Err(Reason::TooManyParts));
        assert_eq!(gate(b"Subject: x\n\n**bold** a*1 2*3=6\n"), Ok(()));
    }
}
