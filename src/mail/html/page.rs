//! The page while it is read: which elements are open, and the rows written so far.

use super::Reading;
use super::marks::{Means, declarations, means};
use super::tokens::{Tag, Token, decode};
use crate::mail::SpanKind;

/// Elements that may be open within each other. Mail that people write stays below 50.
const DEPTH: usize = 200;
/// What separates, drawn as Outlook draws it in plain text.
const RULE: &str = "________________________________";
/// Quote marks and levels of lists that are shown; deeper ones look the same.
const MARKS: usize = 16;
/// Bytes of a link's text that are compared with its target.
const LINK_TEXT: usize = 1000;
/// Rows above a blockquote in which a line that introduces it is looked for.
const INTRODUCED_WITHIN: usize = 4;
const LISTS: [&str; 2] = ["ul", "ol"];
const CELLS: [&str; 2] = ["td", "th"];

/// Elements that begin and end a line.
const BLOCKS: [&str; 34] = [
    "div",
    "p",
    "blockquote",
    "pre",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "form",
    "center",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "address",
    "figure",
    "body",
    "html",
];
/// Those that stand apart from what is above and below.
const APART: [&str; 12] = ["p", "blockquote", "pre", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6"];
const VOID: [&str; 11] = ["br", "hr", "img", "meta", "link", "input", "col", "area", "wbr", "base", "source"];
const UNSEEN: [&str; 6] = ["template", "svg", "audio", "video", "canvas", "xml"];
/// An element ends where one of these begins, if it stands within none of the third.
const ENDED_BY: [(&[&str], &[&str], &[&str]); 5] = [
    (&["a"], &["a"], &BLOCKS),
    (&["li"], &["li"], &["ul", "ol"]),
    (&["td", "th"], &["td", "th", "tr"], &["table"]),
    (&["tr"], &["tr"], &["table"]),
    (&["dt", "dd"], &["dt", "dd"], &["dl"]),
];

/// An open element.
struct Open<'a> {
    name: &'a str,
    means: Option<Means>,
    /// First row that belongs to it.
    first_row: usize,
    /// A link's target, and where its text begins in the line.
    link: Option<(&'a str, usize)>,
    /// The number of the next item of a list; 0 for a bullet.
    next_item: usize,
    /// A quote of the frame's own was seen.
    answered: bool,
    /// A paragraph that is a line.
    tight: bool,
}

#[derive(Default)]
pub struct Page<'a> {
    open: Vec<Open<'a>>,
    rows: Vec<Row>,
    /// The line that is being written.
    line: String,
    /// White space was seen, and counts if something follows.
    space: bool,
    /// Something was written on this line, if only a no-break space.
    touched: bool,
    /// An empty line belongs above the next one.
    apart: bool,
    /// The mark of a list item, until its words come.
    item: String,
    rest: bool,
    scratch: String,
}

struct Row {
    text: String,
    depth: usize,
    /// Quoted by nothing but a bare `<blockquote>`.
    bare: bool,
    kind: Option<SpanKind>,
}

impl<'a> Page<'a> {
    /// Reads one token; `false` when the page is too deep to go on.
    pub fn take(&mut self, token: Token<'a>) -> bool {
        match token {
            Token::Text(text) => self.text(text),
            Token::Open(tag) => return self.open(tag),
            Token::Close(name) => self.close(name),
        }
        true
    }

    fn is_within(&self, means: Means) -> bool {
        self.open.iter().any(|open| open.means == Some(means))
    }

    fn open(&mut self, tag: Tag<'a>) -> bool {
        if self.is_within(Means::Hidden) {
            if !is_one(&VOID, tag.name) {
                self.push(tag, Some(Means::Hidden));
            }
            return self.open.len() <= DEPTH;
        }
        let says = if is_one(&UNSEEN, tag.name) { Some(Means::Hidden) } else { means(&tag) };
        let says = if tag.is("blockquote") { self.blockquote(says) } else { says };
        self.end_others(tag.name);
        if is_one(&BLOCKS, tag.name) || matches!(says, Some(Means::Quote | Means::Rest | Means::Signature)) {
            self.begin_block(&tag);
        }
        if says == Some(Means::Rest) {
            self.rest = true;
        }
        match tag.name {
            name if name.eq_ignore_ascii_case("br") => self.line_break(),
            name if name.eq_ignore_ascii_case("hr") => self.rule(),
            name if name.eq_ignore_ascii_case("img") => self.picture(&tag),
            name if is_one(&VOID, name) => {}
            _ => self.push(tag, says),
        }
        self.open.len() <= DEPTH
    }

