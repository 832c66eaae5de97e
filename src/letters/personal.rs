//! Letters to one person by the clock: a session is near, its notes are missing, its slot has changed, an action is open.
//!
//! Answers to the first two go to the list, because notes belong there; the answer finds its session by the References
//! that these letters carry. What is due, and to whom, is [`crate::session::occasion`]'s business.

use super::compose::{Draft, Marks, Seal};
use super::digest::in_short;
use super::wrap::{cut, printable};
use super::{LetterKind, Outgoing, rendered, sentences, when};
use crate::clock::Timestamp;
use crate::mail::{Address, MessageId, Person};
use crate::session::model::Outcome;
use crate::session::occasion::{Move, Occasion, Place, Promise, What};
use crate::session::{Archived, Said, Session, Summit};
use askama::Template;

/// Characters of a title, of somebody's name, of what is to be done.
const MOST_TITLE: usize = 200;
const MOST_NAME: usize = 100;
const MOST_TEXT: usize = 300;

/// What these letters are written with.
pub struct Desk<'a> {
    pub summit: &'a Summit,
    pub seal: &'a Seal<'a>,
    /// Archived-At of mails that carry one.
    pub archived: &'a Archived,
    pub now: Timestamp,
}

/// One letter, with the occasions that it speaks of; nothing to say is no letter.
pub struct Written<'o> {
    pub letter: Option<Outgoing>,
    pub occasions: Vec<&'o Occasion<'o>>,
}

#[derive(Template)]
#[template(path = "near.txt")]
struct NearText<'a> {
    name: String,
    as_scribe: bool,
    scribe: Option<String>,
    id: String,
    title: String,
    lines: Vec<String>,
    list: &'a str,
    robot: &'a str,
    address: &'a str,
    summit: &'a str,
}

#[derive(Template)]
#[template(path = "owing.txt")]
struct OwingText<'a> {
    name: String,
    as_scribe: bool,
    id: String,
    title: String,
    lines: Vec<String>,
    left: u16,
    days: String,
    list: &'a str,
    robot: &'a str,
    address: &'a str,
    summit: &'a str,
}

#[derive(Template)]
#[template(path = "moved.txt")]
struct MovedText<'a> {
    name: String,
    lead: &'static str,
    rows: Vec<MovedRow>,
    robot: &'a str,
    address: &'a str,
    summit: &'a str,
}

struct MovedRow {
    id: String,
    title: String,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "noted.txt")]
struct NotedText<'a> {
    name: String,
    id: String,
    title: String,
    lines: Vec<String>,
    robot: &'a str,
    address: &'a str,
    summit: &'a str,
}

#[derive(Template)]
#[template(path = "open.txt")]
struct OpenText<'a> {
    name: String,
    rows: Vec<OpenRow>,
    last: bool,
    robot: &'a str,
    address: &'a str,
    summit: &'a str,
}

struct OpenRow {
    id: String,
    title: String,
    number: usize,
    text: String,
    link: Option<String>,
}

/// The letters to one person for these occasions: all moves in one, and one for each of the others.
pub fn letters<'o>(occasions: &[&'o Occasion<'o>], desk: &Desk) -> Vec<Written<'o>> {
    let mut written = Vec::new();
    let mut moves: Vec<&'o Occasion<'o>> = Vec::new();
    for occasion in occasions.iter().copied() {
        let letter = match &occasion.what {
            What::Near { session, as_scribe } => desk.near(occasion, session, *as_scribe),
            What::Owing { session, left } => desk.owing(occasion, session, *left),
            What::Open(promises) => desk.open(occasion, promises),
            What::Noted { session, outcome } => desk.noted(occasion, session, outcome),
            What::Event { session, state } => desk.invitation(occasion, session, *state),
            What::Moved { .. } => {
                moves.push(occasion);
                continue;
            }
        };
        written.push(Written { letter, occasions: vec![occasion] });
    }
    if let Some(first) = moves.first() {
        written.insert(0, Written { letter: desk.moved(first, &moves), occasions: moves });
    }
    written
}

