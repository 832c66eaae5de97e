//! Marks each line of a text with what it is: one pass from the top, first match wins.
//!
//! What marks itself (`>`) is marked line by line, so that every fragment of an interleaved reply stays the author's.
//! What does not (an unmarked quote, a forwarded mail, a signature) reaches to the end, or to the next thing that says
//! what it is. In doubt a line is *not* the author's: words that are overlooked can be said again, words that act by
//! mistake cannot be unsaid.

use super::{Line, SpanKind, attribution, footer, forwarded, is_blank, signature};
use SpanKind::*;
use regex::Regex;
use std::cell::OnceCell;
use std::sync::LazyLock;

/// Marks all lines. Linear in the length of the text.
pub fn mark(lines: &mut [Line], first_in_thread: bool) {
    let end = footer::footer_start(lines);
    let (body, below) = lines.split_at_mut(end);
    for line in below {
        line.kind = Footer;
    }
    let signs: Vec<bool> = body.iter().map(|line| attribution::is_sign(line.text)).collect();
    let last_fence = body.iter().rposition(|line| is_fence(line.text)).unwrap_or(0);
    let mut scan = Scan {
        at: 0,
        signs,
        last_fence,
        replies: !first_in_thread,
        said: false,
        rest: None,
        before: Visible,
        armor: false,
        may_disclaim: OnceCell::new(),
    };
    while scan.at < body.len() {
        let (kind, count) = scan.next(body);
        for line in &mut body[scan.at..scan.at + count] {
            if scan.armor && kind != Signature {
                line.text = without_dash_escape(line.text);
            }
            line.kind = kind;
        }
        scan.said =
            scan.said || kind == Visible && body[scan.at..scan.at + count].iter().any(|line| !is_blank(line.text));
        scan.before = kind;
        scan.at += count;
    }
    give_drawn_lines_away(lines);
}

/// A drawn line that stands apart, with nothing of the author's under it, belongs to what it separates.
fn give_drawn_lines_away(lines: &mut [Line]) {
    let mut below: Option<SpanKind> = None;
    for at in (0..lines.len()).rev() {
        let text = lines[at].text;
        if is_blank(text) {
            continue;
        }
        if let Some(kind @ (Quote | Attribution | Forwarded | Signature | Footer)) = below
            && (lines[at].kind == Visible || lines[at].kind == Signature && kind == Forwarded)
            && signature::is_drawn(text)
        {
            // Under words it is their heading's line; only mailers draw with underscores.
            let apart = at == 0 || is_blank(lines[at - 1].text) || lines[at - 1].kind != Visible;
            if apart || text.trim_start().starts_with('_') {
                lines[at].kind = if kind == Attribution { Quote } else { kind };
            }
        }
        below = Some(lines[at].kind);
    }
}

struct Scan {
    at: usize,
    /// For each line whether it shows a sign of an attribution.
    signs: Vec<bool>,
    /// The last ``` line: one that no other follows opens nothing.
    last_fence: usize,
    /// `>` marks a quote. In a mail that answers nothing it is the author's own, until an attribution says otherwise.
    replies: bool,
    /// The author has said something above.
    said: bool,
    /// All lines that say nothing else of themselves, from here on.
    rest: Option<Rest>,
    /// The kind of the line above.
    before: SpanKind,
    /// Within a signed text, where lines beginning with a dash are escaped (RFC 4880 §7.1).
    armor: bool,
    /// Whether a disclaimer may stand in the text, once that was asked.
    may_disclaim: OnceCell<bool>,
}

/// What lines are that say nothing of themselves, and how far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// An unmarked quote or a forwarded mail: to the end, whatever stands in it.
    All(SpanKind),
    /// A signature: to an attribution, under which the author may go on.
    ToAttribution(SpanKind),
    /// A telephone's signature, a disclaimer: to any quote.
    ToQuote(SpanKind),
}

impl Rest {
    fn kind(self) -> SpanKind {
        match self {
            Rest::All(kind) | Rest::ToAttribution(kind) | Rest::ToQuote(kind) => kind,
        }
    }
}

