//! The gate: what is too large or too deep to be parsed at all, judged on bytes alone.
//!
//! The MIME parser recurses when a nested message is dropped, and takes quadratic time over parameters continued as
//! `name*0=…; name*1=…` (RFC 2231 §3). A stack overflow cannot be caught, so such mail is stopped here.
//! The gate must never parse: it only counts.

use super::{Reason, header};
use memchr::{memchr_iter, memchr2_iter};

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
    let parts = parts(raw);
    let too_many =
        parts.nesting > NESTING_LIMIT || parts.multipart > MULTIPART_LIMIT || parts.continuations > CONTINUATION_LIMIT;
    if too_many { Err(Reason::TooManyParts) } else { Ok(()) }
}

/// Bytes and lines before the first empty line.
fn header_size(raw: &[u8]) -> (usize, usize) {
    let (block, _) = header::block(raw);
    let open = block.last().is_some_and(|last| *last != b'\n');
    (block.len(), memchr_iter(b'\n', block).count() + usize::from(open))
}

/// How often there stands what makes a mail deep, wide or slow to parse.
#[derive(Default)]
struct Parts {
    nesting: usize,
    multipart: usize,
    continuations: usize,
}

/// Counts it in one pass, around each `/` and `*`, wherever they stand and in any case of letters.
fn parts(raw: &[u8]) -> Parts {
    let mut parts = Parts::default();
    for at in memchr2_iter(b'/', b'*', raw) {
        let (before, after) = (&raw[..at], &raw[at + 1..]);
        if raw[at] == b'*' {
            parts.continuations += usize::from(continues(after));
            continue;
        }
        // Nearly all are those of paths and links.
        if !matches!(before.last(), Some(b'e' | b'E' | b't' | b'T')) {
            continue;
        }
        let named = |kind: &[u8], subtype: &[u8]| {
            let tail = before.len().checked_sub(kind.len()).map(|start| &before[start..]);
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(kind))
                && after.get(..subtype.len()).is_some_and(|head| head.eq_ignore_ascii_case(subtype))
        };
        parts.nesting += usize::from(NESTING.iter().any(|(kind, subtype)| named(kind, subtype)));
        parts.multipart += usize::from(named(b"multipart", b""));
    }
    parts
}

/// Digits, perhaps `*`, and `=` behind a `*`.
fn continues(after: &[u8]) -> bool {
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = &after[digits..];
    digits > 0 && behind.strip_prefix(b"*").unwrap_or(behind).starts_with(b"=")
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
