//! What a mail asks: a closed set of asks, understood from its subject and its author's own lines.
//!
//! Every parser here is total: it returns what it understood and a [`Complaint`] for what it did not. Nothing here
//! knows which sessions exist or who may do what; that is [`crate::session`]'s business.
//! The language itself is described for list members in `docs/mail-grammar.md`, whose examples run as tests.

pub mod attend;
pub mod commands;
pub mod dates;
pub mod fields;
pub mod kind;
pub mod lines;
pub mod notes;
pub mod people;
pub mod phrases;
pub mod private;
pub mod reference;
pub mod reply;
pub mod subject;
pub mod subscribe;

use crate::clock::Timestamp;
use crate::mail::{InvitationReply, Kind, Mail, MessageId, Person, Standing, Text};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lines::OwnLine;
pub use private::Token;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
pub use subscribe::{Report, Scope};

/// The words a list and its summits use.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// `Xen-devel` for `[Xen-devel]`.
    pub list_prefixes: Vec<String>,
    /// Without brackets: `DESIGN SESSION`, `LSF/MM TOPIC`. Compared by words, without case; a version may follow.
    pub proposal_tags: Vec<String>,
    pub attend_tags: Vec<String>,
    pub outcome_tags: Vec<String>,
    /// What the summit is called: `LSF/MM/BPF 2026`. It tells a summit's tag from others.
    pub event: String,
    /// For times written without a zone.
    pub zone: TimeZone,
}

/// What a mail's subject says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Subject {
    pub raw: String,
    /// Without prefixes and tags, trailing `-–:;|,` trimmed.
    pub title: String,
    /// As written, without brackets.
    pub tags: Vec<String>,
    pub list_prefixes: Vec<String>,
    pub is_reply: bool,
    pub is_forward: bool,
    /// `[DESIGN SESSION v2]` is 2.
    pub version: Option<u32>,
    /// `[2/4]`.
    #[serde(skip)]
    pub part: Option<(u32, u32)>,
}

/// Everything that was understood of one mail.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What the mail is, judged by itself alone. `Reply` stands for every answer, whether or not it answers a session.
    pub kind: Kind,
    pub subject: Subject,
    /// Present for proposals and revisions.
    pub proposal: Option<Proposal>,
    /// What it leaves open, and only its author can say.
    pub doubt: Option<Doubt>,
    /// In the order of their lines.
    pub asks: Vec<Ask>,
    /// Present for outcome mails; also for replies that carry decision or action lines.
    pub notes: Option<Notes>,
    /// The same notes cut at each heading that is none of a kind of notes, what stands above the first included; empty
    /// without such headings. A heading may be the title of a session.
    pub chapters: Vec<Chapter>,
    /// Sessions the text names without asking anything of them: ids, permalinks.
    pub mentions: Vec<Mention>,
    /// Every field line that was recognised, for `explain`.
    pub fields: Vec<Field>,
    pub repairs: Vec<Repair>,
    pub complaints: Vec<Complaint>,
    /// What it says to the program itself, if it was sent to nobody else.
    pub private: private::Private,
}

/// What the mail alone does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A proposal, or only talk: its words announce one below another mail, or a thread was renamed into one.
    Talk,
    /// `Design session: X`: a proposal before its slot, notes after it.
    Notes,
}

/// A recognised `Key: value`, continuation lines included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The canonical key: `contact`, `date`, `schedule`.
    pub key: &'static str,
    pub value: String,
    pub line: usize,
}

/// Something written otherwise than the grammar says, and understood all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    pub line: usize,
    pub text: String,
}

/// Something that was asked and not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Physical line of the text; 0 is the subject.
    pub line: usize,
    /// The line as its author wrote it.
    pub source: String,
    /// The words at fault, as they stand in the source; empty where it is the line as a whole.
    pub fault: String,
    pub reason: String,
    /// How to write it, with the legal values.
    pub hint: String,
}

impl Complaint {
    /// The line was a `#session` command, or named its session: it asked something of us wherever it stood.
    pub fn asks_by_itself(&self) -> bool {
        let line = self.source.trim_start();
        let named = matches!(reference::leading(line), Some((SessionRef::Number(_), _)));
        named || line.to_ascii_lowercase().starts_with("#session")
    }
}