    fn push(&mut self, tag: Tag<'a>, means: Option<Means>) {
        let link = tag.is("a").then(|| tag.attribute("href")).flatten();
        let first = tag.is("ol").then(|| tag.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1));
        self.open.push(Open {
            name: tag.name,
            means,
            first_row: self.rows.len(),
            link: link.map(|target| (target, self.line.len())),
            next_item: first.unwrap_or(0),
            answered: false,
            tight: is_tight(&tag),
        });
    }

    /// A blockquote is a quote. One that nothing but its name says so of is in doubt, see `Page::finish`: editors
    /// indent with it, too. Below a line that ends in a colon there is no doubt.
    fn blockquote(&mut self, says: Option<Means>) -> Option<Means> {
        let frame = self.open.last_mut().filter(|parent| parent.means == Some(Means::Frame));
        if let Some(frame) = frame {
            frame.answered = true;
            return Some(Means::Quote);
        }
        if self.is_within(Means::Frame) {
            return Some(Means::Quote);
        }
        let rows = self.rows.iter().rev().take(INTRODUCED_WITHIN).map(|row| row.text.as_str());
        let written = [self.line.as_str()].into_iter().chain(rows);
        let above = written.map(str::trim_end).find(|text| !text.is_empty()).unwrap_or("");
        if above.ends_with([':', '：']) { Some(Means::Quote) } else { says }
    }

    /// Ends the elements that end where this one begins, and a paragraph at every block.
    fn end_others(&mut self, name: &str) {
        if is_one(&BLOCKS, name) {
            self.close_within(&["p"], &BLOCKS);
        }
        for (starts, ends, within) in ENDED_BY {
            if is_one(starts, name) {
                ends.iter().for_each(|end| self.close_within(&[end], within));
            }
        }
    }

    /// Closes the innermost of `names` that is not outside one of `walls`.
    fn close_within(&mut self, names: &[&str], walls: &[&str]) {
        for at in (0..self.open.len()).rev() {
            let name = self.open[at].name;
            if is_one(names, name) {
                return self.close_from(at);
            }
            if is_one(walls, name) {
                return;
            }
        }
    }

    /// Closes what a closing tag closes. An inline one ends no block, and nothing but a table's part ends its cells.
    fn close(&mut self, name: &'a str) {
        const TABLE: [&str; 9] = ["td", "th", "tr", "table", "thead", "tbody", "tfoot", "body", "html"];
        if name.eq_ignore_ascii_case("br") {
            return self.line_break();
        }
        let walls: &[&str] = match name {
            _ if is_one(&TABLE, name) => &[],
            _ if is_one(&BLOCKS, name) => &CELLS,
            _ => &BLOCKS,
        };
        self.close_within(&[name], walls);
    }

    fn close_from(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(open) = self.open.last() else { return };
            let block = is_one(&BLOCKS, open.name) && !is_one(&CELLS, open.name);
            if block || matches!(open.means, Some(Means::Quote | Means::Signature)) {
                let apart = !open.tight && self.stands_apart(open.name, self.open.len() - 1);
                self.end_line();
                self.item.clear();
                self.apart |= apart;
            }
            let Some(open) = self.open.pop() else { return };
            if let Some((target, from)) = open.link.filter(|_| !self.is_within(Means::Hidden)) {
                self.link_target(target, from, open.first_row);
            }
            if open.means == Some(Means::Frame) && !open.answered && !self.is_within(Means::Frame) {
                for row in &mut self.rows[open.first_row..] {
                    row.depth += 1;
                    row.bare = false;
                }
            }
        }
    }

    fn begin_block(&mut self, tag: &Tag<'a>) {
        if is_one(&CELLS, tag.name) && self.touched {
            // As a browser copies a row of a table.
            self.line.push('\t');
            self.space = false;
            return;
        }
        self.end_line();
        self.apart |= !is_tight(tag) && self.stands_apart(tag.name, self.open.len());
        if let Some(level) = tag.name.strip_prefix(['h', 'H']).and_then(|level| level.parse::<usize>().ok()) {
            self.item = "#".repeat(level.min(6)) + " ";
        } else if tag.is("li") {
            let depth = self.open.iter().filter(|open| is_one(&LISTS, open.name)).count();
            let list = self.open.iter_mut().rev().find(|open| is_one(&LISTS, open.name));
            let mark = match list {
                Some(list) if list.next_item > 0 => {
                    list.next_item += 1;
                    format!("{}. ", list.next_item - 1)
                }
                _ => "* ".to_owned(),
            };
            self.item = "  ".repeat(depth.saturating_sub(1).min(MARKS)) + &mark;
        }
    }

    /// Whether an element within the first `depth` open ones has an empty line around it. A list in a list has none, nor
    /// has what an item begins with.
    fn stands_apart(&self, name: &str, depth: usize) -> bool {
        let list = |name: &str| is_one(&LISTS, name);
        let nested = list(name) && self.open[..depth].iter().any(|open| list(open.name));
        is_one(&APART, name) && self.item.is_empty() && !nested
    }

    fn text(&mut self, text: &str) {
        if self.is_within(Means::Hidden) {
            return;
        }
        let mut decoded = std::mem::take(&mut self.scratch);
        decoded.clear();
        decode(text, &mut decoded);
        let as_written =
            self.is_within(Means::Preformatted) || self.open.iter().any(|o| o.name.eq_ignore_ascii_case("pre"));
        for c in decoded.chars() {
            match c {
                '\r' => {}
                '\n' if as_written => self.line_break(),
                _ if c.is_ascii_whitespace() && !as_written => self.space = true,
                // Editors write every other space so that browsers keep it.
                '\u{a0}' => self.write(' '),
                _ => self.write(c),
            }
        }
        self.scratch = decoded;
    }

    fn write(&mut self, c: char) {
        if !self.item.is_empty() {
            self.line.push_str(&std::mem::take(&mut self.item));
        } else if self.space && self.touched && !self.line.ends_with([' ', '\t']) {
            self.line.push(' ');
        }
        self.space = false;
        self.touched = true;
        self.line.push(c);
    }

    /// Of a picture, only a sign that stands for words of its own is read: an emoji.
    fn picture(&mut self, tag: &Tag) {
        let mut words = String::new();
        decode(tag.attribute("alt").unwrap_or(""), &mut words);
        if !words.is_ascii() && !words.contains(char::is_alphanumeric) {
            words.chars().for_each(|c| self.write(c));
        }
    }

    /// Writes where a link leads, unless its text says so.
    fn link_target(&mut self, target: &str, from: usize, row: usize) {
        let from = if row == self.rows.len() { from } else { 0 };
        let text = self.line.get(from..).unwrap_or("").trim();
        let mut decoded = String::new();
        decode(target.trim(), &mut decoded);
        let address = decoded.strip_prefix("mailto:").map(|rest| rest.split('?').next().unwrap_or(rest));
        let web = decoded.starts_with("https://") || decoded.starts_with("http://");
        let Some(target) = address.or(web.then_some(decoded.as_str())) else { return };
        let target = target.replace(|c: char| c.is_whitespace() || c.is_control(), "");
        if !text.is_empty() && !target.is_empty() && !says(text, &target) {
            let space = if self.line.ends_with(' ') { "" } else { " " };
            self.line.push_str(&format!("{space}<{target}>"));
        }
    }

    fn line_break(&mut self) {
        if self.is_within(Means::Hidden) {
            return;
        }
        if self.touched {
            self.end_line()
        } else {
            self.row(String::new())
        }
        self.space = false;
    }

    fn rule(&mut self) {
        self.end_line();
        self.row(RULE.to_owned());
    }

    /// Ends the line, if one was begun.
    fn end_line(&mut self) {
        if !self.touched {
            self.space = false;
            return;
        }
        let line = std::mem::take(&mut self.line);
        let text = line.trim_end();
        // RFC 3676 §4.3: the space makes it a signature mark.
        let mark = text == "--" && (self.space || line.len() > text.len());
        self.row(if mark { "-- ".to_owned() } else { text.to_owned() });
        (self.space, self.touched) = (false, false);
    }

    fn row(&mut self, text: String) {
        let blank = text.is_empty();
        let apart = std::mem::take(&mut self.apart) && self.rows.last().is_some_and(|above| !above.text.is_empty());
        let quotes = self
            .open
            .iter()
            .filter(|open| open.name.eq_ignore_ascii_case("blockquote") || open.means == Some(Means::Quote));
        let sure = self.rest || self.is_within(Means::Quote);
        let own = !sure && self.is_within(Means::Own);
        let depth = quotes.count() + usize::from(self.rest);
        let kind = self.open.iter().rev().find_map(|open| match open.means {
            Some(Means::Attribution) => Some(SpanKind::Attribution),
            Some(Means::Signature) => Some(SpanKind::Signature),
            _ => None,
        });
        let (depth, text) = if own { (0, indented(text)) } else { (depth, text) };
        if apart && !blank {
            let above = self.rows.last().map_or(0, |above| above.depth);
            self.rows.push(Row { text: String::new(), depth: depth.min(above), bare: !sure, kind: None });
        }
        self.rows.push(Row { text, depth, bare: !sure && depth > 0, kind });
    }

    /// What was read, as text. Where a mail holds quotes beyond doubt, a bare blockquote above them is its author's
    /// own indentation; it stays indented, so that nothing in it acts.
    pub fn finish(mut self) -> Reading {
        self.close_from(0);
        self.end_line();
        let first_sure = self.rows.iter().position(|row| row.depth > 0 && !row.bare);
        let mut reading = Reading { quotes: first_sure.is_some(), ..Reading::default() };
        for (at, mut row) in self.rows.into_iter().enumerate() {
            if row.bare && first_sure.is_some_and(|first| at < first) {
                (row.depth, row.text) = (0, indented(row.text));
            }
            let quoted = (row.depth > 0 && !row.bare).then_some(SpanKind::Quote);
            reading.known.push(quoted.or(row.kind.filter(|_| !row.text.is_empty())));
            if row.depth > 0 {
                reading.text.push_str(&">".repeat(row.depth.min(MARKS)));
                reading.text.push_str(if row.text.is_empty() { "" } else { " " });
            }
            reading.text.push_str(&row.text);
            reading.text.push('\n');
        }
        reading
    }
}

