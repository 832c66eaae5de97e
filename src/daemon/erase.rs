//! A person is taken out of all that is kept: mails, facts, letters.
//!
//! First it is found out what they were called and what they wrote, then everything is gone through once, and what names
//! them is written anew, all in one transaction. What was decided about those mails is kept beside them, for their bytes
//! do not bear it out any more; so nothing is lost, every position in the log stays, and a replay comes to the same.

use super::index;
use super::intake::row;
use super::understand::{at_a_glance, with_room};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::letters::Seal;
use crate::mail::erase::{Eraser, named_in};
use crate::mail::{Address, Mail, MessageId, Person, Reason};
use crate::session::erase::{Residue, fact, named};
use crate::session::{Change, Fact, Register};
use crate::store::{Letter, LetterStatus, Store, StoreError, StoredMail, StoredRaw, Tombs, Work};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Stored mail read at a time.
const PAGE_BYTES: u64 = 16 << 20;

/// What an erasure comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    pub addresses: Vec<Address>,
    /// Full names under which the person is looked for.
    pub names: Vec<String>,
    /// Mails that they wrote.
    pub own: u64,
    /// Mails of others that name or quote them.
    pub others: u64,
    pub facts: u64,
    /// Letters to them, and letters that name them.
    pub letters: u64,
}

/// Takes the person at an address out.
pub async fn erase(
    store: &Store,
    config: &Config,
    number: i64,
    address: &Address,
    now: Timestamp,
) -> Result<Erased, StoreError> {
    let (mut work, erased) = carried_out(store, config, number, address).await?;
    let authors = erased.addresses.iter().map(|address| (store.tombs().of_author(address), now));
    work.bury(&authors.collect::<Vec<_>>()).await?;
    let mut register = Register::of(config.policy.people.clone());
    work.log_after(0).await?.into_iter().for_each(|fact| register.apply(fact));
    index::anew(&mut work, &register, &config.policy.people).await?;
    work.erasure_done(number, now).await?;
    work.commit().await?;
    Ok(erased)
}

/// What that would come to. Nothing is written.
pub async fn survey(store: &Store, config: &Config, address: &Address) -> Result<Erased, StoreError> {
    let (work, erased) = carried_out(store, config, 0, address).await?;
    work.rollback().await?;
    Ok(erased)
}

async fn carried_out(
    store: &Store,
    config: &Config,
    number: i64,
    address: &Address,
) -> Result<(Work, Erased), StoreError> {
    let (scene, names) = Scene::new(store, config, number, config.policy.people.addresses(address)).await?;
    let mut work = store.begin().await?;
    let mut erased = Erased { addresses: scene.addresses.clone(), names, ..Erased::default() };
    scene.mails(&mut work, &mut erased).await?;
    scene.letters(&mut work, &mut erased).await?;
    for address in &scene.addresses {
        work.forget_person(address, scene.eraser.stand_in()).await?;
        work.rename_places(address, |id: &MessageId| named(id, &scene.eraser)).await?;
    }
    Ok((work, erased))
}

/// The person, and the rows among which they are looked for.
struct Scene<'a> {
    store: &'a Store,
    config: &'a Config,
    addresses: Vec<Address>,
    eraser: Eraser,
    rows: HashMap<i64, StoredMail>,
    facts: HashMap<i64, Vec<Fact>>,
    /// Mails that the person wrote.
    own: HashSet<i64>,
}

