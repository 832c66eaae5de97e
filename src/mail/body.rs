//! Which parts of a mail are its text, and what the other parts are called.

use super::html;
use super::mime::{ENCRYPTED, Leaf};
use super::text::is_footer;
use super::{Line, SpanKind, Text};
use memchr::memmem;

/// What a mail's parts hold.
#[derive(Default)]
pub struct Body {
    pub text: Text,
    pub attachments: Vec<String>,
    pub flaws: Vec<String>,
}

/// What a part is to the mail's reader.
#[derive(PartialEq, Eq)]
enum Role {
    Text,
    /// Goes on with the text.
    Further,
    Attachment,
    /// Another form of the text, its signature, a list's footer.
    Nothing,
}

/// The first text/plain that is neither attached nor a list's footer is the text; without one, or when it only says
/// that the mail is in HTML, the first text/html. Texts beside it go on with it: mailers that show a picture between
/// two paragraphs cut a text so. They are shown, but nothing in them acts: a list or a gateway may have put them there.
pub fn body(leaves: Vec<Leaf>, first_in_thread: bool) -> Body {
    let chosen = chosen(&leaves);
    let mut body = Body::default();
    for (at, leaf) in leaves.iter().enumerate() {
        let role = match chosen {
            Some(text) if text == at => Role::Text,
            Some(text) if text < at && goes_on(&leaves[text], leaf) && !is_footer_part(leaf) => Role::Further,
            _ if is_attachment(leaf) && !is_footer_part(leaf) => Role::Attachment,
            _ => Role::Nothing,
        };
        match role {
            Role::Text => body.text = body.read(leaf, first_in_thread),
            Role::Further => {
                let further = body.read(leaf, first_in_thread);
                append(&mut body.text, &further);
            }
            Role::Attachment => body.attachments.push(label(leaf)),
            Role::Nothing => {}
        }
        if role != Role::Nothing || leaf.kind == "application/pgp-encrypted" {
            body.flaws.extend(leaf.flaw.clone());
        }
    }
    body
}

fn chosen(leaves: &[Leaf]) -> Option<usize> {
    // A mail that is nothing but a text is its text, however it calls itself.
    let alone = leaves.len() == 1 && leaves[0].name.is_none();
    let first = |kinds: &[&str]| {
        let fits =
            |leaf: &Leaf| kinds.contains(&leaf.kind.as_str()) && (alone || !leaf.attached) && !leaf.legacy_display;
        leaves.iter().position(|leaf| fits(leaf) && (alone || !is_footer_part(leaf)))
    };
    let (plain, html) = (first(&["text/plain"]), first(&["text/html"]));
    let plain = plain.filter(|at| html.is_none() || !says_nothing(&leaves[*at].text));
    plain.or(html).or_else(|| first(&["text/markdown", "text/x-markdown", "text/enriched"]))
}

/// How programs that write only HTML fill the text part. Lower case.
const HTML_ONLY: [&str; 14] = [
    "not support html",
    "n't support html",
    "n't display html",
    "not display html",
    "html-capable",
    "html capable",
    "html-enabled",
    "html enabled",
    "html compatible",
    "view this email in html",
    "this is an html message",
    "this is an html email",
    "unterstützt kein html",
    "in html format",
];
/// Bytes of a text that says only that.
const EXCUSE: usize = 500;

fn says_nothing(text: &str) -> bool {
    let blank = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}');
    let excuse = || {
        let first = text.trim_start().lines().next().unwrap_or("").to_lowercase();
        HTML_ONLY.iter().any(|phrase| first.contains(phrase))
    };
    text.chars().all(blank) || text.len() <= EXCUSE && excuse()
}

/// Whether a part stands beside the text, without a name, as more of it.
fn goes_on(text: &Leaf, leaf: &Leaf) -> bool {
    let unnamed = leaf.name.is_none() && !leaf.attached && !leaf.legacy_display && !leaf.alternative;
    unnamed && leaf.parent == text.parent && leaf.kind == text.kind
}

/// Bytes of the longest footer.
const FOOTER: usize = 4096;

fn is_footer_part(leaf: &Leaf) -> bool {
    let short = leaf.kind == "text/plain" && !leaf.attached && leaf.text.len() <= FOOTER;
    short && is_footer(&leaf.text)
}

