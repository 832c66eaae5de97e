//! HTML as its reader sees it, line by line: quotes marked with `> `, links with their targets, nothing wrapped.
//!
//! Only what mail programs say in their markup is decided here: where a quote, an attribution or a signature stands.
//! What can be seen in the words alone is the plain text engine's business, which reads what comes out of here.
//! Nothing of the HTML is ever shown as HTML.

mod marks;
mod page;
mod tokens;

use super::SpanKind;

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
    let whole = tokens::tokens(within).all(|token| page.take(token));
    let flaw = match (whole, within.len() < html.len()) {
        (false, _) => Some("the HTML is nested too deep: it is read up to there"),
        (true, true) => Some("the HTML is too long: its end is not read"),
        (true, false) => None,
    };
    Reading { flaw, ..page.finish() }
}
