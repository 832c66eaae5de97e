//! Dates, times and slots as people write them: `July 11 2017`, `19/01/2018`, `Wed 12 July 2017 14:00-15:00 CEST in Room A`.
//!
//! A time without a zone is in the summit's zone. Nothing is guessed: without a year, or with a weekday that does not
//! fit, there is a [`Trouble`] instead of a time, because a wrong slot sends people to an empty room.

use super::{Slot, pattern, reference};
use crate::clock::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, ToSpan};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Why a text is no slot, in words for its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub reason: String,
    /// The author meant a time: it is worth telling. False for plain words.
    pub attempted: bool,
}

/// How to write a slot.
pub const SLOT_EXAMPLE: &str = "2017-07-12 14:00-15:00 in Room A https://example.org/slot";
/// The same, as a command.
pub const SLOT_VERB: &str = "slot 2017-07-12 14:00-15:00 in Room A";

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Zone names that mean one offset everywhere, in minutes east of UTC. `CST` and `IST` mean several and are left out.
const ZONES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("EST", -300),
    ("EDT", -240),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday|s|rs|r|nes)?\b[.,]?\s*(?:the\s+)?")
});
/// Three forms, by capture: ISO, day-month-year in figures, a month's name with the day before or behind it.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let month = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";
    pattern(&format!(
        r"(?ix)\b(?:
            (?P<y1>\d{{4}})[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})
          | (?P<d2>\d{{1,2}})[-/.](?P<m2>\d{{1,2}})[-/.](?P<y2>\d{{4}})
          | (?P<d3>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]*(?:of\s+)?(?P<m3>{month})(?:,?[\s-]*(?P<y3>\d{{4}}))?
          | (?P<m4>{month})\s*(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y4>\d{{4}}))?
        )(?:T|\b)"
    ))
});
/// `14:00-15:00`, `2pm`, `14:00/45m`, `2:30 pm to 4 pm`, `14h00`
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?:\bat\s+|@\s*)?\b(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2})(?::\d{2})?)?\s*(?P<half>[ap]\.?m\b\.?)?
          (?:\s*(?:-|–|—|\bto\b|\buntil\b)\s*(?P<eh>\d{1,2})(?:[:.h](?P<em>\d{2})(?::\d{2})?)?\s*(?P<ehalf>[ap]\.?m\b\.?)?
            | \s*/\s*(?P<for>\d{1,3}\s*(?:m|min|mins|minutes|h|hours?)?\b))?",
    )
});
static LENGTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\bfor\s+)?\b(?:(?P<h>\d{1,2})(?:[.,](?P<tenth>5))?\s*(?:h|hrs?|hours?)(?:\s*(?P<hm>\d{1,2})\s*(?:m|min|mins|minutes)?)?|(?P<m>\d{1,3})\s*(?:m|min|mins|minutes))\b\.?",
    )
});
/// `UTC`, `UTC+2`, `GMT-05:30`, `+02:00`, `Europe/Berlin`, `CEST`
static ZONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*\(?(?:(?:(?i:utc|gmt))?\s*(?P<sign>[+-])(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?\b|(?P<iana>[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_+-]+){1,2})|(?P<name>[A-Z]{3,4}|Z)\b)\)?",
    )
});

/// The first date of a text. Day before month in `19/01/2018`.
pub fn date(text: &str) -> Option<Date> {
    DATE.captures_iter(text).find_map(|found| read_date(&found).ok())
}

/// `in Jupiter`, `Room 12`, `the great hall`
static SAYS_ROOM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\s*in\s|\b(?:room|hall|auditorium|track)\b"));

/// Minutes: `45`, `45 min`, `1h`, `1.5 hours`, `1h30`.
pub fn minutes(text: &str) -> Option<u32> {
    let text = text.trim().trim_end_matches('.');
    if let Ok(minutes) = text.parse() {
        return (1..=24 * 60).contains(&minutes).then_some(minutes);
    }
    let found = LENGTH.captures(text).filter(|found| found.get(0).is_some_and(|whole| whole.start() <= 8))?;
    length(&found)
}

