//! Marks each line of a text with what it is: one pass from the top, first match wins.
//!
//! What marks itself (`>`) is marked line by line, so that every fragment of an interleaved reply stays the author's.
//! What does not (an unmarked quote, a forwarded mail, a signature) reaches to the end. In doubt a line is *not* the
//! author's: words that are overlooked can be said again, words that act by mistake cannot be unsaid.

use super::{Line, SpanKind, attribution, forwarded, tail};
use SpanKind::*;

/// Marks all lines. Linear in the length of the text.
pub fn mark(lines: &mut [Line], first_in_thread: bool) {
    let footer = tail::footer_start(lines);
    let (body, below) = lines.split_at_mut(footer);
    for line in below {
        line.kind = Footer;
    }
    let last_fence = body.iter().rposition(|line| is_fence(&line.text)).unwrap_or(0);
    let mut scan =
        Scan { at: 0, last_fence, replies: !first_in_thread, said: false, rest: None, before: Visible, armor: false };
    while scan.at < body.len() {
        let (kind, count) = scan.next(&body[scan.at..]);
        for line in &mut body[scan.at..scan.at + count] {
            if scan.armor && kind != Signature {
                undo_dash_escape(&mut line.text);
            }
            line.kind = kind;
        }
        scan.said |= kind == Visible && body[scan.at..scan.at + count].iter().any(|line| !is_blank(&line.text));
        scan.before = kind;
        scan.at += count;
    }
}

struct Scan {
    at: usize,
    /// The last ``` line: one that no other follows opens nothing.
    last_fence: usize,
    /// `>` marks a quote. In a mail that answers nothing it is the author's own, until an attribution says otherwise.
    replies: bool,
    /// The author has said something above.
    said: bool,
    /// All lines that say nothing else of themselves, from here to the end.
    rest: Option<SpanKind>,
    /// The kind of the line above.
    before: SpanKind,
    /// Within a signed text, where lines beginning with a dash are escaped (RFC 4880 §7.1).
    armor: bool,
}

impl Scan {
    /// What the next lines are, and how many of them.
    fn next(&mut self, lines: &[Line]) -> (SpanKind, usize) {
        let text = lines[0].text.as_str();
        if let Some(kind @ (Quote | Forwarded)) = self.rest {
            return (kind, lines.len());
        }
        if is_blank(text) {
            let after_quote = matches!(self.before, Quote | Attribution);
            return (self.rest.unwrap_or(if after_quote { Quote } else { Visible }), 1);
        }
        if self.is_quote(lines) {
            return (Quote, 1);
        }
        if let Some(count) = self.armor_lines(lines) {
            return (Signature, count);
        }
        if self.rest.is_none() && is_fence(text) && self.at < self.last_fence {
            let inside = lines[1..].iter().position(|line| is_fence(&line.text)).unwrap_or(0);
            return (Code, inside + 2);
        }
        if let Some(count) = self.attribution_lines(lines) {
            return (Attribution, count);
        }
        if forwarded::begins(lines) {
            self.rest = Some(Forwarded);
            return (Forwarded, lines.len());
        }
        if tail::signature_begins(lines) || (self.armor && text.starts_with("- -- ")) {
            self.rest = Some(Signature);
        } else if tail::is_device_signature(text) {
            return (Signature, 1);
        }
        (self.rest.unwrap_or(Visible), 1)
    }

    fn is_quote(&self, lines: &[Line]) -> bool {
        let text = lines[0].text.trim_start();
        if text.starts_with('>') {
            return self.replies;
        }
        let follows = matches!(self.before, Attribution | Quote);
        if text.starts_with('|') {
            return follows;
        }
        match name_mark(text) {
            Some(Mark::Initials) => self.replies,
            Some(Mark::Name(name)) => {
                self.replies && (follows || lines.get(1).is_some_and(|next| next.text.trim_start().starts_with(name)))
            }
            None => false,
        }
    }

    /// An attribution counts when a marked quote follows. One that is certain counts always, and when no marks follow,
    /// all beneath it is the quote.
    fn attribution_lines(&mut self, lines: &[Line]) -> Option<usize> {
        let found = attribution::at_start(lines)?;
        let below = &lines[found.lines..];
        let next = below.iter().map(|line| line.text.trim_start()).find(|text| !text.is_empty());
        let marked = next.is_some_and(|text| text.starts_with(['>', '|']) || name_mark(text).is_some());
        if !marked && !found.certain {
            return None;
        }
        if !marked && (self.said || !quotes_before_attribution(below)) {
            self.rest = Some(Quote);
        }
        self.replies = true;
        Some(found.lines)
    }

