//! What arrived. From raw bytes to a [`Mail`], and nothing that knows of sessions.
//!
//! Reading is total: a broken mail is a `Mail` with few fields, never an error. What must not be parsed at all is
//! stopped by the [`gate()`] before; what must not act is stopped by the [`screen`](screen::screen) after.

pub mod address;
mod automatic;
pub use automatic::is_robot;
mod body;
mod bounce;
pub mod dkim;
pub mod end;
pub mod gate;
pub mod glance;
mod header;
mod html;
mod invitation;
pub mod link;
mod mailboxes;
pub mod message_id;
mod mime;
pub mod name;
mod people;
pub mod read;
pub mod results;
pub mod screen;
pub mod text;
pub mod thread;
mod transfer;
pub mod via;
mod words;

pub use address::{Address, Person};
pub use end::{End, Kind, Reason};
pub use gate::gate;
pub use header::tidy;
pub use invitation::{InvitationReply, Standing};
pub use message_id::MessageId;
pub use name::{name_key, same_name};
pub use read::{read, unread};
pub use text::{Fragment, Line, Span, SpanKind, Text};

use crate::clock::Timestamp;
use std::collections::BTreeSet;

/// One mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The Message-ID of the header, or one derived from the content when there is none (see `message_id_given`).
    pub message_id: MessageId,
    pub message_id_given: bool,
    /// Who wrote it, as far as the headers tell.
    pub author: Author,
    pub to: Vec<Person>,
    pub cc: Vec<Person>,
    /// Where answers are wanted. Says nothing of who wrote the mail, but behind a list that rewrites From (see [`via`]).
    pub reply_to: Vec<Person>,
    /// X-Original-From, as some lists and relays leave it. Anybody can write one: it only ever takes away.
    pub original_from: Vec<Person>,
    /// Decoded (RFC 2047), unfolded, white space collapsed; prefixes and tags still in place.
    pub subject: String,
    /// The Date header when it can be read and is not absurd (RFC 5322 §3.3).
    pub date: Option<Timestamp>,
    /// The Date header as it stands, trimmed.
    pub date_raw: Option<String>,
    /// When it is taken to have been written: the Date header, but never later than it was received.
    pub at: Timestamp,
    /// All ids of all In-Reply-To headers, in order (RFC 5322 §3.6.4).
    pub in_reply_to: Vec<MessageId>,
    /// All ids of all References headers, oldest first, without repetition and without the mail's own id.
    pub references: Vec<MessageId>,
    /// The ids inside `<>` of every List-Id header, lower case (RFC 2919).
    pub list_ids: Vec<String>,
    /// Addresses in Delivered-To, X-Original-To and List-Post: the ways it may have come.
    pub delivered_to: Vec<Address>,
    /// Archived-At when it is an http(s) URL (RFC 5064).
    pub archived_at: Option<String>,
    pub automatic: Automatic,
    /// Set for delivery status notifications and the like.
    pub bounce: Option<Bounce>,
    /// The mails that a bounce gives back.
    pub returned: Vec<MessageId>,
    /// The value of our own loop mark header, not yet verified.
    pub loop_mark: Option<String>,
    /// How many Received headers.
    pub hops: usize,
    /// What the servers on the way wrote about it, when one of them said who sent it (see [`results`]).
    pub trace: Vec<results::Trace>,
    /// The answer of a calendar program to an invitation.
    pub invitation: Option<InvitationReply>,
    /// A filter on the way took it for spam, and it answers nothing.
    pub spam: bool,
    /// The author's words and everything around them, line by line.
    pub text: Text,
    /// Names of the parts that are not text: `minutes.pdf`, `invite.ics`.
    pub attachments: Vec<String>,
    /// SHA-256 in hex over what lists do not vary: the date and the words without footer. Not the author, whom some
    /// lists replace by themselves.
    pub content_hash: String,
    /// What had to be mended to read it, in words: an unknown charset, a missing Message-ID.
    pub flaws: Vec<String>,
}

impl Mail {
    /// Whether there is any of its [`parents`](Mail::parents).
    pub fn has_parent(&self) -> bool {
        self.in_reply_to.iter().chain(&self.references).any(|id| *id != self.message_id)
    }

    /// The ids this mail answers, nearest first: In-Reply-To from the last to the first, then References backwards.
    pub fn parents(&self) -> Vec<MessageId> {
        let mut met = BTreeSet::from([&self.message_id]);
        let named = self.in_reply_to.iter().rev().chain(self.references.iter().rev());
        named.filter(|id| met.insert(id)).cloned().collect()
    }
}

/// Who wrote a mail. Nothing acts unless `address` is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The display name, NFC, without control, bidi or zero-width characters.
    pub name: Option<String>,
    /// The one strict addr-spec of the one From header. `None` means the identity is unknown (trust T0).
    pub address: Option<Address>,
    /// Why there is no address, in words for `explain`.
    pub doubt: Option<String>,
    /// From showed a list instead, and this is the list's word (see [`via`]).
    pub relayed: bool,
}

impl Author {
    pub fn person(&self) -> Person {
        Person { name: self.name.clone(), address: self.address.clone() }
    }
}

/// Was this mail sent by a program? See the truth table in `docs/operating.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// A person wrote it.
    No,
    /// Perhaps: it is understood, but never answered.
    Hint(String),
    /// A program wrote it: kept, runs nothing, never answered.
    Yes(String),
}

/// Whom a bounce or a complaint is about: addresses in lower case, in order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounce {
    /// The mail did not reach them, and will not (RFC 3464: failed).
    pub permanent: Vec<String>,
    /// It has not reached them: it is still being tried, or was given up for a passing trouble (status `4.x.x`).
    pub temporary: Vec<String>,
    /// They called the mail spam (RFC 5965).
    pub complained: Vec<String>,
}

impl Bounce {
    pub fn is_empty(&self) -> bool {
        *self == Bounce::default()
    }

    fn in_order(mut self) -> Bounce {
        for list in [&mut self.permanent, &mut self.temporary, &mut self.complained] {
            list.sort();
            list.dedup();
        }
        self
    }
}
