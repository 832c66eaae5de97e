//! Mail that a mail system on this machine brings by LMTP: what is said on the line, and what is kept.

#[path = "support/program.rs"]
mod program;

use program::{Daemon, Place, Ran, SOON, mail, proposal, says};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A place that takes mail by LMTP, and its daemon.
fn taking_mail() -> (Place, Daemon) {
    let place = Place::new();
    place.edit("[[mailbox]]", "[[mailbox]]\nkind = \"lmtp\"\nlisten = \"unix:lmtp\"\n\n[[mailbox]]");
    let daemon = Daemon::start(&place);
    (place, daemon)
}

fn another() -> Vec<u8> {
    mail("another", "[TOPIC] Another", "", "One topic is not enough.")
}

/// The other side of the line.
struct Client(BufReader<UnixStream>);

impl Client {
    /// Connected, before anything is said.
    fn connect(place: &Place) -> Client {
        let stream = UnixStream::connect(place.path("summit/lmtp")).expect("it listens");
        stream.set_read_timeout(Some(SOON)).expect("a time-out");
        Client(BufReader::new(stream))
    }

    /// Greeted, and ready for a mail.
    fn greeted(place: &Place) -> Client {
        let mut client = Client::connect(place);
        says(&client.line(), &["220 ", " LMTP rapporteur"]);
        client.send("LHLO mx.example.org\r\n");
        while client.line().starts_with("250-") {}
        client
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).expect("it reads");
    }

    /// The next line it says; empty when it has closed the connection.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("it answers");
        line
    }

    #[track_caller]
    fn hears(&mut self, words: &str) {
        let line = self.line();
        assert!(line.starts_with(words), "`{words}` is not the beginning of: {line}");
    }

    /// One command, and what is answered.
    #[track_caller]
    fn says(&mut self, command: &str, answer: &str) {
        self.send(format!("{command}\r\n"));
        self.hears(answer);
    }

    /// A mail for the robot, up to the answer.
    #[track_caller]
    fn brings(&mut self, mail: &[u8], answer: &str) {
        self.says("MAIL FROM:<ada@example.org>", "250 2.1.0");
        self.says("RCPT TO:<rapporteur@lists.example.org>", "250 2.1.5");
        self.says("DATA", "354 ");
        self.send(wire(mail));
        self.hears(answer);
    }
}

/// A mail as it goes over the wire, with its final dot.
fn wire(mail: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(mail).replace('\n', "\r\n").replace("\r\n.", "\r\n..");
    format!("{text}.\r\n").into_bytes()
}

#[test]
fn a_dialogue_word_for_word() {
    let (place, mut daemon) = taking_mail();
    let mut client = Client::connect(&place);
    // All at once, as a mail system does that knows PIPELINING.
    client.send(
        "LHLO mx.example.org\r\nMAIL FROM:<ada@example.org> SIZE=400 BODY=8BITMIME\r\n\
         RCPT TO:<rapporteur@lists.example.org>\r\nRCPT TO:<nobody@lists.example.org>\r\n\
         RCPT TO:<Devel@Lists.example.org>\r\nDATA\r\n",
    );
    client.send(wire(&proposal()));
    client.send("NOOP\r\nVRFY ada\r\nRSET\r\nQUIT\r\n");
    let mut said = String::new();
    client.0.read_to_string(&mut said).expect("it answers and closes");
    let (host, said) =
        said.strip_prefix("220 ").and_then(|rest| rest.split_once(" LMTP rapporteur\r\n")).expect("a greeting");
    let expected = format!(
        "250-{host}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 26214400\r\n\
         250 2.1.0 sender noted\r\n\
         250 2.1.5 rapporteur@lists.example.org is taken mail for\r\n\
         550 5.1.1 no mail is taken for <nobody@lists.example.org>, only for rapporteur@lists.example.org, devel@lists.example.org\r\n\
         250 2.1.5 Devel@Lists.example.org is taken mail for\r\n\
         354 end the mail with a dot on a line of its own\r\n\
         250 2.0.0 kept for rapporteur@lists.example.org\r\n\
         250 2.0.0 kept for Devel@Lists.example.org\r\n\
         250 2.0.0 fine\r\n252 2.1.5 RCPT tells who is taken mail for\r\n250 2.0.0 forgotten\r\n221 2.0.0 bye\r\n"
    );
    assert_eq!(said, expected);
    daemon.says("delivered");
    assert_eq!(place.sent(), 1);
    says(&place.run(&["sessions"]).ok(), &["S-1", "Console"]);
}

