//! Lines of a reply that add a fact: `+1`, `Interest: very`, `Attend: remote`, `S-7: +1`, `Ref: …`.
//!
//! They only ever add. A line may name its session first, so that a digest can be answered line by line. What stays
//! is the author's prose.

use super::lines::{self, OwnLine, append, holds};
use super::{Ask, Complaint, Field, Form, Level, Mode, SessionRef, Want, people, phrases, reference};
use crate::mail::Person;

pub const LEVELS: &str = "little, yes, very";
pub const MODES: &str = "yes, in person, remote, maybe, no";

/// Which keys count. A proposal's author may say that they come; the other keys mean something else there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    All,
    Presence,
}

/// What the lines of a reply say, and the lines that say something else.
#[derive(Debug, Default)]
pub struct Read<'a> {
    pub asks: Vec<Ask>,
    pub complaints: Vec<Complaint>,
    pub fields: Vec<Field>,
    pub rest: Vec<OwnLine<'a>>,
}

/// What one line came to.
enum Outcome {
    Asks(&'static str, Vec<Want>),
    Wrong { reason: String, hint: String },
    Prose,
}

/// Reads the lines. Total, linear.
pub fn read<'a>(own: Vec<OwnLine<'a>>, keys: Keys) -> Read<'a> {
    let mut read = Read { rest: Vec::with_capacity(own.len()), ..Read::default() };
    let mut first = true;
    let mut lines = own.into_iter().peekable();
    while let Some(line) = lines.next() {
        let opens = first;
        first &= line.is_blank();
        // A key has its colon, and nothing else is said without one but `+1`.
        if !holds(&line.text, *b":++") {
            read.rest.push(line);
            continue;
        }
        let (target, said) = named(&line);
        let plus = !line.code && is_plus(said) && (target.is_some() || opens) && keys == Keys::All;
        let (key, value) = keyed(said).unwrap_or_default();
        let key = key.trim().to_lowercase();
        if !plus && !is_key(&key) {
            read.rest.push(line);
            continue;
        }
        let mut value = value.trim().to_owned();
        let mut source = line.raw.to_owned();
        let mut taken = Vec::new();
        if SUGGEST.contains(&key.as_str()) || (LONG.contains(&key.as_str()) && !value.is_empty()) {
            // A suggestion runs to the end of its paragraph, a reference over indented lines.
            let whole = SUGGEST.contains(&key.as_str()) && !line.code && keys == Keys::All;
            let mut last = line.last;
            while let Some(next) = lines.next_if(|next| {
                let more = whole || next.is_indented() || reference::stands_alone(&next.text);
                next.number == last + 1 && !next.is_blank() && !next.code && more && !is_line(next)
            }) {
                append(&mut value, ' ', next.text.trim());
                append(&mut source, '\n', next.raw);
                last = next.last;
                taken.push(next);
            }
        }
        let outcome = if plus {
            Outcome::Asks("interest", vec![Want::Interest(Level::Yes)])
        } else if line.code {
            Outcome::Prose
        } else {
            understand(&key, value.trim(), keys)
        };
        let outcome = match outcome {
            // `Attendance: about twenty` in a proposal is its author's prose.
            Outcome::Wrong { .. } if keys == Keys::Presence => Outcome::Prose,
            outcome => outcome,
        };
        match outcome {
            Outcome::Prose => {
                read.rest.push(line);
                read.rest.append(&mut taken);
            }
            Outcome::Wrong { reason, hint } => {
                let fault = if value.is_empty() { key.clone() } else { value.clone() };
                read.complaints.push(Complaint { line: line.number, source, fault, reason, hint })
            }
            Outcome::Asks(key, wants) => {
                let args = if plus { "+1".to_owned() } else { value.clone() };
                read.fields.push(Field { key, value: args.clone(), line: line.number });
                read.asks.extend(wants.into_iter().map(|want| Ask {
                    want,
                    target: target.clone(),
                    form: Form::Field,
                    line: line.number,
                    source: source.clone(),
                    args: args.clone(),
                }));
            }
        }
    }
    read
}

/// Whether any line names its session and says something of it.
pub fn any_targeted(own: &[OwnLine]) -> bool {
    own.iter().filter(|line| !line.code).any(|line| named(line).0.is_some() && is_line(line))
}

/// The author's prose as one suggestion, verbatim; `None` when it is only courtesy or a phrase that was understood.
pub fn suggestion(rest: &[OwnLine], understood: &[usize]) -> Option<Ask> {
    let silent = |line: &OwnLine| {
        line.is_blank() || understood.binary_search(&line.number).is_ok() || phrases::is_courtesy(&line.text)
    };
    let close = rest.iter().position(|line| phrases::is_farewell(&line.text));
    // A name may stand below the farewell.
    let tail = close.map_or(rest.len(), |at| if rest.len() - at <= 4 { at } else { rest.len() });
    if rest[..tail].iter().all(silent) {
        return None;
    }
    let first = rest.iter().find(|line| !line.is_blank())?;
    let text = lines::joined(rest.iter().map(|line| line.raw));
    let (line, source) = (first.number, first.raw.to_owned());
    Some(Ask { want: Want::Suggest(text), target: None, form: Form::Prose, line, source, args: String::new() })
}

