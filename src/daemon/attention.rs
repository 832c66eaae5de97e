//! What waits for an organiser is told once, and at most one letter a day tells of it: mail that could not be read, at once;
//! notes that found no session, when a day has gone by and their author has not placed them.
//!
//! Each mail is a tick, recorded in one transaction with the letter that speaks of it. Only mail that came by itself counts:
//! an archive's is nobody's news.

use super::rates::ration;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::grammar::subject;
use crate::letters::attention::{self, Quarantined, Unplaced};
use crate::letters::digest::Told;
use crate::letters::{Outgoing, Seal};
use crate::mail::{End, Person};
use crate::session::{Register, Summit};
use crate::store::{LetterStatus, Store, StoreError, StoredMail, TickRun};
use jiff::SignedDuration;

/// The kind of the ticks.
const KIND: &str = "attention";
/// The author of notes has so long to place them.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Tells the organisers of each summit what is new. The causes of the letters that were written.
pub async fn pass(
    store: &Store,
    config: &Config,
    register: &Register,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    for summit in config.policy.summits.iter().filter(|summit| !summit.organisers.is_empty()) {
        let day = |at: Timestamp| at.to_zoned(summit.zone.clone()).date();
        let last = store.last_tick(KIND, &summit.slug).await?;
        if last.is_some_and(|last| day(last.ran) >= day(now)) {
            continue;
        }
        let new = store.needs_attention(&summit.slug).await?;
        let new: Vec<StoredMail> = new.into_iter().filter(|mail| is_due(mail, now)).collect();
        if !new.is_empty() {
            told.extend(tell(store, config, register, summit, &new, now).await?);
        }
    }
    Ok(told)
}

fn is_quarantined(mail: &StoredMail) -> bool {
    mail.row.reason.end() == End::Quarantined
}

fn is_due(mail: &StoredMail, now: Timestamp) -> bool {
    is_quarantined(mail) || now.duration_since(mail.received) >= PATIENCE
}

async fn tell(
    store: &Store,
    config: &Config,
    register: &Register,
    summit: &Summit,
    new: &[StoredMail],
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let (quarantined, notes): (Vec<&StoredMail>, Vec<&StoredMail>) = new.iter().partition(|mail| is_quarantined(mail));
    let (placed, unplaced): (Vec<&StoredMail>, Vec<&StoredMail>) =
        notes.into_iter().partition(|mail| !register.headed_by(&mail.row.message_id).is_empty());
    let letters = letters(store, config, summit, (&quarantined, &unplaced), now).await?;
    let mut work = store.begin().await?;
    let rationed = ration(&mut work, letters, config, now).await?;
    // Who has had enough for today is told tomorrow, and nothing is noted as told.
    let somebody_hears = rationed.iter().any(|(_, status, _)| *status != LetterStatus::Dropped);
    let heard = if somebody_hears { [quarantined, unplaced].concat() } else { Vec::new() };
    let mut fresh = false;
    for (mails, outcome) in [(placed, "nothing to say: it found its session"), (heard, "sent")] {
        for mail in mails {
            let key = format!("{KIND}:{}:{}", summit.slug, mail.id);
            let (before, told) = (Told::default(), Told::default());
            let tick = TickRun { key: &key, kind: KIND, summit: &summit.slug, due: now, before, told, outcome };
            fresh |= work.run_tick(&tick, now).await? && outcome == "sent";
        }
    }
    if fresh {
        work.owe(&rationed, now).await?;
    }
    work.commit().await?;
    Ok(rationed.into_iter().next().filter(|_| fresh).map(|(letter, ..)| letter.cause))
}

async fn letters(
    store: &Store,
    config: &Config,
    summit: &Summit,
    (quarantined, unplaced): (&[&StoredMail], &[&StoredMail]),
    now: Timestamp,
) -> Result<Vec<Outgoing>, StoreError> {
    if quarantined.is_empty() && unplaced.is_empty() {
        return Ok(Vec::new());
    }
    let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
    let sizes = store.sizes(&quarantined.iter().map(|mail| mail.id).collect::<Vec<_>>()).await?;
    let ids: Vec<_> = unplaced.iter().map(|mail| mail.row.message_id.clone()).collect();
    let archived = store.archived(&ids).await?;
    let mail = |mail: &&StoredMail| Quarantined {
        id: mail.id,
        received: mail.received,
        bytes: sizes.get(&mail.id).copied().unwrap_or_default(),
        reason: mail.row.reason,
    };
    let notes = |mail: &&StoredMail| {
        let author = Person { name: mail.row.from_name.clone(), address: mail.row.from_address.clone() };
        Unplaced {
            title: subject::parse(&mail.row.subject, &summit.vocabulary).subject.title,
            author: config.policy.people.known(&author).label().to_owned(),
            received: mail.received,
            link: config.policy.permalink(summit, &mail.row.message_id, &archived),
        }
    };
    let quarantined: Vec<Quarantined> = quarantined.iter().map(mail).collect();
    let unplaced: Vec<Unplaced> = unplaced.iter().map(notes).collect();
    // There is one a day.
    let cause = format!("{KIND}:{}:{}", summit.slug, now.to_zoned(summit.zone.clone()).strftime("%F"));
    Ok(attention::letters(&quarantined, &unplaced, cause, summit, &seal, now))
}
