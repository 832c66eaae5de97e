//! How the name of a folder, and other words of ours, are written in a command.

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

/// Base64 with `,` for `/`, and without padding.
static BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    specification.encoding().expect("64 different letters")
});

/// A folder's name in the modified UTF-7 of RFC 3501 §5.1.3, which every server understands until it is asked for
/// UTF-8. Ready to be sent.
pub fn folder(name: &str) -> String {
    quoted(&utf7(name))
}

/// A quoted string. What no quoted string can hold (RFC 9051 §9: NUL, CR, LF) is refused where it comes from.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether [`quoted`] can hold it, on every server.
pub fn fits_quotes(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn utf7(name: &str) -> String {
    let mut written = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    let close = |foreign: &mut Vec<u8>, written: &mut String| {
        if !foreign.is_empty() {
            written.push_str(&format!("&{}-", BASE64.encode(foreign)));
            foreign.clear();
        }
    };
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            close(&mut foreign, &mut written);
            written.push(c);
            if c == '&' {
                written.push('-');
            }
        } else {
            foreign.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    close(&mut foreign, &mut written);
    written
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn a_folders_name_is_written_as_servers_read_it() {
        // The example of RFC 3501 §5.1.3.
        assert_eq!(folder("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
        assert_eq!(folder("Entwürfe & \"mehr\""), "\"Entw&APw-rfe &- \\\"mehr\\\"\"");
        assert_eq!(folder("🎉"), "\"&2DzfiQ-\"");
        assert_eq!(folder("a\\b"), "\"a\\\\b\"");
    }
}