#[test]
fn what_was_answered_is_kept_and_what_is_brought_again_is_one_mail() {
    let (place, mut daemon) = taking_mail();
    let mut client = Client::greeted(&place);
    client.brings(&proposal(), "250 2.0.0 kept for rapporteur@lists.example.org");
    // As if the power had failed.
    daemon.signal("KILL");
    daemon = Daemon::start(&place);
    daemon.says("settled");
    // The mail system did not hear the answer.
    Client::greeted(&place).brings(&proposal(), "250 2.0.0");
    Client::greeted(&place).brings(&another(), "250 2.0.0");
    daemon.says("settled");
    assert_eq!(place.json(&["status"])["mail"].to_string(), r#"{"recorded":2}"#);
    says(
        &Ran::from(place.command(&["replay"]).output().expect("it starts")).ok(),
        &["2 mails replayed, 0 differences"],
    );
}

#[test]
fn the_envelope_is_kept_and_the_bytes_are_those_that_came() {
    let (place, mut daemon) = taking_mail();
    let mut client = Client::greeted(&place);
    client.says("MAIL FROM:<>", "250 2.1.0");
    client.says("RCPT TO:<rapporteur+token@lists.example.org>", "250 2.1.5");
    client.says("DATA", "354 ");
    // Dots before dots, a dot behind a bare line feed, a bare CR, and a byte that is no ASCII.
    let mail =
        b"Subject: Weather\r\nMessage-ID: <w@example.org>\r\n\r\n..hidden\r\n...\r\nbare\n.\nfeed\r.\rcaf\xe9\r\n.\r\n";
    client.send(mail);
    client.hears("250 2.0.0 kept for rapporteur+token@lists.example.org");
    daemon.says("settled");
    let export = place.command(&["export", "mbox"]).output().expect("it starts").stdout;
    let kept = b"Return-Path: <>\r\nDelivered-To: rapporteur+token@lists.example.org\r\nSubject: Weather\r\n\
        Message-ID: <w@example.org>\r\n\r\n.hidden\r\n..\r\nbare\n.\nfeed\r.\rcaf\xe9\r\n";
    let found = export.windows(kept.len()).any(|bytes| bytes == kept);
    assert!(found, "{}", String::from_utf8_lossy(&export));
    // The null sender makes it a bounce, which nobody answers.
    assert_eq!(place.json(&["status"])["mail"].to_string(), r#"{"ignored":1}"#);
}

#[test]
fn what_is_out_of_order_is_refused_with_what_would_be_right() {
    let (place, _daemon) = taking_mail();
    let mut client = Client::connect(&place);
    client.hears("220 ");
    client.says("EHLO mx.example.org", "500 5.5.1 this is LMTP (RFC 2033): say LHLO");
    client.says("MAIL FROM:<ada@example.org>", "503 5.5.1 say LHLO first");
    client.says("LHLO mx.example.org", "250-");
    while client.line().starts_with("250-") {}
    client.says("RCPT TO:<rapporteur@lists.example.org>", "503 5.5.1 say MAIL first");
    client.says("DATA", "503 5.5.1 say MAIL first");
    client.says("MAIL FROM:<ada@example.org> SIZE=26214401", "552 5.3.4 a mail of more than 26214400 bytes");
    client.says("MAIL FROM:<ada@example.org> BODY=BINARYMIME", "555 5.5.4 BODY=BINARYMIME is not offered");
    client.says("MAIL FROM:ada", "501 5.5.4 write MAIL FROM:<reverse-path> [parameters]");
    client.says("MAIL FROM:<ada@example.org> COLOUR=green", "555 5.5.4 the parameter COLOUR");
    client.says("MAIL FROM:<ada@example.org>", "250 2.1.0");
    client.says("MAIL FROM:<eve@example.org>", "503 5.5.1 one mail at a time");
    client.says("RCPT TO:<ada@example.org>", "550 5.1.1 no mail is taken for <ada@example.org>, only for rapporteur@");
    client.says("DATA", "503 5.5.1 no recipient was accepted");
    client.says("STARTTLS", "502 5.5.1 no such command here: LHLO, MAIL");
    client.says("RCPT TO:<rapporteur@lists.example.org>", "250 2.1.5");
    client.says("RSET", "250 2.0.0");
    client.says("DATA", "503 5.5.1 say MAIL first");
    for _ in 0..11 {
        client.says("HELO again", "500 5.5.1");
    }
    client.says("HELO again", "421 4.7.0 too many mistakes");
    assert_eq!(client.line(), "", "and the connection is closed");
    let mut client = Client::greeted(&place);
    client.send("x".repeat(5000));
    client.hears("500 5.5.6 a command of more than 4096 bytes");
    assert_eq!(client.line(), "");
}

#[test]
fn a_mail_beyond_measure_is_refused_and_the_next_one_taken() {
    let (place, mut daemon) = taking_mail();
    let mut client = Client::greeted(&place);
    client.says("MAIL FROM:<ada@example.org>", "250 2.1.0");
    client.says("RCPT TO:<rapporteur@lists.example.org>", "250 2.1.5");
    client.says("RCPT TO:<devel@lists.example.org>", "250 2.1.5");
    client.says("DATA", "354 ");
    let line = [&[b'x'; 1022][..], b"\r\n"].concat();
    for _ in 0..26 << 10 {
        client.send(&line);
    }
    client.send(".\r\n");
    client.hears("552 5.3.4");
    client.hears("552 5.3.4");
    client.brings(&proposal(), "250 2.0.0");
    daemon.says("settled");
    assert_eq!(place.json(&["status"])["mail"].to_string(), r#"{"recorded":1}"#);
}

#[test]
fn too_many_connections_are_told_to_come_back() {
    let (place, _daemon) = taking_mail();
    let mut clients: Vec<Client> = (0..20).map(|_| Client::greeted(&place)).collect();
    Client::connect(&place).hears("421 4.3.2 too many connections");
    clients.pop().expect("20 of them").says("QUIT", "221 2.0.0 bye");
    let mut again = Client::connect(&place);
    // The place is free when the other session has ended, a moment after its last word.
    while again.line().starts_with("421") {
        again = Client::connect(&place);
    }
}

#[test]
fn a_mail_that_is_cut_off_is_nobodys() {
    let (place, mut daemon) = taking_mail();
    let mut client = Client::greeted(&place);
    client.says("MAIL FROM:<ada@example.org>", "250 2.1.0");
    client.says("RCPT TO:<rapporteur@lists.example.org>", "250 2.1.5");
    client.says("DATA", "354 ");
    client.send(&wire(&another())[..50]);
    drop(client);
    Client::greeted(&place).brings(&proposal(), "250 2.0.0");
    daemon.says("settled");
    assert_eq!(place.json(&["status"])["mail"].to_string(), r#"{"recorded":1}"#);
}

#[test]
fn a_stop_is_told_to_those_who_are_connected() {
    let (place, daemon) = taking_mail();
    let mut idle = Client::greeted(&place);
    let mut busy = Client::greeted(&place);
    busy.says("MAIL FROM:<ada@example.org>", "250 2.1.0");
    busy.says("RCPT TO:<rapporteur@lists.example.org>", "250 2.1.5");
    busy.says("DATA", "354 ");
    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    idle.hears("421 4.3.2 the program is going down");
    assert!(!place.path("summit/lmtp").exists(), "the socket goes with it");
}

#[test]
fn an_address_that_is_somebodys_is_not_taken() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = other.local_addr().expect("its address");
    let place = Place::new();
    let lmtp = format!("[[mailbox]]\nkind = \"lmtp\"\nlisten = \"{address}\"\n\n[[mailbox]]");
    place.edit("[[mailbox]]", &lmtp);
    let ran = Ran::from(place.command(&["run"]).output().expect("it starts"));
    assert_eq!(ran.code, Some(1));
    says(&ran.err, &[&format!("cannot listen on {address}"), "fix: "]);
    // A socket that a dead process left behind is nobody's.
    place.edit(&address.to_string(), "unix:lmtp");
    drop(std::os::unix::net::UnixListener::bind(place.path("summit/lmtp")).expect("a socket"));
    assert!(place.path("summit/lmtp").exists());
    let mut daemon = Daemon::start(&place);
    Client::greeted(&place).brings(&another(), "250 2.0.0");
    daemon.says("settled");
    // Nor is a plain file ours to remove.
    fs::remove_file(place.path("summit/lmtp")).expect("a socket");
    fs::write(place.path("summit/lmtp"), "precious").expect("a file");
    assert_eq!(daemon.stop().0, Some(0));
    assert_eq!(fs::read_to_string(place.path("summit/lmtp")).expect("a file"), "precious");
    let ran = Ran::from(place.command(&["run"]).output().expect("it starts"));
    assert_eq!(ran.code, Some(1));
    assert_eq!(fs::read_to_string(place.path("summit/lmtp")).expect("a file"), "precious");
}

#[test]
fn nobody_elses_machine_is_listened_to() {
    let place = Place::new();
    place.edit("[[mailbox]]", "[[mailbox]]\nkind = \"lmtp\"\nlisten = \"0.0.0.0:24\"\n\n[[mailbox]]");
    let ran = place.run(&["check"]);
    assert_eq!(ran.code, Some(2));
    says(&ran.err, &["rapporteur.toml:", "can be reached from other machines", "unix:/run/rapporteur/lmtp"]);
}
