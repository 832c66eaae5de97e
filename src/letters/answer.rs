//! The private answers: to the author of a mail that asked for something, and to the author of a mail that somebody
//! else made a session.

use super::compose::{Draft, Seal};
use super::wrap::{cut, printable};
use super::{LetterKind, Outgoing, rendered, sentences, when};
use crate::clock::Timestamp;
use crate::grammar::{Host, Proposal};
use crate::mail::Mail;
use crate::session::{Answer, Decision, Item, Summit};
use askama::Template;

#[derive(Template)]
#[template(path = "answer.txt")]
struct AnswerText<'a> {
    name: String,
    opened: Vec<Opened>,
    repairs: Vec<String>,
    done: Vec<(String, String)>,
    errors: Vec<ErrorLine>,
    which: Option<Which>,
    /// Whether to show how to change what was recorded.
    changes: bool,
    robot: &'a str,
    summit: &'a str,
}

struct Opened {
    head: String,
    rows: Vec<(&'static str, String)>,
    alike: Option<String>,
}

struct ErrorLine {
    source: String,
    reason: String,
    hint: String,
}

struct Which {
    title: String,
    candidates: Vec<(String, String)>,
    example: String,
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

/// The longest piece of the author's own mail that an answer repeats.
const LONGEST_SOURCE: usize = 200;

/// The letters that follow from one decision.
pub fn letters(mail: &Mail, decision: &Decision, summit: &Summit, seal: &Seal, now: Timestamp) -> Vec<Outgoing> {
    let answer = decision.answer.as_ref().and_then(|answer| self::answer(mail, answer, summit, seal, now));
    answer.into_iter().chain(courtesy(mail, decision, summit, seal, now)).collect()
}

fn answer(mail: &Mail, answer: &Answer, summit: &Summit, seal: &Seal, now: Timestamp) -> Option<Outgoing> {
    let mut text = AnswerText {
        name: printable(mail.author.person().label()),
        opened: Vec::new(),
        repairs: answer.repairs.iter().map(|repair| at_line(repair.line, &repair.text)).collect(),
        done: Vec::new(),
        errors: Vec::new(),
        which: None,
        changes: false,
        robot: &seal.policy.robot_name,
        summit: &summit.name,
    };
    let mut items: Vec<&Item> = answer.items.iter().collect();
    // As the author wrote them.
    items.sort_by_key(|item| item.line());
    for item in items {
        add(&mut text, item, summit);
    }
    let errors = answer.items.iter().filter(|item| item.is_error()).count();
    let kind = if text.which.is_some() { LetterKind::WhichSession } else { LetterKind::Answer };
    let held = answer.items.iter().any(|item| matches!(item, Item::Held { .. }));
    let note = match errors {
        0 => String::new(),
        1 if held => " (a proposal?)".into(),
        _ if kind == LetterKind::WhichSession && errors == 1 => " (which session?)".into(),
        1 => " (1 line not done)".into(),
        n => format!(" ({n} lines not done)"),
    };
    let subject = format!("Re: {}{note}", without_reply_prefix(&mail.subject));
    // A mail without References hands on its one In-Reply-To (RFC 5322 §3.6.4).
    let mut references = match (mail.references.as_slice(), mail.in_reply_to.as_slice()) {
        ([], [one]) => vec![one.clone()],
        (references, _) => references.to_vec(),
    };
    references.push(mail.message_id.clone());
    seal.seal(Draft {
        kind,
        cause: mail.message_id.as_str(),
        summit: &summit.slug,
        to: mail.author.person(),
        to_list: false,
        subject,
        in_reply_to: Some(&mail.message_id),
        references,
        body: rendered(&text),
        date: now,
    })
}

fn add(text: &mut AnswerText, item: &Item, summit: &Summit) {
    match item {
        Item::Opened { session, proposal, alike } => {
            text.changes = true;
            text.opened.push(Opened {
                head: format!("your proposal is recorded as {session}:"),
                rows: rows(proposal, summit),
                alike: alike.as_ref().map(ToString::to_string),
            });
        }
        Item::Revised { session, title } => {
            let head = format!("the revision of {session}, \"{}\", is recorded.", printable(title));
            text.opened.push(Opened { head, rows: Vec::new(), alike: None });
        }
        Item::Done { session, ask } => {
            text.done.push((source(&ask.source), sentences::done(session, ask, &summit.zone)));
        }
        Item::Refused { source: line, refusal, .. } => {
            let (reason, hint) = sentences::refusal(refusal);
            text.errors.push(ErrorLine { source: source(line), reason, hint });
        }
        Item::NotUnderstood(complaint) => text.errors.push(ErrorLine {
            source: source(&complaint.source),
            reason: printable(&complaint.reason),
            hint: complaint.hint.clone(),
        }),
        Item::Held { title, of } => {
            let (reason, hint) = sentences::held(of.as_ref());
            text.errors.push(ErrorLine { source: source(title), reason, hint });
        }
        Item::WhichSession { title, candidates } => {
            let candidates: Vec<(String, String)> =
                candidates.iter().map(|(key, title)| (key.to_string(), cut(&printable(title), 60))).collect();
            let example = candidates.first().map_or_else(|| "S-7".into(), |(id, _)| id.clone());
            text.which = Some(Which { title: printable(title), candidates, example });
        }
    }
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

fn source(line: &str) -> String {
    cut(&printable(line), LONGEST_SOURCE)
}

fn without_reply_prefix(subject: &str) -> &str {
    let mut rest = subject.trim();
    while rest.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("re:")) {
        rest = rest[3..].trim_start();
    }
    rest
}
