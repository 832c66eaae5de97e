//! `export` and `replay`: everything that is known, and the proof that it follows from the mail alone.

use super::{Global, Outcome, print};
use crate::daemon::replay;
use crate::mailbox::mbox;
use clap::{Args, ValueEnum};
use std::io::Write;

#[derive(Args)]
pub struct ExportArgs {
    form: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// Summits, sessions, mail and letters (docs/export.md)
    Json,
    /// Every mail as it arrived, as mboxrd
    Mbox,
}

/// Mail read at a time.
const PAGE_BYTES: u64 = 16 << 20;

pub async fn export(global: &Global, args: &ExportArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    match args.form {
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
