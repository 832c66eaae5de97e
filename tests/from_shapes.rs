//! Who wrote it, in the shapes in which From is written and forged: what we take for one address, another reader must not
//! take for another. The other reader is Python's `email`, in both its manners: the strict parser and the old one.

use rapporteur::clock::Timestamp;
use rapporteur::mail;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads a JSON list of mails from its standard input, and prints what each manner sees in their From headers: lists of
/// addresses, or null where it fails.
const READER: &str = r#"
import email, email.policy, email.utils, json, sys

def strict(raw):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return [a.addr_spec for header in mail.get_all('From', []) for a in header.addresses]

def old(raw):
    mail = email.message_from_bytes(raw)
    return [address for _, address in email.utils.getaddresses([str(value) for value in mail.get_all('From', [])])]

def tried(read, raw):
    try:
        return [a.encode('utf-8', 'surrogateescape').decode('utf-8', 'replace') for a in read(raw)]
    except Exception:
        return None

mails = [text.encode('utf-8', 'surrogateescape') for text in json.load(sys.stdin)]
json.dump([[tried(read, raw) for read in (strict, old)] for raw in mails], sys.stdout)
"#;

/// Header lines, with their names. `@` is real; what is after `From:` is what a mail program or a forger wrote.
const SHAPES: &[&str] = &[
    // One author, as mailers write one.
    "From: ada@example.org",
    "From: <ada@example.org>",
    "From: Ada <ada@example.org>",
    "From: Ada Lovelace <ada@example.org>",
    "From:Ada Lovelace<ada@example.org>",
    "From: \"Lovelace, Ada\" <ada@example.org>",
    "From: \"Ada \\\"Countess\\\" Lovelace\" <ada@example.org>",
    "From: \"\" <ada@example.org>",
    "From: ada@example.org (Ada Lovelace)",
    "From: ada@example.org (Ada (at work))",
    "From: (Ada) ada@example.org",
    "From: Ada (at work) <ada@example.org>",
    "From: =?utf-8?Q?Ad=C3=A0?= <ada@example.org>",
    "From: =?utf-8?B?QWTDoA==?= <ada@example.org>",
    "From: =?utf-8?Q?Ada,_Countess?= <ada@example.org>",
    "From: Ada\n Lovelace\n <ada@example.org>",
    "From: Ada Lovelace\n\t<ada@example.org>",
    "From: \"Ada @ home\" <ada@example.org>",
    "From: A. Lovelace <ada@example.org>",
    "From: Ada O'Neill <ada@example.org>",
    "From: 'Ada via Devel' <ada@example.org>",
    "From: Ada+tag <ada+tag@example.org>",
    "from: Ada <ada@example.org>",
    "FROM: Ada <ADA@EXAMPLE.ORG>",
    "From : Ada <ada@example.org>",
    "From: Àda <ada@example.org>",
    "From: \"ada@example.org\" <ada@example.org>",
    "From: \"eve@example.net\" <ada@example.org>",
    "From: \"Eve <eve@example.net>\" <ada@example.org>",
    "From: Ada <ada@example.org>,",
    "From: ,Ada <ada@example.org>",
    "From: Lovelace, Ada <ada@example.org>",
    // Several, or none.
    "From: ada@example.org, eve@example.net",
    "From: Ada <ada@example.org>, Eve <eve@example.net>",
    "From: Ada <ada@example.org> Eve <eve@example.net>",
    "From: Ada <ada@example.org>; Eve <eve@example.net>",
    "From: Ada <ada@example.org>\nFrom: Eve <eve@example.net>",
    "From: Eve <eve@example.net>\nX: 1\nfrom: Ada <ada@example.org>",
    "From: Ada <ada@example.org>\nFrom : Eve <eve@example.net>",
    "From: Ada <ada@example.org>\nFrom: Ada <ada@example.org>",
    "From: team: ada@example.org;",
    "From: team: ada@example.org, eve@example.net;",
    "From: undisclosed-recipients:;",
    "From: Ada",
    "From:",
    "From: <>",
    "From: \"ada@example.org\"",
    "From: (ada@example.org)",
    "Sender: ada@example.org",
    // One address inside the other.
    "From: ada@example.org <eve@example.net>",
    "From: eve@example.net <ada@example.org>",
    "From: <eve@example.net> ada@example.org",
    "From: <ada@example.org> <eve@example.net>",
    "From: <<ada@example.org>>",
    "From: <<eve@example.net> ada@example.org>",
    "From: <ada@example.org <eve@example.net>>",
    "From: ada@example.org eve@example.net",
    "From: ada@example.org@example.net",
    "From: <ada@example.org@example.net>",
    "From: ada@example.org,eve@example.net@example.com",
    "From: <@example.net:ada@example.org>",
    "From: <@example.net,@example.com:ada@example.org>",
    "From: ada%example.org@example.net",
    "From: example.net!ada@example.org",
    // Comments and quotes in and around it.
    "From: ada(eve@example.net)@example.org",
    "From: ada@(eve)example.org",
    "From: ada@example.org(eve@example.net)",
    "From: <ada@example.org(>eve@example.net)>",
    "From: (<eve@example.net>) ada@example.org",
    "From: Ada (<eve@example.net>) <ada@example.org>",
    "From: Ada (\\) <eve@example.net> <ada@example.org>",
    "From: Ada ((unclosed) <ada@example.org>",
    "From: \"ada\"@example.org",
    "From: \"ada@example.net\"@example.org",
    "From: \"ada\\\"@example.net\"@example.org",
    "From: \"<eve@example.net>\" ada@example.org",
    "From: \"unclosed <ada@example.org>",
    "From: Ada \" <ada@example.org>",
    "From: Ada\\, Eve <ada@example.org>",
    "From: \"Ada\" \"Eve\" <ada@example.org>",
    "From: \"Ada\\\" <eve@example.net>, \\\"\" <ada@example.org>",
    "From: Ada <\"ada\"@example.org>",
    // White space and characters that readers treat each in their way.
    "From: ada @example.org",
    "From: ada@ example.org",
    "From: <ada @ example.org>",
    "From: < ada@example.org >",
    "From: <ada\n @example.org>",
    "From: ada.@example.org",
    "From: .ada@example.org",
    "From: a..da@example.org",
    "From: ada@example..org",
    "From: ada@example.org.",
    "From: ada@[192.0.2.1]",
    "From: ada@192.0.2.1",
    "From: ada@example.org\\\n",
    "From: ada@exam\u{200b}ple.org",
    "From: ada\u{a0}@example.org",
    "From: Ada\u{a0}<ada@example.org>",
    "From: ada\u{ff20}example.org",
    "From: ad\u{430}@example.org",
    "From: ada@ex\u{430}mple.org",
    "From: ada@b\u{fc}cher.example",
    "From: ada@xn--bcher-kva.example",
    "From\u{a0}: Eve <eve@example.net>\nFrom: Ada <ada@example.org>",
    "From: Ada <ada@example.org>\u{0}",
    "From: Ada\u{0} <ada@example.org>",
    "From: ada\u{0}@example.org",
    "From: Ada <ada@example.org>\r<eve@example.net>",
    "From: Ada\rFrom: Eve <ada@example.org>",
    "From: Ada\u{b}<ada@example.org>",
    "From: Ada\u{85}<ada@example.org>",
    "From: Ada\u{2028}<ada@example.org>",
    // Encoded words where none belong.
    "From: =?utf-8?Q?ada=40example.org?=",
    "From: =?utf-8?Q?Ada_<eve=40example.net>?= <ada@example.org>",
    "From: =?utf-8?Q?eve=40example.net,?= <ada@example.org>",
    "From: =?utf-8?Q?=22?= <eve@example.net> =?utf-8?Q?=22?= <ada@example.org>",
    "From: <=?utf-8?Q?ada?=@example.org>",
    "From: =?utf-8?Q?ada?=@example.org",
    "From: <ada@=?utf-8?Q?example.org?=>",
    "From: \"=?utf-8?Q?Ada?=\" <ada@example.org>",
    "From: =?utf-8?Q?a?=\n =?utf-8?Q?_<eve=40example.net>?= <ada@example.org>",
    "From: =?utf-8?Q?unclosed <ada@example.org>",
    "From: =?utf-8?Q?Ada=0D=0AFrom:_eve=40example.net?= <ada@example.org>",
    // Lines that are not quite headers.
    "X: 1\nno field\nFrom: Ada <ada@example.org>",
    " From: Eve <eve@example.net>\nFrom: Ada <ada@example.org>",
    "From: Ada <ada@example.org>\n <eve@example.net>",
    "From: Ada <ada@example.org>\nno field\n <eve@example.net>",
    "From: Ada <ada@example.org>\n, eve@example.net",
    "X-From: Eve <eve@example.net>\nFrom: Ada <ada@example.org>",
    "Reply-To: eve@example.net\nFrom: Ada <ada@example.org>",
    "From: Ada <ada@example.org>\nSender: eve@example.net",
    "Resent-From: eve@example.net\nFrom: Ada <ada@example.org>",
];

