//! A post of ours, shown to an organiser before the list sees it: they approve it, give it up, or write it anew, by a word
//! in their answer. No link does anything.

use super::compose::{Draft, Seal};
use super::{LetterKind, Outgoing, rendered, sentences, when};
use crate::clock::Timestamp;
use crate::mail::{self, Address, Mail, MessageId, Person};
use crate::session::waiting::{expires, token_hash};
use crate::session::{Summit, Waiting};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A post as it would go out.
pub struct Held<'a> {
    pub message_id: &'a MessageId,
    pub subject: &'a str,
    pub list: &'a Address,
    pub bytes: &'a [u8],
}

/// Why it is shown.
#[derive(Clone, Copy)]
pub enum Why<'a> {
    /// Every post is.
    Always,
    /// There were so many within a day.
    TooMany(u32),
    /// This mail of the organiser has changed it.
    Edited(&'a Mail),
}

#[derive(askama::Template)]
#[template(path = "review.txt")]
struct ReviewText<'a> {
    head: String,
    list: &'a str,
    editable: bool,
    robot: &'a str,
    token: &'a str,
    until: String,
    subject: &'a str,
    text: String,
}

/// What an organiser's token is bound to: the bytes that were shown, and to whom.
pub fn seen(bytes: &[u8], organiser: &Address) -> String {
    let hash = Sha256::new().chain_update(bytes).chain_update([0]).chain_update(organiser.key());
    HEXLOWER.encode(&hash.finalize())
}

/// The letter that asks an organiser, and what waits for its answer.
pub fn preview(
    post: &Held,
    organiser: &Address,
    why: Why,
    summit: &Summit,
    seal: &Seal,
    now: Timestamp,
) -> Option<(Outgoing, Waiting)> {
    let seen = seen(post.bytes, organiser);
    let token = seal.token(post.message_id, &seen);
    let waiting = Waiting {
        token_hash: token_hash(&token),
        mail: post.message_id.clone(),
        inbox_id: None,
        places: Vec::new(),
        command_hash: seen.clone(),
        address: organiser.clone(),
        expires: expires(now),
        word: None,
    };
    let text = ReviewText {
        head: sentences::review(why),
        list: post.list.as_str(),
        editable: is_editable(post.bytes),
        robot: seal.policy.robot.as_str(),
        token: token.as_str(),
        until: when::moment(waiting.expires, &summit.zone),
        subject: post.subject,
        text: text_of(post.bytes),
    };
    let answered = match why {
        Why::Edited(mail) => Some(&mail.message_id),
        _ => None,
    };
    let letter = seal.seal(Draft {
        kind: LetterKind::Review,
        cause: &format!("review:{seen}"),
        summit: &summit.slug,
        to: Person { name: None, address: Some(organiser.clone()) },
        to_list: false,
        subject: format!("To approve: {}", post.subject),
        in_reply_to: answered,
        references: answered.into_iter().cloned().collect(),
        token: Some(&token),
        body: rendered(&text),
        date: now,
    })?;
    Some((letter, waiting))
}

/// A post of several parts is made of other people's mails: it goes out as it is, or not at all.
pub fn is_editable(bytes: &[u8]) -> bool {
    let head = bytes.split(|byte| *byte == b'\n').take_while(|line| line.len() > 1);
    head.map(<[u8]>::to_ascii_lowercase).any(|line| line.starts_with(b"content-type: text/plain"))
}

fn text_of(bytes: &[u8]) -> String {
    let mail = mail::read(bytes, Timestamp::UNIX_EPOCH);
    let lines: Vec<&str> = mail.text.lines().map(|line| line.text).collect();
    lines.join("\n")
}
