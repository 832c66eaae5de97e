//! A token and everything that can be done with it: what counts as the word of the registered address, and what does not.
//!
//! Each case is a summit with two sessions, in which an organiser has asked for what she is asked about first; then mails
//! come, and it is looked at what has changed, how each ended and who was told what. (S3, the half about tokens.)

use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::intake::Intake;
use rapporteur::letters::LetterKind;
use rapporteur::mail::{MessageId, Reason};
use rapporteur::session::rights::{Floors, Tier};
use rapporteur::session::{Change, Status};
use rapporteur::store::{Arrival, LetterStatus, Origin, Store};
use std::path::Path;
use tempfile::TempDir;

const CONFIG: &str = r#"
name = "Rapporteur"
address = "rapporteur@example.org"

[[mailbox]]
kind = "maildir"
path = "inbox"

[transport]
kind = "maildir"
path = "sent"

[[list]]
address = "devel@lists.example.org"

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]

[[person]]
name = "Olga Oram"
addresses = ["olga@example.org", "olga@old.example.net"]
"#;

fn config(home: &Path, verp: bool) -> Config {
    let text = if verp { CONFIG.replacen("\n\n", "\nverp = true\n\n", 1) } else { CONFIG.to_owned() };
    for maildir in ["inbox", "sent"] {
        rapporteur::mailbox::maildir::create(&home.join(maildir)).expect("a Maildir");
    }
    let mut config = Config::parse(&home.join("rapporteur.toml"), &text).expect("a configuration");
    config.policy.floors = Floors { hosts: Tier::T1, organisers: Tier::T1 };
    config
}

/// A summit in which time passes as the cases say.
struct Summit {
    home: TempDir,
    config: Config,
    store: Store,
    now: Timestamp,
    mails: u32,
}

impl Summit {
    async fn new() -> Summit {
        Summit::with(false).await
    }

    async fn with(verp: bool) -> Summit {
        let home = tempfile::tempdir().expect("a directory");
        let config = config(home.path(), verp);
        let store = Store::open(&config.database, [27; 32]).await.expect("a database");
        let now = "2027-05-03T09:00:00Z".parse().expect("a time");
        let mut summit = Summit { home, config, store, now, mails: 0 };
        for (who, title) in [("ada", "Console"), ("grace", "Serial ports")] {
            summit.put(&summit.to_list(&format!("{who}@example.org"), &format!("[TOPIC] {title}"), "Hello")).await;
        }
        summit.settle().await;
        summit
    }

    /// A mail to the list, with an id of its own.
    fn to_list(&self, from: &str, subject: &str, body: &str) -> String {
        let to = "To: devel@lists.example.org\nList-Id: <devel.lists.example.org>";
        format!("From: Somebody <{from}>\n{to}\nSubject: {subject}\n\n{body}\n")
    }

    async fn put(&mut self, mail: &str) -> MessageId {
        self.mails += 1;
        let id = format!("m{}@example.org", self.mails);
        let raw = format!("Message-ID: <{id}>\n{mail}").into_bytes();
        let arrival = Arrival { source_key: id.clone(), raw, received: self.now, origin: Origin::Live };
        assert_eq!(self.store.receive("inbox", &[arrival], None).await.expect("the database"), 1);
        MessageId::parse(&format!("<{id}>")).expect("an id")
    }

    async fn settle(&mut self) {
        let mut intake = Intake::new(&self.store, &self.config, "test");
        while !intake.settle(self.now).await.expect("the database").is_empty() {}
    }

    /// How a mail ended.
    async fn say(&mut self, mail: &str) -> Reason {
        let id = self.put(mail).await;
        self.settle().await;
        self.reason(&id).await
    }

    async fn reason(&self, id: &MessageId) -> Reason {
        self.store.mails_called(id).await.expect("the database")[0].row.reason
    }

    /// A command that its author is asked about: the token.
    async fn ask(&mut self, from: &str, command: &str) -> String {
        let mail = self.to_list(from, "Re: the sessions", command);
        assert_eq!(self.say(&mail).await, Reason::AskedFirst, "{command}");
        let letter = self.last_letter().await;
        let (_, behind) = letter.split_once("    confirm ").expect("a line with the token");
        behind.lines().next().expect("a line").trim().to_owned()
    }

    async fn letters(&self) -> usize {
        self.store.letters(None).await.expect("the database").len()
    }