fn indented(text: String) -> String {
    if text.is_empty() { text } else { format!("    {text}") }
}

fn is_one(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Paragraphs that are lines: Outlook's, and those without a margin.
fn is_tight(tag: &Tag) -> bool {
    let class = tag.attribute("class").is_some_and(|class| class.starts_with("Mso"));
    let margin = tag.attribute("style").and_then(|style| declarations(style).find(|(name, _)| *name == "margin"));
    class || margin.is_some_and(|(_, sizes)| sizes.split_ascii_whitespace().all(|size| size.starts_with('0')))
}

/// Whether a link's text names its target: the same but for scheme and a last `/`, or a whole URL of its own, as where
/// a mail gateway has put its own link behind it.
fn says(text: &str, target: &str) -> bool {
    let bare = |url: &str| {
        let url = url.trim_matches(['<', '>', '"', '\'']);
        let url = ["https://", "http://", "mailto:"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
        url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/').to_lowercase()
    };
    let url = ["https://", "http://", "<https://", "<http://"].iter().any(|scheme| text.starts_with(scheme));
    if text.len() > LINK_TEXT {
        return false;
    }
    let whole = url && !text.contains(char::is_whitespace) && !text.ends_with("...") && !text.ends_with('…');
    whole || bare(text) == bare(target) || target.contains('@') && text.contains(target)
}
