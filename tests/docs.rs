//! The documents say what the program does: commands, settings, tables and fields are held against it.

use rapporteur::config::{Config, TransportConfig};
use rapporteur::grammar::{Host, Level, Mode, Scope, SessionRef, Slot, Want};
use rapporteur::mail::Person;
use rapporteur::session::rights::{Floors, RIGHTS, Right, Roles, Tier, Verdict, right};
use serde_json::Value;
use std::collections::BTreeSet;
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

/// The example without its paragraphs that show another way to write a table, and those.
fn example() -> (String, Vec<String>) {
    let is_another = |line: &str| ["#[transport]", "#[[mailbox]]"].contains(&line);
    let (others, body): (Vec<String>, Vec<String>) = text("rapporteur.example.toml")
        .split("\n\n")
        .map(str::to_owned)
        .partition(|paragraph| paragraph.lines().any(is_another));
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
    let (example, mut others) = example();
    others.retain(|paragraph| paragraph.contains("#[transport]"));
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
    assert_eq!(shown.server, least.server);
}

#[test]
fn the_imap_mailbox_in_the_example_works_and_shows_its_defaults() {
    let home = home();
    let (example, others) = example();
    let shown = others.iter().find(|paragraph| paragraph.contains("#kind = \"imap\"")).expect("one with IMAP");
    let last = |mailbox: &str| parsed(&home, &format!("{example}\n\n{mailbox}")).mailboxes.pop().expect("a mailbox");
    assert_eq!(last(&uncommented(shown)), last("[[mailbox]]\nkind = \"imap\"\nhost = \"imap.example.org\""));
}

#[test]
fn the_example_names_every_setting() {
    let home = home();
    let (example, _) = example();
    let all = text("rapporteur.example.toml");
    // An unknown setting is refused with the names of all that are known: that is the list.
    let smtp = "[transport]\nkind = \"smtp\"\nhost = \"smtp.example.org\"";
    let web = "\n[web]\ncolour = \"green\"\n\n[[list]]\n";
    let imap = "\n[[mailbox]]\nkind = \"imap\"\nhost = \"imap.example.org\"\ncolour = \"green\"\n\n[[list]]\n";
    let places = [
        ("# Every setting of Rapporteur.", String::new()),
        ("\n[[mailbox]]\n", "\n[[mailbox]]\n".into()),
        ("\n[[list]]\n", imap.into()),
        ("\n[[list]]\n", web.into()),
        ("\n[[list]]\n", "\n[[list]]\n".into()),
        ("\n[trust]\n", "\n[trust]\n".into()),
        ("\n[[summit]]\n", "\n[[summit]]\n".into()),
        ("[transport]\nkind = \"maildir\"\npath = \"sent\"", format!("{smtp}\n")),
    ];
    let mut known = BTreeSet::new();
    for (place, before) in places {
        let broken = example.replacen(place, &format!("{before}colour = \"green\"\n"), 1);
        let error = Config::parse(&home.path().join("rapporteur.toml"), &broken).unwrap_err().to_string();
        let (_, expected) = error.split_once("expected ").unwrap_or_else(|| panic!("{error}"));
        let names = expected.lines().next().unwrap_or_default();
        known.extend(names.split('`').skip(1).step_by(2).map(str::to_owned));
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
    let broken =
        example.replace("kind = \"maildir\"\npath = \"inbox\"", "kind = \"maildir\"\npath = \"inbox\"\nflag = true");
    let line = broken.lines().position(|line| line == "flag = true").unwrap() + 1;
    let error = Config::parse(&home.path().join("rapporteur.toml"), &broken).unwrap_err().to_string();
    assert!(error.contains(&format!("rapporteur.toml:{line}: ")) && error.contains("`flag`"), "{error}");
    assert!(error.contains("fix: "), "{error}");
}

// The commands.

/// Runs the program in a directory; the words are the shell's, with quotes.
fn run(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rapporteur"))
        .args(words)
        .current_dir(dir)
        .env_remove("RAPPORTEUR_LOG")
        .output()
        .expect("the program starts")
}

fn works(dir: &Path, words: &[&str]) -> String {
    let output = run(dir, words);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "rapporteur {}: {}\n{out}\n{err}", words.join(" "), output.status);
    out.into_owned()
}

