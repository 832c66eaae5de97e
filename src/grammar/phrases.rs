//! Natural phrases: a short, tested list of sentences by which people say that they are interested or come.
//!
//! A guess, and treated as one: only in the first visible paragraph, only in the first person, and never from a
//! sentence that negates, asks, or makes a condition. When in doubt nothing is inferred; the words are kept anyway.

use super::lines::OwnLine;
use super::{Ask, Form, Level, Mode, Want, pattern};
use crate::mail::glance::Glance;
use regex::Regex;
use std::sync::LazyLock;

/// What a phrase says.
#[derive(Clone, Copy)]
enum Says {
    Interest(Level),
    Comes(Mode),
}

/// Each must match a clause from its start. First match wins.
static PHRASES: LazyLock<[(Regex, Says); 9]> = LazyLock::new(|| {
    let surely = r"(?: (?:also|really|very much|definitely|definitively|certainly|absolutely|surely|indeed|too))*";
    let thing = r"(?:topics?|sessions?|discussions?|conversations?|proposals?|talks?|meetings?|bofs?|one)";
    let this = format!(r"(?:this|the|that|these|your|such an?) (?:\w+ )?{thing}");
    let would = format!(r"(?:i(?:'d| would){surely} (?:love|like)|i{surely} want)");
    let will = r"i(?:'ll| will| should| can| plan to| am going to)(?: be able to)?";
    // What is joined is the session: one may also join two tables.
    let join = format!(
        r"(?:attend\b|be there\b|(?:join|participate|take part|be (?:a )?part)(?:$|(?: in| of)? (?:{this}|discussion|this|it|too|as well|there|at)\b| (?:in )?any\b))"
    );
    let far = r"(?:virtually|remotely|online|remote)";
    [
        (r"i (?:won't|will not|can't|cannot|am not able to|won't be able to) (?:be (?:at|there|in|able)|attend|make it|join|come)\b".to_owned(), Says::Comes(Mode::Declined)),
        (format!(r"(?:{would} to|{will}) (?:attend|participate|join|take part|be there|be part)\b.*\b{far}\b"), Says::Comes(Mode::Remote)),
        (format!(r"(?:please )?count me in\b.*\b{far}\b"), Says::Comes(Mode::Remote)),
        (format!(r"(?:{would} to {join}|i(?:'ll| will| plan to| am going to) (?:attend\b|be there\b|join {this}))"), Says::Comes(Mode::InPerson)),
        (r"(?:please )?count me in\b".to_owned(), Says::Comes(Mode::InPerson)),
        (format!(r"i(?:'m| am)(?: also)? very (?:much )?interested in {this}"), Says::Interest(Level::Very)),
        (format!(r"(?:i(?:'m| am)|i(?:'d| would){surely} be|definitely){surely} interested (?:in (?:{this}|(?:attending|joining|discussing|participating|taking part)\b|this(?: too| as well)?$)|to (?:attend|join|participate|discuss)\b)"), Says::Interest(Level::Yes)),
        (format!(r"(?:a )?(?:definite |definitely |big |strong )?\+1 (?:on|for|to) {this}"), Says::Interest(Level::Yes)),
        (r"seconded$".to_owned(), Says::Interest(Level::Yes)),
    ]
    .map(|(regex, says)| (pattern(&format!("^(?:definitely,? )?(?:{regex})")), says))
});

/// No phrase does without one of these; most sentences have none.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"attend|join|part|there|make it|come|be (?:at|in|able)|count me in|interested|\+1|seconded")
});

/// How every phrase begins: what begins otherwise is none.
const BEGINNINGS: [&str; 10] =
    ["i ", "i'", "definite", "please count", "count me in", "a ", "big ", "strong ", "+1 ", "seconded"];

/// Words that may stand before a phrase without changing it.
static OPENING: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"^(?:(?:{})\b[,!:\s]*)+", OPENING_WORDS.join("|"))));
static OPENING_GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(OPENING_WORDS));
const OPENING_WORDS: [&str; 17] = [
    "yes",
    "yeah",
    "sure",
    "hi",
    "hello",
    "also",
    "and",
    "so",
    "well",
    "oh",
    "great",
    "thanks",
    "personally",
    "fwiw",
    "indeed",
    "ok",
    "okay",
];

