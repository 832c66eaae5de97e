//! When an archived mail was received, as far as a glance at its header tells.
//!
//! Archives are replayed in the order of these times. Reading the mail is [`crate::mail`]'s task: this look-up must
//! stay so cheap that it can be done for every mail of an archive before the first one is replayed.

use crate::clock::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// How much of a mail is looked at. A date that stands later is not found.
pub const HEAD: usize = 32 << 10;

static DATES: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);

/// The date of the topmost Received header, which the archive's own side wrote (RFC 5321 §4.4), else of the Date
/// header, which the author's machine wrote.
pub fn received(mail: &[u8]) -> Option<Timestamp> {
    let head = &mail[..mail.len().min(HEAD)];
    let stamped = field(head, "received").and_then(|value| date(value.rsplit_once(';')?.1));
    stamped.or_else(|| date(&field(head, "date")?))
}

/// Whether these are the first lines of a mail: a header block with at least one field that every mail has.
pub fn looks_like_mail(mail: &[u8]) -> bool {
    const COMMON: [&str; 6] = ["from", "date", "received", "message-id", "subject", "return-path"];
    let head = &mail[..mail.len().min(HEAD)];
    lines(head).next().is_some_and(|line| name(line).is_some()) && COMMON.iter().any(|name| field(head, name).is_some())
}

/// The value of the first field of this lower-case name, unfolded.
fn field(head: &[u8], wanted: &str) -> Option<String> {
    let mut value: Option<String> = None;
    for line in lines(head) {
        match &mut value {
            Some(value) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                value.push_str(&String::from_utf8_lossy(line))
            }
            Some(_) => break,
            None => {
                value = name(line)
                    .filter(|name| name.eq_ignore_ascii_case(wanted.as_bytes()))
                    .map(|name| String::from_utf8_lossy(&line[name.len() + 1..]).into_owned());
            }
        }
    }
    value
}

/// The lines of the header block: up to the first empty one. A `From ` line of an mbox in front is passed over.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines
        .enumerate()
        .filter(|(i, line)| *i > 0 || !line.starts_with(b"From "))
        .map(|(_, line)| line)
        .take_while(|line| !line.is_empty())
}

/// The name of the field that this line opens (RFC 5322 §2.2: printable ASCII up to the colon).
fn name(line: &[u8]) -> Option<&[u8]> {
    let name = &line[..line.iter().position(|byte| *byte == b':')?];
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

fn date(text: &str) -> Option<Timestamp> {
    DATES.parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mail: &str) -> Option<String> {
        received(mail.as_bytes()).map(|time| time.to_string())
    }

    #[test]
    fn the_topmost_received_header_goes_before_the_date() {
        let mail = "Received: from a.example.org\n\tby b.example.org; Tue,  4 Jul 2017\n 10:00:30 +0200 (CEST)\nReceived: from x; Tue, 4 Jul 2017 09:00:00 +0000\nDate: Mon, 3 Jul 2017 09:00:00 +0000\n\nHello\n";
        assert_eq!(at(mail).as_deref(), Some("2017-07-04T08:00:30Z"));
        assert_eq!(at(&mail.replace('\n', "\r\n")), at(mail), "the same with Windows line ends");
    }

    #[test]
    fn a_wrong_weekday_or_an_unreadable_received_header_does_no_harm() {
        assert_eq!(
            at("Received: from somewhere\nDate: Fri, 4 Jul 2017 10:00:00 GMT\n\n").as_deref(),
            Some("2017-07-04T10:00:00Z")
        );
        assert_eq!(at("Subject: no date\n\nDate: Tue, 4 Jul 2017 10:00:00 GMT\n"), None, "the body is not the header");
    }

    #[test]
    fn a_read_me_is_not_taken_for_a_mail() {
        assert!(looks_like_mail(b"Return-Path: <ada@example.org>\nSubject: x\n\n"));
        assert!(!looks_like_mail(b"Note: these are mails\n\nFrom: nobody\n"));
        assert!(!looks_like_mail(b"Some words.\nFrom: nobody\n"));
        assert!(!looks_like_mail(b""));
    }
}