/// A demo that has been played once, for all tests: its directory and what it printed.
fn demo() -> &'static (TempDir, String) {
    static DEMO: OnceLock<(TempDir, String)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let said = works(home.path(), &["demo"]);
        (home, said)
    })
}

/// The blocks of a document that are fenced with this word.
fn fenced(document: &str, word: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let (mut inside, mut wanted) = (false, false);
    for line in document.lines() {
        if let Some(rest) = line.strip_prefix("```") {
            inside = !inside;
            wanted = inside && rest == word;
            if wanted {
                blocks.push(String::new());
            }
        } else if wanted {
            let block = blocks.last_mut().unwrap();
            block.push_str(line);
            block.push('\n');
        }
    }
    blocks
}

/// Splits a command line as a shell does: blanks, and quotes that keep them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Every line of a document's shell blocks that calls the program, without its name.
fn commands(document: &str) -> Vec<Vec<String>> {
    let blocks = ["sh", "console"].iter().flat_map(|word| fenced(document, word)).collect::<Vec<_>>();
    let lines = blocks.iter().flat_map(|block| block.lines()).map(str::to_owned).collect::<Vec<_>>();
    lines.iter().filter_map(|line| line.strip_prefix("rapporteur ")).map(words).collect()
}

#[test]
fn the_quick_start_is_two_commands() {
    let blocks = fenced(&text("README.md"), "sh");
    assert_eq!(blocks[0], "cargo run --release -- demo\ncargo test\n");
    assert!(text(".ci/run").lines().any(|line| line == "step cargo test"), "CI runs README's test command");
}

