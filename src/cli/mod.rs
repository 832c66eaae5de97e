//! The command line: arguments in, words and exit codes out. Each command is a thin shell around the other rooms.

/// A line of output.
macro_rules! say {
    () => { $crate::cli::print::write_out("\n") };
    ($($words:tt)*) => {{
        let mut line = format!($($words)*);
        line.push('\n');
        $crate::cli::print::write_out(&line);
    }};
}

mod archive;
mod check;
mod demo;
mod digest;
mod erase;
mod explain;
mod import;
mod init;
mod log;
mod look;
mod mail;
mod print;
mod publish;
mod review;

use crate::clock::{Clock, Timestamp};
use crate::config::{Config, ConfigError};
use crate::daemon::dns::Dns;
use crate::daemon::intake::Intake;
use crate::daemon::run::RunError;
use crate::daemon::{run, transport};
use crate::store::Store;
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   failed: the message says what and how to mend it
  2   the command line or the configuration is wrong
  3   done, and something needs attention (check, replay, once, import)
  75  not now: the mail was not taken, deliver it again later (deliver)";

/// How long the end of the program waits for what should have ended by itself.
const LEAVE: Duration = Duration::from_millis(200);

/// Follows a project's design sessions on its mailing list, from proposal to outcome.
#[derive(Parser)]
#[command(name = "rapporteur", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone)]
struct Global {
    /// The configuration [default: ./rapporteur.toml, then /etc/rapporteur/rapporteur.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Take this as the present, such as 2017-07-14T09:00:00Z
    #[arg(long, global = true, value_name = "TIME")]
    now: Option<Timestamp>,
    /// Print JSON where a script might read
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// See a whole summit go by, in a few seconds
    #[command(after_help = "Example:\n  rapporteur demo --fresh")]
    Demo(demo::DemoArgs),
    /// Set up a directory: configuration, Maildirs, database
    #[command(
        after_help = "Example:\n  rapporteur init summit --name \"Design Summit 2027\" --list devel@lists.example.org \\\n      --organiser ada@example.org"
    )]
    Init(init::InitArgs),
    /// Work until stopped: poll, understand, record, send
    #[command(after_help = "Example:\n  rapporteur --config /etc/rapporteur/rapporteur.toml run")]
    Run,
    /// One pass of everything, then stop (for cron)
    #[command(after_help = "Example, in a crontab:\n  */5 * * * * rapporteur --config ~/summit/rapporteur.toml once")]
    Once,
    /// Take one mail from standard input into the inbox (for an MTA's pipe)
    #[command(
        after_help = "Example, in /etc/aliases:\n  summit: \"|rapporteur --config /etc/rapporteur/rapporteur.toml deliver\""
    )]
    Deliver,
    /// Replay archives in order, or bring sessions in from elsewhere; sends nothing, safe to repeat
    #[command(
        after_help = "Examples:\n  rapporteur import archive.mbox.gz\n  rapporteur import ~/Maildir 2017-07.tar.xz one.eml\n  rapporteur import wiki page.txt"
    )]
    Import(mail::ImportArgs),
    /// What is understood of a mail, line by line; writes nothing
    #[command(
        after_help = "Examples:\n  rapporteur explain proposal.eml\n  rapporteur explain --json '<id@example.org>'"
    )]
    Explain(explain::ExplainArgs),
    /// The sessions, a line each
    #[command(after_help = "Example:\n  rapporteur sessions --summit xen2017")]
    Sessions(look::SessionsArgs),
    /// All about one session
    #[command(after_help = "Example:\n  rapporteur show S-7")]
    Show(look::ShowArgs),
    /// How things stand: mail, letters, what waits
    Status,
    /// Make a digest now; with --dry-run only show it
    #[command(
        after_help = "Examples:\n  rapporteur digest proposals --dry-run\n  rapporteur digest outcomes --dry-run --since 2027-07-13\n  rapporteur digest report --dry-run > report.txt"
    )]
    Digest(digest::DigestArgs),
    /// What goes out: list, show, hold, release, edit, drop
    #[command(subcommand)]
    Outbox(review::OutboxCommand),
    /// Mails that could not be read: list, show, retry
    #[command(subcommand)]
    Quarantine(review::QuarantineCommand),
    /// Take a person out of all that is kept: mails, facts, letters
    #[command(
        after_help = "Examples:\n  rapporteur erase ada@example.org --dry-run\n  rapporteur erase ada@example.org"
    )]
    Erase(erase::EraseArgs),
    /// Everything, as JSON or as an mbox of all mail; a summit in other forms
    #[command(
        after_help = "Examples:\n  rapporteur export json > summit.json\n  rapporteur export mbox > all.mbox\n  rapporteur export ics > calendar.ics"
    )]
    Export(archive::ExportArgs),
    /// Write the archive as a site: pages for people, files for calendars and programs
    #[command(after_help = "Example:\n  rapporteur publish /var/www/summit")]
    Publish(publish::PublishArgs),
    /// Rebuild all state from the stored mail and compare; sends nothing
    Replay,
    /// Can this configuration work? Every finding comes with its fix
    Check,
}

