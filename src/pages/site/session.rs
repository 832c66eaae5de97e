//! One session's whole life on one page: what it is, what came of it, who was there, and every mail.

use super::rich::{Rich, rich};
use super::text::{Block, blocks};
use super::thread::Entry;
use super::view::{Card, Frame, Moment, Named, shown};
use super::{Raws, Site, paths};
use crate::grammar::{Level, Mode};
use crate::letters::{rendered, sentences, when};
use crate::mail::{Person, Text};
use crate::session::model::Outcome;
use crate::session::{Basis, Change, Finality, Said, Session, SessionKey, Status, Summit};
use askama::Template;

#[derive(Template)]
#[template(path = "site/session.html")]
struct SessionPage<'a> {
    frame: Frame<'a>,
    card: Card,
    /// The status with what belongs to it: why it was withdrawn, where it went.
    why: Option<Rich>,
    merged_into: Option<Card>,
    undone: bool,
    slot: Option<String>,
    slot_url: Option<String>,
    track: Option<String>,
    duration: Option<u32>,
    form: Option<String>,
    proposer: Named,
    submitted: Moment,
    goal: Vec<Block>,
    description: Vec<Block>,
    firm: Vec<String>,
    final_since: Option<Moment>,
    open_to_objection: bool,
    decisions: Vec<Decision>,
    tasks: Vec<Task>,
    notes: Vec<Note>,
    present: Vec<Named>,
    voices: Vec<Voice>,
    scribes: Vec<Named>,
    suggestions: Vec<Suggestion>,
    references: Vec<Reference>,
    parts: Vec<Card>,
    before: Vec<Kin>,
    after: Vec<Kin>,
    entries: Vec<Entry<'a>>,
}

/// What was decided, and where it is written.
pub struct Decision {
    pub text: Rich,
    pub href: String,
}

/// An action, with its number in the session.
pub struct Task {
    pub number: usize,
    pub owner: Option<Named>,
    pub text: Rich,
    pub done: bool,
    pub href: String,
}

/// Notes, by whom and where.
pub struct Note {
    pub author: Named,
    pub at: Moment,
    pub href: String,
    pub corrected: bool,
}

/// What one person said of coming and of the topic.
struct Voice {
    who: Named,
    interest: Option<(&'static str, String)>,
    comes: Option<Coming>,
}

struct Coming {
    mode: Mode,
    note: Option<String>,
    guessed: bool,
    href: String,
}

struct Suggestion {
    author: Named,
    text: String,
    href: String,
}

struct Reference {
    words: Rich,
    /// Where it stands on this page, when it is a mail that does.
    here: Option<String>,
    href: String,
}

/// The same topic in another summit.
pub struct Kin {
    pub summit: String,
    pub card: Card,
}

impl Site {
    pub fn session(&self, path: &str, key: &SessionKey, raws: &Raws) -> Vec<u8> {
        let (Some(summit), Some(alone)) = (self.policy.summit(&key.summit), self.register.session(key)) else {
            return self.lost(path);
        };
        let gathered = self.register.gathered(alone);
        let session = gathered.as_ref();
        let status = session.status(self.now);
        let finality = session.finality(self.now, summit.patience());
        let slot = session.slot.as_ref();
        let proposal = &session.proposal;
        let mut namesakes = self.register.namesakes(alone, &self.policy);
        namesakes.retain(|other| other.taken_back_by().is_none());
        let (earlier, later): (Vec<&Session>, Vec<&Session>) =
            namesakes.into_iter().partition(|other| other.submitted < alone.submitted);
        let page = SessionPage {
            frame: self.frame(path, &format!("{} {}", session.key, shown(session.title())), Some(summit)),
            card: self.card(summit, session),
            why: match &status {
                Status::Withdrawn(why) | Status::Rejected(why) => why.map(|why| rich(&shown(why))),
                _ => None,
            },
            merged_into: match &status {
                Status::Merged(into) => self.card_of(&SessionKey { summit: key.summit.clone(), number: *into }),
                _ => None,
            },
            undone: matches!(status, Status::Undone(_)),
            slot: slot
                .filter(|slot| slot.start.is_some() || slot.room.is_some())
                .map(|slot| shown(&when::slot(slot, &summit.zone))),
            slot_url: slot.and_then(|slot| slot.url.clone()).filter(|url| is_web(url)),
            track: proposal.track.as_deref().map(shown),
            duration: proposal.duration,
            form: proposal.format.as_deref().map(shown),
            proposer: self.named(&session.proposer),
            submitted: Moment::day(session.submitted, &summit.zone),
            goal: proposal.expected_outcomes.as_deref().map_or_else(Vec::new, prose),
            description: prose(&proposal.description),
            firm: finality
                .iter()
                .flat_map(|firm| sentences::finality(firm, &summit.zone))
                .map(|line| shown(&line))
                .collect(),
            final_since: match &finality {
                Some(Finality::Final { since }) => Some(Moment::day(*since, &summit.zone)),
                _ => None,
            },
            open_to_objection: matches!(finality, Some(Finality::Tentative { .. })),
            decisions: self.decisions(session).collect(),
            tasks: self.tasks(session).collect(),
            notes: self.notes(summit, session).collect(),
            present: self.present(session),
            voices: self.voices(session),
            scribes: session.scribes.iter().map(|said| self.named(&said.value)).collect(),
            suggestions: session
                .suggestions
                .iter()
                .map(|said| Suggestion {
                    author: self.named(&said.value.author),
                    text: crate::letters::wrap::cut(&shown(&said.value.text), SUGGESTION),
                    href: self.place(session, &said.mail),
                })
                .collect(),
            references: self.references(session),
            parts: self.register.parts(alone).map(|part| self.card(summit, part)).collect(),
            before: earlier.iter().rev().filter_map(|other| self.kin(other)).collect(),
            after: later.iter().filter_map(|other| self.kin(other)).collect(),
            entries: self.entries(summit, alone, raws),
        };
        rendered(&page).into_bytes()
    }

