//! The store's contract, told once and kept on both engines.

#[path = "support/apt.rs"]
mod apt;
#[path = "support/home.rs"]
mod home;
#[path = "support/postgres.rs"]
mod postgres;

use jiff::{SignedDuration, Timestamp};
use rapporteur::letters::digest::Told;
use rapporteur::letters::{LetterKind, Outgoing};
use rapporteur::mail::{Address, Kind, MessageId, Person, Reason, end, link};
use rapporteur::pages::search;
use rapporteur::session::waiting::{Place, Word};
use rapporteur::session::{Change, Fact, SessionKey, Waiting};
use rapporteur::store::dns::hash;
use rapporteur::store::{
    Arrival, ClaimedMail, Indexed, LetterStatus, MailRow, Origin, Searchable, Store, StoreError, TickRun, sql,
};
use sqlx::{AnyPool, AssertSqlSafe, Executor, SqlSafeStr};
use std::collections::HashSet;
use tempfile::TempDir;

/// Each story runs on SQLite and on PostgreSQL.
macro_rules! on_both_engines {
    ($($story:ident)*) => {
        mod on_sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() { super::$story(super::Base::sqlite()).await }
        )* }
        mod on_postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() { super::$story(super::Base::postgres()).await }
        )* }
    };
}

on_both_engines! {
    every_statement_prepares
    a_mail_is_received_once
    what_the_dns_said_first_stands
    what_was_stored_is_read_back
    an_empty_database_is_made_once_by_two_who_start_together
    an_existing_database_keeps_its_secret_and_mails
    a_database_of_a_newer_version_is_refused_and_left_alone
    four_workers_take_each_mail_once
    a_batch_keeps_to_its_bytes
    a_lease_that_ran_out_passes_the_mail_on_and_fences_the_late_worker
    a_dead_holder_leaves_nothing_locked
    a_mail_that_stops_the_program_collects_strikes_alone
    a_late_parent_has_its_children_read_again
    a_mail_that_tells_of_a_ghost_has_those_below_it_read_again
    ancestors_cross_ghosts_and_survive_cycles
    a_link_leads_to_the_mail_by_its_hash_and_by_its_page
    an_ancestor_is_found_however_much_was_read_before
    a_turn_over_many_mails_is_the_same_read_ahead_or_bit_by_bit
    the_same_mail_cannot_act_twice
    a_session_number_is_proposed_once
    work_that_is_not_committed_leaves_no_trace
    one_works_while_the_others_wait
    a_cancelled_begin_does_not_poison_the_next
    four_workers_take_each_letter_once
    the_echo_confirms_a_letter_from_any_state
    a_letter_cut_off_while_sending_is_perhaps_sent
    letters_are_held_released_and_dropped
    rates_count_persons_and_lists
    a_tick_runs_once
    one_daemon_at_a_time
    the_inbox_is_read_in_pages
    quarantine_lists_and_retries
    lines_wait_once_and_one_word_counts
    a_token_that_came_too_early_is_read_again
    wrong_tries_are_counted_for_a_day
    the_last_word_of_a_person_mutes_or_not
    the_same_words_find_the_same_sessions_in_the_same_order
    no_question_is_an_error
    what_is_put_again_stands_in_the_place_of_what_was
}

/// A database for one test.
struct Base {
    url: String,
    _home: Option<TempDir>,
}

impl Base {
    fn sqlite() -> Base {
        let home = tempfile::tempdir().unwrap();
        Base { url: format!("sqlite:{}", home.path().join("store.db").display()), _home: Some(home) }
    }

    fn postgres() -> Base {
        Base { url: postgres::database(), _home: None }
    }

    async fn open(&self) -> Store {
        Store::open(&self.url, [7; 32]).await.unwrap()
    }

    /// Past the store, as an operator's shell would.
    async fn pool(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        AnyPool::connect(&self.url).await.unwrap()
    }
}

const LEASE: SignedDuration = SignedDuration::from_mins(10);

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_500_000_000 + minute * 60).unwrap()
}

fn id(text: &str) -> MessageId {
    end::from_name(text).unwrap()
}

