//! Who subscribed to anything of a summit: its digests, the news of a session, events for a calendar.

use super::model::{Change, Session};
use super::register::Register;
use crate::mail::{Address, Person};
use std::collections::HashMap;

/// Somebody who subscribed once, and may have given it up since.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Follower<'a> {
    /// With an address.
    pub person: &'a Person,
    /// The place in the log of the last fact that says so.
    pub since: i64,
}

impl Register {
    /// Everybody who ever subscribed, each once.
    pub fn followers<'a>(&'a self, summit: &'a str) -> impl Iterator<Item = Follower<'a>> {
        let mut last: HashMap<String, Follower> = HashMap::new();
        for fact in self.whole(summit).flat_map(Session::history) {
            let Change::Subscribed { person, .. } = &fact.change else { continue };
            let Some(key) = person.address.as_ref().map(Address::key) else { continue };
            let known = last.entry(key).or_insert(Follower { person, since: fact.position });
            known.since = known.since.max(fact.position);
        }
        last.into_values()
    }

    /// Whether anything is sent to somebody still because they subscribed.
    pub fn is_follower(&self, summit: &str, person: &Person) -> bool {
        self.whole(summit).any(|session| session.is_subscribed(person))
    }

    /// The summit itself, and its sessions.
    fn whole<'a>(&'a self, summit: &'a str) -> impl Iterator<Item = &'a Session> {
        self.summit(summit).into_iter().chain(self.of_summit(summit))
    }
}
