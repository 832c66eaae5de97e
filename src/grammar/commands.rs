//! `#session …`: one line that changes a session.
//!
//! ```text
//! line   = "#session" [target] verb [arguments]
//! target = S-7 | URL | <message-id> | "title in quotes"
//! ```
//!
//! Only at column 0 of the author's own visible lines. A line that is only a URL, or an indented one, goes on with the
//! command above it, because mailers wrap; an introduction goes on to the end of its paragraph. Each verb is a row of `VERBS`; the row's usage is also the hint that its
//! author gets when the arguments do not fit. Who may do it is not asked here.

use super::lines::{OwnLine, append};
use super::reply::{self, LEVELS, MODES};
use super::subscribe::{self, SCOPES};
use super::{Ask, Complaint, Form, Host, Level, Mode, Scope, SessionRef, Want, dates, people, reference};
use crate::mail::MessageId;
use jiff::tz::TimeZone;

/// What the verb's reader gets.
struct Args<'a> {
    text: &'a str,
    zone: &'a TimeZone,
}

/// A verb: its spellings (the first is the one to teach), how to write it, one that was written so, and what reads its
/// arguments.
struct Verb {
    names: &'static [&'static str],
    usage: &'static str,
    example: &'static str,
    read: fn(&Args) -> Result<Want, String>,
}

#[rustfmt::skip]
const VERBS: &[Verb] = &[
    Verb { names: &["interested", "interest"], usage: "interested [little|yes|very]", example: "interested very", read: interested },
    Verb { names: &["attend", "attending"], usage: "attend [yes|in person|remote|maybe|no] [, note]", example: "attend remote, afternoons only", read: attend },
    Verb { names: &["decline"], usage: "decline [note]", example: "decline I travel that day", read: |args| Ok(Want::Attend { mode: Mode::Declined, note: optional(args.text) }) },
    Verb { names: &["scribe"], usage: "scribe [me|NAME]", example: "scribe me", read: |args| Ok(Want::Scribe(reply::someone(args.text))) },
    Verb { names: &["ref", "refer"], usage: "ref URL", example: "ref https://example.org/design", read: refer },
    Verb { names: &["suggest"], usage: "suggest TEXT", example: "suggest a short demo first", read: |args| required(args.text, "what do you suggest?").map(Want::Suggest) },
    Verb { names: &["title", "rename"], usage: "title NEW TITLE", example: "title A second console for every guest", read: |args| required(unquoted(args.text), "the new title is missing").map(Want::Title) },
    Verb { names: &["host"], usage: "host add NAME <ADDRESS> | host drop NAME | host me", example: "host add Ada Example <ada@example.org>", read: host },
    Verb { names: &["slot", "schedule"], usage: "slot WHEN [in ROOM] [URL]", example: dates::SLOT_VERB, read: slot },
    Verb { names: &["cancel"], usage: "cancel", example: "cancel", read: |args| alone(args.text, Want::Cancel) },
    Verb { names: &["track"], usage: "track NAME", example: "track Security", read: |args| required(unquoted(args.text), "which track?").map(Want::Track) },
    Verb { names: &["withdraw"], usage: "withdraw [why]", example: "withdraw it was solved on the list", read: |args| Ok(Want::Withdraw { why: optional(args.text) }) },
    Verb { names: &["reopen"], usage: "reopen", example: "reopen", read: |args| alone(args.text, Want::Reopen) },
    Verb { names: &["accept"], usage: "accept", example: "accept", read: |args| alone(args.text, Want::Accept) },
    Verb { names: &["reject"], usage: "reject [why]", example: "reject too late for this year", read: |args| Ok(Want::Reject { why: optional(args.text) }) },
    Verb { names: &["merge"], usage: "merge S-12", example: "merge S-12", read: merge },
    Verb { names: &["split"], usage: "split", example: "split", read: |args| alone(args.text, Want::Split) },
    Verb { names: &["undo"], usage: "undo <MESSAGE-ID>", example: "undo <mail-1@example.org>", read: undo },
    Verb { names: &["object"], usage: "object [why]", example: "object we agreed on one console", read: |args| Ok(Want::Object { why: optional(args.text) }) },
    Verb { names: &["settle"], usage: "settle [how]", example: "settle the second console is off by default", read: |args| Ok(Want::Settle { how: optional(args.text) }) },
    Verb { names: &["^propose"], usage: "^propose [title]", example: "^propose A second console", read: |args| Ok(Want::ProposeParent { title: optional(unquoted(args.text)) }) },
    Verb { names: &["^notes"], usage: "^notes S-7", example: "^notes S-7", read: notes },
    Verb { names: &["introduction"], usage: "introduction [TEXT]", example: "introduction The programme is out, and 12 slots are left.", read: |args| Ok(Want::Introduce(optional(unquoted(args.text)))) },
    Verb { names: &["action"], usage: "action done NUMBER", example: "action done 2", read: action },
    Verb { names: &["subscribe"], usage: "subscribe [proposals|agenda|outcomes|calendar|all]", example: "subscribe outcomes", read: |args| scope(args.text).map(Want::Subscribe) },
    Verb { names: &["unsubscribe"], usage: "unsubscribe [proposals|agenda|outcomes|calendar|all]", example: "unsubscribe outcomes", read: |args| scope(args.text).map(Want::Unsubscribe) },
];

