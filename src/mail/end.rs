//! How a mail ends: recorded, ignored or quarantined, each with one reason of a closed set.

use serde::{Deserialize, Serialize};

/// What a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Proposal,
    Revision,
    Reply,
    Command,
    Attend,
    Outcome,
    Call,
    Agenda,
    Discussion,
    /// It starts a thread and asks something about a session or the summit.
    Question,
    Bounce,
    Automatic,
    Own,
    Duplicate,
    Spam,
    Unknown,
}

/// Where a mail ended. It follows from the [`Reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    Recorded,
    Ignored,
    Quarantined,
}

/// Why a mail ended as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It opened a session.
    NewSession,
    /// It added to or changed a session.
    Joined,
    /// It belongs to a session and adds no fact.
    InThread,
    /// It asked for something, and nothing of it could be done; its author has been told.
    Refused,
    /// It asked for what waits until the registered address of its author has said yes.
    AskedFirst,
    /// It brought a token for which no command of its author waits.
    WrongToken,
    /// It spoke to the program itself, and was answered.
    Answered,
    /// It says who comes to the summit.
    Attending,
    /// It announces: a call for topics, an agenda.
    Announcement,
    /// List traffic that belongs to no session.
    NoSession,
    /// Notes that no session could be found for; they wait in the unclaimed pool.
    Unclaimed,
    /// No single author address: kept, acts on nothing.
    AmbiguousFrom,
    /// Other content under a Message-ID that was used before: kept, acts on nothing.
    ReusedMessageId,
    OwnEcho,
    Automatic,
    Bounce,
    Duplicate,
    Spam,
    /// It did not come through a list that is watched.
    OtherList,
    /// It was erased before, and is not kept a second time.
    Erased,
    TooLarge,
    HeaderTooLarge,
    TooManyParts,
    MailLoop,
    /// The program stopped uncleanly three times while this mail was in its hands.
    Strikes,
    /// Our own mistake: reading it failed inside the program.
    Internal,
}

impl Reason {
    pub fn end(self) -> End {
        use Reason::*;
        match self {
            NewSession | Joined | InThread | Refused | AskedFirst | WrongToken | Answered | Attending
            | Announcement | NoSession | Unclaimed | AmbiguousFrom | ReusedMessageId => End::Recorded,
            OwnEcho | Automatic | Bounce | Duplicate | Spam | OtherList | Erased => End::Ignored,
            TooLarge | HeaderTooLarge | TooManyParts | MailLoop | Strikes | Internal => End::Quarantined,
        }
    }
}

/// The stable text form of one of the enums here: what the database and `export json` hold.
pub fn name<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        other => unreachable!("a unit variant serialises to a string, not {other:?}"),
    }
}

/// The inverse of [`name`].
pub fn from_name<T: for<'de> Deserialize<'de>>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}
