//! A wiki page as wikitext: `{{project |Project=… |Date=… |Contact=… |Desc=… |Outcomes=… |References=…}}`.

use super::super::{Entry, Fault, Source, field};
use super::markup::plain;
use super::{is_part, tracks};
use crate::grammar::pattern;
use regex::Regex;
use std::sync::LazyLock;

static OPENING: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\{\{\s*project\s*(?:\||\}\}|\n)"));
static HEADING: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^(={2,6})\s*(.+?)\s*={2,6}[ \t]*$"));

/// The template's parameters and the fields of a mail that they are.
const FIELDS: [(&str, &str); 5] = [
    ("project", "Title"),
    ("date", "Date of insert"),
    ("contact", "Contact"),
    ("outcomes", "Outcomes"),
    ("references", "References"),
];
const TITLE: &str = "project";
const DESCRIPTION: &str = "desc";

pub fn is_there(text: &str) -> bool {
    OPENING.is_match(text)
}

pub fn read(text: &str) -> Result<Source, Fault> {
    let mut source = Source::default();
    let headings: Vec<(usize, String)> = HEADING
        .captures_iter(text)
        .map(|found| (found.get(0).map_or(0, |all| all.start()), plain(&found[2])))
        .collect();
    let mut from = 0;
    while let Some(opening) = OPENING.find_at(text, from) {
        let line = text[..opening.start()].matches('\n').count() + 1;
        let inner = &text[opening.start() + 2..];
        let length = closing(inner)
            .ok_or_else(|| Fault::at(line, "this `{{project` is not closed", "put `}}` behind its last parameter"))?;
        from = opening.start() + 2 + length;
        let parameters = parameters(&inner[..length]);
        let title = parameters.iter().find(|(name, _)| name == TITLE).map(|(_, value)| value.trim().replace('\n', " "));
        let title = title
            .filter(|title| !title.is_empty())
            .ok_or_else(|| Fault::at(line, "this `{{project}}` has no title", "write it as `|Project=The title`"))?;
        let above = headings.iter().rev().find(|(at, heading)| *at < opening.start() && *heading != title);
        let track = above.map(|(_, heading)| heading.clone()).filter(|heading| !is_part(heading));
        source.entries.push(Entry {
            key: title.clone(),
            place: format!("line {line}"),
            text: text_of(&parameters, track.as_deref()),
            title,
            ..Entry::default()
        });
    }
    // A session may have a heading of its own.
    let is_title = |heading: &str| source.entries.iter().any(|entry| entry.title == heading);
    source.tracks = tracks(headings.iter().map(|(_, heading)| heading.as_str()).filter(|heading| !is_title(heading)));
    Ok(source)
}

/// The proposal as a mail has it. What no field can be made of stays in the description, under its name.
fn text_of(parameters: &[(String, String)], track: Option<&str>) -> String {
    let mut fields: Vec<String> = track.and_then(|track| field::field("Track", track)).into_iter().collect();
    let (mut description, mut words) = (String::new(), Vec::new());
    for (name, value) in parameters.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let key = FIELDS.iter().find(|(parameter, _)| parameter == name).map(|(_, key)| *key);
        match key.and_then(|key| field::field(key, value)) {
            Some(line) => fields.push(line),
            None if name == DESCRIPTION => description = value.clone(),
            None if name.is_empty() => words.push(value.clone()),
            None => words.push(field::field(name, value).unwrap_or_else(|| format!("{name}: {value}"))),
        }
    }
    let whole = std::iter::once(description).chain(words).filter(|part| !part.is_empty());
    field::proposal(fields, &whole.collect::<Vec<_>>().join("\n\n"))
}

/// Where the template ends that begins here: at the `}}` that belongs to it.
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 0;
    let mut rest = inner;
    while let Some(at) = rest.find(['{', '}']) {
        let here = &rest[at..];
        let step = if here.starts_with("{{") || here.starts_with("}}") { 2 } else { 1 };
        match &here[..step] {
            "{{" => depth += 1,
            "}}" if depth == 0 => return Some(inner.len() - here.len()),
            "}}" => depth -= 1,
            _ => {}
        }
        rest = &here[step..];
    }
    None
}

/// Names in small letters, and values as plain text, in order. A value without a name has an empty one.
fn parameters(inner: &str) -> Vec<(String, String)> {
    let name = |name: &str| plain(name).to_lowercase();
    let one = |part: &str| match part.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !key.trim().contains('\n') => (name(key), plain(value)),
        _ => (String::new(), plain(part)),
    };
    // The template's own name stands before the first `|`.
    parts(inner).into_iter().skip(1).map(one).collect()
}

/// Cuts at each `|` that stands neither in a link nor in another template.
fn parts(inner: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0usize);
    let mut pairs = inner.char_indices().peekable();
    while let Some((at, c)) = pairs.next() {
        let pair = pairs.peek().is_some_and(|(_, next)| *next == c);
        match c {
            '{' | '[' if pair => depth += 1,
            '}' | ']' if pair => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
                continue;
            }
            _ => continue,
        }
        pairs.next();
    }
    parts.push(&inner[start..]);
    parts
}