/// The shapes as whole mails, with LF and with CRLF.
fn mails() -> Vec<String> {
    let mail = |shape: &&str| format!("{shape}\nSubject: Hello\n\nHello.\n");
    let with_lf: Vec<String> = SHAPES.iter().map(mail).collect();
    let with_crlf = with_lf.iter().map(|mail| mail.replace('\n', "\r\n"));
    with_lf.iter().cloned().chain(with_crlf).collect()
}

fn ours(mail: &str) -> Option<String> {
    let author = mail::read(mail.as_bytes(), Timestamp::UNIX_EPOCH).author;
    author.address.map(|address| address.as_str().to_lowercase())
}

/// An address in lower case; in place of letters beyond ASCII, which the strict manner does not decode, one mark.
fn plain(address: &str) -> String {
    let words = address.split(|c: char| !c.is_ascii()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("*").to_lowercase()
}

/// The mails in which Python sees something else than the one author that we see, with what it sees.
fn contradicted(mails: &[String], seen: &Value) -> Vec<String> {
    let mut contradicted = Vec::new();
    for (at, mail) in mails.iter().enumerate() {
        let Some(address) = ours(mail) else { continue };
        for reading in seen[at].as_array().expect("two readings") {
            // Where one of the manners fails, it sees nothing else.
            let Some(all) = reading.as_array() else { continue };
            // Python gives a word without a domain as an address, too.
            let addresses = all.iter().filter_map(Value::as_str).filter(|text| text.contains('@'));
            if addresses.map(plain).collect::<Vec<_>>() != [plain(&address)] {
                contradicted.push(format!("{mail:?}: we see {address}, Python {reading}"));
            }
        }
    }
    contradicted
}

#[test]
fn nobody_gains_authority_whom_python_reads_otherwise() {
    assert!(SHAPES.len() >= 62);
    let mails = mails();
    let known = mails.iter().filter(|mail| ours(mail).is_some()).count();
    assert!(known > mails.len() / 5 && known < mails.len() * 3 / 5, "{known} of {} have an author", mails.len());
    let python = Command::new("python3").args(["-c", READER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = python else {
        eprintln!("not compared: there is no python3 here");
        return;
    };
    let mut input = python.stdin.take().expect("its standard input");
    input.write_all(serde_json::to_string(&mails).expect("JSON").as_bytes()).expect("it reads");
    drop(input);
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "python3 failed");
    let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(seen.as_array().map(Vec::len), Some(mails.len()));
    let contradicted = contradicted(&mails, &seen);
    assert!(contradicted.is_empty(), "{} of {}:\n{}", contradicted.len(), mails.len(), contradicted.join("\n"));
}
