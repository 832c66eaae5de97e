//! Plain text as it leaves us: safe to print and at most 72 columns wide (RFC 5322 §2.1.1 asks for 78 at the most).

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Columns of a letter.
pub const WIDTH: usize = 72;

/// What may be printed: NFC, without control, bidi and zero-width characters. Line ends become spaces, tabs too.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // What was kept apart by a control character may become one letter.
    for c in text.chars().filter(|c| matches!(c, '\n' | '\r' | '\t') || !is_unprintable(*c)).nfc() {
        match c {
            '\n' | '\r' | '\t' | '\u{a0}' => out.push(' '),
            c => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same for text of several lines, which stay lines.
pub fn printable_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| shown(line).trim_end().to_owned())
}

/// One line as it may be shown, with its blanks. Most need nothing done.
pub fn shown(line: &str) -> Cow<'_, str> {
    if line.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.replace('\t', "    ").nfc().filter(|c| !is_unprintable(*c)).collect())
}

/// C0 and C1 controls, bidi controls, zero-width characters, the byte order mark.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// Cuts to so many characters, at a word where one is near, and shows the cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most.saturating_sub(4)).collect();
    let head = match head.rfind(' ') {
        Some(at) if at > head.len() / 2 => &head[..at],
        _ => &head,
    };
    format!("{} ...", head.trim_end())
}

/// A column of a table: cut or filled up to so many columns.
pub fn fit(text: &str, columns: usize) -> String {
    let width = textwrap::core::display_width;
    let mut most = columns;
    let mut shown = text.to_owned();
    // Some letters are two columns wide.
    while width(&shown) > columns {
        shown = cut(text, most);
        most -= 1;
    }
    let blanks = columns - width(&shown);
    shown + &" ".repeat(blanks)
}

/// Breaks the long lines of a letter: each line is a paragraph whose continuation lines hang below its text, so a
/// `- ` bullet stays a bullet. Of several blank lines one remains: templates need not count them. Quoted lines, and lines without a space to break at, stay as they are.
pub fn fill(letter: &str) -> String {
    let mut out = String::with_capacity(letter.len() + letter.len() / 16);
    for line in letter.lines() {
        // The space behind `--` makes it a signature's beginning (RFC 3676 §4.3).
        let line = if line == "-- " { line } else { line.trim_end() };
        if line.is_empty() && out.ends_with("\n\n") {
            continue;
        }
        let breakable = line.trim_start().contains(' ');
        if line.starts_with('>') || !breakable || textwrap::core::display_width(line) <= WIDTH {
            out.push_str(line);
        } else {
            let indent = " ".repeat(hang(line));
            let options = textwrap::Options::new(WIDTH)
                .subsequent_indent(&indent)
                .break_words(false)
                .word_splitter(textwrap::WordSplitter::NoHyphenation);
            out.push_str(&textwrap::fill(line, options));
        }
        out.push('\n');
    }
    out
}

/// Where the text of a line begins: behind its white space, and behind a bullet, a box, an id or a label and its gap.
fn hang(line: &str) -> usize {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[indent..];
    let behind_gap = rest.find("  ").map(|at| {
        let gap = rest[at..].len() - rest[at..].trim_start_matches(' ').len();
        (at, at + gap)
    });
    match behind_gap {
        Some((label, end)) if label <= 20 => indent + textwrap::core::display_width(&rest[..end]),
        _ if rest.starts_with("- ") => indent + 2,
        _ if rest.starts_with("[ ] ") || rest.starts_with("[x] ") => indent + 4,
        _ => indent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_bullet_hangs_below_its_text() {
        let line = format!("  - {}", "word ".repeat(20));
        let filled = fill(&line);
        assert!(filled.lines().count() > 1);
        assert!(filled.lines().skip(1).all(|line| line.starts_with("    word")));
        assert!(filled.lines().all(|line| line.len() <= WIDTH), "{filled}");
    }

    #[test]
    fn a_signature_keeps_its_space() {
        assert_eq!(fill("-- \nRapporteur  "), "-- \nRapporteur\n");
    }

    #[test]
    fn a_url_is_never_broken() {
        let url = format!("    https://lists.example.org/{}/", "x".repeat(90));
        assert_eq!(fill(&url), format!("{url}\n"));
    }

    #[test]
    fn nothing_unprintable_leaves() {
        assert_eq!(printable("a\u{202e}b\u{200b}c\r\nBcc: x\u{7}"), "abc Bcc: x");
    }

    #[test]
    fn a_column_is_as_wide_as_it_should_be() {
        for text in ["", "Console", "A second console for every guest", "会议会议会议会议会议"] {
            assert_eq!(textwrap::core::display_width(&fit(text, 12)), 12, "{text}");
        }
        assert_eq!(fit("A second console", 12), "A second ...");
    }

    #[test]
    fn a_cut_shows() {
        assert_eq!(cut("one two three four", 14), "one two ...");
        assert_eq!(cut("short", 14), "short");
    }
}
