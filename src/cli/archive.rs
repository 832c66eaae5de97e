//! `export` and `replay`: everything that is known, and the proof that it follows from the mail alone.

use super::{Global, Outcome, Usage, print};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::daemon::replay;
use crate::mail::{Address, MessageId, Person};
use crate::mailbox::mbox;
use crate::pages::atom::{self, Feed};
use crate::pages::calendar::{self, Of};
use crate::pages::{Record, json, report, schedule, wiki};
use crate::session::{Archived, Register, Session, SessionKey};
use crate::store::Store;
use clap::{Args, Subcommand};
use std::io::Write;

#[derive(Args)]
pub struct ExportArgs {
    #[command(subcommand)]
    form: Form,
}

#[derive(Subcommand)]
enum Form {
    /// Summits, sessions, mail and letters, or one session (docs/export.md)
    Json(OfSession),
    /// Every mail as it arrived, as mboxrd; or those of one session's thread
    Mbox(OfSession),
    /// A summit's sessions that have a time, as a calendar (RFC 5545)
    Ics {
        /// The summit's slug [default: the only one, else the one that opened last]
        #[arg(long, value_name = "SLUG")]
        summit: Option<String>,
        /// Only the sessions of this track
        #[arg(long, value_name = "NAME", conflicts_with = "person")]
        track: Option<String>,
        /// Only the sessions that somebody hosts or comes to
        #[arg(long, value_name = "NAME|ADDRESS")]
        person: Option<String>,
    },
    /// A feed (RFC 4287): a summit's sessions, what came of them, or the life of one
    Atom {
        #[command(flatten)]
        of: OfSession,
        /// The notes of the sessions
        #[arg(long, conflicts_with = "session")]
        outcomes: bool,
    },
    /// A summit's timetable as schedule.xml (frab, pentabarf, pretalx)
    Schedule(OfSummit),
    /// What was decided and what is to be done, in Markdown
    Report(OfSummit),
    /// A summit as a page of MediaWiki; `import wiki` reads it back
    Wiki(OfSummit),
}

#[derive(Args)]
struct OfSummit {
    /// The summit's slug [default: the only one, else the one that opened last]
    #[arg(long, value_name = "SLUG")]
    summit: Option<String>,
}

#[derive(Args)]
struct OfSession {
    /// Only this session, such as S-7
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    #[command(flatten)]
    of: OfSummit,
}

/// A summit's record, with what it borrows from.
struct On {
    config: Config,
    slug: String,
    register: Register,
    archived: Archived,
    now: Timestamp,
}

impl On {
    async fn of(global: &Global, slug: Option<&str>) -> anyhow::Result<On> {
        let (config, store) = global.open().await?;
        let now = global.clock().now();
        let slug = super::summit(&config, slug, now)?.slug.clone();
        let register = super::look::register(&store, &config).await?;
        let facts = register.of_summit(&slug).flat_map(|session| session.history());
        let mut mails: Vec<MessageId> = facts.map(|fact| fact.mail.clone()).collect();
        mails.sort();
        mails.dedup();
        let archived = store.archived(&mails).await?;
        Ok(On { config, slug, register, archived, now })
    }

    fn session(&self, id: &str) -> Result<&Session, Usage> {
        super::look::session(&self.register, &self.slug, id)
    }

    fn record(&self) -> Record<'_> {
        let On { config, register, archived, now, .. } = self;
        let policy = &config.policy;
        let summit = policy.summit(&self.slug).expect("it was found by this slug");
        Record { policy, summit, register, archived, now: *now }
    }
}

/// The mails of a session that came through a list, in the order of their arrival.
async fn thread(store: &Store, key: &SessionKey) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mails = store.mail_rows().await?;
    for mail in mails.iter().filter(|mail| mail.row.list.is_some() && mail.row.sessions.contains(key)) {
        let raw = store.raw(mail.id).await?.unwrap_or_default();
        mbox::write_mboxrd(&mut out, "rapporteur", mail.received, &raw)?;
    }
    Ok(out.flush()?)
}

