//! The line `From sender date` in front of each mail of an mbox.

use crate::clock::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Longer lines are text that happens to begin with `From `.
const LONGEST: usize = 512;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Dates that tools write when they know none: the epoch, and the one of `git format-patch`.
const PLACEHOLDERS: [i64; 2] = [0, 1_000_684_800];

/// A line that separates two mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Postmark {
    /// When the mail was delivered, if the line tells: taken as UTC where no zone stands (RFC 4155, appendix A).
    pub date: Option<Timestamp>,
}

/// Recognises a separator: `From `, anything, then weekday, month, day and time as in `Tue Jul  4 10:00:00 2017`, with
/// a zone before or after the year, or without one.
pub fn postmark(line: &[u8]) -> Option<Postmark> {
    let rest = line.strip_prefix(b"From ").filter(|_| line.len() <= LONGEST)?;
    let rest = String::from_utf8_lossy(rest);
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    let at = words.windows(4).rposition(|w| {
        WEEKDAYS.contains(&w[0]) && MONTHS.contains(&w[1]) && w[2].parse::<u8>().is_ok() && time(w[3]).is_some()
    })?;
    let date = date(&words[at + 1..]).filter(|date| !PLACEHOLDERS.contains(&date.as_second()));
    Some(Postmark { date })
}

/// Reads `Jul 4 10:00:00 2017`, `Jul 4 10:00:00 2017 +0200`, `Jul 4 10:00:00 +0200 2017`. With a zone that is only a
/// name the time is not known: the mail's header tells it better.
fn date(words: &[&str]) -> Option<Timestamp> {
    let month = MONTHS.iter().position(|month| *month == words[0])? as i8 + 1;
    let (hour, minute, second) = time(words[2])?;
    let (mut year, mut offset) = (None, Offset::UTC);
    for word in words[3..].iter().take(2) {
        match word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            true => year = word.parse::<i16>().ok(),
            false => offset = zone(word)?,
        }
    }
    let civil = DateTime::new(year?, month, words[1].parse().ok()?, hour, minute, second, 0).ok()?;
    offset.to_timestamp(civil).ok()
}

/// `10:00` or `10:00:00`.
fn time(word: &str) -> Option<(i8, i8, i8)> {
    let mut parts = word.split(':').map(|part| part.parse::<i8>().ok());
    let time = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    parts.next().is_none().then_some(time)
}

/// `+0200`, `GMT`.
fn zone(word: &str) -> Option<Offset> {
    if ["UTC", "GMT"].contains(&word) {
        return Some(Offset::UTC);
    }
    let sign = if word.starts_with('-') { -1 } else { 1 };
    let digits: i32 = word.strip_prefix(['+', '-']).filter(|digits| digits.len() == 4)?.parse().ok()?;
    Offset::from_seconds(sign * (digits / 100 * 3600 + digits % 100 * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::postmark;

    #[test]
    fn postmarks_as_mail_software_writes_them() {
        for (line, date) in [
            ("From ada@example.org Tue Jul  4 10:00:00 2017", Some("2017-07-04T10:00:00Z")),
            ("From ada@example.org Tue Jul  4 10:00 2017", Some("2017-07-04T10:00:00Z")),
            ("From - Tue Jul 04 10:00:00 2017", Some("2017-07-04T10:00:00Z")),
            ("From ada at example.org  Tue Jul  4 10:00:00 2017\r", Some("2017-07-04T10:00:00Z")),
            ("From 15@xxx Tue Jul 04 10:00:00 +0200 2017", Some("2017-07-04T08:00:00Z")),
            ("From ada@example.org Tue Jul  4 10:00:00 2017 -0130", Some("2017-07-04T11:30:00Z")),
            ("From ada@example.org Tue Jul  4 10:00:00 CEST 2017", None),
            ("From ada@example.org Tue Jul  4 10:00:00 GMT 2017", Some("2017-07-04T10:00:00Z")),
            ("From mboxrd@z Thu Jan  1 00:00:00 1970", None),
            ("From 0123456789abcdef Mon Sep 17 00:00:00 2001", None),
            ("From ada@example.org Tue Jul 99 10:00:00 2017", None),
            ("From ada@example.org Tue Jul  4 10:00:00", None),
        ] {
            let mark = postmark(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(mark.date.map(|date| date.to_string()).as_deref(), date, "{line}");
        }
    }

    #[test]
    fn a_sentence_that_begins_with_from_is_no_postmark() {
        for line in [
            "From here on it gets easier",
            "From Tue on",
            "From Tue Jul 4 to Fri Jul 7 we meet",
            "from a Tue Jul 4 10:00:00 2017",
            "From ",
        ] {
            assert_eq!(postmark(line.as_bytes()), None, "{line}");
        }
        let long = format!("From {} Tue Jul  4 10:00:00 2017", "x".repeat(600));
        assert_eq!(postmark(long.as_bytes()), None);
    }
}
