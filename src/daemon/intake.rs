//! From the inbox to each mail's end: a bounded number of mails is understood, decided about, and written down with its
//! changes and letters in one transaction.

mod word;

use super::dns::Dns;
use super::understand::{self, Understood, Unread, keys_wanted, understand_all};
use super::{erase, index, named, rates, review, undelivered};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::grammar::{Doubt, Reading, Want};
use crate::letters::{Outgoing, Seal, answer};
use crate::mail::dkim::Answers;
use crate::mail::erase::tombstone;
use crate::mail::link::Link;
use crate::mail::screen::{Screening, Watch, screen};
use crate::mail::{Address, Automatic, Kind, Mail, MessageId, Reason};
use crate::session::decide::Brought;
use crate::session::erase::Residue;
use crate::session::rights::Tier;
use crate::session::waiting::{expires, token_hash};
use crate::session::{Decision, List, Parent, Policy, Question, Register, Summit, Via, Waiting, decide};
use crate::store::dns::{Hash, hash};
use crate::store::{ClaimedMail, MailRow, Origin, Store, StoreError, Tombs, Twin, Work};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap};

/// How long a claim on mails lasts when its holder dies.
const LEASE: SignedDuration = SignedDuration::from_secs(300);
/// One pass takes at the most so many mails, and so many bytes.
const BATCH_MAILS: usize = 500;
const BATCH_BYTES: u64 = 4 << 20;
/// A mail that was in hand at so many unclean exits is not tried again.
const MOST_STRIKES: i64 = 3;

/// How a mail ends that is not read.
const REFUSED: &str = "refused before it was read";

/// What became of one mail, for those who watch.
#[derive(Clone, Debug)]
pub struct Settlement {
    pub row: MailRow,
    pub repairs: Vec<String>,
    /// Subjects of the letters it caused.
    pub letters: Vec<String>,
}

/// The reader of the inbox. Keeps the register between passes, and catches up with the log at the start of each.
pub struct Intake<'a> {
    pub store: &'a Store,
    pub config: &'a Config,
    pub worker: String,
    /// Where the keys of signatures are looked up; nowhere in a replay, which has the answers of the time.
    dns: Option<Dns>,
    register: Register,
    /// Claims of a pass that failed, and could not be given back at once.
    in_hand: Vec<ClaimedMail>,
}

