//! `run`, as an operator lives with it: servers that hang, stops in the middle, a new configuration, a service manager.

#[path = "support/program.rs"]
mod program;

use program::{Daemon, Place, Ran, SOON, mail, proposal, says};
use sqlx::{Connection, SqliteConnection};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

impl Daemon {
    /// Its last line that a test waited for.
    fn last(&self) -> &str {
        self.heard.last().map_or("", String::as_str)
    }

    /// Waits so long, and hears nothing of it.
    #[track_caller]
    fn keeps_to_itself(&mut self, words: &str, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(line) = self.log.recv_timeout(until.saturating_duration_since(Instant::now())) {
            assert!(!line.contains(words), "{line}");
            self.heard.push(line);
        }
    }
}

/// A mail in a Maildir of this place.
fn put(place: &Place, maildir: &str, name: &str, mail: &[u8]) {
    // Written elsewhere first, as a mail system does: the daemon is looking.
    let partial = place.path(&format!("summit/{maildir}/tmp/{name}"));
    fs::write(&partial, mail).expect("a mail");
    fs::rename(partial, place.path(&format!("summit/{maildir}/new/{name}"))).expect("a mail in the Maildir");
}

fn another(id: &str) -> Vec<u8> {
    mail(id, &format!("[TOPIC] About {id}"), "", "There is something to say about it.")
}

/// What the program of now says of its letters, whatever the daemon is doing.
fn letters(place: &Place) -> Vec<String> {
    let letters = place.json(&["outbox", "list"]);
    letters.as_array().expect("a list").iter().map(|letter| letter["status"].as_str().unwrap().to_owned()).collect()
}

// Slow servers.

/// An SMTP server that says nothing more once it has come to this command, or to the final dot (`.`).
struct Hanging {
    port: u16,
    reached: mpsc::Receiver<()>,
}

impl Hanging {
    fn at(command: &'static str) -> Hanging {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (tell, reached) = mpsc::channel();
        thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                let mut answers = stream.try_clone().expect("the same connection");
                let mut say = |words: &str| answers.write_all(format!("{words}\r\n").as_bytes());
                let _ = say("220 slow.example.org ready");
                for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                    if line.starts_with(command) {
                        let _ = tell.send(());
                        break;
                    }
                    let _ = match line.split([' ', ':']).next() {
                        Some("EHLO") => say("250 slow.example.org"),
                        Some("MAIL" | "RCPT" | "RSET") => say("250 fine"),
                        Some("DATA") => say("354 go on"),
                        _ => Ok(()),
                    };
                }
                // It hangs: the connection stays.
                open.push(stream);
            }
        });
        Hanging { port, reached }
    }

    /// The configuration of a place that sends to it.
    fn serves(&self, place: &Place) {
        let smtp = format!("kind = \"smtp\"\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = {}", self.port);
        place.edit("kind = \"maildir\"\npath = \"sent\"", &smtp);
    }

    fn is_reached(&self) {
        self.reached.recv_timeout(SOON).expect("the daemon comes so far");
    }
}

#[test]
fn a_server_that_takes_its_time_keeps_no_mail_from_being_settled() {
    let (place, server) = (Place::new(), Hanging::at("."));
    server.serves(&place);
    put(&place, "inbox", "1.mail", &proposal());
    let mut daemon = Daemon::start(&place);
    server.is_reached();
    put(&place, "inbox", "2.mail", &another("second"));
    let came = Instant::now();
    daemon.says("settled");
    daemon.says("settled");
    assert!(came.elapsed() < Duration::from_secs(5), "{:?}", came.elapsed());
    says(&place.run(&["sessions"]).ok(), &["S-1", "S-2"]);
}

#[test]
fn a_stop_takes_a_mail_back_that_is_only_half_sent() {
    let (place, server) = (Place::new(), Hanging::at("RCPT"));
    server.serves(&place);
    put(&place, "inbox", "1.mail", &proposal());
    let daemon = Daemon::start(&place);
    server.is_reached();
    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(letters(&place), ["pending"]);
}