/// Words that take a sentence back. An absence negates by itself and is exempt from the first group.
static NEGATES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:not|never|no|nobody|hardly|without)\b|n't\b|\bcannot\b"));
static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:if|unless|would have|could have|should have|might|may|maybe|perhaps|but|though|although|depending|hope|hoping|wish|when|whether|once|provided|assuming|except|attend to)\b|\?",
    )
});

/// What the first visible paragraph lets one infer, and the lines that say nothing else.
pub fn read(rest: &[OwnLine]) -> (Vec<Ask>, Vec<usize>) {
    let paragraph = first_paragraph(rest);
    let mut asks: Vec<Ask> = Vec::new();
    let Some(first) = paragraph.first() else { return (asks, Vec::new()) };
    let mut text = paragraph.iter().map(|line| line.text.trim()).collect::<Vec<_>>().join(" ");
    if !text.is_ascii() {
        text = text.replace('’', "'");
    }
    // Most paragraphs hold no phrase, and are not cut into sentences.
    if !ANY.is_match(&text.to_lowercase()) {
        return (asks, Vec::new());
    }
    let mut all_understood = true;
    for sentence in sentences(&text) {
        match infer(sentence) {
            Some(want)
                if !asks.iter().any(|ask| std::mem::discriminant(&ask.want) == std::mem::discriminant(&want)) =>
            {
                // The line where the sentence begins, as far as it can be told.
                let start = sentence.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
                let line = paragraph.iter().find(|line| line.text.replace('’', "'").contains(&start)).unwrap_or(first);
                asks.push(Ask {
                    want,
                    target: None,
                    form: Form::Phrase,
                    line: line.number,
                    source: line.raw.to_owned(),
                    args: sentence.trim().to_owned(),
                });
                all_understood &= sentence.split_whitespace().count() <= 14;
            }
            Some(_) => {}
            None => all_understood = all_understood && is_courtesy(sentence),
        }
    }
    let understood = if all_understood && !asks.is_empty() {
        paragraph.iter().map(|line| line.number).collect()
    } else {
        Vec::new()
    };
    (asks, understood)
}

/// The lines up to the first blank one or the first gap (a quote), greetings left out.
fn first_paragraph<'l, 'a>(rest: &'l [OwnLine<'a>]) -> &'l [OwnLine<'a>] {
    let start = rest.iter().position(|line| !line.is_blank() && !is_courtesy(&line.text)).unwrap_or(rest.len());
    // Words below the first quote that follows other words are not the first paragraph: an interleaved review.
    let own = &rest[start..];
    let mut length = 0;
    while let Some(line) = own.get(length) {
        if line.is_blank() || line.code || (length > 0 && !line.follows(&own[length - 1])) {
            break;
        }
        length += 1;
    }
    &own[..length]
}

/// Cuts at `.`, `!`, `?`, `;` before a space or the end; the mark stays with its sentence.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', ';']).filter(|sentence| !sentence.trim().is_empty())
}

fn infer(sentence: &str) -> Option<Want> {
    let lower = sentence.trim().to_lowercase();
    if !ANY.is_match(&lower) {
        return None;
    }
    // A phrase may begin a later clause: "Great topic, count me in".
    let clauses = lower.split([',', '–', ':']).flat_map(|clause| clause.split(" and "));
    let phrases = clauses.filter_map(|clause| {
        let clause = clause.trim().trim_end_matches(['.', '!', ';', ' ']);
        let opening = OPENING_GLANCE.may_begin(clause).then(|| OPENING.find(clause)).flatten();
        let clause = opening.map_or(clause, |opening| &clause[opening.end()..]);
        let phrase = || PHRASES.iter().find(|(regex, _)| regex.is_match(clause)).map(|(_, says)| *says);
        BEGINNINGS.iter().any(|beginning| clause.starts_with(beginning)).then(phrase).flatten()
    });
    // Rare as they are, they are sought before what takes them back.
    let mut phrases = phrases.peekable();
    if phrases.peek().is_none() || CONDITION.is_match(&lower) {
        return None;
    }
    let negated = NEGATES.is_match(&lower);
    phrases.find_map(|says| match says {
        Says::Comes(Mode::Declined) => Some(Want::Attend { mode: Mode::Declined, note: None }),
        _ if negated => None,
        Says::Comes(mode) => Some(Want::Attend { mode, note: None }),
        Says::Interest(level) => Some(Want::Interest(level)),
    })
}

