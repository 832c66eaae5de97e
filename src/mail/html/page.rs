//! The page while it is read: which elements are open, what they make of the words in them, and where lines end.

use super::Reading;
use super::lines::{Lines, Place};
use super::link;
use super::marks::{Means, declarations, means};
use super::tokens::{Tag, Token};
use crate::mail::SpanKind;

/// Elements that may be open within each other. Mail that people write stays below 50.
const DEPTH: usize = 200;
/// Levels of lists that are shown; deeper ones look the same.
const LEVELS: usize = 16;
const LISTS: [&str; 3] = ["ul", "ol", "dl"];
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
const UNSEEN: [&str; 12] =
    ["title", "style", "script", "iframe", "noembed", "noframes", "template", "svg", "audio", "video", "canvas", "xml"];
/// Where one of the first begins, those of the second end, if no element of the third sort stands between.
const ENDED_BY: [(&[&str], &[&str], Sort); 5] = [
    (&["a"], &["a"], Sort::Block),
    (&["li"], &["li"], Sort::List),
    (&["td", "th"], &["td", "th"], Sort::Table),
    (&["tr"], &["td", "th", "tr"], Sort::Table),
    (&["dt", "dd"], &["dt", "dd"], Sort::List),
];

/// What an element does to the lines, judged once when it opens. The later are the harder to close from within.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Inline,
    Block,
    List,
    Cell,
    Table,
}

impl Sort {
    fn of(name: &str) -> Sort {
        match name {
            _ if !BLOCKS.contains(&name) => Sort::Inline,
            _ if LISTS.contains(&name) => Sort::List,
            _ if CELLS.contains(&name) => Sort::Cell,
            "table" => Sort::Table,
            _ => Sort::Block,
        }
    }
}

/// An open element.
struct Open {
    name: String,
    sort: Sort,
    /// A quote, in doubt or not.
    quotes: bool,
    /// White space in it stands as it is written.
    as_written: bool,
    means: Option<Means>,
    /// Where it begins: row, and byte in it.
    from: (usize, usize),
    /// A link's target.
    target: Option<String>,
    /// The number of the next item of a list; 0 for a bullet.
    next_item: usize,
    /// A quote of the frame's own was seen.
    answered: bool,
    /// A paragraph that is a line.
    tight: bool,
}

#[derive(Default)]
pub struct Page {
    open: Vec<Open>,
    lines: Lines,
    /// All that follows is quoted.
    rest: bool,
}

impl Page {
    /// Reads one token; `false` when the page is too deep to go on.
    pub fn take(&mut self, token: Token) -> bool {
        match token {
            Token::Text(text) => self.text(&text),
            Token::Open(tag) => return self.open(tag),
            Token::Close(name) => self.close(&name),
            Token::Cut => {}
        }
        true
    }

    fn is_within(&self, means: Means) -> bool {
        self.open.iter().any(|open| open.means == Some(means))
    }

    fn open(&mut self, tag: Tag) -> bool {
        if self.is_within(Means::Hidden) {
            if !VOID.contains(&tag.name.as_str()) {
                self.push(tag, Some(Means::Hidden));
            }
            return self.open.len() <= DEPTH;
        }
        let says = if UNSEEN.contains(&tag.name.as_str()) { Some(Means::Hidden) } else { means(&tag) };
        let says = if tag.is("blockquote") { self.blockquote(says) } else { says };
        self.end_others(&tag.name);
        if BLOCKS.contains(&tag.name.as_str()) || matches!(says, Some(Means::Quote | Means::Rest | Means::Signature)) {
            self.begin_block(&tag);
        }
        if says == Some(Means::Rest) {
            self.rest = true;
        }
        match tag.name.as_str() {
            "br" => self.line_break(),
            "hr" => {
                self.end_line();
                self.lines.rule(self.place());
            }
            "img" => self.picture(&tag),
            name if VOID.contains(&name) => {}
            _ => self.push(tag, says),
        }
        self.open.len() <= DEPTH
    }

