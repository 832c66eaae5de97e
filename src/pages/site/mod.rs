//! The archive as a site: every session's life on one page, and the ways to it.
//!
//! A [`Site`] is a value: what is known at one time. It names its [`Leaf`]s and renders each from what it holds and from
//! the raw mails that the leaf [needs](Site::needs), so that nobody has to read fifty thousand mails to show one page. The
//! same pages are written into a directory and served over HTTP.
//!
//! No script is sent, and no HTML of others: the templates escape every word, and nothing is declared safe. A time of
//! making stands nowhere, so that what did not change stays the same bytes. What was said to the program in private is
//! told by what it did, never in its words.

mod across;
mod debt;
mod forms;
mod needs;
pub mod paths;
pub(super) mod people;
pub(super) mod rich;
mod search;
mod session;
mod summit;
mod text;
mod thread;
mod timetable;
mod unsubscribe;
mod view;

use crate::clock::Timestamp;
use crate::mail::{End, MessageId, Reason};
use crate::session::{Archived, Finality, Policy, Register, Session, SessionKey, Summit};
use crate::store::{LetterRow, StoredMail};
use people::People;
use std::collections::HashMap;
pub use unsubscribe::Clicked;

/// The one stylesheet.
const STYLE: &str = include_str!("../../../templates/site/style.css");

/// Everything that the pages tell of.
pub struct Site {
    policy: Policy,
    register: Register,
    mails: Vec<StoredMail>,
    posted: Vec<Posted>,
    now: Timestamp,
    way: Way,
    archived: Archived,
    by_id: HashMap<MessageId, usize>,
    /// The mails of each session, in the order in which they were written.
    threads: HashMap<SessionKey, Vec<usize>>,
    people: People,
}

/// A letter that went to a list.
pub struct Posted {
    pub row: LetterRow,
    pub bytes: Vec<u8>,
}

/// How a reader comes to the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From files: nobody is there to answer a search.
    Files,
    Served,
}

/// One file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    Style,
    Summits,
    Decisions,
    Actions,
    Topics,
    People,
    Person(usize),
    Search,
    Lost,
    /// Of the summit at this place in the configuration.
    Summit(usize),
    Timetable(usize),
    Attendees(usize),
    ToDo(usize),
    Digests(usize),
    /// A letter, by its place among the posted.
    Digest(usize),
    Session(SessionKey),
    /// Of a summit, by its place among `forms::OF_SUMMIT`.
    Form(usize, usize),
    /// Of a session, by its place among `forms::OF_SESSION`.
    SessionForm(SessionKey, usize),
}

/// Raw mails by their place in the inbox.
pub type Raws = HashMap<i64, Vec<u8>>;

impl Site {
    pub fn of(
        policy: Policy,
        register: Register,
        mails: Vec<StoredMail>,
        posted: Vec<Posted>,
        now: Timestamp,
        way: Way,
    ) -> Site {
        let mut archived = Archived::default();
        for StoredMail { row, .. } in &mails {
            archived.add(row.message_id.clone(), row.list.is_some(), row.archived_at.clone());
        }
        let mut by_id = HashMap::new();
        let mut threads: HashMap<SessionKey, Vec<usize>> = HashMap::new();
        for (at, mail) in mails.iter().enumerate().filter(|(_, mail)| is_original(mail)) {
            by_id.entry(mail.row.message_id.clone()).or_insert(at);
            for key in &mail.row.sessions {
                threads.entry(key.clone()).or_default().push(at);
            }
        }
        for thread in threads.values_mut() {
            thread.sort_by_key(|at| (mails[*at].row.at, *at));
        }
        let people = People::of(&policy, &register);
        Site { policy, register, mails, posted, now, way, archived, by_id, threads, people }
    }

    /// All files with their paths.
    pub fn leaves(&self) -> Vec<(String, Leaf)> {
        let fixed = [
            (paths::STYLE, Leaf::Style),
            (paths::SUMMITS, Leaf::Summits),
            (paths::DECISIONS, Leaf::Decisions),
            (paths::ACTIONS, Leaf::Actions),
            (paths::TOPICS, Leaf::Topics),
            (paths::PEOPLE, Leaf::People),
            (paths::SEARCH, Leaf::Search),
            (paths::LOST, Leaf::Lost),
        ];
        let mut leaves: Vec<(String, Leaf)> = fixed.map(|(path, leaf)| (path.to_owned(), leaf)).into();
        for (at, summit) in self.policy.summits.iter().enumerate() {
            let own = [
                ("index.html", Leaf::Summit(at)),
                ("timetable.html", Leaf::Timetable(at)),
                ("people.html", Leaf::Attendees(at)),
                ("actions.html", Leaf::ToDo(at)),
                ("digests.html", Leaf::Digests(at)),
            ];
            leaves.extend(own.map(|(file, leaf)| (paths::of_summit(&summit.slug, file), leaf)));
            let forms = forms::OF_SUMMIT.iter().enumerate();
            leaves.extend(forms.map(|(form, (file, _))| (paths::of_summit(&summit.slug, file), Leaf::Form(at, form))));
            for session in self.register.of_summit(&summit.slug) {
                leaves.push((paths::session(&session.key), Leaf::Session(session.key.clone())));
                let forms = forms::OF_SESSION.iter().enumerate();
                leaves.extend(forms.map(|(form, (end, _))| {
                    (paths::form_of_session(&session.key, end), Leaf::SessionForm(session.key.clone(), form))
                }));
            }
            leaves.extend(self.digests_of(summit).map(|(n, at, _)| (digest_path(summit, n), Leaf::Digest(at))));
        }
        let people = self.people.all().iter().enumerate();
        leaves.extend(people.map(|(at, one)| (one.path.clone(), Leaf::Person(at))));
        leaves
    }

