//! `#session …`: one line that changes a session.
//!
//! ```text
//! line   = "#session" [target] verb [arguments]
//! target = S-7 | URL | <message-id> | "title in quotes"
//! ```
//!
//! Only at column 0 of the author's own visible lines. A line that is only a URL, or an indented one, goes on with the
//! command above it, because mailers wrap. Each verb is a row of `VERBS`; the row's usage is also the hint that its
//! author gets when the arguments do not fit. Who may do it is not asked here.

use super::lines::{OwnLine, append};
use super::reply::{self, LEVELS, MODES};
use super::{Ask, Complaint, Form, Host, Level, Mode, Want, dates, people, reference};
use jiff::tz::TimeZone;

/// What the verb's reader gets.
struct Args<'a> {
    text: &'a str,
    zone: &'a TimeZone,
}

/// A verb: its spellings (the first is the one to teach), how to write it, and what reads its arguments.
struct Verb {
    names: &'static [&'static str],
    usage: &'static str,
    read: fn(&Args) -> Result<Want, String>,
}

#[rustfmt::skip]
const VERBS: &[Verb] = &[
    Verb { names: &["interested", "interest"], usage: "interested [little|yes|very]", read: interested },
    Verb { names: &["attend", "attending"], usage: "attend [yes|in person|remote|maybe|no] [, note]", read: attend },
    Verb { names: &["decline"], usage: "decline [note]", read: |args| Ok(Want::Attend { mode: Mode::Declined, note: optional(args.text) }) },
    Verb { names: &["scribe"], usage: "scribe [me|NAME]", read: |args| Ok(Want::Scribe(reply::someone(args.text))) },
    Verb { names: &["ref", "refer"], usage: "ref URL", read: refer },
    Verb { names: &["suggest"], usage: "suggest TEXT", read: |args| required(args.text, "what do you suggest?").map(Want::Suggest) },
    Verb { names: &["title", "rename"], usage: "title NEW TITLE", read: |args| required(unquoted(args.text), "the new title is missing").map(Want::Title) },
    Verb { names: &["host"], usage: "host add NAME <ADDRESS> | host drop NAME", read: host },
    Verb { names: &["slot", "schedule"], usage: "slot WHEN [in ROOM] [URL]", read: slot },
    Verb { names: &["cancel"], usage: "cancel", read: |args| alone(args.text, Want::Cancel) },
    Verb { names: &["track"], usage: "track NAME", read: |args| required(unquoted(args.text), "which track?").map(Want::Track) },
    Verb { names: &["withdraw"], usage: "withdraw [why]", read: |args| Ok(Want::Withdraw { why: optional(args.text) }) },
    Verb { names: &["reopen"], usage: "reopen", read: |args| alone(args.text, Want::Reopen) },
    Verb { names: &["accept"], usage: "accept", read: |args| alone(args.text, Want::Accept) },
    Verb { names: &["reject"], usage: "reject [why]", read: |args| Ok(Want::Reject { why: optional(args.text) }) },
    Verb { names: &["merge"], usage: "merge S-12", read: merge },
    Verb { names: &["split"], usage: "split", read: |args| alone(args.text, Want::Split) },
    Verb { names: &["^propose"], usage: "^propose [title]", read: |args| Ok(Want::ProposeParent { title: optional(unquoted(args.text)) }) },
    Verb { names: &["^notes"], usage: "^notes S-7", read: notes },
    Verb { names: &["action"], usage: "action done NUMBER", read: action },
];

const WORD: &str = "#session";

/// What the commands ask, and the lines that are none.
#[derive(Debug)]
pub struct Read<'a> {
    pub asks: Vec<Ask>,
    pub complaints: Vec<Complaint>,
    pub rest: Vec<OwnLine<'a>>,
}

impl Read<'_> {
    pub fn any(&self) -> bool {
        !self.asks.is_empty() || !self.complaints.is_empty()
    }
}

