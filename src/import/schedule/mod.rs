//! Timetables of other programs: `schedule.xml` of frab and pentabarf, and the JSON of the same form, as pretalx writes
//! both; and what pretalx answers to programs.

mod json;
mod pretalx;
mod xml;

use super::field::{self, description, field, proposal};
use super::{Entry, Fault, Source};
use crate::clock::Timestamp;
use crate::grammar::Slot;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use std::collections::HashSet;

/// One event, of whichever form. What is blank or `null` is absent.
#[derive(Clone, Debug, Default, Deserialize)]
struct Event {
    #[serde(default, deserialize_with = "blank")]
    guid: String,
    #[serde(default, deserialize_with = "blank")]
    title: String,
    #[serde(default, deserialize_with = "blank")]
    subtitle: String,
    #[serde(default, rename = "type", deserialize_with = "blank")]
    kind: String,
    /// RFC 3339.
    #[serde(default, deserialize_with = "blank")]
    date: String,
    /// `01:30`
    #[serde(default, deserialize_with = "blank")]
    duration: String,
    #[serde(default, deserialize_with = "blank")]
    track: String,
    #[serde(default, rename = "abstract", deserialize_with = "blank")]
    summary: String,
    #[serde(default, deserialize_with = "blank")]
    description: String,
    #[serde(default, deserialize_with = "blank")]
    url: String,
    #[serde(default)]
    persons: Vec<Person>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(skip)]
    room: String,
    #[serde(skip)]
    place: String,
    #[serde(skip)]
    line: Option<usize>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Person {
    #[serde(default, alias = "public_name", alias = "full_public_name", deserialize_with = "blank")]
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Link {
    #[serde(default, alias = "href", deserialize_with = "blank")]
    url: String,
}

fn blank<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// Reads a timetable of either form. A time without a zone is in this one.
pub fn read(text: &str, zone: &TimeZone) -> Result<Source, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let (events, remarks) = match text.trim_start().starts_with('<') {
        true => (xml::read(text)?, Vec::new()),
        false => json::read(text)?,
    };
    if events.is_empty() {
        return Err(Fault::whole("the timetable has no event", "export it again once sessions are in it"));
    }
    let mut keys = HashSet::new();
    let mut source = Source { remarks, ..Source::default() };
    for event in events {
        let entry = entry(&event, zone)?;
        if !keys.insert(entry.key.clone()) {
            source.remarks.push(format!("{}: `{}` is there a second time, and left out", entry.place, entry.title));
            continue;
        }
        source.entries.push(entry);
    }
    Ok(source)
}

fn entry(event: &Event, zone: &TimeZone) -> Result<Entry, Fault> {
    let title = event.title.trim();
    let fault = |what: String, fix: &str| {
        let what = if event.line.is_some() { what } else { format!("{}: {what}", event.place) };
        Fault { line: event.line, what, fix: fix.to_owned() }
    };
    if title.is_empty() {
        return Err(fault("this event has no title".into(), "give it one: a session is known by its title"));
    }
    let slot = slot(event).map_err(|(what, fix)| fault(what, fix))?;
    let mut words = Vec::new();
    let mut fields = Vec::new();
    let mut add = |key: &str, value: &str| match field(key, value) {
        Some(line) => fields.push(line),
        None if value.trim().is_empty() => {}
        None => words.push(format!("{key}: {}", value.trim())),
    };
    add("Title", title);
    event.persons.iter().for_each(|person| add("Contact", &person.name));
    add("Track", &event.track);
    add("Format", &event.kind);
    let links = event.links.iter().map(|link| link.url.as_str()).chain([event.url.as_str()]);
    links.for_each(|link| add("Ref", link));
    if let Some((slot, room)) = slot.map(|slot| field::slot(&slot, zone)) {
        fields.extend(slot);
        words.extend(room);
    }
    let parts = [event.subtitle.as_str(), event.summary.as_str(), event.description.as_str()];
    let mut parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.dedup();
    let parts = parts.into_iter().map(description).chain(words).collect::<Vec<_>>();
    let key = if event.guid.trim().is_empty() { title } else { event.guid.trim() };
    Ok(Entry {
        key: key.to_owned(),
        place: event.place.clone(),
        title: title.to_owned(),
        text: proposal(fields, &parts.join("\n\n")),
        ..Entry::default()
    })
}

fn slot(event: &Event) -> Result<Option<Slot>, (String, &'static str)> {
    if event.date.trim().is_empty() {
        return Ok(None);
    }
    let start: Timestamp = event.date.trim().parse().map_err(|_| {
        let what = format!("`{}` is no time", event.date.trim());
        (what, "write it as in `2027-07-14T09:00:00+02:00`")
    })?;
    let minutes = match event.duration.trim() {
        "" => None,
        text => Some(minutes(text).ok_or_else(|| {
            (format!("`{text}` is no duration"), "write hours and minutes, as in `00:45`, at the most 24 hours")
        })?),
    };
    let end = minutes.and_then(|minutes| start.checked_add(SignedDuration::from_mins(minutes.into())).ok());
    let room = Some(event.room.trim().to_owned()).filter(|room| !room.is_empty());
    Ok(Some(Slot { start: Some(start), end, room, url: None }))
}

/// `01:30` is 90; seconds do not count.
fn minutes(text: &str) -> Option<u32> {
    let mut parts = text.trim().split(':');
    let (hours, minutes): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let all = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && (1..=24 * 60).contains(&all)).then_some(all)
}
