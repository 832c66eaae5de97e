//! The two digests that go to the list: what is proposed, and what came of it.
//!
//! A digest speaks of the log from one position to another, so that every change is in exactly one of them. With
//! nothing to say there is no digest.

use super::answer::hosts;
use super::compose::{Draft, Seal};
use super::wrap::{cut, printable};
use super::{LetterKind, Outgoing, rendered, sentences, when};
use crate::clock::Timestamp;
use crate::grammar::{Mode, Notes};
use crate::mail::{MessageId, Person};
use crate::session::model::{Attendance, Outcome};
use crate::session::{Change, Fact, Finality, Need, Policy, Register, Said, Session, SessionKey, Status, Summit};
use askama::Template;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Rows of a digest.
const MOST_ROWS: usize = 50;
/// Bytes of all rows, of one section's, and of one row: in whatever encoding, a digest stays below 100 kB.
const MOST_BYTES: usize = 60_000;
const MOST_BYTES_OF_SECTION: usize = 20_000;
const MOST_BYTES_OF_ROW: usize = 8_000;
/// Sessions of one proposer that a digest calls new, changed, or in need of somebody.
const MOST_PER_PERSON: usize = 5;
/// Characters of somebody else's text.
const MOST_TEXT: usize = 500;
/// Of a title, a name, a list of hosts, a slot.
const MOST_NAME: usize = 200;
/// Of one suggestion in a list of many.
const ONE_LINE: usize = 160;
const MOST_SUGGESTIONS: usize = 3;

/// What a digest looks at.
pub struct Desk<'a> {
    pub policy: &'a Policy,
    pub summit: &'a Summit,
    pub register: &'a Register,
    pub unclaimed: &'a [Unclaimed],
    /// Archived-At of mails that carry one.
    pub archived: &'a HashMap<MessageId, String>,
    pub since: Since,
    pub now: Timestamp,
    /// The key of the tick it was due at.
    pub cause: &'a str,
}

/// Where the previous digest of this kind ended.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// The log position it spoke up to; 0 before the first.
    pub position: i64,
    /// How many there were.
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

#[derive(Template)]
#[template(path = "digest.txt")]
struct DigestText<'a> {
    /// The digest of outcomes; otherwise that of proposals.
    outcomes: bool,
    introduction: Option<&'a str>,
    summit: &'a str,
    moment: String,
    counts: String,
    sections: Vec<Section>,
    unclaimed: Vec<UnclaimedRow>,
    quiet: usize,
    /// Somebody may still object to an outcome.
    tentative: bool,
    /// What a mail to propose, or to report, has in front of its subject.
    tag: &'a str,
    previous: Option<String>,
}

struct Section {
    name: String,
    rows: Vec<Row>,
    more: usize,
}

struct Row {
    id: String,
    title: String,
    lines: Vec<String>,
}

struct UnclaimedRow {
    subject: String,
    author: String,
    perhaps: String,
    link: Option<String>,
}

