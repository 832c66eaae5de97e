//! `digest`: makes one of the mails to the list now, or only shows it.

use super::{Global, Outcome, Usage, look, print, summit};
use crate::clock::Timestamp;
use crate::daemon::ticks::{Digest, Tick, Ticks};
use crate::session::Summit;
use clap::{Args, ValueEnum};
use jiff::civil::Date;

#[derive(Args)]
pub struct DigestArgs {
    kind: Kind,
    /// The summit's slug [default: the only one, else the one that opened last]
    #[arg(long)]
    summit: Option<String>,
    /// Print the mail; queue and record nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell what is new since a day or a time, such as 2027-05-03 [default: the last digest]
    #[arg(long, requires = "dry_run", value_name = "WHEN")]
    since: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// What is proposed, and what changed
    Proposals,
    /// What takes place when and where
    Agenda,
    /// What was decided, and who does what
    Outcomes,
    /// All of a summit, once it is over
    Report,
}

pub async fn digest(global: &Global, args: &DigestArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let now = global.clock().now();
    let summit = summit(&config, args.summit.as_deref(), now)?;
    let digest = match args.kind {
        Kind::Proposals => Digest::Proposals,
        Kind::Agenda => Digest::Agenda,
        Kind::Outcomes => Digest::Outcomes,
        Kind::Report => Digest::Report,
    };
    let since = args.since.as_deref().map(|text| moment(text, summit)).transpose()?;
    let register = look::register(&store, &config).await?;
    let ticks = Ticks { store: &store, config: &config, register: &register, now };
    let key = format!("{}:{}:by hand {now}", digest.name(), summit.slug);
    let tick = Tick { digest, summit, due: now, key: &key };
    if args.dry_run {
        match ticks.make(&tick, since).await?.letter {
            Some(letter) => print::mail(&letter.bytes),
            None => say!("Nothing to say: {}.", silence(digest)),
        }
    } else if ticks.run(&tick).await? {
        say!("Queued. `rapporteur once` sends it, or `run` within {} s.", config.poll_seconds);
    } else {
        say!("Nothing to say: {}; no mail.", silence(digest));
    }
    Ok(Outcome::Done)
}

/// Why there is no mail.
fn silence(digest: Digest) -> &'static str {
    match digest {
        Digest::Proposals => "nothing happened since the last digest of proposals",
        Digest::Agenda => "no session with a time is still to come",
        Digest::Outcomes => "nothing happened since the last digest of outcomes",
        Digest::Report => "there are no sessions",
    }
}

/// A day begins at midnight in the summit's zone.
fn moment(text: &str, summit: &Summit) -> Result<Timestamp, Usage> {
    let day = || text.parse::<Date>().ok()?.to_zoned(summit.zone.clone()).ok().map(|day| day.timestamp());
    let wrong = || Usage(format!("`{text}` is not a time: write 2027-05-03 or 2027-05-03T09:00:00Z"));
    text.parse::<Timestamp>().ok().or_else(day).ok_or_else(wrong)
}
