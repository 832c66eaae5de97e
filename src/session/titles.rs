//! Which sessions bear a title, or one like it.
//!
//! An index of words, because whoever proposes is told of sessions that are called almost the same: to compare each title
//! with all others would let ten thousand proposals take fifty million comparisons. It is kept by [`super::Register`],
//! which knows when a session's title has changed.

use super::model::SessionKey;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The titles of all sessions, by summit.
#[derive(Debug, Default)]
pub struct Titles(HashMap<String, OfSummit>);

#[derive(Debug, Default)]
struct OfSummit {
    /// By the sessions' numbers.
    known: BTreeMap<u32, String>,
    /// The sessions whose titles have these words.
    exact: HashMap<Vec<String>, BTreeSet<u32>>,
    /// The sessions whose titles hold a telling word.
    holding: HashMap<String, Vec<u32>>,
    /// How many telling words the title of a session has; its place is the session's number.
    telling: Vec<usize>,
}

impl Titles {
    /// A session is called so, from now on.
    pub fn put(&mut self, key: &SessionKey, title: &str) {
        match self.0.get_mut(&key.summit) {
            Some(titles) => titles.put(key.number, title),
            None => self.0.entry(key.summit.clone()).or_default().put(key.number, title),
        }
    }

    /// The sessions of a summit with just these words in their titles.
    pub fn exactly(&self, summit: &str, words: &[String]) -> Vec<SessionKey> {
        let numbers = self.0.get(summit).and_then(|titles| titles.exact.get(words));
        keys(summit, numbers.into_iter().flatten().copied())
    }

    /// The sessions of a summit whose titles share at least this part of the words: so many, best first. `least` is
    /// above 0.
    pub fn alike(&self, summit: &str, words: &[String], least: f64, most: usize) -> Vec<SessionKey> {
        let best = self.0.get(summit).map(|titles| titles.alike(&telling(words), least, most));
        keys(summit, best.into_iter().flatten())
    }
}

fn keys(summit: &str, numbers: impl Iterator<Item = u32>) -> Vec<SessionKey> {
    numbers.map(|number| SessionKey { summit: summit.to_owned(), number }).collect()
}

impl OfSummit {
    fn put(&mut self, number: u32, title: &str) {
        if self.known.get(&number).is_some_and(|known| known == title) {
            return;
        }
        if let Some(old) = self.known.insert(number, title.to_owned()) {
            let old = words(&old);
            for word in telling(&old) {
                self.holding.entry(word).or_default().retain(|known| *known != number);
            }
            self.exact.get_mut(&old).map(|exact| exact.remove(&number));
        }
        let words = words(title);
        let telling = telling(&words);
        let place = number as usize;
        self.telling.resize(self.telling.len().max(place + 1), 0);
        self.telling[place] = telling.len();
        telling.into_iter().for_each(|word| self.holding.entry(word).or_default().push(number));
        self.exact.entry(words).or_default().insert(number);
    }

    fn alike(&self, wanted: &HashSet<String>, least: f64, most: usize) -> Vec<u32> {
        let mut shared = vec![0; self.telling.len()];
        for number in wanted.iter().filter_map(|word| self.holding.get(word)).flatten() {
            shared[*number as usize] += 1;
        }
        let mut best: Vec<(f64, u32)> = Vec::with_capacity(most + 1);
        for ((shared, telling), number) in shared.into_iter().zip(&self.telling).zip(0..) {
            let likeness = if shared == 0 { 0.0 } else { likeness(wanted.len(), *telling, shared) };
            if likeness < least || best.len() == most && best.last().is_some_and(|(last, _)| *last >= likeness) {
                continue;
            }
            best.insert(best.partition_point(|(known, _)| *known >= likeness), (likeness, number));
            best.truncate(most);
        }
        best.into_iter().map(|(_, number)| number).collect()
    }
}

/// A title for comparing: its words in lower case, without punctuation.
pub fn words(title: &str) -> Vec<String> {
    title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase())
        .collect()
}

/// The words that say what a session is about.
fn telling(words: &[String]) -> HashSet<String> {
    words.iter().filter(|w| w.chars().count() > 2 && !COMMON.contains(&w.as_str())).cloned().collect()
}

/// The shared part of two titles' telling words: 1 for the same words, 0 for none. A title that holds the other whole
/// counts by the shorter one when that has at least two words.
fn likeness(a: usize, b: usize, shared: usize) -> f64 {
    let shorter = a.min(b);
    if shorter >= 2 && shared == shorter {
        return 1.0;
    }
    shared as f64 / (a + b - shared).max(1) as f64
}

/// Words that say nothing of what a session is about.
const COMMON: [&str; 12] =
    ["the", "and", "for", "from", "with", "session", "sessions", "design", "notes", "discussion", "about", "into"];

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> SessionKey {
        SessionKey { summit: "one".into(), number }
    }

    #[test]
    fn a_renamed_session_is_found_by_its_new_title_alone() {
        let mut titles = Titles::default();
        titles.put(&key(1), "Second console for guests");
        titles.put(&key(2), "Second console for all");
        let exactly = |titles: &Titles, title: &str| titles.exactly("one", &words(title));
        let alike = |titles: &Titles, title: &str| titles.alike("one", &words(title), 0.5, 3);
        assert_eq!(exactly(&titles, "second CONSOLE, for guests"), [key(1)]);
        assert_eq!(alike(&titles, "console: second thoughts"), [key(1), key(2)]);
        titles.put(&key(1), "Locks");
        assert_eq!(exactly(&titles, "Second console for guests"), []);
        assert_eq!(exactly(&titles, "Locks"), [key(1)]);
        assert_eq!(alike(&titles, "console: second thoughts"), [key(2)]);
        assert_eq!(titles.alike("other", &words("Locks"), 0.5, 3), [], "each summit has its own");
    }

    #[test]
    fn the_best_come_first_and_no_more_than_are_asked_for() {
        let mut titles = Titles::default();
        for (number, title) in [(1, "Console locks today"), (2, "Console locks"), (3, "Locks for the console")] {
            titles.put(&key(number), title);
        }
        let wanted = words("Console locks tomorrow");
        assert_eq!(titles.alike("one", &wanted, 0.5, 2), [key(2), key(3)]);
        assert_eq!(titles.alike("one", &wanted, 0.5, 9), [key(2), key(3), key(1)]);
    }
}
