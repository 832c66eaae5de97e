//! A summit at one glance: what was called for, what needs somebody, the sessions by track with what came of them.

use super::debt::Picture;
use super::needs::{Stray, Wanting, What};
use super::people::taking_part;
use super::session::{Decision, Note, Task};
use super::view::{Card, Frame, Moment, Named, shown};
use super::{Site, digest_path, forms, paths};
use crate::grammar::Mode;
use crate::letters::{rendered, when};
use crate::mail::{Person, SpanKind, read};
use crate::session::{Session, Status, Summit};
use askama::Template;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "site/summit.html")]
struct SummitPage<'a> {
    frame: Frame<'a>,
    summit: &'a Summit,
    name: String,
    introduction: Option<String>,
    list: String,
    /// A `mailto:` that begins a proposal, and the tag that it begins with.
    propose: String,
    tag: String,
    calls: Vec<(String, String)>,
    counts: Counts,
    picture: Option<Picture>,
    wanting: Vec<Wanting>,
    strays: Vec<Stray>,
    tracks: Vec<Track>,
    closed: Vec<Card>,
    forms: Vec<&'static str>,
}

struct Counts {
    sessions: usize,
    scheduled: usize,
    concluded: usize,
    decisions: usize,
    open: usize,
    people: usize,
}

/// Sessions under one heading, as the seed of every summit's wiki page has them.
struct Track {
    /// `None` for those without one, and when there is no other.
    name: Option<String>,
    with_notes: usize,
    decisions: usize,
    open: usize,
    sessions: Vec<Row>,
}

struct Row {
    card: Card,
    notes: Vec<Note>,
    decisions: Vec<Decision>,
    tasks: Vec<Task>,
}

#[derive(Template)]
#[template(path = "site/people.html")]
struct AttendeesPage<'a> {
    frame: Frame<'a>,
    name: String,
    people: Vec<Attendee>,
}

struct Attendee {
    who: Named,
    /// What they said of the summit as a whole.
    comes: Option<Mode>,
    hosts: Vec<Card>,
    attends: Vec<(Card, Mode)>,
}

/// What somebody has to do with a summit or a session.
enum Part {
    Comes(Mode),
    Hosts(Card),
    Attends(Card, Mode),
    Speaks,
}

#[derive(Template)]
#[template(path = "site/actions.html")]
struct ToDoPage<'a> {
    frame: Frame<'a>,
    name: String,
    open: Vec<(Card, Vec<Task>)>,
    done: Vec<(Card, Vec<Task>)>,
}

#[derive(Template)]
#[template(path = "site/digests.html")]
struct DigestsPage<'a> {
    frame: Frame<'a>,
    name: String,
    digests: Vec<Sent>,
}

struct Sent {
    subject: String,
    at: Moment,
    path: String,
}

#[derive(Template)]
#[template(path = "site/digest.html")]
struct DigestPage<'a> {
    frame: Frame<'a>,
    subject: String,
    at: String,
    archive: Option<String>,
    text: super::rich::Rich,
}

impl Site {
    pub fn summit(&self, path: &str, at: usize) -> Vec<u8> {
        let summit = &self.policy.summits[at];
        let all: Vec<&Session> = self.register.of_summit(&summit.slug).collect();
        let (closed, living): (Vec<&Session>, Vec<&Session>) = all.iter().copied().partition(|s| s.is_closed());
        let tag = summit.vocabulary.proposal_tags.first().map_or("DESIGN SESSION", String::as_str).to_owned();
        let list = summit.lists.first().map(ToString::to_string).unwrap_or_default();
        let tracks = self.tracks(summit, &living);
        let page = SummitPage {
            frame: self.frame(path, &summit.name, Some(summit)),
            summit,
            name: shown(&summit.name),
            introduction: summit.introduction.as_deref().map(shown),
            propose: format!("mailto:{list}?Subject={}", paths::encoded(&format!("[{tag}] "))),
            list,
            tag,
            calls: self.calls(summit),
            counts: Counts {
                sessions: living.len(),
                scheduled: living.iter().filter(|s| matches!(s.status(self.now), Status::Scheduled(_))).count(),
                concluded: living.iter().filter(|s| matches!(s.status(self.now), Status::Concluded)).count(),
                decisions: tracks.iter().map(|track| track.decisions).sum(),
                open: tracks.iter().map(|track| track.open).sum(),
                people: self.people.all().iter().filter(|one| one.sessions.contains_key(&at)).count(),
            },
            picture: self.debt(summit),
            wanting: self.wanting(summit),
            strays: self.strays(summit),
            tracks,
            closed: closed.iter().map(|session| self.card(summit, session)).collect(),
            forms: forms::OF_SUMMIT.iter().map(|(file, _)| *file).collect(),
        };
        rendered(&page).into_bytes()
    }

