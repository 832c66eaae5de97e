//! `erase`: takes a person out of all that is kept, after showing what that comes to.

use super::{Global, Outcome, Usage, print};
use crate::config::Config;
use crate::daemon::erase::{Erased, survey};
use crate::daemon::intake::Intake;
use crate::daemon::run::{self, RunError};
use crate::mail::Address;
use crate::mail::erase::Eraser;
use crate::store::Store;
use anyhow::Context;
use clap::Args;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

#[derive(Args)]
pub struct EraseArgs {
    /// An address of the person; their others, by `[[person]]` and the mailmap, go with it
    address: String,
    /// Show what would go; write nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub async fn erase(global: &Global, args: &EraseArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let address = Address::try_from(args.address.clone()).map_err(Usage)?;
    let ruled = config.policy.summits.iter().find(|summit| config.policy.is_organiser(summit, &address));
    if let Some(summit) = ruled {
        let what = format!("{address} is an organiser of {}: what they rule there carries their name", summit.slug);
        return Err(Usage(format!("{what}\n  fix: name somebody else in its `organisers` first")).into());
    }
    anyhow::ensure!(
        !global.json || args.dry_run || args.yes,
        Usage("nobody can be asked with --json: add --yes, or --dry-run to see what would go".into())
    );
    let found = survey(&store, &config, &address).await?;
    let places = places(&config, &found)?;
    if !global.json {
        describe(&found, &places);
    }
    let agreed = !args.dry_run && (args.yes || asked()?);
    let by = if agreed { Some(carry_out(global, &store, &config, &address).await?) } else { None };
    if global.json {
        print::json(&serde_json::json!({
            "addresses": found.addresses, "names": found.names,
            "mails": {"own": found.own, "others": found.others},
            "facts": found.facts, "letters": found.letters,
            "configuration": places, "erased": matches!(by, Some(By::Us)), "ordered": matches!(by, Some(By::Other(_))),
        }))?;
    } else {
        match by {
            Some(By::Us) => say!("Erased. Backups that were made before still hold them."),
            Some(By::Other(holder)) => say!("Ordered: {holder} works on the database, and does it within seconds."),
            None => say!("Nothing was changed."),
        }
    }
    store.close().await;
    Ok(Outcome::Done)
}

/// Who did it.
enum By {
    Us,
    /// Another process has the database, and finds the order there.
    Other(String),
}

async fn carry_out(global: &Global, store: &Store, config: &Config, address: &Address) -> anyhow::Result<By> {
    let now = global.clock().now();
    let mut work = store.begin().await?;
    work.order_erasure(address, now).await?;
    work.commit().await?;
    let done = run::holding(store, config, global.clock(), async {
        let mut intake = Intake::new(store, config, &run::holder());
        // Of mail that nobody has read yet it is not known whose it is.
        while !intake.settle(now).await?.is_empty() {}
        intake.erase(now).await?;
        anyhow::Ok(())
    });
    match done.await {
        Ok(()) => Ok(By::Us),
        Err(error) => match error.downcast::<RunError>()? {
            RunError::InUse { holder, .. } => Ok(By::Other(holder)),
            other => Err(other.into()),
        },
    }
}

fn describe(found: &Erased, places: &[String]) {
    let joined = |texts: Vec<&str>| if texts.is_empty() { "none".to_owned() } else { texts.join(", ") };
    say!("All that is known of this person goes:\n");
    print::row("Addresses", &joined(found.addresses.iter().map(Address::as_str).collect()));
    print::row("Names", &joined(found.names.iter().map(String::as_str).collect()));
    print::row("Their mails", &found.own.to_string());
    print::row("Others'", &format!("{} that name or quote them", print::count(found.others, "mail")));
    print::row("Facts", &found.facts.to_string());
    print::row("Letters", &found.letters.to_string());
    if !places.is_empty() {
        say!("\nThe configuration names them; that is yours to change:\n");
        places.iter().for_each(|place| say!("  {place}"));
    }
    say!("\nWhat they did for a session stays, by [erased]. There is no way back.");
}

/// Where the files of the operator name the person: `rapporteur.toml:31`.
fn places(config: &Config, found: &Erased) -> anyhow::Result<Vec<String>> {
    let eraser = Eraser::new(&found.addresses, &found.names, 0);
    let files = std::iter::once(&config.path).chain(&config.mailmap);
    let named = files.map(|file| {
        let text = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines = text.lines().enumerate().filter(|(_, line)| eraser.finds(line));
        anyhow::Ok(lines.map(|(index, _)| place(file, index + 1)).collect::<Vec<_>>())
    });
    Ok(named.collect::<anyhow::Result<Vec<_>>>()?.concat())
}

fn place(file: &Path, line: usize) -> String {
    format!("{}:{line}", file.display())
}

/// Whether a human says yes. Without one at the terminal it takes `--yes`.
fn asked() -> anyhow::Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Usage("nobody is there to be asked: add --yes, or --dry-run to see what would go".into()).into());
    }
    print!("\nErase? [y/N] ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    Ok(["y", "yes"].contains(&line.trim().to_lowercase().as_str()))
}