const SUGGEST: [&str; 3] = ["suggest", "suggestion", "suggestions"];
const LONG: [&str; 4] = ["ref", "refs", "reference", "references"];
const SHORT: [&str; 8] =
    ["interest", "interested", "attend", "attending", "attendance", "scribe", "action", "decision"];

fn is_key(key: &str) -> bool {
    SHORT.contains(&key) || LONG.contains(&key) || SUGGEST.contains(&key)
}

fn understand(key: &str, value: &str, keys: Keys) -> Outcome {
    match key {
        "interest" | "interested" => match level(value) {
            Some(level) => Outcome::Asks("interest", vec![Want::Interest(level)]),
            None => wrong("Interest", value, LEVELS, "Interest: yes"),
        },
        "attend" | "attending" | "attendance" => match attendance(value) {
            Some((mode, note)) => Outcome::Asks("attend", vec![Want::Attend { mode, note }]),
            // `Attending: Ada, Grace` tells who was there. It is no word of the author's own coming.
            None if are_names(value) => Outcome::Prose,
            None => wrong("Attend", value, MODES, "Attend: remote, afternoons only"),
        },
        "scribe" if !value.is_empty() => Outcome::Asks("scribe", vec![Want::Scribe(someone(value))]),
        _ if keys == Keys::Presence => Outcome::Prose,
        "ref" | "refs" | "reference" | "references" => {
            let found = reference::documents(value);
            if !found.is_empty() {
                Outcome::Asks("ref", found.into_iter().map(Want::Refer).collect())
            } else if key.starts_with("ref") && key.len() <= 4 {
                let reason = "`Ref` needs a URL or a <message-id>.".to_owned();
                Outcome::Wrong { reason, hint: "Write it like `Ref: https://example.org/page`.".to_owned() }
            } else {
                Outcome::Prose
            }
        }
        key if SUGGEST.contains(&key) && !value.is_empty() => {
            Outcome::Asks("suggest", vec![Want::Suggest(value.to_owned())])
        }
        "action" => match action_done(value) {
            Some(number) => Outcome::Asks("action", vec![Want::ActionDone(number)]),
            None => Outcome::Prose,
        },
        _ => Outcome::Prose,
    }
}

/// Several people, or one by a full name or an address: `Perhaps` is none.
fn are_names(value: &str) -> bool {
    let people = people::persons(value);
    let named = |person: &Person| person.address.is_some() || person.name.as_deref().is_some_and(people::is_name);
    let plainly = people.len() > 1 || people.iter().any(|one| one.address.is_some() || one.label().contains(' '));
    plainly && people.iter().all(named)
}

fn wrong(key: &str, value: &str, legal: &str, example: &str) -> Outcome {
    let reason = if value.is_empty() {
        format!("`{key}` says nothing.")
    } else {
        format!("`{key}: {value}` is not one I know.")
    };
    Outcome::Wrong { reason, hint: format!("{key} is one of: {legal}. For example `{example}`.") }
}

/// The session a line names first (`S-7: +1`, `S-7 Attend: remote`), and what it says of it.
fn named<'t>(line: &'t OwnLine) -> (Option<SessionRef>, &'t str) {
    let head = line.head();
    let session = if head.starts_with(['S', 's', '<']) { reference::leading(head) } else { None };
    match session {
        Some((session @ SessionRef::Number(_), rest)) => {
            (Some(session), rest.trim_start_matches([':', ' ']).trim_end())
        }
        _ => (None, head.trim_end()),
    }
}

/// A key at column 0, and its value.
fn keyed(said: &str) -> Option<(&str, &str)> {
    said.split_once(':').filter(|(key, _)| !key.starts_with(char::is_whitespace))
}

/// Whether a line is one of these, so that the text above it ends.
fn is_line(line: &OwnLine) -> bool {
    let (target, said) = named(line);
    let key = keyed(said).map_or("", |(key, _)| key).trim().to_lowercase();
    is_key(&key) || (target.is_some() && is_plus(said))
}

/// Whether a line by itself adds something, or would with a better value.
pub fn is_heard(line: &OwnLine) -> bool {
    is_line(line) || is_plus(named(line).1)
}

fn is_plus(said: &str) -> bool {
    said.trim_end_matches(['.', '!', ' ']) == "+1"
}