/// When and where, out of a text: URL, date, time, zone and room in any order. `zone` is for times without one.
pub fn slot(text: &str, zone: &TimeZone) -> Result<Slot, Trouble> {
    let (url, mut rest) = reference::split_url(text);
    let weekday = WEEKDAY.captures(&rest).map(|found| found[1].to_lowercase());
    let day = match DATE.captures(&rest) {
        None => None,
        Some(found) => {
            let day = read_date(&found)?;
            let range = found.get(0).map_or(0..0, |whole| whole.range());
            rest.replace_range(range, " ");
            Some(day)
        }
    };
    let (hours, mut zone) = match clock(&mut rest)? {
        None => (None, zone.clone()),
        Some((hours, at)) => (Some(hours), take_zone(&mut rest, at)?.unwrap_or_else(|| zone.clone())),
    };
    let (start, end) = match (day, hours) {
        (None, None) => (None, None),
        (None, Some(_)) => return Err(trouble("the day is missing")),
        (Some(_), None) => return Err(trouble("the time of day is missing")),
        (Some(day), Some(hours)) => {
            check_weekday(day, weekday.as_deref())?;
            let (start, end) = hours.on(day, &mut zone)?;
            (Some(start), end)
        }
    };
    let rest = if start.is_some() { WEEKDAY.replace(&rest, " ").into_owned() } else { rest };
    // Behind a time, what is left is the room; alone, it must say so: `tomorrow afternoon` is none.
    let room = if start.is_some() || SAYS_ROOM.is_match(&rest) { room(&rest) } else { None };
    let slot = Slot { start, end, room, url };
    if slot == Slot::default() {
        return Err(Trouble { reason: "it names no time, room or URL".to_owned(), attempted: false });
    }
    Ok(slot)
}

/// A start, and perhaps an end or a length, on a day not yet known.
struct Hours {
    start: Time,
    end: Option<Time>,
    length: Option<u32>,
}

impl Hours {
    fn on(&self, day: Date, zone: &mut TimeZone) -> Result<(Timestamp, Option<Timestamp>), Trouble> {
        let instant = |day: Date, time: Time| {
            let civil = day.to_datetime(time);
            civil.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| trouble("that time does not exist"))
        };
        let start = instant(day, self.start)?;
        let end = match (self.end, self.length) {
            (Some(end), _) if end == self.start => return Err(trouble("it ends when it begins")),
            // Past midnight.
            (Some(end), _) if end < self.start => {
                Some(instant(day.tomorrow().map_err(|_| trouble("that day does not exist"))?, end)?)
            }
            (Some(end), _) => Some(instant(day, end)?),
            (None, Some(minutes)) => {
                let length: Span = i64::from(minutes).minutes();
                Some(start.checked_add(length).map_err(|_| trouble("that time does not exist"))?)
            }
            (None, None) => None,
        };
        Ok((start, end))
    }
}

/// Takes the time of day out of a text, and says where it stood.
fn clock(rest: &mut String) -> Result<Option<(Hours, usize)>, Trouble> {
    // A bare figure is no time: it must have minutes or am/pm, on one of its two sides.
    let shaped = |found: &Captures| ["m", "half", "em", "ehalf"].iter().any(|part| found.name(part).is_some());
    let Some(found) = TIME.captures_iter(rest).find(shaped) else { return Ok(None) };
    let half = |part: &str| found.name(part).map(|half| half.as_str().to_lowercase().starts_with('p'));
    let ends = half("ehalf");
    let start = time_of(&found["h"], found.name("m"), half("half").or(ends))?;
    let end = match found.name("eh") {
        Some(hour) => Some(time_of(hour.as_str(), found.name("em"), ends.or(half("half")))?),
        None => None,
    };
    let mut length = found.name("for").and_then(|text| minutes(text.as_str()));
    let whole = found.get(0).map_or(0..0, |whole| whole.range());
    let at = whole.start;
    rest.replace_range(whole, " ");
    if end.is_none()
        && length.is_none()
        && let Some(found) = LENGTH.captures(rest)
    {
        length = self::length(&found);
        let range = found.get(0).map_or(0..0, |whole| whole.range());
        // Blanks of the same width keep `at` where it is.
        rest.replace_range(range.clone(), &" ".repeat(range.len()));
    }
    Ok(Some((Hours { start, end, length }, at)))
}

fn time_of(hour: &str, minute: Option<regex::Match>, afternoon: Option<bool>) -> Result<Time, Trouble> {
    let wrong = || trouble(&format!("`{hour}` is no hour of the day"));
    let hour: i8 = hour.parse().map_err(|_| wrong())?;
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return Err(wrong()),
        Some(true) => hour % 12 + 12,
        Some(false) => hour % 12,
        None => hour,
    };
    let minute: i8 = minute.map_or(Ok(0), |minute| minute.as_str().parse()).map_err(|_| wrong())?;
    Time::new(hour, minute, 0, 0).map_err(|_| trouble(&format!("{hour}:{minute:02} is no time of day")))
}

