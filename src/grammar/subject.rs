//! What a subject says: prefixes, tags, version, part, title, and what the tags announce.
//!
//! A tag counts only at the start of a subject, where its author put it on purpose; a `[TOPIC]` further on is a
//! mention. The subject says what a mail claims to be; [`super::kind`] weighs that against the rest of it.

use super::{Subject, Vocabulary, pattern};
use regex::Regex;
use std::sync::LazyLock;

/// A subject and what it announces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    pub subject: Subject,
    /// It carries a proposal tag.
    pub proposal: bool,
    /// It carries an attend tag.
    pub attend: bool,
    /// It carries an outcome tag.
    pub outcome: bool,
    /// What its first words say, when it has no tag or beside it.
    pub lead: Option<Lead>,
}

/// What the first words of a title announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// `Proposal: X`, `Topic: X`
    Proposal,
    /// `Design session: X`: a proposal before its slot, notes after it.
    Session,
    /// `Design session X`, without a mark between: notes when the body says so, else talk about one.
    Unmarked,
    /// `Design session notes: X`, `Minutes of X`
    Outcome,
}

/// Reply prefixes, lower case, by language as mailers write them.
const REPLY: &[&str] = &[
    "re",
    "aw",
    "antw",
    "antwort",
    "antwoord",
    "sv",
    "svar",
    "vs",
    "vá",
    "ref",
    "res",
    "r",
    "rif",
    "rép",
    "odp",
    "odpowiedź",
    "ynt",
    "yanıt",
    "cev",
    "atb",
    "bls",
    "blsv",
    "απ",
    "σχετ",
    "на",
    "отв",
    "ответ",
    "відп",
    "отг",
    "ответно",
    "תגובה",
    "رد",
    "回复",
    "回覆",
    "答复",
    "答覆",
    "返信",
    "답장",
    "回信",
    "trả lời",
];

/// Forward prefixes, likewise.
const FORWARD: &[&str] = &[
    "fwd",
    "fw",
    "wg",
    "weitergeleitet",
    "tr",
    "rv",
    "enc",
    "i",
    "doorst",
    "vl",
    "vb",
    "vs.",
    "fs",
    "videresendt",
    "pd",
    "továbbítás",
    "ilt",
    "i̇lt",
    "yml",
    "πρθ",
    "пересл",
    "ha",
    "הועבר",
    "转发",
    "轉寄",
    "轉發",
    "転送",
    "전달",
];

/// `Re:`, `RE[2]:`, `Re(2):`, `Re^2:`, `Re :`, `回复：`
static PREFIX: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([\p{L}\p{M}. ]{1,16}?)\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\d{1,2})?\s?[:：]\s*"));
static GROUP: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\[([^\[\]]*)\]\s*"));
static PART: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\d{1,3})/(\d{1,3})$"));
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^v\.?(\d{1,3})$"));
/// `v2: title`, `v2 title` right behind the tags.
static VERSION_BEHIND: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^v(\d{1,2})(?:\s*[:,–-]\s+|\s+|$)"));

