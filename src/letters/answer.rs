//! The private answers: to the author of a mail that asked for something, and to the author of a mail that somebody
//! else made a session.

use super::compose::{Draft, Seal};
use super::told::told;
use super::transcript::{Transcript, excerpt};
use super::wrap::{cut, printable};
use super::{LetterKind, Outgoing, rendered, sentences, when};
use crate::clock::Timestamp;
use crate::grammar::private::{PLEASE, without_token};
use crate::grammar::{Host, Proposal, Token};
use crate::mail::{Address, Mail, MessageId, Person};
use crate::session::decide::Refusal;
use crate::session::waiting::{Asked, Held, expires};
use crate::session::{Answer, Decision, Item, Summit};
use askama::Template;

#[derive(Template)]
#[template(path = "answer.txt")]
struct AnswerText<'a> {
    name: String,
    /// Pages and tables, ready to print.
    told: Vec<String>,
    transcript: String,
    asks: Option<Asks>,
    /// Whether to show how to change what was recorded.
    changes: bool,
    /// Whether the answers to further mails are left out for a while.
    last: bool,
    robot: &'a str,
    summit: &'a str,
}

/// The question to the registered address.
struct Asks {
    head: String,
    lines: Vec<(String, String)>,
    robot: String,
    token: String,
    until: String,
}

#[derive(Template)]
#[template(path = "question.txt")]
struct QuestionText<'a> {
    name: String,
    asks: Asks,
    robot: &'a str,
    summit: &'a str,
}

#[derive(Template)]
#[template(path = "courtesy.txt")]
struct CourtesyText<'a> {
    name: &'a str,
    who: &'a str,
    id: String,
    title: String,
    robot: &'a str,
    summit: &'a str,
}

/// The letters that follow from one decision. The `last` answer of the author's day says that it is.
pub fn letters(
    mail: &Mail,
    decision: &Decision,
    last: bool,
    summit: &Summit,
    seal: &Seal,
    now: Timestamp,
) -> Vec<Outgoing> {
    let own = decision.asked.as_ref().filter(|asked| mail.author.address.as_ref() == Some(&asked.address));
    let answer = decision.answer.as_ref().and_then(|answer| self::answer(mail, answer, own, last, summit, seal, now));
    let elsewhere = decision.asked.as_ref().filter(|_| own.is_none());
    let question = elsewhere.and_then(|asked| question(mail, asked, summit, seal, now));
    answer.into_iter().chain(question).chain(courtesy(mail, decision, summit, seal, now)).collect()
}

/// `own` are the lines that wait for the word of the very address that is answered: they stand in the question.
fn answer(
    mail: &Mail,
    answer: &Answer,
    own: Option<&Asked>,
    last: bool,
    summit: &Summit,
    seal: &Seal,
    now: Timestamp,
) -> Option<Outgoing> {
    let pages = answer.items.iter().filter_map(|item| told(item, summit, seal, now)).collect::<Vec<_>>();
    let elsewhere =
        |item: &Item| matches!(item, Item::Told { .. }) || own.is_some() && matches!(item, Item::Waits { .. });
    let items: Vec<Item> = answer.items.iter().filter(|item| !elsewhere(item)).cloned().collect();
    let question = own.map(|asked| {
        // The greeting ends with a comma.
        let head = sentences::ask_author(asked.lines.len());
        let head = if items.is_empty() && pages.is_empty() { head } else { sentences::capital(&head) };
        (asked, head, seal.token(&mail.message_id, &asked.command_hash))
    });
    let token = question.as_ref().map(|(_, _, token)| token.clone());
    let text = AnswerText {
        name: printable(mail.author.person().label()),
        told: pages,
        transcript: Transcript::of(&Answer { items, repairs: answer.repairs.clone() }, summit).text(),
        asks: question.map(|(asked, head, token)| asks(asked, head, &token, summit, seal, now)),
        changes: answer.items.iter().any(|item| matches!(item, Item::Opened { .. })),
        last,
        robot: &seal.policy.robot_name,
        summit: &summit.name,
    };
    let errors = answer.items.iter().filter(|item| item.is_error()).count();
    let asks_which = answer.items.iter().any(|item| matches!(item, Item::WhichSession { .. }));
    let misdirected = |item: &Item| matches!(item, Item::Refused { refusal: Refusal::OnlyOnTheList, .. });
    let kind = match (&text.asks, asks_which) {
        (Some(_), _) => LetterKind::Confirm,
        (None, true) => LetterKind::WhichSession,
        (None, false) if answer.items.iter().all(misdirected) => LetterKind::Misdirected,
        (None, false) => LetterKind::Answer,
    };
    let held = answer.items.iter().any(|item| matches!(item, Item::Held { .. }));
    let note = match errors {
        0 if own.is_some() => format!(" {PLEASE})"),
        _ if own.is_some() => format!(" {PLEASE}; something is not done)"),
        0 => String::new(),
        1 if held => " (a proposal?)".into(),
        _ if kind == LetterKind::WhichSession && errors == 1 => " (which session?)".into(),
        1 => " (1 line not done)".into(),
        n => format!(" ({n} lines not done)"),
    };
    seal.seal(Draft {
        kind,
        cause: mail.message_id.as_str(),
        summit: &summit.slug,
        to: mail.author.person(),
        to_list: false,
        subject: format!("Re: {}{note}", without_reply_prefix(without_token(&mail.subject))),
        in_reply_to: Some(&mail.message_id),
        references: references(mail),
        token: token.as_ref(),
        body: rendered(&text),
        date: now,
    })
}

