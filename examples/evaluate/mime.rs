//! Subject and text, against the golden output of another reader of MIME.
//!
//! Compared as far as the two mean the same: the decoded subject, and the letters of the first text part, or of all that
//! the other reader counts to the text, white space and invisible characters aside. A mail without a plain text part is
//! compared by its subject alone.

use crate::data::{self, Data};
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::mail::{self, Mail};
use serde_json::Value;

pub fn measure(data: &Data) -> anyhow::Result<Vec<Row>> {
    let sets = data.sets("mime")?;
    if sets.is_empty() {
        return Ok(vec![Row::missing("mime_*")]);
    }
    let mut rows = Vec::new();
    for set in sets {
        let (mut subjects, mut texts) = (Vec::new(), Vec::new());
        for case in &set.cases {
            let Some(file) = case["expect_file"].as_str() else { continue };
            let golden: Value = serde_json::from_slice(&data.read(file)?)?;
            let mail = mail::read(&data.input(case)?, Timestamp::now());
            subjects.push(compare(case, &[subject(&golden)], &mail.subject));
            let parts = text_parts(&golden);
            if let Some(Some(first)) = parts.first() {
                let all = parts.iter().flatten().map(String::as_str).collect();
                texts.push(compare(case, &[first.clone(), all], &whole(&mail)));
            }
        }
        rows.push(Row::hits(format!("{}, subject", set.name), Goal::Open, subjects));
        rows.push(Row::hits(format!("{}, text", set.name), Goal::Open, texts));
    }
    Ok(rows)
}

fn compare(case: &Value, either: &[String], got: &str) -> Result<(), Miss> {
    if either.iter().any(|expected| letters(expected) == letters(got)) {
        return Ok(());
    }
    let (case, expected) = (data::name(case).to_owned(), format!("{:?}", either[0]));
    Err(Miss { case, expected, got: format!("{got:?}") })
}

fn subject(golden: &Value) -> String {
    let headers = golden["parts"][0]["headers"].as_array().into_iter().flatten();
    let mut subjects = headers.filter(|header| header["name"] == "subject");
    subjects.find_map(|header| header["value"]["Text"].as_str()).unwrap_or("").to_owned()
}

/// The parts of the text, each when it is text.
fn text_parts(golden: &Value) -> Vec<Option<String>> {
    let ids = golden["text_body"].as_array().into_iter().flatten().filter_map(Value::as_u64);
    let part = |id: u64| golden["parts"][usize::try_from(id).ok()?]["body"]["Text"].as_str().map(str::to_owned);
    ids.map(part).collect()
}

fn whole(mail: &Mail) -> String {
    mail.text.lines().map(|line| line.text).collect::<Vec<_>>().join("\n")
}

fn letters(text: &str) -> String {
    let seen = |c: &char| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}');
    text.chars().filter(seen).collect()
}
