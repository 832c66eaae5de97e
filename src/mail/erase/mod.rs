//! A person taken out of texts and mails: what they are called, where they are reached, and what they wrote.
//!
//! Somebody who asks to be forgotten stands in many places: as an author, among the recipients, in quotes, in the minutes
//! of others. Here it is known where, and a mark is put there. Nothing here decides whose mail it is, or knows of sessions.
//!
//! Found are whole addresses, also as lists and archives spell them (`ada=example.org`, `ada%40example.org`, `ada at
//! example.org`), and full names, also over the end of a line and as `Lovelace, Ada`. A first name alone is not: too many
//! people bear it, and too many are words.

mod message;
mod pattern;
mod words;

pub use message::named_in;

use super::name::same_name;
use super::{Address, Mail, MessageId, Person, mime};
use pattern::Pattern;
use words::Words;

/// What stands for a name and for words.
pub const MARK: &str = "[erased]";
/// Where the addresses are that stand for people: nothing can ever be delivered there (RFC 6761 §6.4).
const NOWHERE: &str = "erased.invalid";

/// Takes one person out.
#[derive(Clone, Debug)]
pub struct Eraser {
    addresses: Vec<Address>,
    /// Full ones.
    names: Vec<String>,
    stand_in: Address,
    patterns: Vec<Pattern>,
    /// What they wrote.
    words: Words,
}

impl Eraser {
    /// For the person with these addresses, who was called by these names. The number tells apart who was erased.
    pub fn new(addresses: &[Address], names: &[String], number: i64) -> Eraser {
        let stand_in = Address::parse(&format!("erased-{number}@{NOWHERE}"));
        let stand_in = stand_in.unwrap_or_else(|| unreachable!("a number makes an address"));
        let names: Vec<String> = names.iter().filter(|name| pattern::is_full(name)).cloned().collect();
        let of_addresses = Pattern::of_addresses(addresses, stand_in.as_str());
        Eraser {
            patterns: [of_addresses].into_iter().chain(Pattern::of_names(&names)).collect(),
            addresses: addresses.to_vec(),
            names,
            stand_in,
            words: Words::default(),
        }
    }

    /// The address that stands for the person from now on.
    pub fn stand_in(&self) -> &Address {
        &self.stand_in
    }

    /// Remembers what the person wrote in a mail of theirs.
    pub fn learn(&mut self, mail: &Mail) {
        self.words.learn(&mail.text.visible_text());
    }

    /// A title is everybody's, whoever gave it.
    pub fn spare(&mut self, title: &str) {
        self.words.forget(title);
    }

    /// Whether they stand in a text.
    pub fn finds(&self, text: &str) -> bool {
        self.text(text).is_some()
    }

    /// Whether somebody is the person: by their address, or by the full name where there is none.
    pub fn is(&self, person: &Person) -> bool {
        match (&person.address, &person.name) {
            (Some(address), _) => self.addresses.contains(address),
            (None, Some(name)) => self.names.iter().any(|own| same_name(own, name)),
            (None, None) => false,
        }
    }

    /// Puts the stand-in there, if it is the person.
    pub fn person(&self, person: &mut Person) {
        if self.is(person) {
            *person = Person { name: Some(MARK.to_owned()), address: Some(self.stand_in.clone()) };
        } else if let Some(name) = person.name.as_deref().and_then(|name| self.text(name)) {
            person.name = Some(name);
        }
    }

    /// The text without the person, and without what it quotes of them; nothing when they are not in it.
    pub fn text(&self, text: &str) -> Option<String> {
        self.unnamed(text, self.words.replaced(text, true))
    }

    /// The same for a text in which their words stand without quote marks: a letter of ours.
    pub fn letter(&self, text: &str) -> Option<String> {
        self.unnamed(text, self.words.replaced(text, false))
    }

    fn unnamed(&self, text: &str, unquoted: Option<String>) -> Option<String> {
        self.patterns
            .iter()
            .fold(unquoted, |erased, pattern| pattern.replaced(erased.as_deref().unwrap_or(text)).or(erased))
    }

    /// The same for bytes, whatever they are: as UTF-8, or as one letter a byte.
    fn bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text).map(String::into_bytes),
            Err(_) => {
                let letters: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                let erased = self.text(&letters)?;
                // All that was put in is ASCII.
                Some(erased.chars().filter_map(|letter| u8::try_from(u32::from(letter)).ok()).collect())
            }
        }
    }
}