impl<'a> Intake<'a> {
    pub fn new(store: &'a Store, config: &'a Config, worker: &str) -> Intake<'a> {
        let register = Register::of(config.policy.people.clone());
        Intake { store, config, worker: worker.to_owned(), dns: None, register, in_hand: Vec::new() }
    }

    /// The same, with a way to ask for keys.
    pub fn asking(self, dns: Option<Dns>) -> Intake<'a> {
        Intake { dns, ..self }
    }

    /// Settles some waiting mails; nothing when none wait.
    ///
    /// After an error that is no crash the mails are given back, without the strike: at once, or as soon as the database
    /// takes it. They are not to blame for a full disk.
    pub async fn settle(&mut self, now: Timestamp) -> Result<Vec<Settlement>, StoreError> {
        self.give_back().await?;
        if self.register.position() == 0 {
            // A long log is read before any mail is in hand: who dies over it must not leave a strike behind.
            self.store.log_all().await?.into_iter().for_each(|fact| self.register.apply(fact));
            self.mend_index().await?;
        }
        let claims = self.store.claim_mails(&self.worker, now, LEASE, BATCH_MAILS, BATCH_BYTES).await?;
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let settled = self.settle_claims(&claims, now).await;
        if settled.is_err() {
            // The register may have run ahead of a transaction that did not happen.
            self.register = Register::of(self.config.policy.people.clone());
            self.in_hand = claims;
            // What is wrong is said by the error at hand.
            let _ = self.give_back().await;
        }
        settled
    }

    async fn give_back(&mut self) -> Result<(), StoreError> {
        if !self.in_hand.is_empty() {
            self.store.release_mails(&self.in_hand).await?;
            // The bytes of up to 500 mails, too.
            self.in_hand = Vec::new();
        }
        Ok(())
    }

    /// Makes the index anew that another version of the program has left, or another table of people.
    async fn mend_index(&self) -> Result<(), StoreError> {
        let people = &self.config.policy.people;
        let kept = self.store.indexed().await?;
        if self.register.position() == 0
            || kept.is_some_and(|kept| kept.making == index::of(&self.register, people).making)
        {
            return Ok(());
        }
        let mut work = self.store.begin().await?;
        let mut register = Register::of(people.clone());
        work.log_after(0).await?.into_iter().for_each(|fact| register.apply(fact));
        index::anew(&mut work, &register, people).await?;
        work.commit().await
    }

    async fn settle_claims(&mut self, claims: &[ClaimedMail], now: Timestamp) -> Result<Vec<Settlement>, StoreError> {
        let config = self.config;
        let lists: Vec<Option<&List>> = claims.iter().map(|claim| self.list_of(&claim.mailbox)).collect();
        let struck = |claim: &ClaimedMail| {
            claim.strikes >= MOST_STRIKES || claim.residue.as_ref().is_some_and(|residue| residue.unread)
        };
        let raws = || claims.iter().map(|claim| if struck(claim) { &[][..] } else { &claim.raw[..] });
        let live: Vec<&[u8]> =
            claims.iter().zip(raws()).filter(|(claim, _)| claim.origin == Origin::Live).map(|(_, raw)| raw).collect();
        let answers = self.answers(&live).await?;
        let unread = |((claim, raw), list): ((&ClaimedMail, _), &Option<&'a List>)| Unread {
            raw,
            received: claim.received,
            list: *list,
            answers: if answers.is_empty() { None } else { answers.get(&hash(raw)) },
        };
        let unread: Vec<Unread> = claims.iter().zip(raws()).zip(&lists).map(unread).collect();
        let mut understood = tokio::task::block_in_place(|| understand_all(&unread, &config.policy));
        for (one, claim) in understood.iter_mut().zip(claims).filter(|(_, claim)| struck(claim)) {
            *one = understand::struck(&claim.raw, claim.received);
        }
        let own: Vec<MessageId> = understood.iter().map(|one| one.mail.message_id.clone()).collect();
        let named = understood.iter().flat_map(|one| named::mails_to_look_up(&one.mail, one.reading.as_ref()));
        let named: Vec<MessageId> = named.collect();
        let links =
            understood.iter().flat_map(|one| &one.reading).flat_map(|reading| named::links(reading).into_values());
        let links: Vec<Link> = links.collect();
        let mut work = self.store.begin().await?;
        forget_again(&mut work, self.store.tombs(), claims, &mut understood).await?;
        work.prepare(claims, &own, &named).await?;
        work.read_links(&links).await?;
        for fact in work.log_after(self.register.position()).await? {
            self.register.apply(fact);
        }
        let mut settlements = Vec::with_capacity(claims.len());
        for ((claim, list), understood) in claims.iter().zip(lists).zip(understood) {
            settlements.extend(self.settle_one(&mut work, claim, list, understood, now).await?);
        }
        index::keep(&mut work, &self.register, &config.policy.people).await?;
        work.commit().await?;
        Ok(settlements)
    }

    /// Whose mail a mailbox holds, for mail that does not tell.
    fn list_of(&self, mailbox: &str) -> Option<&'a List> {
        let config = self.config;
        let mailbox = config.mailboxes.iter().find(|known| known.name == mailbox);
        mailbox.map_or_else(|| config.only_list(), |mailbox| config.list_of(mailbox))
    }

    /// What the DNS says about the signatures of these mails: kept before it is used, so that a replay is told the same.
    /// Archives are not asked about: their signers' keys are gone.
    async fn answers(&self, mails: &[&[u8]]) -> Result<HashMap<Hash, Answers>, StoreError> {
        if !self.config.policy.sources.verify {
            return Ok(HashMap::new());
        }
        let wanted = |raw: &&[u8]| Some((hash(raw), keys_wanted(raw))).filter(|(_, names)| !names.is_empty());
        let wanted: HashMap<Hash, BTreeSet<String>> =
            tokio::task::block_in_place(|| mails.iter().filter_map(wanted).collect());
        let mut known = self.store.answers(&wanted.keys().copied().collect::<Vec<_>>()).await?;
        let new: Vec<_> = wanted.into_iter().filter(|(mail, _)| !known.contains_key(mail)).collect();
        if let Some(dns) = self.dns.as_ref().filter(|_| !new.is_empty()) {
            let all = dns.answers(new.iter().flat_map(|(_, names)| names.clone()).collect()).await;
            let answer = |name: String| all.get(&name).map(|answer| (name, answer.clone()));
            let new = new.into_iter().map(|(mail, names)| (mail, names.into_iter().filter_map(answer).collect()));
            let new: HashMap<Hash, Answers> = new.collect();
            self.store.keep_answers(&new).await?;
            known.extend(new);
        }
        Ok(known)
    }

    async fn settle_one(
        &mut self,
        work: &mut Work,
        claim: &ClaimedMail,
        list: Option<&List>,
        understood: Understood,
        now: Timestamp,
    ) -> Result<Option<Settlement>, StoreError> {
        let Understood { mail, .. } = &understood;
        let seal = Seal { policy: &self.config.policy, secret: self.store.secret(), dkim: self.config.dkim.as_deref() };
        let decision = self.judge(work, claim, list, &understood, &seal, now).await?;
        let policy = &self.config.policy;
        let via = policy.via(mail, list);
        let summit_of_session = decision.sessions.first().and_then(|key| policy.summit(&key.summit));
        let summit = summit_of_session.or(policy.summit_for(through(&via), mail.at));
        let answerable = claim.origin == Origin::Live && mail.automatic == Automatic::No;
        let letters: Vec<Outgoing> = match summit {
            Some(summit) if answerable => {
                let last = match mail.author.address.as_ref().filter(|_| decision.answer.is_some()) {
                    Some(author) => rates::next_is_last(work, author, self.config, now).await?,
                    None => false,
                };
                answer::letters(mail, &decision, last, summit, &seal, claim.received)
            }
            _ => Vec::new(),
        };
        let shown = match decision.post.as_ref().filter(|_| answerable) {
            Some(post) => review::act(work, post, (mail, claim.received), &seal, now).await?,
            None => None,
        };
        let letters: Vec<Outgoing> = letters.into_iter().chain(shown).collect();
        let subjects = letters.iter().map(|letter| letter.subject.clone()).collect();
        let mut rationed = rates::ration(work, letters, self.config, now).await?;
        rates::spare(work, &mut rationed, decision.is_spoken_to_us(), self.config).await?;
        let list = through(&via).map(|list| list.address.to_string());
        let row = row(mail, &decision, list, summit.map(|summit| summit.slug.clone()));
        let settled = work.settle(claim, &row, &decision.facts, &rationed, now).await?;
        if settled.lease_lost {
            return Ok(None);
        }
        undelivered::tell_of_held(work, &rationed, summit, self.config, &seal, now).await?;
        keep_words(work, claim, mail, &decision, &seal).await?;
        keep_end(work, claim, mail, decision.reason).await?;
        for (mut fact, position) in decision.facts.into_iter().zip(settled.positions) {
            fact.position = position;
            self.register.apply(fact);
        }
        let repairs = understood.reading.map_or_else(Vec::new, |reading| reading.repairs);
        let repairs = repairs.iter().map(|repair| answer::at_line(repair.line, &repair.text)).collect();
        Ok(Some(Settlement { row, repairs, letters: subjects }))
    }

    /// What would be decided about a mail that came now. Nothing is written.
    pub async fn consider(&mut self, raw: &[u8], now: Timestamp) -> Result<Decision, StoreError> {
        let claim = ClaimedMail {
            id: 0,
            mailbox: String::new(),
            raw: Vec::new(),
            received: now,
            origin: Origin::Archive,
            attempt: 0,
            strikes: 0,
            again: 0,
            residue: None,
        };
        let list = self.config.only_list();
        let answers = self.answers_alone(raw).await?;
        let unread = [Unread { raw, received: now, list, answers: answers.as_ref() }];
        let read = tokio::task::block_in_place(|| understand_all(&unread, &self.config.policy));
        let understood = read.into_iter().next().expect("one mail in, one out");
        let mut work = self.store.begin().await?;
        for fact in work.log_after(self.register.position()).await? {
            self.register.apply(fact);
        }
        let seal = Seal { policy: &self.config.policy, secret: self.store.secret(), dkim: self.config.dkim.as_deref() };
        let decision = self.judge(&mut work, &claim, list, &understood, &seal, now).await?;
        work.rollback().await?;
        Ok(decision)
    }

    /// What the DNS says about one mail's signatures, or said when it came. Nothing is written.
    pub async fn answers_alone(&self, raw: &[u8]) -> Result<Option<Answers>, StoreError> {
        if !self.config.policy.sources.verify {
            return Ok(None);
        }
        let (mail, names) = (hash(raw), tokio::task::block_in_place(|| keys_wanted(raw)));
        let known = self.store.answers(&[mail]).await?.remove(&mail);
        match &self.dns {
            Some(dns) if known.is_none() && !names.is_empty() => Ok(Some(dns.answers(names).await)),
            _ => Ok(known),
        }
    }

    /// The mail's end, before anything is written.
    async fn judge(
        &self,
        work: &mut Work,
        claim: &ClaimedMail,
        list: Option<&List>,
        understood: &Understood,
        seal: &Seal<'_>,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let Understood { mail, reading, refused, proof } = understood;
        if let Some(decision) = claim.residue.as_ref().and_then(|residue| residue.when_read(claim.again)) {
            return Ok(decision);
        }
        if let Some(reason) = refused {
            return Ok(Decision::end(Kind::Unknown, *reason, REFUSED));
        }
        let policy = &self.config.policy;
        let from_us = mail.message_id.as_str().ends_with(&format!("@{}", policy.robot.domain_key()));
        let sent_by_us = from_us && work.was_sent(&mail.message_id).await?;
        let own = [policy.robot.clone(), policy.bounces.clone()];
        let is_ours = |mail: &Mail| seal.is_ours(mail);
        let screening = screen(mail, &Watch { own: &own, loop_mark: &is_ours, sent_by_us });
        if let Screening::Stop(kind, reason) = screening {
            if reason == Reason::OwnEcho && (sent_by_us || seal.is_ours(mail)) {
                work.echo(&mail.message_id, now).await?;
            }
            if claim.origin == Origin::Live {
                undelivered::note(work, mail, self.config, seal, now).await?;
            }
            return Ok(Decision::end(kind, reason, &why_stopped(mail, reason)));
        }
        let via = policy.via(mail, list);
        let twins = work.twins(&mail.message_id, claim.id).await?;
        if twins.iter().any(|twin| is_same(mail, through(&via), twin, policy)) {
            // Not by its number: that is the database's, and a replay counts anew.
            return Ok(Decision::end(Kind::Duplicate, Reason::Duplicate, "the same mail is here already"));
        }
        let named = policy.summit_of_digests(mail).filter(|_| via == Via::Private);
        let summit = named.or_else(|| policy.summit_for(through(&via), mail.at));
        let (Some(reading), Some(summit)) = (reading, summit) else {
            return Ok(Decision::end(Kind::Discussion, Reason::NoSession, "its list has no summit"));
        };
        let case = self.case(work, mail, reading, list, (claim.id, claim.received)).await?;
        let private = via == Via::Private;
        let tier = policy.trust(mail, &via, proof).tier;
        let mut decision = decide(&Question {
            reused_id: twins.iter().any(|twin| !is_faceless(mail, twin)),
            ..self.question((mail, reading), via, summit, tier, &case)
        });
        let acts = !matches!(decision.reason, Reason::ReusedMessageId | Reason::AmbiguousFrom);
        if private
            && acts
            && let Some(word) = self.hear(work, claim, understood, seal).await?
        {
            decision.absorb(word);
        }
        Ok(decision)
    }

    /// Looks up what a decision about a mail may need.
    async fn case(
        &self,
        work: &mut Work,
        mail: &Mail,
        reading: &Reading,
        list: Option<&List>,
        (id, received): (i64, Timestamp),
    ) -> Result<Case, StoreError> {
        let policy = &self.config.policy;
        let links = named::behind(&named::links(reading), policy, work).await?;
        let mut authors = HashMap::new();
        for undone in named::undone(reading, |url| links.get(url).cloned()) {
            let known = work.twins(&undone, id).await?.into_iter().next();
            authors.extend(known.map(|mail| (undone, mail.from_address)));
        }
        let named = named::mails(reading, |url| links.get(url).cloned());
        let mut chains = HashMap::with_capacity(named.len());
        for id in named {
            let chain = work.ancestors(std::slice::from_ref(&id)).await?;
            chains.insert(id, chain);
        }
        let parents = mail.parents();
        let ancestors = if parents.is_empty() { Vec::new() } else { work.ancestors(&parents).await? };
        let asks_of_parent = reading.doubt == Some(Doubt::Talk)
            || reading.asks.iter().any(|ask| matches!(ask.want, Want::ProposeParent { .. } | Want::NotesParent(_)));
        let parent = match parents.first().filter(|_| asks_of_parent) {
            Some(id) => work.raw_of(id).await?.map(|raw| parent(&raw, received, list, policy)),
            None => None,
        };
        Ok(Case { links, named: chains, ancestors, parent, authors })
    }

    /// The register as the log tells it now.
    pub async fn up_to_date(&mut self) -> Result<&Register, StoreError> {
        let position = self.register.position();
        self.store.log_after(position).await?.into_iter().for_each(|fact| self.register.apply(fact));
        Ok(&self.register)
    }

    /// What `decide` is asked about a mail that has its Message-ID for itself and was not asked about before.
    fn question<'q>(
        &'q self,
        (mail, reading): (&'q Mail, &'q Reading),
        via: Via<'q>,
        summit: &'q Summit,
        tier: Tier,
        case: &'q Case,
    ) -> Question<'q> {
        Question {
            mail,
            reading,
            via,
            tier,
            policy: &self.config.policy,
            summit,
            register: &self.register,
            ancestors: &case.ancestors,
            named: &case.named,
            links: &case.links,
            authors: &case.authors,
            parent: case.parent.as_ref(),
            reused_id: false,
            confirmed: None,
        }
    }

    /// Takes out who is to be erased; how many that were. What is known by heart is learned anew then.
    pub async fn erase(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let mut count = 0;
        for (number, address) in self.store.erasures().await? {
            erase::erase(self.store, self.config, number, &address, now).await?;
            self.register = Register::of(self.config.policy.people.clone());
            count += 1;
        }
        self.store.sweep().await?;
        Ok(count)
    }

    /// The register as of the last pass.
    pub fn register(&self) -> &Register {
        &self.register
    }
}

