//! The line that introduces a quote: `On …, Ada wrote:`, in the languages whose mailers write it.
//!
//! One judgement for all languages, with the words of [`tongues`](super::tongues): an attribution names a moment or an
//! address, says that somebody wrote, and ends where the quote begins. Prose that merely mentions writing must not be
//! taken for one, because what follows an attribution may be read as a quote.

use super::tongues::phrases;
use super::{Line, is_blank, trimmed};
use memchr::memchr;
use regex::Regex;
use std::cell::LazyCell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Longest attribution, in bytes of its joined lines.
const LONGEST: usize = 400;
/// Most lines a mailer breaks one into.
const MOST_LINES: usize = 5;
/// Words of one that names neither a moment nor an address: `As Ada wrote:`. Longer ones are sentences.
const FEW_WORDS: usize = 5;
/// Words of one that begins with a name, without an address.
const SOME_WORDS: usize = 16;

/// An attribution, found at some line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Over how many lines it is broken.
    pub lines: usize,
    /// It stands for itself. Otherwise it counts only when a marked quote follows.
    pub certain: bool,
}

/// The attribution that begins with the first of `lines`.
pub fn at_start(lines: &[Line]) -> Option<Attribution> {
    let first = trimmed(lines.first()?.text);
    if first.is_empty() || first.starts_with('>') {
        return None;
    }
    let most = if may_be_broken(first) { MOST_LINES } else { 1 };
    let (mut taken, mut length, mut address) = (0, 0, false);
    // One that is certain may go on beyond one that is not: `Ada <ada@example.org>` and then `wrote:`.
    let mut uncertain = None;
    for (at, line) in lines.iter().enumerate() {
        let text = trimmed(line.text);
        taken += usize::from(!text.is_empty());
        length += text.len();
        let over = (text.is_empty() || text.starts_with('>')) && !within_address(lines, at);
        if over || taken > most || length > LONGEST {
            break;
        }
        address |= text.contains('@');
        if may_close(text, address)
            && let Some(found) = judge(&joined(&lines[..=at]))
            && (taken == 1 || !begins_later(&lines[..=at], &found))
        {
            let found = Attribution { lines: at + 1, certain: found.certain };
            if found.certain {
                return Some(found);
            }
            uncertain = uncertain.or(Some(found));
        }
    }
    uncertain
}

/// Whether an attribution may end in this line, or show its address there: asked once of each line, so that few have to
/// be looked at as [`at_start`] does.
pub fn is_sign(text: &str) -> bool {
    // What is quoted belongs to none.
    let text = trimmed(text);
    !text.starts_with('>') && (memchr(b'@', text.as_bytes()).is_some() || may_close(text, false))
}

/// Whether one may begin with the first of `lines`, as far as their signs tell.
pub fn may_start(lines: &[Line], signs: &[bool]) -> bool {
    let mut said = 0;
    let within = lines.iter().zip(signs).take_while(|(line, _)| {
        said += usize::from(!is_blank(line.text));
        said <= MOST_LINES
    });
    within.into_iter().any(|(_, sign)| *sign)
}

/// Cuts lines in two that hold the end of the author's words and then an attribution: some mailers lose the line
/// break between them.
pub fn unglued<'a>(lines: Vec<Line<'a>>) -> Vec<Line<'a>> {
    if !lines.iter().any(|line| glued_at(line.text).is_some()) {
        return lines;
    }
    let cut = |line: Line<'a>| match glued_at(line.text) {
        Some(at) => {
            let (own, attribution) = line.text.split_at(at);
            let own = own.trim_end_matches(['-', ' ']);
            vec![Line { text: own, ..line }, Line { text: attribution, ..line }]
        }
        None => vec![line],
    };
    lines.into_iter().flat_map(cut).collect()
}

