//! What a subject says: prefixes, tags, version, part, title, and what the tags announce.
//!
//! A tag counts only at the start of a subject, where its author put it on purpose; a `[TOPIC]` further on is a
//! mention. The subject says what a mail claims to be; [`super::kind`] weighs that against the rest of it.

mod leads;
mod prefix;
mod tags;

use super::lines::holds;
use super::{Subject, Vocabulary, pattern};
pub use leads::Lead;
use prefix::prefix;
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
    /// What the title's own words say, when it has no tag or beside it.
    pub lead: Option<Lead>,
    /// `(was: …)`: the thread was given a new subject.
    pub renamed: bool,
}

/// `[was Re: an older subject]` behind a title, in the brackets of one's choice or in none.
static WAS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\s(?:[\[(]\s*was(?:\s*:|\s+re:|\s+\[)|was:\s*[\[(]?re:)"));
/// `v2: title`, `v2 title` right behind the tags.
static VERSION_BEHIND: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^v(\d{1,2})(?:\s*[:,–-]\s+|\s+|$)"));

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
        } else if let Some((inner, behind)) = group(rest) {
            rest = behind;
            if vocabulary.list_prefixes.iter().any(|prefix| same_words(prefix, inner)) {
                subject.list_prefixes.push(inner.to_owned());
            } else if !inner.is_empty() {
                let says = tags::read(inner, vocabulary);
                subject.tags.push(inner.to_owned());
                subject.version = says.version.or(subject.version);
                subject.part = says.part.or(subject.part);
                announced.proposal |= says.proposal;
                announced.attend |= says.attend;
                announced.outcome |= says.outcome;
                patch |= says.patch;
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
    let was = holds(rest, *b"[(:").then(|| WAS.find(rest)).flatten().map(|was| was.start());
    announced.renamed = was.is_some();
    let now = &rest[..was.unwrap_or(rest.len())];
    if !patch && let Some((lead, title)) = leads::lead(now, vocabulary) {
        announced.lead = Some(lead);
        // `[DESIGN SESSION] Topic: X` announces once; a title of these words alone stays.
        rest = if title.trim().is_empty() { rest } else { title };
    }
    announced.subject.title = tidy(rest);
    announced
}

/// What stands in the brackets at the start, and what follows them.
fn group(text: &str) -> Option<(&str, &str)> {
    let (inner, behind) = text.strip_prefix('[')?.split_once(']')?;
    (!inner.contains('[')).then(|| (inner.trim(), behind.trim_start()))
}

fn same_words(a: &str, b: &str) -> bool {
    let same = |(a, b): (&str, &str)| a.chars().flat_map(char::to_uppercase).eq(b.chars().flat_map(char::to_uppercase));
    let words = || a.split_whitespace().zip(b.split_whitespace());
    a.eq_ignore_ascii_case(b) || a.split_whitespace().count() == b.split_whitespace().count() && words().all(same)
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
        marks.extend(announced.renamed.then_some('w'));
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
            ("[MAINTAINERS / KERNEL SUMMIT] x", "p", "x"),
            ("[LSF/MM/BPF BoF]: x", "p", "x"),
            ("[LSF/MM/BPF TOPC] x", "p", "x"),
            ("[LSF/MM/BPF] Running in the park", "", "Running in the park"),
            (
                "[MAINTAINER SUMMIT] Are we there? [was Re: [TECH TOPIC] Rust]",
                "pw",
                "Are we there? [was Re: [TECH TOPIC] Rust]",
            ),
            ("Better tools (was: Re: [TECH TOPIC] Rust)", "w", "Better tools (was: Re: [TECH TOPIC] Rust)"),
            ("profiles to test was: (Re: [TOPIC] x)", "w", "profiles to test was: (Re: [TOPIC] x)"),
            ("What it was: a story", "", "What it was: a story"),
            ("digression: [LSF/MM TOPIC] x", "", "digression: [LSF/MM TOPIC] x"),
            ("LSF/MM/BPF BoF: automation", "P", "automation"),
            ("LSF/MM/BPF TOPIC: automation", "P", "automation"),
            ("kSummit proposal - the kernel in a watch", "P", "the kernel in a watch"),
            ("LSFMM: topic suggestion: x", "P", "x"),
            ("Topic proposal for the XFoo Summit: x", "P", "x"),
            ("topic for the summit: x (was: Re: y)", "Pw", "x"),
            ("vague topic for maintainers summit", "P", "vague topic for maintainers summit"),
            ("a topic for the next release", "", "a topic for the next release"),
            ("potential topics for the 2021 summit", "", "potential topics for the 2021 summit"),
            ("LSF/MM/BPF 2022: Running BOF", "", "LSF/MM/BPF 2022: Running BOF"),
            ("rust: topic branch for 6.2", "", "rust: topic branch for 6.2"),
            ("Design session \"MSI-X in a stub\" notes", "O", "MSI-X in a stub"),
            ("Xen Summit 2025 - \"feature tracking\" design session notes", "O", "feature tracking"),
            ("Xen Summit 2025 - Design Discussion Notes - Xen ABI", "O", "Xen ABI"),
            ("Xen Summit 2023: Design Session Notes: SMAPIv3", "O", "SMAPIv3"),
            ("xen 4.19 release notes", "", "xen 4.19 release notes"),
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
