//! A person asks to be forgotten (S14): of Zenobia, who stands in every place where somebody can stand, nothing is found
//! afterwards; what others did stays, word for word; a replay comes to the same; and what was erased does not come back.

#[path = "support/apt.rs"]
mod apt;
#[path = "support/home.rs"]
mod home;
#[path = "support/postgres.rs"]
mod postgres;

use data_encoding::BASE64;
use proptest::prelude::*;
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::intake::Intake;
use rapporteur::daemon::ticks::{Digest, Tick, Ticks};
use rapporteur::daemon::{erase, index, replay};
use rapporteur::mail::erase::Eraser;
use rapporteur::mail::{Address, Reason, read};
use rapporteur::store::{Arrival, LetterStatus, Origin, Store};
use std::fs;
use std::path::Path;

const CONFIG: &str = r#"
name = "Rapporteur"
address = "rapporteur@example.org"

[[mailbox]]
kind = "maildir"
path = "inbox"

[transport]
kind = "maildir"
path = "sent"

[[list]]
address = "devel@lists.example.org"

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]

[[person]]
name = "Zenobia Quillfeather"
addresses = ["zenobia@canary.example.net", "zq@other.example.com"]
"#;

const NAME: &str = "Zenobia Quillfeather";
const FIRST: &str = "zenobia@canary.example.net";
const SECOND: &str = "zq@other.example.com";
/// What may be found nowhere, in lower case: her name, her addresses, and words that only she has said.
const CANARIES: [&str; 5] = ["quillfeather", "zenobia@canary", "zq@other", "my parrot", "feathers of mine"];

/// A summit in which she is everywhere.
struct Summit {
    home: tempfile::TempDir,
    config: Config,
    store: Store,
    now: Timestamp,
    count: usize,
}

impl Summit {
    async fn new(database: Option<String>) -> Summit {
        let home = tempfile::tempdir().expect("a directory");
        for maildir in ["inbox", "sent"] {
            rapporteur::mailbox::maildir::create(&home.path().join(maildir)).expect("a Maildir");
        }
        let mut config = Config::parse(&home.path().join("rapporteur.toml"), CONFIG).expect("a configuration");
        config.database = database.unwrap_or(config.database);
        let store = Store::open(&config.database, [27; 32]).await.expect("a database");
        Summit { home, config, store, now: "2027-05-10T09:00:00Z".parse().expect("a time"), count: 0 }
    }

    async fn receive(&mut self, raw: &[u8]) {
        self.count += 1;
        let source_key = format!("{}", self.count);
        let arrival = Arrival { source_key, raw: raw.to_vec(), received: self.now, origin: Origin::Live };
        assert_eq!(self.store.receive("inbox", &[arrival], None).await.expect("the database"), 1);
    }

    async fn settle(&self) {
        let mut intake = Intake::new(&self.store, &self.config, "test");
        while !intake.settle(self.now).await.expect("the database").is_empty() {}
    }

    async fn erase(&self, address: &str) -> u64 {
        let mut work = self.store.begin().await.expect("the database");
        work.order_erasure(&Address::parse(address).expect("an address"), self.now).await.expect("the database");
        work.commit().await.expect("the database");
        self.finish().await
    }

    /// As every pass does.
    async fn finish(&self) -> u64 {
        Intake::new(&self.store, &self.config, "test").erase(self.now).await.expect("the database")
    }

    async fn digest(&self) {
        let summit = &self.config.policy.summits[0];
        let mut intake = Intake::new(&self.store, &self.config, "test");
        let register = intake.up_to_date().await.expect("the database");
        let ticks = Ticks { store: &self.store, config: &self.config, register, now: self.now };
        let tick = Tick { digest: Digest::Proposals, summit, due: self.now, key: "digest" };
        ticks.run(&tick).await.expect("the database");
    }

    /// Everything that the store gives out, decoded.
    async fn told(&self) -> String {
        let export = replay::export(&self.store, &self.config, self.now).await.expect("an export");
        let mut told = serde_json::to_string(&export).expect("JSON");
        for fact in self.store.log_all().await.expect("the log") {
            told += &format!("{fact:?}\n");
        }
        for mail in self.store.inbox_page(0, u64::MAX).await.expect("the inbox") {
            told += &decoded(&mail.raw);
            told += &format!("{:?}\n", mail.residue);
        }
        for letter in self.store.letters(None).await.expect("the outbox") {
            let (row, bytes) = self.store.letter(letter.id).await.expect("the outbox").expect("the letter");
            told += &format!("{row:?}\n{}", decoded(&bytes));
        }
        told += &self.index().await.join("\n");
        told.to_lowercase()
    }

