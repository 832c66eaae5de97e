//! All state again from the stored mail alone, in a scratch database, held against what the database says.
//!
//! It sends nothing and writes nothing but the scratch. Mails from which somebody was erased are not decided about again:
//! what was decided is kept beside them, because their words are gone. A difference means that the program understands a mail
//! otherwise than it did when the mail came, or that the state was touched by other hands.

use super::intake::Intake;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::pages::json::{self, Export};
use crate::session::Register;
use crate::store::dns::hash;
use crate::store::{Arrival, Store, StoreError, StoredRaw};
use serde_json::Value;

/// Stored mail read at a time.
const PAGE_BYTES: u64 = 16 << 20;

/// What a replay found.
#[derive(Debug)]
pub struct Replayed {
    pub mails: u64,
    pub differences: Vec<Difference>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// `summits/xen2017/sessions/S-1/title`
    pub place: String,
    pub stored: String,
    pub replayed: String,
}

/// Replays everything. `progress` is told how many mails are done.
pub async fn replay(
    store: &Store,
    config: &Config,
    now: Timestamp,
    mut progress: impl FnMut(u64),
) -> Result<Replayed, StoreError> {
    let scratch = Store::memory(*store.secret()).await?;
    let mut work = scratch.begin().await?;
    for post in store.posts_waiting().await? {
        work.wait(&post).await?;
    }
    work.commit().await?;
    let mut intake = Intake::new(&scratch, config, "replay");
    let (mut last, mut mails) = (0, 0);
    loop {
        let page = store.inbox_page(last, PAGE_BYTES).await?;
        let Some(end) = page.last() else { break };
        last = end.id;
        for mails in page.chunk_by(|a, b| a.mailbox == b.mailbox) {
            let arrivals: Vec<Arrival> = mails.iter().map(arrival).collect();
            scratch.receive(&mails[0].mailbox, &arrivals, None).await?;
            for mail in mails {
                if let Some(residue) = &mail.residue {
                    scratch.bring_residue(&mail.mailbox, &mail.source_key, residue).await?;
                }
            }
            // Keys may be gone by now: what was said of them then is said again.
            let hashes: Vec<_> = mails.iter().map(|mail| hash(&mail.raw)).collect();
            scratch.keep_answers(&store.answers(&hashes).await?).await?;
        }
        loop {
            let settled = intake.settle(now).await?.len() as u64;
            mails += settled;
            progress(mails);
            if settled == 0 {
                break;
            }
        }
    }
    let (stored, replayed) = (state(store, config, now).await?, state(&scratch, config, now).await?);
    let mut differences = Vec::new();
    compare("", &stored, &replayed, &mut differences);
    Ok(Replayed { mails, differences })
}

fn arrival(mail: &StoredRaw) -> Arrival {
    let (source_key, raw) = (mail.source_key.clone(), mail.raw.clone());
    Arrival { source_key, raw, received: mail.received, origin: mail.origin }
}

/// What is compared: the export, without what depends on the network and the clock.
async fn state(store: &Store, config: &Config, now: Timestamp) -> Result<Value, StoreError> {
    let mut export = export(store, config, now).await?;
    export.outgoing.clear();
    serde_json::to_value(export).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The whole export of a database.
pub async fn export(store: &Store, config: &Config, now: Timestamp) -> Result<Export, StoreError> {
    let mut register = Register::of(config.policy.people.clone());
    store.log_all().await?.into_iter().for_each(|fact| register.apply(fact));
    let (mails, letters) = (store.mail_rows().await?, store.letters(None).await?);
    Ok(json::export(&config.policy, &register, &mails, &letters, now))
}

/// Every leaf in which two values differ.
fn compare(place: &str, stored: &Value, replayed: &Value, out: &mut Vec<Difference>) {
    match (stored, replayed) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                compare(&format!("{place}/{key}"), value, b.get(key).unwrap_or(&Value::Null), out);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                let (old, new) = (a.get(index).unwrap_or(&Value::Null), b.get(index).unwrap_or(&Value::Null));
                let name = label(old).or(label(new)).unwrap_or_else(|| index.to_string());
                compare(&format!("{place}/{name}"), old, new, out);
            }
        }
        (a, b) if a == b => {}
        (a, b) => out.push(Difference {
            place: place.trim_start_matches('/').to_owned(),
            stored: a.to_string(),
            replayed: b.to_string(),
        }),
    }
}

/// What an element of a list is called by.
fn label(value: &Value) -> Option<String> {
    ["id", "slug", "message_id"].iter().find_map(|key| value.get(key)?.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_by_its_place() {
        let old = serde_json::json!({"sessions": [{"id": "S-1", "title": "a"}, {"id": "S-2", "title": "b"}]});
        let new = serde_json::json!({"sessions": [{"id": "S-1", "title": "a"}, {"id": "S-2", "title": "c"}]});
        let mut found = Vec::new();
        compare("", &old, &new, &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "sessions/S-2/title");
        assert_eq!((found[0].stored.as_str(), found[0].replayed.as_str()), ("\"b\"", "\"c\""));
    }
}
