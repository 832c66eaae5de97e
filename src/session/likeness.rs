//! Names that read like an organiser's. A name gives no rights, but people look at names: whoever bears an organiser's
//! and writes from elsewhere is pointed out, and nothing more, for two people may well have one name.

use super::policy::Policy;
use crate::mail::{Address, Author, name_key};
use unicode_security::skeleton;

impl Policy {
    /// The organiser whose name an author bears, or one that looks the same, without being them by any address.
    pub fn imitated(&self, author: &Author) -> Option<&Address> {
        let (Some(name), Some(address)) = (&author.name, &author.address) else { return None };
        let likeness = Likeness::of(name);
        let organisers = self.summits.iter().flat_map(|summit| &summit.organisers);
        let mut others = organisers.filter(|organiser| self.people.first(address) != *organiser);
        others.find(|organiser| self.people.name_of(organiser).is_some_and(|theirs| Likeness::of(theirs).is(&likeness)))
    }
}

/// How a name looks (UTS 39 §4), with its case and without: `OIga` looks like `Olga` as it stands only.
struct Likeness {
    cased: String,
    folded: String,
}

impl Likeness {
    fn of(name: &str) -> Likeness {
        let folded = name_key(&skeleton(&name_key(name)).collect::<String>());
        Likeness { cased: name_key(&skeleton(name).collect::<String>()), folded }
    }

    fn is(&self, other: &Likeness) -> bool {
        !self.folded.is_empty() && (self.folded == other.folded || self.cased == other.cased)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    #[test]
    fn an_organisers_name_is_known_in_disguise_and_at_their_other_addresses_is_theirs() {
        let text = concat!(
            "address = \"robot@example.org\"\n[transport]\nkind = \"maildir\"\npath = \"sent\"\n",
            "[[list]]\naddress = \"devel@lists.example.org\"\n[[summit]]\nslug = \"s\"\nname = \"S\"\n",
            "lists = [\"devel@lists.example.org\"]\norganisers = [\"olga@example.org\", \"ada@example.org\"]\n",
            "[[person]]\nname = \"Olga Ivanova\"\naddresses = [\"olga@example.org\", \"olga@home.example.net\"]\n",
        );
        let policy = Config::parse(Path::new("rapporteur.toml"), text).unwrap().policy;
        let imitated = |name: &str, address: &str| {
            let author = Author { name: Some(name.into()), address: Address::parse(address), ..Author::default() };
            policy.imitated(&author).map(Address::as_str)
        };
        for name in [
            "Olga Ivanova",
            "OLGA  ivanova",
            "Ivanova, Olga",
            "\"Olga Ivanova\" (ACME)",
            "\u{41e}lg\u{430} Iv\u{430}nova",
            "OIga Ivanova",
            "0lga Ivanova",
            "Olga Ivan\u{3bf}va",
            "\u{1d40e}lga Ivanova",
            "Ol\u{200b}ga Ivanova",
        ] {
            assert_eq!(imitated(name, "eve@example.net"), Some("olga@example.org"), "{name}");
            assert_eq!(imitated(name, "olga@example.org"), None, "{name}");
            assert_eq!(imitated(name, "olga@home.example.net"), None, "{name}");
        }
        for name in ["Olga", "Olga Iwanowa", "Ada", "", "-"] {
            assert_eq!(imitated(name, "eve@example.net"), None, "{name}");
        }
    }
}
