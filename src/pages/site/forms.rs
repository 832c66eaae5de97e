//! What a summit is published as beside its pages: for calendars and programs.

use super::Site;
use crate::pages::atom::{self, Feed};
use crate::pages::calendar::{self, Of};
use crate::pages::{Record, json, report, schedule, wiki};
use crate::session::{Session, Summit};

/// A file of each summit, and what makes it.
type Form = (&'static str, fn(&Site, &Summit) -> Vec<u8>);

/// All of them. The site links to each under its name.
pub const OF_SUMMIT: &[Form] = &[
    ("calendar.ics", calendar),
    ("sessions.atom", |site, summit| atom::feed(&record(site, summit), &Feed::Summit).into_bytes()),
    ("outcomes.atom", |site, summit| atom::feed(&record(site, summit), &Feed::Outcomes).into_bytes()),
    ("sessions.json", sessions),
    ("schedule.xml", |site, summit| schedule::timetable(&record(site, summit)).into_bytes()),
    ("report.md", |site, summit| report::report(&record(site, summit)).into_bytes()),
    ("wiki.txt", |site, summit| wiki::page(&record(site, summit)).into_bytes()),
];

/// The same of a session: how its name ends where its page's ends with `html`, and what makes it.
type OfSession = (&'static str, fn(&Site, &Summit, &Session) -> Vec<u8>);

/// All of them. A thread's mails are not among them: they hold addresses.
pub const OF_SESSION: &[OfSession] = &[
    ("atom", |site, summit, session| atom::feed(&record(site, summit), &Feed::Session(session)).into_bytes()),
    ("json", |site, _, session| discreet(json::session(session, &site.register, &site.policy, site.now))),
];

fn calendar(site: &Site, summit: &Summit) -> Vec<u8> {
    calendar::feed(&record(site, summit), &Of::Summit).into_bytes()
}

fn record<'a>(site: &'a Site, summit: &'a Summit) -> Record<'a> {
    let Site { policy, register, archived, now, .. } = site;
    Record { policy, summit, register, archived, now: *now }
}

/// As `export json` has them, but for addresses, and who is sent what: these files are for everybody.
fn sessions(site: &Site, summit: &Summit) -> Vec<u8> {
    let all = site.register.of_summit(&summit.slug);
    let all: Vec<_> = all.map(|session| json::session(session, &site.register, &site.policy, site.now)).collect();
    discreet(all)
}

/// Without what was said in private, and without addresses.
fn discreet(value: impl serde::Serialize) -> Vec<u8> {
    let mut value = serde_json::to_value(value).unwrap_or_else(|error| unreachable!("plain JSON: {error}"));
    unsubscribed(&mut value);
    super::view::hide_addresses(&mut value);
    let mut text = value.to_string();
    text.push('\n');
    text.into_bytes()
}

/// What somebody wants sent to them is nobody else's business.
fn unsubscribed(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(all) => all.iter_mut().for_each(unsubscribed),
        serde_json::Value::Object(session) => drop(session.remove("subscriptions")),
        _ => {}
    }
}
