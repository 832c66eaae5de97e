//! `export json`: everything the program knows, in the stable form that `docs/export.md` describes.
//!
//! Fields are only ever added; whoever changes the meaning of one raises [`FORMAT`]. `replay` compares two of these.

use crate::clock::Timestamp;
use crate::grammar::{Action, Host, Level, Mode, Report, Slot};
use crate::letters::LetterKind;
use crate::mail::thread::{Forest, Ids};
use crate::mail::{Address, End, Kind, MessageId, Person, Reason};
use crate::session::model::{Subscription, Word};
use crate::session::{Basis, Finality, Policy, Register, Said, Session, SessionKey, Summit};
use crate::store::{LetterRow, LetterStatus, StoredMail};
use jiff::SignedDuration;
use serde::Serialize;

pub const FORMAT: u32 = 1;

#[derive(Serialize)]
pub struct Export {
    pub format: u32,
    pub summits: Vec<SummitJson>,
    pub mail: Vec<MailJson>,
    pub outgoing: Vec<LetterJson>,
}

#[derive(Serialize)]
pub struct SummitJson {
    pub slug: String,
    pub name: String,
    pub lists: Vec<Address>,
    /// At the summit as a whole.
    pub attendance: Vec<AttendanceJson>,
    /// Who is sent its digests.
    pub subscriptions: Vec<SubscriptionJson>,
    /// What an organiser wants to say first, in the next digest.
    pub introduction: Option<IntroductionJson>,
    pub sessions: Vec<SessionJson>,
    pub unclaimed: Vec<UnclaimedJson>,
}

#[derive(Serialize)]
pub struct SessionJson {
    pub id: String,
    pub title: String,
    pub status: &'static str,
    pub merged_into: Option<String>,
    pub parts: Vec<String>,
    pub undone_by: Option<MessageId>,
    pub outcome: Option<FinalityJson>,
    pub before: Vec<BeforeJson>,
    pub track: Option<String>,
    pub message_id: MessageId,
    pub submitted: Timestamp,
    pub hosts: Vec<HostJson>,
    pub claims: Vec<ClaimJson>,
    pub subscriptions: Vec<SubscriptionJson>,
    pub description: String,
    pub agenda: Vec<String>,
    pub schedule: Option<Slot>,
    pub duration: Option<u32>,
    pub expected_outcomes: Option<String>,
    pub interest: Vec<InterestJson>,
    pub attendance: Vec<AttendanceJson>,
    pub suggestions: Vec<SuggestionJson>,
    pub references: Vec<ReferenceJson>,
    pub scribes: Vec<Person>,
    pub outcomes: Vec<OutcomeJson>,
    pub repairs: Vec<String>,
}

#[derive(Serialize)]
pub struct HostJson {
    pub name: Option<String>,
    pub address: Option<Address>,
    pub affiliation: Option<String>,
    /// Somebody's address is known for it.
    pub claimed: bool,
}

