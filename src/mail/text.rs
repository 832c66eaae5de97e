//! The decoded text of a mail, line by line, each line marked with what it is. Nothing is deleted: originals stay,
//! spans are marked.

mod attribution;
mod flowed;
mod footer;
mod forwarded;
mod signature;
mod spans;
mod tongues;

pub use footer::is_footer;

use memchr::memchr_iter;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// First and last physical line of the decoded text, counted from 1.
    pub first: usize,
    pub last: usize,
    /// Without line end, without quote marks being removed; flowed lines joined and unstuffed.
    pub text: &'a str,
    pub kind: SpanKind,
}

/// A run of lines of one kind, physical line numbers, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    pub kind: SpanKind,
    pub start_line: usize,
    pub end_line: usize,
}

/// A run of the author's own lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The quote right above; empty when there is none.
    pub answers: Vec<Line<'a>>,
    pub own: Vec<Line<'a>>,
}

/// The text of a mail. The spans cover it exactly once; a line that holds both words of the author and an attribution
/// is two lines of one number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The words of all lines, one after the other: a text of a hundred lines is two allocations.
    words: String,
    places: Vec<Place>,
    /// The text was made from an HTML part: there was no plain one.
    pub from_html: bool,
}

/// A line without its words.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    first: usize,
    last: usize,
    /// Bytes of its words.
    length: usize,
    kind: SpanKind,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let lines: Vec<Line> = self.lines().collect();
        f.debug_struct("Text").field("lines", &lines).field("from_html", &self.from_html).finish()
    }
}

impl Text {
    /// Reads decoded text whose lines stand as they were written. `first_in_thread` says that the mail answers
    /// nothing: a `>` line is then its author's own.
    pub fn plain(decoded: &str, first_in_thread: bool) -> Text {
        Text::marked(physical_lines(&cleaned(decoded)), first_in_thread)
    }

    /// Reads format=flowed text (RFC 3676). `delsp` drops the space at which a line was broken.
    pub fn flowed(decoded: &str, delsp: bool, first_in_thread: bool) -> Text {
        let joined = flowed::joined(&physical_lines(&cleaned(decoded)), delsp);
        Text::marked(joined.lines().collect(), first_in_thread)
    }

    fn marked(lines: Vec<Line>, first_in_thread: bool) -> Text {
        let mut lines = attribution::unglued(lines);
        spans::mark(&mut lines, first_in_thread);
        Text::of(&lines)
    }

    /// The text that consists of these lines.
    pub fn of(lines: &[Line]) -> Text {
        let words = String::with_capacity(lines.iter().map(|line| line.text.len()).sum());
        let mut text = Text { words, places: Vec::with_capacity(lines.len()), from_html: false };
        lines.iter().for_each(|line| text.push(*line));
        text
    }

    /// Adds a line at the end.
    pub fn push(&mut self, line: Line) {
        let Line { first, last, text, kind } = line;
        self.words.push_str(text);
        self.places.push(Place { first, last, length: text.len(), kind });
    }

    /// Adds words to the last line, which then reaches to another physical one.
    fn go_on(&mut self, words: &str, last: usize) {
        if let Some(place) = self.places.last_mut() {
            self.words.push_str(words);
            place.length += words.len();
            place.last = last;
        }
    }

    /// Takes away the space at the end of the last line.
    fn drop_space(&mut self) {
        if let Some(place) = self.places.last_mut()
            && self.words.ends_with(' ')
        {
            self.words.pop();
            place.length -= 1;
        }
    }

