//! The fields of a proposal: `Key: value` or `Key=value` at column 0.
//!
//! Every field is optional, and whatever is no field is description. Some keys are everyday words (`Goals:`, `When:`);
//! those count only where a block of fields can stand (at the start of a paragraph or below another field) and only
//! with a value that suits them, so that prose stays prose. Nothing is complained about here: a field that cannot be
//! read is description too.

use super::lines::{self, OwnLine};
use super::{Complaint, Field, Proposal, Repair, dates, pattern, people, reference};
use crate::mail::Person;
use crate::mail::glance::Glance;
use jiff::tz::TimeZone;
use regex::Regex;
use std::sync::LazyLock;

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Title,
    Contact,
    Description,
    Date,
    Track,
    Schedule,
    Duration,
    Format,
    Required,
    Avoid,
    Outcomes,
    Ref,
}

/// One key: its canonical name, the spellings that are clear, and those that are everyday words.
struct Spelling {
    key: Key,
    name: &'static str,
    clear: &'static [&'static str],
    everyday: &'static [&'static str],
}

/// The table of `docs/mail-grammar.md`. Old spellings stay valid for ever.
#[rustfmt::skip]
const KEYS: &[Spelling] = &[
    Spelling { key: Key::Title, name: "title", clear: &["title"], everyday: &["topic", "project", "session"] },
    Spelling { key: Key::Contact, name: "contact",
        clear: &["contact", "contacts", "technical contact", "technical contacts", "host", "hosts", "host(s)", "moderator", "moderators", "proposer", "proposers", "presenter", "presenters"],
        everyday: &["lead", "leads"] },
    Spelling { key: Key::Description, name: "description", clear: &["description", "desc", "abstract"], everyday: &["problem"] },
    Spelling { key: Key::Date, name: "date", clear: &["date of insert"], everyday: &["date", "submitted"] },
    Spelling { key: Key::Track, name: "track", clear: &["track"], everyday: &["area", "category", "tags"] },
    Spelling { key: Key::Schedule, name: "schedule", clear: &["schedule", "slot"], everyday: &["when", "room", "where"] },
    Spelling { key: Key::Duration, name: "duration", clear: &["duration"], everyday: &["length"] },
    Spelling { key: Key::Format, name: "format", clear: &[], everyday: &["format", "type"] },
    Spelling { key: Key::Required, name: "required", clear: &["people needed"], everyday: &["required"] },
    Spelling { key: Key::Avoid, name: "avoid", clear: &[], everyday: &["avoid", "conflicts"] },
    Spelling { key: Key::Outcomes, name: "outcomes",
        clear: &["outcomes", "expected outcome", "expected outcomes", "expected outcome(s)"], everyday: &["outcome", "goals", "goal"] },
    Spelling { key: Key::Ref, name: "ref", clear: &["ref", "refs"],
        everyday: &["reference", "references", "reference(s)", "link", "links", "link(s)", "background", "prework"] },
];

static GLANCE: LazyLock<Glance> =
    LazyLock::new(|| Glance::of(KEYS.iter().flat_map(|key| [key.clear, key.everyday]).flatten().copied()));

/// What the wiki's form asks of its readers; it is nobody's description.
const PROMPTS: [&str; 2] = ["feel free to make suggestions here", "and whether you intend to attend:"];

/// No proposal needs more references than this; further ones are not read.
const MOST_REFERENCES: usize = 500;

/// A key that was forgotten to be put on a line of its own: `July 13 2017 Contact=Ada`.
static BURIED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)[\s;|,](?:technical\s+contact|contact|hosts?|description|schedule|track|title)="));

/// A proposal and how it was read.
#[derive(Debug, Default)]
pub struct Read {
    pub proposal: Proposal,
    pub fields: Vec<Field>,
    pub repairs: Vec<Repair>,
    pub complaints: Vec<Complaint>,
}

/// A field while its lines are collected.
struct Open<'a> {
    spelling: &'static Spelling,
    number: usize,
    source: &'a str,
    lines: Vec<&'a str>,
    /// It ended with `;` or `|`, as the wiki's cells do.
    closed: bool,
    equals: bool,
    place: bool,
    last: usize,
}

/// A line taken apart at its key.
struct Found<'t> {
    spelling: &'static Spelling,
    everyday: bool,
    equals: bool,
    /// `Room` or `Where`: the value is a place without saying so.
    place: bool,
    value: &'t str,
}

