//! Writes mboxrd.

use super::read::is_from_line;
use crate::clock::Timestamp;
use std::io::{self, Write};

/// Appends one mail. `from` is the envelope sender; `MAILER-DAEMON` stands for an empty or unfit one.
///
/// What is written reads back byte by byte, with one exception: a mail whose last line has no line feed gets one,
/// because the empty line that separates mails must begin a line of its own.
pub fn write_mboxrd(out: &mut impl Write, from: &str, date: Timestamp, raw: &[u8]) -> io::Result<()> {
    let fit = !from.is_empty() && from.len() <= 320 && !from.contains(|c: char| c.is_whitespace() || c.is_control());
    let from = if fit { from } else { "MAILER-DAEMON" };
    writeln!(out, "From {from} {}", date.strftime("%a %b %e %H:%M:%S %Y"))?;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if is_from_line(line) {
            out.write_all(b">")?;
        }
        out.write_all(line)?;
    }
    if !raw.is_empty() && !raw.ends_with(b"\n") {
        out.write_all(b"\n")?;
    }
    out.write_all(b"\n")
}
