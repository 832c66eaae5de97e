//! HTML as a stream of tags and text, cut as the HTML standard has it: html5gum's work, and here only what mail asks
//! beyond it.
//!
//! An address or a URL that a careless mailer put between `<` and `>` is text as it stands, not a tag. No tree is built:
//! what an element means is the page's business.

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Error, Span, State, StringReader, Tokenizer, naive_next_state};

#[derive(Debug, PartialEq)]
pub enum Token {
    /// Never empty; entities are decoded.
    Text(String),
    Open(Tag),
    /// The name, in lower case.
    Close(String),
    /// The HTML ends in the middle of a tag or a comment, which swallowed what was there. Text from before it may follow.
    Cut,
}

/// A tag that opens an element. Names are in lower case, values as they are meant, entities decoded.
#[derive(Debug, Default, PartialEq)]
pub struct Tag {
    pub name: String,
    /// In the order they stand. Of the same name twice, the first one counts.
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

pub struct Tokens<'a>(Tokenizer<StringReader<'a>, CallbackEmitter<Cutter<'a>, Token, usize>>);

pub fn tokens(html: &str) -> Tokens<'_> {
    Tokens(Tokenizer::new_with_emitter(html, CallbackEmitter::new(Cutter { html, tag: Tag::default(), from: 0 })))
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let Ok(token) = self.0.next()?;
        if let Token::Open(tag) = &token
            && let Some(state) = content(&tag.name)
        {
            self.0.set_state(state);
        }
        Some(token)
    }
}

/// How the content of an element is cut that holds no tags. `<noscript>` does hold them: no mail program runs scripts.
fn content(name: &str) -> Option<State> {
    if name == "noscript" { None } else { naive_next_state(name.as_bytes()) }
}

/// Makes our tokens of html5gum's events.
struct Cutter<'a> {
    html: &'a str,
    /// The opening tag that is being read.
    tag: Tag,
    /// Where it begins.
    from: usize,
}

impl Callback<Token, usize> for Cutter<'_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<Token> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.from = span.start;
                self.tag.name = owned(name);
            }
            CallbackEvent::AttributeName { name } => self.tag.attributes.push((owned(name), String::new())),
            CallbackEvent::AttributeValue { value } => {
                if let Some((_, last)) = self.tag.attributes.last_mut() {
                    *last = owned(value);
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                let tag = std::mem::take(&mut self.tag);
                let written = self.html.get(self.from..span.end).filter(|_| is_no_tag(&tag.name));
                return Some(written.map_or(Token::Open(tag), |written| Token::Text(decoded(written))));
            }
            CallbackEvent::EndTag { name } => {
                self.tag.attributes.clear();
                return Some(Token::Close(owned(name)));
            }
            CallbackEvent::String { value } => return Some(Token::Text(owned(value))),
            CallbackEvent::Error(Error::EofInTag | Error::EofInComment) => return Some(Token::Cut),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None
    }
}

/// What was cut out of a string is UTF-8, too.
fn owned(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `<ada@example.org>` and `<https://…>`, by what the tokenizer takes for a name.
fn is_no_tag(name: &str) -> bool {
    name.contains('@') || name.ends_with(':')
}

/// Text as it stands, its `<` included, with its entities decoded.
fn decoded(text: &str) -> String {
    let Tokens(mut tokenizer) = tokens(text);
    // The content of an element that nothing can close, since nothing opened it.
    tokenizer.set_state(State::RcData);
    let texts = tokenizer.filter_map(|token| match token {
        Ok(Token::Text(text)) => Some(text),
        Ok(_) => None,
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(html: &str) -> String {
        let one = |token: Token| match token {
            Token::Text(text) => text,
            Token::Open(tag) => {
                let attributes: String =
                    tag.attributes.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("[{}{attributes}]", tag.name)
            }
            Token::Close(name) => format!("[/{name}]"),
            Token::Cut => "[cut]".to_owned(),
        };
        tokens(html).map(one).collect()
    }

    #[test]
    fn tags_are_cut_as_browsers_cut_them() {
        for (html, expected) in [
            ("a<b>c</b >d", "a[b]c[/b]d"),
            ("<A HREF=\"x>y\" title='1' id=z checked>t</A x=y><p>", "[a href=x>y title=1 id=z checked=]t[/a][p]"),
            ("<br/><img src = x/>", "[br][img src=x/]"),
            ("1 < 2 <3", "1 < 2 <3"),
            ("a<!-- <b> --->b<!-->c<![if x]>d<?xml?>e</>f", "abcdef"),
            (
                "<style>a<b</style>x<SCRIPT>\"</a>\"</script>y<noscript><p>z",
                "[style]a<b[/style]x[script]\"</a>\"[/script]y[noscript][p]z",
            ),
            ("a<!-- never closed", "a[cut]"),
            ("a<b never closed", "a[cut]"),
            ("a<b", "[cut]a"),
            ("<p é=1 ü><é", "[p é=1 ü=]<é"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn an_address_between_angle_brackets_is_text() {
        for text in ["Ada <Ada@Example.org> <https://example.org/x?A=\"1\"\r\n&b>.", "é\r\n\r\0<a@é </title>"] {
            assert_eq!(shown(text), text.replace("\r\n", "\n").replace('\r', "\n"));
        }
        assert_eq!(shown("<https://example.org/?a=1&amp;b=2>"), "<https://example.org/?a=1&b=2>");
    }

    #[test]
    fn entities() {
        assert_eq!(shown("&lt;a&gt; &amp;amp; &eacute;&#233;&#xE9; &#146;"), "<a> &amp; ééé ’");
        assert_eq!(shown("a&b &nosuch; &; x&nbsp y &#xffffffff;"), "a&b &nosuch; &; x\u{a0} y \u{fffd}");
        assert_eq!(shown("&copy=1<a href='?a&copy=1&amp;b'>"), "©=1[a href=?a&copy=1&b]");
    }

    proptest! {
        #[test]
        fn what_is_no_tag_comes_out_whole(before in "(<b>|&amp;|\r\n|\r|\n|\0|é|<!|-->|\\PC){0,9}", inner in "[a-z]@[a-z]( [^>\"'&\r\0]{0,9})?") {
            let text = format!("<{inner}>");
            let found = shown(&format!("{before}-->{text}"));
            prop_assert!(found.ends_with(&text), "{found:?}");
        }
    }
}