const WORD: &str = "#session";
/// The verb whose argument is all of the paragraph that begins with it.
const PARAGRAPH: &str = "introduction";
/// Of the commands as such.
const EXAMPLE: &str = "attend remote, afternoons only";

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
        let prose = said.trim_start().to_lowercase().starts_with(PARAGRAPH);
        while let Some(next) = lines.next_if(|next| next.number == last + 1 && goes_on(next, prose)) {
            append(&mut said, ' ', next.text.trim());
            append(&mut source, '\n', next.raw);
            last = next.last;
        }
        match one(&said, zone) {
            Ok((want, target, args)) => {
                read.asks.push(Ask { want, target, form: Form::Command, line: line.number, source, args });
            }
            Err(Wrong { fault, reason, hint }) => {
                let fault = fault.to_owned();
                read.complaints.push(Complaint { line: line.number, source, fault, reason, hint });
            }
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

fn goes_on(line: &OwnLine, prose: bool) -> bool {
    let wrapped = prose || line.is_indented() || reference::stands_alone(&line.text);
    !line.code && !line.is_blank() && wrapped && command(line).is_none()
}

type Understood = (Want, Option<super::SessionRef>, String);

/// Why a command is none, with the words at fault.
struct Wrong<'t> {
    fault: &'t str,
    reason: String,
    hint: String,
}

/// One command: what it wants, of which session, and its arguments.
fn one<'t>(said: &'t str, zone: &TimeZone) -> Result<Understood, Wrong<'t>> {
    let (target, said) = match reference::leading(said) {
        Some((session, rest)) => (Some(session), rest),
        None => (None, said),
    };
    let (fault, text) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let fault = fault.trim_end_matches([':', '.', '!']);
    let word = fault.to_lowercase();
    if word.is_empty() {
        return Err(Wrong { fault: WORD, reason: "The command is missing.".to_owned(), hint: legal_verbs(None) });
    }
    let Some(verb) = VERBS.iter().find(|verb| verb.names.contains(&word.as_str())) else {
        let nearest = nearest(&word);
        let meant = nearest.map(|verb| format!(" Did you mean `{}`?", verb.names[0])).unwrap_or_default();
        let reason = format!("I do not know the command `{word}`.{meant}");
        return Err(Wrong { fault, reason, hint: legal_verbs(nearest) });
    };
    let text = text.trim();
    match (verb.read)(&Args { text, zone }) {
        Ok(want) => Ok((want, target, text.to_owned())),
        Err(reason) => Err(Wrong {
            fault: if text.is_empty() { fault } else { text },
            reason: format!("`{}`: {reason}.", verb.names[0]),
            hint: verb.hint(),
        }),
    }
}

impl Verb {
    fn hint(&self) -> String {
        match self.usage == self.example {
            true => format!("Write `#session {}`.", self.usage),
            false => format!("Write `#session {}`, for example `#session {}`.", self.usage, self.example),
        }
    }
}

/// All commands, with an example: the one that was perhaps meant.
fn legal_verbs(meant: Option<&Verb>) -> String {
    let names: Vec<&str> = VERBS.iter().map(|verb| verb.names[0]).collect();
    let example = meant.map_or(EXAMPLE, |verb| verb.example);
    format!("The commands are: {}. For example `#session {example}`.", names.join(", "))
}

