//! HTML as its reader sees it, line by line: quotes marked with `> `, links with their targets, nothing wrapped.
//!
//! Only what mail programs say in their markup is decided here: where a quote, an attribution or a signature stands.
//! What can be seen in the words alone is the plain text engine's business, which reads what comes out of here.
//! Nothing of the HTML is ever shown as HTML.

mod lines;
mod link;
mod marks;
mod page;
mod tokens;

use super::SpanKind;
use tokens::{Token, tokens};

/// Bytes of HTML that are turned into text.
const LIMIT: usize = 256_000;

/// An HTML text as lines.
#[derive(Default)]
pub struct Reading {
    pub text: String,
    /// For each line of the text what its markup says it is, if it says.
    pub known: Vec<Option<SpanKind>>,
    /// The markup says that another mail is quoted: `> ` is no sign of the author's own then.
    pub quotes: bool,
    /// Why not all of it was read.
    pub flaw: Option<&'static str>,
}

/// Reads HTML. Linear in its length; what stands beyond the limit, or too deep, is not read.
pub fn read(html: &str) -> Reading {
    let within = &html[..html.floor_char_boundary(LIMIT)];
    let mut page = page::Page::default();
    let mut cut = false;
    let whole = tokens(within).inspect(|token| cut |= *token == Token::Cut).all(|token| page.take(token));
    let flaw = match (whole, within.len() < html.len()) {
        (false, _) => Some("the HTML is nested too deep: it is read up to there"),
        (true, true) => Some("the HTML is too long: its end is not read"),
        (true, false) if cut => {
            Some("the HTML ends in the middle of a tag or a comment: what stands in it is not read")
        }
        (true, false) => None,
    };
    Reading { flaw, ..page.finish() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::mail::{Mail, read as read_mail};
    use proptest::prelude::*;

    fn mail(header: &str, html: &str) -> Mail {
        let raw = format!("From: ada@example.org\n{header}Content-Type: text/html; charset=utf-8\n\n{html}\n");
        read_mail(raw.as_bytes(), Timestamp::UNIX_EPOCH)
    }
    /// The author's words in a reply, without blank lines.
    fn own(html: &str) -> String {
        let text = mail("In-Reply-To: <a@b>\n", html).text.visible_text();
        text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
    }
    fn lines(html: &str) -> Vec<String> {
        read(html).text.lines().map(str::to_owned).collect()
    }

    /// What each program makes of `+1`, the quoted line `Attend: yes`, and, where it is written between quotes, `Bye`.
    #[test]
    fn every_program_marks_what_it_quotes() {
        for (program, html) in [
            (
                "Gmail",
                r#"<div dir="ltr">+1</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Ada, 3 lipca:<br></div><blockquote class="gmail_quote" style="border-left:1px solid #ccc">Attend: yes</blockquote></div>"#,
            ),
            (
                "Gmail, without a blockquote",
                r#"+1<div class="gmail_quote"><div>3 lipca Ada:</div><div>Attend: yes</div></div>"#,
            ),
            (
                "Thunderbird",
                r#"<p>+1</p><div class="moz-cite-prefix">Ada, 3. heinäkuuta<br></div><blockquote type="cite" cite="mid:a@b"><pre class="moz-quote-pre">Attend: yes
</pre></blockquote>"#,
            ),
            (
                "Apple Mail",
                r#"<html><body>+1<br><div><blockquote type="cite"><div>Ada, 3 juli:</div><br class="Apple-interchange-newline"><div>Attend: yes</div></blockquote></div></body></html>"#,
            ),
            (
                "Yahoo",
                r#"<div>+1</div><div id="ydp1yahoo_quoted_2" class="ydp1yahoo_quoted"><div>Ada, 3 juli:</div><div>Attend: yes</div></div>"#,
            ),
            (
                "Outlook 2007",
                r#"<div class=WordSection1><p class=MsoNormal>+1<o:p></o:p></p><div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Fra:</b> Ada</p></div><p class=MsoNormal>Attend: yes</p></div>"#,
            ),
            (
                "Outlook 2013",
                r#"<p class=MsoNormal>+1</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Von:</b> Ada</p></div></div><p class=MsoNormal>Attend: yes</p>"#,
            ),
            (
                "Outlook 2003",
                r#"<div>+1</div><div style='border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt'><p class=MsoNormal>Attend: yes</p></div>"#,
            ),
            (
                "Outlook on the web",
                r#"<div>+1</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>Lähettäjä:</b> Ada</div><div>Attend: yes</div>"#,
            ),
            (
                "Outlook on a telephone",
                r#"<div>+1</div><div id="ms-outlook-mobile-signature">Get it</div><div id="mail-editor-reference-message-container"><hr><div>Ada</div><div>Attend: yes</div></div>"#,
            ),
            (
                "Outlook for Mac",
                r#"<div>+1</div><span id="OLK_SRC_BODY_SECTION"><div>From: Ada</div><div>Attend: yes</div></span>"#,
            ),
            (
                "Windows Mail",
                r#"<div>+1</div><div data-signatureblock="true">Ada</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;"><b>Da:</b> Ada</div><div>Attend: yes</div>"#,
            ),
            ("Hotmail", r#"<div>+1<hr id="stopSpelling">Date: Mon<br>Attend: yes</div>"#),
            (
                "Zimbra",
                r#"<div>+1</div><div><br></div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>De: </b>Ada</div><div data-marker="__QUOTED_TEXT__">Attend: yes</div>"#,
            ),
            (
                "Proton",
                r#"<div>+1</div><div class="protonmail_signature_block"><div>Sent with it</div></div><div class="protonmail_quote">Ada, 3 juli<br><blockquote class="protonmail_quote" type="cite">Attend: yes</blockquote></div>"#,
            ),
            (
                "GMX",
                r#"<div>+1</div><div name="quote" style="border-left:2px solid #C3D9E5;"><div><b>Von:</b> Ada</div><div name="quoted-content">Attend: yes</div></div>"#,
            ),
            (
                "Roundcube",
                r#"<p>+1</p><p id="reply-intro">Ada, 3 juli:</p><blockquote type="cite">Attend: yes</blockquote>"#,
            ),
            (
                "Fastmail",
                r#"<div>+1</div><div>Ada, 3 juli:</div><blockquote type="cite" id="qt">Attend: yes</blockquote>"#,
            ),
            (
                "Spark",
                r#"<div name="messageBodySection">+1</div><div name="messageSignatureSection">Ada</div><div name="messageReplySection">Ada, 3 juli:<blockquote>Attend: yes</blockquote></div>"#,
            ),
            (
                "Mail.ru",
                r#"<p>+1</p>Ada:<br><blockquote style="border-left:1px solid #0857A6; margin:10px;"><div>Attend: yes</div></blockquote>"#,
            ),
            ("NetEase", r#"<div>+1</div><blockquote id="isReplyContent"><div>Attend: yes</div></blockquote>"#),
        ] {
            let own = own(html);
            assert!(own.starts_with("+1") && !own.contains("Attend"), "{program}: {own}");
            assert!(!mail("", html).text.visible_text().contains("Attend"), "{program}, where nothing is answered");
        }
    }

    #[test]
    fn what_stands_between_quotes_is_the_authors() {
        let gmail = r#"<div class="gmail_quote"><div class="gmail_attr">On Mon, Ada wrote:<br></div><blockquote class="gmail_quote">One?</blockquote><div>Yes.</div><blockquote class="gmail_quote">Two?</blockquote><div>No.</div></div><div>Bye</div>"#;
        assert_eq!(own(gmail), "Yes.\nNo.\nBye");
        let cited = "<p>Hi,</p><blockquote type=cite>One?<blockquote type=cite>deeper</blockquote></blockquote><p>Yes.</p><blockquote type=cite>Two?</blockquote>No.";
        assert_eq!(own(cited), "Hi,\nYes.\nNo.");
        assert_eq!(lines(cited)[2..=4], ["> One?", ">", ">> deeper"]);
    }

    #[test]
    fn a_bare_blockquote_above_the_quoted_mail_is_indentation() {
        let rest = "<div>On 3 Jul 2017, at 10:00, Ada wrote:</div><blockquote>Old</blockquote>";
        assert_eq!(
            own(&format!("See:<br>mine<blockquote>Attend: yes</blockquote>{rest}")),
            "See:\nmine\n    Attend: yes"
        );
        assert_eq!(own("Hello<blockquote>Attend: yes</blockquote>Bye"), "Hello\nBye", "alone, it is a quote");
        assert_eq!(own("Ada said:<blockquote>Attend: yes</blockquote>Bye"), "Ada said:\nBye");
        let button = r#"Look<blockquote class="gmail_quote" style="border-left:1px solid">words</blockquote>"#;
        assert_eq!(own(button), "Look\n    words");
        let indented = r#"Look<blockquote style="margin:0 0 0 40px;border:none;padding:0px">words</blockquote>"#;
        assert_eq!(own(indented), "Look\n    words");
    }

    #[test]
    fn signatures_end_where_their_element_ends() {
        let html = r#"+1<br>-- <br><div class="gmail_signature">Ada<br>Attend: yes</div>"#;
        assert_eq!(own(html), "+1");
        assert_eq!(
            own(r#"+1<pre class="moz-signature" cols="72">-- 
Ada</pre>"#),
            "+1"
        );
        assert_eq!(own(r#"+1<div id="Signature">Attend: yes</div><div>P.S. me too</div>"#), "+1\nP.S. me too");
        assert_eq!(lines("a<br>-- <br>b"), ["a", "-- ", "b"]);
    }

    #[test]
    fn only_what_is_shown_is_read() {
        let html = r#"<head><title>T</title><style>p{}</style></head><body><!-- #session withdraw --><div style="display:none; max-height:0">preview<div>of it</div></div>
            <script>"</div>"</script><p hidden>h</p><span style="VISIBILITY: hidden">v</span><template>t</template>+1</body>"#;
        assert_eq!(own(html), "+1");
    }

    #[test]
    fn links_keep_their_targets() {
        for (html, expected) in [
            (
                "see <a href='https://example.org/x?a=1&amp;b=2'>the <b>notes</b></a>.",
                "see the notes <https://example.org/x?a=1&b=2>.",
            ),
            ("<a href='https://example.org/x/'>example.org/x</a>", "example.org/x"),
            ("<a href='https://gateway.example.net/?u=1'>https://example.org/x</a>", "https://example.org/x"),
            (
                "<a href='https://example.org/a/long/one'>https://example.org/a…</a>",
                "https://example.org/a… <https://example.org/a/long/one>",
            ),
            (
                "<a href='mailto:ada@example.org?subject=x'>Ada</a> &lt;<a href='mailto:ada@example.org'>ada@example.org</a>&gt;",
                "Ada <ada@example.org> <ada@example.org>",
            ),
            (
                "<a href='javascript:alert(1)'>x</a> <a href='#top'>y</a> <a href='https://example.org/'><img src=z></a>",
                "x y",
            ),
        ] {
            assert_eq!(lines(html), [expected], "{html}");
        }
    }

    #[test]
    fn lines_stand_as_they_are_seen() {
        for (html, expected) in [
            ("<div>a</div><div>b<br></div><div><br></div><div>c</div>", "a|b||c"),
            (
                "<p>a</p><p>b</p>\n\n<p class=MsoNormal>c</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>d</p>",
                "a||b||c||d",
            ),
            ("<p style='margin: 0'>a</p><p style='margin:0px'>b</p>", "a|b"),
            ("  a \n b<b> c</b><i>d</i>\n", "a b cd"),
            (
                "<ul><li>a<li><p>b</p><ul><li>c</ul></ul><ol start=3><li>d</li><li></li><li>e</ol>f",
                "* a|* b||  * c||3. d|5. e||f",
            ),
            ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "* a|  * b|* c"),
            ("<table><tr><td>Title:<td>Slots</tr><tr><td><div>a</div><td>b</table>", "Title:\tSlots|a|b"),
            ("<h2>Decisions</h2>one<h3></h3>two", "## Decisions||one||two"),
            ("<pre>a\n  b</pre><div style='white-space:pre-wrap'>c\n  d</div>", "a|  b||c|  d"),
            ("a<hr>b", "a|________________________________|b"),
            ("a&nbsp;&nbsp;b &#x1F600;<img alt='🙂' src=x><img alt='Logo' src=y>", "a  b 😀🙂"),
            ("a<b>b</div>c</b>", "abc"),
        ] {
            assert_eq!(lines(html).join("|"), expected, "{html}");
        }
    }

    #[test]
    fn it_has_bounds_and_says_so() {
        let deep = read(&format!("hello{}x", "<div>".repeat(20_000)));
        assert_eq!(
            (deep.text.as_str(), deep.flaw),
            ("hello\n", Some("the HTML is nested too deep: it is read up to there"))
        );
        let long = read(&"a<br>".repeat(LIMIT));
        assert!(long.text.len() < LIMIT && long.flaw.is_some());
        let marks = read(&format!("{}{}", "<blockquote>".repeat(150), "x<br>".repeat(1000)));
        assert!(marks.text.len() < 20_000, "{}", marks.text.len());
        assert_eq!(read(&"<p>a".repeat(1000)).flaw, None, "paragraphs need not be closed");
        for cut in ["hello <b", "hello <a href=\"x>there</a>", "hello <!-- there"] {
            let cut = read(cut);
            assert_eq!(cut.text, "hello\n");
            assert!(cut.flaw.is_some_and(|flaw| flaw.contains("middle of a tag or a comment")), "{:?}", cut.flaw);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_each_line_known_or_not(html in "(<|>|</|<div |<blockquote>|class=|\"gmail_quote\"|style='|display:none|<br>|<li>|<td>|<a href=|&|;|é|\\PC){0,60}") {
            let reading = read(&html);
            prop_assert_eq!(reading.text.lines().count(), reading.known.len());
        }
    }
}
