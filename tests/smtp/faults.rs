//! Every phase of the dialogue and every way in which it can fail there: the verdict loses nothing and doubles nothing.

use super::smtp::{Fault, Phase, SOUND, Script, Server, ServerTls};
use super::{BEHIND_TLS, MAIL, encrypted, kind, send, send_to, settings, transport};
use rapporteur::transport::Sending;
use rapporteur::wire::Tls;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What the sender of a mail believes. *Unavailable*: the server hears of no mail, this one is not to blame. A server that
/// is merely slow gets its mail, unless a single step takes too long.
const VERDICTS: &str = "
            refuse       close        reset        4xx          5xx          garbage      slow         hang
Connect     unavailable  unavailable  unavailable  unavailable  unavailable  unavailable  unavailable  unavailable
Greeting    unavailable  unavailable  unavailable  unavailable  unavailable  unavailable  sent         unavailable
Ehlo        unavailable  unavailable  unavailable  unavailable  unavailable  unavailable  sent         unavailable
Starttls    unavailable  unavailable  unavailable  unavailable  unavailable  unavailable  sent         unavailable
Auth        unavailable  unavailable  unavailable  unavailable  unavailable  unavailable  sent         unavailable
Mail        deferred     deferred     deferred     deferred     rejected     deferred     sent         deferred
Rcpt        deferred     deferred     deferred     deferred     rejected     deferred     sent         deferred
Data        deferred     deferred     deferred     deferred     rejected     deferred     sent         deferred
Block       deferred     deferred     deferred     deferred     rejected     deferred     deferred     deferred
Dot         unknown      unknown      unknown      deferred     rejected     unknown      sent         unknown
";

const FAULTS: [Fault; 8] = [
    Fault::Refuse,
    Fault::Close,
    Fault::Reset,
    Fault::Say("451 later"),
    Fault::Say("554 never"),
    Fault::Say("hello there"),
    Fault::Slow,
    Fault::Hang,
];

fn phase(name: &str) -> Phase {
    use Phase::*;
    let all = [Connect, Greeting, Ehlo, Starttls, Auth, Mail, Rcpt, Data, Block, Dot];
    all.into_iter().find(|phase| format!("{phase:?}") == name).unwrap()
}

#[tokio::test]
async fn every_phase_and_every_failure_gives_the_verdict_that_loses_and_doubles_nothing() {
    let mut cells = Vec::new();
    // Most of them wait; but all at once would be too slow for those that don't.
    let turns = Arc::new(Semaphore::new(16));
    for row in VERDICTS.trim().lines().skip(1) {
        let mut words = row.split_whitespace();
        let phase = phase(words.next().unwrap());
        let verdicts: Vec<&'static str> = words.collect();
        assert_eq!(verdicts.len(), FAULTS.len(), "{row}");
        for (fault, verdict) in FAULTS.into_iter().zip(verdicts) {
            for pipelining in [false, true] {
                let turns = turns.clone();
                cells.push(tokio::spawn(async move {
                    let _turn = turns.acquire().await.unwrap();
                    cell(phase, fault, verdict, pipelining).await;
                }));
            }
        }
    }
    assert_eq!(cells.len(), 10 * 8 * 2);
    for cell in cells {
        cell.await.unwrap();
    }
}