/// Whether a line begins with a field that only proposals have, for telling a revision from a reply.
pub fn is_proposal_field(line: &OwnLine) -> bool {
    !line.code
        && split(line.head())
            .is_some_and(|found| !found.everyday && !matches!(found.spelling.key, Key::Ref | Key::Outcomes))
}

/// Whether a line is read as a field at the top of a mail.
pub fn is_field(line: &str) -> bool {
    !read_alone(&[line]).is_empty()
}

/// Whether a line is read as a field although it stands in a Description.
pub fn interrupts(line: &str) -> bool {
    read_alone(&["Description: some", "", line]).len() > 1
}

fn read_alone(lines: &[&str]) -> Vec<Field> {
    let lines = lines.iter().copied().map(str::trim_end).zip(1..);
    let own: Vec<OwnLine> =
        lines.map(|(raw, n)| OwnLine { number: n, last: n, raw, text: raw.into(), code: false }).collect();
    proposal("", &own, &TimeZone::UTC).fields
}

/// Reads a proposal's lines; `title` is what the subject says. Total, linear.
pub fn proposal(title: &str, own: &[OwnLine], zone: &TimeZone) -> Read {
    let mut reader = Reader { zone, read: Read::default(), open: None, prose: Prose::default(), below_field: true };
    reader.read.proposal.title = title.to_owned();
    for (index, line) in own.iter().enumerate() {
        reader.line(line, &own[index + 1..]);
    }
    reader.close();
    let Reader { mut read, prose, .. } = reader;
    let lines = if prose.explicit { prose.described } else { prose.loose };
    read.proposal.description = lines::joined(lines.iter().map(|(raw, _)| *raw));
    read.proposal.agenda = lines::bullets(lines.iter().map(|(raw, code)| if *code { "" } else { *raw }));
    read
}

