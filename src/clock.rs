//! What time it is: a parameter everywhere, read from the machine in exactly one place.
//!
//! Passes and letters take a [`Timestamp`]; only the command line holds a [`Clock`]. `--now` fixes it.

pub use jiff::Timestamp;

/// Where the present comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// A clock that stands still (`--now`, tests, replays).
    Fixed(Timestamp),
}

impl Clock {
    /// The present, to the microsecond: what a database column can hold.
    pub fn now(self) -> Timestamp {
        let now = match self {
            Clock::System => Timestamp::now(),
            Clock::Fixed(at) => at,
        };
        from_micros(now.as_microsecond())
    }
}

/// The database's form of a time: microseconds since the epoch, UTC.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}
