//! When and where: the sessions that have a time, day by day, room by room.

use super::Site;
use super::view::{Card, Frame, shown};
use crate::clock::Timestamp;
use crate::letters::rendered;
use crate::session::{Session, Status, Summit};
use askama::Template;
use jiff::civil::Date;

#[derive(Template)]
#[template(path = "site/timetable.html")]
struct TimetablePage<'a> {
    frame: Frame<'a>,
    name: String,
    /// `Europe/Budapest`, when it has a name.
    zone: Option<String>,
    days: Vec<Day>,
    unplaced: Vec<Card>,
}

struct Day {
    name: String,
    /// How the summit's clocks are called on that day, and how far they are from UTC.
    clock: String,
    rooms: Vec<String>,
    rows: Vec<Row>,
}

/// Sessions that begin together.
struct Row {
    start: String,
    utc: String,
    iso: String,
    /// For each room what takes place there, mostly one session.
    cells: Vec<Vec<(Card, Option<String>)>>,
}

impl Site {
    pub fn timetable(&self, path: &str, at: usize) -> Vec<u8> {
        let summit = &self.policy.summits[at];
        let open = |s: &&Session| !s.is_closed();
        let takes_place = |s: &Session| s.slot.as_ref().and_then(|slot| slot.start);
        let mut placed: Vec<(Timestamp, &Session)> = Vec::new();
        let mut unplaced = Vec::new();
        for session in self.register.of_summit(&summit.slug).filter(open) {
            match takes_place(session) {
                Some(start) => placed.push((start, session)),
                None if matches!(session.status(self.now), Status::Concluded) => {}
                None => unplaced.push(self.card(summit, session)),
            }
        }
        placed.sort_by_key(|(start, session)| (*start, session.key.number));
        let date = |start: Timestamp| start.to_zoned(summit.zone.clone()).date();
        let days = placed.chunk_by(|(a, _), (b, _)| date(*a) == date(*b));
        let page = TimetablePage {
            frame: self.frame(path, &format!("Timetable of the {}", summit.name), Some(summit)),
            name: shown(&summit.name),
            zone: summit.zone.iana_name().map(str::to_owned),
            days: days.map(|day| self.day(summit, date(day[0].0), day)).collect(),
            unplaced,
        };
        rendered(&page).into_bytes()
    }

    fn day(&self, summit: &Summit, date: Date, sessions: &[(Timestamp, &Session)]) -> Day {
        let room = |session: &Session| {
            session.slot.as_ref().and_then(|slot| slot.room.as_deref()).map(shown).unwrap_or_default()
        };
        let mut rooms: Vec<String> = sessions.iter().map(|(_, session)| room(session)).collect();
        rooms.sort_by_key(|room| (room.is_empty(), room.to_lowercase()));
        rooms.dedup();
        let row = |together: &[(Timestamp, &Session)]| {
            let start = together[0].0;
            let here = start.to_zoned(summit.zone.clone());
            let cell = |place: &String| {
                let inside = together.iter().filter(|(_, session)| room(session) == *place);
                let until = |session: &Session| {
                    session.ends().map(|end| end.to_zoned(summit.zone.clone()).strftime("%H:%M").to_string())
                };
                inside.map(|(_, session)| (self.card(summit, session), until(session))).collect()
            };
            Row {
                start: here.strftime("%H:%M").to_string(),
                utc: start.strftime("%H:%M").to_string(),
                iso: start.strftime("%Y-%m-%dT%H:%MZ").to_string(),
                cells: rooms.iter().map(cell).collect(),
            }
        };
        let first = sessions[0].0.to_zoned(summit.zone.clone());
        Day {
            name: date.strftime("%A %-d %B %Y").to_string(),
            clock: first.strftime("%Z (UTC%:z)").to_string(),
            rows: sessions.chunk_by(|(a, _), (b, _)| a == b).map(row).collect(),
            rooms,
        }
    }
}
