//! Which part of a mail is its text, and what the other parts are called.

use super::Text;
use super::header::tidy;
use super::mime::{Leaf, guarded};
use super::tail::is_footer;

/// Bytes of HTML that are turned into text; what stands beyond is not read.
const HTML_LIMIT: usize = 256_000;
/// Elements that may be open within each other: the converter's work grows with the depth.
const HTML_DEPTH: usize = 200;
/// Columns: so wide that no line is wrapped that its author did not wrap.
const HTML_WIDTH: usize = 1000;

/// What a mail's parts hold.
#[derive(Default)]
pub struct Body {
    pub text: Text,
    pub attachments: Vec<String>,
    pub flaws: Vec<String>,
}

/// The first text/plain that is neither attached nor a list's footer is the text; without one the first text/html.
pub fn body(leaves: Vec<Leaf>, first_in_thread: bool) -> Body {
    let inline = |leaf: &Leaf, kind: &str| leaf.kind == kind && !leaf.attached;
    let footer = |leaf: &Leaf| inline(leaf, "text/plain") && is_footer(&Text::plain(&leaf.text, false).lines);
    let footers: Vec<bool> = leaves.iter().map(footer).collect();
    let plain = (0..leaves.len()).find(|&at| inline(&leaves[at], "text/plain") && !footers[at]);
    let chosen = plain.or_else(|| leaves.iter().position(|leaf| inline(leaf, "text/html")));

    let mut body = Body::default();
    for (at, leaf) in leaves.into_iter().enumerate() {
        if Some(at) == chosen {
            body.text = text(&leaf, first_in_thread);
            body.flaws.extend(leaf.flaw);
        } else if !footers[at] && is_attachment(&leaf) {
            body.attachments.push(leaf.name.as_deref().map(tidy).filter(|name| !name.is_empty()).unwrap_or(leaf.kind));
            body.flaws.extend(leaf.flaw);
        }
    }
    body
}

fn text(leaf: &Leaf, first_in_thread: bool) -> Text {
    match leaf.flowed {
        _ if leaf.kind == "text/html" => {
            Text { from_html: true, ..Text::plain(&html_text(&leaf.text), first_in_thread) }
        }
        Some(delsp) => Text::flowed(&leaf.text, delsp, first_in_thread),
        None => Text::plain(&leaf.text, first_in_thread),
    }
}

/// Signatures, and the other renderings of the same text, are nothing that was attached.
fn is_attachment(leaf: &Leaf) -> bool {
    let signature = matches!(
        leaf.kind.as_str(),
        "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "text/rfc822-headers"
    );
    let other_form = !leaf.attached && (leaf.alternative || leaf.name.is_none()) && leaf.kind == "text/html"
        || leaf.alternative && leaf.kind == "text/plain" && !leaf.attached;
    !signature && !other_form
}

/// HTML as its reader sees it: quotes marked by `> `, links without their targets, nothing wrapped.
pub fn html_text(html: &str) -> String {
    let cut = &html[..html.floor_char_boundary(HTML_LIMIT)];
    let cut = &cut[..shallow(cut)];
    let config = html2text::config::rich().link_footnotes(false).raw_mode(true).allow_width_overflow();
    guarded(|| config.string_from_read(cut.as_bytes(), HTML_WIDTH).unwrap_or_default()).unwrap_or_default()
}

/// How much of the HTML stays within [`HTML_DEPTH`], by a count of tags that is never too low.
fn shallow(html: &str) -> usize {
    const VOID: [&str; 10] = ["br", "hr", "img", "meta", "link", "input", "col", "area", "wbr", "p"];
    let mut depth = 0usize;
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let closing = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if name.is_empty() || VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        if depth > HTML_DEPTH {
            return at;
        }
    }
    html.len()
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
        assert_eq!(read.text.visible_text(), "+1");
        assert_eq!(read.attachments, ["my notes.txt", "minutes.pdf", "message/rfc822", "text/plain"]);
    }

    #[test]
    fn a_signed_mail_reads_like_an_unsigned_one() {
        let signed = "Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: multipart/mixed; boundary=b; protected-headers=\"v1\"\n\
            Subject: inner\n\n--b\nContent-Type: text/plain\n\n+1\n--b--\n--s\nContent-Type: application/pgp-signature; name=\"signature.asc\"\n\nabc\n--s--\n";
        let read = mail(signed);
        assert_eq!(read.text.visible_text(), "+1");
        assert!(read.attachments.is_empty());
    }

    #[test]
    fn html_becomes_lines_with_quotes_marked() {
        let html = "In-Reply-To: <a@b>\nContent-Type: text/html\n\n<style>p{}</style><div>Attend: yes</div><div>see <a href=\"https://example.org/x\">here</a></div>\
            <!-- #session withdraw --><div>On Mon, 3 Jul 2017 at 10:00, Ada wrote:</div><blockquote>Scribe: me</blockquote>\n";
        assert_eq!(own(html), "Attend: yes\nsee here");
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
        ] {
            assert_eq!(own(&format!("Content-Type: {header}\n\n{body}\n")), "Grüße", "{header}");
        }
        assert_eq!(
            mail("Content-Type: text/plain; charset=fancy\n\nHi\n").flaws[0],
            "the charset `fancy` is unknown: read as UTF-8"
        );
        let latin = read(b"Content-Type: text/plain; charset=fancy\n\nGr\xfc\xdfe\n", Timestamp::UNIX_EPOCH);
        assert_eq!(latin.text.visible_text(), "Grüße");
        let unknown = mail("Content-Type: text/plain\nContent-Transfer-Encoding: x-strange\n\nabc\n");
        assert_eq!((unknown.text.visible_text().as_str(), unknown.attachments.len()), ("", 1));
    }
}
