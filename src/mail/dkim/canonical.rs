//! What a signature is computed over: a mail's bytes, or those bytes without what relays do to white space
//! (RFC 6376 §3.4).

use super::message::Field;
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Simple,
    Relaxed,
}

impl Form {
    /// The value of `c=`: one form for the header, one for the body.
    pub fn pair(value: Option<&str>) -> Option<(Form, Form)> {
        let form = |name: &str| match name {
            "simple" => Some(Form::Simple),
            "relaxed" => Some(Form::Relaxed),
            _ => None,
        };
        let (header, body) = value.unwrap_or("simple").split_once('/').unwrap_or((value.unwrap_or("simple"), "simple"));
        Some((form(header)?, form(body)?))
    }
}

/// A field without the CRLF at its end.
pub fn header_field(form: Form, field: Field) -> Vec<u8> {
    match form {
        Form::Simple => field.whole.to_vec(),
        Form::Relaxed => {
            let mut line = field.name.to_ascii_lowercase();
            line.push(b':');
            let words = field.value().split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            for (at, word) in words.filter(|word| !word.is_empty()).enumerate() {
                if at > 0 {
                    line.push(b' ');
                }
                line.extend_from_slice(word);
            }
            line
        }
    }
}

/// A signature's own field: everything but the signature. The value of `b=` goes, white space and all.
pub fn without_signature(field: &[u8]) -> Vec<u8> {
    let colon = field.iter().position(|byte| *byte == b':').map_or(field.len(), |at| at + 1);
    let (mut out, rest) = (field[..colon].to_vec(), &field[colon..]);
    for (at, part) in rest.split(|byte| *byte == b';').enumerate() {
        if at > 0 {
            out.push(b';');
        }
        let equals = part.iter().position(|byte| *byte == b'=');
        match equals.filter(|at| part[..*at].trim_ascii() == b"b") {
            Some(equals) => out.extend_from_slice(&part[..=equals]),
            None => out.extend_from_slice(part),
        }
    }
    out
}

/// The hash of a body whose lines end in CRLF.
pub fn body_hash(form: Form, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    // Empty lines count when another line follows.
    let (mut empty, mut line_out) = (0_usize, Vec::new());
    let mut any = false;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        let text = match form {
            Form::Simple => text,
            Form::Relaxed => {
                line_out.clear();
                even(text, &mut line_out);
                &line_out
            }
        };
        if text.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\r\n");
        }
        hash.update(text);
        hash.update(b"\r\n");
        any = true;
    }
    if !any && form == Form::Simple {
        hash.update(b"\r\n");
    }
    hash.finalize().into()
}

/// White space as one space, and none at the end.
fn even(text: &[u8], out: &mut Vec<u8>) {
    let mut gap = false;
    for byte in text {
        match byte {
            b' ' | b'\t' => gap = true,
            _ => {
                if std::mem::take(&mut gap) {
                    out.push(b' ');
                }
                out.push(*byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relaxed_body(body: &str) -> String {
        let mut out = Vec::new();
        body.split("\r\n").for_each(|line| {
            even(line.as_bytes(), &mut out);
            out.push(b'|');
        });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_canonical_forms_are_those_of_the_rfc() {
        // RFC 6376 §3.4.5, the example.
        let field = Field { name: b"B", whole: b"B : Y\t\r\n\tZ  " };
        assert_eq!(header_field(Form::Relaxed, field), b"b:Y Z");
        assert_eq!(header_field(Form::Simple, field), b"B : Y\t\r\n\tZ  ");
        assert_eq!(relaxed_body(" C \r\nD \t E"), " C|D E|");
        let same = |form, a: &str, b: &str| {
            assert_eq!(body_hash(form, a.as_bytes()), body_hash(form, b.as_bytes()), "{a:?} {b:?}");
        };
        same(Form::Relaxed, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
        same(Form::Simple, "a\r\n\r\n\r\n", "a\r\n");
        same(Form::Simple, "a", "a\r\n");
        assert_eq!(body_hash(Form::Simple, b""), <[u8; 32]>::from(Sha256::digest(b"\r\n")));
        assert_eq!(body_hash(Form::Relaxed, b"\r\n \r\n"), <[u8; 32]>::from(Sha256::digest(b"")));
    }

    #[test]
    fn only_the_signature_itself_is_left_out() {
        let field = b"DKIM-Signature: a=x; bh=b=;\r\n b =\r\n abc==\r\n ; d=b";
        assert_eq!(without_signature(field), b"DKIM-Signature: a=x; bh=b=;\r\n b =; d=b");
    }
}
