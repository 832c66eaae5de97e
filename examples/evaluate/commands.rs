//! Mail that commands another program: nothing of it may be taken for an ask of ours, nor be complained about.

use crate::data::{self, Data};
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::grammar::{self, Form};
use rapporteur::mail;

pub fn measure(data: &Data, config: &Config) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for set in data.sets("commands")? {
        let mut results = Vec::new();
        for case in &set.cases {
            let input = data.input(case)?;
            // Some sets have whole mails, others only their bodies.
            let is_mail = case["expect"]["Subject"].is_string() || case["expect"]["MessageID"].is_string();
            let raw = if is_mail { input } else { [b"Subject: Re: x\n\n", &input[..]].concat() };
            let mail = mail::read(&raw, Timestamp::now());
            let reading = grammar::parse(&mail, &config.policy.summits[0].vocabulary);
            // Prose is kept as a suggestion; that asks for nothing.
            let asks: Vec<_> = reading.asks.iter().filter(|ask| ask.form != Form::Prose).collect();
            let miss = || Miss {
                case: data::name(case).to_owned(),
                expected: "nothing".to_owned(),
                got: format!("{asks:?} {:?}", reading.complaints),
            };
            results.push(if asks.is_empty() && reading.complaints.is_empty() { Ok(()) } else { Err(miss()) });
        }
        rows.push(Row::hits(format!("{}, not ours", set.name), Goal::Percent(100.0), results));
    }
    Ok(if rows.is_empty() { vec![Row::missing("commands_*")] } else { rows })
}