fn ids(texts: &[&str]) -> Vec<MessageId> {
    texts.iter().map(|text| id(text)).collect()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn arrival(key: &str, raw: &str) -> Arrival {
    Arrival { source_key: key.to_owned(), raw: raw.as_bytes().to_vec(), received: at(0), origin: Origin::Live }
}

fn session(number: u32) -> SessionKey {
    SessionKey { summit: "xen2017".to_owned(), number }
}

fn row(message_id: &str, kind: Kind, reason: Reason) -> MailRow {
    MailRow {
        message_id: id(message_id),
        content_hash: format!("hash of {message_id}"),
        subject: "Design session".to_owned(),
        from_name: None,
        from_address: None,
        at: at(0),
        list: None,
        kind,
        reason,
        detail: String::new(),
        sessions: Vec::new(),
        candidates: Vec::new(),
        summit: None,
        parents: Vec::new(),
        references: Vec::new(),
        archived_at: None,
    }
}

/// A reply whose References (and so its parents) are these, oldest first.
fn reply(message_id: &str, references: &[&str]) -> MailRow {
    let mut row = row(message_id, Kind::Reply, Reason::NoSession);
    row.references = ids(references);
    row.parents = row.references.iter().rev().cloned().collect();
    row
}

fn proposal(message_id: &str, number: u32) -> (MailRow, Vec<Fact>) {
    let mut row = row(message_id, Kind::Proposal, Reason::NewSession);
    row.sessions = vec![session(number)];
    let author = Person { name: Some("Ada".to_owned()), address: Some(address("ada@example.org")) };
    let change = Change::Proposed { root: id(message_id), author, proposal: Default::default(), repairs: Vec::new() };
    (row, vec![fact(message_id, number, change)])
}

fn fact(message_id: &str, number: u32, change: Change) -> Fact {
    Fact { position: 0, session: session(number), change, mail: id(message_id), at: at(0), line: Some(3) }
}

fn letter(message_id: &str, to: &str) -> Outgoing {
    Outgoing {
        kind: LetterKind::Answer,
        message_id: id(message_id),
        cause: "cause@example.org".to_owned(),
        summit: "xen2017".to_owned(),
        envelope_from: None,
        recipients: vec![address(to)],
        to_list: false,
        subject: "Re: Design session".to_owned(),
        bytes: b"Subject: Re: Design session\r\n\r\nDone.\r\n".to_vec(),
    }
}

/// Receives one mail and takes it in hand.
async fn receive_and_claim(store: &Store, key: &str) -> ClaimedMail {
    assert_eq!(store.receive("list", &[arrival(key, "Subject: hello\n\nhello\n")], None).await.unwrap(), 1);
    let mut mails = store.claim_mails("one", at(1), LEASE, 1, 1 << 20).await.unwrap();
    assert_eq!(mails.len(), 1);
    mails.remove(0)
}

/// Receives one mail and settles it so. Returns its id and how many others are to be read again.
async fn live_through(store: &Store, row: &MailRow, facts: &[Fact]) -> (i64, u64) {
    let mail = receive_and_claim(store, row.message_id.as_str()).await;
    let mut work = store.begin().await.unwrap();
    let settled = work.settle(&mail, row, facts, &[], at(1)).await.unwrap();
    assert!(!settled.lease_lost);
    work.commit().await.unwrap();
    (mail.id, settled.descendants_requeued)
}

/// Owes one letter, on top of a mail that causes it.
async fn owe(store: &Store, letters: &[(Outgoing, LetterStatus, Timestamp)], now: Timestamp) {
    let key = format!("{now} cause of {}", letters[0].0.message_id);
    let mail = receive_and_claim(store, &key).await;
    let mut work = store.begin().await.unwrap();
    work.settle(&mail, &row(&key, Kind::Command, Reason::Refused), &[], letters, now).await.unwrap();
    work.commit().await.unwrap();
}

async fn status_of(store: &Store, message_id: &str) -> LetterStatus {
    let letters = store.letters(None).await.unwrap();
    letters.iter().find(|letter| letter.message_id == id(message_id)).unwrap().status
}

async fn every_statement_prepares(base: Base) {
    base.open().await;
    let pool = base.pool().await;
    let singles = sql::ALL.iter().map(|(name, text)| (*name, text.to_string()));
    let many = sql::ALL_MANY.iter().flat_map(|(name, many)| [(*name, many.text(1)), (*name, many.text(3))]);
    for (name, text) in singles.chain(many) {
        let prepared =
            pool.acquire().await.unwrap().prepare(AssertSqlSafe(text.clone()).into_sql_str()).await.map(|_| ());
        assert!(prepared.is_ok(), "{name}: {}\n{text}", prepared.unwrap_err());
    }
}

async fn a_mail_is_received_once(base: Base) {
    let store = base.open().await;
    let mails: Vec<Arrival> = (0..40).map(|n| arrival(&format!("key {n}"), &format!("mail {n}"))).collect();
    assert_eq!(store.watermark("list").await.unwrap(), None);
    assert_eq!(store.receive("list", &mails[..30], Some("30")).await.unwrap(), 30);
    assert_eq!(store.receive("list", &mails, Some("40")).await.unwrap(), 10);
    assert_eq!(store.receive("list", &mails, None).await.unwrap(), 0);
    assert_eq!(store.watermark("list").await.unwrap().as_deref(), Some("40"));
    assert_eq!(store.receive("other list", &mails, None).await.unwrap(), 40, "keys are unique within a mailbox only");
    let asked: Vec<String> = ["key 3", "key 99", "key 39", "new"].map(str::to_owned).to_vec();
    assert_eq!(store.unknown_keys("list", &asked).await.unwrap(), ["key 99", "new"]);
    assert_eq!(store.counts().await.unwrap().waiting, 80);
}

async fn what_the_dns_said_first_stands(base: Base) {
    use rapporteur::mail::dkim::{Answer, Answers};
    let store = base.open().await;
    let (one, other) = (hash(b"one"), hash(b"other"));
    let said = |answer: Answer| Answers::from([("k._domainkey.example.org".to_owned(), answer)]);
    let first = said(Answer::Found(vec!["v=DKIM1; p=".to_owned(), "\"\u{fffd}".to_owned()]));
    store.keep_answers(&[(one, first.clone()), (other, said(Answer::Unknown))].into()).await.unwrap();
    store.keep_answers(&[(one, said(Answer::Nothing))].into()).await.unwrap();
    let kept = store.answers(&[one, other, hash(b"none")]).await.unwrap();
    assert_eq!(kept, [(one, first), (other, said(Answer::Unknown))].into());
}

async fn what_was_stored_is_read_back(base: Base) {
    let store = base.open().await;
    assert_eq!(store.is_postgres(), base.url.starts_with("postgres"));
    let raw: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mail =
        Arrival { source_key: "ключ".to_owned(), raw: raw.clone(), received: at(5), origin: Origin::Archive };
    store.receive("list", &[mail], None).await.unwrap();
    let claimed = store.claim_mails("one", at(6), LEASE, 9, 1).await.unwrap().remove(0);
    assert_eq!((&claimed.raw, claimed.received, claimed.origin), (&raw, at(5), Origin::Archive));

    let mut row = reply("b@example.org", &["a@example.org"]);
    row.subject = "Überlegungen 🐎 ' \" %".to_owned();
    row.from_name = Some("Ada Löwe".to_owned());
    row.from_address = Some(address("Ada@example.org"));
    row.list = Some("devel@example.org".to_owned());
    row.reason = Reason::Joined;
    row.sessions = vec![session(1)];
    row.candidates = vec![session(2), session(3)];
    row.summit = Some("xen2017".to_owned());
    row.archived_at = Some("https://lists.example.org/b".to_owned());
    let facts = vec![
        fact("b@example.org", 1, Change::Accepted),
        Fact { line: None, ..fact("b@example.org", 1, Change::Reopened) },
    ];
    let mut work = store.begin().await.unwrap();
    let letters = [(letter("answer@example.org", "ada@example.org"), LetterStatus::Held, at(9))];
    let settled = work.settle(&claimed, &row, &facts, &letters, at(7)).await.unwrap();
    assert_eq!(settled.positions.len(), 2);
    let twins = work.twins(&row.message_id, 0).await.unwrap();
    assert_eq!((twins.len(), twins[0].at, twins[0].list.as_deref()), (1, at(0), Some("devel@example.org")));
    assert_eq!(twins[0].from_address, row.from_address);
    assert!(work.twins(&row.message_id, claimed.id).await.unwrap().is_empty());
    work.commit().await.unwrap();

    let stored = store.mail_rows().await.unwrap().remove(0);
    assert_eq!(format!("{:?}", stored.row), format!("{row:?}"));
    assert_eq!((stored.received, stored.settled), (at(5), true));
    let log = store.log_all().await.unwrap();
    let read: Vec<_> = log.iter().map(|fact| Fact { position: 0, ..fact.clone() }).collect();
    assert_eq!(read, facts);
    assert_eq!(log.iter().map(|fact| fact.position).collect::<Vec<_>>(), settled.positions);
    assert_eq!(store.position().await.unwrap(), settled.positions[1]);
    assert_eq!(store.raw_of(&row.message_id).await.unwrap(), Some(raw.clone()));
    assert_eq!(store.raw(claimed.id).await.unwrap(), Some(raw));
    live_through(&store, &self::row("private@example.org", Kind::Command, Reason::Joined), &[]).await;
    let known = ids(&["a@example.org", "b@example.org", "private@example.org"]);
    let archived = store.archived(&known).await.unwrap();
    assert_eq!(archived.stated(&id("b@example.org")), Some("https://lists.example.org/b"));
    assert!(archived.is_private(&id("private@example.org")), "it came through no list");
    assert!(!archived.is_private(&id("a@example.org")), "nobody knows: it is not here");
    let listed = store.letters(Some(LetterStatus::Held)).await.unwrap().remove(0);
    let (shown, bytes) = store.letter(listed.id).await.unwrap().unwrap();
    assert_eq!((shown.created, shown.due, bytes), (at(7), at(9), letters[0].0.bytes.clone()));
}

async fn an_empty_database_is_made_once_by_two_who_start_together(base: Base) {
    assert!(matches!(Store::open_existing(&base.url).await, Err(StoreError::Missing(_))));
    let starts = (0..6).map(|n| {
        let url = base.url.clone();
        tokio::spawn(async move { Store::open(&url, [n; 32]).await.map(|store| *store.secret()) })
    });
    let mut secrets = HashSet::new();
    for start in starts.collect::<Vec<_>>() {
        secrets.insert(start.await.unwrap().unwrap());
    }
    assert_eq!(secrets.len(), 1, "the first one's secret is everybody's");
}

async fn an_existing_database_keeps_its_secret_and_mails(base: Base) {
    let store = base.open().await;
    store.receive("list", &[arrival("one", "mail")], None).await.unwrap();
    store.close().await;
    let store = Store::open(&base.url, [9; 32]).await.unwrap();
    assert_eq!(store.secret(), &[7; 32]);
    let again = Store::open_existing(&base.url).await.unwrap();
    assert_eq!(again.secret(), &[7; 32]);
    assert_eq!(again.counts().await.unwrap().waiting, 1);
}

async fn a_database_of_a_newer_version_is_refused_and_left_alone(base: Base) {
    base.open().await.close().await;
    let pool = base.pool().await;
    sqlx::query("UPDATE meta SET value = '99' WHERE key = 'version'").execute(&pool).await.unwrap();
    sqlx::query("DELETE FROM meta WHERE key = 'secret'").execute(&pool).await.unwrap();
    for refused in [Store::open(&base.url, [1; 32]).await, Store::open_existing(&base.url).await] {
        let error = refused.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
        assert!(error.to_string().contains("newer rapporteur"), "{error}");
    }
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT key, value FROM meta").fetch_all(&pool).await.unwrap();
    assert_eq!(rows, [("version".to_owned(), "99".to_owned())]);
}

async fn four_workers_take_each_mail_once(base: Base) {
    let store = base.open().await;
    let mails: Vec<Arrival> = (0..400).map(|n| arrival(&format!("{n}"), "mail")).collect();
    store.receive("list", &mails, None).await.unwrap();
    let mut workers = Vec::new();
    for worker in 0..4 {
        // Each with connections of its own, as processes would have.
        let store = base.open().await;
        workers.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            loop {
                let mails = store.claim_mails(&format!("worker {worker}"), at(1), LEASE, 3, 1 << 20).await.unwrap();
                if mails.is_empty() {
                    return taken;
                }
                assert!(mails.is_sorted_by_key(|mail| mail.id));
                taken.extend(mails.iter().map(|mail| mail.id));
            }
        }));
    }
    let mut taken = Vec::new();
    for worker in workers {
        taken.extend(worker.await.unwrap());
    }
    taken.sort_unstable();
    let once: HashSet<i64> = taken.iter().copied().collect();
    assert_eq!((taken.len(), once.len()), (400, 400));
}

