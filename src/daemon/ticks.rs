//! The clock's work: digests that are due.
//!
//! A tick is a row with a unique key, written in one transaction with the letter it causes: it happens once, whatever
//! crashes, and a clock set back makes nothing happen again. What a tick has told of is written with it, so that the next
//! one goes on from there.

use super::due::{Clockwork, LATEST};
use super::rates::ration;
use super::review;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::grammar::subject;
pub use crate::letters::digest::Digest;
use crate::letters::digest::{Desk, Since, Told, Unclaimed};
use crate::letters::{Outgoing, Seal};
use crate::mail::Person;
use crate::pages::json;
use crate::session::{Archived, Register, Summit};
use crate::store::{Store, StoreError, StoredMail, TickRun};

/// What digests are made of.
pub struct Ticks<'a> {
    pub store: &'a Store,
    pub config: &'a Config,
    /// As the log tells it now.
    pub register: &'a Register,
    pub now: Timestamp,
}

/// A tick: which digest, of which summit, and the key that makes it happen once.
#[derive(Clone, Copy)]
pub struct Tick<'a> {
    pub digest: Digest,
    pub summit: &'a Summit,
    pub due: Timestamp,
    pub key: &'a str,
}

/// A digest as it would go out now.
pub struct Made {
    /// `None` when there is nothing to say.
    pub letter: Option<Outgoing>,
    /// What was told before, and is told once it is out.
    before: Told,
    told: Told,
}

