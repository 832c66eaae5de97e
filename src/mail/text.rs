//! The decoded text of a mail, line by line, each line marked with what it is. Nothing is deleted: originals stay, spans are marked.

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
    /// Between ``` fences.
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
