//! Killed at any moment, hundreds of times, while mail comes in and a bad server takes what goes out.

use crate::books::{Books, finish, letters_arrived};
use crate::mails::{TEN, mail};
use crate::place::{Inbox, Place, scratch};
use crate::random::Random;
use crate::relay::{Echo, Relay};
use rapporteur::clock::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The first mail comes at this time (2027-01-01), and each of the program's lives is so much later than the one before.
const BEGIN: i64 = 1_798_761_600;
const LIFE: i64 = 90 * 60;
/// A life lasts up to so many thousandths of the time in which something is settled, as measured when a kill is put off: on
/// a busy machine, or over a network, nothing would ever be sent in a life of fixed length.
const LIVES: u64 = 4000;
/// But it is not taken for longer than this.
const SLOWEST: Duration = Duration::from_millis(400);
/// What must be there a second after the start.
const READY: Duration = Duration::from_secs(1);

/// What is delivered: the file's name, the mail's number, and when.
struct Delivery {
    name: String,
    mail: usize,
    at: Timestamp,
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time of this century")
}

/// Mails in the order in which they come, cut into lives. One in ten comes a second time, under another name.
fn deliveries(mails: usize, lives: usize, random: &mut Random) -> Vec<Vec<Delivery>> {
    // Whole tens, the proposals first.
    let a_life = mails.div_ceil(lives).next_multiple_of(TEN);
    let cut = (0..mails).step_by(a_life).zip(0..);
    cut.map(|(first, life)| {
        let at = time(BEGIN + life * LIFE);
        let numbers = first..(first + a_life).min(mails);
        let again: Vec<usize> = (0..numbers.len() / 10).map(|_| random.below(numbers.end as u64) as usize).collect();
        let all = numbers.clone().filter(|n| n % TEN == 0).chain(numbers.filter(|n| n % TEN != 0)).chain(again);
        // A name of a Maildir begins with the second of the delivery.
        let name = |place: usize| format!("{}.{place:06}.torture", at.as_second());
        all.enumerate().map(|(place, mail)| Delivery { name: name(place), mail, at }).collect()
    })
    .collect()
}

/// How much of it.
pub struct Torture {
    pub kills: usize,
    pub mails: usize,
    pub seed: u64,
}

impl Torture {
    /// As small as given, or as large as the environment says.
    pub fn of(kills: usize, mails: usize) -> Torture {
        let (kills, mails) = (setting("RAPPORTEUR_KILLS", kills), setting("RAPPORTEUR_MAILS", mails));
        Torture { kills, mails, seed: setting("RAPPORTEUR_SEED", 1) as u64 }
    }
}

