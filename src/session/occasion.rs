//! What one person is to be told by the clock: that their session is near, that its notes are missing, that its slot has
//! changed, that an action of theirs is open.
//!
//! A pure function of the register and the time. Each occasion has a key that no other has, and whoever writes letters
//! keeps it with them: so nothing is said twice, whatever the clock does. Whether a person can and wants to be written to
//! is not asked here.

mod moves;

use super::event::EventState;
use super::model::{Outcome, Said, Session, SessionKey, Status};
use super::policy::Summit;
use super::register::Register;
use crate::clock::Timestamp;
use crate::grammar::{Action, Mode, Report};
use crate::mail::{Address, MessageId, Person, name_key};
use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, ToSpan};
pub use moves::{Move, Place};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a summit reminds people of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Hours before a slot in which its hosts and scribes are reminded; 0 for never.
    pub slot_hours: u16,
    /// Days after a slot without notes, and between two reminders of them.
    pub notes_days: u16,
    /// How often; 0 for never.
    pub notes_times: u16,
    /// How often an action's owner is reminded of it, once a week; 0 for never.
    pub action_times: u16,
}

impl Default for Reminders {
    fn default() -> Reminders {
        Reminders { slot_hours: 24, notes_days: 3, notes_times: 2, action_times: 2 }
    }
}

/// What was missed for longer, because the program did not run, is not made up for.
const LATEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Changes that follow each other so soon are told in one letter.
pub const QUIET: SignedDuration = SignedDuration::from_mins(30);
/// When people are reminded of what they promised.
const MONDAY_MORNING: Time = Time::constant(9, 0, 0, 0);

/// Something to tell one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Occasion<'a> {
    /// With an address.
    pub person: Person,
    pub what: What<'a>,
    pub due: Timestamp,
    /// From then on nobody needs to hear of it.
    pub until: Timestamp,
    pub key: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What<'a> {
    /// The session takes place soon.
    Near { session: &'a Session, as_scribe: bool },
    /// It took place, and there are no notes. `left` says how often more is asked.
    Owing { session: &'a Session, left: u16 },
    /// Its time or place is another one.
    Moved { session: &'a Session, moved: Arc<Move<'a>> },
    /// What came of it is written down.
    Noted { session: &'a Session, outcome: &'a Said<Outcome> },
    /// The event as it is now, for the calendar of who leads the session or comes, and asked for that.
    Event { session: &'a Session, state: EventState },
    /// These actions of theirs are open; of those that are marked nobody is reminded again.
    Open(Vec<Promise<'a>>),
}

/// An open action.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise<'a> {
    pub session: &'a Session,
    /// Among all of the session.
    pub number: usize,
    pub action: &'a Action,
    /// The mail that says so.
    pub notes: &'a MessageId,
    pub last: bool,
}

impl What<'_> {
    /// The kind's name in keys.
    pub fn name(&self) -> &'static str {
        match self {
            What::Near { .. } => "near",
            What::Owing { .. } => "owing",
            What::Moved { .. } => "moved",
            What::Noted { .. } => "noted",
            What::Event { .. } => "event",
            What::Open(_) => "open",
        }
    }
}

/// How often somebody was asked for the notes of a session, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub times: usize,
    pub last: Timestamp,
}

impl Session {
    /// How often its hosts and scribes were asked for the notes of its slot, by the keys of all that was asked and when.
    /// What one of them was asked, all of them were.
    pub fn asked(&self, all: &[(String, Timestamp)]) -> Option<Asked> {
        let slot = format!("owing:{}:{}:{}+", self.key.summit, self.key, self.ends()?);
        let own = all.iter().filter_map(|(key, at)| Some((key.strip_prefix(&slot)?.split(':').next()?, *at)));
        let rounds: BTreeMap<&str, Timestamp> = own.collect();
        Some(Asked { times: rounds.len(), last: rounds.into_values().max()? })
    }
}

