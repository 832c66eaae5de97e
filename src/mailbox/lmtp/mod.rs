//! LMTP (RFC 2033): a mail system on this machine hands its mail over, and hears of each recipient what became of it.
//!
//! Whatever is accepted here is ours to lose: so a mail is answered only when whoever keeps it says that it is kept.
//! The verbs and the end of the data are read by smtp-proto, the reader of a mail server; the order of the dialogue, the
//! bounds and the words are in `session`. Nothing here knows of a database: mails leave through a channel, each with the
//! place for its answer.
//!
//! There is no login and no encryption, so nobody but this machine is listened to.

mod listen;
mod reply;
mod session;

pub use listen::{Listen, Listener};

use crate::mail::Address;
use tokio::sync::oneshot;

/// A mail that somebody wants to hand over.
#[derive(Debug)]
pub struct Delivery {
    /// SHA-256 of the mail as it came, in hex: the same mail brought again has the same.
    pub key: String,
    /// The mail behind the lines in which its envelope is kept (RFC 5321 §4.4): Return-Path, and a Delivered-To for each
    /// recipient. Line ends as they came.
    pub raw: Vec<u8>,
    /// Where whoever brought it waits.
    pub answer: oneshot::Sender<Verdict>,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It will survive whatever happens.
    Kept,
    /// The database is in somebody else's hands.
    Busy,
    /// The disk is full.
    Full,
    /// The program is going down.
    Failed,
}

/// Whom mail is taken for, and under which name. Asked for each connection, so that a new configuration counts.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How we call ourselves.
    pub host: String,
    /// The addresses; of the first also `local+anything@domain`.
    pub recipients: Vec<Address>,
}

impl Rules {
    fn accepts(&self, address: &Address) -> bool {
        let detail = |own: &Address| {
            let local = address.local().split('+').next().unwrap_or_default();
            local.eq_ignore_ascii_case(own.local()) && address.domain().eq_ignore_ascii_case(own.domain())
        };
        self.recipients.contains(address) || self.recipients.first().is_some_and(detail)
    }
}
