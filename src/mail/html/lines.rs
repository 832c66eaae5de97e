//! The lines written so far, and the one that is being written: white space as browsers show it.

use super::Reading;
use crate::mail::SpanKind;

/// What separates, drawn as Outlook draws it in plain text.
const RULE: &str = "________________________________";
/// Quote marks that are shown; deeper quotes look the same.
const QUOTE_MARKS: usize = 16;
/// Lines above in which one that introduces a quote is looked for.
const INTRODUCED_WITHIN: usize = 4;

/// Where a line stands.
#[derive(Clone, Copy, Default)]
pub struct Place {
    /// How deep in quotes.
    pub depth: usize,
    /// Quoted by nothing but a bare `<blockquote>`.
    pub bare: bool,
    /// Set off by its author.
    pub own: bool,
    pub kind: Option<SpanKind>,
}

#[derive(Default)]
pub struct Lines {
    rows: Vec<(String, Place)>,
    /// The line that is being written.
    line: String,
    /// White space was seen, and counts if something follows.
    space: bool,
    /// Something was written on this line, if only a no-break space.
    touched: bool,
    /// An empty line belongs above the next one.
    apart: bool,
    /// What stands before the first word of the line, such as the mark of a list item.
    mark: String,
}

impl Lines {
    pub fn write(&mut self, c: char) {
        if !self.mark.is_empty() {
            self.line.push_str(&std::mem::take(&mut self.mark));
        } else if self.space && self.touched && !self.line.ends_with([' ', '\t']) {
            self.line.push(' ');
        }
        (self.space, self.touched) = (false, true);
        self.line.push(c);
    }

    pub fn space(&mut self) {
        self.space = true;
    }

    pub fn is_begun(&self) -> bool {
        self.touched
    }

    pub fn begin_with(&mut self, mark: String) {
        self.mark = mark;
    }

    /// Whether the line will begin with a mark that still waits for its words.
    pub fn has_mark(&self) -> bool {
        !self.mark.is_empty()
    }

    pub fn drop_mark(&mut self) {
        self.mark.clear();
    }

    pub fn set_apart(&mut self) {
        self.apart = true;
    }

    /// Begins a table's next cell, as browsers copy one.
    pub fn next_cell(&mut self) {
        self.line.push('\t');
        self.space = false;
    }

    /// Where the next character will stand: row, and byte in it.
    pub fn here(&self) -> (usize, usize) {
        (self.rows.len(), self.line.len())
    }

    /// What was written on the current line since then.
    pub fn since(&self, (row, at): (usize, usize)) -> &str {
        let from = if row == self.rows.len() { at } else { 0 };
        self.line.get(from..).unwrap_or("").trim()
    }

    pub fn add_target(&mut self, target: &str) {
        let space = if self.line.ends_with(' ') { "" } else { " " };
        self.line.push_str(&format!("{space}<{target}>"));
    }

    /// Whether the words above end in a colon.
    pub fn introduce(&self) -> bool {
        let rows = self.rows.iter().rev().take(INTRODUCED_WITHIN).map(|(text, _)| text.as_str());
        let above = [self.line.as_str()].into_iter().chain(rows).map(str::trim_end).find(|text| !text.is_empty());
        above.is_some_and(|above| above.ends_with([':', '：']))
    }

    /// Ends the line, if one was begun.
    pub fn end(&mut self, place: Place) {
        if self.touched {
            let line = std::mem::take(&mut self.line);
            let text = line.trim_end();
            // RFC 3676 §4.3: the space makes it a signature mark.
            let is_mark = text == "--" && (self.space || line.len() > text.len());
            self.push(if is_mark { "-- ".to_owned() } else { text.to_owned() }, place);
        }
        (self.space, self.touched) = (false, false);
    }

    /// `<br>`: ends the line, or is an empty one.
    pub fn end_or_skip(&mut self, place: Place) {
        if self.touched { self.end(place) } else { self.push(String::new(), place) }
    }

    pub fn rule(&mut self, place: Place) {
        self.push(RULE.to_owned(), place);
    }

    fn push(&mut self, text: String, place: Place) {
        let apart = std::mem::take(&mut self.apart) && !text.is_empty();
        if apart && let Some((_, above)) = self.rows.last().filter(|(above, _)| !above.is_empty()) {
            let bare = above.bare || place.bare;
            let between = Place { depth: above.depth.min(place.depth), bare, ..Place::default() };
            self.rows.push((String::new(), between));
        }
        self.rows.push((text, place));
    }

    /// All from a row on is quoted once more, beyond doubt.
    pub fn quote_from(&mut self, row: usize) {
        for (_, place) in &mut self.rows[row..] {
            place.depth += 1;
            (place.bare, place.own) = (false, false);
        }
    }

    /// What was read, as text. Where a mail holds quotes beyond doubt, a bare blockquote above them is its author's own
    /// indentation. That stays indented, so that nothing in it acts.
    pub fn finish(self) -> Reading {
        let first_sure = self.rows.iter().position(|(_, place)| place.depth > 0 && !place.bare);
        let mut reading = Reading { quotes: first_sure.is_some(), ..Reading::default() };
        for (at, (text, place)) in self.rows.into_iter().enumerate() {
            let own = place.own || place.bare && first_sure.is_some_and(|first| at < first);
            let quoted = place.depth > 0 && !own;
            let known = (quoted && !place.bare).then_some(SpanKind::Quote);
            reading.known.push(known.or(place.kind.filter(|_| !text.is_empty())));
            if quoted {
                reading.text.push_str(&">".repeat(place.depth.min(QUOTE_MARKS)));
            }
            reading.text.push_str(match (text.is_empty(), quoted, own) {
                (true, ..) | (_, false, false) => "",
                (_, true, _) => " ",
                (_, _, true) => "    ",
            });
            reading.text.push_str(&text);
            reading.text.push('\n');
        }
        reading
    }
}
