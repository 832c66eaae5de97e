//! Who is who: one person with many addresses, because the operator says so.
//!
//! Facts keep the address they came from. This is applied when facts are folded and when roles are asked for, so that a
//! corrected table corrects the view at the next start, and no log is rewritten. Nothing here is guessed: without an
//! entry two addresses are two people, whatever they are called.
//!
//! There are two sources, and they are worth different things. The configuration's own `[[person]]` is the operator's
//! word, and lends an organiser's rights. A mailmap is often somebody else's file: it says who is who, but makes nobody an
//! organiser. An entry that depends on a name lends no rights at all, because anybody can call themselves anything.

use crate::mail::{Address, Person, name_key};
use std::collections::{BTreeMap, BTreeSet};

/// One statement of the operator: `alias` is an address of the person at `address`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the person is called from now on.
    pub name: Option<String>,
    pub address: Address,
    /// The same as `address` when it says only the name.
    pub alias: Address,
    /// The alias counts only in mail that bears this name: an address that people share.
    pub called: Option<String>,
    /// It stands in the configuration itself.
    pub sworn: bool,
}

/// An address that two entries give to two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The entry, by its place among all, that contradicts an earlier one.
    pub entry: usize,
    pub address: Address,
    /// Whose it was said to be before.
    pub holder: Address,
}

/// [`Address::key`].
type Key = String;

/// The table, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// From each address of a person to their first, and from that to itself.
    towards: BTreeMap<Key, Address>,
    /// Addresses that `[[person]]` names.
    sworn: BTreeSet<Key>,
    /// Under an alias: the names that make it somebody's.
    shared: BTreeMap<Key, Vec<(String, Address)>>,
    /// What the person at a first address is called.
    names: BTreeMap<Key, String>,
    /// Who bears a name; nobody when several do.
    bearers: BTreeMap<String, Option<Address>>,
}

impl People {
    /// Takes the sworn entries before the others, and else in order: the last name stands, as in git.
    pub fn new(entries: &[Entry]) -> Result<People, Clash> {
        let mut people = People::default();
        let whole = |sworn: bool| {
            let wanted = move |(_, entry): &(usize, &Entry)| entry.sworn == sworn && entry.called.is_none();
            entries.iter().enumerate().filter(wanted)
        };
        for (at, entry) in whole(true).chain(whole(false)) {
            people.join(entry).map_err(|holder| Clash { entry: at, address: entry.alias.clone(), holder })?;
        }
        let said = entries.iter().filter(|entry| entry.called.is_none()).map(|entry| &entry.alias);
        let all = said.chain(entries.iter().map(|entry| &entry.address));
        people.towards = all.map(|address| (address.key(), people.first(address).clone())).collect();
        for entry in entries {
            if let Some(called) = &entry.called {
                let names = people.shared.entry(entry.alias.key()).or_default();
                names.push((name_key(called), entry.address.clone()));
            }
        }
        let (own, others) = entries.iter().partition::<Vec<&Entry>, _>(|entry| entry.sworn);
        for entry in others.into_iter().chain(own) {
            people.call(entry);
        }
        Ok(people)
    }

    /// Makes one person of two addresses; whose the alias is already when that is somebody else.
    fn join(&mut self, entry: &Entry) -> Result<(), Address> {
        let known = self.towards.contains_key(&entry.alias.key()) || self.sworn.contains(&entry.alias.key());
        let (first, of_alias) = (self.first(&entry.address).clone(), self.first(&entry.alias).clone());
        if entry.sworn {
            self.sworn.extend([entry.address.key(), entry.alias.key()]);
        }
        match known {
            _ if first == of_alias => {}
            false => drop(self.towards.insert(entry.alias.key(), first)),
            // The person of the configuration takes along the one that only the mailmap knows.
            true if self.sworn.contains(&of_alias.key()) && !self.sworn.contains(&first.key()) => {
                self.towards.insert(first.key(), of_alias);
            }
            true => return Err(of_alias),
        }
        Ok(())
    }

