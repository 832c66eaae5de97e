//! `import wiki`, `import schedule` and `import session-scheduler`: first a table of what would come, then, with `--yes`,
//! the mails of it into the inbox.

use super::{Global, Outcome, Usage, print, summit};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::daemon::intake::Intake;
use crate::daemon::run;
use crate::import::letter::{Desk, Letter};
use crate::import::{Entry, Fault, Source, schedule, scheduler, wiki};
use crate::letters::answer::hosts;
use crate::letters::when;
use crate::letters::wrap::{cut, printable};
use crate::mail::{Address, MessageId};
use crate::mailbox;
use crate::session::{Register, SessionKey, Summit, TitleMatch};
use crate::store::{self, Arrival, Origin, Store};
use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum From {
    /// A wiki page: wikitext with {{project}}, or the page as plain text
    #[command(after_help = "Example:\n  rapporteur import wiki page.txt --url https://wiki.example.org/Sessions --yes")]
    Wiki(ImportArgs),
    /// A timetable: schedule.xml (frab, pentabarf), pretalx's schedule.json, or a page of its API
    #[command(after_help = "Example:\n  rapporteur import schedule schedule.xml --yes")]
    Schedule(ImportArgs),
    /// The database of session-scheduler
    #[command(
        after_help = "Example:\n  rapporteur import session-scheduler event.sqlite --url https://sessions.example.org --yes"
    )]
    SessionScheduler(ImportArgs),
}

#[derive(Args)]
pub struct ImportArgs {
    file: PathBuf,
    /// The summit's slug [default: the only one, else the one that opened last]
    #[arg(long, value_name = "SLUG")]
    summit: Option<String>,
    /// Where the source can be read: each session refers to it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Who brings the sessions whose source names nobody's address [default: the summit's first organiser]
    #[arg(long, value_name = "ADDRESS")]
    operator: Option<String>,
    /// Do it; without this only show what would come
    #[arg(long)]
    yes: bool,
}

/// What becomes of an entry.
enum Fate {
    New,
    /// It came before, and says something else now.
    Changed,
    Known,
    /// A session of this title is there that did not come from here.
    There(SessionKey),
}

/// An entry with the mails that it takes.
struct Plan<'a> {
    entry: &'a Entry,
    fate: Fate,
    title: String,
    row: Vec<String>,
    letters: Vec<Letter>,
    /// Lines that would have acted.
    moved: Vec<String>,
    repairs: Vec<String>,
}

pub async fn import(global: &Global, from: &From) -> anyhow::Result<Outcome> {
    let (args, kind) = match from {
        From::Wiki(args) => (args, "wiki"),
        From::Schedule(args) => (args, "schedule"),
        From::SessionScheduler(args) => (args, "session-scheduler"),
    };
    let (config, store) = global.open().await?;
    let now = global.clock().now();
    let summit = summit(&config, args.summit.as_deref(), now)?;
    let mut source = read(from, &args.file, summit).await?;
    if let Some(url) = &args.url {
        refer(&mut source, url)?;
    }
    let operator = operator(args.operator.as_deref(), summit)?;
    let list = summit.lists.first().context("the summit has no list")?;
    let desk = Desk { policy: &config.policy, summit, list, operator: &operator, kind };
    let register = super::look::register(&store, &config).await?;
    let mut plans = Vec::new();
    for entry in &source.entries {
        plans.push(plan(&desk, &store, &register, entry, now).await?);
    }
    if !global.json {
        show(&plans, &source, summit);
    }
    let (mut new, letters) = (0, plans.iter().map(|plan| plan.letters.len()).sum::<usize>());
    if args.yes {
        new = run::holding(&store, &config, global.clock(), take(&store, &config, &plans, now)).await?;
    }
    told(global, args.yes, &plans, &source, letters, new)?;
    store.close().await;
    Ok(Outcome::Done)
}

async fn read(from: &From, file: &Path, summit: &Summit) -> anyhow::Result<Source> {
    let source = match from {
        From::Wiki(_) => wiki::read(&text(file)?),
        From::Schedule(_) => schedule::read(&text(file)?, &summit.zone),
        From::SessionScheduler(_) => {
            let what = || format!("{} is no database of session-scheduler", file.display());
            let (discussions, wishes) = store::scheduler::read(file).await.with_context(what)?;
            scheduler::read(&discussions, &wishes, &summit.zone)
        }
    };
    source.map_err(|fault| in_file(file, &fault))
}

fn text(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::File::open(file)
        .and_then(|open| mailbox::read_bounded(open, mailbox::LIMIT))
        .with_context(|| format!("{} can't be read", file.display()))?;
    if bytes.len() > mailbox::LIMIT {
        anyhow::bail!("{} is larger than {} MiB", file.display(), mailbox::LIMIT >> 20);
    }
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        in_file(file, &Fault { line: Some(line + 1), what: "this is not UTF-8".into(), fix: "save it as UTF-8".into() })
    })
}

