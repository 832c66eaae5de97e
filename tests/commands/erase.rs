//! `erase`, as an operator types it: what it shows, what it asks, and what becomes of it when it is killed.

use crate::program::{Daemon, NOW, Place, SOON, mail, says};
use rapporteur::store::Store;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

fn summit_with_ada() -> Place {
    let place = Place::new();
    let inbox = place.path("summit/inbox/new");
    fs::write(inbox.join("1"), mail("console", "[TOPIC] Console", "", "One is not enough.")).expect("a mail");
    let grace = String::from_utf8(mail(
        "g1",
        "Re: [TOPIC] Console",
        "In-Reply-To: <console@example.org>\n",
        "Ada Lovelace is right.",
    ))
    .expect("text");
    fs::write(inbox.join("2"), grace.replace("From: Ada Lovelace <ada@", "From: Grace Hopper <grace@"))
        .expect("a mail");
    place.run(&["once"]).ok();
    place
}

fn database(place: &Place) -> String {
    String::from_utf8_lossy(&fs::read(place.path("summit/rapporteur.db")).expect("the database")).into_owned()
}

#[test]
fn the_command_shows_what_goes_and_asks() {
    let place = summit_with_ada();
    place.edit("[[list]]", "[[person]]\nname = \"Ada Lovelace\"\naddresses = [\"ada@example.org\"]\n\n[[list]]");
    let shown = place.run(&["erase", "ada@example.org", "--dry-run"]).ok();
    says(
        &shown,
        &[
            "ada@example.org",
            "Ada Lovelace",
            "Their mails   1",
            "1 mail that name",
            "rapporteur.toml:",
            "Nothing was changed.",
        ],
    );
    let unasked = place.run(&["erase", "ada@example.org"]);
    assert_eq!(unasked.code, Some(2), "{}", unasked.err);
    says(&unasked.err, &["--yes", "--dry-run"]);
    assert!(database(&place).contains("ada@example.org"));
    let organiser = place.run(&["erase", "olga@example.org", "--yes"]);
    assert_eq!(organiser.code, Some(2));
    says(&organiser.err, &["olga@example.org is an organiser", "fix: name somebody else"]);
    assert_eq!(place.run(&["erase", "nobody", "--yes"]).code, Some(2));

    let json = place.json(&["erase", "ada@example.org", "--yes"]);
    assert_eq!((json["mails"]["own"].as_u64(), json["erased"].as_bool()), (Some(1), Some(true)));
    assert!(json["configuration"][0].as_str().is_some_and(|place| place.contains("rapporteur.toml:")));
    assert!(!database(&place).contains("ada@example.org"));
    says(&place.run(&["show", "S-1"]).ok(), &["[erased]"]);
    says(&place.run(&["replay"]).ok(), &["0 differences"]);
    // The Maildir still has them: nothing of it is fetched again.
    says(&place.run(&["once"]).ok(), &["0 mails fetched"]);
    says(&place.run(&["erase", "ada@example.org", "--yes"]).ok(), &["Their mails   0", "Erased."]);
}

#[test]
fn while_the_daemon_runs_it_is_the_daemon_who_does_it() {
    let place = summit_with_ada();
    let daemon = Daemon::start(&place);
    let told = place.command(&["erase", "ada@example.org", "--yes"]).output().expect("the program starts");
    says(&String::from_utf8_lossy(&told.stdout), &["Ordered: process "]);
    let until = Instant::now() + SOON;
    while database(&place).contains("ada@example.org") && Instant::now() < until {
        thread::park_timeout(Duration::from_millis(100));
    }
    assert!(!database(&place).contains("ada@example.org"));
    assert_eq!(daemon.stop().0, Some(0));
}

#[test]
fn killed_at_any_moment_it_is_done_at_the_next_start() {
    for wait in [1, 5, 10, 20, 40, 80, 160] {
        let place = summit_with_ada();
        let mut child = place.command(&["erase", "ada@example.org", "--yes", "--now", NOW]).spawn().expect("it starts");
        thread::park_timeout(Duration::from_millis(wait));
        child.kill().expect("ours");
        child.wait().expect("it ends");
        let ordered = is_ordered(&place);
        place.run(&["once"]).ok();
        says(&place.run(&["replay"]).ok(), &["0 differences"]);
        if ordered {
            assert!(!database(&place).contains("ada@example.org"), "killed after {wait} ms");
        }
    }
}

/// Whether there is an order that is not carried out.
fn is_ordered(place: &Place) -> bool {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let url = format!("sqlite:{}", place.path("summit/rapporteur.db").display());
    runtime.block_on(async {
        let store = Store::open_existing(&url).await.expect("the database");
        let ordered = !store.erasures().await.expect("the orders").is_empty();
        store.close().await;
        ordered
    })
}