    fn call(&mut self, entry: &Entry) {
        let Some(name) = &entry.name else { return };
        let first = self.first(&entry.address).clone();
        let bearer = self.bearers.entry(name_key(name)).or_insert_with(|| Some(first.clone()));
        if bearer.as_ref() != Some(&first) {
            *bearer = None;
        }
        self.names.insert(first.key(), name.clone());
    }

    /// The address under which a person is counted; the address itself when nobody says otherwise.
    pub fn first<'a>(&'a self, address: &'a Address) -> &'a Address {
        let mut at = address;
        loop {
            match self.towards.get(&at.key()) {
                // In the table's own spelling.
                Some(next) if next == at => return next,
                Some(next) => at = next,
                None => return at,
            }
        }
    }

    /// Whose rights an address may use as an organiser: only the configuration's own word counts.
    pub fn sworn_first<'a>(&'a self, address: &'a Address) -> &'a Address {
        if self.sworn.contains(&address.key()) { self.first(address) } else { address }
    }

    /// All addresses of the person at this one, it included. For counting what went to them.
    pub fn addresses(&self, address: &Address) -> Vec<Address> {
        let first = self.first(address);
        let known = self.towards.iter().filter(|(_, towards)| *towards == first);
        let aliases = known.filter_map(|(alias, _)| Address::parse(alias)).filter(|alias| alias != first);
        std::iter::once(first.clone()).chain(aliases).collect()
    }

    /// The person as the table knows them: first address, and the name that it gives. A name alone becomes a person when
    /// exactly one person of the table bears it.
    pub fn known(&self, person: &Person) -> Person {
        let first = match &person.address {
            Some(address) => Some(self.by_name_at(address, person.name.as_deref()).unwrap_or(address)),
            None => person.name.as_ref().and_then(|name| self.bearer(name)),
        };
        let first = first.map(|address| self.first(address).clone());
        let name = first.as_ref().and_then(|first| self.names.get(&first.key())).or(person.name.as_ref()).cloned();
        Person { name, address: first }
    }

    /// The same for whoever acts: by the address alone, since names prove nothing.
    pub fn acting(&self, person: &Person) -> Person {
        let address = person.address.as_ref().map(|address| self.first(address).clone());
        let name = address.as_ref().and_then(|first| self.names.get(&first.key())).or(person.name.as_ref()).cloned();
        Person { name, address }
    }

    /// What the person at a first address is called.
    pub fn name_of(&self, first: &Address) -> Option<&str> {
        self.names.get(&first.key()).map(String::as_str)
    }

    fn bearer(&self, name: &str) -> Option<&Address> {
        if self.bearers.is_empty() { None } else { self.bearers.get(&name_key(name))?.as_ref() }
    }

