//! From an entry to its mail (RFC 5322): a proposal to the list, and an answer to it from each who is interested.
//!
//! The Message-ID follows from what the source calls the entry, so an entry that comes again is the same mail; when its
//! words are others by then, the next version of it, which revises the session. None of an entry's words acts: the mail
//! is read as it will be read, and what would be heard as a command, or lost as a quote or signature, is moved off the
//! margin.

use super::{Entry, Voice};
use crate::clock::Timestamp;
use crate::grammar::{self, Level, Reading, subject};
use crate::letters::body;
use crate::letters::header::{self, HeaderText};
use crate::letters::wrap::printable;
use crate::mail::{self, Address, Mail, MessageId, Person, SpanKind};
use crate::session::{Policy, Summit};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Says what wrote the mail, and of which words.
const MARK: &str = "X-Rapporteur-Import";
/// Moving one line may show that another would act. Text that is still not quiet by then is nobody's proposal.
const ROUNDS: usize = 16;

/// Who imports, and where to.
pub struct Desk<'a> {
    pub policy: &'a Policy,
    pub summit: &'a Summit,
    /// The list that the mails are for.
    pub list: &'a Address,
    pub operator: &'a Address,
    /// `wiki`, `schedule`: entries of one kind are told apart by their keys.
    pub kind: &'static str,
}

/// One mail, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub id: MessageId,
    pub raw: Vec<u8>,
    pub at: Timestamp,
}

/// What a mail says, before it has a date.
struct Draft<'a> {
    from: &'a Person,
    subject: String,
    text: String,
    answers: Option<&'a MessageId>,
}

