//! What is said to a server that works, or nearly.

use super::smtp::{Fault, Phase, SOUND, Script, Server};
use super::{MAIL, address, kind, send, send_to, settings, transport};
use rapporteur::transport::Sending;
use std::time::{Duration, Instant};

const PIPELINING: Script = Script { offers: &["PIPELINING"], ..SOUND };

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_with_each_dot_stuffed_once() {
    let server = Server::start(SOUND).await;
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
    let server = Server::start(SOUND).await;
    assert_eq!(kind(&send_to(&server, &mail).await), "sent");
    let expected = String::from_utf8(mail).unwrap().replace("\r\n.", "\r\n..");
    assert!(server.mails() == [expected.into_bytes()], "the bytes differ");
}

#[tokio::test]
async fn a_mail_without_line_end_at_its_end_gets_one_and_an_empty_one_passes() {
    let server = Server::start(SOUND).await;
    assert_eq!(kind(&send_to(&server, b"Subject: x\r\n\r\nno end").await), "sent");
    assert_eq!(kind(&send_to(&server, b"").await), "sent");
    assert_eq!(server.mails(), [b"Subject: x\r\n\r\nno end\r\n".as_slice(), b""]);
}

#[tokio::test]
async fn one_connection_serves_many_mails_also_after_a_refusal() {
    for script in [SOUND, PIPELINING] {
        let server = Server::start(script).await;
        let mut transport = transport(settings(server.address.port()));
        for _ in 0..3 {
            assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
        }
        transport.close().await;
        assert_eq!((server.connections(), server.mails().len()), (1, 3));
        assert_eq!(server.commands().last().map(String::as_str), Some("QUIT"));

        let fault = Some((Phase::Rcpt, Fault::Say("550 no such list")));
        let refusing = Server::start(Script { fault, ..script }).await;
        let mut transport = self::transport(settings(refusing.address.port()));
        for _ in 0..3 {
            let sending = send(&mut transport, MAIL).await;
            assert!(matches!(&sending, Sending::Rejected(why) if why.contains("no such list")), "{sending:?}");
        }
        let resets = refusing.commands().iter().filter(|command| *command == "RSET").count();
        assert_eq!((refusing.connections(), resets), (1, 2), "what was begun is taken back before the next");
    }
}

#[tokio::test]
async fn commands_come_at_once_where_that_is_offered() {
    let server = Server::start(PIPELINING).await;
    assert_eq!(kind(&send_to(&server, MAIL).await), "sent");
    assert_eq!(server.seen.lock().unwrap().groups, 2, "RCPT and DATA wait behind MAIL");
    let server = Server::start(SOUND).await;
    assert_eq!(kind(&send_to(&server, MAIL).await), "sent");
    assert_eq!(server.seen.lock().unwrap().groups, 0);
}

