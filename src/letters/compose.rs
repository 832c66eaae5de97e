//! From a draft to frozen bytes: headers, encoding, identity. Every letter passes here, so what all of them must carry
//! stands once (RFC 5322; RFC 3834 for automatic mail).

use super::dkim::Signer;
use super::enclosed::{self, Enclosed};
use super::header::{self, HeaderText};
use super::wrap::{cut, fill, printable};
use super::{LetterKind, Outgoing, body};
use crate::clock::Timestamp;
use crate::grammar::{Token, is_heard};
use crate::mail::erase::is_nowhere;
use crate::mail::{Address, Mail, MessageId, Person};
use crate::session::Policy;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// The header that lets us know our own mail again.
pub const LOOP_MARK: &str = "X-Rapporteur-Loop";
/// A References header keeps the first id and the last ones.
const MOST_REFERENCES: usize = 20;
/// In characters.
const LONGEST_SUBJECT: usize = 200;
const LONGEST_NAME: usize = 100;

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
    /// It asks for a word, and the answer brings this back: in its Subject, and in the address where plus addresses
    /// reach us. The outbox shows the subject without it.
    pub token: Option<&'a Token>,
    /// Paragraphs may be longer than a line.
    pub body: String,
    pub date: Timestamp,
}

/// What only some letters carry.
#[derive(Default)]
pub struct Marks {
    /// Where answers go, when not to us.
    pub reply_to: Option<Address>,
    /// Further headers; words that are not to be broken.
    pub headers: Vec<(&'static str, Vec<String>)>,
    pub content: Content,
}

/// What a letter holds besides, or instead of, the draft's text.
#[derive(Default)]
pub enum Content {
    #[default]
    Text,
    /// The same for a calendar: its method, and the object (RFC 6047 §2).
    Calendar(&'static str, String),
    /// Mails below the text.
    Mails(Vec<Enclosed>),
    /// What another letter held, encoded for its way.
    Same { kind: String, encoding: String, body: String },
}

/// Our identity as a sender.
pub struct Seal<'a> {
    pub policy: &'a Policy,
    pub secret: &'a [u8; 32],
    /// The key that letters are signed with.
    pub dkim: Option<&'a Signer>,
}

impl Seal<'_> {
    /// The letter as it will go out, byte for byte. `None` when there is no address it could go to.
    pub fn seal(&self, draft: Draft) -> Option<Outgoing> {
        self.seal_with(draft, &Marks::default())
    }

    /// The same, with what this one carries besides.
    pub fn seal_with(&self, draft: Draft, marks: &Marks) -> Option<Outgoing> {
        let recipient = draft.to.address.clone().filter(|address| !is_nowhere(address))?;
        let message_id = self.message_id(draft.kind, draft.cause, &recipient);
        let subject = HeaderText::new(&cut(&printable(&draft.subject), LONGEST_SUBJECT));
        let bytes = self.bytes(&draft, marks, &message_id, &subject, &recipient);
        let envelope_from = if draft.to_list { Some(self.policy.bounces.clone()) } else { self.verp(&message_id) };
        Some(Outgoing {
            kind: draft.kind,
            message_id,
            cause: draft.cause.to_owned(),
            summit: draft.summit.to_owned(),
            envelope_from,
            recipients: vec![recipient],
            to_list: draft.to_list,
            subject: subject.as_str().to_owned(),
            bytes,
        })
    }