/// What a proposal says of its session. Absent parts are absent: `Not specified` and blank count as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub title: String,
    pub hosts: Vec<Host>,
    /// Prose and bullets, verbatim.
    pub description: String,
    /// The bullets of the description, without their marks, continuation lines joined.
    pub agenda: Vec<String>,
    pub submitted: Option<Date>,
    pub track: Option<String>,
    pub slot: Option<Slot>,
    /// Minutes.
    pub duration: Option<u32>,
    pub format: Option<String>,
    pub required: Vec<Person>,
    pub avoid: Vec<String>,
    pub expected_outcomes: Option<String>,
    /// URLs and Message-IDs as written.
    pub references: Vec<String>,
}

/// Who leads a session. Without an address they can be claimed later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    #[serde(flatten)]
    pub person: Person,
    pub affiliation: Option<String>,
}

/// When and where. At least one part is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub room: Option<String>,
    pub url: Option<String>,
}

/// One thing a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub want: Want,
    /// The session the line names itself; otherwise the thread's.
    pub target: Option<SessionRef>,
    pub form: Form,
    /// First physical line.
    pub line: usize,
    /// The line as written, for the transcript.
    pub source: String,
    /// What stood behind the verb or key, for `explain`.
    pub args: String,
}

/// How it was said. Fields add, commands change, and a guess is weaker than either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `Attend: yes`, `+1`
    Field,
    /// `#session …`
    Command,
    /// Inferred from a natural phrase.
    Phrase,
    /// The author's remaining words: a suggestion.
    Prose,
}

/// The closed set of what can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    Interest(Level),
    Attend {
        mode: Mode,
        note: Option<String>,
    },
    /// `None` is the author.
    Scribe(Option<Person>),
    Refer(String),
    Suggest(String),
    Title(String),
    AddHost(Host),
    DropHost(Person),
    Slot(Slot),
    /// `#session cancel`: the slot falls, the session stays.
    Cancel,
    Track(String),
    Withdraw {
        why: Option<String>,
    },
    Reopen,
    Accept,
    Reject {
        why: Option<String>,
    },
    Merge(SessionRef),
    /// `#session split`: a merged session stands on its own again.
    Split,
    /// `#session undo <message-id>`: take back what that mail did. A Message-ID or a link, never another reference.
    Undo(SessionRef),
    /// `#session object [why]`: the outcome is not what was agreed.
    Object {
        why: Option<String>,
    },
    /// `#session settle [how]`: the dispute about the outcome is over.
    Settle {
        how: Option<String>,
    },
    /// `#session host me`: the author says that they are a host.
    ClaimHost,
    /// `#session ^propose [title]`: make the mail that this one answers a session.
    ProposeParent {
        title: Option<String>,
    },
    /// `#session ^notes S-7`: the mail that this one answers holds that session's notes.
    NotesParent(SessionRef),
    /// `Action: done 2`
    ActionDone(usize),
    /// `#session subscribe [outcomes]`: what happens is sent to the author, too.
    Subscribe(Scope),
    Unsubscribe(Scope),
    /// `#session introduction TEXT`: what the next digest opens with; without a text nothing does.
    Introduce(Option<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Little,
    Yes,
    Very,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    InPerson,
    Remote,
    Maybe,
    Declined,
}

/// How a mail may name a session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SessionRef {
    /// `S-7`
    Number(u32),
    MessageId(MessageId),
    /// A permalink or archive URL, to be matched against the list's own archive.
    Url(String),
    Title(String),
    /// `… proposed by NAME`
    ProposedBy(String),
    /// The UID of its event, as an invitation had it.
    Event(String),
}

/// A session named in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub session: SessionRef,
    pub line: usize,
}

/// What an outcome mail reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// All of it, verbatim, without signature and footer.
    pub text: String,
    pub decisions: Vec<String>,
    pub actions: Vec<Action>,
    pub participants: Vec<Person>,
    pub hosts: Vec<Person>,
    pub scribes: Vec<Person>,
}

/// What stands below one heading of notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chapter {
    pub heading: String,
    /// Sessions that the heading names by id or link.
    pub names: Vec<SessionRef>,
    /// Without their text.
    pub notes: Notes,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub owner: Option<Person>,
    pub text: String,
    pub done: bool,
}

/// Whether a line would be heard as asking for something, or as wanting to, if somebody wrote it.
pub fn is_heard(line: &str) -> bool {
    let own = |raw| OwnLine { number: 1, last: 1, raw, text: raw.into(), code: false };
    commands::read(vec![own(line)], &TimeZone::UTC).any() || reply::is_heard(&own(line))
}

