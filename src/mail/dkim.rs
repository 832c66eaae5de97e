//! Does a signature prove who wrote a mail? DKIM (RFC 6376, RFC 8301, RFC 8463) and, where a list has broken that, the
//! seal of a list that the operator trusts (ARC, RFC 8617).
//!
//! Pure: it says which names it wants from the DNS, and judges by the answers that it is given. So the same mail with the
//! same answers is judged the same for ever, though keys are withdrawn. It is stricter than a mail server has to be,
//! because commands follow from it: what is not wholly covered by a signature proves nothing.

mod arc;
mod canonical;
mod key;
mod message;
mod tags;

pub use arc::Chain;

use crate::clock::Timestamp;
use canonical::{Form, body_hash, header_field, without_signature};
use data_encoding::BASE64;
use key::PublicKey;
use message::{Field, Message};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tags::Tags;

/// Signatures of one mail that are looked at, from the top.
const MOST_SIGNATURES: usize = 5;

/// What the DNS said about one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The TXT records there.
    Found(Vec<String>),
    /// There are none, for all we know for ever.
    Nothing,
    /// Nobody could tell.
    Unknown,
}

/// Answers under the names that were asked for.
pub type Answers = BTreeMap<String, Answer>;

/// What a mail's signatures prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// There are none, or nobody looked.
    Unsigned,
    /// The author's domain signed it.
    Signed { domain: String, selector: String },
    /// Servers that the operator trusts sealed it, and the first of them saw the signature of the author's domain.
    Sealed { by: String },
    /// A key could not be looked up.
    Unknown(String),
    /// Why none of the signatures counts.
    Broken(String),
}

/// Why a signature proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its key could not be looked up (RFC 8601: temperror).
    Unknown(String),
    Broken(String),
}

fn broken<T>(why: impl Into<String>) -> Result<T, Flaw> {
    Err(Flaw::Broken(why.into()))
}

/// The names whose TXT records are needed to judge a mail's signatures.
pub fn wanted(raw: &[u8]) -> BTreeSet<String> {
    let Some(message) = Message::read(raw) else { return BTreeSet::new() };
    let signed = message.named("dkim-signature").take(MOST_SIGNATURES).filter_map(|field| Tags::read(field.value()));
    signed.filter_map(|tags| name_of_key(&tags)).chain(arc::wanted(&message)).collect()
}

/// `s._domainkey.d` (RFC 6376 §3.6.2.1), when both are made of what host names are made of.
fn name_of_key(tags: &Tags) -> Option<String> {
    let name = format!("{}._domainkey.{}", tags.get("s")?, tags.get("d")?).to_ascii_lowercase();
    let sound = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    (name.len() <= 253 && name.split('.').all(sound)).then_some(name)
}

/// Whether a mail is proven to come from the author's domain. `sealers` and `domain` are in lower case.
pub fn prove(raw: &[u8], answers: &Answers, domain: &str, sealers: &[String], received: Timestamp) -> Proof {
    let Some(message) = Message::read(raw) else { return Proof::Unsigned };
    let mut flaws = Vec::new();
    for field in message.named("dkim-signature").take(MOST_SIGNATURES) {
        match verify(&message, field, answers, received) {
            Ok(signed) if signed.domain != domain => {
                flaws.push(Flaw::Broken(format!("{} signed it, not {domain}", signed.domain)));
            }
            Ok(signed) => match signed.covers(&message) {
                Ok(()) => return Proof::Signed { domain: signed.domain, selector: signed.selector },
                Err(flaw) => flaws.push(flaw),
            },
            Err(flaw) => flaws.push(flaw),
        }
    }
    match arc::sealed(&message, answers, domain, sealers) {
        Some(Ok(by)) => return Proof::Sealed { by },
        Some(Err(flaw)) => flaws.push(flaw),
        None => {}
    }
    let unknown = flaws.iter().any(|flaw| matches!(flaw, Flaw::Unknown(_)));
    let why: Vec<&str> = flaws.iter().map(|(Flaw::Unknown(why) | Flaw::Broken(why))| why.as_str()).collect();
    match (why.is_empty(), unknown) {
        (true, _) => Proof::Unsigned,
        (false, true) => Proof::Unknown(why.join("; ")),
        (false, false) => Proof::Broken(why.join("; ")),
    }
}

