//! No flood goes through us: thousands of proposals within a minute, by one person and by as many persons.

use super::world::{LIST, Place, Us};
use jiff::SignedDuration;
use rapporteur::clock::Timestamp;
use rapporteur::mail::End;
use rapporteur::store::{Arrival, LetterStatus, Origin};
use rapporteur::transport::Sent;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Each of the limits is passed by far with a tenth of the flood; `RAPPORTEUR_LONG=1` sends all of it.
const MAILS: usize = 1_000;
const ALL_MAILS: usize = 10_000;
const OLGA: &str = "olga@example.org";

/// What goes to the list in a day, at most; what goes to one person; what goes out within an hour.
const LIST_A_DAY: usize = 10;
const PERSON_A_DAY: usize = 5;
const ALL_AN_HOUR: usize = 20;
/// Of a digest.
const MOST_BYTES: usize = 100_000;
const MOST_ITEMS: usize = 50;
const MOST_OF_ONE: usize = 5;
/// In characters, of somebody's text.
const MOST_TEXT: usize = 500;
/// For each mail of some 2.5 kB, with a debug build on a busy machine; in bytes, above what the process had.
const MOST_TIME: Duration = Duration::from_millis(50);
const MOST_MEMORY: u64 = 100 << 10;

/// A proposal; each has most words of its title from all the others, and long words everywhere.
fn proposal(n: usize, who: &str) -> String {
    let long = format!("w{n}x ").repeat(110);
    format!(
        "From: Person {who} <{who}@example.com>\nTo: {LIST}\nSubject: [TOPIC] Second console for every guest {long}\n\
         Message-ID: <{n}@example.com>\nDate: Mon, 3 May 2027 09:00:{:02} +0000\nList-Id: \
         <devel.lists.example.org>\n\nHost: Person {who} <{who}@example.com>, {long}\n\n{long}\n",
        n % 60
    )
}

fn mails() -> usize {
    if std::env::var_os("RAPPORTEUR_LONG").is_some() { ALL_MAILS } else { MAILS }
}

/// Everything that the flood made go out within two days, and what it cost.
struct Flooded {
    sent: Vec<(Timestamp, Sent)>,
    took: Duration,
    grew: u64,
}

async fn flooded(who: impl Fn(usize) -> String) -> Flooded {
    // The memory is the whole process's: one flood at a time.
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ALONE.lock().await;
    let mails = mails();
    let place = Place::new("rapporteur@example.org", 1, OLGA, "").await;
    let (before, began) = (resident(), Instant::now());
    let mut now: Timestamp = "2027-05-03T09:00:00Z".parse().expect("a time");
    let arrival = |n: usize| Arrival {
        source_key: format!("{n}"),
        raw: proposal(n, &who(n)).into_bytes(),
        received: now,
        origin: Origin::Live,
    };
    for from in (0..mails).step_by(500) {
        let arrivals: Vec<Arrival> = (from..from + 500).map(arrival).collect();
        place.store.receive("inbox", &arrivals, None).await.expect("they are kept");
    }
    let mut us = Us::new(&place);
    let mut sent = Vec::new();
    // Each minute of the first hour, then each hour of two days.
    for step in 0..60 + 47 {
        sent.extend(us.pass(now).await.into_iter().map(|letter| (now, letter)));
        now += if step < 60 { SignedDuration::from_mins(1) } else { SignedDuration::from_hours(1) };
    }
    let (took, grew) = (began.elapsed(), resident().saturating_sub(before));
    let counts = place.store.counts().await.expect("counts");
    assert_eq!((counts.waiting, counts.ends.as_slice()), (0, &[(End::Recorded, mails as u64)][..]), "each has its end");
    let letters = place.store.letters(None).await.expect("the letters");
    let stands = |status| letters.iter().filter(|letter| letter.status == status).count();
    println!(
        "{mails} mails: {took:.1?}, {} MiB; {} letters went out, {} held, {} dropped",
        grew >> 20,
        sent.len(),
        stands(LetterStatus::Held),
        stands(LetterStatus::Dropped)
    );
    Flooded { sent, took, grew }
}

