//! What we say: each letter as frozen RFC 5322 bytes, a pure function of its cause.

pub mod answer;
pub mod attention;
pub(crate) mod body;
pub mod compose;
pub mod digest;
pub mod direct;
pub mod dkim;
pub mod enclosed;
mod erase;
pub mod event;
pub(crate) mod header;
mod invitation;
pub mod notice;
pub mod personal;
pub mod reach;
pub mod review;
pub mod sentences;
mod told;
pub mod transcript;
pub mod unsubscribe;
pub mod when;
pub mod wrap;

pub use compose::{Draft, Seal};

use crate::mail::{Address, MessageId};
use serde::{Deserialize, Serialize};

/// Which letter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// The private answer to a mail that asked for something.
    Answer,
    /// Asks the registered address whether a command is its own; the author's answer, where that is the same address.
    Confirm,
    /// Asks the author of notes which session they belong to.
    WhichSession,
    /// Tells the author of a mail that it came to the wrong address. Nothing was asked: see `daemon::rates`.
    Misdirected,
    /// Tells the author of a mail that somebody made it a session.
    Courtesy,
    ProposalDigest,
    OutcomeDigest,
    /// The event of a session for a calendar (RFC 6047).
    Invitation,
    Agenda,
    /// Everything about a summit, once.
    FinalReport,
    /// Shows a post to an organiser, and asks whether it may go out.
    Review,
    /// Tells the organisers that the breaker opened.
    Breaker,
    /// Tells the organisers of a summit that one of its letters did not arrive, or may not have, or waits for them.
    Undelivered,
    /// Tells the organisers of a summit what waits for them: mail that could not be read, notes without a session.
    Attention,
    /// A session is near: to its hosts and scribes.
    Near,
    /// It took place, and there are no notes.
    Owing,
    /// Its time or place has changed.
    Moved,
    /// What came of a session is written down: to who follows it.
    Noted,
    /// Actions of somebody's are open.
    Open,
    /// A digest that went to the list, for one person who subscribed.
    Direct,
}

impl LetterKind {
    /// The clock has it written, not a mail: there is one for each occasion, however much mail comes.
    pub fn is_clocks(self) -> bool {
        use LetterKind::{Direct, Invitation, Moved, Near, Noted, Open, Owing};
        matches!(self, Near | Owing | Moved | Noted | Open | Invitation | Direct)
    }
}

/// One outgoing mail, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub kind: LetterKind,
    /// Derived from (instance, kind, cause): the same cause makes the same id again.
    pub message_id: MessageId,
    /// The Message-ID of the mail it answers, or the key of the tick it was due at.
    pub cause: String,
    pub summit: String,
    /// `None` is the null sender `<>`.
    pub envelope_from: Option<Address>,
    pub recipients: Vec<Address>,
    /// It goes to a list, not to a person.
    pub to_list: bool,
    pub subject: String,
    /// RFC 5322, CRLF, ready for the wire.
    pub bytes: Vec<u8>,
}

/// A template as text.
pub fn rendered(template: &impl askama::Template) -> String {
    template.render().expect("writing to memory does not fail")
}
