//! A summit of which we know every change: each carries a word that nothing else has, so that it can be found in the
//! digests.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::intake::Intake;
use rapporteur::daemon::ticks::{Digest, Tick, Ticks};
use rapporteur::letters::LetterKind;
use rapporteur::mailbox::maildir;
use rapporteur::store::{Arrival, Origin, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct World {
    pub now: Timestamp,
    runtime: Runtime,
    home: TempDir,
    config: Config,
    store: Store,
    mails: u32,
    sessions: Vec<Known>,
    /// Each change's own word.
    changes: Vec<String>,
}

/// What was said of a session so far: a digest names three suggestions and three references of each, and tells what was
/// told before of its outcome again when more comes.
#[derive(Default)]
struct Known {
    suggestions: u32,
    references: u32,
    noted: bool,
    withdrawn: bool,
}

impl World {
    pub fn new(settings: &str, now: Timestamp) -> World {
        // Reading a mail blocks its thread, which only this kind of runtime allows.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let memory = std::path::Path::new("/dev/shm");
        let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        for mailbox in ["inbox", "sent"] {
            maildir::create(&home.path().join(mailbox)).unwrap();
        }
        let text = format!(
            "address = \"rapporteur@example.org\"\n[transport]\nkind = \"maildir\"\npath = \"sent\"\n[[list]]\n\
             address = \"devel@lists.example.org\"\n[[summit]]\nslug = \"summit\"\nname = \"Summit\"\n\
             lists = [\"devel@lists.example.org\"]\n{settings}"
        );
        let config = Config::parse(&home.path().join("rapporteur.toml"), &text).unwrap();
        let store = runtime.block_on(Store::open(&config.database, [27; 32])).unwrap();
        let mut world =
            World { now, runtime, home, config, store, mails: 0, sessions: Vec::new(), changes: Vec::new() };
        // Nothing is due before the first mail.
        world.mail("somebody", "Hello", None, "Hello");
        world
    }

    /// Everything that was not written down is gone.
    pub fn restart(&mut self) {
        self.runtime.block_on(self.store.close());
        self.store = self.runtime.block_on(Store::open(&self.config.database, [27; 32])).unwrap();
        assert!(self.home.path().exists());
    }

    // What people do.

    /// A mail to the list; it is read at once.
    fn mail(&mut self, who: &str, subject: &str, answers: Option<usize>, body: &str) -> u32 {
        self.mails += 1;
        let date = self.now.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let parent = answers.map(|session| format!("In-Reply-To: <s{session}@example.org>\n")).unwrap_or_default();
        let id = if subject.starts_with("[TOPIC]") {
            format!("s{}", self.sessions.len())
        } else {
            format!("m{}", self.mails)
        };
        let raw = format!(
            "Message-ID: <{id}@example.org>\nFrom: {who} <{who}@example.org>\nTo: devel@lists.example.org\n\
             List-Id: <devel.lists.example.org>\nDate: {date}\nSubject: {subject}\n{parent}\n{body}\n"
        );
        let arrival = Arrival { source_key: id, raw: raw.into_bytes(), received: self.now, origin: Origin::Live };
        let (store, config, now) = (&self.store, &self.config, self.now);
        self.runtime.block_on(async {
            assert_eq!(store.receive("inbox", &[arrival], None).await.unwrap(), 1);
            let mut intake = Intake::new(store, config, "world");
            while !intake.settle(now).await.unwrap().is_empty() {}
        });
        self.mails
    }

    fn change(&mut self, what: &str) -> String {
        let word = format!("{what}x{}y", self.changes.len());
        self.changes.push(word.clone());
        word
    }

    /// Everybody proposes one session: of a person's many, digests name five.
    pub fn propose(&mut self) {
        let n = self.sessions.len();
        self.mail(&format!("host{n}"), &format!("[TOPIC] Number {n} of them"), None, "What about it?");
        self.sessions.push(Known::default());
    }

    /// One of the sessions, if there is any.
    fn pick(&self, n: u8) -> Option<usize> {
        (!self.sessions.is_empty()).then(|| usize::from(n) % self.sessions.len())
    }

    pub fn suggest(&mut self, n: u8) {
        let Some(session) = self.pick(n).filter(|session| self.sessions[*session].suggestions < 3) else { return };
        self.sessions[session].suggestions += 1;
        let word = self.change("suggestion");
        self.mail("ada", "Re: it", Some(session), &format!("Please talk about {word}, too."));
    }

    pub fn refer(&mut self, n: u8) {
        let Some(session) = self.pick(n).filter(|session| self.sessions[*session].references < 3) else { return };
        self.sessions[session].references += 1;
        let word = self.change("reference");
        self.mail("grace", "Re: it", Some(session), &format!("Ref: https://example.org/{word}.html"));
    }

    pub fn slot(&mut self, n: u8) {
        let Some(session) = self.pick(n) else { return };
        let line = format!("#session slot 2027-06-{} {:02}:00 in Room {}", 16 + n % 3, 8 + n % 10, n % 5);
        self.mail(&format!("host{session}"), "Re: it", Some(session), &line);
    }

    pub fn notes(&mut self, n: u8) {
        let Some(session) = self.pick(n).filter(|session| !self.sessions[*session].noted) else { return };
        self.sessions[session].noted = true;
        let word = self.change("decision");
        let notes = format!("Participants: Ada, Grace\n\nDecision: {word} it is.\nAction: Ada: do it");
        self.mail("ada", &format!("[NOTES] Number {session} of them"), None, &notes);
    }

    pub fn withdraw(&mut self, n: u8) {
        let Some(session) = self.pick(n).filter(|session| !self.sessions[*session].withdrawn) else { return };
        self.sessions[session].withdrawn = true;
        let word = self.change("withdrawal");
        let line = format!("#session withdraw {word} does it as well");
        self.mail(&format!("host{session}"), "Re: it", Some(session), &line);
    }

    // What the program does.

    /// The clock's work, as a daemon does it that has just been started.
    pub fn pass(&mut self) {
        let (store, config, now) = (&self.store, &self.config, self.now);
        self.runtime.block_on(async {
            let mut intake = Intake::new(store, config, "world");
            let register = intake.up_to_date().await.unwrap();
            Ticks { store, config, register, now }.pass().await.unwrap();
        });
    }

    fn with_ticks<T>(&self, work: impl AsyncFnOnce(&Ticks<'_>) -> T) -> T {
        let (store, config, now) = (&self.store, &self.config, self.now);
        self.runtime.block_on(async {
            let mut intake = Intake::new(store, config, "world");
            let register = intake.up_to_date().await.unwrap();
            work(&Ticks { store, config, register, now }).await
        })
    }

    fn tick<'a>(&'a self, digest: Digest, key: &'a str) -> Tick<'a> {
        Tick { digest, summit: &self.config.policy.summits[0], due: self.now, key }
    }

    pub fn digest_by_hand(&mut self, outcomes: bool) {
        let digest = if outcomes { Digest::Outcomes } else { Digest::Proposals };
        let key = format!("{}:by hand {}:{}", digest.name(), self.now, self.mails);
        self.with_ticks(async |ticks| ticks.run(&self.tick(digest, &key)).await.unwrap());
    }

    pub fn dies_over_a_digest(&mut self) {
        self.with_ticks(async |ticks| drop(ticks.make(&self.tick(Digest::Proposals, "lost"), None).await.unwrap()));
        self.restart();
    }

    /// Two programs make a digest of the same news: the second finds that it was told.
    pub fn race(&mut self) {
        let keys = [1, 2].map(|n| format!("proposals:race {n} {}:{}", self.now, self.mails));
        self.with_ticks(async |ticks| {
            let [one, other] = [&keys[0], &keys[1]].map(|key| self.tick(Digest::Proposals, key));
            let (one, other) = tokio::join!(ticks.run(&one), ticks.run(&other));
            assert!(!(one.unwrap() && other.unwrap()), "one of them is too late");
        });
    }

    // What came of it.

    /// When the digests that went out were due.
    pub fn due_times(&self) -> Vec<Timestamp> {
        let letters = self.runtime.block_on(self.store.letters(None)).unwrap();
        let digests = letters.iter().filter(|letter| letter.kind == LetterKind::ProposalDigest);
        digests.map(|letter| letter.cause.splitn(3, ':').nth(2).unwrap().parse().unwrap()).collect()
    }

    fn digests(&self) -> Vec<String> {
        let letters = self.runtime.block_on(self.store.letters(None)).unwrap();
        let periodic = |kind| matches!(kind, LetterKind::ProposalDigest | LetterKind::OutcomeDigest);
        let bytes = letters.iter().filter(|letter| periodic(letter.kind)).map(|letter| {
            let (_, bytes) = self.runtime.block_on(self.store.letter(letter.id)).unwrap().unwrap();
            String::from_utf8(bytes).unwrap()
        });
        bytes.collect()
    }
}

pub fn every_change_once(world: &World) -> Result<(), TestCaseError> {
    let digests = world.digests();
    for word in &world.changes {
        let told = digests.iter().filter(|digest| digest.contains(word.as_str())).count();
        prop_assert_eq!(told, 1, "{} is told in so many digests:\n{}", word, digests.join("\n=====\n"));
    }
    Ok(())
}