/// Takes the zone that stands right behind the time out of the text.
fn take_zone(rest: &mut String, at: usize) -> Result<Option<TimeZone>, Trouble> {
    let Some(found) = rest.get(at..).and_then(|behind| ZONE.captures(behind)) else { return Ok(None) };
    let zone = if let Some(sign) = found.name("sign") {
        let part = |name: &str| found.name(name).map_or(Ok(0), |figure| figure.as_str().parse::<i32>());
        let seconds = part("h").ok().zip(part("m").ok()).map(|(h, m)| (h * 60 + m) * 60);
        let seconds = seconds.map(|seconds| if sign.as_str() == "-" { -seconds } else { seconds });
        let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
        offset.map(TimeZone::fixed).ok_or_else(|| trouble("that offset from UTC does not exist"))?
    } else if let Some(name) = found.name("iana") {
        let unknown = |_| trouble(&format!("`{}` is no time zone I know", name.as_str()));
        TimeZone::get(name.as_str()).map_err(unknown)?
    } else {
        let name = found.name("name").map_or("", |name| name.as_str());
        match ZONES.iter().find(|(known, _)| *known == name) {
            Some((_, minutes)) => TimeZone::fixed(Offset::from_seconds(minutes * 60).unwrap_or(Offset::UTC)),
            None if ["CST", "IST"].contains(&name) => {
                return Err(trouble(&format!("`{name}` means several zones: write the offset, such as UTC+05:30")));
            }
            // Capital letters that are no zone: a room's name.
            None => return Ok(None),
        }
    };
    let end = at + found[0].len();
    rest.replace_range(at..end, " ");
    Ok(Some(zone))
}

/// What is left of a slot's text when time and URL are taken out.
fn room(rest: &str) -> Option<String> {
    let rest = rest.replace("<>", " ").replace("()", " ");
    let words: Vec<&str> = rest.split_whitespace().filter(|word| *word != "<" && *word != ">").collect();
    let mut room = words.join(" ");
    loop {
        let trimmed = room.trim_matches([',', ';', '|', '-', '–', '(', ')', '@', ':', '.', ' ', '/']);
        let lower = trimmed.to_ascii_lowercase();
        let filler =
            ["in ", "at ", "on ", "from ", "room:", "the room "].iter().find(|filler| lower.starts_with(**filler));
        let shorter = filler.map_or(trimmed, |filler| &trimmed[filler.len()..]);
        if shorter.len() == room.len() {
            break;
        }
        room = shorter.to_owned();
    }
    let empty = ["", "in", "at", "on", "from", "to", "am", "pm", "room"].contains(&room.to_ascii_lowercase().as_str());
    (!empty).then_some(room)
}

fn read_date(found: &Captures) -> Result<Date, Trouble> {
    let part = |names: [&str; 4]| names.iter().find_map(|name| found.name(name)).map(|part| part.as_str());
    let day: i8 = part(["d1", "d2", "d3", "d4"]).and_then(|day| day.parse().ok()).unwrap_or(0);
    let month = part(["m1", "m2", "m3", "m4"]).unwrap_or("");
    let lower = month.to_lowercase();
    let named = MONTHS.iter().zip(1i8..).find(|(name, _)| lower.starts_with(*name)).map(|(_, number)| number);
    let month: i8 = named.or_else(|| month.parse().ok()).unwrap_or(0);
    let Some(year) = part(["y1", "y2", "y3", "y4"]).and_then(|year| year.parse::<i16>().ok()) else {
        return Err(trouble("the year is missing"));
    };
    Date::new(year, month, day).map_err(|_| trouble(&format!("`{}` is no day of the calendar", &found[0])))
}

fn check_weekday(day: Date, said: Option<&str>) -> Result<(), Trouble> {
    let index = day.weekday().to_monday_zero_offset();
    let is = usize::try_from(index).ok().and_then(|index| WEEKDAYS.get(index)).copied().unwrap_or("");
    match said {
        Some(said) if said != is => Err(trouble(&format!("{day} is not a {}", full_weekday(said)))),
        _ => Ok(()),
    }
}

fn full_weekday(short: &str) -> &'static str {
    let full = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    WEEKDAYS.iter().position(|day| *day == short).map_or("day", |index| full[index])
}

fn length(found: &Captures) -> Option<u32> {
    let figure = |name: &str| found.name(name).and_then(|figure| figure.as_str().parse::<u32>().ok());
    let half = if found.name("tenth").is_some() { 30 } else { 0 };
    let minutes = figure("h").unwrap_or(0) * 60 + half + figure("hm").unwrap_or(0) + figure("m").unwrap_or(0);
    (1..=24 * 60).contains(&minutes).then_some(minutes)
}

