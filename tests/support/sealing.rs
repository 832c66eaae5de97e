//! Signs and seals mails for tests (RFC 6376, RFC 8617), with keys that follow from a domain's name. It shares no code
//! with what verifies: a mistake in one must not hide in the other.

use data_encoding::BASE64;
use rapporteur::mail::dkim::{Answer, Answers};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};

/// What every signature covers unless a test says otherwise.
pub const NAMES: &str = "from:to:subject:date:message-id:from";

fn key(domain: &str) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&Sha256::digest(domain)).expect("32 bytes")
}

/// The name of a domain's key, and its record.
pub fn record(domain: &str) -> (String, Answer) {
    let public = BASE64.encode(key(domain).public_key().as_ref());
    (format!("k._domainkey.{domain}"), Answer::Found(vec![format!("v=DKIM1; k=ed25519; p={public}")]))
}

/// A DNS that knows these domains.
pub fn dns(domains: &[&str]) -> Answers {
    domains.iter().map(|domain| record(domain)).collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The fields of a mail with LF line ends: names in lower case, values relaxed, from the top.
fn fields(mail: &str) -> Vec<(String, String)> {
    let header = mail.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
    let field = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), words(value)));
    header.lines().filter_map(field).collect()
}

fn body_hash(mail: &str) -> String {
    let body = mail.split_once("\n\n").map_or("", |(_, body)| body);
    let lines: Vec<String> = body.trim_end().lines().map(|line| line.trim_end().to_owned()).collect();
    let text = if body.trim().is_empty() { String::new() } else { lines.join("\r\n") + "\r\n" };
    BASE64.encode(&Sha256::digest(text))
}

/// Puts a signature on top of a mail. `tags` end with a semicolon and have all but `bh` and `b`; the text is relaxed, and
/// has no doubled blanks.
pub fn signed_as(header: &str, mail: &str, tags: &str, domain: &str) -> String {
    let names = tags.split(';').find_map(|tag| tag.trim().strip_prefix("h=")).unwrap_or_default();
    let mut free: Vec<Option<(String, String)>> = fields(mail).into_iter().rev().map(Some).collect();
    let mut covered = String::new();
    for name in names.split(':') {
        let named = free.iter_mut().find(|field| field.as_ref().is_some_and(|(known, _)| known == name));
        if let Some((name, value)) = named.and_then(Option::take) {
            covered += &format!("{name}:{value}\r\n");
        }
    }
    let value = format!("{tags} bh={}; b=", body_hash(mail));
    covered += &format!("{}:{}", header.to_lowercase(), words(&value));
    let signature = BASE64.encode(key(domain).sign(&Sha256::digest(covered)).as_ref());
    format!("{header}: {value}{signature}\n{mail}")
}

/// The usual signature of a domain.
pub fn signed(mail: &str, domain: &str) -> String {
    let tags = format!("v=1; a=ed25519-sha256; c=relaxed/relaxed; d={domain}; s=k; h={NAMES};");
    signed_as("DKIM-Signature", mail, &tags, domain)
}

/// What a server does that changes a mail and seals what it saw before.
pub fn sealed(mail: &str, domain: &str, saw: &str) -> String {
    let before = fields(mail);
    let instance = before.iter().filter(|(name, _)| name == "arc-seal").count() + 1;
    let tags = format!("i={instance}; a=ed25519-sha256; c=relaxed/relaxed; d={domain}; s=k; h={NAMES};");
    let signed = signed_as("ARC-Message-Signature", mail, &tags, domain);
    let with = format!("ARC-Authentication-Results: i={instance}; {domain}; {saw}\n{signed}");
    let all = fields(&with);
    let mut covered = String::new();
    for number in 1..=instance {
        for name in ["arc-authentication-results", "arc-message-signature", "arc-seal"] {
            let own = |(known, value): &&(String, String)| {
                known == name && value.split([';', ' ']).any(|tag| tag == format!("i={number}"))
            };
            for (name, value) in all.iter().filter(own) {
                covered += &format!("{name}:{value}\r\n");
            }
        }
    }
    let verdict = if instance == 1 { "none" } else { "pass" };
    let seal = format!("i={instance}; a=ed25519-sha256; cv={verdict}; d={domain}; s=k; b=");
    covered += &format!("arc-seal:{seal}");
    let signature = BASE64.encode(key(domain).sign(&Sha256::digest(covered)).as_ref());
    format!("ARC-Seal: {seal}{signature}\n{with}")
}
