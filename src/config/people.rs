//! Who is who, as the operator writes it: `[[person]]` tables, and a mailmap in git's own format (gitmailmap(5)).
//!
//! Here only the writing is judged: lines, addresses, contradictions. What it means is [`crate::session::people`]'s.

use super::summit::SummitTable;
use super::{ConfigError, Reader};
use crate::mail::Address;
use crate::session::people::Entry;
use crate::session::{People, Summit};
use serde::Deserialize;
use std::path::PathBuf;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonTable {
    name: Option<String>,
    /// The first is the one that counts.
    addresses: Spanned<Vec<Spanned<String>>>,
}

/// A statement, and where it is written.
type Placed = (Entry, PathBuf, usize);

/// What was read of `[[person]]` and the mailmap.
pub(super) struct Told {
    pub people: People,
    /// Lines of the mailmap that can't be about mail, in words.
    pub left_out: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn people(
        &self,
        tables: &[PersonTable],
        mailmap: Option<&Spanned<PathBuf>>,
    ) -> Result<Told, ConfigError> {
        let mut placed: Vec<Placed> = Vec::new();
        for table in tables {
            self.person(table, &mut placed)?;
        }
        let mut left_out = Vec::new();
        if let Some(path) = mailmap {
            self.mailmap(path, &mut placed, &mut left_out)?;
        }
        let entries: Vec<Entry> = placed.iter().map(|(entry, ..)| entry.clone()).collect();
        let people = People::new(&entries).map_err(|clash| {
            let (_, path, line) = &placed[clash.entry];
            let what = format!("`{}` is an address of `{}` already", clash.address, clash.holder);
            let fix = "an address belongs to one person: keep one of the two, or, in a mailmap, tell them apart by the \
                       name in the mail, as in `Ada Lovelace <ada@example.org> Ada <team@example.org>`";
            ConfigError::Wrong { path: path.clone(), line: *line, what, fix: fix.into() }
        })?;
        Ok(Told { people, left_out })
    }

    fn person(&self, table: &PersonTable, placed: &mut Vec<Placed>) -> Result<(), ConfigError> {
        let Some(first) = table.addresses.get_ref().first() else {
            let fix = "write at least one, the one that counts first: `addresses = [\"ada@example.org\"]`";
            return Err(self.wrong(table.addresses.span().start, "a `[[person]]` has no address", fix));
        };
        let address = self.address(first)?;
        for text in table.addresses.get_ref() {
            let alias = self.address(text)?;
            let entry = Entry { name: table.name.clone(), address: address.clone(), alias, called: None, sworn: true };
            placed.push((entry, self.path.to_owned(), self.line(text.span().start)));
        }
        Ok(())
    }

    fn mailmap(
        &self,
        setting: &Spanned<PathBuf>,
        placed: &mut Vec<Placed>,
        left_out: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        let path = self.relative(setting.get_ref());
        let bytes = std::fs::read(&path).map_err(|error| {
            let what = format!("the mailmap {} can't be read: {error}", path.display());
            self.wrong(setting.span().start, what, "name a file in the format of git's .mailmap, or delete the line")
        })?;
        let text = String::from_utf8_lossy(&bytes);
        for (index, line) in text.lines().enumerate() {
            match entry(line) {
                Line::Blank => {}
                Line::Entry(entry) => placed.push((entry, path.clone(), index + 1)),
                Line::NoMail(address) => {
                    left_out.push(format!("{}:{}: no mail can come from `{address}`", path.display(), index + 1));
                }
                Line::Wrong(what) => {
                    let fix = "write `Name <address>`, `<address> <other>`, `Name <address> <other>`, \
                               `Name <address> Other Name <other>`, or `#` and a comment";
                    return Err(ConfigError::Wrong { path, line: index + 1, what: what.into(), fix: fix.into() });
                }
            }
        }
        Ok(())
    }

