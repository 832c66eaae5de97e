//! The event of a session (RFC 5545 §3.6.1), for feeds and for invitations.
//!
//! Times are UTC, so that no VTIMEZONE is needed. A session's UID never changes. Of people only what the caller gives is
//! shown.

use super::wrap::printable;
use crate::clock::Timestamp;
use crate::session::Session;
use icalendar::{Calendar, Component, Event};

/// What stands around the session.
pub struct About {
    /// The domain of its UID.
    pub domain: String,
    /// DESCRIPTION, a line each.
    pub lines: Vec<String>,
    /// Where people can read of it.
    pub link: Option<String>,
}

/// The event as it is at a time; nothing for a session that never had one.
pub fn event(session: &Session, about: About, now: Timestamp) -> Option<Event> {
    let state = session.event(now)?;
    let slot = session.slot.as_ref();
    let mut event = Event::new();
    event.uid(&session.key.uid(&about.domain));
    event.sequence(state.sequence);
    for (name, at) in [("DTSTAMP", state.revised), ("LAST-MODIFIED", state.revised), ("CREATED", session.submitted)] {
        event.add_property(name, utc(at));
    }
    if let Some(start) = slot.and_then(|slot| slot.start) {
        event.add_property("DTSTART", utc(start));
        event.add_property("DTEND", utc(session.ends().unwrap_or(start).max(start)));
    }
    event.add_property("STATUS", if state.cancelled { "CANCELLED" } else { "CONFIRMED" });
    event.summary(&format!("{}: {}", session.key, printable(session.title())));
    event.description(&about.lines.join("\n"));
    if let Some(room) = slot.and_then(|slot| slot.room.as_ref()) {
        event.add_property("LOCATION", printable(room));
    }
    if let Some(track) = &session.proposal.track {
        event.add_property("CATEGORIES", printable(track).replace(',', " "));
    }
    let url = slot.and_then(|slot| slot.url.as_deref()).filter(|url| is_web(url)).map(str::to_owned);
    if let Some(url) = url.or(about.link) {
        event.add_property("URL", url);
    }
    Some(event.done())
}

/// An empty calendar of ours, for a method of RFC 5546 §1.4.
pub fn calendar(method: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    for property in [("VERSION", "2.0"), ("PRODID", "-//Rapporteur//EN"), ("METHOD", method)] {
        calendar.append_property(property);
    }
    calendar
}

/// Whether a link may stand where a browser follows it.
pub fn is_web(url: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"`{}|\\^[]".contains(c);
    (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(plain)
}

/// `20270616T120000Z` (RFC 5545 §3.3.5, form 2).
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
