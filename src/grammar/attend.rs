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
            if seen.insert(format!("{session:?}")) {
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
