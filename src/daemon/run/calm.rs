//! Trouble is told when it changes, not at each try; and what fails is left alone for a while, longer each time.

use crate::mailbox::imap::backoff;
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
}
