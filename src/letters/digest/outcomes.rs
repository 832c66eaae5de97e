//! The digest of outcomes: what was decided and who promised what, by track; and what is owed still.
//!
//! What came since the last one is told in full, what was told before in a line.

use super::Desk;
use super::limits::{MOST_NAME, MOST_TEXT, ONE_LINE, Row, Section, count};
use super::page::Page;
use super::rows::{called, hosted};
use crate::grammar::Notes;
use crate::letters::sentences;
use crate::letters::wrap::{cut, printable};
use crate::session::debt::{Debt, Ledger};
use crate::session::model::Outcome;
use crate::session::{Change, Fact, Finality, Said, Session, Status};
use jiff::civil::Date;

/// A summit's notes are asked for so long after its last day; then the final report says what is missing.
pub const WEEKS_OF_ASKING: i64 = 8;
/// Days that the course of the debt names before today.
const MOST_DAYS: usize = 3;

impl Desk<'_> {
    /// The digest of outcomes; `None` when nothing came in since the last one, and nothing is asked for.
    pub(super) fn outcomes(&self) -> Option<Page> {
        let gathered = self.gathered();
        let all: Vec<&Session> = gathered.iter().map(AsRef::as_ref).collect();
        let ledger = Ledger::of(all.iter().copied());
        let debt = ledger.at(self.now);
        let stands = |session: &&Session| session.taken_back_by().is_none() && !session.outcomes.is_empty();
        let noted: Vec<&Session> = all.iter().copied().filter(stands).collect();
        let owing: Vec<&Session> =
            all.iter().copied().filter(|session| matches!(session.status(self.now), Status::Held(_))).collect();
        let moved = self.is_over().then(|| self.movement(&all)).filter(|moved| !moved.is_empty());
        let fresh = all.iter().any(|session| self.has_outcome_news(session));
        let held_since = self.since.ran.map_or(0, |ran| ledger.at(ran).held) < debt.held;
        let anything = !noted.is_empty() || !owing.is_empty() || !self.unclaimed.is_empty();
        let news = fresh && anything || held_since || self.unclaimed.iter().any(|note| note.new) || moved.is_some();
        if !news && !self.is_time_to_ask(&noted, &owing) {
            return None;
        }
        let mut sections: Vec<Section> = self
            .by_track(&noted, "OUTCOMES")
            .into_iter()
            .map(|(track, sessions)| {
                Section::of(&track, sessions.into_iter().map(|session| self.told_or_new(session)).collect())
            })
            .collect();
        sections.push(self.without_notes(&owing));
        sections.push(self.unclaimed_notes());
        if let Some(moved) = moved {
            sections
                .push(Section::of("NEW SESSIONS", moved.new.iter().map(|session| self.introduce(session)).collect()));
            sections.push(Section::of("CHANGED SESSIONS", moved.changed.into_iter().map(|(_, row)| row).collect()));
        }
        let with = noted.len();
        Some(Page {
            subject: format!("Outcomes: {} of {} with notes", debt.noted, count(debt.held, "session")),
            counts: [vec![in_numbers(&debt)], self.course(&ledger)].concat(),
            sections,
            quiet: (with > 0 && !fresh).then(|| "No notes have come since the last digest.".into()),
            tentative: noted.iter().any(|s| matches!(self.finality(s), Some(Finality::Tentative { .. }))),
            most_rows: self.summit.noise.rows,
        })
    }

    pub(super) fn has_outcome_news(&self, session: &Session) -> bool {
        self.news(session, self.since.told.outcomes).any(|fact| concerns_outcome(session, fact))
    }

    /// Once the summit is over, what is missing is asked for with each digest, for some weeks.
    fn is_time_to_ask(&self, noted: &[&Session], owing: &[&Session]) -> bool {
        let disputed = || noted.iter().any(|s| matches!(self.finality(s), Some(Finality::Disputed { .. })));
        let asking = self.is_over() && !self.is_long_over();
        asking && (!owing.is_empty() || !self.unclaimed.is_empty() || disputed())
    }

    /// Whether nobody is asked for notes any more.
    pub(super) fn is_long_over(&self) -> bool {
        let weeks = |last: Date| self.date(self.now).since(last).map_or(0, |span| i64::from(span.get_days()) / 7);
        self.days.is_some_and(|(_, last)| weeks(last) >= WEEKS_OF_ASKING)
    }

    /// How the debt came about, where it changed: the last days on which it did, and today.
    fn course(&self, ledger: &Ledger) -> Vec<String> {
        let course = ledger.course(&self.summit.zone, self.now);
        let line = |name: &str, of: fn(&Debt) -> usize| {
            let mut days: Vec<(Date, usize)> = course.iter().map(|(date, debt)| (*date, of(debt))).collect();
            days.dedup_by_key(|(_, n)| *n);
            let (_, now) = days.pop()?;
            let before = &days[days.len().saturating_sub(MOST_DAYS)..];
            let before = before.iter().map(|(date, n)| format!("{n} on {}", date.strftime("%-d %B")));
            let steps: Vec<String> = before.chain([format!("{now} now")]).collect();
            (steps.len() > 1).then(|| format!("{name}: {}.", steps.join(", ")))
        };
        let lines = [line("Without notes", Debt::without_notes), line("Open actions", Debt::open_actions)];
        lines.into_iter().flatten().collect()
    }

    fn told_or_new(&self, session: &Session) -> Row {
        if self.has_outcome_news(session) {
            return self.row(session, [self.place(session), self.outcome(session)].concat());
        }
        let mut lines = vec![in_short(session)];
        lines.extend(self.firmness(session));
        lines.extend(complete(session).last().and_then(|outcome| self.link(&outcome.value.source)));
        self.row(session, lines)
    }

    /// Notes, how firm they are, decisions and actions.
    pub(super) fn outcome(&self, session: &Session) -> Vec<String> {
        let mut lines = Vec::new();
        for outcome in complete(session) {
            let corrected = if outcome.value.corrected { ", corrected" } else { "" };
            lines.push(format!("Notes by {}{corrected}", called(&outcome.value.author)));
            lines.extend(self.link(&outcome.value.source));
        }
        lines.extend(self.firmness(session));
        let decisions: Vec<&String> =
            session.outcomes.iter().flat_map(|outcome| &outcome.value.notes.decisions).collect();
        if !decisions.is_empty() {
            lines.push("Decisions".into());
            lines.extend(decisions.iter().map(|text| format!("- {}", cut(&printable(text), MOST_TEXT))));
        }
        let actions = self.actions(session);
        if !actions.is_empty() {
            lines.push("Actions".into());
        }
        if decisions.is_empty() && actions.is_empty() {
            lines.extend(complete(session).next().map(|outcome| summary(&outcome.value.notes)));
        }
        lines.extend(actions);
        lines
    }

    pub(super) fn actions(&self, session: &Session) -> Vec<String> {
        let line = |(number, action): (usize, &crate::grammar::Action)| {
            let mark = if action.done { "[x]" } else { "[ ]" };
            let owner = action.owner.as_ref().map_or("nobody yet".to_owned(), called);
            format!("{mark} {number}. {owner}: {}", cut(&printable(&action.text), MOST_TEXT))
        };
        session.actions().map(line).collect()
    }

    /// `Tentative: final on 21 July 2027 if nobody objects`, or who objects, and where.
    fn firmness(&self, session: &Session) -> Vec<String> {
        let firm = self.finality(session);
        let mut lines: Vec<String> =
            firm.iter().flat_map(|firm| sentences::finality(firm, &self.summit.zone)).collect();
        if let Some(Finality::Disputed { objections }) = &firm {
            lines.extend(objections.last().and_then(|last| self.link(last.mail)));
        }
        lines
    }

    pub(super) fn without_notes(&self, owing: &[&Session]) -> Section {
        let row = |session: &&Session| {
            let mut lines = self.place(session);
            lines.push(format!("Host: {}", hosted(session)));
            lines.extend(session.asked(self.asked).map(|asked| sentences::asked(asked, &self.summit.zone)));
            lines.extend(self.link(&session.root));
            self.row(session, lines)
        };
        Section::of("SESSIONS WITHOUT NOTES", owing.iter().map(row).collect())
    }

    pub(super) fn unclaimed_notes(&self) -> Section {
        let row = |note: &super::Unclaimed| {
            let ids: Vec<String> = note.candidates.iter().map(ToString::to_string).collect();
            let perhaps = if ids.is_empty() { String::new() } else { format!("; perhaps of {}", ids.join(" or ")) };
            let mut lines = vec![format!("by {}{perhaps}", called(&note.author))];
            lines.extend(self.link(&note.message_id));
            Row::of("-".into(), cut(&printable(&note.subject), MOST_NAME), lines)
        };
        let rows: Vec<Row> = self.unclaimed.iter().map(row).collect();
        let hint = "Answer that mail with one line to place them: #session ^notes S-7";
        Section { hint: (!rows.is_empty()).then(|| hint.into()), ..Section::of("NOTES THAT FOUND NO SESSION", rows) }
    }
}

