//! A small world of mail: a list, mail systems, persons, robots of several kinds, and instances of the program, with one
//! clock. Every mail on its way is counted by who sent it to whom, and by what began it all.
//!
//! Nothing here judges. What may happen is said by the tests.

use super::robots::Robot;
use rapporteur::clock::{Clock, Timestamp};
use rapporteur::config::Config;
use rapporteur::daemon::intake::Intake;
use rapporteur::daemon::run;
use rapporteur::mail::{Mail, read};
use rapporteur::mailbox::maildir;
use rapporteur::store::Store;
use rapporteur::transport::{Sent, Transport};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub const LIST: &str = "devel@lists.example.org";
/// Whoever writes to an address below it that nobody has gets a report.
pub const NOWHERE: &str = "gone.example.net";
/// A mail takes so long, each way.
const TRAVEL: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);

/// One mail on its way to one mailbox or list.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Empty is the null sender.
    pub envelope_from: String,
    pub to: String,
    pub raw: String,
}

/// The instance's home, its configuration and its database.
pub struct Place {
    home: tempfile::TempDir,
    pub config: Config,
    pub store: Store,
}

impl Place {
    /// `secret` makes it another instance; `more` goes to the top of its configuration.
    pub async fn new(address: &str, secret: u8, organiser: &str, more: &str) -> Place {
        let home = tempfile::Builder::new().prefix("rapporteur-abuse-").tempdir_in(memory()).expect("a directory");
        let config = configuration(home.path(), address, organiser, more);
        let store = Store::open(&config.database, [secret; 32]).await.expect("a database");
        Place { home, config, store }
    }
}

/// The configuration of an instance at this address; `more` goes to its top.
pub fn configuration(home: &Path, address: &str, organiser: &str, more: &str) -> Config {
    for name in ["inbox", "sent"] {
        maildir::create(&home.join(name)).expect("a Maildir");
    }
    let text = format!(
        r#"name = "Rapporteur"
address = "{address}"
database = "sqlite:rapporteur.db"
{more}
[[mailbox]]
kind = "maildir"
path = "inbox"
[transport]
kind = "maildir"
path = "sent"
[trust]
organisers = "list"

[[list]]
address = "{LIST}"
archive = "https://lists.example.org/devel/{{message_id}}/"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["{LIST}"]
organisers = ["{organiser}"]
proposal_digest = "daily 12:00"
outcome_digest = "daily 12:00"
"#
    );
    Config::parse(&home.join("rapporteur.toml"), &text).expect("a configuration")
}

/// A place without a disk below it, where there is one.
fn memory() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) }
}

/// An instance of the program at work.
pub struct Us<'a> {
    pub address: String,
    inbox: PathBuf,
    intake: Intake<'a>,
    transport: Transport,
    sent: Arc<Mutex<Vec<Sent>>>,
    has_mail: bool,
    files: u32,
}

impl<'a> Us<'a> {
    pub fn new(place: &'a Place) -> Us<'a> {
        let sent: Arc<Mutex<Vec<Sent>>> = Arc::default();
        Us {
            address: place.config.policy.robot.to_string(),
            inbox: place.home.path().join("inbox/new"),
            intake: Intake::new(&place.store, &place.config, "abuse"),
            transport: Transport::Memory(sent.clone()),
            sent,
            has_mail: false,
            files: 0,
        }
    }

    pub fn receive(&mut self, raw: &[u8], now: Timestamp) {
        self.files += 1;
        self.has_mail = true;
        let path = self.inbox.join(format!("{:06}.world", self.files));
        fs::write(&path, raw).expect("the mail is written");
        let file = fs::File::options().write(true).open(path).expect("the mail");
        file.set_modified(now.into()).expect("the mail's time");
    }

    /// The daemon's pass; the letters that went out.
    pub async fn pass(&mut self, now: Timestamp) -> Vec<Sent> {
        self.has_mail = false;
        let (clock, stop) = (Clock::Fixed(now), run::Stop::default());
        let done = run::once(&mut self.intake, &mut self.transport, clock, &stop, &mut |_| {}).await;
        let done = done.expect("the database is sound");
        assert!(done.troubles.is_empty(), "{:?}", done.troubles);
        std::mem::take(&mut *self.sent.lock().expect("nobody panics with the letters in hand"))
    }
}

/// Headers that tell of robots.
const TELLING: [&str; 4] = ["auto-submitted", "x-auto-response-suppress", "precedence", "x-rapporteur-loop"];

/// How honest the world is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manners {
    /// So many of [`TELLING`] are taken off every mail on its way.
    pub stripped: usize,
}

pub struct World<'a> {
    pub now: Timestamp,
    manners: Manners,
    pub us: Vec<Us<'a>>,
    robots: Vec<Robot>,
    members: Vec<String>,
    on_their_way: Vec<(Timestamp, Letter, String)>,
    /// Which mail began what led to the mail of this Message-ID.
    began: BTreeMap<String, String>,
    /// How many mails went from somebody to somebody, by what began it.
    pub sent: BTreeMap<(String, String, String), u32>,
    met: BTreeSet<(String, String, String)>,
}

