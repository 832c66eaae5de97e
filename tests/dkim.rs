//! What we sign, others verify: dkimpy, which Debian packages, is the judge. The keys were made for these tests.

#[path = "support/apt.rs"]
mod apt;

use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::letters::{Draft, LetterKind, Seal};
use rapporteur::mail::{Address, MessageId, Person};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

const PYTHON: &str = "/usr/bin/python3";
/// Says for each mail on its standard input, all in one JSON list of base64, whether its signature holds. The DNS is the
/// first argument.
const JUDGE: &str = r#"
import base64, dkim, json, sys
record = sys.argv[1].encode()
asked = set()
def dns(name, timeout=5):
    asked.add(name.decode())
    return record
mails = [base64.b64decode(mail) for mail in json.load(sys.stdin)]
print([dkim.verify(mail, dnsfunc=dns) for mail in mails], sorted(asked))
"#;

const KEYS: [(&str, &str); 3] = [("rsa.pem", "rsa.txt"), ("rsa-pkcs1.pem", "rsa.txt"), ("ed25519.pem", "ed25519.txt")];

fn config(dir: &Path, key: &str) -> Config {
    let key_file = dir.join("dkim.pem");
    fs::copy(Path::new("tests/support/dkim").join(key), &key_file).unwrap();
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
    parsed(dir).unwrap()
}

fn parsed(dir: &Path) -> Result<Config, String> {
    let text = r#"
address = "rapporteur@summit.example"
[transport]
kind = "sendmail"
[dkim]
selector = "mail2027"
key_file = "dkim.pem"
[[list]]
address = "devel@lists.example.org"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
"#;
    Config::parse(&dir.join("rapporteur.toml"), text).map_err(|error| error.to_string())
}

fn letter(config: &Config, subject: &str, body: &str) -> Vec<u8> {
    let seal = Seal { policy: &config.policy, secret: &[7; 32], dkim: config.dkim.as_deref() };
    let references =
        (1..20).filter_map(|n| MessageId::parse(&format!("<{n}.{}@example.org>", "x".repeat(n)))).collect();
    let answered = MessageId::parse("<proposal@example.org>");
    let draft = Draft {
        kind: LetterKind::Answer,
        cause: "cause",
        summit: "summit2027",
        to: Person { name: Some("Ada,  Łovelace".into()), address: Address::parse("ada@example.org") },
        to_list: false,
        subject: subject.into(),
        in_reply_to: answered.as_ref(),
        references,
        token: None,
        body: body.into(),
        date: Timestamp::from_second(1_700_000_000).unwrap(),
    };
    seal.seal(draft).unwrap().bytes
}

/// What dkimpy says, with the names that it looked up.
fn verdict(record: &str, mails: &[Vec<u8>]) -> String {
    let has = |module: &str| {
        let test = Command::new(PYTHON).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
        test.is_ok_and(|status| status.success())
    };
    apt::need(&["python3-dkim", "python3-nacl"], || (has("dkim") && has("nacl")).then_some(()));
    let record = fs::read_to_string(Path::new("tests/support/dkim").join(record)).unwrap();
    let mut judge = Command::new(PYTHON);
    judge.args(["-c", JUDGE, record.trim()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.spawn().unwrap();
    let mails: Vec<String> = mails.iter().map(|mail| data_encoding::BASE64.encode(mail)).collect();
    judge.stdin.take().unwrap().write_all(serde_json::to_string(&mails).unwrap().as_bytes()).unwrap();
    String::from_utf8(judge.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn a_signature_holds_and_breaks_with_what_it_signs() {
    let dir = tempfile::tempdir().unwrap();
    for (key, record) in KEYS {
        let config = config(dir.path(), key);
        let plain =
            letter(&config, "Re: [TOPIC] Console", "Hello Ada,\n\n  your session is S-1.  \n\n-- \nRapporteur\n\n\n");
        let encoded = letter(&config, &"Liebe Grüße ".repeat(12), &"会议 \t  und Grüße\n".repeat(30));
        let empty = letter(&config, "x", "");
        let text = String::from_utf8(plain.clone()).unwrap();
        assert!(text.starts_with("DKIM-Signature: v=1; a=") && text.lines().all(|line| line.len() <= 78), "{text}");
        let changed = |from: &str, to: &str| {
            assert!(text.contains(from), "{text}");
            text.replacen(from, to, 1).into_bytes()
        };
        let mails = [
            plain.clone(),
            encoded,
            empty,
            // What relays do: white space, and a header of their own.
            changed("Hello Ada,", "Hello  Ada, "),
            [b"Received: from here\r\n", &plain[..]].concat(),
            changed("S-1", "S-2"),
            changed("Re: [TOPIC]", "Re: [list]"),
            changed("Subject:", "From: somebody@example.net\r\nSubject:"),
            changed("ada@example.org", "eve@example.org"),
        ];
        let expected =
            "[True, True, True, True, True, False, False, False, False] ['mail2027._domainkey.summit.example.']";
        assert_eq!(verdict(record, &mails), expected, "{key}");
        assert_eq!(
            plain,
            letter(&config, "Re: [TOPIC] Console", "Hello Ada,\n\n  your session is S-1.  \n\n-- \nRapporteur\n\n\n")
        );
    }
}

#[test]
fn a_key_that_others_may_read_or_that_is_none_is_refused_with_its_line_and_the_fix() {
    let dir = tempfile::tempdir().unwrap();
    let missing = parsed(dir.path()).unwrap_err();
    assert!(missing.contains("rapporteur.toml:7: ") && missing.contains("make it readable"), "{missing}");
    let key_file = dir.path().join("dkim.pem");
    fs::write(&key_file, "no key").unwrap();
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(parsed(dir.path()).unwrap_err().contains("chmod 600"));
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
    let none = parsed(dir.path()).unwrap_err();
    assert!(none.contains("openssl genpkey") && !none.contains("no key"), "{none}");
}
