//! The documents say what the program does: commands, settings, tables and fields are held against it.

use rapporteur::config::{Config, TransportConfig};
use rapporteur::grammar::{Host, Level, Mode, SessionRef, Slot, Want};
use rapporteur::mail::Person;
use rapporteur::session::roles::{Role, needed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

// The example configuration.

/// A directory in which the example's mailboxes exist.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for part in ["inbox/new", "inbox/cur", "inbox/tmp", "sent/new", "sent/cur", "sent/tmp"] {
        fs::create_dir_all(home.path().join(part)).unwrap();
    }
    home
}

fn parsed(home: &TempDir, text: &str) -> Config {
    Config::parse(&home.path().join("rapporteur.toml"), text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The paragraphs of the example, and whether each shows another way to write the one table `[transport]`.
fn example() -> (String, Vec<String>) {
    let (others, body): (Vec<String>, Vec<String>) = text("rapporteur.example.toml")
        .split("\n\n")
        .map(str::to_owned)
        .partition(|paragraph| paragraph.lines().any(|line| line == "#[transport]"));
    (body.join("\n\n"), others)
}

/// Takes the `#` from the lines that show a default.
fn uncommented(text: &str) -> String {
    let shows_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    let plain = |line: &str| if shows_setting(line) { line[1..].to_owned() } else { line.to_owned() };
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_defaults_in_the_example_are_the_programs() {
    let home = home();
    let (example, _) = example();
    let as_it_stands = parsed(&home, &example);
    let spelled_out = parsed(&home, &uncommented(&example));
    assert_eq!(format!("{as_it_stands:#?}"), format!("{spelled_out:#?}"));
    assert_ne!(uncommented(&example), example, "the example shows defaults");
}

#[test]
fn the_other_transports_in_the_example_work_and_show_their_defaults() {
    let home = home();
    let (example, others) = example();
    let with = |transport: &str| {
        let body = example.replace("[transport]\nkind = \"maildir\"\npath = \"sent\"", transport);
        parsed(&home, &body).transport
    };
    let [sendmail, smtp] = others.as_slice() else { panic!("sendmail and SMTP") };
    assert_eq!(with(&uncommented(sendmail)), with("[transport]\nkind = \"sendmail\""));
    let TransportConfig::Smtp(shown) = with(&uncommented(smtp)) else { panic!("SMTP") };
    let TransportConfig::Smtp(least) = with("[transport]\nkind = \"smtp\"\nhost = \"smtp.example.org\"") else {
        panic!("SMTP")
    };
    assert_eq!((shown.port(), shown.tls, &shown.host), (least.port(), least.tls, &least.host));
}

#[test]
fn the_example_names_every_setting() {
    let home = home();
    let (example, _) = example();
    let all = text("rapporteur.example.toml");
    // An unknown setting is refused with the names of all that are known: that is the list.
    let smtp = "[transport]\nkind = \"smtp\"\nhost = \"smtp.example.org\"";
    let places = [
        ("# Every setting of Rapporteur.", String::new()),
        ("\n[[mailbox]]\n", "\n[[mailbox]]\n".into()),
        ("\n[[list]]\n", "\n[[list]]\n".into()),
        ("\n[[summit]]\n", "\n[[summit]]\n".into()),
        ("[transport]\nkind = \"maildir\"\npath = \"sent\"", format!("{smtp}\n")),
    ];
    let mut known = BTreeSet::new();
    for (place, before) in places {
        let broken = example.replacen(place, &format!("{before}colour = \"green\"\n"), 1);
        let error = Config::parse(&home.path().join("rapporteur.toml"), &broken).unwrap_err().to_string();
        let (_, expected) = error.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
        let names = expected.lines().next().unwrap_or_default();
        known.extend(names.split(", ").map(|name| name.trim_matches('`').to_owned()));
    }
    assert!(known.len() > 30, "{known:?}");
    let missing: Vec<&String> = known
        .iter()
        .filter(|name| !all.contains(&format!("{name} = ")) && !all.contains(&format!("[{name}]")))
        .collect();
    assert!(missing.is_empty(), "rapporteur.example.toml does not explain {missing:?}");
    let reference = text("docs/operating.md");
    let missing: Vec<&String> = known.iter().filter(|name| !reference.contains(&format!("`{name}"))).collect();
    assert!(missing.is_empty(), "docs/operating.md does not explain {missing:?}");
}

#[test]
fn an_unknown_setting_is_refused_with_its_line() {
    let home = home();
    let (example, _) = example();
    let broken = example.replace("kind = \"maildir\"\npath = \"inbox\"", "kind = \"maildir\"\npath = \"inbox\"\nflag = true");
    let line = broken.lines().position(|line| line == "flag = true").unwrap() + 1;
    let error = Config::parse(&home.path().join("rapporteur.toml"), &broken).unwrap_err().to_string();
    assert!(error.contains(&format!("rapporteur.toml:{line}: ")) && error.contains("`flag`"), "{error}");
    assert!(error.contains("fix: "), "{error}");
}
