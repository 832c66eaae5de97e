//! The header of a mail as names and unfolded values (RFC 5322 §2.2), repeated fields kept in their order.

use super::mime;

/// Header fields, in order. Names are lower case.
pub struct Header {
    fields: Vec<(String, String)>,
}

impl Header {
    /// Reads up to the first empty line. What is no field is skipped.
    pub fn read(raw: &[u8]) -> Header {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in raw.split(|&byte| byte == b'\n') {
            let line = mime::decoded_header_bytes(line.strip_suffix(b"\r").unwrap_or(line));
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push_str(&line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim_end().to_ascii_lowercase(), value.to_owned()));
            }
        }
        Header { fields }
    }

    /// The values of every field of this name (lower case), unfolded, untrimmed.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every field: its name in lower case, and its value.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first of them, trimmed.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }
}

/// One line of text for people: RFC 2047 decoded, controls and direction marks gone, white space collapsed.
pub fn readable(value: &str) -> String {
    tidy(&mime::decoded_words(value))
}

/// NFC, without control, bidi or zero-width characters, white space collapsed. For text that others will see.
pub fn tidy(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let visible = text.nfc().filter(|c| !is_invisible(*c)).map(|c| if c.is_control() { ' ' } else { c });
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Zero-width characters, direction marks and overrides, byte order marks, tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A value without its comments `(…)` and parameters `; …`, lower case: the token of Auto-Submitted and the like.
pub fn token(value: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::new();
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => break,
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_repeated_ones_kept() {
        let header =
            Header::read(b"References: <a@b>\r\n <c@d>\r\nreferences : <e@f>\r\nno field\r\n\r\nReferences: body\r\n");
        assert_eq!(header.all("references").collect::<Vec<_>>(), [" <a@b> <c@d>", " <e@f>"]);
        assert_eq!(header.first("subject"), None);
    }

    #[test]
    fn what_people_see_is_decoded_and_harmless() {
        assert_eq!(readable("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\t=?utf-8?Q?_an?= alle"), "Grüße an alle");
        assert_eq!(readable("a\u{202e}b\u{200b}c\u{7}d\0e"), "abc d e");
        assert_eq!(readable("=?utf-8?Q?two=0D=0Alines?="), "two lines");
        assert_eq!(readable("e\u{301}"), "é");
    }

    #[test]
    fn a_token_stands_without_comments_and_parameters() {
        assert_eq!(token(" (x(y)) Auto-Replied (by a; program) ; owner=ada"), "auto-replied");
        assert_eq!(token("NO ; x=y"), "no");
    }
}