/// The first words that announce something, first match wins; what stays is the title.
static LEADS: LazyLock<[(Regex, Lead); 7]> = LazyLock::new(|| {
    [
        (r"(?i)^(?:[^\s:]+\s+){0,5}?(?:design|bof|breakout)\s+sessions?['’]?\s*[:,–-]?\s*(?:notes|minutes|summary|outcomes?)\b[\s:,–-]*(?:(?:from|of|for|on)\s+)?", Lead::Outcome),
        (r"(?i)^(?:meeting\s+|session\s+)?(?:notes|minutes|summary)\s+(?:from|of|for)\s+(?:the\s+)?(?:design\s+session\s*[:,–-]?\s*(?:on\s+)?)?", Lead::Outcome),
        (r"(?i)^(?:meeting\s+|session\s+)?(?:notes|minutes)\s*[:–-]\s*", Lead::Outcome),
        (r"(?i)^minutes\b\s*", Lead::Outcome),
        (r#"(?i)^(?:[^\s:]+\s+){0,5}?design\s+session(?:\s+proposal)?(?:\s*[:：]\s*|\s+[–—-]\s*|\s+(?P<quote>["“”'«]))"#, Lead::Session),
        (r"(?i)^(?:(?:session|topic|bof)\s+)?(?:proposal|topic)\s*[:：]\s*", Lead::Proposal),
        (r"(?i)^(?:[^\s:]+\s+){0,3}?design\s+session\s+", Lead::Unmarked),
    ]
    .map(|(regex, lead)| (pattern(regex), lead))
});

/// Words that make a bracket group a patch's, whatever else it says.
const PATCH_WORDS: &[&str] = &["PATCH", "PATCHES", "PULL", "GIT"];

/// Takes a decoded, unfolded subject apart. Total, linear.
pub fn parse(raw: &str, vocabulary: &Vocabulary) -> Announced {
    let mut announced =
        Announced { subject: Subject { raw: raw.to_owned(), ..Subject::default() }, ..Announced::default() };
    let mut patch = false;
    let mut rest = raw.trim();
    loop {
        let subject = &mut announced.subject;
        if let Some((forward, length)) = prefix(rest) {
            subject.is_forward |= forward;
            subject.is_reply |= !forward;
            rest = &rest[length..];
        } else if let Some(group) = GROUP.captures(rest) {
            let inner = group[1].trim();
            rest = &rest[group[0].len()..];
            if vocabulary.list_prefixes.iter().any(|prefix| same_words(prefix, inner)) {
                subject.list_prefixes.push(inner.to_owned());
            } else if !inner.is_empty() {
                patch |= read_tag(inner, vocabulary, &mut announced);
                // The colon after `[TOPIC] :` is a stray one.
                rest = rest.strip_prefix(':').map_or(rest, str::trim_start);
            }
        } else {
            break;
        }
    }
    if patch {
        (announced.proposal, announced.attend, announced.outcome) = (false, false, false);
    }
    if announced.proposal
        && announced.subject.version.is_none()
        && let Some(found) = VERSION_BEHIND.captures(rest)
    {
        announced.subject.version = found[1].parse().ok();
        rest = &rest[found[0].len()..];
    }
    if !patch && let Some((lead, length)) = lead(rest) {
        announced.lead = Some(lead);
        // `[DESIGN SESSION] Topic: X` announces once; unmarked words may belong to the title.
        rest = if rest[length..].trim().is_empty() { rest } else { &rest[length..] };
    }
    announced.subject.title = tidy(rest);
    announced
}

/// The reply (false) or forward (true) prefix a text starts with, and its length.
fn prefix(text: &str) -> Option<(bool, usize)> {
    let found = PREFIX.captures(text)?;
    let word = found[1].trim().to_lowercase();
    if REPLY.contains(&word.as_str()) {
        Some((false, found[0].len()))
    } else if FORWARD.contains(&word.as_str()) {
        Some((true, found[0].len()))
    } else {
        None
    }
}

/// Notes what one bracket group says. True when it is a patch's.
fn read_tag(inner: &str, vocabulary: &Vocabulary, announced: &mut Announced) -> bool {
    announced.subject.tags.push(inner.to_owned());
    let mut words: Vec<&str> = inner.split_whitespace().collect();
    words.retain(|word| {
        if let Some(part) = PART.captures(word) {
            announced.subject.part = part[1].parse().ok().zip(part[2].parse().ok());
        } else if let Some(version) = VERSION.captures(word) {
            announced.subject.version = version[1].parse().ok();
        } else {
            return true;
        }
        false
    });
    let name = words.join(" ");
    // `[Design Session Proposal]` says the same as `[Design Session]`.
    let plain = match words.split_last() {
        Some((last, before)) if last.eq_ignore_ascii_case("proposal") => before.join(" "),
        _ => name.clone(),
    };
    let among = |tags: &[String]| tags.iter().any(|tag| same_words(tag, &name) || same_words(tag, &plain));
    announced.proposal |= among(&vocabulary.proposal_tags);
    announced.attend |= among(&vocabulary.attend_tags);
    announced.outcome |= among(&vocabulary.outcome_tags);
    // `[LSF/MM/BPF TOPIC]`, `[LSF/MM ATTEND/TOPIC]`: any summit's name may stand in front.
    let name = name.to_uppercase();
    let mut pieces: Vec<&str> = name.split([' ', '/', ',', '&', '+', ':']).filter(|word| !word.is_empty()).collect();
    while let Some(last) = pieces.pop() {
        match last {
            "TOPIC" => announced.proposal = true,
            "ATTEND" => announced.attend = true,
            "AND" => {}
            _ => break,
        }
    }
    name.split_whitespace().any(|word| PATCH_WORDS.contains(&word))
}

fn lead(text: &str) -> Option<(Lead, usize)> {
    let (regex, lead) = LEADS.iter().find(|(regex, _)| regex.is_match(text))?;
    let found = regex.captures(text)?;
    // The opening quote of `Design session "X"` is a part of the title.
    let end = found.name("quote").map_or(found[0].len(), |quote| quote.start());
    Some((*lead, end))
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>();
    words(a) == words(b)
}

/// A title without the punctuation left at its ends, and without quotes around the whole of it.
fn tidy(title: &str) -> String {
    const ENDS: [char; 9] = ['-', '–', '—', ':', ';', '|', ',', ' ', '\u{a0}'];
    let title = title.trim().trim_start_matches([':', '-', '–', ' ']).trim_end_matches(ENDS);
    let pairs = [('"', '"'), ('“', '”'), ('”', '”'), ('«', '»'), ('\'', '\'')];
    let unquoted = pairs.iter().find_map(|(open, close)| {
        title.strip_prefix(*open)?.strip_suffix(*close).filter(|inner| !inner.contains([*open, *close]))
    });
    unquoted.unwrap_or(title).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary { list_prefixes: vec!["Lsf-pc".into(), "Xen-devel".into()], ..Vocabulary::default() }
    }

    fn read(raw: &str) -> Announced {
        parse(raw, &vocabulary())
    }

    /// p: proposal tag, a: attend tag, o: outcome tag; P, S, U, O: leads; r: reply; f: forward.
    fn marks(announced: &Announced) -> String {
        let mut marks = String::new();
        for (set, mark) in [(announced.proposal, 'p'), (announced.attend, 'a'), (announced.outcome, 'o')] {
            marks.extend(set.then_some(mark));
        }
        marks.extend(announced.lead.map(|lead| match lead {
            Lead::Proposal => 'P',
            Lead::Session => 'S',
            Lead::Unmarked => 'U',
            Lead::Outcome => 'O',
        }));
        marks.extend(announced.subject.is_reply.then_some('r'));
        marks.extend(announced.subject.is_forward.then_some('f'));
        marks
    }

    #[test]
    fn subjects_as_lists_carry_them() {
        for (raw, expected, title) in [
            ("[LSF/MM TOPIC]swap improvements", "p", "swap improvements"),
            ("[ATTEND] [LSF/MM TOPIC] Buffered writes", "pa", "Buffered writes"),
            ("[Lsf-pc] [LSF/MM/BPF ATTEND][LSF/MM/BPF TOPIC] Meta", "pa", "Meta"),
            ("Re: Re: [LSF/MM/BPF ATTEND][LSF/MM/BPF TOPIC] : blktests", "par", "blktests"),
            ("[LSFMMBPF TOPIC] Killing LSFMMBPF", "p", "Killing LSFMMBPF"),
            ("[LSF/MM/BFP ATTEND][LSF/MM/BFP TOPIC] Storage: verify", "pa", "Storage: verify"),
            ("[LSF/MM ATTEND/TOPIC] both", "pa", "both"),
            ("Design session notes: GPU acceleration in Xen", "O", "GPU acceleration in Xen"),
            ("Design Session Notes - \"How best to upstream it\"", "O", "How best to upstream it"),
            ("Design session \"grant v3\"", "S", "grant v3"),
            ("Design Sessions notes: Xen system boot", "O", "Xen system boot"),
            (
                "xen summit 2023 design session: Using only stable interfaces for (o)xenstored",
                "S",
                "Using only stable interfaces for (o)xenstored",
            ),
            ("Design session PVH dom0", "U", "PVH dom0"),
            ("Proposal: a second console", "P", "a second console"),
            ("[Initramfs] Topic: Initramfs Demystified: Owning it", "P", "Initramfs Demystified: Owning it"),
            ("[NOTES] Grant tables", "o", "Grant tables"),
            ("Minutes of the PVH session", "O", "PVH session"),
            ("Summary of the boot discussion", "O", "boot discussion"),
            ("[DESIGN SESSION] Design Session: Loose ends (CNA) Questions -", "pS", "Loose ends (CNA) Questions"),
            ("[Lsf-pc] Re: [LSF/MM TOPIC] x", "pr", "x"),
            ("Re: [Xen-devel] Re: x", "r", "x"),
            ("AW: Antw: 回复：RE[2]: SV: [TOPIC] x", "pr", "x"),
            ("Fwd: [TOPIC] x", "pf", "x"),
            ("x [TOPIC]", "", "x [TOPIC]"),
            ("[PATCH v3] x: y", "", "x: y"),
            ("[PATCH] [TOPIC] x", "", "x"),
            ("[RFC] a topic", "", "a topic"),
            ("[LPC] pkeys ABI", "", "pkeys ABI"),
            ("[SESSION: 4] x", "", "x"),
            ("[Foo SESSION] x", "", "x"),
            ("Re: Design session: x", "Sr", "x"),
            ("Xen and RISC-V Design Session", "", "Xen and RISC-V Design Session"),
            ("Regarding: x", "", "Regarding: x"),
            ("[TOPIC", "", "[TOPIC"),
            ("", "", ""),
        ] {
            let announced = read(raw);
            assert_eq!((marks(&announced).as_str(), announced.subject.title.as_str()), (expected, title), "{raw}");
        }
    }

    #[test]
    fn versions_and_parts_are_read_in_and_behind_the_tag() {
        for (raw, version, part) in [
            ("[DESIGN SESSION v2] x", Some(2), None),
            ("[DESIGN SESSION] [V3] x", Some(3), None),
            ("[TOPIC] v2: x", Some(2), None),
            ("[TOPIC 2/4] x", None, Some((2, 4))),
            ("[TOPIC v2 0/4] x", Some(2), Some((0, 4))),
            ("[TOPIC] v4l2 x", None, None),
            ("[TOPIC] x v2", None, None),
        ] {
            let announced = read(raw);
            assert!(announced.proposal, "{raw}");
            assert_eq!((announced.subject.version, announced.subject.part), (version, part), "{raw}");
        }
    }

    #[test]
    fn tags_and_list_prefixes_are_kept_apart() {
        let subject = read("Re: [XEN-DEVEL] [Design  Session V2][RFC] x").subject;
        assert_eq!(subject.list_prefixes, ["XEN-DEVEL"]);
        assert_eq!(subject.tags, ["Design  Session V2", "RFC"]);
        assert!(subject.is_reply && !subject.is_forward);
    }
}
