//! An `[ATTEND]` mail: its author comes to the summit, and lists the sessions of interest.

use super::lines::{OwnLine, bullet};
use super::{Ask, Form, Level, Mode, SessionRef, Want, pattern, reference};
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

static PROPOSED_BY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bproposed by:?\s+([^\s,.;:()\[\]<>]+(?:\s+\p{Lu}[^\s,.;:()\[\]<>]*){0,3})"));

/// What the mail asks: attendance at the summit, unless a line of it said so already, and interest in each session.
pub fn read(rest: &[OwnLine], subject: &str, said: bool) -> Vec<Ask> {
    let mut seen = HashSet::new();
    let mut asks: Vec<Ask> = (!said).then(|| at_summit(subject)).into_iter().collect();
    for line in rest.iter().filter(|line| !line.code) {
        for session in listed(line) {
            if seen.insert(session.clone()) {
                let (source, args) = (line.raw.to_owned(), String::new());
                let want = Want::Interest(Level::Yes);
                asks.push(Ask { want, target: Some(session), form: Form::Field, line: line.number, source, args });
            }
        }
    }
    asks
}

/// The `[ATTEND]` of the subject itself.
pub fn at_summit(subject: &str) -> Ask {
    let want = Want::Attend { mode: Mode::InPerson, note: None };
    Ask { want, target: None, form: Form::Field, line: 0, source: subject.to_owned(), args: String::new() }
}

/// The sessions a line lists. An id or `proposed by` says so anywhere; a URL or Message-ID only as an item of a list or
/// alone on its line, because prose links to patches and papers too.
fn listed(line: &OwnLine) -> Vec<SessionRef> {
    let text = line.text.trim();
    let item = bullet(text).is_some() || reference::whole(text).is_some();
    let proposer = PROPOSED_BY.captures(text).map(|found| SessionRef::ProposedBy(found[1].to_owned()));
    let lists = |session: &SessionRef| match session {
        SessionRef::Number(_) => true,
        // `proposed by Ada <ada@example.org>` names a person, not a mail.
        SessionRef::MessageId(_) => item && proposer.is_none(),
        _ => item,
    };
    let sessions: Vec<SessionRef> = reference::all(text).into_iter().filter(lists).collect();
    if sessions.is_empty() { proposer.into_iter().collect() } else { sessions }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn targets(text: &str) -> Vec<SessionRef> {
        let line =
            |(index, raw)| OwnLine { number: index + 1, last: index + 1, raw, text: Cow::Borrowed(raw), code: false };
        let lines: Vec<OwnLine> = text.lines().enumerate().map(line).collect();
        read(&lines, "[ATTEND] x", true).into_iter().filter_map(|ask| ask.target).collect()
    }

    #[test]
    fn sessions_are_listed_by_id_link_or_proposer() {
        let expected = [
            SessionRef::Number(3),
            SessionRef::Url("https://example.org/1".into()),
            SessionRef::ProposedBy("Ada Lovelace".into()),
            SessionRef::ProposedBy("Grace".into()),
        ];
        let text = "I would join S-3, and\n\nhttps://example.org/1\n1. consoles, proposed by Ada Lovelace <ada@example.org>\n- boot (proposed by Grace)\n- S-3 again";
        assert_eq!(targets(text), expected);
    }

    #[test]
    fn links_in_prose_are_no_sessions() {
        assert_eq!(targets("My patches are at https://example.org/patches and well known."), []);
    }

    #[test]
    fn an_attend_line_replaces_the_tag() {
        assert_eq!(read(&[], "[ATTEND] x", true), []);
        assert_eq!(read(&[], "[ATTEND] x", false).len(), 1);
    }
}
