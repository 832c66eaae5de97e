//! What became of a mail, line by line: what was recorded, done, not done and read between the lines.
//!
//! The private answer and `explain` show the same. Each of the author's lines stands quoted above its result; below one
//! that was not done a row of carets points at the words at fault.

use super::answer::{at_line, rows};
use super::wrap::{WIDTH, cut, fill, printable};
use super::{rendered, sentences};
use crate::grammar::Form;
use crate::session::{Answer, Item, Summit};
use askama::Template;
use textwrap::core::display_width;

#[derive(Template)]
#[template(path = "transcript.txt")]
pub struct Transcript {
    opened: Vec<Opened>,
    repairs: Vec<String>,
    /// The author's line, and what became of it.
    done: Vec<(String, String)>,
    errors: Vec<ErrorLine>,
    guessed: Vec<(String, String)>,
    kept: Option<String>,
    which: Option<Which>,
}

struct Opened {
    head: String,
    rows: Vec<(&'static str, String)>,
    alike: Option<String>,
    before: Option<String>,
}

struct ErrorLine {
    source: String,
    /// Carets below the words at fault, when they can be pointed at.
    mark: Option<String>,
    reason: String,
    hint: String,
}

struct Which {
    title: String,
    candidates: Vec<(String, String)>,
    example: String,
}

/// Columns for a line of the author's, behind its `> `.
const SOURCE: usize = WIDTH - 2;
/// So many columns in front of the words at fault stay when a long line is cut at its beginning.
const BEFORE: usize = 24;
const CUT: &str = "... ";

impl Transcript {
    pub fn of(answer: &Answer, summit: &Summit) -> Transcript {
        let mut transcript = Transcript {
            opened: Vec::new(),
            repairs: answer.repairs.iter().map(|repair| at_line(repair.line, &repair.text)).collect(),
            done: Vec::new(),
            errors: Vec::new(),
            guessed: Vec::new(),
            kept: None,
            which: None,
        };
        let mut items: Vec<&Item> = answer.items.iter().collect();
        // As the author wrote them.
        items.sort_by_key(|item| item.line());
        items.into_iter().for_each(|item| transcript.add(item, summit));
        transcript
    }

    /// As it stands in a letter: at most 72 columns.
    pub fn text(&self) -> String {
        fill(&rendered(self))
    }

    fn add(&mut self, item: &Item, summit: &Summit) {
        match item {
            Item::Opened { session, proposal, alike, before } => self.opened.push(Opened {
                head: format!("your proposal is recorded as {session}:"),
                rows: rows(proposal, summit),
                alike: alike.as_ref().map(ToString::to_string),
                before: before.as_ref().map(sentences::before),
            }),
            Item::Revised { session, title } => {
                let head = format!("the revision of {session}, \"{}\", is recorded.", printable(title));
                self.opened.push(Opened { head, rows: Vec::new(), alike: None, before: None });
            }
            Item::Done { session, ask } => {
                let line = || (excerpt(&ask.source, "").0, sentences::done(session, ask, &summit.zone));
                match ask.form {
                    Form::Command | Form::Field => self.done.push(line()),
                    Form::Phrase => {
                        let (source, done) = line();
                        self.guessed.push((source, format!("{done} {}", sentences::unless(&ask.want))));
                    }
                    Form::Prose => self.kept = Some(sentences::kept(session)),
                }
            }
            Item::Undone { ask, sessions, by, ahead } => {
                self.done.push((excerpt(&ask.source, "").0, sentences::undone(sessions, by, *ahead)));
            }
            Item::UndoneAhead { session, ask } => {
                self.done.push((excerpt(&ask.source, "").0, sentences::undone_ahead(session)));
            }
            Item::ObjectedLate { session, ask, since } => {
                let done = sentences::objected_late(session, *since, &summit.zone);
                self.done.push((excerpt(&ask.source, "").0, done));
            }
            Item::Waits { session, source, verb, .. } => {
                self.done.push((excerpt(source, "").0, sentences::asked_elsewhere(session, verb)));
            }
            Item::Told { source, .. } => self.done.push((excerpt(source, "").0, sentences::told())),
            Item::Reviewed { source, post, dropped, .. } => {
                self.done.push((excerpt(source, "").0, sentences::reviewed(post, *dropped)));
            }
            Item::Dropped { source, .. } => self.done.push((excerpt(source, "").0, sentences::dropped())),
            Item::Refused { source, refusal, .. } => {
                let (reason, hint) = sentences::refusal(refusal);
                self.error(source, &sentences::fault(refusal), reason, hint);
            }
            Item::NotUnderstood(complaint) => {
                let reason = printable(&complaint.reason);
                self.error(&complaint.source, &complaint.fault, reason, complaint.hint.clone());
            }
            Item::Held { title, of } => {
                let (reason, hint) = sentences::held(of.as_ref());
                self.error(title, "", reason, hint);
            }
            Item::WhichSession { title, candidates } => {
                let candidates: Vec<(String, String)> =
                    candidates.iter().map(|(key, title)| (key.to_string(), cut(&printable(title), 60))).collect();
                let example = candidates.first().map_or_else(|| "S-7".into(), |(id, _)| id.clone());
                self.which = Some(Which { title: printable(title), candidates, example });
            }
        }
    }