impl Scan {
    /// What the next lines are, and how many of them.
    fn next(&mut self, body: &[Line]) -> (SpanKind, usize) {
        let lines = &body[self.at..];
        let text = lines[0].text;
        if let Some(Rest::All(kind)) = self.rest {
            return (kind, lines.len());
        }
        if is_blank(text) {
            let after_quote = matches!(self.before, Quote | Attribution);
            return (self.rest.map_or(if after_quote { Quote } else { Visible }, Rest::kind), 1);
        }
        if self.is_quote(body) {
            if matches!(self.rest, Some(Rest::ToQuote(_))) {
                self.rest = None;
            }
            if is_banner(text) && !marked_quote_follows(&lines[1..]) {
                self.rest = Some(Rest::All(Quote));
            }
            return (Quote, 1);
        }
        if let Some(count) = self.armor_lines(lines) {
            return (Signature, count);
        }
        if self.rest.is_none() && is_fence(text) && self.at < self.last_fence {
            let inside = lines[1..].iter().position(|line| is_fence(line.text)).unwrap_or(0);
            return (Code, inside + 2);
        }
        if let Some(count) = self.attribution_lines(lines) {
            return (Attribution, count);
        }
        if let Some(head) = forwarded::begins(lines) {
            return self.head_lines(lines, head);
        }
        if self.rest.is_none() {
            self.rest = self.unsaid(body);
            if self.rest.is_none()
                && let Some(count) = footer::banner(lines)
            {
                return (Footer, count);
            }
        }
        (self.rest.map_or(Visible, Rest::kind), 1)
    }

    /// What begins here that is not said to anybody.
    fn unsaid(&self, body: &[Line]) -> Option<Rest> {
        let lines = &body[self.at..];
        let text = lines[0].text;
        let above = self.at.checked_sub(1).map(|at| body[at].text);
        let signed = signature::begins(lines) && forwarded::begins(&lines[1..]).is_none();
        if signed || self.armor && text.starts_with("- -- ") {
            return Some(Rest::ToAttribution(Signature));
        }
        if signature::is_device(text) {
            return Some(Rest::ToQuote(Signature));
        }
        if self.said && asks_to_answer_above(text) {
            return Some(Rest::All(Quote));
        }
        let paragraph = above.is_none_or(|above| is_blank(above) || signature::is_drawn(above));
        let disclaims = self.said
            && paragraph
            && *self.may_disclaim.get_or_init(|| footer::may_disclaim(lines))
            && footer::disclaimer_begins(lines);
        disclaims.then_some(Rest::ToQuote(Footer))
    }

    fn is_quote(&self, body: &[Line]) -> bool {
        let line = body[self.at].text;
        let text = line.trim_start();
        let next = body.get(self.at + 1).map(|next| next.text);
        if text.starts_with('>') {
            return self.replies && !is_ornament(text);
        }
        let follows = matches!(self.before, Attribution | Quote);
        if text.starts_with('|') {
            return follows;
        }
        if self.before == Quote && self.replies && next.is_some_and(|next| next.starts_with('>')) {
            return self.at.checked_sub(1).is_some_and(|above| goes_on(body[above].text, line));
        }
        match name_mark(text) {
            Some(Mark::Initials) => self.replies,
            Some(Mark::Name(name)) => {
                self.replies && (follows || next.is_some_and(|next| next.trim_start().starts_with(name)))
            }
            None => false,
        }
    }

    /// An attribution counts when a marked quote follows. One that is certain counts always, and when no marks follow,
    /// all beneath it is the quote.
    fn attribution_lines(&mut self, lines: &[Line]) -> Option<usize> {
        let found = attribution::may_start(lines, &self.signs[self.at..]).then(|| attribution::at_start(lines))??;
        let below = &lines[found.lines..];
        let marked = marked_quote_follows(below);
        if !marked && !found.certain {
            return None;
        }
        self.rest = (!marked && (self.said || !quotes_before_attribution(below))).then_some(Rest::All(Quote));
        self.replies = true;
        Some(found.lines)
    }

