//! The register: all sessions of all summits, in memory, as the log tells them up to one position.
//!
//! It is a value. Somebody else reads the log and hands the facts over; the register answers what `decide`,
//! the letters and the pages ask.

use super::archived::Archived;
use super::model::{Attendance, Change, Fact, Said, Session, SessionKey};
use super::people::People;
use super::policy::{Policy, Summit};
use super::titles::{Titles, words};
use crate::clock::Timestamp;
use crate::mail::MessageId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Default)]
pub struct Register {
    /// Facts name people as mails do; sessions name them as the operator knows them.
    people: People,
    sessions: BTreeMap<SessionKey, Session>,
    /// What concerns each summit as a whole.
    summits: BTreeMap<SessionKey, Session>,
    /// The mails whose answers belong to a session: the head of its thread, its revisions, its notes.
    threads: HashMap<MessageId, Vec<SessionKey>>,
    titles: Titles,
    /// The few sessions that became part of another: nobody has to ask all of them.
    merged: BTreeSet<SessionKey>,
    position: i64,
}

/// What a title leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TitleMatch {
    Exactly(SessionKey),
    /// Alike, or alike to several: somebody has to say which. Best first.
    Perhaps(Vec<SessionKey>),
    Nothing,
}

/// A session of the same title, in an earlier summit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forebear {
    pub session: SessionKey,
    /// The summit's name.
    pub summit: String,
    /// In which it was proposed.
    pub year: i16,
    /// Where its last notes stand: a link, or the Message-ID in its brackets.
    pub notes: Option<String>,
}

impl Forebear {
    fn of(summit: &Summit, session: &Session, policy: &Policy) -> Forebear {
        let link = |mail: &MessageId| {
            policy.permalink(summit, mail, &Archived::default()).unwrap_or_else(|| format!("<{mail}>"))
        };
        let notes = session.outcomes.iter().rev().find(|outcome| outcome.value.complete);
        Forebear {
            session: session.key.clone(),
            summit: summit.name.clone(),
            year: session.submitted.to_zoned(summit.zone.clone()).year(),
            notes: notes.map(|outcome| link(&outcome.value.source)),
        }
    }
}

/// A title that shares at least this part of its words is almost the same: perhaps somebody proposed twice.
const ALMOST: f64 = 0.8;

/// Two titles are alike when they share at least this part of their words.
const ALIKE: f64 = 0.5;

impl Register {
    /// An empty one, in which these people are known. `Register::default()` knows nobody.
    pub fn of(people: People) -> Register {
        Register { people, ..Register::default() }
    }

    /// Takes in one stored fact, in log order.
    pub fn apply(&mut self, mut fact: Fact) {
        for person in fact.change.people_mut() {
            *person = self.people.known(person);
        }
        self.position = self.position.max(fact.position);
        let leads = fact.change.heads(&fact.mail).is_some() || matches!(fact.change, Change::Undone { .. });
        let key = fact.session.clone();
        let sessions = if key.is_summit() { &mut self.summits } else { &mut self.sessions };
        match sessions.get_mut(&key) {
            Some(session) => session.insert(fact),
            None => {
                // A fact of a session that was never opened can't be written by `decide`; there is nothing to add it to.
                let Some(session) = Session::open(fact) else { return };
                sessions.insert(key.clone(), session);
            }
        }
        if let Some(session) = self.sessions.get(&key) {
            self.titles.put(&key, session.title());
            match session.merged_into() {
                Some(_) => self.merged.insert(key.clone()),
                None => self.merged.remove(&key),
            };
        }
        if leads {
            self.lead(&key);
        }
    }