/// The digest of proposals; `None` when nothing happened since the last one.
pub fn proposals(desk: &Desk, seal: &Seal) -> Option<Outgoing> {
    let gathered = desk.gathered();
    let sessions: Vec<&Session> = gathered.iter().map(AsRef::as_ref).collect();
    let stands = |session: &Session| session.taken_back_by().is_none();
    let before = desk.register.as_of(&desk.summit.slug, desk.since.position);
    // One that comes back after it was taken back is new again.
    let is_new = |session: &Session| !before.session(&session.key).is_some_and(stands);
    let new: Vec<&Session> = sessions.iter().copied().filter(|s| is_new(s) && stands(s)).collect();
    let known = sessions.iter().copied().filter(|session| !is_new(session));
    // What was done and undone since is no news.
    let changed = known.map(|s| (s, desk.brief(s, desk.changes(&before, s)))).filter(|(_, row)| !row.lines.is_empty());
    let changed: Vec<(&Session, Row)> = changed.collect();
    if new.is_empty() && changed.is_empty() {
        return None;
    }
    let mut scheduled: Vec<&Session> =
        sessions.iter().copied().filter(|s| matches!(s.status(desk.now), Status::Scheduled(_))).collect();
    scheduled.sort_by_key(|session| session.slot.as_ref().map(|slot| (slot.start.is_none(), slot.start)));
    let waiting = sessions.iter().map(|s| (*s, desk.brief(s, desk.waits(s)))).filter(|(_, row)| !row.lines.is_empty());
    let open = sessions.iter().filter(|session| !session.is_closed());
    let told: HashSet<&SessionKey> = changed.iter().map(|(session, _)| &session.key).collect();
    let is_told = |session: &Session| told.contains(&session.key);
    let quiet = open.clone().filter(|s| !is_new(s) && !is_told(s) && desk.news(s).next().is_none()).count();
    let open = open.count();
    let still_new = new.iter().filter(|session| !session.is_closed()).count();
    let mut few = FewPerPerson::default();
    let mut sections = vec![
        few.section("NEEDS YOU", waiting.collect()),
        few.section("NEW", new.iter().map(|s| (*s, desk.full(s))).collect()),
        few.section("CHANGED", changed),
        Section::of("SCHEDULED", scheduled.iter().map(|s| desk.brief(s, desk.place(s))).collect()),
    ];
    deal(&mut sections, 0);
    let people = |n: usize| if n == 1 { "1 person".to_owned() } else { format!("{n} people") };
    let coming = distinct_people(&sessions, desk.register.attendance(&desk.summit.slug));
    let counts = format!(
        "{} proposed, {} of them new; {} scheduled; {} said they come.",
        count(open, "session"),
        still_new,
        scheduled.len(),
        people(coming)
    );
    let subject = format!("Design sessions: {open} proposed, {still_new} new");
    desk.post(LetterKind::ProposalDigest, subject, desk.text(false, counts, sections, Vec::new(), quiet, false), seal)
}

/// The digest of outcomes, by track; `None` when nothing came in since the last one.
pub fn outcomes(desk: &Desk, seal: &Seal) -> Option<Outgoing> {
    let sessions: Vec<&Session> = desk.register.of_summit(&desk.summit.slug).collect();
    let noted_since = sessions.iter().any(|session| desk.news(session).any(|fact| concerns_outcome(session, fact)));
    if !noted_since && !desk.unclaimed.iter().any(|note| note.new) {
        return None;
    }
    let stands = |session: &&Session| session.taken_back_by().is_none() && !session.outcomes.is_empty();
    let noted: Vec<&Session> = sessions.iter().copied().filter(stands).collect();
    let held = |s: &&&Session| matches!(s.status(desk.now), Status::Held(_));
    let owing: Vec<&Session> = sessions.iter().filter(held).copied().collect();
    if noted.is_empty() && owing.is_empty() && desk.unclaimed.is_empty() {
        return None;
    }
    let mut tracks: Vec<&str> = Vec::new();
    for session in &noted {
        let track = session.proposal.track.as_deref().unwrap_or_default();
        if !tracks.contains(&track) {
            tracks.push(track);
        }
    }
    // Sessions without a track come last.
    tracks.sort_by_key(|track| track.is_empty());
    let mut sections: Vec<Section> = tracks
        .iter()
        .map(|track| {
            let here = noted.iter().filter(|s| s.proposal.track.as_deref().unwrap_or_default() == *track);
            let name = match (*track, tracks.len()) {
                ("", 1) => "OUTCOMES".to_owned(),
                ("", _) => "WITHOUT A TRACK".to_owned(),
                (track, _) => printable(track).to_uppercase(),
            };
            Section::of(&name, here.map(|s| desk.outcome(s)).collect())
        })
        .collect();
    sections.push(Section::of(
        "SESSIONS WITHOUT NOTES",
        owing
            .iter()
            .map(|s| {
                let mut lines = desk.place(s);
                lines.push(format!("Host: {}", cut(&hosts(&s.proposal.hosts), MOST_NAME)));
                desk.brief(s, lines)
            })
            .collect(),
    ));
    let (decisions, actions, open) = noted.iter().fold((0, 0, 0), |(d, a, o), session| {
        let decided: usize = session.outcomes.iter().map(|outcome| outcome.value.notes.decisions.len()).sum();
        (d + decided, a + session.actions().count(), o + session.actions().filter(|(_, action)| !action.done).count())
    });
    let took_place = noted.len() + owing.len();
    let counts = format!(
        "{} of {} held {} notes: {}, {}, {open} of them open.",
        noted.len(),
        count(took_place, "session"),
        if noted.len() == 1 { "has" } else { "have" },
        count(decisions, "decision"),
        count(actions, "action"),
    );
    let subject = format!("Outcomes: {} of {} with notes", noted.len(), count(took_place, "session"));
    let open = |s: &&Session| matches!(desk.finality(s), Some(Finality::Tentative { .. }));
    let tentative = noted.iter().any(open);
    let mut unclaimed = desk.unclaimed_rows();
    unclaimed.truncate(deal(&mut sections, unclaimed.len()));
    desk.post(LetterKind::OutcomeDigest, subject, desk.text(true, counts, sections, unclaimed, 0, tentative), seal)
}

