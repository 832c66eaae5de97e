//! How a mail leaves: what is sent, and what is believed when something goes wrong on the way.

#[path = "support/smtp.rs"]
mod smtp;
#[path = "support/smtp_tls.rs"]
mod smtp_tls;

use rapporteur::mail::Address;
use rapporteur::mailbox::maildir;
use rapporteur::transport::{Patience, Sending, Smtp, SmtpSettings, Transport};
use rapporteur::wire::{self, Login, Proof, Secret, Tls};
use smtp::{Fault, Phase, Server};
use smtp_tls::Before;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

const MAIL: &[u8] = b"Message-ID: <one@example.org>\r\nSubject: Design sessions\r\n\r\n.\r\n..two dots\r\nthe end\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn settings(port: u16) -> SmtpSettings {
    let server = wire::Server { host: "127.0.0.1".to_owned(), port, tls: Tls::None, ca_file: None, login: None };
    SmtpSettings { server, hello: Some("robot.example.org".to_owned()) }
}

/// Waits for a short time only, so that a server that hangs is noticed within a test.
fn transport(settings: SmtpSettings) -> Transport {
    let patience = Patience {
        connect: Duration::from_secs(5),
        command: Duration::from_secs(1),
        block: Duration::from_secs(1),
        dot: Duration::from_secs(2),
    };
    Transport::Smtp(Box::new(Smtp::new(settings, patience)))
}

async fn send(transport: &mut Transport, mail: &[u8]) -> Sending {
    transport.send(Some(&address("robot@example.org")), &address("xen@lists.example.org"), mail).await
}

async fn send_to(server: &Server, mail: &[u8]) -> Sending {
    send(&mut transport(settings(server.address.port())), mail).await
}

fn kind(sending: &Sending) -> &'static str {
    match sending {
        Sending::Sent(_) => "sent",
        Sending::Deferred(_) => "deferred",
        Sending::Rejected(_) => "rejected",
        Sending::Unknown(_) => "unknown",
    }
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_with_each_dot_stuffed_once() {
    let server = Server::start(None, "").await;
    let sending = send_to(&server, MAIL).await;
    assert!(matches!(&sending, Sending::Sent(reply) if reply.contains("queued as 42")), "{sending:?}");
    let stuffed = b"Message-ID: <one@example.org>\r\nSubject: Design sessions\r\n\r\n..\r\n...two dots\r\nthe end\r\n";
    assert_eq!(server.mails(), [stuffed]);
    assert_eq!(
        server.commands(),
        ["EHLO robot.example.org", "MAIL FROM:<robot@example.org>", "RCPT TO:<xen@lists.example.org>", "DATA"]
    );
}

#[tokio::test]
async fn long_lines_and_dots_at_the_edge_of_a_block_arrive_whole() {
    let mut mail = b"Subject: long\r\n\r\n".to_vec();
    for length in [998, 16_381, 16_382, 16_383, 40_000] {
        mail.extend(std::iter::repeat_n(b'x', length));
        mail.extend_from_slice(b"\r\n.dot\r\n");
    }
    let server = Server::start(None, "").await;
    assert_eq!(kind(&send_to(&server, &mail).await), "sent");
    let expected = String::from_utf8(mail).unwrap().replace("\r\n.", "\r\n..");
    assert!(server.mails() == [expected.into_bytes()], "the bytes differ");
}

#[tokio::test]
async fn a_mail_without_line_end_at_its_end_gets_one_and_an_empty_one_passes() {
    let server = Server::start(None, "").await;
    assert_eq!(kind(&send_to(&server, b"Subject: x\r\n\r\nno end").await), "sent");
    assert_eq!(kind(&send_to(&server, b"").await), "sent");
    assert_eq!(server.mails(), [b"Subject: x\r\n\r\nno end\r\n".as_slice(), b"\r\n"]);
}

