//! What a mail is, judged by itself alone: the first row that fits wins.
//!
//! Whether the session it speaks of exists is not known here.

use super::lines::OwnLine;
use super::subject::{Announced, Lead};
use super::{Doubt, fields, notes, pattern, reply};
use crate::mail::{Kind, Mail};
use regex::Regex;
use std::sync::LazyLock;

static CALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bcall\s+for\s+(?:\w+\s+){0,2}?(?:topics?|proposals?|papers?|sessions?|participation|presentations?|submissions?|talks|speakers|agenda)\b|\bcfp\b|^(?:\w+\s+){0,2}topics\s+for\b.*\b(?:summit|lsf\S*|plumbers|conference)\b|\bsummit\b.*\b(?:submissions?|planning|kick-?off)\b|\b(?:design\s+)?sessions\s+(?:are\s+)?(?:now\s+)?open\b",
    )
});
/// What else one may call for: it concerns no session.
static POLL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:votes?|voting|elections?|nominations?)\b"));
static AGENDA: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:agenda|schedule|timetable|programme|program)\b"));
static EVENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:summit|track|sessions?|conference|plumbers|microconference|lpc|lsf\S*|draft|final|preliminary)\b",
    )
});

/// `[ANNOUNCE] … Design Sessions`
static SESSIONS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:sessions|topics|proposals)\b"));

/// What the rest of a mail says about what it is.
pub struct Signs<'s, 'a> {
    /// It holds a `#session` line.
    pub command: bool,
    /// It has the form of notes.
    pub form: bool,
    pub lines: &'s [OwnLine<'a>],
}

/// Judges. See `docs/mail-grammar.md` for the rows in words.
pub fn judge(mail: &Mail, announced: &Announced, signs: &Signs) -> Kind {
    let subject = &announced.subject;
    let fresh = !subject.is_reply && !subject.is_forward;
    let answers = subject.is_reply || mail.has_parent();
    let revision = subject.version.is_some_and(|version| version >= 2);
    let cover = subject.part.is_some_and(|(number, _)| number == 0);
    let one_of_many = subject.part.is_some();
    let announces = || has_tag(announced, "ANNOUNCE") && SESSIONS.is_match(&subject.title);
    let call = || announces() || (CALL.is_match(&subject.title) && !POLL.is_match(&subject.title));
    let agenda = || AGENDA.is_match(&subject.title) && EVENT.is_match(&subject.title);
    // What its first words announce below another mail, or in a thread that was renamed, is perhaps only talk.
    let aside = announced.renamed || mail.has_parent();
    let outcome = announced.outcome || announced.lead == Some(Lead::Outcome);
    // An answer to the second version carries its tag too; only one that brings fields revises.
    let brings_fields = || signs.lines.iter().any(fields::is_proposal_field);
    let revised_in_reply = subject.is_reply && announced.proposal && revision && brings_fields();
    // A line may name its session itself: `S-7: +1`.
    let targeted = || reply::any_targeted(signs.lines);

    if fresh && call() {
        Kind::Call
    } else if fresh && outcome {
        Kind::Outcome
    } else if fresh && announced.proposal && cover {
        Kind::Discussion
    } else if fresh && announced.proposal && one_of_many && reports(signs.lines) {
        Kind::Outcome
    } else if revised_in_reply || (fresh && announced.proposal && revision) {
        Kind::Revision
    } else if fresh && announced.proposal {
        Kind::Proposal
    } else if fresh && announced.attend {
        Kind::Attend
    } else if fresh && matches!(announced.lead, Some(Lead::Session | Lead::Unmarked)) && reports(signs.lines) {
        Kind::Outcome
    } else if fresh && !aside && matches!(announced.lead, Some(Lead::Session | Lead::Proposal)) {
        Kind::Proposal
    } else if signs.command {
        Kind::Command
    } else if fresh && agenda() && !has_tag(announced, "PATCH") {
        Kind::Agenda
    } else if fresh && (signs.form || are_notes(signs.lines)) && !has_tag(announced, "PATCH") {
        Kind::Outcome
    } else if answers || targeted() {
        Kind::Reply
    } else if fresh && !has_tag(announced, "PATCH") && asks(&subject.title, signs.lines) {
        Kind::Question
    } else {
        Kind::Discussion
    }
}