/// `2 decisions; 3 actions, 1 of them open`
pub(in crate::letters) fn in_short(session: &Session) -> String {
    let decisions: usize = session.outcomes.iter().map(|outcome| outcome.value.notes.decisions.len()).sum();
    let actions = session.actions().count();
    let open = session.actions().filter(|(_, action)| !action.done).count();
    let actions = match (actions, open) {
        (0, _) => None,
        (all, 0) => Some(format!("{}, done", count(all, "action"))),
        (1, _) => Some("1 action, open".to_owned()),
        (all, open) if all == open => Some(format!("{}, all open", count(all, "action"))),
        (all, open) => Some(format!("{}, {open} of them open", count(all, "action"))),
    };
    let decisions = (decisions > 0).then(|| count(decisions, "decision"));
    let parts: Vec<String> = decisions.into_iter().chain(actions).collect();
    if parts.is_empty() { "no decisions, no actions".into() } else { parts.join("; ") }
}

fn complete(session: &Session) -> impl Iterator<Item = &Said<Outcome>> {
    session.outcomes.iter().filter(|outcome| outcome.value.complete)
}

/// `Notes of 2 of 3 sessions held, 2 with decisions; 7 of 8 actions open.`
pub(super) fn in_numbers(debt: &Debt) -> String {
    if debt.held == 0 {
        return "No session has been held yet.".into();
    }
    let actions = match debt.actions {
        0 => "no actions".to_owned(),
        all => format!("{} of {} open", debt.open_actions(), count(all, "action")),
    };
    let held = count(debt.held, "session");
    format!("Notes of {} of {held} held, {} with decisions; {actions}.", debt.noted, debt.decided)
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

/// The first words of notes that name neither decision nor action: of the first paragraph that is more than a label and
/// its value.
fn summary(notes: &Notes) -> String {
    let is_field = |text: &str| text.split_once(':').is_some_and(|(label, _)| !label.trim().contains(' '));
    let mut paragraphs = notes.text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let prose = paragraphs.find(|paragraph| !is_field(paragraph));
    cut(&printable(prose.unwrap_or(&notes.text)), ONE_LINE)
}