/// What becomes of each signature, from the top: the domain that signed, or why it does not count.
pub fn each(raw: &[u8], answers: &Answers, received: Timestamp) -> Vec<Result<String, Flaw>> {
    let Some(message) = Message::read(raw) else { return Vec::new() };
    let signatures = message.named("dkim-signature").take(MOST_SIGNATURES);
    let judged = signatures.map(|field| verify(&message, field, answers, received).map(|signed| signed.domain));
    judged.collect()
}

/// What a mail's seals are worth by themselves, whoever set them.
pub fn chain(raw: &[u8], answers: &Answers) -> Chain {
    Message::read(raw).map_or(Chain::None, |message| arc::chain(&message, answers))
}

/// A signature that holds.
struct Signed {
    domain: String,
    selector: String,
    /// The names it covers, in lower case, as often as each.
    names: Vec<String>,
}

impl Signed {
    /// What a command hangs on has to be signed, as often as it is there: an unsigned Subject above a signed one would be
    /// read, and not be the author's.
    fn covers(&self, message: &Message) -> Result<(), Flaw> {
        for name in ["from", "subject", "date", "message-id"] {
            let signed = self.names.iter().filter(|signed| *signed == name).count();
            if message.named(name).count() > signed {
                return broken(format!("the signature of {} leaves out {name}", self.domain));
            }
        }
        Ok(())
    }
}

/// Verifies one DKIM-Signature.
fn verify(message: &Message, field: Field, answers: &Answers, received: Timestamp) -> Result<Signed, Flaw> {
    let Some(tags) = Tags::read(field.value()) else { return broken("a signature that cannot be read") };
    if tags.get("v") != Some("1") {
        return broken("a signature of another version than 1");
    }
    if tags.get("q").is_some_and(|ways| !ways.split(':').any(|way| way == "dns/txt")) {
        return broken("a signature whose key is not in the DNS");
    }
    let time = |name: &str| tags.get(name).map(|text| text.parse::<i64>().unwrap_or(-1));
    if let Some(expires) = time("x")
        && (expires < received.as_second() || time("t").is_some_and(|signed| expires <= signed))
    {
        return broken("a signature that has expired");
    }
    if message.named("from").count() != 1 {
        return broken("there is not one From header");
    }
    signature(message, &tags, field, answers)
}

/// What a DKIM-Signature and an ARC-Message-Signature have in common (RFC 8617 §4.1.2).
fn signature(message: &Message, tags: &Tags, field: Field, answers: &Answers) -> Result<Signed, Flaw> {
    let parts = (tags.get("d"), tags.get("s"), tags.get("h"), tags.get("bh"));
    let (Some(domain), Some(selector), Some(names), Some(hash)) = parts else {
        return broken("a signature without d=, s=, h= or bh=");
    };
    let (domain, selector) = (domain.to_ascii_lowercase(), selector.to_ascii_lowercase());
    if tags.get("l").is_some() {
        return broken(format!("the signature of {domain} covers only a part of the text (l=)"));
    }
    let names: Vec<String> = names.split(':').map(str::to_ascii_lowercase).collect();
    if !names.iter().any(|name| name == "from") {
        return broken(format!("the signature of {domain} leaves out From"));
    }
    let Some((header, body)) = Form::pair(tags.get("c")) else {
        return broken(format!("the signature of {domain} has an unknown c="));
    };
    let key = PublicKey::of(tags, &domain, answers)?;
    if BASE64.decode(hash.as_bytes()).ok().as_deref() != Some(&body_hash(body, message.body())[..]) {
        return broken(format!("the text was changed since {domain} signed it"));
    }
    let mut signed = Vec::new();
    for field in message.signed(&names) {
        signed.extend(header_field(header, field));
        signed.extend(b"\r\n");
    }
    let own = without_signature(field.whole);
    signed.extend(header_field(header, Field { whole: &own, ..field }));
    match key.verifies(&signed, tags) {
        true => Ok(Signed { domain, selector, names }),
        false => broken(format!("the signature of {domain} does not fit, or its header was changed")),
    }
}