#[tokio::test]
async fn every_phase_and_every_failure_gives_the_verdict_that_loses_and_doubles_nothing() {
    use Fault::*;
    use Phase::*;
    let later = Say("451 later");
    let never = Say("554 never");
    let garbage = Say("hello there");
    let table = [
        // The server refuses us as a whole: the mail is not to blame.
        (Greeting, later, "deferred"),
        (Greeting, never, "deferred"),
        (Greeting, Close, "deferred"),
        (Greeting, Hang, "deferred"),
        (Greeting, garbage, "deferred"),
        (Ehlo, later, "deferred"),
        (Ehlo, never, "deferred"),
        (Ehlo, Close, "deferred"),
        (Ehlo, Hang, "deferred"),
        (Mail, later, "deferred"),
        (Mail, never, "rejected"),
        (Mail, Close, "deferred"),
        (Mail, Hang, "deferred"),
        (Mail, garbage, "deferred"),
        (Rcpt, later, "deferred"),
        (Rcpt, never, "rejected"),
        (Rcpt, Close, "deferred"),
        (Rcpt, Hang, "deferred"),
        (Rcpt, Say("421 closing"), "deferred"),
        (Data, later, "deferred"),
        (Data, never, "rejected"),
        (Data, Close, "deferred"),
        (Data, Hang, "deferred"),
        // Not the code that asks for the mail: it must not be sent.
        (Data, Say("250 ok"), "deferred"),
        (Block, Close, "deferred"),
        (Block, Hang, "deferred"),
        (Dot, later, "deferred"),
        (Dot, never, "rejected"),
        (Dot, Say("421 closing"), "deferred"),
        (Dot, Close, "unknown"),
        (Dot, Hang, "unknown"),
        (Dot, garbage, "unknown"),
        (Dot, Say("354 go on"), "unknown"),
    ];
    // So large that it cannot hide in the buffers of the connection.
    let large = [b"Subject: large\r\n\r\n".as_slice(), "a line\r\n".repeat(2 << 20).as_bytes()].concat();
    let cells = table.map(|(phase, fault, expected)| {
        let mail = if phase == Block { large.clone() } else { MAIL.to_vec() };
        tokio::spawn(async move {
            let server = Server::start(Some((phase, fault)), "").await;
            let sending = send_to(&server, &mail).await;
            assert_eq!(kind(&sending), expected, "{phase:?} {fault:?}: {sending:?}");
        })
    });
    for cell in cells {
        cell.await.unwrap();
    }
}

#[tokio::test]
async fn one_connection_serves_a_pass_also_after_a_refusal() {
    let server = Server::start(None, "").await;
    let mut transport = transport(settings(server.address.port()));
    for _ in 0..3 {
        assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    }
    transport.close().await;
    let commands = server.commands();
    assert_eq!(server.seen.lock().unwrap().connections, 1);
    assert_eq!(commands.iter().filter(|command| *command == "RSET").count(), 2);
    assert_eq!(commands.last().map(String::as_str), Some("QUIT"));

    let refusing = Server::start(Some((Phase::Rcpt, Fault::Say("550 no such list"))), "").await;
    let mut transport = self::transport(settings(refusing.address.port()));
    for _ in 0..2 {
        let sending = send(&mut transport, MAIL).await;
        assert!(matches!(&sending, Sending::Rejected(why) if why.contains("no such list")), "{sending:?}");
    }
    assert_eq!(refusing.seen.lock().unwrap().connections, 1);
}

#[tokio::test]
async fn a_connection_that_went_stale_is_replaced() {
    let server = Server::start(Some((Phase::Rset, Fault::Close)), "").await;
    let mut transport = transport(settings(server.address.port()));
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    assert_eq!(server.seen.lock().unwrap().connections, 2);
}

#[tokio::test]
async fn answers_that_come_too_late_are_not_taken_for_those_of_the_next_mail() {
    let server = Server::start(Some((Phase::Dot, Fault::Hang)), "").await;
    let mut transport = transport(settings(server.address.port()));
    assert_eq!(kind(&send(&mut transport, MAIL).await), "unknown");
    assert_eq!(kind(&send(&mut transport, MAIL).await), "unknown");
    assert_eq!(server.seen.lock().unwrap().connections, 2, "the second mail has a connection of its own");
}

#[tokio::test]
async fn a_bounce_of_ours_would_have_the_null_sender() {
    let server = Server::start(None, "").await;
    let mut transport = transport(settings(server.address.port()));
    transport.send(None, &address("ada@example.org"), MAIL).await;
    assert!(server.commands().contains(&"MAIL FROM:<>".to_owned()));
}

#[tokio::test]
async fn eight_bit_mail_is_announced_or_not_sent() {
    let mail = "Subject: x\r\n\r\nGrüße\r\n".as_bytes();
    let able = Server::start(None, "250-8BITMIME\r\n").await;
    assert_eq!(kind(&send_to(&able, mail).await), "sent");
    assert!(able.commands().iter().any(|command| command.contains("BODY=8BITMIME")));
    let unable = Server::start(None, "").await;
    assert_eq!(kind(&send_to(&unable, mail).await), "rejected");
    assert!(unable.mails().is_empty());
}

#[tokio::test]
async fn a_bare_line_feed_never_reaches_the_wire() {
    let server = Server::start(None, "").await;
    assert_eq!(kind(&send_to(&server, b"Subject: x\r\n\r\nsmuggled\n.\nMAIL FROM:<x>\r\n").await), "rejected");
    assert_eq!(server.seen.lock().unwrap().connections, 0);
}