impl Desk<'_> {
    /// The Message-ID of an entry's first mail, or of a later version.
    pub fn id(&self, entry: &Entry, version: u32) -> MessageId {
        self.id_of(&[&self.key(entry)], version)
    }

    /// The same for a voice.
    pub fn voice_id(&self, entry: &Entry, voice: &Voice, version: u32) -> MessageId {
        let who = voice.person.address.as_ref().map_or_else(String::new, Address::key);
        self.id_of(&[&self.key(entry), &who], version)
    }

    /// A title is known again with and without the tags and prefixes that it stood with.
    fn key(&self, entry: &Entry) -> String {
        subject::parse(&entry.key, &self.summit.vocabulary).subject.title
    }

    /// The mail of an entry, and the lines of it that would have acted. A later version answers the first and revises it.
    pub fn proposal(&self, entry: &Entry, version: u32, at: Timestamp) -> (Letter, Vec<String>) {
        let operator = Person { name: None, address: Some(self.operator.clone()) };
        let tag = self.summit.vocabulary.proposal_tags.first().map_or("TOPIC", String::as_str);
        let tag = if version > 1 { format!("[{tag} v{version}]") } else { format!("[{tag}]") };
        let first = self.id(entry, 1);
        let draft = Draft {
            from: entry.author.as_ref().unwrap_or(&operator),
            subject: format!("{tag} {}", printable(&entry.title)),
            text: entry.text.clone(),
            answers: (version > 1).then_some(&first),
        };
        self.inert(self.id(entry, version), &draft, at)
    }

    /// The mail of somebody who is interested.
    pub fn voice(&self, entry: &Entry, voice: &Voice, version: u32, at: Timestamp) -> Letter {
        let level = match voice.level {
            Level::Little => "little",
            Level::Yes => "yes",
            Level::Very => "very",
        };
        let proposal = self.id(entry, 1);
        let draft = Draft {
            from: &voice.person,
            subject: format!("Re: {}", printable(&entry.title)),
            text: format!("Interest: {level}"),
            answers: Some(&proposal),
        };
        let id = self.voice_id(entry, voice, version);
        Letter { raw: self.bytes(&id, &draft, &draft.text, at), id, at }
    }

    /// Whether a mail of ours says the same as one that is there, whenever that was written.
    pub fn says_the_same(letter: &Letter, known: &[u8]) -> bool {
        let mark = |raw: &[u8]| {
            let raw = String::from_utf8_lossy(raw);
            raw.lines().take_while(|line| !line.is_empty()).find(|line| line.starts_with(MARK)).map(str::to_owned)
        };
        mark(&letter.raw).is_some() && mark(&letter.raw) == mark(known)
    }

    /// What is understood of a mail, as the intake will understand it.
    pub fn understood(&self, letter: &Letter) -> (Mail, Reading) {
        let mail = mail::read(&letter.raw, letter.at);
        let reading = grammar::parse(&mail, &self.summit.vocabulary);
        (mail, reading)
    }

    /// The draft as a letter in which nothing acts, and the lines that had to be moved for it.
    fn inert(&self, id: MessageId, draft: &Draft, at: Timestamp) -> (Letter, Vec<String>) {
        let mut text = draft.text.clone();
        let mut letter = Letter { raw: self.bytes(&id, draft, &text, at), id, at };
        let mut all = Vec::new();
        for _ in 0..ROUNDS {
            let (mail, reading) = self.understood(&letter);
            let acting = acting(&mail, &reading);
            if acting.is_empty() {
                break;
            }
            all.extend(text.lines().zip(1..).filter(|(_, n)| acting.contains(n)).map(|(line, _)| line.to_owned()));
            text = moved(&text, &acting);
            letter.raw = self.bytes(&letter.id, draft, &text, at);
        }
        (letter, all)
    }

    fn bytes(&self, id: &MessageId, draft: &Draft, text: &str, at: Timestamp) -> Vec<u8> {
        let line = |name: &str, value: &str| header::text(name, &HeaderText::new(value));
        let date = at.max(Timestamp::UNIX_EPOCH).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let name = draft.from.name.as_deref().map(HeaderText::new);
        let from = draft.from.address.as_ref().unwrap_or(self.operator);
        let (encoding, body) = body::encode(&format!("{}\n", text.trim_end()));
        let mut raw = line("Date", &date);
        raw += &header::mailbox("From", name.as_ref(), from);
        raw += &header::mailbox("To", None, self.list);
        raw += &line("Subject", &draft.subject);
        raw += &header::ids("Message-ID", std::slice::from_ref(id));
        if let Some(answers) = draft.answers {
            raw += &header::ids("In-Reply-To", std::slice::from_ref(answers));
        }
        let words = Sha256::digest(format!("{}\n{}", draft.subject, draft.text));
        raw += &line(MARK, &format!("{} {}", self.kind, HEXLOWER.encode(&words[..16])));
        raw += &line("MIME-Version", "1.0");
        raw += &line("Content-Type", "text/plain; charset=utf-8");
        raw += &line("Content-Transfer-Encoding", encoding);
        (raw + "\r\n" + &body).into_bytes()
    }

    fn id_of(&self, names: &[&str], version: u32) -> MessageId {
        let mut hash = Sha256::new();
        for part in [self.kind, &self.summit.slug].iter().chain(names) {
            let words = part.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            hash.update(words.as_bytes());
            hash.update([0]);
        }
        let name = HEXLOWER.encode(&hash.finalize()[..10]);
        // Behind `@` in the order of ids: of two versions of one moment the later one counts.
        let version = if version > 1 { format!("_{version}") } else { String::new() };
        self.policy.imported_id(&format!("{}.{name}{version}", self.kind))
    }
}

/// The lines that would do more than propose, or that would not be taken for the author's words.
fn acting(mail: &Mail, reading: &Reading) -> BTreeSet<usize> {
    let asks = reading.asks.iter().map(|ask| ask.line);
    let complaints = reading.complaints.iter().map(|complaint| complaint.line);
    let own = |kind| matches!(kind, SpanKind::Visible | SpanKind::Code);
    // A signature or a forwarded mail begins with one line; the others follow it.
    let lines: Vec<_> = mail.text.lines().collect();
    let begins = |at: &usize| !own(lines[*at].kind) && (*at == 0 || own(lines[*at - 1].kind));
    let lost = (0..lines.len()).filter(begins).map(|at| lines[at].first);
    asks.chain(complaints).chain(lost).filter(|line| *line > 0).collect()
}

fn moved(text: &str, lines: &BTreeSet<usize>) -> String {
    let one = |(at, line): (usize, &str)| {
        if lines.contains(&(at + 1)) { format!("    {line}") } else { line.to_owned() }
    };
    text.lines().enumerate().map(one).collect::<Vec<_>>().join("\n")
}
