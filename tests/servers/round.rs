//! The whole round: a person's proposal to the list, our digest to the list, its echo, and a reply to the digest.

use crate::post_office::{PostOffice, all};
use crate::servers::client::{arrived, post, wait};
use crate::servers::{PASSWORD, ca, private};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// From post to record; polling would take ten minutes here.
const SOON: Duration = Duration::from_secs(5);

/// Our daemon, as a summit's operator would run it.
struct Robot<'a> {
    office: &'a PostOffice,
    config: PathBuf,
}

impl Robot<'_> {
    fn start(office: &PostOffice) -> Robot<'_> {
        let place = office.home.path().join("rapporteur");
        fs::create_dir(&place).expect("our own directory");
        private(&place.join("password"), PASSWORD);
        let config = place.join("rapporteur.toml");
        let ca = ca(&office.home).display().to_string();
        let (submission, login) = (office.mta.submission, &office.mta.login);
        let mailbox = mailbox(office);
        let text = format!(
            r#"
address = "rapporteur@summit.test"
poll_seconds = 600

[[mailbox]]
{mailbox}

[transport]
kind = "smtp"
host = "localhost"
port = {submission}
tls = "starttls"
ca_file = "{ca}"
user = "{login}"
password_file = "password"

[[list]]
address = "devel@summit.test"
subject_prefixes = ["devel"]

[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@summit.test"]
"#
        );
        fs::write(&config, text).expect("our own directory");
        let robot = Robot { office, config };
        let command = [env!("CARGO_BIN_EXE_rapporteur"), "run", "--config", &robot.config_path()];
        office.home.start("rapporteur", "TERM", &command, || robot.says("ready"));
        robot
    }

    fn config_path(&self) -> String {
        self.config.display().to_string()
    }

    /// What a command prints, as JSON where it has some.
    fn ask(&self, args: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapporteur"));
        command.args(["--json", "--config", &self.config_path()]).args(args).stdin(Stdio::null());
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ask(args)).expect("JSON")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.office.home.path().join("rapporteur.log")).unwrap_or_default()
    }

    fn says(&self, words: &str) -> bool {
        self.log().contains(words)
    }

    /// Posts a mail to the list, and waits until the robot has settled what came. Returns how long that took.
    fn hears(&self, from: &str, mail: &str) -> Duration {
        let settled = |log: &str| log.matches("settled mails=").count();
        let before = settled(&self.log());
        let posted = Instant::now();
        post(self.office.mta.smtp, from, "devel@summit.test", mail);
        wait("the robot settles nothing", || (settled(&self.log()) > before).then_some(()));
        posted.elapsed()
    }
}

/// Where the robot's mail comes in.
fn mailbox(office: &PostOffice) -> String {
    let imaps = office.dovecot.imaps;
    let ca = ca(&office.home).display().to_string();
    format!(
        "kind = \"imap\"\nhost = \"localhost\"\nport = {imaps}\nuser = \"rapporteur\"\npassword_file = \"password\"\n\
         ca_file = \"{ca}\""
    )
}

#[test]
fn a_proposal_is_recorded_answered_and_digested_and_the_reply_to_the_digest_acts() {
    for start in all() {
        let office = start();
        whole_round(&office, &Robot::start(&office));
    }
}

fn whole_round(office: &PostOffice, robot: &Robot) {
    let proposal = "From: Ada Lovelace <ada@summit.test>\nTo: devel@summit.test\nSubject: [TOPIC] Console\n\
                    Message-ID: <console@summit.test>\nDate: Mon, 3 May 2027 10:58:00 +0200\n\nOne console is not enough.\n";
    let recorded = robot.hears("ada@summit.test", proposal);
    let sessions = robot.json(&["sessions"]);
    assert_eq!(sessions[0]["title"], "Console", "{sessions}");
    let answer = arrived(&office.dovecot.mailbox("ada"), "In-Reply-To: <console@summit.test>");
    assert!(answer.contains("Auto-Submitted: auto-replied"), "{answer}");

    robot.ask(&["digest", "proposals"]);
    let digest = arrived(&office.dovecot.mailbox("grace"), "(digest 1)").replace('\r', "");
    assert!(digest.contains("<devel.summit.test>") && digest.contains("evel mailing list"), "{digest}");
    let confirmed = || {
        let letters = robot.json(&["outbox", "list"]);
        let letter = letters.as_array().expect("a list").iter().find(|letter| letter["kind"] == "proposal-digest")?;
        (letter["status"] == "confirmed").then(|| letter["message_id"].as_str().expect("an id").to_owned())
    };
    let id = wait("the digest's echo confirms nothing", confirmed);
    assert!(digest.contains(&id), "{id}:\n{digest}");

    let reply = format!(
        "From: Grace Hopper <grace@summit.test>\nTo: devel@summit.test\nSubject: Re: [devel] Design sessions\n\
         Message-ID: <reply@summit.test>\nIn-Reply-To: <{id}>\nDate: Tue, 4 May 2027 10:58:00 +0200\n\nS-1: +1\n"
    );
    robot.hears("grace@summit.test", &reply);
    let session = robot.json(&["show", "S-1"]);
    assert_eq!(session["interest"][0]["person"]["address"], "grace@summit.test", "{session}");
    let talk = |n: usize| {
        let head = "From: Grace Hopper <grace@summit.test>\nTo: devel@summit.test\nSubject: Talk\n";
        robot.hears("grace@summit.test", &format!("{head}Message-ID: <talk-{n}@summit.test>\n\nAbout this and that.\n"))
    };
    let mut waits: Vec<Duration> = (0..9).map(talk).chain([recorded]).collect();
    waits.sort();
    assert!(waits[9] < SOON, "from post to record: {waits:?}");
    println!("from post to record: median {:?}, worst {:?}", waits[5], waits[9]);
}
