//! Times as people read them: in the summit's zone, with UTC beside it where it matters.

use crate::clock::Timestamp;
use crate::grammar::Slot;
use jiff::tz::TimeZone;

/// `Thu 13 July 2017, 10:30-11:30 CEST (08:30 UTC)`, with the room behind it; a slot without a time is its room or link.
pub fn slot(slot: &Slot, zone: &TimeZone) -> String {
    let mut parts = Vec::new();
    if let Some(start) = slot.start {
        parts.push(span(start, slot.end, zone));
    }
    parts.extend(slot.room.clone());
    if parts.is_empty() {
        parts.extend(slot.url.clone());
    }
    parts.join(", ")
}

fn span(start: Timestamp, end: Option<Timestamp>, zone: &TimeZone) -> String {
    let from = start.to_zoned(zone.clone());
    let until = end.map(|end| end.to_zoned(zone.clone()).strftime("-%H:%M").to_string()).unwrap_or_default();
    let local = from.strftime("%a %-d %B %Y, %H:%M").to_string();
    let name = from.strftime("%Z").to_string();
    match from.offset().is_zero() {
        true => format!("{local}{until} UTC"),
        false => format!("{local}{until} {name} ({} UTC)", start.strftime("%H:%M")),
    }
}

/// `Thu 13 July, 10:30 CEST`, for a subject.
pub fn start(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %B, %H:%M %Z").to_string()
}

/// `Friday 14 July 2017, 09:00 CEST`
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%A %-d %B %Y, %H:%M %Z").to_string()
}

/// `14 July 2017`
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %B %Y").to_string()
}

/// How long ago in one word or two: `less than a day`, `3 days`, `5 weeks`.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let days = now.duration_since(since).as_hours() / 24;
    match days {
        ..=0 => "less than a day".into(),
        1 => "1 day".into(),
        2..=20 => format!("{days} days"),
        21..=90 => format!("{} weeks", days / 7),
        91..=730 => format!("{} months", days / 30),
        _ => format!("{} years", days / 365),
    }
}