/// The verb that a misspelt word was meant to be.
fn nearest(word: &str) -> Option<&'static Verb> {
    let names = VERBS.iter().flat_map(|verb| verb.names.iter().map(move |name| (verb, *name)));
    let far = names.map(|(verb, name)| (distance(word, name), name, verb));
    let slips = far.filter(|(far, name, _)| *far <= 2 && *far < name.len() - 1);
    slips.min_by_key(|(far, name, _)| (*far, *name)).map(|(.., verb)| verb)
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
    if word.eq_ignore_ascii_case("me") {
        return alone(who, Want::ClaimHost);
    }
    let host: Option<Host> = people::hosts(who).into_iter().next();
    match (word.to_lowercase().as_str(), host) {
        ("add", Some(host)) => Ok(Want::AddHost(host)),
        ("drop" | "remove", Some(host)) => Ok(Want::DropHost(host.person)),
        ("add" | "drop" | "remove", None) => Err("the person is missing".to_owned()),
        _ => Err("say `add`, `drop` or `me`".to_owned()),
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

fn undo(args: &Args) -> Result<Want, String> {
    let text = args.text.trim_end_matches('.');
    let bare = || MessageId::parse(text).filter(|_| text.contains('@') && !text.contains(char::is_whitespace));
    match reference::whole(text).or_else(|| bare().map(SessionRef::MessageId)) {
        Some(mail @ (SessionRef::MessageId(_) | SessionRef::Url(_))) => Ok(Want::Undo(mail)),
        _ => Err("it needs the <message-id> of a mail, or the link to it in the archive".to_owned()),
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

fn scope(text: &str) -> Result<Scope, String> {
    subscribe::scope(text).ok_or_else(|| format!("`{text}` is not one of {SCOPES}"))
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
        let mail = || MessageId::parse("a@example.org").map(SessionRef::MessageId).unwrap();
        for line in ["undo <a@example.org>", "undo a@example.org.", "undo\n<a@example.org>"] {
            assert_eq!(want(&format!("#session {line}")), Want::Undo(mail()), "{line}");
        }
        let link = "https://lists.example.org/devel/a@example.org/";
        assert_eq!(want(&format!("#session undo {link}")), Want::Undo(SessionRef::Url(link.into())));
        assert_eq!(want("#session object"), Want::Object { why: None });
        assert_eq!(want("#session settle as noted"), Want::Settle { how: Some("as noted".into()) });
        assert_eq!(want("#session host me"), Want::ClaimHost);
        assert_eq!(want("#session ^propose"), Want::ProposeParent { title: None });
        assert_eq!(want("#session action done 2"), Want::ActionDone(2));
        assert_eq!(want("#session introduction"), Want::Introduce(None));
        let wrapped = "#session introduction The programme is out,\nand 12 slots are left.\n\nOlga";
        assert_eq!(want(wrapped), Want::Introduce(Some("The programme is out, and 12 slots are left.".into())));
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
            ("#session undone x", "I do not know the command `undone`. Did you mean `undo`?", "The commands are:"),
            (
                "#session undo S-3",
                "`undo`: it needs the <message-id> of a mail, or the link to it in the archive.",
                "Write `#session undo <MESSAGE-ID>`, for example `#session undo <",
            ),
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
            (
                "#session title",
                "`title`: the new title is missing.",
                "Write `#session title NEW TITLE`, for example `#session title A",
            ),
            (
                "#session accept S-4",
                "`accept`: it takes nothing more, but `S-4` stands behind it.",
                "Write `#session accept`.",
            ),
            ("#session host Ada", "`host`: say `add`, `drop` or `me`.", "Write `#session host add"),
        ] {
            let read = run(text);
            assert!(read.asks.is_empty(), "{text}");
            assert_eq!(read.complaints[0].reason, reason);
            assert!(read.complaints[0].hint.starts_with(hint), "{}", read.complaints[0].hint);
        }
    }

    #[test]
    fn the_words_at_fault_stand_in_the_line() {
        let fault = |text: &str| run(text).complaints.pop().expect("a complaint").fault;
        assert_eq!(fault("#session S-7 Atend: remote"), "Atend");
        assert_eq!(fault("#session attend perhaps, with Ada"), "perhaps, with Ada");
        assert_eq!(fault("#session title"), "title");
        assert_eq!(fault("#session"), "#session");
    }

    #[test]
    fn each_example_is_what_it_is_an_example_of() {
        for verb in VERBS {
            let line = format!("#session {}", verb.example);
            let read = run(&line);
            assert!(read.complaints.is_empty() && read.asks.len() == 1, "{line}: {:?}", read.complaints);
            assert!(verb.example.starts_with(verb.names[0]), "{line}");
        }
    }
}