/// What is noted of a mail that has ended.
pub(super) fn row(mail: &Mail, decision: &Decision, list: Option<String>, summit: Option<String>) -> MailRow {
    MailRow {
        message_id: mail.message_id.clone(),
        content_hash: mail.content_hash.clone(),
        subject: mail.subject.clone(),
        from_name: mail.author.name.clone(),
        from_address: mail.author.address.clone(),
        at: mail.at,
        list,
        kind: decision.kind,
        reason: decision.reason,
        detail: decision.detail.clone(),
        sessions: decision.sessions.clone(),
        candidates: decision.candidates.clone(),
        summit,
        parents: mail.parents(),
        references: mail.references.clone(),
        archived_at: mail.archived_at.clone(),
    }
}

/// Mails that were erased, and came back from a mailbox or an archive, are not looked at again.
async fn forget_again(
    work: &mut Work,
    tombs: Tombs<'_>,
    claims: &[ClaimedMail],
    understood: &mut [Understood],
) -> Result<(), StoreError> {
    if !work.has_tombs().await? {
        return Ok(());
    }
    let of_mail = |mail: &Mail| tombs.of_mail(&mail.message_id, &mail.content_hash, mail.at);
    let of_author = |mail: &Mail| mail.author.address.as_ref().map(|address| tombs.of_author(address));
    let hashes: Vec<String> =
        understood.iter().flat_map(|one| of_mail(&one.mail).into_iter().chain(of_author(&one.mail))).collect();
    let buried = work.buried(&hashes).await?;
    for (claim, one) in claims.iter().zip(understood).filter(|(claim, _)| claim.residue.is_none()) {
        let written_before = |hash: &String| buried.get(hash).is_some_and(|until| one.mail.at <= *until);
        let hash = of_mail(&one.mail).into_iter().find(|hash| buried.contains_key(hash));
        // Whoever was erased and writes again is somebody new.
        if let Some(hash) = hash.or(of_author(&one.mail).filter(written_before)) {
            *one = understand::erased(&tombstone(&hash), claim.received);
        }
    }
    Ok(())
}