/// `page.txt:24: what is wrong`, and how to mend it.
fn in_file(file: &Path, fault: &Fault) -> anyhow::Error {
    let between = if fault.line.is_some() { ":" } else { ": " };
    anyhow::anyhow!("{}{between}{fault}", file.display())
}

fn operator(given: Option<&str>, summit: &Summit) -> Result<Address, Usage> {
    match given {
        Some(text) => Address::parse(text)
            .ok_or_else(|| Usage(format!("`{text}` is not a mail address\n  fix: write it like `ada@example.org`"))),
        None => summit.organisers.first().cloned().ok_or_else(|| {
            let what = format!("`{}` has no organiser who could bring sessions", summit.slug);
            Usage(format!("{what}\n  fix: say who does, with --operator ADDRESS"))
        }),
    }
}

/// Each session refers to its source.
fn refer(source: &mut Source, url: &str) -> Result<(), Usage> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(Usage(format!(
            "`{url}` is no web address\n  fix: write it like `https://wiki.example.org/Sessions`"
        )));
    }
    for entry in &mut source.entries {
        let page =
            entry.page.as_ref().map_or_else(|| url.to_owned(), |page| format!("{}/{page}", url.trim_end_matches('/')));
        entry.text = format!("Ref: {page}\n{}", entry.text);
    }
    Ok(())
}

async fn plan<'a>(
    desk: &Desk<'_>,
    store: &Store,
    register: &Register,
    entry: &'a Entry,
    now: Timestamp,
) -> anyhow::Result<Plan<'a>> {
    let (_, reading) = desk.understood(&desk.proposal(entry, 1, now).0);
    let proposal = reading.proposal.unwrap_or_default();
    // When it was proposed, as the source or the proposal itself says.
    let day = proposal.submitted.and_then(|day| noon(&day, desk.summit));
    let proposed = entry.proposed.or(day).unwrap_or(now).min(now);
    let (first, moved) = desk.proposal(entry, 1, moment(desk, proposed)?);
    let fate = match versions(store, |version| desk.id(entry, version)).await? {
        0 => match register.titled(&desk.summit.slug, &proposal.title) {
            TitleMatch::Exactly(key) => Fate::There(key),
            _ => Fate::New,
        },
        last => {
            let (latest, _) = desk.proposal(entry, last, now);
            let known = store.raw_of(&latest.id).await?.unwrap_or_default();
            if Desk::says_the_same(&latest, &known) { Fate::Known } else { Fate::Changed }
        }
    };
    let mut letters = Vec::new();
    match &fate {
        Fate::New => letters.push(first),
        Fate::Changed => {
            let next = versions(store, |version| desk.id(entry, version)).await? + 1;
            letters.push(desk.proposal(entry, next, moment(desk, now)?).0);
        }
        Fate::Known | Fate::There(_) => {}
    }
    if !matches!(fate, Fate::There(_)) {
        for voice in &entry.voices {
            let last = versions(store, |version| desk.voice_id(entry, voice, version)).await?;
            let at = if last == 0 { proposed } else { now };
            let known = desk.voice(entry, voice, last.max(1), moment(desk, at)?);
            let raw = store.raw_of(&known.id).await?;
            if !raw.is_some_and(|raw| Desk::says_the_same(&known, &raw)) {
                letters.push(desk.voice(entry, voice, last + 1, known.at));
            }
        }
    }
    let state = match &fate {
        Fate::New => "new".to_owned(),
        Fate::Changed => "changed".into(),
        Fate::Known => "known".into(),
        Fate::There(key) => format!("is {key}"),
    };
    let slot = proposal.slot.map_or_else(String::new, |slot| when::slot(&slot, &desk.summit.zone));
    let row = vec![
        state,
        entry.place.clone(),
        cut(&printable(&proposal.title), 44),
        cut(&hosts(&proposal.hosts), 32),
        cut(&proposal.track.as_deref().map_or_else(String::new, printable), 24),
        cut(&printable(&slot), 40),
        if entry.voices.is_empty() { String::new() } else { entry.voices.len().to_string() },
    ];
    let repairs = reading.repairs.into_iter().map(|repair| repair.text).collect();
    Ok(Plan { entry, fate, title: proposal.title, row, letters, moved, repairs })
}

/// How many versions of a mail are there.
async fn versions(store: &Store, id: impl Fn(u32) -> MessageId) -> anyhow::Result<u32> {
    let mut known = 0;
    while store.raw_of(&id(known + 1)).await?.is_some() {
        known += 1;
    }
    Ok(known)
}