async fn cell(phase: Phase, fault: Fault, verdict: &str, pipelining: bool) {
    let dir = tempfile::tempdir().unwrap();
    let script = match phase {
        Phase::Connect | Phase::Auth => BEHIND_TLS,
        Phase::Starttls => Script { tls: ServerTls::WhenAsked, offers: &["STARTTLS"], ..SOUND },
        _ if pipelining => Script { offers: &["PIPELINING"], ..SOUND },
        _ => SOUND,
    };
    let server = Server::start(Script { fault: Some((phase, fault)), ..script }).await;
    let settings = match phase {
        Phase::Connect | Phase::Auth => encrypted(&server, Tls::Implicit, dir.path()),
        Phase::Starttls => {
            let mut settings = encrypted(&server, Tls::Starttls, dir.path());
            settings.server.login = None;
            settings
        }
        _ => settings(server.address.port()),
    };
    // So large that it cannot hide in the buffers of the connection.
    let large = || {
        [b"Subject: large\r\n\r\n".as_slice(), format!("{}\r\n", "x".repeat(900)).repeat(12_000).as_bytes()].concat()
    };
    let mail = if phase == Phase::Block { large() } else { MAIL.to_vec() };
    let sending = send(&mut transport(settings), &mail).await;
    let case = format!("{phase:?} {fault:?} (pipelining {pipelining}): {sending:?}");
    assert_eq!(kind(&sending), verdict, "{case}");
    match sending {
        Sending::Sent(_) => assert_eq!(server.mails().len(), 1, "{case}"),
        Sending::Unknown(_) => assert!(server.mails().len() <= 1, "{case}"),
        _ if phase == Phase::Dot => {}
        _ => assert!(server.mails().is_empty(), "{case}"),
    }
}

#[tokio::test]
async fn other_answers_that_do_not_belong_there() {
    for (phase, words, verdict) in [
        (Phase::Mail, "354 go on", "deferred"),
        (Phase::Rcpt, "251 user not local; will forward", "sent"),
        // Not the code that asks for the mail: it must not be sent.
        (Phase::Data, "250 ok", "deferred"),
        (Phase::Dot, "354 go on", "unknown"),
        (Phase::Dot, "250-two\r\n251 codes", "unknown"),
        // The server wants a login that we have not: ours to mend.
        (Phase::Mail, "530 5.7.0 authentication required", "unavailable"),
        (Phase::Ehlo, "250-no\r\n\r\n250 end", "unavailable"),
    ] {
        for offers in [&[][..], &["PIPELINING"]] {
            let fault = Some((phase, Fault::Say(words)));
            let server = Server::start(Script { fault, offers, ..SOUND }).await;
            let sending = send_to(&server, MAIL).await;
            assert_eq!(kind(&sending), verdict, "{phase:?} {words}: {sending:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_takes_leave_is_left_alone_for_a_while() {
    for phase in [Phase::Greeting, Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Dot] {
        for offers in [&[][..], &["PIPELINING"]] {
            let fault = Some((phase, Fault::Say("421 4.3.2 shutting down")));
            let server = Server::start(Script { fault, offers, ..SOUND }).await;
            let mut transport = transport(settings(server.address.port()));
            let sending = send(&mut transport, MAIL).await;
            let verdict = if matches!(phase, Phase::Greeting | Phase::Ehlo) { "unavailable" } else { "deferred" };
            assert_eq!(kind(&sending), verdict, "{phase:?}: {sending:?}");
            assert!(transport.resting().is_some(), "{phase:?}");
        }
    }
    let server = Server::start(Script { fault: Some((Phase::Rcpt, Fault::Say("450 busy"))), ..SOUND }).await;
    let mut transport = transport(settings(server.address.port()));
    send(&mut transport, MAIL).await;
    assert_eq!(transport.resting(), None, "one mail deferred says nothing of the next");
}

#[tokio::test]
async fn an_answer_without_end_ends_nothing_but_itself() {
    const ENDLESS: &str = "250-and another thing, and another thing, and another thing, and another thing";
    let long: &'static str = Box::leak([ENDLESS; 1000].join("\r\n").into_boxed_str());
    let broad: &'static str = Box::leak(format!("250 {}", "x".repeat(1 << 20)).into_boxed_str());
    for words in [long, broad] {
        let server = Server::start(Script { fault: Some((Phase::Rcpt, Fault::Say(words))), ..SOUND }).await;
        let sending = send_to(&server, MAIL).await;
        assert!(matches!(&sending, Sending::Deferred(why) if why.contains("has no end")), "{sending:?}");
    }
}
