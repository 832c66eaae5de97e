//! What somebody is told because they asked the program itself: the page of help, the table of sessions, how one of them
//! or one's own matters stand.

use super::answer::hosts;
use super::compose::Seal;
use super::transcript::excerpt;
use super::wrap::{WIDTH, cut, fit, printable};
use super::{rendered, sentences, when};
use crate::clock::Timestamp;
use crate::grammar::Mode;
use crate::mail::Person;
use crate::session::decide::Told;
use crate::session::{Item, Session, Status, Summit};
use askama::Template;

#[derive(Template)]
#[template(path = "help.txt")]
struct HelpText<'a> {
    robot: &'a str,
    summit: &'a str,
    list: &'a str,
    tag: &'a str,
    notes: &'a str,
}

/// The longest piece of somebody's words in a row.
const LONGEST: usize = 200;

/// The piece of an answer that an item is, when somebody asked the program itself.
pub fn told(item: &Item, summit: &Summit, seal: &Seal, now: Timestamp) -> Option<String> {
    let Item::Told { source, told, .. } = item else { return None };
    let robot = seal.policy.robot.as_str();
    let below = |sentence: String| format!("> {}\n  {sentence}\n", excerpt(source, "").0);
    Some(match told {
        Told::Help => help(summit, robot),
        Told::Sessions(sessions) => table(sessions, summit, now),
        Told::Session(session) => one(session, summit, seal, now),
        Told::Mine { person, sessions, summit } => mine(person, sessions, summit.as_deref(), now),
        Told::Muted => below(sentences::muted(robot)),
        Told::Unmuted => below(sentences::unmuted()),
    })
}

fn help(summit: &Summit, robot: &str) -> String {
    let words = &summit.vocabulary;
    rendered(&HelpText {
        robot,
        summit: &summit.name,
        list: summit.lists.first().map_or("the list", |list| list.as_str()),
        tag: words.proposal_tags.first().map_or("DESIGN SESSION", String::as_str),
        notes: words.outcome_tags.first().map_or("NOTES", String::as_str),
    })
}

// Columns of the table; with two blanks behind the title and the status they fill the width of a letter.
const ID: usize = 6;
const TITLE: usize = 36;
const STATUS: usize = 9;
const HOSTS: usize = WIDTH - ID - TITLE - STATUS - 4;

fn table(sessions: &[Session], summit: &Summit, now: Timestamp) -> String {
    if sessions.is_empty() {
        return format!("the {} has no sessions yet.", summit.name);
    }
    let row = |session: &Session| {
        let columns = [
            fit(&session.key.to_string(), ID),
            fit(&printable(session.title()), TITLE) + "  ",
            fit(session.status(now).name(), STATUS) + "  ",
            fit(&hosts(&session.proposal.hosts), HOSTS),
        ];
        columns.concat().trim_end().to_owned() + "\n"
    };
    let rows: String = sessions.iter().map(row).collect();
    format!("the sessions of the {}:\n\n{rows}", summit.name)
}

fn one(session: &Session, summit: &Summit, seal: &Seal, now: Timestamp) -> String {
    let people = |mode: Mode| session.attendance.iter().filter(|said| said.value.mode == mode).count();
    let (here, remote, maybe) = (people(Mode::InPerson), people(Mode::Remote), people(Mode::Maybe));
    let mut rows = vec![("Status", status(session, now))];
    rows.push(("Hosts", hosts(&session.proposal.hosts)));
    rows.extend(session.proposal.track.as_deref().map(|track| ("Track", printable(track))));
    rows.extend(session.slot.as_ref().map(|slot| ("Slot", printable(&when::slot(slot, &summit.zone)))));
    rows.push(("Interest", session.interest.len().to_string()));
    rows.push(("Attendance", format!("{here} in person, {remote} remotely, {maybe} perhaps")));
    rows.push(("Suggestions", session.suggestions.len().to_string()));
    let notes = session.outcomes.iter().map(|outcome| printable(outcome.value.author.label()));
    rows.extend(notes.map(|author| ("Notes", format!("by {author}"))));
    for (number, action) in session.actions().filter(|(_, action)| !action.done) {
        let owner = action.owner.as_ref().map_or("nobody yet".into(), |owner| printable(owner.label()));
        rows.push(("Open", format!("{number}. {owner}: {}", cut(&printable(&action.text), LONGEST))));
    }
    rows.extend(seal.policy.permalink(summit, &session.root, &Default::default()).map(|link| ("Link", link)));
    format!("{}, \"{}\":\n\n{}", session.key, printable(session.title()), lines(&rows))
}

fn status(session: &Session, now: Timestamp) -> String {
    match session.status(now) {
        Status::Merged(into) => format!("merged into S-{into}"),
        Status::Withdrawn(Some(why)) => format!("withdrawn ({})", cut(&printable(why), LONGEST)),
        Status::Rejected(Some(why)) => format!("rejected ({})", cut(&printable(why), LONGEST)),
        status => status.name().to_owned(),
    }
}

fn mine(person: &Person, sessions: &[Session], summit: Option<&Session>, now: Timestamp) -> String {
    let named = |session: &Session| format!("{}, \"{}\"", session.key, printable(session.title()));
    let mut rows = Vec::new();
    for session in sessions.iter().filter(|s| person.address.as_ref().is_some_and(|address| s.is_host(address))) {
        rows.push(("You host", format!("{} ({})", named(session), session.status(now).name())));
    }
    for session in sessions {
        for said in session.attendance.iter().filter(|said| said.value.person.is(person)) {
            rows.push(("Attendance", format!("{}: you {}", named(session), sentences::mode(said.value.mode))));
        }
    }
    for session in sessions {
        let own = |action: &crate::grammar::Action| action.owner.as_ref().is_some_and(|owner| owner.is(person));
        for (number, action) in session.actions().filter(|(_, action)| !action.done && own(action)) {
            let text = cut(&printable(&action.text), LONGEST);
            rows.push(("To do", format!("{}, action {number}: {text}", session.key)));
        }
    }
    for session in summit.into_iter().chain(sessions) {
        let own = session.subscriptions.iter().filter(|said| said.value.person.is(person));
        rows.extend(own.map(|said| ("You get", sentences::capital(&sentences::sent(&session.key, said.value.report)))));
    }
    match rows.is_empty() {
        true => "you host no session, have not said where you come, and have nothing to do.".into(),
        false => format!("this is known of you:\n\n{}", lines(&rows)),
    }
}

fn lines(rows: &[(&str, String)]) -> String {
    rows.iter().map(|(label, value)| format!("    {label:<12}{value}\n")).collect()
}
