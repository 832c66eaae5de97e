//! The agenda: what takes place when and where, with what to read before. A week before the summit all of it, then each
//! evening the next day.

use super::Desk;
use super::limits::{A_FEW, MOST_NAME, MOST_ROWS_OF_ALL, Row, Section, count};
use super::page::Page;
use super::rows::{counted, hosted};
use crate::clock::Timestamp;
use crate::letters::when;
use crate::letters::wrap::{WIDTH, cut, fit, printable};
use crate::session::{Session, Status};
use jiff::civil::Date;
use std::collections::HashSet;

/// A column of the timetable is not narrower than this, nor wider than that.
const NARROWEST: usize = 6;
const WIDEST: usize = 18;
/// `09:00-10:00  07:00  `
const TIMES: usize = 20;
/// What stands for the room of sessions that have none.
const NO_ROOM: &str = "(no room)";

impl Desk<'_> {
    /// What takes place within the days that are at hand; `None` when nothing does.
    pub(super) fn agenda(&self) -> Option<Page> {
        let gathered = self.gathered();
        let mut coming: Vec<(Timestamp, &Session)> =
            gathered.iter().filter_map(|session| Some((self.start(session)?, session.as_ref()))).collect();
        coming.sort_by_key(|(start, session)| (*start, room(session).map(str::to_owned), session.key.number));
        let first = self.date(coming.first()?.0);
        // Before the summit the whole of it; on its eves the day that comes next.
        let tomorrow = self.date(self.now).tomorrow().ok()?;
        let whole = first > tomorrow;
        coming.retain(|(start, _)| whole || self.date(*start) <= first.max(tomorrow));
        let mut days: Vec<(Date, Vec<&Session>)> = Vec::new();
        for (start, session) in &coming {
            match days.last_mut().filter(|(date, _)| *date == self.date(*start)) {
                Some((_, sessions)) => sessions.push(session),
                None => days.push((self.date(*start), vec![session])),
            }
        }
        let name = |date: Date| date.strftime("%A %-d %B %Y").to_string();
        let is_open = |session: &Session| matches!(session.status(self.now), Status::Accepted | Status::Proposed);
        let unplaced = gathered.iter().filter(|session| is_open(session)).count();
        let last = days.last()?.0;
        let span = match days.len() {
            1 => name(last),
            _ => format!("{} to {}", first.strftime("%a %-d %B"), last.strftime("%a %-d %B %Y")),
        };
        let rooms: HashSet<Option<&str>> = coming.iter().map(|(_, session)| room(session)).collect();
        let sessions = count(coming.len(), "session");
        let on_days = if days.len() == 1 { String::new() } else { format!(" on {} days", days.len()) };
        let in_rooms = if rooms.len() == 1 { String::new() } else { format!(" in {} rooms", rooms.len()) };
        Some(Page {
            subject: format!("Agenda: {span}"),
            counts: vec![format!("{sessions}{on_days}{in_rooms}.")],
            sections: days.iter().map(|(date, sessions)| self.day(&name(*date), sessions)).collect(),
            quiet: (whole && unplaced > 0).then(|| format!("WITHOUT A TIME: {}.", count(unplaced, "session"))),
            tentative: false,
            most_rows: MOST_ROWS_OF_ALL,
        })
    }

    /// When a session begins, if it is still to come.
    fn start(&self, session: &Session) -> Option<Timestamp> {
        let scheduled = matches!(session.status(self.now), Status::Scheduled(_));
        session.slot.as_ref()?.start.filter(|_| scheduled)
    }

    fn day(&self, name: &str, sessions: &[&Session]) -> Section {
        let rows = sessions.iter().map(|session| self.appointment(session)).collect();
        Section { lines: self.timetable(sessions), ..Section::of(&name.to_uppercase(), rows) }
    }

    fn appointment(&self, session: &Session) -> Row {
        let hours = session.slot.iter().map(|slot| when::hours(slot, session.ends(), &self.summit.zone));
        let mut lines: Vec<String> = hours.map(|hours| cut(&printable(&hours), MOST_NAME)).collect();
        lines.extend(session.slot.as_ref().and_then(|slot| slot.url.as_deref()).map(printable));
        let counted = counted(session).map(|counted| format!("; {counted}")).unwrap_or_default();
        lines.push(format!("{}{counted}", hosted(session)));
        lines.extend(self.link(&session.root));
        let prework = session.references.iter().take(A_FEW);
        lines.extend(prework.map(|said| format!("Read before: {}", printable(&said.value.url))));
        lines.extend(
            (session.references.len() > A_FEW).then(|| format!("... and {} more", session.references.len() - A_FEW)),
        );
        let scribes: Vec<String> = session.scribes.iter().map(|said| super::rows::called(&said.value)).collect();
        lines.extend((!scribes.is_empty()).then(|| format!("Takes notes: {}", cut(&scribes.join(", "), MOST_NAME))));
        self.row(session, lines)
    }

    /// A day at a glance: a line for each time, a column for each room. Empty where the rooms are too many for it.
    fn timetable(&self, sessions: &[&Session]) -> Vec<String> {
        let mut rooms: Vec<Option<&str>> = sessions.iter().map(|session| room(session)).collect();
        rooms.sort_by_key(|room| (room.is_none(), *room));
        rooms.dedup();
        let width = ((WIDTH - TIMES) / rooms.len().max(1)).min(WIDEST);
        if sessions.len() < 2 || width < NARROWEST + 1 {
            return Vec::new();
        }
        let zone = &self.summit.zone;
        let cells = |cells: Vec<String>| -> String { cells.iter().map(|cell| fit(cell, width - 1) + " ").collect() };
        let heads = rooms.iter().map(|room| room.map_or(NO_ROOM.to_owned(), printable)).collect();
        let first = sessions.iter().find_map(|session| self.start(session));
        let local = first.map_or(String::new(), |at| at.to_zoned(zone.clone()).strftime("%Z").to_string());
        let mut lines = vec![format!("{}{}", fit(&local, 13), fit("UTC", 7)) + &cells(heads)];
        let mut times: Vec<(Timestamp, Option<Timestamp>)> =
            sessions.iter().filter_map(|session| Some((self.start(session)?, session.ends()))).collect();
        times.sort();
        times.dedup();
        for (start, end) in times {
            let here = |room: &Option<&str>| {
                let at = sessions
                    .iter()
                    .filter(|s| self.start(s) == Some(start) && s.ends() == end && self::room(s) == *room);
                at.map(|session| session.key.to_string()).collect::<Vec<_>>().join("+")
            };
            let clock = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
            let span = format!("{}{}", clock(start), end.map(|end| format!("-{}", clock(end))).unwrap_or_default());
            let utc = start.strftime("%H:%M").to_string();
            lines.push(format!("{}{}", fit(&span, 13), fit(&utc, 7)) + &cells(rooms.iter().map(here).collect()));
        }
        lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

fn room(session: &Session) -> Option<&str> {
    session.slot.as_ref()?.room.as_deref()
}
