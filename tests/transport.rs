//! How a mail leaves without SMTP: by sendmail, into a Maildir, into memory.

use rapporteur::mail::Address;
use rapporteur::mailbox::maildir;
use rapporteur::transport::{Sending, Transport};
use rapporteur::wire::Program;
use std::fs;
use std::path::Path;

const MAIL: &[u8] = b"Message-ID: <one@example.org>\r\nSubject: Design sessions\r\n\r\n.\r\n..two dots\r\nthe end\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

async fn send(transport: &mut Transport, mail: &[u8]) -> Sending {
    transport.send(Some(&address("robot@example.org")), &address("xen@lists.example.org"), mail).await
}

fn kind(sending: &Sending) -> &'static str {
    match sending {
        Sending::Sent(_) => "sent",
        Sending::Deferred(_) => "deferred",
        Sending::Rejected(_) => "rejected",
        Sending::Unknown(_) => "unknown",
        Sending::Unavailable(_) => "unavailable",
    }
}

/// A program that plays sendmail.
fn script(dir: &Path, body: &str) -> Program {
    let path = dir.join("sendmail.sh");
    fs::write(&path, body).unwrap();
    vec!["/bin/sh".to_owned(), path.to_string_lossy().into_owned(), dir.to_string_lossy().into_owned()].into()
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
    let sending = send(&mut Transport::Sendmail { command: vec!["true".to_owned()].into() }, large.as_bytes()).await;
    assert_eq!(kind(&sending), "deferred", "{sending:?}");
}

#[tokio::test]
async fn a_missing_sendmail_is_found_by_check_and_is_no_mails_fault() {
    for command in [vec![], vec!["/no/such/sendmail".to_owned()], vec!["no-such-sendmail".to_owned()]] {
        let mut transport = Transport::Sendmail { command: command.into() };
        assert_eq!(transport.check().await.len(), 1);
        assert_eq!(kind(&send(&mut transport, MAIL).await), "unavailable");
    }
    assert_eq!(Transport::Sendmail { command: vec!["sh".to_owned()].into() }.check().await, []);
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
async fn a_maildir_that_is_none_is_no_mails_fault_and_check_says_how_to_make_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut transport = Transport::Maildir { path: dir.path().join("sent") };
    assert_eq!(kind(&send(&mut transport, MAIL).await), "unavailable");
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
