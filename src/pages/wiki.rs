//! A summit as a page of MediaWiki, in the form that its predecessors had there: the notes by track, then each session as
//! the template `{{project}}`.
//!
//! `import wiki` reads it back to the same facts, so what the template has no parameter for stands in `Desc` as the field
//! that it is in a mail. Whatever a title or a description holds is text: none of it is markup, but bullets and links.

use super::site::rich::{called, discreet};
use super::{Record, host, is_web, rendered};
use crate::grammar::fields;
use crate::letters::when;
use crate::letters::wrap::{printable, printable_lines};
use crate::session::{Session, Track};
use askama::Template;
use jiff::tz::TimeZone;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "wiki.txt")]
struct Page {
    summit: String,
    tracks: Vec<Section>,
}

struct Section {
    /// Of a track; what has none stands first, below no heading of its own.
    heading: Option<String>,
    sessions: Vec<Entry>,
}

struct Entry {
    /// The title, linked to its proposal.
    title: String,
    notes: Vec<String>,
    decisions: Vec<String>,
    parameters: Vec<(&'static str, String)>,
}

impl Section {
    fn has_outcomes(&self) -> bool {
        self.sessions.iter().any(|session| !session.decisions.is_empty())
    }
}

/// The page.
pub fn page(record: &Record) -> String {
    let mut tracks = record.tracks();
    tracks.sort_by_key(|track| track.name.is_some());
    let tracks = tracks.iter().map(|track| section(track, record)).collect();
    rendered(&Page { summit: text(&printable(&record.summit.name)), tracks })
}

fn section(track: &Track<Cow<Session>>, record: &Record) -> Section {
    let sessions = track.sessions.iter().map(|session| entry(session, record)).collect();
    Section { heading: track.name.as_deref().map(|name| text(&printable(name))), sessions }
}

fn entry(session: &Session, record: &Record) -> Entry {
    let title = printable(session.title());
    let notes = session.outcomes.iter().filter(|outcome| outcome.value.complete).map(|outcome| {
        let by = format!("notes by {}", called(&outcome.value.author));
        linked(record.permalink(&outcome.value.source), &by)
    });
    let decisions = session.outcomes.iter().flat_map(|outcome| &outcome.value.notes.decisions);
    Entry {
        title: linked(record.permalink(&session.root), &title),
        notes: notes.collect(),
        decisions: decisions.map(|decision| text(&printable(decision))).collect(),
        parameters: parameters(session, &record.summit.zone),
    }
}

fn linked(link: Option<String>, words: &str) -> String {
    match link {
        Some(link) => format!("[{link} {}]", text(words)),
        None => text(words),
    }
}

fn parameters(session: &Session, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let proposal = &session.proposal;
    let submitted = proposal.submitted.unwrap_or_else(|| session.submitted.to_zoned(zone.clone()).date());
    let hosts: Vec<String> = proposal.hosts.iter().map(|one| host(one).replace([',', ';'], " ")).collect();
    let references: Vec<&str> = session.references.iter().map(|said| said.value.url.as_str()).collect();
    vec![
        ("Project", text(&printable(session.title()))),
        ("Date", submitted.strftime("%B %-d %Y").to_string()),
        ("Contact", text(&hosts.join(", "))),
        ("Desc", description(session, zone)),
        ("Outcomes", lines(proposal.expected_outcomes.as_deref().unwrap_or_default())),
        ("References", references.into_iter().map(|url| markless(&printable(url))).collect::<Vec<_>>().join(", ")),
    ]
}

/// The description, and below it the fields that have no parameter of their own.
fn description(session: &Session, zone: &TimeZone) -> String {
    let proposal = &session.proposal;
    let persons: Vec<String> = proposal.required.iter().map(called).collect();
    let fields = [
        ("SCHEDULE", session.slot.as_ref().map(|slot| when::written(slot, zone))),
        ("Duration", proposal.duration.map(|minutes| minutes.to_string())),
        ("Format", proposal.format.clone()),
        ("Required", (!persons.is_empty()).then(|| persons.join(", "))),
        ("Avoid", (!proposal.avoid.is_empty()).then(|| proposal.avoid.join("; "))),
    ];
    let fields = fields.into_iter().filter_map(|(key, value)| Some(format!("{key}: {}", printable(&value?))));
    let fields: Vec<String> = fields.map(|line| text(&line)).collect();
    let quiet = |line: &str| if fields::interrupts(line) { format!("    {line}") } else { line.to_owned() };
    let words = proposal.description.lines().map(quiet).collect::<Vec<_>>().join("\n");
    [lines(&words), fields.join("\n")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Words that no wiki takes for markup. A link is a link by itself.
fn text(words: &str) -> String {
    markless(&discreet(words))
}

/// The same where an address is part of a reference.
fn markless(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for word in words.split_inclusive(' ') {
        match is_web(word.trim_end_matches(' ')) {
            true => out.push_str(&word.replace('&', "&amp;")),
            false => escape(word, &mut out),
        }
    }
    out
}

fn escape(word: &str, out: &mut String) {
    let mut before = ' ';
    for c in word.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '[' | ']' | '{' | '}' => out.push_str(&format!("&#{};", u32::from(c))),
            // `''` is emphasis, `~~~` a signature, `__TOC__` a switch.
            '\'' | '~' | '_' if before == c => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
        before = c;
    }
}

/// The same for several lines, whose bullets are the wiki's. A bullet that was written with `*` comes back as one.
fn lines(words: &str) -> String {
    let one = |line: String| match (line.strip_prefix("- "), line.strip_prefix("* ")) {
        (Some(rest), _) => format!("* {}", text(rest)),
        (_, Some(rest)) => format!("*&#32;{}", text(rest)),
        // Four blanks show code, as a wiki shows it; fewer are the rest of a bullet.
        _ if line.starts_with(' ') && !line.starts_with("    ") => format!("&#32;{}", text(&line[1..])),
        // What else begins a list, a heading or a rule.
        _ if line.starts_with(['*', '#', ':', ';', '=', '-']) => {
            format!("&#{};{}", line.as_bytes()[0], text(&line[1..]))
        }
        _ => text(&line),
    };
    printable_lines(words).map(one).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}