    /// Organisers are named by the address under which they are counted: another one would never be seen again.
    pub(super) fn organisers(&self, table: &SummitTable, summit: &Summit, people: &People) -> Result<(), ConfigError> {
        for (text, organiser) in table.organisers.iter().zip(&summit.organisers) {
            let first = people.first(organiser);
            if first != organiser {
                let what = format!("the organiser `{organiser}` is known as `{first}`, by `[[person]]` or the mailmap");
                return Err(self.wrong(text.span().start, what, format!("write \"{first}\" here")));
            }
        }
        Ok(())
    }
}

/// One line of a mailmap.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Blank,
    Entry(Entry),
    /// Git knows addresses that mail does not: `jane@laptop.(none)`.
    NoMail(String),
    Wrong(&'static str),
}

fn entry(line: &str) -> Line {
    let line = without_comment(line);
    if line.trim().is_empty() {
        return Line::Blank;
    }
    let Some((name, first, rest)) = name_and_address(line) else {
        return Line::Wrong("there is no `<address>` in this line");
    };
    let (called, second) = match name_and_address(rest) {
        Some((called, second, rest)) if rest.trim().is_empty() => (called, Some(second)),
        Some(_) => return Line::Wrong("something follows the second `<address>`"),
        None if rest.trim().is_empty() => (None, None),
        None => return Line::Wrong("a name without an `<address>` behind it"),
    };
    let Some(address) = Address::parse(first) else { return Line::NoMail(first.to_owned()) };
    let alias = match second.map(|text| Address::parse(text).ok_or(text)) {
        Some(Ok(alias)) => alias,
        Some(Err(text)) => return Line::NoMail(text.to_owned()),
        None => address.clone(),
    };
    let text = |text: &str| text.to_owned();
    Line::Entry(Entry { name: name.map(text), address, alias, called: called.map(text), sworn: false })
}

/// A `#` outside of `<…>` begins a comment to the end of the line.
fn without_comment(line: &str) -> &str {
    let mut inside = false;
    let comment = line.find(|c| {
        inside = c == '<' || (inside && c != '>');
        c == '#' && !inside
    });
    &line[..comment.unwrap_or(line.len())]
}

