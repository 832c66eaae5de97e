//! A summit's report in Markdown (CommonMark): what was decided and what is to be done, to be passed on or printed.
//!
//! Whatever others wrote is text: no character of it is markup.

use super::site::rich::{called, discreet};
use super::{Record, host, rendered};
use crate::letters::wrap::printable;
use crate::letters::{sentences, when};
use crate::session::{Session, Track};
use askama::Template;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "report.md", escape = "none")]
struct Report {
    summit: String,
    tracks: Vec<Section>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    sessions: usize,
    noted: usize,
    decisions: usize,
    actions: usize,
    open: usize,
}

struct Section {
    heading: Option<String>,
    sessions: Vec<Entry>,
}

struct Entry {
    title: String,
    about: Vec<String>,
    decisions: Vec<String>,
    /// Each with its box: `[x] 2. Ada: …`.
    actions: Vec<String>,
    notes: Vec<String>,
}

/// The report.
pub fn report(record: &Record) -> String {
    let mut counts = Counts::default();
    record.sessions().for_each(|session| counts.add(&session));
    let tracks = record.tracks();
    let tracks = tracks.iter().filter(|track| !track.sessions.is_empty());
    let tracks = tracks.map(|track| section(track, record)).collect();
    rendered(&Report { summit: text(&printable(&record.summit.name)), tracks, counts })
}

impl Counts {
    fn add(&mut self, session: &Session) {
        self.sessions += 1;
        self.noted += usize::from(session.outcomes.iter().any(|outcome| outcome.value.complete));
        self.decisions += session.outcomes.iter().map(|outcome| outcome.value.notes.decisions.len()).sum::<usize>();
        self.actions += session.actions().count();
        self.open += session.actions().filter(|(_, action)| !action.done).count();
    }
}

fn section(track: &Track<Cow<Session>>, record: &Record) -> Section {
    let sessions = track.sessions.iter().map(|session| entry(session, record)).collect();
    Section { heading: track.name.as_deref().map(|name| text(&printable(name))), sessions }
}

fn entry(session: &Session, record: &Record) -> Entry {
    let (summit, now) = (record.summit, record.now);
    let hosts: Vec<String> = session.proposal.hosts.iter().map(host).collect();
    let slot = session.slot.as_ref().map(|slot| text(&printable(&when::slot(slot, &summit.zone))));
    let firm = session.finality(now, summit.patience());
    let firm = firm.map(|firm| sentences::finality(&firm, &summit.zone)).unwrap_or_default();
    let about = [Some(text(session.status(now).name())), (!hosts.is_empty()).then(|| text(&hosts.join(", "))), slot];
    let about = about.into_iter().flatten().chain(firm.iter().map(|line| text(line)));
    let decisions = session.outcomes.iter().flat_map(|outcome| &outcome.value.notes.decisions);
    let actions = session.actions().map(|(number, action)| {
        let mark = if action.done { "x" } else { " " };
        let owner = action.owner.as_ref().map_or_else(|| "nobody yet".to_owned(), called);
        format!("[{mark}] {number}\\. {}: {}", text(&owner), text(&printable(&action.text)))
    });
    let notes = session.outcomes.iter().filter(|outcome| outcome.value.complete).map(|outcome| {
        let by = format!("by {}", text(&called(&outcome.value.author)));
        record.permalink(&outcome.value.source).map_or(by.clone(), |link| format!("[{by}](<{link}>)"))
    });
    let title = format!("{} {}", session.key, printable(session.title()));
    Entry {
        title: record.permalink(&session.root).map_or(text(&title), |link| format!("[{}](<{link}>)", text(&title))),
        about: about.collect(),
        decisions: decisions.map(|decision| text(&printable(decision))).collect(),
        actions: actions.collect(),
        notes: notes.collect(),
    }
}

/// Words in which nothing is markup: a backslash before a mark of punctuation makes it one (CommonMark §2.4).
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in discreet(words).chars() {
        if "\\`*_{}[]<>&|~!#+=-".contains(c) && !(c == '-' && out.ends_with(|c: char| c.is_alphanumeric())) {
            out.push('\\');
        }
        out.push(c);
    }
    // `1. ` begins a list.
    let digits = out.chars().take_while(char::is_ascii_digit).count();
    match out[digits..].starts_with(['.', ')']) && digits > 0 {
        true => format!("{}\\{}", &out[..digits], &out[digits..]),
        false => out,
    }
}
