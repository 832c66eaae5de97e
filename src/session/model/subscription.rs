//! Who is sent what happens: to a session, or to a summit as a whole, which is the session with the number 0.
//!
//! That somebody asked for it is all that is known here. Whether they can be written to is asked when a letter is due.

use super::{Fact, Said, Session};
use crate::clock::Timestamp;
use crate::grammar::Report;
use crate::mail::Person;

#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    pub person: Person,
    /// One kind; every digest when it is `None`.
    pub report: Option<Report>,
}

impl Session {
    /// Whom reports of this kind go to, each person once.
    pub fn subscribers(&self, report: Report) -> impl Iterator<Item = &Person> {
        self.subscribed(report).map(|said| &said.value.person)
    }

    /// The same, with the mails that say so.
    pub fn subscribed(&self, report: Report) -> impl Iterator<Item = &Said<Subscription>> {
        let all = Report::DIGESTS.contains(&report);
        self.subscriptions.iter().filter(move |said| said.value.report.map_or(all, |kind| kind == report))
    }

    /// Since when somebody is sent reports of this kind, by their own words.
    pub fn asked_for(&self, person: &Person, report: Report) -> Option<Timestamp> {
        let theirs = |said: &&Said<Subscription>| said.value.person.is(person) && said.value.report == Some(report);
        self.subscriptions.iter().find(theirs).map(|said| said.at)
    }

    pub fn is_subscribed(&self, person: &Person) -> bool {
        self.subscriptions.iter().any(|said| said.value.person.is(person))
    }

    /// Whether somebody would miss something without this.
    pub fn is_sent(&self, person: &Person, report: Option<Report>) -> bool {
        report.map_or_else(|| self.is_subscribed(person), |kind| self.subscribers(kind).any(|known| known.is(person)))
    }

    pub(super) fn subscribe(&mut self, fact: &Fact, person: &Person, report: Option<Report>) {
        if report.is_some_and(|kind| self.is_sent(person, Some(kind))) || self.has(person, None) && report.is_none() {
            return;
        }
        if report.is_none() {
            let digest = |said: &Said<Subscription>| said.value.report != Some(Report::Calendar);
            self.subscriptions.retain(|said| !(said.value.person.is(person) && digest(said)));
        }
        self.subscriptions.push(fact.says(Subscription { person: person.clone(), report }));
    }

    /// Who had everything, and wants one kind of it no more, keeps the others.
    pub(super) fn unsubscribe(&mut self, fact: &Fact, person: &Person, report: Option<Report>) {
        let keeps: Vec<Report> = match report {
            None => Vec::new(),
            Some(gone) => {
                Report::ALL.into_iter().filter(|kind| *kind != gone && self.is_sent(person, Some(*kind))).collect()
            }
        };
        self.subscriptions.retain(|said| !said.value.person.is(person));
        let kept = |kind| fact.says(Subscription { person: person.clone(), report: Some(kind) });
        self.subscriptions.extend(keeps.into_iter().map(kept));
    }

    fn has(&self, person: &Person, report: Option<Report>) -> bool {
        self.subscriptions.iter().any(|said| said.value.person.is(person) && said.value.report == report)
    }
}
