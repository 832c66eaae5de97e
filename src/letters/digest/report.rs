//! The final report of a summit: all of it in one mail, the page that the wiki wanted to be.

use super::Desk;
use super::limits::{A_FEW, MOST_ROWS_OF_ALL, MOST_TEXT, Row, Section, count};
use super::outcomes::in_numbers;
use super::page::Page;
use super::rows::{called, counted, hosted, references, standing};
use crate::letters::sentences;
use crate::letters::wrap::{cut, printable};
use crate::session::debt::Ledger;
use crate::session::{Session, Status};

impl Desk<'_> {
    /// What became of every session; `None` when there was none.
    pub(super) fn report(&self) -> Option<Page> {
        let gathered = self.gathered();
        let stands = |session: &&Session| session.taken_back_by().is_none();
        let all: Vec<&Session> = gathered.iter().map(AsRef::as_ref).filter(stands).collect();
        if all.is_empty() {
            return None;
        }
        let debt = Ledger::of(all.iter().copied()).at(self.now);
        let took_place = |session: &&&Session| matches!(session.status(self.now), Status::Held(_) | Status::Concluded);
        let held: Vec<&Session> = all.iter().filter(took_place).copied().collect();
        let mut sections: Vec<Section> = self
            .by_track(&held, "SESSIONS")
            .into_iter()
            .map(|(track, sessions)| {
                Section::of(&track, sessions.into_iter().map(|session| self.whole(session)).collect())
            })
            .collect();
        sections.push(self.by_owner(&held));
        sections.push(self.unclaimed_notes());
        let others = all.iter().filter(|session| !took_place(session));
        sections.push(Section::of("DID NOT TAKE PLACE", others.map(|session| self.not_held(session)).collect()));
        let proposed = format!("{} proposed, {} took place.", count(all.len(), "session"), debt.held);
        Some(Page {
            subject: format!("Final report: {}, {} with notes", count(debt.held, "session"), debt.noted),
            counts: vec![proposed, in_numbers(&debt)],
            sections,
            quiet: None,
            tentative: false,
            most_rows: MOST_ROWS_OF_ALL,
        })
    }

    fn whole(&self, session: &Session) -> Row {
        let mut lines = self.place(session);
        let counted = counted(session).map(|counted| format!("; {counted}")).unwrap_or_default();
        lines.push(format!("Host: {}{counted}", hosted(session)));
        lines.push("Proposal".into());
        lines.extend(self.link(&session.root));
        lines.extend(self.register.lineage(session, self.policy).first().map(sentences::before));
        lines.extend(references(session.references.iter()));
        lines.extend(
            (session.references.len() > A_FEW).then(|| format!("... and {} more", session.references.len() - A_FEW)),
        );
        lines.extend(self.outcome(session));
        if session.outcomes.is_empty() {
            lines.push("No notes.".into());
        }
        self.row(session, lines)
    }

    fn not_held(&self, session: &Session) -> Row {
        let mut lines = vec![printable(&standing(&session.status(self.now)))];
        lines.extend(self.link(&session.root));
        self.row(session, lines)
    }

    /// What is still to do, by who promised it; what nobody has taken comes last.
    fn by_owner(&self, held: &[&Session]) -> Section {
        let mut owners: Vec<(Option<String>, Vec<String>)> = Vec::new();
        for (session, (number, action)) in
            held.iter().flat_map(|session| session.actions().map(move |action| (session, action)))
        {
            if action.done {
                continue;
            }
            let owner = action.owner.as_ref().map(called);
            let line = format!("[ ] {} action {number}: {}", session.key, cut(&printable(&action.text), MOST_TEXT));
            match owners.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, lines)) => lines.push(line),
                None => owners.push((owner, vec![line])),
            }
        }
        owners.sort_by_key(|(owner, _)| (owner.is_none(), owner.as_ref().map(|owner| owner.to_lowercase())));
        let row = |(owner, lines): (Option<String>, Vec<String>)| {
            Row::of("-".into(), owner.unwrap_or_else(|| "Nobody yet".into()), lines)
        };
        Section::of("STILL TO DO", owners.into_iter().map(row).collect())
    }
}
