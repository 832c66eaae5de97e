//! From a draft to frozen bytes: headers, encoding, identity. Every letter passes here, so what all of them must carry
//! stands once (RFC 5322; RFC 3834 for automatic mail).

use super::wrap::{fill, printable};
use super::{LetterKind, Outgoing};
use crate::clock::Timestamp;
use crate::mail::{Address, Mail, MessageId, Person};
use crate::session::Policy;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Body, Mailbox, Message};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// The header that lets us know our own mail again.
pub const LOOP_MARK: &str = "X-Rapporteur-Loop";
/// A References header keeps the first id and the last ones.
const MOST_REFERENCES: usize = 20;
const LONGEST_SUBJECT: usize = 200;

/// A letter before it is sealed.
pub struct Draft<'a> {
    pub kind: LetterKind,
    /// What it follows from: a Message-ID or a tick's key.
    pub cause: &'a str,
    pub summit: &'a str,
    pub to: Person,
    pub to_list: bool,
    pub subject: String,
    /// The mail it answers, with what that one answered, oldest first.
    pub in_reply_to: Option<&'a MessageId>,
    pub references: Vec<MessageId>,
    /// Paragraphs may be longer than a line.
    pub body: String,
    pub date: Timestamp,
}

/// Our identity as a sender.
pub struct Seal<'a> {
    pub policy: &'a Policy,
    pub secret: &'a [u8; 32],
}

impl Seal<'_> {
    /// The letter as it will go out, byte for byte. `None` when there is no address it could go to.
    pub fn seal(&self, draft: Draft) -> Option<Outgoing> {
        let recipient = draft.to.address.clone()?;
        let message_id = self.message_id(draft.kind, draft.cause, &recipient);
        let subject = super::wrap::cut(&printable(&draft.subject), LONGEST_SUBJECT);
        let answers = draft.in_reply_to.is_some() && !draft.to_list;
        let mut message = Message::builder()
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(draft.date.as_second().max(0).unsigned_abs()))
            .from(mailbox(&Person {
                name: Some(self.policy.robot_name.clone()),
                address: Some(self.policy.robot.clone()),
            })?)
            .to(mailbox(&draft.to)?)
            .subject(subject.clone())
            .message_id(Some(format!("<{message_id}>")));
        if let Some(id) = draft.in_reply_to.filter(|id| is_plain(id)) {
            message = message.raw_header(raw("In-Reply-To", format!("<{id}>")));
        }
        let references = shortened(draft.references);
        if !references.is_empty() {
            let ids: Vec<String> = references.iter().map(|id| format!("<{id}>")).collect();
            message = message.raw_header(raw("References", ids.join(" ")));
        }
        let automatic = if answers { "auto-replied" } else { "auto-generated" };
        message = message
            .raw_header(raw("Auto-Submitted", automatic.into()))
            .raw_header(raw(LOOP_MARK, self.loop_mark(&message_id)));
        if !draft.to_list {
            message = message.raw_header(raw("X-Auto-Response-Suppress", "All".into()));
        }
        let message =
            message.header(MIME_VERSION_1_0).header(ContentType::TEXT_PLAIN).body(encoded(fill(&draft.body))).ok()?;
        Some(Outgoing {
            kind: draft.kind,
            message_id,
            cause: draft.cause.to_owned(),
            summit: draft.summit.to_owned(),
            // Bounces of private answers go nowhere: nobody is to be told of them (RFC 3834 §3.3).
            envelope_from: draft.to_list.then(|| self.policy.bounces.clone()),
            recipients: vec![recipient],
            to_list: draft.to_list,
            subject,
            bytes: message.formatted(),
        })
    }

    /// The same cause makes the same id: a letter made twice is one letter.
    fn message_id(&self, kind: LetterKind, cause: &str, to: &Address) -> MessageId {
        let mut hash = Sha256::new();
        for part in [self.policy.robot.as_str(), &crate::mail::end::name(kind), cause, &to.key()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let local = BASE32_NOPAD.encode(&hash.finalize()[..15]).to_ascii_lowercase();
        MessageId::ours(&format!("{}.{local}", crate::mail::end::name(kind)), self.policy.robot.domain())
    }

    fn loop_mark(&self, id: &MessageId) -> String {
        HEXLOWER.encode(&self.mac(id).finalize().into_bytes()[..16])
    }

    fn mac(&self, id: &MessageId) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).expect("HMAC takes keys of any length");
        mac.update(id.as_str().as_bytes());
        mac
    }

    /// Whether a mail carries the mark that we put on it. Compared in constant time.
    pub fn is_ours(&self, mail: &Mail) -> bool {
        let mark = mail.loop_mark.as_deref().and_then(|mark| HEXLOWER.decode(mark.trim().as_bytes()).ok());
        mark.is_some_and(|mark| mark.len() == 16 && self.mac(&mail.message_id).verify_truncated_left(&mark).is_ok())
    }
}

/// Plain ASCII goes as it is, however long its URLs are; for other text the encoding is chosen that reads best.
fn encoded(text: String) -> Body {
    match Body::new_with_encoding(text.clone(), ContentTransferEncoding::SevenBit) {
        Ok(body) => body,
        Err(_) => Body::new(text),
    }
}

fn mailbox(person: &Person) -> Option<Mailbox> {
    let address = person.address.as_ref()?.as_str().parse().ok()?;
    Some(Mailbox::new(person.name.as_deref().map(printable).filter(|name| !name.is_empty()), address))
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// An id that can stand in a header as it is.
fn is_plain(id: &MessageId) -> bool {
    id.as_str().len() <= 250 && id.as_str().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>')
}

fn shortened(mut references: Vec<MessageId>) -> Vec<MessageId> {
    references.retain(is_plain);
    let surplus = references.len().saturating_sub(MOST_REFERENCES);
    if surplus > 0 {
        references.drain(1..=surplus);
    }
    references
}
