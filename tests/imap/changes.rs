//! A mailbox that others use as well: what comes, goes, is made anew; and what we change ourselves when we are told to.

use crate::reader::Reader;
use crate::scene::{mail, settings};
use crate::scripted::{Before, Fault, Manner, Phase, Server};
use rapporteur::mailbox::imap::After;
use std::time::{Duration, Instant};

async fn start(offers: &'static str) -> (Server, Reader, tempfile::TempDir) {
    let server = Server::start(Manner { before: Before::Nothing, offers }).await;
    let home = tempfile::tempdir().unwrap();
    let reader = Reader::new(settings(&server, home.path())).await;
    (server, reader, home)
}

fn fetches(server: &Server) -> usize {
    server.commands().iter().filter(|command| command.starts_with("UID FETCH")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_seen_at_once_by_idle_and_soon_without() {
    for offers in ["IDLE", ""] {
        let (server, mut reader, _home) = start(offers).await;
        reader.patience.idle = Duration::from_secs(20);
        let mut imap = reader.open().await.unwrap();
        for number in 1..=5 {
            reader.take(&mut imap).await.unwrap();
            assert_eq!(reader.kept().await.len(), number - 1);
            let appended = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                server.state().append(&mail(number as u32));
            };
            let before = Instant::now();
            let (waited, ()) = tokio::join!(imap.wait(Duration::from_millis(200)), appended);
            waited.unwrap();
            assert!(before.elapsed() < Duration::from_secs(5));
        }
        reader.take(&mut imap).await.unwrap();
        assert_eq!(reader.kept().await.len(), 5, "{offers}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_comes_between_the_look_and_idle_is_seen() {
    let (server, mut reader, _home) = start("IDLE").await;
    reader.patience.idle = Duration::from_secs(20);
    let mut imap = reader.open().await.unwrap();
    reader.take(&mut imap).await.unwrap();
    server.state().append(&mail(1));
    let before = Instant::now();
    imap.wait(Duration::ZERO).await.unwrap();
    reader.take(&mut imap).await.unwrap();
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(reader.kept().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_is_made_anew_is_read_anew_without_an_operator() {
    let (server, mut reader, _home) = start("CONDSTORE").await;
    for number in 1..=3 {
        server.state().append(&mail(number));
    }
    reader.once().await.unwrap();
    assert_eq!(reader.watermark().await.as_deref(), Some("7:4"));
    server.state().uid_validity = 8;
    server.state().append(&mail(4));
    reader.once().await.unwrap();
    let kept = reader.kept().await;
    assert_eq!(kept.len(), 7, "three of them twice, under other keys");
    assert_eq!(kept["8.1"].0, kept["7.1"].0);
    assert_eq!(reader.watermark().await.as_deref(), Some("8:5"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_of_a_mailbox_that_is_made_anew_while_they_come_get_no_wrong_key() {
    let (server, mut reader, _home) = start("").await;
    server.state().append(&mail(1));
    let anew = |state: &mut crate::scripted::State| {
        state.uid_validity = 8;
        "* OK [UIDVALIDITY 8] made anew\r\n".to_owned()
    };
    server.state().meanwhile = Some((Phase::Bodies, Box::new(anew)));
    let trouble = reader.once().await.unwrap_err().to_string();
    assert!(trouble.contains("made anew") && reader.kept().await.is_empty(), "{trouble}");
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.keys().collect::<Vec<_>>(), ["8.1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_shows_up_below_those_already_taken_is_found() {
    for offers in ["", "CONDSTORE"] {
        let (server, mut reader, _home) = start(offers).await;
        server.state().put(5, &mail(5));
        server.state().put(9, &mail(9));
        reader.once().await.unwrap();
        server.state().put(7, &mail(7));
        reader.once().await.unwrap();
        assert!(reader.kept().await.contains_key("7.7"), "{offers}");
        // Also while we are connected: there is one more than the new ones can explain.
        let mut imap = reader.open().await.unwrap();
        reader.take(&mut imap).await.unwrap();
        server.state().put(3, &mail(3));
        imap.wait(Duration::ZERO).await.unwrap();
        reader.take(&mut imap).await.unwrap();
        assert!(reader.kept().await.contains_key("7.3"), "{offers}");
        assert_eq!(reader.kept().await.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_shown_without_a_word_is_found_by_the_next_full_look() {
    let (server, mut reader, _home) = start("").await;
    server.state().put(5, &mail(5));
    reader.patience.relist = Duration::ZERO;
    let mut imap = reader.open().await.unwrap();
    reader.take(&mut imap).await.unwrap();
    // One goes and one comes below it: the count stays, nothing is told.
    server.state().expunge(5);
    server.state().put(3, &mail(3));
    reader.take(&mut imap).await.unwrap();
    assert!(reader.kept().await.contains_key("7.3"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_listed_when_nothing_changed() {
    for (offers, spared) in [("CONDSTORE", true), ("", false)] {
        let (server, mut reader, _home) = start(offers).await;
        for number in 1..=3 {
            server.state().append(&mail(number));
        }
        reader.once().await.unwrap();
        let before = fetches(&server);
        reader.once().await.unwrap();
        assert_eq!(fetches(&server) == before, spared, "{offers}");
        server.state().append(&mail(4));
        reader.once().await.unwrap();
        assert_eq!(reader.kept().await.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_was_cut_off_comes_again_and_no_mail_twice() {
    let (server, mut reader, _home) = start("CONDSTORE").await;
    for number in 1..=450 {
        server.state().append(&mail(number));
    }
    let mut imap = reader.open().await.unwrap();
    imap.look(None).await.unwrap();
    // The first window is kept, and then the connection breaks in the middle of the second.
    let name = reader.settings.name();
    let poll = imap.fetch(&imap.candidates()).await.unwrap();
    assert_eq!((poll.mails.len(), poll.watermark.as_deref(), poll.more), (200, None, true));
    reader.keep(&name, poll).await;
    server.state().fault = Some((Phase::Bodies, Fault::Close));
    assert!(imap.fetch(&imap.candidates()).await.is_err());
    server.state().fault = None;
    assert_eq!(reader.kept().await.len(), 200);
    reader.once().await.unwrap();
    assert_eq!(reader.kept().await.len(), 450);
    assert_eq!(reader.watermark().await.as_deref(), Some("7:451"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mailbox_is_only_looked_at_unless_it_is_said_what_shall_become_of_mails() {
    let may_change = |command: &&String| {
        let harmless = ["CAPABILITY", "EXAMINE ", "NOOP", "LOGOUT", "IDLE", "DONE", "UID FETCH "];
        !harmless.iter().any(|known| command.starts_with(known))
    };
    let (server, mut reader, _home) = start("IDLE MOVE UIDPLUS").await;
    server.state().append(&mail(1));
    let mut imap = reader.open().await.unwrap();
    reader.take(&mut imap).await.unwrap();
    imap.wait(Duration::ZERO).await.unwrap();
    imap.close().await;
    let commands = server.commands();
    assert_eq!(commands.iter().find(may_change), None, "{commands:?}");
    assert!(!commands.iter().any(|command| command.contains("BODY[")), "{commands:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_marked_or_moved_only_when_they_are_kept() {
    let moved = ["UID MOVE 1:3 \"Done\""].as_slice();
    let without_move =
        ["UID COPY 1:3 \"Done\"", "UID STORE 1:3 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 1:3"].as_slice();
    for (offers, after, commands) in [
        ("", After::Seen, ["UID STORE 1:3 +FLAGS.SILENT (\\Seen)"].as_slice()),
        ("MOVE UIDPLUS", After::Move("Done".into()), moved),
        ("UIDPLUS", After::Move("Done".into()), without_move),
    ] {
        let (server, mut reader, _home) = start(offers).await;
        for number in 1..=3 {
            server.state().append(&mail(number));
        }
        reader.settings.after = after;
        let changes = |server: &Server| {
            let all = server.commands();
            let changes = all.into_iter().filter(|said| said.starts_with("UID") && !said.starts_with("UID FETCH"));
            changes.collect::<Vec<_>>()
        };
        let mut imap = reader.open().await.unwrap();
        imap.look(None).await.unwrap();
        let poll = imap.fetch(&imap.candidates()).await.unwrap();
        assert!(changes(&server).is_empty(), "they are not kept yet");
        reader.keep(&reader.settings.name(), poll).await;
        imap.taken().await.unwrap();
        assert_eq!(changes(&server), commands, "{offers}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_kept_but_not_moved_is_moved_later() {
    let (server, mut reader, _home) = start("MOVE").await;
    server.state().append(&mail(1));
    reader.settings.after = After::Move("Done".into());
    let mut imap = reader.open().await.unwrap();
    imap.look(None).await.unwrap();
    let poll = imap.fetch(&imap.candidates()).await.unwrap();
    reader.keep(&reader.settings.name(), poll).await;
    // Here the program dies.
    drop(imap);
    server.state().append(&mail(2));
    reader.once().await.unwrap();
    assert!(server.state().mails.is_empty(), "both are moved");
    assert_eq!(reader.kept().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_with_mails_is_said_before_any_is_taken() {
    let (server, mut reader, _home) = start("UIDPLUS").await;
    reader.settings.after = After::Move("Done".into());
    server.state().fault = Some((Phase::Change, Fault::No));
    let trouble = reader.open().await.unwrap_err().to_string();
    assert!(trouble.contains("no folder `Done`") && trouble.contains("make the folder"), "{trouble}");
    let (_server, mut reader, _home) = start("").await;
    reader.settings.after = After::Move("Done".into());
    let trouble = reader.open().await.unwrap_err().to_string();
    assert!(trouble.contains("neither MOVE nor UIDPLUS"), "{trouble}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_that_is_refused_is_told_and_keeps_no_mail_away() {
    let (server, mut reader, _home) = start("").await;
    reader.settings.after = After::Seen;
    server.state().append(&mail(1));
    let mut imap = reader.open().await.unwrap();
    server.state().fault = Some((Phase::Change, Fault::No));
    reader.take(&mut imap).await.unwrap();
    server.state().append(&mail(2));
    imap.wait(Duration::ZERO).await.unwrap();
    reader.take(&mut imap).await.unwrap();
    assert_eq!(reader.kept().await.len(), 2);
    let [trouble] = reader.troubles.as_slice() else { panic!("{:?}", reader.troubles) };
    assert!(trouble.to_string().contains("UID STORE: NO not today"), "{trouble}");
}
