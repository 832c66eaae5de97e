//! From the outbox through a mail server that fails: each letter arrives once, and none takes the others' time.

use super::smtp::{Fault, Phase, SOUND, Script, Server};
use jiff::SignedDuration;
use rapporteur::clock::{Clock, Timestamp};
use rapporteur::config::Config;
use rapporteur::daemon::delivery::{Delivered, pass};
use rapporteur::daemon::run::Stop;
use rapporteur::letters::{LetterKind, Outgoing};
use rapporteur::mail::{Address, MessageId};
use rapporteur::store::{LetterRow, LetterStatus, Store};
use rapporteur::transport::{Patience, Smtp, SmtpSettings, Transport};
use rapporteur::wire::{self, Tls};

use std::time::Duration;
use tempfile::TempDir;

const CONFIG: &str = r#"
address = "rapporteur@example.org"
[transport]
kind = "sendmail"
[[list]]
address = "devel@lists.example.org"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]
"#;

/// Minutes since the story began.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
}

struct Office {
    home: TempDir,
    config: Config,
    store: Store,
}

impl Office {
    async fn new() -> Office {
        let home = tempfile::tempdir().unwrap();
        let config = Config::parse(&home.path().join("rapporteur.toml"), CONFIG).unwrap();
        let store = Store::open(&config.database, [7; 32]).await.unwrap();
        Office { home, config, store }
    }

