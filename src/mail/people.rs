//! Address lists (RFC 5322 §3.4), and the one question that matters: who wrote this?
//!
//! Lists for display are read leniently. The author is read strictly: mail acts in an author's name, so two readings
//! of one From header must not be possible.

use super::header::{readable, tidy};
use super::{Address, Author, Person};

/// One entry of an address list, as written.
#[derive(Debug, Default)]
struct Mailbox {
    name: String,
    /// What stands where the addr-spec belongs, unchecked.
    spec: String,
    /// It stands in a group: `name: a, b;`
    grouped: bool,
}

/// Everyone a header such as To names; entries with neither a name nor a sound address are left out.
pub fn people<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Person> {
    let person = |mailbox: Mailbox| {
        let address = Address::parse(mailbox.spec.trim());
        Person { name: display_name(&mailbox), address }
    };
    values.flat_map(mailboxes).map(person).filter(|person| person.name.is_some() || person.address.is_some()).collect()
}

/// Judges the From headers (RFC 5322 §3.6.2): one header with one strict address, or a doubt.
pub fn author(from: &[&str]) -> Author {
    let boxes: Vec<Mailbox> = from.iter().flat_map(|value| mailboxes(value)).collect();
    let name = boxes.first().and_then(display_name);
    match address_beyond_doubt(from, &boxes) {
        Ok(address) => Author { name, address: Some(address), doubt: None },
        Err(doubt) => Author { name, address: None, doubt: Some(doubt) },
    }
}

fn address_beyond_doubt(from: &[&str], boxes: &[Mailbox]) -> Result<Address, String> {
    match (from, boxes) {
        ([], _) => Err("there is no From header".to_owned()),
        ([value], _) if value.contains(['\0', '\r', '\n']) => {
            Err("the From header holds a NUL or a bare CR".to_owned())
        }
        ([_], [only]) if only.grouped => Err("the From header names a group".to_owned()),
        ([_], [only]) => {
            let spec = only.spec.trim();
            Address::parse(spec).ok_or_else(|| match tidy(spec) {
                shown if shown.is_empty() => "the From header holds no address".to_owned(),
                shown => format!("`{shown}` in the From header is not one plain address"),
            })
        }
        ([_], []) => Err("the From header holds no address".to_owned()),
        ([_], several) => Err(format!("the From header holds {} addresses", several.len())),
        (several, _) => Err(format!("there are {} From headers", several.len())),
    }
}

fn display_name(mailbox: &Mailbox) -> Option<String> {
    let name = tidy(&mailbox.name);
    let name = name.trim_matches(['\'', '"', ' ']);
    (!name.is_empty() && !name.eq_ignore_ascii_case(mailbox.spec.trim())).then(|| name.to_owned())
}

/// Splits an address list, outside quoted strings and comments. Group names fall away; an unquoted comma within a
/// name (`Lovelace, Ada <ada@example.org>`) stays in the name.
fn mailboxes(value: &str) -> Vec<Mailbox> {
    let mut found = Vec::new();
    let mut entry = Entry::default();
    let mut grouped = false;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => entry.name(&quoted_string(&mut chars)),
            '(' => entry.comment = comment(&mut chars),
            '<' => {
                if entry.angle.is_some() {
                    found.extend(entry.finish(grouped));
                }
                entry.settle();
                entry.angle = Some(chars.by_ref().take_while(|c| *c != '>').collect());
            }
            '=' => {
                entry.bare.push(c);
                let length = encoded_word(chars.as_str());
                entry.bare.extend(chars.by_ref().take(length));
            }
            ',' if entry.is_name_only() => entry.bare.push(c),
            ',' | ';' => found.extend(entry.finish(grouped)),
            ':' if entry.angle.is_none() => {
                entry = Entry::default();
                grouped = true;
            }
            _ => entry.bare.push(c),
        }
    }
    found.extend(entry.finish(grouped));
    found
}

/// One entry while it is read.
#[derive(Default)]
struct Entry {
    /// The part of the name that is already decoded.
    name: String,
    /// Text outside of anything, not yet decoded.
    bare: String,
    angle: Option<String>,
    comment: String,
}

impl Entry {
    fn name(&mut self, words: &str) {
        self.settle();
        self.name.push_str(words);
    }

    /// Moves what was read so far into the name. Only here encoded words are decoded: within a quoted string they are
    /// none (RFC 2047 §5).
    fn settle(&mut self) {
        let bare = std::mem::take(&mut self.bare);
        if !bare.trim().is_empty() {
            self.name.push_str(&format!(" {} ", readable(&bare)));
        }
    }

    fn is_name_only(&self) -> bool {
        let blank = self.bare.trim().is_empty() && self.name.is_empty();
        self.angle.is_none() && !self.bare.contains('@') && !blank
    }

