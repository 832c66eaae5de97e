//! format=flowed (RFC 3676): physical lines back into the paragraphs and lines that their author typed.

use super::{Line, Piece, SpanKind, signature};
use std::iter::repeat_n;
use std::sync::Arc;

/// Joins lines that end in a space with their successor of the same quote depth, and takes away stuffed spaces
/// (RFC 3676 §4.1–4.5). `-- ` never flows (§4.3). With `delsp`, the space at the break goes too.
pub fn joined(physical: Vec<Line>, delsp: bool) -> Vec<Line> {
    let mut text = String::new();
    // Of each line the first and last physical one, and where it begins in the text.
    let mut places: Vec<(usize, usize, usize)> = Vec::with_capacity(physical.len());
    let mut open: Option<usize> = None;
    for line in physical {
        let (depth, content) = unstuffed(&line.text);
        let is_mark = signature::is_mark(content);
        let flows = content.ends_with(' ') && !is_mark;
        match places.last_mut() {
            Some((_, last, _)) if open == Some(depth) && !is_mark => {
                if delsp {
                    text.pop();
                }
                *last = line.last;
            }
            _ => {
                places.push((line.first, line.last, text.len()));
                if depth > 0 {
                    text.extend(repeat_n('>', depth).chain([' ']));
                }
            }
        }
        text.push_str(content);
        open = flows.then_some(depth);
    }
    let text: Arc<str> = text.into();
    let ends = places.iter().skip(1).map(|(_, _, start)| *start).chain([text.len()]);
    let line = |((first, last, start), end): (&(usize, usize, usize), usize)| {
        let text = Piece::of(&text, *start..end);
        Line { first: *first, last: *last, text, kind: SpanKind::Visible }
    };
    places.iter().zip(ends).map(line).collect()
}

/// Quote depth and content: the marks and one stuffed space taken away.
fn unstuffed(text: &str) -> (usize, &str) {
    let content = text.trim_start_matches('>');
    (text.len() - content.len(), content.strip_prefix(' ').unwrap_or(content))
}

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};

    fn lines(text: &str, delsp: bool) -> Vec<(usize, usize, String)> {
        Text::flowed(text, delsp, false)
            .lines
            .into_iter()
            .map(|line| (line.first, line.last, line.text.to_string()))
            .collect()
    }

    #[test]
    fn a_command_wrapped_by_the_mailer_is_one_line_again() {
        let wrapped = "#session slot 2017-07-12 14:00 in Room 2 \nhttps://example.org/slot\nBye\n";
        let expected = "#session slot 2017-07-12 14:00 in Room 2 https://example.org/slot";
        assert_eq!(lines(wrapped, false), [(1, 2, expected.to_owned()), (3, 3, "Bye".to_owned())]);
        assert_eq!(lines("wrap \nped\n", true), [(1, 2, "wrapped".to_owned())]);
    }

    #[test]
    fn stuffed_lines_and_quotes_keep_their_place() {
        assert_eq!(lines(" Attend: yes\n", false), [(1, 1, "Attend: yes".to_owned())]);
        assert_eq!(lines(" > not a quote\n", false)[0].2, "> not a quote");
        let quoted = "> one \n> two\n>> deeper \nmine\n";
        let expected = [(1, 2, "> one two".to_owned()), (3, 3, ">> deeper ".to_owned()), (4, 4, "mine".to_owned())];
        assert_eq!(lines(quoted, false), expected);
    }

    #[test]
    fn the_signature_mark_never_flows() {
        let text = Text::flowed("Hello \n-- \nAda\n+1\n", false, false);
        let kinds: Vec<SpanKind> = text.lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [SpanKind::Visible, SpanKind::Signature, SpanKind::Signature, SpanKind::Signature]);
    }
}
