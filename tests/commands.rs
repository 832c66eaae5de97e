//! The program as it is started from a shell: what a list's maintainer types, and what goes wrong on the way.

#[path = "support/apt.rs"]
mod apt;
#[path = "commands/calendar.rs"]
mod calendar;
#[path = "commands/erase.rs"]
mod erase;
#[path = "commands/forms.rs"]
mod forms;
#[path = "support/program.rs"]
mod program;
#[path = "commands/site/mod.rs"]
mod site;
#[path = "commands/sources.rs"]
mod sources;
#[path = "commands/wiki.rs"]
mod wiki;

use program::{Daemon, NOW, Place, Ran, mail, program, proposal, says};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

impl Ran {
    /// Its complaint, when it ended with that code.
    #[track_caller]
    fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

impl Place {
    fn database(&self) -> PathBuf {
        self.path("summit/rapporteur.db")
    }

    /// The line that a letter asks its recipient for.
    fn asked(&self) -> String {
        let letters = fs::read_dir(self.path("summit/sent/new")).expect("a Maildir");
        let letters = letters.map(|letter| fs::read_to_string(letter.expect("a letter").path()).expect("text"));
        let line =
            |letter: String| letter.lines().find_map(|line| line.strip_prefix("    confirm ").map(str::to_owned));
        format!("confirm {}", letters.filter_map(line).next().expect("a letter that asks"))
    }

    fn deliver(&self, mail: &[u8]) -> Ran {
        let mut child = self.command(&["deliver", "--now", NOW]).stdin(Stdio::piped()).spawn().expect("it starts");
        let mut input = child.stdin.take().expect("a pipe");
        let mail = mail.to_owned();
        // It need not read all of what is too large.
        let feeder = thread::spawn(move || drop(input.write_all(&mail)));
        let output = child.wait_with_output().expect("it ends");
        feeder.join().expect("the feeder ends");
        output.into()
    }

    /// A mail in the Maildir, received now.
    fn put(&self, name: &str, mail: &[u8]) {
        let path = self.path("summit/inbox/new").join(name);
        fs::write(&path, mail).expect("a mail in the Maildir");
        let now: rapporteur::clock::Timestamp = NOW.parse().expect("a time");
        let file = fs::File::options().write(true).open(path).expect("the mail");
        file.set_modified(now.into()).expect("its time");
    }

