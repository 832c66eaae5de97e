//! Words to the program's own address: `help`, `list`, `status`, `stop`, `start`, `subscribe`, `confirm TOKEN`, `drop`, and
//! to approve a post of ours: `approve`, `edit`.
//!
//! They stand first in the mail, each on a line of its own, or are the Subject of a mail without a text. A line with a
//! whole token counts anywhere in a new mail. Only that they were said is told here: to a list they are prose.

use super::lines::OwnLine;
use super::{Ask, Form, Scope, SessionRef, Want, reference, subscribe};
use crate::mail::Mail;
use data_encoding::BASE32_NOPAD;

/// What proves that somebody reads the mail of an address: 128 bits in base32, as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The characters of a whole one.
    pub const LENGTH: usize = 26;
    /// Less is a word, and no token that was cut off.
    const LEAST: usize = 10;

    pub fn of(bytes: [u8; 16]) -> Token {
        Token(BASE32_NOPAD.encode(&bytes))
    }

    /// Upper or lower case. Whether it is anybody's is not asked here.
    pub fn parse(text: &str) -> Option<Token> {
        let sound = text.len() >= Token::LEAST && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        sound.then(|| Token(text.to_ascii_uppercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nothing when it is not base32.
    pub fn bytes(&self) -> Vec<u8> {
        BASE32_NOPAD.decode(self.0.as_bytes()).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.0.len() >= Token::LENGTH
    }
}

/// One word with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub what: What,
    /// First physical line; 0 is the subject.
    pub line: usize,
    pub source: String,
}

impl Request {
    /// The mail as a whole.
    pub fn of(mail: &Mail) -> Request {
        Request { what: What::Confirm(None), line: 0, source: mail.subject.clone() }
    }

    /// What it asks for, when that is something a list's mail can ask for as well.
    pub fn ask(&self) -> Option<Ask> {
        let What::Ask { want, target } = &self.what else { return None };
        let (source, args) = (self.source.clone(), String::new());
        Some(Ask { want: want.clone(), target: target.clone(), form: Form::Command, line: self.line, source, args })
    }

    /// A word that is said to us alone.
    pub fn is_ours(&self) -> bool {
        let said = bare(self.source.trim()).to_lowercase();
        OURS.iter().any(|word| said.starts_with(word))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Help,
    List,
    /// Of a session, or of all that the author has to do with.
    Status(Option<SessionRef>),
    /// No more private mail.
    Stop,
    Start,
    /// `subscribe`, `unsubscribe`: as the commands of the same name.
    Ask {
        want: Want,
        target: Option<SessionRef>,
    },
    /// The token stands here, in the Subject, or in the address that the mail was sent to.
    Confirm(Option<Token>),
    Drop(Option<Token>),
    /// The text of a post is to be what stands below.
    Edit(Option<Token>),
    /// All that a new mail says is a word or two, and none of ours.
    Unknown,
}

/// What was said to the program itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private {
    pub requests: Vec<Request>,
    /// The token that the Subject carries: our own letters put it there, and answers keep it.
    pub token: Option<Token>,
}

impl Private {
    /// Whether what stands below its first line is meant as the text of a post of ours.
    pub fn edits(&self) -> bool {
        let edits = |request: &Request| match &request.what {
            What::Edit(token) => token.is_some() || self.token.is_some(),
            _ => false,
        };
        self.requests.first().is_some_and(edits)
    }
}

const CONFIRM: [&str; 4] = ["confirm", "approve", "yes", "ok"];
const DROP: [&str; 2] = ["drop", "no"];
const EDIT: &str = "edit";
/// The words with a token that are said to us alone.
const OURS: [&str; 4] = [CONFIRM[0], CONFIRM[1], DROP[0], EDIT];
/// The words with nothing behind them. Those of a kind that asks to be left alone have many spellings elsewhere; here it is one.
const BARE: [(&str, What); 4] =
    [("help", What::Help), ("list", What::List), ("stop", What::Stop), ("start", What::Start)];
/// More words are a sentence, and no word that was misspelt.
const FEW: usize = 3;
/// What may stand behind a word besides its token.
const COURTESY: [&str; 4] = ["", "please", "thanks", "thank you"];
/// What people put around a word.
const MARKS: [char; 12] = ['.', ',', '!', ':', ';', '`', '"', '\'', '*', '[', ']', ' '];
/// How our Subject asks.
pub const PLEASE: &str = "(please confirm";
/// In front of the token in a Subject.
const MARK: &str = "[confirm ";

/// Reads the lines that are no `#session` commands. `answers` says that the mail answers another. Total, linear.
pub fn read(lines: &[OwnLine], mail: &Mail, answers: bool) -> Private {
    let token = token_in(&mail.subject);
    // Below an answer may stand our own letter, and not be marked as a quote.
    let answers = answers || token.is_some();
    let mut requests = Vec::new();
    let mut first = true;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_blank()) {
        if !first && (answers || !begins_like_a_word_with_a_token(line)) {
            continue;
        }
        let said = if line.code { None } else { request(line.head(), &lines[at + 1..], line.last) };
        match said {
            Some(what) if first || what.holds_token() => {
                first = first && !matches!(what, What::Edit(_));
                requests.push(Request { what, line: line.number, source: line.raw.to_owned() });
            }
            _ => first = false,
        }
    }
    let mut own = lines.iter().filter(|line| !line.is_blank());
    let (line, source) = match (own.next(), own.next()) {
        (None, _) => (0, mail.subject.as_str()),
        (Some(only), None) if !only.code => (only.number, only.raw),
        _ => (0, ""),
    };
    // Mail programs that end a subscription write its word into the Subject, and a sentence of their own below.
    if requests.is_empty() && !answers && source.is_empty() {
        let ends = |what: &What| matches!(what, What::Ask { want: Want::Unsubscribe(_), .. });
        let what = request(&mail.subject, &[], 0).filter(ends);
        requests.extend(what.map(|what| Request { what, line: 0, source: mail.subject.clone() }));
    }
    if requests.is_empty() && !source.is_empty() {
        let said = if line == 0 { request(source, &[], 0) } else { None };
        // An answer is not a new mail, and a program's would go round.
        let unknown = || (!answers && source.split_whitespace().count() <= FEW).then_some(What::Unknown);
        let what = said.or_else(unknown);
        requests.extend(what.map(|what| Request { what, line, source: source.to_owned() }));
    }
    Private { requests, token }
}

