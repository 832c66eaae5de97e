//! Which sessions a mail is about.

use super::{Judge, Leave, Refusal};
use crate::grammar::{Chapter, Notes, SessionRef};
use crate::mail::{MessageId, Person};
use crate::session::model::{Session, SessionKey};
use crate::session::policy::Summit;
use crate::session::register::TitleMatch;
use crate::session::rights::{Roles, Verdict, right};

impl Judge<'_> {
    /// The session whose thread the mail is in.
    pub(super) fn thread(&self) -> Option<SessionKey> {
        self.q.register.of_thread(self.q.ancestors).first().cloned()
    }

    /// A session as the lines before this one left it.
    pub(super) fn session(&self, key: &SessionKey) -> Option<&Session> {
        self.changed.get(key).or_else(|| self.q.register.session(key))
    }

    pub(super) fn summit_of(&self, key: &SessionKey) -> &Summit {
        self.q.policy.summit(&key.summit).unwrap_or(self.q.summit)
    }

    /// Whether the author may use a verb on a session. What changes a session waits behind another change that waits: they
    /// were written in this order.
    pub(super) fn may(&self, verb: &'static str, key: &SessionKey) -> Result<Leave, Refusal> {
        self.may_with(verb, key, false)
    }

    /// The same, for whoever perhaps wrote what the verb is about.
    pub(super) fn may_with(&self, verb: &'static str, key: &SessionKey, wrote_it: bool) -> Result<Leave, Refusal> {
        let policy = self.q.policy;
        let of = |session| Roles::of(&self.author, session, self.summit_of(key), policy);
        let roles = match key.is_summit() {
            true => Roles::of_summit(&self.author, self.summit_of(key), policy),
            false => self.session(key).map_or(Roles::default(), of),
        };
        let roles = Roles { author: wrote_it, ..roles };
        let behind = !right(verb).adds() && self.held.iter().any(|held| held.place.session == *key);
        match right(verb).verdict(roles, self.q.tier, policy.floors) {
            Verdict::Done if !behind => Ok(Leave::AtOnce),
            Verdict::Done | Verdict::AskFirst => Ok(Leave::AskFirst),
            Verdict::Refused(needed) => Err(Refusal::NotAllowed { verb, session: key.clone(), needed }),
        }
    }

    /// Whether a session can be changed: it was not taken back, and is not part of another.
    pub(super) fn stands(&self, key: &SessionKey) -> Result<(), Refusal> {
        self.not_taken_back(key)?;
        match self.session(key).and_then(Session::merged_into) {
            Some(into) => Err(Refusal::PartOf { session: key.clone(), into }),
            None => Ok(()),
        }
    }

    pub(super) fn not_taken_back(&self, key: &SessionKey) -> Result<(), Refusal> {
        match self.session(key).and_then(Session::taken_back_by) {
            Some(by) => Err(Refusal::TakenBack { session: key.clone(), by: by.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn resolve(&self, session: &SessionRef) -> Result<SessionKey, Refusal> {
        let register = self.q.register;
        let summit = self.thread().map_or(self.q.summit.slug.clone(), |key| key.summit);
        let not_found = || Refusal::NotFound(session.clone());
        match session {
            SessionRef::Number(number) => {
                register.numbered(&summit, *number).map(|s| s.key.clone()).ok_or_else(not_found)
            }
            SessionRef::MessageId(id) => self.of_mail(id).ok_or_else(not_found),
            SessionRef::Url(url) => {
                let scheduled = || {
                    let at = |s: &&Session| s.slot.as_ref().is_some_and(|slot| slot.url.as_ref() == Some(url));
                    register.of_summit(&summit).find(at).map(|s| s.key.clone())
                };
                let mail = self.q.links.get(url).and_then(|id| self.of_mail(id));
                mail.or_else(scheduled).ok_or_else(not_found)
            }
            SessionRef::Title(title) => match register.titled(&summit, title) {
                TitleMatch::Exactly(key) => Ok(key),
                TitleMatch::Perhaps(_) => Err(Refusal::NotOne(session.clone())),
                TitleMatch::Nothing => Err(not_found()),
            },
            SessionRef::Event(uid) => {
                let key = SessionKey::of_uid(uid).ok_or_else(not_found)?;
                register.session(&key).map(|session| session.key.clone()).ok_or_else(not_found)
            }
            SessionRef::ProposedBy(name) => {
                let person = self.q.policy.people.known(&Person::named(name));
                let by = |s: &&Session| {
                    s.proposer.is(&person) || s.proposal.hosts.iter().any(|host| host.person.is(&person))
                };
                let found: Vec<&Session> = register.of_summit(&summit).filter(by).collect();
                match found.as_slice() {
                    [one] => Ok(one.key.clone()),
                    [] => Err(not_found()),
                    _ => Err(Refusal::NotOne(session.clone())),
                }
            }
        }
    }

    /// The session that a mail named by its id belongs to.
    pub(super) fn of_mail(&self, id: &MessageId) -> Option<SessionKey> {
        let chain = self.q.named.get(id).map_or(std::slice::from_ref(id), Vec::as_slice);
        self.q.register.of_thread(chain).first().cloned()
    }

    /// Where notes belong: the thread, ids in the subject, the one session the text names, the exact title. Anything
    /// less certain is only a candidate, best first.
    pub(super) fn sessions_of_notes(&self) -> Result<Vec<SessionKey>, Vec<SessionKey>> {
        if let Some(key) = self.thread() {
            return Ok(vec![key]);
        }
        let found = |in_subject: bool| -> Vec<SessionKey> {
            let here = self.q.reading.mentions.iter().filter(|mention| (mention.line == 0) == in_subject);
            distinct(here.filter_map(|mention| self.resolve(&mention.session).ok()))
        };
        let (subject, body) = (found(true), found(false));
        if !subject.is_empty() {
            return Ok(subject);
        }
        if let [one] = body.as_slice() {
            return Ok(vec![one.clone()]);
        }
        match self.q.register.titled(&self.q.summit.slug, &self.q.reading.subject.title) {
            TitleMatch::Exactly(key) => Ok(vec![key]),
            TitleMatch::Perhaps(alike) => Err(distinct(body.into_iter().chain(alike))),
            TitleMatch::Nothing => Err(body),
        }
    }

    /// The notes of each session, when headings tell which part is about which: a part has the decisions and actions
    /// below its headings, and what stands above the first belongs to all.
    pub(super) fn parts_of_notes(&self, notes: &Notes) -> Option<Vec<(SessionKey, Notes)>> {
        let mut parts: Vec<(SessionKey, Notes)> = Vec::new();
        let mut common = Notes { text: notes.text.clone(), ..Notes::default() };
        let mut at = None;
        for chapter in &self.q.reading.chapters {
            if let Some(key) = self.session_of_heading(chapter) {
                at = Some(parts.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                    parts.push((key, common.clone()));
                    parts.len() - 1
                }));
            }
            at.map_or(&mut common, |at: usize| &mut parts[at].1).add(&chapter.notes);
        }
        Some(parts).filter(|parts| parts.len() > 1)
    }

    /// The one session that a heading names, or whose title it is.
    fn session_of_heading(&self, chapter: &Chapter) -> Option<SessionKey> {
        let named = distinct(chapter.names.iter().filter_map(|session| self.resolve(session).ok()));
        match (named.as_slice(), self.q.register.titled(&self.q.summit.slug, &chapter.heading)) {
            ([one], _) => Some(one.clone()),
            ([], TitleMatch::Exactly(key)) => Some(key),
            _ => None,
        }
    }

    pub(super) fn title(&self, key: &SessionKey) -> String {
        self.q.register.session(key).map_or_else(String::new, |session| session.title().to_owned())
    }
}

fn distinct(keys: impl Iterator<Item = SessionKey>) -> Vec<SessionKey> {
    let mut out: Vec<SessionKey> = Vec::new();
    for key in keys {
        if !out.contains(&key) {
            out.push(key);
        }
    }
    out
}
