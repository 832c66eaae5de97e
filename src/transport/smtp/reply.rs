//! An answer of the server (RFC 5321 §4.2): a code and some lines of text.

use std::fmt;
use std::io;

/// Longer answers are none of a mail server. In bytes.
const LONGEST: usize = 16 << 10;
/// So much of an answer is repeated to people, in characters.
const SHOWN: usize = 300;

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    /// What stands behind the code, line by line.
    pub lines: Vec<String>,
}

/// An answer of which not all lines have come.
#[derive(Default)]
pub struct Partial {
    reply: Option<Reply>,
    length: usize,
}

impl Partial {
    /// Takes the next line. `Some` when it was the last. A line that is no answer's, one with another code than those
    /// before, and an answer without end are errors.
    pub fn add(&mut self, line: &str) -> io::Result<Option<Reply>> {
        self.length += line.len();
        if self.length > LONGEST {
            return Err(io::Error::other("the server's answer has no end"));
        }
        let line = line.trim_end_matches(['\r', '\n']);
        let no_answer = || io::Error::other(format!("the server says what is no answer: {}", shown(line)));
        let (code, is_last, text) = parts(line).ok_or_else(no_answer)?;
        let mut reply = self.reply.take().unwrap_or(Reply { code, lines: Vec::new() });
        if reply.code != code {
            return Err(no_answer());
        }
        reply.lines.push(text.to_owned());
        match is_last {
            true => Ok(Some(reply)),
            false => {
                self.reply = Some(reply);
                Ok(None)
            }
        }
    }
}

/// `250-text`, `250 text` or `250`. Other codes than from 200 to 559 do not exist (RFC 5321 §4.2).
fn parts(line: &str) -> Option<(u16, bool, &str)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let is_code = matches!(digits.as_bytes(), [b'2'..=b'5', b'0'..=b'5', b'0'..=b'9']);
    let code = digits.parse().ok().filter(|_| is_code)?;
    match rest.as_bytes().first() {
        None => Some((code, true, "")),
        Some(b' ') => Some((code, true, &rest[1..])),
        Some(b'-') => Some((code, false, &rest[1..])),
        Some(_) => None,
    }
}

/// For people: one line, no control characters, not endless.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
}

impl Reply {
    /// Done: 2yz.
    pub fn is_done(&self) -> bool {
        self.code / 100 == 2
    }

    /// Not now: 4yz.
    pub fn is_passing(&self) -> bool {
        self.code / 100 == 4
    }

    /// Never: 5yz.
    pub fn is_final(&self) -> bool {
        self.code / 100 == 5
    }

    /// The server announces that it closes the connection (RFC 5321 §3.8), whatever it was asked.
    pub fn is_goodbye(&self) -> bool {
        self.code == 421
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = shown(&self.lines.join(" "));
        write!(f, "{}{}{}", self.code, if text.is_empty() { "" } else { " " }, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Option<Reply>, String> {
        let mut partial = Partial::default();
        let mut reply = None;
        for line in lines {
            assert_eq!(reply, None, "nothing comes behind the last line");
            reply = partial.add(line).map_err(|error| error.to_string())?;
        }
        Ok(reply)
    }

    #[test]
    fn an_answer_has_one_code_and_ends_with_the_line_that_says_so() {
        let hello = read(&["250-mail.example.org\r\n", "250-\n", "250 PIPELINING\r\n"]).unwrap().unwrap();
        assert_eq!(
            (hello.code, hello.lines),
            (250, vec!["mail.example.org".into(), String::new(), "PIPELINING".into()])
        );
        assert_eq!(read(&["354\r\n"]).unwrap().unwrap().to_string(), "354");
        assert_eq!(read(&["250-more\r\n"]), Ok(None));
    }

    #[test]
    fn what_is_no_answer_is_an_error_that_shows_it() {
        for garbage in ["", "25", "hello there", "250_ok", "650 ok", "290 ok", "2x0 ok", "\u{20ac}50 ok", "25\u{e9} ok"]
        {
            let error = read(&[garbage]).unwrap_err();
            assert!(error.contains("no answer") && error.contains(garbage), "{garbage}: {error}");
        }
        assert!(read(&["250-one\r\n", "251 other\r\n"]).is_err());
        assert_eq!(read(&["550 no\u{1b}[2J\u{7}\r\n"]).unwrap().unwrap().to_string(), "550 no [2J ");
    }

    #[test]
    fn an_answer_without_end_is_cut_off() {
        let lines = vec!["250-and another thing\r\n"; 10_000];
        assert_eq!(read(&lines), Err("the server's answer has no end".into()));
    }
}