/// What stands in the place of a mail that was erased and came back.
pub fn tombstone(hash: &str) -> Vec<u8> {
    let id = MessageId::ours(&hash[..hash.len().min(40)], NOWHERE);
    format!("Message-ID: <{id}>\nContent-Type: text/plain; charset=utf-8\n\n{MARK}\n").into_bytes()
}

/// The text of the first part of a mail, decoded.
pub fn first_text(raw: &[u8]) -> String {
    mime::pieces(raw).into_iter().next().map_or_else(String::new, |piece| piece.leaf.text)
}

/// Whether an address stands for somebody who was erased: nobody writes from there, and nothing goes there.
pub fn is_nowhere(address: &Address) -> bool {
    address.domain_key() == NOWHERE
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::mail::erase) fn ada() -> Eraser {
        let addresses = ["ada@example.org", "countess@example.net"].map(|text| Address::parse(text).unwrap());
        Eraser::new(&addresses, &["Ada M. Lovelace".to_owned(), "ada".to_owned(), "Zoë Łuk".to_owned()], 7)
    }
    fn erased(text: &str) -> String {
        ada().text(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn an_address_is_found_however_it_is_spelled() {
        for text in [
            "ada@example.org",
            "ADA@Example.ORG",
            "ada=example.org",
            "ada%40example.org",
            "ada=40example.org",
            "ada at example.org",
            "ada (at) example.org",
            "ada&#64;example.org",
            "countess@example.net",
        ] {
            for (before, after) in [("", ""), ("<", ">"), ("mail ", "."), ("mailto:", "?x"), ("'", "',"), ("*", "*")] {
                let expected = format!("{before}erased-7@erased.invalid{after}");
                assert_eq!(erased(&format!("{before}{text}{after}")), expected);
            }
        }
        assert_eq!(erased("bounces+ada=example.org@lists"), "bounces+erased-7@erased.invalid@lists");
    }

    #[test]
    fn another_address_is_left_alone() {
        for text in [
            "canada@example.org",
            "x.ada@example.org",
            "list+ada@example.org",
            "ada@example.org.uk",
            "ada@example.organisation",
            "ada@examplexorg",
            "ada@example.org-1",
            "example.org",
        ] {
            assert_eq!(ada().text(text), None, "{text}");
        }
    }

    #[test]
    fn a_full_name_is_found_in_any_order_and_over_lines() {
        for text in
            ["Ada M. Lovelace", "ada m. lovelace", "Lovelace, Ada M.", "Ada Lovelace", "Ada\u{a0}Lovelace", "ZOË ŁUK"]
        {
            assert_eq!(erased(&format!("by {text}, today")), "by [erased], today", "{text}");
        }
        assert_eq!(erased("> On Monday Ada M.\n> Lovelace wrote:"), "> On Monday [erased]\n> wrote:");
        assert_eq!(erased("Ada Lovelace <ada@example.org>"), "[erased] <erased-7@erased.invalid>");
        for text in ["Ada", "Lovelace", "Ada Lovelacey", "Canada Lovelace", "Ada and Lovelace"] {
            assert_eq!(ada().text(text), None, "{text}");
        }
    }

    #[test]
    fn a_person_is_known_by_their_address_or_their_full_name() {
        let seen = |name: Option<&str>, address: Option<&str>| {
            let mut person = Person { name: name.map(str::to_owned), address: address.and_then(Address::parse) };
            ada().person(&mut person);
            format!("{:?} {:?}", person.name.as_deref(), person.address.as_ref().map(Address::as_str))
        };
        let nobody = "Some(\"[erased]\") Some(\"erased-7@erased.invalid\")";
        for (name, address) in
            [(Some("Ada"), Some("ada@example.org")), (None, Some("ada@example.org")), (Some("Lovelace, Ada M."), None)]
        {
            assert_eq!(seen(name, address), nobody);
        }
        assert_eq!(seen(Some("Ada"), None), "Some(\"Ada\") None");
        assert_eq!(
            seen(Some("Grace for Ada Lovelace"), Some("grace@example.org")),
            "Some(\"Grace for [erased]\") Some(\"grace@example.org\")"
        );
    }
}
