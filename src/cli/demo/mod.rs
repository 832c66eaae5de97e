//! `demo`: a summit goes by in a few seconds.
//!
//! The mails of a story (`story.txt`, `mails/`) are delivered to a Maildir one by one, each followed by the very pass
//! that the daemon runs, with the clock at the story's time. What it prints is what those passes did.

use super::init::{InitArgs, set_up};
use super::{Outcome, look, print, transport};
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::daemon::intake::{Intake, Settlement};
use crate::daemon::ticks::{Digest, Tick, Ticks};
use crate::daemon::{delivery, run};
use crate::letters::wrap::{cut, printable};
use crate::letters::{LetterKind, when};
use crate::mail::end::name;
use crate::mail::{Address, End};
use crate::mailbox::maildir;
use crate::session::Summit;
use crate::store::{LetterRow, Store};
use anyhow::{Context, bail};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct DemoArgs {
    /// Where the demo lives
    #[arg(default_value = "demo")]
    dir: PathBuf,
    /// Delete what an earlier demo left there, and begin anew
    #[arg(long)]
    fresh: bool,
}

const STORY: &str = include_str!("story.txt");

macro_rules! mails {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("mails/", $name)))),*]
    };
}

/// The story's mails by name, as the list delivers them.
const MAILS: &[(&str, &[u8])] = mails![
    "01-graphics-proposal.eml",
    "02-toolstacks-proposal.eml",
    "03-testing-proposal.eml",
    "04-priya-suggests.eml",
    "05-jonas-plus-one.eml",
    "06-zsofia-in-person.eml",
    "07-liam-on-holiday.eml",
    "08-kenji-remote.eml",
    "09-toolstacks-again.eml",
    "10-patch.eml",
    "11-patch-review.eml",
    "12-amina-count-me-in.eml",
    "13-daniel-reference.eml",
    "14-ravi-withdraws.eml",
    "15-elena-quotes-him.eml",
    "16-grace-misspells.eml",
    "17-grace-corrects.eml",
    "18-marta-first-slot.eml",
    "19-marta-two-slots.eml",
    "20-sofia-declines.eml",
    "21-marta-moves-slot.eml",
    "22-cna-proposal.eml",
    "23-tomasz-very.eml",
    "24-bounce.eml",
    "25-graphics-notes.eml",
    "26-toolstacks-notes.eml",
    "27-priya-completes-notes.eml",
    "28-hallway-notes.eml",
];

/// One line of the story.
enum Step<'a> {
    Deliver(&'a str, &'static [u8]),
    Digest(Digest),
}

pub async fn demo(args: &DemoArgs) -> anyhow::Result<Outcome> {
    let config_path = args.dir.join("rapporteur.toml");
    if config_path.exists() && !args.fresh {
        say!("{} holds an earlier demo; `--fresh` makes it anew.", args.dir.display());
        next_steps(&config_path);
        return Ok(Outcome::Done);
    }
    if args.fresh && args.dir.exists() {
        clear(&args.dir)?;
    }
    let config = set_up_demo(args).await?;
    let store = Store::open(&config.database, super::new_secret()?).await?;
    let shown = tell(&store, &config, &args.dir).await;
    store.close().await;
    shown?;
    next_steps(&config_path);
    Ok(Outcome::Done)
}

/// Deletes a demo, and nothing that might be something else.
fn clear(dir: &Path) -> anyhow::Result<()> {
    let is_demo = dir.join("rapporteur.toml").exists() && dir.join("inbox/new").is_dir();
    if !is_demo {
        bail!("{} is no demo of ours, and stays as it is\n  fix: name another directory", dir.display());
    }
    std::fs::remove_dir_all(dir).with_context(|| format!("{} can't be deleted", dir.display()))
}

async fn set_up_demo(args: &DemoArgs) -> anyhow::Result<Config> {
    let at = |text: &str| Address::try_from(text.to_owned()).map_err(anyhow::Error::msg);
    let path = set_up(&InitArgs {
        dir: args.dir.clone(),
        name: "Developer and Design Summit 2017".into(),
        list: at("xen-devel@lists.example.org")?,
        list_id: None,
        organiser: vec![at("marta.olsen@example.org")?],
        zone: "Europe/Budapest".into(),
        slug: Some("xen2017".into()),
        address: Some(at("rapporteur@example.org")?),
        archive: Some("https://lists.example.org/archives/xen-devel/{message_id}/".into()),
    })
    .await?;
    // The list puts its name in front of subjects, the mail server says whose mail it is; and the story says when digests
    // are due.
    let text = std::fs::read_to_string(&path)?
        .replace("# subject_prefixes = [\"devel\"]", "subject_prefixes = [\"Xen-devel\"]")
        .replace("# authserv_ids = [\"mx.example.org\"]", "authserv_ids = [\"mail.example.org\"]")
        .replace("_digest = \"Mon 09:00\"", "_digest = \"never\"")
        .replace("agenda = \"18:00\"", "agenda = \"never\"");
    std::fs::write(&path, &text)?;
    Ok(Config::parse(&path, &text)?)
}

