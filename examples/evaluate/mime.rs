//! Subject and text, against the golden output of another reader of MIME.
//!
//! Compared as far as the two mean the same: the decoded subject, and the letters of the first text part, white space
//! and invisible characters aside; what further parts add to our text comes behind it. A mail without a plain text part
//! is compared by its subject alone.

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
            subjects.push(compare(case, &subject(&golden), &mail.subject, str::eq));
            if let Some(expected) = text(&golden) {
                texts.push(compare(case, &expected, &whole(&mail), |ours, golden| ours.starts_with(golden)));
            }
        }
        rows.push(Row::hits(format!("{}, subject", set.name), Goal::Open, subjects));
        rows.push(Row::hits(format!("{}, text", set.name), Goal::Open, texts));
    }
    Ok(rows)
}

fn compare(case: &Value, expected: &str, got: &str, fits: impl Fn(&str, &str) -> bool) -> Result<(), Miss> {
    if fits(&letters(got), &letters(expected)) {
        return Ok(());
    }
    Err(Miss { case: data::name(case).to_owned(), expected: format!("{expected:?}"), got: format!("{got:?}") })
}

fn subject(golden: &Value) -> String {
    let headers = golden["parts"][0]["headers"].as_array().into_iter().flatten();
    let mut subjects = headers.filter(|header| header["name"] == "subject");
    subjects.find_map(|header| header["value"]["Text"].as_str()).unwrap_or("").to_owned()
}

fn text(golden: &Value) -> Option<String> {
    let first = golden["text_body"][0].as_u64()?;
    golden["parts"][usize::try_from(first).ok()?]["body"]["Text"].as_str().map(str::to_owned)
}

fn whole(mail: &Mail) -> String {
    mail.text.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn letters(text: &str) -> String {
    let seen = |c: &char| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}');
    text.chars().filter(seen).collect()
}