async fn a_batch_keeps_to_its_bytes(base: Base) {
    let store = base.open().await;
    let mails: Vec<Arrival> = (0..5).map(|n| arrival(&format!("{n}"), &"x".repeat(1000))).collect();
    store.receive("list", &mails, None).await.unwrap();
    assert_eq!(store.claim_mails("one", at(1), LEASE, 9, 2500).await.unwrap().len(), 2);
    assert_eq!(store.claim_mails("one", at(1), LEASE, 9, 10).await.unwrap().len(), 1, "a large mail comes alone");
    assert_eq!(store.claim_mails("one", at(1), LEASE, 1, 2500).await.unwrap().len(), 1);
}

async fn a_dead_holder_leaves_nothing_locked(base: Base) {
    let store = base.open().await;
    assert_eq!(store.acquire_daemon("one", at(1), LEASE).await.unwrap(), None);
    receive_and_claim(&store, "mail@example.org").await;
    store.bury_daemon("somebody else").await.unwrap();
    assert!(store.claim_mails("two", at(2), LEASE, 9, 9).await.unwrap().is_empty(), "the wrong grave");
    store.bury_daemon("one").await.unwrap();
    assert_eq!(store.acquire_daemon("two", at(2), LEASE).await.unwrap(), None);
    let mail = store.claim_mails("two", at(2), LEASE, 9, 9).await.unwrap().remove(0);
    assert_eq!(mail.strikes, 1, "the unclean exit counts");
}

async fn a_lease_that_ran_out_passes_the_mail_on_and_fences_the_late_worker(base: Base) {
    let store = base.open().await;
    let late = receive_and_claim(&store, "mail@example.org").await;
    assert!(store.claim_mails("two", at(10), LEASE, 9, 9).await.unwrap().is_empty(), "the lease runs until 11");
    let mail = store.claim_mails("two", at(11), LEASE, 9, 9).await.unwrap().remove(0);
    assert_eq!((mail.id, mail.attempt, mail.strikes), (late.id, late.attempt + 1, 1));

    let (row, facts) = proposal("mail@example.org", 1);
    let letters = [(letter("answer@example.org", "ada@example.org"), LetterStatus::Pending, at(1))];
    let mut work = store.begin().await.unwrap();
    assert!(work.settle(&late, &row, &facts, &letters, at(12)).await.unwrap().lease_lost);
    work.commit().await.unwrap();
    store.release_mails(&[late]).await.unwrap();
    assert!(store.mail_rows().await.unwrap().is_empty());
    assert!(store.log_all().await.unwrap().is_empty());
    assert!(store.letters(None).await.unwrap().is_empty());

    let mut work = store.begin().await.unwrap();
    assert!(!work.settle(&mail, &row, &facts, &letters, at(12)).await.unwrap().lease_lost);
    assert!(work.settle(&mail, &row, &facts, &letters, at(12)).await.unwrap().lease_lost, "settled once");
    work.commit().await.unwrap();
    assert_eq!(store.log_all().await.unwrap().len(), 1);
}

async fn a_mail_that_stops_the_program_collects_strikes_alone(base: Base) {
    let store = base.open().await;
    let mails: Vec<Arrival> = (0..3).map(|n| arrival(&format!("{n}"), "mail")).collect();
    store.receive("list", &mails, None).await.unwrap();
    // The program takes three and is gone; nobody settles or releases.
    assert_eq!(store.claim_mails("one", at(1), LEASE, 9, 999).await.unwrap().len(), 3);
    for (round, strikes) in [(2, 1), (3, 2)] {
        let mails = store.claim_mails("one", at(round * 20), LEASE, 9, 999).await.unwrap();
        assert_eq!(mails.iter().map(|mail| mail.strikes).collect::<Vec<_>>(), [strikes]);
    }
    // Three are enough: it is put away, and the queue goes on with the next.
    let guilty = store.claim_mails("one", at(90), LEASE, 9, 999).await.unwrap().remove(0);
    let mut work = store.begin().await.unwrap();
    work.settle(&guilty, &row("bad@example.org", Kind::Unknown, Reason::Strikes), &[], &[], at(90)).await.unwrap();
    work.commit().await.unwrap();
    let second = store.claim_mails("one", at(90), LEASE, 9, 999).await.unwrap();
    assert_eq!(second.iter().map(|mail| mail.strikes).collect::<Vec<_>>(), [1]);
    // An orderly stop gives the strike back.
    store.release_mails(&second).await.unwrap();
    let again = store.claim_mails("one", at(90), LEASE, 9, 999).await.unwrap();
    assert_eq!((again[0].id, again[0].strikes), (second[0].id, 1));
}

