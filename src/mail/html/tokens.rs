//! HTML as a stream of tags and text, the way browsers cut it (the tokenizer of the HTML standard, without its errors).
//!
//! It borrows from its input, builds no tree, and looks at each byte a fixed number of times: what an unclosed comment
//! or tag swallows is swallowed once. Attributes are read only when they are asked for.

use crate::mail::mime;

pub enum Token<'a> {
    /// Entities not yet decoded: see [`decode`].
    Text(&'a str),
    Open(Tag<'a>),
    /// The name, in whatever case it was written.
    Close(&'a str),
}

#[derive(Clone, Copy)]
pub struct Tag<'a> {
    pub name: &'a str,
    attributes: &'a str,
}

/// Elements whose content is neither markup nor shown.
const RAW: [&str; 6] = ["script", "style", "title", "iframe", "noframes", "noembed"];

pub struct Tokens<'a> {
    rest: &'a str,
}

pub fn tokens(html: &str) -> Tokens<'_> {
    Tokens { rest: html }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            if let Some(token) = self.step() {
                return Some(token);
            }
        }
        None
    }
}

impl<'a> Tokens<'a> {
    /// Takes what stands first. `None` for what nobody sees, such as a comment.
    fn step(&mut self) -> Option<Token<'a>> {
        let rest = self.rest;
        let Some(inner) = rest.strip_prefix('<') else {
            return Some(Token::Text(self.take(rest.find('<').unwrap_or(rest.len()))));
        };
        if let Some(comment) = inner.strip_prefix("!--") {
            // `<!-->` and `<!--->` are whole comments.
            let short = ["->", ">"].iter().find(|end| comment.starts_with(**end)).map(|end| end.len());
            let end = short.or_else(|| comment.find("-->").map(|at| at + 3));
            self.take(end.map_or(rest.len(), |end| end + 4));
            return None;
        }
        let closing = inner.starts_with('/');
        let named = inner.strip_prefix('/').unwrap_or(inner);
        if !named.starts_with(|c: char| c.is_ascii_alphabetic()) {
            if closing || inner.starts_with(['!', '?']) {
                self.take(rest.find('>').map_or(rest.len(), |at| at + 1));
                return None;
            }
            let text = inner.find('<').map_or(rest.len(), |at| at + 1);
            return Some(Token::Text(self.take(text)));
        }
        let name = &named[..named.find(|c: char| c.is_ascii_whitespace() || "/>".contains(c)).unwrap_or(named.len())];
        let head = 1 + usize::from(closing) + name.len();
        let length = head + attributes_end(&rest[head..]);
        let tag = self.take(length);
        if is_no_tag(name) {
            return Some(Token::Text(tag));
        }
        if closing {
            return Some(Token::Close(name));
        }
        if RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            self.take(raw_end(self.rest, name));
            return None;
        }
        Some(Token::Open(Tag { name, attributes: &tag[head..] }))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// `<ada@example.org>` and `<https://…>`, which careless mailers put between tags as they stand.
fn is_no_tag(name: &str) -> bool {
    name.contains('@') || name.ends_with(':') && !name.contains(' ')
}

/// Where a tag ends, its `>` included. A `>` in a quoted value ends nothing.
fn attributes_end(text: &str) -> usize {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (None, _) => {}
        }
        after_equals = byte == b'=' || after_equals && byte.is_ascii_whitespace();
    }
    text.len()
}

/// Where the raw content of an element ends: at its closing tag.
fn raw_end(text: &str, name: &str) -> usize {
    let closes = |at: &usize| {
        let behind = &text.as_bytes()[*at + 2..];
        behind.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    text.match_indices("</").map(|(at, _)| at).find(closes).unwrap_or(text.len())
}

impl<'a> Tag<'a> {
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Names and values as written, entities not decoded.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.attributes.strip_suffix('>').unwrap_or(self.attributes);
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            // A `=` in front belongs to the name.
            let mut behind_first = rest.char_indices().skip(1);
            let end = behind_first.find(|(_, c)| c.is_ascii_whitespace() || "/=".contains(*c)).map(|(at, _)| at);
            let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let Some(value) = behind.trim_ascii_start().strip_prefix('=') else {
                rest = behind;
                return Some((name, ""));
            };
            let value = value.trim_ascii_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let inner = quote.map_or(value, |_| &value[1..]);
            let end = match quote {
                Some(quote) => inner.find(quote),
                None => inner.find(|c: char| c.is_ascii_whitespace()),
            };
            let (value, behind) = inner.split_at(end.unwrap_or(inner.len()));
            rest = quote.and_then(|quote| behind.strip_prefix(quote)).unwrap_or(behind);
            Some((name, value))
        })
    }

    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The longest name of an entity has 31 characters.
const ENTITY_LENGTH: usize = 34;
/// Entities that old pages write without their `;`.
const BARE: [(&str, char); 5] = [("nbsp", '\u{a0}'), ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"')];

/// Text with its entities decoded, added to `into`.
pub fn decode(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        into.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(ENTITY_LENGTH).position(|byte| byte == b';');
        let bare = || BARE.iter().find(|(name, _)| rest[1..].starts_with(name));
        match end.and_then(|end| mime::entity(&rest[..=end])) {
            Some(decoded) => {
                into.push(decoded);
                rest = &rest[end.map_or(1, |end| end + 1)..];
            }
            None if let Some((name, decoded)) = bare() => {
                into.push(*decoded);
                rest = &rest[1 + name.len()..];
            }
            None => {
                into.push('&');
                rest = &rest[1..];
            }
        }
    }
    into.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        let one = |token: Token| match token {
            Token::Text(text) => {
                let mut decoded = String::new();
                decode(text, &mut decoded);
                decoded
            }
            Token::Open(tag) => {
                let attributes: String = tag.attributes().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("[{}{attributes}]", tag.name)
            }
            Token::Close(name) => format!("[/{name}]"),
        };
        tokens(html).map(one).collect()
    }

    #[test]
    fn tags_are_cut_as_browsers_cut_them() {
        for (html, expected) in [
            ("a<b>c</b >d", "a[b]c[/b]d"),
            ("<a href=\"x>y\" title='1' id=z checked>t", "[a href=x>y title=1 id=z checked=]t"),
            ("<br/><img src = x/>", "[br][img src=x/]"),
            ("1 < 2 <3", "1 < 2 <3"),
            ("a<!-- <b> --->b<!-->c<![if x]>d<?xml?>e</>f", "abcdef"),
            ("<style>a<b</style>x<SCRIPT>\"</a>\"</script>y", "[/style]x[/script]y"),
            ("Ada <ada@example.org> <https://example.org/x>", "Ada <ada@example.org> <https://example.org/x>"),
            ("a<!-- never closed", "a"),
            ("a<b never closed", "a[b never= closed=]"),
            ("<p é=1 ü>", "[p é=1 ü=]"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn entities() {
        assert_eq!(shown("&lt;a&gt; &amp;amp; &eacute;&#233;&#xE9; &#146;"), "<a> &amp; ééé ’");
        assert_eq!(
            shown("a&b &nosuch; &; &copy=1 x&nbsp y &#xffffffff;"),
            "a&b &nosuch; &; &copy=1 x\u{a0} y \u{fffd}"
        );
    }
}
