//! A database's content as text for people: a block for each session, a line for each mail and each letter.

use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::replay::export;
use rapporteur::mail::Person;
use rapporteur::mail::end::name;
use rapporteur::pages::json::{Export, LetterJson, MailJson, SessionJson, SubscriptionJson};
use rapporteur::store::Store;
use std::fmt::Write;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub sessions: String,
    pub mails: Vec<String>,
    pub letters: Vec<String>,
}

impl Account {
    pub async fn of(store: &Store, config: &Config, now: Timestamp) -> Result<Account, String> {
        let export: Export = export(store, config, now).await.map_err(|error| error.to_string())?;
        let mut sessions = String::new();
        for summit in &export.summits {
            summit.sessions.iter().for_each(|session| sessions.push_str(&block(session)));
            for said in &summit.attendance {
                let note = said.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                let (who, mode) = (person(&said.person), name(said.mode));
                writeln!(sessions, "attends {}: {who} {mode}{note} [{}]", summit.slug, said.message_id)
                    .expect("memory");
            }
            for said in &summit.subscriptions {
                let (who, sent) = (person(&said.person), sent(said));
                writeln!(sessions, "sent {} of {}: {who} [{}]", sent, summit.slug, said.message_id).expect("memory");
            }
            for notes in &summit.unclaimed {
                let perhaps = notes.candidates.join(", ");
                writeln!(sessions, "unclaimed \"{}\" [{}]: perhaps {perhaps}", notes.subject, notes.message_id)
                    .expect("memory");
            }
        }
        let letters = export.outgoing.iter().map(letter).collect();
        Ok(Account { sessions, mails: export.mail.iter().map(mail).collect(), letters })
    }

    /// The `state` file of a story.
    pub fn text(&self) -> String {
        let (mails, letters) = (self.mails.join("\n"), self.letters.join("\n"));
        format!("{}\nMails\n{mails}\n\nLetters\n{letters}\n", self.sessions)
    }
}

/// A state without what a second delivery of the same mails adds.
pub fn without_duplicates(state: &str) -> String {
    let mut seen = std::collections::HashSet::new();
    let (mails, letters) = state.split_once("\nLetters\n").unwrap_or((state, ""));
    let (sessions, mails) = mails.split_once("\nMails\n").unwrap_or((mails, ""));
    let mails = mails.lines().filter(|mail| !mail.contains("duplicate: ") && seen.insert(*mail));
    format!("{sessions}\nMails\n{}\nLetters\n{letters}", mails.collect::<Vec<_>>().join("\n"))
}

fn block(session: &SessionJson) -> String {
    let mut text = format!("{} {}: {}\n", session.id, session.status, session.title);
    let mut line = |name: &str, value: String| writeln!(text, "    {name:<12}{value}").expect("memory");
    line("mail", session.message_id.to_string());
    line("submitted", session.submitted.to_string());
    for host in &session.hosts {
        let person = person(&Person { name: host.name.clone(), address: host.address.clone() });
        line("host", with(person, host.affiliation.as_ref().map(|at| format!("({at})"))));
    }
    session
        .claims
        .iter()
        .for_each(|claim| line("claimed by", format!("{} [{}]", person(&claim.person), claim.message_id)));
    session
        .subscriptions
        .iter()
        .for_each(|said| line("sent", format!("{} to {} [{}]", sent(said), person(&said.person), said.message_id)));
    session.undone_by.iter().for_each(|by| line("undone by", by.to_string()));
    session.before.iter().for_each(|before| line("before", format!("{} {}", before.summit, before.id)));
    session.parts.iter().for_each(|part| line("with", part.clone()));
    if let Some(outcome) = &session.outcome {
        let until = outcome.until.map(|until| format!(" {until}")).unwrap_or_default();
        line("outcome", format!("{}{until}", outcome.state));
        for (what, word) in outcome
            .objections
            .iter()
            .map(|word| ("", word))
            .chain(outcome.settled.iter().map(|word| ("settled by ", word)))
        {
            let text = word.text.as_deref().unwrap_or("no reason");
            line("", format!("{what}{}: {text} [{}]", person(&word.person), word.message_id));
        }
    }
    session.merged_into.iter().for_each(|into| line("merged into", into.clone()));
    session.track.iter().for_each(|track| line("track", track.clone()));
    if let Some(slot) = &session.schedule {
        let times = [slot.start, slot.end].into_iter().flatten().map(|time| time.to_string());
        let rest = [slot.room.clone(), slot.url.clone()].into_iter().flatten();
        line("slot", times.chain(rest).collect::<Vec<_>>().join(", "));
    }
    session.duration.iter().for_each(|minutes| line("minutes", minutes.to_string()));
    line("description", one_line(&session.description));
    session.agenda.iter().for_each(|point| line("agenda", point.clone()));
    session.expected_outcomes.iter().for_each(|aims| line("aims", one_line(aims)));
    for said in &session.interest {
        line(
            "interest",
            format!("{}: {}, {} [{}]", person(&said.person), name(said.level), name(said.basis), said.message_id),
        );
    }
    for said in &session.attendance {
        let note = said.note.as_ref().map(|note| format!("({note})"));
        let mode = with(name(said.mode), note);
        line("attends", format!("{}: {mode}, {} [{}]", person(&said.person), name(said.basis), said.message_id));
    }
    for said in &session.suggestions {
        line("suggestion", format!("{}: {} [{}]", person(&said.author), one_line(&said.text), said.message_id));
    }
    for said in &session.references {
        line("reference", format!("{} {} [{}]", said.kind, said.url, said.message_id));
    }
    session.scribes.iter().for_each(|scribe| line("scribe", person(scribe)));
    for outcome in &session.outcomes {
        line("notes", format!("{}: {} [{}]", person(&outcome.author), one_line(&outcome.notes), outcome.message_id));
        outcome.participants.iter().for_each(|who| line("", format!("participant {}", person(who))));
        outcome.decisions.iter().for_each(|decision| line("", format!("decision {}", decision.text)));
        for action in &outcome.actions {
            let owner = action.owner.as_ref().map_or_else(|| "nobody".to_owned(), person);
            line("", format!("action {owner}: {}{}", action.text, if action.done { " (done)" } else { "" }));
        }
    }
    session.repairs.iter().for_each(|repair| line("repaired", repair.clone()));
    text.push('\n');
    text
}

fn mail(mail: &MailJson) -> String {
    let sessions = if mail.session.is_empty() { String::new() } else { format!("{} ", mail.session.join(" ")) };
    let (end, kind, reason) = (name(mail.end), name(mail.kind), name(mail.reason));
    format!("{} {sessions}{end} {kind}, {reason}: {}", mail.message_id, mail.detail)
}

fn letter(letter: &LetterJson) -> String {
    let to: Vec<&str> = letter.to.iter().map(|address| address.as_str()).collect();
    format!("{} {} to {}: {}", name(letter.status), name(letter.kind), to.join(", "), letter.subject)
}

fn person(person: &Person) -> String {
    match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(name), None) => name.clone(),
        (None, Some(address)) => format!("<{address}>"),
        (None, None) => "nobody".into(),
    }
}

fn sent(said: &SubscriptionJson) -> String {
    said.report.map_or_else(|| "all".into(), name)
}

fn with(text: String, more: Option<String>) -> String {
    more.map_or(text.clone(), |more| format!("{text} {more}"))
}

/// Lines joined by `/`, empty ones between two.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" / ")
}
