//! The line that introduces a quote: `On …, Ada wrote:`, in the languages whose mailers write it.
//!
//! One table of words, and one judgement for all languages: an attribution names a time or an address, has a verb of
//! writing, and ends where the quote begins. Prose that merely mentions writing must not be taken for one, because what
//! follows an attribution may be read as a quote.

use super::Line;
use regex::Regex;
use std::sync::LazyLock;

/// Language; the words such a line begins with; the verbs. Lower case.
type Tongue = (&'static str, &'static [&'static str], &'static [&'static str]);

const TONGUES: [Tongue; 23] = [
    ("cs", &["dne", "v", "ve"], &["napsal", "napsala", "napsal(a)", "píše"]),
    ("da", &["den", "d."], &["skrev"]),
    ("de", &["am", "um"], &["schrieb", "schrieben", "schreibt", "geschrieben"]),
    ("el", &["στις", "την"], &["έγραψε"]),
    (
        "en",
        &["on", "at", "in message", "in article", "quoting", "begin quote"],
        &["wrote", "writes", "sent", "has written"],
    ),
    ("es", &["el"], &["escribió", "escribio", "escribe"]),
    ("fi", &["ma", "ti", "ke", "to", "pe", "la", "su"], &["kirjoitti"]),
    ("fr", &["le"], &["a écrit", "a ecrit", "écrit", "écrivit"]),
    ("hu", &["időpont"], &["ezt írta", "írta"]),
    ("it", &["il", "in data"], &["ha scritto", "scritto", "scrive"]),
    ("ja", &["平成", "令和"], &["書きました", "のメッセージ", "wrote"]),
    ("ko", &["오전", "오후"], &["작성", "썼습니다", "님의 말"]),
    ("nb", &["på", "den", "tir.", "man."], &["skrev"]),
    ("nl", &["op"], &["schreef", "geschreven"]),
    ("pl", &["w dniu", "dnia", "użytkownik"], &["napisał", "napisała", "napisał(a)", "pisze"]),
    ("pt", &["em", "a"], &["escreveu"]),
    ("ro", &["în data de", "pe", "la"], &["a scris", "scris"]),
    ("ru", &["в"], &["написал", "написала", "написал(а)", "пишет", "писал"]),
    ("sv", &["den", "på"], &["skrev"]),
    ("tr", &["tarihinde"], &["yazdı", "şunu yazdı", "şunları yazdı"]),
    ("uk", &["у", "о"], &["написав", "написала", "пише"]),
    ("vi", &["vào"], &["đã viết"]),
    ("zh", &["在", "于", "於"], &["写道", "寫道", "写到", "寫了", "撰寫"]),
];

/// Longest attribution, in bytes of its joined lines.
const LONGEST: usize = 400;
/// Most lines a mailer breaks one into.
const MOST_LINES: usize = 4;

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
    let mut joined = String::new();
    for (count, line) in (1..=MOST_LINES).zip(lines) {
        let text = line.text.trim();
        if text.is_empty() || text.starts_with('>') || joined.len() + text.len() > LONGEST {
            return None;
        }
        joined.push_str(&text.to_lowercase());
        if count == 1 && !may_begin(&joined) {
            return None;
        }
        if let Some(certain) = judge(&joined) {
            return Some(Attribution { lines: count, certain });
        }
        joined.push(' ');
    }
    None
}

/// `None` when this is no attribution, else whether it is certain.
fn judge(text: &str) -> Option<bool> {
    let bare = text.trim_end_matches(['*', '_', ' ', '\u{a0}']);
    let colon = bare.ends_with([':', '：']);
    let verb_last = VERB_LAST.is_match(bare);
    let address = bare.contains('@');
    if bare.starts_with("--") && bare.ends_with("--") {
        return verb_last.then_some(true);
    }
    let opened = OPENER.is_match(bare);
    let dated = DATE_FIRST.is_match(bare);
    let placed = address || WHEN.is_match(bare);
    let verb = VERB.is_match(bare);
    if (opened || dated) && placed && (verb_last || (verb && colon)) {
        return Some(true);
    }
    if dated && address && colon {
        return Some(true);
    }
    let named = verb_last && colon;
    let dated_address = dated && address && bare.ends_with(['>', ')']);
    let addressed = address && verb && colon;
    (named || dated_address || addressed || (opened && verb && colon)).then_some(false)
}

/// Whether the first line of an attribution can look so: it spares the others a closer look.
fn may_begin(text: &str) -> bool {
    OPENER.is_match(text)
        || DATE_FIRST.is_match(text)
        || text.ends_with([':', '：', '-', '>', ')'])
        || text.contains('@')
}

fn words(pick: impl Fn(&Tongue) -> &'static [&'static str]) -> String {
    let mut words: Vec<String> =
        TONGUES.iter().flat_map(|tongue| pick(tongue)).map(|word| regex::escape(word)).collect();
    words.sort();
    words.dedup();
    words.join("|")
}
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is made from the table above alone, and a test builds it")
}

static OPENER: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r#"^[-*_"( ]*(?:{})(?:[\s,:]|\d)"#, words(|t| t.1))));
static VERB: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"(?:^|\P{{L}})(?:{})(?:\P{{L}}|$)|(?:{CJK_VERBS})", words(|t| t.2))));
static VERB_LAST: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?:(?:^|\P{{L}})(?:{})|(?:{CJK_VERBS}))(?: (?:am|on|at|le) [^:]*)?\s*[:：.-]*$",
        words(|t| t.2)
    ))
});
/// Scripts without spaces between words.
const CJK_VERBS: &str = "写道|寫道|写到|書きました|のメッセージ|작성|썼습니다";
/// A line that begins with a date: `2011-04-07`, `02.04.2012`, `2011/4/7`, `2011年4月7日`, `Mon, 3 Jul 2017`.
static DATE_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^[-*_ ]*(?:\p{L}{2,10}\.?,? )?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}\s?[年년]|\d{1,2}\.? \p{L}{3,9}\.? \d{4})",
    )
});
/// A time of day, or a date with its year.
static WHEN: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|\d[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}[年년]"));