#[test]
fn a_stop_leaves_a_mail_in_doubt_that_was_perhaps_accepted() {
    let (place, server) = (Place::new(), Hanging::at("."));
    server.serves(&place);
    put(&place, "inbox", "1.mail", &proposal());
    let daemon = Daemon::start(&place);
    server.is_reached();
    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(letters(&place), ["unknown"]);
}

#[test]
fn who_asks_twice_does_not_wait() {
    let (place, server) = (Place::new(), Hanging::at("."));
    server.serves(&place);
    put(&place, "inbox", "1.mail", &proposal());
    let mut daemon = Daemon::start(&place);
    server.is_reached();
    daemon.signal("INT");
    daemon.says("stopping");
    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(letters(&place), ["unknown"]);
}

#[test]
fn a_stop_in_the_middle_of_a_large_mailbox_loses_nothing() {
    const MAILS: usize = 3000;
    let place = Place::new();
    for n in 0..MAILS {
        put(&place, "inbox", &format!("{n}.mail"), &mail(&format!("m{n}"), "Weather", "", "It rains."));
    }
    let mut daemon = Daemon::start(&place);
    daemon.says("settled");
    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let settled = place.json(&["status"])["mail"]["recorded"].as_u64().expect("a count");
    assert!(settled < MAILS as u64, "it was the middle");
    let ran = Ran::from(place.command(&["once"]).output().expect("it starts"));
    says(&ran.ok(), &[&format!("{} settled", MAILS as u64 - settled)]);
}

// Trouble that passes.

