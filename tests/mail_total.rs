//! What holds for every mail, tried on many: any bytes, pieces of mail in any order, and whole mails with mistakes in
//! them. The invariants are in `support/invariants.rs`; the fuzz targets go on from here, for as long as one likes.

#[path = "support/invariants.rs"]
mod invariants;

use proptest::prelude::*;
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::{intake::Intake, replay};
use rapporteur::mail::Reason;
use rapporteur::store::{Arrival, Origin, Store};
use std::path::Path;

/// Header fields that mean something, some of them broken.
fn any_field() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "From: Ada <ada@example.org>",
        "From: ada@example.org, eve@example.org",
        "From: \"Ada\" via Devel <devel@lists.example.org>",
        "Subject: =?utf-8?Q?a=00?= =?x?B?!!?=",
        "Subject: [DESIGN SESSION] Locks",
        "Subject: Re: [DESIGN SESSION v2] Locks",
        "Subject: Design session notes: Locks",
        "Date: 31 Feb 99999 99:99:99 +9999",
        "Date: Tue, 11 Jul 2017 10:00:00 +0200",
        "Message-ID: <m@example.org>",
        "Message-ID: <<>>",
        "In-Reply-To: <a@b>",
        "References: <<a@b> <> <c\n\t@d> <m@example.org>",
        "List-Id: Devel <devel.lists.example.org>",
        "Auto-Submitted: auto-replied",
        "Return-Path: <>",
        "X-Spam-Flag: YES",
        " a line that goes on",
        "no field at all",
        "",
    ]);
    prop_oneof![6 => known.prop_map(str::to_owned), 1 => "[ -~äß\u{202e}]{0,40}"]
}

/// Lines that mean something to one of the readers.
fn any_line() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "> Attend: yes",
        ">> #session withdraw",
        "Attend: remote",
        "+1",
        "#session slot 2017-07-11 10:00 Room 1",
        "#session nonsense",
        "S-1: Scribe: Grace",
        "Hosts: Ada, Grace <grace@example.org>",
        "Decision: we do it",
        "Action: Ada to write it down",
        "See https://lists.example.org/devel/a@b/",
        "```",
        "-- ",
        "On Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:",
        "-----Original Message-----",
        "From: Ada <ada@example.org>",
        "---------- Forwarded message ----------",
        "_______________________________________________",
        "Devel mailing list",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "Sent from my phone",
        "Final-Recipient: rfc822; ada@example.org",
        "Action: failed",
        "Status: 5.1.1",
        "<blockquote><table><td>x</blockquote>",
        "PGRpdj5oaTwvZGl2Pg==",
        "=C3=BC=",
        "a flowed line ",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,30}"]
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any_line(), 0..20).prop_map(|lines| lines.join("\n") + "\n")
}

/// A part: how it says what it is, and its text.
fn any_part() -> impl Strategy<Value = String> {
    let kinds = prop::sample::select(vec![
        "",
        "Content-Type: text/plain; charset=utf-8\n",
        "Content-Type: text/plain; format=flowed; delsp=yes; charset=utf-7\n",
        "Content-Type: text/plain; charset=iso-2022-jp; name*0*=x'y'%\n",
        "Content-Type: text/html\n",
        "Content-Type: message/rfc822\n",
        "Content-Type: message/delivery-status\n",
        "Content-Type: application/pdf; name=minutes.pdf\nContent-Disposition: attachment\n",
        "Content-Type: multipart/alternative; boundary=b\n",
    ]);
    let encodings = prop::sample::select(vec![
        "",
        "Content-Transfer-Encoding: base64\n",
        "Content-Transfer-Encoding: quoted-printable\n",
        "Content-Transfer-Encoding: x-unheard-of\n",
    ]);
    (kinds, encodings, any_text()).prop_map(|(kind, encoding, text)| format!("{kind}{encoding}\n{text}"))
}

