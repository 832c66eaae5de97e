//! What a server says, one answer at a time (RFC 9051 §7; RFC 3501 §7).
//!
//! An observer needs to understand few things: how a command ended, what the server can do, how many mails there are,
//! and what a FETCH brings. Everything else is passed over, so that no extension of a server disturbs. Nothing here
//! recurses, and nothing here fails on bytes: what is no answer at all is `None`.

use crate::clock::Timestamp;
use jiff::fmt::strtime;

/// One answer as it came: its text without line ends, in which `{n}` stands for a literal, and the literals in order.
/// A literal that was not kept is `None`.
#[derive(Debug, Default)]
pub struct Raw {
    pub text: Vec<u8>,
    pub literals: Vec<Option<Vec<u8>>>,
}

#[derive(Debug)]
pub enum Answer {
    /// The end of the command with this tag.
    Tagged(String, Status),
    /// Said by the way: OK, NO, BAD, BYE, PREAUTH.
    Untagged(Status),
    /// `+`: the server waits for more of our command.
    GoOn,
    Capability(Vec<String>),
    /// So many mails are in the mailbox now.
    Exists(u32),
    /// One mail went away.
    Expunge,
    Fetch(Item),
    /// Well-formed, and of no interest.
    Other,
}

/// How something ended.
#[derive(Debug)]
pub struct Status {
    pub verdict: Verdict,
    pub code: Code,
    /// The server's words, fit to be shown.
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok,
    No,
    Bad,
    Bye,
    Preauth,
}

/// What a status says to programs (RFC 9051 §7.1; RFC 7162 §3.1.2 for the mod-sequence).
#[derive(Debug, PartialEq, Eq)]
pub enum Code {
    None,
    Capability(Vec<String>),
    UidValidity(u32),
    UidNext(u32),
    HighestModSeq(u64),
    ReadOnly,
    ExpungeIssued,
    Other,
}

/// What a FETCH says of one mail; what it does not say is `None`.
#[derive(Debug, Default)]
pub struct Item {
    pub uid: Option<u32>,
    pub size: Option<u64>,
    pub date: Option<Timestamp>,
    pub body: Option<Body>,
}

#[derive(Debug)]
pub enum Body {
    Bytes(Vec<u8>),
    /// It came, and there was no room for it.
    Dropped,
}

/// Whether a line is an answer that can hold literals. The words of a status may end in `{5}` and mean nothing by it.
pub fn may_hold_literals(line: &[u8]) -> bool {
    let mut words = Words::new(line);
    words.atom() == b"*" && words.space().is_some() && verdict(words.atom()).is_none()
}

pub fn read(raw: Raw) -> Option<Answer> {
    let Raw { text, literals } = raw;
    let mut words = Words { rest: &text, literals: literals.into_iter() };
    let first = words.atom();
    if first == b"+" {
        return Some(Answer::GoOn);
    }
    words.space()?;
    if first != b"*" {
        let tag = String::from_utf8(first.to_vec()).ok().filter(|tag| !tag.is_empty())?;
        let verdict = verdict(words.atom())?;
        return Some(Answer::Tagged(tag, words.status(verdict)));
    }
    let word = words.atom();
    if let Some(verdict) = verdict(word) {
        return Some(Answer::Untagged(words.status(verdict)));
    }
    if word.eq_ignore_ascii_case(b"CAPABILITY") {
        return Some(Answer::Capability(words.names()));
    }
    let Some(number) = number::<u32>(word) else {
        return (!word.is_empty()).then_some(Answer::Other);
    };
    words.space()?;
    Some(match words.atom().to_ascii_uppercase().as_slice() {
        b"EXISTS" => Answer::Exists(number),
        b"EXPUNGE" => Answer::Expunge,
        b"FETCH" => Answer::Fetch(words.item()?),
        b"" => return None,
        _ => Answer::Other,
    })
}

/// Words of others for a message: one short line without control characters.
pub fn fit_to_show(words: &[u8]) -> String {
    const MOST: usize = 200;
    let text: String =
        String::from_utf8_lossy(words).chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect();
    text.trim().to_owned()
}

fn verdict(word: &[u8]) -> Option<Verdict> {
    let all = [
        ("OK", Verdict::Ok),
        ("NO", Verdict::No),
        ("BAD", Verdict::Bad),
        ("BYE", Verdict::Bye),
        ("PREAUTH", Verdict::Preauth),
    ];
    all.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map(|(_, verdict)| verdict)
}

fn number<N: std::str::FromStr>(word: &[u8]) -> Option<N> {
    // `parse` takes a sign, which no number here has.
    word.first().filter(|byte| byte.is_ascii_digit())?;
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// ` 4-Jul-2017 10:00:30 +0200` (RFC 9051 §9, `date-time`).
fn date(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.trim();
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text).ok()?.to_timestamp().ok()
}

