//! How things look on a terminal: aligned columns, colour only there, mails as they would be read.

use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use textwrap::core::display_width;

/// JSON for scripts: one document, indented.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Nobody reads the output any more (`| head`).
static UNREAD: AtomicBool = AtomicBool::new(false);

/// All output of the commands passes here. When its reader has gone away, the work goes on in silence.
pub fn write_out(text: &str) {
    if UNREAD.load(Ordering::Relaxed) {
        return;
    }
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        UNREAD.store(true, Ordering::Relaxed);
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            eprintln!("rapporteur: the output can't be written: {error}");
        }
    }
}

/// Rows with their columns aligned; the first row is the heading. The last column is as wide as it is.
pub fn table(rows: &[Vec<String>]) {
    write_out(&aligned(rows, colourful()));
}

fn aligned(rows: &[Vec<String>], colour: bool) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            line.push_str(cell);
            if column + 1 < row.len() {
                line.push_str(&" ".repeat(widths[column] - display_width(cell) + 2));
            }
        }
        let line = line.trim_end();
        match index == 0 && colour {
            true => out.push_str(&format!("\x1b[1m{line}\x1b[0m\n")),
            false => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

/// Rows with their columns aligned, without a heading.
pub fn plain_table(rows: &[Vec<String>]) {
    write_out(&aligned(rows, false));
}

/// A heading of a longer output.
pub fn heading(text: &str) {
    match colourful() {
        true => say!("\n\x1b[1m{text}\x1b[0m"),
        false => say!("\n{text}"),
    }
}

/// A label and what it stands for, aligned with its neighbours.
pub fn row(label: &str, value: &str) {
    let width = 100_usize;
    let indent = " ".repeat(14);
    let options = textwrap::Options::new(width)
        .initial_indent("")
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    say!("{}", textwrap::fill(&format!("{label:<12}  {value}"), options));
}

/// A mail as its reader sees it: From, To, Subject and Date, then its text, decoded.
pub fn mail(bytes: &[u8]) {
    write_out(&readable(bytes));
}

/// The same as text.
pub fn readable(bytes: &[u8]) -> String {
    let mail = crate::mail::read(bytes, crate::clock::Timestamp::MAX);
    let mut out = String::new();
    let person = |person: &crate::mail::Person| match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        _ => person.label().to_owned(),
    };
    let to: Vec<String> = mail.to.iter().map(person).collect();
    for (name, value) in [
        ("From", person(&mail.author.person())),
        ("To", to.join(", ")),
        ("Subject", mail.subject.clone()),
        ("Date", mail.date_raw.clone().unwrap_or_default()),
    ] {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out.push('\n');
    for line in mail.text.lines() {
        out.push_str(line.text.trim_end());
        out.push('\n');
    }
    out
}

/// An error with its causes, each said once.
pub fn causes(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said.push_str(&format!(": {cause}"));
        }
    }
    said
}

/// `1 mail`, `2 mails`
pub fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Colour on a terminal, unless the user's environment asks for none.
pub fn colourful() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_aligned_by_what_the_eye_sees() {
        let rows = [vec!["ID".to_owned(), "TITLE".into()], vec!["S-1".into(), "Zürich".into()]];
        assert_eq!(super::aligned(&rows, false), "ID   TITLE\nS-1  Zürich\n");
    }
}