    /// The lines of OpenPGP armor around a signed text: its head, or the signature.
    fn armor_lines(&mut self, lines: &[Line]) -> Option<usize> {
        let until = |end: &dyn Fn(&str) -> bool| {
            lines.iter().position(|line| end(line.text.trim_end())).map_or(lines.len(), |last| last + 1)
        };
        match lines[0].text.trim_end() {
            "-----BEGIN PGP SIGNED MESSAGE-----" => {
                self.armor = true;
                Some(until(&|text| text.is_empty()))
            }
            "-----BEGIN PGP SIGNATURE-----" => Some(until(&|text| text == "-----END PGP SIGNATURE-----")),
            _ => None,
        }
    }
}

/// Whether `>` lines come before another attribution does: then the lines between are answers to them.
fn quotes_before_attribution(lines: &[Line]) -> bool {
    for (at, line) in lines.iter().enumerate() {
        if line.text.trim_start().starts_with('>') {
            return true;
        }
        if attribution::at_start(&lines[at..]).is_some_and(|found| found.certain) {
            return false;
        }
    }
    false
}

/// Marks that name who is quoted.
enum Mark<'a> {
    /// `AL> `
    Initials,
    /// `Ada> `: also how a shell or a database prompts, so it takes a neighbour to believe it.
    Name(&'a str),
}

fn name_mark(text: &str) -> Option<Mark<'_>> {
    let end = text.bytes().take(16).position(|byte| byte == b'>')?;
    let (name, rest) = (&text[..end], text[end..].trim_start_matches('>'));
    let sound = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
        && name.as_bytes()[0].is_ascii_uppercase();
    if !sound || !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let initials = name.len() <= 4 && name.bytes().all(|byte| byte.is_ascii_uppercase());
    Some(if initials { Mark::Initials } else { Mark::Name(&text[..=end]) })
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn is_fence(text: &str) -> bool {
    let trimmed = text.trim_start_matches(' ');
    text.len() - trimmed.len() <= 3 && trimmed.starts_with("```")
}

/// `- -- ` is `-- ` in a signed text.
fn undo_dash_escape(text: &mut String) {
    if text.starts_with("- ") {
        text.drain(..2);
    }
}

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};
    use SpanKind::*;

    fn own(text: &str) -> String {
        Text::plain(text, false).visible_text()
    }
    fn kinds(text: &str, first_in_thread: bool) -> Vec<SpanKind> {
        Text::plain(text, first_in_thread).lines.into_iter().map(|line| line.kind).collect()
    }
    const WROTE: &str = "On Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:\n";

    #[test]
    fn every_fragment_of_an_interleaved_reply_stays() {
        let reply = format!("{WROTE}> One?\nYes.\n\n>> Two,\n>really?\n\nNo.\n\n> Three\n");
        assert_eq!(own(&reply), "Yes.\n\nNo.");
        let greeting = format!("{WROTE}\nHi Ada,\n\n> One?\nYes.\n");
        assert_eq!(own(&greeting), "Hi Ada,\n\nYes.");
    }

    #[test]
    fn an_unmarked_quote_reaches_to_the_end() {
        let reply = format!("+1\n\n{WROTE}\nAttend: yes\n\nAda\n");
        assert_eq!(kinds(&reply, false), [Visible, Visible, Attribution, Quote, Quote, Quote, Quote]);
        assert_eq!(own(&format!("{WROTE}\n#session withdraw\n")), "");
    }

    #[test]
    fn other_quote_marks() {
        assert_eq!(own(&format!("{WROTE}| One?\n| Two?\nYes\n")), "Yes");
        assert_eq!(own("AL> Attend: yes\nNo\n"), "No");
        assert_eq!(own("Ada> Attend: yes\nAda> Scribe: me\nNo\n"), "No");
        assert_eq!(own("| a | table |\n| - | - |\n"), "| a | table |\n| - | - |");
        assert_eq!(own("mysql> select 1\n"), "mysql> select 1");
    }

    #[test]
    fn in_a_threads_first_mail_the_marks_are_its_authors() {
        assert_eq!(kinds("Notes\n> Ada: hello\n", true), [Visible, Visible]);
        assert_eq!(kinds("Notes\n> Ada: hello\n", false), [Visible, Quote]);
        assert_eq!(kinds(&format!("Hi\n{WROTE}> Attend: yes\n"), true), [Visible, Attribution, Quote]);
    }

    #[test]
    fn code_is_fenced_by_two_fences() {
        assert_eq!(
            kinds("a\n```\n#session withdraw\n-- \n```\nb\n", false),
            [Visible, Code, Code, Code, Code, Visible]
        );
        assert_eq!(kinds("a\n```\nb\n", false), [Visible; 3]);
    }

    #[test]
    fn a_signed_text_is_its_authors() {
        let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nAttend: yes\n- - one\n\n- -- \nAda\n\
            -----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";
        assert_eq!(own(signed), "Attend: yes\n- one");
    }
}
