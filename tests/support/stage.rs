//! Plays a story with the daemon's own parts: a Maildir, a database, the passes of `run`. Only the clock, the secret
//! and the far end of the wire are ours.

use super::account::{Account, without_duplicates};
use super::script::{self, Failure, Step};
use rapporteur::clock::{Clock, Timestamp};
use rapporteur::config::{Config, Source};
use rapporteur::daemon::fetch::Batch;
use rapporteur::daemon::intake::Intake;
use rapporteur::daemon::ticks::{Tick, Ticks};
use rapporteur::daemon::{replay, run};
use rapporteur::mailbox::{archive, maildir};
use rapporteur::store::{Arrival, Origin, Store};
use rapporteur::transport::{Sent, Transport};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The configuration of stories that bring none.
const CONFIG: &str = r#"
name = "Rapporteur"
address = "rapporteur@example.org"

[[mailbox]]
kind = "maildir"
path = "inbox"

[transport]
kind = "maildir"
path = "sent"

[trust]
authserv_ids = ["mx.example.org"]

[[list]]
address = "devel@lists.example.org"
archive = "https://lists.example.org/devel/{message_id}/"

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]
zone = "Europe/Budapest"
"#;

const SECRET: [u8; 32] = [27; 32];

/// What lists put below a mail.
const FOOTER: &str = "\n_______________________________________________\nDevel mailing list\nDevel@lists.example.org\nhttps://lists.example.org/mailman/listinfo/devel\n";

/// How a story is played.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Every mail comes twice, under two file names.
    pub twice: bool,
    /// Mails come with the line ends of the wire.
    pub crlf: bool,
    /// The database; a SQLite file when there is none.
    pub database: Option<String>,
    /// Write what went out and how things stood, instead of comparing.
    pub update: bool,
}

/// Plays the story of a folder; the mistake that it found, in words.
pub fn play(folder: &Path, manner: &Manner) -> Result<(), String> {
    // Reading a mail blocks its thread, which only this kind of runtime allows.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(words)?.block_on(play_all(folder, manner))
}

async fn play_all(folder: &Path, manner: &Manner) -> Result<(), String> {
    let steps = script::parse(&read_text(&folder.join("story.txt"))?)?;
    let home = home()?;
    let config = configuration(folder, home.path(), manner)?;
    let store = Store::open(&config.database, SECRET).await.map_err(words)?;
    let mut stage = Stage {
        folder,
        manner,
        home: home.path(),
        store: &store,
        config: &config,
        intake: Intake::new(&store, &config, "story"),
        now: Timestamp::UNIX_EPOCH,
        delivered: 0,
        failing: None,
        sent: Arc::default(),
        named: 0,
        tried: 0,
    };
    for (line, step) in &steps {
        stage.act(step).await.map_err(|error| format!("story.txt:{line}: {error}"))?;
    }
    stage.all_named().map_err(|error| format!("at the end: {error}"))?;
    stage.compare_state().await?;
    stage.replays().await?;
    stage.imports().await?;
    store.close().await;
    Ok(())
}

struct Stage<'a> {
    folder: &'a Path,
    manner: &'a Manner,
    home: &'a Path,
    store: &'a Store,
    config: &'a Config,
    intake: Intake<'a>,
    now: Timestamp,
    /// How many files were put into mailboxes: their names, and their order.
    delivered: u32,
    failing: Option<Failure>,
    sent: Arc<Mutex<Vec<Sent>>>,
    /// How many letters that went out, and sendings that failed, the story has named.
    named: usize,
    tried: usize,
}

