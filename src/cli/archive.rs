//! `export` and `replay`: everything that is known, and the proof that it follows from the mail alone.

use super::{Global, Outcome, print};
use crate::daemon::replay;
use crate::mailbox::mbox;
use crate::pages::calendar::Feed;
use clap::{Args, Subcommand};
use std::io::Write;

#[derive(Args)]
pub struct ExportArgs {
    #[command(subcommand)]
    form: Form,
}

#[derive(Subcommand)]
enum Form {
    /// Summits, sessions, mail and letters (docs/export.md)
    Json,
    /// Every mail as it arrived, as mboxrd
    Mbox,
    /// A summit's sessions that have a time, as a calendar (RFC 5545)
    Ics {
        /// The summit's slug [default: the only one, else the one that opened last]
        #[arg(long, value_name = "SLUG")]
        summit: Option<String>,
    },
}

/// Mail read at a time.
const PAGE_BYTES: u64 = 16 << 20;

pub async fn export(global: &Global, args: &ExportArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    match &args.form {
        Form::Json => print::json(&replay::export(&store, &config, global.clock().now()).await?)?,
        Form::Mbox => {
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
        Form::Ics { summit } => {
            let now = global.clock().now();
            let summit = super::summit(&config, summit.as_deref(), now)?;
            let register = super::look::register(&store, &config).await?;
            let roots: Vec<_> = register.of_summit(&summit.slug).map(|session| session.root.clone()).collect();
            let archived = store.archived_at(&roots).await?;
            let feed = Feed { policy: &config.policy, summit, register: &register, archived: &archived, now };
            std::io::stdout().lock().write_all(feed.text().as_bytes())?;
        }
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
