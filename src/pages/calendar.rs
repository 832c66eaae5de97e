//! A summit's calendar (RFC 5545): an event for each session that has a time, as a feed that calendars subscribe to.
//!
//! Times are UTC, so that no VTIMEZONE is needed. A session's UID never changes; SEQUENCE counts what changed about it since
//! it first had a time, whatever order the mails came in. Names are shown, addresses are not.

use crate::clock::Timestamp;
use crate::letters::answer::hosts;
use crate::letters::wrap::printable;
use crate::mail::MessageId;
use crate::session::{Change, Fact, Policy, Register, Session, Status, Summit};
use icalendar::{Calendar, Component, Event};
use std::collections::HashMap;

/// What a feed is made from.
pub struct Feed<'a> {
    pub policy: &'a Policy,
    pub summit: &'a Summit,
    pub register: &'a Register,
    /// Archived-At of mails that carry one.
    pub archived: &'a HashMap<MessageId, String>,
    pub now: Timestamp,
}

impl Feed<'_> {
    /// The feed as a text with CRLF, lines folded at 75 octets (RFC 5545 §3.1).
    pub fn text(&self) -> String {
        let mut calendar = Calendar::empty();
        for property in [("VERSION", "2.0"), ("PRODID", "-//Rapporteur//EN"), ("METHOD", "PUBLISH")] {
            calendar.append_property(property);
        }
        calendar.name(&printable(&self.summit.name));
        calendar.extend(self.register.of_summit(&self.summit.slug).filter_map(|session| self.event(session)));
        calendar.to_string()
    }

    fn event(&self, session: &Session) -> Option<Event> {
        let slot = session.slot.as_ref()?;
        let start = slot.start?;
        let first = session.history().iter().position(gives_a_time).unwrap_or(0);
        let changes: Vec<&Fact> = session.history()[first..].iter().filter(|fact| changes_the_event(fact)).collect();
        let revised = changes.iter().map(|fact| fact.at).max().unwrap_or(session.submitted);
        let permalink = self.policy.permalink(self.summit, &session.root, self.archived);
        let cancelled = matches!(
            session.status(self.now),
            Status::Withdrawn(_) | Status::Rejected(_) | Status::Merged(_) | Status::Undone(_)
        );
        let mut event = Event::new();
        event.uid(&session.key.uid(self.policy.robot.domain()));
        event.sequence(changes.len().saturating_sub(1).try_into().unwrap_or(u32::MAX));
        for (name, at) in [("DTSTAMP", revised), ("LAST-MODIFIED", revised), ("CREATED", session.submitted)] {
            event.add_property(name, utc(at));
        }
        event.add_property("DTSTART", utc(start));
        event.add_property("DTEND", utc(session.ends().unwrap_or(start).max(start)));
        event.add_property("STATUS", if cancelled { "CANCELLED" } else { "CONFIRMED" });
        event.summary(&format!("{}: {}", session.key, printable(session.title())));
        let about = [Some(hosts(&session.proposal.hosts)), permalink.clone()];
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
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
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