/// The prose of a proposal: what stands in its Description, or else around its fields. Each line with whether it is code.
#[derive(Default)]
struct Prose<'a> {
    explicit: bool,
    /// A `|` ended the Description: what follows is outside of it.
    ended: bool,
    described: Vec<(&'a str, bool)>,
    loose: Vec<(&'a str, bool)>,
}

impl<'a> Prose<'a> {
    fn push(&mut self, raw: &'a str, code: bool) {
        if self.explicit && !self.ended {
            self.described.push((raw, code));
        } else {
            self.loose.push((raw, code));
        }
    }

    fn is_empty(&self) -> bool {
        !self.explicit && self.loose.iter().all(|(raw, _)| super::phrases::is_courtesy(raw))
    }
}

struct Reader<'a, 'z> {
    zone: &'z TimeZone,
    read: Read,
    open: Option<Open<'a>>,
    prose: Prose<'a>,
    /// The line above was blank or a field: an everyday key may stand here.
    below_field: bool,
}

impl<'a> Reader<'a, '_> {
    fn line(&mut self, line: &'a OwnLine<'a>, below: &[OwnLine]) {
        let text = line.text.trim();
        if !line.code {
            if PROMPTS.contains(&text.to_lowercase().as_str()) {
                return self.end_cell();
            }
            if !text.is_empty() && text.chars().all(|c| c == '|') {
                return self.end_cell();
            }
            if let Some(found) = split(line.head())
                && self.counts(&found, below)
            {
                return self.begin(line, found);
            }
        }
        match &mut self.open {
            Some(open) if open.takes(line) => {
                open.lines.push(line.raw);
                open.closed |= ends_cell(line.raw);
                open.last = line.last;
            }
            _ => {
                self.close();
                self.prose.push(line.raw, line.code);
                self.below_field = line.is_blank();
            }
        }
    }

    /// Whether a key stands where it may, with a value that suits it.
    fn counts(&self, found: &Found, below: &[OwnLine]) -> bool {
        let read = &self.read.proposal;
        let key = found.spelling.key;
        let place = !found.everyday
            || match key {
                Key::Title | Key::Description => self.prose.is_empty(),
                // A Description runs to the next key; but a log shown in it has dates and types of its own.
                Key::Outcomes
                | Key::Ref
                | Key::Schedule
                | Key::Contact
                | Key::Required
                | Key::Avoid
                | Key::Duration
                    if self.prose.explicit =>
                {
                    true
                }
                _ => self.below_field || self.open.is_some(),
            };
        let free = match key {
            Key::Description => !self.prose.explicit,
            Key::Date => read.submitted.is_none() && !self.is_open(Key::Date),
            Key::Duration => read.duration.is_none(),
            Key::Format => read.format.is_none(),
            _ => true,
        };
        place && free && suits(found, below, self.zone)
    }

    fn is_open(&self, key: Key) -> bool {
        self.open.as_ref().is_some_and(|open| open.spelling.key == key)
    }

    fn begin(&mut self, line: &'a OwnLine<'a>, found: Found) {
        // `Date of insert: July 13 2017` without its end, and `Contact=…` right below: the wiki's `|` was forgotten.
        if let Some(open) = &self.open
            && found.equals
            && !open.equals
            && !open.closed
            && open.last + 1 == line.number
            && !matches!(open.spelling.key, Key::Description)
        {
            let text = format!(
                "`{}` stood inside the {}: read as a field of its own",
                found.spelling.name, open.spelling.name
            );
            self.read.repairs.push(Repair { line: line.number, text });
        }
        self.close();
        let spelling = found.spelling;
        self.below_field = true;
        if spelling.key == Key::Description {
            self.prose.explicit = true;
            self.note(spelling, line.number, found.value.to_owned());
            if !found.value.is_empty() {
                self.prose.described.push((value_of(line.raw), false));
            }
            return;
        }
        self.open = Some(Open {
            spelling,
            number: line.number,
            source: line.raw,
            lines: vec![value_of(line.raw)],
            closed: ends_cell(line.raw),
            equals: found.equals,
            place: found.place,
            last: line.last,
        });
    }

    /// A wiki cell ends: its field, and the Description with it.
    fn end_cell(&mut self) {
        self.close();
        self.prose.ended |= self.prose.explicit;
        self.below_field = true;
    }

    fn note(&mut self, spelling: &Spelling, line: usize, value: String) {
        self.read.fields.push(Field { key: spelling.name, value, line });
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        // Only a `|` ends the Description around a field; a `;` ends a list.
        self.prose.ended |= self.prose.explicit && open.lines.iter().any(|line| line.trim_end().ends_with('|'));
        let mut value = clean(&open.lines.join("\n"));
        if let Some(found) = BURIED.find(&value).map(|found| found.range()) {
            let buried = value[found.start + 1..].to_owned();
            value = clean(&value[..found.start]);
            if let Some(inner) = split(&buried) {
                let text = format!(
                    "`{}` stood inside the {}: read as a field of its own",
                    inner.spelling.name, open.spelling.name
                );
                self.read.repairs.push(Repair { line: open.number, text });
                let (spelling, inner) = (inner.spelling, clean(inner.value));
                self.record(&open, open.spelling, value);
                return self.record(&open, spelling, inner);
            }
        }
        self.record(&open, open.spelling, value);
    }

    /// Takes a value over; `spelling` is the field's own, or that of the key buried in it.
    fn record(&mut self, open: &Open, spelling: &Spelling, value: String) {
        let absent = is_absent(&value);
        self.note(spelling, open.number, value.clone());
        if absent {
            return;
        }
        let one_line = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let proposal = &mut self.read.proposal;
        match spelling.key {
            Key::Title => proposal.title = one_line.trim_end_matches([' ', '-', '–', ':', ';', ',']).to_owned(),
            Key::Contact => {
                for host in people::hosts(&one_line) {
                    if proposal.hosts.len() < people::MOST
                        && !proposal.hosts.iter().any(|known| known.person.is(&host.person))
                    {
                        proposal.hosts.push(host);
                    }
                }
            }
            // A `Description=` buried in another field's line.
            Key::Description => proposal.description = value,
            Key::Date => proposal.submitted = dates::date(&one_line),
            Key::Track => proposal.track = Some(one_line),
            Key::Schedule => match dates::slot(&placed(open.place, &one_line), self.zone) {
                Ok(slot) => {
                    let known = proposal.slot.get_or_insert_default();
                    known.start = known.start.or(slot.start);
                    known.end = known.end.or(slot.end);
                    known.room = known.room.take().or(slot.room);
                    known.url = known.url.take().or(slot.url);
                }
                Err(trouble) => self.read.complaints.push(Complaint {
                    line: open.number,
                    source: open.source.to_owned(),
                    fault: one_line.clone(),
                    reason: format!("I could not read this slot: {}.", trouble.reason),
                    hint: format!("Write it like `Schedule: {}`.", dates::SLOT_EXAMPLE),
                }),
            },
            Key::Duration => proposal.duration = dates::minutes(&one_line),
            Key::Format => proposal.format = Some(one_line),
            Key::Required => proposal.required.extend(people::persons(&one_line)),
            Key::Avoid => {
                let entries = one_line.split([',', ';']).map(str::trim).filter(|entry| !entry.is_empty());
                proposal.avoid.extend(entries.map(str::to_owned));
            }
            Key::Outcomes => {
                let all = match proposal.expected_outcomes.take() {
                    Some(earlier) => format!("{earlier}\n{value}"),
                    None => value,
                };
                proposal.expected_outcomes = Some(all);
            }
            Key::Ref => {
                for reference in reference::documents(&value) {
                    if proposal.references.len() < MOST_REFERENCES && !proposal.references.contains(&reference) {
                        proposal.references.push(reference);
                    }
                }
            }
        }
    }
}