/// Understands one mail. Total, linear in its text.
pub fn parse(mail: &Mail, vocabulary: &Vocabulary) -> Reading {
    let announced = subject::parse(&mail.subject, vocabulary);
    let commands = commands::read(lines::own(&mail.text), &vocabulary.zone);
    let signs = kind::Signs { command: commands.any(), form: notes::is_form(&commands.rest), lines: &commands.rest };
    let (kind, form) = (kind::judge(mail, &announced, &signs), signs.form);
    let commands::Read { asks, complaints, rest } = commands;
    let private = private::read(&rest, mail, announced.subject.is_reply || mail.has_parent());
    let mut reading = Reading {
        kind,
        doubt: kind::doubt(mail, &announced, kind),
        subject: announced.subject,
        proposal: None,
        asks,
        notes: None,
        chapters: Vec::new(),
        mentions: Vec::new(),
        fields: Vec::new(),
        repairs: Vec::new(),
        complaints,
        private,
    };
    if let Some(reply) = &mail.invitation {
        reading.answer_invitation(reply, mail);
        return reading;
    }
    if reading.private.edits() {
        // What stands below `edit` is the text of a post: nothing in it acts.
        (reading.kind, reading.asks, reading.complaints) = (Kind::Command, Vec::new(), Vec::new());
        return reading;
    }
    match kind {
        Kind::Proposal | Kind::Revision => reading.propose(rest, announced.attend, vocabulary),
        Kind::Outcome => {
            let in_subject = reference::all(&reading.subject.title).into_iter();
            reading.mentions = in_subject.map(|session| Mention { session, line: 0 }).collect();
            reading.mentions.extend(reference::mentions(&rest));
            reading.notes = Some(notes::read(&mail.text, &rest, notes::Extent::Whole).0);
            reading.chapters = notes::chapters(&rest);
        }
        Kind::Attend => reading.attend(rest),
        Kind::Reply | Kind::Command => {
            let answers = reading.subject.is_reply || mail.has_parent();
            let extent = if form { notes::Extent::Whole } else { notes::Extent::Markers };
            reading.reply(rest, &mail.text, answers, extent);
        }
        // An announcement explains the commands; it does not give them.
        Kind::Call => (reading.asks, reading.complaints) = (Vec::new(), Vec::new()),
        _ => reading.mentions = reference::mentions(&rest),
    }
    reading.asks.sort_by_key(|ask| ask.line);
    reading.complaints.sort_by_key(|complaint| complaint.line);
    reading
}

impl Reading {
    fn propose(&mut self, rest: Vec<OwnLine>, attends: bool, vocabulary: &Vocabulary) {
        let present = self.take_lines(rest, reply::Keys::Presence);
        let read = fields::proposal(&self.subject.title, &present, &vocabulary.zone);
        if attends && !self.says_attendance() {
            self.asks.push(attend::at_summit(&self.subject.raw));
        }
        self.proposal = Some(read.proposal);
        self.fields.extend(read.fields);
        self.repairs = read.repairs;
        self.complaints.extend(read.complaints);
        let fields: HashSet<usize> = self.fields.iter().map(|field| field.line).collect();
        let prose: Vec<OwnLine> = present.into_iter().filter(|line| !fields.contains(&line.number)).collect();
        self.mentions = reference::mentions(&prose);
    }

    /// What a calendar program writes around its answer is not its owner's words. Nobody answers for somebody else
    /// (RFC 6047 §3).
    fn answer_invitation(&mut self, reply: &InvitationReply, mail: &Mail) {
        (self.kind, self.asks, self.complaints) = (Kind::Discussion, Vec::new(), Vec::new());
        if mail.author.address.as_ref().is_none_or(|author| author.key() != reply.attendee.key()) {
            return;
        }
        let mode = match reply.standing {
            Standing::Accepted => Mode::InPerson,
            Standing::Tentative => Mode::Maybe,
            Standing::Declined => Mode::Declined,
        };
        self.kind = Kind::Reply;
        self.asks.push(Ask {
            want: Want::Attend { mode, note: reply.comment.clone() },
            target: Some(SessionRef::Event(reply.uid.clone())),
            form: Form::Field,
            line: 0,
            source: mail.subject.clone(),
            args: String::new(),
        });
    }

    fn attend(&mut self, rest: Vec<OwnLine>) {
        let rest = self.take_lines(rest, reply::Keys::All);
        self.asks.extend(attend::read(&rest, &self.subject.raw, self.says_attendance()));
    }