    /// The index of words.
    async fn index(&self) -> Vec<String> {
        sqlx::any::install_default_drivers();
        let pool = sqlx::AnyPool::connect(&self.config.database).await.expect("the database");
        let rows = "SELECT summit || ' S-' || session || ' ' || submitted || '\n' || title || '\n' || told || '\n' || prose \
                    FROM searchable ORDER BY summit, session";
        let rows = sqlx::query_scalar(rows).fetch_all(&pool).await.expect("the index");
        pool.close().await;
        rows
    }

    /// The same, made from the log alone.
    async fn index_anew(&self) -> Vec<String> {
        let mut intake = Intake::new(&self.store, &self.config, "test");
        let people = &self.config.policy.people;
        let register = intake.up_to_date().await.expect("the database");
        let mut work = self.store.begin().await.expect("the database");
        index::anew(&mut work, register, people).await.expect("the database");
        work.commit().await.expect("the database");
        self.index().await
    }

    /// What lies in the files of the database.
    fn files(&self) -> String {
        let files =
            fs::read_dir(self.home.path()).expect("the directory").flatten().filter(|file| file.path().is_file());
        let text = |file: fs::DirEntry| String::from_utf8_lossy(&fs::read(file.path()).expect("a file")).to_lowercase();
        files.map(text).collect()
    }

    async fn differences(&self) -> Vec<replay::Difference> {
        replay::replay(&self.store, &self.config, self.now, |_| ()).await.expect("a replay").differences
    }
}

/// A mail as it stands, and with each of its encodings undone.
fn decoded(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw).into_owned();
    let mail = read(raw, Timestamp::MAX);
    let lines: Vec<&str> = mail.text.lines().map(|line| line.text).collect();
    let soft = text.replace("=\r\n", "").replace("=\n", "").replace("=40", "@").replace("=20", " ");
    let runs = text.split("\n\n").filter_map(|run| {
        let run: String = run.chars().filter(|letter| !letter.is_whitespace()).collect();
        BASE64.decode(run.as_bytes()).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    });
    let runs: Vec<String> = runs.collect();
    format!(
        "{text}\n{soft}\n{}\n{:?}\n{}\n",
        lines.join("\n"),
        (mail.subject, mail.author, mail.to, mail.cc),
        runs.join("\n")
    )
}

/// `From`, with more header lines, then a body.
fn from(who: &str, id: &str, day: u32, more: &str, body: &str) -> Vec<u8> {
    let list = "To: devel@lists.example.org\nList-Id: <devel.lists.example.org>";
    format!(
        "From: {who}\n{list}\nMessage-ID: <{id}@example.org>\nDate: {day} May 2027 08:00:00 +0000\n{more}\n\n{body}\n"
    )
    .into_bytes()
}

const GRACE: &str = "Grace Hopper <grace@example.org>";