/// Something that the shell has to know beside the message.
#[derive(Debug)]
enum Outcome {
    Done,
    NeedsAttention,
    NotNow,
}

/// Runs the program as the command line says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // The daemon tells what it does; a command's words are its output.
    let level = if matches!(cli.command, Command::Run) { "info" } else { "warn" };
    log::begin(level);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("rapporteur: the system grants no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(dispatch(cli));
    // A disk that does not answer must not keep the process: what waits for it is left behind.
    runtime.shutdown_timeout(LEAVE);
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NeedsAttention) => ExitCode::from(3),
        Ok(Outcome::NotNow) => ExitCode::from(75),
        Err(error) => {
            eprintln!("rapporteur: {}", print::causes(&error));
            let usage = error.is::<ConfigError>() || error.is::<Usage>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

/// A command line that reads well and means nothing here: a summit or session that there isn't.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

async fn dispatch(cli: Cli) -> anyhow::Result<Outcome> {
    let Cli { global, command } = cli;
    match command {
        Command::Demo(args) => demo::demo(&args).await,
        Command::Init(args) => init::init(&args).await,
        Command::Explain(args) => explain::explain(&global, &args).await,
        Command::Deliver => mail::deliver(&global).await,
        Command::Check => check::check(&global).await,
        Command::Run => run_daemon(&global).await,
        Command::Once => once(&global).await,
        Command::Import(args) => mail::import(&global, &args).await,
        Command::Sessions(args) => look::sessions(&global, &args).await,
        Command::Show(args) => look::show(&global, &args).await,
        Command::Status => look::status(&global).await,
        Command::Digest(args) => digest::digest(&global, &args).await,
        Command::Outbox(command) => review::outbox(&global, &command).await,
        Command::Quarantine(command) => review::quarantine(&global, &command).await,
        Command::Erase(args) => erase::erase(&global, &args).await,
        Command::Export(args) => archive::export(&global, &args).await,
        Command::Publish(args) => publish::publish(&global, &args).await,
        Command::Replay => archive::replay(&global).await,
    }
}

impl Global {
    fn clock(&self) -> Clock {
        self.now.map_or(Clock::System, Clock::Fixed)
    }

    fn config(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref())
    }

    /// The configuration and its database, which is made when it is not there yet.
    async fn open(&self) -> anyhow::Result<(Config, Store)> {
        let config = self.config()?;
        let store = Store::open(&config.database, new_secret()?).await?;
        Ok((config, store))
    }
}

/// 32 bytes that nobody can guess: the key of a new instance's loop marks.
fn new_secret() -> anyhow::Result<[u8; 32]> {
    use std::io::Read;
    let mut bytes = [0; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("no random bytes from /dev/urandom")?;
    Ok(Sha256::digest(bytes).into())
}

async fn run_daemon(global: &Global) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    tracing::info!(config = %config.path.display(), poll_seconds = config.poll_seconds, "started");
    // Open work that does not end is cut off with the process, as after a crash.
    run::run(&store, config, global.clock()).await?;
    let _ = tokio::time::timeout(LEAVE, store.close()).await;
    Ok(Outcome::Done)
}

async fn once(global: &Global) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let clock = global.clock();
    let dns = Dns::of(&config).map_err(RunError::Dns)?;
    let done = run::holding(&store, &config, clock, async {
        let mut intake = Intake::new(&store, &config, &run::holder()).asking(dns);
        let mut transport = transport(&config);
        let done = run::once(&mut intake, &mut transport, clock, &run::Stop::default(), &mut |_| {}).await;
        transport.close().await;
        done.map_err(RunError::from)
    })
    .await?;
    for trouble in &done.troubles {
        eprintln!("rapporteur: {trouble}");
    }
    if global.json {
        print::json(&serde_json::json!({
            "fetched": done.fetched,
            "settled": done.settled,
            "digests": done.digests,
            "sent": done.delivered.sent,
            "later": done.delivered.later,
            "failed": done.delivered.failed,
            "held": done.delivered.held,
            "troubles": done.troubles.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?;
    } else {
        let (settled, sent) = (done.settled, done.delivered.sent);
        say!("{} fetched, {} settled, {sent} sent.", print::count(done.fetched, "mail"), settled);
    }
    store.close().await;
    Ok(if done.troubles.is_empty() { Outcome::Done } else { Outcome::NeedsAttention })
}

/// The summit that is meant: the named one, or the one whose time it is.
fn summit<'a>(config: &'a Config, slug: Option<&str>, now: Timestamp) -> Result<&'a crate::session::Summit, Usage> {
    let all = || config.policy.summits.iter().map(|s| s.slug.as_str()).collect::<Vec<_>>().join(", ");
    match slug {
        Some(slug) => config
            .policy
            .summit(slug)
            .ok_or_else(|| Usage(format!("there is no summit `{slug}`; the configuration has: {}", all()))),
        None => config.policy.summit_for(None, now).ok_or_else(|| Usage("the configuration has no summit".into())),
    }
}

/// The directory that relative paths of a configuration start from.
fn base(config: &Path) -> &Path {
    match config.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    }
}
