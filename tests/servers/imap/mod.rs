//! Our IMAP against Dovecot: a mailbox that others use, on a server that comes and goes.
//!
//! The story takes some seconds; `RAPPORTEUR_LONG=1` tells it at length: 5,000 mails, 50 restarts, 20 times made anew, and a
//! first look at 100,000 mails. Its figures are good without company: `RAPPORTEUR_LONG=1 cargo test --release --test
//! servers imap:: -- --nocapture --test-threads 1`.

mod place;
mod second;

use crate::reader::{PATIENCE, Reader};
use crate::servers::PASSWORD;
use place::{Place, USER};
use rapporteur::mailbox::Trouble;
use rapporteur::mailbox::imap::{self, After, Patience};
use rapporteur::store::Store;
use rapporteur::wire::Tls;
use second::Second;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How much happens.
struct Measure {
    mails: u32,
    restarts: u32,
    made_anew: u32,
    expunged: u32,
}

const SHORT: Measure = Measure { mails: 300, restarts: 3, made_anew: 2, expunged: 20 };
const LONG: Measure = Measure { mails: 5000, restarts: 50, made_anew: 20, expunged: 200 };

fn is_long() -> bool {
    std::env::var_os("RAPPORTEUR_LONG").is_some()
}

fn mail(number: u32) -> String {
    let more = "x".repeat(number as usize * 37 % 900);
    format!(
        "From: ada@summit.test\r\nTo: devel@summit.test\r\nSubject: {number}\r\nMessage-ID: <{number}@summit.test>\r\n\r\n\
         Number {number}.\r\n{more}\r\n"
    )
}

/// The number in a mail's subject.
fn number(raw: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(raw);
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: ")).expect("a subject");
    line.parse().expect("a number")
}

/// When each mail was appended, and when it was kept.
#[derive(Default)]
struct Times {
    appended: HashMap<u32, Instant>,
    kept: HashMap<u32, Instant>,
    validities: BTreeSet<String>,
}

/// Reads as the daemon does, connection after connection, until it is told to stop and nothing more comes.
async fn follow(mut reader: Reader, stop: Arc<AtomicBool>, times: Arc<Mutex<Times>>) -> (Reader, u32) {
    let (mut lost, mut seen) = (0, 0);
    loop {
        match follow_once(&mut reader, &mut seen, &stop, &times).await {
            Ok(()) => return (reader, lost),
            Err(_) => lost += 1,
        }
        // Not as long as the daemon would: it is the faults that are tried here.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// One connection. `seen` is the last row of the store whose time was noted.
async fn follow_once(
    reader: &mut Reader,
    seen: &mut i64,
    stop: &AtomicBool,
    times: &Mutex<Times>,
) -> Result<(), Trouble> {
    let mut imap = reader.open().await?;
    loop {
        let last = stop.load(Ordering::Relaxed);
        reader.take(&mut imap).await?;
        let now = Instant::now();
        loop {
            let page = reader.store.inbox_page(*seen, 64 << 20).await.unwrap();
            let Some(end) = page.last() else { break };
            *seen = end.id;
            let mut times = times.lock().unwrap();
            for mail in &page {
                times.kept.entry(number(&mail.raw)).or_insert(now);
                let (validity, _) = mail.source_key.split_once('.').expect("UIDVALIDITY.UID");
                times.validities.insert(validity.to_owned());
            }
        }
        if last {
            imap.close().await;
            return Ok(());
        }
        imap.wait(Duration::from_secs(1)).await?;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_is_used_and_restarted_and_made_anew_loses_no_mail() {
    let Measure { mails, restarts, made_anew, expunged } = if is_long() { LONG } else { SHORT };
    let place = Arc::new(Place::new());
    let mut reader = Reader::new(place.settings(Tls::Starttls)).await;
    reader.patience = Patience { idle: Duration::from_secs(5), ..PATIENCE };
    let (stop, times) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Times::default())));
    let reading = tokio::spawn(follow(reader, stop.clone(), times.clone()));

    // Somebody appends, somebody marks mails, somebody removes those that we have.
    let appended = Arc::new(AtomicU32::new(0));
    let appending = tokio::spawn(append_all(place.clone(), mails, appended.clone(), times.clone()));
    let (flips, removed) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(BTreeSet::new())));
    let marking = tokio::spawn(mark(place.clone(), stop.clone(), flips.clone()));
    let removing = tokio::spawn(remove(place.clone(), expunged, removed.clone(), times.clone()));

    // The server comes and goes, spread over the time it takes.
    let events = restarts + made_anew;
    let mut seen = 1;
    for event in 1..=events {
        while appended.load(Ordering::Relaxed) < mails * event / (events + 1) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        match event * made_anew % events < made_anew {
            true => {
                // The reader has seen the mailbox as it is, and sees it as it will be.
                seen_validities(&times, seen).await;
                place.make_anew().await;
                seen += 1;
                seen_validities(&times, seen).await;
            }
            false => place.restart(|| {}).await,
        }
    }
    appending.await.unwrap();
    removing.await.unwrap();
    stop.store(true, Ordering::Relaxed);
    marking.await.unwrap();
    let (mut reader, lost_connections) = reading.await.unwrap();
    // A last look, as after any restart of ours.
    reader.once().await.unwrap();

    let kept = reader.kept().await;
    let mut copies: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut validities = BTreeSet::new();
    for (key, (raw, _)) in &kept {
        let number = number(raw);
        assert_eq!(*raw, mail(number).as_bytes(), "{key} is not what was appended");
        let (validity, _) = key.split_once('.').expect("UIDVALIDITY.UID");
        validities.insert(validity);
        copies.entry(number).or_default().push(validity);
    }
    let missing: Vec<u32> = (1..=mails).filter(|number| !copies.contains_key(number)).collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
    for (number, copies) in &copies {
        let different: BTreeSet<_> = copies.iter().collect();
        assert_eq!(different.len(), copies.len(), "{number} came twice under one UIDVALIDITY: {copies:?}");
    }
    assert_eq!(validities.len() as u32, made_anew + 1, "{validities:?}");
    assert!(reader.troubles.len() < 5, "{:?}", reader.troubles);
    println!(
        "{mails} mails, {restarts} restarts, {made_anew} times made anew, {} expunged, {} flags flipped: 0 lost, 0 doubled; \
         {lost_connections} connections lost, {} rows kept",
        removed.lock().unwrap().len(),
        flips.load(Ordering::Relaxed),
        kept.len()
    );
    percentiles("append to kept, in the storm", &times.lock().unwrap());
}