impl Open<'_> {
    /// Whether the next line belongs to this field's value.
    fn takes(&self, line: &OwnLine) -> bool {
        let empty = self.lines.iter().all(|line| line.trim().is_empty());
        let adjoining = self.last + 1 == line.number;
        if self.closed || line.code {
            return false;
        }
        if line.is_blank() {
            return empty && adjoining && self.spelling.key == Key::Outcomes;
        }
        let unfinished = empty || self.lines.last().is_some_and(|last| last.trim_end().ends_with(','));
        adjoining
            && (line.is_indented()
                || unfinished
                || match self.spelling.key {
                    Key::Outcomes => true,
                    Key::Ref => {
                        reference::documents(&line.text).len() == 1 && line.text.split_whitespace().count() <= 2
                    }
                    _ => false,
                })
    }
}

/// Takes a line apart at a known key: `Key: value`, `Key=value`, `*Key*: value`, `| Key: value`.
fn split(head: &str) -> Option<Found<'_>> {
    // The first byte of `：` stands for it.
    if !lines::holds(head, [b':', b'=', 0xef]) {
        return None;
    }
    let head = head.trim_start_matches(['|', '\t']).trim_start_matches('*');
    let at = head.find([':', '=', '：'])?;
    let written = head[..at].trim_end_matches(['*', ' ', '_']);
    if written.len() > 40 || written.starts_with(' ') || !GLANCE.may_begin(written) {
        return None;
    }
    let key = written.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mark = head[at..].chars().next()?;
    let value = head[at + mark.len_utf8()..].trim_start_matches('*').trim();
    KEYS.iter().find_map(|spelling| {
        let everyday = spelling.everyday.contains(&key.as_str());
        let known = everyday || spelling.clear.contains(&key.as_str());
        known.then_some(Found {
            spelling,
            everyday,
            equals: mark == '=',
            place: ["room", "where"].contains(&key.as_str()),
            value,
        })
    })
}

/// The value on a field's own line.
fn value_of(raw: &str) -> &str {
    let at = raw.find([':', '=', '：']).unwrap_or(0);
    let mark = raw[at..].chars().next().map_or(0, char::len_utf8);
    raw[at + mark..].trim_start_matches('*').trim()
}

/// Whether a value can be meant by its key. Prose that happens to begin with a key's word does not suit.
fn suits(found: &Found, below: &[OwnLine], zone: &TimeZone) -> bool {
    let (key, value) = (found.spelling.key, clean(found.value));
    let short = |most: usize| value.chars().count() <= most;
    if is_absent(&value) && !value.is_empty() {
        return true;
    }
    match key {
        Key::Description | Key::Outcomes => true,
        Key::Title => !value.is_empty() && short(200),
        Key::Contact => short(500) && people::hosts(&value).iter().all(|host| short_name(&host.person)),
        Key::Date => dates::date(&value).is_some(),
        Key::Track | Key::Format => !value.is_empty() && short(80),
        Key::Duration => dates::minutes(&value).is_some(),
        Key::Schedule => match dates::slot(&placed(found.place, &value), zone) {
            Ok(slot) => slot.room.is_none_or(|room| room.chars().count() <= 40),
            Err(trouble) => trouble.attempted && short(120),
        },
        Key::Required | Key::Avoid => !value.is_empty() && short(300),
        Key::Ref if value.is_empty() => below
            .iter()
            .find(|line| !line.is_blank())
            .is_none_or(|line| !reference::documents(&line.text).is_empty() || ends_cell(&line.text)),
        Key::Ref => !reference::documents(&value).is_empty(),
    }
}