#[test]
fn what_the_demo_suggests_to_try_works() {
    let (home, said) = demo();
    let (_, next) = said.split_once("Next, try:\n").unwrap_or_else(|| panic!("{said}"));
    let mut tried = 0;
    // Each line begins with the program as it was called.
    for (_, line) in next.lines().filter_map(|line| line.split_once("rapporteur ")) {
        let words = words(line);
        works(home.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        tried += 1;
    }
    assert_eq!(tried, 3, "{next}");
}

#[test]
fn the_demo_follows_from_its_mail_alone() {
    let (home, _) = demo();
    let letters = || works(home.path(), &["--config", "demo/rapporteur.toml", "outbox", "list"]);
    let before = letters();
    let said = works(home.path(), &["--config", "demo/rapporteur.toml", "replay"]);
    assert!(said.contains("28 mails replayed, 0 differences"), "{said}");
    assert_eq!(letters(), before, "a replay sends nothing");
}

#[test]
fn the_pieces_in_readme_are_the_demos() {
    let (_, said) = demo();
    let spoken: BTreeSet<&str> = said.lines().map(str::trim_end).collect();
    let blocks = fenced(&text("README.md"), "text");
    assert_eq!(blocks.len(), 1);
    for line in blocks.iter().flat_map(|block| block.lines()) {
        assert!(spoken.contains(line), "the demo does not say: {line}");
    }
}

#[test]
fn the_mails_in_readme_are_understood() {
    let home = tempfile::tempdir().unwrap();
    let mut kinds = Vec::new();
    for (number, mail) in fenced(&text("README.md"), "mail").iter().enumerate() {
        let file = home.path().join(format!("{number}.eml"));
        fs::write(&file, format!("From: Ada <ada@example.org>\nMessage-ID: <{number}@example.org>\n{mail}")).unwrap();
        let said = works(home.path(), &["explain", "--json", file.to_str().unwrap()]);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["complaints"], serde_json::json!([]), "{said}");
        kinds.push(said["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds, ["proposal", "reply", "outcome"]);
}

/// The commands of a real start, one after the other; only `run` would not end.
#[test]
fn a_real_list_is_started_as_readme_says() {
    let home = tempfile::tempdir().unwrap();
    let (demo, _) = demo();
    let archive = works(demo.path(), &["--config", "demo/rapporteur.toml", "export", "mbox"]);
    fs::write(home.path().join("archive.mbox"), archive).unwrap();
    let mut dir = home.path().to_owned();
    let mut done = Vec::new();
    for words in commands(&text("README.md")) {
        if words == ["run"] {
            continue;
        }
        works(&dir, &words.iter().map(String::as_str).collect::<Vec<_>>());
        if words[0] == "init" {
            dir.push(&words[1]);
        }
        done.push(words[0].clone());
    }
    assert_eq!(done, ["init", "check", "import", "sessions", "digest"]);
    assert_eq!(works(&dir, &["outbox", "list"]).trim(), "No letters.", "an import sends nothing");
}

#[test]
fn the_commands_in_the_operators_guide_work() {
    let home = tempfile::tempdir().unwrap();
    let (demo, _) = demo();
    let archive = works(demo.path(), &["--config", "demo/rapporteur.toml", "export", "mbox"]);
    let packed = home.path().join("archive.mbox.gz");
    fs::write(&packed, archive).unwrap();
    works(home.path(), &["init", ".", "--name", "A summit", "--list", "xen-devel@lists.example.org"]);
    works(home.path(), &["once", "--now", "2027-01-05T00:00:00Z"]);
    let all = commands(&text("docs/operating.md"));
    assert!(all.len() > 10, "{all:?}");
    for words in all {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words[0] == "outbox" && words.len() == 3 && words[1] == "show" {
            let said = run(home.path(), &words);
            assert_eq!(said.status.code(), Some(2), "there is no such letter here, which is said: {words:?}");
            continue;
        }
        works(home.path(), &words);
    }
}

// The tables and fields.

/// The rows below a heading of a document: the code words of their first two cells, the others as they are.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, below) = document.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let lines = below.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let lines = lines.take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    lines.map(cells).collect()
}

/// One of each. The match has no other arm, so a new want has to be put here, and then into the document.
fn wants() -> Vec<Want> {
    let slot = || Slot { room: Some("A".into()), ..Slot::default() };
    let all = vec![
        Want::Interest(Level::Yes),
        Want::Attend { mode: Mode::Remote, note: None },
        Want::Scribe(None),
        Want::Refer("https://example.org/".into()),
        Want::Suggest("a break".into()),
        Want::Title("A better one".into()),
        Want::AddHost(Host { person: Person::named("Ada"), affiliation: None }),
        Want::DropHost(Person::named("Ada")),
        Want::Slot(slot()),
        Want::Cancel,
        Want::Track("Tools".into()),
        Want::Withdraw { why: None },
        Want::Reopen,
        Want::Accept,
        Want::Reject { why: None },
        Want::Merge(SessionRef::Number(2)),
        Want::Split,
        Want::ProposeParent { title: None },
        Want::NotesParent(SessionRef::Number(2)),
        Want::ActionDone(1),
        Want::Undo(SessionRef::Url("https://example.org/1".into())),
        Want::Object { why: None },
        Want::Settle { how: None },
        Want::ClaimHost,
        Want::Subscribe(Scope::Here),
        Want::Unsubscribe(Scope::All),
    ];
    all.iter().for_each(|want| match want {
        Want::Interest(_) | Want::Attend { .. } | Want::Scribe(_) | Want::Refer(_) | Want::Suggest(_) => {}
        Want::Title(_) | Want::AddHost(_) | Want::DropHost(_) | Want::Slot(_) | Want::Cancel | Want::Track(_) => {}
        Want::Withdraw { .. } | Want::Reopen | Want::Accept | Want::Reject { .. } | Want::Merge(_) | Want::Split => {}
        Want::ProposeParent { .. } | Want::NotesParent(_) | Want::ActionDone(_) | Want::ClaimHost => {}
        Want::Undo(_) | Want::Object { .. } | Want::Settle { .. } | Want::Subscribe(_) | Want::Unsubscribe(_) => {}
    });
    all
}

/// A verb's row, with what a configuration without `[trust]` asks for.
fn row_of_rights(right: &Right) -> String {
    let nobody = Roles::default();
    let (author, host) = (Roles { author: true, ..nobody }, Roles { host: true, ..nobody });
    let cells = [nobody, author, host, Roles { organiser: true, ..nobody }].map(|roles| {
        let verdict = |tier: &Tier| right.verdict(roles, *tier, Floors::default());
        let tiers = [Tier::T0, Tier::T1, Tier::T2, Tier::T3];
        match (verdict(&Tier::T0), tiers.iter().find(|tier| verdict(tier) == Verdict::Done)) {
            (Verdict::Refused(_), _) => "refused".to_owned(),
            (Verdict::Done, _) => "done".to_owned(),
            (Verdict::AskFirst, Some(Tier::T3) | None) => "asked first".to_owned(),
            (Verdict::AskFirst, Some(tier)) => format!("from `{tier:?}`"),
        }
    });
    format!("| `{}` | {} |", right.verb, cells.join(" | "))
}

#[test]
fn the_table_of_verbs_is_the_programs() {
    let known: Vec<String> = RIGHTS.iter().map(row_of_rights).collect();
    let document = text("docs/operating.md");
    let (_, section) = document
        .split_once(
            "| verb | anyone on the list | the author of what it is about | a host of the session | an organiser |",
        )
        .unwrap();
    let written: Vec<&str> = section.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert!(written == known, "docs/operating.md should have these rows:\n{}", known.join("\n"));
    // Each verb of the grammar has a row, or this panics.
    wants().iter().for_each(|want| assert_eq!(right(want.verb()).verb, want.verb()));
}

/// The words of an enum, as an error about an unknown one lists them.
fn legal<T: serde::de::DeserializeOwned + std::fmt::Debug>() -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(Value::String("no such word".into())).unwrap_err().to_string();
    let (_, legal) = error.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
    legal.split(", ").map(|word| word.trim_matches('`').to_owned()).collect()
}

#[test]
fn the_table_of_reasons_is_the_programs() {
    use rapporteur::mail::end::{End, Reason, from_name, name};
    let rows = rows(&text("docs/operating.md"), "## Ends and reasons");
    let written: BTreeSet<String> = rows.iter().map(|row| row[1].clone()).collect();
    assert_eq!(written, legal::<Reason>());
    for row in &rows {
        let end: End = from_name::<Reason>(&row[1]).unwrap().end();
        assert_eq!(row[0], name(end), "{}", row[1]);
    }
}

#[test]
fn the_table_of_letters_is_the_programs() {
    let rows = rows(&text("docs/operating.md"), "## Outbox");
    let written: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(written, legal::<rapporteur::store::LetterStatus>());
}

/// Every key of an object, of those in it, and so on.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            into.insert(key.clone());
            keys(value, into);
        }),
        Value::Array(values) => values.iter().for_each(|value| keys(value, into)),
        _ => {}
    }
}

