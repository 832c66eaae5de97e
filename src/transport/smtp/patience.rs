//! How long to wait, phase by phase.

use std::time::Duration;

/// How long to wait in each phase.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the TCP connection and the TLS handshake, each.
    pub connect: Duration,
    /// For the whole answer to a command, the greeting included.
    pub command: Duration,
    /// For the server to take the next block of the mail.
    pub block: Duration,
    /// For everything before the final dot, together: who owes the mail counts on an end (`daemon::delivery`).
    pub before_dot: Duration,
    /// For the answer to the final dot, while the server delivers.
    pub dot: Duration,
}

impl Patience {
    /// RFC 5321 §4.5.3.2, the longest of each kind; the times to connect and for the whole are ours.
    pub const STANDARD: Patience = Patience {
        connect: Duration::from_secs(30),
        command: Duration::from_secs(300),
        block: Duration::from_secs(180),
        before_dot: Duration::from_secs(900),
        dot: Duration::from_secs(600),
    };
    /// For a trial while somebody waits.
    pub(super) const SHORT: Patience = Patience {
        connect: Duration::from_secs(10),
        command: Duration::from_secs(20),
        block: Duration::from_secs(20),
        before_dot: Duration::from_secs(60),
        dot: Duration::from_secs(20),
    };
}
