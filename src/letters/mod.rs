//! What we say: each letter as frozen RFC 5322 bytes, a pure function of its cause.

pub mod answer;
pub mod compose;
pub mod digest;
pub mod sentences;
pub mod when;
pub mod wrap;

pub use compose::{Draft, Seal};

use crate::clock::Timestamp;
use crate::mail::{Address, MessageId, Person};
use crate::session::Policy;
use serde::{Deserialize, Serialize};

/// Which letter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// The private answer to a mail that asked for something.
    Answer,
    /// Asks the author of notes which session they belong to.
    WhichSession,
    /// Tells the author of a mail that somebody made it a session.
    Courtesy,
    ProposalDigest,
    OutcomeDigest,
    /// Tells the organisers that the breaker opened.
    Breaker,
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

#[derive(askama::Template)]
#[template(path = "breaker.txt")]
struct BreakerText<'a> {
    limit: u32,
    robot: &'a str,
}

/// Tells every organiser that the breaker opened. One cause an hour: told once.
pub fn breaker(policy: &Policy, seal: &Seal, limit: u32, now: Timestamp) -> Vec<Outgoing> {
    let hour = now.as_second() / 3600;
    let body = rendered(&BreakerText { limit, robot: &policy.robot_name });
    let letters = policy.summits.iter().flat_map(|summit| {
        let (body, cause) = (&body, format!("breaker:{hour}"));
        summit.organisers.iter().filter_map(move |organiser| {
            seal.seal(Draft {
                kind: LetterKind::Breaker,
                cause: &cause,
                summit: &summit.slug,
                to: Person { name: None, address: Some(organiser.clone()) },
                to_list: false,
                subject: "Too much mail in one hour: everything is held".into(),
                in_reply_to: None,
                references: Vec::new(),
                body: body.clone(),
                date: now,
            })
        })
    });
    let mut once: Vec<Outgoing> = Vec::new();
    for letter in letters {
        if !once.iter().any(|known| known.message_id == letter.message_id) {
            once.push(letter);
        }
    }
    once
}

/// A template as text.
fn rendered(template: &impl askama::Template) -> String {
    template.render().expect("writing to memory does not fail")
}
