//! The Authenticated Received Chain (RFC 8617): each server that changes a mail writes down what it saw before, and
//! seals that together with all that others wrote before it.
//!
//! A seal is worth what its sealer is. So of a chain that holds, only the unbroken row of trusted sealers at its end
//! counts, and what the first of them saw with its own eyes: what a stranger wrote below is a stranger's word, though
//! trusted seals lie on top of it.

use super::canonical::{Form, header_field, without_signature};
use super::key::PublicKey;
use super::message::{Field, Message};
use super::tags::Tags;
use super::{Answers, Flaw, broken, name_of_key, signature};
use crate::mail::results;
use std::collections::BTreeSet;

/// RFC 8617 §4.2.1.
const MOST_SETS: usize = 50;

/// Whether a mail's seals hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    None,
    Pass,
    Fail(Flaw),
}

/// What one server wrote.
struct Set<'a> {
    results: Field<'a>,
    signature: Field<'a>,
    seal: Field<'a>,
    signature_tags: Tags,
    seal_tags: Tags,
}

impl Set<'_> {
    fn sealer(&self) -> String {
        self.seal_tags.get("d").unwrap_or_default().to_ascii_lowercase()
    }
}

/// The names of the keys of a chain.
pub fn wanted(message: &Message) -> BTreeSet<String> {
    let sets = sets(message).unwrap_or_default();
    let tags = sets.last().map(|set| &set.signature_tags).into_iter().chain(sets.iter().map(|set| &set.seal_tags));
    tags.filter_map(name_of_key).collect()
}

pub fn chain(message: &Message, answers: &Answers) -> Chain {
    match sets(message) {
        Ok(sets) if sets.is_empty() => Chain::None,
        Ok(sets) => match holds(message, &sets, answers) {
            Ok(_) => Chain::Pass,
            Err(flaw) => Chain::Fail(flaw),
        },
        Err(flaw) => Chain::Fail(flaw),
    }
}

/// Whether trusted sealers vouch that a mail came from the domain: the first of them, or why not. `None` without seals,
/// or without trust in anybody.
pub fn sealed(message: &Message, answers: &Answers, domain: &str, sealers: &[String]) -> Option<Result<String, Flaw>> {
    if sealers.is_empty() {
        return None;
    }
    match sets(message) {
        Ok(sets) if sets.is_empty() => None,
        Ok(sets) => Some(vouched(message, &sets, answers, domain, sealers)),
        Err(flaw) => Some(Err(flaw)),
    }
}

fn vouched(
    message: &Message,
    sets: &[Set],
    answers: &Answers,
    domain: &str,
    sealers: &[String],
) -> Result<String, Flaw> {
    let trusted = sets.iter().rev().take_while(|set| sealers.contains(&set.sealer()));
    let Some(first) = trusted.last() else {
        let last = sets.last().map(Set::sealer).unwrap_or_default();
        return broken(format!("{last} sealed it, whom the configuration does not trust"));
    };
    holds(message, sets, answers)?.covers(message)?;
    let by = first.sealer();
    match saw(first.results, domain) {
        true => Ok(by),
        false => broken(format!("{by} sealed it, and did not see that it came from {domain}")),
    }
}

/// Whether an ARC-Authentication-Results says that the domain signed: by DMARC, or by a signature of its own.
fn saw(field: Field, domain: &str) -> bool {
    let Ok(text) = std::str::from_utf8(field.value()) else { return false };
    let Some((_, results)) = text.split_once(';') else { return false };
    let methods = results::parse(&results.replace("\r\n", "")).map(|results| results.methods).unwrap_or_default();
    let says = |name: &str, property: &str| {
        let mut all = methods.iter().filter(|method| method.name == name && method.result == "pass");
        all.any(|method| {
            let value = method.property(property).map(str::to_ascii_lowercase);
            value.as_deref().map(|value| value.rsplit('@').next().unwrap_or(value)) == Some(domain)
        })
    };
    let failed = methods.iter().any(|method| method.name == "dmarc" && method.result == "fail");
    !failed && (says("dmarc", "header.from") || says("dkim", "header.d"))
}

