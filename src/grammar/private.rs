//! Words to the program's own address: `confirm TOKEN`, `drop`.
//!
//! They stand first in the mail, each on a line of its own, or are the Subject of a mail without a text. A line with a
//! whole token counts wherever the author wrote it. Only that they were said is told here: to a list they are prose.

use super::lines::OwnLine;
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

    /// A word that is said to us alone.
    pub fn is_ours(&self) -> bool {
        let said = bare(self.source.trim()).to_lowercase();
        said.starts_with(CONFIRM[0]) || said.starts_with(DROP[0])
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The token stands here, in the Subject, or in the address that the mail was sent to.
    Confirm(Option<Token>),
    Drop(Option<Token>),
}

/// What was said to the program itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private {
    pub requests: Vec<Request>,
    /// The token that the Subject carries: our own letters put it there, and answers keep it.
    pub token: Option<Token>,
}

const CONFIRM: [&str; 3] = ["confirm", "yes", "ok"];
const DROP: [&str; 2] = ["drop", "no"];
/// What may stand behind a word besides its token.
const COURTESY: [&str; 4] = ["", "please", "thanks", "thank you"];
/// How our Subject asks.
pub const PLEASE: &str = "(please confirm";
/// In front of the token in a Subject.
const MARK: &str = "[confirm ";

/// Reads the lines that are no `#session` commands. Total, linear.
pub fn read(lines: &[OwnLine], mail: &Mail) -> Private {
    let mut requests = Vec::new();
    let mut first = true;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_blank()) {
        let said = if line.code { None } else { request(line.head(), &lines[at + 1..], line.last) };
        match said {
            Some(what) if first || what.holds_token() => {
                requests.push(Request { what, line: line.number, source: line.raw.to_owned() });
            }
            _ => first = false,
        }
    }
    if lines.iter().all(OwnLine::is_blank) {
        let said = request(&mail.subject, &[], 0);
        requests.extend(said.map(|what| Request { what, line: 0, source: mail.subject.clone() }));
    }
    Private { requests, token: token_in(&mail.subject) }
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
    let said = said.trim();
    let (word, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let word = bare(word).to_lowercase();
    let confirms = CONFIRM.contains(&word.as_str());
    if !confirms && !DROP.contains(&word.as_str()) {
        return None;
    }
    let token = wrapped(bare(rest), below, last);
    if token.is_none() && !COURTESY.contains(&bare(rest).to_lowercase().as_str()) {
        return None;
    }
    Some(if confirms { What::Confirm(token) } else { What::Drop(token) })
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
    word.trim_matches(['.', ',', '!', ':', ';', '`', '"', '\'', '*', '<', '>', '[', ']', ' '])
}

impl What {
    fn holds_token(&self) -> bool {
        let (What::Confirm(token) | What::Drop(token)) = self;
        token.as_ref().is_some_and(Token::is_whole)
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
        read(&super::super::lines::own(&mail.text), &mail)
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
    fn a_token_is_read_in_any_case_wrapped_and_anywhere() {
        let (head, tail) = TOKEN.split_at(11);
        for body in [
            format!("confirm {TOKEN}"),
            format!("Confirm: {}", TOKEN.to_lowercase()),
            format!("confirm\n{TOKEN}\nOlga"),
            format!("confirm {head}\n{tail}\nOlga"),
            format!("Hello,\n\n`confirm {TOKEN}`\n"),
        ] {
            assert_eq!(said(&body), confirm(), "{body}");
        }
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
        assert_eq!(subject(&format!("confirm {TOKEN}"), "Hello"), None);
        let reply = format!("Re: [TOPIC] Serial ports (please confirm) [confirm {TOKEN}]");
        assert_eq!(of(&reply, "").token, Token::parse(TOKEN));
        assert_eq!((subject(&reply, ""), without_token(&reply)), (None, "Re: [TOPIC] Serial ports"));
    }
}