/// Plays the story and prints what happens.
async fn tell(store: &Store, config: &Config, dir: &Path) -> anyhow::Result<()> {
    let summit = &config.policy.summits[0];
    say!("{}, on {}", summit.name, summit.lists[0]);
    let mut intake = Intake::new(store, config, "demo");
    let mut out = transport(config);
    let (mut day, mut now) = (String::new(), Timestamp::UNIX_EPOCH);
    for (at, step) in steps()? {
        now = at;
        let today = when::day(at, &summit.zone);
        if today != day {
            print::heading(&today);
            day = today;
        }
        match step {
            Step::Deliver(file, raw) => {
                let mail = maildir::deliver(&dir.join("inbox"), file, raw)?;
                // The file's time is when the mailbox received it.
                std::fs::File::options().write(true).open(mail)?.set_modified(at.into())?;
                let mut tell = |settlement: &Settlement| tell_mail(settlement, at, summit);
                run::once(&mut intake, &mut out, Clock::Fixed(at), &run::Stop::default(), &mut tell).await?;
            }
            Step::Digest(kind) => {
                let key = format!("{}:{}:{at}", kind.name(), summit.slug);
                let ticks = Ticks { store, config, register: intake.up_to_date().await?, now: at };
                let made = ticks.run(&Tick { digest: kind, summit, due: at, key: &key }).await?;
                let (clock, stop) = (Clock::Fixed(at), run::Stop::default());
                delivery::pass(store, config, &mut out, "demo", clock, &stop).await?;
                let what = if made { "goes to the list" } else { "has nothing to say" };
                say!("  {}  The digest of {} {what}.", time(at, summit), kind.name());
            }
        }
    }
    print::heading("The sessions");
    look::table(intake.register(), summit, now);
    tell_letters(store, dir).await
}

fn tell_mail(settlement: &Settlement, at: Timestamp, summit: &Summit) {
    let row = &settlement.row;
    let who = row.from_name.clone().or(row.from_address.as_ref().map(ToString::to_string));
    let subject = cut(&printable(&row.subject), 60);
    say!("  {}  {}: {subject}", time(at, summit), printable(who.as_deref().unwrap_or("somebody")));
    let end = match row.reason.end() {
        End::Recorded => String::new(),
        other => format!("{}: ", name(other)),
    };
    say!("         {end}{}, {}", name(row.kind), row.detail);
    settlement.repairs.iter().for_each(|repair| say!("         repaired: {}", cut(repair, 80)));
    settlement.letters.iter().for_each(|subject| say!("         answered privately: {subject}"));
}

fn time(at: Timestamp, summit: &Summit) -> String {
    at.to_zoned(summit.zone.clone()).strftime("%H:%M").to_string()
}

/// One private answer, and both digests, exactly as they went out.
async fn tell_letters(store: &Store, dir: &Path) -> anyhow::Result<()> {
    let letters = store.letters(None).await?;
    let errors = |letter: &&LetterRow| letter.kind == LetterKind::Answer && letter.subject.contains("not done");
    let answer = letters.iter().filter(errors).max_by_key(|letter| letter.subject.contains("2 lines"));
    let digests = letters.iter().filter(|l| matches!(l.kind, LetterKind::ProposalDigest | LetterKind::OutcomeDigest));
    for (letter, title) in answer.map(|letter| (letter, "A private answer")).into_iter().chain(digests.map(|letter| {
        let title = match letter.kind {
            LetterKind::OutcomeDigest => "The outcome digest, as it went to the list",
            _ => "The digest, as it went to the list",
        };
        (letter, title)
    })) {
        if let Some((_, bytes)) = store.letter(letter.id).await? {
            print::heading(&format!("{title}\n{}", "=".repeat(72)));
            print::mail(&bytes);
        }
    }
    say!("{}", "=".repeat(72));
    say!("All {} letters are in {}/sent, a Maildir.", letters.len(), dir.display());
    Ok(())
}

fn next_steps(config: &Path) {
    let config = config.display();
    // The program as it was called, so that the lines can be pasted.
    let program = std::env::args().next().unwrap_or_else(|| "rapporteur".into());
    say!("\nNext, try:");
    say!("  {program} --config {config} show S-1");
    say!("  {program} --config {config} explain '{}'", message_id("22-cna-proposal.eml"));
    say!("  {program} --config {config} replay");
}

/// The Message-ID of one of the story's mails, as `explain` takes it.
fn message_id(name: &str) -> String {
    let raw = MAILS.iter().find(|(known, _)| *known == name).map_or(&b""[..], |(_, raw)| raw);
    format!("<{}>", crate::mail::read(raw, Timestamp::UNIX_EPOCH).message_id)
}

/// The story's lines with their times.
fn steps() -> anyhow::Result<Vec<(Timestamp, Step<'static>)>> {
    let lines = STORY.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(step).collect()
}

fn step(line: &'static str) -> anyhow::Result<(Timestamp, Step<'static>)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [verb, at, what] = words.as_slice() else { bail!("the story has a line that is none: {line}") };
    let step = match *verb {
        "deliver" => {
            let mail = MAILS.iter().find(|(name, _)| name == what);
            let (name, raw) = mail.with_context(|| format!("the story has no mail {what}"))?;
            Step::Deliver(name, raw)
        }
        "digest" => {
            let kind = Digest::ALL.into_iter().find(|kind| kind.name() == *what);
            Step::Digest(kind.with_context(|| format!("there is no digest of {what}"))?)
        }
        _ => bail!("the story knows no `{verb}`: {line}"),
    };
    Ok((at.parse()?, step))
}
