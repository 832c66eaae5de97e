//! From bytes to a [`Mail`]: the header, the text, and what follows from both.

use super::automatic::automatic;
use super::body::{Body, body};
use super::bounce::{bounce, returned};
use super::header::{Header, is_evenly_spaced, readable, tidy};
use super::people::{author, disguise, people};
use super::{Address, Author, Mail, MessageId, SpanKind, Text, invitation, mime, results};
use crate::clock::Timestamp;
use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The header that carries our own loop mark.
pub const LOOP_MARK: &str = "X-Rapporteur-Loop";

/// Reads one mail that passed the gate. Total: whatever stands in `raw`, a `Mail` comes back.
///
/// `received` is when our side got it: the upper bound of its date.
pub fn read(raw: &[u8], received: Timestamp) -> Mail {
    let raw = without_envelope_line(raw);
    let header = Header::read(raw);
    let mut author = author(&header.all("from").collect::<Vec<_>>());
    if header.is_torn_above("from") {
        let doubt = Some("a line that is no header stands above the From header".to_owned());
        author = Author { name: author.name, doubt, ..Author::default() };
    }
    let (leaves, report) = mime::leaves(&header, raw);
    let subject = header.first("subject").map(readable).unwrap_or_default();
    let subject = protected(&leaves).filter(|_| is_stand_in(&subject)).unwrap_or(subject);
    let in_reply_to: Vec<MessageId> = header.all("in-reply-to").flat_map(MessageId::all).collect();
    let references: Vec<MessageId> = header.all("references").flat_map(MessageId::all).collect();
    let first_in_thread = in_reply_to.is_empty() && references.is_empty() && !is_reply(&subject);

    let bounce = bounce(&header, &author, &subject, &leaves, report);
    let returned = if bounce.is_some() { returned(&leaves) } else { Vec::new() };
    let automatic = automatic(&header, &author, &subject, &leaves);
    let invitation = invitation::reply(&leaves);
    let Body { text, attachments, mut flaws } = body(leaves, first_in_thread);

    if let Some(shown) = disguise(&author) {
        flaws.push(format!("the author's name shows another address than theirs: {shown}"));
    }
    let date_raw = header.first("date").map(tidy).filter(|date| !date.is_empty());
    let date = date_raw.as_deref().and_then(mime::date).filter(|date| is_plausible(*date, received));
    if date_raw.is_some() && date.is_none() {
        flaws.push("the Date header cannot be trusted: the time of arrival stands for it".to_owned());
    }
    let content_hash = content_hash(date_raw.as_deref(), &text);
    let given = header.all("message-id").find_map(MessageId::parse);
    let rival = header.all("message-id").filter_map(MessageId::parse).find(|id| Some(id) != given.as_ref());
    if let (Some(id), Some(rival)) = (&given, rival) {
        flaws.push(format!("there are two Message-IDs: `{id}` counts, `{rival}` does not"));
    }
    if given.is_none() {
        flaws.push("there is no Message-ID: one was made from the content".to_owned());
    }
    let message_id_given = given.is_some();
    let message_id = given.unwrap_or_else(|| id_of_content(&author, &content_hash));

    Mail {
        to: people(header.all("to")),
        cc: people(header.all("cc")),
        reply_to: people(header.all("reply-to")),
        original_from: people(header.all("x-original-from")),
        at: date.map_or(received, |date| date.min(received)),
        references: once_each(references, &message_id),
        list_ids: header.all("list-id").filter_map(list_id).collect(),
        delivered_to: delivered_to(&header),
        archived_at: header.first("archived-at").and_then(web_link),
        automatic,
        loop_mark: header.first(&LOOP_MARK.to_ascii_lowercase()).map(tidy),
        hops: header.all("received").count(),
        trace: results::trace(&header),
        invitation,
        spam: first_in_thread && is_spam(&header),
        message_id,
        message_id_given,
        author,
        subject,
        date,
        date_raw,
        in_reply_to,
        bounce,
        returned,
        text,
        attachments,
        content_hash,
        flaws,
    }
}

/// A mail that must not be read: what is known of it are its bytes, and when it was received. Two such are two mails.
pub fn unread(raw: &[u8], received: Timestamp) -> Mail {
    let hash = HEXLOWER.encode(&Sha256::digest(raw));
    let mut mail = read(b"", received);
    mail.message_id = MessageId::ours(&hash[..40], "unread.invalid");
    mail.content_hash = hash;
    mail
}

