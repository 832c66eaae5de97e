//! What spans all summits: which there are, their topics through the years, every decision, what was carried over, and the
//! people. And the page for a way that leads nowhere.

use super::rich::Rich;
use super::session::{Decision, Kin, Note, Task};
use super::view::{Card, Frame, shown};
use super::{Site, Way};
use crate::letters::rendered;
use crate::session::{Session, Summit};
use askama::Template;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "site/summits.html")]
struct SummitsPage<'a> {
    frame: Frame<'a>,
    summits: Vec<Overview>,
}

struct Overview {
    slug: String,
    name: String,
    /// The days that its sessions take place on, or its mail is taken from.
    when: Option<String>,
    sessions: usize,
    noted: usize,
}

#[derive(Template)]
#[template(path = "site/decisions.html")]
struct DecisionsPage<'a> {
    frame: Frame<'a>,
    summits: Vec<Decided>,
}

struct Decided {
    name: String,
    sessions: Vec<(Card, Vec<Decision>)>,
}

#[derive(Template)]
#[template(path = "site/carried.html")]
struct ActionsPage<'a> {
    frame: Frame<'a>,
    carried: Vec<Owing>,
    current: Vec<Owing>,
}

/// The open actions of a summit.
struct Owing {
    name: String,
    sessions: Vec<(Card, Vec<Task>)>,
}

#[derive(Template)]
#[template(path = "site/topics.html")]
struct TopicsPage<'a> {
    frame: Frame<'a>,
    topics: Vec<Topic>,
}

/// One title, summit after summit.
struct Topic {
    title: Rich,
    sessions: Vec<(Kin, Vec<Note>)>,
}

#[derive(Template)]
#[template(path = "site/everybody.html")]
struct EverybodyPage<'a> {
    frame: Frame<'a>,
    people: Vec<Someone>,
}

struct Someone {
    name: String,
    path: String,
    sessions: usize,
}

#[derive(Template)]
#[template(path = "site/person.html")]
struct PersonPage<'a> {
    frame: Frame<'a>,
    name: String,
    summits: Vec<PartTaken>,
}

struct PartTaken {
    name: String,
    hosted: Vec<Card>,
    noted: Vec<Card>,
    owes: Vec<(Card, Vec<Task>)>,
    others: Vec<Card>,
}

/// The same in a directory, where a web server shows it in the place of any page that is not there.
#[derive(Template)]
#[template(path = "site/nowhere.html")]
struct NowherePage<'a> {
    style: &'static str,
    /// By which the browser knows the style for ours.
    hash: String,
    robot: &'a str,
}

/// What the page wears that cannot know the way to the stylesheet.
const WORN: &str = include_str!("../../../templates/site/nowhere.css");

#[derive(Template)]
#[template(path = "site/lost.html")]
struct LostPage<'a> {
    frame: Frame<'a>,
}

impl Site {
    pub fn summits(&self, path: &str) -> Vec<u8> {
        let overview = |summit: &Summit| {
            let open = || self.register.of_summit(&summit.slug).filter(|session| !session.is_closed());
            Overview {
                slug: summit.slug.clone(),
                name: shown(&summit.name),
                when: self.days(summit),
                sessions: open().count(),
                noted: open().filter(|session| !session.outcomes.is_empty()).count(),
            }
        };
        // The last one first: it is the one that people come for.
        let mut summits: Vec<Overview> = self.policy.summits.iter().map(overview).collect();
        summits.reverse();
        rendered(&SummitsPage { frame: self.frame(path, "Design summits", None), summits }).into_bytes()
    }

    /// `13-14 July 2017`: the days on which sessions take place.
    fn days(&self, summit: &Summit) -> Option<String> {
        let starts = self.register.of_summit(&summit.slug).filter_map(|session| session.slot.as_ref()?.start);
        let days = starts.map(|start| start.to_zoned(summit.zone.clone()).date());
        let (first, last) = days.fold(None, |span, day| match span {
            None => Some((day, day)),
            Some((first, last)) => Some((day.min(first), day.max(last))),
        })?;
        let whole = last.strftime("%-d %B %Y").to_string();
        Some(match () {
            () if first == last => whole,
            () if first.first_of_month() == last.first_of_month() => format!("{}–{whole}", first.day()),
            () => format!("{} – {whole}", first.strftime("%-d %B %Y")),
        })
    }

    /// A summit's sessions, each with what is asked for, where there is any.
    fn each<T>(&self, summit: &Summit, what: impl Fn(&Session) -> Vec<T>) -> Vec<(Card, Vec<T>)> {
        let standing = self.register.of_summit(&summit.slug).filter(|session| session.taken_back_by().is_none());
        let all = standing.map(|session| (session, what(session))).filter(|(_, all)| !all.is_empty());
        all.map(|(session, all)| (self.card(summit, session), all)).collect()
    }