#[test]
fn every_field_of_the_export_is_explained() {
    let (home, _) = demo();
    let document = text("docs/export.md");
    let (export, explain) = document.split_once("## `rapporteur explain --json`").unwrap();
    let explained = |part: &str, json: &str| {
        let mut all = BTreeSet::new();
        keys(&serde_json::from_str(json).unwrap(), &mut all);
        let missing: Vec<&String> = all.iter().filter(|key| !part.contains(&format!("`{key}`"))).collect();
        assert!(missing.is_empty(), "docs/export.md does not explain {missing:?}");
        all.len()
    };
    let said = works(home.path(), &["--config", "demo/rapporteur.toml", "export", "json"]);
    assert!(explained(export, &said) > 40);
    for mail in fs::read_dir(home.path().join("demo/inbox/new")).unwrap() {
        let mail: PathBuf = mail.unwrap().path();
        let said =
            works(home.path(), &["--config", "demo/rapporteur.toml", "explain", "--json", mail.to_str().unwrap()]);
        assert!(explained(&format!("{explain}{export}"), &said) > 25);
    }
    let words = legal::<rapporteur::mail::Kind>().into_iter().chain(legal::<Level>()).chain(legal::<Mode>());
    let missing: Vec<String> = words.filter(|word| !export.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/export.md does not name {missing:?}");
}

// The architecture.

/// The Rust files of a room, each with its text up to its tests.
fn sources(room: &str) -> Vec<(PathBuf, String)> {
    fn collect(path: &Path, into: &mut Vec<PathBuf>) {
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), into));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path.to_owned());
        }
    }
    let mut files = Vec::new();
    let src = repository().join("src");
    [src.join(room), src.join(format!("{room}.rs"))].iter().filter(|path| path.exists()).for_each(|path| {
        collect(path, &mut files);
    });
    let code = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        (path, lines.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(code).collect()
}