#[derive(Serialize)]
pub struct ClaimJson {
    pub person: Person,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct SubscriptionJson {
    pub person: Person,
    /// One kind of digest; null for all that happens.
    pub report: Option<Report>,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct IntroductionJson {
    pub text: String,
    pub message_id: MessageId,
}

/// How firm the outcome is.
#[derive(Serialize)]
pub struct FinalityJson {
    pub state: &'static str,
    /// When a tentative one becomes, or a final one became, final.
    pub until: Option<Timestamp>,
    pub objections: Vec<WordJson>,
    pub settled: Option<WordJson>,
}

#[derive(Serialize)]
pub struct WordJson {
    pub person: Person,
    pub text: Option<String>,
    pub message_id: MessageId,
}

/// A session of the same title in an earlier summit.
#[derive(Serialize)]
pub struct BeforeJson {
    pub summit: String,
    pub id: String,
}

#[derive(Serialize)]
pub struct InterestJson {
    pub person: Person,
    pub level: Level,
    pub basis: Basis,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct AttendanceJson {
    pub person: Person,
    pub mode: Mode,
    pub note: Option<String>,
    pub basis: Basis,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct SuggestionJson {
    pub author: Person,
    pub text: String,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct ReferenceJson {
    pub kind: &'static str,
    pub url: String,
    /// The mail of the list that it leads to.
    pub target: Option<MessageId>,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct OutcomeJson {
    pub notes: String,
    pub decisions: Vec<DecisionJson>,
    pub actions: Vec<Action>,
    pub participants: Vec<Person>,
    pub author: Person,
    pub message_id: MessageId,
}

#[derive(Serialize)]
pub struct DecisionJson {
    pub text: String,
}

#[derive(Serialize)]
pub struct UnclaimedJson {
    pub message_id: MessageId,
    pub subject: String,
    pub candidates: Vec<String>,
}

#[derive(Serialize)]
pub struct MailJson {
    pub message_id: MessageId,
    pub subject: String,
    pub from: Person,
    pub date: Timestamp,
    pub thread: MessageId,
    pub parent: Option<MessageId>,
    pub end: End,
    pub kind: Kind,
    pub reason: Reason,
    pub detail: String,
    pub session: Vec<String>,
}

#[derive(Serialize)]
pub struct LetterJson {
    pub message_id: MessageId,
    pub kind: LetterKind,
    pub to: Vec<Address>,
    pub subject: String,
    pub status: LetterStatus,
    pub cause: String,
}

/// The whole of it at one time; `now` only tells which sessions are over.
pub fn export(
    policy: &Policy,
    register: &Register,
    mails: &[StoredMail],
    letters: &[LetterRow],
    now: Timestamp,
) -> Export {
    let threads = threads(mails);
    Export {
        format: FORMAT,
        summits: policy
            .summits
            .iter()
            .map(|summit| SummitJson {
                slug: summit.slug.clone(),
                name: summit.name.clone(),
                lists: summit.lists.clone(),
                attendance: register.attendance(&summit.slug).iter().map(attendance).collect(),
                subscriptions: register.summit(&summit.slug).map_or_else(Vec::new, subscriptions),
                introduction: register
                    .introduction(&summit.slug)
                    .map(|said| IntroductionJson { text: said.value.clone(), message_id: said.mail.clone() }),
                sessions: register.of_summit(&summit.slug).map(|s| session(s, register, policy, now)).collect(),
                unclaimed: unclaimed(mails, register, &summit.slug).map(unclaimed_json).collect(),
            })
            .collect(),
        mail: mails.iter().map(|mail| mail_json(mail, &threads)).collect(),
        outgoing: letters.iter().map(letter_json).collect(),
    }
}

/// The notes of a summit that no session could be found for, and that nobody has placed since.
pub fn unclaimed<'a>(
    mails: &'a [StoredMail],
    register: &'a Register,
    summit: &'a str,
) -> impl Iterator<Item = &'a StoredMail> {
    mails.iter().filter(move |mail| {
        mail.row.reason == Reason::Unclaimed
            && mail.row.summit.as_deref() == Some(summit)
            && register.headed_by(&mail.row.message_id).is_empty()
    })
}

/// One session, as in the export: with the voices of those that became part of it.
pub fn session(session: &Session, register: &Register, policy: &Policy, now: Timestamp) -> SessionJson {
    let parts = register.parts(session).map(|part| part.key.to_string()).collect();
    let before = register.lineage(session, policy).into_iter().map(|before| before.session);
    let gathered = register.gathered(session);
    let session = gathered.as_ref();
    let patience = policy.summit(&session.key.summit).map_or(SignedDuration::ZERO, Summit::patience);
    let status = session.status(now);
    let zone = policy.summit(&session.key.summit).map_or(jiff::tz::TimeZone::UTC, |summit| summit.zone.clone());
    let submitted = session.proposal.submitted.and_then(|day| day.to_zoned(zone).ok());
    let scheduled = session.slot.iter().filter_map(|slot| slot.url.clone()).map(|url| ReferenceJson {
        kind: "schedule",
        url,
        target: None,
        message_id: session.root.clone(),
    });
    SessionJson {
        id: session.key.to_string(),
        title: session.title().to_owned(),
        status: status.name(),
        merged_into: match status {
            crate::session::Status::Merged(into) => Some(format!("S-{into}")),
            _ => None,
        },
        parts,
        undone_by: session.taken_back_by().cloned(),
        outcome: session.finality(now, patience).map(finality),
        before: before.map(|key| BeforeJson { id: key.to_string(), summit: key.summit }).collect(),
        track: session.proposal.track.clone(),
        message_id: session.root.clone(),
        submitted: submitted.map_or(session.submitted, |day| day.timestamp()),
        hosts: session.proposal.hosts.iter().map(host).collect(),
        claims: session.claims.iter().map(claim).collect(),
        subscriptions: subscriptions(session),
        description: session.proposal.description.clone(),
        agenda: session.proposal.agenda.clone(),
        schedule: session.slot.clone(),
        duration: session.proposal.duration,
        expected_outcomes: session.proposal.expected_outcomes.clone(),
        interest: session.interest.iter().map(interest).collect(),
        attendance: session.attendance.iter().map(attendance).collect(),
        suggestions: session.suggestions.iter().map(suggestion).collect(),
        references: session.references.iter().map(reference).chain(scheduled).collect(),
        scribes: session.scribes.iter().map(|said| said.value.clone()).collect(),
        outcomes: session.outcomes.iter().map(outcome).collect(),
        repairs: session.repairs.clone(),
    }
}

fn host(host: &Host) -> HostJson {
    let Person { name, address } = host.person.clone();
    HostJson { claimed: address.is_some(), name, address, affiliation: host.affiliation.clone() }
}

fn claim(said: &Said<Person>) -> ClaimJson {
    ClaimJson { person: said.value.clone(), message_id: said.mail.clone() }
}

fn subscriptions(session: &Session) -> Vec<SubscriptionJson> {
    let one = |said: &Said<Subscription>| SubscriptionJson {
        person: said.value.person.clone(),
        report: said.value.report,
        message_id: said.mail.clone(),
    };
    session.subscriptions.iter().map(one).collect()
}

fn finality(finality: Finality) -> FinalityJson {
    let word = |word: &Word| WordJson {
        person: word.person.clone(),
        text: word.text.map(str::to_owned),
        message_id: word.mail.clone(),
    };
    let (until, objections, settled) = match &finality {
        Finality::Tentative { until: at } | Finality::Final { since: at } => (Some(*at), &[][..], None),
        Finality::Disputed { objections } => (None, &objections[..], None),
        Finality::Settled { objections, by } => (None, &objections[..], Some(word(by))),
    };
    FinalityJson { state: finality.name(), until, objections: objections.iter().map(word).collect(), settled }
}

fn interest(said: &Said<crate::session::model::Interest>) -> InterestJson {
    let value = said.value.clone();
    InterestJson { person: value.person, level: value.level, basis: value.basis, message_id: said.mail.clone() }
}

fn attendance(said: &Said<crate::session::model::Attendance>) -> AttendanceJson {
    let value = said.value.clone();
    AttendanceJson {
        person: value.person,
        mode: value.mode,
        note: value.note,
        basis: value.basis,
        message_id: said.mail.clone(),
    }
}

fn suggestion(said: &Said<crate::session::model::Suggestion>) -> SuggestionJson {
    let value = said.value.clone();
    SuggestionJson { author: value.author, text: value.text, message_id: said.mail.clone() }
}

fn reference(said: &Said<crate::session::model::Reference>) -> ReferenceJson {
    let value = said.value.clone();
    let kind = if value.target.is_some() { "list" } else { "web" };
    ReferenceJson { kind, url: value.url, target: value.target, message_id: said.mail.clone() }
}

fn outcome(said: &Said<crate::session::model::Outcome>) -> OutcomeJson {
    let value = said.value.clone();
    OutcomeJson {
        notes: value.notes.text,
        decisions: value.notes.decisions.into_iter().map(|text| DecisionJson { text }).collect(),
        actions: value.notes.actions,
        participants: value.notes.participants,
        author: value.author,
        message_id: value.source,
    }
}

fn unclaimed_json(mail: &StoredMail) -> UnclaimedJson {
    UnclaimedJson {
        message_id: mail.row.message_id.clone(),
        subject: mail.row.subject.clone(),
        candidates: ids(&mail.row.candidates),
    }
}

fn mail_json(mail: &StoredMail, threads: &Forest) -> MailJson {
    let row = &mail.row;
    MailJson {
        message_id: row.message_id.clone(),
        subject: row.subject.clone(),
        from: Person { name: row.from_name.clone(), address: row.from_address.clone() },
        date: row.at,
        thread: threads.head(&row.message_id).clone(),
        parent: threads.parent(&row.message_id).cloned(),
        end: row.reason.end(),
        kind: row.kind,
        reason: row.reason,
        detail: row.detail.clone(),
        session: ids(&row.sessions),
    }
}

/// Who answers whom among these mails. A copy has no say in it.
fn threads(mails: &[StoredMail]) -> Forest {
    let rows = mails.iter().map(|mail| &mail.row);
    let originals = rows.filter(|row| !matches!(row.reason, Reason::Duplicate | Reason::ReusedMessageId));
    Forest::of(
        originals.map(|row| {
            (Ids { message_id: &row.message_id, parents: &row.parents, references: &row.references }, row.at)
        }),
    )
}

fn letter_json(letter: &LetterRow) -> LetterJson {
    LetterJson {
        message_id: letter.message_id.clone(),
        kind: letter.kind,
        to: letter.recipients.clone(),
        subject: letter.subject.clone(),
        status: letter.status,
        cause: letter.cause.clone(),
    }
}

fn ids(keys: &[SessionKey]) -> Vec<String> {
    keys.iter().map(SessionKey::to_string).collect()
}
