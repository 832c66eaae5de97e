//! A directory with a configuration, a Maildir and a database, and the program at work there.

use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::replay;
use rapporteur::mailbox::maildir;
use rapporteur::store::{LetterStatus, Store};
use serde_json::Value;
use sqlx::{AnyConnection, Connection};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Of every instance here: the same mails make the same bytes.
const SECRET: [u8; 32] = [27; 32];

#[derive(Clone)]
pub struct Place {
    pub dir: PathBuf,
    /// The Maildir into which mail is delivered.
    pub inbox: PathBuf,
}

/// Where the program gets its mail: its `[[mailbox]]` table, and the Maildir behind that.
pub struct Inbox {
    pub table: String,
    /// Relative to the place, or not.
    pub maildir: PathBuf,
}

impl Inbox {
    /// Read from the Maildir itself.
    pub fn maildir() -> Inbox {
        Inbox { table: "kind = \"maildir\"\npath = \"inbox\"".into(), maildir: "inbox".into() }
    }
}

/// A directory without a disk below it, where there is one: what a process wrote outlives it, synced or not, and more of
/// its life is spent on other things than waiting for the disk.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a directory")
}

/// One letter of the outbox.
pub struct Letter {
    pub id: i64,
    pub status: LetterStatus,
    pub to_list: bool,
    pub bytes: Vec<u8>,
}

impl Place {
    /// The directory is there; letters go to the SMTP server on this port, or, without one, are held.
    pub async fn new(dir: &Path, inbox: &Inbox, relay: Option<u16>) -> Place {
        let place = Place { dir: dir.to_owned(), inbox: dir.join(&inbox.maildir) };
        maildir::create(&place.inbox).expect("our own directory");
        let table = &inbox.table;
        let (hold, port) = (relay.is_none(), relay.unwrap_or(1));
        let config = format!(
            r#"
address = "rapporteur@example.org"
hold = {hold}
poll_seconds = 1

[[mailbox]]
{table}

[transport]
kind = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"

[[list]]
address = "devel@example.org"

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@example.org"]
proposal_digest = "daily 09:00"
"#
        );
        fs::write(dir.join("rapporteur.toml"), config).expect("our own directory");
        place.store().await.close().await;
        place
    }

    fn config(&self) -> Config {
        Config::load(Some(&self.dir.join("rapporteur.toml"))).expect("the configuration")
    }

    async fn store(&self) -> Store {
        Store::open(&self.config().database, SECRET).await.expect("the database")
    }

    /// Puts a mail into the mailbox, as received at this time.
    pub fn deliver(&self, name: &str, raw: &[u8], at: Timestamp) {
        let partial = self.inbox.join("tmp").join(name);
        fs::write(&partial, raw).expect("our own directory");
        let file = File::options().write(true).open(&partial).expect("the file just written");
        file.set_modified(at.into()).expect("our own file");
        fs::rename(&partial, self.inbox.join("new").join(name)).expect("our own directory");
    }

    /// The program, with this as the present.
    pub fn command(&self, args: &[&str], now: Timestamp) -> Command {
        // When this process dies, the program does, too.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", env!("CARGO_BIN_EXE_rapporteur")]).args(args);
        command.args(["--now", &now.to_string(), "--config", "rapporteur.toml"]).current_dir(&self.dir);
        command.stdin(Stdio::null()).stdout(Stdio::null()).env_remove("RAPPORTEUR_LOG");
        command
    }

    /// The daemon; what it says is in `log`.
    pub fn start(&self, now: Timestamp) -> Child {
        let log = File::create(self.dir.join("log")).expect("our own directory");
        self.command(&["run"], now).stderr(log).spawn().expect("setpriv, of util-linux")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Runs a command to its end; it must end well.
    pub fn run(&self, args: &[&str], now: Timestamp) {
        let mut command = self.command(args, now);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("setpriv, of util-linux");
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&said));
    }

    /// Everything that is known, as `export json` prints it.
    pub async fn export(&self, now: Timestamp) -> Value {
        let store = self.store().await;
        let export = replay::export(&store, &self.config(), now).await.expect("an export");
        store.close().await;
        serde_json::to_value(&export).expect("JSON")
    }

    /// Every letter, by Message-ID.
    pub async fn letters(&self) -> BTreeMap<String, Letter> {
        let store = self.store().await;
        let mut letters = BTreeMap::new();
        for row in store.letters(None).await.expect("the outbox") {
            let (row, bytes) = store.letter(row.id).await.expect("the outbox").expect("a letter just listed");
            let to_list = row.recipients.iter().any(|to| to.as_str() == "devel@example.org");
            letters.insert(row.message_id.to_string(), Letter { id: row.id, status: row.status, to_list, bytes });
        }
        store.close().await;
        letters
    }

    /// The database by its own account: `ok`.
    pub async fn integrity(&self) -> String {
        let check = sqlx::query_scalar("PRAGMA integrity_check");
        check.fetch_one(&mut self.database().await).await.expect("an answer")
    }

    /// At how many unclean ends at the most a mail was in hand that waits.
    pub async fn strikes(&self) -> i64 {
        let most = sqlx::query_scalar("SELECT COALESCE(MAX(strikes), 0) FROM inbox WHERE settled = 0");
        most.fetch_one(&mut self.database().await).await.expect("a number")
    }

    pub async fn database(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite:{}", self.dir.join("rapporteur.db").display());
        AnyConnection::connect(&url).await.expect("the database")
    }
}
