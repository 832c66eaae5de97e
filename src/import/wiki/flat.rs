//! A wiki page as plain text: no headings are marked, and a session is a title with `Date of insert:` below it.
//!
//! A session's lines are mailed as they stand: the grammar understands the form of the old wiki page, its `|` and its
//! forgotten separators included, and says what it repaired.

use super::super::{Entry, Fault, Source, field::field};
use super::{is_part, tracks};

/// The first field of the form.
const FIRST: &str = "date of insert";
/// The last line of the form, but for the `|` below it.
const LAST: &str = "and whether you intend to attend:";

pub fn read(text: &str) -> Result<Source, Fault> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let titles = (0..lines.len()).filter(|at| begins(lines[*at])).map(|at| title_above(&lines, at));
    let titles = titles.collect::<Result<Vec<usize>, Fault>>()?;
    let mut source = Source::default();
    let mut headings = Vec::new();
    let mut above = 0;
    for (n, title) in titles.iter().enumerate() {
        headings.extend(self::headings(&lines[above..*title], n == 0));
        let end = titles.get(n + 1).map_or(lines.len(), |next| end_of(&lines, *title, *next));
        let track = headings.last().filter(|heading| !is_part(heading)).and_then(|heading| field("Track", heading));
        let body = track.iter().map(String::as_str).chain(lines[title + 1..end].iter().copied());
        source.entries.push(Entry {
            key: lines[*title].to_owned(),
            place: format!("line {}", title + 1),
            title: lines[*title].trim().to_owned(),
            text: body.collect::<Vec<_>>().join("\n"),
            ..Entry::default()
        });
        above = end;
    }
    source.tracks = tracks(headings);
    Ok(source)
}

fn begins(line: &str) -> bool {
    let line = line.trim_start_matches(['|', ' ']).to_lowercase();
    line.strip_prefix(FIRST).is_some_and(|rest| rest.trim_start().starts_with([':', '=']))
}

/// The line of the title that stands above a form's first field.
fn title_above(lines: &[&str], field: usize) -> Result<usize, Fault> {
    let title = (0..field).rev().find(|at| !lines[*at].trim().is_empty());
    title.filter(|at| !lines[*at].chars().all(|c| c == '|')).ok_or_else(|| {
        Fault::at(field + 1, "no title stands above this field", "write the session's title on the line above it")
    })
}

/// Where a session ends that another follows: below the form's last line, else right above the next title.
fn end_of(lines: &[&str], title: usize, next: usize) -> usize {
    let own = &lines[title..next];
    let last = own.iter().rposition(|line| line.trim().to_lowercase() == LAST);
    let closed = last.map(|last| own[last + 1..].iter().take_while(|line| is_closing(line)).count() + last + 1);
    closed.map_or(next, |closed| title + closed)
}

fn is_closing(line: &str) -> bool {
    line.trim().chars().all(|c| c == '|')
}

/// The headings among lines that belong to no session. The page begins with its own title.
fn headings<'t>(lines: &[&'t str], first: bool) -> impl Iterator<Item = &'t str> {
    let said = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && !is_closing(line));
    said.skip(usize::from(first))
}