    /// Notes which threads lead to a session now. What a mail that was taken back once headed, leads there no more; but a
    /// session that was taken back as a whole keeps its thread until another is opened there, so that nothing is lost that
    /// is said meanwhile.
    fn lead(&mut self, key: &SessionKey) {
        let Some(session) = self.sessions.get(key) else { return };
        let opening = session.history().first();
        let all = session.history().iter().filter_map(|fact| fact.change.heads(&fact.mail));
        for mail in all {
            self.threads.entry(mail.clone()).or_default().retain(|known| known != key);
        }
        let now = opening.into_iter().chain(session.counted()).filter_map(|fact| fact.change.heads(&fact.mail));
        for mail in now {
            let keys = self.threads.entry(mail.clone()).or_default();
            if !keys.contains(key) {
                keys.push(key.clone());
            }
            let taken_back = |key: &SessionKey| self.sessions.get(key).is_some_and(|s| s.taken_back_by().is_some());
            keys.sort_by_key(|key| (taken_back(key), key.clone()));
        }
    }

    /// The log position up to which it knows everything.
    pub fn position(&self) -> i64 {
        self.position
    }

    pub fn session(&self, key: &SessionKey) -> Option<&Session> {
        if key.is_summit() { self.summits.get(key) } else { self.sessions.get(key) }
    }

    /// Who said that they come to a summit, or do not.
    pub fn attendance(&self, summit: &str) -> &[Said<Attendance>] {
        self.summits.get(&SessionKey::of_summit(summit)).map_or(&[], |summit| summit.attendance.as_slice())
    }

    /// What is known of a summit as a whole.
    pub fn summit(&self, slug: &str) -> Option<&Session> {
        self.summits.get(&SessionKey::of_summit(slug))
    }

    /// The last words of an organiser for the next digest.
    pub fn introduction(&self, summit: &str) -> Option<&Said<String>> {
        self.summits.get(&SessionKey::of_summit(summit))?.introduction.as_ref()
    }

    /// The position of the log up to which everything was written by then: behind it begins what is newer.
    pub fn position_at(&self, summit: &str, at: Timestamp) -> i64 {
        let facts = self.of_summit(summit).flat_map(Session::history);
        let newer = facts.filter(|fact| fact.at > at).map(|fact| fact.position).min();
        newer.map_or(self.position, |first| first - 1)
    }

    /// The first and the last day on which anything has a slot, by the clocks of this zone.
    pub fn days(&self, summit: &str, zone: &TimeZone) -> Option<(Date, Date)> {
        let open = self.of_summit(summit).filter(|session| !session.is_closed());
        let starts = open.filter_map(|session| session.slot.as_ref()?.start);
        let (first, last) = starts.fold(None, |days, at| match days {
            None => Some((at, at)),
            Some((first, last)) => Some((at.min(first), at.max(last))),
        })?;
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        Some((day(first), day(last)))
    }

    /// The sessions of all summits that have facts behind this position of the log.
    pub fn changed_since(&self, position: i64) -> impl Iterator<Item = &Session> {
        let newer = move |session: &&Session| session.history().iter().any(|fact| fact.position > position);
        self.sessions.values().filter(newer)
    }

    pub fn of_summit<'a>(&'a self, summit: &'a str) -> impl Iterator<Item = &'a Session> {
        let from = SessionKey { summit: summit.to_owned(), number: 0 };
        self.sessions.range(from..).map(|(_, session)| session).take_while(move |s| s.key.summit == summit)
    }

    pub fn numbered(&self, summit: &str, number: u32) -> Option<&Session> {
        self.sessions.get(&SessionKey { summit: summit.to_owned(), number })
    }

    pub fn next_number(&self, summit: &str) -> u32 {
        let of = |number| SessionKey { summit: summit.to_owned(), number };
        self.sessions.range(of(0)..=of(u32::MAX)).next_back().map_or(1, |(last, _)| last.number + 1)
    }

    /// The session that this one became part of, in the end; itself when it stands on its own.
    pub fn home<'a>(&'a self, session: &'a Session) -> &'a Session {
        let mut at = session;
        // Nobody can merge in a circle by mail, but mails may come in any order.
        for _ in 0..self.sessions.len() {
            match at.merged_into().and_then(|into| self.numbered(&at.key.summit, into)) {
                Some(into) => at = into,
                None => break,
            }
        }
        at
    }