    /// The number of the configuration's line that holds the text.
    fn line(&self, text: &str) -> usize {
        let config = fs::read_to_string(self.config()).expect("a configuration");
        config.lines().position(|line| line.contains(text)).expect("a line") + 1
    }
}

fn mistake() -> Vec<u8> {
    mail("typo", "Re: [TOPIC] Console", "In-Reply-To: <console@example.org>\n", "#session atend remote")
}

// The ordinary day.

#[test]
fn a_mail_by_pipe_becomes_a_session_and_an_answer() {
    let place = Place::new();
    place.deliver(&proposal()).ok();
    // The MTA was not sure, and delivers it again.
    place.deliver(&proposal()).ok();
    says(&place.run(&["once"]).ok(), &["1 settled, 1 sent"]);
    assert_eq!(place.sent(), 1);
    says(&place.run(&["once"]).ok(), &["0 settled, 0 sent"]);

    says(&place.run(&["sessions"]).ok(), &["S-1", "proposed", "Console", "Ada Lovelace"]);
    assert_eq!(place.json(&["sessions"])[0]["title"], "Console");
    says(&place.run(&["show", "S-1"]).ok(), &["Console", "One console is not enough."]);
    assert_eq!(place.json(&["show", "s1"])["message_id"], "console@example.org");
    says(&place.run(&["status"]).ok(), &["1"]);
    assert!(place.json(&["status"]).is_object());
    says(&place.run(&["replay"]).ok(), &["1 mail replayed, 0 differences found"]);
    says(&place.run(&["show", "S-7"]).fails(2), &["S-7", "S-1"]);
}

#[test]
fn what_came_of_a_session_and_what_was_taken_back_is_shown() {
    let place = Place::new();
    let minutes = std::cell::Cell::new(0);
    let of = |who: &str, id: &str, subject: &str, answers: &str, body: &str| {
        minutes.set(minutes.get() + 1);
        let answers = format!("In-Reply-To: <{answers}@example.org>\n");
        let mail = String::from_utf8(mail(id, subject, &answers, body)).expect("text");
        let mail = mail.replace("Ada Lovelace <ada@", &format!("{who} <{}@", who.to_lowercase()));
        let mail = mail.replace("10:00:00", &format!("10:0{}:00", minutes.get()));
        place.deliver(mail.as_bytes()).ok();
        place.run(&["once"]).ok();
    };
    place.deliver(&proposal()).ok();
    place.run(&["once"]).ok();
    of("Grace", "notes", "[NOTES] Console", "console", "Participants: Ada, Kurt\nDecision: one is enough");
    says(&place.run(&["sessions"]).ok(), &["tentative until 10 May"]);
    says(&place.run(&["show", "S-1"]).ok(), &["Tentative: final on 10 May 2027 if nobody objects"]);
    let later =
        Ran::from(place.command(&["show", "S-1", "--now", "2027-05-10T09:00:00Z"]).output().expect("it starts"));
    says(&later.ok(), &["final since 10 May 2027"]);

    of("Kurt", "no", "Re: [NOTES] Console", "notes", "#session object we said two");
    says(&place.run(&["sessions"]).ok(), &["disputed"]);
    says(&place.run(&["show", "S-1"]).ok(), &["Disputed by Kurt: we said two", "objection of Kurt"]);

    of("Kurt", "yes", "Re: [NOTES] Console", "notes", "#session undo <no@example.org>\n#session host me");
    let shown = place.run(&["show", "S-1"]).ok();
    says(&shown, &["Tentative", "objection of Kurt (undone)", "taken back: <no@example.org>", "Claimed by", "Kurt"]);

    of("Olga", "serial", "[TOPIC] Serial ports", "nothing", "Do we need them?");
    of("Olga", "merge", "Re: [TOPIC] Serial ports", "serial", "Attend: yes\n#session merge S-1");
    let confirm = String::from_utf8(mail("word", "Yes", "", &place.asked())).expect("text");
    let confirm = confirm.replace("devel@", "rapporteur@").replace("Ada Lovelace <ada@", "Olga <olga@");
    place.deliver(confirm.as_bytes()).ok();
    place.run(&["once"]).ok();
    says(&place.run(&["show", "S-2"]).ok(), &["Part of", "S-1"]);
    says(&place.run(&["show", "S-1"]).ok(), &["With", "S-2", "Attendance", "Olga"]);
    assert_eq!(place.json(&["show", "S-1"])["parts"], serde_json::json!(["S-2"]));

    of("Ada", "back", "Re: [TOPIC] Console", "console", "#session undo <console@example.org>");
    says(&place.run(&["sessions"]).ok(), &["undone"]);
    says(&place.run(&["show", "S-1"]).ok(), &["Undone by", "back@example.org", "proposed by Ada Lovelace (undone)"]);
}

#[test]
fn an_import_is_safe_to_repeat_and_an_export_carries_everything_over() {
    let place = Place::new();
    fs::create_dir(place.path("archive")).expect("a directory");
    fs::write(place.path("archive/1.eml"), proposal()).expect("a file");
    let reply = mail("r1", "Re: [TOPIC] Console", "In-Reply-To: <console@example.org>\n", "+1\n\n>From the back row");
    fs::write(place.path("archive/2.eml"), reply).expect("a file");
    says(&place.run(&["import", "archive"]).ok(), &["2 mails read, 2 of them new. Nothing was sent."]);
    says(&place.run(&["import", "archive"]).ok(), &["2 mails read, 0 of them new."]);
    says(&place.run(&["once"]).ok(), &["0 settled, 0 sent"]);
    assert_eq!(place.sent(), 0);

    let export: Value = serde_json::from_str(&place.run(&["export", "json"]).ok()).expect("JSON");
    assert_eq!(export["summits"][0]["sessions"][0]["interest"].as_array().map(Vec::len), Some(1));
    let other = Place::new();
    fs::write(other.path("all.mbox"), place.run(&["export", "mbox"]).ok()).expect("a file");
    says(&other.run(&["import", "all.mbox"]).ok(), &["2 mails read, 2 of them new."]);
    assert_eq!(other.json(&["sessions"]), place.json(&["sessions"]));
    says(&other.run(&["replay"]).ok(), &["0 differences"]);
}

#[test]
fn explain_needs_no_configuration_for_a_file_and_finds_a_mail_by_its_id() {
    let place = Place::new();
    fs::write(place.path("one.eml"), proposal()).expect("a file");
    let alone = program(&["explain", "one.eml"]).current_dir(place.0.path()).output().expect("it starts");
    says(&Ran::from(alone).ok(), &["proposal", "Console"]);

    place.deliver(&mistake()).ok();
    place.run(&["once"]).ok();
    says(&place.run(&["explain", "<typo@example.org>"]).ok(), &["#session atend remote", "Did you mean `attend`?"]);
    assert!(place.json(&["explain", "typo@example.org"]).is_object());
    says(&place.run(&["explain", "<nobody@example.org>"]).fails(2), &["no such mail has arrived"]);
}

#[test]
fn a_dry_run_of_a_digest_shows_it_and_writes_nothing() {
    let place = Place::new();
    place.deliver(&proposal()).ok();
    place.run(&["once"]).ok();
    let before = place.run(&["export", "json"]).ok();
    says(&place.run(&["digest", "proposals", "--dry-run"]).ok(), &["1 session proposed, a new one", "S-1"]);
    assert_eq!(place.run(&["export", "json"]).ok(), before);
    place.run(&["once"]).ok();
    assert_eq!(place.sent(), 1);

    says(&place.run(&["digest", "proposals"]).ok(), &["Queued"]);
    place.run(&["once"]).ok();
    assert_eq!(place.sent(), 2);
    says(&place.run(&["digest", "proposals"]).ok(), &["Nothing to say"]);
}

#[test]
fn letters_can_be_held_released_and_dropped() {
    let place = Place::new();
    place.edit("hold = false", "hold = true");
    place.deliver(&proposal()).ok();
    place.run(&["once"]).ok();
    assert_eq!(place.sent(), 0);
    let letters = place.json(&["outbox", "list"]);
    assert_eq!((&letters[0]["id"], &letters[0]["status"]), (&Value::from(1), &Value::from("held")));
    says(&place.run(&["outbox", "show", "1"]).ok(), &["Hello Ada Lovelace", "S-1"]);

    let text = place.path("text");
    std::fs::write(&text, "Hello Ada,\n\n    #session withdraw\nwe know of it.\n").unwrap();
    says(&place.run(&["outbox", "edit", "1", text.to_str().unwrap()]).ok(), &["held with its new text"]);
    let shown = place.run(&["outbox", "show", "1"]).ok();
    says(&shown, &["Re: ", "Hello Ada,", "we know of it."]);
    assert!(!shown.contains("is recorded as"), "{shown}");
    std::fs::write(&text, " \n").unwrap();
    says(&place.run(&["outbox", "edit", "1", text.to_str().unwrap()]).fails(2), &["is empty", "outbox drop"]);

    place.run(&["outbox", "release", "1"]).ok();
    says(&place.run(&["outbox", "edit", "1", "missing"]).fails(1), &["missing can't be read"]);
    place.run(&["outbox", "hold", "1"]).ok();
    place.run(&["once"]).ok();
    assert_eq!(place.sent(), 0);
    place.run(&["outbox", "release", "--all"]).ok();
    place.run(&["once"]).ok();
    assert_eq!(place.sent(), 1);
    says(&place.run(&["outbox", "drop", "1"]).fails(1), &["letter 1 is sent", "held"]);

    says(&place.run(&["digest", "proposals"]).ok(), &["Queued"]);
    place.run(&["outbox", "drop", "2"]).ok();
    place.run(&["once"]).ok();
    assert_eq!(place.sent(), 1);
    says(&place.run(&["outbox", "show", "9"]).fails(2), &["no letter 9", "outbox list"]);
    says(&place.run(&["outbox", "list", "--status", "lost"]).fails(2), &["`lost`", "pending, sending, sent"]);
}

// What goes wrong before anything has begun.

#[test]
fn a_mistake_in_the_configuration_is_named_with_file_line_and_fix() {
    let mistakes = [
        ("poll_seconds = 30", "pol_seconds = 30", ["pol_seconds", "poll_seconds"]),
        ("zone = \"Europe/Budapest\"", "zone = \"Europe/Buda\"", ["`Europe/Buda` is not a time zone", "IANA name"]),
        ("[\"olga@example.org\"]", "[\"olga at example.org\"]", ["olga at example.org", "one plain address"]),
        ("path = \"inbox\"", "path = \"inbocks\"", ["inbocks does not exist", "mkdir -p"]),
        (
            "proposal_digest = \"Mon 09:00\"",
            "proposal_digest = \"Mo 9\"",
            ["`Mo 9` is not a digest time", "daily 18:30"],
        ),
        ("[[summit]]", "[[summit]", ["]", "rapporteur.example.toml"]),
    ];
    for (right, wrong, pieces) in mistakes {
        let place = Place::new();
        place.edit(right, wrong);
        let line = format!("{}:{}: ", place.config().display(), place.line(wrong));
        for command in ["once", "check", "run", "sessions"] {
            let complaint = place.run(&[command]).fails(2);
            says(&complaint, &[&line, "\n  fix: "]);
            says(&complaint, &pieces);
        }
        // The mail waits in the MTA, or in the Maildir, until the mistake is mended.
        assert_ne!(place.deliver(&proposal()).code, Some(0));
        place.edit(wrong, right);
        says(&place.run(&["status", "--json"]).ok(), &["{"]);
    }
}

#[test]
fn without_a_configuration_it_says_where_it_looked() {
    let nowhere = tempfile::tempdir().expect("a temporary directory");
    let ran = |args: &[&str]| Ran::from(program(args).current_dir(nowhere.path()).output().expect("it starts"));
    says(&ran(&["once"]).fails(2), &["no configuration", "./rapporteur.toml", "/etc/rapporteur", "init", "--config"]);
    says(&ran(&["once", "--config", "gone.toml"]).fails(2), &["gone.toml", "check the path"]);
    says(&ran(&["onec"]).fails(2), &["onec", "once"]);
}

#[test]
fn init_overwrites_nothing() {
    let place = Place::new();
    let before = fs::read_to_string(place.config()).expect("a configuration");
    let dir = place.path("summit").display().to_string();
    let again = ["init", &dir, "--name", "Another", "--list", "other@lists.example.org"];
    let again = Ran::from(program(&again).output().expect("it starts"));
    says(&again.fails(1), &["is there already", "fix: "]);
    assert_eq!(fs::read_to_string(place.config()).expect("a configuration"), before);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_not_touched() {
    use sqlx::Connection;
    let place = Place::new();
    place.deliver(&proposal()).ok();
    let address = format!("sqlite:{}", place.database().display());
    let mut database = sqlx::SqliteConnection::connect(&address).await.expect("the database");
    sqlx::query("UPDATE meta SET value = '99' WHERE key = 'version'").execute(&mut database).await.expect("an update");
    database.close().await.expect("closed");
    says(&place.run(&["once"]).fails(1), &["version 99", "newer rapporteur", "nothing was changed"]);
    says(&place.deliver(&mistake()).fails(75), &["the mail was not taken", "version 99"]);

    let mut database = sqlx::SqliteConnection::connect(&address).await.expect("the database");
    sqlx::query("UPDATE meta SET value = '1' WHERE key = 'version'").execute(&mut database).await.expect("an update");
    database.close().await.expect("closed");
    says(&place.run(&["once"]).ok(), &["1 settled, 1 sent"]);
}

#[test]
fn a_mail_that_cannot_be_taken_stays_with_the_mta() {
    let place = Place::new();
    fs::remove_file(place.database()).expect("a database");
    fs::create_dir(place.database()).expect("a directory");
    says(&place.deliver(&proposal()).fails(75), &["the mail was not taken", "rapporteur.db"]);
    says(&place.run(&["once"]).fails(1), &["rapporteur.db"]);
    says(&place.run(&["check"]).out, &["rapporteur.db", "fix: "]);
}

// Who is believed.

#[test]
fn check_says_what_the_mailbox_can_prove_and_explain_what_a_mail_proves() {
    let place = Place::new();
    let set = |trust: &str| {
        let config = fs::read_to_string(place.config()).expect("a configuration");
        let (above, below) = config.split_once("[trust]\n").expect("a table");
        let (_, below) = below.split_once("\n\n").expect("what follows");
        fs::write(place.config(), format!("{above}[trust]\n{trust}\n\n{below}")).expect("a configuration");
    };
    let proven =
        [b"Authentication-Results: mx.example.net; dmarc=pass header.from=example.org\n", &proposal()[..]].concat();
    place.deliver(&proven).ok();
    place.run(&["once"]).ok();

    let said = place.run(&["check"]).out;
    says(&said, &["warning: trust: hosts are believed", "note: trust: no mail can prove its author here: organisers"]);
    says(&place.run(&["explain", "console@example.org"]).ok(), &["Trust", "T1: it came through a watched list"]);

    set("authserv_ids = [\"mx.example.nett\"]\norganisers = \"list\"");
    let said = place.run(&["check"]).out;
    says(
        &said,
        &["hosts and organisers are believed", "none of the last 1 mail has", "mx.example.nett", "mx.example.net,"],
    );
    assert!(!said.contains("note: trust"), "{said}");

    set("authserv_ids = [\"mx.example.net\"]\nhosts = \"authenticated\"");
    let said = place.run(&["check"]).out;
    assert!(!said.contains(": trust: "), "{said}");
    says(&place.run(&["explain", "console@example.org"]).ok(), &["Trust", "T2: mx.example.net says dmarc=pass"]);
    let author = place.json(&["explain", "console@example.org"])["author"].take();
    assert_eq!((&author["trust"], &author["trust_reason"]), (&"T2".into(), &"mx.example.net says dmarc=pass".into()));

    set("verify_signatures = false\nsealers = [\"lists.example.org\"]");
    says(&place.run(&["check"]).fails(2), &["`sealers` says nothing", "fix: "]);
}

// What goes wrong on the way.

#[test]
fn an_unreadable_entry_of_a_maildir_is_named_and_keeps_no_other_mail() {
    let place = Place::new();
    fs::create_dir(place.path("summit/inbox/new/100.directory")).expect("a directory");
    std::os::unix::fs::symlink("/nonexistent/mail", place.path("summit/inbox/cur/101.link:2,S")).expect("a link");
    place.put("102.mail", &proposal());
    let ran = place.run(&["once"]);
    says(&ran.out, &["1 mail fetched, 1 settled, 1 sent."]);
    says(&ran.fails(3), &["101.link", "cannot be read"]);
    let ran = place.run(&["once"]);
    says(&ran.out, &["0 mails fetched, 0 settled, 0 sent."]);
}

#[test]
fn mails_beyond_measure_are_kept_out_of_the_way() {
    let place = Place::new();
    let mut huge = mail("huge", "[TOPIC] Huge", "", "");
    huge.resize(60 << 20, b'x');
    place.put("1.huge", &huge);
    place.put("2.empty", b"");
    place.put("3.noise", &[0, 255, 13, 10, 27, 128]);
    place.put("4.mail", &proposal());
    place.deliver(&huge).ok();
    says(&place.run(&["once"]).ok(), &["5 settled"]);
    assert_eq!(place.json(&["sessions"]).as_array().map(Vec::len), Some(1));
    let quarantined = place.json(&["quarantine", "list"]);
    assert_eq!(quarantined[0]["reason"], "too-large", "{quarantined}");

    // Reading it again ends the same, and the queue goes on.
    let id = quarantined[0]["id"].to_string();
    says(&place.run(&["quarantine", "retry", &id]).ok(), &["read again at the next pass"]);
    says(&place.run(&["once"]).ok(), &["1 settled"]);
    assert_eq!(place.json(&["quarantine", "list"])[0]["reason"], "too-large");
    says(&place.run(&["quarantine", "retry", "99"]).fails(2), &["99", "quarantine list"]);
    says(&place.run(&["replay"]).ok(), &["0 differences"]);
}

#[test]
fn a_truncated_mbox_is_read_as_far_as_it_goes() {
    let place = Place::new();
    let mut mbox = b"From ada@example.org Mon May  3 08:00:00 2027\n".to_vec();
    mbox.extend(proposal());
    mbox.extend(b"\nFrom ada@example.org Mon May  3 08:01:00 2027\n");
    mbox.extend(&mail("cut", "[TOPIC] Cut", "", "It ends in the midd")[..120]);
    fs::write(place.path("cut.mbox"), mbox).expect("a file");
    fs::write(place.path("empty.mbox"), "").expect("a file");
    let ran = place.run(&["import", "cut.mbox"]);
    says(&ran.out, &["1 mail read, 1 of them new."]);
    says(&ran.fails(3), &["`cut.mbox` ends in the middle of a line", "cut.mbox:236", "fetch the file again"]);
    assert_eq!(place.json(&["sessions"])[0]["title"], "Console");
    says(&place.run(&["import", "empty.mbox"]).fails(3), &["`empty.mbox` is empty", "fetch it again"]);
    says(&place.run(&["import", "gone.mbox"]).fails(3), &["gone.mbox"]);
}

// The daemon.

#[test]
fn the_daemon_works_alone_and_stops_when_it_is_asked_to() {
    let place = Place::new();
    place.put("1.mail", &proposal());
    let mut daemon = Daemon::start(&place);
    daemon.says("delivered");
    assert_eq!(place.sent(), 1);
    for command in [&["once"][..], &["run"], &["import", "summit/inbox"]] {
        // With the machine's own clock: by another the daemon's claim would have run out.
        let second = Ran::from(place.command(command).output().expect("it starts"));
        says(&second.fails(1), &["rapporteur.toml", &format!("process {} on", daemon.id())]);
    }
    // Looking, and taking in, are always possible.
    says(&place.run(&["sessions"]).ok(), &["S-1"]);
    place.deliver(&mistake()).ok();
    daemon.says("settled");

    let (code, took) = daemon.stop();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    says(&Ran::from(place.command(&["once"]).output().expect("it starts")).ok(), &["0 settled"]);
    says(&place.run(&["replay"]).ok(), &["0 differences"]);
}

#[test]
fn after_a_kill_the_next_one_goes_on_at_once() {
    let place = Place::new();
    place.put("1.mail", &proposal());
    let mut killed = Daemon::start(&place);
    killed.says("delivered");
    killed.signal("KILL");
    place.deliver(&mistake()).ok();
    // Nobody has asked for its exit code yet: a zombie holds nothing.
    says(&Ran::from(place.command(&["once"]).output().expect("it starts")).ok(), &["1 settled"]);
    says(&place.run(&["replay"]).ok(), &["0 differences"]);
}

#[test]
fn the_demo_goes_by_and_leaves_something_to_look_at() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let demo = dir.path().join("demo");
    let run = |args: &[&str]| Ran::from(program(args).current_dir(dir.path()).output().expect("it starts"));
    says(&run(&["demo"]).ok(), &["S-1", "Next, try:", "answered privately"]);
    says(&run(&["demo"]).ok(), &["holds an earlier demo"]);
    let config = demo.join("rapporteur.toml").display().to_string();
    says(&run(&["--config", &config, "replay"]).ok(), &["0 differences"]);
    assert!(is_maildir(&demo.join("sent")));
}

fn is_maildir(path: &Path) -> bool {
    path.join("new").is_dir() && path.join("cur").is_dir()
}