async fn a_late_parent_has_its_children_read_again(base: Base) {
    let store = base.open().await;
    let (child, _) = live_through(&store, &reply("c@example.org", &["a@example.org", "b@example.org"]), &[]).await;
    let (aside, _) = live_through(&store, &reply("x@example.org", &["a@example.org"]), &[]).await;
    let mut grandchild = reply("d@example.org", &["c@example.org"]);
    grandchild.kind = Kind::Outcome;
    let (grandchild, _) = live_through(&store, &grandchild, &[]).await;
    let mut vacation = reply("v@example.org", &["a@example.org"]);
    (vacation.kind, vacation.reason) = (Kind::Automatic, Reason::Automatic);
    live_through(&store, &vacation, &[]).await;
    let mut elsewhere = reply("e@example.org", &["a@example.org"]);
    (elsewhere.reason, elsewhere.sessions) = (Reason::Joined, vec![session(8)]);
    live_through(&store, &elsewhere, &[]).await;

    let (row, facts) = proposal("a@example.org", 1);
    let (_, requeued) = live_through(&store, &row, &facts).await;
    assert_eq!(requeued, 3, "the reply, the one aside and the notes; not the robot's, not the one that has a session");
    let again = store.claim_mails("one", at(2), LEASE, 9, 1 << 20).await.unwrap();
    assert_eq!(again.iter().map(|mail| mail.id).collect::<Vec<_>>(), [child, aside, grandchild]);
    assert!(again.iter().all(|mail| mail.strikes == 0), "being read again is no strike");

    // A mail nobody waited for, and one that has no session itself, move nothing.
    let (row, facts) = proposal("other@example.org", 2);
    assert_eq!(live_through(&store, &row, &facts).await.1, 0);
    assert_eq!(live_through(&store, &reply("b@example.org", &["a@example.org"]), &[]).await.1, 0);
}

async fn a_mail_that_tells_of_a_ghost_has_those_below_it_read_again(base: Base) {
    let store = base.open().await;
    let (row, facts) = proposal("a@example.org", 1);
    live_through(&store, &row, &facts).await;
    // Nobody has seen b, and d names nothing else.
    let (waiting, _) = live_through(&store, &reply("d@example.org", &["b@example.org"]), &[]).await;
    let mut witness = reply("c@example.org", &["a@example.org", "b@example.org"]);
    (witness.reason, witness.sessions) = (Reason::Joined, vec![session(1)]);
    assert_eq!(live_through(&store, &witness, &[]).await.1, 1, "c tells that b answers a");
    let again = store.claim_mails("one", at(2), LEASE, 9, 1 << 20).await.unwrap();
    assert_eq!(again.iter().map(|mail| mail.id).collect::<Vec<_>>(), [waiting]);
}

