//! Words with links in them, and without addresses in them.
//!
//! Only `http` and `https` become links: whatever else a mail calls one is shown as text. An address is shown as
//! `user@…`, here and everywhere on the pages: they are read by everybody, harvesters included.

use crate::mail::Person;
use regex::Regex;
use std::sync::LazyLock;

/// A run of words, in order.
pub type Rich = Vec<Word>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// Where it leads, when it is a link.
    pub url: Option<String>,
}

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?P<url>\bhttps?://[^\s<>"\\^`{|}]+)|(?P<local>[\w.%+=~-]+)@[\w-]+(?:\.[\w-]+)+"#)
        .unwrap_or_else(|error| unreachable!("a pattern of ours: {error}"))
});

/// The words of a text that may be shown.
pub fn rich(text: &str) -> Rich {
    let mut words = Rich::new();
    // Both a link and an address hold one of these; most lines hold neither.
    if !text.contains(['@', ':']) {
        words.extend(plain(text));
        return words;
    }
    let mut done = 0;
    let mut said = String::new();
    for token in TOKEN.captures_iter(text) {
        let (Some(whole), url) = (token.get(0), token.name("url")) else { continue };
        said.push_str(&text[done..whole.start()]);
        done = whole.end();
        match (url, token.name("local")) {
            (Some(url), _) => {
                let link = without_stops(url.as_str());
                words.extend(plain(&said));
                words.push(Word { text: link.to_owned(), url: Some(link.to_owned()) });
                said = url.as_str()[link.len()..].to_owned();
            }
            (None, Some(local)) => said.push_str(&masked(local.as_str())),
            (None, None) => {}
        }
    }
    said.push_str(&text[done..]);
    words.extend(plain(&said));
    words
}

fn plain(text: &str) -> Option<Word> {
    (!text.is_empty()).then(|| Word { text: text.to_owned(), url: None })
}

/// A link ends before what ends its sentence, and before a bracket that it did not open.
fn without_stops(url: &str) -> &str {
    let mut url = url;
    loop {
        let rest = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '|']);
        let unopened = rest.ends_with(')') && rest.matches('(').count() < rest.matches(')').count();
        let rest = if unopened { &rest[..rest.len() - 1] } else { rest.strip_suffix(']').unwrap_or(rest) };
        if rest.len() == url.len() {
            return rest;
        }
        url = rest;
    }
}

fn masked(local: &str) -> String {
    format!("{local}@…")
}

/// What a person is called on a page: the name, else the part of the address that tells nobody where to write.
pub fn called(person: &Person) -> String {
    let name = person.name.as_deref().map(crate::letters::wrap::printable).filter(|name| !name.is_empty());
    match (name, &person.address) {
        // Some people's name is their address.
        (Some(name), _) => rich(&name).into_iter().map(|word| word.text).collect(),
        (None, Some(address)) => masked(address.local()),
        (None, None) => String::new(),
    }
}

/// A text in which addresses are hidden.
pub fn discreet(text: &str) -> String {
    rich(text).into_iter().map(|word| word.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let word = |word: Word| word.url.map_or(word.text.clone(), |url| format!("[{url}]"));
        rich(text).into_iter().map(word).collect()
    }

    #[test]
    fn only_web_addresses_become_links_and_they_end_where_their_sentence_does() {
        assert_eq!(shown("See (https://example.org/a_(b)). Then"), "See ([https://example.org/a_(b)]). Then");
        assert_eq!(shown("https://example.org/?q=a&b=c, and more"), "[https://example.org/?q=a&b=c], and more");
        assert_eq!(shown("<https://example.org/x>"), "<[https://example.org/x]>");
        for text in ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "https://"] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn an_address_is_hidden_and_a_link_that_holds_one_stays_whole() {
        assert_eq!(shown("Ada <ada.b+x@lists.example.org> wrote:"), "Ada <ada.b+x@…> wrote:");
        assert_eq!(shown("https://lists.example.org/a@example.org/"), "[https://lists.example.org/a@example.org/]");
        assert_eq!(shown("at 10:30 @noon"), "at 10:30 @noon");
        let nameless = Person { name: None, address: crate::mail::Address::parse("ada@example.org") };
        assert_eq!(called(&nameless), "ada@…");
        assert_eq!(called(&Person::named("ada@example.org")), "ada@…");
    }
}
