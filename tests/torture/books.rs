//! What must be the same, whatever happened: how each mail ended, the sessions, and what was owed to whom.

use crate::place::{Letter, Place};
use crate::relay::Relay;
use rapporteur::clock::Timestamp;
use rapporteur::store::LetterStatus;
use serde_json::Value;
use std::collections::BTreeMap;

/// What does not depend on chance and time. Echoes of our own letters and digests are left out: they do.
pub struct Books {
    /// A line for each way to end, and how many mails ended so.
    pub ends: BTreeMap<String, usize>,
    sessions: String,
    answers: String,
}

impl Books {
    pub async fn of(place: &Place, now: Timestamp) -> Books {
        let export = place.export(now).await;
        let mut ends = BTreeMap::new();
        for mail in export["mail"].as_array().expect("a list").iter().filter(|mail| mail["kind"] != "own") {
            *ends.entry(mail.to_string()).or_default() += 1;
        }
        let letters = place.letters().await;
        let answers = letters.values().filter(|letter| !letter.to_list);
        let answers = answers.map(|letter| String::from_utf8_lossy(&letter.bytes).into_owned()).collect();
        Books { ends, sessions: pretty(&export["summits"]), answers }
    }

    /// Panics with the first difference.
    pub fn must_be(&self, undisturbed: &Books, after: &str) {
        same("how mails ended", after, &lines(&undisturbed.ends), &lines(&self.ends));
        same("the sessions", after, &undisturbed.sessions, &self.sessions);
        same("the answers", after, &undisturbed.answers, &self.answers);
    }
}

/// Every letter was taken by the server, with the bytes that are kept, and what went to the list once. Returns how many
/// came a second time.
pub async fn letters_arrived(place: &Place, relay: &Relay, after: &str) -> usize {
    let (letters, accepted) = (place.letters().await, relay.accepted());
    for (id, letter) in &letters {
        let copies = accepted.get(id).map_or(&[][..], Vec::as_slice);
        assert!(!copies.is_empty(), "{after}: {id} was never accepted, and is {:?}", letter.status);
        assert!(copies.iter().all(|copy| *copy == letter.bytes), "{after}: {id} was sent with other bytes");
        assert!(!letter.to_list || copies.len() == 1, "{after}: the echo was there, and {id} was sent again");
    }
    assert_eq!(accepted.keys().find(|id| !letters.contains_key(*id)), None, "{after}: nobody knows of this letter");
    accepted.values().map(|copies| copies.len() - 1).sum()
}

/// Lets it work, some hours at a time, until every letter is where it belongs; what waits for a human is released.
/// `at` is given each hour before. Returns the last one.
pub async fn finish(place: &Place, begin: i64, hours: i64, at: impl Fn(i64)) -> Timestamp {
    // The breaker lets twenty an hour go, and holds the rest.
    for step in 0..1000 {
        let second = begin + step * hours * 3600;
        at(second);
        let now = Timestamp::from_second(second).expect("a time of this century");
        place.run(&["once"], now);
        let letters = place.letters().await;
        if letters.values().all(is_settled) {
            return now;
        }
        if letters.values().any(|letter| letter.status == LetterStatus::Held) {
            place.run(&["outbox", "release", "--all"], now);
        }
        for letter in letters.values().filter(|letter| letter.status == LetterStatus::Failed) {
            place.run(&["outbox", "release", &letter.id.to_string()], now);
        }
    }
    let letters = place.letters().await;
    let left: Vec<_> = letters.values().filter(|letter| !is_settled(letter)).map(|l| (l.id, l.status)).collect();
    panic!("letters are left over: {left:?}");
}

fn is_settled(letter: &Letter) -> bool {
    letter.status == if letter.to_list { LetterStatus::Confirmed } else { LetterStatus::Sent }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

fn lines(ends: &BTreeMap<String, usize>) -> String {
    ends.iter().map(|(end, count)| format!("{count} × {end}\n")).collect()
}

/// Compares two texts, and shows the first line that differs with those around it.
fn same(what: &str, after: &str, should_be: &str, is: &str) {
    let (old, new): (Vec<&str>, Vec<&str>) = (should_be.lines().collect(), is.lines().collect());
    let Some(at) = (0..old.len().max(new.len())).find(|at| old.get(*at) != new.get(*at)) else { return };
    let around = |lines: &[&str]| lines[at.saturating_sub(3).min(lines.len())..(at + 3).min(lines.len())].join("\n");
    panic!("{what} differ. Undisturbed:\n{}\n{after}:\n{}", around(&old), around(&new));
}