    /// Owes one letter to each of them.
    async fn owe(&self, recipients: &[&str]) {
        let letters: Vec<_> = recipients
            .iter()
            .enumerate()
            .map(|(n, to)| (letter(n, Address::parse(to).unwrap()), LetterStatus::Pending, at(0)))
            .collect();
        let mut work = self.store.begin().await.unwrap();
        work.owe(&letters, at(0)).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn pass(&self, transport: &mut Transport, minute: i64) -> Delivered {
        let clock = Clock::Fixed(at(minute));
        pass(&self.store, &self.config, transport, "test", clock, &Stop::default()).await.unwrap()
    }

    async fn letters(&self) -> Vec<LetterRow> {
        self.store.letters(None).await.unwrap()
    }
}

fn letter(n: usize, to: Address) -> Outgoing {
    let message_id = MessageId::parse(&format!("<{n}@example.org>")).unwrap();
    let bytes = format!("Message-ID: <{message_id}>\r\nTo: {to}\r\n\r\nHello.\r\n").into_bytes();
    Outgoing {
        kind: LetterKind::Answer,
        message_id,
        cause: format!("cause {n}"),
        summit: "summit2027".into(),
        envelope_from: None,
        to_list: to.as_str() == "devel@lists.example.org",
        recipients: vec![to],
        subject: "Hello".into(),
        bytes,
    }
}

/// A program that was started anew: it has no connection, and knows of no rest.
fn transport(server: &Server) -> Transport {
    let (host, port) = ("127.0.0.1".to_owned(), server.address.port());
    let server = wire::Server { host, port, tls: Tls::None, ca_file: None, login: None };
    let short = Duration::from_millis(500);
    let patience = Patience { connect: short, command: short, block: short, before_dot: 10 * short, dot: short };
    Transport::Smtp(Box::new(Smtp::new(SmtpSettings { server, hello: Some("robot.example.org".into()) }, patience)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_once_the_letter_arrives_once() {
    use Phase::*;
    let faults =
        [Fault::Close, Fault::Reset, Fault::Hang, Fault::Say("451 later"), Fault::Say("421 bye"), Fault::Say("hello")];
    for phase in [Greeting, Ehlo, Mail, Rcpt, Data, Block, Dot] {
        for fault in faults {
            // The server takes a mail before it fails to say so: then it may come twice, under one Message-ID.
            let hidden = phase == Dot && !matches!(fault, Fault::Say("451 later" | "421 bye"));
            let office = Office::new().await;
            office.owe(&["ada@example.org"]).await;
            let server = Server::start(Script { fault: Some((phase, fault)), only: Some(1), ..SOUND }).await;
            for minute in [0, 2, 20, 40] {
                office.pass(&mut transport(&server), minute).await;
            }
            let case = format!("{phase:?} {fault:?} {}", office.home.path().display());
            assert_eq!(office.letters().await[0].status, LetterStatus::Sent, "{case}");
            let mut mails = server.mails();
            // What was refused at the dot was not taken.
            let refused = usize::from(phase == Dot && !hidden);
            assert_eq!(mails.len(), 1 + usize::from(hidden) + refused, "{case}");
            mails.dedup();
            assert_eq!(mails.len(), 1, "the same bytes each time: {case}");
        }
    }
}

#[tokio::test]
async fn a_server_that_hears_of_no_mail_is_asked_once_and_not_once_a_letter() {
    let office = Office::new().await;
    office.owe(&["ada@example.org", "grace@example.net", "kurt@example.com"]).await;
    let closed = Server::start(Script { fault: Some((Phase::Greeting, Fault::Say("554 no service"))), ..SOUND }).await;
    let mut to_closed = transport(&closed);
    for minute in 0..5 {
        assert_eq!(office.pass(&mut to_closed, minute).await, Delivered::default());
    }
    assert_eq!(closed.connections(), 1);
    let letters = office.letters().await;
    assert!(letters.iter().all(|letter| letter.status == LetterStatus::Pending && letter.due == at(0)), "{letters:?}");
    assert!(letters[0].error.as_ref().is_some_and(|error| error.contains("554 no service")));
    // However long that lasts.
    let open = Server::start(SOUND).await;
    assert_eq!(office.pass(&mut transport(&open), 60 * 24 * 30).await.sent, 3);
}

#[tokio::test]
async fn a_place_that_defers_does_not_keep_letters_to_others_waiting() {
    let office = Office::new().await;
    office.owe(&["ada@slow.example", "grace@slow.example", "kurt@example.com", "edsger@SLOW.example"]).await;
    let server =
        Server::start(Script { fault: Some((Phase::Rcpt, Fault::Say("450 busy"))), only: Some(1), ..SOUND }).await;
    let mut transport = transport(&server);
    assert_eq!(office.pass(&mut transport, 0).await, Delivered { sent: 1, later: 1, ..Delivered::default() });
    let tried: Vec<String> = server.commands().into_iter().filter(|said| said.starts_with("RCPT")).collect();
    assert_eq!(tried, ["RCPT TO:<ada@slow.example>", "RCPT TO:<kurt@example.com>"]);
    assert_eq!(office.pass(&mut transport, 2).await.sent, 3, "a minute later they are tried");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_does_not_reach_a_list_is_told_to_the_organisers() {
    let office = Office::new().await;
    office.owe(&["devel@lists.example.org", "ada@example.org"]).await;
    let server =
        Server::start(Script { fault: Some((Phase::Rcpt, Fault::Say("550 no"))), only: Some(1), ..SOUND }).await;
    assert_eq!(office.pass(&mut transport(&server), 0).await, Delivered { sent: 2, failed: 1, ..Delivered::default() });
    let letters = office.letters().await;
    let [post, _, notice] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(
        (post.status, notice.kind, notice.status),
        (LetterStatus::Failed, LetterKind::Undelivered, LetterStatus::Sent)
    );
    let told = String::from_utf8(server.mails()[1].clone()).unwrap();
    assert!(told.contains("To: olga@example.org") && told.contains("RCPT: 550 no"), "{told}");
}

#[tokio::test]
async fn what_the_program_died_over_three_times_waits_for_a_human_and_goes_out_at_their_word() {
    let office = Office::new().await;
    office.owe(&["ada@example.org"]).await;
    let server = Server::start(SOUND).await;
    // Each time it is in hand when the program dies: the lease ends, and the wait for an echo.
    for death in 0..3 {
        let lease = SignedDuration::from_mins(30);
        let taken = office.store.claim_letter("dies", at(60 * death), lease).await.unwrap();
        assert!(taken.is_some(), "death {death}");
        assert!(office.store.claim_letter("finds it", at(60 * death + 31), lease).await.unwrap().is_none());
    }
    // The organiser's letter about it comes beside it.
    let arrived = || server.mails().iter().filter(|mail| mail.starts_with(b"Message-ID: <0@example.org>")).count();
    office.pass(&mut transport(&server), 180).await;
    let letter = office.letters().await.remove(0);
    assert_eq!((letter.status, arrived()), (LetterStatus::Held, 0));
    assert!(office.store.release(letter.id, at(181)).await.unwrap());
    office.pass(&mut transport(&server), 181).await;
    assert_eq!((office.letters().await[0].status, arrived()), (LetterStatus::Sent, 1));
}

#[tokio::test]
async fn a_stop_cuts_a_sending_off_and_leaves_the_letter_as_it_is_known() {
    for (phase, status) in [(Phase::Rcpt, LetterStatus::Pending), (Phase::Dot, LetterStatus::Unknown)] {
        let office = Office::new().await;
        office.owe(&["ada@example.org"]).await;
        let server = Server::start(Script { fault: Some((phase, Fault::Hang)), ..SOUND }).await;
        let (host, port) = ("127.0.0.1".to_owned(), server.address.port());
        let settings = wire::Server { host, port, tls: Tls::None, ca_file: None, login: None };
        let settings = SmtpSettings { server: settings, hello: None };
        let mut patient = Transport::Smtp(Box::new(Smtp::new(settings, Patience::STANDARD)));
        let stop = Stop::default();
        let stopped = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            stop.set();
        };
        let clock = Clock::Fixed(at(0));
        let (delivered, ()) =
            tokio::join!(pass(&office.store, &office.config, &mut patient, "test", clock, &stop), stopped);
        delivered.unwrap();
        assert_eq!(office.letters().await[0].status, status, "{phase:?}");
    }
}