/// Mails in which she stands in every place.
fn everywhere() -> Vec<Vec<u8>> {
    let (her, second) = (format!("\"{NAME}\" <{FIRST}>"), format!("=?utf-8?Q?Zenobia_Quillfeather?= <{SECOND}>"));
    let base64 = |text: &str| BASE64.encode(text.as_bytes());
    let private = |id: &str, day: u32, body: &str| {
        format!("From: {her}\nTo: rapporteur@example.org\nSubject: Hello\nMessage-ID: <{id}@example.org>\nDate: {day} May 2027 08:00:00 +0000\n\n{body}\n").into_bytes()
    };
    vec![
        from(
            &her,
            "console",
            1,
            "Subject: [TOPIC] Console\nReceived: from zenobia@canary.example.net",
            &format!("Contact: {NAME} (ACME)\nRequired: {NAME}\n\nIt is my parrot that wants a second one.\n\n- feathers of mine"),
        ),
        from(GRACE, "serial", 1, "Subject: [TOPIC] Serial ports", &format!("Contact: Grace Hopper, {NAME} <{SECOND}>\n\nAs she said.")),
        from(
            GRACE,
            "g1",
            2,
            &format!("Subject: Re: [TOPIC] Console\nIn-Reply-To: <console@example.org>\nCc: Quillfeather\n , Zenobia <{FIRST}>"),
            &format!("On Sunday {NAME} <{FIRST}> wrote:\n> It is my parrot that wants a second one.\n\n+1\n\nAsk Zenobia\nQuillfeather, please."),
        ),
        from(&second, "z1", 2, "Subject: Re: [TOPIC] Serial ports\nIn-Reply-To: <serial@example.org>", "Interest: very\nAttend: remote, for my parrot is ill\nScribe: me\n\nShow them feathers of mine."),
        from(
            GRACE,
            "notes",
            3,
            "Subject: [NOTES] Serial ports\nIn-Reply-To: <serial@example.org>\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64",
            &base64(&format!("Participants: Grace Hopper, {NAME}\nScribe: {NAME}\nDecision: two, as {NAME} says.\nAction: {NAME}: ask {FIRST}\nAction: Grace: count them\n")),
        ),
        from(
            GRACE,
            "parts",
            3,
            "Subject: =?utf-8?B?UmU6IFtUT1BJQ10gQ29uc29sZSAoWmVub2JpYSBRdWlsbGZlYXRoZXIp?=\nIn-Reply-To: <console@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
            &format!(
                "To {NAME}\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe an Zenobia=20Quill=\nfeather\n--b\nContent-Type: text/html\n\n<p>zenobia&#64;canary.example.net and Zenobia <i>Quill</i>feather</p>\n--b\nContent-Type: application/octet-stream; name=\"Zenobia Quillfeather.txt\"\nContent-Transfer-Encoding: base64\n\n{}\n--b\nContent-Type: message/rfc822\n\nFrom: {her}\nSubject: inner\n\nIt is my parrot that wants a second one.\n> by {NAME}\n--b--",
                base64(&format!("by {FIRST}"))
            ),
        ),
        from("Kurt Weil <kurt@example.org>", "lost", 4, &format!("Subject: [NOTES] What {NAME} told us"), &format!("Participants: {NAME}\nDecision: none")),
        // What waits for her word, what she was told, what she does not want to hear, and a token that fits nothing.
        private("z2", 4, "#session S-1 title My parrot"),
        private("z3", 4, "status"),
        private("z4", 5, "stop"),
        private("z5", 5, "confirm ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        // The program's own letter about her comes back, and a mail that is refused unread.
        format!("From: MAILER-DAEMON@mx.example.org\nTo: rapporteur@example.org\nSubject: failed\nMessage-ID: <dsn@mx.example.org>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; {FIRST}\nAction: failed\nStatus: 5.1.1\n\n--b--\n").into_bytes(),
        from(&her, "huge", 5, &format!("Subject: huge\n{}", "X-Filler: Zenobia Quillfeather\n".repeat(600).trim_end()), "my parrot"),
        from(GRACE, "organ", 6, "Subject: Re: [TOPIC] Console\nIn-Reply-To: <console@example.org>", &format!("#session host drop {NAME} <{FIRST}>")),
    ]
}

async fn nothing_of_her_is_left(database: Option<String>) {
    let in_files = database.is_none();
    let mut summit = Summit::new(database).await;
    for raw in everywhere() {
        summit.receive(&raw).await;
    }
    summit.settle().await;
    summit.digest().await;
    let told = summit.told().await;
    CANARIES.iter().for_each(|canary| assert!(told.contains(canary), "{canary} is there before"));
    assert!(!in_files || summit.files().contains("quillfeather"));
    assert_eq!(summit.differences().await, []);
    let before = replay::export(&summit.store, &summit.config, summit.now).await.expect("an export");
    let log: Vec<_> = summit
        .store
        .log_all()
        .await
        .expect("the log")
        .iter()
        .map(|fact| (fact.position, fact.session.clone(), fact.at))
        .collect();

    assert_eq!(summit.erase(SECOND).await, 1, "by any of her addresses");
    let told = summit.told().await;
    for canary in CANARIES {
        let place = told
            .find(canary)
            .map(|at| &told[told.floor_char_boundary(at.saturating_sub(200))..told.floor_char_boundary(at + 200)]);
        assert_eq!(place, None, "{canary}");
    }
    if in_files {
        let files = summit.files();
        let found: Vec<&&str> = CANARIES.iter().filter(|canary| files.contains(**canary)).collect();
        // The configuration is the operator's: it is not among the files here.
        assert_eq!(found, Vec::<&&str>::new());
    }
    assert_eq!(summit.differences().await, [], "a replay comes to the same");
    let kept = summit.index().await;
    assert!(!kept.is_empty() && kept == summit.index_anew().await);
    let after = replay::export(&summit.store, &summit.config, summit.now).await.expect("an export");
    let (before, after) = (&before.summits[0], &after.summits[0]);
    assert_eq!(before.sessions.len(), after.sessions.len());
    for (before, after) in before.sessions.iter().zip(&after.sessions) {
        assert_eq!((&before.id, &before.title, before.status), (&after.id, &after.title, after.status));
        assert_eq!(before.hosts.len(), after.hosts.len());
        assert_eq!((before.interest.len(), before.attendance.len()), (after.interest.len(), after.attendance.len()));
        assert_eq!((before.suggestions.len(), before.outcomes.len()), (after.suggestions.len(), after.outcomes.len()));
    }
    let kept: Vec<_> = summit
        .store
        .log_all()
        .await
        .expect("the log")
        .iter()
        .map(|fact| (fact.position, fact.session.clone(), fact.at))
        .collect();
    assert_eq!(log, kept, "every fact stands where it stood");
    let waiting = summit.store.letters(None).await.expect("the outbox");
    assert!(
        waiting
            .iter()
            .filter(|letter| letter.recipients[0].as_str().ends_with("erased.invalid"))
            .all(|letter| letter.status == LetterStatus::Dropped)
    );
    assert!(waiting.iter().any(|letter| letter.status == LetterStatus::Pending), "others still get theirs");
    assert!(fs::read_dir(summit.home.path().join("sent/new")).expect("a Maildir").next().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_her_is_left_on_sqlite() {
    nothing_of_her_is_left(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_her_is_left_on_postgres() {
    nothing_of_her_is_left(Some(postgres::database())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_does_not_come_back() {
    let mut summit = Summit::new(None).await;
    for raw in everywhere() {
        summit.receive(&raw).await;
    }
    summit.settle().await;
    summit.erase(FIRST).await;
    let (facts, letters) =
        (summit.store.log_all().await.expect("the log"), summit.store.letters(None).await.expect("the outbox").len());
    let mails = summit.store.mail_rows().await.expect("the mails").len();

    // Another mailbox, or an archive, brings them all again; and one that never came before.
    for raw in everywhere() {
        summit.receive(&raw).await;
    }
    summit
        .receive(&from(&format!("{NAME} <{FIRST}>"), "unseen", 2, "Subject: [TOPIC] Birds", "All about my parrot."))
        .await;
    summit.settle().await;
    summit.finish().await;
    assert_eq!(summit.store.log_all().await.expect("the log"), facts);
    assert_eq!(summit.store.letters(None).await.expect("the outbox").len(), letters);
    let rows = summit.store.mail_rows().await.expect("the mails");
    let ends: Vec<Reason> = rows[mails..].iter().map(|mail| mail.row.reason).collect();
    assert!(ends.iter().all(|reason| *reason == Reason::Erased), "{ends:?}");
    let (told, files) = (summit.told().await, summit.files());
    CANARIES.iter().for_each(|canary| assert!(!told.contains(canary) && !files.contains(canary), "{canary}"));
    assert_eq!(summit.differences().await, []);

    // If she comes back herself, she is somebody new.
    summit.now = "2027-06-01T09:00:00Z".parse().expect("a time");
    let again = from(&format!("{NAME} <{FIRST}>"), "again", 30, "Subject: [TOPIC] Birds", "Once more.");
    summit.receive(&String::from_utf8(again).expect("text").replace("30 May", "31 May").into_bytes()).await;
    summit.settle().await;
    assert_eq!(
        summit.store.mail_rows().await.expect("the mails").last().expect("a mail").row.reason,
        Reason::NewSession
    );
    assert_eq!(summit.erase(FIRST).await, 1);
    assert!(summit.told().await.contains("erased-2@erased.invalid"));
    assert_eq!(summit.differences().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_carried_out_by_whoever_works_next() {
    let mut summit = Summit::new(None).await;
    summit.receive(&everywhere()[0]).await;
    summit.settle().await;
    let mut work = summit.store.begin().await.expect("the database");
    for address in [FIRST, FIRST] {
        work.order_erasure(&Address::parse(address).expect("an address"), summit.now).await.expect("the database");
    }
    work.commit().await.expect("the database");
    assert_eq!(summit.store.erasures().await.expect("the orders").len(), 1, "ordered twice is ordered");
    // All is written, and the program dies before it has swept: the next pass does.
    erase::erase(&summit.store, &summit.config, 1, &Address::parse(FIRST).expect("an address"), summit.now)
        .await
        .expect("it is done");
    assert!(summit.files().contains("quillfeather"), "the old pages are still there");
    assert_eq!(summit.finish().await, 0);
    assert!(!summit.files().contains("quillfeather"));
    assert!(!summit.store.sweep().await.expect("the database"), "once");
}

// Any history.

/// One of many mails, by one of three people, in one of three threads.
fn some_mail(n: usize, (who, what, thread): (usize, usize, usize)) -> Vec<u8> {
    let (name, address) =
        [("Ada Lovelace", "ada@example.org"), ("Grace Hopper", "grace@example.org"), ("Olga Oram", "olga@example.org")]
            [who];
    let (subject, body) = [
        ("[TOPIC] ", "Contact: Ada Lovelace, Grace Hopper\n\nAda Lovelace would like to."),
        ("Re: [TOPIC] ", "+1\n\nI think Ada Lovelace is right."),
        ("Re: [TOPIC] ", "Attend: remote, with Ada Lovelace\nInterest: very"),
        ("Re: [TOPIC] ", "#session title Consoles of Ada Lovelace\n#session host add Kurt Weil <kurt@example.org>"),
        ("Re: [TOPIC] ", "#session withdraw because ada@example.org says so"),
        ("Re: [TOPIC] ", "#session host drop Ada Lovelace"),
        ("[NOTES] ", "Participants: Ada Lovelace, Grace Hopper\nDecision: yes\nAction: Ada Lovelace: do it"),
        ("Re: [TOPIC] ", "Action: done 1\n#session object no"),
        ("Re: [TOPIC] ", "On Monday Ada Lovelace <ada@example.org> wrote:\n> what she says is here\n\nCount me in."),
        ("Something else ", "#session ^propose About Ada Lovelace"),
    ][what];
    let subject = format!("{subject}Thread number {thread}");
    let reply = if subject.starts_with("[TOPIC]") {
        String::new()
    } else {
        format!("\nIn-Reply-To: <root{thread}@example.org>")
    };
    let id = if subject.starts_with("[TOPIC]") { format!("root{thread}") } else { format!("m{n}") };
    let day = 1 + n % 9;
    format!(
        "From: {name} <{address}>\nTo: devel@lists.example.org\nList-Id: <devel.lists.example.org>\nSubject: {subject}\nMessage-ID: <{id}@example.org>\n\
         Date: {day} May 2027 08:00:{n:02} +0000{reply}\n\n{body}\n"
    )
    .into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_history_a_replay_comes_to_the_same(mails in prop::collection::vec((0..3usize, 0..10usize, 0..3usize), 1..25)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut summit = Summit::new(None).await;
            // Who never wrote under a name is not known by it.
            let (first, mails) = ([(0, 1, 0)], mails);
            for (n, mail) in first.iter().chain(&mails).enumerate() {
                summit.receive(&some_mail(n, *mail)).await;
            }
            summit.settle().await;
            assert_eq!(summit.differences().await, []);
            let count = summit.store.log_all().await.expect("the log").len();
            summit.erase("ada@example.org").await;
            assert_eq!(summit.differences().await, []);
            assert_eq!(summit.store.log_all().await.expect("the log").len(), count);
            let told = summit.told().await;
            assert!(!told.contains("ada lovelace") && !told.contains("ada@example.org"), "{told}");
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_history_the_index_is_as_if_made_anew(mails in prop::collection::vec((0..3usize, 0..10usize, 0..3usize), 1..20)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut summit = Summit::new(None).await;
            for (n, mail) in [(0, 1, 0)].iter().chain(&mails).enumerate() {
                summit.receive(&some_mail(n, *mail)).await;
                summit.settle().await;
            }
            let kept = summit.index().await;
            assert_eq!(kept, summit.index_anew().await);
            summit.erase("ada@example.org").await;
            let kept = summit.index().await;
            assert!(!kept.iter().any(|row| row.contains("lovelace")), "{kept:?}");
            assert_eq!(kept, summit.index_anew().await);
        });
    }
}

#[test]
fn a_mail_that_names_nobody_is_not_touched() {
    let eraser = Eraser::new(&[Address::parse(FIRST).expect("an address")], &[NAME.to_owned()], 1);
    let touched = everywhere().into_iter().filter(|raw| eraser.mail(raw, &read(raw, Timestamp::MAX)).is_some()).count();
    assert!(touched > 8, "she is in nearly all of them");
    for entry in fs::read_dir(Path::new("src/cli/demo/mails")).expect("the demo's mails").flatten() {
        let raw = fs::read(entry.path()).expect("a mail");
        assert_eq!(eraser.mail(&raw, &read(&raw, Timestamp::MAX)), None, "{}", entry.path().display());
    }
}