async fn ancestors_cross_ghosts_and_survive_cycles(base: Base) {
    let store = base.open().await;
    live_through(&store, &row("a@example.org", Kind::Discussion, Reason::NoSession), &[]).await;
    live_through(&store, &reply("d@example.org", &["a@example.org", "b@example.org", "c@example.org"]), &[]).await;
    // In-Reply-To names a mail nobody has seen, References one that is here: both ways lead up.
    let mut broken = reply("e@example.org", &["d@example.org"]);
    broken.parents.insert(0, id("nowhere@example.org"));
    live_through(&store, &broken, &[]).await;
    live_through(&store, &reply("y@example.org", &["z@example.org"]), &[]).await;
    live_through(&store, &reply("z@example.org", &["y@example.org"]), &[]).await;

    let mut work = store.begin().await.unwrap();
    let above = async |work: &mut rapporteur::store::Work, of: &[&str]| {
        let found = work.ancestors(&ids(of)).await.unwrap();
        found.iter().map(|id| id.as_str().split('@').next().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!(above(&mut work, &["e@example.org"]).await, "enowheredcba");
    assert_eq!(above(&mut work, &["c@example.org"]).await, "cba", "ghosts carry the chain");
    assert_eq!(above(&mut work, &["z@example.org"]).await, "zy");
    assert_eq!(above(&mut work, &["q@example.org", "d@example.org"]).await, "qdcba", "an unknown id stands for itself");
    let long: Vec<MessageId> = (0..2000).map(|n| id(&format!("{n}@example.org"))).collect();
    assert!(work.ancestors(&long).await.unwrap().len() <= 500);
    assert!(work.ancestors(&[]).await.unwrap().is_empty());
}

async fn a_link_leads_to_the_mail_by_its_hash_and_by_its_page(base: Base) {
    let store = base.open().await;
    let page = "https://lists.example.org/devel/msg00012.html";
    let mut first = row("a@example.org", Kind::Discussion, Reason::NoSession);
    first.archived_at = Some(page.to_owned());
    let mut second = row("b@example.org", Kind::Discussion, Reason::NoSession);
    second.archived_at = Some(page.to_owned());
    let by_hash = |id: &MessageId| format!("https://lore.example.org/devel/0@x/T/#m{}", link::id_hash(id));
    let links = [page.to_owned(), by_hash(&first.message_id), by_hash(&second.message_id)];
    let links = links.map(|url| link::read(&url));

    // Asked before they are settled, in the turn that settles them, and in a later one.
    let claims = [receive_and_claim(&store, "a").await, receive_and_claim(&store, "b").await];
    let mut work = store.begin().await.unwrap();
    work.read_links(&links).await.unwrap();
    assert_eq!(work.behind(&links[0]).await.unwrap(), None);
    for (claim, row) in claims.iter().zip([&first, &second]) {
        work.settle(claim, row, &[], &[], at(1)).await.unwrap();
    }
    for again in [false, true] {
        if again {
            work.commit().await.unwrap();
            work = store.begin().await.unwrap();
        }
        let mut behind = Vec::new();
        for link in &links {
            behind.push(work.behind(link).await.unwrap());
        }
        let (a, b) = (Some(first.message_id.clone()), Some(second.message_id.clone()));
        assert_eq!(behind, [a.clone(), a, b], "of two that claim a page, the first has it");
    }
    let nowhere = link::read("https://lists.example.org/devel/msg00013.html");
    assert_eq!(work.behind(&nowhere).await.unwrap(), None);
}

async fn an_ancestor_is_found_however_much_was_read_before(base: Base) {
    let store = base.open().await;
    let mut tips = Vec::new();
    for branch in 0..20 {
        let chain: Vec<String> = (0..80).map(|n| format!("{branch}-{n}@example.org")).collect();
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        let tip = reply(&format!("tip-{branch}@example.org"), &chain);
        live_through(&store, &tip, &[]).await;
        tips.push(tip.message_id);
    }
    let mut work = store.begin().await.unwrap();
    // More lies above these than one look brings.
    work.prepare(&[], &tips, &[]).await.unwrap();
    for tip in &tips {
        assert_eq!(work.ancestors(std::slice::from_ref(tip)).await.unwrap().len(), 81);
    }
    assert_eq!(work.ancestors(&tips).await.unwrap().len(), 500);
}

async fn a_turn_over_many_mails_is_the_same_read_ahead_or_bit_by_bit(base: Base) {
    let other = if base.url.starts_with("postgres") { Base::postgres() } else { Base::sqlite() };
    let ahead = settle_a_batch(&base.open().await, true).await;
    let bit_by_bit = settle_a_batch(&other.open().await, false).await;
    assert_eq!(ahead, bit_by_bit);
}

/// A long thread, a copy, a mail that somebody else has by now, and last the mail that all were waiting for, settled
/// in one turn. Tells all that can be seen of it afterwards.
async fn settle_a_batch(store: &Store, read_ahead: bool) -> Vec<String> {
    let name = |n: usize| format!("{n}@example.org");
    let mut rows: Vec<MailRow> = (1..150).map(|n| reply(&name(n), &[&name(n / 2), &name(n - 1)])).collect();
    rows.push(rows[40].clone());
    let (proposed, facts) = proposal(&name(0), 1);
    rows.push(proposed);
    let arrivals: Vec<Arrival> = (0..rows.len()).map(|n| arrival(&format!("{n}"), &format!("mail {n}"))).collect();
    store.receive("list", &arrivals, None).await.unwrap();
    let mut claims = store.claim_mails("one", at(1), LEASE, 999, 1 << 20).await.unwrap();
    assert_eq!(claims.len(), rows.len());
    claims[70].attempt -= 1;

    let mut work = store.begin().await.unwrap();
    if read_ahead {
        let own: Vec<MessageId> = rows.iter().map(|row| row.message_id.clone()).collect();
        let named: Vec<MessageId> = rows.iter().flat_map(|row| row.parents.clone()).collect();
        work.prepare(&claims, &own, &named).await.unwrap();
    }
    let mut seen = Vec::new();
    for (claim, row) in claims.iter().zip(&rows) {
        let twins = work.twins(&row.message_id, claim.id).await.unwrap();
        let above = work.ancestors(&row.parents).await.unwrap();
        let facts = if row.sessions.is_empty() { &[][..] } else { &facts[..] };
        let settled = work.settle(claim, row, facts, &[], at(2)).await.unwrap();
        seen.push(format!("{twins:?} {above:?} {settled:?}"));
    }
    assert!(seen[149].contains("Twin {"), "the copy sees the mail that was settled before it in the same turn");
    assert!(seen[70].contains("lease_lost: true"), "the mail that is not ours");
    assert!(seen[150].contains("descendants_requeued: 149"), "all but the one that is not ours: {}", seen[150]);
    let raw = work.raw_of(&id(&name(7))).await.unwrap();
    assert_eq!(raw.as_deref(), Some(&b"mail 6"[..]), "what was settled in this turn is found");
    assert!(store.mail_rows().await.unwrap().is_empty(), "nobody else sees it before the commit");
    work.commit().await.unwrap();

    let stored = store.mail_rows().await.unwrap();
    assert_eq!(stored.len(), rows.len() - 1);
    seen.extend(stored.iter().map(|mail| format!("{mail:?}")));
    seen
}

async fn the_same_mail_cannot_act_twice(base: Base) {
    let store = base.open().await;
    let (row, facts) = proposal("a@example.org", 1);
    live_through(&store, &row, &facts).await;
    let copy = receive_and_claim(&store, "a second delivery").await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.twins(&row.message_id, copy.id).await.unwrap()[0].content_hash, row.content_hash);
    work.settle(&copy, &row, &[], &[], at(2)).await.unwrap();
    assert!(work.commit().await.is_err(), "it would act a second time");
    let duplicate = MailRow { kind: Kind::Duplicate, reason: Reason::Duplicate, ..row.clone() };
    let mut work = store.begin().await.unwrap();
    work.settle(&copy, &duplicate, &[], &[], at(2)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(store.mails_called(&row.message_id).await.unwrap().len(), 2);
}

async fn a_session_number_is_proposed_once(base: Base) {
    let store = base.open().await;
    let (row, facts) = proposal("a@example.org", 1);
    live_through(&store, &row, &facts).await;
    let other = receive_and_claim(&store, "b@example.org").await;
    let (row, facts) = proposal("b@example.org", 1);
    let mut work = store.begin().await.unwrap();
    assert!(work.settle(&other, &row, &facts, &[], at(2)).await.is_err());
    work.rollback().await.unwrap();
    let (row, mut facts) = proposal("b@example.org", 2);
    facts.push(fact("b@example.org", 1, Change::Accepted));
    let mut work = store.begin().await.unwrap();
    let settled = work.settle(&other, &row, &facts, &[], at(2)).await.unwrap();
    let added = work.log_after(settled.positions[0] - 1).await.unwrap();
    assert_eq!(added.iter().map(|fact| fact.session.number).collect::<Vec<_>>(), [2, 1], "in the order given");
    assert_eq!(work.position().await.unwrap(), settled.positions[1]);
    work.commit().await.unwrap();
}

async fn work_that_is_not_committed_leaves_no_trace(base: Base) {
    let store = base.open().await;
    let mail = receive_and_claim(&store, "a@example.org").await;
    let (row, facts) = proposal("a@example.org", 1);
    for dropped in [true, false] {
        let mut work = store.begin().await.unwrap();
        work.settle(&mail, &row, &facts, &[], at(2)).await.unwrap();
        assert!(store.log_all().await.unwrap().is_empty(), "nobody sees it before the commit");
        if dropped { drop(work) } else { work.rollback().await.unwrap() }
    }
    assert!(store.log_all().await.unwrap().is_empty());
    let mut work = store.begin().await.unwrap();
    assert!(!work.settle(&mail, &row, &facts, &[], at(2)).await.unwrap().lease_lost, "it is still in our hands");
    work.commit().await.unwrap();
    assert_eq!(store.log_all().await.unwrap().len(), 1);
}

async fn one_works_while_the_others_wait(base: Base) {
    let store = base.open().await;
    let other = base.open().await;
    let mail = receive_and_claim(&store, "a@example.org").await;
    let mut work = store.begin().await.unwrap();
    let waiting = tokio::spawn(async move {
        let mut work = other.begin().await.unwrap();
        let log = work.log_after(0).await.unwrap();
        work.rollback().await.unwrap();
        log.len()
    });
    let (row, facts) = proposal("a@example.org", 1);
    work.settle(&mail, &row, &facts, &[], at(2)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    work.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), 1, "who decides next has seen what was decided before");
}

async fn a_cancelled_begin_does_not_poison_the_next(base: Base) {
    let store = base.open().await;
    for wait in 0..60 {
        let soon = std::time::Duration::from_micros(wait * 20);
        let _ = tokio::time::timeout(soon, store.begin()).await;
        // A connection left inside a transaction would swallow this commit.
        let key = format!("{wait}");
        assert_eq!(store.receive("list", &[arrival(&key, "mail")], None).await.unwrap(), 1);
        let reader = base.open().await;
        assert_eq!(reader.counts().await.unwrap().waiting, wait + 1);
        reader.close().await;
    }
}

async fn four_workers_take_each_letter_once(base: Base) {
    let store = base.open().await;
    let letters: Vec<_> = (0..60)
        .map(|n| (letter(&format!("{n}@example.org"), "ada@example.org"), LetterStatus::Pending, at(1)))
        .collect();
    owe(&store, &letters, at(1)).await;
    let mut workers = Vec::new();
    for worker in 0..4 {
        let store = base.open().await;
        workers.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            while let Some(letter) = store.claim_letter(&format!("{worker}"), at(2), LEASE).await.unwrap() {
                assert!(store.letter_done(&letter, LetterStatus::Sent, None, None, at(2)).await.unwrap());
                taken.push(letter.id);
            }
            taken
        }));
    }
    let mut taken = Vec::new();
    for worker in workers {
        taken.extend(worker.await.unwrap());
    }
    let once: HashSet<i64> = taken.iter().copied().collect();
    assert_eq!((taken.len(), once.len()), (60, 60));
    assert_eq!(store.sent_since(at(2)).await.unwrap(), 60);
    assert_eq!(store.sent_since(at(3)).await.unwrap(), 0);
}

