//! Addresses and people.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};

/// One addr-spec (RFC 5322 §3.4.1) that passed a strict reading. Compared without regard to ASCII case, shown as written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

impl Address {
    /// Strict: one `local@domain`, no comments, quotes, white space, controls, encoded words; domain with letters, digits,
    /// `-`, `.` (or non-ASCII letters, RFC 6531), at most 254 bytes.
    pub fn parse(text: &str) -> Option<Address> {
        let (local, domain) = text.rsplit_once('@')?;
        let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let label = |l: &str| {
            !l.is_empty()
                && l.len() <= 63
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let sound = text.len() <= 254
            && !local.is_empty()
            && local.len() <= 64
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && !local.contains("=?")
            && domain.split('.').all(label);
        sound.then(|| Address(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for comparing: ASCII lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
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

    /// Whether both stand for the same person: by address when both have one, else by name (compared by [`name_key`]).
    pub fn is(&self, other: &Person) -> bool {
        match (&self.address, &other.address) {
            (Some(a), Some(b)) => a == b,
            _ => match (&self.name, &other.name) {
                (Some(a), Some(b)) => name_key(a) == name_key(b),
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

/// A name for comparing: NFC, lower case, single spaces, `Last, First` turned round.
pub fn name_key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let turned = match name.split_once(',') {
        Some((last, first)) if !first.contains(',') => format!("{first} {last}"),
        _ => name.to_owned(),
    };
    let folded: String = turned.nfc().collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}
