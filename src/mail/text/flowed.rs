//! format=flowed (RFC 3676): physical lines back into the paragraphs and lines that their author typed.

use super::{Line, Text, signature};

/// Joins lines that end in a space with their successor of the same quote depth, and takes away stuffed spaces
/// (RFC 3676 §4.1–4.5). `-- ` never flows (§4.3). With `delsp`, the space at the break goes too.
pub fn joined(physical: &[Line], delsp: bool) -> Text {
    let mut text = Text::default();
    let mut open: Option<usize> = None;
    for line in physical {
        let (depth, content) = unstuffed(line.text);
        let is_mark = signature::is_mark(content);
        if open != Some(depth) || is_mark {
            text.push(Line { text: &line.text[..depth], ..*line });
            text.go_on(if depth > 0 { " " } else { "" }, line.last);
        } else if delsp {
            text.drop_space();
        }
        text.go_on(content, line.last);
        open = (content.ends_with(' ') && !is_mark).then_some(depth);
    }
    text
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
        Text::flowed(text, delsp, false).lines().map(|line| (line.first, line.last, line.text.to_string())).collect()
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
        let kinds: Vec<SpanKind> = text.lines().map(|line| line.kind).collect();
        assert_eq!(kinds, [SpanKind::Visible, SpanKind::Signature, SpanKind::Signature, SpanKind::Signature]);
    }
}