/// `Name <address>` at the beginning of a line, and what follows.
fn name_and_address(text: &str) -> Option<(Option<&str>, &str, &str)> {
    let (name, rest) = text.split_once('<')?;
    let (address, rest) = rest.split_once('>')?;
    Some((Some(name.trim()).filter(|name| !name.is_empty()), address.trim(), rest))
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;
    use crate::mail::Person;
    use std::path::Path;

    /// Line 1 to 15; what a test adds stands behind.
    const REST: &str = concat!(
        "address = \"robot@example.org\"\nmailmap = \"mailmap\"\n[transport]\nkind = \"maildir\"\npath = \"sent\"\n",
        "[[list]]\naddress = \"devel@lists.example.org\"\n",
        "[[summit]]\nslug = \"s\"\nname = \"S\"\nlists = [\"devel@lists.example.org\"]\norganisers = [\"olga@example.org\"]\n",
    );

    fn config(mailmap: &str, more: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mailmap"), mailmap).unwrap();
        let path = dir.path().join("rapporteur.toml");
        let here = format!("{}/", dir.path().display());
        Config::parse(&path, &format!("{REST}{more}")).map_err(|error| error.to_string().replace(&here, ""))
    }
    fn seen(config: &Config, name: &str, address: &str) -> String {
        let person = Person {
            name: Some(name.into()).filter(|name: &String| !name.is_empty()),
            address: Address::parse(address),
        };
        let known = config.policy.people.known(&person);
        format!("{} <{}>", known.name.unwrap_or_default(), known.address.map(String::from).unwrap_or_default())
    }

    #[test]
    fn a_mailmap_is_read_as_git_reads_it() {
        let mailmap = concat!(
            "# The project's people.\n\n",
            "Ada Lovelace <ada@example.org>\n",
            "<ada@example.org> <ada@old.example.net>   # her first address\n",
            "Grace Hopper <grace@example.org> <Grace@Navy.example.net>\r\n",
            "Ada Lovelace <ada@example.org> A. L. <team@example.org>\n",
            "  Edsger W. Dijkstra   <edsger@example.org>\n",
            "Jane Doe <jane@example.org> <jane@laptop.(none)>\n",
        );
        let config = config(mailmap, "").unwrap();
        for (name, address, expected) in [
            ("ada", "ada@example.org", "Ada Lovelace <ada@example.org>"),
            ("", "ADA@old.example.net", "Ada Lovelace <ada@example.org>"),
            ("G. H.", "grace@navy.example.net", "Grace Hopper <grace@example.org>"),
            ("a. l.", "team@example.org", "Ada Lovelace <ada@example.org>"),
            ("Bob", "team@example.org", "Bob <team@example.org>"),
            ("Dijkstra, Edsger W.", "", "Edsger W. Dijkstra <edsger@example.org>"),
        ] {
            assert_eq!(seen(&config, name, address), expected);
        }
        assert_eq!(
            config.left_out,
            ["mailmap:8: no mail can come from `jane@laptop.(none)`"]
                .map(|text| { format!("{}/{text}", config.path.parent().unwrap_or(Path::new("")).display()) })
        );
    }

    #[test]
    fn a_person_of_the_configuration_lends_an_organisers_rights_and_a_mailmap_none() {
        let person = "[[person]]\nname = \"Olga\"\naddresses = [\"olga@example.org\", \"olga@home.example.net\"]\n";
        let config = config("<olga@example.org> <olga@work.example.net>\n", person).unwrap();
        let summit = &config.policy.summits[0];
        let may = |address: &str| config.policy.is_organiser(summit, &Address::parse(address).unwrap());
        assert!(may("olga@example.org") && may("olga@home.example.net"));
        assert!(!may("olga@work.example.net") && !may("eve@example.net"));
        assert_eq!(seen(&config, "O.", "olga@work.example.net"), "Olga <olga@example.org>");
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let person = |addresses: &str| format!("[[person]]\naddresses = [{addresses}]\n");
        let two = person("\"ada@example.org\", \"x@example.org\"") + &person("\"bob@example.org\",\n\"x@example.org\"");
        for (mailmap, more, expected) in [
            ("", two.as_str(), "rapporteur.toml:17: `x@example.org` is an address of `ada@example.org` already"),
            ("", &person(""), "rapporteur.toml:14: a `[[person]]` has no address"),
            (
                "",
                &person("\"Ada <ada@example.org>\""),
                "rapporteur.toml:14: `Ada <ada@example.org>` is not a mail address",
            ),
            (
                "<a@example.org> <x@example.org>\n\n<b@example.org> <x@example.org>",
                "",
                "mailmap:3: `x@example.org` is an",
            ),
            ("# all\nAda Lovelace ada@example.org\n", "", "mailmap:2: there is no `<address>` in this line"),
            ("Ada <ada@example.org> Countess\n", "", "mailmap:1: a name without an `<address>`"),
            ("<a@example.org> <b@example.org> <c@example.org>\n", "", "mailmap:1: something follows"),
            (
                "Olga <olga@new.example.org> <olga@example.org>\n",
                "",
                "rapporteur.toml:12: the organiser `olga@example.org` is known as `olga@new.example.org`",
            ),
            ("", "[[person]]\nadresses = []\n", "rapporteur.toml:14: unknown field `adresses`"),
        ] {
            let said = config(mailmap, more).unwrap_err();
            assert!(said.starts_with(expected) && said.contains("\n  fix: "), "{said}\nshould begin: {expected}");
        }
        let missing = Config::parse(Path::new("/nowhere/rapporteur.toml"), REST).unwrap_err().to_string();
        assert!(
            missing.starts_with("/nowhere/rapporteur.toml:2: the mailmap /nowhere/mailmap can't be read"),
            "{missing}"
        );
    }
}