/// The sessions of a summit at a time.
pub struct Diary<'a> {
    summit: &'a Summit,
    sessions: Vec<Cow<'a, Session>>,
    /// The summit as a whole.
    whole: Option<&'a Session>,
    /// Nothing is owed for times before.
    since: Timestamp,
    now: Timestamp,
}

impl<'a> Diary<'a> {
    /// `begun` is when the first mail came by itself: what an archive tells of is nobody's news.
    pub fn of(register: &'a Register, summit: &'a Summit, begun: Timestamp, now: Timestamp) -> Diary<'a> {
        let sessions = register.of_summit(&summit.slug).map(|session| register.gathered(session)).collect();
        let since = begun.max(now.checked_sub(LATEST).unwrap_or(begun));
        let whole = register.session(&SessionKey::of_summit(&summit.slug));
        Diary { summit, sessions, whole, since, now }
    }

    /// All that is due by now and not too late, what was said before included.
    pub fn due(&self) -> Vec<Occasion<'_>> {
        let sessions = self.sessions.iter().map(AsRef::as_ref);
        let each = sessions.flat_map(|session| {
            let moved = self.moved(session);
            let event = self.event(session);
            let noted = self.noted(session);
            self.near(session).into_iter().chain(self.owing(session)).chain(moved).chain(noted).chain(event)
        });
        each.chain(self.open()).filter(|one| self.is_due(one.due)).collect()
    }

    fn is_due(&self, at: Timestamp) -> bool {
        self.since <= at && at <= self.now
    }

    fn key(&self, what: &What, session: &Session, occasion: &dyn std::fmt::Display, to: &Person) -> String {
        let to = to.address.as_ref().map(Address::key).unwrap_or_default();
        format!("{}:{}:{}:{occasion}:{to}", what.name(), self.summit.slug, session.key)
    }

    /// Before the slot. One that was set or moved only just now is told first.
    fn near<'s>(&'s self, session: &'s Session) -> Vec<Occasion<'s>> {
        let hours = self.summit.reminders.slot_hours;
        let (Some(start), Status::Scheduled(_)) = (slot_start(session), session.status(self.now)) else {
            return Vec::new();
        };
        let Ok(due) = start.checked_sub(SignedDuration::from_hours(hours.into())) else { return Vec::new() };
        if hours == 0 {
            return Vec::new();
        }
        let settled = moves::last(session).and_then(|at| at.checked_add(QUIET).ok());
        let due = settled.map_or(due, |settled| due.max(settled));
        let one = |(person, as_scribe): (Person, bool)| {
            let what = What::Near { session, as_scribe };
            Occasion { key: self.key(&what, session, &start, &person), person, what, due, until: start }
        };
        crew(session).into_iter().map(one).collect()
    }

    /// Every few days after a slot without notes, so often.
    fn owing<'s>(&'s self, session: &'s Session) -> Vec<Occasion<'s>> {
        let Reminders { notes_days, notes_times, .. } = self.summit.reminders;
        let (Some(end), Status::Held(_)) = (session.ends(), session.status(self.now)) else { return Vec::new() };
        let after = |times: u16| end.checked_add(SignedDuration::from_hours(24 * i64::from(notes_days.max(1) * times)));
        let mut all = Vec::new();
        for time in 1..=notes_times {
            let (Ok(due), Ok(until)) = (after(time), after(time + 1)) else { break };
            // The last one is worth its letter for as long as any.
            let until = if time == notes_times { due.checked_add(LATEST).unwrap_or(until) } else { until };
            all.extend(crew(session).into_iter().map(|(person, _)| {
                let what = What::Owing { session, left: notes_times - time };
                let key = self.key(&what, session, &format!("{end}+{time}"), &person);
                Occasion { key, person, what, due, until }
            }));
        }
        all
    }

    /// A while after a slot was set, moved or given up: to those who lead the session, and who follow it.
    fn moved<'s>(&'s self, session: &'s Session) -> Vec<Occasion<'s>> {
        let mut people: Vec<Person> = crew(session).into_iter().map(|(person, _)| person).collect();
        add_all(&mut people, session.subscribers(Report::Agenda));
        people.retain(|person| self.calendar(session, person).is_none());
        let mut all = Vec::new();
        for moved in moves::moves(session, self.since).into_iter().map(Arc::new) {
            let Ok(due) = moved.last.checked_add(QUIET) else { continue };
            let Some(until) = moved.matters_until() else { continue };
            all.extend(people.iter().map(|person| {
                let what = What::Moved { session, moved: moved.clone() };
                let key = self.key(&what, session, &moved.last, person);
                Occasion { key, person: person.clone(), what, due, until }
            }));
        }
        all
    }

    /// When there are notes: to those who followed the session by then, and did not write them.
    fn noted<'s>(&'s self, session: &'s Session) -> Vec<Occasion<'s>> {
        let mut all = Vec::new();
        for outcome in session.outcomes.iter().filter(|outcome| outcome.value.complete) {
            let Ok(due) = outcome.at.checked_add(QUIET) else { continue };
            let Ok(until) = due.checked_add(LATEST) else { continue };
            let what = What::Noted { session, outcome };
            let before = session.subscribed(Report::Outcomes).filter(|said| said.at <= outcome.at);
            let others = before.map(|said| &said.value.person).filter(|person| !person.is(&outcome.value.author));
            all.extend(others.filter(|person| person.address.is_some()).map(|person| {
                let key = self.key(&what, session, &outcome.value.source, person);
                Occasion { key, person: person.clone(), what: what.clone(), due, until }
            }));
        }
        all
    }

    /// A while after the event of a session changed, or after somebody has come to want it: once for each of its states.
    fn event<'s>(&'s self, session: &'s Session) -> Vec<Occasion<'s>> {
        // What was given up before anybody heard of it is nobody's news.
        let heard = |state: &EventState| !state.cancelled || state.revised.duration_since(state.since) > QUIET;
        let Some(state) = session.event(self.now).filter(heard) else { return Vec::new() };
        let mut people: Vec<(Person, Timestamp)> =
            crew(session).into_iter().map(|(person, _)| (person, state.revised)).collect();
        let coming = session.attendance.iter().filter(|said| said.value.mode != Mode::Declined);
        for said in coming.filter(|said| said.value.person.address.is_some()) {
            if !people.iter().any(|(known, _)| known.is(&said.value.person)) {
                people.push((said.value.person.clone(), said.at));
            }
        }
        let mut all = Vec::new();
        for (person, from) in people {
            let Some(asked) = self.calendar(session, &person) else { continue };
            let Ok(due) = state.revised.max(from).max(asked).checked_add(QUIET) else { continue };
            // An event that was called off is worth its letter for as long as any.
            let until = slot_start(session).filter(|_| !state.cancelled).or(due.checked_add(LATEST).ok());
            let what = What::Event { session, state };
            let key = self.key(&what, session, &state.sequence, &person);
            all.extend(until.map(|until| Occasion { key, person, what, due, until }));
        }
        all
    }

    /// Since when somebody wants the event of a session in their calendar.
    fn calendar(&self, session: &Session, person: &Person) -> Option<Timestamp> {
        let asked = |of: &Session| of.asked_for(person, Report::Calendar);
        asked(session).or_else(|| self.whole.and_then(asked))
    }

    /// Each Monday morning: to whoever promised something a week ago or longer, one letter about all of it.
    fn open(&self) -> Vec<Occasion<'_>> {
        let times = i64::from(self.summit.reminders.action_times);
        let week = SignedDuration::from_hours(7 * 24);
        let Some(monday) = self.monday() else { return Vec::new() };
        let Ok(until) = monday.checked_add(week) else { return Vec::new() };
        let mut promises: BTreeMap<String, (Person, Vec<Promise>)> = BTreeMap::new();
        for session in self.sessions.iter().map(AsRef::as_ref).filter(|session| !session.is_closed()) {
            for (number, action, outcome) in session.promises().filter(|(_, action, _)| !action.done) {
                let weeks = (monday.duration_since(outcome.at).as_hours() / 24).div_euclid(7);
                let owner = action.owner.as_ref().filter(|_| (1..=times).contains(&weeks));
                let Some(owner) = owner.and_then(|owner| self.known(session, owner)) else { continue };
                let key = owner.address.as_ref().map(Address::key).unwrap_or_default();
                let promise = Promise { session, number, action, notes: &outcome.value.source, last: weeks == times };
                promises.entry(key).or_insert_with(|| (owner, Vec::new())).1.push(promise);
            }
        }
        let day = monday.to_zoned(self.summit.zone.clone()).date();
        let one = |(address, (person, promises))| {
            let key = format!("open:{}:{day}:{address}", self.summit.slug);
            Occasion { person, what: What::Open(promises), due: monday, until, key }
        };
        promises.into_iter().map(one).collect()
    }

    /// Who the owner of an action is: the one person of its session who is called so, in full or by the first name, as notes
    /// do; else the one person of the summit who bears the full name.
    fn known(&self, session: &Session, owner: &Person) -> Option<Person> {
        if owner.address.is_some() {
            return Some(owner.clone());
        }
        let name = name_key(owner.name.as_deref()?);
        let own = |person: &Person| name_key(person.name.as_deref().unwrap_or_default());
        let here = |person: &Person| own(person) == name || own(person).split(' ').next() == Some(&name);
        let mut found = people(session);
        found.retain(here);
        if found.is_empty() && name.contains(' ') {
            for session in &self.sessions {
                let called = people(session).into_iter().filter(|person| own(person) == name).collect::<Vec<_>>();
                add_all(&mut found, called.iter());
            }
        }
        Some(found).filter(|found| found.len() == 1)?.pop()
    }

    /// The last Monday morning.
    fn monday(&self) -> Option<Timestamp> {
        let today = self.now.to_zoned(self.summit.zone.clone()).date();
        let morning = |back: i64| {
            let day = today.checked_sub(back.days()).ok().filter(|day| day.weekday() == Weekday::Monday)?;
            let at = day.to_datetime(MONDAY_MORNING).to_zoned(self.summit.zone.clone()).ok()?.timestamp();
            Some(at).filter(|at| *at <= self.now)
        };
        (0..=7).find_map(morning)
    }
}