/// An end that does not follow from the bytes is kept beside them.
async fn keep_end(work: &mut Work, claim: &ClaimedMail, mail: &Mail, reason: Reason) -> Result<(), StoreError> {
    match reason {
        _ if claim.residue.is_some() => Ok(()),
        Reason::Strikes => {
            let end = Residue { unread: true, again: claim.again, ..Residue::end(Kind::Unknown, reason, REFUSED) };
            work.keep_residue(claim.id, &end).await
        }
        Reason::Erased => {
            let end = Residue { again: claim.again, ..Residue::end(Kind::Unknown, reason, REFUSED) };
            let stone = tombstone(mail.message_id.as_str().split('@').next().unwrap_or_default());
            work.rewrite_raw(claim.id, &claim.raw, &stone, Some(&end)).await?;
            work.is_to_be_swept().await
        }
        _ => Ok(()),
    }
}

/// What was looked up for a mail.
struct Case {
    links: HashMap<String, MessageId>,
    named: HashMap<MessageId, Vec<MessageId>>,
    ancestors: Vec<MessageId>,
    parent: Option<Parent>,
    /// Who wrote the mails that are to be undone.
    authors: HashMap<MessageId, Option<Address>>,
}

/// Notes what of a settled mail waits, the word that it brought for another one's lines, and whether its author wants to be
/// left alone.
async fn keep_words(
    work: &mut Work,
    claim: &ClaimedMail,
    mail: &Mail,
    decision: &Decision,
    seal: &Seal<'_>,
) -> Result<(), StoreError> {
    if let Some(asked) = &decision.asked {
        let waiting = Waiting {
            token_hash: token_hash(&seal.token(&mail.message_id, &asked.command_hash)),
            mail: mail.message_id.clone(),
            inbox_id: Some(claim.id),
            places: asked.lines.iter().map(|held| held.place.clone()).collect(),
            command_hash: asked.command_hash.clone(),
            address: asked.address.clone(),
            expires: expires(claim.received),
            word: None,
        };
        work.wait(&waiting).await?;
    }
    if let Some(address) = &decision.erase {
        work.order_erasure(address, claim.received).await?;
    }
    if let (Some(muted), Some(author)) = (decision.mute, &mail.author.address) {
        work.mute(claim.id, author, muted).await?;
    }
    match (&decision.token, &mail.author.address) {
        (Some(Brought::Word(word, hash)), _) => drop(work.hear(hash, *word, claim.id).await?),
        (Some(Brought::Wrong(hash)), Some(by)) => work.wrong_try(claim.id, hash, by, claim.received).await?,
        _ => {}
    }
    Ok(())
}

