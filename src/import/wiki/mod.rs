//! Wiki pages of sessions: as wikitext with the template `{{project}}`, or flattened to plain text, as a browser copies
//! them.
//!
//! A heading is a track, and that of the sessions below it, down to the next one. What stands under `Notes` and `Outcomes` are
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
    let heading = heading.to_lowercase();
    // `Sessions highlighted on the wiki`, too.
    PARTS.contains(&heading.as_str()) || heading.starts_with("sessions ")
}

/// The tracks that headings name, each once.
fn tracks<'h>(headings: impl IntoIterator<Item = &'h str>) -> Vec<String> {
    let mut tracks: Vec<String> = Vec::new();
    for heading in headings.into_iter().filter(|heading| !is_part(heading)) {
        if !tracks.iter().any(|track| track.to_lowercase() == heading.to_lowercase()) {
            tracks.push(heading.to_owned());
        }
    }
    tracks
}
