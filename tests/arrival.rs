//! In whatever order the mails of a thread arrive, the same is known in the end.

use jiff::SignedDuration;
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::intake::Intake;
use rapporteur::daemon::replay;
use rapporteur::mail::Reason;
use rapporteur::mailbox::maildir;
use rapporteur::store::{Arrival, Origin, Store};
use std::path::Path;

const CONFIG: &str = r#"
address = "rapporteur@example.org"

[[mailbox]]
kind = "maildir"
path = "inbox"

[transport]
kind = "maildir"
path = "sent"

[trust]
authserv_ids = ["mx.example.org"]

[[list]]
address = "devel@example.org"

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@example.org"]
organisers = ["olga@example.org"]
zone = "Europe/Budapest"
"#;

/// What each mail says: its name, its headers of the thread, its subject, its text. `b` answers `a` and never comes: some
/// know of `a` only through it. One mail repeats its In-Reply-To, one has its References the wrong way round.
/// The last takes back what another one said, also when it comes before it.
const THREAD: [(&str, &str, &str, &str); 7] = [
    ("a", "", "[TOPIC] Console", "One console is not enough."),
    ("c", "References: <a@x> <b@x>\nIn-Reply-To: <b@x>\n", "Re: Console", "Attend: remote"),
    ("d", "In-Reply-To: <b@x>\n", "Re: Console", "Interest: very"),
    ("e", "References: <b@x>\nIn-Reply-To: <d@x>\nIn-Reply-To: <d@x>\n", "Re: Console", "I would test it."),
    ("f", "References: <c@x> <a@x>\nIn-Reply-To: <c@x>\n", "Re: Console", "Ref: https://example.org/console"),
    ("g", "In-Reply-To: Your mail of Monday <f@x>\n", "Re: Console", "#session track Guests"),
    ("h", "In-Reply-To: <a@x>\n", "Re: Console", "#session undo <e@x>"),
];

fn raw(place: usize) -> Vec<u8> {
    let (name, thread, subject, text) = THREAD[place];
    let headers =
        format!("To: devel@example.org\nDate: Mon, 3 May 2027 10:0{place}:00 +0000\nMessage-ID: <{name}@x>\n");
    let from = if ["g", "h"].contains(&name) { "olga" } else { name };
    let proof = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org";
    format!("{proof}\nFrom: {from}@example.org\nSubject: {subject}\n{headers}{thread}\n{text}\n").into_bytes()
}

fn now() -> Timestamp {
    "2027-05-04T09:00:00Z".parse().expect("a time")
}

/// All that is known after the mails came in this order, `together` or each by itself. Mails and letters are sorted,
/// for they stand in the order in which they came; and what an answer says is left out: whoever commands a session that
/// has not arrived is told so at once.
async fn known_after(order: &[usize], together: bool) -> String {
    let home = tempfile::Builder::new().prefix("rapporteur-arrival-").tempdir_in(place()).expect("a directory");
    for maildir in ["inbox", "sent"] {
        maildir::create(&home.path().join(maildir)).expect("a Maildir");
    }
    let config = Config::parse(&home.path().join("rapporteur.toml"), CONFIG).expect("the configuration");
    let store = Store::open(&config.database, [27; 32]).await.expect("a database");
    let mut intake = Intake::new(&store, &config, "arrival");
    let arrival = |place: &usize| Arrival {
        source_key: format!("{place}"),
        raw: raw(*place),
        received: now(),
        origin: Origin::Live,
    };
    let arrivals: Vec<Arrival> = order.iter().map(arrival).collect();
    for arrivals in arrivals.chunks(if together { arrivals.len() } else { 1 }) {
        store.receive("inbox", arrivals, None).await.expect("they are kept");
        while !intake.settle(now()).await.expect("they are settled").is_empty() {}
    }
    let export = replay::export(&store, &config, now()).await.expect("an export");
    let mut known = serde_json::to_value(&export).expect("JSON");
    for part in ["mail", "outgoing"] {
        let rows = known[part].as_array_mut().expect("a list");
        rows.sort_by_key(|row| row["message_id"].to_string());
    }
    for letter in known["outgoing"].as_array_mut().expect("a list") {
        letter["subject"].take();
    }
    store.close().await;
    serde_json::to_string_pretty(&known).expect("JSON")
}

/// A place without a disk below it, where there is one.
fn place() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) }
}

/// Order number `n` of 5040.
fn order(n: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..THREAD.len()).collect();
    let mut n = n;
    let mut order = Vec::new();
    while !left.is_empty() {
        order.push(left.remove(n % left.len()));
        n /= left.len() + 1;
    }
    order
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_is_known_in_whatever_order_mails_arrive() {
    let expected = known_after(&[0, 1, 2, 3, 4, 5, 6], true).await;
    for said in ["remote", "very", "https://example.org/console", "Guests"] {
        assert!(expected.contains(said), "{said} is missing:\n{expected}");
    }
    assert!(!expected.contains("I would test it."), "it was taken back:\n{expected}");
    assert_eq!(expected.matches("\"thread\": \"a@x\"").count(), 7, "{expected}");
    // Every 211th of the 5040, the reverse among them.
    for n in (0..5040).step_by(211).chain([5039]) {
        let order = order(n);
        let known = known_after(&order, false).await;
        assert!(known == expected, "{order:?} ends in\n{known}\nand not in\n{expected}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_mails_that_kill_the_program_stay_two_mails_unread() {
    let home = tempfile::tempdir_in(place()).expect("a directory");
    maildir::create(&home.path().join("inbox")).expect("our own directory");
    let config = Config::parse(&home.path().join("rapporteur.toml"), CONFIG).expect("the configuration");
    let store = Store::open(&config.database, [7; 32]).await.expect("the database");
    let now = "2027-05-03T12:00:00Z".parse::<Timestamp>().expect("a time");
    let mails = ["one", "two"].map(|name| Arrival {
        source_key: name.into(),
        raw: format!("Message-ID: <{name}@example.org>\n\nIt ends the program.\n").into_bytes(),
        received: now,
        origin: Origin::Live,
    });
    store.receive("inbox", &mails, None).await.expect("the inbox");
    let hours = |n: i64| now.checked_add(SignedDuration::from_hours(n)).expect("a time");
    let mut intake = Intake::new(&store, &config, "lives");
    let mut ends = Vec::new();
    // Both are in hand at the first death, each alone at the next ones.
    for hour in [0, 1, 2, 10, 11] {
        let lease = SignedDuration::from_mins(5);
        store.claim_mails("dies", hours(hour), lease, 10, 1 << 20).await.expect("the inbox");
        if [2, 11].contains(&hour) {
            let settled = intake.settle(hours(hour + 1)).await.expect("the database");
            ends.extend(settled.into_iter().map(|settlement| settlement.row));
        }
    }
    assert_eq!(ends.iter().map(|row| row.reason).collect::<Vec<_>>(), [Reason::Strikes; 2]);
    assert_ne!(ends[0].message_id, ends[1].message_id);
    assert!(ends.iter().all(|row| row.message_id.as_str().ends_with("@unread.invalid")), "{ends:?}");
    store.close().await;
}
