//! What stays of a mail when a person is taken out of it: what it did, and no word of theirs.
//!
//! What others said stays, with a mark where the person was named. What the person did stays done, because others built
//! on it: a session they proposed, a slot they set. Their notes of a session stay, too: they say what several people
//! agreed on. Whatever else they wrote in their own words goes.

use super::decide::Decision;
use super::model::{Change, Fact, SessionKey};
use crate::grammar::Proposal;
use crate::mail::erase::{Eraser, MARK};
use crate::mail::{Kind, Reason};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;

/// What was decided about a mail whose bytes do not bear it out any more. It stands in the place of a decision when the
/// mail is read again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Residue {
    pub kind: Kind,
    pub reason: Reason,
    pub detail: String,
    pub sessions: Vec<SessionKey>,
    pub candidates: Vec<SessionKey>,
    pub facts: Vec<Fact>,
    /// How often the mail had been read again by then, because of what came after it: only then this was decided.
    pub again: i64,
    /// The bytes must not be read: they stopped the program before.
    pub unread: bool,
}

impl Residue {
    /// What it says of a mail that was read again so often: nothing until it was decided, for what the mail answers had
    /// not come; and `None` after that, for something came that nobody had in hand then.
    pub fn when_read(&self, again: i64) -> Option<Decision> {
        match again.cmp(&self.again) {
            Ordering::Less => Some(Decision::end(Kind::Discussion, Reason::NoSession, "belongs to no session")),
            Ordering::Equal => Some(self.decision()),
            Ordering::Greater => None,
        }
    }

    /// What it stands for.
    pub fn decision(&self) -> Decision {
        Decision {
            sessions: self.sessions.clone(),
            candidates: self.candidates.clone(),
            facts: self.facts.clone(),
            ..Decision::end(self.kind, self.reason, &self.detail)
        }
    }

    /// Of a mail that does nothing.
    pub fn end(kind: Kind, reason: Reason, detail: &str) -> Residue {
        let (sessions, candidates, facts) = (Vec::new(), Vec::new(), Vec::new());
        Residue { kind, reason, detail: detail.to_owned(), sessions, candidates, facts, again: 0, unread: false }
    }
}

/// A fact without the person. `own` says that it stands in a mail of theirs.
pub fn fact(fact: &Fact, own: bool, eraser: &Eraser) -> Fact {
    let mut change = fact.change.clone();
    let own = own || author(&mut change).is_some_and(|author| eraser.is(author));
    if own {
        silence(&mut change);
    }
    affiliations(&mut change, eraser);
    change.people_mut().into_iter().for_each(|person| eraser.person(person));
    Fact { change: named(&change, eraser), mail: named(&fact.mail, eraser), ..fact.clone() }
}

/// Whose words a change holds, where it says so itself.
fn author(change: &mut Change) -> Option<&mut crate::mail::Person> {
    match change {
        Change::Proposed { author, .. } | Change::Revised { author, .. } | Change::Suggested { author, .. } => {
            Some(author)
        }
        Change::Attendance { person, .. } | Change::Objected { person, .. } | Change::Settled { person, .. } => {
            Some(person)
        }
        _ => None,
    }
}

/// Takes out what its author said in words of their own.
fn silence(change: &mut Change) {
    let mark = |words: &mut Option<String>| *words = words.take().map(|_| MARK.to_owned());
    match change {
        Change::Proposed { proposal, repairs, .. } | Change::Revised { proposal, repairs, .. } => {
            repairs.clear();
            wordless(proposal);
        }
        Change::Suggested { text, .. } => *text = MARK.to_owned(),
        Change::Attendance { note, .. } => *note = None,
        Change::Withdrawn { why } | Change::Rejected { why } | Change::Objected { why, .. } => mark(why),
        Change::Settled { how, .. } => mark(how),
        Change::Introduced { text } => mark(text),
        _ => {}
    }
}

fn wordless(proposal: &mut Proposal) {
    if !proposal.description.is_empty() {
        proposal.description = MARK.to_owned();
    }
    proposal.agenda.clear();
    proposal.expected_outcomes = proposal.expected_outcomes.take().map(|_| MARK.to_owned());
}

/// Where somebody works tells who they are.
fn affiliations(change: &mut Change, eraser: &Eraser) {
    let hosts = match change {
        Change::Proposed { proposal, .. } | Change::Revised { proposal, .. } => proposal.hosts.as_mut_slice(),
        Change::HostAdded { host } => std::slice::from_mut(host),
        _ => &mut [],
    };
    for host in hosts.iter_mut().filter(|host| eraser.is(&host.person)) {
        host.affiliation = None;
    }
}

/// The value without the person in any of its texts.
pub fn named<T: Serialize + for<'de> Deserialize<'de>>(value: &T, eraser: &Eraser) -> T {
    let mut json = serde_json::to_value(value).unwrap_or_else(|error| unreachable!("it is plain JSON: {error}"));
    unname(&mut json, eraser);
    serde_json::from_value(json)
        .unwrap_or_else(|error| unreachable!("a mark is a word, and a stand-in an address: {error}"))
}