/// The question alone, when the mail came from another address than the one that is asked.
fn question(mail: &Mail, asked: &Asked, summit: &Summit, seal: &Seal, now: Timestamp) -> Option<Outgoing> {
    let token = seal.token(&mail.message_id, &asked.command_hash);
    let person = Person { name: mail.author.name.clone(), address: Some(asked.address.clone()) };
    let person = Person { name: seal.policy.people.acting(&person).name, ..person };
    let from = mail.author.address.as_ref().map_or("", Address::as_str);
    let head = sentences::ask_registered(from, &excerpt(&mail.subject, "").0);
    let text = QuestionText {
        name: printable(person.label()),
        asks: asks(asked, head, &token, summit, seal, now),
        robot: &seal.policy.robot_name,
        summit: &summit.name,
    };
    seal.seal(Draft {
        kind: LetterKind::Confirm,
        cause: mail.message_id.as_str(),
        summit: &summit.slug,
        to: person,
        to_list: false,
        subject: format!("Re: {} {PLEASE})", without_reply_prefix(without_token(&mail.subject))),
        in_reply_to: Some(&mail.message_id),
        references: references(mail),
        token: Some(&token),
        body: rendered(&text),
        date: now,
    })
}

fn asks(asked: &Asked, head: String, token: &Token, summit: &Summit, seal: &Seal, now: Timestamp) -> Asks {
    let line = |held: &Held| (excerpt(&held.source, "").0, sentences::waits(held));
    Asks {
        head,
        lines: asked.lines.iter().map(line).collect(),
        robot: seal.policy.robot.to_string(),
        token: token.as_str().to_owned(),
        until: when::moment(expires(now), &summit.zone),
    }
}

/// What an answer to a mail refers to.
fn references(mail: &Mail) -> Vec<MessageId> {
    // A mail without References hands on its one In-Reply-To (RFC 5322 §3.6.4).
    let mut references = match (mail.references.as_slice(), mail.in_reply_to.as_slice()) {
        ([], [one]) => vec![one.clone()],
        (references, _) => references.to_vec(),
    };
    references.push(mail.message_id.clone());
    references
}

/// What was understood of a proposal, row by row; what it doesn't say has no row.
pub fn rows(proposal: &Proposal, summit: &Summit) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Title", printable(&proposal.title))];
    let mut row = |label, value: Option<String>| rows.extend(value.filter(|v| !v.is_empty()).map(|v| (label, v)));
    row("Hosts", Some(hosts(&proposal.hosts)));
    row("Submitted", proposal.submitted.map(|date| date.strftime("%-d %B %Y").to_string()));
    row("Track", proposal.track.as_deref().map(printable));
    row("Slot", proposal.slot.as_ref().map(|slot| printable(&when::slot(slot, &summit.zone))));
    row("Duration", proposal.duration.map(|minutes| format!("{minutes} minutes")));
    row("Format", proposal.format.as_deref().map(printable));
    row(
        "Agenda",
        match proposal.agenda.len() {
            0 => None,
            1 => Some("1 point".into()),
            n => Some(format!("{n} points")),
        },
    );
    row("Outcomes", proposal.expected_outcomes.as_deref().map(|text| cut(&printable(text), 200)));
    row("References", Some(proposal.references.iter().map(|url| printable(url)).collect::<Vec<_>>().join(" ")));
    rows
}

/// `Ada Example, Rich Host (OpenXT)`
pub fn hosts(hosts: &[Host]) -> String {
    let one = |host: &Host| match &host.affiliation {
        Some(affiliation) => format!("{} ({})", printable(host.person.label()), printable(affiliation)),
        None => printable(host.person.label()),
    };
    hosts.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn courtesy(mail: &Mail, decision: &Decision, summit: &Summit, seal: &Seal, now: Timestamp) -> Option<Outgoing> {
    let (person, session, who) = decision.courtesy.as_ref()?;
    let title = decision.facts.iter().find_map(|fact| match &fact.change {
        crate::session::Change::Proposed { proposal, .. } => Some(printable(&proposal.title)),
        _ => None,
    })?;
    let name = printable(person.label());
    let who = printable(who);
    let text = CourtesyText {
        name: &name,
        who: &who,
        id: session.to_string(),
        title: title.clone(),
        robot: &seal.policy.robot_name,
        summit: &summit.name,
    };
    seal.seal(Draft {
        kind: LetterKind::Courtesy,
        cause: mail.message_id.as_str(),
        summit: &summit.slug,
        to: person.clone(),
        to_list: false,
        subject: format!("Your mail is now a session: {title}"),
        in_reply_to: Some(&mail.message_id),
        references: vec![mail.message_id.clone()],
        token: None,
        body: rendered(&text),
        date: now,
    })
}

/// `line 3: …`; the subject is line 0.
pub fn at_line(line: usize, text: &str) -> String {
    match line {
        0 => format!("subject: {}", printable(text)),
        n => format!("line {n}: {}", printable(text)),
    }
}

fn without_reply_prefix(subject: &str) -> &str {
    let mut rest = subject.trim();
    while rest.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("re:")) {
        rest = rest[3..].trim_start();
    }
    rest
}
