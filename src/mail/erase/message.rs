//! A person taken out of a whole mail, in whatever encoding they stand there.
//!
//! In other people's mail they become marks, and the rest stays word for word. Of their own mail nothing is kept but
//! what holds the thread together. What cannot be cleaned part by part goes as a whole.

use super::{Eraser, MARK};
use crate::clock::Timestamp;
use crate::mail::header::{self, tidy};
use crate::mail::mime::{self, Piece};
use crate::mail::people::people;
use crate::mail::read::without_envelope_line;
use crate::mail::{Mail, Person, html, read, words};

/// Fields that name people, entry by entry.
const PEOPLE: [&str; 12] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "mail-followup-to",
    "mail-reply-to",
    "x-original-from",
    "resent-from",
    "resent-to",
    "resent-cc",
];
/// Fields that sign what stood there.
const SIGNATURES: [&str; 6] = [
    "dkim-signature",
    "domainkey-signature",
    "x-google-dkim-signature",
    "arc-seal",
    "arc-message-signature",
    "arc-authentication-results",
];
/// What is kept of their own mail, besides From, Subject and Message-ID: when it came, which way, and what it answers.
const KEPT: [&str; 12] = [
    "to",
    "cc",
    "date",
    "in-reply-to",
    "references",
    "list-id",
    "list-post",
    "delivered-to",
    "x-original-to",
    "archived-at",
    "auto-submitted",
    "precedence",
];
/// Mails within mails, so deep.
const DEEPEST: usize = 50;

impl Eraser {
    /// Somebody else's mail without the person; nothing when they are not in it.
    pub fn mail(&self, raw: &[u8], mail: &Mail) -> Option<Vec<u8>> {
        let erased = self.message(raw, 0)?;
        // The id of a mail that has none follows from its words: it must stay.
        let id = if mail.message_id_given {
            String::new()
        } else {
            self.field("Message-ID", &format!(" <{}>", mail.message_id))
        };
        let erased = [id.into_bytes(), erased].concat();
        Some(match self.message(&erased, 0) {
            None => erased,
            Some(_) => self.stub(raw, mail, None),
        })
    }

    /// The same for a mail that must not be read: where they stand in its bytes it goes as a whole.
    pub fn unread_mail(&self, raw: &[u8], mail: &Mail) -> Option<Vec<u8>> {
        self.bytes(raw).map(|_| self.stub(raw, mail, None))
    }

    /// What is kept of the person's own mail.
    pub fn own_mail(&self, raw: &[u8], mail: &Mail) -> Vec<u8> {
        let author = Person { name: Some(MARK.to_owned()), address: Some(self.stand_in.clone()) };
        self.stub(raw, mail, Some(author))
    }

    /// A mail without its words. `author` stands in From, if not the one who stood there.
    fn stub(&self, raw: &[u8], mail: &Mail, author: Option<Person>) -> Vec<u8> {
        let mut stub = match &author {
            Some(author) => format!("From:{}\n", listed(std::slice::from_ref(author))),
            None => String::new(),
        };
        stub += &self.field("Subject", &format!(" {}", mail.subject));
        stub += &self.field("Message-ID", &format!(" <{}>", mail.message_id));
        for raw_field in fields(header::block(without_envelope_line(raw)).0) {
            let (name, value) = unfolded(raw_field);
            let lower = name.to_ascii_lowercase();
            if KEPT.contains(&lower.as_str()) || author.is_none() && lower == "from" {
                stub += &self.field(&name, &value);
            }
        }
        (stub + "Content-Type: text/plain; charset=utf-8\n\n" + MARK + "\n").into_bytes()
    }