impl Body {
    /// The text of one part; what had to be mended goes to the flaws.
    fn read(&mut self, leaf: &Leaf, first_in_thread: bool) -> Text {
        let mut text = match leaf.flowed {
            _ if leaf.kind == "text/html" => {
                let (text, flaw) = from_html(&leaf.text, first_in_thread);
                self.flaws.extend(flaw.map(str::to_owned));
                text
            }
            Some(delsp) => Text::flowed(&leaf.text, delsp, first_in_thread),
            None => Text::plain(&leaf.text, first_in_thread),
        };
        if memmem::find(leaf.text.as_bytes(), ARMOR.as_bytes()).is_some() && hide_armor(&mut text) {
            self.flaws.push(ENCRYPTED.to_owned());
        }
        text
    }
}

const ARMOR: &str = "-----BEGIN PGP MESSAGE-----";

/// Inline OpenPGP: what is encrypted is nobody's words. Whether there was any outside of quotes.
fn hide_armor(text: &mut Text) -> bool {
    let (mut inside, mut found) = (false, false);
    text.mark_anew(|line| {
        let own = line.kind == SpanKind::Visible;
        inside |= own && line.text.trim_end() == ARMOR;
        found |= inside;
        let kind = if inside && own { SpanKind::Signature } else { line.kind };
        inside &= line.text.trim_end() != "-----END PGP MESSAGE-----";
        kind
    });
    found
}

/// The author's lines of a further part are shown like code: kept, and never acting.
fn append(text: &mut Text, further: &Text) {
    let above = text.height();
    for line in further.lines() {
        let kind = if line.kind == SpanKind::Visible { SpanKind::Code } else { line.kind };
        text.push(Line { first: line.first + above, last: line.last + above, kind, ..line });
    }
}

/// The words are read like any text; what the markup says of a line is stronger than what its words look like.
fn from_html(html: &str, first_in_thread: bool) -> (Text, Option<&'static str>) {
    let html = html::read(html);
    let mut text = Text::plain(&html.text, first_in_thread && !html.quotes);
    text.mark_anew(|line| html.known.get(line.first - 1).copied().flatten().unwrap_or(line.kind));
    text.from_html = true;
    (text, html.flaw)
}

/// Signatures, and the other renderings of the same text, are nothing that was attached.
fn is_attachment(leaf: &Leaf) -> bool {
    const NONE: [&str; 5] = [
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-encrypted",
        "text/rfc822-headers",
    ];
    let other_form = !leaf.attached && (leaf.alternative || leaf.name.is_none()) && leaf.kind == "text/html"
        || leaf.alternative && leaf.kind == "text/plain" && !leaf.attached;
    !NONE.contains(&leaf.kind.as_str()) && !other_form && !leaf.legacy_display
}