/// Memory that is in use, as Linux counts it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) << 10
}

impl Flooded {
    /// What must hold of every flood; `writers` are all who wrote.
    fn check(&self, writers: &HashSet<String>) {
        assert!(self.took < MOST_TIME * mails() as u32, "{:?}", self.took);
        assert!(self.grew < MOST_MEMORY * mails() as u64, "{} bytes", self.grew);
        let most = |span: SignedDuration, of: &dyn Fn(&Sent) -> bool| {
            let times: Vec<Timestamp> = self.sent.iter().filter(|(_, sent)| of(sent)).map(|(at, _)| *at).collect();
            times
                .iter()
                .map(|from| times.iter().filter(|at| *at >= from && **at < *from + span).count())
                .max()
                .unwrap_or(0)
        };
        let (hour, day) = (SignedDuration::from_hours(1), SignedDuration::from_hours(24));
        assert!(most(day, &|sent| sent.recipient.as_str() == LIST) <= LIST_A_DAY);
        let breaker = self.breaker();
        assert!(most(hour, &|sent| !breaker.contains(&sent)) <= ALL_AN_HOUR);
        let mut persons: HashMap<&str, usize> = HashMap::new();
        for (_, sent) in &self.sent {
            let to = sent.recipient.as_str();
            assert!(to == LIST || to == OLGA || writers.contains(to), "{to} never wrote to us");
            *persons.entry(to).or_default() += 1;
        }
        for to in persons.keys().filter(|to| **to != LIST) {
            assert!(most(day, &|sent| sent.recipient.as_str() == *to) <= PERSON_A_DAY, "{to}");
        }
        let digests: Vec<&Sent> =
            self.sent.iter().map(|(_, sent)| sent).filter(|s| s.recipient.as_str() == LIST).collect();
        assert!(!digests.is_empty(), "the digest goes out all the same");
        digests.iter().for_each(|digest| check_digest(&String::from_utf8_lossy(&digest.bytes)));
    }

    fn breaker(&self) -> Vec<&Sent> {
        let all = self.sent.iter().map(|(_, sent)| sent);
        all.filter(|sent| String::from_utf8_lossy(&sent.bytes).contains("everything is held")).collect()
    }
}

fn check_digest(text: &str) {
    assert!(text.len() <= MOST_BYTES, "{} bytes", text.len());
    let text = text.replace("\r\n", "\n");
    let rows = text.lines().filter(|line| line.starts_with("  S-")).count();
    assert!((1..=MOST_ITEMS).contains(&rows), "{rows} items");
    let mut authors: HashMap<&str, usize> = HashMap::new();
    let new = text.split("\nNEW\n").nth(1).and_then(|new| new.split("\n\n\n").next()).unwrap_or(&text);
    for host in new.lines().filter(|line| line.contains("Person ")) {
        *authors.entry(host.trim().split([',', ';']).next().unwrap_or_default()).or_default() += 1;
    }
    assert!(!authors.is_empty(), "{new}");
    assert!(authors.values().all(|count| *count <= MOST_OF_ONE), "{authors:?}");
    let rows = text.split("\n  S-").skip(1);
    for row in rows {
        let words = row.split_whitespace().filter(|word| word.starts_with('w') && word.ends_with('x'));
        let length: usize = words.map(|word| word.len() + 1).sum();
        assert!((1..=MOST_TEXT).contains(&length), "{length} characters of somebody's text in S-{row}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn thousands_of_proposals_of_one_person_in_a_minute() {
    let flooded = flooded(|_| "ada".to_owned()).await;
    flooded.check(&HashSet::from(["ada@example.com".to_owned()]));
    assert_eq!(flooded.breaker().len(), 0, "one person alone does not reach it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn thousands_of_proposals_of_as_many_persons_in_a_minute() {
    let flooded = flooded(|n| format!("p{n}")).await;
    flooded.check(&(0..mails()).map(|n| format!("p{n}@example.com")).collect());
    let told = flooded.breaker();
    assert_eq!(told.len(), 1, "the organiser is told once");
    assert_eq!(told[0].recipient.as_str(), OLGA);
}