/// Reads every command among the lines. Total, linear.
pub fn read<'a>(own: Vec<OwnLine<'a>>, zone: &TimeZone) -> Read<'a> {
    let mut read = Read { asks: Vec::new(), complaints: Vec::new(), rest: Vec::with_capacity(own.len()) };
    let mut lines = own.into_iter().peekable();
    while let Some(line) = lines.next() {
        let Some(said) = command(&line) else {
            read.rest.push(line);
            continue;
        };
        let (mut said, mut source, mut last) = (said.to_owned(), line.raw.to_owned(), line.last);
        while let Some(next) = lines.next_if(|next| next.number == last + 1 && goes_on(next)) {
            append(&mut said, ' ', next.text.trim());
            append(&mut source, '\n', next.raw);
            last = next.last;
        }
        match one(&said, zone) {
            Ok((want, target, args)) => {
                read.asks.push(Ask { want, target, form: Form::Command, line: line.number, source, args });
            }
            Err((reason, hint)) => read.complaints.push(Complaint { line: line.number, source, reason, hint }),
        }
    }
    read
}

/// What stands behind `#session`, when the line is a command.
fn command<'t>(line: &'t OwnLine) -> Option<&'t str> {
    let head = line.head();
    let word = head.get(..WORD.len()).filter(|word| word.eq_ignore_ascii_case(WORD) && !line.code)?;
    let rest = &head[word.len()..];
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

fn goes_on(line: &OwnLine) -> bool {
    let wrapped = line.is_indented() || reference::stands_alone(&line.text);
    !line.code && !line.is_blank() && wrapped && command(line).is_none()
}

type Understood = (Want, Option<super::SessionRef>, String);

/// One command: what it wants, of which session, and its arguments; or the reason and the hint.
fn one(said: &str, zone: &TimeZone) -> Result<Understood, (String, String)> {
    let (target, said) = match reference::leading(said) {
        Some((session, rest)) => (Some(session), rest),
        None => (None, said),
    };
    let (word, text) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let word = word.trim_end_matches([':', '.', '!']).to_lowercase();
    if word.is_empty() {
        return Err(("The command is missing.".to_owned(), legal_verbs()));
    }
    let Some(verb) = VERBS.iter().find(|verb| verb.names.contains(&word.as_str())) else {
        let nearest = nearest(&word).map(|name| format!(" Did you mean `{name}`?")).unwrap_or_default();
        return Err((format!("I do not know the command `{word}`.{nearest}"), legal_verbs()));
    };
    let text = text.trim();
    match (verb.read)(&Args { text, zone }) {
        Ok(want) => Ok((want, target, text.to_owned())),
        Err(reason) => {
            let reason = format!("`{}`: {reason}.", verb.names[0]);
            let example = match verb.names[0] {
                "slot" => format!(", for example `#session slot {}`", dates::SLOT_EXAMPLE),
                _ => String::new(),
            };
            Err((reason, format!("Write `#session {}`{example}.", verb.usage)))
        }
    }
}

fn legal_verbs() -> String {
    let names: Vec<&str> = VERBS.iter().map(|verb| verb.names[0]).collect();
    format!("The commands are: {}.", names.join(", "))
}

/// The verb that a misspelt word was meant to be.
fn nearest(word: &str) -> Option<&'static str> {
    let names = VERBS.iter().flat_map(|verb| verb.names.iter().copied());
    names
        .map(|name| (distance(word, name), name))
        .filter(|(far, name)| *far <= 2 && *far < name.len() - 1)
        .min()
        .map(|(_, name)| name)
}

/// Edit distance (insert, drop, replace); 99 for words too long to be a slip.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.chars().count() > 20 {
        return 99;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

fn interested(args: &Args) -> Result<Want, String> {
    if args.text.is_empty() {
        return Ok(Want::Interest(Level::Yes));
    }
    reply::level(args.text).map(Want::Interest).ok_or_else(|| format!("`{}` is not one of {LEVELS}", args.text))
}

