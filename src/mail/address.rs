//! Addresses and people.

use super::name::same_name;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use unicode_normalization::is_nfkc;

/// One addr-spec (RFC 5322 §3.4.1) that passed a strict reading: nobody could read another address in it. Shown as
/// written; compared by its [`key`](Address::key).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

impl Address {
    /// Strict: one `local@domain` of at most 254 bytes, without comments, quotes, white space, controls, encoded words,
    /// literals in brackets, and what relays once read as a route (`ada%example.org@relay`, `relay!ada@…`). Letters
    /// beyond ASCII (RFC 6531) are welcome, but not those that merely look like others: an address is in NFKC.
    pub fn parse(text: &str) -> Option<Address> {
        let (local, domain) = text.rsplit_once('@')?;
        let sound =
            text.len() <= 254 && is_local_part(local) && is_domain(domain) && (text.is_ascii() || is_nfkc(text));
        sound.then(|| Address(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for comparing: ASCII lower case, the domain as it stands in the DNS (`xn--…`, RFC 5890).
    pub fn key(&self) -> String {
        let key = self.0.to_ascii_lowercase();
        match key.rsplit_once('@') {
            Some((local, domain)) if !domain.is_ascii() => {
                idna::domain_to_ascii(domain).map_or_else(|_| key.clone(), |domain| format!("{local}@{domain}"))
            }
            _ => key,
        }
    }

    /// The domain in the form for comparing.
    pub fn domain_key(&self) -> String {
        let key = self.key();
        key.rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_owned())
    }

    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// A dot-atom (RFC 5322 §3.2.3) without `%` and `!`, at most 64 bytes (RFC 5321 §4.5.3.1.1).
fn is_local_part(local: &str) -> bool {
    let bytes = local.as_bytes();
    let atom = |byte: u8| ATOMS[usize::from(byte)];
    let sound = match local.is_ascii() {
        true => bytes.iter().all(|byte| atom(*byte)),
        false => local.chars().all(|c| if c.is_ascii() { atom(c as u8) } else { c.is_alphanumeric() }),
    };
    // Two dots, or the beginning of an encoded word.
    let pair = bytes.windows(2).any(|pair| matches!(pair, b".." | b"=?"));
    let odd = bytes.first() == Some(&b'.') || bytes.last() == Some(&b'.') || pair;
    !local.is_empty() && local.len() <= 64 && sound && !odd
}

/// What each byte of ASCII is to a local part.
const ATOMS: [bool; 128] = {
    let atoms = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#$&'*+-./=?^_`{|}~";
    let mut found = [false; 128];
    let mut at = 0;
    while at < atoms.len() {
        found[atoms[at] as usize] = true;
        at += 1;
    }
    found
};

/// A host name (RFC 1123 §2.1), no IP address: labels of at most 63 bytes, none of which begins or ends with a `-`, the
/// last one not a number.
fn is_domain(domain: &str) -> bool {
    let (mut length, mut numeric, mut before) = (0, true, b'.');
    for byte in domain.bytes() {
        let sound = match byte {
            b'.' => length > 0 && before != b'-',
            b'-' => length > 0,
            _ => byte.is_ascii_alphanumeric() || !byte.is_ascii(),
        };
        (length, numeric) = match byte {
            b'.' => (0, true),
            _ => (length + 1, numeric && byte.is_ascii_digit()),
        };
        if !sound || length > 63 {
            return false;
        }
        before = byte;
    }
    length > 0 && before != b'-' && !numeric && (domain.is_ascii() || is_international(domain))
}

/// A domain that the DNS could know (RFC 5890), as it is written there: nothing in it is mapped to something else.
fn is_international(domain: &str) -> bool {
    let (shown, sound) = idna::domain_to_unicode(domain);
    sound.is_ok() && shown == domain.to_lowercase()
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        let plain = self.0.is_ascii() && other.0.is_ascii();
        self.0.eq_ignore_ascii_case(&other.0) || (!plain && self.key() == other.key())
    }
}
impl Eq for Address {}
impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl From<Address> for String {
    fn from(address: Address) -> String {
        address.0
    }
}
impl TryFrom<String> for Address {
    type Error = String;
    fn try_from(text: String) -> Result<Address, String> {
        Address::parse(&text).ok_or_else(|| format!("`{text}` is not a mail address: write it like `ada@example.org`"))
    }
}

/// A person as a mail names one: a name, an address, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: Option<String>,
    pub address: Option<Address>,
}

impl Person {
    pub fn named(name: &str) -> Person {
        Person { name: Some(name.to_owned()), address: None }
    }