impl<'a> World<'a> {
    pub fn new(now: Timestamp, manners: Manners, us: Vec<Us<'a>>, robots: Vec<Robot>, members: &[&str]) -> World<'a> {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        let (on_their_way, began, sent, met) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        World { now, manners, us, robots, members, on_their_way, began, sent, met }
    }

    /// Somebody, whoever From says, writes a mail that begins something.
    pub fn write(&mut self, letter: Letter) {
        let id = message_id(&letter.raw);
        self.began.insert(id.clone(), id.clone());
        self.post(letter, id);
    }

    fn post(&mut self, mut letter: Letter, began: String) {
        letter.raw = without(&letter.raw, &TELLING[..self.manners.stripped]);
        self.began.insert(message_id(&letter.raw), began.clone());
        self.on_their_way.push((self.now + TRAVEL, letter, began));
    }

    /// A mail that follows from another, counted; but the first that a robot writes to one of us is only a beginning.
    fn answer(&mut self, from: &str, letter: Letter, began: String) {
        let is_us = |address: &str| self.us.iter().any(|us| us.address == address);
        let met = [(from, letter.to.as_str()), (letter.to.as_str(), from)]
            .iter()
            .any(|(one, other)| self.met.contains(&(began.clone(), (*one).to_owned(), (*other).to_owned())));
        self.met.insert((began.clone(), from.to_owned(), letter.to.clone()));
        if !met && !is_us(from) && is_us(&letter.to) {
            return self.post(letter, began);
        }
        *self.sent.entry((began.clone(), from.to_owned(), letter.to.clone())).or_default() += 1;
        self.post(letter, began);
    }

    /// Lets the time go on, minute by minute.
    pub async fn pass(&mut self, minutes: u32) {
        for minute in 0..minutes {
            self.now += jiff::SignedDuration::from_mins(1);
            let now = self.now;
            let (here, there) = std::mem::take(&mut self.on_their_way).into_iter().partition(|(due, ..)| *due <= now);
            self.on_their_way = there;
            let here: Vec<(Timestamp, Letter, String)> = here;
            for (_, letter, began) in here {
                self.arrive(&letter, &began);
            }
            for index in 0..self.us.len() {
                // Nothing else but its clock has the program act: looking once in an hour is often enough.
                if self.us[index].has_mail || minute % 60 == 0 {
                    self.program(index).await;
                }
            }
        }
    }

    async fn program(&mut self, index: usize) {
        let address = self.us[index].address.clone();
        for sent in self.us[index].pass(self.now).await {
            let raw = String::from_utf8(sent.bytes).expect("our letters are text").replace("\r\n", "\n");
            let answered = header(&raw, "In-Reply-To").map(|id| id.trim_matches(['<', '>']).to_owned());
            let own = message_id(&raw);
            let began = answered.and_then(|id| self.began.get(&id).cloned()).unwrap_or(own);
            let envelope_from = sent.envelope_from.map(String::from).unwrap_or_default();
            self.answer(&address, Letter { envelope_from, to: sent.recipient.to_string(), raw }, began);
        }
    }

    fn arrive(&mut self, letter: &Letter, began: &str) {
        if letter.to == LIST {
            return self.explode(letter, began);
        }
        let raw = format!("Return-Path: <{}>\nDelivered-To: {}\n{}", letter.envelope_from, letter.to, letter.raw);
        let to = &letter.to;
        // What stands behind a `+` is the addressee's own business.
        let plain = match to.split_once('+') {
            Some((local, rest)) => format!("{local}@{}", rest.split('@').nth(1).unwrap_or_default()),
            None => to.clone(),
        };
        if let Some(us) = self.us.iter_mut().find(|us| us.address == plain) {
            return us.receive(raw.as_bytes(), self.now);
        }
        let mail = understood(&raw, self.now);
        let from = mail.author.address.clone();
        if to.ends_with(&format!("@{NOWHERE}")) {
            for report in super::robots::reports(letter, &mail) {
                self.answer(&format!("postmaster@{NOWHERE}"), report, began.to_owned());
            }
        }
        let now = self.now;
        let Some(robot) = self.robots.iter_mut().find(|robot| robot.address == *to) else { return };
        // What robots have to say to each other, without end, is their own business.
        let from = from.filter(|from| self.us.iter().any(|us| us.address == from.as_str()));
        let Some(answer) = from.and_then(|from| robot.answer(&raw, &mail, &from, now)) else { return };
        self.answer(to, answer, began.to_owned());
    }

    /// The list sends it to its members, with its headers and its footer, under its own envelope sender.
    fn explode(&mut self, letter: &Letter, began: &str) {
        let raw = format!(
            "List-Id: Devel <devel.lists.example.org>\nPrecedence: list\nSender: devel-bounces@lists.example.org\n{}\n\
             _______________________________________________\nDevel mailing list\nDevel@lists.example.org\n",
            letter.raw
        );
        for member in self.members.clone() {
            let envelope_from = "devel-bounces@lists.example.org".to_owned();
            self.post(Letter { envelope_from, to: member, raw: raw.clone() }, began.to_owned());
        }
    }

    /// All mail of each pair, by what began it: `(began, one, other)`.
    pub fn pairs(&self) -> BTreeMap<(String, String, String), u32> {
        let mut pairs = BTreeMap::new();
        for ((began, from, to), count) in &self.sent {
            let (one, other) = if from < to { (from, to) } else { (to, from) };
            *pairs.entry((began.clone(), one.clone(), other.clone())).or_default() += count;
        }
        pairs
    }
}

pub fn understood(raw: &str, now: Timestamp) -> Mail {
    read(raw.as_bytes(), now)
}

/// The first header of this name, as written.
pub fn header<'a>(raw: &'a str, name: &str) -> Option<&'a str> {
    let head = raw.split("\n\n").next()?;
    head.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub fn message_id(raw: &str) -> String {
    header(raw, "Message-ID").expect("every mail here has one").trim_matches(['<', '>']).to_owned()
}

/// The mail without these headers; none of them is ever folded here.
fn without(raw: &str, names: &[&str]) -> String {
    let (head, body) = raw.split_once("\n\n").expect("a header and a body");
    let kept = head.lines().filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !names.contains(&name.as_str())
    });
    format!("{}\n\n{body}", kept.collect::<Vec<_>>().join("\n"))
}