/// The sets of a mail, first to last, when each is whole (RFC 8617 §5.2, steps 1 to 3).
fn sets(message: &Message) -> Result<Vec<Set<'_>>, Flaw> {
    let seals = by_instance(message, "arc-seal")?;
    let signatures = by_instance(message, "arc-message-signature")?;
    let results = by_instance(message, "arc-authentication-results")?;
    if signatures.len() != seals.len() || results.len() != seals.len() {
        return broken("a seal (ARC) that is not whole");
    }
    let mut sets = Vec::with_capacity(seals.len());
    for ((seal, signature), results) in seals.into_iter().zip(signatures).zip(results) {
        let (Some(seal_tags), Some(signature_tags)) = (Tags::read(seal.value()), Tags::read(signature.value())) else {
            return broken("a seal (ARC) that cannot be read");
        };
        let said = if sets.is_empty() { "none" } else { "pass" };
        match seal_tags.get("cv").map(str::to_ascii_lowercase) {
            Some(cv) if cv == said => {}
            _ => return broken("a seal (ARC) says that those before it were broken"),
        }
        if seal_tags.get("h").is_some() {
            return broken("a seal (ARC) with h=, which it may not have");
        }
        sets.push(Set { results, signature, seal, signature_tags, seal_tags });
    }
    Ok(sets)
}

/// The fields of a name in the order of their `i=`, which count from 1 without a gap.
fn by_instance<'a>(message: &'a Message, name: &'a str) -> Result<Vec<Field<'a>>, Flaw> {
    let mut numbered: Vec<(usize, Field)> = Vec::new();
    for field in message.named(name) {
        let instance = instance(field);
        match instance.filter(|instance| (1..=MOST_SETS).contains(instance)) {
            Some(instance) if numbered.len() < MOST_SETS => numbered.push((instance, field)),
            _ => return broken("a seal (ARC) without a number from 1 to 50"),
        }
    }
    numbered.sort_by_key(|(instance, _)| *instance);
    match numbered.iter().enumerate().all(|(at, (instance, _))| *instance == at + 1) {
        true => Ok(numbered.into_iter().map(|(_, field)| field).collect()),
        false => broken("seals (ARC) whose numbers have a gap, or come twice"),
    }
}

fn instance(field: Field) -> Option<usize> {
    let text = std::str::from_utf8(field.value()).ok()?;
    let mut parts = text.split(';').filter_map(|part| part.split_once('='));
    let (_, number) = parts.find(|(name, _)| name.trim() == "i")?;
    number.trim().parse().ok()
}

/// Whether the last signature and every seal hold (steps 4 and 6): the last signature.
fn holds(message: &Message, sets: &[Set], answers: &Answers) -> Result<super::Signed, Flaw> {
    let Some(last) = sets.last() else { return broken("there is no seal (ARC)") };
    if last
        .signature_tags
        .get("h")
        .is_some_and(|names| names.split(':').any(|name| name.eq_ignore_ascii_case("arc-seal")))
    {
        return broken("a signature (ARC) over seals, which it may not cover");
    }
    let signed = signature(message, &last.signature_tags, last.signature, answers)?;
    for at in (0..sets.len()).rev() {
        seal(&sets[..=at], answers)?;
    }
    Ok(signed)
}

/// Verifies the last seal of these: it covers everything that was written for them.
fn seal(sets: &[Set], answers: &Answers) -> Result<(), Flaw> {
    let Some((last, before)) = sets.split_last() else { return Ok(()) };
    let domain = last.sealer();
    let key = PublicKey::of(&last.seal_tags, &domain, answers)?;
    let mut sealed = Vec::new();
    let mut add = |field: Field| {
        sealed.extend(header_field(Form::Relaxed, field));
        sealed.extend(b"\r\n");
    };
    for set in before {
        [set.results, set.signature, set.seal].into_iter().for_each(&mut add);
    }
    [last.results, last.signature].into_iter().for_each(&mut add);
    let own = without_signature(last.seal.whole);
    sealed.extend(header_field(Form::Relaxed, Field { whole: &own, ..last.seal }));
    match key.verifies(&sealed, &last.seal_tags) {
        true => Ok(()),
        false => broken(format!("the seal of {domain} does not fit")),
    }
}