    pub fn decisions<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = Decision> + 'a {
        session.outcomes.iter().flat_map(move |outcome| {
            let href = self.place(session, &outcome.value.source);
            outcome
                .value
                .notes
                .decisions
                .iter()
                .map(move |text| Decision { text: rich(&shown_free(text)), href: href.clone() })
        })
    }

    pub fn tasks<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = Task> + 'a {
        let sources = session
            .outcomes
            .iter()
            .flat_map(|outcome| outcome.value.notes.actions.iter().map(|_| &outcome.value.source));
        session.actions().zip(sources).map(move |((number, action), source)| Task {
            number,
            owner: action.owner.as_ref().map(|owner| self.named(owner)),
            text: rich(&shown_free(&action.text)),
            done: action.done,
            href: self.place(session, source),
        })
    }

    pub fn notes<'a>(&'a self, summit: &'a Summit, session: &'a Session) -> impl Iterator<Item = Note> + 'a {
        session.outcomes.iter().filter(|outcome| outcome.value.complete).map(move |outcome| Note {
            author: self.named(&outcome.value.author),
            at: Moment::day(outcome.at, &summit.zone),
            href: self.place(session, &outcome.value.source),
            corrected: outcome.value.corrected,
        })
    }

    /// Where a mail of a session stands: on the page of the session itself, or of the part that it was written to.
    fn place(&self, session: &Session, mail: &crate::mail::MessageId) -> String {
        let of = |session: &Session| format!("{}#{}", paths::session(&session.key), paths::anchor(mail));
        let written = |session: &Session| self.thread(&session.key).any(|known| known.row.message_id == *mail);
        let part = || self.register.parts(session).find(|part| written(part)).map(of);
        if written(session) { of(session) } else { part().unwrap_or_else(|| of(session)) }
    }

    /// Who was there, as the notes say.
    fn present(&self, session: &Session) -> Vec<Named> {
        let all = session.outcomes.iter().flat_map(|outcome: &Said<Outcome>| &outcome.value.notes.participants);
        let mut present: Vec<Named> = Vec::new();
        for named in all.map(|person| self.named(person)) {
            if !present.contains(&named) {
                present.push(named);
            }
        }
        present
    }

    fn voices(&self, session: &Session) -> Vec<Voice> {
        let mut voices: Vec<(&Person, Voice)> = Vec::new();
        for said in &session.interest {
            let voice = Voice {
                who: self.named(&said.value.person),
                interest: Some((sentences::level(said.value.level), self.place(session, &said.mail))),
                comes: None,
            };
            voices.push((&said.value.person, voice));
        }
        for said in &session.attendance {
            let comes = Coming {
                mode: said.value.mode,
                note: said.value.note.as_deref().map(shown),
                guessed: said.value.basis == Basis::Inferred,
                href: self.place(session, &said.mail),
            };
            match voices.iter_mut().find(|(person, _)| person.is(&said.value.person)) {
                Some((_, voice)) => voice.comes = Some(comes),
                None => {
                    let who = self.named(&said.value.person);
                    voices.push((&said.value.person, Voice { who, interest: None, comes: Some(comes) }));
                }
            }
        }
        voices.into_iter().map(|(_, voice)| voice).collect()
    }

    fn references(&self, session: &Session) -> Vec<Reference> {
        let one = |said: &Said<crate::session::model::Reference>| {
            let target = said.value.target.as_ref().filter(|id| self.by_id.contains_key(*id));
            let home = target.and_then(|id| self.mails[self.by_id[id]].row.sessions.first().map(|key| (id, key)));
            Reference {
                words: rich(&crate::letters::wrap::printable(&said.value.url)),
                here: home.map(|(id, key)| format!("{}#{}", paths::session(key), paths::anchor(id))),
                href: self.place(session, &said.mail),
            }
        };
        session.references.iter().map(one).collect()
    }

    /// A session of the same title in another summit.
    fn kin(&self, other: &Session) -> Option<Kin> {
        let summit = self.policy.summit(&other.key.summit)?;
        Some(Kin { summit: shown(&summit.name), card: self.card(summit, other) })
    }
}

/// Characters of a suggestion where the whole of it stands below.
const SUGGESTION: usize = 200;

impl SessionPage<'_> {
    fn title(&self) -> &Rich {
        &self.card.title
    }
}

/// Prose that is no mail: the description of a proposal.
pub fn prose(text: &str) -> Vec<Block> {
    blocks(&Text::plain(text, true))
}

/// One line of free words, which may hold links.
fn shown_free(text: &str) -> String {
    crate::letters::wrap::printable(text)
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
