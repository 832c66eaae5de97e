//! `schedule.json`: `{"schedule": {"conference": {"days": [{"rooms": {"Room": [event, …]}}]}}}`.

use super::{Event, Fault};
use serde::Deserialize;
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

pub fn read(text: &str) -> Result<Vec<Event>, Fault> {
    let file: File = serde_json::from_str(text).map_err(|error| {
        let fix = "export the timetable as `schedule.json` or `schedule.xml` (pretalx: Schedule, Export)";
        Fault::at(error.line().max(1), format!("this is no timetable: {error}"), fix)
    })?;
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
    Ok(events)
}