    /// But for what organisers are told of others.
    async fn last_letter(&self) -> String {
        let letters = self.store.letters(None).await.expect("the database");
        let id = letters.iter().rfind(|row| row.kind != LetterKind::Undelivered).expect("a letter").id;
        let (_, bytes) = self.store.letter(id).await.expect("the database").expect("the letter");
        String::from_utf8(bytes).expect("ASCII").replace("\r\n", "\n")
    }

    async fn status(&self, number: u32) -> String {
        let mut intake = Intake::new(&self.store, &self.config, "look");
        intake.settle(self.now).await.expect("the database");
        let session = intake.register().numbered("summit2027", number).expect("the session");
        match session.status(self.now) {
            Status::Merged(into) => format!("merged into S-{into}"),
            status => status.name().to_owned(),
        }
    }

    async fn facts(&self) -> usize {
        self.store.log_all().await.expect("the database").len()
    }

    fn later(&mut self, hours: i64) {
        self.now = self.now.checked_add(jiff::SignedDuration::from_hours(hours)).expect("a time");
    }
}

const REJECT: &str = "#session S-1 reject no room for it";
const OLGA: &str = "olga@example.org";

/// A mail to the program.
fn private(from: &str, subject: &str, body: &str) -> String {
    format!("From: Olga Oram <{from}>\nTo: rapporteur@example.org\nSubject: {subject}\n\n{body}\n")
}

fn letter_subject(token: &str) -> String {
    format!("Re: the sessions (please confirm) [confirm {token}]")
}

/// A token that differs in one character.
fn altered(token: &str) -> String {
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    format!("{}{last}", &token[..token.len() - 1])
}

/// What Olga or somebody else writes, how it ends, and whether the session is rejected then.
struct Case {
    name: &'static str,
    mail: fn(&str) -> String,
    reason: Reason,
    rejected: bool,
    /// Whether somebody is told, and a piece of what they are told.
    told: Option<&'static str>,
}