impl<'a> Scene<'a> {
    /// Finds out what the person was called, and what they wrote.
    async fn new(
        store: &'a Store,
        config: &'a Config,
        number: i64,
        addresses: Vec<Address>,
    ) -> Result<(Scene<'a>, Vec<String>), StoreError> {
        let rows: HashMap<i64, StoredMail> = store.mail_rows().await?.into_iter().map(|mail| (mail.id, mail)).collect();
        let mut facts: HashMap<i64, Vec<Fact>> = HashMap::new();
        for (mail, fact) in store.log_of_mails().await? {
            facts.entry(mail).or_default().push(fact);
        }
        let is_theirs = |address: &Option<Address>| address.as_ref().is_some_and(|address| addresses.contains(address));
        let own: HashSet<i64> =
            rows.values().filter(|mail| is_theirs(&mail.row.from_address)).map(|mail| mail.id).collect();
        let mut names: BTreeSet<String> =
            addresses.iter().filter_map(|address| config.policy.people.name_of(address)).map(str::to_owned).collect();
        let mut call = |person: Person| names.extend(person.name.filter(|_| is_theirs(&person.address)));
        for mail in rows.values() {
            call(Person { name: mail.row.from_name.clone(), address: mail.row.from_address.clone() });
        }
        for fact in facts.values().flatten() {
            fact.change.clone().people_mut().into_iter().for_each(|person| call(person.clone()));
        }
        let keys: Vec<String> = addresses.iter().map(Address::key).collect();
        let mut written: Vec<Mail> = Vec::new();
        let mut last = 0;
        loop {
            let page = store.inbox_page(last, PAGE_BYTES).await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            page.iter().filter(|mail| holds(&mail.raw, &keys)).flat_map(|mail| named_in(&mail.raw)).for_each(&mut call);
            let theirs: Vec<&StoredRaw> = page.iter().filter(|mail| own.contains(&mail.id)).collect();
            written.extend(with_room(|| theirs.into_iter().map(|mail| glance(mail, &rows)).collect::<Vec<_>>()));
        }
        let names: Vec<String> = names.into_iter().collect();
        let mut eraser = Eraser::new(&addresses, &names, number);
        written.iter().for_each(|mail| eraser.learn(mail));
        // Titles stay, whoever gave them.
        facts.values().flatten().filter_map(title).for_each(|title| eraser.spare(title));
        let names = names.into_iter().filter(|name| eraser.finds(name)).collect();
        Ok((Scene { store, config, addresses, eraser, rows, facts, own }, names))
    }

    /// Goes through all mails, with what was decided about them.
    async fn mails(&self, work: &mut Work, erased: &mut Erased) -> Result<(), StoreError> {
        let mut touched: HashSet<i64> = HashSet::new();
        let mut last = 0;
        loop {
            let page = self.store.inbox_page(last, PAGE_BYTES).await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            let after = with_room(|| page.iter().map(|mail| self.without(mail)).collect::<Vec<_>>());
            for (mail, after) in page.iter().zip(after) {
                if self.rewrite(work, mail, after, erased).await? {
                    touched.insert(mail.id);
                }
            }
        }
        // The word for lines that read otherwise now: what it did is kept with it.
        for (word, command) in self.store.words_by().await? {
            if touched.contains(&command) && !touched.contains(&word) {
                let again = work.arrived(word).await?.map_or(0, |mail| mail.again);
                if let Some(residue) = self.residue(word, again) {
                    work.keep_residue(word, &residue).await?;
                }
            }
        }
        Ok(())
    }

    /// A mail's bytes without the person; nothing when they are not in it.
    fn without(&self, mail: &StoredRaw) -> Option<Vec<u8>> {
        let (read, raw) = (glance(mail, &self.rows), &mail.raw);
        match () {
            () if self.own.contains(&mail.id) => Some(self.eraser.own_mail(raw, &read)),
            () if crate::mail::gate(raw).is_err() || self.must_not_be_read(mail) => self.eraser.unread_mail(raw, &read),
            () => self.eraser.mail(raw, &read),
        }
    }

    fn must_not_be_read(&self, mail: &StoredRaw) -> bool {
        must_not_be_read(mail, &self.rows)
    }

    /// Writes a mail anew, with its row and its facts, if the person was in any of them.
    async fn rewrite(
        &self,
        work: &mut Work,
        mail: &StoredRaw,
        after: Option<Vec<u8>>,
        erased: &mut Erased,
    ) -> Result<bool, StoreError> {
        let before = self.facts.get(&mail.id).map_or(&[][..], Vec::as_slice);
        let residue = self.residue(mail.id, mail.again);
        for (before, after) in before.iter().zip(residue.iter().flat_map(|residue| &residue.facts)) {
            if before != after {
                work.rewrite_fact(after).await?;
                erased.facts += 1;
            }
        }
        let row_before = self.rows.get(&mail.id).map(|stored| &stored.row);
        let same_row = residue.as_ref().zip(row_before).is_none_or(|(residue, row)| residue.detail == row.detail);
        let same_facts = residue.as_ref().is_none_or(|residue| residue.facts == before);
        if after.is_none() && same_row && same_facts {
            return Ok(false);
        }
        let raw = after.as_deref().unwrap_or(&mail.raw);
        work.rewrite_raw(mail.id, &mail.raw, raw, residue.as_ref()).await?;
        if let (Some(residue), Some(row_before)) = (&residue, row_before) {
            let list = self.config.mailboxes.iter().find(|mailbox| mailbox.name == mail.mailbox);
            let list = list.map_or_else(|| self.config.only_list(), |mailbox| self.config.list_of(mailbox));
            let mut now = with_room(|| at_a_glance(raw, mail.received, false));
            now.author = self.config.policy.author(&now, list);
            let row = row(&now, &residue.decision(), row_before.list.clone(), row_before.summit.clone());
            work.rewrite_row(mail.id, &row).await?;
            work.bury(&tombs(self.store.tombs(), mail, row_before)).await?;
        }
        match self.own.contains(&mail.id) {
            true => erased.own += 1,
            false => erased.others += 1,
        }
        Ok(true)
    }