/// A place as a slot's text says it.
fn placed(place: bool, value: &str) -> String {
    if place { format!("in {value}") } else { value.to_owned() }
}

fn short_name(person: &Person) -> bool {
    person.name.as_ref().is_none_or(|name| name.split_whitespace().count() <= 5)
}

/// `Not specified, …`, blank, and the other ways to leave a field out.
fn is_absent(value: &str) -> bool {
    let value = value.trim().trim_matches(['.', '-', '?', '_', '|']).trim().to_lowercase();
    value.starts_with("not specified")
        || ["", "none", "n/a", "tbd", "tba", "tbc", "unknown", "to be decided"].contains(&value.as_str())
}

fn ends_cell(raw: &str) -> bool {
    raw.trim_end().ends_with(['|', ';'])
}

/// A value without the separators that the wiki leaves behind.
fn clean(value: &str) -> String {
    value.trim().trim_end_matches(['|', ';', ' ', '\t', '\n', '\u{a0}']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Line, SpanKind, Text};

    fn read(body: &str) -> Read {
        fn line((index, text): (usize, &str)) -> Line<'_> {
            let kind = if text.starts_with("  $") { SpanKind::Code } else { SpanKind::Visible };
            Line { first: index + 1, last: index + 1, text, kind }
        }
        let text = Text::of(&body.lines().enumerate().map(line).collect::<Vec<_>>());
        proposal("from the subject", &lines::own(&text), &TimeZone::UTC)
    }

    #[test]
    fn a_slot_is_read_in_every_spelling() {
        for (body, room, timed) in [
            ("Schedule: 2017-07-12 14:00-15:00 in Room A", Some("Room A"), true),
            ("When: 12 July 2017 2pm\nWhere: Jupiter", Some("Jupiter"), true),
            ("Room: Jupiter", Some("Jupiter"), false),
        ] {
            let slot = read(body).proposal.slot.expect(body);
            assert_eq!((slot.room.as_deref(), slot.start.is_some()), (room, timed), "{body}");
        }
    }

    #[test]
    fn a_wish_is_no_slot_and_half_a_time_is_asked_about() {
        let wish = read("Schedule: preferably not in the morning");
        assert_eq!((wish.proposal.slot, wish.complaints.len()), (None, 0));
        assert_eq!(wish.proposal.description, "Schedule: preferably not in the morning");
        let half = read("Schedule: July 12, 14:00");
        assert_eq!(half.complaints[0].reason, "I could not read this slot: the year is missing.");
        assert!(half.complaints[0].hint.contains(dates::SLOT_EXAMPLE));
    }

    #[test]
    fn what_is_left_out_in_any_way_is_absent() {
        let read = read(
            "Contact: Not specified\nTrack: n/a\nOutcomes: TBD\nRef: none\nDate of insert: not specified\nTitle: -\n",
        );
        assert_eq!(read.proposal, Proposal { title: "from the subject".to_owned(), ..Proposal::default() });
        assert_eq!(read.fields.len(), 6);
    }

    #[test]
    fn contacts_add_up_and_a_placeholder_takes_nothing_away() {
        let read = read("Host(s): Ada, Grace\nTechnical contact: Not specified, project contact\nPresenter: Edsger;");
        let names: Vec<&str> = read.proposal.hosts.iter().map(|host| host.person.label()).collect();
        assert_eq!(names, ["Ada", "Grace", "Edsger"]);
    }

    #[test]
    fn the_description_goes_on_around_a_field_until_its_cell_ends() {
        let read = read(
            "Hello.\n\nDescription: one\nSchedule: https://example.org/s\ntwo\n  $ Contact: shown as code\nRef: https://example.org/r |\nthree",
        );
        assert_eq!(read.proposal.description, "one\ntwo\n  $ Contact: shown as code");
        assert!(read.proposal.hosts.is_empty() && read.proposal.slot.is_some());
        assert_eq!(read.proposal.references, ["https://example.org/r"]);
    }

    #[test]
    fn references_may_stand_below_their_key() {
        let read = read(
            "Ref:\n[1] https://example.org/a\n[2] https://example.org/b\n\nProse with https://example.org/c in it.",
        );
        assert_eq!(read.proposal.references, ["https://example.org/a", "https://example.org/b"]);
        assert_eq!(read.proposal.description, "Prose with https://example.org/c in it.");
    }
}