impl Desk<'_> {
    fn near(&self, occasion: &Occasion, session: &Session, as_scribe: bool) -> Option<Outgoing> {
        let start = session.slot.as_ref()?.start?;
        let scribe = session.scribes.first().map(|said| called(&said.value));
        let mut lines = self.place(session);
        lines.extend(sentences::coming(session));
        let text = NearText {
            name: called(&occasion.person),
            as_scribe,
            scribe,
            id: session.key.to_string(),
            title: title(session),
            lines: lines.into_iter().chain(self.link(&session.root)).collect(),
            list: self.list()?.as_str(),
            robot: &self.seal.policy.robot_name,
            address: self.seal.policy.robot.as_str(),
            summit: &self.summit.name,
        };
        let subject = format!("{} on {}: {}", session.key, when::start(start, &self.summit.zone), title(session));
        self.about(LetterKind::Near, occasion, session, subject, rendered(&text))
    }

    fn owing(&self, occasion: &Occasion, session: &Session, left: u16) -> Option<Outgoing> {
        let host = occasion.person.address.as_ref().is_some_and(|address| session.is_host(address));
        let text = OwingText {
            name: called(&occasion.person),
            as_scribe: !host,
            id: session.key.to_string(),
            title: title(session),
            lines: self.place(session).into_iter().chain(self.link(&session.root)).collect(),
            left,
            days: sentences::days(self.summit.reminders.notes_days),
            list: self.list()?.as_str(),
            robot: &self.seal.policy.robot_name,
            address: self.seal.policy.robot.as_str(),
            summit: &self.summit.name,
        };
        let subject = format!("Notes of {}, please: {}", session.key, title(session));
        self.about(LetterKind::Owing, occasion, session, subject, rendered(&text))
    }

    /// Of several moves of a session it counts where it was at first, and where it is now.
    fn moved(&self, first: &Occasion, occasions: &[&Occasion]) -> Option<Outgoing> {
        let mut changes: Vec<(&Session, Move)> = Vec::new();
        for occasion in occasions {
            let What::Moved { session, moved } = &occasion.what else { continue };
            match changes.iter_mut().find(|(known, _)| known.key == session.key) {
                Some((_, known)) if known.last < moved.last => known.now = moved.now.clone(),
                Some((_, known)) => known.before = moved.before.clone(),
                None => changes.push((session, Move::clone(moved))),
            }
        }
        changes.retain(|(_, moved)| moved.before != moved.now);
        let (session, moved) = changes.first()?;
        let lead = sentences::moved(&moved.before, &moved.now);
        let subject = match changes.as_slice() {
            [_] => format!("{} {}: {}", session.key, self.news(moved), title(session)),
            all => format!("When and where: {} sessions", all.len()),
        };
        let row = |(session, moved): &(&Session, Move)| MovedRow {
            id: session.key.to_string(),
            title: title(session),
            lines: match moved.before {
                Place::Nowhere => vec![self.shown(&moved.now)],
                _ => vec![format!("now   {}", self.shown(&moved.now)), format!("was   {}", self.shown(&moved.before))],
            },
        };
        let text = MovedText {
            name: called(&first.person),
            lead,
            rows: changes.iter().map(row).collect(),
            robot: &self.seal.policy.robot_name,
            address: self.seal.policy.robot.as_str(),
            summit: &self.summit.name,
        };
        let root = Some(&session.root).filter(|_| changes.len() == 1);
        // Who leads the session hears of it as such, and has nothing to unsubscribe from.
        let subscribed = changes.iter().any(|(session, _)| session.is_subscribed(&first.person));
        let headers = if subscribed { self.seal.unsubscribe(self.summit, &first.person) } else { Vec::new() };
        let marks = Marks { headers, ..Marks::default() };
        self.seal(LetterKind::Moved, first, root, subject, rendered(&text), marks)
    }

    /// A move in a few words.
    fn news(&self, moved: &Move) -> String {
        match (&moved.now, moved.now.start(), moved.before.start()) {
            (Place::Off { .. }, ..) => "does not take place".into(),
            (_, None, _) => "without a time".into(),
            (_, Some(start), None) => format!("on {}", when::start(start, &self.summit.zone)),
            (_, Some(start), Some(_)) => format!("moved to {}", when::start(start, &self.summit.zone)),
        }
    }

    fn noted(&self, occasion: &Occasion, session: &Session, outcome: &Said<Outcome>) -> Option<Outgoing> {
        let corrected = if outcome.value.corrected { ", corrected" } else { "" };
        let mut lines = vec![format!("Notes by {}{corrected}", called(&outcome.value.author))];
        lines.extend(self.link(&outcome.value.source));
        lines.push(in_short(session));
        let text = NotedText {
            name: called(&occasion.person),
            id: session.key.to_string(),
            title: title(session),
            lines,
            robot: &self.seal.policy.robot_name,
            address: self.seal.policy.robot.as_str(),
            summit: &self.summit.name,
        };
        let subject = format!("Notes of {}: {}", session.key, title(session));
        let headers = self.seal.unsubscribe(self.summit, &occasion.person);
        let marks = Marks { headers, ..Marks::default() };
        self.seal(LetterKind::Noted, occasion, Some(&session.root), subject, rendered(&text), marks)
    }

    fn open(&self, occasion: &Occasion, promises: &[Promise]) -> Option<Outgoing> {
        let row = |promise: &Promise| OpenRow {
            id: promise.session.key.to_string(),
            title: title(promise.session),
            number: promise.number,
            text: cut(&printable(&promise.action.text), MOST_TEXT),
            link: self.link(promise.notes),
        };
        let text = OpenText {
            name: called(&occasion.person),
            rows: promises.iter().map(row).collect(),
            last: promises.iter().all(|promise| promise.last),
            robot: &self.seal.policy.robot_name,
            address: self.seal.policy.robot.as_str(),
            summit: &self.summit.name,
        };
        let subject = sentences::open(promises.len());
        self.seal(LetterKind::Open, occasion, None, subject, rendered(&text), Marks::default())
    }

    /// A letter in the thread of a session, whose answers go to the list.
    fn about(
        &self,
        kind: LetterKind,
        occasion: &Occasion,
        session: &Session,
        subject: String,
        body: String,
    ) -> Option<Outgoing> {
        let marks = Marks { reply_to: self.list().cloned(), ..Marks::default() };
        self.seal(kind, occasion, Some(&session.root), subject, body, marks)
    }

    pub(super) fn seal(
        &self,
        kind: LetterKind,
        occasion: &Occasion,
        root: Option<&MessageId>,
        subject: String,
        body: String,
        marks: Marks,
    ) -> Option<Outgoing> {
        let draft = Draft {
            kind,
            cause: &occasion.key,
            summit: &self.summit.slug,
            to: occasion.person.clone(),
            to_list: false,
            subject,
            in_reply_to: None,
            references: root.into_iter().cloned().collect(),
            token: None,
            body,
            date: self.now,
        };
        self.seal.seal_with(draft, &marks)
    }

    fn list(&self) -> Option<&Address> {
        self.summit.lists.first()
    }

    pub(super) fn place(&self, session: &Session) -> Vec<String> {
        session.slot.iter().map(|slot| cut(&printable(&when::slot(slot, &self.summit.zone)), MOST_TITLE)).collect()
    }

    pub(super) fn link(&self, mail: &MessageId) -> Option<String> {
        self.seal.policy.permalink(self.summit, mail, self.archived)
    }

    fn shown(&self, place: &Place) -> String {
        let text = match place {
            Place::Nowhere => "no time yet".to_owned(),
            Place::At(slot) => when::slot(slot, &self.summit.zone),
            Place::Off { how, why: None } => how.clone(),
            Place::Off { how, why: Some(why) } => format!("{how} ({why})"),
        };
        cut(&printable(&text), MOST_TITLE)
    }
}

pub(super) fn title(session: &Session) -> String {
    cut(&printable(session.title()), MOST_TITLE)
}

pub(super) fn called(person: &Person) -> String {
    cut(&printable(person.label()), MOST_NAME)
}