#[test]
fn a_mailbox_that_goes_away_is_told_once_and_read_again_when_it_is_back() {
    let place = Place::new();
    let mut daemon = Daemon::start(&place);
    fs::rename(place.path("summit/inbox"), place.path("elsewhere")).expect("a Maildir that is moved");
    daemon.says("there is no such directory");
    // It is tried again after 2 and 4 seconds.
    daemon.keeps_to_itself("no such directory", Duration::from_secs(8));
    fs::rename(place.path("elsewhere"), place.path("summit/inbox")).expect("a Maildir that is moved back");
    put(&place, "inbox", "1.mail", &proposal());
    daemon.says("inbox is in order again");
    daemon.says("delivered");
    assert_eq!(place.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_waited_for() {
    let place = Place::new();
    let mut daemon = Daemon::start(&place);
    let mut other = database(&place).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("the writer's turn");
    put(&place, "inbox", "1.mail", &proposal());
    tokio::time::sleep(Duration::from_secs(3)).await;
    sqlx::query("ROLLBACK").execute(&mut other).await.expect("the end of the turn");
    daemon.says("delivered");
    assert_eq!(daemon.stop().0, Some(0));
}

async fn database(place: &Place) -> SqliteConnection {
    let url = format!("sqlite:{}", place.path("summit/rapporteur.db").display());
    SqliteConnection::connect(&url).await.expect("the database")
}

#[test]
fn a_log_that_nobody_reads_any_more_ends_nothing() {
    let place = Place::new();
    let mut daemon = Daemon::start(&place);
    // Its reader closes the pipe at the next line that it cannot pass on.
    daemon.log = mpsc::channel().1;
    for id in ["one", "two", "three"] {
        put(&place, "inbox", id, &another(id));
        // Time for a glance, and for a line that nobody reads.
        thread::park_timeout(Duration::from_millis(1500));
    }
    says(&place.run(&["sessions"]).ok(), &["S-1", "S-2", "S-3"]);
    assert_eq!(daemon.stop().0, Some(0));
}

// A new configuration.

#[test]
fn a_new_configuration_is_taken_up_without_a_restart() {
    let place = Place::new();
    let mut daemon = Daemon::start(&place);
    for part in ["second", "outgoing"] {
        for dir in ["new", "cur", "tmp"] {
            fs::create_dir_all(place.path(&format!("summit/{part}/{dir}"))).expect("a Maildir");
        }
    }
    place.edit("[[mailbox]]", "[[mailbox]]\nkind = \"maildir\"\npath = \"second\"\n\n[[mailbox]]");
    place.edit("path = \"sent\"", "path = \"outgoing\"");
    daemon.signal("HUP");
    daemon.says("reloaded");
    put(&place, "second", "1.mail", &proposal());
    daemon.says("delivered");
    put(&place, "inbox", "2.mail", &another("second"));
    daemon.says("settled");
    assert_eq!(fs::read_dir(place.path("summit/outgoing/new")).expect("a Maildir").count(), 1);
    assert_eq!(place.sent(), 0);
    assert_eq!(daemon.stop().0, Some(0));
}

#[test]
fn a_wrong_configuration_changes_nothing() {
    let place = Place::new();
    let mut daemon = Daemon::start(&place);
    for (right, wrong, words) in [
        ("poll_seconds = 30", "poll_seconds = 0", "`poll_seconds` is 0"),
        ("sqlite:rapporteur.db", "sqlite:other.db", "that needs a restart"),
        ("[[mailbox]]", "[[mailbox]]\nkind = \"lmtp\"\nlisten = \"unix:gone/lmtp\"\n\n[[mailbox]]", "cannot listen on"),
    ] {
        place.edit(right, wrong);
        daemon.signal("HUP");
        daemon.says("the configuration stays as it was");
        assert!(daemon.last().contains(words), "{}", daemon.last());
        place.edit(wrong, right);
    }
    put(&place, "inbox", "1.mail", &proposal());
    daemon.says("delivered");
    assert_eq!(place.sent(), 1);
}

// The service manager.

/// Its end of the line: what the daemon tells it.
struct Manager(UnixDatagram);

impl Manager {
    fn of(place: &Place) -> (Manager, std::process::Command) {
        let path = place.path("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        let mut command = place.command(&["run"]);
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "1000000");
        (Manager(socket), command)
    }

    /// The next message, if one comes in time.
    fn next(&self, patience: Duration) -> Option<String> {
        let mut bytes = [0; 4096];
        self.0.set_read_timeout(Some(patience)).expect("a time-out");
        let length = self.0.recv(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    #[track_caller]
    fn hears(&self, words: &str) -> String {
        let mut heard = Vec::new();
        while let Some(message) = self.next(SOON) {
            if message.contains(words) {
                return message;
            }
            heard.push(message);
        }
        panic!("it is not told `{words}`: {heard:?}");
    }
}

#[test]
fn the_service_manager_hears_how_things_are() {
    let place = Place::new();
    let (manager, command) = Manager::of(&place);
    let daemon = Daemon::spawn(&command);
    manager.hears("READY=1");
    manager.hears("WATCHDOG=1");
    put(&place, "inbox", "1.mail", &proposal());
    manager.hears("STATUS=since the start: mails settled 1, letters sent 1");
    daemon.signal("HUP");
    says(&manager.hears("RELOADING=1"), &["MONOTONIC_USEC="]);
    manager.hears("READY=1");
    assert_eq!(daemon.stop().0, Some(0));
    manager.hears("STOPPING=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_intake_is_not_covered_up() {
    let place = Place::new();
    for n in 0..2000 {
        put(&place, "inbox", &format!("{n}.mail"), &mail(&format!("m{n}"), "Weather", "", "It rains."));
    }
    let (manager, command) = Manager::of(&place);
    let mut daemon = Daemon::spawn(&command);
    daemon.says("settled");
    let mut other = database(&place).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("the writer's turn");
    // It is fed four times a second while all is well. What was said before the lock is still to be heard.
    let (locked, mut fed) = (Instant::now(), Instant::now());
    while fed.elapsed() < Duration::from_secs(3) {
        if manager.next(Duration::from_millis(100)).is_some_and(|message| message.contains("WATCHDOG=1")) {
            fed = Instant::now();
        }
        assert!(locked.elapsed() < Duration::from_secs(20), "the watchdog is fed while the intake is stuck");
    }
    sqlx::query("ROLLBACK").execute(&mut other).await.expect("the end of the turn");
    manager.hears("WATCHDOG=1");
    assert_eq!(daemon.stop().0, Some(0));
}
