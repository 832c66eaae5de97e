//! The decoded text of a mail, line by line, each line marked with what it is. Nothing is deleted: originals stay,
//! spans are marked.

use super::{flowed, spans};
use serde::Serialize;

/// What a line of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanKind {
    /// The author's own words in this mail.
    Visible,
    Quote,
    /// `On …, … wrote:`
    Attribution,
    Signature,
    /// What a list or a scanner appended.
    Footer,
    Forwarded,
    /// Between ``` fences, or in a further text part: shown, and never acting.
    Code,
}

/// One logical line: for format=flowed text (RFC 3676) the physical lines it was joined from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// First and last physical line of the decoded text, counted from 1.
    pub first: usize,
    pub last: usize,
    /// Without line end, without quote marks being removed; flowed lines joined and unstuffed.
    pub text: String,
    pub kind: SpanKind,
}

/// A run of lines of one kind, physical line numbers, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub kind: SpanKind,
    pub start_line: usize,
    pub end_line: usize,
}

/// The text of a mail. The spans cover it exactly once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub lines: Vec<Line>,
    /// The text was made from an HTML part: there was no plain one.
    pub from_html: bool,
}

impl Text {
    /// Reads decoded text whose lines stand as they were written. `first_in_thread` says that the mail answers
    /// nothing: a `>` line is then its author's own.
    pub fn plain(decoded: &str, first_in_thread: bool) -> Text {
        Text::marked(physical_lines(decoded), first_in_thread)
    }

    /// Reads format=flowed text (RFC 3676). `delsp` drops the space at which a line was broken.
    pub fn flowed(decoded: &str, delsp: bool, first_in_thread: bool) -> Text {
        Text::marked(flowed::joined(physical_lines(decoded), delsp), first_in_thread)
    }

    fn marked(mut lines: Vec<Line>, first_in_thread: bool) -> Text {
        spans::mark(&mut lines, first_in_thread);
        Text { lines, from_html: false }
    }

    /// The author's own lines, in order.
    pub fn visible(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.kind == SpanKind::Visible)
    }

    /// The author's own words: visible and code lines, blank lines at both ends trimmed, joined by `\n`.
    pub fn visible_text(&self) -> String {
        let own = |line: &&Line| matches!(line.kind, SpanKind::Visible | SpanKind::Code);
        let text: Vec<&str> = self.lines.iter().filter(own).map(|line| line.text.trim_end()).collect();
        text.join("\n").trim_matches('\n').to_owned()
    }

    pub fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for line in &self.lines {
            match spans.last_mut() {
                Some(span) if span.kind == line.kind => span.end_line = line.last,
                _ => spans.push(Span { kind: line.kind, start_line: line.first, end_line: line.last }),
            }
        }
        spans
    }
}

/// The lines of a text, whatever ends them. Byte order marks and controls other than tab have no meaning in a line
/// and would hide what stands at its beginning: they are left out.
fn physical_lines(decoded: &str) -> Vec<Line> {
    let unified = decoded.replace("\r\n", "\n").replace('\r', "\n");
    let readable = |c: &char| *c == '\t' || (*c != '\u{feff}' && !c.is_control());
    let clean = |text: &str| match text.chars().all(|c| readable(&c)) {
        true => text.to_owned(),
        false => text.chars().filter(readable).collect(),
    };
    let numbered = unified.lines().zip(1..);
    let line = |(text, number): (&str, usize)| Line {
        first: number,
        last: number,
        text: clean(text),
        kind: SpanKind::Visible,
    };
    numbered.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_ends_and_invisible_marks_make_no_difference() {
        let unix = Text::plain("\u{feff}Attend: yes\n> \u{feff}quoted\n\nBye\n", false);
        assert_eq!(unix, Text::plain("Attend: yes\r\n> quoted\r\n\r\nBye", false));
        assert_eq!(unix.visible().next().unwrap().text, "Attend: yes");
        assert_eq!(Text::plain("a\u{a0}b", true).lines[0].text, "a\u{a0}b", "a no-break space is text");
        assert_eq!(Text::plain("", true), Text::default());
    }

    /// Lines that mean something to the engine, in any order, with any bytes between.
    fn any_mail() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("> quoted ".to_owned()),
            Just(">".to_owned()),
            Just("-- ".to_owned()),
            Just("--".to_owned()),
            Just("```".to_owned()),
            Just("".to_owned()),
            Just("On Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:".to_owned()),
            Just("-----Original Message-----".to_owned()),
            Just("From: Ada <ada@example.org>".to_owned()),
            Just("Date: Mon, 3 Jul 2017 10:00:00 +0000".to_owned()),
            Just("_______________________________________________".to_owned()),
            Just("devel mailing list".to_owned()),
            Just("-----BEGIN PGP SIGNED MESSAGE-----".to_owned()),
            Just("-----BEGIN PGP SIGNATURE-----".to_owned()),
            Just("Sent from my phone".to_owned()),
            ".{0,20}",
        ];
        prop::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn spans_cover_each_line_exactly_once(mail in any_mail(), first: bool, flowed: bool, delsp: bool) {
            let text = if flowed { Text::flowed(&mail, delsp, first) } else { Text::plain(&mail, first) };
            let covered: Vec<usize> = text.spans().iter().flat_map(|span| span.start_line..=span.end_line).collect();
            let physical = physical_lines(&mail).len();
            prop_assert_eq!(covered, (1..=physical).collect::<Vec<_>>());
        }

        #[test]
        fn crlf_is_lf(mail in any_mail(), first: bool) {
            let crlf = mail.replace('\r', "").replace('\n', "\r\n");
            prop_assert_eq!(Text::plain(&mail.replace('\r', ""), first), Text::plain(&crlf, first));
        }
    }
}