/// Where an attribution begins within a line. It has to be a whole one, with date and time, and its first word a
/// capital: `Ada schrieb am …` is one from its beginning.
fn glued_at(text: &str) -> Option<usize> {
    // The last bytes of both colons, before anything else: this is asked of every line.
    if !matches!(trimmed(text).as_bytes().last(), Some(b':' | 0x9A)) {
        return None;
    }
    let said = text.trim_end();
    let plausible = said.ends_with([':', '：']) && !text.trim_start().starts_with('>') && text.len() <= 4 * LONGEST;
    if !plausible || !may_be_broken(text) || !ends_with_verb(said) {
        return None;
    }
    // The usual attribution has its line to itself.
    let whole = lowered(text.trim());
    if OPENER.is_match(&whole) {
        return None;
    }
    let begins = |at: usize| text[..at].ends_with([' ', '-', '\t']) && text[at..].starts_with(char::is_uppercase);
    let at = text.char_indices().map(|(at, _)| at).filter(|at| begins(*at)).find(|at| {
        let rest = text[*at..].to_lowercase();
        rest.len() <= LONGEST && OPENER.is_match(&rest) && DATE.is_match(&rest) && TIME.is_match(&rest)
    })?;
    let own = text[..at].trim_matches(['-', ' ', '*', '"', '\t']);
    (!own.is_empty() && !DATE_FIRST.is_match(&whole)).then_some(at)
}

/// What an attribution looks like, apart from where it stands.
struct Found {
    certain: bool,
    /// It begins as one does: with `On` or with the date.
    begun: bool,
}

/// `None` when this is no attribution.
fn judge(text: &str) -> Option<Found> {
    #[cfg(test)]
    tests::JUDGED.set(tests::JUDGED.get() + text.len());
    let bare = text.trim_matches(['*', '_', ' ', '\u{a0}', '"']);
    let dashed = bare.starts_with("--") && bare.ends_with("--");
    let bare = if dashed { bare.trim_matches(['-', ' ']) } else { bare };
    let colon = bare.ends_with([':', '：']);
    let address = bare.contains('@');
    let said = Said::by(bare);
    let digits = bare.bytes().any(|byte| byte.is_ascii_digit());
    // Few of these are asked for: the usual attribution opens as one, and has an address and the verb.
    let quoting = LazyCell::new(|| (colon || bare.ends_with(')')) && QUOTING.is_match(bare));
    let stamped = LazyCell::new(|| colon && digits && STAMPED.is_match(bare));
    // Most lines of prose that get here say neither who wrote nor whom to write to.
    if said.is_none() && !address && !*quoting && !*stamped {
        return None;
    }
    // Beyond ASCII there are other digits.
    let counted = digits || !bare.is_ascii();
    let date = LazyCell::new(|| counted && DATE.is_match(bare));
    let time = LazyCell::new(|| counted && TIME.is_match(bare));
    let dated = LazyCell::new(|| counted && DATE_FIRST.is_match(bare));
    let opened = OPENER.is_match(bare);
    let begun = opened || *dated;
    let placed = address || *date || *time;
    let few = bare.split_whitespace().count();

    let certain = match &said {
        Some(said) if said.aloud => false,
        Some(said) if dashed => said.last,
        Some(said) if begun && placed => said.last && (colon || address) || colon && (said.of_name || said.on_date),
        Some(_) if colon && BRACKETED.is_match(bare) && (*date || *time) => true,
        Some(_) => colon && few <= SOME_WORDS && *date && *time,
        None => false,
    };
    if certain || address && colon && (*dated || *quoting) {
        return Some(Found { certain: true, begun });
    }
    let plausible = match &said {
        Some(said) if colon => {
            address
                || (said.last || said.first || opened)
                    && (few <= FEW_WORDS && !said.aloud || placed && few <= SOME_WORDS)
        }
        _ if *quoting => colon && few <= FEW_WORDS || placed && few <= SOME_WORDS,
        _ => *stamped || *dated && address && bare.ends_with(['>', ')']),
    };
    plausible.then_some(Found { certain: false, begun })
}

/// The verb of writing, and what stands around it.
struct Said {
    first: bool,
    last: bool,
    /// A name follows, in a language that puts it there.
    of_name: bool,
    /// A date follows.
    on_date: bool,
    /// It is a verb of speech.
    aloud: bool,
}

impl Said {
    fn by(text: &str) -> Option<Said> {
        // The verb is found with its neighbours: which they are, the table tells faster than the pattern.
        let found = VERB.find_iter(text).last()?;
        let verb = without_neighbours(found.as_str())?;
        let start = found.start() + verb.start;
        let end = found.start() + verb.end;
        let verb = &text[start..end];
        let behind = text[end..].trim_matches([' ', ':', '：', '.', '-', '…', '*', '"', '\u{a0}']);
        let name = NAME_LAST.contains(verb) && behind.split_whitespace().count() <= FEW_WORDS + 3;
        Some(Said {
            first: text[..start].trim().is_empty(),
            last: behind.is_empty(),
            of_name: name,
            on_date: !behind.is_empty() && (DATE.is_match(behind) || TIME.is_match(behind)),
            aloud: SPEECH.contains(verb),
        })
    }
}

