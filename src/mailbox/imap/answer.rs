//! What a server says, one answer at a time (RFC 9051 §7; RFC 3501 §7).
//!
//! An observer needs to understand few things: how a command ended, what the server can do, how many mails there are,
//! and what a FETCH brings. Everything else is passed over, so that no extension of a server disturbs. Nothing here
//! recurses, and nothing here fails on bytes: what is no answer at all is `None`.

use super::words::{Words, number};
use crate::clock::Timestamp;
use crate::mail::tidy;

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
    let mut words = Words::of(line, Vec::new());
    words.atom() == b"*" && words.space().is_some() && verdict(words.atom()).is_none()
}

pub fn read(raw: Raw) -> Option<Answer> {
    let Raw { text, literals } = raw;
    let mut words = Words::of(&text, literals);
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

/// Words of others for a message: one short line, without what a terminal would obey.
pub fn fit_to_show(words: &[u8]) -> String {
    const MOST: usize = 200;
    tidy(&String::from_utf8_lossy(words).chars().take(MOST).collect::<String>())
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

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
        let text = "* 12 FETCH (FLAGS (\\Seen $Forwarded) UID 4827 X-GM-LABELS (\"\\\\Inbox\" {3} (()\")\")) RFC822.SIZE 44827 \
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
        let binary = item("* 1 FETCH (BODY[]<0> ~{5+} UID 1)", &["a\0b\r\n"]);
        assert!(matches!(binary.body, Some(Body::Bytes(bytes)) if bytes == b"a\0b\r\n"));
        assert!(item("* 1 FETCH (UID 1 BODY[] NIL)", &[]).body.is_none());
        assert!(item("* 1 FETCH (UID 1 BODY[1] {1})", &["x"]).body.is_none(), "a part is not the whole");
    }

    #[test]
    fn the_end_of_a_command_says_what_and_why() {
        let Some(Answer::Tagged(tag, status)) = said("r7 no [ExpungeIssued] Some are\x07 gone {5}", &[]) else {
            panic!("a tagged answer")
        };
        assert_eq!((tag.as_str(), status.verdict, status.code), ("r7", Verdict::No, Code::ExpungeIssued));
        assert_eq!(status.words, "Some are gone {5}");
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

    proptest! {
        /// Pieces of what servers say, in any order, and any bytes among them.
        #[test]
        fn reading_ends_whatever_comes(pieces in vec(piece(), 0..30), literals in vec(any::<Option<Vec<u8>>>(), 0..4)) {
            let text = pieces.concat();
            may_hold_literals(&text);
            read(Raw { text: text.clone(), literals: literals.clone() });
            read(Raw { text: [b"* 1 FETCH (".as_slice(), &text].concat(), literals });
        }
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let words =
            "* |r1 |OK |[UIDNEXT |]|FETCH |(|)|UID |BODY[]|<0> |{3}|~{|\"|\\| |9|NIL|RFC822.SIZE |INTERNALDATE ";
        let words: Vec<Vec<u8>> = words.split('|').map(|word| word.as_bytes().to_vec()).collect();
        prop_oneof![8 => select(words), 1 => vec(any::<u8>(), 0..5)]
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
