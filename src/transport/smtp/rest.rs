//! How long a server is left alone after it would not work with us.
//!
//! Kept in memory only: a program that starts anew knocks once, which harms nobody, and the letters themselves wait in
//! the outbox.

use std::time::Duration;
use tokio::time::Instant;

/// Minutes of rest after the first trouble, the second in a row, …; the last one repeats.
const MINUTES: [u64; 5] = [1, 2, 4, 8, 15];

#[derive(Default)]
pub struct Rest {
    troubles: usize,
    until: Option<Instant>,
}

impl Rest {
    /// How long it still lasts.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        self.until.map(|until| until.duration_since(now)).filter(|left| !left.is_zero())
    }

    pub fn trouble(&mut self, now: Instant) {
        let minutes = MINUTES[self.troubles.min(MINUTES.len() - 1)];
        self.troubles += 1;
        self.until = Some(now + Duration::from_secs(60 * minutes));
    }

    pub fn over(&mut self) {
        *self = Rest::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_grows_until_the_server_works_again() {
        let (mut rest, mut now) = (Rest::default(), Instant::now());
        assert_eq!(rest.left(now), None);
        for minutes in [1, 2, 4, 8, 15, 15] {
            rest.trouble(now);
            assert_eq!(rest.left(now), Some(Duration::from_secs(60 * minutes)));
            now += Duration::from_secs(60 * minutes);
            assert_eq!(rest.left(now), None);
        }
        rest.over();
        rest.trouble(now);
        assert_eq!(rest.left(now), Some(Duration::from_secs(60)));
    }
}
