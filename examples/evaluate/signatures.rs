//! Signatures (DKIM) and seals (ARC): a hit is the verdict that the vectors' authors expect. For a signature over a part
//! of the text (`l=`), which they take and we refuse on purpose, a hit is the refusal.

use crate::data::{self, Data};
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::mail::dkim::{self, Answer, Answers, Chain, Flaw};
use serde_json::Value;
use std::fmt::Debug;

/// What the DNS of the vectors cannot tell, it may not be asked for: their keys stand beside them.
const VECTORS: &str = "auth/arc-test-suite/files/tests/arc-draft-validation-tests.yml";
const MAILS: [(&str, &str); 2] =
    [("dkim", "auth/mailauth-stalwart/files/dkim"), ("arc", "auth/mailauth-stalwart/files/arc")];

pub fn measure(data: &Data) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for set in data.sets("dkim")? {
        let mut results = Vec::new();
        // A case without records of its own uses those of the others.
        let shared: Vec<&str> = set.cases.iter().filter_map(|case| case["dns"].as_str()).collect();
        for case in &set.cases {
            let shared = shared.iter().rev().flat_map(|text| records(text)).collect();
            let answers = case["dns"].as_str().map_or(shared, records);
            results.push(signatures(case, &data.input(case)?, answers));
        }
        rows.push(Row::hits(set.name, Goal::Percent(100.0), results));
    }
    rows.push(match data.path(VECTORS).exists() {
        true => {
            Row::hits("arc_validation", Goal::Percent(100.0), seals(&String::from_utf8_lossy(&data.read(VECTORS)?)))
        }
        false => Row::missing("arc_validation"),
    });
    for (kind, folder) in MAILS {
        let mut results = Vec::new();
        for path in data.files(folder)? {
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            results.push(whole(kind, &path.display().to_string(), &text));
        }
        let name = format!("{kind}_mailauth");
        rows.push(if results.is_empty() { Row::missing(name) } else { Row::hits(name, Goal::Percent(100.0), results) });
    }
    Ok(rows)
}

fn judged<T: PartialEq + Debug>(case: &str, expected: &T, got: &T) -> Result<(), Miss> {
    if expected == got {
        return Ok(());
    }
    Err(Miss { case: case.to_owned(), expected: format!("{expected:?}"), got: format!("{got:?}") })
}

/// `name: record`, lines that end in a backslash go on; TEMPERROR and PERMERROR for what the DNS does not say.
fn records(text: &str) -> Answers {
    let mut answers = Answers::new();
    for line in text.replace("\\\n", "").lines() {
        let Some((name, record)) = line.split_once(':') else { continue };
        let known = answers.entry(name.trim().to_owned()).or_insert(Answer::Found(Vec::new()));
        match (record.trim(), known) {
            ("TEMPERROR", known) => *known = Answer::Unknown,
            ("PERMERROR", known) => *known = Answer::Nothing,
            (record, Answer::Found(records)) => records.push(record.to_owned()),
            _ => {}
        }
    }
    answers
}

fn signatures(case: &Value, raw: &[u8], mut answers: Answers) -> Result<(), Miss> {
    for name in dkim::wanted(raw) {
        answers.entry(name).or_insert(Answer::Nothing);
    }
    let results = case["expect"]["result"]["Results"].as_array().into_iter().flatten();
    let expected: Vec<&str> = results
        .map(|result| match (result["State"].as_str(), result["SignatureHeader"].as_str()) {
            (Some("SUCCESS"), Some(header)) if !header.contains("l=") => "holds",
            (Some("TEMPFAIL"), _) => "unknown",
            _ => "broken",
        })
        .collect();
    let judged_each = dkim::each(raw, &answers, Timestamp::UNIX_EPOCH);
    let got: Vec<&str> = judged_each
        .iter()
        .map(|one| match one {
            Ok(_) => "holds",
            Err(Flaw::Unknown(_)) => "unknown",
            Err(Flaw::Broken(_)) => "broken",
        })
        .collect();
    judged(data::name(case), &expected, &got).map_err(|miss| Miss { got: format!("{judged_each:?}"), ..miss })
}

/// The vectors are YAML of one shape: documents of tests, and the records for them.
fn seals(text: &str) -> Vec<Result<(), Miss>> {
    let mut results = Vec::new();
    for document in text.split("\n---") {
        let (tests, records) = document.split_once("\ntxt-records:").unwrap_or((document, ""));
        let answers = folded(records);
        // A name at two columns, its mail at six.
        let mut name = "";
        let (mut mail, mut inside) = (String::new(), false);
        for line in tests.lines() {
            let indent = line.len() - line.trim_start().len();
            match (indent, line.trim().split_once(':')) {
                (2, Some((test, _))) => name = test,
                (4, Some(("message", _))) => (mail, inside) = (String::new(), true),
                (4, Some(("cv", verdict))) => {
                    inside = false;
                    let got = match dkim::chain(mail.as_bytes(), &answers) {
                        Chain::None => "None",
                        Chain::Pass => "Pass",
                        Chain::Fail(_) => "Fail",
                    };
                    // Where the authors leave it open, so do we.
                    if !matches!(verdict.trim(), "|" | "") {
                        results.push(judged(name, &verdict.trim(), &got));
                    }
                }
                (4, Some(_)) => inside = false,
                _ if inside => mail.extend([line.get(6..).unwrap_or_default(), "\n"]),
                _ => {}
            }
        }
    }
    results
}

fn folded(records: &str) -> Answers {
    let mut answers = Answers::new();
    let mut name = String::new();
    for line in records.lines() {
        match line.strip_prefix("  ").and_then(|line| line.split_once(':')).filter(|(name, _)| !name.starts_with(' ')) {
            Some((new, _)) => name = new.trim().to_ascii_lowercase(),
            None if line.starts_with("    ") => {
                if let Answer::Found(records) =
                    answers.entry(name.clone()).or_insert(Answer::Found(vec![String::new()]))
                {
                    records[0].push_str(line.trim_start());
                }
            }
            None => {}
        }
    }
    answers
}

/// Keys, an empty line, and a mail in which every signature holds, or its chain.
fn whole(kind: &str, case: &str, text: &str) -> Result<(), Miss> {
    let (keys, mail) = text.split_once("\n\n").unwrap_or((text, ""));
    let record = |line: &str| {
        let (name, record) = line.split_once(' ')?;
        Some((name.trim_end_matches('.').to_ascii_lowercase(), Answer::Found(vec![record.to_owned()])))
    };
    let answers: Answers = keys.lines().filter_map(record).collect();
    match kind {
        "arc" => judged(case, &Chain::Pass, &dkim::chain(mail.as_bytes(), &answers)),
        _ => {
            let each = dkim::each(mail.as_bytes(), &answers, Timestamp::UNIX_EPOCH);
            let broken: Vec<_> = each.iter().filter(|one| one.is_err()).collect();
            judged(case, &Vec::new(), &broken)
        }
    }
}
