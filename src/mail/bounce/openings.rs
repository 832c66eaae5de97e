//! How bounces begin, and people do not: for mail that bears no sign of a mail system but its words. All in lower case.

use crate::mail::glance::Glance;
use std::sync::LazyLock;

/// How the subjects of bounces begin, behind tags.
const SUBJECTS: [&str; 62] = [
    "undeliver",
    "unable to deliver",
    "unzustellbar",
    "returned mail",
    "returned to sender",
    "returning message to sender",
    "delivery failure",
    "delivery_failure",
    "delivery failed",
    "delivery error",
    "delivery problem",
    "delivery status",
    "delivery notification",
    "delivery report",
    "delivery delayed",
    "delivery has failed",
    "delivery of your m",
    "delayed mail",
    "mail delivery",
    "mail delayed",
    "mail failure",
    "mail failed",
    "mail error",
    "mail system error",
    "mail returned",
    "mail could not be delivered",
    "mail not delivered",
    "message not delivered",
    "message could not be delivered",
    "message delivery",
    "message undeliverable",
    "message status - undeliverable",
    "permanent delivery failure",
    "permanent failure",
    "failure notice",
    "failure delivery",
    "failed delivery",
    "failed mail",
    "email delivery failure",
    "non-delivery",
    "non delivery",
    "nondelivery",
    "nondeliverable",
    "non-deliverable",
    "notice: mail delivery status",
    "warning: could not send",
    "warning: delayed mail",
    "warning: mail delay",
    "warning: message",
    "unknown user",
    "user unknown",
    "nicht zustellbar",
    "zustellung fehlgeschlagen",
    "non remis",
    "échec de la remise",
    "non recapitabile",
    "mancato recapito",
    "no se puede entregar",
    "mensaje no entregado",
    "não entregue",
    "onbestelbaar",
    "недоставленное сообщение",
];
static GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(SUBJECTS));
/// What stands within or at the end of the subject instead.
const SUBJECT_PARTS: [&str; 4] = ["(delivery failed)", "- user unknown", ": user unknown", "退信"];

/// Is this what a mail system calls a bounce? A person who answers or forwards one does not begin like this.
pub fn is_failure_subject(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    let mut title = lower.trim_start();
    while let Some((_, rest)) = title.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        title = rest.trim_start();
    }
    GLANCE.may_begin(title) && SUBJECTS.iter().any(|start| title.starts_with(start))
        || SUBJECT_PARTS.iter().any(|part| lower.contains(part))
}

/// How people write, and mail systems that bear no other sign do not: a greeting, "I", a question.
pub fn is_personal(line: &str) -> bool {
    const GREETINGS: [&str; 9] = ["hi", "hello", "hey", "dear", "folks", "all", "hallo", "bonjour", "hola"];
    const FIRST_PERSON: [&str; 9] = ["i", "i'm", "i've", "my", "me", "ich", "mein", "je", "yo"];
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).peekable();
    words.peek().is_some_and(|word| GREETINGS.contains(word))
        || words.any(|word| FIRST_PERSON.contains(&word))
        || line.trim_end().ends_with('?')
}