    fn reply(&mut self, rest: Vec<OwnLine>, text: &Text, answers: bool, extent: notes::Extent) {
        let rest = self.take_lines(rest, reply::Keys::All);
        self.mentions = reference::mentions(&rest);
        let (notes, marked) = notes::read(text, &rest, extent);
        let whole = extent == notes::Extent::Whole;
        self.notes = (whole || !marked.is_empty()).then_some(notes);
        if answers && !whole {
            let rest: Vec<OwnLine> =
                rest.into_iter().filter(|line| marked.binary_search(&line.number).is_err()).collect();
            let (guesses, understood) = phrases::read(&rest);
            self.asks.extend(guesses);
            self.asks.extend(reply::suggestion(&rest, &understood));
        }
    }

    /// Takes the lines that add a fact, and hands back the others.
    fn take_lines<'a>(&mut self, rest: Vec<OwnLine<'a>>, keys: reply::Keys) -> Vec<OwnLine<'a>> {
        let read = reply::read(rest, keys);
        self.asks.extend(read.asks);
        self.fields.extend(read.fields);
        self.complaints.extend(read.complaints);
        read.rest
    }

    /// What the line there asks for; line 0, the Subject, asks for something in mail to the program itself alone.
    pub fn ask_at(&self, line: usize) -> Option<Ask> {
        let ask = self.asks.iter().find(|ask| ask.line == line && line > 0).cloned();
        let told = || self.private.requests.iter().find(|request| request.line == line).and_then(private::Request::ask);
        ask.or_else(told)
    }

    fn says_attendance(&self) -> bool {
        self.asks.iter().any(|ask| ask.target.is_none() && matches!(ask.want, Want::Attend { .. }))
    }
}

/// A pattern that is written in our own source.
pub(crate) fn pattern(regex: &str) -> Regex {
    Regex::new(regex).unwrap_or_else(|error| unreachable!("a constant pattern, compiled by the tests: {error}"))
}

impl Notes {
    /// Takes in what other lines of the same mail say.
    pub fn add(&mut self, more: &Notes) {
        fn people(to: &mut Vec<Person>, from: &[Person]) {
            for person in from {
                if !to.iter().any(|known| known.is(person)) {
                    to.push(person.clone());
                }
            }
        }
        self.decisions.extend(more.decisions.iter().cloned());
        self.actions.extend(more.actions.iter().cloned());
        people(&mut self.participants, &more.participants);
        people(&mut self.hosts, &more.hosts);
        people(&mut self.scribes, &more.scribes);
    }

    /// Notes of a session rather than a line that adds to some: who was there, and what came of it.
    pub fn is_whole(&self) -> bool {
        let came_of_it = !self.decisions.is_empty() || !self.actions.is_empty();
        came_of_it && !self.participants.is_empty()
    }
}

impl Want {
    /// The verb or field that says it, for transcripts and `explain`.
    pub fn verb(&self) -> &'static str {
        match self {
            Want::Interest(_) => "interest",
            Want::Attend { .. } => "attend",
            Want::Scribe(_) => "scribe",
            Want::Refer(_) => "ref",
            Want::Suggest(_) => "suggest",
            Want::Title(_) => "title",
            Want::AddHost(_) => "host add",
            Want::DropHost(_) => "host drop",
            Want::Slot(_) => "slot",
            Want::Cancel => "cancel",
            Want::Track(_) => "track",
            Want::Withdraw { .. } => "withdraw",
            Want::Reopen => "reopen",
            Want::Accept => "accept",
            Want::Reject { .. } => "reject",
            Want::Merge(_) => "merge",
            Want::Split => "split",
            Want::Undo(_) => "undo",
            Want::Object { .. } => "object",
            Want::Settle { .. } => "settle",
            Want::ClaimHost => "host me",
            Want::ProposeParent { .. } => "^propose",
            Want::NotesParent(_) => "^notes",
            Want::ActionDone(_) => "action done",
            Want::Subscribe(_) => "subscribe",
            Want::Unsubscribe(_) => "unsubscribe",
            Want::Introduce(_) => "introduction",
        }
    }
}

impl Default for Vocabulary {
    /// The tags that public lists use, and UTC.
    fn default() -> Vocabulary {
        let words = |list: &[&str]| list.iter().map(|word| word.to_string()).collect();
        Vocabulary {
            list_prefixes: Vec::new(),
            proposal_tags: words(&[
                "DESIGN SESSION",
                "SESSION",
                "TOPIC",
                "TECH TOPIC",
                "MAINTAINERS SUMMIT",
                "BOF",
                "PROPOSAL",
            ]),
            attend_tags: words(&["ATTEND"]),
            outcome_tags: words(&["NOTES", "OUTCOME", "MINUTES"]),
            event: String::new(),
            zone: TimeZone::UTC,
        }
    }
}
