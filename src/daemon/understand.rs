//! One mail from bytes to meaning, without the database: gate, read, screen's inputs, parse. Pure.
//!
//! It runs on threads of its own with large stacks, because a mail's nesting is its sender's choice; and a panic in it
//! is caught, because our mistake with one mail must not stop the others.

use crate::clock::Timestamp;
use crate::grammar::{self, Reading, Vocabulary};
use crate::mail::dkim::{self, Answers, Proof};
use crate::mail::{self, Address, Mail, Reason};
use crate::session::{List, Policy, Via};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the MIME parser may need for the deepest mail that passes the gate.
const STACK: usize = 16 << 20;
/// Fewer mails than these are not worth a thread of their own.
const LEAST_SHARE: usize = 8;
/// How much of a mail that is refused at the gate is read for its headers.
const REFUSED_HEADER: usize = 16 << 10;

/// What was understood of one mail.
pub struct Understood {
    pub mail: Mail,
    /// `None` when the mail ends before its words matter.
    pub reading: Option<Reading>,
    /// Set when the gate refused it, or our own code failed on it.
    pub refused: Option<Reason>,
    /// What its signatures prove.
    pub proof: Proof,
}

/// A mail to be understood.
#[derive(Clone, Copy)]
pub struct Unread<'a> {
    pub raw: &'a [u8],
    pub received: Timestamp,
    /// The list that its mailbox holds.
    pub list: Option<&'a List>,
    /// What the DNS said about its signatures, when it was asked.
    pub answers: Option<&'a Answers>,
}

impl<'a> Unread<'a> {
    /// One whose signatures are nobody's business.
    pub fn new(raw: &'a [u8], received: Timestamp, list: Option<&'a List>) -> Unread<'a> {
        Unread { raw, received, list, answers: None }
    }
}

/// Understands some mails, in order, on threads of its own: one for each processor, when there are mails enough.
pub fn understand_all(mails: &[Unread], policy: &Policy) -> Vec<Understood> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let share = mails.len().div_ceil(processors).max(LEAST_SHARE);
    std::thread::scope(|scope| {
        let start = |mails| {
            let work = move || understand_each(mails, policy);
            let thread = std::thread::Builder::new().name("understand".into()).stack_size(STACK);
            // Without a thread there is nothing the program could do; and panics inside were caught.
            thread.spawn_scoped(scope, work).expect("the system grants a thread")
        };
        let threads: Vec<_> = mails.chunks(share).map(start).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("panics are caught for each mail")).collect()
    })
}

fn understand_each(mails: &[Unread], policy: &Policy) -> Vec<Understood> {
    mails.iter().map(|mail| understand(mail, policy)).collect()
}

/// The same for one mail, with the words of the list it came through.
fn understand(mail: &Unread, policy: &Policy) -> Understood {
    let Unread { raw, received, list, answers } = *mail;
    let read = AssertUnwindSafe(|| match mail::gate(raw) {
        Err(reason) => refused(raw, received, reason),
        Ok(()) => {
            let mut mail = mail::read(raw, received);
            let author = policy.author(&mail, list);
            if author != mail.author {
                mail.flaws.push("From shows the list: its author is looked for in Reply-To".to_owned());
                mail.author = author;
            }
            let reading = grammar::parse(&mail, vocabulary(&mail, list, policy));
            let domain = mail.author.address.as_ref().map(Address::domain_key);
            let proof = match (domain, answers) {
                (Some(domain), Some(answers)) => dkim::prove(raw, answers, &domain, &policy.sources.sealers, received),
                _ => Proof::Unsigned,
            };
            Understood { mail, reading: Some(reading), refused: None, proof }
        }
    });
    catch_unwind(read).unwrap_or_else(|_| refused(raw, received, Reason::Internal))
}

/// A mail that ended the program too often to be read once more.
pub fn struck(raw: &[u8], received: Timestamp) -> Understood {
    Understood {
        mail: mail::unread(raw, received),
        reading: None,
        refused: Some(Reason::Strikes),
        proof: Proof::Unsigned,
    }
}

/// A mail that was erased before: what stands in its place is all that is known of it.
pub fn erased(tombstone: &[u8], received: Timestamp) -> Understood {
    let refused = Some(Reason::Erased);
    Understood { mail: mail::read(tombstone, received), reading: None, refused, proof: Proof::Unsigned }
}

/// A mail whose author and words are not asked for, only what it is. What must not be parsed is not.
pub fn at_a_glance(raw: &[u8], received: Timestamp, unread: bool) -> Mail {
    match mail::gate(raw) {
        _ if unread => mail::unread(raw, received),
        Err(reason) => refused(raw, received, reason).mail,
        Ok(()) => catch_unwind(|| mail::read(raw, received)).unwrap_or_else(|_| mail::unread(raw, received)),
    }
}

/// Runs work on mails where the deepest of them has room. Blocks its thread.
pub fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("understand".into()).stack_size(STACK);
            // As above: without a thread there is nothing to be done; a panic goes on here.
            let thread = thread.spawn_scoped(scope, work).expect("the system grants a thread");
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

/// The names that a mail's signatures want from the DNS. Nothing of what the gate refuses.
pub fn keys_wanted(raw: &[u8]) -> BTreeSet<String> {
    let wanted = AssertUnwindSafe(|| mail::gate(raw).map_or(BTreeSet::new(), |()| dkim::wanted(raw)));
    catch_unwind(wanted).unwrap_or_default()
}

/// As much of a refused mail as its headers tell.
fn refused(raw: &[u8], received: Timestamp, reason: Reason) -> Understood {
    let end = raw.windows(2).position(|pair| pair == b"\n\n").or(raw.windows(4).position(|four| four == b"\r\n\r\n"));
    let header = &raw[..end.unwrap_or(raw.len()).min(REFUSED_HEADER)];
    let read = AssertUnwindSafe(|| mail::read(header, received));
    let mail = catch_unwind(read).unwrap_or_else(|_| mail::unread(raw, received));
    Understood { mail, reading: None, refused: Some(reason), proof: Proof::Unsigned }
}

/// The words of the summit that a mail belongs to by its list and its time.
fn vocabulary<'a>(mail: &Mail, list: Option<&'a List>, policy: &'a Policy) -> &'a Vocabulary {
    let through = match policy.via(mail, list) {
        Via::List(list) => Some(list),
        _ => None,
    };
    let summit = policy.summit_for(through, mail.at).or(policy.summits.first());
    &summit.expect("a configuration has at least one summit").vocabulary
}
