//! How much a digest holds. However many mails come, it stays short enough to be read, and below what lists let through;
//! what finds no room is counted.

use crate::session::{Session, SessionKey};
use std::collections::{HashMap, HashSet};

/// Bytes of all rows, of one section's, and of one row: in whatever encoding, a digest stays below 100 kB.
pub(super) const MOST_BYTES: usize = 60_000;
const MOST_BYTES_OF_SECTION: usize = 20_000;
const MOST_BYTES_OF_ROW: usize = 8_000;
/// Sessions of one proposer that a digest calls new, changed, or in need of somebody.
const MOST_PER_PERSON: usize = 5;
/// Rows of the digests that show all of a summit: its agenda, its final report.
pub(super) const MOST_ROWS_OF_ALL: usize = 200;
/// Characters of somebody else's text.
pub(super) const MOST_TEXT: usize = 500;
/// Of a title, a name, a list of hosts, a slot.
pub(super) const MOST_NAME: usize = 200;
/// Of one suggestion in a list of many.
pub(super) const ONE_LINE: usize = 160;
/// Suggestions, references and the like of one session.
pub(super) const A_FEW: usize = 3;

/// A part of a digest, below a heading of its own.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub name: String,
    /// What stands above the rows.
    pub lines: Vec<String>,
    pub rows: Vec<Row>,
    /// How many rows were left out.
    pub more: usize,
    /// What stands below them.
    pub hint: Option<String>,
}

/// A session, or something else that has a title, and what is said of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub id: String,
    pub title: String,
    pub lines: Vec<String>,
}

impl Section {
    pub fn of(name: &str, rows: Vec<Row>) -> Section {
        Section { name: name.to_owned(), lines: Vec::new(), rows, more: 0, hint: None }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.lines.is_empty() && self.more == 0
    }
}

impl Row {
    /// A row; of one that would fill the digest by itself the rest is counted.
    pub fn of(id: String, title: String, mut lines: Vec<String>) -> Row {
        let mut bytes = 0;
        let fits = |line: &&String| {
            bytes += line.len();
            bytes <= MOST_BYTES_OF_ROW
        };
        let (all, fit) = (lines.len(), lines.iter().take_while(fits).count());
        if fit < all {
            lines.truncate(fit);
            lines.push(format!("... and {}", count(all - fit, "more line")));
        }
        Row { id, title, lines }
    }

    fn bytes(&self) -> usize {
        self.title.len() + self.lines.iter().map(String::len).sum::<usize>()
    }
}

/// One person's flood of proposals does not fill a digest: a few of their sessions stand in it, in whatever sections.
#[derive(Default)]
pub(super) struct FewPerPerson(HashMap<String, HashSet<SessionKey>>);

impl FewPerPerson {
    pub fn section(&mut self, name: &str, rows: Vec<(&Session, Row)>) -> Section {
        let all = rows.len();
        let few = rows.into_iter().filter(|(session, _)| self.takes(session)).map(|(_, row)| row);
        let section = Section::of(name, few.collect());
        Section { more: all - section.rows.len(), ..section }
    }

    fn takes(&mut self, session: &Session) -> bool {
        let who = session.proposer.address.as_ref().map_or_else(String::new, |address| address.key());
        let theirs = self.0.entry(who).or_default();
        theirs.contains(&session.key) || theirs.len() < MOST_PER_PERSON && theirs.insert(session.key.clone())
    }
}

/// Deals out the digest's rows, one to each section in turn, so that a flood in one leaves the others theirs. What finds
/// no room is counted.
pub(super) fn deal(sections: &mut [Section], most_rows: usize) {
    let (mut rows, mut bytes) = (most_rows, MOST_BYTES);
    let mut dealt: Vec<(usize, usize)> = vec![(0, 0); sections.len()];
    loop {
        let before = rows;
        for (section, (count, size)) in sections.iter().zip(&mut dealt) {
            let next = section.rows.get(*count).map(Row::bytes);
            if let Some(next) = next.filter(|next| rows > 0 && *next <= bytes && *size + next <= MOST_BYTES_OF_SECTION)
            {
                (rows, bytes) = (rows - 1, bytes - next);
                (*count, *size) = (*count + 1, *size + next);
            }
        }
        if rows == before {
            break;
        }
    }
    for (section, (count, _)) in sections.iter_mut().zip(dealt) {
        section.more += section.rows.len() - count;
        section.rows.truncate(count);
    }
}

pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
