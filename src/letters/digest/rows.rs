//! What a digest says of one session, line by line.

use super::Desk;
use super::limits::{A_FEW, MOST_NAME, ONE_LINE, Row};
use crate::clock::Timestamp;
use crate::grammar::Mode;
use crate::letters::answer::hosts;
use crate::letters::wrap::{cut, printable};
use crate::letters::{sentences, when};
use crate::mail::Person;
use crate::session::model::Reference;
use crate::session::{Need, Register, Said, Session, Status};
use jiff::SignedDuration;

impl Desk<'_> {
    pub(super) fn row(&self, session: &Session, lines: Vec<String>) -> Row {
        Row::of(session.key.to_string(), title(session), lines)
    }

    /// All that somebody wants to know who hears of it for the first time.
    pub(super) fn introduce(&self, session: &Session) -> Row {
        let mut lines = vec![format!("{}; {}", hosted(session), self.age(session))];
        lines.extend(self.register.lineage(session, self.policy).first().map(sentences::before));
        lines.extend(self.parts(self.register, session).map(|parts| format!("with {parts}")));
        if session.is_closed() {
            lines.push(printable(&standing(&session.status(self.now))));
        }
        // What is said to a part is counted with the whole.
        lines.extend(counted(session).filter(|_| session.merged_into().is_none()));
        lines.extend(self.link(&session.root));
        lines.extend(references(session.references.iter()));
        lines.extend(self.suggestions(session, 0));
        self.row(session, lines)
    }

    /// `9 days old, last mail 4 days ago`
    fn age(&self, session: &Session) -> String {
        let old = format!("{} old", when::age(session.submitted, self.now));
        let (last, day) = (session.last_activity(), SignedDuration::from_hours(24));
        let is_told = last.duration_since(session.submitted) >= day && self.now.duration_since(last) >= day;
        if is_told { format!("{old}, last mail {} ago", when::age(last, self.now)) } else { old }
    }

    pub(super) fn place(&self, session: &Session) -> Vec<String> {
        session.slot.iter().map(|slot| cut(&printable(&when::slot(slot, &self.summit.zone)), MOST_NAME)).collect()
    }

    /// The sessions that became part of this one.
    fn parts(&self, register: &Register, session: &Session) -> Option<String> {
        let parts: Vec<String> = register.parts(session).map(|part| part.key.to_string()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Old and new of what changed, then the new voices. Those of a session that became part of another are heard there;
    /// what came of a session is the digest of outcomes' to say.
    pub(super) fn changes(&self, past: &Register, session: &Session) -> Vec<String> {
        let Some(before) = past.session(&session.key).map(|before| past.gathered(before)) else { return Vec::new() };
        let (before, since) = (before.as_ref(), self.since.told.changes);
        let zone = &self.summit.zone;
        let slot = |s: &Session| s.slot.as_ref().map_or("none".to_owned(), |slot| when::slot(slot, zone));
        let track = |s: &Session| s.proposal.track.clone().unwrap_or_else(|| "none".into());
        let parts = |register| self.parts(register, session).unwrap_or_else(|| "none".into());
        let short = |value: &str| cut(&printable(value), MOST_NAME);
        let noted = matches!(session.status(self.now), Status::Concluded);
        let status = |s: &Session| if noted { String::new() } else { standing(&s.status(self.now)) };
        let pairs = [
            ("title", before.title().to_owned(), session.title().to_owned()),
            ("hosts", hosts(&before.proposal.hosts), hosts(&session.proposal.hosts)),
            ("track", track(before), track(session)),
            ("slot", slot(before), slot(session)),
            ("with", parts(past), parts(self.register)),
            ("status", status(before), status(session)),
        ];
        let changed = pairs.into_iter().filter(|(_, old, new)| old != new);
        let mut lines: Vec<String> =
            changed.map(|(what, old, new)| format!("{what}: {} -> {}", short(&old), short(&new))).collect();
        if before.proposal.description != session.proposal.description {
            lines.push("description: revised".into());
        }
        if session.merged_into().is_some() {
            return lines;
        }
        if counted(before) != counted(session) || before.merged_into().is_some() {
            lines.extend(counted(session));
        }
        lines.extend(references(session.references.iter().filter(|said| said.position > since)));
        lines.extend(self.suggestions(session, since));
        lines
    }

    /// New suggestions: a line each, with its link below.
    fn suggestions(&self, session: &Session, after: i64) -> Vec<String> {
        let new: Vec<_> = session.suggestions.iter().filter(|said| said.position > after).collect();
        let mut lines = Vec::new();
        for said in new.iter().take(A_FEW) {
            let text = cut(&printable(&said.value.text), ONE_LINE);
            lines.push(format!("- {}: {text}", called(&said.value.author)));
            lines.extend(self.link(&said.mail).map(|link| format!("  {link}")));
        }
        if new.len() > A_FEW {
            lines.push(format!("... and {} more", new.len() - A_FEW));
        }
        lines
    }

    /// Why a session needs somebody, and from when on that is said. Who could still come by themselves are left some days.
    pub(super) fn waits(&self, session: &Session) -> Option<(Timestamp, Vec<String>)> {
        let patience = SignedDuration::from_hours(24 * i64::from(self.summit.noise.after_days));
        let patiently = session.submitted.checked_add(patience).unwrap_or(Timestamp::MAX);
        let one = |since, why: &str| Some((since, vec![why.to_owned()]));
        match session.need(self.summit, self.now)? {
            Need::Notes => one(session.ends()?, "took place, and has no notes yet"),
            Need::Confirmation(claims) => {
                let lines = claims.iter().take(A_FEW).flat_map(|claim| self.claim(session, claim));
                Some((claims.last()?.at, lines.collect()))
            }
            Need::Host => one(patiently, "has no host whose address is known"),
            Need::Answers => one(patiently, "nobody has answered yet"),
            Need::Settlement => {
                one(session.last_activity(), "its outcome is disputed, and a host or organiser has to settle it")
            }
        }
    }

    /// Somebody says to be a host: where, and what confirms it.
    fn claim(&self, session: &Session, claim: &Said<Person>) -> Vec<String> {
        let who = called(&claim.value);
        let mut lines = vec![format!("{who} says that they host it; a host or organiser confirms it:")];
        lines.push(format!("#session {} host add {who} <ADDRESS>", session.key));
        lines.extend(self.link(&claim.mail));
        lines
    }
}

pub(super) fn title(session: &Session) -> String {
    cut(&printable(session.title()), MOST_NAME)
}

pub(super) fn hosted(session: &Session) -> String {
    cut(&hosts(&session.proposal.hosts), MOST_NAME)
}

/// What a person is called: names, too, are somebody's text.
pub(super) fn called(person: &Person) -> String {
    cut(&printable(person.label()), MOST_NAME)
}

pub(super) fn references<'s>(all: impl Iterator<Item = &'s Said<Reference>>) -> impl Iterator<Item = String> {
    all.take(A_FEW).map(|said| format!("reference: {}", printable(&said.value.url)))
}