#[tokio::test]
async fn many_mails_on_one_connection_do_not_wait_for_each_other() {
    let server = Server::start(None, "").await;
    let mut transport = transport(settings(server.address.port()));
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    }
    // With Nagle's algorithm each mail waits 40 ms, 4 s in all.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

fn encrypted(server: &Server, tls: Tls, dir: &Path) -> SmtpSettings {
    let ca_file = dir.join("ca.pem");
    let password = dir.join("password");
    fs::write(&ca_file, smtp_tls::CERTIFICATE).unwrap();
    fs::write(&password, "open sesame\n").unwrap();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
    let login = Login { user: "robot".to_owned(), proof: Proof::Password(Secret::File(password)) };
    let mut settings = settings(server.address.port());
    let host = "localhost".to_owned();
    settings.server = wire::Server { host, tls, login: Some(login), ca_file: Some(ca_file), ..settings.server };
    settings
}

#[tokio::test]
async fn behind_tls_we_log_in_and_send() {
    let dir = tempfile::tempdir().unwrap();
    for (before, tls) in [(Before::Nothing, Tls::Implicit), (Before::Starttls, Tls::Starttls)] {
        let server = smtp_tls::start(before).await;
        let mut transport = transport(encrypted(&server, tls, dir.path()));
        assert_eq!(transport.check().await, [], "{tls:?}");
        let sending = send(&mut transport, MAIL).await;
        assert_eq!(kind(&sending), "sent", "{tls:?}: {sending:?}");
        assert!(
            server.commands().contains(&"AUTH PLAIN AHJvYm90AG9wZW4gc2VzYW1l".to_owned()),
            "{:?}",
            server.commands()
        );
    }
}

#[tokio::test]
async fn an_unknown_certificate_an_injected_answer_and_a_missing_offer_stop_us_before_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let unknown = smtp_tls::start(Before::Nothing).await;
    let mut stranger = encrypted(&unknown, Tls::Implicit, dir.path());
    stranger.server.ca_file = None;
    let injected = smtp_tls::start(Before::StarttlsWithMore).await;
    let plain = Server::start(None, "250-AUTH PLAIN\r\n").await;
    for (server, settings, says) in [
        (&unknown, stranger, "certificate"),
        (&injected, encrypted(&injected, Tls::Starttls, dir.path()), "before TLS"),
        (&plain, encrypted(&plain, Tls::Starttls, dir.path()), "does not offer STARTTLS"),
        (&plain, encrypted(&plain, Tls::None, dir.path()), "not sent in clear"),
    ] {
        let sending = send(&mut transport(settings), MAIL).await;
        assert!(matches!(&sending, Sending::Deferred(why) if why.contains(says)), "{says}: {sending:?}");
        assert!(!server.commands().iter().any(|command| command.starts_with("AUTH")), "{says}");
    }
}

#[tokio::test]
async fn a_refused_login_is_not_the_mails_fault() {
    let dir = tempfile::tempdir().unwrap();
    let server = smtp_tls::start(Before::Nothing).await;
    let mut settings = encrypted(&server, Tls::Implicit, dir.path());
    settings.server.login.as_mut().unwrap().user = "stranger".to_owned();
    let sending = send(&mut transport(settings), MAIL).await;
    assert!(matches!(&sending, Sending::Deferred(why) if why.contains("refuses the login")), "{sending:?}");
}

#[tokio::test]
async fn a_password_file_that_others_may_read_is_refused_with_the_fix() {
    let dir = tempfile::tempdir().unwrap();
    let server = smtp_tls::start(Before::Nothing).await;
    let settings = encrypted(&server, Tls::Implicit, dir.path());
    fs::set_permissions(dir.path().join("password"), fs::Permissions::from_mode(0o644)).unwrap();
    let findings = transport(settings).check().await;
    assert!(findings[0].what.contains("chmod 600"), "{findings:?}");
}

#[tokio::test]
async fn unencrypted_only_to_this_machine() {
    // An address of TEST-NET-1 (RFC 5737): nothing is sent there, because it is refused before.
    let mut settings = settings(25);
    settings.server.host = "192.0.2.1".to_owned();
    let findings = transport(settings).check().await;
    assert!(findings[0].what.contains("only for a server on this machine"), "{findings:?}");
}

/// A program that plays sendmail.
fn script(dir: &Path, body: &str) -> Vec<String> {
    let path = dir.join("sendmail.sh");
    fs::write(&path, body).unwrap();
    vec!["/bin/sh".to_owned(), path.to_string_lossy().into_owned(), dir.to_string_lossy().into_owned()]
}

