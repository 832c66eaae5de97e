//! Transfer encodings (RFC 2045 §6), undone as far as they go.
//!
//! What mailers send is often cut, wrapped or extended on its way: a list adds its footer in plain text below base64, a
//! gateway leaves `=` as it is. What cannot be decoded is kept as it stands, so that nothing is lost.

/// Quoted-printable (§6.7). A `=` that begins no code is itself.
pub fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let end = line.len() - line.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        let (text, line_end) = line.split_at(end);
        let soft = text.ends_with(b"=");
        let text = if soft { &text[..end - 1] } else { text };
        codes(text, |byte| byte, &mut decoded);
        if !soft {
            // White space at the end was added on the way; only the line end was meant.
            let newline = line_end.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            decoded.extend_from_slice(&line_end[line_end.len() - newline..]);
        }
    }
    decoded
}

/// The same within a header (RFC 2047 §4.2): `_` is a space.
pub fn q_encoding(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    codes(bytes, |byte| if byte == b'_' { b' ' } else { byte }, &mut decoded);
    decoded
}

fn codes(text: &[u8], plain: impl Fn(u8) -> u8, decoded: &mut Vec<u8>) {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let code = match rest {
            [b'=', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match code {
            Some((high, low)) => {
                decoded.push(high << 4 | low);
                rest = &rest[3..];
            }
            None => {
                decoded.push(plain(*first));
                rest = behind;
            }
        }
    }
}

/// Base64 (§6.8), line by line, up to the first line that is none; that and all below is kept as it stands.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut group = Group::default();
    let mut at = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let indented = line.trim_ascii_start();
        let valid = indented.iter().take_while(|byte| **byte == b'=' || sextet(**byte).is_some()).count();
        let (text, behind) = indented.split_at(valid);
        let whole = behind.trim_ascii().is_empty();
        // Behind padding, what was encoded is over; without it, a line of words can look encoded at its start.
        if whole || text.ends_with(b"=") {
            // Nearly every line is a number of whole groups.
            match data_encoding::BASE64.decode(text) {
                Ok(bytes) if group.count == 0 => decoded.extend(bytes),
                _ => text.iter().for_each(|byte| group.take(*byte, &mut decoded)),
            }
            at += line.len() - if whole { 0 } else { behind.len() };
        }
        if !whole {
            break;
        }
    }
    group.end(&mut decoded);
    if at < bytes.len() && !decoded.is_empty() && !decoded.ends_with(b"\n") {
        decoded.push(b'\n');
    }
    decoded.extend_from_slice(&bytes[at..]);
    decoded
}

/// Base64 within a header (RFC 2047 §4.1), with or without its padding; `None` when other characters stand in it.
pub fn b_encoding(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let mut group = Group::default();
    for byte in bytes.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if *byte != b'=' && sextet(*byte).is_none() {
            return None;
        }
        group.take(*byte, &mut decoded);
    }
    group.end(&mut decoded);
    Some(decoded)
}

fn sextet(byte: u8) -> Option<u8> {
    let sextet = SEXTETS[usize::from(byte)];
    (sextet < 64).then_some(sextet)
}

/// What each byte stands for; 64 for nothing.
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut sextets = [64; 256];
    let mut place = 0;
    while place < 64 {
        sextets[alphabet[place] as usize] = place as u8;
        place += 1;
    }
    sextets
};

/// Up to four characters of base64, which are three bytes.
#[derive(Default)]
struct Group {
    bits: u32,
    count: u32,
}

impl Group {
    fn take(&mut self, byte: u8, decoded: &mut Vec<u8>) {
        let Some(sextet) = sextet(byte) else { return self.end(decoded) };
        self.bits = self.bits << 6 | u32::from(sextet);
        self.count += 1;
        if self.count == 4 {
            self.end(decoded);
        }
    }

    /// Writes the bytes that are whole.
    fn end(&mut self, decoded: &mut Vec<u8>) {
        let whole = (self.count * 6 / 8) as usize;
        let left_aligned = self.bits << (32 - 6 * self.count.max(1));
        decoded.extend_from_slice(&left_aligned.to_be_bytes()[..whole]);
        *self = Group::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn quoted_printable_as_it_should_be_and_as_it_comes() {
        for (encoded, expected) in [
            ("Gr=C3=BC=c3=9fe=\r\n an alle  \r\n", "Grüße an alle\r\n"),
            ("a=20\nb=\nc=3D", "a \nbc="),
            ("50%=off, a==b, =4", "50%=off, a==b, =4"),
            ("soft = \nbreak", "soft break"),
            ("", ""),
        ] {
            assert_eq!(text(quoted_printable(encoded.as_bytes())), expected, "{encoded}");
        }
    }

    #[test]
    fn base64_as_it_should_be_and_as_it_comes() {
        for (encoded, expected) in [
            ("R3LDvMOfZQ==", "Grüße"),
            ("R3LD\r\nvMOf\r\nZQ", "Grüße"),
            ("R3LDvMOfZQ==\nISE=\n", "Grüße!!"),
            ("SGVsbG8K\n_______\nDevel mailing list\n", "Hello\n_______\nDevel mailing list\n"),
            ("SGVsbG8\n-- \nfooter", "Hello\n-- \nfooter"),
            ("SGVsbG8= and more", "Hello\n and more"),
            ("this is no base64!", "this is no base64!"),
        ] {
            assert_eq!(text(base64(encoded.as_bytes())), expected, "{encoded}");
        }
    }

    proptest! {
        #[test]
        fn nothing_fails_and_what_is_sound_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = (quoted_printable(&bytes), base64(&bytes), b_encoding(&bytes));
            prop_assert_eq!(base64(data_encoding::BASE64_MIME.encode(&bytes).as_bytes()), bytes.clone());
            let escaped: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
            prop_assert_eq!(quoted_printable(escaped.as_bytes()), bytes);
        }
    }
}
