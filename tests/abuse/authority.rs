//! No fact without the right: whatever people and forgers write in whatever order, each change that is recorded follows
//! from a living line of a mail whose author could make it at that time.
//!
//! The rights stand here a second time, in the words of `docs/operating.md`, and do not call the program's table. The
//! hosts of a session at a time are folded from the log by this file's own few lines.
//!
//! `RAPPORTEUR_CASES` sets how many cases are tried; the fast edition takes a few seconds.

use super::people::{Kind, Letter, Way, Written, any_letter, write};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::intake::Intake;
use rapporteur::grammar::Action;
use rapporteur::mail::{MessageId, Person};
use rapporteur::mailbox::maildir;
use rapporteur::session::rights::{Floors, Tier};
use rapporteur::session::{Change, Fact};
use rapporteur::store::{Arrival, Origin, Store};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use tokio::runtime::{Builder, Runtime};

const CONFIG: &str = r#"
address = "rapporteur@example.org"
[[mailbox]]
kind = "maildir"
path = "inbox"
[transport]
kind = "maildir"
path = "sent"
[trust]
organisers = "list"

[[list]]
address = "devel@lists.example.org"
archive = "https://lists.example.org/devel/{message_id}/"
[[list]]
address = "users@lists.example.org"
[[summit]]
slug = "one"
name = "One"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]
[[summit]]
slug = "other"
name = "Other"
lists = ["users@lists.example.org"]
organisers = ["otto@example.org"]
[[person]]
addresses = ["olga@example.org", "olga@old.example.net"]
"#;

/// A configuration's mailboxes must be there when it is read, and none is looked at.
static CONFIGURATION: LazyLock<Config> = LazyLock::new(|| {
    let home = tempfile::tempdir().expect("a directory");
    for name in ["inbox", "sent"] {
        maildir::create(&home.path().join(name)).expect("a Maildir");
    }
    Config::parse(&home.path().join("rapporteur.toml"), CONFIG).expect("a configuration")
});

const FAST: u32 = 120;

/// The rights of `docs/operating.md`, "Who may do what".
mod rights {
    /// Theirs and the organisers'.
    pub const HOSTS: [&str; 9] =
        ["revised", "titled", "host_added", "host_dropped", "slotted", "unslotted", "tracked", "settled", "reopened"];
    /// Of which organisers are asked first, and nobody answers here: for these it takes a host.
    pub const HOSTS_ALONE: [&str; 1] = ["withdrawn"];
    pub const ORGANISERS: [&str; 1] = ["accepted"];
    /// Of each summit.
    pub fn organiser(summit: &str) -> &'static str {
        if summit.starts_with("one") { "olga@example.org" } else { "otto@example.org" }
    }
    /// The first of a person's addresses.
    pub fn first(address: &str) -> &str {
        if address == "olga@old.example.net" { "olga@example.org" } else { address }
    }
}

fn now() -> Timestamp {
    "2027-05-03T12:00:00Z".parse().expect("a time")
}

/// What one session's facts make of it, as far as rights go.
#[derive(Default)]
struct Standing {
    proposer: Option<Person>,
    hosts: Vec<Person>,
    actions: Vec<Action>,
}

impl Standing {
    fn of(facts: &[&Fact]) -> Standing {
        let mut facts = facts.to_vec();
        facts.sort_by_key(|fact| (name(fact) != "proposed", fact.at, fact.mail.as_str().to_owned(), fact.position));
        let undone = undone(&facts);
        facts.retain(|fact| name(fact) == "proposed" || !undone.contains(&fact.mail));
        let mut standing = Standing::default();
        for fact in facts {
            match &fact.change {
                Change::Proposed { author, proposal, .. } => {
                    standing.proposer = Some(author.clone());
                    standing.hosts = proposal.hosts.iter().map(|host| host.person.clone()).collect();
                }
                Change::Revised { proposal, .. } if !proposal.hosts.is_empty() => {
                    standing.hosts = proposal.hosts.iter().map(|host| host.person.clone()).collect();
                }
                Change::HostAdded { host } => standing.hosts.push(host.person.clone()),
                Change::HostDropped { person } => standing.hosts.retain(|host| !host.is(person)),
                Change::Noted { notes, .. } => standing.actions.extend(notes.actions.iter().cloned()),
                _ => {}
            }
        }
        standing
    }

    fn is_host(&self, address: &str) -> bool {
        let theirs = |person: &Person| person.address.as_ref().is_some_and(|at| rights::first(at.as_str()) == address);
        self.proposer.iter().chain(&self.hosts).any(theirs)
    }
}