    fn error(&mut self, source: &str, fault: &str, reason: String, hint: String) {
        let (source, mark) = excerpt(source, fault);
        self.errors.push(ErrorLine { source, mark, reason, hint });
    }
}

/// A line of the author's in one line of a letter, and the carets below its fault. A line that is too long is cut where
/// the fault is not.
pub fn excerpt(source: &str, fault: &str) -> (String, Option<String>) {
    let (line, fault) = (printable(source), printable(fault));
    let Some(at) = place(&line, &fault) else { return (cut_to_width(&line), None) };
    let far = display_width(&line[..at + fault.len()]) > SOURCE && display_width(&line[..at]) > BEFORE;
    let (line, at) = if far { without_beginning(&line, at) } else { (line, at) };
    let columns = display_width(&fault).min(SOURCE - display_width(&line[..at]));
    let mark = format!("  {}{}", " ".repeat(display_width(&line[..at])), "^".repeat(columns));
    (cut_to_width(&line), Some(mark))
}

/// Where the fault stands, by bytes: its last place, for what is wrong with a command stands behind the verb.
fn place(line: &str, fault: &str) -> Option<usize> {
    let (line, fault) = (line.to_ascii_lowercase(), fault.to_ascii_lowercase());
    line.rfind(&fault).filter(|_| !fault.is_empty())
}

/// The line from a word shortly before this place, and the place in what is left.
fn without_beginning(line: &str, at: usize) -> (String, usize) {
    let words = line[..at].match_indices(' ').map(|(space, _)| space + 1);
    let near = |from: &usize| display_width(&line[*from..at]) <= BEFORE;
    let from = words.filter(near).min().unwrap_or(at);
    (format!("{CUT}{}", &line[from..]), CUT.len() + at - from)
}

fn cut_to_width(line: &str) -> String {
    if display_width(line) <= SOURCE {
        return line.to_owned();
    }
    let mut columns = 0;
    let fits = |c: &char| {
        columns += display_width(c.encode_utf8(&mut [0; 4]));
        columns <= SOURCE
    };
    cut(line, line.chars().take_while(fits).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str, fault: &str) -> String {
        let (line, mark) = excerpt(source, fault);
        mark.map_or_else(|| format!("> {line}"), |mark| format!("> {line}\n{mark}"))
    }

    #[test]
    fn carets_stand_below_the_words_at_fault() {
        assert_eq!(shown("#session atend remote", "atend"), "> #session atend remote\n           ^^^^^");
        assert_eq!(shown("#session S-9\n  interested", "S-9"), "> #session S-9 interested\n           ^^^");
        assert_eq!(shown("Attend: 多分", "多分"), "> Attend: 多分\n          ^^^^", "wide letters take two columns");
        assert_eq!(shown("[TOPIC] Console", ""), "> [TOPIC] Console");
        assert_eq!(shown("#session accept", "not there"), "> #session accept");
    }

    #[test]
    fn a_long_line_is_cut_where_the_fault_is_not() {
        let long = format!("#session slot {} at noon in ROOM 12", "very ".repeat(20));
        for fault in ["slot", "at noon", "very very very very", "in ROOM 12"] {
            let shown = shown(&long, fault);
            let (line, mark) = shown.split_once('\n').unwrap();
            let at = mark.find('^').unwrap();
            assert!(shown.lines().all(|line| line.len() <= WIDTH), "{shown}");
            assert_eq!(&line[at..mark.len()], fault, "{shown}");
        }
    }

    #[test]
    fn no_width_of_letters_makes_it_wider_than_a_letter() {
        for source in ["語".repeat(60), "a".repeat(200), format!("{} x", "é".repeat(80))] {
            for fault in ["x", "語", "a", "é", ""] {
                assert!(shown(&source, fault).lines().all(|line| display_width(line) <= WIDTH), "{source} {fault}");
            }
        }
    }
}
