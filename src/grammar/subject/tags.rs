//! What one bracket group says: a part, a version, and which tags it holds.
//!
//! People build tags by a rule that no list of strings covers: a summit's name in front of `TOPIC`, two summits that
//! share their last word, a year, an apostrophe, a slip of the finger. So names are compared by their words, and a
//! word such as `TOPIC` counts behind any name. What a patch is called never proposes.

use crate::grammar::{Vocabulary, pattern};
use regex::Regex;
use std::sync::LazyLock;

/// What a group, or all groups of a subject, say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Says {
    pub proposal: bool,
    pub attend: bool,
    pub outcome: bool,
    pub patch: bool,
    pub version: Option<u32>,
    /// `[2/4]`
    pub part: Option<(u32, u32)>,
}

static PART: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\d{1,3})/(\d{1,3})$"));
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^v\.?(\d{1,3})$"));
static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:(?:19|20)\d\d|['’]\d\d)$"));
/// What a year begins with.
const YEAR_MARKS: [char; 4] = ['1', '2', '\'', '’'];

/// Words that make a group a patch's, whatever else it says.
const PATCH_WORDS: [&str; 5] = ["patch", "patche", "patches", "pull", "git"];
/// What may stand behind a tag without changing it: `[DESIGN SESSION PROPOSAL]`, `[BOF idea]`.
const FILLERS: [&str; 5] = ["proposal", "idea", "suggestion", "request", "reminder"];
/// Words that name an event on their own, besides the summit's own name. A word that ends with `summit` does, too.
const EVENTS: [&str; 13] = [
    "lsf",
    "lsfmm",
    "lsfmmbpf",
    "lpc",
    "plumber",
    "conference",
    "conf",
    "hackathon",
    "microconference",
    "fosdem",
    "devconf",
    "unconference",
    "symposium",
];

/// Reads what stands between one pair of brackets.
pub fn read(inner: &str, vocabulary: &Vocabulary) -> Says {
    let mut says = Says::default();
    let mut name = Vec::new();
    for word in inner.split_whitespace() {
        if let Some(part) = word.contains('/').then(|| PART.captures(word)).flatten() {
            says.part = part[1].parse().ok().zip(part[2].parse().ok());
        } else if let Some(version) = word.starts_with(['v', 'V']).then(|| VERSION.captures(word)).flatten() {
            says.version = version[1].parse().ok();
        } else {
            name.push(word);
        }
    }
    let shared = name.iter().any(|word| word.contains(['/', '&', ',']) || word.eq_ignore_ascii_case("and"));
    let name = words(&name.join(" "));
    if name.iter().any(|word| PATCH_WORDS.contains(&word.as_str())) {
        return Says { patch: true, ..says };
    }
    let plain = match name.split_last() {
        Some((last, before)) if FILLERS.contains(&last.as_str()) && !before.is_empty() => before,
        _ => name.as_slice(),
    };
    let among = |tags: &[String]| {
        tags.iter().any(|tag| {
            let same = |name: &[String]| may_be(tag, name) && each_word(tag).eq(name.iter().map(String::as_str));
            same(&name) || same(plain) || (shared && is_one_of(&words(tag), plain))
        })
    };
    says.proposal = among(&vocabulary.proposal_tags);
    says.attend = among(&vocabulary.attend_tags);
    says.outcome = among(&vocabulary.outcome_tags);
    read_tail(&name, vocabulary, &mut says);
    says
}

/// Whether a tag and a name begin alike, as far as a glance tells: few tags need to be cut into words.
fn may_be(tag: &str, name: &[String]) -> bool {
    let first = name.first().and_then(|word| word.bytes().next());
    tag.bytes().next().zip(first).is_some_and(|(a, b)| !a.is_ascii_alphabetic() || a.to_ascii_lowercase() == b)
}

/// `[LSF/MM/BPF TOPIC]`, `[LSF/MM ATTEND/TOPIC]`: a summit's name, and what the mail is to it.
fn read_tail(name: &[String], vocabulary: &Vocabulary, says: &mut Says) {
    let mut rest = name;
    while let Some((last, before)) = rest.split_last() {
        // `PROPOSAL` and `SESSION` mean much else; a slip is forgiven where the name leaves no doubt.
        let of_event = || is_event(before, vocabulary);
        match last.as_str() {
            "topic" | "bof" => says.proposal = true,
            "attend" => says.attend = true,
            "and" => {}
            "proposal" | "session" if of_event() => says.proposal = true,
            last if FILLERS.contains(&last) && !before.is_empty() && last != "proposal" => {}
            last if slipped(last, "topic") && of_event() => says.proposal = true,
            last if slipped(last, "attend") && of_event() => says.attend = true,
            _ => break,
        }
        rest = before;
    }
}

/// Whether words name an event: the summit itself, or one that is known by a word of its name.
pub fn is_event(name: &[String], vocabulary: &Vocabulary) -> bool {
    let known = |word: &String| word.ends_with("summit") || EVENTS.contains(&word.as_str());
    let of_summit = || {
        let own = words(&vocabulary.event);
        !own.is_empty() && name.windows(own.len()).any(|part| part == own)
    };
    name.iter().any(known) || of_summit()
}

/// `A / B SUMMIT` is also the tag `A SUMMIT`: they share their last word.
fn is_one_of(tag: &[String], name: &[String]) -> bool {
    let (Some((last, body)), Some((shared, names))) = (tag.split_last(), name.split_last()) else { return false };
    last == shared && !body.is_empty() && names.windows(body.len()).any(|part| part == body)
}

/// The words of a name, for comparing: lower case, no year, no possessive, no plural.
pub fn words(name: &str) -> Vec<String> {
    each_word(name).collect()
}

fn each_word(name: &str) -> impl Iterator<Item = String> {
    let between = |c: char| c.is_whitespace() || "/,&+:-–_".contains(c);
    let is_year = |word: &str| word.starts_with(YEAR_MARKS) && YEAR.is_match(word);
    name.split(between).filter(move |word| !word.is_empty() && !is_year(word)).map(stem)
}

fn stem(word: &str) -> String {
    let mut lower = word.to_lowercase();
    let word = lower.trim_end_matches(['.', '?', '!']).trim_end_matches(['\'', '’']);
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    let stem = match word.strip_suffix('s') {
        Some(one) if one.chars().count() >= 3 && !one.ends_with('s') => one,
        _ => word,
    };
    lower.truncate(stem.len());
    lower
}

/// Whether a word is another one with a letter left out, doubled, exchanged, or two swapped.
fn slipped(word: &str, meant: &str) -> bool {
    if word.chars().count().abs_diff(meant.chars().count()) > 1 {
        return false;
    }
    let alike = word.chars().zip(meant.chars()).take_while(|(a, b)| a == b);
    let same = alike.map(|(letter, _)| letter.len_utf8()).sum::<usize>();
    let (word, meant) = (&word[same..], &meant[same..]);
    match (cut(word), cut(meant)) {
        (Some((a, word_rest)), Some((b, meant_rest))) => {
            let swapped = || match (cut(word_rest), cut(meant_rest)) {
                (Some((c, word_rest)), Some((d, meant_rest))) => (a, c, word_rest) == (d, b, meant_rest),
                _ => false,
            };
            word_rest == meant_rest || word_rest == meant || word == meant_rest || swapped()
        }
        // One letter more at the end.
        (Some(_), None) | (None, Some(_)) => true,
        (None, None) => false,
    }
}

/// The first letter, and what follows it.
fn cut(word: &str) -> Option<(char, &str)> {
    let mut letters = word.chars();
    letters.next().map(|first| (first, letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// p: proposal, a: attend, o: outcome, x: patch.
    fn marks(inner: &str) -> String {
        let vocabulary = Vocabulary { event: "Akademy 2026".into(), ..Vocabulary::default() };
        let says = read(inner, &vocabulary);
        let marks = [(says.proposal, 'p'), (says.attend, 'a'), (says.outcome, 'o'), (says.patch, 'x')];
        marks.into_iter().filter_map(|(set, mark)| set.then_some(mark)).collect()
    }

    #[test]
    fn tags_are_read_by_their_words() {
        for (tag, expected) in [
            ("MAINTAINERS SUMMIT", "p"),
            ("Maintainer's Summit", "p"),
            ("MAINTAINERS SUMMIT 2026", "p"),
            ("MAINTAINERS / KERNEL SUMMIT", "p"),
            ("MAINTAINERS/KERNEL SUMMIT", "p"),
            ("TECH-TOPIC", "p"),
            ("LSF/MM BPF Topic", "p"),
            ("LSF/MM/BPF BoF", "p"),
            ("LSF/MM/BPF BOF idea", "p"),
            ("LSF/MM/BPF proposal", "p"),
            ("Akademy session", "p"),
            ("BOF", "p"),
            ("DESIGN SESSION PROPOSAL", "p"),
            ("LSF/MM ATTEND/TOPIC", "pa"),
            ("minutes", "o"),
            ("PATCH TOPIC", "x"),
            // A summit's bare name announces nothing: as often as not it heads news about the summit.
            ("LSF/MM/BPF", ""),
            ("LSFMMBPF 2021", ""),
            ("KERNEL SUMMIT REGISTRATION", ""),
            ("DESIGN PROPOSAL", ""),
            ("RFC PROPOSAL", ""),
            ("NFS SESSION", ""),
            ("plinth/topic-sas-5.8", ""),
        ] {
            assert_eq!(marks(tag), expected, "{tag}");
        }
    }

    #[test]
    fn a_slip_is_forgiven_behind_a_summits_name() {
        for slip in ["LSF/MM/BPF TOPC", "LSF/MM/BPF TPOIC", "LSF/MM TOPICC", "Akademy TOPOC", "XEN SUMMIT TOIC"] {
            assert_eq!(marks(slip), "p", "{slip}");
        }
        assert_eq!(marks("LSF/MM ATEND"), "a");
        for other in ["TONIC", "net TOPC", "LSF/MM TOP", "LSF/MM TROPICAL"] {
            assert_eq!(marks(other), "", "{other}");
        }
    }
}