/// The mails that do not count, of these facts in the order of their writing: a later undoing may take back an earlier one.
fn undone(facts: &[&Fact]) -> HashSet<MessageId> {
    let mut undone = HashSet::new();
    for fact in facts.iter().rev() {
        if let Change::Undone { mail } = &fact.change
            && !undone.contains(&fact.mail)
        {
            undone.insert(mail.clone());
        }
    }
    undone
}

/// The change's name in the log.
fn name(fact: &Fact) -> String {
    let json = serde_json::to_value(&fact.change).expect("a change is JSON");
    json["change"].as_str().expect("it has a name").to_owned()
}

/// Why a recorded fact should not be there.
fn wrong(
    fact: &Fact,
    mail: &Written,
    mails: &HashMap<&str, &Written>,
    before: &[&Fact],
    floors: Floors,
) -> Option<String> {
    let name = name(fact);
    let Some(author) = mail.author() else { return Some("nobody knows who wrote it".into()) };
    if mail.letter.way == Way::Elsewhere {
        return Some("it came from elsewhere".into());
    }
    if author == "rapporteur@example.org" {
        return Some("it is in our own name".into());
    }
    if !mail.may_change().contains(&name.as_str()) {
        return Some(format!("no living line asks for it: it could change {:?}", mail.may_change()));
    }
    let own = |person: &Person| person.address.as_ref().is_some_and(|address| address.as_str() == author);
    let me = rights::first(author);
    let tier = if mail.letter.way == Way::Private { Tier::T0 } else { Tier::T1 };
    let standing = Standing::of(before);
    let organiser = me == rights::organiser(&fact.session.summit) && tier >= floors.organisers;
    let host = standing.is_host(me) && tier >= floors.hosts;
    // Where nobody knows who wrote it, it is nobody's: a name without an address has no rights.
    let wrote = |id: &str, person: &Person| {
        let theirs = mails.get(id).map(|mail| mail.author());
        theirs == Some(person.address.as_ref().map(|address| address.as_str()))
    };
    let fine = match &fact.change {
        Change::Proposed { root, author, .. } if *root == fact.mail => own(author) && mail.letter.way != Way::Private,
        // Somebody else's mail is made a session: its own author is the host.
        Change::Proposed { root, author, .. } => wrote(root.as_str(), author) && rights_of_others(me, author),
        Change::Interest { person, .. } | Change::Attendance { person, .. } => own(person),
        Change::Suggested { author, .. } => own(author),
        Change::HostClaimed { person } | Change::Objected { person, .. } => own(person),
        // Their own mail, or any, by an organiser; a host may not strike out what others said.
        Change::Undone { mail: id } => {
            let theirs = mails.get(id.as_str()).and_then(|mail| mail.author());
            organiser || theirs.is_some_and(|theirs| rights::first(theirs) == me) && tier >= floors.hosts
        }
        Change::Referenced { .. } | Change::Scribe { .. } => true,
        Change::Noted { source, author, .. } if *source == fact.mail => own(author) && mail.letter.way != Way::Private,
        Change::Noted { source, author, .. } => {
            let own = !rights_of_others(me, author) && tier >= floors.hosts;
            wrote(source.as_str(), author) && (host || organiser || own)
        }
        Change::ActionDone { number } => {
            let owner = standing.actions.get(number - 1).and_then(|action| action.owner.as_ref());
            // Notes call people by their first names.
            let first = |name: &str| name.split(' ').next().map(str::to_lowercase);
            let called = owner.and_then(|owner| owner.name.as_deref()).and_then(first);
            host || organiser || tier >= floors.hosts && called.is_some() && called == first(mail.name())
        }
        _ if rights::HOSTS.contains(&name.as_str()) => host || organiser,
        _ if rights::HOSTS_ALONE.contains(&name.as_str()) => host,
        _ if rights::ORGANISERS.contains(&name.as_str()) => organiser,
        _ => return Some("nobody has this right".into()),
    };
    (!fine).then(|| format!("host {host}, organiser {organiser}, {tier:?}, hosts {:?}", standing.hosts))
}

/// Whether the mail is another person's.
fn rights_of_others(me: &str, author: &Person) -> bool {
    author.address.as_ref().is_none_or(|address| rights::first(address.as_str()) != me)
}

/// Delivers the mails in this order, each by itself or all together.
async fn deliver(store: &Store, intake: &mut Intake<'_>, mails: &[&Written], together: bool, round: &str) {
    let arrival = |(n, mail): (usize, &&Written)| Arrival {
        source_key: format!("{round}.{n}"),
        raw: mail.raw.clone().into_bytes(),
        received: now(),
        origin: Origin::Live,
    };
    let arrivals: Vec<Arrival> = mails.iter().enumerate().map(arrival).collect();
    for arrivals in arrivals.chunks(if together { arrivals.len() } else { 1 }) {
        store.receive("inbox", arrivals, None).await.expect("they are kept");
        while !intake.settle(now()).await.expect("they are settled").is_empty() {}
    }
}

