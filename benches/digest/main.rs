//! Writing the digests of a large summit, on one core: 1,000 sessions, 10,000 replies.
//!
//! ```text
//! cargo bench --bench digest
//! ```
//!
//! Half of the sessions are new since the last digest, the other half has changed or has notes. The goal: each of them in
//! less than 100 ms.

use divan::{Bencher, black_box};
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::grammar::{Action, Host, Level, Mode, Notes, Proposal, Slot};
use rapporteur::letters::Seal;
use rapporteur::letters::digest::{Desk, Digest, Since, Told};
use rapporteur::mail::{Address, MessageId, Person};
use rapporteur::session::{Archived, Basis, Change, Fact, Register, SessionKey};
use std::path::Path;
use std::sync::LazyLock;

const SESSIONS: u32 = 1_000;
const REPLIES: u32 = 10_000;
/// The last day of the summit was a week ago.
const NOW: Timestamp = Timestamp::constant(1_813_000_000, 0);
const CONFIG: &str = r#"
address = "rapporteur@example.org"
[transport]
kind = "maildir"
path = "sent"
[[list]]
address = "devel@lists.example.org"
archive = "https://lists.example.org/devel/{message_id}/"
[[summit]]
slug = "summit"
name = "Design Summit"
lists = ["devel@lists.example.org"]
zone = "Europe/Budapest"
"#;

static POLICY: LazyLock<Config> =
    LazyLock::new(|| Config::parse(Path::new("rapporteur.toml"), CONFIG).expect("a configuration"));
static REGISTER: LazyLock<Register> = LazyLock::new(register);

fn main() {
    println!("{SESSIONS} sessions, {REPLIES} replies, {} facts", REGISTER.position());
    divan::main();
}

fn at(hours_ago: u32) -> Timestamp {
    NOW - jiff::SignedDuration::from_hours(i64::from(hours_ago))
}

fn person(n: u32) -> Person {
    Person { name: Some(format!("Somebody Number {n}")), address: Address::parse(&format!("p{n}@example.org")) }
}

fn register() -> Register {
    let mut register = Register::default();
    let mut position = 0;
    let mut add = |session: u32, mail: String, hours_ago: u32, change: Change| {
        position += 1;
        let mail = MessageId::parse(&mail).expect("an id");
        let session = SessionKey { summit: "summit".into(), number: session };
        register.apply(Fact { position, session, change, mail, at: at(hours_ago), line: None });
    };
    for n in 1..=SESSIONS {
        let proposal = Proposal {
            title: format!("What becomes of the console number {n}"),
            hosts: vec![Host { person: person(n % 300), affiliation: None }],
            description: "There is one, and there could be two. ".repeat(20),
            track: Some(format!("Track {}", n % 12)),
            references: vec![format!("https://example.org/{n}.html")],
            ..Proposal::default()
        };
        let root = MessageId::parse(&format!("s{n}@example.org")).expect("an id");
        let opened = Change::Proposed { root, author: person(n % 300), proposal, repairs: Vec::new() };
        add(n, format!("s{n}@example.org"), 2000, opened);
    }
    for n in 0..REPLIES {
        let session = 1 + n % SESSIONS;
        let change = match n / SESSIONS % 4 {
            0 => Change::Attendance { person: person(n % 500), mode: Mode::Remote, note: None, basis: Basis::Explicit },
            1 => {
                Change::Suggested { author: person(n % 500), text: "Please talk about the PV console, too. ".repeat(9) }
            }
            2 => Change::Interest { person: person(n % 500), level: Level::Very, basis: Basis::Explicit },
            _ => Change::Referenced { url: format!("https://example.org/reply-{n}"), target: None },
        };
        add(session, format!("r{n}@example.org"), 1500 - n / 10, change);
    }
    for n in 1..=SESSIONS / 2 {
        let start = Some(at(300 - n % 48));
        add(
            n,
            format!("o{n}@example.org"),
            400,
            Change::Slotted { slot: Slot { start, room: Some(format!("Room {}", n % 7)), ..Slot::default() } },
        );
    }
    for n in 1..=SESSIONS / 3 {
        let action = |k| Action { owner: Some(person(k)), text: "send the patch to the list".into(), done: k % 3 == 0 };
        let notes = Notes {
            text: "We talked about it. ".repeat(60),
            decisions: vec!["The second console is off by default.".into(); 4],
            actions: (0..4).map(action).collect(),
            ..Notes::default()
        };
        let source = MessageId::parse(&format!("n{n}@example.org")).expect("an id");
        let noted = Change::Noted { source, author: person(n), notes, complete: true, corrects: None };
        add(n, format!("n{n}@example.org"), 200 - n % 150, noted);
    }
    register
}

fn write(bencher: Bencher, digest: Digest, now: Timestamp) {
    let config = &*POLICY;
    let (secret, archived) = ([27; 32], Archived::default());
    let seal = Seal { policy: &config.policy, secret: &secret, dkim: None };
    let told = Told { changes: i64::from(SESSIONS) / 2 + i64::from(REPLIES) / 2, outcomes: 0 };
    let summit = &config.policy.summits[0];
    let days = REGISTER.days(&summit.slug, &summit.zone);
    bencher.bench_local(|| {
        let since = Since { told, ran: Some(at(24)), count: 3, previous: None };
        let policy = &config.policy;
        let (register, unclaimed, archived, cause) = (&*REGISTER, &[][..], &archived, "bench");
        let desk = Desk { policy, summit, register, unclaimed, archived, asked: &[], since, days, now, cause };
        black_box(desk.letter(digest, &seal).expect("it has something to say"))
    });
}

#[divan::bench]
fn proposals(bencher: Bencher) {
    write(bencher, Digest::Proposals, NOW);
}

#[divan::bench]
fn agenda(bencher: Bencher) {
    write(bencher, Digest::Agenda, at(310));
}

#[divan::bench]
fn outcomes(bencher: Bencher) {
    write(bencher, Digest::Outcomes, NOW);
}

#[divan::bench]
fn report(bencher: Bencher) {
    write(bencher, Digest::Report, NOW);
}