/// `withdrawn (no time)`, `merged into S-7`: a status with what its name leaves out.
pub(super) fn standing(status: &Status) -> String {
    match status {
        Status::Withdrawn(Some(why)) | Status::Rejected(Some(why)) => {
            format!("{} ({})", status.name(), cut(why, ONE_LINE))
        }
        Status::Merged(into) => format!("merged into S-{into}"),
        _ => status.name().to_owned(),
    }
}

/// `2 interested; 3 coming, 1 of them remotely; 1 perhaps`
pub(super) fn counted(session: &Session) -> Option<String> {
    let with = |mode: Mode| session.attendance.iter().filter(|said| said.value.mode == mode).count();
    let (here, remote, maybe, not) =
        (with(Mode::InPerson), with(Mode::Remote), with(Mode::Maybe), with(Mode::Declined));
    let mut parts = Vec::new();
    if !session.interest.is_empty() {
        parts.push(format!("{} interested", session.interest.len()));
    }
    match (here, remote) {
        (0, 0) => {}
        (here, 0) => parts.push(format!("{here} coming")),
        (0, remote) => parts.push(format!("{remote} coming remotely")),
        (here, remote) => parts.push(format!("{} coming, {remote} of them remotely", here + remote)),
    }
    if maybe > 0 {
        parts.push(format!("{maybe} perhaps"));
    }
    if not > 0 {
        parts.push(format!("{not} not coming"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
