//! Trouble is told when it changes, not at each try; and what fails is left alone for a while, longer each time.

use std::collections::BTreeSet;
use std::time::Duration;

/// A mailbox may be full of unreadable mails: the log, and our memory, need not be.
const MOST_TOLD: usize = 20;

/// How one mailbox or loop is doing.
pub struct Mood {
    /// For the log: the mailbox's name, or the loop's.
    about: String,
    told: BTreeSet<String>,
    /// Failures one after the other.
    failures: u32,
}

impl Mood {
    pub fn of(about: &str) -> Mood {
        Mood { about: about.to_owned(), told: BTreeSet::new(), failures: 0 }
    }

    /// It works, apart from these troubles with single mails.
    pub fn works(&mut self, troubles: impl IntoIterator<Item = String>) {
        self.failures = 0;
        let had_trouble = !self.told.is_empty();
        self.told = self.tell(troubles);
        if had_trouble && self.told.is_empty() {
            tracing::info!("{} is in order again", self.about);
        }
    }

    /// It does not work. How long to leave it alone.
    pub fn fails(&mut self, trouble: String) -> Duration {
        self.told = self.tell([trouble]);
        self.failures = self.failures.saturating_add(1);
        backoff(&self.about, self.failures)
    }

    /// What is wrong, in a few words.
    pub fn trouble(&self) -> Option<&str> {
        self.told.first().map(String::as_str)
    }

    fn tell(&self, troubles: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let troubles: BTreeSet<String> = troubles.into_iter().take(MOST_TOLD).collect();
        for new in troubles.difference(&self.told) {
            tracing::warn!("{}: {new}", self.about);
        }
        troubles
    }
}

/// How long to wait before the next try, when so many in a row came to nothing (at least one). A fifth more or less, so
/// that mailboxes that were cut off together don't come back together; it follows from the name, not from chance.
fn backoff(name: &str, failures: u32) -> Duration {
    const SECONDS: [u64; 7] = [1, 2, 5, 15, 60, 120, 300];
    let step = (failures.max(1) as usize - 1).min(SECONDS.len() - 1);
    let seed = name.bytes().fold(u64::from(failures), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Duration::from_millis(SECONDS[step] * 1000 * (80 + seed % 41) / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_begins_anew_when_it_works_again() {
        let mut mood = Mood::of("inbox");
        let pauses: Vec<Duration> = (0..8).map(|_| mood.fails("gone".into())).collect();
        assert!(pauses[0] < pauses[2] && pauses[2] < pauses[5], "{pauses:?}");
        mood.works([]);
        assert_eq!((mood.fails("gone".into()), mood.trouble()), (pauses[0], Some("gone")));
    }

    #[test]
    fn what_was_cut_off_together_does_not_come_back_together() {
        let seconds = |name: &str, failures| backoff(name, failures).as_secs_f64();
        assert!((1..=9).all(|failures| (0.8..=360.0).contains(&seconds("inbox", failures))));
        let waits: BTreeSet<Duration> = (0..20).map(|name| backoff(&format!("imap:{name}"), 7)).collect();
        assert!(waits.len() > 10, "{waits:?}");
    }
}
