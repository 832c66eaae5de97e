//! IMAP (RFC 9051, RFC 3501): a mailbox on somebody else's server, watched.
//!
//! One [`Imap`] is one connection to one mailbox. It is opened read-only (EXAMINE) and mails are peeked at, so nothing
//! in the mailbox changes, unless the settings say what is to become of mails that were taken.
//!
//! A mail is known by `UIDVALIDITY.UID`. Which of them are new is not ours to say: [`Imap::candidates`] are compared
//! with what was received, so that mails that show up late, below those that were taken before, are found as well. All
//! UIDs are compared at the beginning of a connection and each hour, and those that came since whenever the server
//! tells of some. The watermark only spares the work: `UIDVALIDITY:HIGHESTMODSEQ` (RFC 7162), with which all
//! mails were taken that were there. While it stands nothing can have come.
//!
//! Whatever goes wrong ends the connection: whoever watches opens another, after a while. Futures may be dropped at any time,
//! and the [`Imap`] with them.

mod after;
mod answer;
mod bodies;
mod dialogue;
mod fault;
mod folder;
mod line;
mod login;
mod uids;
mod watch;
mod words;

pub use watch::Imap;

use super::Trouble;
use crate::clock::Timestamp;
use crate::wire::Server;
use std::time::Duration;

/// So many mails are fetched and kept together at the most, and so many bytes of them if one is not larger.
pub const WINDOW: usize = 200;
pub const WINDOW_BYTES: usize = 16 << 20;

/// A mailbox on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImapSettings {
    pub server: Server,
    /// The folder's name as people see it.
    pub folder: String,
    pub after: After,
}

/// What becomes of a mail in the mailbox once it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// Nothing.
    #[default]
    Leave,
    /// It is marked as read.
    Seen,
    /// It goes to this folder.
    Move(String),
}

/// How long to wait, and how often to look.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the TCP connection and the TLS handshake, each.
    pub connect: Duration,
    /// For the answer to a command; a long one has more, by its length.
    pub answer: Duration,
    /// How long to listen before saying something again: servers and routers forget who is silent.
    pub idle: Duration,
    /// How often all UIDs are compared.
    pub relist: Duration,
}

impl Patience {
    pub const STANDARD: Patience = Patience {
        connect: Duration::from_secs(30),
        answer: Duration::from_secs(60),
        idle: Duration::from_secs(300),
        relist: Duration::from_secs(3600),
    };
    /// For a trial while somebody waits.
    const SHORT: Patience =
        Patience { connect: Duration::from_secs(10), answer: Duration::from_secs(20), ..Patience::STANDARD };
}

/// A mail that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// `UIDVALIDITY.UID`.
    pub key: String,
    /// At the most `LIMIT + 1` bytes.
    pub raw: Vec<u8>,
    /// INTERNALDATE: when the server got it.
    pub received: Timestamp,
}

/// What one window brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Poll {
    pub mails: Vec<Arrived>,
    /// To be kept together with the mails.
    pub watermark: Option<String>,
    /// Single mails that the server would not give. They are asked for again later; the others go on.
    pub troubles: Vec<Trouble>,
    /// There are more candidates.
    pub more: bool,
}

impl ImapSettings {
    /// What its mails are remembered under. The port and the encryption may change, the mailbox stays the same.
    pub fn name(&self) -> String {
        let user = self.server.login.as_ref().map_or("", |login| &login.user);
        let folder = if self.folder.eq_ignore_ascii_case("INBOX") { "INBOX" } else { &self.folder };
        format!("imap:{user}@{}/{folder}", self.server.host)
    }
}

/// Whether the mailbox can be watched: connects, logs in, opens it, and takes leave.
pub async fn check(settings: &ImapSettings) -> Option<Trouble> {
    match Imap::open(settings, Patience::SHORT).await {
        Ok(imap) => {
            imap.close().await;
            None
        }
        Err(trouble) => Some(trouble),
    }
}