/// The `From ` line of an mbox, which some deliveries leave in place, is no header.
pub(super) fn without_envelope_line(raw: &[u8]) -> &[u8] {
    let line_end = raw.iter().position(|&byte| byte == b'\n');
    match line_end {
        Some(end) if raw.starts_with(b"From ") || raw.starts_with(b">From ") => &raw[end + 1..],
        _ => raw,
    }
}

/// What stands for a subject that is told in the protected part alone (RFC 9788), with any `Re:`.
fn is_stand_in(subject: &str) -> bool {
    let bare = subject.rsplit(':').next().unwrap_or(subject).trim();
    ["...", "[...]", "…", "[…]", ""].contains(&bare)
}

fn protected(leaves: &[mime::Leaf]) -> Option<String> {
    leaves.iter().find_map(|leaf| leaf.protected_subject.clone())
}

/// How mailers mark an answer in the subject, in lower case.
pub(super) const REPLY_PREFIXES: [&str; 17] = [
    "re", "aw", "antw", "sv", "vs", "odp", "ynt", "rif", "ri", "res", "rv", "bls", "atb", "отв", "回复", "答复", "回覆",
];

/// `Re:`, `AW:`, `RE[2]:`, also behind `[list]`.
fn is_reply(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        rest = behind.trim_start();
    }
    let Some((prefix, _)) = rest.split_once([':', '：']) else { return false };
    let prefix = prefix.split('[').next().unwrap_or(prefix).trim().to_lowercase();
    REPLY_PREFIXES.contains(&prefix.as_str())
}

/// Mail is not older than mail, nor from the day after tomorrow.
fn is_plausible(date: Timestamp, received: Timestamp) -> bool {
    const FIRST_MAIL: i64 = 31_536_000; // 1971-01-01
    let latest = received.checked_add(SignedDuration::from_hours(48)).unwrap_or(Timestamp::MAX);
    date.as_second() >= FIRST_MAIL && date <= latest
}

fn once_each(mut ids: Vec<MessageId>, own: &MessageId) -> Vec<MessageId> {
    let mut seen = BTreeSet::from([own]);
    let mut fresh = ids.iter().map(|id| seen.insert(id)).collect::<Vec<bool>>().into_iter();
    ids.retain(|_| fresh.next().unwrap_or(false));
    ids
}

/// What stands in `<…>` (RFC 2919 §3), or all of it when it is one word.
fn list_id(value: &str) -> Option<String> {
    let inner = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or(rest));
    let id = inner.trim().to_ascii_lowercase();
    (!id.is_empty() && !id.contains(char::is_whitespace)).then_some(id)
}

/// Addresses in Delivered-To, X-Original-To, and the mailto of List-Post (RFC 2369 §3.4).
fn delivered_to(header: &Header) -> Vec<Address> {
    let direct = header.all("delivered-to").chain(header.all("x-original-to")).map(Cow::Borrowed);
    let mailto = |value: &str| {
        let behind = value.split_once("mailto:").map_or("", |(_, rest)| rest);
        Cow::Owned(behind.split(['>', '?', ',']).next().unwrap_or("").replace("%40", "@"))
    };
    let mut addresses: Vec<Address> = Vec::new();
    for text in direct.chain(header.all("list-post").map(mailto)) {
        let text = text.trim().trim_matches(['<', '>']);
        // One server after the other writes the same.
        if addresses.iter().all(|known| known.as_str() != text) {
            let address = Address::parse(text);
            addresses.extend(address.filter(|address| !addresses.contains(address)));
        }
    }
    addresses
}

/// `<https://…>` (RFC 5064 §2).
fn web_link(value: &str) -> Option<String> {
    let url = value.trim_matches(['<', '>', ' ']);
    let web = url.starts_with("https://") || url.starts_with("http://");
    (web && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c))).then(|| url.to_owned())
}

/// The verdict of a filter on the way. Which side set it cannot be told, and filters condemn answers on lists that people
/// wrote: it counts for mails that answer nothing, as spam does.
fn is_spam(header: &Header) -> bool {
    let says_yes = |name| header.first(name).is_some_and(|value| value.to_ascii_lowercase().starts_with("yes"));
    says_yes("x-spam-flag") || says_yes("x-spam-status")
}

/// The id of a mail that has none: two people's mails are two, though they say the same.
fn id_of_content(author: &Author, content_hash: &str) -> MessageId {
    let author = author.address.as_ref().map(Address::key).or_else(|| author.name.clone()).unwrap_or_default();
    let hash = HEXLOWER.encode(&Sha256::digest(format!("{content_hash} {author}").as_bytes()));
    MessageId::ours(&hash[..40], "no-message-id.invalid")
}