/// Waits until the reader has kept mails under so many UIDVALIDITYs.
async fn seen_validities(times: &Mutex<Times>, count: usize) {
    let begun = Instant::now();
    while times.lock().unwrap().validities.len() < count {
        assert!(begun.elapsed() < Duration::from_secs(60), "the mailbox that was made anew is not read");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Appends every mail until the server says OK to it. After a lost connection it is found out whether it is there.
async fn append_all(place: Arc<Place>, mails: u32, appended: Arc<AtomicU32>, times: Arc<Mutex<Times>>) {
    let mut second = None;
    for number in 1..=mails {
        loop {
            let mut on_line = match second.take() {
                Some(second) => second,
                None => match Second::open(place.dovecot.imap, USER, PASSWORD).await {
                    Ok(second) => second,
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    }
                },
            };
            let search = format!("UID SEARCH HEADER Message-ID \"<{number}@summit.test>\"");
            let Ok(found) = on_line.ask(&search).await else { continue };
            let is_there = found.iter().any(|line| line.starts_with("* SEARCH "));
            if !is_there && on_line.append(&mail(number)).await.is_err() {
                continue;
            }
            times.lock().unwrap().appended.insert(number, Instant::now());
            second = Some(on_line);
            break;
        }
        appended.store(number, Ordering::Relaxed);
    }
}

/// Flips `\Seen` here and there as long as it goes.
async fn mark(place: Arc<Place>, stop: Arc<AtomicBool>, flips: Arc<AtomicU32>) {
    let mut round = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut second) = Second::open(place.dovecot.imap, USER, PASSWORD).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        while !stop.load(Ordering::Relaxed) {
            round += 1;
            let sign = if round.is_multiple_of(2) { '+' } else { '-' };
            let asked = second.ask(&format!("STORE {} {sign}FLAGS (\\Seen)", round * 7919 % 40 + 1)).await;
            // `STORE` of a mail that is not there yet is refused, which is no reason to go.
            if asked.is_err() && second.ask("NOOP").await.is_err() {
                break;
            }
            flips.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Removes mails that we are known to have, one after the other.
async fn remove(place: Arc<Place>, most: u32, removed: Arc<Mutex<BTreeSet<u32>>>, times: Arc<Mutex<Times>>) {
    while removed.lock().unwrap().len() < most as usize {
        let Ok(mut second) = Second::open(place.dovecot.imap, USER, PASSWORD).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        loop {
            let known: Vec<u32> = times.lock().unwrap().kept.keys().copied().collect();
            let next = known.into_iter().find(|number| !removed.lock().unwrap().contains(number));
            let Some(number) = next else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let search = format!("UID SEARCH HEADER Message-ID \"<{number}@summit.test>\"");
            let Ok(found) = second.ask(&search).await else { break };
            if let Some(uid) = found.iter().find_map(|line| line.strip_prefix("* SEARCH ")) {
                let Ok(_) = second.ask(&format!("UID STORE {uid} +FLAGS (\\Deleted)")).await else { break };
                let Ok(_) = second.ask("EXPUNGE").await else { break };
            }
            removed.lock().unwrap().insert(number);
            if removed.lock().unwrap().len() >= most as usize {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Appends race with the beginning of IDLE: each is seen, and soon.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_appended_while_idle_begins_is_seen_within_seconds() {
    let mails = if is_long() { 500 } else { 25 };
    let place = Place::new();
    let mut reader = Reader::new(place.settings(Tls::Implicit)).await;
    reader.patience = Patience { idle: Duration::from_secs(300), ..PATIENCE };
    let (stop, times) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Times::default())));
    let reading = tokio::spawn(follow(reader, stop.clone(), times.clone()));
    let mut second = Second::open(place.dovecot.imap, USER, PASSWORD).await.unwrap();
    for number in 1..=mails {
        // The moment moves through the second in which the reader fetches the last one and goes back to IDLE.
        second.append(&mail(number)).await.unwrap();
        times.lock().unwrap().appended.insert(number, Instant::now());
        while !times.lock().unwrap().kept.contains_key(&number) {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let waited = times.lock().unwrap().appended[&number].elapsed();
            assert!(waited < Duration::from_secs(60), "mail {number} is not seen");
        }
        tokio::time::sleep(Duration::from_micros(u64::from(number * 7919 % 997) * 40)).await;
    }
    stop.store(true, Ordering::Relaxed);
    second.append(&mail(mails + 1)).await.unwrap();
    reading.await.unwrap();
    let worst = percentiles("append to kept, with IDLE", &times.lock().unwrap());
    assert!(worst < Duration::from_secs(5), "{worst:?}");
}

/// Median, 99th percentile and the worst.
fn percentiles(what: &str, times: &Times) -> Duration {
    let waits = times.appended.iter().filter_map(|(number, at)| Some(times.kept.get(number)?.duration_since(*at)));
    let mut waits: Vec<Duration> = waits.collect();
    waits.sort();
    let at = |share: usize| waits[(waits.len() * share / 100).min(waits.len() - 1)];
    println!("{what}: median {:?}, p99 {:?}, worst {:?} of {}", at(50), at(99), at(100), waits.len());
    at(100)
}

/// The memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc(5)");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of KiB") << 10
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_mailbox_is_read_at_once_and_then_nothing_is_left_to_do() {
    let mails = if is_long() { 100_000 } else { 1000 };
    let place = Place::new();
    place.seed((1..=mails).map(mail));
    let mut reader = Reader::new(place.settings(Tls::Implicit)).await;
    let database = format!("sqlite:{}", place.home.path().join("mail.db").display());
    reader.store = Store::open(&database, [1; 32]).await.unwrap();
    // Dovecot looks at all files first; that is its business.
    let mut second = Second::open(place.dovecot.imap, USER, PASSWORD).await.unwrap();
    second.ask("SEARCH LARGER 100000000 BEFORE 1-Jan-1990").await.unwrap();
    let (before, most) = (resident(), Arc::new(AtomicU64::new(0)));
    let watched = most.clone();
    let watching = tokio::spawn(async move {
        loop {
            watched.fetch_max(resident(), Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let begun = Instant::now();
    reader.once().await.unwrap();
    let took = begun.elapsed();
    watching.abort();
    let grown = most.load(Ordering::Relaxed).saturating_sub(before) >> 20;
    println!("{mails} mails in {took:?}: {:.0} mails/s, {grown} MiB", f64::from(mails) / took.as_secs_f64());
    assert!(grown <= 64, "{grown} MiB");
    assert_eq!(reader.kept().await.len() as u32, mails);
    let watermark = reader.watermark().await;
    assert!(watermark.as_ref().is_some_and(|mark| !mark.ends_with('-')), "{watermark:?}: Dovecot has mod-sequences");
    let begun = Instant::now();
    reader.once().await.unwrap();
    println!("the next look: {:?}", begun.elapsed());
    // As on a server without mod-sequences: everything is listed and compared.
    let name = reader.settings.name();
    reader.store.receive(&name, &[], Some("0:-")).await.unwrap();
    let begun = Instant::now();
    reader.once().await.unwrap();
    println!("the next full look: {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_go_to_another_folder_once_they_are_kept() {
    let place = Place::new();
    place.seed((1..=30).map(mail));
    let mut reader = Reader::new(place.settings(Tls::Implicit)).await;
    reader.settings.after = After::Move("Gelesen – erledigt".into());
    let trouble = imap::check(&reader.settings).await.expect("there is no such folder").to_string();
    assert!(trouble.contains("there is no folder `Gelesen – erledigt`"), "{trouble}");
    let mut second = Second::open(place.dovecot.imap, USER, PASSWORD).await.unwrap();
    second.ask("CREATE \"Gelesen &IBM- erledigt\"").await.unwrap();
    assert_eq!(imap::check(&reader.settings).await, None);
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.len(), 30);
    let counts = second.ask("STATUS \"Gelesen &IBM- erledigt\" (MESSAGES)").await.unwrap();
    assert!(counts[0].ends_with("(MESSAGES 30)"), "{counts:?}");

    // What was moved can be read there, and marked.
    let mut reader = Reader::new(place.settings(Tls::Implicit)).await;
    reader.settings.folder = "Gelesen – erledigt".into();
    reader.settings.after = After::Seen;
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.len(), 30);
    let counts = second.ask("STATUS \"Gelesen &IBM- erledigt\" (UNSEEN)").await.unwrap();
    assert!(counts[0].ends_with("(UNSEEN 0)"), "{counts:?}");
}

/// As an operator meets it: the program, its configuration, and a mailbox on a server.
#[test]
fn the_program_checks_and_reads_the_mailbox() {
    let place = Place::new();
    place.seed((1..=3).map(mail));
    let write = |folder: &str| {
        let ca = crate::servers::ca(&place.home);
        crate::reader::secret(place.home.path(), PASSWORD);
        let text = format!(
            r#"
address = "rapporteur@summit.test"
[[mailbox]]
kind = "imap"
host = "localhost"
port = {}
ca_file = "{}"
user = "{USER}"
password_file = "password"
folder = "{folder}"
[transport]
kind = "maildir"
path = "sent"
[[list]]
address = "devel@summit.test"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@summit.test"]
"#,
            place.dovecot.imaps,
            ca.display()
        );
        std::fs::write(place.home.path().join("rapporteur.toml"), text).unwrap();
        rapporteur::mailbox::maildir::create(&place.home.path().join("sent")).unwrap();
    };
    let run = |command: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rapporteur"));
        let output =
            program.arg(command).current_dir(place.home.path()).env("RAPPORTEUR_LOG", "trace").output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!said.contains(PASSWORD), "the password is nowhere said, not even to whoever wants to see everything");
        said
    };
    write("Nowhere");
    let said = run("check");
    assert!(said.contains("imap:rapporteur@localhost/Nowhere: is refused (EXAMINE: NO"), "{said}");
    write("INBOX");
    let said = run("once");
    assert!(said.contains("3 mails fetched, 3 settled"), "{said}");
    let said = run("once");
    assert!(!said.contains("3 mails fetched"), "{said}");
    let said = run("check");
    assert!(!said.contains("imap:rapporteur@localhost/INBOX: is"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_the_settings_is_said() {
    let place = Place::new();
    let wrong = |change: &dyn Fn(&mut imap::ImapSettings)| {
        let mut settings = place.settings(Tls::Implicit);
        change(&mut settings);
        settings
    };
    for (settings, says) in [
        (wrong(&|settings| settings.folder = "Nowhere".into()), "check `folder`: the server has no `Nowhere`"),
        (wrong(&|settings| settings.server.ca_file = None), "TLS handshake"),
        (wrong(&|settings| settings.server.port = place.dovecot.lmtp), "TLS handshake"),
        (wrong(&|settings| settings.server.login = None), "add `user`"),
        (
            wrong(&|settings| settings.server.login.as_mut().unwrap().user = "nobody".into()),
            "refuses the login of nobody",
        ),
    ] {
        let trouble = imap::check(&settings).await.expect(says).to_string();
        assert!(trouble.contains(says) && !trouble.contains(PASSWORD), "{trouble}");
    }
}