    /// All lines, in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> + Clone {
        let mut words = self.words.as_str();
        self.places.iter().map(move |&Place { first, last, length, kind }| {
            let (text, below) = words.split_at(length);
            words = below;
            Line { first, last, text, kind }
        })
    }

    /// Says of each line anew what it is, from the top.
    pub fn mark_anew(&mut self, mut kind: impl FnMut(Line) -> SpanKind) {
        let kinds: Vec<SpanKind> = self.lines().map(&mut kind).collect();
        self.places.iter_mut().zip(kinds).for_each(|(place, kind)| place.kind = kind);
    }

    /// How many bytes it has, each line with an end of one byte.
    pub fn length(&self) -> usize {
        self.words.len() + self.places.len()
    }

    /// How many physical lines it has.
    pub fn height(&self) -> usize {
        self.places.last().map_or(0, |place| place.last)
    }

    /// The author's own lines, in order.
    pub fn visible(&self) -> impl Iterator<Item = Line<'_>> {
        self.lines().filter(|line| line.kind == SpanKind::Visible)
    }

    /// The author's own words: visible and code lines, blank lines at both ends trimmed, joined by `\n`.
    pub fn visible_text(&self) -> String {
        let own = |line: &Line| matches!(line.kind, SpanKind::Visible | SpanKind::Code);
        let text: Vec<&str> = self.lines().filter(own).map(|line| line.text.trim_end()).collect();
        text.join("\n").trim_matches('\n').to_owned()
    }

    /// The runs of the author's lines, in order, each with the quote right above it: what an interleaved reply answers
    /// where. Blank lines around both are left out.
    pub fn fragments(&self) -> Vec<Fragment<'_>> {
        let own = |line: &Line| matches!(line.kind, SpanKind::Visible | SpanKind::Code);
        let lines: Vec<Line> = self.lines().collect();
        let mut fragments: Vec<Fragment> = Vec::new();
        let mut answers: &[Line] = &[];
        for run in lines.chunk_by(|a, b| own(a) == own(b) && (own(a) || a.kind == b.kind)) {
            let trimmed = without_blank_ends(run);
            match run[0].kind {
                _ if trimmed.is_empty() => {}
                SpanKind::Visible | SpanKind::Code => {
                    fragments.push(Fragment { answers: answers.to_vec(), own: trimmed.to_vec() });
                }
                SpanKind::Quote => answers = trimmed,
                _ => answers = &[],
            }
        }
        fragments
    }

    pub fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for line in self.lines() {
            match spans.last_mut() {
                Some(span) if span.kind == line.kind => span.end_line = line.last,
                _ => spans.push(Span { kind: line.kind, start_line: line.first, end_line: line.last }),
            }
        }
        spans
    }
}

/// As `str::trim` does, after a glance at both ends, which nearly always are letters: every reader trims every line.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Whether it is white space, after a glance at the first byte.
pub fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        Some(b'!'..=b'~') => false,
        Some(_) => text.trim_start().is_empty(),
    }
}

fn without_blank_ends<'l, 'a>(lines: &'l [Line<'a>]) -> &'l [Line<'a>] {
    let says = |line: &Line| !line.text.trim().is_empty();
    match (lines.iter().position(says), lines.iter().rposition(says)) {
        (Some(first), Some(last)) => &lines[first..=last],
        _ => &[],
    }
}

/// A text whose lines end in `\n` or `\r\n`, whatever ended them. Byte order marks and controls other than tab have no
/// meaning in a line and would hide what stands at its beginning: they are left out.
fn cleaned(decoded: &str) -> Cow<'_, str> {
    // A carriage return alone is rare.
    let alone = memchr_iter(b'\r', decoded.as_bytes()).any(|at| decoded.as_bytes().get(at + 1) != Some(&b'\n'));
    let unified = match alone {
        true => Cow::Owned(decoded.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(decoded),
    };
    // Without an early end, which would keep the compiler from looking at many bytes at a time.
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let all_plain = |text: &str| text.bytes().fold(true, |plain, byte| plain & is_plain(byte));
    let is_readable = |c: char| matches!(c, '\t' | '\n') || (c != '\u{feff}' && !c.is_control());
    let is_clean = |line: &str| all_plain(line) || line.trim_end_matches('\r').chars().all(is_readable);
    match all_plain(&unified) || unified.split('\n').all(is_clean) {
        true => unified,
        false => {
            let mut kept: String = unified.chars().filter(|c| is_readable(*c)).collect();
            // Though nothing may be left of it, the last line is one.
            if !unified.ends_with('\n') {
                kept.push('\n');
            }
            Cow::Owned(kept)
        }
    }
}