fn unname(json: &mut Value, eraser: &Eraser) {
    match json {
        Value::String(text) => *text = eraser.text(text).unwrap_or_else(|| std::mem::take(text)),
        Value::Array(values) => values.iter_mut().for_each(|value| unname(value, eraser)),
        Value::Object(fields) => fields.values_mut().for_each(|value| unname(value, eraser)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::grammar::{Action, Host, Mode, Notes};
    use crate::mail::{Address, MessageId, Person};
    use crate::session::Basis;

    fn person(name: &str, address: &str) -> Person {
        Person { name: Some(name.into()), address: Address::parse(address) }
    }
    fn ada() -> Person {
        person("Ada Lovelace", "ada@example.org")
    }
    fn erased(change: Change, own: bool) -> Change {
        let eraser = Eraser::new(&[Address::parse("ada@example.org").unwrap()], &["Ada Lovelace".into()], 1);
        let (session, mail) = (SessionKey { summit: "s".into(), number: 1 }, MessageId::parse("<a@b>").unwrap());
        let fact = Fact { position: 5, session, change, mail, at: Timestamp::UNIX_EPOCH, line: Some(3) };
        let after = super::fact(&fact, own, &eraser);
        assert_eq!((after.position, &after.session, &after.mail, after.line), (5, &fact.session, &fact.mail, Some(3)));
        after.change
    }
    fn nobody() -> Person {
        person("[erased]", "erased-1@erased.invalid")
    }

    #[test]
    fn a_session_keeps_its_title_and_loses_its_hosts_words() {
        let proposal = Proposal {
            title: "Console".into(),
            hosts: vec![
                Host { person: ada(), affiliation: Some("ACME".into()) },
                Host { person: person("Grace", "grace@example.org"), affiliation: Some("Navy".into()) },
            ],
            description: "I would like to".into(),
            agenda: vec!["this".into()],
            required: vec![Person::named("Lovelace, Ada")],
            ..Proposal::default()
        };
        let root = MessageId::parse("<a@b>").unwrap();
        let change = Change::Proposed { root, author: ada(), proposal, repairs: vec!["her words".into()] };
        let Change::Proposed { author, proposal, repairs, .. } = erased(change, false) else { panic!("the same kind") };
        assert_eq!((author, proposal.title.as_str(), proposal.description.as_str()), (nobody(), "Console", "[erased]"));
        assert_eq!((&proposal.hosts[0].person, &proposal.hosts[0].affiliation), (&nobody(), &None));
        assert_eq!(proposal.hosts[1].affiliation.as_deref(), Some("Navy"));
        assert_eq!((proposal.required, proposal.agenda.len(), repairs.len()), (vec![nobody()], 0, 0));
    }

    #[test]
    fn words_of_hers_go_and_words_about_her_are_marked() {
        let suggested = |author: Person| Change::Suggested { author, text: "Ask Ada Lovelace, please".into() };
        assert_eq!(erased(suggested(ada()), true), Change::Suggested { author: nobody(), text: "[erased]".into() });
        let grace = person("Grace", "grace@example.org");
        let marked = Change::Suggested { author: grace.clone(), text: "Ask [erased], please".into() };
        assert_eq!(erased(suggested(grace), false), marked);
        let comes = |person: Person, note: Option<&str>| Change::Attendance {
            person,
            mode: Mode::Remote,
            note: note.map(str::to_owned),
            basis: Basis::Explicit,
        };
        assert_eq!(erased(comes(ada(), Some("I am ill")), true), comes(nobody(), None));
        let withdrawn = |why: &str| Change::Withdrawn { why: Some(why.into()) };
        assert_eq!(erased(withdrawn("I am ill"), true), withdrawn("[erased]"));
        assert_eq!(erased(withdrawn("no time"), false), withdrawn("no time"));
    }

    #[test]
    fn notes_stay_with_marks_whoever_took_them() {
        let notes = Notes {
            text: "Ada Lovelace agreed.".into(),
            participants: vec![Person::named("Ada Lovelace"), Person::named("Grace")],
            actions: vec![Action { owner: Some(ada()), text: "mail ada@example.org".into(), done: false }],
            decisions: vec!["off by default".into()],
            ..Notes::default()
        };
        let source = MessageId::parse("<n@b>").unwrap();
        let noted = Change::Noted { source, author: ada(), notes, complete: true, corrects: None };
        let Change::Noted { author, notes, .. } = erased(noted, true) else { panic!("the same kind") };
        assert_eq!((author, notes.text.as_str(), &notes.participants[0]), (nobody(), "[erased] agreed.", &nobody()));
        assert_eq!(notes.actions[0].owner, Some(nobody()));
        assert_eq!((notes.actions[0].text.as_str(), notes.decisions.len()), ("mail erased-1@erased.invalid", 1));
    }
}