fn slot_start(session: &Session) -> Option<Timestamp> {
    session.slot.as_ref().and_then(|slot| slot.start)
}

/// Who leads a session and who takes its notes, each once and with an address; of the latter it is told which.
fn crew(session: &Session) -> Vec<(Person, bool)> {
    let mut people: Vec<Person> = Vec::new();
    add_all(&mut people, session.proposal.hosts.iter().map(|host| &host.person));
    let hosts = people.len();
    add_all(&mut people, session.scribes.iter().map(|said| &said.value));
    people.into_iter().zip(0..).map(|(person, at)| (person, at >= hosts)).collect()
}

fn add_all<'p>(people: &mut Vec<Person>, more: impl Iterator<Item = &'p Person>) {
    for person in more.filter(|person| person.address.is_some()) {
        if !people.iter().any(|known| known.is(person)) {
            people.push(person.clone());
        }
    }
}

/// Everybody with an address who has to do with a session.
fn people(session: &Session) -> Vec<Person> {
    let mut people: Vec<Person> = crew(session).into_iter().map(|(person, _)| person).collect();
    add_all(&mut people, std::iter::once(&session.proposer));
    add_all(&mut people, session.attendance.iter().map(|said| &said.value.person));
    add_all(&mut people, session.interest.iter().map(|said| &said.value.person));
    add_all(&mut people, session.outcomes.iter().map(|said| &said.value.author));
    people
}
