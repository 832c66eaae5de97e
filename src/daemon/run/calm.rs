//! Trouble is told when it changes, not at each try; and what fails is left alone for a while, longer each time.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(300);
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
        let pause = backoff(&self.about, self.failures);
        self.failures = self.failures.saturating_add(1);
        pause
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

/// Twice as long each time, and a fifth earlier or later, so that those who failed together don't come back together.
fn backoff(about: &str, failures: u32) -> Duration {
    let whole = FIRST.saturating_mul(1 << failures.min(16)).min(LONGEST);
    let mut hasher = DefaultHasher::new();
    (about, failures, std::process::id()).hash(&mut hasher);
    let percent = 80 + u32::try_from(hasher.finish() % 41).unwrap_or_default();
    whole * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_a_fifth_of_five_minutes() {
        let mut mood = Mood::of("inbox");
        let pauses: Vec<u64> = (0..40).map(|_| mood.fails("gone".into()).as_secs()).collect();
        assert!(pauses[0] <= 2 && pauses[5] >= 50, "{pauses:?}");
        assert!(pauses[9..].iter().all(|pause| (240..=360).contains(pause)), "{pauses:?}");
        mood.works([]);
        assert!(mood.fails("gone".into()).as_secs() <= 2 && mood.trouble() == Some("gone"));
    }
}