/// `little`, `yes`, `very`.
pub fn level(text: &str) -> Option<Level> {
    let (word, _) = word(text);
    match word.as_str() {
        "little" | "a little" | "low" => Some(Level::Little),
        "yes" | "y" | "+1" | "interested" => Some(Level::Yes),
        "very" | "very interested" | "high" => Some(Level::Very),
        _ => None,
    }
}

/// `remote, afternoons only`: the mode, and the note behind it.
pub fn attendance(text: &str) -> Option<(Mode, Option<String>)> {
    let (word, note) = word(text);
    let mode = match word.as_str() {
        "yes" | "y" | "in person" | "in-person" | "on site" | "onsite" | "on-site" | "physically" => Mode::InPerson,
        "remote" | "remotely" | "virtual" | "virtually" | "online" => Mode::Remote,
        "maybe" => Mode::Maybe,
        "no" | "n" | "declined" | "decline" => Mode::Declined,
        _ => return None,
    };
    Some((mode, note))
}

/// `done 2`
pub fn action_done(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("done").or_else(|| text.strip_prefix("Done"))?;
    let number = rest.trim_matches([' ', '#', ':', '.']).parse().ok()?;
    (number > 0).then_some(number)
}

/// A person; `None` for the author (`me`, nothing).
pub fn someone(text: &str) -> Option<Person> {
    let me = ["", "me", "myself", "i", "i will", "yes", "i can"];
    if me.contains(&text.trim_end_matches(['.', '!']).to_lowercase().as_str()) { None } else { people::person(text) }
}

/// The value's first words up to `,`, `;`, ` - ` or `(`, lower case, and the note behind them.
fn word(text: &str) -> (String, Option<String>) {
    let end = [text.find([',', ';', '(', '.', '!']), text.find(" - "), text.find(" – ")].into_iter().flatten().min();
    let (word, note) = text.split_at(end.unwrap_or(text.len()));
    let note = note.trim_matches([',', ';', '(', ')', '-', '–', '.', '!', ' ']);
    let note = (!note.is_empty()).then(|| note.to_owned());
    (word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(), note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn run(text: &str) -> Read<'_> {
        let line =
            |(index, raw)| OwnLine { number: index + 1, last: index + 1, raw, text: Cow::Borrowed(raw), code: false };
        read(text.lines().enumerate().map(line).collect(), Keys::All)
    }

    fn wants(text: &str) -> Vec<Want> {
        run(text).asks.into_iter().map(|ask| ask.want).collect()
    }

    #[test]
    fn plus_one_counts_alone_and_first() {
        assert_eq!(wants("\n+1!\nmore"), [Want::Interest(Level::Yes)]);
        assert_eq!(wants("well\n+1"), []);
        assert_eq!(wants("+1 on code"), []);
        assert_eq!(wants("words\nS-7: +1"), [Want::Interest(Level::Yes)]);
    }

    #[test]
    fn facts_are_added_line_by_line() {
        let read = run(
            "S-7 Attend: remote, afternoons only\nInterest: very\nScribe: me\nRef: https://example.org/a\n  https://example.org/b\nSuggest: show it\nto us all\n\nbye",
        );
        assert_eq!(read.asks[0].target, Some(SessionRef::Number(7)));
        let wants: Vec<Want> = read.asks.into_iter().map(|ask| ask.want).collect();
        assert_eq!(
            wants,
            [
                Want::Attend { mode: Mode::Remote, note: Some("afternoons only".into()) },
                Want::Interest(Level::Very),
                Want::Scribe(None),
                Want::Refer("https://example.org/a".into()),
                Want::Refer("https://example.org/b".into()),
                Want::Suggest("show it to us all".into()),
            ]
        );
        assert_eq!(read.rest.iter().map(|line| line.raw).collect::<Vec<_>>(), ["", "bye"]);
    }

    #[test]
    fn a_bad_value_names_the_legal_ones() {
        let read = run("Attend: perhaps\nRef: see above\nS-7 in prose does nothing\nDescription: prose");
        assert!(read.asks.is_empty());
        assert_eq!(read.complaints.len(), 2);
        assert!(read.complaints[0].hint.contains("yes, in person, remote, maybe, no"));
        assert_eq!(read.rest.len(), 2);
    }

    #[test]
    fn names_of_others_are_nobodys_attendance() {
        let read = run("Attending: Ada Lovelace, Grace <grace@example.org>\nAttend: Perhaps");
        assert_eq!((read.asks.len(), read.complaints.len(), read.rest.len()), (0, 1, 1));
    }

    #[test]
    fn courtesy_is_no_suggestion() {
        let text = "Hi Ada,\n\nThanks!\n\nBest regards,\nGrace";
        assert!(suggestion(&run(text).rest, &[]).is_none());
        let text = "Hi Ada,\n\nplease show the numbers.\n\nGrace";
        assert!(
            matches!(suggestion(&run(text).rest, &[]), Some(Ask { want: Want::Suggest(said), .. }) if said == text)
        );
    }
}
