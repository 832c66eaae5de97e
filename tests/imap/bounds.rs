//! Sizes: what servers say of them, and what is true.

use crate::reader::{Reader, mail, settings};
use crate::scripted::{Before, Manner, Server};
use rapporteur::mailbox::LIMIT;
use rapporteur::mailbox::imap::WINDOW_BYTES;

const PLAIN: Manner = Manner { before: Before::Nothing, offers: "" };
const MIB: usize = 1 << 20;

fn large(size: usize) -> Vec<u8> {
    let mut mail = mail(0);
    mail.resize(size, b'x');
    mail
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_over_the_limit_comes_as_far_as_shows_that_it_is_too_large() {
    let server = Server::start(PLAIN).await;
    server.state().append(&mail(1));
    server.state().append(&large(LIMIT + 1000));
    server.state().append(&mail(3));
    let home = tempfile::tempdir().unwrap();
    let mut reader = Reader::new(settings(&server, home.path())).await;
    reader.once().await.unwrap();
    let kept = reader.kept().await;
    assert_eq!(kept.len(), 3);
    assert_eq!(kept["7.2"].0.len(), LIMIT + 1);
    assert_eq!(kept["7.1"].1.to_string(), "2017-07-04T08:00:00Z", "received when the server says");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sizes_that_lie_cost_neither_a_mail_nor_memory() {
    let server = Server::start(PLAIN).await;
    // Sixty mails of one MiB pass for ten bytes each: they all seem to fit into one window.
    for number in 1..=60 {
        server.state().append(&large(MIB + number));
    }
    // A small one passes for a gigabyte, an empty one for something.
    server.state().append(&mail(61));
    server.state().append(b"");
    for (uid, mail) in &mut server.state().mails {
        mail.size = match uid {
            61 => 1 << 30,
            _ => 10,
        };
    }
    let home = tempfile::tempdir().unwrap();
    let mut reader = Reader::new(settings(&server, home.path())).await;
    reader.once().await.unwrap();
    let kept = reader.kept().await;
    assert_eq!(kept.len(), 61);
    for number in 1..=60 {
        assert_eq!(kept[&format!("7.{number}")].0.len(), MIB + number);
    }
    assert_eq!(kept["7.61"].0, mail(61));
    assert!(reader.largest <= WINDOW_BYTES + 2 * MIB, "{}", reader.largest);
    assert_eq!(reader.watermark().await, None, "one was listed, and nothing came of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_mailbox_is_read_in_windows() {
    let server = Server::start(PLAIN).await;
    for number in 1..=1001 {
        server.state().put(number * 3, &mail(number));
    }
    let home = tempfile::tempdir().unwrap();
    let mut reader = Reader::new(settings(&server, home.path())).await;
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.len(), 1001);
    let bodies = server.commands().iter().filter(|command| command.contains("BODY.PEEK[]")).count();
    assert_eq!(bodies, 6, "windows of 200");
}