/// Most lines are prose, and not looked at any closer.
fn begins_like_a_word_with_a_token(line: &OwnLine) -> bool {
    let first = line.head().trim_start_matches(MARKS).bytes().next();
    line.text.len() > Token::LENGTH && first.is_some_and(|byte| b"aAcCdDeE".contains(&byte))
}

/// A Subject without the token that our letter put there, and without the words in front of it.
pub fn without_token(subject: &str) -> &str {
    let Some(at) = mark(subject) else { return subject };
    let subject = subject[..at].trim_end();
    subject.rfind(PLEASE).map_or(subject, |at| subject[..at].trim_end())
}

fn mark(subject: &str) -> Option<usize> {
    subject.to_ascii_lowercase().rfind(MARK)
}

fn token_in(subject: &str) -> Option<Token> {
    let behind = &subject[mark(subject)? + MARK.len()..];
    behind.split(']').next().and_then(Token::parse)
}

/// The request that a line is; a token may be broken over the lines below it.
fn request(said: &str, below: &[OwnLine], last: usize) -> Option<What> {
    if said.starts_with(char::is_whitespace) {
        return None;
    }
    let (word, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let word = bare(word).to_lowercase();
    let rest = bare(rest);
    let courteous = COURTESY.contains(&rest.to_lowercase().as_str());
    if let Some((_, what)) = BARE.iter().find(|(name, _)| *name == word) {
        return courteous.then(|| what.clone());
    }
    if word == "status" {
        let session = reference::leading(rest).filter(|(_, behind)| behind.is_empty()).map(|(session, _)| session);
        return (courteous || session.is_some()).then_some(What::Status(session));
    }
    match word.as_str() {
        "subscribe" => return subscription(Want::Subscribe, rest),
        "unsubscribe" => return subscription(Want::Unsubscribe, rest),
        _ => {}
    }
    let what = match word.as_str() {
        word if CONFIRM.contains(&word) => What::Confirm,
        word if DROP.contains(&word) => What::Drop,
        EDIT => What::Edit,
        _ => return None,
    };
    let token = wrapped(rest, below, last);
    (token.is_some() || courteous).then(|| what(token))
}

/// `subscribe`, `subscribe outcomes`, `unsubscribe S-7`.
fn subscription(want: fn(Scope) -> Want, rest: &str) -> Option<What> {
    let courteous = COURTESY.contains(&rest.to_lowercase().as_str());
    if let Some((session, "")) = reference::leading(rest) {
        return Some(What::Ask { want: want(Scope::Here), target: Some(session) });
    }
    let scope = if courteous { Some(Scope::Here) } else { subscribe::scope(rest) };
    scope.map(|scope| What::Ask { want: want(scope), target: None })
}

/// The token at the end of a line, with what a mailer has put on the next ones.
fn wrapped(rest: &str, below: &[OwnLine], mut last: usize) -> Option<Token> {
    let mut text = rest.to_owned();
    for line in below {
        let more = bare(line.text.trim());
        let goes_on = line.number == last + 1 && !line.code && text.len() < Token::LENGTH;
        if !goes_on || more.is_empty() || !more.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
        text.push_str(more);
        last = line.last;
    }
    // `yes` above a name is no token.
    Token::parse(&text).filter(|token| token.is_whole() || !rest.is_empty())
}

/// A word without the marks that people put around it.
fn bare(word: &str) -> &str {
    word.trim_matches(MARKS)
}

impl What {
    fn holds_token(&self) -> bool {
        match self {
            What::Confirm(token) | What::Drop(token) | What::Edit(token) => token.as_ref().is_some_and(Token::is_whole),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::mail::read as read_mail;

    const TOKEN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    fn of(subject: &str, body: &str) -> Private {
        let raw = format!("From: Ada <ada@example.org>\nSubject: {subject}\nMessage-ID: <m@example.org>\n\n{body}\n");
        let mail = read_mail(raw.as_bytes(), Timestamp::UNIX_EPOCH);
        read(&super::super::lines::own(&mail.text), &mail, subject.starts_with("Re: "))
    }
    fn said(body: &str) -> Vec<What> {
        of("Re: x", body).requests.into_iter().map(|request| request.what).collect()
    }
    fn confirm() -> Vec<What> {
        vec![What::Confirm(Token::parse(TOKEN))]
    }

    #[test]
    fn a_short_list_of_words_confirms_when_it_stands_first_and_alone() {
        for body in ["confirm", "\n\nConfirm.\n\nOlga", "YES!\n> confirm", "ok, please", "yes\nOlga"] {
            assert_eq!(said(body), [What::Confirm(None)], "{body}");
        }
        for body in ["drop", "No.", "no, thanks"] {
            assert_eq!(said(body), [What::Drop(None)], "{body}");
        }
        for body in ["yes, but not before Friday", "I confirm", "okay", "no problem, go on", "Hello\nconfirm", "> yes"]
        {
            assert_eq!(said(body), [], "{body}");
        }
    }

    #[test]
    fn words_are_read_one_a_line_until_something_else_is_said() {
        let status = |session: Option<u32>| What::Status(session.map(SessionRef::Number));
        assert_eq!(
            said("Help\n\nlist!\nstatus S-7\nstatus\nThank you\nstop"),
            [What::Help, What::List, status(Some(7)), status(None),]
        );
        assert_eq!(said("stop, please"), [What::Stop]);
        for body in ["stop it", "help me with this", "status quo", "list of topics:", "> help", "```\nhelp\n```"] {
            assert_eq!(said(body), [], "{body}");
        }
    }

    #[test]
    fn a_word_that_is_unknown_is_all_that_a_new_mail_says() {
        let unknown = |subject: &str, body: &str| {
            let what: Vec<What> = of(subject, body).requests.into_iter().map(|request| request.what).collect();
            what == [What::Unknown]
        };
        assert!(unknown("Hello", "hlep") && unknown("Hello", "subscribe me please") && unknown("sbuscribe", ""));
        assert!(!unknown("Re: Hello", "hlep"), "an answer");
        assert!(!unknown("Hello", "I have a question about it") && !unknown("Hello", "hlep\nAda"));
    }

    #[test]
    fn a_subscription_is_asked_for_by_kind_or_session_and_ended_from_the_subject_whatever_a_program_writes_below() {
        let asks = |subject: &str, body: &str| {
            let ask = of(subject, body).requests.first().and_then(Request::ask)?;
            Some((ask.want, ask.target, ask.line))
        };
        let all = Some((Want::Unsubscribe(Scope::Here), None, 0));
        assert_eq!(asks("unsubscribe", ""), all);
        assert_eq!(asks("Unsubscribe", "This message was automatically generated.\nAda"), all);
        assert_eq!(asks("Re: unsubscribe", "I wonder.\nAda"), None, "an answer speaks by its text");
        assert_eq!(asks("subscribe", "I wonder what that is.\nAda"), None, "only an end is taken from there");
        assert_eq!(
            asks("x", "subscribe outcomes"),
            Some((Want::Subscribe(Scope::Only(subscribe::Report::Outcomes)), None, 1))
        );
        let session = Some(SessionRef::Number(7));
        assert_eq!(asks("x", "subscribe S-7"), Some((Want::Subscribe(Scope::Here), session, 1)));
        assert_eq!(asks("x", "subscribe to nothing"), None);
    }

    #[test]
    fn a_token_is_read_in_any_case_wrapped_and_anywhere() {
        let (head, tail) = TOKEN.split_at(11);
        for body in [
            format!("confirm {TOKEN}"),
            format!("Confirm: {}", TOKEN.to_lowercase()),
            format!("confirm\n{TOKEN}\nOlga"),
            format!("confirm {head}\n{tail}\nOlga"),
            format!("*confirm {TOKEN}*"),
        ] {
            assert_eq!(said(&body), confirm(), "{body}");
        }
        let quoted = of("x", &format!("> confirm {TOKEN}\n> Olga")).requests;
        assert_eq!(quoted, [], "a quote, also where a thread begins");
        let below = format!("Hello,\n\n`confirm {TOKEN}`\n");
        let new: Vec<What> = of("x", &below).requests.into_iter().map(|request| request.what).collect();
        assert_eq!((new, said(&below)), (confirm(), Vec::new()), "in an answer our own letter may stand there");
        for body in
            [format!("> confirm {TOKEN}"), format!("-- \nconfirm {TOKEN}"), format!("```\nconfirm {TOKEN}\n```")]
        {
            assert_eq!(said(&body), [], "{body}");
        }
    }

    #[test]
    fn a_subject_speaks_for_a_mail_without_text() {
        let subject = |subject: &str, body: &str| of(subject, body).requests.into_iter().map(|one| one.what).next();
        assert_eq!(subject(&format!("confirm {TOKEN}"), ""), confirm().pop());
        assert_eq!(subject(&format!("confirm {TOKEN}"), "Hello, dear Olga\nAda"), None);
        let reply = format!("Re: [TOPIC] Serial ports (please confirm) [confirm {TOKEN}]");
        assert_eq!(of(&reply, "").token, Token::parse(TOKEN));
        assert_eq!((subject(&reply, ""), without_token(&reply)), (None, "Re: [TOPIC] Serial ports"));
    }
}
