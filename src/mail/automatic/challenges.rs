//! Filters that ask the sender to prove that there is one: TMDA, Active Spam Killer, BoxTrapper, Spam Arrest and others.
//! Their mail looks like a person's, and any answer would confirm a letter that nobody meant to confirm.

use crate::mail::header::Header;
use regex::Regex;
use std::sync::LazyLock;

/// What stands in the subject of a challenge. Lower case.
const SUBJECTS: [&str; 12] = [
    "please confirm your message",
    "please confirm your e-mail",
    "please confirm your email",
    "please confirm (conf#",
    "your email requires verification",
    "your e-mail requires verification",
    "requires sender verification",
    "verification required for your",
    "verify your email to",
    "[boxbe]",
    "antispam uol",
    "confirmation request for your message",
];

static ANY_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    let phrases = SUBJECTS.map(regex::escape).join("|");
    Regex::new(&phrases).expect("made of the table alone, and a test builds it")
});

/// Services whose mail is nothing else.
const SERVICES: [&str; 4] = ["spamarrest.com", "boxbe.com", "mailblocks.com", "mailinblack.com"];

/// `key` and `subject` are in lower case.
pub fn is_challenge(header: &Header, key: &str, subject: &str) -> bool {
    // TMDA's Reply-To holds the token that an answer would send back: `ada-confirm-1234567890.12345.abcdef@…`.
    let token = |value: &str| {
        let local = value.split('@').next().unwrap_or(value);
        let behind = ["-confirm-", "+confirm-", "+confirm+"].iter().find_map(|mark| Some(local.split_once(mark)?.1));
        behind.is_some_and(|token| token.bytes().any(|byte| byte.is_ascii_digit()))
    };
    ANY_SUBJECT.is_match(subject)
        || token(key)
        || key.rsplit_once('@').is_some_and(|(_, domain)| SERVICES.contains(&domain))
        || header.all("reply-to").any(token)
}
