//! Which mails of a real list propose a session: imported into a database as an operator would, and asked there.
//!
//! Precision: of the labelled mails that we take for proposals, how many are. Recall: of those labelled so, how many
//! we take for one.

use crate::data::Data;
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::{fetch::Batch, intake::Intake, replay};
use rapporteur::mail::end;
use rapporteur::mailbox::archive::RawMail;
use rapporteur::pages::json::{Export, MailJson};
use rapporteur::store::{Arrival, Origin, Store};
use std::collections::{BTreeMap, HashMap};

pub fn measure(data: &Data, real: &[RawMail], config: &Config) -> anyhow::Result<Vec<Row>> {
    let sets = data.sets("sessions")?;
    if sets.is_empty() || real.is_empty() {
        return Ok(vec![Row::missing("sessions_*")]);
    }
    let export = imported(real, config)?;
    let mails: HashMap<&str, &MailJson> = export.mail.iter().map(|mail| (mail.message_id.as_str(), mail)).collect();
    let mut rows = Vec::new();
    for set in sets {
        let (mut taken, mut labelled, mut labels) = (Vec::new(), Vec::new(), BTreeMap::<String, Vec<_>>::new());
        for case in &set.cases {
            let label = case["expect"]["label"].as_str().unwrap_or("");
            let id = case["message_id"].as_str().unwrap_or("");
            let Some(mail) = mails.get(id) else { anyhow::bail!("{}: <{id}> is not in real/", set.name) };
            let got = end::name(mail.kind);
            let ours = matches!(got.as_str(), "proposal" | "revision");
            let result = |hit: bool| {
                let miss = || Miss { case: mail.subject.clone(), expected: label.to_owned(), got: got.clone() };
                if hit { Ok(()) } else { Err(miss()) }
            };
            if ours {
                taken.push(result(label == "proposal"));
            }
            match label {
                "proposal" => labelled.push(result(ours)),
                other => labels.entry(other.to_owned()).or_default().push(result(fits(other, &got))),
            }
        }
        rows.push(Row::hits(format!("{}, precision", set.name), Goal::Percent(97.0), taken));
        rows.push(Row::hits(format!("{}, recall", set.name), Goal::Percent(95.0), labelled));
        for (label, results) in labels {
            rows.push(Row::hits(format!("{}, {label}", set.name), Goal::Open, results));
        }
    }
    let sessions: usize = export.summits.iter().map(|summit| summit.sessions.len()).sum();
    rows.push(Row::figure("sessions in all of real/", sessions.to_string()));
    Ok(rows)
}

/// Whether what we call a mail goes with the label it was given.
fn fits(label: &str, got: &str) -> bool {
    match label {
        "agenda" => got == "agenda",
        "call-for-topics" => got == "call",
        "notes" | "outcome" => got == "outcome",
        _ => !matches!(got, "proposal" | "revision" | "call" | "agenda" | "outcome" | "attend"),
    }
}

fn imported(real: &[RawMail], config: &Config) -> anyhow::Result<Export> {
    // Reading a mail blocks its thread, which only this kind of runtime allows.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let store = Store::memory([0; 32]).await?;
        let mut batch = Batch::new("import");
        for (n, mail) in real.iter().enumerate() {
            let (raw, received) = (mail.raw.clone(), mail.received);
            batch.add(&store, Arrival { source_key: n.to_string(), raw, received, origin: Origin::Archive }).await?;
        }
        batch.finish(&store, None).await?;
        let mut intake = Intake::new(&store, config, "evaluate");
        let now = Timestamp::now();
        while !intake.settle(now).await?.is_empty() {}
        let export = replay::export(&store, config, now).await?;
        store.close().await;
        Ok(export)
    })
}
