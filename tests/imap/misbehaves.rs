//! Every fault in every phase: never a lost mail, never silence taken for an empty mailbox, never memory without bound.

use crate::reader::{Reader, mail, settings};
use crate::scripted::{Before, Fault, Manner, Phase, Server};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

const MANNER: Manner = Manner { before: Before::Tls, offers: "IDLE AUTH=PLAIN SASL-IR CONDSTORE" };
/// A client may have so much of an endless answer on its way: buffers of the machine, no more.
const MOST_SWALLOWED: usize = 8 << 20;

/// How long we wait for an answer: only where none comes need it be short.
fn patience(fault: Fault) -> Duration {
    Duration::from_millis(if matches!(fault, Fault::Hang | Fault::Drip) { 1000 } else { 20_000 })
}

/// What a pass comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The operator is told, and nothing is kept as done.
    Trouble,
    /// All mails are there in spite of it.
    Whole,
    /// Something is missing, and it is known that it is.
    Part,
}

fn expected(phase: Phase, fault: Fault) -> End {
    match (phase, fault) {
        // A server that does not tell sizes still gives mails.
        (Phase::Sizes, Fault::No | Fault::Bad | Fault::Empty) => End::Whole,
        // It may have been expunged meanwhile.
        (Phase::Bodies, Fault::Empty) => End::Part,
        // OK alone greets, welcomes, and leaves the login to LOGIN.
        (Phase::Greeting | Phase::Capability | Phase::Login, Fault::Empty) => End::Whole,
        // Nothing depends on the last word.
        (Phase::Logout, _) => End::Whole,
        _ => End::Trouble,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_in_any_phase_loses_a_mail_or_looks_like_an_empty_mailbox() {
    use Phase::*;
    let phases = [Greeting, Capability, Login, Examine, List, Sizes, Bodies, Logout];
    let cells = phases.into_iter().flat_map(|phase| Fault::ALL.map(|fault| (phase, fault)));
    // Not all at once: who waits for the processor is not slow.
    let turns = Arc::new(Semaphore::new(12));
    let cells: Vec<_> = cells
        .map(|(phase, fault)| {
            let turns = turns.clone();
            tokio::spawn(async move {
                let _turn = turns.acquire().await.unwrap();
                cell(phase, fault).await;
            })
        })
        .collect();
    let count = cells.len();
    for cell in cells {
        cell.await.unwrap();
    }
    println!("{count} cells");
}

async fn cell(phase: Phase, fault: Fault) {
    let cell = format!("{fault:?} at {phase:?}");
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(MANNER).await;
    for number in 1..=5 {
        server.state().append(&mail(number));
    }
    server.state().fault = Some((phase, fault));
    let mut reader = Reader::new(settings(&server, home.path())).await;

    reader.patience.answer = patience(fault);
    let begun = Instant::now();
    let ended = reader.once().await;
    let (kept, watermark) = (reader.kept().await, reader.watermark().await);
    let told = format!("{cell}: {ended:?}, {} kept, {watermark:?}", kept.len());
    match expected(phase, fault) {
        End::Trouble => assert!(ended.is_err() && kept.is_empty() && watermark.is_none(), "{told}"),
        End::Whole => assert!(ended.is_ok() && kept.len() == 5 && watermark.is_some(), "{told}"),
        End::Part => assert!(ended.is_ok() && kept.is_empty() && watermark.is_none(), "{told}"),
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{cell}: {:?}", begun.elapsed());
    let swallowed = server.seen().swallowed;
    assert!(swallowed < MOST_SWALLOWED, "{cell}: {swallowed} bytes taken");
    let said = ended.err().map(|trouble| trouble.to_string()).unwrap_or_default();
    assert!(!said.contains("open sesame") && !said.contains(char::is_control), "{said}");

    // When the server has come to its senses, everything comes, once.
    server.state().fault = None;
    reader.patience.answer = Duration::from_secs(20);
    reader.once().await.unwrap_or_else(|trouble| panic!("{cell}, then well: {trouble}"));
    let kept = reader.kept().await;
    assert_eq!(kept.len(), 5, "{cell}");
    for number in 1..=5 {
        assert_eq!(kept[&format!("7.{number}")].0, mail(number), "{cell}");
    }
    assert!(reader.watermark().await.is_some(), "{cell}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_fails_while_we_wait_is_noticed_and_loses_nothing() {
    for (offers, phases) in
        [("IDLE AUTH=PLAIN", [Phase::Idle, Phase::IdleEnd].as_slice()), ("AUTH=PLAIN", &[Phase::Noop])]
    {
        for phase in phases {
            for fault in Fault::ALL {
                let cell = format!("{fault:?} at {phase:?}");
                let home = tempfile::tempdir().unwrap();
                let server = Server::start(Manner { before: Before::Tls, offers }).await;
                server.state().append(&mail(1));
                let mut reader = Reader::new(settings(&server, home.path())).await;
                reader.patience.answer = patience(fault);
                let mut imap = reader.open().await.unwrap();
                reader.take(&mut imap).await.unwrap();
                server.state().fault = Some((*phase, fault));
                let waited = imap.wait(Duration::from_millis(10)).await;
                // A server that does not let us wait is asked now and then.
                let refused = matches!(fault, Fault::No | Fault::Bad);
                let fine = fault == Fault::Empty || refused && *phase != Phase::Noop;
                assert_eq!(waited.is_ok(), fine, "{cell}: {waited:?}");
                server.state().fault = None;
                reader.patience.answer = Duration::from_secs(20);
                server.state().append(&mail(2));
                if waited.is_err() && !refused {
                    assert!(reader.take(&mut imap).await.is_err(), "{cell}: a lost connection stays lost");
                }
                reader.once().await.unwrap();
                assert_eq!(reader.kept().await.len(), 2, "{cell}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_the_server_cannot_read_does_not_hold_up_the_others() {
    let server = Server::start(Manner { before: Before::Nothing, offers: "" }).await;
    for number in 1..=7 {
        server.state().append(&mail(number));
    }
    server.state().unreadable = vec![2, 5];
    let home = tempfile::tempdir().unwrap();
    let mut reader = Reader::new(settings(&server, home.path())).await;
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.len(), 5);
    let [trouble] = reader.troubles.as_slice() else { panic!("{:?}", reader.troubles) };
    assert!(trouble.to_string().contains("UID 2,5 (NO cannot read it)"), "{trouble}");
    assert_eq!(reader.watermark().await, None, "not all is taken");
    server.state().unreadable.clear();
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_tells_by_the_way_disturbs_no_window() {
    let server = Server::start(Manner { before: Before::Nothing, offers: "IDLE" }).await;
    for number in 1..=9 {
        server.state().append(&mail(number));
    }
    let home = tempfile::tempdir().unwrap();
    let mut reader = Reader::new(settings(&server, home.path())).await;
    let mut imap = reader.open().await.unwrap();
    // While the bodies come, a mail arrives, another goes, and flags change.
    server.state().meanwhile = Some((
        Phase::Bodies,
        Box::new(|state| {
            let gone = state.expunge(4);
            state.append(&mail(10));
            let words =
                "* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (9))\r\n* 3 FETCH (FLAGS ())\r\n* OK [ALERT] full {5}\r\n";
            format!("{gone}* 9 EXISTS\r\n{words}* ESEARCH (TAG \"x\") UID\r\n")
        }),
    ));
    reader.take(&mut imap).await.unwrap();
    assert_eq!(reader.kept().await.len(), 9, "4 was on its way already");
    imap.wait(Duration::ZERO).await.unwrap();
    reader.take(&mut imap).await.unwrap();
    let kept = reader.kept().await;
    assert_eq!(kept.len(), 10);
    for number in 1..=10 {
        assert_eq!(kept[&format!("7.{number}")].0, mail(number));
    }
}
