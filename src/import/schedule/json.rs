//! `schedule.json`: `{"schedule": {"conference": {"days": [{"rooms": {"Room": [event, …]}}]}}}`; and, known by its `results`,
//! what pretalx answers to programs.

use super::{Event, Fault, pretalx};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    schedule: Schedule,
}

#[derive(Deserialize)]
struct Schedule {
    conference: Conference,
}

#[derive(Deserialize)]
struct Conference {
    days: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    rooms: BTreeMap<String, Vec<Event>>,
}

/// The events, and what of the file does not come.
pub fn read(text: &str) -> Result<(Vec<Event>, Vec<String>), Fault> {
    let fault = |error: serde_json::Error| {
        let fix = "export the timetable as `schedule.json` or `schedule.xml` (pretalx: Schedule, Export)";
        Fault::at(error.line().max(1), format!("this is no timetable: {error}"), fix)
    };
    let page: Value = serde_json::from_str(text).map_err(fault)?;
    if page["results"].is_array() {
        return pretalx::read(&page);
    }
    // Once more from the text: it knows the line of a mistake.
    let file: File = serde_json::from_str(text).map_err(fault)?;
    let mut events = Vec::new();
    for (day, number) in file.schedule.conference.days.into_iter().zip(1..) {
        for (room, held) in day.rooms {
            for (mut event, n) in held.into_iter().zip(1..) {
                event.room.clone_from(&room);
                event.place = format!("day {number}, {room}, event {n}");
                events.push(event);
            }
        }
    }
    Ok((events, Vec::new()))
}