async fn the_echo_confirms_a_letter_from_any_state(base: Base) {
    use LetterStatus::*;
    let store = base.open().await;
    for status in [Pending, Sending, Sent, Unknown, Failed, Held, Dropped, Confirmed] {
        let name = format!("{}@example.org", end::name(status));
        owe(&store, &[(letter(&name, "ada@example.org"), status, at(99))], at(1)).await;
        let mut work = store.begin().await.unwrap();
        assert!(work.was_sent(&id(&name)).await.unwrap());
        assert!(work.echo(&id(&name), at(5)).await.unwrap());
        work.commit().await.unwrap();
        assert_eq!(status_of(&store, &name).await, Confirmed);
    }
    let mut work = store.begin().await.unwrap();
    assert!(!work.was_sent(&id("foreign@example.org")).await.unwrap());
    assert!(!work.echo(&id("foreign@example.org"), at(5)).await.unwrap());
    drop(work);

    // The echo may overtake the server's answer: the answer must not undo it.
    owe(&store, &[(letter("quick@example.org", "ada@example.org"), Pending, at(1))], at(1)).await;
    let ours = store.claim_letter("one", at(2), LEASE).await.unwrap().unwrap();
    let mut work = store.begin().await.unwrap();
    work.echo(&ours.message_id, at(2)).await.unwrap();
    work.commit().await.unwrap();
    assert!(!store.letter_done(&ours, Pending, Some(at(3)), Some("timeout"), at(2)).await.unwrap());
    assert_eq!(status_of(&store, "quick@example.org").await, Confirmed);
}

async fn a_letter_cut_off_while_sending_is_perhaps_sent(base: Base) {
    let store = base.open().await;
    owe(&store, &[(letter("a@example.org", "ada@example.org"), LetterStatus::Pending, at(5))], at(1)).await;
    assert!(store.claim_letter("one", at(4), LEASE).await.unwrap().is_none(), "not due yet");
    let first = store.claim_letter("one", at(5), LEASE).await.unwrap().unwrap();
    assert!(store.claim_letter("two", at(6), LEASE).await.unwrap().is_none(), "in somebody's hands");
    // The lease ends at 15; nobody knows whether the server took it.
    assert!(store.claim_letter("two", at(15), LEASE).await.unwrap().is_none());
    assert_eq!(status_of(&store, "a@example.org").await, LetterStatus::Unknown);
    let second = store.claim_letter("two", at(30), LEASE).await.unwrap().unwrap();
    assert_eq!((second.bytes.as_slice(), second.attempt), (first.bytes.as_slice(), first.attempt + 1));
    assert!(!store.letter_done(&first, LetterStatus::Sent, None, None, at(31)).await.unwrap(), "fenced off");
    assert!(store.letter_done(&second, LetterStatus::Pending, Some(at(40)), Some("451 later"), at(31)).await.unwrap());
    assert!(store.claim_letter("one", at(39), LEASE).await.unwrap().is_none());
    let third = store.claim_letter("one", at(40), LEASE).await.unwrap().unwrap();
    assert!(store.letter_done(&third, LetterStatus::Sent, None, None, at(41)).await.unwrap());
    let row = store.letters(None).await.unwrap().remove(0);
    assert_eq!((row.status, row.attempts, row.error), (LetterStatus::Sent, 3, None));
}

async fn letters_are_held_released_and_dropped(base: Base) {
    let store = base.open().await;
    let names = ["a@example.org", "b@example.org", "c@example.org"];
    let letters = names.map(|name| (letter(name, "ada@example.org"), LetterStatus::Pending, at(1)));
    owe(&store, &letters, at(1)).await;
    let [a, b, c] = [0, 1, 2].map(|n| n + 1_i64);
    assert!(store.drop_letter(a).await.unwrap());
    assert!(!store.drop_letter(a).await.unwrap() && !store.hold(a, "late").await.unwrap());
    assert_eq!(store.hold_all_pending("breaker").await.unwrap(), 2);
    assert!(store.claim_letter("one", at(2), LEASE).await.unwrap().is_none());
    assert_eq!(store.letter(b).await.unwrap().unwrap().0.error.as_deref(), Some("breaker"));
    assert!(!store.hold(b, "again").await.unwrap(), "held already");
    assert!(store.release(b, at(3)).await.unwrap());
    assert!(store.release(c, at(3)).await.unwrap() && store.hold(c, "second thoughts").await.unwrap());
    let taken = store.claim_letter("one", at(3), LEASE).await.unwrap().unwrap();
    assert_eq!(taken.id, b);
    assert!(!store.hold(b, "too late").await.unwrap() && !store.drop_letter(b).await.unwrap());
    assert!(!store.release(99, at(3)).await.unwrap());
    assert_eq!(store.letters(Some(LetterStatus::Held)).await.unwrap().len(), 1);
    // The same cause makes the same Message-ID: it is owed once.
    owe(&store, &letters[..1], at(4)).await;
    assert_eq!(store.letters(None).await.unwrap().len(), 3);
}

async fn rates_count_persons_and_lists(base: Base) {
    let store = base.open().await;
    let hour = 60;
    let to = |name: &str, to: &str, created: i64| (letter(name, to), created);
    let mut post = letter("digest@example.org", "devel@example.org");
    post.to_list = true;
    let written = [
        to("1@example.org", "Ada_L@example.org", 0),
        to("2@example.org", "ada_l@example.org", 23 * hour),
        to("3@example.org", "ada_l@example.org", 24 * hour - 10),
        to("4@example.org", "adaXl@example.org", 24 * hour - 10),
        (post, 24 * hour - 10),
    ];
    for (letter, created) in written {
        owe(&store, &[(letter, LetterStatus::Pending, at(created))], at(created)).await;
    }
    let mut work = store.begin().await.unwrap();
    let recent = work.recent(&address("ADA_L@example.org"), at(24 * hour + 1)).await.unwrap();
    assert_eq!((recent.to_person_last_hour, recent.to_person_last_day, recent.to_list_last_day), (1, 2, 1));
    let nobody = work.recent(&address("bob@example.org"), at(0)).await.unwrap();
    assert_eq!((nobody.to_person_last_day, nobody.to_list_last_day), (0, 1));
}

async fn a_tick_runs_once(base: Base) {
    let store = base.open().await;
    let tick = TickRun {
        key: "proposals xen2017 1",
        kind: "proposals",
        summit: "xen2017",
        due: at(1),
        before: Told::default(),
        told: Told { changes: 5, outcomes: 0 },
        outcome: "sent",
    };
    let mut digest = letter("digest@example.org", "devel@example.org");
    digest.cause = tick.key.to_owned();
    let letters = [(digest, LetterStatus::Pending, at(1))];
    assert!(store.last_tick("proposals", "xen2017").await.unwrap().is_none());
    assert!(store.run_tick(&tick, &letters, at(2)).await.unwrap());
    let told = Told { changes: 5, outcomes: 0 };
    assert_eq!(store.told("xen2017").await.unwrap(), told);
    let again = TickRun { outcome: "again", before: told, ..tick };
    assert!(!store.run_tick(&again, &letters, at(3)).await.unwrap());
    let overtaken = TickRun { key: "proposals xen2017 overtaken", ..tick };
    assert!(!store.run_tick(&overtaken, &letters, at(3)).await.unwrap(), "another has told it meanwhile");
    let last = store.last_tick("proposals", "xen2017").await.unwrap().unwrap();
    assert_eq!((last.due, last.ran, last.outcome.as_str()), (at(1), at(2), "sent"));
    assert_eq!(last.message_id, Some(id("digest@example.org")));
    let skipped = TickRun { key: "proposals xen2017 2", due: at(9), before: told, outcome: "nothing to say", ..tick };
    assert!(store.run_tick(&skipped, &[], at(9)).await.unwrap());
    assert!(store.run_tick(&TickRun { key: "other", summit: "other", due: at(99), ..tick }, &[], at(9)).await.unwrap());
    let last = store.last_tick("proposals", "xen2017").await.unwrap().unwrap();
    assert_eq!((last.key.as_str(), last.message_id), ("proposals xen2017 2", None));
}