/// Where the verb stands in a match of [`VERB`], which may hold the character before it and the one behind it.
fn without_neighbours(found: &str) -> Option<Range<usize>> {
    let second = found.chars().next().map_or(0, char::len_utf8);
    let last = found.chars().next_back().map_or(0, |c| found.len() - c.len_utf8());
    let ways = [second..last, second..found.len(), 0..last, 0..found.len()];
    ways.into_iter().find(|way| found.get(way.clone()).is_some_and(|verb| VERBS.contains(verb)))
}

/// Whether an attribution begins further down in `lines`: then what stands above it is the author's.
fn begins_later(lines: &[Line], whole: &Found) -> bool {
    let first = lowered(lines[0].text.trim());
    let placed = first.contains(['@', '<']) || DATE.is_match(&first) || TIME.is_match(&first);
    if !whole.certain && !placed {
        return true;
    }
    let within = |at: usize| lines[at].text.trim_start().starts_with('<') || within_address(lines, at);
    (1..lines.len()).filter(|at| !within(*at)).any(|at| {
        judge(&joined(&lines[at..])).is_some_and(|later| match whole.begun {
            true => later.certain && later.begun && !placed,
            false => later.certain || later.begun,
        })
    })
}

/// Whether the line at `at` goes on with an address that the lines above began: mailers that make text of HTML break
/// the lines around and within `<…>`.
fn within_address(lines: &[Line], at: usize) -> bool {
    let above = lines[..at].iter().rev().take(MOST_LINES).map(|line| line.text);
    let open = above.flat_map(str::chars).fold(0, |open, c| open + i32::from(c == '<') - i32::from(c == '>'));
    let next = lines.get(at + 1).map(|line| line.text.trim_start());
    at > 0 && (open > 0 || lines[at].text.trim().is_empty() && next.is_some_and(|next| next.starts_with('<')))
}

/// The lines as one, as the patterns want it: lower case, without marks of writing direction.
fn joined(lines: &[Line]) -> String {
    let mut joined = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
    for text in lines.iter().map(|line| trimmed(line.text)).filter(|text| !text.is_empty()) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(text);
    }
    match joined.is_ascii() {
        true => joined.make_ascii_lowercase(),
        false => joined = lowered(&joined),
    }
    joined
}

fn lowered(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().filter(|c| !is_direction(c)).flat_map(char::to_lowercase).collect(),
    }
}

/// A mark of writing direction.
fn is_direction(c: &char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether an attribution that begins so may go on in the next line: it names a moment or an address early.
fn may_be_broken(first: &str) -> bool {
    first.len() < 40 || first.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@' || byte == b'<')
}

/// Whether an attribution can end so: what [`judge`] asks of its end, before anything is copied for it. It spares
/// nearly all prose a closer look.
fn may_close(text: &str, address: bool) -> bool {
    let bare = text.trim_end_matches(|c| matches!(c, '*' | '_' | ' ' | '\u{a0}' | '"') || is_direction(&c));
    match bare.chars().next_back() {
        Some(':' | '：') => true,
        Some(')') => address || text.bytes().any(|byte| byte.is_ascii_digit()),
        Some('-') => bare.ends_with("--"),
        _ => address && (bare.ends_with(['>', '…']) || bare.len() < text.len() || ends_with_verb(text)),
    }
}

/// Whether the last word is a verb of writing.
fn ends_with_verb(text: &str) -> bool {
    let text = text.trim_end_matches([' ', ':', '：', '.', '-', '\u{a0}']);
    let from = text.rfind([' ', '>', ')', '\u{a0}', '"']).map_or(0, |at| at + 1);
    let word = text.get(from..).unwrap_or(text);
    if word.len() > 40 {
        return !word.is_ascii() && GLUED_VERBS.iter().any(|verb| word.ends_with(verb));
    }
    if word.is_ascii() && word.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let word = word.to_lowercase();
    LAST_WORDS.contains(word.as_str()) || !word.is_ascii() && GLUED_VERBS.iter().any(|verb| word.ends_with(verb))
}

/// Scripts that put no space before the verb.
fn is_glued(verb: &str) -> bool {
    verb.starts_with(|c: char| ('\u{e00}'..'\u{e7f}').contains(&c) || c >= '\u{1100}')
}

fn any_of<'a>(phrases: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = phrases.map(regex::escape).collect();
    // The longest first: an alternation takes the first that fits.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words.join("|")
}
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is made from the table of words alone, and a test builds it")
}
fn verbs() -> impl Iterator<Item = &'static str> {
    phrases(|tongue| tongue.verbs).chain(phrases(|tongue| tongue.speech))
}