    fn bytes(&self, draft: &Draft, marks: &Marks, id: &MessageId, subject: &HeaderText, to: &Address) -> Vec<u8> {
        let fixed = |name: &str, value: &str| header::text(name, &HeaderText::new(value));
        let date = enclosed::date(draft.date);
        let answers = draft.in_reply_to.is_some() && !draft.to_list;
        let person = draft.to.name.as_deref().map(|name| HeaderText::new(&cut(&printable(name), LONGEST_NAME)));
        let answered: Vec<MessageId> =
            draft.in_reply_to.filter(|id| header::is_plain(id)).into_iter().cloned().collect();
        let references = shortened(&draft.references);
        let mut letter = fixed("Date", &date);
        letter += &header::mailbox("From", Some(&HeaderText::new(&self.policy.robot_name)), &self.policy.robot);
        let answers_go_to = draft.token.and_then(|token| self.reply_to(token)).or(marks.reply_to.clone());
        if let Some(address) = answers_go_to {
            letter += &header::mailbox("Reply-To", None, &address);
        }
        letter += &header::mailbox("To", person.as_ref(), to);
        let mark = draft.token.map(|token| format!("{} [confirm {}]", subject.as_str(), token.as_str()));
        letter += &header::text("Subject", &mark.map_or_else(|| subject.clone(), |mark| HeaderText::new(&mark)));
        letter += &header::ids("Message-ID", std::slice::from_ref(id));
        for (name, ids) in [("In-Reply-To", answered), ("References", references)] {
            if !ids.is_empty() {
                letter += &header::ids(name, &ids);
            }
        }
        letter += &fixed("Auto-Submitted", if answers { "auto-replied" } else { "auto-generated" });
        letter += &fixed(LOOP_MARK, &self.loop_mark(id));
        if !draft.to_list {
            letter += &fixed("X-Auto-Response-Suppress", "All");
        }
        for (name, value) in &marks.headers {
            letter += &header::words(name, value.clone());
        }
        letter += &fixed("MIME-Version", "1.0");
        let text = || body::part("text/plain; charset=utf-8", &inert(&fill(&draft.body)));
        letter += &match &marks.content {
            Content::Text => text(),
            Content::Calendar(method, object) => {
                let calendar = body::part(&format!("text/calendar; method={method}; charset=UTF-8"), object);
                body::alternative(&[text(), calendar], id)
            }
            // Nobody knows the mark before the letter is out, so nobody can write a line that ends a part.
            Content::Mails(mails) => enclosed::multipart(&text(), mails, &self.loop_mark(id)),
            Content::Same { kind, encoding, body } => {
                format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}")
            }
        };
        let signature = self.dkim.and_then(|signer| signer.sign(&letter, draft.date));
        (signature.unwrap_or_default() + &letter).into_bytes()
    }

    /// The letter with another text, and what follows from it. Only for one that nobody has tried to send.
    pub fn with_text(&self, letter: &[u8], text: &str, date: Timestamp) -> Vec<u8> {
        let letter = String::from_utf8_lossy(letter);
        let head = letter.split_once("\r\n\r\n").map_or(&*letter, |(head, _)| head);
        let mut kept = String::with_capacity(letter.len());
        let mut keep = true;
        for line in head.split_inclusive("\r\n") {
            if !line.starts_with([' ', '\t']) {
                keep = !["DKIM-Signature:", "Content-Transfer-Encoding:"].iter().any(|name| line.starts_with(name));
            }
            kept.push_str(if keep { line } else { "" });
        }
        let (encoding, body) = body::encode(&inert(&fill(text)));
        let kept = kept.trim_end();
        let letter = format!("{kept}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}");
        let signature = self.dkim.and_then(|signer| signer.sign(&letter, date));
        (signature.unwrap_or_default() + &letter).into_bytes()
    }

    /// The same cause makes the same id: a letter made twice is one letter.
    fn message_id(&self, kind: LetterKind, cause: &str, to: &Address) -> MessageId {
        let mut hash = Sha256::new();
        for part in [self.policy.robot.as_str(), &crate::mail::end::name(kind), cause, &to.key()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let local = BASE32_NOPAD.encode(&hash.finalize()[..15]).to_ascii_lowercase();
        MessageId::ours(&format!("{}.{local}", crate::mail::end::name(kind)), &self.policy.robot.domain_key())
    }

    /// The sender that one private letter has, and nobody can guess: a report that comes there is about this letter.
    /// Without VERP the null sender, to which no report comes (RFC 3834 §3.3).
    fn verp(&self, id: &MessageId) -> Option<Address> {
        let bounces = self.policy.verp.then_some(&self.policy.bounces)?;
        let mut mac = self.mac(id);
        mac.update(b"verp");
        let token = BASE32_NOPAD.encode(&mac.finalize().into_bytes()[..10]).to_ascii_lowercase();
        Address::parse(&format!("{}+{token}@{}", bounces.local(), bounces.domain_key()).to_ascii_lowercase())
    }

    /// Where the answer to a letter with a token goes: the configuration says with `verp` that plus addresses reach us.
    fn reply_to(&self, token: &Token) -> Option<Address> {
        let robot = self.policy.verp.then_some(&self.policy.robot)?;
        let token = token.as_str().to_ascii_lowercase();
        Address::parse(&format!("{}+confirm-{token}@{}", robot.local(), robot.domain()))
    }

    /// What proves that somebody got the letter that asks about these lines: nobody else can make it, and the same lines
    /// have the same one.
    pub fn token(&self, mail: &MessageId, command_hash: &str) -> Token {
        let mut mac = self.mac(mail);
        mac.update(b"confirm");
        mac.update(command_hash.as_bytes());
        let bytes = mac.finalize().into_bytes();
        Token::of(std::array::from_fn(|at| bytes[at]))
    }

    /// Whether a token is that of these lines. Compared in constant time.
    pub fn knows(&self, token: &Token, mail: &MessageId, command_hash: &str) -> bool {
        let mut mac = self.mac(mail);
        mac.update(b"confirm");
        mac.update(command_hash.as_bytes());
        let bytes = token.bytes();
        bytes.len() == 16 && mac.verify_truncated_left(&bytes).is_ok()
    }

    fn loop_mark(&self, id: &MessageId) -> String {
        HEXLOWER.encode(&self.mac(id).finalize().into_bytes()[..16])
    }

    fn mac(&self, id: &MessageId) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).expect("HMAC takes keys of any length");
        mac.update(id.as_str().as_bytes());
        mac
    }

    /// Of what has no Message-ID. No id begins with a NUL or holds one: what is made here proves nothing of a mail.
    pub(super) fn mac_of(&self, parts: &[&str]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&[0]);
            mac.update(part.as_bytes());
        }
        mac
    }

    /// Whether a mail carries the mark that we put on it. Compared in constant time.
    pub fn is_ours(&self, mail: &Mail) -> bool {
        let mark = mail.loop_mark.as_deref().and_then(|mark| HEXLOWER.decode(mark.trim().as_bytes()).ok());
        mark.is_some_and(|mark| mark.len() == 16 && self.mac(&mail.message_id).verify_truncated_left(&mark).is_ok())
    }
}

/// The first 128 bits, as a link or an id can hold them.
pub(super) fn encoded(mac: Hmac<Sha256>) -> String {
    BASE32_NOPAD.encode(&mac.finalize().into_bytes()[..16]).to_ascii_lowercase()
}

/// The text, so that none of it is heard by us when somebody sends it back without quote marks, as ticket systems do: a
/// line that would be is moved off the margin. Our own lines are not heard; names and titles are somebody else's words.
fn inert(text: &str) -> String {
    let moved = |line: &str| if is_heard(line) { format!("    {line}\n") } else { format!("{line}\n") };
    text.lines().map(moved).collect()
}

fn shortened(references: &[MessageId]) -> Vec<MessageId> {
    let mut references: Vec<MessageId> = references.iter().filter(|id| header::is_plain(id)).cloned().collect();
    let surplus = references.len().saturating_sub(MOST_REFERENCES);
    if surplus > 0 {
        references.drain(1..=surplus);
    }
    references
}
