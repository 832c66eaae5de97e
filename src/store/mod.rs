//! All SQL of the program. SQLite and PostgreSQL by the same statements, each written once.
//!
//! These tables carry the work: `inbox` (what arrived, raw), `mail` (what became of it), `thread` (who answers whom, ghosts
//! included), `log` (the facts), `waiting` and `wrong_try` (what its author has yet to confirm, and tokens that fit nothing),
//! `mute` (who wants no private mail), `outbox` (what we owe), `tick` (what was due), `dns` (keys of signatures, as they
//! were looked up), `erasure` and `erased` (who is to be forgotten, and what was), `searchable` (the words of sessions: an index).
//! A session has no table: it is the fold of its facts.
//!
//! One writer at a time: what changes more than one row goes through [`Store::begin`], and whoever holds the [`Work`] it
//! gives is alone, on both engines and across processes. So positions of the log rise in the order of commits, and
//! nobody decides on a state that another is about to change. Never keep a `Work` while talking to the network.

pub mod dns;
mod edition;
mod engine;
mod erase;
mod error;
mod inbox;
mod link;
mod lock;
mod lookup;
mod mute;
mod occasion;
mod open;
mod outbox;
mod returned;
mod row;
pub mod scheduler;
mod schema;
mod search;
pub mod sql;
mod thread;
mod tick;
mod twin;
mod waiting;
mod work;

pub use edition::Edition;
pub use erase::{Letter, Tombs};
pub use error::StoreError;
pub use lookup::{Counts, StoredMail, StoredRaw};
pub use occasion::PostedDigest;
pub use open::Store;
pub use outbox::ECHO_WAIT;
pub use search::{Indexed, Searchable};
pub use tick::{TickRow, TickRun};
pub use work::{Settled, Work};

use crate::clock::Timestamp;
use crate::letters::LetterKind;
use crate::mail::{Address, Kind, MessageId, Reason};
use crate::session::SessionKey;
use crate::session::erase::Residue;

/// Where a mail came from: the daemon's mailboxes; an archive that is replayed without anything being sent; or our own pages,
/// where somebody used a link of ours. Only we can say so, for it stands beside the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Live,
    Archive,
    Pages,
}

/// A mail as a mailbox hands it over.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Unique within its mailbox: a Maildir's base name, a content hash.
    pub source_key: String,
    pub raw: Vec<u8>,
    pub received: Timestamp,
    pub origin: Origin,
}

/// A mail in our hands until the lease ends. `attempt` is the fencing token.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    pub id: i64,
    pub mailbox: String,
    pub raw: Vec<u8>,
    pub received: Timestamp,
    pub origin: Origin,
    pub attempt: i64,
    /// Unclean exits while it was in somebody's hands, this claim not counted.
    pub strikes: i64,
    /// How often it was read again, because of what came after it.
    pub again: i64,
    /// What stays of an earlier decision about it.
    pub residue: Option<Residue>,
}

/// What became of a mail.
#[derive(Clone, Debug)]
pub struct MailRow {
    pub message_id: MessageId,
    pub content_hash: String,
    pub subject: String,
    pub from_name: Option<String>,
    pub from_address: Option<Address>,
    pub at: Timestamp,
    /// The address of the watched list it came through.
    pub list: Option<String>,
    pub kind: Kind,
    pub reason: Reason,
    /// The reason in words, with its particulars.
    pub detail: String,
    pub sessions: Vec<SessionKey>,
    /// For unclaimed notes: the sessions they might belong to.
    pub candidates: Vec<SessionKey>,
    /// The summit it concerns, also when it joined no session.
    pub summit: Option<String>,
    /// What it answers, nearest first.
    pub parents: Vec<MessageId>,
    /// The References chain, oldest first: what it tells about mails not seen yet.
    pub references: Vec<MessageId>,
    /// Archived-At of the header.
    pub archived_at: Option<String>,
}

/// Another mail under the same Message-ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    pub inbox_id: i64,
    pub content_hash: String,
    pub from_address: Option<Address>,
    pub list: Option<String>,
    pub at: Timestamp,
}

/// What was sent lately, for the rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    pub to_person_last_hour: u32,
    pub to_person_last_day: u32,
    pub to_list_last_day: u32,
}

/// How a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterStatus {
    Pending,
    Sending,
    Sent,
    /// The server hid its answer to the final dot.
    Unknown,
    Failed,
    Held,
    Dropped,
    /// The list echoed it.
    Confirmed,
}

/// A letter in our hands until the lease ends.
#[derive(Clone, Debug)]
pub struct ClaimedLetter {
    pub id: i64,
    pub attempt: i64,
    /// How many earlier attempts perhaps succeeded.
    pub doubts: i64,
    /// When it was first tried since it was written or released.
    pub since: Timestamp,
    pub message_id: MessageId,
    pub envelope_from: Option<Address>,
    pub recipients: Vec<Address>,
    pub bytes: Vec<u8>,
}

/// A row of the outbox, without its bytes.
#[derive(Clone, Debug)]
pub struct LetterRow {
    pub id: i64,
    pub kind: LetterKind,
    pub message_id: MessageId,
    pub cause: String,
    pub summit: String,
    pub recipients: Vec<Address>,
    pub subject: String,
    pub status: LetterStatus,
    pub attempts: i64,
    pub created: Timestamp,
    /// Not tried before.
    pub due: Timestamp,
    pub error: Option<String>,
}
