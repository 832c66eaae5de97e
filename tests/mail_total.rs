//! Reading mail is total: whatever arrives, the gate, the reading and the screen come to an answer.

use proptest::prelude::*;
use rapporteur::clock::Timestamp;
use rapporteur::mail::screen::{Watch, screen};
use rapporteur::mail::{Mail, gate, read};

fn through(raw: &[u8]) -> Option<Mail> {
    gate(raw).ok()?;
    let mail = read(raw, Timestamp::UNIX_EPOCH);
    screen(&mail, &Watch { own: &[], loop_mark: &|_| false, sent_by_us: false });
    Some(mail)
}

/// Pieces of mail in any order: headers without bodies, parts without ends, encodings of nothing.
fn any_pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"From: Ada <ada@example.org>\n".to_vec()),
        Just(b"Subject: =?utf-8?Q?a=00?= =?x?B?!!?=\n".to_vec()),
        Just(b"Date: 31 Feb 99999 99:99:99 +9999\n".to_vec()),
        Just(b"References: <<a@b> <> <c\n\t@d>\n".to_vec()),
        Just(b"Content-Type: multipart/mixed; boundary=b\n".to_vec()),
        Just(b"Content-Type: message/rfc822\n".to_vec()),
        Just(b"Content-Type: text/html\n".to_vec()),
        Just(b"Content-Type: message/delivery-status\n".to_vec()),
        Just(b"Content-Type: text/plain; format=flowed; charset=utf-7; name*0*=x'y'%\n".to_vec()),
        Just(b"Content-Transfer-Encoding: base64\n".to_vec()),
        Just(b"Content-Transfer-Encoding: quoted-printable\n".to_vec()),
        Just(b"\n--b\n".to_vec()),
        Just(b"\n--b--\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"<blockquote><table><td>x</blockquote>\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..30),
    ];
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_a_mail(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
        through(&raw);
    }

    #[test]
    fn any_pieces_are_a_mail(raw in any_pieces()) {
        if let Some(mail) = through(&raw) {
            prop_assert!(!mail.subject.contains(|c: char| c.is_control()));
            prop_assert!(mail.author.address.is_some() != mail.author.doubt.is_some());
            prop_assert_eq!(mail.content_hash.len(), 64);
        }
    }
}

#[test]
fn messages_within_messages_do_not_exhaust_the_stack() {
    let levels = |count: usize| "Content-Type: message/rfc822\n\n".repeat(count);
    let deepest_read = std::thread::spawn(move || through(levels(50).as_bytes()).is_some()).join();
    assert!(matches!(deepest_read, Ok(true)));
    assert!(through(levels(22_000).as_bytes()).is_none());
}
