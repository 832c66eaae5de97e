//! The daemon at work: the only place that sleeps, wakes and hears signals.
//!
//! ```text
//! watchers, one a mailbox ──commit──▶ inbox ──▶ intake ──▶ outbox ──▶ delivery
//!                          └──wake──────────────┘      └──wake──────────┘
//! ```
//!
//! Each is a task of its own with its own pace, so that a server that takes ten minutes to answer, or a disk that does
//! not answer at all, keeps nobody else waiting. They share the database, a few wake-up calls and the configuration of the
//! day; what they do in one pass is in the other files of this room, and is the same that [`once`] does.

mod calm;
mod loops;
mod once;
mod pages;
mod place;
mod setup;
mod stop;
mod vitals;
mod watch;

pub use once::{Done, once};
pub use place::{holder, holding};
pub use stop::Stop;

use crate::clock::Clock;
use crate::config::Config;
use crate::mailbox::lmtp::Listen;
use crate::store::{Store, StoreError};
use loops::Shared;
use place::{Place, host};
use setup::Setup;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch as channel;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

/// How long what is in hand may take when the program is asked to stop.
const DRAIN: Duration = Duration::from_secs(4);
/// What was cut off is still written down: also when the program was asked twice.
const LAST_NOTES: Duration = Duration::from_millis(500);

/// Why the daemon can't go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the database of {} is in use by another rapporteur: {holder}\n  fix: stop that one first (`kill` its process); if it is dead already, its claim ends by itself within 2 minutes",
        config.display()
    )]
    InUse { config: PathBuf, holder: String },
    #[error(
        "cannot listen on {listen}: {source}\n  fix: stop who listens there, make its directory, or set another `listen` in its `[[mailbox]]`"
    )]
    Listen { listen: Listen, source: std::io::Error },
    #[error(
        "cannot serve the archive on {address}: {source}\n  fix: stop who listens there, or set another `listen` in `[web]`"
    )]
    Web { address: SocketAddr, source: std::io::Error },
    #[error("{0}\n  fix: mend /etc/resolv.conf, or set `verify_signatures = false` in `[trust]`")]
    Dns(String),
}

/// Works until a signal comes.
pub async fn run(store: &Store, config: Config, clock: Clock) -> Result<(), RunError> {
    let (stop, mut hangup) = (Stop::on_signals(), signal(SignalKind::hangup()).ok());
    let place = Place::take(store, &config, clock).await?;
    let setup = Arc::new(Setup::of(config, None).await?);
    let (setups, current) = channel::channel(setup);
    let shared = Arc::new(Shared::new(store.clone(), clock, stop.clone(), current));
    let mut tasks = JoinSet::new();
    tasks.spawn(watch::watch_all(shared.clone()));
    tasks.spawn(loops::intake(shared.clone()));
    tasks.spawn(loops::delivery(shared.clone()));
    tasks.spawn(pages::pages(shared.clone()));
    vitals::ready();
    tracing::info!("ready");
    let result = tokio::select! {
        result = supervise(&shared, &setups, &mut tasks, &mut hangup) => result,
        lost = place.keep() => Err(lost),
    };
    vitals::stopping();
    stop.set();
    let drained = tokio::select! {
        () = drain(&mut tasks) => true,
        () = stop.wait_and(DRAIN) => timeout(LAST_NOTES, drain(&mut tasks)).await.is_ok(),
    };
    if drained {
        place.leave().await;
        tracing::info!("stopped");
    } else {
        // The place stays taken: the next start finds us dead, and frees what we had in hand.
        tracing::warn!("stopped with something in hand; the next start takes it up");
    }
    result
}

/// Looks after the loops, until they are to stop or one fails.
async fn supervise(
    shared: &Shared,
    setups: &channel::Sender<Arc<Setup>>,
    tasks: &mut JoinSet<Result<(), StoreError>>,
    hangup: &mut Option<Signal>,
) -> Result<(), RunError> {
    let mut beat = tokio::time::interval(shared.vitals.interval());
    loop {
        let hung_up = async {
            match hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.stop.wait() => return Ok(()),
            _ = hung_up => reload(setups).await,
            _ = beat.tick() => shared.vitals.tell(),
            Some(end) = tasks.join_next() => ended(end)?,
        }
    }
}

/// Takes the configuration as it stands now, or leaves all as it is.
async fn reload(setups: &channel::Sender<Arc<Setup>>) {
    vitals::reloading();
    let before = setups.borrow().clone();
    match before.again().await {
        Ok(setup) => {
            tracing::info!(config = %setup.config.path.display(), mailboxes = setup.config.mailboxes.len(), "reloaded");
            setups.send_replace(Arc::new(setup));
        }
        Err(error) => tracing::error!("the configuration stays as it was: {error}"),
    }
    vitals::ready();
}

async fn drain(tasks: &mut JoinSet<Result<(), StoreError>>) {
    while let Some(end) = tasks.join_next().await {
        if let Err(error) = ended(end) {
            tracing::warn!("{error}");
        }
    }
}

/// The end of a task. A panic is a mistake of ours, and goes on here: half a daemon is worse than none.
fn ended(end: Result<Result<(), StoreError>, JoinError>) -> Result<(), StoreError> {
    match end {
        Ok(result) => result,
        Err(stopped) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
        Err(_cancelled) => Ok(()),
    }
}