/// A number that the environment may set, for the large editions.
pub fn setting(name: &str, usual: usize) -> usize {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`: write a whole number")),
        Err(_) => usual,
    }
}

/// Kills a program that gets its mail from this inbox, and proves that nothing was lost and nothing done twice.
pub async fn torture(inbox: &Inbox, size: Torture) {
    let Torture { kills, mails, seed } = size;
    let mut random = Random::new(seed);
    let deliveries = deliveries(mails, kills, &mut random);
    let (killed, calm) = (scratch(), scratch());
    let present = Arc::new(AtomicI64::new(BEGIN));
    let relay = Relay::start(seed, echo(killed.path(), inbox, present.clone()));
    let place = Place::new(killed.path(), inbox, Some(relay.port)).await;

    let began = Instant::now();
    let put_off = kill(&place, &deliveries, kills, &present, &mut random).await;
    let took = began.elapsed().as_secs();
    relay.recovers();
    let after = BEGIN + kills as i64 * LIFE;
    restarts(&place, time(after));
    let end = finish(&place, after, 12, |at| present.store(at, Ordering::Relaxed)).await;

    let delivered: Vec<&Delivery> = deliveries.iter().flatten().collect();
    prove(&place, &undisturbed(calm.path(), &delivered, end).await, delivered.len(), end).await;
    let twice = letters_arrived(&place, &relay, "after the kills").await;
    let (letters, mails, hidden) = (place.letters().await.len(), delivered.len(), relay.hidden());
    println!(
        "{kills} kills in {took} s ({put_off} were put off), {mails} mails, {letters} letters: 0 lost, 0 doubled effects; the \
         server hid {hidden} acceptances, {twice} answers came a second time, no post to the list did"
    );
}

/// The list's way back into the mailbox.
fn echo(dir: &Path, inbox: &Inbox, present: Arc<AtomicI64>) -> Echo {
    let place = Place { dir: dir.to_owned(), inbox: dir.join(&inbox.maildir) };
    Box::new(move |n, copy| {
        let at = present.load(Ordering::Relaxed);
        place.deliver(&format!("{at}.e{n:06}.echo"), copy.as_bytes(), time(at));
    })
}

/// One life after the other. Returns how many kills were put off.
async fn kill(
    place: &Place,
    deliveries: &[Vec<Delivery>],
    kills: usize,
    present: &AtomicI64,
    random: &mut Random,
) -> usize {
    let (mut put_off, mut pace) = (0, Duration::ZERO);
    for life in 0..kills {
        let at = BEGIN + life as i64 * LIFE;
        present.store(at, Ordering::Relaxed);
        // At the third kill with the same mail in hand it would be taken for a killer, and quarantined unread, which
        // is another promise: a mail with two strikes is settled before the next kill.
        let mercy = place.strikes().await >= 2 || life == 0;
        put_off += usize::from(mercy);
        let due = deliveries.get(life).map_or(&[][..], Vec::as_slice);
        let lasts = pace * random.below(LIVES) as u32 / 1000;
        if let Some(settled) = live(place, due, time(at), mercy, lasts, random) {
            pace = if pace.is_zero() { settled } else { (pace + settled) / 2 }.min(SLOWEST);
        }
    }
    put_off
}

/// What comes of the same mails when nothing happens.
async fn undisturbed(dir: &Path, deliveries: &[&Delivery], end: Timestamp) -> Books {
    let calm = Place::new(dir, &Inbox::maildir(), None).await;
    for delivery in deliveries {
        calm.deliver(&delivery.name, &mail(delivery.mail), delivery.at);
    }
    calm.run(&["once"], end);
    Books::of(&calm, end).await
}

async fn prove(place: &Place, undisturbed: &Books, delivered: usize, end: Timestamp) {
    assert_eq!(place.integrity().await, "ok");
    place.run(&["replay"], end);
    let books = Books::of(place, end).await;
    assert_eq!(books.ends.values().sum::<usize>(), delivered, "each delivered mail has one end");
    books.must_be(undisturbed, "after the kills");
}

/// One life: some mail is there, more comes, and death. With mercy death waits until something is settled; how long that
/// took.
fn live(
    place: &Place,
    deliveries: &[Delivery],
    now: Timestamp,
    mercy: bool,
    lasts: Duration,
    random: &mut Random,
) -> Option<Duration> {
    // All proposals are among the first: who reads a directory while files come may see a later one before an earlier.
    let (before, meanwhile) = deliveries.split_at(deliveries.len().div_ceil(2));
    let deliver = |delivery: &Delivery| place.deliver(&delivery.name, &mail(delivery.mail), delivery.at);
    before.iter().for_each(deliver);
    let started = Instant::now();
    let mut daemon = place.start(now);
    while mercy && !place.log().contains("settled") {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing is settled: {}", place.log());
        thread::park_timeout(Duration::from_millis(5));
    }
    let settled = mercy.then(|| started.elapsed());
    let death = Instant::now() + lasts;
    for delivery in meanwhile {
        thread::park_timeout(Duration::from_millis(random.below(15)));
        deliver(delivery);
    }
    while Instant::now() < death {
        thread::park_timeout(death - Instant::now());
    }
    daemon.kill().expect("a child of ours");
    daemon.wait().expect("a child of ours");
    settled
}

/// Started again, it is ready within a second.
fn restarts(place: &Place, now: Timestamp) {
    let started = Instant::now();
    let mut daemon = place.start(now);
    while !place.log().contains("ready") {
        assert!(started.elapsed() < READY, "after the last kill it is not ready in time: {}", place.log());
        thread::park_timeout(Duration::from_millis(2));
    }
    println!("ready again after {:?}", started.elapsed());
    daemon.kill().expect("a child of ours");
    daemon.wait().expect("a child of ours");
}