/// The rest of an answer, word by word.
struct Words<'t> {
    rest: &'t [u8],
    literals: std::vec::IntoIter<Option<Vec<u8>>>,
}

/// One value of a FETCH.
enum Value<'t> {
    Atom(&'t [u8]),
    Text(Vec<u8>),
    Dropped,
    List,
}

impl<'t> Words<'t> {
    fn new(rest: &'t [u8]) -> Words<'t> {
        Words { rest, literals: Vec::new().into_iter() }
    }

    fn space(&mut self) -> Option<()> {
        self.skip(b' ')
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// Up to a space or a parenthesis; what stands in `[]` belongs to it whatever it is. Perhaps empty.
    fn atom(&mut self) -> &'t [u8] {
        let mut in_section = false;
        let end = self.rest.iter().position(|byte| {
            match byte {
                b'[' => in_section = true,
                b']' => in_section = false,
                _ => {}
            }
            !in_section && matches!(byte, b' ' | b'(' | b')')
        });
        self.cut(end.unwrap_or(self.rest.len()))
    }

    fn cut(&mut self, at: usize) -> &'t [u8] {
        let (word, rest) = self.rest.split_at(at);
        self.rest = rest;
        word
    }

    /// `[CODE …] words`, both of which may be missing.
    fn status(mut self, verdict: Verdict) -> Status {
        self.space();
        let mut code = Code::None;
        if self.rest.starts_with(b"[")
            && let Some(end) = memchr::memchr(b']', self.rest)
        {
            code = Words::new(&self.rest[1..end]).code();
            self.cut(end + 1);
        }
        Status { verdict, code, words: fit_to_show(self.rest) }
    }

    fn code(mut self) -> Code {
        let name = self.atom().to_ascii_uppercase();
        match name.as_slice() {
            b"CAPABILITY" => return Code::Capability(self.names()),
            b"READ-ONLY" => return Code::ReadOnly,
            b"EXPUNGEISSUED" => return Code::ExpungeIssued,
            _ => {}
        }
        self.space();
        let value = self.atom();
        let known = match name.as_slice() {
            b"UIDVALIDITY" => number(value).map(Code::UidValidity),
            b"UIDNEXT" => number(value).map(Code::UidNext),
            b"HIGHESTMODSEQ" => number(value).map(Code::HighestModSeq),
            _ => None,
        };
        known.unwrap_or(Code::Other)
    }

    /// The names of what a server can do, in capitals.
    fn names(&self) -> Vec<String> {
        let names = self.rest.split(|byte| *byte == b' ').filter(|name| !name.is_empty());
        names.map(|name| String::from_utf8_lossy(name).to_ascii_uppercase()).collect()
    }

    /// ` (NAME value NAME value …)`. `None` when it is not of this form.
    fn item(mut self) -> Option<Item> {
        let mut item = Item::default();
        self.space()?;
        self.skip(b'(')?;
        while self.skip(b')').is_none() {
            let name = self.atom().to_ascii_uppercase();
            self.space()?;
            match (name.as_slice(), self.value()?) {
                (b"UID", Value::Atom(word)) => item.uid = Some(number(word)?),
                (b"RFC822.SIZE", Value::Atom(word)) => item.size = Some(number(word)?),
                (b"INTERNALDATE", Value::Text(text)) => item.date = date(&text),
                // The whole mail, or as much of it as was asked for: `BODY[]<0>`.
                (b"BODY[]" | b"BODY[]<0>", Value::Text(bytes)) => item.body = Some(Body::Bytes(bytes)),
                (b"BODY[]" | b"BODY[]<0>", Value::Dropped) => item.body = Some(Body::Dropped),
                _ => {}
            }
            self.space();
        }
        self.rest.is_empty().then_some(item)
    }