    fn push(&mut self, tag: Tag, means: Option<Means>) {
        let first = tag.is("ol").then(|| tag.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1));
        self.open.push(Open {
            sort: Sort::of(&tag.name),
            quotes: means == Some(Means::Quote) || tag.is("blockquote"),
            as_written: means == Some(Means::Preformatted) || tag.is("pre"),
            means,
            from: self.lines.here(),
            target: if tag.is("a") { tag.attribute("href").map(str::to_owned) } else { None },
            next_item: first.unwrap_or(0),
            answered: false,
            tight: is_tight(&tag),
            name: tag.name,
        });
    }

    /// A blockquote is a quote. One that nothing but its name says so of is in doubt, see `Lines::finish`: editors
    /// indent with it, too. Below a line that ends in a colon there is no doubt.
    fn blockquote(&mut self, says: Option<Means>) -> Option<Means> {
        let frame = self.open.last_mut().filter(|parent| parent.means == Some(Means::Frame));
        if let Some(frame) = frame {
            frame.answered = true;
            return Some(Means::Quote);
        }
        if self.is_within(Means::Frame) || self.lines.introduce() { Some(Means::Quote) } else { says }
    }

    /// Ends the elements that end where this one begins, and a paragraph at every block.
    fn end_others(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.close_within("p", Sort::Block);
        }
        for (starts, ends, wall) in ENDED_BY {
            if starts.contains(&name) {
                ends.iter().for_each(|end| self.close_within(end, wall));
            }
        }
    }

    /// Closes the innermost element of that name, if nothing of the sort of the wall, or above it, stands between.
    fn close_within(&mut self, name: &str, wall: Sort) {
        for at in (0..self.open.len()).rev() {
            if self.open[at].name == name {
                return self.close_from(at);
            }
            if self.open[at].sort >= wall {
                return;
            }
        }
    }

    /// Closes what a closing tag closes. An inline one ends no block, another block no cell, and a cell no table.
    fn close(&mut self, name: &str) {
        const TABLE: [&str; 7] = ["td", "th", "tr", "thead", "tbody", "tfoot", "table"];
        if name == "br" {
            return self.line_break();
        }
        let wall = match Sort::of(name) {
            _ if TABLE.contains(&name) => Sort::Table,
            Sort::Inline => Sort::Block,
            _ => Sort::Cell,
        };
        self.close_within(name, wall);
    }

    fn close_from(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(open) = self.open.last() else { return };
            let block = !matches!(open.sort, Sort::Inline | Sort::Cell);
            if block || matches!(open.means, Some(Means::Quote | Means::Signature)) {
                let apart = !open.tight && self.stands_apart(&open.name, self.open.len() - 1);
                self.end_line();
                self.lines.drop_mark();
                if apart {
                    self.lines.set_apart();
                }
            }
            let Some(open) = self.open.pop() else { return };
            if let Some(target) = open.target.filter(|_| !self.is_within(Means::Hidden)) {
                self.link_target(&target, open.from);
            }
            if open.means == Some(Means::Frame) && !open.answered && !self.is_within(Means::Frame) {
                self.lines.quote_from(open.from.0);
            }
        }
    }

    fn begin_block(&mut self, tag: &Tag) {
        if CELLS.contains(&tag.name.as_str()) && self.lines.is_begun() {
            return self.lines.next_cell();
        }
        self.end_line();
        if !is_tight(tag) && self.stands_apart(&tag.name, self.open.len()) {
            self.lines.set_apart();
        }
        if let Some(level) = tag.name.strip_prefix('h').and_then(|level| level.parse::<usize>().ok()) {
            self.lines.begin_with("#".repeat(level.min(6)) + " ");
        } else if tag.is("li") {
            let depth = self.open.iter().filter(|open| open.sort == Sort::List).count();
            let list = self.open.iter_mut().rev().find(|open| open.sort == Sort::List);
            let mark = match list {
                Some(list) if list.next_item > 0 => {
                    list.next_item += 1;
                    format!("{}. ", list.next_item - 1)
                }
                _ => "* ".to_owned(),
            };
            self.lines.begin_with("  ".repeat(depth.saturating_sub(1).min(LEVELS)) + &mark);
        }
    }

    /// Whether an element within the first `depth` open ones has an empty line around it. A list in a list has none, nor
    /// has what an item begins with.
    fn stands_apart(&self, name: &str, depth: usize) -> bool {
        let nested = LISTS.contains(&name) && self.open[..depth].iter().any(|open| open.sort == Sort::List);
        APART.contains(&name) && !self.lines.has_mark() && !nested
    }

    fn text(&mut self, text: &str) {
        if self.is_within(Means::Hidden) {
            return;
        }
        let as_written = self.open.iter().any(|open| open.as_written);
        for c in text.chars() {
            match c {
                '\r' => {}
                '\n' if as_written => self.line_break(),
                _ if c.is_ascii_whitespace() && !as_written => self.lines.space(),
                // Editors write every other space so that browsers keep it.
                '\u{a0}' => self.lines.write(' '),
                _ => self.lines.write(c),
            }
        }
    }

    /// Of a picture, only a sign that stands for words of its own is read: an emoji.
    fn picture(&mut self, tag: &Tag) {
        let words = tag.attribute("alt").unwrap_or("");
        if !words.is_ascii() && !words.contains(char::is_alphanumeric) {
            words.chars().for_each(|c| self.lines.write(c));
        }
    }

    /// Writes where a link leads, unless its text says so.
    fn link_target(&mut self, target: &str, from: (usize, usize)) {
        let text = self.lines.since(from);
        if let Some(target) = link::target_beside(text, target) {
            self.lines.add_target(&target);
        }
    }

    fn line_break(&mut self) {
        if !self.is_within(Means::Hidden) {
            self.lines.end_or_skip(self.place());
        }
    }

    fn end_line(&mut self) {
        let place = if self.lines.is_begun() { self.place() } else { Place::default() };
        self.lines.end(place);
    }

    /// Where the line stands, by the elements around it.
    fn place(&self) -> Place {
        let depth = self.open.iter().filter(|open| open.quotes).count() + usize::from(self.rest);
        let bare = depth > 0 && !self.rest && !self.is_within(Means::Quote);
        let kind = self.open.iter().rev().find_map(|open| match open.means {
            Some(Means::Attribution) => Some(SpanKind::Attribution),
            Some(Means::Signature) => Some(SpanKind::Signature),
            _ => None,
        });
        Place { depth, bare, own: bare && self.is_within(Means::Own), kind }
    }

    pub fn finish(mut self) -> Reading {
        self.close_from(0);
        self.end_line();
        self.lines.finish()
    }
}

/// Paragraphs that are lines: Outlook's, and those without a margin.
fn is_tight(tag: &Tag) -> bool {
    let class = tag.attribute("class").is_some_and(|class| class.starts_with("Mso"));
    let margin = tag.attribute("style").and_then(|style| declarations(style).find(|(name, _)| *name == "margin"));
    class || margin.is_some_and(|(_, sizes)| sizes.split_ascii_whitespace().all(|size| size.starts_with('0')))
}
