//! How the daemon is doing, and telling the service manager so (sd_notify(3)); without one, nothing is told.
//!
//! The watchdog is fed only while every loop keeps its word: before it goes to work, and before it rests, a loop says
//! when it will be heard of again. The mailboxes' watchers are not asked. What keeps them waiting is another machine or
//! a disk that is away, which a restart does not mend, and the other loops have their work meanwhile.

use sd_notify::NotifyState;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a loop may work without a word when no watchdog says it (WatchdogSec= in the unit).
const USUAL: Duration = Duration::from_secs(180);
/// A loop that rests is heard of this much later than it said, at the latest.
const SLACK: Duration = Duration::from_secs(10);

pub struct Vitals {
    /// What the service manager expects, if it watches.
    watchdog: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When each loop is heard of again, at the latest.
    words: BTreeMap<&'static str, Instant>,
    settled: u64,
    sent: u64,
    troubles: BTreeMap<String, String>,
    /// What was told last.
    status: String,
}

impl Vitals {
    pub fn new() -> Vitals {
        Vitals { watchdog: sd_notify::watchdog_enabled(), state: Mutex::default() }
    }

    /// How often [`Vitals::tell`] wants to be called.
    pub fn interval(&self) -> Duration {
        self.watchdog.map_or(USUAL, |watchdog| watchdog / 4).min(Duration::from_secs(5))
    }

    /// The loop goes to work, and will be heard of within the usual time.
    pub fn works(&self, who: &'static str) {
        self.promise(who, self.watchdog.unwrap_or(USUAL));
    }

    /// The loop rests for at most so long.
    pub fn rests(&self, who: &'static str, pause: Duration) {
        self.promise(who, pause + SLACK);
    }

    /// The loop will be heard of within this time.
    pub fn promise(&self, who: &'static str, within: Duration) {
        self.state().words.insert(who, Instant::now() + within);
    }

    pub fn settled(&self, mails: usize) {
        self.state().settled += mails as u64;
    }

    pub fn sent(&self, letters: u32) {
        self.state().sent += u64::from(letters);
    }

    /// What is wrong with a mailbox or a loop; `None` when nothing is.
    pub fn trouble(&self, about: &str, trouble: Option<&str>) {
        let mut state = self.state();
        match trouble {
            Some(trouble) => state.troubles.insert(about.to_owned(), trouble.to_owned()),
            None => state.troubles.remove(about),
        };
    }

    /// What is not well, by name.
    pub fn troubled(&self) -> Vec<String> {
        self.state().troubles.keys().cloned().collect()
    }

    /// Feeds the watchdog, if that is deserved, and tells how things are when that has changed.
    pub fn tell(&self) {
        let mut state = self.state();
        let now = Instant::now();
        let silent: Vec<&str> = state.words.iter().filter(|(_, due)| **due < now).map(|(who, _)| *who).collect();
        if silent.is_empty() {
            notify(&[NotifyState::Watchdog]);
        }
        let status = state.describe(&silent);
        if status != state.status {
            notify(&[NotifyState::Status(&status)]);
            state.status = status;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn describe(&self, silent: &[&str]) -> String {
        let mut words = format!("since the start: mails settled {}, letters sent {}", self.settled, self.sent);
        if !silent.is_empty() {
            words.push_str(&format!("; no word from the {}", silent.join(", the ")));
        }
        for (about, trouble) in &self.troubles {
            words.push_str(&format!("; {about}: {}", trouble.lines().next().unwrap_or_default()));
        }
        words
    }
}

/// The database is open, the listeners are up: mail is taken. Also after a reload.
pub fn ready() {
    notify(&[NotifyState::Ready]);
}

pub fn reloading() {
    // Both in one message: systemd from 253 on wants the time with it.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

pub fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("finishing what is in hand")]);
}

fn notify(state: &[NotifyState]) {
    // Without a service manager nobody listens; and if it has gone, there is nobody to tell.
    let _ = sd_notify::notify(state);
}
