//! Every sentence that is said on the line, each with its code (RFC 5321 §4.2.3, RFC 3463) and, where something is
//! refused, with what to do about it. They are read in the logs and bounces of a mail system.

use super::Verdict;
use crate::mail::Address;
use crate::mailbox::LIMIT;
use smtp_proto::Error;

pub const TOO_MANY: &str = "421 4.3.2 too many connections at a time: set the mail system's concurrency limit lower";
pub const GOING_DOWN: &str = "421 4.3.2 the program is going down: try again later";
pub const TOO_SLOW: &str = "421 4.4.2 nothing came for too long";
pub const TOO_CLUELESS: &str = "421 4.7.0 too many mistakes";
pub const LINE_TOO_LONG: &str = "500 5.5.6 a command of more than 4096 bytes";
pub const NOT_SMTP: &str = "500 5.5.1 this is LMTP (RFC 2033): say LHLO, or use the mail system's lmtp transport";
pub const LHLO_FIRST: &str = "503 5.5.1 say LHLO first";
pub const MAIL_FIRST: &str = "503 5.5.1 say MAIL first";
pub const ONE_AT_A_TIME: &str = "503 5.5.1 one mail at a time: a sender is named already, RSET forgets it";
pub const NOBODY: &str = "503 5.5.1 no recipient was accepted, so there is nobody to keep it for";
pub const MANY_RECIPIENTS: &str = "452 4.5.3 too many recipients: bring it again for the others";
pub const NO_BINARY: &str = "555 5.5.4 BODY=BINARYMIME is not offered: send it as 8BITMIME or encoded";
pub const NO_SUCH_VERB: &str = "502 5.5.1 no such command here: LHLO, MAIL, RCPT, DATA, RSET, NOOP, VRFY, QUIT";
pub const NO_TURN: &str = "451 4.3.2 too many mails are being read: try again later";
pub const SENDER: &str = "250 2.1.0 sender noted";
pub const GO_ON: &str = "354 end the mail with a dot on a line of its own";
pub const FORGOTTEN: &str = "250 2.0.0 forgotten";
pub const FINE: &str = "250 2.0.0 fine";
pub const PERHAPS: &str = "252 2.1.5 RCPT tells who is taken mail for";
pub const BYE: &str = "221 2.0.0 bye";

pub fn greeting(host: &str) -> String {
    format!("220 {host} LMTP rapporteur")
}

/// The answer to LHLO: what we can do (RFC 2033 §4.1 asks for PIPELINING and ENHANCEDSTATUSCODES).
pub fn offers(host: &str) -> String {
    format!(
        "250-{host}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {LIMIT}"
    )
}

pub fn recipient(address: &Address) -> String {
    format!("250 2.1.5 {address} is taken mail for")
}

pub fn unknown_recipient(address: &str, known: &[Address]) -> String {
    let known: Vec<&str> = known.iter().map(Address::as_str).collect();
    format!("550 5.1.1 no mail is taken for <{}>, only for {}", printable(address), known.join(", "))
}

pub fn too_large() -> String {
    format!("552 5.3.4 a mail of more than {LIMIT} bytes is not kept")
}

pub fn verdict(verdict: Verdict, recipient: &Address) -> String {
    match verdict {
        Verdict::Kept => format!("250 2.0.0 kept for {recipient}"),
        Verdict::Busy => "451 4.3.0 another program keeps the database locked: try again later".to_owned(),
        Verdict::Full => {
            "452 4.3.1 the disk of rapporteur's database is full: make room, and bring it again".to_owned()
        }
        Verdict::Failed => "451 4.3.0 rapporteur's database fails, see its log: try again later".to_owned(),
    }
}

/// What is wrong with a line.
pub fn mistake(error: &Error) -> String {
    match error {
        Error::UnknownCommand => NO_SUCH_VERB.to_owned(),
        Error::InvalidSenderAddress => {
            "501 5.1.7 the sender is no address: write MAIL FROM:<ada@example.org>".to_owned()
        }
        Error::InvalidRecipientAddress => {
            "501 5.1.3 the recipient is no address: write RCPT TO:<ada@example.org>".to_owned()
        }
        Error::SyntaxError { syntax } => format!("501 5.5.4 write {syntax}"),
        Error::InvalidParameter { param } => format!("501 5.5.4 the parameter {param} is not written so"),
        Error::UnsupportedParameter { param } => format!("555 5.5.4 the parameter {} is not known", printable(param)),
        Error::NeedsMoreData { .. } | Error::ResponseTooLong | Error::InvalidResponse { .. } => {
            "500 5.5.2 that is no command".to_owned()
        }
    }
}

/// What may stand in an answer of one line.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(256).collect()
}
