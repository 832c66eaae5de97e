//! `publish`: the archive as a site of files, for any web server, a branch that is shown as pages, or no server at all.

use super::{Global, Outcome, print};
use crate::web::{self, Published};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct PublishArgs {
    /// Where the site is, or is to be
    dir: PathBuf,
}

pub async fn publish(global: &Global, args: &PublishArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let bar = super::mail::progress_bar(0, "pages");
    let published = web::publish(&store, &config.policy, &args.dir, global.clock().now(), |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    let published = published.await?;
    bar.finish_and_clear();
    store.close().await;
    let Published { files, written, removed } = published;
    if global.json {
        print::json(&published)?;
    } else if written + removed == 0 {
        say!("Nothing new: {} in {}.", print::count(files as u64, "file"), args.dir.display());
    } else {
        let removed = if removed > 0 { format!(", {removed} removed") } else { String::new() };
        say!("{} in {}: {written} written{removed}.", print::count(files as u64, "file"), args.dir.display());
    }
    Ok(Outcome::Done)
}
