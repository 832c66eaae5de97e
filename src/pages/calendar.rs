//! A summit's calendar (RFC 5545): an event for each session that has a time, as a feed that calendars subscribe to.
//!
//! Times are UTC, so that no VTIMEZONE is needed. A session's UID never changes; SEQUENCE counts what changed about it since
//! it first had a time, whatever order the mails came in. Names are shown, addresses are not.

use super::site::rich::called;
use super::{Record, host, is_web};
use crate::clock::Timestamp;
use crate::grammar::Mode;
use crate::letters::wrap::printable;
use crate::mail::Person;
use crate::session::model::Attendance;
use crate::session::{Change, Fact, Said, Session, Status};
use icalendar::{Calendar, Component, Event};

/// Which sessions a feed has.
#[derive(Clone, Debug)]
pub enum Of {
    Summit,
    /// Those of a track, whatever the case of its letters.
    Track(String),
    /// Those that somebody hosts, or said to come to.
    Person(Person),
}

impl Of {
    fn has(&self, session: &Session) -> bool {
        match self {
            Of::Summit => true,
            Of::Track(track) => {
                let own = session.proposal.track.as_deref().map(|own| printable(own).to_lowercase());
                own == Some(printable(track).to_lowercase())
            }
            Of::Person(person) => {
                let hosts = session.proposal.hosts.iter().any(|host| host.person.is(person));
                let comes = |said: &&Said<Attendance>| said.value.person.is(person);
                let comes = session.attendance.iter().find(comes).is_some_and(|said| said.value.mode != Mode::Declined);
                hosts || comes
            }
        }
    }
}

/// The feed as a text with CRLF, lines folded at 75 octets (RFC 5545 §3.1).
pub fn feed(record: &Record, of: &Of) -> String {
    let mut calendar = Calendar::empty();
    for property in [("VERSION", "2.0"), ("PRODID", "-//Rapporteur//EN"), ("METHOD", "PUBLISH")] {
        calendar.append_property(property);
    }
    let name = printable(&record.summit.name);
    calendar.name(&match of {
        Of::Summit => name,
        Of::Track(track) => format!("{name}: {}", printable(track)),
        Of::Person(person) => format!("{name}: {}", called(person)),
    });
    let all = record.register.of_summit(&record.summit.slug).map(|session| record.register.gathered(session));
    calendar.extend(all.filter(|session| of.has(session)).filter_map(|session| event(record, &session)));
    calendar.to_string()
}

fn event(record: &Record, session: &Session) -> Option<Event> {
    let slot = session.slot.as_ref()?;
    let start = slot.start?;
    let first = session.history().iter().position(gives_a_time).unwrap_or(0);
    let changes: Vec<&Fact> = session.history()[first..].iter().filter(|fact| changes_the_event(fact)).collect();
    let revised = changes.iter().map(|fact| fact.at).max().unwrap_or(session.submitted);
    let permalink = record.permalink(&session.root);
    let cancelled = matches!(
        session.status(record.now),
        Status::Withdrawn(_) | Status::Rejected(_) | Status::Merged(_) | Status::Undone(_)
    );
    let mut event = Event::new();
    event.uid(&session.key.uid(record.policy.robot.domain()));
    event.sequence(changes.len().saturating_sub(1).try_into().unwrap_or(u32::MAX));
    for (name, at) in [("DTSTAMP", revised), ("LAST-MODIFIED", revised), ("CREATED", session.submitted)] {
        event.add_property(name, utc(at));
    }
    event.add_property("DTSTART", utc(start));
    event.add_property("DTEND", utc(session.ends().unwrap_or(start).max(start)));
    event.add_property("STATUS", if cancelled { "CANCELLED" } else { "CONFIRMED" });
    event.summary(&format!("{}: {}", session.key, printable(session.title())));
    let hosts: Vec<String> = session.proposal.hosts.iter().map(host).collect();
    let about = [Some(hosts.join(", ")), permalink.clone()];
    let about: Vec<String> = about.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    event.description(&about.join("\n"));
    if let Some(room) = &slot.room {
        event.add_property("LOCATION", printable(room));
    }
    if let Some(track) = &session.proposal.track {
        event.add_property("CATEGORIES", printable(track).replace(',', " "));
    }
    if let Some(url) = slot.url.as_deref().filter(|url| is_web(url)).map(str::to_owned).or(permalink) {
        event.add_property("URL", url);
    }
    Some(event.done())
}
fn gives_a_time(fact: &Fact) -> bool {
    match &fact.change {
        Change::Slotted { slot } => slot.start.is_some(),
        Change::Proposed { proposal, .. } | Change::Revised { proposal, .. } => {
            proposal.slot.as_ref().is_some_and(|slot| slot.start.is_some())
        }
        _ => false,
    }
}

/// When, where, what it is called, whether it takes place.
fn changes_the_event(fact: &Fact) -> bool {
    matches!(
        fact.change,
        Change::Proposed { .. }
            | Change::Revised { .. }
            | Change::Titled { .. }
            | Change::Slotted { .. }
            | Change::Unslotted
            | Change::Tracked { .. }
            | Change::Withdrawn { .. }
            | Change::Reopened
            | Change::Accepted
            | Change::Rejected { .. }
            | Change::Merged { .. }
            | Change::Undone { .. }
    )
}

/// `20270616T120000Z` (RFC 5545 §3.3.5, form 2).
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