#[tokio::test]
async fn a_server_that_wants_the_mail_of_a_refused_recipient_gets_an_empty_one() {
    let offers = &["PIPELINING", "X-ANYTHING-GOES"];
    let refuses = |phase| Script { fault: Some((phase, Fault::Say("550 nobody"))), offers, ..SOUND };
    let server = Server::start(refuses(Phase::Rcpt)).await;
    let mut transport = transport(settings(server.address.port()));
    for _ in 0..2 {
        assert_eq!(kind(&send(&mut transport, MAIL).await), "rejected");
    }
    assert_eq!((server.connections(), server.mails()), (1, vec![vec![], vec![]]));
    // Where the recipient was taken and the sender was not, somebody would get the empty one.
    let server = Server::start(refuses(Phase::Mail)).await;
    assert_eq!(kind(&send_to(&server, MAIL).await), "rejected");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_connection_that_went_stale_is_replaced_at_once() {
    for fault in [Fault::Close, Fault::Reset, Fault::Hang, Fault::Say("421 idle for too long")] {
        for offers in [&[][..], &["PIPELINING"]] {
            let script = Script { fault: Some((Phase::Mail, fault)), only: Some(2), offers, ..SOUND };
            let server = Server::start(script).await;
            let mut transport = transport(settings(server.address.port()));
            for _ in 0..2 {
                assert_eq!(kind(&send(&mut transport, MAIL).await), "sent", "{fault:?}");
            }
            assert_eq!((server.connections(), server.mails().len()), (2, 2), "{fault:?}");
            assert_eq!(transport.resting(), None, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn answers_that_come_too_late_are_not_taken_for_those_of_the_next_mail() {
    let server = Server::start(Script { fault: Some((Phase::Dot, Fault::Hang)), ..SOUND }).await;
    let mut transport = transport(settings(server.address.port()));
    assert_eq!(kind(&send(&mut transport, MAIL).await), "unknown");
    assert_eq!(kind(&send(&mut transport, MAIL).await), "unknown");
    assert_eq!(server.connections(), 2, "the second mail has a connection of its own");
}

#[tokio::test]
async fn a_second_answer_to_one_mail_is_not_the_next_ones() {
    let fault = Some((Phase::Dot, Fault::Say("250 queued as 42\r\n550 no, after all")));
    let server = Server::start(Script { fault, ..SOUND }).await;
    let mut transport = transport(settings(server.address.port()));
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
    assert_eq!(server.connections(), 2, "that connection is out of step");
}

#[tokio::test]
async fn answers_in_many_lines_and_pieces_are_one_answer() {
    let fault = Some((Phase::Rcpt, Fault::Slow));
    let server = Server::start(Script { fault, offers: &["PIPELINING"], ..SOUND }).await;
    assert_eq!(kind(&send_to(&server, MAIL).await), "sent");
    let fault = Some((Phase::Dot, Fault::Say("250-queued\r\n250-as\r\n250 42")));
    let server = Server::start(Script { fault, ..SOUND }).await;
    assert_eq!(send_to(&server, MAIL).await, Sending::Sent("250 queued as 42".into()));
}

#[tokio::test]
async fn a_server_that_knows_no_ehlo_is_greeted_with_helo() {
    let fault = Some((Phase::Ehlo, Fault::Say("502 command not implemented")));
    let server = Server::start(Script { fault, offers: &["PIPELINING"], ..SOUND }).await;
    assert_eq!(kind(&send_to(&server, MAIL).await), "sent");
    assert_eq!(
        server.commands()[..3],
        ["EHLO robot.example.org", "HELO robot.example.org", "MAIL FROM:<robot@example.org>"]
    );
}

#[tokio::test]
async fn an_answer_has_the_null_sender() {
    let server = Server::start(SOUND).await;
    let mut transport = transport(settings(server.address.port()));
    transport.send(None, &address("ada@example.org"), MAIL).await;
    assert!(server.commands().contains(&"MAIL FROM:<>".to_owned()));
}

#[tokio::test]
async fn eight_bit_mail_is_announced_or_not_sent() {
    let mail = "Subject: x\r\n\r\nGrüße\r\n".as_bytes();
    let able = Server::start(Script { offers: &["8BITMIME"], ..SOUND }).await;
    assert_eq!(kind(&send_to(&able, mail).await), "sent");
    assert!(able.commands().iter().any(|command| command.contains("BODY=8BITMIME")));
    let unable = Server::start(SOUND).await;
    assert_eq!(kind(&send_to(&unable, mail).await), "rejected");
    assert!(unable.mails().is_empty());
}

#[tokio::test]
async fn an_address_beyond_ascii_is_announced_or_not_sent() {
    let able = Server::start(Script { offers: &["SMTPUTF8", "8BITMIME"], ..SOUND }).await;
    let mut to_able = transport(settings(able.address.port()));
    assert_eq!(kind(&to_able.send(None, &address("łukasz@bücher.example"), MAIL).await), "sent");
    assert_eq!(able.commands()[1..3], ["MAIL FROM:<> SMTPUTF8", "RCPT TO:<łukasz@xn--bcher-kva.example>"]);
    let unable = Server::start(SOUND).await;
    let mut to_unable = transport(settings(unable.address.port()));
    let sending = to_unable.send(None, &address("łukasz@example.org"), MAIL).await;
    assert!(matches!(&sending, Sending::Rejected(why) if why.contains("SMTPUTF8")), "{sending:?}");
    assert_eq!(kind(&to_unable.send(None, &address("ada@bücher.example"), MAIL).await), "sent");
}

#[tokio::test]
async fn a_bare_line_feed_never_reaches_the_wire() {
    let server = Server::start(SOUND).await;
    assert_eq!(kind(&send_to(&server, b"Subject: x\r\n\r\nsmuggled\n.\nMAIL FROM:<x>\r\n").await), "rejected");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn many_mails_on_one_connection_do_not_wait_for_each_other() {
    for script in [SOUND, PIPELINING] {
        let server = Server::start(script).await;
        let mut transport = transport(settings(server.address.port()));
        let begun = Instant::now();
        for _ in 0..100 {
            assert_eq!(kind(&send(&mut transport, MAIL).await), "sent");
        }
        // With Nagle's algorithm each mail waits 40 ms, 4 s in all.
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
