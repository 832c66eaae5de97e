//! What holds for every mail there is, whoever wrote it: each function here panics where it does not.
//!
//! The property tests and the fuzz targets share them, so that both mean the same.

use rapporteur::clock::Timestamp;
use rapporteur::grammar::{self, Reading, Vocabulary};
use rapporteur::mail::screen::{Watch, screen};
use rapporteur::mail::{self, Mail, MessageId, Text};
use std::collections::HashSet;

/// When our side got the mails here.
const RECEIVED: Timestamp = Timestamp::constant(1_500_000_000, 0);

/// Any bytes are a mail, or stopped at the gate; and the mail is sound.
pub fn mail(raw: &[u8]) -> Option<Mail> {
    mail::gate(raw).ok()?;
    let mail = mail::read(raw, RECEIVED);
    screen(&mail, &Watch { own: &[], loop_mark: &|_| false, sent_by_us: false });
    covered_once(&mail.text);
    assert_eq!(MessageId::parse(mail.message_id.as_str()).as_ref(), Some(&mail.message_id), "a key keeps itself");
    assert!(!mail.subject.contains(char::is_control), "{:?}", mail.subject);
    assert_ne!(mail.author.address.is_some(), mail.author.doubt.is_some(), "an address, or the reason for none");
    assert!(mail.at <= RECEIVED, "nothing was written after it came");
    let parents = mail.parents();
    assert!(!parents.contains(&mail.message_id), "nothing answers itself");
    assert_eq!(parents.iter().collect::<HashSet<_>>().len(), parents.len(), "each parent once");
    let again = mail::read(raw, RECEIVED);
    assert_eq!(mail.content_hash, again.content_hash);
    assert_eq!(mail.message_id, again.message_id);
    assert_eq!(mail.text, again.text);
    Some(mail)
}

/// Lines and spans cover the physical lines of a text exactly once, and in order. A line on which an answer and an
/// attribution stand is cut: its pieces bear the same numbers.
pub fn covered_once(text: &Text) {
    let mut before = (0, 0);
    for line in text.lines() {
        let cut = (line.first, line.last) == before;
        assert!(line.first == before.1 + 1 || cut, "{text:#?}");
        assert!(line.last >= line.first, "{text:#?}");
        before = (line.first, line.last);
    }
    let spans = text.spans();
    assert_eq!(spans.first().map_or(1, |span| span.start_line), 1, "{text:#?}");
    assert_eq!(spans.last().map_or(0, |span| span.end_line), before.1, "{text:#?}");
    assert!(spans.windows(2).all(|pair| pair[1].start_line <= pair[0].end_line + 1), "{text:#?}");
}

/// A text in all the ways it can be read: each covers the lines of the text, whatever ends them.
pub fn text(decoded: &str) {
    let lines = decoded.replace("\r\n", "\n").replace('\r', "\n").lines().count();
    for first_in_thread in [false, true] {
        let plain = Text::plain(decoded, first_in_thread);
        let flowed = [false, true].map(|delsp| Text::flowed(decoded, delsp, first_in_thread));
        for text in [&plain, &flowed[0], &flowed[1]] {
            covered_once(text);
            assert_eq!(text.height(), lines);
        }
    }
}

/// A mail means the same with the line ends of the wire.
pub fn line_ends(raw: &[u8]) {
    // In these a line end has another form.
    let otherwise = ["utf-16", "utf-32", "ucs-2", "unicode"];
    let declared = |name: &str| raw.windows(name.len()).any(|at| at.eq_ignore_ascii_case(name.as_bytes()));
    if otherwise.into_iter().any(declared) {
        return;
    }
    let unix: Vec<u8> = raw.iter().copied().filter(|byte| *byte != b'\r').collect();
    let wire: Vec<u8> = unix.split_inclusive(|byte| *byte == b'\n').flat_map(with_cr).copied().collect();
    if mail::gate(&wire).is_err() {
        return;
    }
    let (unix, wire) = (mail::read(&unix, RECEIVED), mail::read(&wire, RECEIVED));
    assert_eq!(unix.text.visible_text(), wire.text.visible_text());
    assert_eq!(unix.subject, wire.subject);
    assert_eq!(unix.message_id, wire.message_id);
}

fn with_cr(line: &[u8]) -> impl Iterator<Item = &u8> {
    let (text, end) = match line.strip_suffix(b"\n") {
        Some(text) => (text, &b"\r\n"[..]),
        None => (line, &b""[..]),
    };
    text.iter().chain(end)
}

/// Any mail has a reading, and what it says stands in a line of the mail.
pub fn reading(mail: &Mail) -> Reading {
    let reading = grammar::parse(mail, &Vocabulary::default());
    let last = mail.text.height();
    assert!(reading.asks.iter().all(|ask| ask.line <= last), "{:?}", reading.asks);
    assert!(reading.complaints.iter().all(|complaint| complaint.line <= last), "{:?}", reading.complaints);
    reading
}

/// Whatever a text asks: in a reply that quotes all of it, it asks for nothing.
pub fn quoted_never_acts(text: &str) {
    let quoted: String = text.replace("\r\n", "\n").replace('\r', "\n").lines().fold(String::new(), |mut all, line| {
        all.push_str("> ");
        all.push_str(line);
        all.push('\n');
        all
    });
    let raw = format!(
        "From: Grace <grace@example.org>\nSubject: Re: A session\nIn-Reply-To: <proposal@example.org>\n\
         Content-Type: text/plain; charset=utf-8\n\n\
         On Mon, 3 Jul 2017 at 10:00, Ada <ada@example.org> wrote:\n{quoted}"
    );
    let Some(mail) = mail(raw.as_bytes()) else { return };
    let reading = reading(&mail);
    assert_eq!(reading.asks, []);
    assert_eq!(reading.complaints, []);
}

/// A bounce names addresses, each once.
pub fn bounce(mail: &Mail) {
    let Some(bounce) = &mail.bounce else { return };
    for addresses in [&bounce.permanent, &bounce.temporary, &bounce.complained] {
        assert_eq!(addresses.iter().collect::<HashSet<_>>().len(), addresses.len(), "{bounce:?}");
        for address in addresses {
            assert!(address.contains('@') && !address.contains(|c: char| c.is_whitespace() || c.is_control()));
            assert_eq!(*address, address.to_ascii_lowercase());
        }
    }
}