    /// What was decided about a mail, without the person; nothing while it waits to be read for the first time.
    fn residue(&self, mail: i64, again: i64) -> Option<Residue> {
        let row = &self.rows.get(&mail).filter(|stored| stored.settled)?.row;
        let own = self.own.contains(&mail);
        let facts = self.facts.get(&mail).into_iter().flatten().map(|one| fact(one, own, &self.eraser));
        Some(Residue {
            kind: row.kind,
            reason: row.reason,
            detail: self.eraser.text(&row.detail).unwrap_or_else(|| row.detail.clone()),
            sessions: row.sessions.clone(),
            candidates: row.candidates.clone(),
            facts: facts.collect(),
            again,
            unread: false,
        })
    }

    /// Goes through all letters. What was still to go to the person does not.
    async fn letters(&self, work: &mut Work, erased: &mut Erased) -> Result<(), StoreError> {
        let (policy, dkim) = (&self.config.policy, self.config.dkim.as_deref());
        let seal = Seal { policy, secret: self.store.secret(), dkim };
        let text = |text: &str| self.eraser.text(text).unwrap_or_else(|| text.to_owned());
        for row in self.store.letters(None).await? {
            let Some((before, bytes)) = self.store.letter(row.id).await? else { continue };
            let theirs = row.recipients.iter().any(|address| self.addresses.contains(address));
            let after = with_room(|| seal.erased(&bytes, theirs, &self.eraser));
            let mut row = before.clone();
            row.cause = text(&row.cause);
            row.subject = text(&row.subject);
            row.error = row.error.as_deref().map(text);
            if theirs {
                row.recipients = vec![self.eraser.stand_in().clone()];
                row.status = given_up(row.status);
            }
            let same = (&row.cause, &row.subject, &row.error) == (&before.cause, &before.subject, &before.error);
            if after.is_some() || theirs || !same {
                work.rewrite_letter(&Letter { row, bytes: after.unwrap_or(bytes) }).await?;
                erased.letters += 1;
            }
        }
        Ok(())
    }
}

fn title(fact: &Fact) -> Option<&str> {
    match &fact.change {
        Change::Proposed { proposal, .. } | Change::Revised { proposal, .. } => Some(&proposal.title),
        Change::Titled { title } => Some(title),
        _ => None,
    }
}

/// A letter that was still to go out to somebody who is gone. One in the hands of a transport cannot be called back.
fn given_up(status: LetterStatus) -> LetterStatus {
    match status {
        LetterStatus::Pending | LetterStatus::Unknown | LetterStatus::Failed | LetterStatus::Held => {
            LetterStatus::Dropped
        }
        LetterStatus::Sending | LetterStatus::Sent | LetterStatus::Dropped | LetterStatus::Confirmed => status,
    }
}

/// By what a mail is known again when it comes back as it was.
fn tombs(tombs: Tombs, mail: &StoredRaw, row: &crate::store::MailRow) -> Vec<(String, Timestamp)> {
    tombs.of_mail(&row.message_id, &row.content_hash, row.at).map(|hash| (hash, mail.received)).to_vec()
}

fn glance(mail: &StoredRaw, rows: &HashMap<i64, StoredMail>) -> Mail {
    at_a_glance(&mail.raw, mail.received, must_not_be_read(mail, rows))
}

/// It stopped the program, or failed in it, when it was read.
fn must_not_be_read(mail: &StoredRaw, rows: &HashMap<i64, StoredMail>) -> bool {
    let reason = rows.get(&mail.id).map(|stored| stored.row.reason);
    matches!(reason, Some(Reason::Strikes | Reason::Internal))
}

/// Whether one of these keys stands in the bytes, in whatever case.
fn holds(raw: &[u8], keys: &[String]) -> bool {
    let lower = raw.to_ascii_lowercase();
    keys.iter().any(|key| memchr::memmem::find(&lower, key.as_bytes()).is_some())
}
