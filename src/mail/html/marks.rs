//! What mail programs write into their HTML to say: here a quote begins, this is a signature. One table, and the
//! question it answers.
//!
//! A mark stands for what its program means by it. Classes that other programs copy into their own text do not belong
//! here: what is marked as a quote is not heard.

use super::tokens::Tag;

/// What an element is, as far as its attributes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// All within is quoted.
    Quote,
    /// Holds an answered mail. Its quotes are its own `<blockquote>`s, and what stands between these answers them;
    /// without such a blockquote all of it is quoted.
    Frame,
    /// From here to the end of the mail all is quoted.
    Rest,
    /// A blockquote that sets off the author's own words.
    Own,
    Attribution,
    Signature,
    /// Not shown.
    Hidden,
    /// White space stands as it is written.
    Preformatted,
}
use Means::*;

/// How an attribute's value is compared, always without regard to case.
#[derive(Clone, Copy)]
enum Value {
    /// All of it.
    Is(&'static str),
    /// One of its words.
    Word(&'static str),
    /// One of its words ends so: prefixes are made up for each mail.
    Suffix(&'static str),
    Prefix(&'static str),
    Any,
}
use Value::*;

type Mark = (&'static str, Value, Means);

/// Attribute, value, meaning. The first that fits counts.
const MARKS: &[Mark] = &[
    ("hidden", Any, Hidden),
    // Gmail, and programs that write like it.
    ("class", Word("gmail_quote"), Frame),
    ("class", Word("gmail_quote_container"), Frame),
    ("class", Word("gmail_attr"), Attribution),
    ("class", Word("gmail_signature_prefix"), Signature),
    ("class", Word("gmail_signature"), Signature),
    // Thunderbird, SeaMonkey, Betterbird
    ("class", Word("moz-cite-prefix"), Attribution),
    ("class", Word("moz-forward-container"), Quote),
    ("class", Word("moz-signature"), Signature),
    // Yahoo, AOL
    ("class", Suffix("yahoo_quoted"), Quote),
    // Proton, Tuta
    ("class", Word("protonmail_quote"), Frame),
    ("class", Word("protonmail_signature_block"), Signature),
    ("class", Word("tutanota_quote"), Quote),
    // Outlook: on the web, on telephones, for Mac, and Hotmail before it
    ("id", Is("appendonsend"), Rest),
    ("id", Is("divRplyFwdMsg"), Rest),
    ("id", Is("stopSpelling"), Rest),
    ("id", Is("mail-editor-reference-message-container"), Quote),
    ("class", Word("ms-outlook-mobile-reference-message"), Rest),
    ("id", Is("ms-outlook-mobile-signature"), Signature),
    ("id", Is("Signature"), Signature),
    ("id", Prefix("OLK_SRC_BODY_SECTION"), Quote),
    ("id", Is("MAC_OUTLOOK_ATTRIBUTION_BLOCKQUOTE"), Quote),
    // Windows Mail
    ("data-signatureblock", Any, Signature),
    // Zimbra
    ("id", Is("zwchr"), Rest),
    ("data-marker", Is("__DIVIDER__"), Rest),
    ("data-marker", Is("__HEADERS__"), Quote),
    ("data-marker", Is("__QUOTED_TEXT__"), Quote),
    ("data-marker", Is("__SIG_PRE__"), Signature),
    ("data-marker", Is("__SIG_POST__"), Signature),
    // Roundcube
    ("id", Is("reply-intro"), Attribution),
    ("id", Prefix("forwardbody"), Quote),
    // GMX, web.de
    ("name", Is("quote"), Quote),
    // Spark
    ("name", Is("messageReplySection"), Quote),
    ("name", Is("messageSignatureSection"), Signature),
    // Fastmail
    ("id", Is("qt"), Quote),
    // Evolution
    ("class", Word("-x-evo-signature-wrapper"), Signature),
    // NetEase, QQ
    ("id", Is("isReplyContent"), Quote),
    ("id", Is("isForwardContent"), Quote),
    // Zoho, Samsung, Mailspring, Front, HEY, Missive
    ("class", Word("zmail_extra"), Quote),
    ("id", Is("composer_signature"), Signature),
    ("class", Word("nylas-quote"), Quote),
    ("class", Word("front-blockquote"), Quote),
    ("class", Word("hey-quote"), Quote),
    ("class", Word("missive_quote"), Frame),
];

/// What counts on a `<blockquote>` before everything else.
const CITED: &[Mark] = &[("type", Is("cite"), Quote), ("cite", Any, Quote)];

/// Without `gmail_quote` around it, this is what Gmail's quote button writes: see `Page::blockquote`.
const BLOCKQUOTES: &[Mark] = &[("class", Word("gmail_quote"), Own)];

/// A property of a style attribute, its value, and the meaning.
const STYLES: &[Mark] = &[
    ("display", Is("none"), Hidden),
    ("visibility", Is("hidden"), Hidden),
    ("mso-hide", Is("all"), Hidden),
    ("max-height", Is("0"), Hidden),
    ("max-height", Is("0px"), Hidden),
    ("opacity", Is("0"), Hidden),
    // Outlook draws a line above the header of the mail it answers, in one of two colours …
    ("border-top", Prefix("solid #b5c4df"), Rest),
    ("border-top", Prefix("solid #e1e1e1"), Rest),
    // … Windows Mail in its own, and Outlook for those who set a line beside each quote.
    ("border-top-color", Is("rgb(229, 229, 229)"), Rest),
    ("border-left", Prefix("solid blue 1.5pt"), Quote),
    ("white-space", Prefix("pre"), Preformatted),
];

/// Styles that count on a `<blockquote>` alone: a line at its left says quote, no border at all indentation.
const BLOCKQUOTE_STYLES: &[Mark] = &[
    ("border", Is("none"), Own),
    ("border-left", Is("none"), Own),
    ("border-left", Prefix("0"), Own),
    ("border-left", Any, Quote),
    ("border-left-width", Any, Quote),
];

/// What the attributes of an element say of it: that it is hidden, or else the first thing they say.
pub fn means(tag: &Tag) -> Option<Means> {
    let (marks, styles) = if tag.is("blockquote") { (BLOCKQUOTES, BLOCKQUOTE_STYLES) } else { (&[][..], &[][..]) };
    let mut found = None;
    for (name, value) in &tag.attributes {
        let means = match name == "style" {
            true => declarations(value).find_map(|(property, value)| pick(STYLES, styles, property, value)),
            false if !marks.is_empty() && pick(CITED, &[], name, value).is_some() => return Some(Quote),
            false => pick(marks, MARKS, name, value),
        };
        if means == Some(Hidden) {
            return means;
        }
        found = found.or(means);
    }
    found
}

fn pick(first: &[Mark], then: &[Mark], name: &str, value: &str) -> Option<Means> {
    let fits = |mark: &&Mark| name.eq_ignore_ascii_case(mark.0) && mark.1.fits(value);
    first.iter().chain(then).find(fits).map(|mark| mark.2)
}

impl Value {
    fn fits(self, value: &str) -> bool {
        let words = || value.split_ascii_whitespace();
        let tail = |word: &str, end: &str| {
            let start = word.len().checked_sub(end.len());
            start.and_then(|at| word.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        };
        match self {
            Is(text) => value.eq_ignore_ascii_case(text),
            Word(text) => words().any(|word| word.eq_ignore_ascii_case(text)),
            Suffix(text) => words().any(|word| tail(word, text)),
            Prefix(text) => value.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text)),
            Any => true,
        }
    }
}

/// `name: value` of a style attribute.
pub fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = style.split(';').filter_map(|part| part.split_once(':'));
    parts.map(|(name, value)| {
        let value = value.trim_ascii();
        (name.trim_ascii(), value.strip_suffix("!important").unwrap_or(value))
    })
}