    fn message(&self, raw: &[u8], depth: usize) -> Option<Vec<u8>> {
        let raw = without_envelope_line(raw);
        let (block, body) = header::block(raw);
        let top = body.unwrap_or(raw.len());
        let mut changed = false;
        let mut below = Vec::with_capacity(raw.len());
        let mut root = None;
        let mut at = top;
        for piece in mime::pieces(raw) {
            let content = self.content(&piece, depth);
            changed |= content.is_some();
            let Piece { header, body, .. } = piece;
            if header.start < top {
                // The whole mail is one part.
                root = content.as_ref().map(|(kind, _)| kind.clone());
                below.extend(content.map_or_else(|| raw[body.clone()].to_vec(), |(_, text)| text));
            } else if header.start >= at && body.end <= raw.len() {
                changed |= self.between(&raw[at..header.start], &mut below);
                let (fields, fields_changed) = self.header(&raw[header], content.as_ref().map(|(kind, _)| kind));
                changed |= fields_changed;
                below.extend(fields);
                below.extend(b"\n");
                below.extend(content.map_or_else(|| raw[body.clone()].to_vec(), |(_, text)| text));
            } else {
                continue;
            }
            at = body.end.max(at);
        }
        changed |= self.between(&raw[at.min(raw.len())..], &mut below);
        let (above, head_changed) = self.header(block, root.as_ref());
        if !changed && !head_changed {
            return None;
        }
        Some([above, if body.is_some() { b"\n".to_vec() } else { Vec::new() }, below].concat())
    }

    /// Whether a mail within a mail is theirs.
    fn wrote(&self, raw: &[u8]) -> bool {
        let mut fields = fields(header::block(raw).0).into_iter().map(unfolded);
        let from = fields.find(|(name, _)| name.eq_ignore_ascii_case("from"));
        from.is_some_and(|(_, value)| people(std::iter::once(value.as_str())).iter().any(|person| self.is(person)))
    }

    /// What stands between parts.
    fn between(&self, bytes: &[u8], out: &mut Vec<u8>) -> bool {
        let erased = self.bytes(bytes);
        out.extend(erased.as_deref().unwrap_or(bytes));
        erased.is_some()
    }

    /// A part's content without the person, and the fields that say how it stands there now.
    fn content(&self, piece: &Piece, depth: usize) -> Option<(String, Vec<u8>)> {
        let kind = piece.leaf.kind.as_str();
        let plain = |kind: &str, flowed: &str| {
            format!("Content-Type: {kind}; charset=utf-8{flowed}\nContent-Transfer-Encoding: 8bit\n")
        };
        match kind {
            "message/rfc822" | "message/global" if depth < DEEPEST => {
                let erased = match self.wrote(&piece.content) {
                    true => self.own_mail(&piece.content, &read(&piece.content, Timestamp::UNIX_EPOCH)),
                    false => self.message(&piece.content, depth + 1)?,
                };
                Some((format!("Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n"), erased))
            }
            // Markup may stand between the letters of a name.
            "text/html" => {
                let shown = html::read(&piece.leaf.text).text;
                let erased = self.text(&shown).or_else(|| self.text(&piece.leaf.text).map(|_| shown.clone()))?;
                Some((plain("text/plain", ""), erased.into_bytes()))
            }
            kind if !piece.leaf.text.is_empty() => {
                let flowed = match piece.leaf.flowed {
                    Some(true) => "; format=flowed; delsp=yes",
                    Some(false) => "; format=flowed",
                    None => "",
                };
                Some((plain(kind, flowed), self.text(&piece.leaf.text)?.into_bytes()))
            }
            _ => self.bytes(&piece.content).map(|_| (plain("text/plain", ""), format!("{MARK}\n").into_bytes())),
        }
    }

    /// A header block without the person, and whether anything is changed. `kind` are the fields of a content that was
    /// written anew.
    fn header(&self, block: &[u8], kind: Option<&String>) -> (Vec<u8>, bool) {
        let mut out = Vec::with_capacity(block.len());
        let mut changed = false;
        for raw_field in fields(block) {
            let (name, value) = unfolded(raw_field);
            let lower = name.to_ascii_lowercase();
            let says_how = ["content-type", "content-transfer-encoding", "content-md5", "content-length"];
            if SIGNATURES.contains(&lower.as_str()) || kind.is_some() && says_how.contains(&lower.as_str()) {
                continue;
            }
            let erased = self.erased_field(&name, &value).map(String::into_bytes).or_else(|| self.bytes(raw_field));
            changed |= erased.is_some();
            out.extend(erased.as_deref().unwrap_or(raw_field));
        }
        if !out.is_empty() && !out.ends_with(b"\n") {
            out.push(b'\n');
        }
        out.extend(kind.map_or("", String::as_str).as_bytes());
        (out, changed)
    }

    /// A field of a header as it is kept.
    fn field(&self, name: &str, value: &str) -> String {
        self.erased_field(name, value).unwrap_or_else(|| format!("{name}:{value}\n"))
    }

