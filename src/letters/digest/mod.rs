//! The mails that go to the list by the clock: what is proposed, when it takes place, what came of it, and at the end all
//! of it once more.
//!
//! A digest speaks of the log from one position to another, so that every change is in exactly one of them. With nothing
//! to say there is no digest. When one is due is not asked here.

mod agenda;
mod form;
mod limits;
mod outcomes;
mod page;
mod proposals;
mod report;
mod rows;

pub(super) use outcomes::in_short;

use super::compose::Seal;
use super::{LetterKind, Outgoing};
use crate::clock::Timestamp;
use crate::mail::{MessageId, Person};
use crate::session::{Archived, Fact, Finality, Policy, Register, Session, SessionKey, Status, Summit};
use jiff::civil::Date;
use std::borrow::Cow;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    Proposals,
    Agenda,
    Outcomes,
    /// The final report of a summit.
    Report,
}

impl Digest {
    pub const ALL: [Digest; 4] = [Digest::Proposals, Digest::Agenda, Digest::Outcomes, Digest::Report];

    pub fn name(self) -> &'static str {
        match self {
            Digest::Proposals => "proposals",
            Digest::Agenda => "agenda",
            Digest::Outcomes => "outcomes",
            Digest::Report => "report",
        }
    }

    pub fn letter(self) -> LetterKind {
        match self {
            Digest::Proposals => LetterKind::ProposalDigest,
            Digest::Agenda => LetterKind::Agenda,
            Digest::Outcomes => LetterKind::OutcomeDigest,
            Digest::Report => LetterKind::FinalReport,
        }
    }
}

/// What a digest looks at.
pub struct Desk<'a> {
    pub policy: &'a Policy,
    pub summit: &'a Summit,
    pub register: &'a Register,
    pub unclaimed: &'a [Unclaimed],
    /// Archived-At of mails that carry one.
    pub archived: &'a Archived,
    pub since: Since,
    /// Who was asked for notes so far: the keys of what was sent, and when.
    pub asked: &'a [(String, Timestamp)],
    /// The summit's first and last day, if anybody knows.
    pub days: Option<(Date, Date)>,
    pub now: Timestamp,
    /// The key of the tick it was due at.
    pub cause: &'a str,
}

/// Up to which positions of the log it was told what changed of the sessions, and what came of them: two cursors, because
/// different digests tell of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub changes: i64,
    pub outcomes: i64,
}

/// What was said before.
#[derive(Clone, Debug, Default)]
pub struct Since {
    pub told: Told,
    /// When the previous digest of this kind went out, and how many there were.
    pub ran: Option<Timestamp>,
    pub count: u64,
    pub previous: Option<MessageId>,
}

/// Notes that no session could be found for.
#[derive(Clone, Debug)]
pub struct Unclaimed {
    pub message_id: MessageId,
    pub subject: String,
    pub author: Person,
    pub candidates: Vec<SessionKey>,
    /// They came since the last digest.
    pub new: bool,
}

impl Desk<'_> {
    /// The digest, and what has been told once it is out; `None` when there is nothing to say.
    pub fn letter(&self, digest: Digest, seal: &Seal) -> Option<(Outgoing, Told)> {
        let page = match digest {
            Digest::Proposals => self.proposals(),
            Digest::Agenda => self.agenda(),
            Digest::Outcomes => self.outcomes(),
            Digest::Report => self.report(),
        }?;
        Some((page.post(self, digest, seal)?, self.told(digest)))
    }

    fn told(&self, digest: Digest) -> Told {
        let all = self.register.position();
        match digest {
            Digest::Proposals => Told { changes: all, ..self.since.told },
            Digest::Outcomes if !self.is_over() => Told { outcomes: all, ..self.since.told },
            Digest::Outcomes => Told { changes: all, outcomes: all },
            Digest::Agenda | Digest::Report => self.since.told,
        }
    }

    /// Whether the summit's last day is over: then there are no summaries of proposals any more, and the digest of outcomes
    /// tells of everything.
    fn is_over(&self) -> bool {
        self.days.is_some_and(|(_, last)| self.date(self.now) > last)
    }

    /// Whether nothing more is to come of the summit: it is over, and everything is written down and final, or nobody is
    /// asked for it any more.
    pub fn is_closed(&self) -> bool {
        let sessions = || self.register.of_summit(&self.summit.slug);
        let is_open = |session: &Session| {
            matches!(session.status(self.now), Status::Held(_) | Status::Scheduled(_))
                || matches!(self.finality(session), Some(Finality::Tentative { .. } | Finality::Disputed { .. }))
        };
        let took_place =
            sessions().any(|session| matches!(session.status(self.now), Status::Held(_) | Status::Concluded));
        took_place && self.is_over() && (self.is_long_over() || !sessions().any(is_open))
    }

    fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.summit.zone.clone()).date()
    }

    /// The words of an organiser for this digest, else those of the operator for each.
    fn introduction(&self, digest: Digest) -> Option<String> {
        let tells_changes = self.told(digest).changes != self.since.told.changes;
        let by_mail =
            self.register.introduction(&self.summit.slug).filter(|said| said.position > self.since.told.changes);
        let by_mail = by_mail.filter(|_| tells_changes).map(|said| said.value.clone());
        by_mail.or_else(|| self.summit.introduction.clone())
    }

    /// All sessions, each with the voices of those that became part of it.
    fn gathered(&self) -> Vec<Cow<'_, Session>> {
        self.register.of_summit(&self.summit.slug).map(|session| self.register.gathered(session)).collect()
    }

    fn finality<'s>(&self, session: &'s Session) -> Option<Finality<'s>> {
        session.finality(self.now, self.summit.patience())
    }

    /// What happened to a session behind a position of the log.
    fn news<'s>(&self, session: &'s Session, since: i64) -> impl Iterator<Item = &'s Fact> {
        session.history().iter().filter(move |fact| fact.position > since)
    }

    /// The sessions by track, each track that has some. Where there are no tracks they have this name.
    fn by_track<'s>(&self, sessions: &[&'s Session], all: &str) -> Vec<(String, Vec<&'s Session>)> {
        let mut tracks = self.summit.by_track(sessions.iter().copied());
        tracks.retain(|track| !track.sessions.is_empty());
        let alone = tracks.len() == 1;
        let name = |track: Option<&str>| match track {
            None if alone => all.to_owned(),
            None => "WITHOUT A TRACK".to_owned(),
            Some(track) => super::wrap::printable(track).to_uppercase(),
        };
        tracks.into_iter().map(|track| (name(track.name.as_deref()), track.sessions)).collect()
    }

    /// Where everybody reads what a digest tells, when there are pages.
    fn pages(&self, digest: Digest) -> Option<String> {
        let file = match digest {
            Digest::Agenda => "timetable.html",
            Digest::Proposals | Digest::Outcomes | Digest::Report => "",
        };
        self.policy.public.as_ref().map(|pages| format!("{pages}{}/{file}", self.summit.slug))
    }

    fn link(&self, mail: &MessageId) -> Option<String> {
        self.policy.permalink(self.summit, mail, self.archived)
    }
}