async fn one_daemon_at_a_time(base: Base) {
    let store = base.open().await;
    let other = base.open().await;
    assert_eq!(store.acquire_daemon("first", at(0), LEASE).await.unwrap(), None);
    assert_eq!(other.acquire_daemon("second", at(1), LEASE).await.unwrap().as_deref(), Some("first"));
    assert!(store.renew_daemon("first", at(9), LEASE).await.unwrap());
    assert_eq!(other.acquire_daemon("second", at(18), LEASE).await.unwrap().as_deref(), Some("first"));
    assert_eq!(other.acquire_daemon("second", at(19), LEASE).await.unwrap(), None, "the first one's lease has ended");
    assert!(!store.renew_daemon("first", at(19), LEASE).await.unwrap(), "the first one must stop");
    store.release_daemon("first").await.unwrap();
    assert_eq!(store.acquire_daemon("first", at(19), LEASE).await.unwrap().as_deref(), Some("second"));
    other.release_daemon("second").await.unwrap();
    assert_eq!(store.acquire_daemon("first", at(19), LEASE).await.unwrap(), None);
}

async fn the_inbox_is_read_in_pages(base: Base) {
    let store = base.open().await;
    let mails: Vec<Arrival> = (0..7).map(|n| arrival(&format!("{n}"), &format!("{n}").repeat(100))).collect();
    store.receive("list", &mails, None).await.unwrap();
    let (mut last, mut keys, mut pages) = (0, Vec::new(), 0);
    loop {
        let page = store.inbox_page(last, 250).await.unwrap();
        let Some(end) = page.last() else { break };
        last = end.id;
        pages += 1;
        keys.extend(page.iter().map(|mail| mail.source_key.clone()));
        assert!(page.iter().all(|mail| mail.raw == mail.source_key.repeat(100).into_bytes()));
    }
    assert_eq!((keys.concat().as_str(), pages), ("0123456", 4));
}

async fn quarantine_lists_and_retries(base: Base) {
    let store = base.open().await;
    let (bad, _) = live_through(&store, &row("bad@example.org", Kind::Unknown, Reason::Strikes), &[]).await;
    let (good, _) = live_through(&store, &row("good@example.org", Kind::Discussion, Reason::NoSession), &[]).await;
    let listed = store.quarantined().await.unwrap();
    assert_eq!(listed.iter().map(|mail| mail.id).collect::<Vec<_>>(), [bad]);
    assert!(!store.retry(good).await.unwrap() && !store.retry(99).await.unwrap());
    assert!(store.retry(bad).await.unwrap());
    assert!(!store.retry(bad).await.unwrap(), "it waits already");
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.waiting, counts.last_received), (1, Some(at(0))));
    let again = store.claim_mails("one", at(2), LEASE, 9, 999).await.unwrap().remove(0);
    assert_eq!((again.id, again.strikes), (bad, 0));
    let mut work = store.begin().await.unwrap();
    work.settle(&again, &row("bad@example.org", Kind::Discussion, Reason::NoSession), &[], &[], at(2)).await.unwrap();
    work.commit().await.unwrap();
    assert!(store.quarantined().await.unwrap().is_empty());
    assert_eq!(store.counts().await.unwrap().ends, [(rapporteur::mail::End::Recorded, 2)]);
}

fn waiting(token_hash: &str, inbox_id: i64) -> Waiting {
    Waiting {
        token_hash: token_hash.to_owned(),
        mail: id("command@example.org"),
        inbox_id: Some(inbox_id),
        places: vec![Place { line: 3, session: session(1) }, Place { line: 0, session: session(2) }],
        command_hash: "of the command".to_owned(),
        address: address("olga@example.org"),
        expires: at(48 * 60),
        word: None,
    }
}

async fn lines_wait_once_and_one_word_counts(base: Base) {
    let store = base.open().await;
    let (command, _) = live_through(&store, &row("command@example.org", Kind::Command, Reason::AskedFirst), &[]).await;
    let (word, _) = live_through(&store, &row("word@example.org", Kind::Command, Reason::Joined), &[]).await;
    let (other, _) = live_through(&store, &row("other@example.org", Kind::Command, Reason::Joined), &[]).await;
    let mut work = store.begin().await.unwrap();
    work.wait(&waiting("a", command)).await.unwrap();
    work.wait(&Waiting { command_hash: "another".to_owned(), ..waiting("a", command) }).await.unwrap();
    assert_eq!(work.waiting("a").await.unwrap(), Some(waiting("a", command)), "the first stands");
    assert_eq!(work.waiting("b").await.unwrap(), None);
    assert!(!work.hear("b", Word::Confirmed, word).await.unwrap());
    assert!(work.hear("a", Word::Confirmed, word).await.unwrap());
    assert!(!work.hear("a", Word::Dropped, other).await.unwrap(), "somebody was faster");
    assert!(work.hear("a", Word::Confirmed, word).await.unwrap(), "a mail that is read again says it again");
    work.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.waiting("a").await.unwrap().unwrap().word, Some((Word::Confirmed, word)));
    let arrived = work.arrived(command).await.unwrap().unwrap();
    assert_eq!((arrived.id, arrived.mailbox.as_str(), arrived.raw.len()), (command, "list", 22));
    assert!(work.arrived(99).await.unwrap().is_none());
}

async fn a_token_that_came_too_early_is_read_again(base: Base) {
    let store = base.open().await;
    let early = receive_and_claim(&store, "early").await;
    let mut work = store.begin().await.unwrap();
    // In the turn of its own settling, before that is written.
    let row = row("early@example.org", Kind::Command, Reason::WrongToken);
    work.settle(&early, &row, &[], &[], at(1)).await.unwrap();
    work.wrong_try(early.id, "a", &address("olga@example.org"), at(1)).await.unwrap();
    work.wait(&waiting("b", early.id)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(store.counts().await.unwrap().waiting, 0, "another token is nothing to it");
    let mut work = store.begin().await.unwrap();
    work.wait(&waiting("a", early.id)).await.unwrap();
    work.commit().await.unwrap();
    let again = store.claim_mails("one", at(2), LEASE, 9, 999).await.unwrap();
    assert_eq!(again.iter().map(|mail| mail.id).collect::<Vec<_>>(), [early.id]);
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.wrong_tries(&address("olga@example.org"), 99, at(2)).await.unwrap(), 0, "it is none any more");
}

async fn wrong_tries_are_counted_for_a_day(base: Base) {
    let store = base.open().await;
    let mut mails = Vec::new();
    for n in 0..3 {
        let row = row(&format!("{n}@example.org"), Kind::Command, Reason::WrongToken);
        mails.push(live_through(&store, &row, &[]).await.0);
    }
    let olga = address("olga@example.org");
    let mut work = store.begin().await.unwrap();
    work.wrong_try(mails[0], "a", &olga, at(0)).await.unwrap();
    work.wrong_try(mails[0], "a", &olga, at(0)).await.unwrap();
    work.wrong_try(mails[1], "b", &address("Olga@Example.org"), at(60)).await.unwrap();
    let before = |mail: usize| mails[mail];
    assert_eq!(work.wrong_tries(&olga, before(2), at(60)).await.unwrap(), 2);
    assert_eq!(work.wrong_tries(&olga, before(1), at(60)).await.unwrap(), 1, "only what came before it");
    assert_eq!(work.wrong_tries(&olga, before(2), at(24 * 60)).await.unwrap(), 1, "a day later");
    assert_eq!(work.wrong_tries(&address("eve@example.org"), before(2), at(60)).await.unwrap(), 0);
}

