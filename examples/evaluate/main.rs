//! What the program understands, measured on mail whose right reading is known: one table.
//!
//! ```text
//! cargo run --release --example evaluate -- DIR [--config FILE] [--misses SET]
//! ```
//!
//! It stands outside the program, because such mail is other people's: it stays where it is, and what is not there is
//! said to be missing. A figure below its goal is a figure, no failure; only a file that cannot be read is one.
//!
//! The folder is laid out so; every part of it may be absent:
//!
//! ```text
//! DIR/expected/*.jsonl     a case a line; what kind of set it is, its name's first word says
//! DIR/hostile/, auth/, …   mails of any form, any depth of folders: each has to come to one end
//! DIR/session_mails/*.txt  a line `Kind: …` on top, then an empty line, then the mail
//! DIR/real/                mail of a real list: Maildir, mbox, tar, packed or not
//! ```
//!
//! A case has its text as `input`, or names its `file` below DIR, and the answer as `expect`:
//!
//! | set | `expect` | measured |
//! |---|---|---|
//! | `reply_*` | `trimmed`, `trimmed_text`, or `result` as a quote splitter gives it | the author's own words |
//! | `bounce_*` | `permanent`, `temporary` | the same two sets of addresses |
//! | `mime_*` | `expect_file`: a parsed mail as JSON | subject and text |
//! | `thread_*` | `forest`: trees of ids; the `file` is an archive, or `real/…` | the same trees |
//! | `sessions_*` | `label`, for the mail of `real/` with this `message_id` | which mails are proposals |
//! | `dkim_*` | `result` as a verifier gives it; `dns` beside it | the verdict on each signature |
//! | `commands_*` | anything | commands of another program: nothing of it may be an ask of ours |

mod bounces;
mod commands;
mod data;
mod hostile;
mod kinds;
mod mime;
mod proposals;
mod reply;
mod robots;
mod signatures;
mod speed;
mod table;
mod threads;

use clap::Parser;
use rapporteur::config::Config;
use std::path::{Path, PathBuf};
use table::Row;

/// Measure what is understood of mail whose right reading is known
#[derive(Parser)]
struct Arguments {
    /// The folder with the mail and the answers
    dir: PathBuf,
    /// The configuration of the list in DIR/real; its tags and its list are used. Default: a kernel summit's
    #[arg(long)]
    config: Option<PathBuf>,
    /// Print each miss of one set, with what was expected and what we got; the set as the table calls it
    #[arg(long, value_name = "SET")]
    misses: Option<String>,
}

/// The tags are the program's own and the list's own, as its organisers announce them each year.
const CONFIG: &str = r#"
address = "rapporteur@example.org"
transport = { kind = "maildir", path = "sent" }

[[list]]
address = "ksummit-discuss@lists.linuxfoundation.org"
aliases = ["ksummit@lists.linux.dev"]
subject_prefixes = ["Ksummit-discuss"]

[[summit]]
slug = "summit"
name = "Summit"
lists = ["ksummit-discuss@lists.linuxfoundation.org"]
proposal_tags = ["TOPIC", "DESIGN SESSION", "PROPOSAL", "SESSION", "LSF/MM TOPIC", "LSF/MM/BPF TOPIC",
    "TECH TOPIC", "CORE TOPIC", "MAINTAINERS SUMMIT", "MAINTAINER SUMMIT"]
"#;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let config = match &arguments.config {
        Some(path) => Config::load(Some(path))?,
        None => Config::parse(Path::new("rapporteur.toml"), CONFIG)?,
    };
    let data = data::Data::open(&arguments.dir)?;
    let real = data.real()?;
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(reply::measure(&data)?);
    rows.extend(bounces::measure(&data)?);
    rows.extend(mime::measure(&data)?);
    rows.extend(threads::measure(&data, &real)?);
    rows.extend(proposals::measure(&data, &real, &config)?);
    rows.extend(kinds::measure(&data, &config)?);
    rows.extend(robots::measure(&real));
    rows.extend(hostile::measure(&data, &config)?);
    rows.extend(commands::measure(&data, &config)?);
    rows.extend(signatures::measure(&data)?);
    rows.extend(speed::measure(&real, &config));
    match &arguments.misses {
        None => table::print(&rows),
        Some(set) => table::print_misses(&rows, set)?,
    }
    Ok(())
}
