//! The words of a line: a piece of the text that all lines share. A text of a hundred lines is then one allocation, and
//! a line that is cut in two copies nothing.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

#[derive(Clone)]
pub struct Piece {
    whole: Arc<str>,
    range: Range<usize>,
}

impl Piece {
    /// Of a text, these bytes.
    pub fn of(whole: &Arc<str>, range: Range<usize>) -> Piece {
        Piece { whole: whole.clone(), range }
    }

    /// Of the piece, these bytes.
    pub fn part(&self, range: Range<usize>) -> Piece {
        Piece::of(&self.whole, self.range.start + range.start..self.range.start + range.end)
    }

    pub fn as_str(&self) -> &str {
        &self.whole[self.range.clone()]
    }
}

impl Deref for Piece {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Piece {
        Piece { whole: text.into(), range: 0..text.len() }
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Piece) -> bool {
        self.as_str() == other.as_str()
    }
}
impl Eq for Piece {}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