#[tokio::test]
async fn sendmail_gets_the_envelope_as_arguments_and_the_mail_with_local_line_ends() {
    let dir = tempfile::tempdir().unwrap();
    let mut transport =
        Transport::Sendmail { command: script(dir.path(), "printf '%s\\n' \"$@\" >\"$1/args\"\ncat >\"$1/mail\"\n") };
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    let args = fs::read_to_string(dir.path().join("args")).unwrap();
    assert_eq!(
        args.lines().skip(1).collect::<Vec<_>>(),
        ["-i", "-f", "robot@example.org", "--", "xen@lists.example.org"]
    );
    let mail = fs::read_to_string(dir.path().join("mail")).unwrap();
    assert_eq!(mail, "Message-ID: <one@example.org>\nSubject: Design sessions\n\n.\n..two dots\nthe end\n");
    transport.send(None, &address("ada@example.org"), MAIL).await;
    assert!(fs::read_to_string(dir.path().join("args")).unwrap().contains("\n-f\n<>\n--\n"));
}

#[tokio::test]
async fn the_exit_code_of_sendmail_decides() {
    for (body, expected, says) in [
        ("cat >/dev/null; exit 0", "sent", ""),
        ("cat >/dev/null; echo 'queue is full' >&2; echo more >&2; exit 75", "deferred", "queue is full"),
        ("cat >/dev/null; echo 'no such user' >&2; exit 67", "rejected", "no such user"),
        ("exit 1", "rejected", ""),
        ("cat >/dev/null; kill -9 $$", "unknown", ""),
        ("cat >/dev/null; yes complaint | head -c 1000000 >&2; exit 75", "deferred", "complaint"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let sending = send(&mut Transport::Sendmail { command: script(dir.path(), body) }, MAIL).await;
        assert_eq!(kind(&sending), expected, "{body}: {sending:?}");
        assert!(format!("{sending:?}").contains(says), "{body}: {sending:?}");
        assert!(!format!("{sending:?}").contains("more"), "only the first line: {sending:?}");
    }
}

#[tokio::test]
async fn a_sendmail_that_reads_nothing_has_sent_nothing() {
    let large = "a line\r\n".repeat(1 << 18);
    let sending = send(&mut Transport::Sendmail { command: vec!["true".to_owned()] }, large.as_bytes()).await;
    assert_eq!(kind(&sending), "deferred", "{sending:?}");
}

#[tokio::test]
async fn a_missing_sendmail_is_found_by_check_and_defers() {
    for command in [vec![], vec!["/no/such/sendmail".to_owned()], vec!["no-such-sendmail".to_owned()]] {
        let mut transport = Transport::Sendmail { command };
        assert_eq!(transport.check().await.len(), 1);
        assert_eq!(kind(&send(&mut transport, MAIL).await), "deferred");
    }
    assert_eq!(Transport::Sendmail { command: vec!["sh".to_owned()] }.check().await, []);
}

#[tokio::test]
async fn a_retry_makes_no_second_file_in_the_maildir_even_when_it_was_read() {
    let dir = tempfile::tempdir().unwrap();
    maildir::create(dir.path()).unwrap();
    let mut transport = Transport::Maildir { path: dir.path().to_owned() };
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    let entry = maildir::list(dir.path()).unwrap().remove(0);
    fs::rename(entry.path(), dir.path().join("cur").join(format!("{}:2,S", entry.key()))).unwrap();
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    assert_eq!(maildir::list(dir.path()).unwrap().len(), 1);
    let other = String::from_utf8_lossy(MAIL).replace("<one@", "<two@");
    assert_eq!(kind(&send(&mut transport, other.as_bytes()).await), "sent");
    assert_eq!(maildir::list(dir.path()).unwrap().len(), 2);
}

#[tokio::test]
async fn a_maildir_that_is_none_defers_and_check_says_how_to_make_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut transport = Transport::Maildir { path: dir.path().join("sent") };
    assert_eq!(kind(&send(&mut transport, MAIL).await), "deferred");
    assert!(transport.check().await[0].fix.contains("mkdir -p"));
    maildir::create(&dir.path().join("sent")).unwrap();
    assert_eq!(transport.check().await, []);
    assert_eq!(fs::read_dir(dir.path().join("sent/tmp")).unwrap().count(), 0, "the trial leaves nothing");
}

#[tokio::test]
async fn memory_keeps_what_it_was_given() {
    let sent = std::sync::Arc::default();
    let mut transport = Transport::Memory(std::sync::Arc::clone(&sent));
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    let sent = sent.lock().unwrap();
    assert_eq!((sent.len(), sent[0].bytes.as_slice(), sent[0].recipient.as_str()), (1, MAIL, "xen@lists.example.org"));
}