fn rooms() -> Vec<Vec<String>> {
    rows(&text("ARCHITECTURE.md"), "## The rooms")
}

#[test]
fn no_arrow_goes_against_the_map_of_the_rooms() {
    let all: BTreeSet<String> = rooms().iter().map(|row| row[0].clone()).collect();
    let declared: BTreeSet<String> = text("src/lib.rs")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.trim_end_matches(';').to_owned()))
        .collect();
    assert_eq!(all, declared, "the map names every room");
    for row in rooms() {
        let (room, allowed) = (&row[0], &row[2]);
        let may: BTreeSet<&str> = allowed.split(|c: char| !c.is_alphanumeric()).collect();
        for (path, code) in sources(room) {
            for used in code.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let fine = used == *room || !all.contains(&used) || allowed == "all" || may.contains(used.as_str());
                assert!(fine, "{} uses {used}, which the map does not show", path.display());
            }
        }
    }
}

#[test]
fn what_is_to_be_absent_is_absent() {
    let everywhere: Vec<String> = rooms().into_iter().map(|row| row[0].clone()).collect();
    let pure = ["mail", "grammar", "session", "letters", "pages"].map(str::to_owned);
    let except = |room: &str| everywhere.iter().filter(|known| *known != room).cloned().collect::<Vec<_>>();
    for (rooms, absent) in [
        (except("store"), vec!["sqlx", "SELECT ", "INSERT INTO", "DELETE FROM"]),
        (except("clock"), vec!["Timestamp::now", "SystemTime::now", "Zoned::now", "time::Instant::now"]),
        (pure.to_vec(), vec!["std::fs", "std::net", "std::env", "std::process", "std::thread", "tokio", "rand::"]),
    ] {
        for (path, code) in rooms.iter().flat_map(|room| sources(room)) {
            for word in &absent {
                // The pause between two passes is measured on the runtime's clock, which tells no time of day.
                let code = code.replace("tokio::time::Instant::now", "");
                // Chance hides a key from who measures how long it signs; no signature depends on it.
                let code = code.replace("ring::rand::SystemRandom", "");
                assert!(!code.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    let documents = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "docs/operating.md",
        "docs/export.md",
        "docs/decisions.md",
        "docs/mail-grammar.md",
        "docs/reliability.md",
    ];
    for document in documents {
        let at = repository().join(document);
        for link in text(document).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let leads = link.contains("://") || file.is_empty() || at.parent().unwrap().join(file).exists();
            assert!(leads, "{document} links to {link}");
        }
    }
}

#[test]
fn every_promise_of_reliability_is_shown_by_a_test_that_is_there() {
    let rows = text("docs/reliability.md");
    let rows: Vec<&str> = rows.lines().filter(|line| line.contains(".rs`")).collect();
    assert!(rows.len() >= 8, "{rows:?}");
    for row in rows {
        let shows: Vec<&str> = row.split('|').nth(2).unwrap_or_default().split('`').skip(1).step_by(2).collect();
        let (file, tests) = shows.split_last().expect("a test and its file");
        let code = text(file);
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            assert!(code.contains(&format!("fn {test}(")), "{file} has no test {test}");
        }
    }
}