static NAME_LAST: LazyLock<HashSet<&str>> =
    LazyLock::new(|| phrases(|tongue| if tongue.name_last { tongue.verbs } else { "" }).collect());
static SPEECH: LazyLock<HashSet<&str>> = LazyLock::new(|| phrases(|tongue| tongue.speech).collect());
static VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| verbs().collect());
static LAST_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| verbs().filter_map(|verb| verb.split(' ').next_back()).collect());
static GLUED_VERBS: LazyLock<Vec<&str>> = LazyLock::new(|| verbs().filter(|verb| is_glued(verb)).collect());

static OPENER: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r#"^[-*_"( ]*(?:{})(?:[\s,:-]|\d)"#, any_of(phrases(|tongue| tongue.opens)))));
static QUOTING: LazyLock<Regex> = LazyLock::new(|| {
    let words = any_of(phrases(|tongue| tongue.quoting)).replace(' ', r"\s+");
    compiled(&format!(r"^(?:{words})[\s:]"))
});
/// A name with its moment, without a verb: `Ada <ada@example.org> [2017-07-03 10:00]:`, `Ada's on July 3, 2017 10:00:`.
static STAMPED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"[>)]\s*[\[(][^\])]*\d[:.]\d\d[^\])]*[\])]\s*:$|['’]s (?:message )?(?:on|of|from) .*\d:\d\d")
});
static VERB: LazyLock<Regex> = LazyLock::new(|| {
    let spaced = any_of(verbs().filter(|verb| !is_glued(verb)));
    compiled(&format!(r"(?:^|\P{{L}})({spaced})(?:\P{{L}}|$)|({})", any_of(verbs().filter(|verb| is_glued(verb)))))
});
/// `Ada <ada@example.org>`, `Ada (ada@example.org)`
static BRACKETED: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"[<(\[]\s*(?:mailto:)?[^<>()\[\]\s@]*@[^<>()\[\]]*[>)\]]"));
/// Lower-case letters, by and large: the scripts below the punctuation of all scripts, and those above it. Asked for as
/// `\p{L}`, so often, they make an automaton too large to run fast; and so does `\b` unless it knows ASCII alone.
const LETTERS: &str = r"a-zªµºß-\u{1fff}\u{3040}-\u{d7ff}";
/// A day with its year, in digits or with a month's name; `2017` alone counts.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?-u:\b)(?:19|20)\d{2}(?-u:\b)|(?-u:\b)\d{1,4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{2,4}(?-u:\b)|\d{4}\s?[年년]|\d\s?[月월]",
    )
});
/// A time of day: `10:00`, `10h00`, `10.00`, `10 PM`.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?-u:\b)\d{1,2}[:.h：]\d{2}(?-u:\b)|(?-u:\b)\d{1,2}\s?[ap]\.?m(?-u:\b)|\d\s?[时時시點点]")
});
/// A line that begins with a date or a time: `2011-04-07`, `02.04.2012`, `po 3. 7. 2017`, `Mon, 3 Jul 2017`,
/// `Monday, July 3, 2017`, `10:00 AM, July 3, 2017`, `4 dec. 2024`, `2011年4月7日`.
static DATE_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    let day = r"\d{1,2}(?:\.|-го|º|er|st|nd|rd|th)?";
    let month = format!(r"(?:de |d')?[{LETTERS}]{{3,12}}\.?");
    compiled(&format!(
        r"^[-*_ (]*(?:[{LETTERS}'׳״-]{{1,14}}\.?,? ){{0,2}}(?:\d{{1,4}}\s?[-/.]\s?\d{{1,2}}\s?[-/.]\s?\d{{1,4}}|\d{{4}}\s?[年년]|{day} {month},?(?: de| г\.?)? \d{{4}}|{month} {day},? \d{{4}}|\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: [ap]\.?m\.?)?,? (?:{month} {day},? \d{{4}}|{day} {month} \d{{4}}|\d{{1,4}}[-/.]\d)|\d{{4}}\. ?[{LETTERS}]{{3,12}}\.? {day})"
    ))
});

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::mail::SpanKind;
    use std::cell::Cell;

    thread_local! {
        /// Bytes that were judged, for the test that counts the work.
        pub static JUDGED: Cell<usize> = const { Cell::new(0) };
    }

    fn found(text: &str) -> Option<Attribution> {
        fn line((text, number): (&str, usize)) -> Line<'_> {
            Line { first: number, last: number, text, kind: SpanKind::Visible }
        }
        at_start(&text.lines().zip(1..).map(line).collect::<Vec<_>>())
    }

    #[test]
    fn mailers_of_many_languages_write_one() {
        for line in [
            "On Mon, 3 Jul 2017 at 10:00, Ada Lovelace <ada@example.org> wrote:",
            "On 03/07/17 10:00, Ada Lovelace wrote:",
            "Am 03.07.2017 um 10:00 schrieb Ada Lovelace:",
            "Le lun. 3 juil. 2017 à 10:00, Ada Lovelace <ada@example.org> a écrit :",
            "El lun., 3 jul. 2017 a las 10:00, Ada (<ada@example.org>) escribió:",
            "Em seg., 3 de jul. de 2017 às 10:00, Ada <ada@example.org> escreveu:",
            "Il giorno lun 3 lug 2017 alle ore 10:00 Ada <ada@example.org> ha scritto:",
            "Op ma 3 jul. 2017 om 10:00 schreef Ada <ada@example.org>:",
            "Den mån 3 juli 2017 kl 10:00 skrev Ada <ada@example.org>:",
            "Den man. 3. jul. 2017 kl. 10.00 skrev Ada <ada@example.org>:",
            "man. 3. jul. 2017 kl. 10:00 skrev Ada <ada@example.org>:",
            "ma 3. heinäk. 2017 klo 10.00 Ada (ada@example.org) kirjoitti:",
            "pon., 3 lip 2017 o 10:00 Ada <ada@example.org> napisał(a):",
            "W dniu 03.07.2017 o 10:00, Ada pisze:",
            "po 3. 7. 2017 v 10:00 odesílatel Ada <ada@example.org> napsal:",
            "пн, 3 июл. 2017 г. в 10:00, Ada <ada@example.org>:",
            "03.07.2017 10:00, Ada пишет:",
            "пн, 3 лип. 2017 р. о 10:00 Ada <ada@example.org> пише:",
            "Στις Δευ, 3 Ιουλ 2017 στις 10:00, ο χρήστης Ada <ada@example.org> έγραψε:",
            "Ada <ada@example.org>, 3 Tem 2017 Pzt, 10:00 tarihinde şunu yazdı:",
            "Ada <ada@example.org> ezt írta (időpont: 2017. júl. 3., H, 10:00):",
            "În data de lun., 3 iul. 2017 la 10:00, Ada <ada@example.org> a scris:",
            "Ada <ada@example.org> 于2017年7月3日周一 10:00写道：",
            "2017年7月3日(月) 10:00 Ada <ada@example.org>:",
            "2017년 7월 3일 (월) 오전 10:00, Ada <ada@example.org>님이 작성:",
            "---- Ada Lovelace wrote ----",
            "Ada Lovelace writes:",
        ] {
            assert_eq!(found(line).map(|found| found.lines), Some(1), "{line}");
        }
    }

    #[test]
    fn it_may_be_broken_over_lines() {
        let broken = "On Mon, 3 Jul 2017 at 10:00, Ada\nLovelace <ada@example.org> wrote:\n";
        assert_eq!(found(broken), Some(Attribution { lines: 2, certain: true }));
        let broken = "On Jul 3, 2017, at 10:00 AM, Ada <\nada.lovelace@example.org>\nwrote:\n";
        assert_eq!(found(broken), Some(Attribution { lines: 3, certain: true }));
    }

    #[test]
    fn prose_is_none() {
        for line in [
            "On Monday we meet in room 2",
            "On the other hand, Ada wrote a lot about it.",
            "Date: July 11 2017",
            "Attend: yes",
            "Am Montag um 10:00 in Raum 2:",
            "2017-07-11 10:00 Room 2",
            "Contact: Ada <ada@example.org>",
            "In 2017 we agreed:",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
        assert_eq!(found("As Ada wrote:").map(|found| found.certain), Some(false), "only before a marked quote");
    }
}