/// The name of a part, or what kind it is; of a mail within the mail, both.
fn label(leaf: &Leaf) -> String {
    match &leaf.name {
        Some(subject) if leaf.kind.starts_with("message/") => format!("{}: {subject}", leaf.kind),
        Some(name) => name.clone(),
        None => leaf.kind.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::Timestamp;
    use crate::mail::{Mail, read};

    fn mail(content: &str) -> Mail {
        read(format!("From: ada@example.org\nMIME-Version: 1.0\n{content}").as_bytes(), Timestamp::UNIX_EPOCH)
    }
    fn own(content: &str) -> String {
        mail(content).text.visible_text()
    }
    const FOOTER: &str =
        "_______________________________________________\nDevel mailing list\nhttps://example.org/listinfo/devel\n";

    #[test]
    fn text_wins_over_html_and_a_footer_part_is_nothing() {
        let alternative = "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>html</p>\n\
            --b\nContent-Type: text/plain\n\ntext\n--b--\n";
        let read = mail(alternative);
        assert_eq!((read.text.visible_text().as_str(), read.text.from_html), ("text", false));
        assert!(read.attachments.is_empty());

        let html = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>html</p>\n--b\n\n{FOOTER}--b--\n"
        );
        let read = mail(&html);
        assert_eq!((read.text.visible_text().as_str(), read.text.from_html), ("html", true));
        assert!(read.attachments.is_empty());
    }

    #[test]
    fn attachments_have_names_and_no_say() {
        let mixed = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n+1\n\
            --b\nContent-Disposition: attachment; filename*0*=UTF-8''my%20;\n filename*1=notes.txt\n\nAttend: yes\n\
            --b\nContent-Type: application/pdf; name=\"minutes.pdf\"\n\n%PDF\n\
            --b\nContent-Type: message/rfc822\n\nSubject: inner\n\n#session withdraw\n--b\n\nsecond text\n--b--\n";
        let read = mail(mixed);
        assert_eq!(read.text.visible_text(), "+1\nsecond text");
        let acting: Vec<&str> = read.text.visible().map(|line| line.text).collect();
        assert_eq!(acting, ["+1"], "a further part is shown, and does nothing");
        assert_eq!(read.attachments, ["my notes.txt", "minutes.pdf", "message/rfc822: inner"]);
    }

    fn multipart(kind: &str, parts: &[&str]) -> String {
        let parts: String = parts.iter().map(|part| format!("--b\n{part}\n")).collect();
        format!("Content-Type: multipart/{kind}; boundary=b\n\n{parts}--b--\n")
    }

    #[test]
    fn a_text_part_that_says_nothing_gives_way() {
        let with = |plain: &str| {
            own(&multipart(
                "alternative",
                &[&format!("Content-Type: text/plain\n\n{plain}\n"), "Content-Type: text/html\n\n<p>html</p>"],
            ))
        };
        assert_eq!(with(" \n\u{a0}\n"), "html");
        assert_eq!(with("Your e-mail client does not support HTML."), "html");
        assert_eq!(with("+1"), "+1");
        let long = format!("Mailers that do not support HTML are the topic. {}", "More of it. ".repeat(50));
        assert_eq!(with(&long), long.trim_end());
    }

    #[test]
    fn a_picture_between_two_texts_cuts_nothing_off() {
        let split = multipart(
            "mixed",
            &[
                "\nSee:\n",
                "Content-Type: image/png; name=plan.png\n\nxx",
                "\n> old\n#session withdraw\n",
                &format!("\n{FOOTER}"),
            ],
        );
        let read = mail(&format!("In-Reply-To: <a@b>\n{split}"));
        assert_eq!(read.text.visible_text(), "See:\n#session withdraw");
        assert!(read.text.visible().all(|line| !line.text.contains("withdraw")), "it is shown, and does not act");
        assert_eq!(read.attachments, ["plan.png"]);
    }

    #[test]
    fn a_signed_mail_reads_like_an_unsigned_one() {
        let signed = "Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: multipart/mixed; boundary=b; protected-headers=\"v1\"\n\
            Subject: inner\n\n--b\nContent-Type: text/plain\n\n+1\n--b--\n--s\nContent-Type: application/pgp-signature; name=\"signature.asc\"\n\nabc\n--s--\n";
        let read = mail(&format!("Subject: ...\n{signed}"));
        assert_eq!(read.text.visible_text(), "+1");
        assert!(read.attachments.is_empty());
        assert_eq!(read.subject, "inner", "a subject that only stands in is replaced");
        assert_eq!(mail(&format!("Subject: outer\n{signed}")).subject, "outer", "a real one is not");
        let legacy = signed.replace(
            "--b\nContent-Type: text/plain\n\n+1",
            "--b\nContent-Type: text/plain; protected-headers=\"v1\"\n\nSubject: inner\n\n--b\nContent-Type: text/plain\n\n+1",
        );
        let read = mail(&legacy);
        assert_eq!((read.text.visible_text().as_str(), read.attachments.len()), ("+1", 0), "never shown twice");
        let clear = "Content-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"\n\n--b\n\n+1\n\
            --b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nabc\n--b--\n";
        assert_eq!((own(clear).as_str(), mail(clear).attachments.len()), ("+1", 0));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let pgp = multipart(
            "encrypted",
            &[
                "Content-Type: application/pgp-encrypted\n\nVersion: 1",
                "Content-Type: application/octet-stream; name=encrypted.asc\n\nxx",
            ],
        );
        let read = mail(&pgp);
        assert_eq!((read.text.visible_text().as_str(), read.attachments), ("", vec!["encrypted.asc".to_owned()]));
        assert_eq!(read.flaws[0], "the mail is encrypted: it cannot be read");

        let inline = mail("\nHi\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n\nBye\n");
        assert_eq!(inline.text.visible_text(), "Hi\n\nBye");
        assert_eq!(inline.flaws[0], "the mail is encrypted: it cannot be read");

        for (kind, word) in [("signed-data", "clear-signed"), ("enveloped-data", "encrypted")] {
            let read =
                mail(&format!("Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\n\nMII\n"));
            assert!(read.flaws[0].contains(word) && read.attachments == ["smime.p7m"], "{:?}", read.flaws);
        }
    }

    #[test]
    fn other_parts_are_named() {
        let read = mail(&multipart(
            "mixed",
            &[
                "\n+1",
                "Content-Type: application/ms-tnef; name=winmail.dat\n\nxx",
                "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR",
                "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"=?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?=\"\n\nxx",
                "Content-Type: message/rfc822\n\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n\nHi",
            ],
        ));
        assert_eq!(read.text.visible_text(), "+1");
        assert_eq!(read.attachments, ["winmail.dat", "text/calendar", "Grüße.pdf", "message/rfc822: Grüße"]);
        let digest = mail(&multipart("digest", &["\nSubject: one\n\nAttend: yes", "\nSubject: two\n\n+1"]));
        assert_eq!(digest.text.visible_text(), "");
        assert_eq!(digest.attachments, ["message/rfc822: one", "message/rfc822: two"]);
        let partless = mail("Content-Type: multipart/mixed\n\n+1\n");
        assert_eq!((partless.text.visible_text().as_str(), partless.flaws.len() > 1), ("+1", true));
    }

    #[test]
    fn html_becomes_lines_with_quotes_marked() {
        let html = "In-Reply-To: <a@b>\nContent-Type: text/html\n\n<style>p{}</style><div>Attend: yes</div><div>see <a href=\"https://example.org/x\">here</a> too.</div>\
            <!-- #session withdraw --><div>On Mon, 3 Jul 2017 at 10:00, Ada wrote:</div><blockquote>Scribe: me</blockquote>\n";
        assert_eq!(own(html), "Attend: yes\nsee here <https://example.org/x> too.");
        let deep = format!("Content-Type: text/html\n\nhello{}x", "<div>".repeat(20_000));
        assert_eq!(own(&deep), "hello");
    }

    #[test]
    fn charsets_and_transfer_encodings() {
        for (header, body) in [
            ("text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable", "Gr=FC=DFe"),
            ("text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", "R3LDvMOfZQ=="),
            ("text/plain; charset=us-ascii", "Grüße"),
            ("text/plain; charset=fancy", "Grüße"),
            ("text/plain; charset=utf-7", "Gr+APwA3w-e"),
            ("text/plain; charset=\"utf-8;\"\nContent-Transfer-Encoding: base64;", "R3LDvMOfZQ"),
            ("text/plain; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable", "Gr=FC=\n=DFe"),
            ("text; charset=utf-8", "Grüße"),
            ("text/plain; charset=utf-8", "\u{feff}Grüße"),
        ] {
            assert_eq!(own(&format!("Content-Type: {header}\n\n{body}\n")), "Grüße", "{header}");
        }
        assert_eq!(
            mail("Content-Type: text/plain; charset=fancy\n\nHi\n").flaws[0],
            "the charset `fancy` is unknown: read as UTF-8"
        );
        let latin = read(b"Content-Type: text/plain; charset=fancy\n\nGr\xfc\xdfe\n", Timestamp::UNIX_EPOCH);
        assert_eq!(latin.text.visible_text(), "Grüße");
        let one_byte = read(
            "Content-Type: text/plain; charset=utf-8\n\nGrüße "
                .as_bytes()
                .iter()
                .chain(b"Gr\xfc\xdfe\n")
                .copied()
                .collect::<Vec<u8>>()
                .as_slice(),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(one_byte.text.visible_text(), "Grüße Grüße", "what fits stays as it is");
        let no_break =
            b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=A0=A0one\n";
        assert_eq!(read(no_break, Timestamp::UNIX_EPOCH).text.visible_text(), "\u{a0}\u{a0}one");
        for (charset, body) in
            [("gb2312", &b"\xbb\xe1\xd2\xe9"[..]), ("gb18030", b"\xbb\xe1\xd2\xe9"), ("big5", b"\xb7|\xc4\xb3")]
        {
            let raw = [format!("Content-Type: text/plain; charset={charset}\n\n").as_bytes(), body].concat();
            let expected = if charset == "big5" { "會議" } else { "会议" };
            assert_eq!(read(&raw, Timestamp::UNIX_EPOCH).text.visible_text(), expected, "{charset}");
        }
        let coded = "Content-Type: text/plain; charset=utf-7\n\nGr+APwA3w-e +APwA3w\n> quoted\n";
        assert_eq!(mail(coded).text.lines().count(), 2, "a coded run ends with its line");
        let letters =
            "Content-Type: text/plain; charset=iso-2022-jp\n\n\u{1b}$BF|K\nG\u{1b}(B\n\u{1b}$BF|K\\\u{1b}(B\n";
        assert!(own(letters).ends_with("日本"), "{}", own(letters));
        assert_eq!(own(letters), own(&letters.replace('\n', "\r\n")), "half a letter takes no line end with it");
        let open = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\nletters=\n--b--\n";
        assert_eq!((own(open).as_str(), own(&open.replace('\n', "\r\n")).as_str()), ("letters", "letters"));
        let footer = format!("Content-Transfer-Encoding: base64\n\nSGVsbG8K\n{FOOTER}");
        assert_eq!(own(&footer), "Hello", "a list adds its footer below what is encoded");
        let unknown = mail("Content-Type: text/plain\nContent-Transfer-Encoding: x-strange\n\nabc\n");
        assert_eq!((unknown.text.visible_text().as_str(), unknown.attachments.len()), ("", 1));
    }
}
