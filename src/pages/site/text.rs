//! A mail's words as a page shows them: paragraphs, lists, lines that stay as they are, and what is folded away.
//!
//! Mail breaks its lines for a terminal of 72 columns; a page breaks them where the reader's window ends. So lines that
//! a mailer broke are joined, lines that somebody ended stay ended, and what is drawn with blanks keeps them. No words are
//! lost but those that are no words of the author's: the signature and what a list appended. Nothing here is HTML; the
//! templates escape every word.

use super::rich::{Rich, rich};
use crate::letters::wrap::{cut, printable, shown};
use crate::mail::{Line, SpanKind, Text};
use regex::Regex;
use std::sync::LazyLock;

#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// Its lines, as far as somebody ended them.
    Paragraph(Vec<Rich>),
    /// With the number of the first item when they are counted.
    List(Option<u32>, Vec<Rich>),
    /// Drawn with blanks: code, tables, patches.
    Fixed(Rich),
    Folded(Fold),
}

/// Words of others, out of the way until somebody wants them.
#[derive(Debug, PartialEq, Eq)]
pub struct Fold {
    pub forwarded: bool,
    /// How it begins.
    pub hint: String,
    pub lines: usize,
    pub body: Rich,
}

/// Characters of a fold's first words.
const HINT: usize = 60;
/// No mailer breaks lines earlier than this.
const NARROW: usize = 60;
/// Who writes longer ones has no mailer that breaks them.
const WIDE: usize = 100;

static BULLET: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s{0,3}(?:[-*+•‣–]|(\d{1,3})[.)])\s+(\S.*)$"));
/// `Key: value` begins a line of its own.
static FIELD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Z][\w()]*(?: [\w()]+){0,3}\s?[:=]"));
/// Blanks that somebody drew with: in front of a line, or a gap within one.
static DRAWN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?: {3}|\t)|\S(?: {3}|\t)|^\s*\||[-+=]{3}\+|^(?:@@|\+\+\+|---|diff) "));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a pattern of ours: {error}"))
}

/// All blocks of a mail, in order.
pub fn blocks(text: &Text) -> Vec<Block> {
    let mut blocks = Vec::new();
    let lines: Vec<Line> = text.lines().collect();
    for run in lines.chunk_by(|a, b| shelf(a.kind) == shelf(b.kind)) {
        match shelf(run[0].kind) {
            Shelf::Own => run.split(|line| line.text.trim().is_empty()).for_each(|chunk| own(chunk, &mut blocks)),
            Shelf::Code => blocks.extend(fixed(run)),
            Shelf::Quote => blocks.extend(fold(run, false)),
            Shelf::Forwarded => blocks.extend(fold(run, true)),
            Shelf::Out => {}
        }
    }
    blocks
}

/// Where a line goes.
#[derive(PartialEq)]
enum Shelf {
    Own,
    Code,
    Quote,
    Forwarded,
    Out,
}

fn shelf(kind: SpanKind) -> Shelf {
    match kind {
        SpanKind::Visible => Shelf::Own,
        SpanKind::Code => Shelf::Code,
        SpanKind::Quote | SpanKind::Attribution => Shelf::Quote,
        SpanKind::Forwarded => Shelf::Forwarded,
        SpanKind::Signature | SpanKind::Footer => Shelf::Out,
    }
}

/// Lines of the author between two blank ones: prose, then perhaps a list.
fn own(chunk: &[Line], blocks: &mut Vec<Block>) {
    if chunk.is_empty() {
        return;
    }
    if chunk.iter().any(|line| DRAWN.is_match(line.text) && !BULLET.is_match(line.text)) && !hangs(chunk) {
        blocks.extend(fixed(chunk));
        return;
    }
    let lines: Vec<String> = chunk.iter().map(|line| shown(line.text).trim_end().to_owned()).collect();
    for run in joined(&lines).chunk_by(|a, b| BULLET.is_match(a) == BULLET.is_match(b)) {
        blocks.push(match BULLET.captures(&run[0]) {
            None => Block::Paragraph(run.iter().map(|line| rich(line)).collect()),
            Some(first) => {
                let number = first.get(1).and_then(|number| number.as_str().parse().ok());
                let item = |line: &String| {
                    BULLET.captures(line).and_then(|found| found.get(2)).map(|text| rich(text.as_str()))
                };
                Block::List(number, run.iter().filter_map(item).collect())
            }
        });
    }
}

/// A list whose items go on below their own text.
fn hangs(chunk: &[Line]) -> bool {
    let indented = |line: &Line| line.text.starts_with("  ");
    BULLET.is_match(chunk[0].text)
        && chunk.iter().all(|line| BULLET.is_match(line.text) || indented(line))
        && !chunk.iter().any(|line| line.text.trim_start().contains("   "))
}

/// Joins what a mailer broke: paragraphs, and items of a list with what hangs below them.
fn joined(lines: &[String]) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    let longest = lines.iter().map(|line| width(line)).max().unwrap_or(0).max(NARROW);
    let mut out: Vec<String> = Vec::new();
    let mut before = "";
    for line in lines {
        let word = line.split_whitespace().next().map_or(0, width);
        // The next word had found no place.
        let full = longest <= WIDE && width(before) + 1 + word > longest;
        let goes_on = full || is_open(before, line) || (BULLET.is_match(before) && line.starts_with("  "));
        match out.last_mut() {
            Some(last) if goes_on && !BULLET.is_match(line) && !FIELD.is_match(line) => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => out.push(line.clone()),
        }
        before = line;
    }
    out
}

