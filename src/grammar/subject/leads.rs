//! What the first or last words of a title announce, when nobody put a tag in front of it.

use super::tags::{is_event, words};
use crate::grammar::{Vocabulary, pattern};
use regex::Regex;
use std::sync::LazyLock;

/// What a title's own words announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// `Proposal: X`, `Topic: X`, `LSF/MM BoF: X`, `a topic for the summit`
    Proposal,
    /// `Design session: X`: a proposal before its slot, notes after it.
    Session,
    /// `Design session X`, without a mark between: notes when the body says so, else talk about one.
    Unmarked,
    /// `Design session notes: X`, `Minutes of X`, `X, design session notes`
    Outcome,
}

/// The patterns; the first that fits wins. The title is what the group `title` holds, else what stays behind the match,
/// from the group `quote` on. A group `event` must name an event.
#[rustfmt::skip]
static LEADS: LazyLock<[(Regex, Lead); 14]> = LazyLock::new(|| {
    [
        (r"(?i)^design\s+(?:session|discussion)\s*[:,–-]?\s*(?P<title>\S.*?)[\s,:–-]+(?:notes|minutes|summary)$", Lead::Outcome),
        (r"(?i)^(?P<title>\S.*?)[\s,:–-]+(?:(?:design|bof|breakout)\s+(?:session|discussion)|session|bof)\s+(?:notes|minutes|summary)$", Lead::Outcome),
        (r"(?i)^(?:[^\s:]+\s+){0,5}?(?:design|bof|breakout)\s+(?:sessions?|discussions?)['’]?\s*[:,–-]?\s*(?:notes|minutes|summary|outcomes?)\b[\s:,–-]*(?:(?:from|of|for|on)\s+)?", Lead::Outcome),
        (r"(?i)^(?:meeting\s+|session\s+)?(?:notes|minutes|summary)\s+(?:from|of|for)\s+(?:the\s+)?(?:design\s+session\s*[:,–-]?\s*(?:on\s+)?)?", Lead::Outcome),
        (r"(?i)^(?:meeting\s+|session\s+)?(?:notes|minutes)\s*[:–-]\s*", Lead::Outcome),
        (r"(?i)^minutes\b\s*", Lead::Outcome),
        (r#"(?i)^(?:[^\s:]+\s+){0,5}?design\s+session(?:\s+proposal)?(?:\s*[:：]\s*|\s+[–—-]\s*|\s+(?P<quote>["“”'«]))"#, Lead::Session),
        (r"(?i)^(?:(?:session|topic|bof)\s+)?(?:proposal|topic)\s*[:：]\s*", Lead::Proposal),
        (r"(?i)^(?:session|topic|bof)\s+(?:proposal|suggestion|idea)\s*(?:[:：]|\s[–—-])\s*", Lead::Proposal),
        (r"(?i)^(?P<event>[^\s:]+(?:\s+[^\s:]+){0,4}?)\s+(?:topic|bof|session|proposal)(?:\s+(?:proposal|suggestion|idea))?\s*(?:[:：]|\s[–—-])\s*", Lead::Proposal),
        (r"(?i)^(?P<event>[^\s:]+(?:\s+[^\s:]+){0,4}?)\s*[:：]\s*(?:session\s+|bof\s+)?(?:topic|proposal)(?:\s+(?:proposal|suggestion|idea))?\s*(?:[:：]|\s[–—-])\s*", Lead::Proposal),
        (r"(?i)^(?:(?:session|topic)\s+)?(?:topic|proposal|suggestion)\s+for\s+(?P<event>[^\s:]+(?:\s+[^\s:]+){0,5}?)\s*(?:[:：]|\s[–—-])\s*", Lead::Proposal),
        (r"(?i)^(?P<title>(?:\S+\s+){0,8}?(?:topic|proposal|suggestion)\s+for\s+(?P<event>\S+(?:\s+\S+){0,5}))$", Lead::Proposal),
        (r"(?i)^(?:[^\s:]+\s+){0,3}?design\s+session\s+", Lead::Unmarked),
    ]
    .map(|(regex, lead)| (pattern(regex), lead))
});

/// `Xen Summit 2025 - `, in front of what the title says.
static UNDER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?P<event>[^\s:–—-]+(?:\s+[^\s:–—-]+){0,4})\s*(?:[:：]|\s[–—-])\s+"));

/// No lead does without one of these; most titles have none.
static ANY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)notes|minutes|summary|session|outcome|topic|proposal|suggestion|bof"));

/// What a title announces, and the title without these words.
pub fn lead<'t>(title: &'t str, vocabulary: &Vocabulary) -> Option<(Lead, &'t str)> {
    if !ANY.is_match(title) {
        return None;
    }
    let below = UNDER
        .captures(title)
        .filter(|found| is_event(&words(&found["event"]), vocabulary))
        .and_then(|found| announced(&title[found[0].len()..], vocabulary));
    below.or_else(|| announced(title, vocabulary))
}

fn announced<'t>(text: &'t str, vocabulary: &Vocabulary) -> Option<(Lead, &'t str)> {
    LEADS.iter().find_map(|(regex, lead)| {
        let found = regex.captures(text)?;
        let event = found.name("event").is_none_or(|event| is_event(&words(event.as_str()), vocabulary));
        // The opening quote of `Design session "X"` is a part of the title.
        let behind = || &text[found.name("quote").map_or(found[0].len(), |quote| quote.start())..];
        event.then(|| (*lead, found.name("title").map_or_else(behind, |title| title.as_str())))
    })
}