    pub fn all_decisions(&self, path: &str) -> Vec<u8> {
        let decided = |summit: &Summit| Decided {
            name: shown(&summit.name),
            sessions: self.each(summit, |session| self.decisions(session).collect()),
        };
        let mut summits: Vec<Decided> = self.policy.summits.iter().map(decided).collect();
        summits.retain(|decided| !decided.sessions.is_empty());
        summits.reverse();
        rendered(&DecisionsPage { frame: self.frame(path, "Decisions", None), summits }).into_bytes()
    }

    pub fn all_actions(&self, path: &str) -> Vec<u8> {
        let open = |summit: &Summit| Owing {
            name: shown(&summit.name),
            sessions: self.each(summit, |session| self.tasks(session).filter(|task| !task.done).collect()),
        };
        let mut all: Vec<Owing> = self.policy.summits.iter().map(open).collect();
        let mut current = all.split_off(all.len().saturating_sub(1));
        all.retain(|owing| !owing.sessions.is_empty());
        current.retain(|owing| !owing.sessions.is_empty());
        all.reverse();
        let frame = self.frame(path, "Open actions", None);
        rendered(&ActionsPage { frame, carried: all, current }).into_bytes()
    }

    pub fn topics(&self, path: &str) -> Vec<u8> {
        let mut topics: BTreeMap<Vec<String>, Vec<(&Summit, &Session)>> = BTreeMap::new();
        for (summit, session) in self.sessions().filter(|(_, session)| session.taken_back_by().is_none()) {
            topics.entry(crate::session::register::title_words(session.title())).or_default().push((summit, session));
        }
        let returning = topics.into_values().filter(|all| all.iter().any(|(summit, _)| summit.slug != all[0].0.slug));
        let topic = |mut all: Vec<(&Summit, &Session)>| {
            all.sort_by_key(|(_, session)| std::cmp::Reverse(session.submitted));
            let one = |(summit, session): &(&Summit, &Session)| {
                let kin = Kin { summit: shown(&summit.name), card: self.card(summit, session) };
                (kin, self.notes(summit, session).collect())
            };
            Topic { title: super::view::title(all[0].1), sessions: all.iter().map(one).collect() }
        };
        let topics = returning.map(topic).collect();
        rendered(&TopicsPage { frame: self.frame(path, "Topics that came back", None), topics }).into_bytes()
    }

    pub fn everybody(&self, path: &str) -> Vec<u8> {
        let one = |one: &super::people::Individual| Someone {
            name: one.name.clone(),
            path: one.path.clone(),
            sessions: one.sessions.values().map(Vec::len).sum(),
        };
        let mut people: Vec<Someone> = self.people.all().iter().map(one).collect();
        people.sort_by_key(|one| one.name.to_lowercase());
        rendered(&EverybodyPage { frame: self.frame(path, "People", None), people }).into_bytes()
    }

    pub fn person(&self, path: &str, place: usize) -> Vec<u8> {
        let one = &self.people.all()[place];
        let is = |person: &crate::mail::Person| self.people.is(person, place);
        let mut summits = Vec::new();
        for (at, keys) in one.sessions.iter().rev() {
            let summit = &self.policy.summits[*at];
            let (mut hosted, mut noted, mut owes, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for session in keys.iter().filter_map(|key| self.register.session(key)) {
                let card = self.card(summit, session);
                let leads = session.proposal.hosts.iter().any(|host| is(&host.person));
                let wrote = session.outcomes.iter().any(|outcome| is(&outcome.value.author));
                let owned: Vec<usize> = session
                    .actions()
                    .filter(|(_, action)| action.owner.as_ref().is_some_and(is))
                    .map(|(number, _)| number)
                    .collect();
                let own: Vec<Task> = match owned.is_empty() {
                    true => Vec::new(),
                    false => self.tasks(session).filter(|task| owned.contains(&task.number)).collect(),
                };
                if !leads && !wrote && own.is_empty() {
                    others.push(card.clone());
                }
                if leads {
                    hosted.push(card.clone());
                }
                if wrote {
                    noted.push(card.clone());
                }
                if !own.is_empty() {
                    owes.push((card, own));
                }
            }
            summits.push(PartTaken { name: shown(&summit.name), hosted, noted, owes, others });
        }
        let frame = self.frame(path, &one.name, None);
        rendered(&PersonPage { frame, name: one.name.clone(), summits }).into_bytes()
    }

    /// 404.html. From files nobody knows how deep the way is that led here, so no link could be right: it has none.
    pub fn nowhere(&self, path: &str) -> Vec<u8> {
        match self.way {
            Way::Served => self.lost(path),
            Way::Files => {
                let hash = BASE64.encode(&Sha256::digest(WORN));
                rendered(&NowherePage { style: WORN, hash, robot: &self.policy.robot_name }).into_bytes()
            }
        }
    }

    pub fn lost(&self, path: &str) -> Vec<u8> {
        rendered(&LostPage { frame: self.frame(path, "Nothing here", None) }).into_bytes()
    }
}
