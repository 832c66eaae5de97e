//! Fields as the grammar reads them back. A value that would not be read as its field is not written as one: the caller
//! keeps it as words.

use crate::grammar::{Slot, fields};
use crate::letters::when;
use jiff::tz::TimeZone;

/// The field's line, or lines, when the grammar reads a field there. Blank lines would end it and are left out.
pub fn field(key: &str, value: &str) -> Option<String> {
    let lines: Vec<&str> = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (first, more) = lines.split_first()?;
    let first = format!("{key}: {first}");
    // An indented line goes on with the one above.
    let more = more.iter().map(|line| format!("\n  {line}"));
    fields::is_field(&first).then(|| first.clone() + &more.collect::<String>())
}

/// A slot's field. A room that the grammar takes for words of a sentence stays behind as words, and the time counts.
pub fn slot(slot: &Slot, zone: &TimeZone) -> (Option<String>, Option<String>) {
    let whole = field("Schedule", &when::written(slot, zone));
    match (&whole, &slot.room) {
        (None, Some(room)) => {
            let time = Slot { room: None, ..slot.clone() };
            (field("Schedule", &when::written(&time, zone)), Some(format!("Room: {room}")))
        }
        _ => (whole, None),
    }
}

/// A description, so that none of its lines is read as a field: one that would be is moved off the margin.
pub fn description(text: &str) -> String {
    let moved = |line: &str| if fields::interrupts(line) { format!("    {line}") } else { line.to_owned() };
    text.trim_matches('\n').lines().map(moved).collect::<Vec<_>>().join("\n")
}

/// The fields, and below them the description.
pub fn proposal(fields: impl IntoIterator<Item = String>, description: &str) -> String {
    let fields: Vec<String> = fields.into_iter().collect();
    match description.trim().is_empty() {
        true => fields.join("\n"),
        false => format!("{}\nDescription: {}", fields.join("\n"), description.trim_start_matches('\n')),
    }
}
