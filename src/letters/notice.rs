//! What organisers are told of the mail itself: that too much goes out, that something did not arrive, or waits for them.

use super::{Draft, LetterKind, Outgoing, Seal, rendered};
use crate::clock::Timestamp;
use crate::mail::{Address, Person};
use crate::session::{Policy, Summit};

#[derive(askama::Template)]
#[template(path = "breaker.txt")]
struct BreakerText<'a> {
    limit: u32,
    robot: &'a str,
}

/// Tells every organiser that the breaker opened. One cause an hour: told once.
pub fn breaker(policy: &Policy, seal: &Seal, limit: u32, now: Timestamp) -> Vec<Outgoing> {
    let notice = Notice {
        kind: LetterKind::Breaker,
        cause: format!("breaker:{}", now.as_second() / 3600),
        subject: "Too much mail in one hour: everything is held",
        body: rendered(&BreakerText { limit, robot: &policy.robot_name }),
    };
    let mut once: Vec<Outgoing> = Vec::new();
    for letter in policy.summits.iter().flat_map(|summit| notice.letters(summit, seal, now)) {
        if !once.iter().any(|known| known.message_id == letter.message_id) {
            once.push(letter);
        }
    }
    once
}

/// A letter that organisers should look after.
pub struct Undelivered<'a> {
    /// Its number in the outbox, and which attempt was the last.
    pub id: i64,
    pub attempt: i64,
    pub to: &'a Address,
    pub subject: &'a str,
    /// It is held because nobody knows whether it arrived; else it was refused.
    pub held: bool,
    pub error: &'a str,
}

#[derive(askama::Template)]
#[template(path = "undelivered.txt")]
struct UndeliveredText<'a> {
    id: i64,
    to: &'a str,
    subject: &'a str,
    held: bool,
    error: &'a str,
    robot: &'a str,
}

/// Tells the organisers of its summit that a letter did not arrive, or that nobody knows.
pub fn undelivered(letter: &Undelivered, summit: &Summit, seal: &Seal, now: Timestamp) -> Vec<Outgoing> {
    let Undelivered { id, attempt, to, subject, held, error } = *letter;
    let error = super::wrap::printable(error);
    let robot = &seal.policy.robot_name;
    let body = rendered(&UndeliveredText { id, to: to.as_str(), subject, held, error: &error, robot });
    let subject = if held { "A letter may not have arrived" } else { "A letter was refused" };
    let notice = Notice { kind: LetterKind::Undelivered, cause: format!("undelivered:{id}:{attempt}"), subject, body };
    notice.letters(summit, seal, now).collect()
}

#[derive(askama::Template)]
#[template(path = "held.txt")]
struct HeldText<'a> {
    to: &'a str,
    subject: &'a str,
    why: &'static str,
    robot: &'a str,
}

/// Tells the organisers that a question waits for them: nobody else learns that somebody's command does. Once a day.
pub fn held_question(
    question: &Outgoing,
    why: &'static str,
    summit: &Summit,
    seal: &Seal,
    now: Timestamp,
) -> Vec<Outgoing> {
    let to = question.recipients.first().map_or("", Address::as_str);
    let robot = &seal.policy.robot_name;
    let notice = Notice {
        kind: LetterKind::Undelivered,
        cause: format!("held:{}:{}", summit.slug, now.strftime("%F")),
        subject: "A question is held",
        body: rendered(&HeldText { to, subject: &question.subject, why, robot }),
    };
    notice.letters(summit, seal, now).collect()
}

/// The same words to several people.
pub(super) struct Notice {
    pub kind: LetterKind,
    pub cause: String,
    pub subject: &'static str,
    pub body: String,
}

impl Notice {
    pub fn letters<'a>(
        &'a self,
        summit: &'a Summit,
        seal: &'a Seal,
        now: Timestamp,
    ) -> impl Iterator<Item = Outgoing> + 'a {
        summit.organisers.iter().filter_map(move |organiser| {
            seal.seal(Draft {
                kind: self.kind,
                cause: &self.cause,
                summit: &summit.slug,
                to: Person { name: None, address: Some(organiser.clone()) },
                to_list: false,
                subject: self.subject.into(),
                in_reply_to: None,
                references: Vec::new(),
                token: None,
                body: self.body.clone(),
                date: now,
            })
        })
    }
}