fn through<'a>(via: &Via<'a>) -> Option<&'a List> {
    match via {
        Via::List(list) => Some(list),
        _ => None,
    }
}

/// The same mail again, from the same author: the same words; or, through another list that put its footer on, the
/// same moment. A copy whose author a list has hidden is told by its words alone.
fn is_same(mail: &Mail, list: Option<&List>, twin: &Twin, policy: &Policy) -> bool {
    let same_words = twin.content_hash == mail.content_hash;
    let before = twin.list.as_deref().and_then(Address::parse);
    // A list that was renamed since is the same list.
    let before = before.map(|address| policy.list(&address).map_or(address, |list| list.address.clone()));
    let elsewhere = list.map(|list| &list.address) != before.as_ref();
    match &mail.author.address {
        None => same_words,
        author => twin.from_address == *author && (same_words || (elsewhere && twin.at == mail.at)),
    }
}

/// The copy that came before, by which nobody could tell who wrote it: it acted on nothing, so this one still may.
fn is_faceless(mail: &Mail, twin: &Twin) -> bool {
    twin.from_address.is_none() && twin.content_hash == mail.content_hash
}

fn parent(raw: &[u8], received: Timestamp, list: Option<&List>, policy: &Policy) -> Parent {
    let read = tokio::task::block_in_place(|| understand_all(&[Unread::new(raw, received, list)], policy));
    let Understood { mail, reading, .. } = read.into_iter().next().expect("one mail in, one out");
    let text = mail.text.visible_text();
    let title = reading.as_ref().map_or_else(|| mail.subject.clone(), |reading| reading.subject.title.clone());
    let notes = reading.and_then(|reading| reading.notes);
    let notes = notes.unwrap_or_else(|| crate::grammar::Notes { text: text.clone(), ..Default::default() });
    Parent { message_id: mail.message_id.clone(), author: mail.author.person(), at: mail.at, title, text, notes }
}

fn why_stopped(mail: &Mail, reason: Reason) -> String {
    match (reason, &mail.automatic, &mail.bounce) {
        (Reason::Automatic, Automatic::Yes(why), _) => why.clone(),
        (Reason::Bounce, _, Some(bounce)) if !bounce.complained.is_empty() => {
            format!("a complaint from {}", bounce.complained.join(", "))
        }
        (Reason::Bounce, _, Some(bounce)) => {
            let failed: Vec<&str> = bounce.permanent.iter().chain(&bounce.temporary).map(String::as_str).collect();
            format!(
                "a delivery report about {}",
                if failed.is_empty() { "nobody named".into() } else { failed.join(", ") }
            )
        }
        (Reason::OwnEcho, ..) => "our own mail came back".into(),
        (Reason::MailLoop, ..) => format!("it passed {} hosts", mail.hops),
        (Reason::Spam, ..) => "marked as spam on arrival".into(),
        _ => "stopped".into(),
    }
}
