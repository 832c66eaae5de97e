//! One pass of everything, and the loop around it: the only place that sleeps and hears signals.

use super::intake::{Intake, Settlement, fetch};
use super::{delivery, ticks};
use crate::clock::Clock;
use crate::config::Config;
use crate::mailbox::Trouble;
use crate::store::{Store, StoreError};
use crate::transport::Transport;
use jiff::SignedDuration;
use std::path::Path;
use std::time::Duration;

/// The right to be the daemon of a database lasts so long without a sign of life.
const LOCK: SignedDuration = SignedDuration::from_secs(120);

/// What one pass of everything did.
#[derive(Debug, Default)]
pub struct Done {
    pub fetched: u64,
    pub troubles: Vec<Trouble>,
    pub settled: Vec<Settlement>,
    pub digests: Vec<String>,
    pub delivered: delivery::Delivered,
}

/// Why the daemon can't go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{database} is in use by another rapporteur: {holder}\n  fix: stop that one first (`kill` its process); if it is dead already, its claim ends by itself within 2 minutes"
    )]
    InUse { database: String, holder: String },
}

/// Fetches, settles, makes what is due and sends, once.
pub async fn once(intake: &mut Intake<'_>, transport: &mut Transport, clock: Clock) -> Result<Done, StoreError> {
    let (store, config) = (intake.store, intake.config);
    let mut done = Done::default();
    let fetched = fetch(store, config, clock.now()).await?;
    (done.fetched, done.troubles) = (fetched.new, fetched.troubles);
    loop {
        let settled = intake.settle(clock.now()).await?;
        if settled.is_empty() {
            break;
        }
        done.settled.extend(settled);
    }
    done.digests = ticks::pass(store, config, clock.now()).await?;
    done.delivered = delivery::pass(store, config, transport, &intake.worker, clock).await?;
    Ok(done)
}

/// Takes the database for one process; a second one is refused by name.
pub async fn take(store: &Store, config: &Config, holder: &str, clock: Clock) -> Result<(), RunError> {
    let Some(mut other) = store.acquire_daemon(holder, clock.now(), LOCK).await? else { return Ok(()) };
    if is_dead(&other) {
        store.release_daemon(&other).await?;
        match store.acquire_daemon(holder, clock.now(), LOCK).await? {
            None => return Ok(()),
            Some(quicker) => other = quicker,
        }
    }
    Err(RunError::InUse { database: config.database.clone(), holder: other })
}

/// Passes until a signal comes; the pass in hand is finished first.
pub async fn run(store: &Store, config: &Config, transport: &mut Transport, clock: Clock) -> Result<(), RunError> {
    let holder = holder();
    take(store, config, &holder, clock).await?;
    let mut intake = Intake::new(store, config, &holder);
    let result = passes(&mut intake, transport, &holder, clock).await;
    store.release_daemon(&holder).await?;
    result
}

async fn passes(
    intake: &mut Intake<'_>,
    transport: &mut Transport,
    holder: &str,
    clock: Clock,
) -> Result<(), RunError> {
    let stop = stop_signal();
    tokio::pin!(stop);
    let pause = Duration::from_secs(intake.config.poll_seconds);
    loop {
        let done = once(intake, transport, clock).await?;
        for trouble in &done.troubles {
            tracing::warn!("{trouble}");
        }
        if done.fetched > 0 || !done.settled.is_empty() || done.delivered.sent > 0 {
            let (fetched, settled, sent) = (done.fetched, done.settled.len(), done.delivered.sent);
            tracing::info!(fetched, settled, sent, "pass");
        }
        if !intake.store.renew_daemon(holder, clock.now(), LOCK).await? {
            take(intake.store, intake.config, holder, clock).await?;
        }
        // Sleeping in short steps keeps the claim alive however long the pause is.
        let wake = tokio::time::Instant::now() + pause;
        while tokio::time::Instant::now() < wake {
            let step = (wake - tokio::time::Instant::now()).min(Duration::from_secs(30));
            tokio::select! {
                () = &mut stop => {
                    tracing::info!("stopping");
                    return Ok(());
                }
                () = tokio::time::sleep(step) => {}
            }
            intake.store.renew_daemon(holder, clock.now(), LOCK).await?;
        }
    }
}

/// Who we are, for whoever finds the database in use: `process 4711 on host.example.org`.
pub fn holder() -> String {
    format!("process {} on {}", std::process::id(), host())
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "this machine".into() } else { name.trim().to_owned() }
}

/// Whether that holder was a process of this machine that is no more: after a crash nobody has to wait for its claim.
fn is_dead(holder: &str) -> bool {
    let process = holder.strip_prefix("process ").and_then(|rest| rest.split_once(" on "));
    process.is_some_and(|(pid, on)| {
        let here = Path::new("/proc/self").exists() && on == host();
        here && pid.parse::<u32>().is_ok_and(|pid| !Path::new(&format!("/proc/{pid}")).exists())
    })
}

/// Ends when the process is asked to stop: SIGTERM, SIGINT.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        // Without handlers the signals end the process at once, which every state of the database survives.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