const CASES: &[Case] = &[
    Case {
        name: "a line with the token, in a new mail",
        mail: |token| private(OLGA, "as you asked", &format!("Hello,\n\nconfirm {token}\n\nOlga")),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "the word alone, in answer to the question",
        mail: |token| private(OLGA, &letter_subject(token), "Yes.\n\n> these lines wait"),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "the word alone, to the address with the token",
        mail: |token| {
            let to = format!("rapporteur+confirm-{}@example.org", token.to_lowercase());
            private(OLGA, "Re: the sessions", "ok").replace("rapporteur@example.org", &to)
        },
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "the Subject of a mail without text",
        mail: |token| private(OLGA, &format!("Confirm {token}"), ""),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "in small letters",
        mail: |token| private(OLGA, "yes", &format!("confirm {}", token.to_lowercase())),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "wrapped by a mailer",
        mail: |token| private(OLGA, "yes", &format!("confirm {}\n{}\nOlga", &token[..9], &token[9..])),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "from another address of hers",
        mail: |token| private("olga@old.example.net", "yes", &format!("confirm {token}")),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "altered by one character",
        mail: |token| private(OLGA, "yes", &format!("confirm {}", altered(token))),
        reason: Reason::WrongToken,
        rejected: false,
        told: Some("No command waits for this token."),
    },
    Case {
        name: "cut off",
        mail: |token| private(OLGA, "yes", &format!("confirm {}", &token[..20])),
        reason: Reason::WrongToken,
        rejected: false,
        told: Some("No command waits for this token."),
    },
    Case {
        name: "by somebody else",
        mail: |token| private("eve@example.com", "yes", &format!("confirm {token}")),
        reason: Reason::WrongToken,
        rejected: false,
        told: Some("sent to another address"),
    },
    Case {
        name: "without a token",
        mail: |_| private(OLGA, "yes", "confirm"),
        reason: Reason::Refused,
        rejected: false,
        told: Some("The token is missing."),
    },
    Case {
        name: "the word twice",
        mail: |token| private(OLGA, "yes", &format!("Confirm\n\nconfirm {token}")),
        reason: Reason::Joined,
        rejected: true,
        told: Some("S-1 is rejected."),
    },
    Case {
        name: "yes and no",
        mail: |token| private(OLGA, "yes", &format!("confirm {token}\ndrop {token}")),
        reason: Reason::Refused,
        rejected: false,
        told: Some("A mail can answer one question"),
    },
    Case {
        name: "two words about two commands",
        mail: |token| private(OLGA, "yes", &format!("confirm {token}\nconfirm {}", altered(token))),
        reason: Reason::Refused,
        rejected: false,
        told: Some("Send each token in a mail of its own."),
    },
    Case {
        name: "yes to nothing",
        mail: |_| private(OLGA, "Hello", "Yes.\n\nOlga"),
        reason: Reason::NoSession,
        rejected: false,
        told: None,
    },
    Case {
        name: "in a quoted part only",
        mail: |token| private(OLGA, &letter_subject(token), &format!("> confirm\n> confirm {token}")),
        reason: Reason::NoSession,
        rejected: false,
        told: None,
    },
    Case {
        name: "below an answer, where nothing marks it as quoted",
        mail: |token| {
            let ours =
                format!("If it is yours, answer with one word:\n\nconfirm\n\nconfirm {token}\n    confirm {token}");
            private(OLGA, &letter_subject(token), &format!("I know nothing of this.\n\n{ours}"))
        },
        reason: Reason::Refused,
        rejected: false,
        told: Some("begins neither with `confirm` nor with `drop`"),
    },
    Case {
        name: "something else in answer to the question",
        mail: |token| private(OLGA, &letter_subject(token), "Hm, what would that do?"),
        reason: Reason::Refused,
        rejected: false,
        told: Some("begins neither with `confirm` nor with `drop`"),
    },
    Case {
        name: "a vacation notice",
        mail: |token| {
            let answer = private(OLGA, &letter_subject(token), &format!("Yes\nconfirm {token}"));
            format!("Auto-Submitted: auto-replied\n{answer}")
        },
        reason: Reason::Automatic,
        rejected: false,
        told: None,
    },
    Case {
        name: "what may be a vacation notice",
        mail: |token| format!("X-Autoreply: yes\n{}", private(OLGA, &letter_subject(token), "Yes")),
        reason: Reason::NoSession,
        rejected: false,
        told: None,
    },
    Case {
        name: "from nobody in particular",
        mail: |token| format!("From: eve@example.com\n{}", private(OLGA, "yes", &format!("confirm {token}"))),
        reason: Reason::AmbiguousFrom,
        rejected: false,
        told: None,
    },
    Case {
        name: "to the list, where everybody reads it",
        mail: |token| {
            let mail = private(OLGA, &letter_subject(token), &format!("confirm {token}"));
            mail.replace("To: rapporteur@example.org", "To: devel@lists.example.org")
        },
        reason: Reason::NoSession,
        rejected: false,
        told: None,
    },
    Case {
        name: "drop",
        mail: |token| private(OLGA, &letter_subject(token), "Drop"),
        reason: Reason::Answered,
        rejected: false,
        told: Some("Nothing of what you were asked about will be done."),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_say_it_counts_or_not() {
    for case in CASES {
        let name = case.name;
        let mut summit = Summit::new().await;
        let token = summit.ask(OLGA, REJECT).await;
        let (letters, facts) = (summit.letters().await, summit.facts().await);
        summit.later(2);
        assert_eq!(summit.say(&(case.mail)(&token)).await, case.reason, "{name}");
        assert_eq!(summit.status(1).await == "rejected", case.rejected, "{name}");
        assert_eq!(summit.facts().await - facts, usize::from(case.rejected), "{name}");
        match case.told {
            None => assert_eq!(summit.letters().await, letters, "{name}"),
            Some(piece) => {
                assert_eq!(summit.letters().await, letters + 1, "{name}");
                let letter = summit.last_letter().await;
                assert!(letter.contains(piece), "{name}: {letter}");
                assert!(!letter.contains("[confirm "), "{name}: {letter}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_change_is_the_commands_and_its_time_that_of_the_word() {
    let mut summit = Summit::new().await;
    let token = summit.ask(OLGA, REJECT).await;
    summit.later(3);
    summit.say(&private(OLGA, "yes", &format!("confirm {token}"))).await;
    let last = summit.store.log_all().await.unwrap().pop().unwrap();
    assert_eq!((last.mail.as_str(), last.at, last.line), ("m3@example.org", summit.now, Some(1)));
    assert!(matches!(last.change, Change::Rejected { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_once_also_in_one_batch_and_after_a_restart() {
    let mut summit = Summit::new().await;
    let token = summit.ask(OLGA, REJECT).await;
    let facts = summit.facts().await;
    // Closed and opened again in between.
    summit.store.close().await;
    summit.store = Store::open_existing(&summit.config.database).await.unwrap();
    let one = summit.put(&private(OLGA, "yes", &format!("confirm {token}"))).await;
    let other = summit.put(&private(OLGA, &letter_subject(&token), "confirm")).await;
    summit.settle().await;
    assert_eq!((summit.reason(&one).await, summit.reason(&other).await), (Reason::Joined, Reason::WrongToken));
    assert!(summit.last_letter().await.contains("This was confirmed before."));
    assert_eq!(summit.facts().await, facts + 1);
    summit.later(5);
    assert_eq!(summit.say(&private(OLGA, "no", &format!("drop {token}"))).await, Reason::WrongToken);
    assert_eq!(summit.status(1).await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_dropped_stays_so() {
    let mut summit = Summit::new().await;
    let token = summit.ask(OLGA, REJECT).await;
    assert_eq!(summit.say(&private(OLGA, &letter_subject(&token), "no")).await, Reason::Answered);
    assert_eq!(summit.say(&private(OLGA, &letter_subject(&token), "yes")).await, Reason::WrongToken);
    assert!(summit.last_letter().await.contains("You have dropped this before."));
    assert_eq!(summit.status(1).await, "proposed");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_counts_for_48_hours() {
    for (hours, reason) in [(48, Reason::Joined), (49, Reason::WrongToken)] {
        let mut summit = Summit::new().await;
        let token = summit.ask(OLGA, REJECT).await;
        summit.later(hours);
        assert_eq!(summit.say(&private(OLGA, "yes", &format!("confirm {token}"))).await, reason);
        let expired = summit.last_letter().await.contains("The 48 hours in which this could be confirmed are over.");
        assert_eq!(expired, reason == Reason::WrongToken);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_confirms_its_own_command_and_no_other() {
    let mut summit = Summit::new().await;
    let reject = summit.ask(OLGA, REJECT).await;
    let merge = summit.ask(OLGA, "#session S-2 merge S-1").await;
    assert_ne!(reject, merge);
    let facts = summit.facts().await;
    let mixed = private(OLGA, &letter_subject(&reject), &format!("confirm {merge}"));
    assert_eq!(summit.say(&mixed).await, Reason::WrongToken);
    assert!(summit.last_letter().await.contains("This token belongs to another command"));
    let to = format!("rapporteur+confirm-{merge}@example.org");
    let mixed = private(OLGA, &letter_subject(&reject), "yes").replace("rapporteur@example.org", &to);
    assert_eq!(summit.say(&mixed).await, Reason::WrongToken);
    assert_eq!(summit.facts().await, facts);
    assert_eq!(summit.say(&private(OLGA, &letter_subject(&merge), "yes")).await, Reason::Joined);
    assert_eq!((summit.status(1).await, summit.status(2).await), ("proposed".into(), "merged into S-1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_tries_a_day_are_answered_and_the_right_one_always() {
    let mut summit = Summit::new().await;
    let token = summit.ask(OLGA, REJECT).await;
    let wrong = private(OLGA, "yes", &format!("confirm {}", altered(&token)));
    let mut told = Vec::new();
    for _ in 0..7 {
        let letters = summit.letters().await;
        assert_eq!(summit.say(&wrong).await, Reason::WrongToken);
        told.push(summit.letters().await - letters);
    }
    assert_eq!(told, [1, 1, 1, 1, 1, 0, 0]);
    summit.later(25);
    let letters = summit.letters().await;
    assert_eq!(summit.say(&wrong).await, Reason::WrongToken);
    assert_eq!(summit.letters().await, letters + 1, "another day");
    assert_eq!(summit.say(&private(OLGA, "yes", &format!("confirm {token}"))).await, Reason::Joined);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_read_before_its_command_is_read_again() {
    let mut summit = Summit::new().await;
    let token = summit.ask(OLGA, REJECT).await;
    // The same mails in a database that gets the word first.
    let other = Summit::new().await;
    let (command, word) = (summit.to_list(OLGA, "Re: the sessions", REJECT), format!("confirm {token}"));
    let mut other = Summit { now: summit.now, mails: 9, ..other };
    let early = other.put(&private(OLGA, "yes", &word)).await;
    other.settle().await;
    assert_eq!(other.reason(&early).await, Reason::WrongToken);
    other.mails = 2;
    other.put(&command).await;
    other.settle().await;
    assert_eq!((other.reason(&early).await, other.status(1).await), (Reason::Joined, "rejected".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_may_have_changed_since() {
    let mut summit = Summit::new().await;
    summit.say(&summit.to_list(OLGA, "Re: the sessions", "#session S-1 accept")).await;
    let token = summit.ask(OLGA, "#session S-2 merge S-1\n#session S-2 split").await;
    let other = summit.ask(OLGA, "#session S-2 merge S-1\n#session S-2 split\n#session S-2 split").await;
    summit.later(1);
    assert_eq!(summit.say(&private(OLGA, "yes", &format!("confirm {token}"))).await, Reason::Joined);
    summit.later(1);
    assert_eq!(summit.say(&private(OLGA, "yes", &format!("confirm {other}"))).await, Reason::Joined);
    assert!(summit.last_letter().await.contains("S-2 is not merged into another session."));
}

/// A host at T0 revises her session; before she confirms, she is its host no more, or still is.
#[tokio::test(flavor = "multi_thread")]
async fn a_revision_waits_as_a_whole_and_needs_the_right_still_to_be_there() {
    for (dropped, reason) in [(false, Reason::Joined), (true, Reason::Refused)] {
        let mut summit = Summit::new().await;
        let add = "#session S-1 host add Kurt <kurt@example.org>";
        assert_eq!(summit.say(&summit.to_list("ada@example.org", "Re: x", add)).await, Reason::Joined);
        summit.config.policy.floors = Floors { hosts: Tier::T2, organisers: Tier::T1 };
        let revision = summit.to_list("kurt@example.org", "[TOPIC v2] Console", "With two of them.");
        assert_eq!(summit.say(&revision).await, Reason::AskedFirst);
        let letter = summit.last_letter().await;
        assert!(letter.contains("`revise` of S-1, \"Console\"."), "{letter}");
        let (_, behind) = letter.split_once("    confirm ").unwrap();
        let token = behind.lines().next().unwrap().to_owned();
        if dropped {
            summit.say(&summit.to_list(OLGA, "Re: x", "#session S-1 host drop Kurt")).await;
        }
        summit.later(1);
        assert_eq!(summit.say(&private("kurt@example.org", "yes", &format!("confirm {token}"))).await, reason);
        let log = summit.store.log_all().await.unwrap();
        assert_eq!(log.iter().any(|fact| matches!(fact.change, Change::Revised { .. })), !dropped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registered_address_is_asked_and_the_one_who_wrote_hears_nothing_more() {
    let mut summit = Summit::new().await;
    let letters = summit.letters().await;
    let token = summit.ask("olga@old.example.net", REJECT).await;
    let rows = summit.store.letters(None).await.unwrap();
    let [told, asked] = &rows[letters..] else { panic!("two letters") };
    assert_eq!((told.kind, told.recipients[0].as_str()), (LetterKind::Answer, "olga@old.example.net"));
    assert_eq!((asked.kind, asked.recipients[0].as_str()), (LetterKind::Confirm, OLGA));
    let (_, bytes) = summit.store.letter(told.id).await.unwrap().unwrap();
    let told = String::from_utf8(bytes).unwrap();
    assert!(told.contains("the address that is") && !told.contains(&token) && !told.contains(OLGA), "{told}");
    assert!(!asked.subject.contains(&token), "the outbox does not show the token: {}", asked.subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_too_little_is_asked_and_who_has_no_right_refused() {
    let floors = Floors { hosts: Tier::T1, organisers: Tier::T2 };
    let title = |from: &str, to: &str| {
        format!("From: A <{from}>\nTo: {to}\nSubject: Re: x\n\n#session S-1 title A better one\n#session S-1 attend\n")
    };
    let list = "devel@lists.example.org";
    for (from, to, reason) in [
        ("ada@example.org", list, Reason::Joined),
        ("ada@example.org", "rapporteur@example.org", Reason::Joined),
        (OLGA, list, Reason::Joined),
        ("eve@example.com", list, Reason::Joined),
    ] {
        let mut summit = Summit::new().await;
        summit.config.policy.floors = floors;
        assert_eq!(summit.say(&title(from, to)).await, reason);
        let log = summit.store.log_all().await.unwrap();
        let titled = log.iter().any(|fact| matches!(fact.change, Change::Titled { .. }));
        let letter = summit.last_letter().await;
        let asked = letter.contains("[confirm");
        match (from, to == list) {
            ("ada@example.org", true) => assert!(titled && !asked, "a host at T1"),
            ("eve@example.com", _) => assert!(!titled && !asked && letter.contains("is for a host"), "{letter}"),
            _ => assert!(!titled && asked, "{from} {to}: {letter}"),
        }
        assert!(letter.contains("S-1: you come in person."), "a fact is anybody's, at any tier: {letter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_never_given_up() {
    let mut summit = Summit::new().await;
    for n in 0..7 {
        summit.ask(OLGA, &format!("{REJECT}, reason {n}")).await;
    }
    let rows = summit.store.letters(None).await.unwrap();
    let asked: Vec<_> = rows.iter().filter(|row| row.kind == LetterKind::Confirm).collect();
    let standing: Vec<LetterStatus> = asked.iter().map(|row| row.status).collect();
    use LetterStatus::{Held, Pending};
    assert_eq!(standing, [Pending, Pending, Pending, Pending, Pending, Held, Held]);
    assert!(asked.iter().all(|row| row.due == summit.now), "none waits for its hour");
    let told = rows.iter().filter(|row| row.kind == LetterKind::Undelivered).count();
    assert_eq!(told, 1, "organisers hear of it once a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_private_mail_is_asked_all_the_same_and_told_nothing_else() {
    let mut summit = Summit::new().await;
    assert_eq!(summit.say(&private(OLGA, "stop", "")).await, Reason::Answered);
    let first = summit.letters().await;
    // From the other address of the same person.
    let mail = summit.to_list("olga@old.example.net", "Re: the sessions", "#session S-1 accept\n#session S-9 accept");
    assert_eq!(summit.say(&mail).await, Reason::Joined);
    summit.ask(OLGA, REJECT).await;
    summit.say(&summit.to_list("ada@example.org", "Re: the sessions", "#session S-2 attend")).await;
    let rows = summit.store.letters(None).await.unwrap();
    let told: Vec<_> = rows[first..].iter().map(|row| (row.kind, row.status)).collect();
    use LetterStatus::{Dropped, Pending};
    let (answer, confirm) = (LetterKind::Answer, LetterKind::Confirm);
    assert_eq!(told, [(answer, Dropped), (confirm, Pending), (answer, Pending)], "the last is somebody else's");
}

/// Two programs that answer everything, without a mark that tells what they are.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_not_drawn_into_talk() {
    let mut summit = Summit::new().await;
    summit.ask(OLGA, REJECT).await;
    let mut answered = 0;
    for _ in 0..5 {
        let letter = summit.last_letter().await;
        let header = |name: &str| {
            let unfolded = letter.replace("\n ", " ");
            let line = unfolded.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            line.expect("a header")
        };
        let (subject, id) = (header("Subject: "), header("Message-ID: "));
        let head = format!("In-Reply-To: {id}\nReferences: {id}");
        let answer = private(OLGA, &format!("Re: {subject}"), "We have received your request.\n\nThe team");
        let letters = summit.letters().await;
        summit.say(&format!("{head}\n{answer}")).await;
        answered += summit.letters().await - letters;
    }
    assert_eq!(answered, 1, "the question is explained once");
}

#[tokio::test(flavor = "multi_thread")]
async fn help_is_a_page_of_forty_lines_at_most() {
    let mut summit = Summit::new().await;
    summit.say(&private(OLGA, "Hello", "help")).await;
    let letter = summit.last_letter().await;
    let (_, page) = letter.split_once("\n\n").unwrap();
    let page = page.split("\n-- \n").next().unwrap();
    assert!((25..=40).contains(&page.trim().lines().count()), "{page}");
    assert!(page.lines().all(|line| line.len() <= 72), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_plus_addresses_arrive_the_answer_goes_to_one() {
    let mut summit = Summit::with(true).await;
    let token = summit.ask(OLGA, REJECT).await;
    let header = format!("Reply-To: rapporteur+confirm-{}@example.org\n", token.to_lowercase());
    let letter = summit.last_letter().await;
    assert!(letter.replace("\n ", " ").contains(&header), "{letter}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_not_in_the_tables_that_are_shown() {
    let mut summit = Summit::new().await;
    let token = summit.ask(OLGA, REJECT).await;
    let exported = rapporteur::daemon::replay::export(&summit.store, &summit.config, summit.now).await.unwrap();
    let text = serde_json::to_string(&exported).unwrap();
    assert!(text.contains("please confirm") && !text.contains(&token));
    let mut work = summit.store.begin().await.unwrap();
    assert!(work.waiting(&token).await.unwrap().is_none(), "it is found by its hash");
    work.rollback().await.unwrap();
    assert!(summit.home.path().exists());
}
