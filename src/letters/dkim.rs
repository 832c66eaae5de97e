//! DKIM signatures of what we send (RFC 6376; RFC 8463 for Ed25519), made before a letter's bytes are frozen.
//!
//! Our own headers and our own text are all that is ever signed, so this knows one canonicalisation of each, the relaxed
//! one, which survives what relays do to white space. Whether a signature holds is for others to say.

use crate::clock::Timestamp;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};
use std::fmt;

/// What is signed, of what is there.
const SIGNED: [&str; 18] = [
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "x-rapporteur-loop",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-help",
    "archived-at",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];
/// Characters of base64 on one line.
const CHUNK: usize = 72;

/// A domain's key for signing, and the name under which its other half stands in the DNS.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// Never shows the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}._domainkey.{})", self.selector, self.domain)
    }
}

impl Signer {
    /// `pem` is a private key as `openssl genpkey` and `openssl genrsa` write it: RSA from 2048 bits, or Ed25519. Errors
    /// are sentences for the operator; they never hold the key.
    pub fn new(domain: &str, selector: &str, pem: &str) -> Result<Signer, String> {
        let key = key(pem).ok_or(
            "it holds no private key in PEM, RSA (2048 to 4096 bits) or Ed25519: make one with \
             `openssl genpkey -algorithm ed25519` or `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048`",
        )?;
        Ok(Signer { domain: domain.to_owned(), selector: selector.to_owned(), key })
    }

    /// The header to put above a letter, with its line end. `None` when the library cannot sign, for which it gives no
    /// reason: a letter without a signature is better than none.
    pub fn sign(&self, letter: &str, at: Timestamp) -> Option<String> {
        let (header, body) = letter.split_once("\r\n\r\n")?;
        let fields = fields(header);
        let fields: Vec<_> = fields.iter().filter(|(name, _)| SIGNED.contains(&&name[..])).collect();
        // From once more: that is the second one, which is not there, and breaks the signature if it comes (§5.4.2).
        let named: Vec<&str> = fields.iter().map(|(name, _)| &name[..]).chain(["from"]).collect();
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let (domain, selector, at) = (&self.domain, &self.selector, at.as_second());
        let lines: Vec<String> = named.chunks(5).map(|names| names.join(":")).collect();
        let hash = BASE64.encode(&Sha256::digest(relaxed_body(body)));
        let unsigned = format!(
            " v=1; a={algorithm}; c=relaxed/relaxed; t={at};\r\n d={domain}; s={selector};\r\n h={};\r\n bh={hash};\r\n b=",
            lines.join(":\r\n  ")
        );
        let mut signed: String = fields.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
        signed += &format!("dkim-signature:{}", relaxed(&unsigned));
        let signature = self.signature(signed.as_bytes())?;
        let chunks: Vec<&str> =
            signature.as_bytes().chunks(CHUNK).filter_map(|chunk| str::from_utf8(chunk).ok()).collect();
        Some(format!("DKIM-Signature:{unsigned}{}\r\n", chunks.join("\r\n  ")))
    }

    fn signature(&self, signed: &[u8]) -> Option<String> {
        let signature = match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // Chance hides the key from who measures time; the signature does not depend on it.
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature).ok()?;
                signature
            }
            // RFC 8463 §3: the hash is what is signed.
            Key::Ed25519(key) => key.sign(&Sha256::digest(signed)).as_ref().to_vec(),
        };
        Some(BASE64.encode(&signature))
    }
}

/// The key in a PEM file (RFC 7468): PKCS #8, or PKCS #1 for RSA.
fn key(pem: &str) -> Option<Key> {
    let (_, behind) = pem.split_once("-----BEGIN ")?;
    let (label, behind) = behind.split_once("-----")?;
    let (base64, _) = behind.split_once("-----END ")?;
    let der = BASE64_MIME_PERMISSIVE.decode(base64.trim().as_bytes()).ok()?;
    let rsa = |key| Key::Rsa(Box::new(key));
    match label {
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).ok().map(rsa),
        "PRIVATE KEY" => {
            let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok().map(Key::Ed25519);
            ed25519.or_else(|| RsaKeyPair::from_pkcs8(&der).ok().map(rsa))
        }
        _ => None,
    }
}

/// The header's fields, names in lower case, values relaxed.
fn fields(header: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.split("\r\n") {
        match (line.starts_with(' '), fields.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => value.push_str(line),
            (_, _, Some((name, value))) => fields.push((name.to_ascii_lowercase(), value.to_owned())),
            _ => {}
        }
    }
    for (_, value) in &mut fields {
        *value = relaxed(value);
    }
    fields
}

/// A value on one line, white space as one space, none at the ends (§3.4.2).
fn relaxed(value: &str) -> String {
    value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A body with white space within lines as one space, none at their ends, and no empty lines at the end (§3.4.4).
fn relaxed_body(body: &str) -> String {
    let mut relaxed = String::with_capacity(body.len());
    for line in body.trim_end_matches([' ', '\t', '\r', '\n']).split("\r\n") {
        let mut gap = false;
        for c in line.trim_end_matches([' ', '\t']).chars() {
            let space = matches!(c, ' ' | '\t');
            match (space, gap) {
                (true, false) => relaxed.push(' '),
                (true, true) => {}
                (false, _) => relaxed.push(c),
            }
            gap = space;
        }
        relaxed.push_str("\r\n");
    }
    if relaxed == "\r\n" { String::new() } else { relaxed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_forms_are_those_of_the_rfc() {
        // §3.4.5, the example.
        let header = "A: X\r\nB : Y\t\r\n\tZ  ".replace("B ", "B").replace("\r\n\tZ", "\r\n Z");
        assert_eq!(fields(&header), [("a".into(), "X".into()), ("b".to_owned(), "Y Z".to_owned())]);
        assert_eq!(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
        assert_eq!(relaxed_body("\r\n \r\n"), "");
    }

    #[test]
    fn what_is_no_key_says_how_to_make_one() {
        for text in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            let error = Signer::new("example.org", "s", text).unwrap_err();
            assert!(error.contains("openssl genpkey"), "{error}");
        }
    }
}
