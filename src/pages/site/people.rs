//! Who took part, in everything: for the people's own pages, and for the links to them.
//!
//! A person is an address, as everywhere; somebody who is known by name alone is a person when the name is a whole one
//! (notes say "Priya" of many people). The page has the name and no address.

use super::paths;
use super::rich::called;
use crate::mail::{Person, name_key};
use crate::session::{Change, Policy, Register, Session, SessionKey};
use std::collections::{BTreeMap, HashMap, HashSet};

pub struct People {
    all: Vec<Individual>,
    by_address: HashMap<String, usize>,
    /// Nobody, where several bear a name.
    by_name: HashMap<String, Option<usize>>,
}

pub struct Individual {
    pub name: String,
    pub path: String,
    /// In what they took part, in the order of the configuration.
    pub sessions: BTreeMap<usize, Vec<SessionKey>>,
}

impl People {
    pub fn of(policy: &Policy, register: &Register) -> People {
        let mut people = People { all: Vec::new(), by_address: HashMap::new(), by_name: HashMap::new() };
        let sessions = || {
            let summits = policy.summits.iter().enumerate();
            summits.flat_map(|(at, summit)| register.of_summit(&summit.slug).map(move |session| (at, session)))
        };
        // Those with an address first: a name alone may then be theirs.
        sessions().for_each(|(_, session)| taking_part(session).for_each(|person| people.meet(person)));
        for summit in &policy.summits {
            register.attendance(&summit.slug).iter().for_each(|said| people.meet(&said.value.person));
        }
        sessions().for_each(|(_, session)| taking_part(session).for_each(|person| people.meet_by_name(person)));
        for (at, session) in sessions() {
            let here: HashSet<usize> = taking_part(session).filter_map(|person| people.place(person)).collect();
            for one in here {
                people.all[one].sessions.entry(at).or_default().push(session.key.clone());
            }
        }
        people.name_files();
        people
    }

    pub fn all(&self) -> &[Individual] {
        &self.all
    }

    pub fn find(&self, person: &Person) -> Option<&Individual> {
        self.place(person).map(|at| &self.all[at])
    }

    /// Whether it is this one, by their place among all.
    pub fn is(&self, person: &Person, at: usize) -> bool {
        self.place(person) == Some(at)
    }

    /// Their place among all.
    pub fn place(&self, person: &Person) -> Option<usize> {
        match &person.address {
            Some(address) => self.by_address.get(&address.key()).copied(),
            None => self.by_name.get(&name_key(person.name.as_deref()?)).copied().flatten(),
        }
    }

    fn meet(&mut self, person: &Person) {
        let Some(address) = &person.address else { return };
        if self.by_address.contains_key(&address.key()) {
            return;
        }
        let at = self.add(called(person));
        self.by_address.insert(address.key(), at);
        if let Some(name) = &person.name {
            self.by_name.entry(name_key(name)).and_modify(|bearer| *bearer = None).or_insert(Some(at));
        }
    }

    fn meet_by_name(&mut self, person: &Person) {
        let (None, Some(name)) = (&person.address, &person.name) else { return };
        let whole = name.split_whitespace().count() > 1;
        if whole && !self.by_name.contains_key(&name_key(name)) {
            let at = self.add(called(person));
            self.by_name.insert(name_key(name), Some(at));
        }
    }

    fn add(&mut self, name: String) -> usize {
        self.all.push(Individual { name, path: String::new(), sessions: BTreeMap::new() });
        self.all.len() - 1
    }

    /// Who was met first gets the plain name, others of that name a number behind it.
    fn name_files(&mut self) {
        let mut taken: HashSet<String> = HashSet::from(["index".to_owned()]);
        for one in &mut self.all {
            let slug = paths::slug(&one.name);
            let numbered = (2..).map(|n| format!("{slug}-{n}"));
            let free = std::iter::once(slug.clone()).chain(numbered).find(|name| !taken.contains(name));
            let free = free.unwrap_or(slug);
            one.path = format!("people/{free}.html");
            taken.insert(free);
        }
    }
}

/// Everybody whom a session knows of, as often as it does.
pub fn taking_part(session: &Session) -> impl Iterator<Item = &Person> {
    let notes = || session.outcomes.iter().map(|outcome| &outcome.value);
    let objecting = session.counted().filter_map(|fact| match &fact.change {
        Change::Objected { person, .. } | Change::Settled { person, .. } => Some(person),
        _ => None,
    });
    std::iter::once(&session.proposer)
        .chain(session.proposal.hosts.iter().map(|host| &host.person))
        .chain(session.interest.iter().map(|said| &said.value.person))
        .chain(session.attendance.iter().map(|said| &said.value.person))
        .chain(session.suggestions.iter().map(|said| &said.value.author))
        .chain(session.scribes.iter().map(|said| &said.value))
        .chain(session.claims.iter().map(|said| &said.value))
        .chain(notes().map(|outcome| &outcome.author))
        .chain(notes().flat_map(|outcome| &outcome.notes.participants))
        .chain(notes().flat_map(|outcome| outcome.notes.actions.iter().filter_map(|action| action.owner.as_ref())))
        .chain(objecting)
}