    /// Whether both stand for the same person: by address when both have one, else by name (see [`same_name`]).
    pub fn is(&self, other: &Person) -> bool {
        match (&self.address, &other.address) {
            (Some(a), Some(b)) => a == b,
            _ => match (&self.name, &other.name) {
                (Some(a), Some(b)) => same_name(a, b),
                _ => false,
            },
        }
    }

    /// How to call them in one short phrase: the name, else the address.
    pub fn label(&self) -> &str {
        match (&self.name, &self.address) {
            (Some(name), _) => name,
            (None, Some(address)) => address.as_str(),
            (None, None) => "somebody",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_address(text: &str) -> bool {
        Address::parse(text).is_some()
    }

    #[test]
    fn addresses_as_they_are_used() {
        for text in [
            "ada@example.org",
            "Ada.Lovelace+xen=list@sub.example.org",
            "o'brien@example.org",
            "root@localhost",
            "zoë@example.org",
            "ada@bücher.example",
            "ada@xn--bcher-kva.example",
            "ada@例え.example",
        ] {
            assert!(is_address(text), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_as_another_address_is_none() {
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@@example.org",
            "ada@example.org@example.net",
            "ada lovelace@example.org",
            ".ada@example.org",
            "ada..lovelace@example.org",
            "\"ada\"@example.org",
            "ada@[192.0.2.1]",
            "ada@192.0.2.1",
            "ada@example.org.",
            "ada@-example.org",
            "ada@example..org",
            "ada@exam_ple.org",
            "ada%example.org@relay.example.net",
            "relay!ada@example.org",
            "=?utf-8?Q?ada?=@example.org",
            "ada@exam\u{200b}ple.org",
            "ada\u{202e}@example.org",
            "ada＠example.org",
            "ａda@example.org",
            "ada@ｅxample.org",
            "ada@example．org",
            "zoe\u{308}@example.org",
            "ada@exa mple.org",
            "ada\u{0}@example.org",
        ] {
            assert!(!is_address(text), "{text:?}");
        }
        assert!(!is_address(&format!("{}@example.org", "a".repeat(65))));
        assert!(!is_address(&format!("ada@{}.org", "a".repeat(64))));
        assert!(!is_address(&format!("ada@{}org", "a.".repeat(130))));
    }

    #[test]
    fn case_and_the_spelling_of_a_domain_make_no_other_address() {
        let address = |text: &str| Address::parse(text).unwrap();
        assert_eq!(address("Ada@Example.ORG"), address("ada@example.org"));
        assert_eq!(address("ada@BÜCHER.example"), address("ada@xn--bcher-kva.example"));
        assert_eq!(address("ada@BÜCHER.example").key(), "ada@xn--bcher-kva.example");
        assert_ne!(address("аda@example.org"), address("ada@example.org"));
    }

    #[test]
    fn two_addresses_are_two_people_whatever_they_are_called() {
        let person = |name: &str, address: &str| Person { name: Some(name.into()), address: Address::parse(address) };
        assert!(!person("Ada", "ada@example.org").is(&person("Ada", "ada@example.net")));
        assert!(person("Ada", "ada@example.org").is(&person("Countess", "ADA@example.org")));
        assert!(person("Ada Lovelace", "ada@example.org").is(&Person::named("Lovelace, Ada")));
        assert!(!Person::named("(ACME)").is(&Person::named("(ACME)")));
    }
}
