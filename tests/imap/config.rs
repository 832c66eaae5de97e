//! The settings of an IMAP mailbox, and what is said of mistakes in them.

use rapporteur::config::{Config, Source};
use rapporteur::mailbox::imap::{After, ImapSettings};
use rapporteur::wire::Tls;
use std::path::Path;

fn parsed(mailbox: &str) -> Result<Config, String> {
    let text = format!(
        r#"
address = "rapporteur@example.org"
[[mailbox]]
kind = "imap"
host = "imap.example.org"
{mailbox}
[transport]
kind = "maildir"
path = "sent"
[[list]]
address = "devel@example.org"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@example.org"]
"#
    );
    Config::parse(Path::new("rapporteur.toml"), &text).map_err(|error| error.to_string())
}

fn settings(mailbox: &str) -> ImapSettings {
    match parsed(mailbox).unwrap().mailboxes.remove(0).source {
        Source::Imap(settings) => settings,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_host_is_enough_and_everything_else_can_be_said() {
    let least = settings("");
    assert_eq!((least.server.port, least.server.tls, least.folder.as_str()), (993, Tls::Implicit, "INBOX"));
    assert_eq!(least.after, After::Leave);
    let most = settings(
        "tls = \"starttls\"\nuser = \"ada\"\npassword_file = \"p\"\nfolder = \"Lists/devel\"\nafter = \"move\"\nmove_to = \"Done\"",
    );
    assert_eq!((most.server.port, most.after), (143, After::Move("Done".into())));
}

#[test]
fn a_mailbox_keeps_its_name_when_the_way_to_it_changes() {
    let login = "user = \"ada@example.org\"\npassword_file = \"p\"";
    let name = parsed(login).unwrap().mailboxes[0].name.clone();
    assert_eq!(name, "imap:ada@example.org@imap.example.org/INBOX");
    for more in ["tls = \"starttls\"", "port = 10993", "folder = \"Inbox\"", "after = \"seen\""] {
        assert_eq!(parsed(&format!("{login}\n{more}")).unwrap().mailboxes[0].name, name, "{more}");
    }
    for other in ["folder = \"Inbox/devel\"", "folder = \"devel\""] {
        assert_ne!(parsed(&format!("{login}\n{other}")).unwrap().mailboxes[0].name, name, "{other}");
    }
}

#[test]
fn mistakes_are_named_with_their_line_and_what_would_be_right() {
    for (mailbox, says) in [
        ("after = \"move\"", "rapporteur.toml:6: `after = \"move\"` does not say where to\n  fix: add `move_to"),
        ("move_to = \"Done\"", "rapporteur.toml:6: `move_to` is set, but nothing is moved"),
        ("after = \"move\"\nmove_to = \"INBOX\"", "rapporteur.toml:7: `move_to` is the folder that mail is read from"),
        ("after = \"delete\"", "expected one of `leave`, `seen`, `move`"),
        ("folder = \"\"", "rapporteur.toml:6: `folder` can't name a folder"),
        ("folder = \"a\\nb\"", "`folder` can't name a folder"),
        ("tls = \"none\"", "`none` is for loopback only"),
        ("user = \"ada\"", "there is no password for the user `ada`"),
        ("path = \"inbox\"", "unknown field `path`"),
    ] {
        let said = parsed(mailbox).unwrap_err();
        assert!(said.contains(says), "{mailbox}: {said}");
    }
}