impl Ticks<'_> {
    /// Runs every tick that is due. The keys of those of which a letter came.
    pub async fn pass(&self) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        for summit in &self.config.policy.summits {
            let Some(times) = self.config.digests_of(&summit.slug) else { continue };
            let clockwork = Clockwork { times, zone: &summit.zone, days: self.days(summit) };
            for digest in Digest::ALL {
                let Some(due) = clockwork.last(digest, self.now) else { continue };
                let key = format!("{}:{}:{due}", digest.name(), summit.slug);
                let tick = Tick { digest, summit, due, key: &key };
                if !self.is_owed(&tick).await? {
                    continue;
                }
                if self.now.duration_since(due) > LATEST {
                    self.record(&tick, &self.skipped(summit).await?, "skipped: due more than 7 days ago").await?;
                } else if self.run(&tick).await? {
                    out.push(key);
                } else if digest == Digest::Outcomes {
                    out.extend(self.close(summit, due).await?);
                }
            }
        }
        Ok(out)
    }

    /// Whether a tick is still to be run: nothing is owed for times before the program had any mail, nor for times before
    /// the last one of its kind.
    async fn is_owed(&self, tick: &Tick<'_>) -> Result<bool, StoreError> {
        match self.store.last_tick(tick.digest.name(), &tick.summit.slug).await? {
            Some(last) => Ok(tick.due > last.due),
            None => Ok(self.store.first_received().await?.is_some_and(|first| first <= tick.due)),
        }
    }

    /// The final report, when a digest of outcomes has nothing more to say and never will. Once for a summit.
    async fn close(&self, summit: &Summit, due: Timestamp) -> Result<Option<String>, StoreError> {
        let key = format!("{}:{}", Digest::Report.name(), summit.slug);
        let tick = Tick { digest: Digest::Report, summit, due, key: &key };
        let reported = || self.store.last_digest(Digest::Report.name(), &summit.slug);
        let ready = self.with_desk(&tick, None, |desk, _| desk.is_closed()).await?;
        let goes = ready && reported().await?.is_none() && self.run(&tick).await?;
        Ok(goes.then_some(key))
    }

    /// Makes one digest now and queues it; `true` when a letter came of it.
    pub async fn run(&self, tick: &Tick<'_>) -> Result<bool, StoreError> {
        let made = self.make(tick, None).await?;
        let outcome = if made.letter.is_some() { "sent" } else { "nothing to say" };
        let sent = made.letter.is_some();
        Ok(self.record(tick, &made, outcome).await? && sent)
    }

    /// Writes a tick down, with its letter. `false` when it has been before, or when another digest has told meanwhile what
    /// this one would: then the next pass makes it anew.
    async fn record(&self, tick: &Tick<'_>, made: &Made, outcome: &str) -> Result<bool, StoreError> {
        let mut work = self.store.begin().await?;
        let letters = made.letter.iter().cloned().collect();
        let mut rationed = ration(&mut work, letters, self.config, self.now).await?;
        review::ask(&mut work, &mut rationed, self.config, tick.summit, &self.seal(), self.now).await?;
        work.commit().await?;
        let (key, kind, summit) = (tick.key, tick.digest.name(), tick.summit.slug.as_str());
        let run = TickRun { key, kind, summit, due: tick.due, before: made.before, told: made.told, outcome };
        self.store.run_tick(&run, &rationed, self.now).await
    }

    /// What becomes of a tick that comes too late: nothing, and the next one tells what it would have.
    async fn skipped(&self, summit: &Summit) -> Result<Made, StoreError> {
        let told = self.store.told(&summit.slug).await?;
        Ok(Made { letter: None, before: told, told })
    }

    /// The letter of a digest as it would go out now; since a given time, or else since the last one.
    pub async fn make(&self, tick: &Tick<'_>, since: Option<Timestamp>) -> Result<Made, StoreError> {
        let seal = self.seal();
        self.with_desk(tick, since, |desk, before| match desk.letter(tick.digest, &seal) {
            Some((letter, told)) => Made { letter: Some(letter), before, told },
            // With nothing to say, all is left to the next one.
            None => Made { letter: None, before, told: before },
        })
        .await
    }

    fn seal(&self) -> Seal<'_> {
        Seal { policy: &self.config.policy, secret: self.store.secret(), dkim: self.config.dkim.as_deref() }
    }

    async fn with_desk<T>(
        &self,
        tick: &Tick<'_>,
        since: Option<Timestamp>,
        look: impl FnOnce(&Desk, Told) -> T,
    ) -> Result<T, StoreError> {
        let (kind, summit) = (tick.digest.name(), tick.summit);
        let told = self.store.told(&summit.slug).await?;
        let last = self.store.last_digest(kind, &summit.slug).await?;
        let ran = since.or(last.as_ref().map(|last| last.ran));
        let position = since.map(|at| self.register.position_at(&summit.slug, at));
        let since = Since {
            told: position.map_or(told, |position| Told { changes: position, outcomes: position }),
            ran,
            count: self.store.count_digests(kind, &summit.slug).await?,
            previous: last.and_then(|last| last.message_id),
        };
        let mails = self.store.mail_rows().await?;
        let mut archived = Archived::default();
        for StoredMail { row, .. } in &mails {
            archived.add(row.message_id.clone(), row.list.is_some(), row.archived_at.clone());
        }
        let desk = Desk {
            policy: &self.config.policy,
            summit,
            register: self.register,
            unclaimed: &self.unclaimed(&mails, summit, ran),
            asked: &self.store.reminders(&summit.slug).await?,
            archived: &archived,
            since,
            days: self.days(summit),
            now: self.now,
            cause: tick.key,
        };
        Ok(look(&desk, told))
    }

    fn unclaimed(&self, mails: &[StoredMail], summit: &Summit, ran: Option<Timestamp>) -> Vec<Unclaimed> {
        let people = &self.config.policy.people;
        let author =
            |mail: &StoredMail| Person { name: mail.row.from_name.clone(), address: mail.row.from_address.clone() };
        json::unclaimed(mails, self.register, &summit.slug)
            .map(|mail| Unclaimed {
                message_id: mail.row.message_id.clone(),
                subject: subject::parse(&mail.row.subject, &summit.vocabulary).subject.title,
                author: people.known(&author(mail)),
                candidates: mail.row.candidates.clone(),
                new: ran.is_none_or(|ran| mail.received > ran),
            })
            .collect()
    }

    /// The summit's days as the operator says, or as the slots of its sessions tell.
    fn days(&self, summit: &Summit) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
        let stated = summit.first_day.zip(summit.last_day);
        stated.or_else(|| self.register.days(&summit.slug, &summit.zone))
    }
}
