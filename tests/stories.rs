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