    /// Under the head of a mail everything is that mail's. Under that of a mail that was answered, `>` may mark the
    /// quote, and what is unmarked is the answer.
    fn head_lines(&mut self, lines: &[Line], head: forwarded::Head) -> (SpanKind, usize) {
        let below = &lines[head.lines..];
        if !head.passed_on && (marked_quote_follows(below) || attribution_follows(below)) {
            self.rest = None;
            self.replies = true;
            return (Attribution, head.lines);
        }
        self.rest = Some(Rest::All(Forwarded));
        (Forwarded, lines.len())
    }

    /// The lines of OpenPGP armor around a signed text: its head, or the signature.
    fn armor_lines(&mut self, lines: &[Line]) -> Option<usize> {
        let until = |end: &dyn Fn(&str) -> bool| {
            lines.iter().position(|line| end(line.text.trim_end())).map_or(lines.len(), |last| last + 1)
        };
        if !lines[0].text.starts_with("-----BEGIN PGP SIG") {
            return None;
        }
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

fn marked_quote_follows(below: &[Line]) -> bool {
    let next = below.iter().map(|line| line.text.trim_start()).find(|text| !text.is_empty());
    next.is_some_and(|text| text.starts_with(['>', '|']) || name_mark(text).is_some())
}

fn attribution_follows(below: &[Line]) -> bool {
    let at = below.iter().position(|line| !is_blank(line.text));
    at.and_then(|at| attribution::at_start(&below[at..])).is_some_and(|found| found.certain)
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

/// `>>> Ada <ada@example.org> 03.07.17 10:00 >>>`, as GroupWise writes above a quote without marks.
fn is_banner(text: &str) -> bool {
    let inner = text.trim_start().strip_prefix(">>>").and_then(|text| text.trim_end().strip_suffix(">>>"));
    inner.is_some_and(|inner| inner.bytes().any(|byte| byte.is_ascii_digit()) && !inner.trim_start().starts_with('>'))
}

/// `>>> offer <<<`
fn is_ornament(text: &str) -> bool {
    text.starts_with(">>") && text.trim_end().ends_with("<<")
}

/// Columns that a quoted line and the first word under it have to take together for a mailer to have broken it.
const BROKEN_COLUMNS: usize = 70;

/// Whether `text`, between marked lines, is the end of the quoted line `above`, which a mailer broke after the marks
/// were set: the line was too long for one more word and its sentence goes on, or a link does.
fn goes_on(above: &str, text: &str) -> bool {
    if !above.trim_start().starts_with('>') {
        return false;
    }
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_link = text.trim_start().starts_with(['(', '<', '[']) && text.contains("://");
    if is_link && text.split_whitespace().filter(|part| *part != ">").count() == 1 {
        return true;
    }
    let open = |open: char, close: char| above.rfind(open) > above.rfind(close);
    if open('(', ')') && word.ends_with(')') || open('<', '>') && above.contains('<') && word.ends_with('>') {
        return true;
    }
    let full = above.chars().count() + 1 + word.chars().count() > BROKEN_COLUMNS;
    let mid_sentence = !above.trim_end().ends_with(['.', '?', '!', ':', ';', '>']);
    full && mid_sentence && !text.starts_with(char::is_whitespace) && !word.starts_with(char::is_uppercase)
}

/// `##- Please type your reply above this line -##`
fn asks_to_answer_above(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with(['#', '-', '=', '*', '_', '~', '+', '[', 'P', 'R', 'W'])
        && text.len() < 200
        && ABOVE.is_match(&text.to_lowercase())
}

static ABOVE: LazyLock<Regex> = LazyLock::new(|| {
    let phrases: Vec<String> = super::tongues::phrases(|tongue| tongue.above).map(regex::escape).collect();
    Regex::new(&phrases.join("|")).expect("the pattern is made from the table of words alone")
});

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

fn is_fence(text: &str) -> bool {
    let trimmed = text.trim_start_matches(' ');
    text.len() - trimmed.len() <= 3 && trimmed.starts_with("```")
}

/// `- -- ` is `-- ` in a signed text.
fn without_dash_escape(text: &str) -> &str {
    text.strip_prefix("- ").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};
    use SpanKind::*;

    fn own(text: &str) -> String {
        Text::plain(text, false).visible_text()
    }
    fn kinds(text: &str, first_in_thread: bool) -> Vec<SpanKind> {
        Text::plain(text, first_in_thread).lines().map(|line| line.kind).collect()
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
