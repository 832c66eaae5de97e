//! The daemon's place on a database: one process at a time, by courtesy. That nothing happens twice is the business of
//! the claims on mails and letters.

use super::RunError;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The right to be the daemon of a database lasts so long without a sign of life.
const LOCK: SignedDuration = SignedDuration::from_secs(120);
const RENEW: Duration = Duration::from_secs(30);
/// How long the end of the program may take for giving the place back. A dead process's is taken over anyway.
const LEAVE: Duration = Duration::from_secs(1);

/// Does some work as the one process that writes to this database. A second one is refused by name.
pub async fn holding<T, E: From<RunError>>(
    store: &Store,
    config: &Config,
    clock: Clock,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let place = Place::take(store, config, clock).await?;
    let result = tokio::select! {
        result = work => result,
        lost = place.keep() => Err(lost.into()),
    };
    place.leave().await;
    result
}

/// A place that is ours.
pub struct Place<'a> {
    store: &'a Store,
    /// For messages.
    config: PathBuf,
    clock: Clock,
    holder: String,
}

impl<'a> Place<'a> {
    pub async fn take(store: &'a Store, config: &Config, clock: Clock) -> Result<Place<'a>, RunError> {
        let place = Place { store, config: config.path.clone(), clock, holder: holder() };
        let Some(mut other) = place.acquire().await? else { return Ok(place) };
        if is_dead(&other) {
            store.bury_daemon(&other).await?;
            match place.acquire().await? {
                None => return Ok(place),
                Some(quicker) => other = quicker,
            }
        }
        Err(RunError::InUse { config: place.config, holder: other })
    }

    async fn acquire(&self) -> Result<Option<String>, RunError> {
        Ok(self.store.acquire_daemon(&self.holder, self.clock.now(), LOCK).await?)
    }

    /// Renews the claim as long as it is polled; returns only when it is lost. A database that is locked or full may be
    /// back before the claim has run out.
    pub async fn keep(&self) -> RunError {
        loop {
            tokio::time::sleep(RENEW).await;
            match self.store.renew_daemon(&self.holder, self.clock.now(), LOCK).await {
                Ok(true) => {}
                Ok(false) => return RunError::InUse { config: self.config.clone(), holder: "it took over".into() },
                Err(error) if error.passes() => {}
                Err(error) => return error.into(),
            }
        }
    }

    pub async fn leave(self) {
        let left = tokio::time::timeout(LEAVE, self.store.release_daemon(&self.holder)).await;
        if !matches!(left, Ok(Ok(()))) {
            tracing::warn!("the database does not take note that this program ends; the next start will find out");
        }
    }
}

/// Who we are, for whoever finds the database in use: `process 4711 on host.example.org`.
pub fn holder() -> String {
    format!("process {} on {}", std::process::id(), host())
}

pub fn host() -> String {
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