/// A time at which mail of the list belongs to the summit: this one, else on the nearest of its days.
fn moment(desk: &Desk, at: Timestamp) -> Result<Timestamp, Usage> {
    let summit = desk.summit;
    let list = desk.policy.list(desk.list);
    let belongs = |at: &Timestamp| desk.policy.summit_for(list, *at).is_some_and(|one| one.slug == summit.slug);
    let days = [summit.opens, summit.closes];
    let near = days.iter().flatten().filter_map(|day| noon(day, summit));
    std::iter::once(at).chain(near).find(belongs).ok_or_else(|| {
        let day = at.to_zoned(summit.zone.clone()).date();
        let other = desk.policy.summit_for(list, at).map_or("none", |other| other.slug.as_str());
        let what = format!("mail of {day} to {} belongs to the summit `{other}`, not to `{}`", desk.list, summit.slug);
        Usage(format!("{what}\n  fix: set `opens` and `closes` of `{}` in the configuration", summit.slug))
    })
}

fn noon(day: &Date, summit: &Summit) -> Option<Timestamp> {
    day.at(12, 0, 0, 0).to_zoned(summit.zone.clone()).map(|noon| noon.timestamp()).ok()
}

async fn take(store: &Store, config: &Config, plans: &[Plan<'_>], now: Timestamp) -> anyhow::Result<u64> {
    let letters = plans.iter().flat_map(|plan| &plan.letters);
    let arrivals: Vec<Arrival> = letters
        .map(|letter| Arrival {
            source_key: letter.id.to_string(),
            raw: letter.raw.clone(),
            received: letter.at,
            origin: Origin::Archive,
        })
        .collect();
    // One transaction: all of it comes, or nothing.
    let new = store.receive("import", &arrivals, None).await?;
    let mut intake = Intake::new(store, config, &run::holder());
    while !intake.settle(now).await?.is_empty() {}
    Ok(new)
}

fn show(plans: &[Plan], source: &Source, summit: &Summit) {
    let head = ["STATE", "WHERE", "TITLE", "HOSTS", "TRACK", "SLOT", "INTEREST"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(plans.iter().map(|plan| plan.row.clone())).collect();
    // A column with nothing in it says nothing.
    let says = |column: &usize| rows[1..].iter().any(|row| !row[*column].is_empty());
    let columns: Vec<usize> = (0..rows[0].len()).filter(says).collect();
    print::table(&rows.iter().map(|row| columns.iter().map(|at| row[*at].clone()).collect()).collect::<Vec<_>>());
    let mut remarks: BTreeSet<(usize, String)> = BTreeSet::new();
    for (n, plan) in plans.iter().enumerate() {
        let place = &plan.entry.place;
        remarks.extend(plan.repairs.iter().map(|repair| (n, format!("{place}: {}", printable(repair)))));
        remarks.extend(plan.moved.iter().map(|line| {
            (n, format!("{place}: `{}` is kept as words: nothing in a source acts", cut(&printable(line), 60)))
        }));
    }
    let remarks = remarks.into_iter().map(|(_, remark)| remark).chain(source.remarks.iter().map(|one| printable(one)));
    let remarks: Vec<String> = remarks.collect();
    if !remarks.is_empty() {
        say!();
        remarks.iter().for_each(|remark| print::row("Note", remark));
    }
    say!();
    let planned = |track: &String| summit.tracks.iter().any(|known| known.to_lowercase() == track.to_lowercase());
    if !source.tracks.iter().all(planned) {
        say!(
            "Its tracks, in its order, for `{}` in the configuration; what is planned there has a heading everywhere:",
            summit.slug
        );
        say!();
        say!("tracks = [");
        source.tracks.iter().for_each(|track| say!("    {},", toml::Value::from(printable(track))));
        say!("]");
        say!();
    }
}

fn told(global: &Global, done: bool, plans: &[Plan], source: &Source, letters: usize, new: u64) -> anyhow::Result<()> {
    let of = |wanted: fn(&Fate) -> bool| plans.iter().filter(|plan| wanted(&plan.fate)).count();
    let (fresh, changed) = (of(|fate| matches!(fate, Fate::New)), of(|fate| matches!(fate, Fate::Changed)));
    if global.json {
        let entries: Vec<_> = plans
            .iter()
            .map(|plan| serde_json::json!({"state": plan.row[0], "where": plan.row[1], "title": plan.title, "mails": plan.letters.len()}))
            .collect();
        let counts = serde_json::json!({
            "read": plans.len(), "new": fresh, "changed": changed, "mails": letters, "done": done, "entries": entries,
            "tracks": source.tracks,
        });
        return print::json(&counts);
    }
    let read = print::count(plans.len() as u64, "session");
    let read = match (fresh, changed) {
        (0, 0) if letters > 0 => format!("{read} read, nothing of the sessions changed"),
        (_, 0) => format!("{read} read, {fresh} of them new"),
        _ => format!("{read} read, {fresh} of them new, {changed} changed"),
    };
    match (letters, done) {
        (0, _) => say!("{read}: nothing to do."),
        (_, true) => say!("{read}: {} written into the inbox. Nothing was sent.", print::count(new, "mail")),
        (_, false) => say!("{read}. Nothing was done yet: --yes does it."),
    }
    Ok(())
}
