//! A summit's timetable as `schedule.xml`, the form of frab and pentabarf that pretalx, mobile apps and video teams read.
//!
//! Sessions without a start are in no timetable. A day begins and ends at midnight of the summit's zone. An event's id is
//! its session's number and its guid follows from the session's name, so that both stay when it moves.

use super::site::rich::{called, discreet};
use super::{Record, is_web, rendered, xml};
use crate::clock::Timestamp;
use crate::letters::wrap::{printable, printable_lines};
use crate::session::{Session, Status};
use askama::Template;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "schedule.xml")]
struct Schedule<'a> {
    version: String,
    title: String,
    acronym: String,
    zone: &'a str,
    days: Vec<Day>,
}

struct Day {
    index: usize,
    date: Date,
    start: String,
    end: String,
    rooms: Vec<Room>,
}

struct Room {
    name: String,
    events: Vec<Event>,
}

struct Event {
    guid: String,
    id: u32,
    title: String,
    kind: String,
    date: String,
    start: String,
    duration: String,
    description: String,
    slug: String,
    track: String,
    persons: Vec<(usize, String)>,
    links: Vec<String>,
    url: Option<String>,
}

/// Letters of an acronym and of the parts of a slug, at the least: some readers ask for them.
const LEAST: usize = 4;
/// A session without a room.
const NO_ROOM: &str = "To be announced";

/// The timetable.
pub fn timetable(record: &Record) -> String {
    let zone = &record.summit.zone;
    let mut days: BTreeMap<Date, BTreeMap<String, Vec<(Timestamp, Event)>>> = BTreeMap::new();
    let mut people: Vec<String> = Vec::new();
    let mut version = Timestamp::UNIX_EPOCH;
    for session in record.sessions().filter(|session| takes_place(session, record.now)) {
        let Some(start) = session.slot.as_ref().and_then(|slot| slot.start) else { continue };
        let room = session.slot.as_ref().and_then(|slot| slot.room.as_deref()).map_or(NO_ROOM.to_owned(), printable);
        version = version.max(session.last_activity());
        let event = event(&session, start, record, &mut people);
        let day = days.entry(start.to_zoned(zone.clone()).date()).or_default();
        day.entry(room).or_default().push((start, event));
    }
    let days = days.into_iter().zip(1..).map(|((date, rooms), index)| day(date, rooms, index, zone)).collect();
    xml(&rendered(&Schedule {
        version: version.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        title: printable(&record.summit.name),
        acronym: format!("{:_<LEAST$}", record.summit.slug),
        zone: zone.iana_name().unwrap_or("UTC"),
        days,
    }))
}

fn takes_place(session: &Session, now: Timestamp) -> bool {
    matches!(session.status(now), Status::Scheduled(_) | Status::Held(_) | Status::Concluded)
}

fn day(date: Date, rooms: BTreeMap<String, Vec<(Timestamp, Event)>>, index: usize, zone: &TimeZone) -> Day {
    let midnight =
        |date: Date| date.to_zoned(zone.clone()).map_or_else(|_| String::new(), |at| rfc3339(at.timestamp(), zone));
    let rooms = rooms.into_iter().map(|(name, mut events)| {
        events.sort_by_key(|(start, event)| (*start, event.id));
        Room { name, events: events.into_iter().map(|(_, event)| event).collect() }
    });
    let end = date.checked_add(1.day()).unwrap_or(date);
    Day { index, date, start: midnight(date), end: midnight(end), rooms: rooms.collect() }
}

fn event(session: &Session, start: Timestamp, record: &Record, people: &mut Vec<String>) -> Event {
    let zone = &record.summit.zone;
    let proposal = &session.proposal;
    let length = session.ends().map_or(SignedDuration::ZERO, |end| end.duration_since(start)).max(SignedDuration::ZERO);
    let hosts = proposal.hosts.iter().map(|host| called(&host.person));
    let persons = hosts.map(|name| {
        let known = people.iter().position(|other| *other == name);
        let at = known.unwrap_or_else(|| {
            people.push(name.clone());
            people.len() - 1
        });
        (at + 1, name)
    });
    let persons = persons.collect();
    let slot = session.slot.iter().filter_map(|slot| slot.url.clone());
    let links = session.references.iter().map(|said| said.value.url.clone()).chain(slot);
    let minutes = length.as_mins();
    Event {
        guid: guid(&record.summit.slug, session.key.number, record.policy.robot.domain()),
        id: session.key.number,
        title: discreet(&printable(session.title())),
        kind: proposal.format.as_deref().map_or_else(|| "discussion".to_owned(), printable),
        date: rfc3339(start, zone),
        start: start.to_zoned(zone.clone()).strftime("%H:%M").to_string(),
        duration: format!("{:02}:{:02}", (minutes / 60).min(99), minutes % 60),
        description: discreet(&printable_lines(&proposal.description).collect::<Vec<_>>().join("\n")),
        slug: slug(&record.summit.slug, session),
        track: proposal.track.as_deref().map_or_else(String::new, printable),
        persons,
        links: links.filter(|link| is_web(link)).collect(),
        url: record.permalink(&session.root),
    }
}

/// `2017-07-13T10:30:00+02:00`
fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A UUID that follows from the session's name alone (RFC 9562 §5.8, version 8).
fn guid(summit: &str, number: u32, domain: &str) -> String {
    let mut bytes: [u8; 16] = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(format!("{summit}/S-{number}@{domain}"))[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// `summit2027-7-second-console`: what file names are made of.
fn slug(summit: &str, session: &Session) -> String {
    let summit: String = summit.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = session.title().chars().map(plain).collect();
    let words = words.split_whitespace().take(8).collect::<Vec<_>>().join("-");
    let words = if words.len() < LEAST { "session" } else { &words };
    format!("{summit:_<LEAST$}-{}-{words}", session.key.number)
}
