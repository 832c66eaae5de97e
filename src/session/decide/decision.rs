//! What `decide` says: what is to be done about one mail, and why some of it is not.

use super::requests::Told;
use crate::clock::Timestamp;
use crate::grammar::{Ask, Complaint, Proposal, Repair, Report, SessionRef, Want};
use crate::mail::{Kind, MessageId, Person, Reason};
use crate::session::model::{Fact, SessionKey};
use crate::session::register::Forebear;
use crate::session::rights::Role;
use crate::session::waiting::{Asked, Mistake, Word};

/// What is to be done about one mail.
#[derive(Clone, Debug)]
pub struct Decision {
    pub kind: Kind,
    pub reason: Reason,
    /// The reason with its particulars, for `explain` and `show`.
    pub detail: String,
    /// In the order of their lines; their positions are given by the log.
    pub facts: Vec<Fact>,
    pub sessions: Vec<SessionKey>,
    /// For notes that wait: where they might belong.
    pub candidates: Vec<SessionKey>,
    pub answer: Option<Answer>,
    /// Lines that wait until the registered address has said yes.
    pub asked: Option<Asked>,
    /// Its author wants no private mail any more, or again.
    pub mute: Option<bool>,
    /// A token that the mail brought.
    pub token: Option<Brought>,
    /// What an organiser's word does to a post of ours.
    pub post: Option<(Post, PostWord)>,
    /// Somebody made this person's mail a session: they are told, and can undo it.
    pub courtesy: Option<(Person, SessionKey, String)>,
}

impl Decision {
    /// A mail that ends here, without changing anything.
    pub fn end(kind: Kind, reason: Reason, detail: &str) -> Decision {
        Decision {
            kind,
            reason,
            detail: detail.to_owned(),
            facts: Vec::new(),
            sessions: Vec::new(),
            candidates: Vec::new(),
            answer: None,
            asked: None,
            mute: None,
            token: None,
            post: None,
            courtesy: None,
        }
    }
}

/// A token that a mail brought, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It counts for this.
    Word(Word, String),
    /// It fits nothing.
    Wrong(String),
}

/// A post of ours that an organiser was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub message_id: MessageId,
    pub subject: String,
    /// The hash of the token that the word came with.
    pub token_hash: String,
    /// It is still held; else somebody was faster.
    pub waits: bool,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostWord {
    Approved,
    Dropped,
    /// This is its text now. It is shown again before it goes out.
    Edited(String),
}

/// What the author of a mail is told, privately.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub items: Vec<Item>,
    pub repairs: Vec<Repair>,
}

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A proposal was recorded; `alike` bears the same title, `before` did so in an earlier summit.
    Opened {
        session: SessionKey,
        proposal: Box<Proposal>,
        alike: Option<SessionKey>,
        before: Option<Forebear>,
    },
    Revised {
        session: SessionKey,
        title: String,
    },
    /// Its form tells whether the author said it or it was read between the lines.
    Done {
        session: SessionKey,
        ask: Ask,
    },
    /// What a mail did is taken back, in these sessions.
    Undone {
        ask: Ask,
        sessions: Vec<SessionKey>,
        /// This very mail: taken back in its turn, it brings that one back.
        by: MessageId,
        /// That mail did nothing to them so far.
        ahead: bool,
    },
    /// This mail was taken back before it came: what it asks for is kept, and does nothing.
    UndoneAhead {
        session: SessionKey,
        ask: Ask,
    },
    /// The objection is kept; but the outcome was final since then, or else settled.
    ObjectedLate {
        session: SessionKey,
        ask: Ask,
        since: Option<Timestamp>,
    },
    Refused {
        line: usize,
        source: String,
        refusal: Refusal,
    },
    /// It waits: somebody is asked first.
    Waits {
        session: SessionKey,
        line: usize,
        source: String,
        verb: &'static str,
    },
    /// What its author asked the program.
    Told {
        line: usize,
        source: String,
        told: Told,
    },
    /// A post of ours that was held for review: approved, or dropped.
    Reviewed {
        line: usize,
        source: String,
        post: Post,
        dropped: bool,
    },
    /// Lines that waited are given up, as their author wishes.
    Dropped {
        line: usize,
        source: String,
    },
    NotUnderstood(Complaint),
    /// Perhaps a proposal: nothing was opened. `of` bears its title and has taken place, so that it may be notes.
    Held {
        title: String,
        of: Option<SessionKey>,
    },
    /// Notes that no session could be found for, with those they might belong to.
    WhichSession {
        title: String,
        candidates: Vec<(SessionKey, String)>,
    },
}