    fn tracks(&self, summit: &Summit, sessions: &[&Session]) -> Vec<Track> {
        let row = |session: &Session| {
            let gathered = self.register.gathered(session);
            let session = gathered.as_ref();
            Row {
                card: self.card(summit, session),
                notes: self.notes(summit, session).collect(),
                decisions: self.decisions(session).collect(),
                tasks: self.tasks(session).collect(),
            }
        };
        let tracks = summit.by_track(sessions.iter().copied()).into_iter();
        tracks.map(|track| Track::of(track.name.as_deref().map(shown), track.sessions.into_iter().map(row))).collect()
    }

    pub fn attendees(&self, path: &str, at: usize) -> Vec<u8> {
        let summit = &self.policy.summits[at];
        let mut found: BTreeMap<usize, Attendee> = BTreeMap::new();
        let mut meet = |person: &Person, what: Part| {
            let Some((place, one)) = self.people.place(person).map(|place| (place, &self.people.all()[place])) else {
                return;
            };
            let who = Named { label: one.name.clone(), path: Some(one.path.clone()), note: None };
            let here = found.entry(place).or_insert_with(|| Attendee {
                who,
                comes: None,
                hosts: Vec::new(),
                attends: Vec::new(),
            });
            match what {
                Part::Comes(mode) => here.comes = Some(mode),
                Part::Hosts(card) => here.hosts.push(card),
                Part::Attends(card, mode) => here.attends.push((card, mode)),
                Part::Speaks => {}
            }
        };
        for said in self.register.attendance(&summit.slug) {
            meet(&said.value.person, Part::Comes(said.value.mode));
        }
        for session in self.register.of_summit(&summit.slug) {
            let card = self.card(summit, session);
            session.proposal.hosts.iter().for_each(|host| meet(&host.person, Part::Hosts(card.clone())));
            for said in &session.attendance {
                meet(&said.value.person, Part::Attends(card.clone(), said.value.mode));
            }
            taking_part(session).for_each(|person| meet(person, Part::Speaks));
        }
        let mut people: Vec<Attendee> = found.into_values().collect();
        people.sort_by_key(|one| one.who.label.to_lowercase());
        let frame = self.frame(path, &format!("People of the {}", summit.name), Some(summit));
        rendered(&AttendeesPage { frame, name: shown(&summit.name), people }).into_bytes()
    }

    pub fn to_do(&self, path: &str, at: usize) -> Vec<u8> {
        let summit = &self.policy.summits[at];
        let (mut open, mut done) = (Vec::new(), Vec::new());
        for session in self.register.of_summit(&summit.slug).filter(|session| session.taken_back_by().is_none()) {
            let (finished, waiting): (Vec<Task>, Vec<Task>) = self.tasks(session).partition(|task| task.done);
            for (tasks, all) in [(waiting, &mut open), (finished, &mut done)] {
                if !tasks.is_empty() {
                    all.push((self.card(summit, session), tasks));
                }
            }
        }
        let frame = self.frame(path, &format!("Actions of the {}", summit.name), Some(summit));
        rendered(&ToDoPage { frame, name: shown(&summit.name), open, done }).into_bytes()
    }

    pub fn digests(&self, path: &str, at: usize) -> Vec<u8> {
        let summit = &self.policy.summits[at];
        let sent = |(n, _, posted): (usize, usize, &super::Posted)| Sent {
            subject: shown(&posted.row.subject),
            at: Moment::minute(posted.row.created, &summit.zone),
            path: digest_path(summit, n),
        };
        let mut digests: Vec<Sent> = self.digests_of(summit).map(sent).collect();
        digests.reverse();
        let frame = self.frame(path, &format!("Digests of the {}", summit.name), Some(summit));
        rendered(&DigestsPage { frame, name: shown(&summit.name), digests }).into_bytes()
    }

    /// A letter as it went to the list.
    pub fn digest(&self, path: &str, at: usize) -> Vec<u8> {
        let posted = &self.posted[at];
        let Some(summit) = self.policy.summit(&posted.row.summit) else { return self.lost(path) };
        let text = read(&posted.bytes, posted.row.created).text;
        let own = text.lines().filter(|line| line.kind != SpanKind::Footer);
        let text: Vec<String> = own.map(|line| crate::letters::wrap::shown(line.text).trim_end().to_owned()).collect();
        let page = DigestPage {
            frame: self.frame(path, &posted.row.subject, Some(summit)),
            subject: shown(&posted.row.subject),
            at: when::moment(posted.row.created, &summit.zone),
            archive: self.permalink(summit, &posted.row.message_id),
            text: super::rich::rich(text.join("\n").trim_matches('\n')),
        };
        rendered(&page).into_bytes()
    }
}

impl Track {
    fn of(name: Option<String>, rows: impl Iterator<Item = Row>) -> Track {
        let sessions: Vec<Row> = rows.collect();
        Track {
            name,
            with_notes: sessions.iter().filter(|row| !row.notes.is_empty()).count(),
            decisions: sessions.iter().map(|row| row.decisions.len()).sum(),
            open: sessions.iter().flat_map(|row| &row.tasks).filter(|task| !task.done).count(),
            sessions,
        }
    }
}
