//! The summary of proposals: who is needed, what is new, what changed from what to what, what has a time.

use super::Desk;
use super::limits::{FewPerPerson, MOST_TEXT, Row, Section, count};
use super::page::Page;
use super::rows::{called, title};
use crate::clock::Timestamp;
use crate::grammar::Mode;
use crate::letters::wrap::{cut, printable};
use crate::mail::Person;
use crate::session::model::Attendance;
use crate::session::{Said, Session, SessionKey, Status, Summit};
use jiff::SignedDuration;
use std::collections::HashSet;

/// What moved since the last digest.
pub(super) struct Movement<'s> {
    pub new: Vec<&'s Session>,
    pub changed: Vec<(&'s Session, Row)>,
}

impl Movement<'_> {
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty()
    }
}

impl Desk<'_> {
    pub(super) fn movement<'s>(&self, sessions: &[&'s Session]) -> Movement<'s> {
        let stands = |session: &Session| session.taken_back_by().is_none();
        let before = self.register.as_of(&self.summit.slug, self.since.told.changes);
        // One that comes back after it was taken back is new again.
        let is_new = |session: &Session| !before.session(&session.key).is_some_and(stands);
        let new: Vec<&Session> = sessions.iter().copied().filter(|s| is_new(s) && stands(s)).collect();
        let known = sessions.iter().copied().filter(|session| !is_new(session));
        // What was done and undone since is no news.
        let changed =
            known.map(|s| (s, self.row(s, self.changes(&before, s)))).filter(|(_, row)| !row.lines.is_empty());
        Movement { changed: changed.collect(), new }
    }

    /// The digest of proposals; `None` when nothing happened since the last one.
    pub(super) fn proposals(&self) -> Option<Page> {
        let gathered = self.gathered();
        let sessions: Vec<&Session> = gathered.iter().map(AsRef::as_ref).collect();
        let moved = self.movement(&sessions);
        if moved.is_empty() {
            return None;
        }
        let mut scheduled: Vec<&Session> =
            sessions.iter().copied().filter(|s| matches!(s.status(self.now), Status::Scheduled(_))).collect();
        scheduled.sort_by_key(|session| session.slot.as_ref().map(|slot| (slot.start.is_none(), slot.start)));
        let waiting = sessions.iter().filter_map(|s| Some((*s, self.waits(s)?)));
        let waiting = waiting.filter(|(_, (since, _))| self.is_time_to_remind(*since));
        let waiting: Vec<(&Session, Row)> = waiting.map(|(s, (_, lines))| (s, self.row(s, lines))).collect();
        let named = moved.new.iter().chain(moved.changed.iter().chain(&waiting).map(|(session, _)| session));
        let told: HashSet<&SessionKey> = named.map(|session| &session.key).collect();
        let open = || sessions.iter().filter(|session| !session.is_closed());
        let quiet = open().filter(|session| !told.contains(&session.key)).count();
        let still_new = moved.new.iter().filter(|session| !session.is_closed()).count();
        let coming = distinct_people(&sessions, self.register.attendance(&self.summit.slug));
        let (open, placed) = (open().count(), scheduled.len());
        let counts = in_numbers(open, still_new, placed, coming);
        let mut few = FewPerPerson::default();
        let sections = vec![
            few.section("NEEDS YOU", waiting),
            few.section("NEW", moved.new.iter().map(|s| (*s, self.introduce(s))).collect()),
            few.section("CHANGED", moved.changed),
            Section::of("SCHEDULED", scheduled.iter().map(|s| self.row(s, self.place(s))).collect()),
            self.carried_over(),
        ];
        Some(Page {
            subject: format!("Design sessions: {open} proposed, {still_new} new"),
            counts: vec![counts],
            sections,
            quiet: (quiet > 0).then(|| format!("QUIET: {} without news.", count(quiet, "session"))),
            tentative: false,
            most_rows: self.summit.noise.rows,
        })
    }

    /// Whether it is to be said now that somebody is needed, who has been since then: not in each digest.
    fn is_time_to_remind(&self, since: Timestamp) -> bool {
        let every = i64::from(self.summit.noise.every_days) * 24 * 3600;
        let waited = self.now.duration_since(since).as_secs();
        let said_last = self.now - SignedDuration::from_secs(waited.rem_euclid(every.max(1)));
        waited >= 0 && self.since.ran.is_none_or(|ran| said_last > ran)
    }

    /// What the summit before this one has left to do: it opens the first summary.
    fn carried_over(&self) -> Section {
        let first = self.since.count == 0;
        let before = self.policy.forerunner(self.summit).filter(|_| first);
        let rows = before.into_iter().flat_map(|before| {
            let sessions = self.register.of_summit(&before.slug).filter(|session| session.taken_back_by().is_none());
            sessions.filter_map(|session| self.left_undone(before, session))
        });
        let rows: Vec<Row> = rows.collect();
        let name =
            before.map_or(String::new(), |before| format!("STILL TO DO FROM THE {}", before.name.to_uppercase()));
        let hint = "Done? Answer those notes with the action's number: Action: done 2";
        Section { hint: (!rows.is_empty()).then(|| hint.into()), ..Section::of(&name, rows) }
    }

    fn left_undone(&self, of: &Summit, session: &Session) -> Option<Row> {
        let open = session.actions().filter(|(_, action)| !action.done);
        let mut lines: Vec<String> = open
            .map(|(number, action)| {
                let owner = action.owner.as_ref().map_or("nobody yet".to_owned(), called);
                format!("[ ] {number}. {owner}: {}", cut(&printable(&action.text), MOST_TEXT))
            })
            .collect();
        if lines.is_empty() {
            return None;
        }
        let notes = session.outcomes.iter().rev().find(|outcome| outcome.value.complete);
        lines.extend(notes.and_then(|notes| self.policy.permalink(of, &notes.value.source, self.archived)));
        let year = session.submitted.to_zoned(of.zone.clone()).year();
        Some(Row::of(year.to_string(), title(session), lines))
    }
}

/// `3 sessions proposed, 1 of them new; 2 scheduled; 1 person said they come.` What is none is not said.
fn in_numbers(open: usize, new: usize, placed: usize, coming: usize) -> String {
    let new = match new {
        0 => String::new(),
        1 if open == 1 => ", a new one".to_owned(),
        _ if new == open => ", all new".to_owned(),
        _ => format!(", {new} of them new"),
    };
    let people = if coming == 1 { "1 person".to_owned() } else { format!("{coming} people") };
    let placed = (placed > 0).then(|| format!("{placed} scheduled"));
    let coming = (coming > 0).then(|| format!("{people} said they come"));
    let parts = [Some(format!("{} proposed{new}", count(open, "session"))), placed, coming];
    format!("{}.", parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// Who comes to any session, or to the summit as a whole.
fn distinct_people(sessions: &[&Session], summit: &[Said<Attendance>]) -> usize {
    let mut people: Vec<&Person> = Vec::new();
    let mut addresses: HashSet<&str> = HashSet::new();
    let stand = sessions.iter().filter(|session| session.taken_back_by().is_none());
    let all = stand.flat_map(|session| &session.attendance).chain(summit);
    for said in all.filter(|said| matches!(said.value.mode, Mode::InPerson | Mode::Remote)) {
        let person = &said.value.person;
        let again = person.address.as_ref().is_some_and(|address| !addresses.insert(address.as_str()));
        if !again && !people.iter().any(|known| known.is(person)) {
            people.push(person);
        }
    }
    people.len()
}