    /// The mails whose words a leaf shows, by their place in the inbox.
    pub fn needs(&self, leaf: &Leaf) -> Vec<i64> {
        let Leaf::Session(key) = leaf else { return Vec::new() };
        self.thread(key).filter(|mail| self.is_public(mail)).map(|mail| mail.id).collect()
    }

    /// A leaf's bytes. `raws` holds what it needs; a mail that is missing there is shown without its words.
    pub fn render(&self, path: &str, leaf: &Leaf, raws: &Raws) -> Vec<u8> {
        match leaf {
            Leaf::Style => STYLE.into(),
            Leaf::Summits => self.summits(path),
            Leaf::Decisions => self.all_decisions(path),
            Leaf::Actions => self.all_actions(path),
            Leaf::Topics => self.topics(path),
            Leaf::People => self.everybody(path),
            Leaf::Person(at) => self.person(path, *at),
            Leaf::Search => self.search(path),
            Leaf::Lost => self.nowhere(path),
            Leaf::Summit(at) => self.summit(path, *at),
            Leaf::Timetable(at) => self.timetable(path, *at),
            Leaf::Attendees(at) => self.attendees(path, *at),
            Leaf::ToDo(at) => self.to_do(path, *at),
            Leaf::Digests(at) => self.digests(path, *at),
            Leaf::Digest(at) => self.digest(path, *at),
            Leaf::Session(key) => self.session(path, key, raws),
            Leaf::Form(at, form) => forms::OF_SUMMIT[*form].1(self, &self.policy.summits[*at]),
            Leaf::SessionForm(key, form) => match (self.policy.summit(&key.summit), self.register.session(key)) {
                (Some(summit), Some(session)) => forms::OF_SESSION[*form].1(self, summit, session),
                _ => Vec::new(),
            },
        }
    }

    /// The next time at which a page reads otherwise though no mail came: a session ends, an outcome becomes final.
    pub fn good_until(&self) -> Option<Timestamp> {
        let times = self.sessions().flat_map(|(summit, session)| {
            let firm = match session.finality(self.now, summit.patience()) {
                Some(Finality::Tentative { until }) => Some(until),
                _ => None,
            };
            [session.ends(), firm].into_iter().flatten()
        });
        times.filter(|at| *at > self.now).min()
    }

    /// All sessions with their summits, in the order of the configuration.
    fn sessions(&self) -> impl Iterator<Item = (&Summit, &Session)> {
        let all = self.policy.summits.iter();
        all.flat_map(|summit| self.register.of_summit(&summit.slug).map(move |session| (summit, session)))
    }

    /// A session's mails, in the order in which they were written.
    fn thread(&self, key: &SessionKey) -> impl Iterator<Item = &StoredMail> {
        self.threads.get(key).into_iter().flatten().map(|at| &self.mails[*at])
    }

    /// Whether everybody could read it: it came through a list.
    fn is_public(&self, mail: &StoredMail) -> bool {
        mail.row.list.is_some()
    }

    fn permalink(&self, summit: &Summit, mail: &MessageId) -> Option<String> {
        let link = self.policy.permalink(summit, mail, &self.archived)?;
        let web = link.starts_with("https://") || link.starts_with("http://");
        web.then_some(link)
    }

    /// The letters to a summit's lists: each with its number from 1, and its place among the posted.
    fn digests_of<'a>(&'a self, summit: &'a Summit) -> impl Iterator<Item = (usize, usize, &'a Posted)> {
        let own = self.posted.iter().enumerate().filter(|(_, posted)| posted.row.summit == summit.slug);
        own.zip(1..).map(|((at, posted), n)| (n, at, posted))
    }
}

fn digest_path(summit: &Summit, number: usize) -> String {
    paths::of_summit(&summit.slug, &format!("digest-{number}.html"))
}

/// A copy of a mail has nothing of its own to say, and a program's has nothing at all.
fn is_original(mail: &StoredMail) -> bool {
    mail.row.reason.end() == End::Recorded && mail.row.reason != Reason::ReusedMessageId
}
