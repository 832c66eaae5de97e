//! What whole mails are that people wrote about sessions: calls, proposals, agendas, notes.

use crate::data::Data;
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::grammar;
use rapporteur::mail::{self, Kind};

/// The first words of a `Kind:` line, and what we may call such a mail.
const KINDS: [(&str, &[Kind]); 9] = [
    ("CALL FOR", &[Kind::Call]),
    ("PRE-PROPOSAL", &[Kind::Discussion, Kind::Reply]),
    ("PROPOSAL", &[Kind::Proposal, Kind::Revision]),
    ("REVISION", &[Kind::Revision]),
    ("ATTENDANCE", &[Kind::Attend]),
    ("OUTCOME", &[Kind::Outcome]),
    ("AGENDA", &[Kind::Agenda]),
    ("SCHEDULE", &[Kind::Agenda]),
    // Somebody wishes for a session, or it is no mail at all: nothing may come of it by itself.
    ("", &[Kind::Discussion, Kind::Reply]),
];

pub fn measure(data: &Data, config: &Config) -> anyhow::Result<Vec<Row>> {
    let mut results = Vec::new();
    for path in data.files("session_mails")? {
        let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        let Some((top, raw)) = text.split_once("\n\n") else { continue };
        let Some(label) = top.lines().find_map(|line| line.strip_prefix("Kind:")) else { continue };
        let label = label.trim();
        let Some((_, fit)) = KINDS.iter().find(|(words, _)| label.starts_with(words)) else { continue };
        let mail = mail::read(raw.as_bytes(), Timestamp::now());
        let got = grammar::parse(&mail, &config.policy.summits[0].vocabulary).kind;
        let case = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let miss = Miss { case, expected: label.to_owned(), got: format!("{got:?}, {:?}", mail.subject) };
        results.push(if fit.contains(&got) { Ok(()) } else { Err(miss) });
    }
    Ok(vec![match results.is_empty() {
        true => Row::missing("session_mails"),
        false => Row::hits("session_mails, kind", Goal::Percent(100.0), results),
    }])
}