/// A whole mail: fields, and one part or several.
fn any_mail() -> impl Strategy<Value = String> {
    let several = (
        prop::sample::select(vec!["mixed", "alternative", "report", "signed", "digest"]),
        prop::collection::vec(any_part(), 0..4),
        prop::sample::select(vec!["--b--\n", "--b-", ""]),
    );
    let several = several.prop_map(|(kind, parts, end)| {
        let parts: String = parts.iter().map(|part| format!("--b\n{part}")).collect();
        format!("Content-Type: multipart/{kind}; boundary=b\n\nA preamble.\n{parts}{end}")
    });
    let body = prop_oneof![any_part(), several];
    (prop::collection::vec(any_field(), 0..8), body).prop_map(|(fields, body)| format!("{}\n{body}", fields.join("\n")))
}

/// A mail in which some bytes were changed, left out or said twice.
fn any_broken_mail() -> impl Strategy<Value = Vec<u8>> {
    let places = prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<u8>()), 0..8);
    (any_mail(), places).prop_map(|(mail, places)| {
        let mut raw = mail.into_bytes();
        for (place, change, byte) in places {
            if raw.is_empty() {
                break;
            }
            let at = place.index(raw.len());
            match change {
                0 => raw[at] = byte,
                1 => raw.insert(at, byte),
                2 => raw.truncate(at),
                _ => raw.extend_from_within(at..),
            }
        }
        raw
    })
}

proptest! {
    #[test]
    fn any_bytes_are_a_mail(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
        invariants::mail(&raw);
    }

    #[test]
    fn a_broken_mail_is_read_and_understood(raw in any_broken_mail()) {
        if let Some(mail) = invariants::mail(&raw) {
            invariants::reading(&mail);
            invariants::bounce(&mail);
        }
    }

    #[test]
    fn crlf_is_lf(raw in any_broken_mail()) {
        invariants::line_ends(&raw);
    }

    #[test]
    fn spans_cover_a_text_exactly_once(text in any_text()) {
        invariants::text(&text);
    }

    #[test]
    fn nothing_quoted_acts(text in any_text()) {
        invariants::quoted_never_acts(&text);
    }
}

proptest! {
    // Each of these makes two databases.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn delivered_twice_is_delivered_once(mails in prop::collection::vec(any_mail(), 1..5)) {
        let once: Vec<&str> = mails.iter().map(String::as_str).collect();
        let twice: Vec<&str> = once.iter().flat_map(|mail| [*mail, *mail]).collect();
        prop_assert_eq!(known_after(&once), known_after(&twice));
    }
}

const CONFIG: &str = r#"
address = "rapporteur@example.org"
transport = { kind = "maildir", path = "sent" }

[[list]]
address = "devel@lists.example.org"

[[summit]]
slug = "summit2017"
name = "Design Summit 2017"
lists = ["devel@lists.example.org"]
"#;

/// All that is known, and all that would be sent, after these mails came one by one.
fn known_after(mails: &[&str]) -> String {
    let config = Config::parse(Path::new("rapporteur.toml"), CONFIG).unwrap();
    let now: Timestamp = "2017-07-12T00:00:00Z".parse().unwrap();
    // Reading a mail blocks its thread, which only this kind of runtime allows.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::memory([7; 32]).await.unwrap();
        let mut intake = Intake::new(&store, &config, "test");
        for (n, mail) in mails.iter().enumerate() {
            let raw = mail.as_bytes().to_vec();
            let arrival = Arrival { source_key: n.to_string(), raw, received: now, origin: Origin::Live };
            store.receive("inbox", &[arrival], None).await.unwrap();
            while !intake.settle(now).await.unwrap().is_empty() {}
        }
        let mut export = replay::export(&store, &config, now).await.unwrap();
        // The second copy is on record: as a duplicate, or once more as what ends at the screen.
        export.mail.retain(|mail| mail.reason != Reason::Duplicate);
        export.mail.dedup_by_key(|mail| serde_json::to_string(mail).unwrap());
        store.close().await;
        serde_json::to_string_pretty(&export).unwrap()
    })
}

#[test]
fn messages_within_messages_do_not_exhaust_the_stack() {
    let levels = |count: usize| "Content-Type: message/rfc822\n\n".repeat(count);
    let deepest_read = std::thread::spawn(move || invariants::mail(levels(50).as_bytes()).is_some()).join();
    assert!(matches!(deepest_read, Ok(true)));
    assert!(invariants::mail(levels(22_000).as_bytes()).is_none());
}
