//! The program as its users meet it: mails in, letters out, what is known in between.
//!
//! Each folder of `tests/stories` is a story: the script `story.txt` (its steps are in `support/script.rs`), the mails that
//! come (`in/`), the letters that go out, byte for byte (`out/`), how things stand at the end (`state`), and a
//! `rapporteur.toml` where the usual one does not suit. `UPDATE_STORIES=1` rewrites `out/` and `state`: read the diff.
//!
//! Every story is played as it is written, with each mail delivered twice, with CRLF line ends, and on PostgreSQL. Each
//! time the same letters go out and the same is known; a replay finds no difference; and the same mails imported as an
//! archive make the same sessions, and no letter.

#[path = "support/account.rs"]
mod account;
#[path = "support/apt.rs"]
mod apt;
#[path = "support/home.rs"]
mod home;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/script.rs"]
mod script;
#[path = "support/stage.rs"]
mod stage;

use stage::{Manner, play};
use std::fs;
use std::path::{Path, PathBuf};

/// All stories, by name.
fn stories() -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let entries = fs::read_dir(home).expect("the stories").map(|entry| entry.expect("a story").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

/// Plays them all, and then says everything that went wrong.
fn play_all(manner: impl Fn() -> Manner) {
    let only = std::env::var("STORY").unwrap_or_default();
    let mut wrong = Vec::new();
    for folder in stories().iter().filter(|folder| folder.display().to_string().contains(&only)) {
        if let Err(what) = play(folder, &manner()) {
            wrong.push(format!("{}: {what}", folder.file_name().expect("a folder has a name").display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn as_written() {
    play_all(|| Manner { update: std::env::var_os("UPDATE_STORIES").is_some(), ..Manner::default() });
}

#[test]
fn with_every_mail_delivered_twice() {
    play_all(|| Manner { twice: true, ..Manner::default() });
}

#[test]
fn with_the_line_ends_of_the_wire() {
    play_all(|| Manner { crlf: true, ..Manner::default() });
}

#[test]
fn on_postgres() {
    play_all(|| Manner { database: Some(postgres::database()), ..Manner::default() });
}

// The harness itself: what a story does not tell, or tells wrongly, fails it.

/// A story that goes well, in a folder of its own.
fn small_story() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    fs::create_dir(folder.path().join("in")).expect("a directory");
    write("story.txt", "at 2027-05-03T09:00:00Z\ndeliver in/1.eml\npass\nexpect out/1.eml\n");
    write(
        "in/1.eml",
        "From: Ada <ada@example.org>\nTo: devel@lists.example.org\nSubject: [TOPIC] Console\n\
         Message-ID: <console@example.org>\nDate: Mon, 3 May 2027 10:58:00 +0200\n\nOne is not enough.\n",
    );
    play(folder.path(), &Manner { update: true, ..Manner::default() }).expect("it writes what happens");
    play(folder.path(), &Manner::default()).expect("it finds what it wrote");
    folder
}

/// What the story says is wrong with it once a piece of one file is replaced.
fn broken(file: &str, old: &str, new: &str) -> String {
    let folder = small_story();
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("a file of the story");
    assert!(text.contains(old), "{text}");
    fs::write(&path, text.replacen(old, new, 1)).expect("the file");
    play(folder.path(), &Manner::default()).expect_err("a story that is wrong")
}

#[test]
fn a_letter_that_is_not_listed_fails_the_story() {
    let what = broken("story.txt", "expect out/1.eml", "");
    assert!(what.starts_with("at the end: a letter went out that nobody expected:"), "{what}");
    let what = broken("story.txt", "expect out/1.eml", "expect nothing\nexpect out/1.eml");
    assert!(what.starts_with("story.txt:4: a letter went out"), "{what}");
}

#[test]
fn a_letter_that_does_not_go_out_fails_the_story() {
    let what = broken("story.txt", "pass", "");
    assert_eq!(what, "story.txt:4: out/1.eml did not go out");
    let what = broken("story.txt", "expect out/1.eml", "expect 2 letters");
    assert_eq!(what, "story.txt:4: fewer letters went out");
    let what = broken("story.txt", "expect out/1.eml", "tried out/1.eml");
    assert_eq!(what, "story.txt:4: out/1.eml was not tried");
}

#[test]
fn a_changed_byte_fails_the_story() {
    let what = broken("out/1.eml", "Hello Ada", "Hello  Ada");
    assert!(what.contains("out/1.eml") && what.contains("should be: Hello  Ada,\n         is: Hello Ada,"), "{what}");
}

#[test]
fn another_state_fails_the_story() {
    let what = broken("state", "S-1 proposed", "S-1 accepted");
    assert!(what.contains("state:1:") && what.contains("is: S-1 proposed: Console"), "{what}");
}

#[test]
fn a_step_that_is_none_fails_the_story_with_its_line() {
    assert_eq!(broken("story.txt", "pass", "# so\npast"), "story.txt:4: no such step: past");
    assert_eq!(broken("story.txt", "T09", " at 9"), "story.txt:1: no such step: at 2027-05-03 at 9:00:00Z");
    assert!(broken("story.txt", "in/1.eml", "in/2.eml").starts_with("story.txt:2: "));
}
