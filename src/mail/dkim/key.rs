//! A signer's public key, as its domain publishes it (RFC 6376 §3.6.1).

use super::tags::Tags;
use super::{Answer, Answers, Flaw, broken, name_of_key};
use data_encoding::BASE64;
use ring::signature::{
    ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents, UnparsedPublicKey,
};
use sha2::{Digest, Sha256};

/// RFC 8301 §3.2.
const FEWEST_BITS: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Rsa,
    Ed25519,
}

/// The keys that may have made a signature: a name can hold several.
pub struct PublicKey {
    algorithm: Algorithm,
    keys: Vec<Vec<u8>>,
}

impl PublicKey {
    /// The key that a signature or a seal names.
    pub fn of(tags: &Tags, domain: &str, answers: &Answers) -> Result<PublicKey, Flaw> {
        let algorithm = match tags.get("a").map(str::to_ascii_lowercase).as_deref() {
            Some("rsa-sha256") => Algorithm::Rsa,
            Some("ed25519-sha256") => Algorithm::Ed25519,
            Some("rsa-sha1") => return broken(format!("{domain} signed with SHA-1, which proves nothing any more")),
            _ => return broken(format!("{domain} signed in an unknown way")),
        };
        let Some(name) = name_of_key(tags) else { return broken("a signature whose key has no possible name") };
        let records = match answers.get(&name) {
            Some(Answer::Found(records)) => records,
            Some(Answer::Nothing) => return broken(format!("there is no key at {name}")),
            Some(Answer::Unknown) | None => {
                return Err(Flaw::Unknown(format!("the key at {name} could not be looked up")));
            }
        };
        let mut refused = format!("what stands at {name} is no key");
        let mut keys = Vec::new();
        for record in records {
            match published(record, algorithm, tags, domain) {
                Ok(key) => keys.push(key),
                Err(why) => refused = format!("the key at {name} {why}"),
            }
        }
        if keys.is_empty() { broken(refused) } else { Ok(PublicKey { algorithm, keys }) }
    }

    /// Whether one of them made the signature `b=` over this.
    pub fn verifies(&self, signed: &[u8], tags: &Tags) -> bool {
        let Some(signature) = tags.get("b").and_then(|text| BASE64.decode(text.as_bytes()).ok()) else { return false };
        self.keys.iter().any(|key| match self.algorithm {
            Algorithm::Rsa => rsa(key).is_some_and(|(n, e)| {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, signed, &signature).is_ok()
            }),
            // RFC 8463 §3: the hash is what is signed.
            Algorithm::Ed25519 => {
                UnparsedPublicKey::new(&ED25519, key).verify(&Sha256::digest(signed), &signature).is_ok()
            }
        })
    }
}

/// The key in a record, or why this signature must not use it.
fn published(record: &str, algorithm: Algorithm, tags: &Tags, domain: &str) -> Result<Vec<u8>, &'static str> {
    let key = Tags::read(record.as_bytes()).ok_or("cannot be read")?;
    let lists = |name: &str, one: &[&str]| key.get(name).is_none_or(|all| all.split(':').any(|it| one.contains(&it)));
    let flag = |flag: &str| key.get("t").is_some_and(|flags| flags.split(':').any(|it| it == flag));
    let kind = match key.get("k").unwrap_or("rsa") {
        "rsa" => Algorithm::Rsa,
        "ed25519" => Algorithm::Ed25519,
        _ => return Err("is of an unknown kind"),
    };
    match () {
        _ if key.get("v").is_some_and(|version| version != "DKIM1" || key.first() != Some("v")) => {
            return Err("is of an unknown version");
        }
        _ if kind != algorithm => return Err("is of another kind than the signature"),
        _ if key.get("p") == Some("") => return Err("was withdrawn"),
        _ if !lists("h", &["sha256"]) => return Err("is not for SHA-256"),
        _ if !lists("s", &["*", "email"]) => return Err("is not for mail"),
        _ if flag("y") => return Err("is only being tried out"),
        _ => {}
    }
    // The name in i= is at the signing domain (RFC 6376 §3.5), and with `t=s` not below it.
    let identity = tags.get("i").and_then(|identity| identity.rsplit_once('@')).map(|(_, at)| at.to_ascii_lowercase());
    if let Some(at) = identity.filter(|at| at != domain)
        && (flag("s") || !at.strip_suffix(domain).is_some_and(|below| below.ends_with('.')))
    {
        return Err("does not speak for the name in i=");
    }
    let bytes = key.get("p").and_then(|text| BASE64.decode(text.as_bytes()).ok()).ok_or("has no p=")?;
    match algorithm {
        Algorithm::Ed25519 => Ok(bytes),
        Algorithm::Rsa => match rsa(&bytes) {
            None => Err("is no RSA key"),
            Some((n, _)) if bits(n) < FEWEST_BITS => Err("has fewer than 1024 bits"),
            Some(_) => Ok(bytes),
        },
    }
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// Modulus and exponent of an RSA key in DER: bare (RFC 8017), or in a SubjectPublicKeyInfo (RFC 5280).
fn rsa(der: &[u8]) -> Option<(&[u8], &[u8])> {
    const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let (body, _) = element(der, SEQUENCE)?;
    let (inner, _) = match element(body, SEQUENCE) {
        Some((algorithm, rest)) => {
            let (key, _) = element(rest, BIT_STRING).filter(|_| algorithm.starts_with(RSA_ENCRYPTION))?;
            element(key.strip_prefix(&[0])?, SEQUENCE)?
        }
        None => (body, &[][..]),
    };
    let (n, rest) = element(inner, INTEGER)?;
    let (e, _) = element(rest, INTEGER)?;
    Some((without_zeros(n), without_zeros(e)))
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

/// The content of the DER element of this type at the front, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[tag])?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 | 0x82 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