impl Stage<'_> {
    async fn act(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::At(time) => self.now = *time,
            Step::Deliver { file, mailbox, times: None } => {
                self.deliver(&read(&self.folder.join(file))?, mailbox.as_deref())?;
            }
            Step::Deliver { file, mailbox, times: Some(times) } => {
                let text = read_text(&self.folder.join(file))?;
                for n in 1..=*times {
                    self.deliver(text.replace("{n}", &n.to_string()).as_bytes(), mailbox.as_deref())?;
                }
            }
            Step::Echo { file, mailbox } => {
                let letter = read_text(&self.folder.join(file))?;
                let echo = format!("List-Id: Devel <devel.lists.example.org>\nPrecedence: list\n{letter}{FOOTER}");
                self.deliver(echo.as_bytes(), mailbox.as_deref())?;
            }
            Step::Confirm(file) => self.answer(file, "Confirm.\n")?,
            Step::Answer { letter, text } => self.answer(letter, &read_text(&self.folder.join(text))?)?,
            Step::Pass => self.pass().await?,
            Step::Digest(kind) => {
                let summit = &self.config.policy.summits[0];
                let key = format!("{}:{}:{}", kind.name(), summit.slug, self.now);
                let register = self.intake.up_to_date().await.map_err(words)?;
                let ticks = Ticks { store: self.store, config: self.config, register, now: self.now };
                let tick = Tick { digest: *kind, summit, due: self.now, key: &key };
                ticks.run(&tick).await.map_err(words)?;
            }
            Step::Sending(failure) => self.failing = failure.clone(),
            Step::Expect(file) => {
                let letter = self.next_letter().ok_or_else(|| format!("{file} did not go out"))?;
                self.compare(file, &letter)?;
            }
            Step::ExpectLetters(count) => {
                for _ in 0..*count {
                    self.next_letter().ok_or("fewer letters went out")?;
                }
            }
            Step::ExpectNothing => self.all_named()?,
            Step::Tried(file) => {
                let letter = read(&self.attempt(self.tried)).map_err(|_| format!("{file} was not tried"))?;
                self.tried += 1;
                self.compare(file, &String::from_utf8_lossy(&letter))?;
            }
        }
        Ok(())
    }

    fn deliver(&mut self, raw: &[u8], mailbox: Option<&str>) -> Result<(), String> {
        let mailboxes = &self.config.mailboxes;
        let mailbox = match mailbox {
            None => mailboxes.first(),
            Some(name) => mailboxes.iter().find(|mailbox| mailbox.name == name),
        };
        let Source::Maildir(maildir) = &mailbox.ok_or("there is no such mailbox")?.source else {
            return Err("a story's mail goes into a Maildir".into());
        };
        let new = maildir.join("new");
        let raw = if self.manner.crlf { wire_ends(raw) } else { raw.to_owned() };
        for _ in 0..if self.manner.twice { 2 } else { 1 } {
            self.delivered += 1;
            put(&new.join(format!("{:04}.story", self.delivered)), &raw, self.now)?;
        }
        // What `import` is given at the end.
        put(&self.home.join(format!("archive/new/{:04}.story", self.delivered)), &raw, self.now)
    }

    /// A mail of whom a letter went to, as their mail program begins it.
    fn answer(&mut self, letter: &str, text: &str) -> Result<(), String> {
        let letter = read_text(&self.folder.join(letter))?.replace("\n ", " ");
        let header = |name: &str| letter.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let (who, subject, id) = (header("To: "), header("Subject: "), header("Message-ID: "));
        let date = self.now.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let own = format!("<word.{}", id.trim_start_matches('<'));
        let mail = format!(
            "From: {who}\nTo: rapporteur@example.org\nSubject: {subject}\nMessage-ID: {own}\nDate: {date}\n\
             In-Reply-To: {id}\n\n{text}"
        );
        self.deliver(mail.as_bytes(), None)
    }

    async fn pass(&mut self) -> Result<(), String> {
        let mut transport = match &self.failing {
            None => Transport::Memory(self.sent.clone()),
            Some(failure) => failing(&self.home.join("attempts"), failure),
        };
        let done = {
            let (clock, stop) = (Clock::Fixed(self.now), run::Stop::default());
            run::once(&mut self.intake, &mut transport, clock, &stop, &mut |_| {}).await.map_err(words)?
        };
        match done.troubles.first() {
            Some(trouble) => Err(trouble.to_string()),
            None => Ok(()),
        }
    }

    fn letter(&self, index: usize) -> Option<String> {
        let sent = self.sent.lock().expect("nobody panics with the letters in hand");
        sent.get(index).map(|sent| String::from_utf8_lossy(&sent.bytes).into_owned())
    }

    fn next_letter(&mut self) -> Option<String> {
        let letter = self.letter(self.named)?;
        self.named += 1;
        Some(letter)
    }

    fn attempt(&self, index: usize) -> PathBuf {
        self.home.join(format!("attempts/{index:04}"))
    }

    fn all_named(&self) -> Result<(), String> {
        match self.letter(self.named) {
            Some(letter) => return Err(format!("a letter went out that nobody expected:\n{letter}")),
            None if self.attempt(self.tried).exists() => {}
            None => return Ok(()),
        }
        let letter = read(&self.attempt(self.tried))?;
        Err(format!("a sending was tried that the story does not name:\n{}", String::from_utf8_lossy(&letter)))
    }

    /// A letter against its file, which has LF for the wire's CRLF.
    fn compare(&self, file: &str, letter: &str) -> Result<(), String> {
        let local = letter.replace("\r\n", "\n");
        if local.contains('\r')
            || (letter.contains('\r') && letter.matches('\n').count() != letter.matches("\r\n").count())
        {
            return Err(format!("{file}: a line end that is not CRLF"));
        }
        self.same(&self.folder.join(file), &local)
    }

    fn same(&self, path: &Path, is: &str) -> Result<(), String> {
        if self.manner.update {
            fs::create_dir_all(path.parent().expect("it lies in the story's folder")).map_err(words)?;
            return fs::write(path, is).map_err(words);
        }
        let should_be = read_text(path)?;
        match difference(&should_be, is) {
            Some(difference) => Err(format!("{}:{difference}", path.display())),
            None => Ok(()),
        }
    }

    async fn compare_state(&self) -> Result<(), String> {
        let account = Account::of(self.store, self.config, self.now).await?;
        let path = self.folder.join("state");
        if !self.manner.twice {
            return self.same(&path, &account.text());
        }
        match difference(&without_duplicates(&read_text(&path)?), &without_duplicates(&account.text())) {
            Some(difference) => Err(format!("delivered twice, {}:{difference}", path.display())),
            None => Ok(()),
        }
    }

    async fn replays(&self) -> Result<(), String> {
        let replayed = replay::replay(self.store, self.config, self.now, |_| ()).await.map_err(words)?;
        match replayed.differences.as_slice() {
            [] => Ok(()),
            differences => Err(format!("the replay differs: {differences:#?}")),
        }
    }

    /// The same mails as an archive: the same sessions, and not a letter.
    async fn imports(&self) -> Result<(), String> {
        let fresh = self.home.join("import");
        let store =
            Store::open(&format!("sqlite:{}", fresh.join("import.db").display()), SECRET).await.map_err(words)?;
        let mut batch = Batch::new("import");
        for (mail, n) in archive::open(&[self.home.join("archive")]).zip(0..) {
            let mail = mail.map_err(words)?;
            let arrival =
                Arrival { source_key: format!("{n}"), raw: mail.raw, received: mail.received, origin: Origin::Archive };
            batch.add(&store, arrival).await.map_err(words)?;
        }
        batch.finish(&store, None).await.map_err(words)?;
        let mut intake = Intake::new(&store, self.config, "import");
        while !intake.settle(self.now).await.map_err(words)?.is_empty() {}
        intake.erase(self.now).await.map_err(words)?;
        let account = Account::of(&store, self.config, self.now).await?;
        store.close().await;
        if !account.letters.is_empty() {
            return Err(format!("the import wrote letters: {:?}", account.letters));
        }
        let live = Account::of(self.store, self.config, self.now).await?;
        match difference(&live.sessions, &account.sessions) {
            Some(difference) => Err(format!("imported as an archive, the sessions differ:{difference}")),
            None => Ok(()),
        }
    }
}