fn attend(args: &Args) -> Result<Want, String> {
    if args.text.is_empty() {
        return Ok(Want::Attend { mode: Mode::InPerson, note: None });
    }
    let (mode, note) = reply::attendance(args.text).ok_or_else(|| format!("`{}` is not one of {MODES}", args.text))?;
    Ok(Want::Attend { mode, note })
}

fn refer(args: &Args) -> Result<Want, String> {
    let found = reference::documents(args.text).into_iter().next();
    found.map(Want::Refer).ok_or_else(|| "it needs a URL or a <message-id>".to_owned())
}

fn host(args: &Args) -> Result<Want, String> {
    let (word, who) = args.text.split_once(char::is_whitespace).unwrap_or((args.text, ""));
    let host: Option<Host> = people::hosts(who).into_iter().next();
    match (word.to_lowercase().as_str(), host) {
        ("add", Some(host)) => Ok(Want::AddHost(host)),
        ("drop" | "remove", Some(host)) => Ok(Want::DropHost(host.person)),
        ("add" | "drop" | "remove", None) => Err("the person is missing".to_owned()),
        _ => Err("say `add` or `drop`".to_owned()),
    }
}

fn slot(args: &Args) -> Result<Want, String> {
    dates::slot(args.text, args.zone).map(Want::Slot).map_err(|trouble| trouble.reason)
}

fn merge(args: &Args) -> Result<Want, String> {
    let text = args.text.strip_prefix("into ").or(args.text.strip_prefix("with ")).unwrap_or(args.text);
    match reference::leading(text.trim_end_matches('.')) {
        Some((session, "")) => Ok(Want::Merge(session)),
        _ => Err("it needs the session to merge into".to_owned()),
    }
}

fn notes(args: &Args) -> Result<Want, String> {
    match reference::leading(args.text.trim_end_matches('.')) {
        Some((session, "")) => Ok(Want::NotesParent(session)),
        _ => Err("it needs the session that the notes belong to".to_owned()),
    }
}

fn action(args: &Args) -> Result<Want, String> {
    reply::action_done(args.text)
        .map(Want::ActionDone)
        .ok_or_else(|| "say `done` and the number of the action".to_owned())
}

fn alone(text: &str, want: Want) -> Result<Want, String> {
    if text.trim_end_matches(['.', '!']).is_empty() {
        Ok(want)
    } else {
        Err(format!("it takes nothing more, but `{text}` stands behind it"))
    }
}

fn required(text: &str, reason: &str) -> Result<String, String> {
    optional(text).ok_or_else(|| reason.to_owned())
}

fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn unquoted(text: &str) -> &str {
    let pairs = [('"', '"'), ('“', '”'), ('„', '“')];
    pairs.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close)).unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::super::SessionRef;
    use super::*;
    use std::borrow::Cow;

    fn run(text: &str) -> Read<'_> {
        let line =
            |(index, raw)| OwnLine { number: index + 1, last: index + 1, raw, text: Cow::Borrowed(raw), code: false };
        read(text.lines().enumerate().map(line).collect(), &TimeZone::UTC)
    }

    fn want(text: &str) -> Want {
        let mut read = run(text);
        assert_eq!(read.complaints, [], "{text}");
        read.asks.pop().expect("one ask").want
    }

    #[test]
    fn every_verb_is_understood() {
        assert_eq!(want("#session interested very"), Want::Interest(Level::Very));
        assert_eq!(want("#Session attend"), Want::Attend { mode: Mode::InPerson, note: None });
        assert_eq!(
            want("#session: decline on leave"),
            Want::Attend { mode: Mode::Declined, note: Some("on leave".into()) }
        );
        assert_eq!(want("#session scribe me"), Want::Scribe(None));
        assert_eq!(want("#session ref https://example.org/a"), Want::Refer("https://example.org/a".into()));
        assert_eq!(want("#session suggest a demo"), Want::Suggest("a demo".into()));
        assert_eq!(want("#session title \"A new one\""), Want::Title("A new one".into()));
        assert!(
            matches!(want("#session host add Ada <ada@example.org> (ACME)"), Want::AddHost(host) if host.affiliation.as_deref() == Some("ACME"))
        );
        assert!(matches!(want("#session host drop Ada"), Want::DropHost(person) if person.label() == "Ada"));
        assert_eq!(want("#session cancel"), Want::Cancel);
        assert_eq!(want("#session track Security"), Want::Track("Security".into()));
        assert_eq!(want("#session withdraw"), Want::Withdraw { why: None });
        assert_eq!(want("#session reopen."), Want::Reopen);
        assert_eq!(want("#session accept"), Want::Accept);
        assert_eq!(want("#session reject too late"), Want::Reject { why: Some("too late".into()) });
        assert_eq!(want("#session merge into S-12"), Want::Merge(SessionRef::Number(12)));
        assert_eq!(want("#session split"), Want::Split);
        assert_eq!(want("#session ^propose"), Want::ProposeParent { title: None });
        assert_eq!(want("#session action done 2"), Want::ActionDone(2));
    }

    #[test]
    fn a_wrapped_command_is_one_command() {
        let read = run(
            "#session slot 2017-07-12 14:00 in Room A\nhttps://example.org/slot\nsee you\n#session attend\n   remote, from home",
        );
        assert_eq!(read.asks.len(), 2);
        assert!(
            matches!(&read.asks[0].want, Want::Slot(slot) if slot.url.as_deref() == Some("https://example.org/slot"))
        );
        assert_eq!(read.asks[1].want, Want::Attend { mode: Mode::Remote, note: Some("from home".into()) });
        assert_eq!(read.rest.len(), 1);
        assert_eq!(read.asks[1].source, "#session attend\n   remote, from home");
    }

    #[test]
    fn the_target_stands_first() {
        for (text, target) in [
            ("#session S-7 attend remote", SessionRef::Number(7)),
            ("#session https://example.org/x attend remote", SessionRef::Url("https://example.org/x".into())),
            ("#session \"Grant v3\" attend remote", SessionRef::Title("Grant v3".into())),
        ] {
            let read = run(text);
            assert_eq!(read.asks[0].target, Some(target), "{text}");
            assert_eq!(read.asks[0].args, "remote");
        }
    }

    #[test]
    fn a_command_in_prose_is_none() {
        let read = run("write #session attend\n    #session attend\n#sessions attend\n#session-attend");
        assert!(!read.any());
        assert_eq!(read.rest.len(), 4);
    }

    #[test]
    fn complaints_teach() {
        for (text, reason, hint) in [
            (
                "#session atend",
                "I do not know the command `atend`. Did you mean `attend`?",
                "The commands are: interested, attend,",
            ),
            ("#session undo x", "I do not know the command `undo`.", "The commands are:"),
            ("#session", "The command is missing.", "The commands are:"),
            (
                "#session attend perhaps",
                "`attend`: `perhaps` is not one of yes, in person, remote, maybe, no.",
                "Write `#session attend [yes|",
            ),
            (
                "#session slot tomorrow 14:00",
                "`slot`: the day is missing.",
                "Write `#session slot WHEN [in ROOM] [URL]`, for example",
            ),
            ("#session title", "`title`: the new title is missing.", "Write `#session title NEW TITLE`."),
            (
                "#session accept S-4",
                "`accept`: it takes nothing more, but `S-4` stands behind it.",
                "Write `#session accept`.",
            ),
            ("#session host Ada", "`host`: say `add` or `drop`.", "Write `#session host add"),
        ] {
            let read = run(text);
            assert!(read.asks.is_empty(), "{text}");
            assert_eq!(read.complaints[0].reason, reason);
            assert!(read.complaints[0].hint.starts_with(hint), "{}", read.complaints[0].hint);
        }
    }
}