    /// The sessions that became part of this one.
    pub fn parts(&self, session: &Session) -> impl Iterator<Item = &Session> {
        let whole = session.key.clone();
        let merged = self.merged.iter().filter_map(|key| self.sessions.get(key));
        merged.filter(move |part| part.key != whole && self.home(part).key == whole)
    }

    /// A session with what people said in those that became part of it.
    pub fn gathered<'a>(&'a self, session: &'a Session) -> Cow<'a, Session> {
        match self.parts(session).next().is_some() {
            false => Cow::Borrowed(session),
            true => Cow::Owned(session.with_voices_of(self.parts(session))),
        }
    }

    /// The summit as the log told of it up to a position.
    pub fn as_of(&self, summit: &str, position: i64) -> Register {
        let known = self.of_summit(summit).filter_map(|session| session.as_of(position));
        let sessions: BTreeMap<_, _> = known.map(|session| (session.key.clone(), session)).collect();
        let merged = sessions.values().filter(|session| session.merged_into().is_some());
        let merged = merged.map(|session| session.key.clone()).collect();
        Register { sessions, merged, position, ..Register::default() }
    }

    /// The sessions to which a mail did something, whether or not it still counts.
    pub fn touched_by(&self, mail: &MessageId) -> Vec<SessionKey> {
        let touched = |session: &&Session| session.history().iter().any(|fact| fact.mail == *mail);
        self.summits.values().chain(self.sessions.values()).filter(touched).map(|session| session.key.clone()).collect()
    }

    /// The sessions of the same title in earlier summits of the same lists, the last first.
    pub fn lineage(&self, session: &Session, policy: &Policy) -> Vec<Forebear> {
        let earlier = |before: &&Session| before.submitted < session.submitted && before.taken_back_by().is_none();
        let before = self.namesakes(session, policy).into_iter().rev().filter(earlier);
        before.filter_map(|before| Some(Forebear::of(policy.summit(&before.key.summit)?, before, policy))).collect()
    }

    /// All sessions of the same title in other summits of the same lists, in the order in which they were proposed.
    pub fn namesakes(&self, session: &Session, policy: &Policy) -> Vec<&Session> {
        let Some(own) = policy.summit(&session.key.summit) else { return Vec::new() };
        let wanted = words(session.title());
        let others = policy.summits.iter().filter(|summit| summit.slug != own.slug);
        let of_list = others.filter(|summit| summit.lists.iter().any(|list| own.lists.contains(list)));
        let keys = of_list.flat_map(|summit| self.titles.exactly(&summit.slug, &wanted));
        let mut namesakes: Vec<&Session> = keys.filter_map(|key| self.sessions.get(&key)).collect();
        namesakes.sort_by_key(|session| session.submitted);
        namesakes
    }

    /// The sessions whose thread this mail heads; mostly none, rarely more than one.
    pub fn headed_by(&self, mail: &MessageId) -> &[SessionKey] {
        self.threads.get(mail).map_or(&[], Vec::as_slice)
    }

    /// The session of the nearest of these mails that heads one's thread.
    pub fn of_thread(&self, nearest_first: &[MessageId]) -> &[SessionKey] {
        nearest_first.iter().map(|mail| self.headed_by(mail)).find(|keys| !keys.is_empty()).unwrap_or(&[])
    }

    /// Which session of the summit bears this title.
    pub fn titled(&self, summit: &str, title: &str) -> TitleMatch {
        let wanted = words(title);
        if wanted.is_empty() {
            return TitleMatch::Nothing;
        }
        let exact = self.titles.exactly(summit, &wanted);
        if let [one] = exact.as_slice() {
            return TitleMatch::Exactly(one.clone());
        }
        if !exact.is_empty() {
            return TitleMatch::Perhaps(exact);
        }
        let alike = self.titles.alike(summit, &wanted, ALIKE, 3);
        if alike.is_empty() { TitleMatch::Nothing } else { TitleMatch::Perhaps(alike) }
    }