/// Hashes what stays the same when one mail comes through two lists: not their footers, their subject prefixes, how
/// they break white space or encode it, or the From that some of them rewrite.
fn content_hash(date_raw: Option<&str>, text: &Text) -> String {
    let own = |kind: SpanKind| !matches!(kind, SpanKind::Footer | SpanKind::Signature);
    // In one piece: a hash takes many small pieces far more slowly.
    let date = date_raw.unwrap_or("").as_bytes();
    let mut told = Vec::with_capacity(date.len() + text.length());
    told.extend_from_slice(date);
    let mut tell = |words: &str| {
        told.push(b' ');
        told.extend_from_slice(words.as_bytes());
    };
    for line in text.lines().filter(|line| own(line.kind)) {
        match line.text.trim_ascii() {
            "" => {}
            words if is_evenly_spaced(words) => tell(words),
            words if words.is_ascii() => words.split_ascii_whitespace().for_each(&mut tell),
            words => words.split_whitespace().for_each(&mut tell),
        }
    }
    HEXLOWER.encode(&Sha256::digest(&told))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }
    fn mail(text: &str) -> Mail {
        read(text.as_bytes(), at("2017-07-12T00:00:00Z"))
    }
    fn ids(ids: &[MessageId]) -> Vec<&str> {
        ids.iter().map(MessageId::as_str).collect()
    }

    #[test]
    fn the_thread_is_read_from_all_its_headers() {
        let mail = mail(concat!(
            "Message-ID: <me@x>\nIn-Reply-To: Your mail of Tue <a@b>\nIn-Reply-To: <c@d>\n",
            "References: <r1@x>\n <r2@x> (a comment)\nReferences: <r2@x> <me@x> <r3@x>\n\nHi\n",
        ));
        assert_eq!(ids(&mail.in_reply_to), ["a@b", "c@d"]);
        assert_eq!(ids(&mail.references), ["r1@x", "r2@x", "r3@x"]);
        assert_eq!(ids(&mail.parents()), ["c@d", "a@b", "r3@x", "r2@x", "r1@x"]);
    }

    #[test]
    fn dates_that_cannot_be_are_not_believed() {
        let when = |date: &str| mail(&format!("Date: {date}\n\nHi\n"));
        assert_eq!(when("Tue, 11 Jul 2017 10:00:00 +0200").at, at("2017-07-11T08:00:00Z"));
        assert_eq!(when("11 Jul 2017 10:00:00 -0000 (a comment)").at, at("2017-07-11T10:00:00Z"));
        let tomorrow = when("Thu, 13 Jul 2017 00:00:00 +0000");
        assert_eq!((tomorrow.at, tomorrow.date), (at("2017-07-12T00:00:00Z"), Some(at("2017-07-13T00:00:00Z"))));
        for absurd in ["Sat, 1 Jan 2050 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "yesterday", "99 Foo 2017"] {
            let mail = when(absurd);
            assert_eq!((mail.date, mail.at), (None, at("2017-07-12T00:00:00Z")), "{absurd}");
            assert_eq!(mail.date_raw.as_deref(), Some(absurd));
            assert!(mail.flaws[0].contains("Date"));
        }
    }

    #[test]
    fn without_a_message_id_the_content_gives_one() {
        let one = mail("From: ada@example.org\n\nHi\n");
        assert!(!one.message_id_given && one.message_id.as_str().ends_with("@no-message-id.invalid"));
        assert_eq!(one.message_id, mail("From: Ada <ADA@example.org>\n\nHi\n").message_id);
        assert_ne!(one.message_id, mail("From: ada@example.org\n\nHello\n").message_id);
        assert_ne!(one.message_id, mail("From: eve@example.org\n\nHi\n").message_id);
    }

    #[test]
    fn of_two_message_ids_the_first_counts() {
        let two = mail("Message-ID: <>\nMessage-ID: <a@b>\nMessage-ID: <c@d>\n\nHi\n");
        assert_eq!((two.message_id.as_str(), two.flaws.len()), ("a@b", 1), "{:?}", two.flaws);
        assert!(mail("Message-ID: <a@b>\nMessage-ID: <a@b>\n\nHi\n").flaws.is_empty(), "the same twice is one");
        let odd = mail("Message-ID: 12345\nReferences: <a@b>\n\nHi\n");
        assert!(odd.message_id_given && odd.message_id.as_str() == "12345", "an id without an @ is one");
    }

    #[test]
    fn an_id_is_the_same_where_it_is_given_and_where_it_is_named() {
        let long = format!("{}@example.org", "x".repeat(300));
        for id in [
            "<a@b>",
            "<a@\n b>",
            "<a@b> (by hand)",
            "<a@(a comment)b>",
            "<1@host.(none)>",
            "<12345>",
            &format!("<{long}>"),
        ] {
            let one = mail(&format!("Message-ID: {id}\n\nHi\n"));
            let answer = mail(&format!("Message-ID: <z@z>\nIn-Reply-To: {id}\nReferences: <r@x> {id}\n\nHi\n"));
            assert_eq!(answer.parents()[0], one.message_id, "{id}");
            assert_eq!(answer.references.last(), Some(&one.message_id), "{id}");
        }
    }

    #[test]
    fn thousands_of_references_are_read_in_a_moment() {
        let references: String = (0..5000).map(|n| format!("\n <{n}@example.org>")).collect();
        let begun = std::time::Instant::now();
        let long = mail(&format!("In-Reply-To:{references}\nReferences:{references}\n\nHi\n"));
        assert_eq!(long.parents().len(), 5000);
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    }

    #[test]
    fn one_mail_through_two_lists_is_one_mail() {
        let through = |list: &str, footer: &str| {
            mail(&format!(
                "From: Ada <ada@example.org>\nDate: Tue, 11 Jul 2017 10:00:00 +0200\nSubject: [{list}] Slots\n\
                 List-Id: Things <{list}.Example.org>\n\nHello all,\n\nmore  text \n{footer}"
            ))
        };
        let mailman =
            "_______________________________________________\nDevel mailing list\nhttps://example.org/listinfo/devel\n";
        let (one, two) = (through("Devel", mailman), through("Users", ""));
        assert_eq!(one.content_hash, two.content_hash);
        assert_eq!(
            (one.list_ids, two.list_ids),
            (vec!["devel.example.org".to_owned()], vec!["users.example.org".to_owned()])
        );
        let date = "Date: Tue, 11 Jul 2017 10:00:00 +0200";
        let rewritten = mail(&format!(
            "From: Ada via Devel <devel@example.org>\n{date}\nContent-Transfer-Encoding: base64\n\n{}\n",
            data_encoding::BASE64.encode(b"Hello all,\n\nmore text\n")
        ));
        assert_eq!(two.content_hash, rewritten.content_hash, "one list writes itself into From, and encodes anew");
        let other = mail(&format!("From: Ada <ada@example.org>\n{date}\n\nHello all,\n\nless text\n"));
        assert_ne!(two.content_hash, other.content_hash);
    }

    #[test]
    fn the_way_it_came() {
        let mail = mail(concat!(
            "Delivered-To: robot@example.org\nX-Original-To: <devel@example.org>\nList-Post: <mailto:devel@Example.org>\n",
            "Archived-At: <https://lore.example.org/devel/a@b/>\nReceived: from a\nReceived: from b\nX-Spam-Status: Yes, score=9\n\nHi\n",
        ));
        let delivered: Vec<&str> = mail.delivered_to.iter().map(Address::as_str).collect();
        assert_eq!(delivered, ["robot@example.org", "devel@example.org"]);
        assert_eq!(mail.archived_at.as_deref(), Some("https://lore.example.org/devel/a@b/"));
        assert_eq!((mail.hops, mail.spam), (2, true));
        assert_eq!(self::mail("Archived-At: <javascript:alert(1)>\n\nHi\n").archived_at, None);
    }

    #[test]
    fn a_quote_mark_depends_on_whether_the_mail_answers() {
        let own = |header: &str| mail(&format!("{header}\n\n> Attend: yes\n")).text.visible_text();
        assert_eq!(own("Subject: Notes"), "> Attend: yes");
        for answer in ["Subject: Re: Notes", "Subject: [devel] AW: Notes", "Subject: RE[2]: Notes", "References: <a@b>"]
        {
            assert_eq!(own(answer), "", "{answer}");
        }
    }

    #[test]
    fn what_is_no_mail_is_read_all_the_same() {
        assert_eq!(mail("").text, Text::default());
        assert_eq!(mail("From someone Tue Jul 11 2017\nSubject: mbox\n\nHi\n").subject, "mbox");
        assert_eq!(
            mail("Subject: =?utf-8?Q?Gr=C3=BC?=\n =?utf-8?Q?=C3=9Fe?= an \t alle\n\nHi\n").subject,
            "Grüße an alle"
        );
        let crlf = mail("Subject: a\r\n b\r\n\r\nHi\r\n");
        assert_eq!((crlf.subject.as_str(), crlf.text.visible_text().as_str()), ("a b", "Hi"));
    }
}
