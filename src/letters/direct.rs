//! A digest for one person who subscribed: what went to the list, as it went, with the headers by which mail programs know
//! what it is and how to end it (RFC 2369, RFC 2919, RFC 5064).
//!
//! It is made of the list's letter once that is out, so that whoever approved or changed it did so for all.

use super::compose::{Content, Draft, Marks, Seal};
use super::{LetterKind, Outgoing, body, sentences, wrap};
use crate::clock::Timestamp;
use crate::mail::{MessageId, Person};
use crate::session::{Archived, Summit};

/// A letter that went to a list.
pub struct Posted<'a> {
    pub message_id: &'a MessageId,
    pub subject: &'a str,
    /// As it went over the wire.
    pub bytes: &'a [u8],
}

/// The copy for one person; `None` when there is no address it could go to. `cause` is the key of its occasion.
pub fn copy(
    posted: &Posted,
    to: &Person,
    cause: &str,
    summit: &Summit,
    seal: &Seal,
    now: Timestamp,
) -> Option<Outgoing> {
    let robot = &seal.policy.robot;
    let mut headers = vec![
        ("List-Id", vec![format!("<{}>", seal.policy.digests_id(summit))]),
        ("List-Help", vec![format!("<mailto:{robot}?subject=help>")]),
    ];
    headers.extend(seal.unsubscribe(summit, to));
    let link = seal.policy.permalink(summit, posted.message_id, &Archived::default());
    headers.extend(link.map(|link| ("Archived-At", vec![format!("<{link}>")])));
    let draft = Draft {
        kind: LetterKind::Direct,
        cause,
        summit: &summit.slug,
        to: to.clone(),
        to_list: false,
        subject: posted.subject.to_owned(),
        in_reply_to: None,
        references: vec![posted.message_id.clone()],
        token: None,
        body: String::new(),
        date: now,
    };
    let content = content(posted.bytes, robot.as_str())?;
    seal.seal_with(draft, &Marks { headers, content, ..Marks::default() })
}

/// What the letter holds; but its last line tells those who did not ask for it what to do, and these did. Below several parts
/// nobody would see another, and List-Unsubscribe says the same.
fn content(bytes: &[u8], robot: &str) -> Option<Content> {
    let to_all = wrap::fill(&sentences::to_all(robot));
    let to_one = sentences::subscribed(robot);
    let letter = str::from_utf8(bytes).ok()?;
    let (header, body) = letter.split_once("\r\n\r\n")?;
    let header = header.replace("\r\n ", " ");
    let field = |name: &str| {
        let value = header.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.map(str::to_owned)
    };
    let kind = field("Content-Type")?;
    Some(match field("Content-Transfer-Encoding") {
        Some(encoding) => {
            Content::Same { body: body::with_last_line(&encoding, body, to_all.trim_end(), &to_one), kind, encoding }
        }
        // RFC 2045 §6.1.
        None => Content::Same { body: body.to_owned(), kind, encoding: "7bit".into() },
    })
}
