//! Digests for those who subscribed: what went to the list goes to each of them, once, when it is out.

use super::rates::{Closed, closed, ration};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::grammar::Report;
use crate::letters::digest::Told;
use crate::letters::direct::{Posted, copy};
use crate::letters::{LetterKind, Seal};
use crate::mail::{Address, Person};
use crate::session::Register;
use crate::store::{PostedDigest, Store, StoreError, TickRun};
use jiff::SignedDuration;

/// What went out longer ago is read in the archive.
const LATEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Writes the copies that are due. The keys of those that were written.
pub async fn pass(
    store: &Store,
    config: &Config,
    register: &Register,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let mut written = Vec::new();
    for digest in store.digests_out(now.checked_sub(LATEST).unwrap_or(now)).await? {
        let readers = readers(&digest, register);
        let key = |reader: &Person| {
            let address = reader.address.as_ref().map(Address::key).unwrap_or_default();
            format!("direct:{}:{}:{address}", digest.summit, digest.message_id)
        };
        let keys: Vec<String> = readers.iter().map(|reader| key(reader)).collect();
        let ran = store.ran(&keys).await?;
        let new: Vec<(&Person, String)> = readers.into_iter().zip(keys).filter(|(_, key)| !ran.contains(key)).collect();
        if new.is_empty() {
            continue;
        }
        // Who reads the bytes of a digest has somebody to send them to.
        let Some((_, bytes)) = store.letter(digest.id).await? else { continue };
        for (reader, key) in new {
            written.extend(send(store, config, &digest, &bytes, reader, key, now).await?);
        }
    }
    Ok(written)
}

/// Who had subscribed to such a digest when it went out.
fn readers<'r>(digest: &PostedDigest, register: &'r Register) -> Vec<&'r Person> {
    let report = match digest.kind {
        LetterKind::ProposalDigest => Report::Proposals,
        LetterKind::Agenda => Report::Agenda,
        LetterKind::OutcomeDigest | LetterKind::FinalReport => Report::Outcomes,
        _ => return Vec::new(),
    };
    let summit = register.summit(&digest.summit);
    let subscribed = summit.into_iter().flat_map(|summit| summit.subscribed(report));
    let then = subscribed.filter(|said| said.at <= digest.sent).map(|said| &said.value.person);
    then.filter(|person| person.address.is_some()).collect()
}

/// One copy, or why there is none, in one transaction.
async fn send(
    store: &Store,
    config: &Config,
    digest: &PostedDigest,
    bytes: &[u8],
    reader: &Person,
    key: String,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let (Some(summit), Some(to)) = (config.policy.summit(&digest.summit), &reader.address) else { return Ok(None) };
    let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
    let mut work = store.begin().await?;
    let outcome = match closed(&mut work, to, config, now).await? {
        // Not recorded, so that it comes up again.
        Some(Closed::ForToday) => return Ok(None),
        Some(closed) => closed.named(),
        None => "sent",
    };
    let tick = TickRun {
        key: &key,
        kind: "direct",
        summit: &summit.slug,
        due: digest.sent,
        before: Told::default(),
        told: Told::default(),
        outcome,
    };
    let fresh = work.run_tick(&tick, now).await?;
    if fresh && outcome == "sent" {
        let posted = Posted { message_id: &digest.message_id, subject: &digest.subject, bytes };
        let letters = copy(&posted, reader, &key, summit, &seal, now).into_iter().collect();
        let rationed = ration(&mut work, letters, config, now).await?;
        work.owe(&rationed, now).await?;
    }
    work.commit().await?;
    Ok((fresh && outcome == "sent").then_some(key))
}