    /// What was read as one mailbox, if anything was. Leaves an empty entry.
    fn finish(&mut self, grouped: bool) -> Option<Mailbox> {
        let mut entry = std::mem::take(self);
        let spec = match entry.angle.take() {
            Some(angle) if entry.bare.trim().is_empty() => angle,
            // Text behind `<…>` could be a second address: it makes the first one unsound.
            Some(angle) => format!("{angle} {}", entry.bare.trim()),
            None if entry.bare.contains('@') => std::mem::take(&mut entry.bare),
            None => String::new(),
        };
        entry.bare.truncate(if spec.is_empty() { entry.bare.len() } else { 0 });
        entry.settle();
        let name = if entry.name.trim().is_empty() { readable(&entry.comment) } else { entry.name };
        (!name.is_empty() || !spec.trim().is_empty()).then_some(Mailbox { name, spec, grouped })
    }
}

/// How many characters behind a `=` belong to an encoded word (RFC 2047 §2): commas and brackets in it separate nothing.
fn encoded_word(rest: &str) -> usize {
    let word = rest.split_whitespace().next().filter(|_| rest.starts_with('?')).unwrap_or("");
    let mut marks = word.char_indices().filter(|(_, c)| *c == '?').map(|(at, _)| at);
    let closing = marks.nth(3).filter(|at| word[*at..].starts_with("?="));
    closing.map_or(0, |at| word[..at].chars().count() + 2)
}

fn quoted_string(chars: &mut std::str::Chars) -> String {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => text.extend(chars.next()),
            _ => text.push(c),
        }
    }
    text
}

fn comment(chars: &mut std::str::Chars) -> String {
    let mut text = String::new();
    let mut depth = 1;
    while let Some(c) = chars.next() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => text.extend(chars.next()),
            _ => text.push(c),
        }
        if depth == 0 {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(from: &str) -> (Option<String>, Option<String>) {
        let author = author(&[from]);
        assert_eq!(author.address.is_none(), author.doubt.is_some());
        (author.name, author.address.map(String::from))
    }
    fn known(name: &str, address: &str) -> (Option<String>, Option<String>) {
        (Some(name.to_owned()).filter(|name| !name.is_empty()), Some(address.to_owned()))
    }

    #[test]
    fn an_author_in_the_ways_mailers_write_one() {
        let ada = "ada@example.org";
        for (from, name) in [
            (" Ada Lovelace <ada@example.org>", "Ada Lovelace"),
            ("ada@example.org", ""),
            ("ada@example.org (Ada Lovelace)", "Ada Lovelace"),
            ("\"Lovelace, Ada\" <ada@example.org>", "Lovelace, Ada"),
            ("Lovelace, Ada <ada@example.org>", "Lovelace, Ada"),
            ("\"Ada \\\"Countess\\\" Lovelace\" <ada@example.org>", "Ada \"Countess\" Lovelace"),
            ("=?utf-8?Q?Ad=C3=A0_(Xen,_Inc)?= <ada@example.org>", "Adà (Xen, Inc)"),
            ("\"ada@example.org\" <ada@example.org>", ""),
            ("'Ada via Devel' <ada@example.org>", "Ada via Devel"),
            ("\"eve@example.net\" <ada@example.org>", "eve@example.net"),
            ("\"=?utf-8?Q?Ada?=\" <ada@example.org>", "=?utf-8?Q?Ada?="),
            ("A\u{202e}da\u{200b} <ada@example.org>", "Ada"),
            ("=?utf-8?Q?Ada=0D=0ABcc:_eve?= <ada@example.org>", "Ada Bcc: eve"),
        ] {
            assert_eq!(one(from), known(name, ada), "{from}");
        }
    }

    #[test]
    fn two_possible_readings_are_no_identity() {
        for from in [
            "",
            "Ada",
            "Ada <>",
            "ada@example.org, eve@example.net",
            "<ada@example.org> <eve@example.net>",
            "<ada@example.org> eve@example.net",
            "ada@example.org eve@example.net",
            "<ada@example.org\0>",
            "<ada@example.org>\r",
            "<ada@exam\rple.org>",
            "<=?utf-8?Q?ada?=@example.org>",
            "=?utf-8?Q?ada=40example.org?=",
            "\"ada\"@example.org",
            "<ada(comment)@example.org>",
            "friends: ada@example.org;",
            "<@relay.example.net:ada@example.org>",
        ] {
            assert_eq!(one(from).1, None, "{from:?}");
        }
        let two = author(&["Ada <ada@example.org>", "Ada <ada@example.org>"]);
        assert_eq!((two.address, two.doubt.as_deref()), (None, Some("there are 2 From headers")));
        assert_eq!(author(&[]).doubt.as_deref(), Some("there is no From header"));
    }

    #[test]
    fn lists_of_people_are_read_leniently() {
        let to = people(
            [" Ada <ada@example.org>, team: bob@example.org, Eve (at work) <eve@example.org>;, Nobody"].into_iter(),
        );
        let labels: Vec<&str> = to.iter().map(|person| person.label()).collect();
        assert_eq!(labels, ["Ada", "bob@example.org", "Eve", "Nobody"]);
        assert!(people(["undisclosed-recipients:;"].into_iter()).is_empty());
    }
}
