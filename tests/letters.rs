//! Whatever we say, any mail server can carry it, and it reads as it was meant.
//!
//! `LETTERS=100000 cargo test --test letters` tries more of them.

use mail_parser::MessageParser;
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestCaseError, TestRunner};
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::letters::wrap::{cut, printable};
use rapporteur::letters::{Draft, LetterKind, Seal};
use rapporteur::mail::{Address, MessageId, Person, read};
use std::path::Path;

const CONFIG: &str = r#"
name = "Rapporteur, the \"robot\" of Łódź"
address = "rapporteur@bücher.example"
bounces = "bounces@bücher.example"
[transport]
kind = "sendmail"
[[list]]
address = "devel@lists.example.org"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
"#;

/// Text of any kind: words, whole lines, what looks like headers and encoded words, and what Unicode has to offer.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,40}",
        "\\PC{0,30}",
        "[a-z]{60,200}",
        "(é|ß|会|議|\u{1f600}|\u{301}){1,60}",
        Just("\r\nBcc: everybody@example.org\r\n\r\n".to_owned()),
        Just("=?utf-8?q?=0D=0A?=".to_owned()),
        Just("\n.\n\nFrom here\n-- \n".to_owned()),
        "\u{0}|\u{7f}|\u{85}|\u{2028}|\u{202e}|\u{200b}|\r|\t| {2,5}",
        Just(format!("https://lists.example.org/{}", "long/".repeat(250))),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn address() -> impl Strategy<Value = Address> {
    let local = prop_oneof!["[a-z]{1,10}([.+_=-][a-z0-9]{1,9}){0,3}", "(ł|ß|议){1,5}"];
    let domain = prop_oneof![Just("example.org"), Just("bücher.example"), Just("lists.example.net")];
    (local, domain).prop_filter_map("an address", |(local, domain)| Address::parse(&format!("{local}@{domain}")))
}

fn id() -> impl Strategy<Value = MessageId> {
    let text = prop_oneof!["[!-~]{1,80}", "\\PC{1,20}", "[a-z]{200,400}"];
    text.prop_filter_map("an id", |text| MessageId::parse(&format!("<{text}@example.org>")))
}

#[test]
fn every_letter_can_be_carried_by_any_server_and_reads_as_it_was_meant() {
    let config = Config::parse(Path::new("rapporteur.toml"), CONFIG).unwrap();
    let seal = Seal { policy: &config.policy, secret: &[7; 32], dkim: None };
    let cases = std::env::var("LETTERS").map_or(500, |cases| cases.parse().expect("LETTERS is a number"));
    let letters = (
        (text(), proptest::option::of(text()), address()),
        (text(), proptest::option::of(id()), proptest::collection::vec(id(), 0..30)),
        (any::<bool>(), 1_000_000_000_i64..4_000_000_000),
    );
    let mut runner = TestRunner::new(Cases { cases, failure_persistence: None, ..Cases::default() });
    let tried = runner.run(&letters, |((subject, name, to), (body, in_reply_to, references), (to_list, second))| {
        let date = Timestamp::from_second(second).unwrap();
        let letter = seal.seal(Draft {
            kind: LetterKind::Answer,
            cause: "cause",
            summit: "summit2027",
            to: Person { name: name.clone(), address: Some(to.clone()) },
            to_list,
            subject,
            in_reply_to: in_reply_to.as_ref(),
            references: references.clone(),
            token: None,
            body: body.clone(),
            date,
        });
        let letter = letter.expect("it has an address");
        can_be_carried(&letter.bytes, &to)?;
        let mail = read(&letter.bytes, date);
        prop_assert_eq!(&mail.subject, &letter.subject);
        prop_assert_eq!(&mail.message_id, &letter.message_id);
        prop_assert_eq!(mail.date, Some(date));
        prop_assert_eq!(mail.author.name.as_deref(), Some("Rapporteur, the \"robot\" of Łódź"));
        prop_assert_eq!(mail.author.address.as_ref(), Some(&config.policy.robot));
        prop_assert_eq!(mail.to[0].address.as_ref(), Some(&to));
        prop_assert!(seal.is_ours(&mail));
        // By a reader that is not ours, and does not judge what is a name.
        let other = MessageParser::default().parse(&letter.bytes).expect("a mail");
        let words = |text: &str| printable(text).replace(' ', "");
        let named = other.to().and_then(|to| to.first()).and_then(|to| to.name()).unwrap_or_default();
        prop_assert_eq!(words(named), words(&cut(&printable(&name.unwrap_or_default()), 100)));
        prop_assert_eq!(words(&other.body_text(0).expect("a text")), words(&body));
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}

/// CRLF only, no line longer than 998, no encoded word longer than 75, and ASCII but for an address that is not.
fn can_be_carried(bytes: &[u8], to: &Address) -> Result<(), TestCaseError> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let bare = text.replace("\r\n", "");
    prop_assert!(!bare.contains(['\r', '\n', '\0']), "a bare CR or LF, or NUL");
    prop_assert!(text.ends_with("\r\n"), "the last line is not ended");
    let longest = text.split("\r\n").map(str::len).max();
    prop_assert!(longest <= Some(998), "{longest:?} in a line");
    let (header, body) = text.split_once("\r\n\r\n").expect("a header and a body");
    prop_assert!(body.is_ascii());
    prop_assert!(header.is_ascii() || !to.local().is_ascii(), "{header}");
    for line in header.split("\r\n") {
        prop_assert!(!line.trim().is_empty(), "a line of white space");
        prop_assert!(line.starts_with(' ') || line.contains(": "), "{line}");
        for word in line.split(' ').filter(|word| word.starts_with("=?")) {
            prop_assert!(word.len() <= 75, "{word}");
            prop_assert!(line.chars().count() <= 76, "{line}");
        }
    }
    prop_assert!(!header.to_ascii_lowercase().contains("\r\nbcc"), "{header}");
    Ok(())
}