    fn by_name_at(&self, address: &Address, name: Option<&str>) -> Option<&Address> {
        let names = self.shared.get(&address.key())?;
        let key = name_key(name?);
        names.iter().find(|(called, _)| *called == key && !key.is_empty()).map(|(_, address)| address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(&format!("{text}.example.org")).unwrap()
    }
    /// `name, first address, alias, called`; `!` in front of the first address for the configuration's own.
    fn entry((name, first, alias, called): (&str, &str, &str, &str)) -> Entry {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let sworn = first.starts_with('!');
        let (first, name, called) = (first.trim_start_matches('!'), text(name), text(called));
        Entry { name, address: address(first), alias: address(alias), called, sworn }
    }
    fn people(entries: &[(&str, &str, &str, &str)]) -> Result<People, Clash> {
        People::new(&entries.iter().copied().map(entry).collect::<Vec<_>>())
    }
    fn known(people: &People, name: &str, at: &str) -> String {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let person = people.known(&Person { name, address: (!at.is_empty()).then(|| address(at)) });
        let host = person.address.as_ref().map_or("", |address| address.as_str().trim_end_matches(".example.org"));
        format!("{}|{host}", person.name.as_deref().unwrap_or(""))
    }

    #[test]
    fn one_person_has_many_addresses() {
        let people = people(&[("Ada Lovelace", "!ada@a", "ada@b", ""), ("", "ada@b", "ada@c", "")]).unwrap();
        for at in ["ada@a", "ada@b", "ada@c"] {
            assert_eq!(known(&people, "A. L.", at), "Ada Lovelace|ada@a");
        }
        assert_eq!(known(&people, "lovelace, ada", ""), "Ada Lovelace|ada@a");
        assert_eq!(known(&people, "Ada Lovelace", "ada@d"), "Ada Lovelace|ada@d");
        assert_eq!(known(&people, "Grace", ""), "Grace|");
        let mut all = people.addresses(&address("ada@c")).iter().map(ToString::to_string).collect::<Vec<_>>();
        all.sort();
        assert_eq!(all, ["ada@a.example.org", "ada@b.example.org", "ada@c.example.org"]);
    }

    #[test]
    fn a_name_of_two_people_leads_to_neither() {
        let people = people(&[("Ada", "ada@a", "ada@a", ""), ("ADA", "ada@b", "ada@b", "")]).unwrap();
        assert_eq!(known(&people, "Ada", ""), "Ada|");
        assert_eq!(known(&people, "Ada", "ada@c"), "Ada|ada@c");
    }

    #[test]
    fn a_shared_address_is_told_apart_by_name_and_lends_nothing() {
        let people = people(&[("Ada", "ada@a", "team@a", "A. L."), ("Bob", "bob@a", "team@a", "Bob")]).unwrap();
        assert_eq!(known(&people, "a.  l.", "team@a"), "Ada|ada@a");
        assert_eq!(known(&people, "Bob", "team@a"), "Bob|bob@a");
        assert_eq!(known(&people, "Eve", "team@a"), "Eve|team@a");
        let acting = people.acting(&Person { name: Some("Bob".into()), address: Some(address("team@a")) });
        assert_eq!(acting.address, Some(address("team@a")));
    }

    #[test]
    fn only_the_configurations_own_word_makes_an_organiser() {
        let people = people(&[("Ada", "!ada@a", "ada@b", ""), ("", "ada@a", "ada@c", "")]).unwrap();
        assert_eq!(people.sworn_first(&address("ada@b")), &address("ada@a"));
        assert_eq!(people.sworn_first(&address("ada@c")), &address("ada@c"));
        assert_eq!(people.first(&address("ada@c")), &address("ada@a"));
    }

    #[test]
    fn an_address_of_two_people_is_refused() {
        let clash = people(&[("", "ada@a", "x@a", ""), ("", "bob@a", "x@a", "")]).unwrap_err();
        assert_eq!(clash, Clash { entry: 1, address: address("x@a"), holder: address("ada@a") });
        assert!(people(&[("", "!ada@a", "x@a", ""), ("", "!bob@a", "x@a", "")]).is_err());
        assert!(people(&[("", "!ada@a", "x@a", ""), ("", "!bob@a", "ada@a", "")]).is_err());
        assert!(
            people(&[("", "!ada@a", "ada@b", ""), ("", "!bob@a", "bob@b", ""), ("", "bob@a", "ada@b", "")]).is_err()
        );
    }

    #[test]
    fn the_configuration_says_which_address_is_the_first() {
        let people = people(&[("", "ada@b", "ada@a", ""), ("Ada", "!ada@a", "ada@a", "")]).unwrap();
        assert_eq!(known(&people, "", "ada@b"), "Ada|ada@a");
        let circle = self::people(&[("", "ada@a", "ada@b", ""), ("", "ada@b", "ada@a", "")]).unwrap();
        assert_eq!(known(&circle, "", "ada@b"), "|ada@a");
    }
}
