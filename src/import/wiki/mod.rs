//! Wiki pages of sessions: as wikitext with the template `{{project}}`, or flattened to plain text, as a browser copies
//! them.
//!
//! A heading is the track of the sessions below it, down to the next one. What stands under `Notes` and `Outcomes` are
//! links to mails of the list; those come with the list's archive, and with them what they say.

mod flat;
mod markup;
mod template;

use super::{Fault, Source};

/// Headings that are parts of a page, and no tracks.
const PARTS: [&str; 4] = ["notes", "outcomes", "sessions", "design sessions"];

/// Reads a page of either form.
pub fn read(text: &str) -> Result<Source, Fault> {
    let source = if template::is_there(text) { template::read(text)? } else { flat::read(text)? };
    match source.entries.is_empty() {
        false => Ok(source),
        true => Err(Fault::whole(
            "no session found",
            "a session is `{{project |Project=… |Date=… |Contact=… |Desc=… |Outcomes=… |References=…}}` in wikitext, \
             or a title with `Date of insert: …` below it in plain text",
        )),
    }
}

fn is_part(heading: &str) -> bool {
    PARTS.contains(&heading.to_lowercase().as_str())
}

/// What to say of headings that have no session below them.
fn empty_tracks(tracks: &[String], used: &[String]) -> Option<String> {
    let mut empty: Vec<&str> = tracks.iter().filter(|track| !used.contains(track)).map(String::as_str).collect();
    empty.dedup();
    (!empty.is_empty()).then(|| format!("no session stands below these headings: {}", empty.join("; ")))
}