    fn value(&mut self) -> Option<Value<'t>> {
        match self.rest.first()? {
            b'"' => self.quoted().map(Value::Text),
            b'{' | b'~' => self.literal(),
            b'(' => self.list(),
            _ => Some(self.atom()).filter(|atom| !atom.is_empty()).map(Value::Atom),
        }
    }

    fn quoted(&mut self) -> Option<Vec<u8>> {
        self.skip(b'"')?;
        let mut text = Vec::new();
        loop {
            match self.cut(1.min(self.rest.len())) {
                b"" => return None,
                b"\"" => return Some(text),
                b"\\" => text.extend_from_slice(self.cut(1.min(self.rest.len()))),
                byte => text.extend_from_slice(byte),
            }
        }
    }

    fn literal(&mut self) -> Option<Value<'t>> {
        let end = memchr::memchr(b'}', self.rest)?;
        self.cut(end + 1);
        Some(self.literals.next()?.map_or(Value::Dropped, Value::Text))
    }

    /// Passes over a list, with all lists in it.
    fn list(&mut self) -> Option<Value<'t>> {
        let mut depth = 0_u32;
        loop {
            match self.rest.first()? {
                b'(' => {
                    self.cut(1);
                    depth += 1;
                }
                b')' => {
                    self.cut(1);
                    depth -= 1;
                    if depth == 0 {
                        return Some(Value::List);
                    }
                }
                b' ' => {
                    self.cut(1);
                }
                b'"' => {
                    self.quoted()?;
                }
                b'{' | b'~' => {
                    self.literal()?;
                }
                _ => {
                    // An atom of no length would keep us here for ever.
                    let length = self.atom().len();
                    (length > 0).then_some(())?;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, literals: &[&str]) -> Option<Answer> {
        let literals = literals.iter().map(|bytes| Some(bytes.as_bytes().to_vec())).collect();
        read(Raw { text: text.as_bytes().to_vec(), literals })
    }

    fn item(text: &str, literals: &[&str]) -> Item {
        match said(text, literals) {
            Some(Answer::Fetch(item)) => item,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_mail_is_read_among_things_nobody_asked_for() {
        let text = "* 12 FETCH (FLAGS (\\Seen $Forwarded) UID 4827 X-GM-LABELS (\"\\\\Inbox\" {3} (()\")\") RFC822.SIZE 44827 \
                    INTERNALDATE \" 7-Jul-2017 02:44:25 -0700\" MODSEQ (624140003) BODY[HEADER.FIELDS (DATE FROM)] \"\" BODY[]<0> {5})";
        let item = item(text, &["abc", "Hello"]);
        assert_eq!((item.uid, item.size), (Some(4827), Some(44827)));
        assert_eq!(item.date.unwrap().to_string(), "2017-07-07T09:44:25Z");
        assert!(matches!(item.body, Some(Body::Bytes(bytes)) if bytes == b"Hello"));
    }

    #[test]
    fn a_mail_may_come_in_quotes_or_not_at_all() {
        let quoted = item(r#"* 1 FETCH (UID 1 BODY[] "a \"b\" \\c")"#, &[]);
        assert!(matches!(quoted.body, Some(Body::Bytes(bytes)) if bytes == br#"a "b" \c"#));
        assert!(item("* 1 FETCH (UID 1 BODY[] NIL)", &[]).body.is_none());
        assert!(item("* 1 FETCH (UID 1 BODY[1] {1})", &["x"]).body.is_none(), "a part is not the whole");
    }

    #[test]
    fn the_end_of_a_command_says_what_and_why() {
        let Some(Answer::Tagged(tag, status)) = said("r7 no [ExpungeIssued] Some are\x07 gone {5}", &[]) else {
            panic!("a tagged answer")
        };
        assert_eq!((tag.as_str(), status.verdict, status.code), ("r7", Verdict::No, Code::ExpungeIssued));
        assert_eq!(status.words, "Some are  gone {5}");
    }

    #[test]
    fn codes_are_read_from_statuses() {
        let code = |text: &str| match said(text, &[]) {
            Some(Answer::Untagged(status)) => status.code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code("* OK [UIDVALIDITY 3857529045] UIDs valid"), Code::UidValidity(3_857_529_045));
        assert_eq!(code("* OK [HIGHESTMODSEQ 715194045007] x"), Code::HighestModSeq(715_194_045_007));
        assert_eq!(code("* OK [NOMODSEQ] x"), Code::Other);
        assert_eq!(code("* OK [UIDNEXT -1] x"), Code::Other);
        assert_eq!(
            code("* OK [CAPABILITY IMAP4rev1 idle] x"),
            Code::Capability(vec!["IMAP4REV1".into(), "IDLE".into()])
        );
        assert_eq!(code("* OK"), Code::None);
    }

    #[test]
    fn only_answers_that_are_data_can_hold_literals() {
        assert!(may_hold_literals(b"* 1 FETCH (BODY[] {5}"));
        assert!(!may_hold_literals(b"* NO disk is {5}"));
        assert!(!may_hold_literals(b"r1 OK done {5}"));
        assert!(!may_hold_literals(b"+ {5}"));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let deep = format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(60_000));
        for text in ["", "*", "* ", "HTTP/1.1 400 Bad Request", "* 1", "* 1 ", "* 1 FETCH", "* 1 FETCH (", &deep] {
            assert!(said(text, &[]).is_none(), "{text:.40}");
        }
        for text in ["* 1 FETCH (UID)", "* 1 FETCH (UID 1", "* 1 FETCH (UID -1)", "* 1 FETCH (UID 99999999999)"] {
            assert!(said(text, &[]).is_none(), "{text}");
        }
        for text in ["* 1 FETCH (UID 1) more", "* 1 FETCH (BODY[] {3})", "* 1 FETCH (BODY[] {3", "* 1 FETCH (X \"abc"] {
            assert!(said(text, &[]).is_none(), "{text}");
        }
    }
}