    /// The session of the summit that bears this title or almost this one, when there is one.
    pub fn almost(&self, summit: &str, title: &str) -> Option<SessionKey> {
        let words = words(title);
        match self.titles.exactly(summit, &words).as_slice() {
            [one] => Some(one.clone()),
            _ => self.titles.alike(summit, &words, ALMOST, 1).into_iter().next(),
        }
    }
}

/// What makes two titles the same: their words.
pub fn title_words(title: &str) -> Vec<String> {
    words(title)
}

/// Whether two titles have the same words.
pub fn same_title(a: &str, b: &str) -> bool {
    words(a) == words(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{Level, Notes, Proposal};
    use crate::mail::{Address, Person};
    use crate::session::model::{Basis, Finality, Status};
    use jiff::SignedDuration;

    const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);

    fn id(name: &str) -> MessageId {
        MessageId::parse(&format!("{name}@example.org")).unwrap()
    }
    fn person(name: &str) -> Person {
        Person { name: None, address: Address::parse(&format!("{name}@example.org")) }
    }
    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 24 * 3600).unwrap()
    }
    fn fact(mail: &str, day: i64, change: Change) -> Fact {
        let session = SessionKey { summit: "summit".into(), number: 1 };
        Fact { position: 0, session, change, mail: id(mail), at: at(day), line: None }
    }
    fn opened() -> Fact {
        let proposal = Proposal { title: "Console".into(), ..Proposal::default() };
        let (root, author) = (id("root"), person("ada"));
        fact("root", 0, Change::Proposed { root, author, proposal, repairs: Vec::new() })
    }
    fn titled(mail: &str, day: i64) -> Fact {
        fact(mail, day, Change::Titled { title: mail.into() })
    }
    fn undone(by: &str, day: i64, mail: &str) -> Fact {
        fact(by, day, Change::Undone { mail: id(mail) })
    }
    fn noted(mail: &str, day: i64) -> Fact {
        let (source, author, notes) = (id(mail), person("grace"), Notes::default());
        fact(mail, day, Change::Noted { source, author, notes, complete: true, corrects: None })
    }
    fn objected(mail: &str, day: i64) -> Fact {
        fact(mail, day, Change::Objected { person: person("kurt"), why: None })
    }
    fn settled(mail: &str, day: i64) -> Fact {
        fact(mail, day, Change::Settled { person: person("ada"), how: None })
    }

    /// The register of these facts, which came in the order of these places.
    fn register(facts: &[Fact], order: &[usize]) -> Register {
        let mut register = Register::default();
        for (position, place) in (1..).zip(order) {
            register.apply(Fact { position, ..facts[*place].clone() });
        }
        register
    }
    /// All orders of the facts behind the first, which opens the session.
    fn orders(count: usize) -> Vec<Vec<usize>> {
        let mut orders = vec![vec![0]];
        for place in 1..count {
            let longer = |order: &Vec<usize>| {
                let order = order.clone();
                (1..=order.len()).map(move |at| [&order[..at], &[place], &order[at..]].concat())
            };
            orders = orders.iter().flat_map(longer).collect();
        }
        orders
    }

    #[test]
    fn an_undo_of_an_undo_brings_back_what_the_first_took_whatever_came_first() {
        let facts =
            [opened(), titled("a", 1), titled("b", 2), undone("u", 3, "b"), undone("v", 4, "u"), undone("w", 5, "v")];
        for (upto, title) in [(3, "b"), (4, "a"), (5, "b"), (6, "a")] {
            for order in orders(upto) {
                let register = register(&facts, &order);
                assert_eq!(register.numbered("summit", 1).unwrap().title(), title, "{order:?}");
            }
        }
    }

    #[test]
    fn a_session_that_is_taken_back_keeps_its_name_its_thread_and_its_number() {
        let voice = Change::Interest { person: person("kurt"), level: Level::Yes, basis: Basis::Explicit };
        let facts = [opened(), fact("k", 1, voice), noted("notes", 1), undone("u", 2, "root"), undone("n", 3, "notes")];
        for order in orders(facts.len()) {
            let register = register(&facts, &order);
            let session = register.numbered("summit", 1).unwrap();
            assert_eq!((session.title(), session.status(at(9))), ("Console", Status::Undone(&id("u"))), "{order:?}");
            assert_eq!(register.headed_by(&id("root")), std::slice::from_ref(&session.key), "{order:?}");
            assert_eq!((register.headed_by(&id("notes")).len(), register.next_number("summit")), (0, 2), "{order:?}");
            assert_eq!(session.interest.len(), 1);
        }
    }

    #[test]
    fn another_session_opened_in_its_thread_leads_it() {
        let mut again = opened();
        again.session.number = 2;
        let facts = [opened(), again, undone("u", 2, "root")];
        let register = register(&facts, &[0, 1, 2]);
        let numbers: Vec<u32> = register.headed_by(&id("root")).iter().map(|key| key.number).collect();
        assert_eq!(numbers, [2, 1]);
    }

    #[test]
    fn an_outcome_is_tentative_then_final_unless_somebody_objects_in_time() {
        let firm = |facts: &[Fact], day: i64| {
            let all: Vec<Fact> = [opened()].into_iter().chain(facts.iter().cloned()).collect();
            let firms = orders(all.len()).into_iter().map(|order| {
                let register = register(&all, &order);
                register
                    .numbered("summit", 1)
                    .unwrap()
                    .finality(at(day), WEEK)
                    .map_or("none", |firm| firm.name())
                    .to_owned()
            });
            let mut firms = firms.collect::<Vec<String>>();
            firms.dedup();
            assert_eq!(firms.len(), 1, "the order of arrival makes no difference: {firms:?}");
            firms.remove(0)
        };
        for (facts, day, expected) in [
            (vec![], 9, "none"),
            (vec![objected("o", 1)], 9, "none"),
            (vec![noted("n", 1)], 7, "tentative"),
            (vec![noted("n", 1)], 8, "final"),
            (vec![noted("n", 1), noted("m", 5)], 11, "tentative"),
            (vec![noted("n", 1), objected("o", 7)], 99, "disputed"),
            (vec![noted("n", 1), objected("o", 8)], 99, "final"),
            (vec![noted("n", 2), objected("o", 1)], 99, "final"),
            (vec![noted("n", 1), objected("o", 2), noted("m", 3)], 99, "disputed"),
            (vec![noted("n", 1), objected("o", 2), settled("s", 3)], 4, "settled"),
            (vec![noted("n", 1), objected("o", 2), settled("s", 3), objected("p", 4)], 5, "settled"),
            (vec![noted("n", 1), settled("s", 3)], 4, "tentative"),
            (vec![noted("n", 1), objected("o", 2), undone("u", 3, "o")], 4, "tentative"),
            (vec![noted("n", 1), objected("o", 2), undone("u", 3, "n")], 4, "none"),
        ] {
            assert_eq!(firm(&facts, day), expected, "{facts:?}");
        }
    }

    #[test]
    fn an_objection_names_who_and_where() {
        let facts = [opened(), noted("n", 1), objected("o", 2)];
        let register = register(&facts, &[0, 1, 2]);
        let firm = register.numbered("summit", 1).unwrap().finality(at(3), WEEK);
        let Some(Finality::Disputed { objections }) = firm else { panic!("{firm:?}") };
        assert_eq!((objections[0].person, objections[0].mail), (&person("kurt"), &id("o")));
    }
}