impl Decision {
    /// Whether its author spoke to the program itself: then they are answered, whatever they said before.
    pub fn is_spoken_to_us(&self) -> bool {
        let items = self.answer.iter().flat_map(|answer| &answer.items);
        let spoken = |item: &Item| match item {
            Item::Told { .. } => true,
            Item::Done { ask, .. } => matches!(ask.want, Want::Subscribe(_) | Want::Unsubscribe(_)),
            _ => false,
        };
        self.token.is_some() || items.into_iter().any(spoken)
    }

    /// Takes in what a word for the lines of another mail came to.
    pub fn absorb(&mut self, other: Decision) {
        self.facts.extend(other.facts);
        for key in other.sessions {
            if !self.sessions.contains(&key) {
                self.sessions.push(key);
            }
        }
        let acts = |reason: Reason| matches!(reason, Reason::NewSession | Reason::Joined);
        if !acts(self.reason) {
            (self.kind, self.reason, self.detail) = (Kind::Command, other.reason, other.detail);
        } else {
            self.detail = format!("{}; {}", self.detail, other.detail);
        }
        self.token = other.token;
        self.post = other.post;
        self.mute = self.mute.or(other.mute);
        match (&mut self.answer, other.answer) {
            (Some(own), Some(more)) => own.items.extend(more.items),
            (own, more) => *own = own.take().or(more),
        }
    }
}

impl Item {
    /// Something the author has to look at.
    pub fn is_error(&self) -> bool {
        matches!(self, Item::Refused { .. } | Item::NotUnderstood(_) | Item::Held { .. } | Item::WhichSession { .. })
    }

    /// The line of the mail that it is about; 0 for the mail as a whole.
    pub fn line(&self) -> usize {
        match self {
            Item::Done { ask, .. } | Item::Undone { ask, .. } | Item::UndoneAhead { ask, .. } => ask.line,
            Item::ObjectedLate { ask, .. } => ask.line,
            Item::Refused { line, .. }
            | Item::Waits { line, .. }
            | Item::Told { line, .. }
            | Item::Reviewed { line, .. }
            | Item::Dropped { line, .. } => *line,
            Item::NotUnderstood(complaint) => complaint.line,
            Item::Opened { .. } | Item::Revised { .. } | Item::Held { .. } | Item::WhichSession { .. } => 0,
        }
    }
}

/// Why something that was understood is not done.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The author may not.
    NotAllowed {
        verb: &'static str,
        session: SessionKey,
        needed: Role,
    },
    /// The token does not count.
    Token(Mistake),
    /// It is none of the words that the program itself is told.
    UnknownWord,
    /// The mail is in no session's thread, and the line names none.
    NoSession,
    NotFound(SessionRef),
    /// Several sessions would fit.
    NotOne(SessionRef),
    NothingToReopen(SessionKey),
    NotMerged(SessionKey),
    MergedIntoItself(SessionKey),
    NoSuchAction {
        number: usize,
        have: usize,
    },
    NothingToCancel(SessionKey),
    NotAHost {
        name: String,
        session: SessionKey,
    },
    /// `^propose` or `^notes` in a mail that answers none that we know.
    AnswersNothing,
    /// `^propose` on a mail that already belongs to a session's thread.
    AlreadyASession(SessionKey),
    OwnMail,
    /// No mail stands behind the reference.
    NoSuchMail(SessionRef),
    /// It did nothing to a session.
    NothingToUndo,
    /// It was taken back before, by that mail.
    AlreadyUndone(MessageId),
    /// The session as a whole was taken back, by that mail.
    TakenBack {
        session: SessionKey,
        by: MessageId,
    },
    /// It is part of another session now.
    PartOf {
        session: SessionKey,
        into: u32,
    },
    NothingToObject(SessionKey),
    NothingToSettle(SessionKey),
    HostAlready(SessionKey),
    /// To this, or to any of it.
    NotSubscribed(SessionKey, Option<Report>),
    /// Proposals and notes belong on the list, where everybody sees them.
    OnlyOnTheList,
}
