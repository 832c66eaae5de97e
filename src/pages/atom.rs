//! Feeds (RFC 4287): what happens in a summit, what came of its sessions, and the life of one session.
//!
//! Everything in a feed follows from the facts: an id is a `tag:` URI (RFC 4151) of the session or the mail, `updated` is
//! when the mail was written, and nothing tells when the feed was made. So a feed in which nothing happened stays the
//! same bytes, and a reader's copy of an entry stays the same entry.

use super::site::rich::{called, discreet};
use super::{Record, rendered, xml};
use crate::clock::Timestamp;
use crate::letters::sentences;
use crate::letters::when;
use crate::letters::wrap::{cut, printable, printable_lines};
use crate::mail::{MessageId, Person};
use crate::session::model::Outcome;
use crate::session::{Change, Fact, Said, Session};
use askama::Template;

/// Entries of a feed, the newest first.
const MOST: usize = 100;
/// Characters of one entry's text.
const LONGEST: usize = 4000;

/// Which feed it is.
pub enum Feed<'a> {
    /// A session each, as it stands.
    Summit,
    /// Notes, the mail each.
    Outcomes,
    /// Every change of one.
    Session(&'a Session),
}

#[derive(Template)]
#[template(path = "atom.xml")]
struct Atom {
    id: String,
    title: String,
    subtitle: &'static str,
    updated: String,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    title: String,
    author: String,
    published: Option<String>,
    updated: Timestamp,
    category: Option<String>,
    link: Option<String>,
    text: String,
}

/// The feed.
pub fn feed(record: &Record, of: &Feed) -> String {
    let summit = printable(&record.summit.name);
    let (name, title, subtitle, mut entries) = match of {
        Feed::Summit => {
            let entries = record.sessions().map(|session| as_it_stands(record, &session)).collect();
            ("sessions".to_owned(), summit, "Design sessions, each as it stands", entries)
        }
        Feed::Outcomes => {
            let entries = record.sessions().flat_map(|session| notes(record, &session)).collect();
            ("outcomes".into(), format!("{summit}: outcomes"), "Notes, decisions and actions", entries)
        }
        Feed::Session(session) => {
            (session.key.to_string(), titled(session), "What happened to it, mail by mail", changes(record, session))
        }
    };
    entries.sort_by_key(|entry: &Entry| std::cmp::Reverse(entry.updated));
    entries.truncate(MOST);
    let updated = entries.first().map_or(Timestamp::UNIX_EPOCH, |entry| entry.updated);
    let atom = Atom { id: tag(record, &name), title, subtitle, updated: rfc3339(updated), entries };
    xml(&rendered(&atom))
}

fn as_it_stands(record: &Record, session: &Session) -> Entry {
    let zone = &record.summit.zone;
    let slot = session.slot.as_ref().map(|slot| printable(&when::slot(slot, zone)));
    let head = [Some(session.status(record.now).name().to_owned()), slot, Some(called_hosts(session))];
    let head: Vec<String> = head.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let words = printable_lines(&session.proposal.description).collect::<Vec<_>>().join("\n");
    Entry {
        id: tag(record, &session.key.to_string()),
        title: titled(session),
        author: called(&session.proposer),
        published: Some(rfc3339(session.submitted.min(session.last_activity()))),
        updated: session.last_activity(),
        category: session.proposal.track.as_deref().map(printable),
        link: record.permalink(&session.root),
        text: text(&format!("{}\n\n{words}", head.join("; "))),
    }
}

fn notes(record: &Record, session: &Session) -> Vec<Entry> {
    let whole = session.outcomes.iter().filter(|outcome| outcome.value.complete);
    whole.map(|outcome| of_notes(record, session, outcome)).collect()
}

fn of_notes(record: &Record, session: &Session, said: &Said<Outcome>) -> Entry {
    let notes = &said.value.notes;
    let decisions = notes.decisions.iter().map(|decision| format!("Decision: {}", printable(decision)));
    let actions = notes.actions.iter().map(|action| {
        let mark = if action.done { "x" } else { " " };
        let owner = action.owner.as_ref().map_or_else(|| "nobody yet".to_owned(), called);
        format!("[{mark}] {owner}: {}", printable(&action.text))
    });
    let lines: Vec<String> = decisions.chain(actions).collect();
    let words = printable_lines(&notes.text).collect::<Vec<_>>().join("\n");
    Entry {
        id: mid(&said.value.source),
        title: titled(session),
        author: called(&said.value.author),
        published: None,
        updated: said.at,
        category: session.proposal.track.as_deref().map(printable),
        link: record.permalink(&said.value.source),
        text: text(&format!("{}\n\n{words}", lines.join("\n"))),
    }
}

/// One entry for each mail that changed the session.
fn changes(record: &Record, session: &Session) -> Vec<Entry> {
    // Who gets letters about it is nobody else's business.
    let told = |fact: &&Fact| !fact.change.is_personal();
    let counted: Vec<&Fact> = session.counted().filter(told).collect();
    let by_mail = counted.chunk_by(|a, b| a.mail == b.mail && a.at == b.at);
    by_mail.map(|facts| of_mail(record, session, facts)).collect()
}

fn of_mail(record: &Record, session: &Session, facts: &[&Fact]) -> Entry {
    let said: Vec<String> = facts.iter().map(|fact| sentences::change(&fact.change, &record.summit.zone)).collect();
    let author = facts.iter().find_map(|fact| who(&fact.change)).map_or_else(|| called(&session.proposer), called);
    let mail = &facts[0].mail;
    Entry {
        id: mid(mail),
        title: cut(&discreet(&said[0]), 100),
        author,
        published: None,
        updated: facts[0].at,
        category: None,
        link: record.permalink(mail),
        text: text(&said.join("\n")),
    }
}

/// Whose word a change is, where it says so.
fn who(change: &Change) -> Option<&Person> {
    match change {
        Change::Proposed { author, .. }
        | Change::Revised { author, .. }
        | Change::Suggested { author, .. }
        | Change::Noted { author, .. } => Some(author),
        Change::Interest { person, .. }
        | Change::Attendance { person, .. }
        | Change::HostClaimed { person }
        | Change::Objected { person, .. }
        | Change::Settled { person, .. } => Some(person),
        _ => None,
    }
}

fn titled(session: &Session) -> String {
    format!("{}: {}", session.key, discreet(&printable(session.title())))
}

fn called_hosts(session: &Session) -> String {
    session.proposal.hosts.iter().map(|host| called(&host.person)).collect::<Vec<_>>().join(", ")
}

fn text(words: &str) -> String {
    let words = discreet(words.trim());
    match words.chars().count() > LONGEST {
        true => words.chars().take(LONGEST).collect::<String>() + " ...",
        false => words,
    }
}

/// RFC 4151: the date only says since when the name is ours.
fn tag(record: &Record, name: &str) -> String {
    format!("tag:{},2026:{}/{name}", record.policy.robot.domain_key(), record.summit.slug)
}

/// RFC 2392.
fn mid(mail: &MessageId) -> String {
    let mut uri = "mid:".to_owned();
    for byte in mail.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' | b'+' | b'=' | b'$' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
