//! The addresses a bounce names: a hit is the same set of permanent failures and the same set of temporary ones.

use crate::data::{self, Data};
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::mail::{self, Bounce};
use serde_json::Value;
use std::collections::BTreeSet;

pub fn measure(data: &Data) -> anyhow::Result<Vec<Row>> {
    let sets = data.sets("bounce")?;
    if sets.is_empty() {
        return Ok(vec![Row::missing("bounce_*")]);
    }
    let mut rows = Vec::new();
    for set in sets {
        let mut results = Vec::new();
        for case in &set.cases {
            let mail = mail::read(&data.input(case)?, Timestamp::now());
            results.push(compare(case, mail.bounce));
        }
        rows.push(Row::hits(set.name, Goal::Percent(97.3), results));
    }
    Ok(rows)
}

fn compare(case: &Value, bounce: Option<Bounce>) -> Result<(), Miss> {
    let expected = |kind: &str| -> BTreeSet<String> {
        let addresses = case["expect"][kind].as_array().into_iter().flatten();
        addresses.filter_map(|address| address.as_str()).map(str::to_lowercase).collect()
    };
    let expected = (expected("permanent"), expected("temporary"));
    let known = bounce.is_some();
    let bounce = bounce.unwrap_or_default();
    let got: (BTreeSet<String>, BTreeSet<String>) =
        (bounce.permanent.into_iter().collect(), bounce.temporary.into_iter().collect());
    if got == expected {
        return Ok(());
    }
    let words = |(permanent, temporary): &(BTreeSet<String>, BTreeSet<String>)| {
        format!("permanent {permanent:?}, temporary {temporary:?}")
    };
    let got = if known { words(&got) } else { "no bounce".to_owned() };
    Err(Miss { case: data::name(case).to_owned(), expected: words(&expected), got })
}