fn trouble(reason: &str) -> Trouble {
    Trouble { reason: reason.to_owned(), attempted: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match slot(text, &TimeZone::fixed(jiff::tz::offset(2))) {
            Err(trouble) => format!("! {}", trouble.reason),
            Ok(slot) => {
                let time = |time: Option<Timestamp>| time.map_or("-".to_owned(), |time| time.to_string());
                let (room, url) = (slot.room.unwrap_or_default(), slot.url.unwrap_or_default());
                format!("{} {} {room}|{url}", time(slot.start), time(slot.end))
            }
        }
    }

    #[test]
    fn dates_as_people_write_them() {
        for text in [
            "July 11 2017",
            "Jul 11th, 2017",
            "11 July 2017",
            "11th of July 2017",
            "Tue, 11 Jul 2017",
            "2017-07-11",
            "11/07/2017",
            "11.07.2017",
            "2017/7/11",
            "11-Jul-2017",
            "on July 11, 2017 |",
        ] {
            assert_eq!(date(text), Some(jiff::civil::date(2017, 7, 11)), "{text}");
        }
        assert_eq!(date("19/01/2018"), Some(jiff::civil::date(2018, 1, 19)));
        for text in ["July 11", "31/02/2018", "13 of them", "", "2017"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn slots_as_people_write_them() {
        let hour = "2017-07-12T12:00:00Z 2017-07-12T13:00:00Z";
        for (text, expected) in [
            ("2017-07-12 14:00-15:00 in Room A https://example.org/s", format!("{hour} Room A|https://example.org/s")),
            ("Wed 12 July 2017 14:00-15:00 CEST, Room A", format!("{hour} Room A|")),
            ("12 July 2017, 2pm to 3pm", format!("{hour} |")),
            ("12 July 2017 2-3 pm in Room A", format!("{hour} Room A|")),
            ("2017-07-12 12:00-13:00 UTC", format!("{hour} |")),
            ("2017-07-12 14:00–15:00 UTC+2", format!("{hour} |")),
            ("2017-07-12 14:00-15:00 +02:00 in Room A", format!("{hour} Room A|")),
            ("2017-07-12T14:00/60m", format!("{hour} |")),
            ("2017-07-12 14:00 for 1h", format!("{hour} |")),
            ("14:00-15:00 on Wednesday 12 July 2017", format!("{hour} |")),
            ("July 12 2017 2pm", "2017-07-12T12:00:00Z - |".to_owned()),
            ("2017-07-12 23:30-00:30", "2017-07-12T21:30:00Z 2017-07-12T22:30:00Z |".to_owned()),
            ("2017-07-12 14:00 in AUGUSTA I", "2017-07-12T12:00:00Z - AUGUSTA I|".to_owned()),
            ("Room A", "- - Room A|".to_owned()),
            ("Room 12", "- - Room 12|".to_owned()),
            ("http://sched.co/AjEV |", "- - |http://sched.co/AjEV".to_owned()),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn named_zones_know_summer() {
        assert_eq!(read("2017-07-12 13:00-14:00 Europe/London"), "2017-07-12T12:00:00Z 2017-07-12T13:00:00Z |");
        assert_eq!(read("2017-01-12 13:00 Europe/London"), "2017-01-12T13:00:00Z - |");
    }

    #[test]
    fn what_is_not_said_is_asked_for() {
        for (text, reason) in [
            ("July 12 14:00", "! the year is missing"),
            ("14:00-15:00", "! the day is missing"),
            ("2017-07-12", "! the time of day is missing"),
            ("Thu 12 July 2017 14:00", "! 2017-07-12 is not a Thursday"),
            ("2017-02-30 14:00", "! `2017-02-30` is no day of the calendar"),
            ("2017-07-12 25:00", "! 25:00 is no time of day"),
            ("2017-07-12 14:00-14:00", "! it ends when it begins"),
            ("2017-07-12 14:00 Mars/Olympus", "! `Mars/Olympus` is no time zone I know"),
            ("2017-07-12 14:00 IST", "! `IST` means several zones: write the offset, such as UTC+05:30"),
            ("tomorrow afternoon", "! it names no time, room or URL"),
            ("", "! it names no time, room or URL"),
        ] {
            assert_eq!(read(text), reason, "{text}");
        }
    }

    #[test]
    fn lengths_are_minutes() {
        for (text, expected) in [("45", 45), ("45 min", 45), ("1h", 60), ("1.5 hours", 90), ("1h30", 90), ("90m", 90)] {
            assert_eq!(minutes(text), Some(expected), "{text}");
        }
        for text in ["short", "0", "99999", "as long as 5 minutes"] {
            assert_eq!(minutes(text), None, "{text}");
        }
    }
}
