//! Another program that keeps the database locked for half a minute: a backup, or somebody with `sqlite3`.

use crate::books::Books;
use crate::mails::mail;
use crate::place::{Inbox, Place, scratch};
use rapporteur::clock::Timestamp;
use std::thread;
use std::time::{Duration, Instant};

/// 2027-01-01.
const NOW: i64 = 1_798_761_600;
/// Longer than a statement waits.
const LOCKED: Duration = Duration::from_secs(32);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_locks_the_database_it_waits_and_then_goes_on() {
    let now = Timestamp::from_second(NOW).expect("a time");
    let (locked, calm) = (scratch(), scratch());
    let place = Place::new(locked.path(), &Inbox::maildir(), None).await;
    let calm = Place::new(calm.path(), &Inbox::maildir(), None).await;
    let mut daemon = place.start(now);
    while !place.log().contains("ready") {
        thread::park_timeout(Duration::from_millis(5));
    }
    let mut lock = place.database().await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut lock).await.expect("the right to write");
    let began = Instant::now();
    for n in 0..100 {
        for place in [&place, &calm] {
            place.deliver(&format!("{NOW}.{n:06}.torture"), &mail(n), now);
        }
    }
    calm.run(&["once"], now);
    let undisturbed = Books::of(&calm, now).await;
    while began.elapsed() < LOCKED {
        assert!(daemon.try_wait().expect("a child of ours").is_none(), "it gave up: {}", place.log());
        thread::park_timeout(Duration::from_millis(200));
    }
    drop(lock);
    let freed = Instant::now();
    while !place.log().contains("settled mails=") {
        assert!(freed.elapsed() < Duration::from_secs(60), "it does not go on: {}", place.log());
        thread::park_timeout(Duration::from_millis(20));
    }
    println!("went on within {:?} of the lock's end", freed.elapsed());
    daemon.kill().expect("a child of ours");
    daemon.wait().expect("a child of ours");
    place.run(&["once"], now);
    assert_eq!(place.integrity().await, "ok");
    Books::of(&place, now).await.must_be(&undisturbed, "after the lock");
}