    fn erased_field(&self, name: &str, value: &str) -> Option<String> {
        if PEOPLE.contains(&name.to_ascii_lowercase().as_str()) {
            let before = people(std::iter::once(value));
            let mut after = before.clone();
            after.iter_mut().for_each(|person| self.person(person));
            let hidden = || self.text(&words::decoded(value)).is_some();
            return (after != before || hidden()).then(|| format!("{name}:{}\n", listed(&after)));
        }
        let erased = self.text(&words::decoded(value))?;
        Some(format!("{name}: {}\n", tidy(&erased)))
    }
}

/// Everybody whom the header of a mail names.
pub fn named_in(raw: &[u8]) -> Vec<Person> {
    let values = fields(header::block(without_envelope_line(raw)).0).into_iter().map(unfolded);
    let theirs = values.filter(|(name, _)| PEOPLE.contains(&name.to_ascii_lowercase().as_str()));
    theirs.flat_map(|(_, value)| people(std::iter::once(value.as_str()))).collect()
}

/// The fields of a block, each with its folds and line ends.
fn fields(block: &[u8]) -> Vec<&[u8]> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        if starts.is_empty() || !matches!(line.first(), Some(b' ' | b'\t')) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([block.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &block[*start..end])
        .filter(|field| !field.trim_ascii().is_empty())
        .collect()
}

/// A field's name and its value, folds undone.
fn unfolded(field: &[u8]) -> (String, String) {
    let mut text = String::with_capacity(field.len());
    mime::add_bytes(field, &mut text);
    let line: String = text.split(['\r', '\n']).collect();
    match line.split_once(':') {
        Some((name, value)) => (name.trim_end().to_owned(), value.to_owned()),
        None => (String::new(), line),
    }
}

/// People as the value of a field.
fn listed(people: &[Person]) -> String {
    let quoted = |name: &String| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    let one = |person: &Person| match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!("{} <{address}>", quoted(name)),
        (Some(name), None) => quoted(name),
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    };
    format!(" {}", people.iter().map(one).collect::<Vec<_>>().join(",\n "))
}

#[cfg(test)]
mod tests {
    use super::super::tests::ada;
    use crate::clock::Timestamp;
    use crate::mail::read;
    use data_encoding::BASE64;

    fn erased(raw: &[u8]) -> Option<String> {
        let mail = read(raw, Timestamp::UNIX_EPOCH);
        ada().mail(raw, &mail).map(|raw| String::from_utf8(raw).expect("all of these are UTF-8 afterwards"))
    }

    #[test]
    fn a_mail_without_the_person_stays_as_it_is() {
        assert_eq!(erased(b"From: Grace <grace@example.org>\nSubject: Ada\n\nHi Ada\n"), None);
    }

    #[test]
    fn others_keep_their_words_whatever_they_are_encoded_in() {
        let words = "Hi,\nAda Lovelace (ada@example.org) said: Gr\u{fc}\u{df}e\n";
        let latin: Vec<u8> = words.chars().map(|c| c as u8).collect();
        let quoted = "Hi,\nAda Lovel=\nace (ada=40example.org) said: Gr=FC=DFe\n";
        for (kind, body) in [
            ("text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit", words.as_bytes().to_vec()),
            (
                "text/plain; charset=utf-8\nContent-Transfer-Encoding: base64",
                BASE64.encode(words.as_bytes()).into_bytes(),
            ),
            ("text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit", latin),
            ("text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable", quoted.as_bytes().to_vec()),
            (
                "text/html; charset=utf-8",
                b"<p>Hi,<br>Ada <b>Love</b>lace (ada&#64;example.org) said: Gr&uuml;&szlig;e</p>".to_vec(),
            ),
        ] {
            for nested in [false, true] {
                let head = format!("Content-Type: {kind}\n\n").into_bytes();
                let part = [head, body.clone()].concat();
                let raw = match nested {
                    false => [b"From: Grace <grace@example.org>\n".to_vec(), part].concat(),
                    true => [
                        b"From: Grace <grace@example.org>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nFirst.\n--b\n".to_vec(),
                        part,
                        b"\n--b--\n".to_vec(),
                    ]
                    .concat(),
                };
                let erased = erased(&raw).expect("she is in it");
                let mail = read(erased.as_bytes(), Timestamp::UNIX_EPOCH);
                let text = mail.text.visible_text();
                let expected = "Hi,\n[erased] (erased-7@erased.invalid) said: Gr\u{fc}\u{df}e";
                assert_eq!(text.trim_start_matches("First.\n").trim_end(), expected, "{kind} {nested}: {erased}");
                assert_eq!(mail.author.address.map(String::from).as_deref(), Some("grace@example.org"));
            }
        }
    }