fn known_person(text: &str) -> Person {
    match Address::parse(text) {
        Some(address) => Person { name: None, address: Some(address) },
        None => Person::named(text),
    }
}

fn write(bytes: &[u8]) -> anyhow::Result<()> {
    Ok(std::io::stdout().lock().write_all(bytes)?)
}

/// Mail read at a time.
const PAGE_BYTES: u64 = 16 << 20;

pub async fn export(global: &Global, args: &ExportArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    match &args.form {
        Form::Json(OfSession { session: None, .. }) => {
            print::json(&replay::export(&store, &config, global.clock().now()).await?)?;
        }
        Form::Json(OfSession { session: Some(id), of }) => {
            let on = On::of(global, of.summit.as_deref()).await?;
            print::json(&json::session(on.session(id)?, &on.register, &on.config.policy, on.now))?;
        }
        Form::Mbox(OfSession { session: Some(id), of }) => {
            let on = On::of(global, of.summit.as_deref()).await?;
            thread(&store, &on.session(id)?.key).await?;
        }
        Form::Mbox(OfSession { session: None, .. }) => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            let mut last = 0;
            loop {
                let page = store.inbox_page(last, PAGE_BYTES).await?;
                let Some(end) = page.last() else { break };
                last = end.id;
                for mail in &page {
                    mbox::write_mboxrd(&mut out, "rapporteur", mail.received, &mail.raw)?;
                }
            }
            out.flush()?;
        }
        Form::Ics { summit, track, person } => {
            let of = match (track, person) {
                (Some(track), _) => Of::Track(track.clone()),
                (_, Some(person)) => Of::Person(known_person(person)),
                _ => Of::Summit,
            };
            let on = On::of(global, summit.as_deref()).await?;
            write(calendar::feed(&on.record(), &of).as_bytes())?;
        }
        Form::Atom { of: OfSession { session, of }, outcomes } => {
            let on = On::of(global, of.summit.as_deref()).await?;
            let feed = match session {
                Some(id) => Feed::Session(on.session(id)?),
                None if *outcomes => Feed::Outcomes,
                None => Feed::Summit,
            };
            write(atom::feed(&on.record(), &feed).as_bytes())?;
        }
        Form::Schedule(of) => {
            write(schedule::timetable(&On::of(global, of.summit.as_deref()).await?.record()).as_bytes())?;
        }
        Form::Report(of) => write(report::report(&On::of(global, of.summit.as_deref()).await?.record()).as_bytes())?,
        Form::Wiki(of) => write(wiki::page(&On::of(global, of.summit.as_deref()).await?.record()).as_bytes())?,
    }
    Ok(Outcome::Done)
}

pub async fn replay(global: &Global) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let counts = store.counts().await?;
    let total = counts.ends.iter().map(|(_, n)| n).sum::<u64>() + counts.waiting;
    let bar = super::mail::progress_bar(total, "mails");
    let replayed = replay::replay(&store, &config, global.clock().now(), |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    if global.json {
        let differences: Vec<_> = replayed
            .differences
            .iter()
            .map(|d| serde_json::json!({"place": d.place, "stored": d.stored, "replayed": d.replayed}))
            .collect();
        print::json(&serde_json::json!({"mails": replayed.mails, "differences": differences}))?;
    } else {
        say!(
            "{} replayed, {} found.",
            print::count(replayed.mails, "mail"),
            print::count(replayed.differences.len() as u64, "difference")
        );
        for difference in &replayed.differences {
            say!("\n{}", difference.place);
            say!("  stored    {}", difference.stored);
            say!("  replayed  {}", difference.replayed);
        }
    }
    Ok(if replayed.differences.is_empty() { Outcome::Done } else { Outcome::NeedsAttention })
}