static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:(?:hi|hello|hey|dear|moin|good (?:morning|afternoon|evening))\b[^.?!:]{0,40}|(?:many )?thanks?(?: you)?(?: very much| a lot| again)?(?:,? \w+)?|thx|cheers|all)\W*$",
    )
});
static FAREWELL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:(?:(?:best|kind|warm|many|with)\s+)*(?:regards|wishes|greetings)|best|cheers|thanks|thank you|thx|sincerely|yours|br|kr)(?:,? \w+)?\W*$",
    )
});

/// The first words of both.
const COURTESIES: [&str; 12] =
    ["hi", "hello", "hey", "dear", "moin", "good", "many", "thank", "thanks", "thx", "cheers", "all"];
const FAREWELLS: [&str; 16] = [
    "best",
    "kind",
    "warm",
    "many",
    "with",
    "regards",
    "wishes",
    "greetings",
    "cheers",
    "thanks",
    "thank",
    "thx",
    "sincerely",
    "yours",
    "br",
    "kr",
];

/// Whether the first word is one of these, or none that can be compared as ASCII: few lines get any further.
fn begins(text: &str, words: &[&str]) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let text = text.trim_start_matches(|c| !is_letter(c));
    let first = text.split(|c| !is_letter(c)).next().unwrap_or(text);
    !first.is_ascii() || words.iter().any(|word| word.eq_ignore_ascii_case(first))
}

/// A greeting or a thank-you that says nothing else.
pub fn is_courtesy(text: &str) -> bool {
    let text = text.trim();
    let greets = || begins(text, &COURTESIES) && COURTESY.is_match(text);
    text.is_empty() || (text.len() <= 60 && greets()) || is_farewell(text)
}

/// The line that closes a mail.
pub fn is_farewell(text: &str) -> bool {
    text.len() <= 60 && begins(text, &FAREWELLS) && FAREWELL.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(sentence: &str) -> Option<String> {
        infer(sentence).map(|want| match want {
            Want::Interest(level) => format!("{level:?}"),
            Want::Attend { mode, .. } => format!("{mode:?}"),
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn the_list() {
        for (sentence, expected) in [
            ("Seconded.", "Yes"),
            ("A definite +1 on this topic!", "Yes"),
            ("I am also interested in this topic.", "Yes"),
            ("I'm very interested in this session", "Very"),
            ("Yeah definitely interested in this.", "Yes"),
            ("I'd definitely be interested in participating.", "Yes"),
            ("I am interested to attend the discussion.", "Yes"),
            ("I am interested in such a session.", "Yes"),
            ("I definitely want to join and learn more.", "InPerson"),
            ("I'd definitely like to participate in the discussion.", "InPerson"),
            ("I'd like to be part of it as well.", "InPerson"),
            ("I would love to join this discussion", "InPerson"),
            ("Great topic, count me in!", "InPerson"),
            ("I would like to attend.", "InPerson"),
            ("I should be able to join afternoon sessions virtually.", "Remote"),
            ("Yes, I'd like to attend remotely.", "Remote"),
            ("I won't be at LSF/MM.", "Declined"),
            ("Sadly, I cannot make it this year.", "Declined"),
        ] {
            assert_eq!(says(sentence).as_deref(), Some(expected), "{sentence}");
        }
    }

    #[test]
    fn no_guess_where_there_is_doubt() {
        for sentence in [
            "I would like to attend if my budget allows.",
            "I would have liked to attend.",
            "I would like to attend, but I have no visa.",
            "Would I like to attend?",
            "I don't think I would like to attend.",
            "Ada would like to attend.",
            "He said count me in.",
            "I am not interested in this topic.",
            "+1 on code",
            "+1 for the second hunk",
            "I might be able to join remotely.",
            "The motion was seconded by nobody.",
            "I will join the two tables.",
            "I would like to join the two lists.",
            "I would like to take part of the credit.",
            "I want to attend to the other half first.",
            "I am interested in this because it breaks my driver.",
            "I'd be interested in seeing the numbers.",
            "I want this merged.",
            "I'd certainly be interested in that.",
            "I won't be at LSF/MM unless invited.",
        ] {
            assert_eq!(says(sentence), None, "{sentence}");
        }
    }
}
