//! `deliver` and `import`: mail that doesn't come through a polled mailbox.

use super::{Global, Outcome, print};
use crate::daemon::fetch::Batch;
use crate::daemon::intake::Intake;
use crate::daemon::run;
use crate::mailbox::{self, archive};
use crate::store::{Arrival, Origin, Store};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ImportArgs {
    #[command(subcommand)]
    from: Option<super::import::From>,
    /// mbox files, Maildirs, directories of .eml files, tar archives; compressed or not
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Mails fetched from an archive before they are settled: their raw bytes are in the inbox by then.
const STRIDE: u64 = 1000;

pub async fn deliver(global: &Global) -> anyhow::Result<Outcome> {
    // Whatever keeps us from taking it, a configuration being edited included: the MTA keeps the mail and tries again.
    match take(global).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => {
            eprintln!("rapporteur: the mail was not taken: {}", print::causes(&error));
            Ok(Outcome::NotNow)
        }
    }
}

async fn take(global: &Global) -> anyhow::Result<()> {
    let (_, store) = global.open().await?;
    let raw = mailbox::read_bounded(std::io::stdin().lock(), mailbox::LIMIT)?;
    let received = global.clock().now();
    let arrival = Arrival { source_key: key(&raw), raw, received, origin: Origin::Live };
    store.receive("deliver", &[arrival], None).await?;
    store.close().await;
    Ok(())
}

pub async fn import(global: &Global, args: &ImportArgs) -> anyhow::Result<Outcome> {
    if let Some(from) = &args.from {
        return super::import::import(global, from).await;
    }
    let (config, store) = global.open().await?;
    let clock = global.clock();
    let imported = run::holding(&store, &config, clock, async {
        let mut intake = Intake::new(&store, &config, &run::holder());
        import_all(&mut intake, &store, args, clock).await
    })
    .await;
    let Imported { seen, new, troubles } = imported?;
    for trouble in &troubles {
        eprintln!("rapporteur: {trouble}");
    }
    let troubles = troubles.len();
    if global.json {
        print::json(&serde_json::json!({"read": seen, "new": new, "troubles": troubles}))?;
    } else {
        say!("{} read, {new} of them new. Nothing was sent.", print::count(seen, "mail"));
    }
    store.close().await;
    Ok(if troubles == 0 { Outcome::Done } else { Outcome::NeedsAttention })
}

struct Imported {
    seen: u64,
    new: u64,
    troubles: Vec<mailbox::Trouble>,
}

async fn import_all(
    intake: &mut Intake<'_>,
    store: &Store,
    args: &ImportArgs,
    clock: crate::clock::Clock,
) -> anyhow::Result<Imported> {
    let mut archive = archive::open(&args.paths);
    let progress = archive.progress();
    let bar = progress_bar(progress.total(), "bytes");
    let mut imported = Imported { seen: 0, new: 0, troubles: Vec::new() };
    let mut batch = Batch::new("import");
    loop {
        let next = tokio::task::block_in_place(|| archive.next());
        let ended = next.is_none();
        match next {
            Some(Ok(mail)) => {
                imported.seen += 1;
                let (source_key, received) = (key(&mail.raw), mail.received);
                batch.add(store, Arrival { source_key, raw: mail.raw, received, origin: Origin::Archive }).await?;
            }
            Some(Err(trouble)) => imported.troubles.push(trouble),
            None => {}
        }
        if ended || imported.seen.is_multiple_of(STRIDE) {
            imported.new += std::mem::replace(&mut batch, Batch::new("import")).finish(store, None).await?;
            while !intake.settle(clock.now()).await?.is_empty() {}
            bar.set_position(progress.done());
            bar.set_message(format!("{} mails", imported.seen));
        }
        if ended {
            intake.erase(clock.now()).await?;
            bar.finish_and_clear();
            return Ok(imported);
        }
    }
}

/// A mail's key where the place it lies in gives none: the same bytes are the same mail.
fn key(raw: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(raw))
}

/// A bar with rate and remaining time; on a terminal only.
pub fn progress_bar(total: u64, unit: &str) -> ProgressBar {
    let template = match unit {
        "bytes" => "{wide_bar} {bytes}/{total_bytes}  {msg}  {bytes_per_sec}  {eta} left",
        _ => &format!("{{wide_bar}} {{pos}}/{{len}} {unit}  {{per_sec}}  {{eta}} left"),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
