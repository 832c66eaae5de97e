//! One pass of everything, and the loop around it: the only place that sleeps and hears signals.

use super::fetch::fetch;
use super::intake::{Intake, Settlement};
use super::{delivery, ticks};
use crate::clock::Clock;
use crate::config::Config;
use crate::mailbox::Trouble;
use crate::store::{Store, StoreError};
use crate::transport::Transport;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// The right to be the daemon of a database lasts so long without a sign of life.
const LOCK: SignedDuration = SignedDuration::from_secs(120);
const RENEW: Duration = Duration::from_secs(30);

/// What one pass of everything did.
#[derive(Debug, Default)]
pub struct Done {
    pub fetched: u64,
    pub troubles: Vec<Trouble>,
    pub settled: u64,
    pub digests: Vec<String>,
    pub delivered: delivery::Delivered,
}

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
}

/// Fetches, settles, makes what is due and sends, once. `watch` sees what becomes of each mail. When `stop` is set, it
/// ends at the next place where nothing is left half done.
pub async fn once(
    intake: &mut Intake<'_>,
    transport: &mut Transport,
    clock: Clock,
    stop: &Stop,
    watch: &mut dyn FnMut(&Settlement),
) -> Result<Done, StoreError> {
    let (store, config) = (intake.store, intake.config);
    let mut done = Done::default();
    let fetched = fetch(store, config, clock.now()).await?;
    (done.fetched, done.troubles) = (fetched.new, fetched.troubles);
    while !stop.is_set() {
        let settled = intake.settle(clock.now()).await?;
        if settled.is_empty() {
            break;
        }
        done.settled += settled.len() as u64;
        settled.iter().for_each(&mut *watch);
    }
    if !stop.is_set() {
        done.digests = ticks::pass(store, config, clock.now()).await?;
        done.delivered = delivery::pass(store, config, transport, &intake.worker, clock).await?;
    }
    Ok(done)
}

/// Does some work as the one process that writes to this database. A second one is refused by name.
pub async fn holding<T, E: From<RunError>>(
    store: &Store,
    config: &Config,
    clock: Clock,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let holder = holder();
    take(store, config, &holder, clock).await?;
    let result = tokio::select! {
        result = work => result,
        lost = keep(store, config, &holder, clock) => Err(lost.into()),
    };
    store.release_daemon(&holder).await.map_err(RunError::from)?;
    result
}

async fn take(store: &Store, config: &Config, holder: &str, clock: Clock) -> Result<(), RunError> {
    let Some(mut other) = store.acquire_daemon(holder, clock.now(), LOCK).await.map_err(RunError::from)? else {
        return Ok(());
    };
    if is_dead(&other) {
        store.bury_daemon(&other).await?;
        match store.acquire_daemon(holder, clock.now(), LOCK).await? {
            None => return Ok(()),
            Some(quicker) => other = quicker,
        }
    }
    Err(RunError::InUse { config: config.path.clone(), holder: other })
}

/// Renews the claim as long as it is polled; returns only when it is lost.
async fn keep(store: &Store, config: &Config, holder: &str, clock: Clock) -> RunError {
    loop {
        tokio::time::sleep(RENEW).await;
        match store.renew_daemon(holder, clock.now(), LOCK).await {
            Ok(true) => {}
            Ok(false) => return RunError::InUse { config: config.path.clone(), holder: "it took over".into() },
            Err(error) => return error.into(),
        }
    }
}

/// Passes until a signal comes; the batch in hand is finished first.
pub async fn run(store: &Store, config: &Config, transport: &mut Transport, clock: Clock) -> Result<(), RunError> {
    let stop = Stop::on_signals();
    holding(store, config, clock, async {
        let mut intake = Intake::new(store, config, &holder());
        while !stop.is_set() {
            let done = once(&mut intake, transport, clock, &stop, &mut |_| {}).await?;
            for trouble in &done.troubles {
                tracing::warn!("{trouble}");
            }
            let (fetched, settled, sent) = (done.fetched, done.settled, done.delivered.sent);
            if fetched + settled + u64::from(sent) > 0 {
                tracing::info!(fetched, settled, sent, "pass");
            }
            tokio::select! {
                () = stop.wait() => {}
                () = tokio::time::sleep(Duration::from_secs(config.poll_seconds)) => {}
            }
        }
        tracing::info!("stopped");
        Ok(())
    })
    .await
}

/// Whether the process was asked to stop.
#[derive(Clone, Default)]
pub struct Stop(Arc<(AtomicBool, Notify)>);

impl Stop {
    /// Set by SIGTERM or SIGINT from now on.
    fn on_signals() -> Stop {
        let stop = Stop::default();
        let (set, signal) = (stop.clone(), stop_signal());
        tokio::spawn(async move {
            signal.await;
            tracing::info!("stopping");
            set.0.0.store(true, Ordering::Relaxed);
            set.0.1.notify_waiters();
        });
        stop
    }

    pub fn is_set(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }

    async fn wait(&self) {
        let told = self.0.1.notified();
        if !self.is_set() {
            told.await;
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
        // Where /proc hides the processes of others, nobody can be taken for dead.
        let here = Path::new("/proc/1").exists() && on == host();
        here && pid.parse::<u32>().is_ok_and(|pid| !is_running(pid))
    })
}

/// A process that ended is not running, even while nobody has asked for its exit code (state Z in proc_pid_stat(5)).
fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Ends when the process is asked to stop: SIGTERM, SIGINT. The handlers are in place when this returns.
fn stop_signal() -> impl Future<Output = ()> {
    let handlers = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut term), Ok(mut int)) = handlers else {
            // Without handlers the signals end the process at once, which every state of the database survives.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}
