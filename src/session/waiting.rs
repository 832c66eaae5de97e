//! What was asked for, and waits until the registered address has said yes.
//!
//! A forged From can ask for anything. So what its tier does not prove enough is done only when somebody who reads the
//! mail of the address on file says so: a token goes there, and comes back. So it is with a post of ours that organisers
//! want to see before the list does. Here stands when a token counts. Nothing here knows how it travels.

use super::model::SessionKey;
use super::policy::{Policy, Summit};
use crate::clock::Timestamp;
use crate::grammar::{Reading, Token};
use crate::mail::{Address, Mail, MessageId};
use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A token counts for so long after its command arrived.
pub const VALID: SignedDuration = SignedDuration::from_hours(48);
/// Within a day so many tokens that fit nothing are answered; the rest is met with silence.
pub const WRONG_TRIES: u64 = 5;

/// The lines of one mail that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub lines: Vec<Held>,
    /// The address that is asked: the author's first one.
    pub address: Address,
    pub command_hash: String,
}

/// One line that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub place: Place,
    pub verb: &'static str,
    /// What the session was called.
    pub title: String,
    pub source: String,
}

/// Which line it is, and which session it was about when its author was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// 0 for the mail as a whole.
    pub line: usize,
    pub session: SessionKey,
}

/// The same as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub token_hash: String,
    /// The mail with the lines; or the post that waits for an organiser, and then it is no mail of the inbox.
    pub mail: MessageId,
    pub inbox_id: Option<i64>,
    pub places: Vec<Place>,
    pub command_hash: String,
    pub address: Address,
    pub expires: Timestamp,
    /// The word that came: what it was, and the mail that brought it.
    pub word: Option<(Word, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    Confirmed,
    Dropped,
    /// A post has another text now, and another token.
    Edited,
}

/// Why a token does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// `confirm`, and no token anywhere.
    Missing,
    /// Words about two commands in one mail.
    OneAtATime,
    /// The answer to our question says neither yes nor no.
    Unsaid,
    /// The post was changed since it was shown, or the time is over.
    NotWaiting,
    /// `edit`, and no text below it; or what waits has no text that could be changed.
    NoText,
    /// No command waits for it: it was altered or invented.
    Unknown,
    /// It was sent to another address than the one that brings it.
    NotYours,
    /// Two tokens, or one beside the answer to another question.
    OtherCommand,
    Used(Word),
    Expired,
    /// The command does not read as it did: the configuration has changed since.
    Changed,
}

impl Mistake {
    /// In a word, for the operator.
    pub fn named(self) -> &'static str {
        match self {
            Mistake::Missing => "it is missing",
            Mistake::OneAtATime => "there are two",
            Mistake::Unsaid => "nothing is said with it",
            Mistake::NotWaiting => "its post does not wait for it any more",
            Mistake::NoText => "no text to put in its place",
            Mistake::Unknown => "unknown",
            Mistake::NotYours => "another address's",
            Mistake::OtherCommand => "another command's",
            Mistake::Used(_) => "used before",
            Mistake::Expired => "expired",
            Mistake::Changed => "its command reads otherwise now",
        }
    }
}

impl Waiting {
    /// Whether a word for it counts. A mail that is read again has not been before itself.
    pub fn hears(&self, author: &Address, inbox_id: i64, at: Timestamp, policy: &Policy) -> Result<(), Mistake> {
        let people = &policy.people;
        if ![people.first(author), people.sworn_first(author)].contains(&&self.address) {
            return Err(Mistake::NotYours);
        }
        match self.word {
            Some((word, mail)) if mail != inbox_id => Err(Mistake::Used(word)),
            // Of a post the next word may come at the moment at which it was changed.
            None if self.inbox_id.is_none() && at >= self.expires => Err(Mistake::NotWaiting),
            _ if at > self.expires => Err(Mistake::Expired),
            _ => Ok(()),
        }
    }
}

impl Policy {
    /// The address to ask whether an author is who the mail says: an organiser's own, else the one they are known under.
    pub fn registered(&self, summit: &Summit, author: &Address) -> Address {
        match self.is_organiser(summit, author) {
            true => self.people.sworn_first(author).clone(),
            false => self.people.first(author).clone(),
        }
    }
}

/// When the question about a mail that arrived then is over.
pub fn expires(arrived: Timestamp) -> Timestamp {
    arrived.checked_add(VALID).unwrap_or(Timestamp::MAX)
}

/// What a token is bound to: each line with its session, word for word.
pub fn command_hash<'a>(lines: impl Iterator<Item = (&'a Place, &'a str)>) -> String {
    let mut hash = Sha256::new();
    for (Place { line, session }, source) in lines {
        hash.update(format!("{line} {}/{session} {}\n{source}\n", session.summit, source.len()).as_bytes());
    }
    HEXLOWER.encode(&hash.finalize())
}

/// The hash of the lines at these places as the mail reads now; nothing when one of them is gone.
pub fn hash_of(places: &[Place], mail: &Mail, reading: &Reading) -> Option<String> {
    let source = |place: &Place| match place.line {
        0 => Some(mail.subject.clone()),
        line => reading.ask_at(line).map(|ask| ask.source),
    };
    let sources: Option<Vec<String>> = places.iter().map(source).collect();
    Some(command_hash(places.iter().zip(sources?.iter().map(String::as_str))))
}

/// The form in which a token is kept: it can be known again, and not be read.
pub fn token_hash(token: &Token) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_str()))
}