/// What a question to the organisers or about a session speaks of.
static OF_SESSIONS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:s-\d+|(?:design\s+)?sessions?|\w*summit|agenda|schedule|slot|bofs?|cfp|lsf\S*|plumbers)\b")
});

/// Whether the subject, or a sentence of the first paragraph, asks something about sessions or the summit.
fn asks(title: &str, lines: &[OwnLine]) -> bool {
    let paragraph = lines
        .iter()
        .skip_while(|line| line.is_blank() || super::phrases::is_courtesy(&line.text))
        .take_while(|line| !line.is_blank() && !line.code)
        .take(LONGEST_PARAGRAPH);
    let text = paragraph.map(|line| line.text.trim()).collect::<Vec<_>>().join(" ");
    let about = |sentence: &str| sentence.ends_with('?') && OF_SESSIONS.is_match(sentence);
    about(title) || text.split_inclusive(['.', '!', '?']).any(about)
}

/// How many lines of a first paragraph are looked at; a longer one is no question.
const LONGEST_PARAGRAPH: usize = 40;

/// What a mail of this kind leaves open.
pub fn doubt(mail: &Mail, announced: &Announced, kind: Kind) -> Option<Doubt> {
    let subject = &announced.subject;
    let answers = subject.is_reply || mail.has_parent();
    let lead = !subject.is_reply && matches!(announced.lead, Some(Lead::Session | Lead::Proposal));
    let renamed = announced.renamed && announced.proposal;
    match kind {
        Kind::Reply if answers && !subject.is_forward && (lead || renamed) => Some(Doubt::Talk),
        Kind::Proposal if !announced.proposal && announced.lead == Some(Lead::Session) => Some(Doubt::Notes),
        _ => None,
    }
}

fn has_tag(announced: &Announced, word: &str) -> bool {
    announced.subject.tags.iter().any(|tag| tag.to_uppercase().starts_with(word))
}

/// How many lines from the top may say that a mail is somebody's notes.
const FIRST_LINES: usize = 3;
static NOTES_WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:notes|minutes|note\s+take)\b"));
static ROSTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[\s#*(]*(?:participants|attendees|present|note[\s-]?takers?|notes by|minutes by|scribes?|session description|(?:meeting )?minutes|notes|action items|decisions)\b[^:]{0,40}:",
    )
});

static ARE_NOTES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:notes?|minutes)(?:\s+(?:take|taken))?\s+(?:from|of|for|on|in|during)\b(?:\s+\S+){0,8}?\s+(?:session|bof)\b|\bsession\s+(?:notes|minutes)\b",
    )
});

/// Whether the first lines say "my notes from this design session", or the like.
fn are_notes(lines: &[OwnLine]) -> bool {
    let first = lines.iter().filter(|line| !line.is_blank()).take(FIRST_LINES);
    ARE_NOTES.is_match(&first.map(|line| line.text.trim()).collect::<Vec<_>>().join(" "))
}

/// Whether a text reports what was discussed: a roster or a notes heading, "notes" in its first lines, a transcript.
fn reports(lines: &[OwnLine]) -> bool {
    let spoken: Vec<&str> = lines.iter().filter(|line| !line.is_blank()).map(|line| line.text.as_ref()).collect();
    spoken.iter().take(FIRST_LINES).any(|line| NOTES_WORD.is_match(line))
        || spoken.iter().any(|line| line.contains(':') && ROSTER.is_match(line))
        || notes::converses(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_agendas_are_told_from_their_neighbours() {
        for call in [
            "Maintainers Summit 2026 Call for Topics",
            "Maintainer's / Kernel Summit 2022 CFP",
            "Call for Session Proposals",
            "Maintainers / Kernel Summit 2026 planning kick-off",
            "Potential topics for the 2026 Maintainer's Summit",
        ] {
            assert!(CALL.is_match(call), "{call}");
        }
        for other in ["call the scheduler", "scfp: fix", "a topic for the summit", "Call for help"] {
            assert!(!CALL.is_match(other), "{other}");
        }
        let agenda = |title| AGENDA.is_match(title) && EVENT.is_match(title);
        assert!(agenda("DRAFT Kernel Summit Track schedule"));
        assert!(agenda("Design session agenda"));
        assert!(!agenda("sched: schedule() called from atomic context"));
        assert!(!agenda("Scheduler track"));
    }
}