/// `withdrawn (no time)`, `merged into S-7`: a status with what its name leaves out.
fn standing(status: &Status) -> String {
    match status {
        Status::Withdrawn(Some(why)) | Status::Rejected(Some(why)) => {
            format!("{} ({})", status.name(), cut(why, ONE_LINE))
        }
        Status::Merged(into) => format!("merged into S-{into}"),
        _ => status.name().to_owned(),
    }
}

impl Desk<'_> {
    fn text(
        &self,
        outcomes: bool,
        counts: String,
        sections: Vec<Section>,
        unclaimed: Vec<UnclaimedRow>,
        quiet: usize,
        tentative: bool,
    ) -> String {
        let words = &self.summit.vocabulary;
        let tags = if outcomes { &words.outcome_tags } else { &words.proposal_tags };
        let fallback = if outcomes { "NOTES" } else { "DESIGN SESSION" };
        rendered(&DigestText {
            outcomes,
            introduction: self.summit.introduction.as_deref(),
            summit: &self.summit.name,
            moment: when::moment(self.now, &self.summit.zone),
            counts,
            sections: sections.into_iter().filter(|section| !section.rows.is_empty() || section.more > 0).collect(),
            unclaimed,
            quiet,
            tentative,
            tag: tags.first().map_or(fallback, String::as_str),
            previous: self.since.previous.as_ref().and_then(|id| self.link(id)),
        })
    }

    fn post(&self, kind: LetterKind, subject: String, body: String, seal: &Seal) -> Option<Outgoing> {
        let list = self.summit.lists.first()?;
        seal.seal(Draft {
            kind,
            cause: self.cause,
            summit: &self.summit.slug,
            to: Person { name: None, address: Some(list.clone()) },
            to_list: true,
            subject: format!("[{}] {subject} (digest {})", self.summit.slug, self.since.count + 1),
            in_reply_to: None,
            references: self.since.previous.iter().cloned().collect(),
            token: None,
            body,
            date: self.now,
        })
    }

    /// All sessions, each with the voices of those that became part of it.
    fn gathered(&self) -> Vec<Cow<'_, Session>> {
        self.register.of_summit(&self.summit.slug).map(|session| self.register.gathered(session)).collect()
    }

    fn finality<'s>(&self, session: &'s Session) -> Option<Finality<'s>> {
        session.finality(self.now, self.summit.patience())
    }

    /// What happened to a session since the last digest.
    fn news<'s>(&self, session: &'s Session) -> impl Iterator<Item = &'s Fact> {
        let since = self.since.position;
        session.history().iter().filter(move |fact| fact.position > since)
    }

    /// Why a session needs somebody.
    fn waits(&self, session: &Session) -> Vec<String> {
        let one = |why: &str| vec![why.to_owned()];
        match session.need(self.summit, self.now) {
            Some(Need::Notes) => one("took place, and has no notes yet"),
            Some(Need::Confirmation(claims)) => {
                claims.iter().take(MOST_SUGGESTIONS).flat_map(|claim| self.claim(session, claim)).collect()
            }
            Some(Need::Host) => one("has no host whose address is known"),
            Some(Need::Answers) => one("nobody has answered yet"),
            Some(Need::Settlement) => one("its outcome is disputed, and a host or organiser has to settle it"),
            None => Vec::new(),
        }
    }

    /// Somebody says to be a host: where, and what confirms it.
    fn claim(&self, session: &Session, claim: &Said<Person>) -> Vec<String> {
        let who = cut(&printable(claim.value.label()), MOST_NAME);
        let mut lines = vec![format!("{who} says that they host it; a host or organiser confirms it:")];
        lines.push(format!("#session {} host add {who} <ADDRESS>", session.key));
        lines.extend(self.link(&claim.mail));
        lines
    }

    /// A row; of one that would fill the digest by itself the rest is counted.
    fn brief(&self, session: &Session, mut lines: Vec<String>) -> Row {
        let mut bytes = 0;
        let fits = |line: &&String| {
            bytes += line.len();
            bytes <= MOST_BYTES_OF_ROW
        };
        let (all, fit) = (lines.len(), lines.iter().take_while(fits).count());
        if fit < all {
            lines.truncate(fit);
            lines.push(format!("... and {}", count(all - fit, "more line")));
        }
        Row { id: session.key.to_string(), title: cut(&printable(session.title()), MOST_NAME), lines }
    }

    fn full(&self, session: &Session) -> Row {
        let hosts = cut(&hosts(&session.proposal.hosts), MOST_NAME);
        let mut lines = vec![format!("{hosts}; {}", self.old(session))];
        lines.extend(self.register.lineage(session, self.policy).first().map(sentences::before));
        lines.extend(self.parts(self.register, session).map(|parts| format!("with {parts}")));
        if session.is_closed() {
            lines.push(printable(&standing(&session.status(self.now))));
        }
        // What is said to a part is counted with the whole.
        lines.extend(counted(session).filter(|_| session.merged_into().is_none()));
        lines.extend(self.link(&session.root));
        lines.extend(self.suggestions(session, 0));
        self.brief(session, lines)
    }

    fn old(&self, session: &Session) -> String {
        format!("{} old", when::age(session.submitted, self.now))
    }

    fn place(&self, session: &Session) -> Vec<String> {
        session.slot.iter().map(|slot| cut(&printable(&when::slot(slot, &self.summit.zone)), MOST_NAME)).collect()
    }

    /// The sessions that became part of this one.
    fn parts(&self, register: &Register, session: &Session) -> Option<String> {
        let parts: Vec<String> = register.parts(session).map(|part| part.key.to_string()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Old and new of what changed, then the new voices. Those of a session that became part of another are heard there.
    fn changes(&self, past: &Register, session: &Session) -> Vec<String> {
        let Some(before) = past.session(&session.key).map(|before| past.gathered(before)) else { return Vec::new() };
        let before = before.as_ref();
        let zone = &self.summit.zone;
        let slot = |s: &Session| s.slot.as_ref().map_or("none".to_owned(), |slot| when::slot(slot, zone));
        let track = |s: &Session| s.proposal.track.clone().unwrap_or_else(|| "none".into());
        let parts = |register| self.parts(register, session).unwrap_or_else(|| "none".into());
        let short = |value: &str| cut(&printable(value), MOST_NAME);
        let pairs = [
            ("title", before.title().to_owned(), session.title().to_owned()),
            ("hosts", hosts(&before.proposal.hosts), hosts(&session.proposal.hosts)),
            ("track", track(before), track(session)),
            ("slot", slot(before), slot(session)),
            ("with", parts(past), parts(self.register)),
            ("status", standing(&before.status(self.now)), standing(&session.status(self.now))),
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
        let notes = session.outcomes.iter().filter(|outcome| outcome.position > self.since.position);
        lines.extend(notes.filter_map(|outcome| {
            let link = self.link(&outcome.value.source)?;
            Some(format!("notes by {}: {link}", called(&outcome.value.author)))
        }));
        let references = session.references.iter().filter(|said| said.position > self.since.position);
        lines
            .extend(references.take(MOST_SUGGESTIONS).map(|said| format!("reference: {}", printable(&said.value.url))));
        lines.extend(self.suggestions(session, self.since.position));
        lines
    }

    /// New suggestions: a line each, with its link below.
    fn suggestions(&self, session: &Session, after: i64) -> Vec<String> {
        let new: Vec<_> = session.suggestions.iter().filter(|said| said.position > after).collect();
        let mut lines = Vec::new();
        for said in new.iter().take(MOST_SUGGESTIONS) {
            let text = cut(&printable(&said.value.text), ONE_LINE);
            lines.push(format!("- {}: {text}", called(&said.value.author)));
            lines.extend(self.link(&said.mail).map(|link| format!("  {link}")));
        }
        if new.len() > MOST_SUGGESTIONS {
            lines.push(format!("... and {} more", new.len() - MOST_SUGGESTIONS));
        }
        lines
    }

    fn outcome(&self, session: &Session) -> Row {
        let mut lines = self.place(session);
        let told: Vec<&Said<Outcome>> = session.outcomes.iter().filter(|outcome| outcome.value.complete).collect();
        for outcome in &told {
            let corrected = if outcome.value.corrected { ", corrected" } else { "" };
            lines.push(format!("Notes by {}{corrected}", called(&outcome.value.author)));
            lines.extend(self.link(&outcome.value.source));
        }
        let firm = self.finality(session);
        lines.extend(firm.iter().flat_map(|firm| sentences::finality(firm, &self.summit.zone)));
        if let Some(Finality::Disputed { objections }) = &firm {
            lines.extend(objections.last().and_then(|last| self.link(last.mail)));
        }
        let decisions: Vec<&String> =
            session.outcomes.iter().flat_map(|outcome| &outcome.value.notes.decisions).collect();
        if !decisions.is_empty() {
            lines.push("Decisions".into());
            lines.extend(decisions.iter().map(|text| format!("- {}", cut(&printable(text), MOST_TEXT))));
        }
        if session.actions().next().is_some() {
            lines.push("Actions".into());
        }
        lines.extend(session.actions().map(|(number, action)| {
            let mark = if action.done { "[x]" } else { "[ ]" };
            let owner = action.owner.as_ref().map_or("nobody yet".to_owned(), called);
            format!("{mark} {number}. {owner}: {}", cut(&printable(&action.text), MOST_TEXT))
        }));
        if decisions.is_empty() && session.actions().next().is_none() {
            lines.extend(told.first().map(|outcome| summary(&outcome.value.notes)));
        }
        self.brief(session, lines)
    }

    fn unclaimed_rows(&self) -> Vec<UnclaimedRow> {
        let row = |note: &Unclaimed| {
            let ids: Vec<String> = note.candidates.iter().map(ToString::to_string).collect();
            UnclaimedRow {
                subject: cut(&printable(&note.subject), ONE_LINE),
                author: called(&note.author),
                perhaps: if ids.is_empty() { String::new() } else { format!("; perhaps of {}", ids.join(" or ")) },
                link: self.link(&note.message_id),
            }
        };
        self.unclaimed.iter().map(row).collect()
    }

    fn link(&self, mail: &MessageId) -> Option<String> {
        self.policy.permalink(self.summit, mail, self.archived)
    }
}

/// Whether a fact tells of what came of a session.
fn concerns_outcome(session: &Session, fact: &Fact) -> bool {
    let noted = |fact: &Fact| matches!(fact.change, Change::Noted { .. });
    match fact.change {
        Change::Noted { .. } | Change::ActionDone { .. } | Change::Objected { .. } | Change::Settled { .. } => true,
        Change::Undone { .. } => session.history().iter().any(noted),
        _ => false,
    }
}

/// What a person is called: names, too, are somebody's text.
fn called(person: &Person) -> String {
    cut(&printable(person.label()), MOST_NAME)
}

/// `2 interested; 3 coming, 1 of them remotely; 1 perhaps`
fn counted(session: &Session) -> Option<String> {
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

/// The first words of notes that name neither decision nor action.
fn summary(notes: &Notes) -> String {
    cut(&printable(&notes.text), ONE_LINE)
}

impl Section {
    fn of(name: &str, rows: Vec<Row>) -> Section {
        Section { name: name.to_owned(), rows, more: 0 }
    }
}

impl Row {
    fn bytes(&self) -> usize {
        self.title.len() + self.lines.iter().map(String::len).sum::<usize>()
    }
}

/// One person's flood of proposals does not fill a digest: a few of their sessions stand in it, in whatever sections.
#[derive(Default)]
struct FewPerPerson(HashMap<String, HashSet<SessionKey>>);

impl FewPerPerson {
    fn section(&mut self, name: &str, rows: Vec<(&Session, Row)>) -> Section {
        let all = rows.len();
        let few = rows.into_iter().filter(|(session, _)| self.takes(session)).map(|(_, row)| row);
        let section = Section::of(name, few.collect());
        Section { more: all - section.rows.len(), ..section }
    }

    fn takes(&mut self, session: &Session) -> bool {
        let who = session.proposer.address.as_ref().map_or_else(String::new, |address| address.key());
        let theirs = self.0.entry(who).or_default();
        theirs.contains(&session.key) || theirs.len() < MOST_PER_PERSON && theirs.insert(session.key.clone())
    }
}

/// Deals out the digest's rows, one to each section in turn, so that a flood in one leaves the others theirs. What finds
/// no room is counted. How many rows are left for one more section, which wants so many.
fn deal(sections: &mut [Section], more_wanted: usize) -> usize {
    let (mut rows, mut bytes) = (MOST_ROWS, MOST_BYTES);
    let mut dealt: Vec<(usize, usize)> = vec![(0, 0); sections.len()];
    let mut others = 0;
    loop {
        let before = rows;
        for (section, (count, size)) in sections.iter().zip(&mut dealt) {
            let next = section.rows.get(*count).map(Row::bytes);
            if let Some(next) = next.filter(|next| rows > 0 && *next <= bytes && *size + next <= MOST_BYTES_OF_SECTION)
            {
                (rows, bytes) = (rows - 1, bytes - next);
                (*count, *size) = (*count + 1, *size + next);
            }
        }
        if rows > 0 && others < more_wanted {
            (rows, others) = (rows - 1, others + 1);
        }
        if rows == before {
            break;
        }
    }
    for (section, (count, _)) in sections.iter_mut().zip(dealt) {
        section.more += section.rows.len() - count;
        section.rows.truncate(count);
    }
    others
}

/// Who comes to any session, or to the summit as a whole.
fn distinct_people(sessions: &[&Session], summit: &[Said<Attendance>]) -> usize {
    let mut people: Vec<&Person> = Vec::new();
    let stand = sessions.iter().filter(|session| session.taken_back_by().is_none());
    for said in stand.flat_map(|session| &session.attendance).chain(summit) {
        let comes = matches!(said.value.mode, Mode::InPerson | Mode::Remote);
        if comes && !people.iter().any(|known| known.is(&said.value.person)) {
            people.push(&said.value.person);
        }
    }
    people.len()
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
