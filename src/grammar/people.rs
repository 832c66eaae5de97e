//! Lists of people as mails write them: `(OpenXT) Ada Lovelace, Grace Hopper`, `Ada <ada@example.org> and Grace (ACME)`.

use super::{Host, pattern};
use crate::mail::{Address, Person};
use regex::Regex;
use std::sync::LazyLock;

/// Nobody lists more people than this; the rest is not read.
pub const MOST: usize = 200;

static BETWEEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s*(?:[,;]\s*(?:and\s+)?|\s+and\s+|\s+&\s+)"));
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"<?\s*(?:mailto:)?([^\s<>()\[\],;:@]+@[^\s<>()\[\],;:@]+)\s*>?"));
static GROUP: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(([^()]*)\)"));

/// The people of a list, in order, each once. `(X)` in front of names is the affiliation of all up to the next such
/// group, behind a name of that one.
pub fn hosts(text: &str) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    let mut group: Option<String> = None;
    for entry in entries(text) {
        let mut entry = entry.trim();
        while let Some(rest) = entry.strip_prefix('(') {
            let Some((inner, after)) = rest.split_once(')') else { break };
            group = Some(inner.trim().to_owned()).filter(|inner| !inner.is_empty());
            entry = after.trim();
        }
        let own = GROUP.captures(entry).map(|found| found[1].trim().to_owned()).filter(|own| !own.contains('@'));
        let Some(person) = person(&GROUP.replace_all(entry, |found: &regex::Captures| {
            if found[1].contains('@') { format!(" {} ", &found[1]) } else { " ".to_owned() }
        })) else {
            continue;
        };
        if !hosts.iter().any(|host| host.person.is(&person)) {
            hosts.push(Host { person, affiliation: own.or_else(|| group.clone()) });
        }
    }
    hosts
}

/// The people of a list, without affiliations.
pub fn persons(text: &str) -> Vec<Person> {
    hosts(text).into_iter().map(|host| host.person).collect()
}

/// One person: a name, an address, or both.
pub fn person(text: &str) -> Option<Person> {
    let found = ADDRESS.captures(text);
    let address = found.as_ref().and_then(|found| Address::parse(&found[1]));
    let name = match (&found, &address) {
        (Some(found), Some(_)) => text.replacen(&found[0], " ", 1),
        _ => text.to_owned(),
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(['"', '\'', '*', '_', '.', ',', ';', '|', ':', ' ', '-']).to_owned();
    let name = Some(name).filter(|name| name.chars().any(char::is_alphabetic));
    (name.is_some() || address.is_some()).then_some(Person { name, address })
}

/// Whether a text can be one person's name: one to four words that begin like a name's.
pub fn is_name(text: &str) -> bool {
    const PARTICLES: [&str; 9] = ["van", "von", "de", "der", "den", "da", "di", "la", "le"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = |word: &&str| PARTICLES.contains(word) || word.starts_with(|c: char| c.is_uppercase() || !c.is_ascii());
    let plain = |c: char| c.is_alphabetic() || " .'’-".contains(c);
    (1..=4).contains(&words.len()) && text.chars().all(plain) && words.iter().all(named)
}

/// Cuts a list at `,`, `;`, ` and ` and `&`, but not inside quotes, brackets or angle brackets.
fn entries(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let mut start = 0;
    let (mut depth, mut at, mut quoted) = (0usize, 0, false);
    for cut in BETWEEN.find_iter(text) {
        for c in text[at..cut.start()].chars() {
            match c {
                '"' => quoted = !quoted,
                '(' | '<' => depth += 1,
                ')' | '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        at = cut.start();
        if depth == 0 && !quoted && entries.len() < MOST {
            entries.push(&text[start..cut.start()]);
            start = cut.end();
        }
    }
    entries.push(&text[start..]);
    entries.truncate(MOST);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |host: Host| {
            let address = host.person.address.map(|address| format!(" <{address}>")).unwrap_or_default();
            let affiliation = host.affiliation.map(|group| format!(" ({group})")).unwrap_or_default();
            format!("{}{address}{affiliation}", host.person.name.unwrap_or_default())
        };
        hosts(text).into_iter().map(show).collect()
    }

    #[test]
    fn contacts_as_people_write_them() {
        for (text, expected) in [
            ("(OpenXT) Ada Lovelace, Grace Hopper", &["Ada Lovelace (OpenXT)", "Grace Hopper (OpenXT)"][..]),
            ("(A) Ada, (B) Grace", &["Ada (A)", "Grace (B)"]),
            ("Ada Lovelace (OpenXT), Grace Hopper", &["Ada Lovelace (OpenXT)", "Grace Hopper"]),
            ("Ada <ada@example.org> and Grace", &["Ada <ada@example.org>", "Grace"]),
            (
                "\"Lovelace, Ada\" <ada@example.org>; grace@example.org",
                &["Lovelace, Ada <ada@example.org>", " <grace@example.org>"],
            ),
            ("Ada, Grace, and Edsger", &["Ada", "Grace", "Edsger"]),
            ("Ada (ada@example.org)", &["Ada <ada@example.org>"]),
            ("Ada, ada", &["Ada"]),
            ("Alexandra Sandberg", &["Alexandra Sandberg"]),
            (" ,; ()", &[]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
