//! The program, started as a shell starts it, in a directory of its own.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

pub const NOW: &str = "2027-05-03T09:00:00Z";

/// A directory made by `init`.
pub struct Place(pub tempfile::TempDir);

/// How a command ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Its output, when it went well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapporteur"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("RAPPORTEUR_LOG").env_remove("RUST_BACKTRACE");
    command
}

impl Place {
    pub fn new() -> Place {
        let place = Place(tempfile::tempdir().expect("a temporary directory"));
        let dir = place.path("summit").display().to_string();
        let init = ["init", &dir, "--name", "Design Summit 2027", "--list", "devel@lists.example.org"];
        let init = [&init[..], &["--organiser", "olga@example.org", "--zone", "Europe/Budapest"]].concat();
        Ran::from(program(&init).output().expect("the program starts")).ok();
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn config(&self) -> PathBuf {
        self.path("summit/rapporteur.toml")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let config = self.config().display().to_string();
        let mut command = program(args);
        command.args(["--config", &config]).current_dir(self.0.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).args(["--now", NOW]).output().expect("the program starts").into()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let text = self.run(&[args, &["--json"]].concat()).ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// How many letters lie in the Maildir `sent`.
    pub fn sent(&self) -> usize {
        fs::read_dir(self.path("summit/sent/new")).expect("a Maildir").count()
    }

    /// Replaces a piece of the configuration.
    pub fn edit(&self, old: &str, new: &str) {
        let text = fs::read_to_string(self.config()).expect("a configuration");
        assert!(text.contains(old), "{text}");
        fs::write(self.config(), text.replacen(old, new, 1)).expect("the configuration");
    }
}

pub fn mail(id: &str, subject: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "From: Ada Lovelace <ada@example.org>\nTo: devel@lists.example.org\nSubject: {subject}\n\
         Message-ID: <{id}@example.org>\nDate: Mon, 3 May 2027 10:00:00 +0200\n{more}\n{body}\n"
    )
    .into_bytes()
}

pub fn proposal() -> Vec<u8> {
    mail("console", "[TOPIC] Console", "", "One console is not enough.")
}

#[track_caller]
pub fn says(text: &str, pieces: &[&str]) {
    pieces.iter().for_each(|piece| assert!(text.contains(piece), "`{piece}` is not in: {text}"));
}

/// `run`, in the background. It ends with the thread that started it, however that ends.
pub struct Daemon {
    child: Child,
    pub log: mpsc::Receiver<String>,
    pub heard: Vec<String>,
}

/// How long a test waits for what has to come.
pub const SOON: Duration = Duration::from_secs(30);

impl Daemon {
    /// Started, and ready.
    pub fn start(place: &Place) -> Daemon {
        let mut daemon = Daemon::spawn(&place.command(&["run"]));
        daemon.says("ready");
        daemon
    }

    /// The same command, given to setpriv(1), which says that the process is not to outlive us.
    pub fn spawn(run: &Command) -> Daemon {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(run.get_program()).args(run.get_args());
        for (name, value) in run.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.current_dir(run.get_current_dir().expect("a place of its own"));
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("setpriv starts");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let (tell, log) = mpsc::channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Daemon { child, log, heard: Vec::new() }
    }

    /// Waits until its log has a new line with these words.
    #[track_caller]
    pub fn says(&mut self, words: &str) {
        let until = Instant::now() + SOON;
        loop {
            match self.log.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let found = line.contains(words);
                    self.heard.push(line);
                    if found {
                        return;
                    }
                }
                Err(_) => panic!("it does not say `{words}`: {:#?}", self.heard),
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal: `TERM`, `HUP`, `KILL`.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status();
        assert!(kill.expect("kill").success());
    }

    /// Asks it to stop. How it ended, and how long that took.
    pub fn stop(mut self) -> (Option<i32>, Duration) {
        let asked = Instant::now();
        self.signal("TERM");
        let code = self.child.wait().expect("it ends").code();
        (code, asked.elapsed())
    }
}
