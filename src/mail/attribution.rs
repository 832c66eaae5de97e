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
        if count == 1 && (!joined.contains(char::is_alphabetic) || !may_begin(&joined)) {
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
    let mut words: Vec<String> = TONGUES.iter().flat_map(pick).map(|word| regex::escape(word)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::SpanKind;

    fn found(text: &str) -> Option<Attribution> {
        let line = |(text, number): (&str, usize)| Line {
            first: number,
            last: number,
            text: text.to_owned(),
            kind: SpanKind::Visible,
        };
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