/// The database, and how many cases it has seen: to make one takes longer than a case. Each case has summits of its own.
static STORE: LazyLock<Mutex<Option<(Store, usize)>>> = LazyLock::new(Mutex::default);
static CASES: AtomicUsize = AtomicUsize::new(0);
const CASES_IN_ONE: usize = 50;

async fn database() -> Store {
    let known = STORE.lock().expect("nobody panics with it").take().filter(|(_, cases)| *cases < CASES_IN_ONE);
    let (store, cases) = match known {
        Some(known) => known,
        None => (Store::memory([7; 32]).await.expect("a database"), 0),
    };
    *STORE.lock().expect("nobody panics with it") = Some((store.clone(), cases + 1));
    store
}

/// One case: the mails in the order of `order`, judged, and then all of them again.
async fn play(letters: &[Letter], order: &[usize], together: bool, floors: Floors) -> Result<(), String> {
    let case = CASES.fetch_add(1, Ordering::Relaxed);
    let mut config = CONFIGURATION.clone();
    config.policy.floors = floors;
    config.policy.summits.iter_mut().for_each(|summit| summit.slug = format!("{}{case}", summit.slug));
    let written = write(letters, case);
    let mails: Vec<&Written> = order.iter().map(|place| &written[*place]).collect();
    let store = database().await;
    let from = store.position().await.expect("a position");
    let mut intake = Intake::new(&store, &config, "abuse");
    deliver(&store, &mut intake, &mails, together, &format!("{case}.first")).await;
    let log = async || {
        let log = store.log_all().await.expect("a log");
        log.into_iter().filter(|fact| fact.position > from).collect::<Vec<Fact>>()
    };
    let known = log().await;
    // Of several mails under one Message-ID only the first is heard.
    let mut heard: HashMap<&str, &Written> = HashMap::new();
    for mail in &mails {
        heard.entry(&mail.id).or_insert(mail);
    }
    for (at, fact) in known.iter().enumerate() {
        let mail = heard.get(fact.mail.as_str()).ok_or_else(|| format!("{fact:?} follows from no mail"))?;
        let before: Vec<&Fact> = known[..at].iter().filter(|known| known.session == fact.session).collect();
        if let Some(why) = wrong(fact, mail, &heard, &before, floors) {
            return Err(format!("{why}\n{fact:#?}\n{}", mail.raw));
        }
    }
    let letters = store.letters(None).await.expect("the letters").len();
    deliver(&store, &mut intake, &mails, together, &format!("{case}.again")).await;
    let again = log().await;
    if again != known {
        return Err(format!("delivered again, the log is another: {:#?}", &again[known.len().min(again.len())..]));
    }
    match store.letters(None).await.expect("the letters").len() {
        more if more > letters => Err("delivered again, there are more letters".into()),
        _ => Ok(()),
    }
}

/// Reading a mail blocks its thread, which only this kind of runtime allows.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime"));

fn cases() -> ProptestConfig {
    let cases = std::env::var("RAPPORTEUR_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(FAST);
    let seeds = Box::new(FileFailurePersistence::Direct("proptest-regressions/abuse/authority.txt"));
    ProptestConfig { cases, failure_persistence: Some(seeds), ..ProptestConfig::default() }
}

fn any_floors() -> impl Strategy<Value = Floors> {
    let tier = || prop::sample::select(vec![Tier::T0, Tier::T1, Tier::T2]);
    (tier(), tier()).prop_map(|(hosts, organisers)| Floors { hosts, organisers })
}

/// Letters, and an order to deliver them in: as they were written, or any.
fn any_case() -> impl Strategy<Value = (Vec<Letter>, Vec<usize>)> {
    prop::collection::vec(any_letter(), 2..12).prop_flat_map(|mut letters| {
        // Something to talk about, in each summit.
        for (first, way) in [(0, Way::List), (1, Way::OtherList)] {
            letters[first].kind = Kind::Proposal;
            letters[first].way = way;
        }
        let order: Vec<usize> = (0..letters.len()).collect();
        let any = Just(order.clone()).prop_shuffle();
        (Just(letters), prop_oneof![2 => Just(order), 1 => any])
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_fact_without_the_right(
        (letters, order) in any_case(),
        together in prop::bool::weighted(0.85),
        floors in any_floors(),
    ) {
        RUNTIME.block_on(play(&letters, &order, together, floors)).map_err(TestCaseError::fail)?;
    }
}