async fn the_last_word_of_a_person_mutes_or_not(base: Base) {
    let store = base.open().await;
    let mut mails = Vec::new();
    for n in 0..3 {
        mails.push(
            live_through(&store, &row(&format!("{n}@example.org"), Kind::Command, Reason::Answered), &[]).await.0,
        );
    }
    let (first, alias) = (address("kurt@example.org"), address("kurt@old.example.net"));
    let both = [first.clone(), alias.clone()];
    let mut work = store.begin().await.unwrap();
    assert!(!work.is_muted(&both).await.unwrap());
    work.mute(mails[0], &alias, true).await.unwrap();
    assert!(work.is_muted(&both).await.unwrap() && !work.is_muted(&both[..1]).await.unwrap());
    work.mute(mails[1], &address("Kurt@Example.org"), false).await.unwrap();
    assert!(!work.is_muted(&both).await.unwrap(), "said later, from another address");
    work.mute(mails[2], &first, true).await.unwrap();
    work.mute(mails[2], &first, true).await.unwrap();
    work.commit().await.unwrap();
    assert!(store.begin().await.unwrap().is_muted(&both).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scratch_database_is_gone_with_its_store() {
    let prefix = format!("rapporteur-{}-", std::process::id());
    let ours = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&prefix);
    let count = || std::fs::read_dir(std::env::temp_dir()).unwrap().flatten().filter(ours).count();
    let store = Store::memory([0; 32]).await.unwrap();
    assert_eq!(count(), 1);
    receive_and_claim(&store, "a@example.org").await;
    store.close().await;
    drop(store);
    assert_eq!(count(), 0);
}

#[tokio::test]
async fn a_file_that_is_missing_or_cannot_be_made_is_named() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("no/such/store.db");
    let url = format!("sqlite:{}", path.display());
    let missing = Store::open_existing(&url).await.unwrap_err().to_string();
    assert!(missing.contains("no/such/store.db") && missing.contains("rapporteur init"), "{missing}");
    let unmade = Store::open(&url, [0; 32]).await.unwrap_err().to_string();
    assert!(unmade.contains("no/such/store.db") && unmade.contains("directory"), "{unmade}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a file with spaces #1 100%.db");
    let store = Store::open(&format!("sqlite:{}", path.display()), [0; 32]).await.unwrap();
    store.receive("list", &[arrival("a", "mail")], None).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(home.path()).unwrap().flatten().collect();
    assert_eq!(files.len(), 3, "the file, its log and its index: {files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

/// A row of the index, by number, day and text.
fn searchable(number: u32, day: i64, title: &str, told: &str, prose: &str) -> Searchable {
    let words = |text: &str| search::words(text).join(" ");
    let submitted = at(day * 24 * 60);
    Searchable { session: session(number), submitted, title: words(title), told: words(told), prose: words(prose) }
}

async fn put(store: &Store, rows: &[Searchable]) {
    let mut work = store.begin().await.unwrap();
    work.index(rows, &Indexed { making: "test".to_owned(), position: 7 }).await.unwrap();
    work.commit().await.unwrap();
}

/// The numbers of the sessions that a question finds.
async fn found(store: &Store, question: &str) -> Vec<u32> {
    let keys = store.find(&search::asked(question), 5).await;
    keys.unwrap_or_else(|error| panic!("{question:?}: {error}")).into_iter().map(|key| key.number).collect()
}

async fn the_same_words_find_the_same_sessions_in_the_same_order(base: Base) {
    let store = base.open().await;
    put(
        &store,
        &[
            searchable(1, 1, "Zero-copy display", "Žofia Šťastná", "We talk about grants."),
            searchable(2, 2, "Grant tables, version 3", "Kurt", "Zero copies, and the display."),
            searchable(3, 3, "Display", "Decision: zero copies by default", ""),
            searchable(4, 4, "設計会議 Xen", "", "ハイパーバイザの話"),
            searchable(5, 5, "", "", ""),
            searchable(6, 6, "Zero copy", "display", "zero"),
            searchable(7, 6, "Zero copy", "display", "zero"),
        ],
    )
    .await;
    for (question, expected) in [
        // Of two that say the same, the one with the lower number.
        ("display", &[3, 1, 6, 7, 2][..]),
        ("ZERO displ", &[1, 6, 7, 3, 2]),
        ("grant", &[2, 1]),
        ("grants", &[1]),
        ("zofia", &[1]),
        ("stastna zero", &[1]),
        ("3", &[2]),
        ("会議", &[4]),
        ("議", &[4]),
        ("設会", &[]),
        ("xen ハイパー", &[4]),
        ("ero", &[]),
        ("zero tolerance", &[]),
        ("", &[]),
    ] {
        assert_eq!(found(&store, question).await, expected, "{question}");
    }
}

async fn no_question_is_an_error(base: Base) {
    let store = base.open().await;
    put(&store, &[searchable(1, 1, "NEAR the title: or not", "o'brien", "a AND b, \\ back")]).await;
    let long = "zero copy ".repeat(1_000);
    let letters: String = ('\u{4e00}'..).take(3_000).collect();
    for question in [
        "\"",
        "'",
        "''; DROP TABLE searchable; --",
        "*",
        "zero*",
        "NEAR(a b)",
        "NEAR",
        "AND",
        "OR NOT",
        "title:",
        "{title told} : a",
        "^a",
        "-a",
        "a + b",
        "a & | ! <-> b",
        "(((((",
        "\\",
        "\0",
        "a\0b",
        "\u{202e}\u{feff}",
        "…",
        "%_",
        "$1",
        "'a':*A",
        &long,
        &letters,
        &"x".repeat(10_000),
        &"\"".repeat(10_000),
        &"( a ".repeat(2_500),
    ] {
        found(&store, question).await;
    }
    for (question, expected) in [
        ("near THE", &[1][..]),
        ("title: not", &[1]),
        ("O'Brien", &[1]),
        ("and", &[1]),
        ("a\0b", &[1]),
        ("back\\", &[1]),
    ] {
        assert_eq!(found(&store, question).await, expected, "{question:?}");
    }
}

async fn what_is_put_again_stands_in_the_place_of_what_was(base: Base) {
    let store = base.open().await;
    put(&store, &[searchable(1, 1, "Quillfeather", "", ""), searchable(2, 1, "Console", "", "")]).await;
    put(&store, &[searchable(1, 1, "Console", "Ada", "")]).await;
    assert_eq!((found(&store, "quill").await, found(&store, "console").await), (vec![], vec![1, 2]));
    assert_eq!(store.indexed().await.unwrap(), Some(Indexed { making: "test".to_owned(), position: 7 }));
    let pool = base.pool().await;
    if base._home.is_some() {
        // It complains where the index is not of the words.
        pool.execute("INSERT INTO searchable_words (searchable_words, rank) VALUES ('integrity-check', 1)")
            .await
            .unwrap();
        let blocks = sqlx::query_scalar::<_, Vec<u8>>("SELECT block FROM searchable_words_data").fetch_all(&pool);
        let index = blocks.await.unwrap().concat();
        let holds = |word: &str| index.windows(word.len()).any(|bytes| bytes == word.as_bytes());
        assert!(!holds("uillfeather") && holds("onsole"), "what is taken out is out of the index at once");
    }
    let mut work = store.begin().await.unwrap();
    work.forget_words().await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(found(&store, "console").await, Vec::<u32>::new());
}