/// The lines of a text.
fn physical_lines(cleaned: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(cleaned.len() / 32);
    let mut start = 0;
    for end in memchr_iter(b'\n', cleaned.as_bytes()).chain([cleaned.len()]) {
        let text = &cleaned[start..end];
        start = end + 1;
        // Behind the last line end there is no line.
        if end == cleaned.len() && text.is_empty() {
            break;
        }
        let number = lines.len() + 1;
        let text = text.strip_suffix('\r').unwrap_or(text);
        lines.push(Line { first: number, last: number, text, kind: SpanKind::Visible });
    }
    lines
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
        assert_eq!(Text::plain("a\u{a0}b", true).lines().next().unwrap().text, "a\u{a0}b", "a no-break space is text");
        assert_eq!(Text::plain("", true), Text::default());
    }

    /// One attribution of each kind of order, as the mailers of many languages write it of Ada's mail.
    const ATTRIBUTIONS: [&str; 34] = [
        "On {date}, {who} wrote:",
        "{date} {who} wrote:",
        "Am {date} schrieb {who}:",
        "Le {date}, {who} a écrit :",
        "El {date}, {who} escribió:",
        "Em {date}, {who} escreveu:",
        "Il {date}, {who} ha scritto:",
        "Op {date} schreef {who}:",
        "Den {date} skrev {who}:",
        "På {date} skrev {who}:",
        "{who} kirjoitti {date}:",
        "W dniu {date}, {who} pisze:",
        "Dne {date} {who} napsal(a):",
        "Dňa {date} používateľ {who} napísal:",
        "{date}, {who} пишет:",
        "{date} {who} пише:",
        "На {date}, {who} написа:",
        "Дана {date}, {who} написа:",
        "Dana {date}, {who} je napisao:",
        "Στις {date}, {who} έγραψε:",
        "{who}, {date} tarihinde şunu yazdı:",
        "{who} ezt írta (időpont: {date}):",
        "În {date}, {who} a scris:",
        "El {date}, {who} ha escrit:",
        "{date} kirjutas {who}:",
        "{date}, {who} rašė:",
        "Pada {date}, {who} menulis:",
        "Vào {date}, {who} đã viết:",
        "ב-{date}, {who} כתב:",
        "في {date}، {who} كتب:",
        "在 {date}，{who} 写道：",
        "{who} 於 {date} 寫道：",
        "{date} {who}:",
        "{date}, {who} 님이 작성:",
    ];
    const DATES: [&str; 10] = [
        "Mon, 3 Jul 2017 at 10:00",
        "7/3/17 10:00 AM",
        "03.07.2017 um 10:00",
        "2017-07-03 10:00",
        "2017/07/03 10:00",
        "3. heinäkuuta 2017 klo 10.00",
        "lun. 3 juil. 2017 à 10:00",
        "po 3. 7. 2017 v 10:00",
        "2017年7月3日 10:00",
        "2017년 7월 3일 10:00",
    ];

    /// Every attribution with every date, broken where mailers break it.
    fn attributions() -> impl Iterator<Item = String> {
        let one =
            |pattern: &str, date: &str| pattern.replace("{date}", date).replace("{who}", "Ada L. <ada@example.org>");
        let all = ATTRIBUTIONS.iter().flat_map(move |pattern| DATES.iter().map(move |date| one(pattern, date)));
        all.flat_map(|line| [line.replace(" <", " <\n"), line.replace("<ada", "\n<ada"), line])
    }

    #[test]
    fn a_reply_above_a_quote_is_the_reply_in_every_language_and_with_every_date() {
        for attribution in attributions() {
            let marked = format!("Fine.\n\n{attribution}\n> One?\n>\n> Two.\n");
            assert_eq!(Text::plain(&marked, false).visible_text(), "Fine.", "{marked}");
            let spaced = format!("Fine.\n\n{attribution}\n\n> One?\n\nYes.\n");
            assert_eq!(Text::plain(&spaced, false).visible_text(), "Fine.\n\nYes.", "{spaced}");
            let unmarked = format!("Fine.\n\n{attribution}\n\nOne?\n\nTwo.\n");
            assert_eq!(Text::plain(&unmarked, false).visible_text(), "Fine.", "{unmarked}");
        }
    }

    #[test]
    fn a_reply_above_header_lines_is_the_reply_in_every_language() {
        let first = |field: &'static str| field.split('|').next().unwrap();
        for tongue in tongues::TONGUES {
            let [from, date, to, subject] = [tongue.from, tongue.date, tongue.to, tongue.subject].map(first);
            for (from, date, to, subject) in [
                (format!("{from}:"), format!("{date}:"), format!("{to}:"), format!("{subject}:")),
                (format!("*{from}:*"), format!("*{date}:*"), format!("*{to}:*"), format!("*{subject}:*")),
                (format!("{from} :"), format!("{date} :"), format!("{to} :"), format!("{subject} :")),
                (format!("{from}："), format!("{date}："), format!("{to}："), format!("{subject}：")),
            ] {
                let block = format!(
                    "{from} Ada <ada@example.org>\n{date} 2017-07-03 10:00\n{to} Devel\n{subject} Slots\n\nOne?\n"
                );
                for rule in ["", "________________________________\n", "\n-----\n\n"] {
                    let mail = format!("Fine.\n{rule}{block}");
                    assert_eq!(Text::plain(&mail, false).visible_text(), "Fine.", "{mail}");
                }
            }
        }
        for marker in tongues::phrases(|tongue| tongue.original).chain(tongues::phrases(|tongue| tongue.forwarded)) {
            let mail = format!("Fine.\n\n-------- {marker} --------\nOne?\n");
            assert_eq!(Text::plain(&mail, false).visible_text(), "Fine.", "{mail}");
        }
    }

    #[test]
    fn what_is_appended_is_not_said() {
        let devices = [
            "Sent from my iPhone",
            "Gesendet mit der Mail App",
            "Envoyé de mon iPhone",
            "发自我的 iPhone",
            "Get Outlook for iOS",
        ];
        let signatures = ["-- \nAda\n", "--\nAda Lovelace\n", "—\nAda\n"];
        let footers = [
            "_____________\nDevel mailing list\nhttps://example.org/listinfo/devel\n",
            "--\nTo unsubscribe from this list: send the line \"unsubscribe devel\" in\n",
            "This e-mail is confidential and intended solely for the addressee.\n",
        ];
        let under = [
            "",
            "\nOn Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:\n> One?\n",
            "\nOn Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:\n\nOne?\n",
            "\n________________________________\nFrom: Ada <ada@example.org>\nSent: Monday, July 3, 2017 10:00\nTo: Devel\nSubject: Slots\n\nOne?\n",
        ];
        let devices = devices.map(|device| format!("{device}\n"));
        for end in devices.iter().map(String::as_str).chain(signatures).chain(footers) {
            for under in under {
                for footer in ["", footers[0]] {
                    let mail = format!("Fine.\n\n{end}{under}{footer}");
                    assert_eq!(Text::plain(&mail, false).visible_text(), "Fine.", "{mail}");
                }
            }
        }
    }

    #[test]
    fn each_fragment_knows_what_it_answers() {
        let mail = "Hi,\n\nOn Mon, 3 Jul 2017 at 10:00, Ada wrote:\n> One?\n> Really?\n\nYes.\nIndeed.\n\n> Two?\nNo.\n-- \nBob\n";
        let text = Text::plain(mail, false);
        let said = |lines: &[Line]| lines.iter().map(|line| line.text).collect::<Vec<_>>().join("/");
        let fragments: Vec<(String, String)> =
            text.fragments().iter().map(|fragment| (said(&fragment.answers), said(&fragment.own))).collect();
        let expected = [("", "Hi,"), ("> One?/> Really?", "Yes./Indeed."), ("> Two?", "No.")];
        assert_eq!(fragments, expected.map(|(quote, own)| (quote.to_owned(), own.to_owned())));
    }

    #[test]
    fn the_authors_words_may_share_a_line_with_the_attribution() {
        for glue in [" ", "--- ", " - "] {
            let mail = format!("Fine.\nSo be it{glue}On Wed, Apr 4, 2012 at 3:59 PM, ada@example.org wrote:\n> One?\n");
            let text = Text::plain(&mail, false);
            assert_eq!(text.visible_text(), "Fine.\nSo be it");
            let numbers: Vec<(usize, SpanKind)> = text.lines().map(|line| (line.first, line.kind)).collect();
            assert_eq!(numbers[1..3], [(2, SpanKind::Visible), (2, SpanKind::Attribution)]);
        }
        let name_first = "Ada Lovelace <ada@example.org> wrote on Monday, July 3, 2017 10:00 AM:\n> One?\n";
        assert_eq!(Text::plain(name_first, false).visible_text(), "");
    }

    /// Twice the text takes twice the work, whatever the lines: what each step looks at is bounded, or gone for good.
    /// Counted in the bytes that were copied to be judged, so that no clock is asked.
    #[test]
    fn work_grows_with_the_text_and_no_faster() {
        let lines = [
            "On Mon, 3 Jul 2017 at 10:00, Ada <",
            "ada@example.org> wrote:",
            "Ada wrote:",
            "-----------------------------------",
            "_______________________________________________",
            "--",
            "-- ",
            "From: Ada <ada@example.org>",
            "Sent: Monday, July 3, 2017 10:00",
            "```",
            "> One?",
            "",
            "This e-mail is confidential and intended solely for the addressee.",
            "Sent from my iPhone",
            "-----BEGIN PGP SIGNED MESSAGE-----",
            "On Mon, 3 Jul 2017, <<<<<<<<<<<<",
        ];
        for first in lines {
            for second in lines {
                let work = |count: usize| {
                    let text = format!("Hello\n{first}\n{second}\n").repeat(count);
                    attribution::tests::JUDGED.set(0);
                    Text::plain(&text, false);
                    attribution::tests::JUDGED.get()
                };
                let (once, twice) = (work(20), work(40));
                assert!(twice <= 2 * once + once / 4 + 8_000, "{first} / {second}: {once} and then {twice}");
            }
        }
    }

    #[test]
    fn the_pieces_of_a_cut_line_keep_its_numbers() {
        let reply =
            "Fine with me, see you \nthere. On Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:\n> One?\n";
        let text = Text::flowed(reply, false, false);
        let seen: Vec<_> = text.lines().map(|line| (line.first, line.last, line.kind)).collect();
        assert_eq!(seen, [(1, 2, SpanKind::Visible), (1, 2, SpanKind::Attribution), (3, 3, SpanKind::Quote)]);
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
            let mut covered: Vec<usize> = text.spans().iter().flat_map(|span| span.start_line..=span.end_line).collect();
            covered.dedup();
            let physical = physical_lines(&cleaned(&mail)).len();
            prop_assert_eq!(covered, (1..=physical).collect::<Vec<_>>());
        }

        #[test]
        fn nothing_quoted_under_an_attribution_is_said(mail in any_mail(), first: bool, at in 0..1000usize) {
            let attribution = attributions().nth(at % 1000).unwrap();
            let quoted: String = mail.replace('\r', "").lines().map(|line| format!("> {line}\n")).collect();
            let reply = format!("{attribution}\n{quoted}");
            prop_assert_eq!(Text::plain(&reply, first).visible_text(), "", "{}", reply);
        }

        #[test]
        fn crlf_is_lf(mail in any_mail(), first: bool) {
            let crlf = mail.replace('\r', "").replace('\n', "\r\n");
            prop_assert_eq!(Text::plain(&mail.replace('\r', ""), first), Text::plain(&crlf, first));
        }
    }
}