    #[test]
    fn she_is_taken_out_of_headers_and_of_parts_that_are_not_read() {
        let raw = format!(
            "Return-Path: <bounces+ada=example.org@lists.example.org>\nFrom: =?utf-8?Q?Max_M=C3=BCller=2C_Jr?= <max@example.org>\n\
             To: devel@lists.example.org, =?utf-8?Q?Ada?= Lovelace\n <ADA@example.org>, \"Hopper, Grace\" <grace@example.org>\n\
             Subject: =?utf-8?B?{}?=\nDKIM-Signature: v=1; b=abc\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=b\n\nThis is for Ada Lovelace.\n--b\n\nHi\n--b\n\
             Content-Type: application/pdf; name=\"Ada Lovelace.pdf\"\nContent-Transfer-Encoding: base64\n\n{}\n--b\n\
             Content-Type: message/rfc822\n\nFrom: ada@example.org\nSubject: inner\n\nWords of Ada\n--b--\n",
            BASE64.encode("About Ada Lovelace".as_bytes()),
            BASE64.encode(b"%PDF by ada@example.org"),
        );
        let erased = erased(raw.as_bytes()).expect("she is in it");
        let lower = erased.to_lowercase();
        assert!(!lower.contains("ada") && !erased.contains("DKIM"), "{erased}");
        let mail = read(erased.as_bytes(), Timestamp::UNIX_EPOCH);
        assert_eq!(
            (mail.subject.as_str(), mail.author.name.as_deref()),
            ("About [erased]", Some("Max M\u{fc}ller, Jr"))
        );
        let to: Vec<String> = mail
            .to
            .iter()
            .map(|person| format!("{:?} {}", person.name, person.address.as_ref().map_or("", |a| a.as_str())))
            .collect();
        assert_eq!(
            to,
            [
                "None devel@lists.example.org",
                "Some(\"[erased]\") erased-7@erased.invalid",
                "Some(\"Hopper, Grace\") grace@example.org"
            ]
        );
        assert_eq!((mail.text.visible_text().as_str(), mail.attachments.len()), ("Hi\n[erased]", 1), "{erased}");
    }

    #[test]
    fn of_her_own_mail_the_thread_stays() {
        let raw = b"Received: from her.laptop.example.org\nFrom: Ada Lovelace <ada@example.org>\nTo: devel@lists.example.org\n\
            Subject: Re: [TOPIC] Console\nDate: Mon, 3 May 2027 10:58:00 +0200\nIn-Reply-To: <root@example.org>\n\
            Message-ID: <a1@example.org>\nX-Mailer: hers\nContent-Type: text/html\n\n<p>My own words</p>\n";
        let mail = read(raw, Timestamp::MAX);
        let stub = ada().own_mail(raw, &mail);
        assert_eq!(
            String::from_utf8(stub.clone()).unwrap(),
            "From: \"[erased]\" <erased-7@erased.invalid>\nSubject: Re: [TOPIC] Console\nMessage-ID: <a1@example.org>\n\
             To: devel@lists.example.org\nDate: Mon, 3 May 2027 10:58:00 +0200\nIn-Reply-To: <root@example.org>\n\
             Content-Type: text/plain; charset=utf-8\n\n[erased]\n"
        );
        let again = read(&stub, Timestamp::MAX);
        assert_eq!((again.at, again.parents(), again.message_id), (mail.at, mail.parents(), mail.message_id));
    }

    #[test]
    fn an_id_that_followed_from_the_words_stays_the_same() {
        let raw = b"From: Grace <grace@example.org>\nSubject: x\n\nAda Lovelace said so.\n";
        let before = read(raw, Timestamp::UNIX_EPOCH).message_id;
        let erased = erased(raw).expect("she is in it");
        assert_eq!(read(erased.as_bytes(), Timestamp::UNIX_EPOCH).message_id, before, "{erased}");
    }
}