/// A sentence that was broken off, and goes on in small letters.
fn is_open(line: &str, next: &str) -> bool {
    let ended = |c: char| !c.is_alphanumeric() && c != ',' && c != ')';
    !line.is_empty() && !line.ends_with(ended) && next.trim_start().starts_with(char::is_lowercase)
}

fn fixed(lines: &[Line]) -> Option<Block> {
    let says = |line: &Line| !line.text.trim().is_empty();
    let (first, last) = (lines.iter().position(says)?, lines.iter().rposition(says)?);
    let text: Vec<String> = lines[first..=last].iter().map(|line| shown(line.text).trim_end().to_owned()).collect();
    Some(Block::Fixed(rich(&text.join("\n"))))
}

fn fold(lines: &[Line], forwarded: bool) -> Option<Block> {
    let mut text: Vec<String> = lines.iter().map(|line| unquoted(&shown(line.text)).to_owned()).collect();
    while text.last().is_some_and(|line| line.is_empty()) {
        text.pop();
    }
    let start = text.iter().position(|line| !line.is_empty())?;
    let text = &text[start..];
    let said =
        lines.iter().filter(|line| line.kind != SpanKind::Attribution).map(|line| unquoted(line.text).to_owned());
    let hint = said.map(|line| printable(line.trim_start_matches(['>', ' ']))).find(|line| !line.is_empty());
    let hint = rich(&cut(&hint.unwrap_or_default(), HINT)).into_iter().map(|word| word.text).collect();
    Some(Block::Folded(Fold { forwarded, hint, lines: text.len(), body: rich(&text.join("\n")) }))
}

/// One quote mark less: the fold stands for it.
fn unquoted(line: &str) -> &str {
    let rest = line.strip_prefix('>').unwrap_or(line);
    rest.strip_prefix(' ').filter(|_| rest.len() < line.len()).unwrap_or(rest).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(rich: &Rich) -> String {
        rich.iter().map(|word| word.text.as_str()).collect()
    }

    /// `p:`, `-`, `1.`, `=` and `>` for the kinds of blocks, lines that stay lines with a `/` between.
    fn shape(text: &str) -> Vec<String> {
        let block = |block: Block| match block {
            Block::Paragraph(lines) => format!("p: {}", lines.iter().map(words).collect::<Vec<_>>().join(" / ")),
            Block::List(None, items) => format!("- {}", items.iter().map(words).collect::<Vec<_>>().join(" / ")),
            Block::List(Some(n), items) => format!("{n}. {}", items.iter().map(words).collect::<Vec<_>>().join(" / ")),
            Block::Fixed(text) => format!("= {}", words(&text).replace('\n', " / ")),
            Block::Folded(fold) => {
                format!("> {} ({}) {}", fold.hint, fold.lines, words(&fold.body).replace('\n', " / "))
            }
        };
        blocks(&Text::plain(text, false)).into_iter().map(block).collect()
    }

    #[test]
    fn what_a_mailer_broke_is_joined_and_what_somebody_ended_stays() {
        let broken = "Servers that host desktops, cars, PCs and laptops all want a GPU in the\n\
                      guest, and every vendor goes about it in a way of its own.\n\nThanks,\nAda\n";
        let whole = "p: Servers that host desktops, cars, PCs and laptops all want a GPU in the guest, \
                     and every vendor goes about it in a way of its own.";
        assert_eq!(shape(broken), [whole, "p: Thanks, / Ada"]);
        assert_eq!(shape("Date: July 11;\nContact: Ada\n"), ["p: Date: July 11; / Contact: Ada"]);
        let long = "word ".repeat(40);
        assert_eq!(shape(&format!("{long}\nNext.\n")), [format!("p: {} / Next.", long.trim_end())]);
    }

    #[test]
    fn a_list_hangs_together_and_ends_where_its_text_does() {
        assert_eq!(
            shape("Plan:\n- one\n  and more\n- two\nRef: none\n"),
            ["p: Plan:", "- one and more / two", "p: Ref: none"]
        );
        assert_eq!(shape("3. three\n4. four\n"), ["3. three / four"]);
        assert_eq!(shape("-- not a list\n"), ["p: -- not a list"]);
    }

    #[test]
    fn what_is_drawn_with_blanks_keeps_them() {
        assert_eq!(shape("room    time\nA       10:00\n"), ["= room    time / A       10:00"]);
        assert_eq!(shape("    int main(void)\n    {\n    }\n"), ["=     int main(void) /     { /     }"]);
    }

    #[test]
    fn quotes_fold_and_lose_one_mark_and_signatures_are_left_out() {
        let answer = "On Tue, 11 July 2017, Ada <ada@example.org> wrote:\n> first\n> > older\n\nYes.\n\n-- \nBob\n";
        let fold = "> first (3) On Tue, 11 July 2017, Ada <ada@…> wrote: / first / > older";
        assert_eq!(shape(answer), [fold, "p: Yes."]);
    }
}