fn configuration(folder: &Path, home: &Path, manner: &Manner) -> Result<Config, String> {
    let own = folder.join("rapporteur.toml");
    let text = if own.exists() { read_text(&own)? } else { CONFIG.to_owned() };
    for maildir in ["inbox", "second", "sent", "archive"] {
        maildir::create(&home.join(maildir)).map_err(words)?;
    }
    for dir in ["attempts", "import"] {
        fs::create_dir(home.join(dir)).map_err(words)?;
    }
    let mut config = Config::parse(&home.join("rapporteur.toml"), &text).map_err(words)?;
    config.database = manner.database.clone().unwrap_or(config.database);
    Ok(config)
}

/// A place without a disk below it, where there is one: the stories ask for hundreds of syncs.
fn home() -> Result<tempfile::TempDir, String> {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new().prefix("rapporteur-story-").to_owned();
    if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() }.map_err(words)
}

/// A sendmail program that keeps what it is given, and fails.
fn failing(attempts: &Path, failure: &Failure) -> Transport {
    let dir = attempts.display();
    let keep = format!("cat > {dir}/$(printf %04d $(ls {dir} | wc -l))");
    let script = format!("{keep}; echo '{}' >&2; {}", failure.words, failure.ends);
    Transport::Sendmail { command: vec!["/bin/sh".into(), "-c".into(), script].into() }
}

/// The file's time is when the mailbox received it.
fn put(path: &Path, raw: &[u8], at: Timestamp) -> Result<(), String> {
    fs::write(path, raw).map_err(words)?;
    fs::File::options().write(true).open(path).and_then(|file| file.set_modified(at.into())).map_err(words)
}

fn wire_ends(raw: &[u8]) -> Vec<u8> {
    raw.split_inclusive(|byte| *byte == b'\n')
        .flat_map(|line| match line.strip_suffix(b"\n") {
            Some(line) => [line.strip_suffix(b"\r").unwrap_or(line), b"\r\n"].concat(),
            None => line.to_owned(),
        })
        .collect()
}

/// The first line in which two texts differ.
pub fn difference(should_be: &str, is: &str) -> Option<String> {
    if should_be == is {
        return None;
    }
    let (mut old, mut new) = (should_be.split('\n'), is.split('\n'));
    (1..).find_map(|line| match (old.next(), new.next()) {
        (a, b) if a == b && a.is_some() => None,
        (a, b) => Some(format!(
            "{line}:\n  should be: {}\n         is: {}",
            a.unwrap_or("<the end>"),
            b.unwrap_or("<the end>")
        )),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_text(path: &Path) -> Result<String, String> {
    String::from_utf8(read(path)?).map_err(|_| format!("{}: not UTF-8", path.display()))
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
