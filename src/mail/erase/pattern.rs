//! Where a person stands in a text: one expression for all their addresses, and one for their names.

use super::MARK;
use crate::mail::Address;
use regex::{Regex, RegexBuilder, escape};
use std::ops::Range;

/// What may stand in the place of the `@`.
const AT: &str = r"(?:@|%40|=40|=|&#64;|&#x40;|&commat;|\s*[(\[]at[)\]]\s*|\s+at\s+)";
/// What may stand between the words of a name, over the end of a quoted line as well.
const BETWEEN: &str = r#"(?:[\s,>|"*_\u{a0}]|&nbsp;)+"#;
/// Letters and digits of the shortest full name, and of its longest word: `A. B.` says nothing.
const SHORTEST: usize = 5;
const LONGEST_WORD: usize = 3;

/// One kind of place, and what is put there.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    mark: String,
    /// Of addresses, which end elsewhere than names.
    addresses: bool,
}

impl Pattern {
    pub fn of_addresses(addresses: &[Address], mark: &str) -> Pattern {
        let key = |address: &Address| Address::parse(&address.key());
        let spellings = addresses.iter().cloned().chain(addresses.iter().filter_map(key));
        let spelling = |address: Address| format!("{}{AT}{}", escape(address.local()), escape(address.domain()));
        Pattern { regex: any_of(spellings.map(spelling)), mark: mark.to_owned(), addresses: true }
    }

    /// Of full names.
    pub fn of_names(names: &[String]) -> Option<Pattern> {
        let mut forms: Vec<Vec<String>> = names.iter().flat_map(|name| forms(name)).collect();
        // The longest first: of two that begin alike it is the one meant.
        forms.sort_by_key(|form| std::cmp::Reverse(form.iter().map(String::len).sum::<usize>()));
        let name = |form: &Vec<String>| form.iter().map(|word| escape(word)).collect::<Vec<_>>().join(BETWEEN);
        let regex = (!forms.is_empty()).then(|| any_of(forms.iter().map(name)))?;
        Some(Pattern { regex, mark: MARK.to_owned(), addresses: false })
    }

    /// The text with marks; nothing when there is no place for one.
    pub fn replaced(&self, text: &str) -> Option<String> {
        let places = self.places(text);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for place in &places {
            out.push_str(&text[at..place.start]);
            out.push_str(&self.mark);
            out.push_str(line_end(&text[place.clone()]));
            at = place.end;
        }
        out.push_str(&text[at..]);
        (!places.is_empty()).then_some(out)
    }

    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut at = 0;
        while let Some(found) = self.regex.find_at(text, at) {
            let alone = self.stands_alone(text, &found.range());
            at = if alone { found.end() } else { text.ceil_char_boundary(found.start() + 1) };
            if alone {
                places.push(found.range());
            }
        }
        places
    }

    /// Whether nothing around it makes something else of it. In front of an address that a list spells with `=` may stand
    /// its own: `bounces+ada=example.org@…`.
    fn stands_alone(&self, text: &str, place: &Range<usize>) -> bool {
        let plain = text[place.clone()].contains('@');
        let joins = |letter: char| {
            let joint = "._".contains(letter) || plain && "+-".contains(letter);
            letter.is_alphanumeric() || self.addresses && joint
        };
        let mut behind = text[place.end..].chars();
        let goes_on = match behind.next() {
            Some('.' | '-') if self.addresses => behind.next().is_some_and(char::is_alphanumeric),
            Some(letter) => letter.is_alphanumeric(),
            None => false,
        };
        !text[..place.start].chars().next_back().is_some_and(joins) && !goes_on
    }
}

/// Never an empty match: each of them has letters.
fn any_of(places: impl Iterator<Item = String>) -> Regex {
    let pattern = places.collect::<Vec<_>>().join("|");
    let regex = RegexBuilder::new(&pattern).case_insensitive(true).size_limit(64 << 20).build();
    regex.unwrap_or_else(|error| unreachable!("everything in it is escaped: {error}"))
}

/// Whether a name has enough to it to be looked for.
pub fn is_full(name: &str) -> bool {
    !forms(name).is_empty()
}

/// The words of a name in the orders in which people write them.
fn forms(name: &str) -> Vec<Vec<String>> {
    let plain = name.split(['(', '[']).next().unwrap_or(name);
    let plain = match plain.split_once(',') {
        Some((last, first)) => format!("{first} {last}"),
        None => plain.to_owned(),
    };
    let words: Vec<String> = plain.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect();
    let letters = |word: &String| word.chars().filter(|letter| letter.is_alphanumeric()).count();
    let (all, most) = (words.iter().map(letters).sum::<usize>(), words.iter().map(letters).max().unwrap_or(0));
    let [first, between @ .., last] = words.as_slice() else { return Vec::new() };
    if all < SHORTEST || most < LONGEST_WORD || plain.contains('@') {
        return Vec::new();
    }
    let turned = [std::slice::from_ref(last), std::slice::from_ref(first), between].concat();
    let mut forms = vec![words.clone(), turned];
    if !between.is_empty() {
        forms.extend([vec![first.clone(), last.clone()], vec![last.clone(), first.clone()]]);
    }
    forms
}

/// The end of the line within what was found, with the quote marks of the next: lines stay as many as they are.
fn line_end(found: &str) -> &str {
    let Some(start) = found.find(['\r', '\n']) else { return "" };
    let rest = &found[start..];
    let end = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
    rest[..end].trim_end_matches([' ', '\t'])
}
