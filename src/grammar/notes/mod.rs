//! What an outcome mail reports: who was there, what was decided, who will do what. Read, never required.
//!
//! All of the text is kept verbatim as the notes; what is found here is found again in it. Two ways lead to a decision
//! or an action: a section under a known heading (`## Decisions`, underlined, `== Actions ==`, `Next steps:`), and a
//! marker in front of a line (`TODO: …`, `AI(Ada): …`, `#agreed …`).

mod action;
mod transcript;

use super::lines::{self, OwnLine, bullet, continues};
use super::{Chapter, Notes, pattern, people, reference};
use crate::mail::glance::Glance;
use crate::mail::{Person, SpanKind, Text};
use action::{DONE, action};
use regex::Regex;
use std::sync::LazyLock;
pub use transcript::{converses, speakers};

/// What stands under a heading or behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Decisions,
    Actions,
    Participants,
    Hosts,
    Scribes,
}

#[rustfmt::skip]
const HEADINGS: &[(Section, &[&str])] = &[
    (Section::Decisions, &["decision", "decisions", "agreed", "agreement", "agreements", "conclusion", "conclusions", "outcome", "outcomes", "summary", "resolution", "resolutions", "consensus", "decisions made", "key decisions", "takeaways", "key takeaways"]),
    (Section::Actions, &["action", "actions", "action item", "action items", "proposed action", "proposed actions", "next step", "next steps", "todo", "todos", "to do", "to-do", "ai", "ais", "follow-up", "follow-ups", "follow up", "actionable items", "action points"]),
    (Section::Participants, &["participants", "attendees", "present", "in attendance", "attending", "in the room", "people present"]),
    (Section::Hosts, &["host", "hosts", "host(s)", "presenter", "presenters", "moderator", "moderators", "session host", "session hosts", "lead"]),
    (Section::Scribes, &["scribe", "scribes", "notetaker", "notetakers", "note taker", "note takers", "note-taker", "notes by", "notes taken by", "minutes by", "minutes taken by"]),
];

static GLANCE: LazyLock<Glance> =
    LazyLock::new(|| Glance::of(HEADINGS.iter().flat_map(|(_, titles)| *titles).copied()));

/// `TODO: x`, `AI(Ada): x`, `[ACTION] Ada: x`, `#agreed x`, also behind a bullet.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^\s*(?:[-*•+]\s+)?(?:
            \[(?P<tag>action(?:\s+item)?|todo|ai|agreed|decision)\]:?
          | \#(?P<hash>action|todo|agreed|decision|decided)\b:?
          | (?P<key>todo|action(?:\s+item)?|ai|decision|agreed|conclusion|outcome|resolution)\s*(?:\((?P<owner>[^()]{1,80})\))?\s*:
        )\s*(?P<text>\S.*)$",
    )
});
static HASHES: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:#{1,6}\s+(.+?)[\s#]*|={2,6}\s*(.+?)\s*={2,6})$"));
static BOLD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:\*{1,2}|_{1,2})([^*_]{1,80}?):?(?:\*{1,2}|_{1,2}):?$"));
static ROLES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(presenters?|hosts?|moderators?|note[\s-]?takers?|scribes?)\s*:\s*([^,;()]+)"));
/// No session has more people than this; further names are not read.
const MOST: usize = 300;

/// Words that stand where a name could, and are none.
#[rustfmt::skip]
const NOT_NAMES: &[&str] = &[
    "need", "needs", "want", "plan", "try", "going", "have", "how", "what", "when", "where", "why", "who", "time", "we", "they", "it", "one", "this", "that", "there", "next",
    "note", "notes", "nb", "question", "questions", "answer", "problem", "problems", "issue", "issues", "idea", "ideas", "option", "example", "pro", "pros", "con", "cons", "goals",
    "todo", "topic", "status", "background", "motivation", "proposal", "solution", "link", "links", "ref", "refs", "references", "title", "date", "subject", "from", "description", "abstract",
    "step", "warning", "update", "edit", "also", "see", "session", "today", "slides", "discussion", "summary", "conclusion", "continue", "start", "move", "look", "agree", "propose",
    "slides", "video", "plan", "suggestion", "action", "actions", "decision", "decisions", "result", "results", "reason", "use", "comment", "comments", "concern", "concerns", "details", "fixes", "closes", "version", "changes", "changelog", "kernel", "linux", "host", "hosts", "participants", "agreed", "goal",
    "schedule", "contact", "track", "interest", "attend", "suggest", "cc", "to", "sent", "ps", "unclear", "open", "first", "second", "third", "finally",
];
const NOBODY: &[&str] = &[
    "nobody",
    "noone",
    "no one",
    "tbd",
    "tba",
    "?",
    "someone",
    "somebody",
    "anyone",
    "everyone",
    "everybody",
    "all",
    "unassigned",
];

/// Whether a name-like word begins a remark: `Note`, `Background`.
fn is_no_name(name: &str) -> bool {
    let first = name.split([' ', ',']).next().unwrap_or("").to_lowercase();
    NOT_NAMES.contains(&first.as_str())
}

fn is_nobody(name: &str) -> bool {
    NOBODY.contains(&name.to_lowercase().as_str())
}

/// How much of a mail is notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// An outcome mail: headings count, and quotes are kept as its author's own text.
    #[default]
    Whole,
    /// A reply: only lines with a marker count.
    Markers,
}

/// The notes of a mail, and the lines a marker stands on; without any, a reply's notes are empty. Total, linear.
pub fn read(text: &Text, own: &[OwnLine], extent: Extent) -> (Notes, Vec<usize>) {
    let (mut notes, taken) = said(own, extent);
    notes.text = match extent {
        Extent::Markers if taken.is_empty() => String::new(),
        Extent::Markers => lines::joined(own.iter().map(|line| line.raw)),
        Extent::Whole => {
            let kept = text.lines().filter(|line| !matches!(line.kind, SpanKind::Signature | SpanKind::Footer));
            lines::joined(kept.map(|line| line.text.trim_end()))
        }
    };
    (notes, taken)
}

/// The notes of an outcome mail, cut at its headings. Total, linear.
pub fn chapters(own: &[OwnLine]) -> Vec<Chapter> {
    let cut = |at: &usize| {
        let line = &own[*at];
        let heads = |heading: Heading| heading.section.is_none() && heading.inline.is_empty();
        !line.code && !line.is_blank() && heading(&line.text, own.get(at + 1)).is_some_and(heads)
    };
    let cuts: Vec<usize> = (0..own.len()).filter(cut).collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    let ends = cuts.iter().copied().chain([own.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    let chapter = |(number, (start, end)): (usize, (usize, usize))| {
        let heading = match number {
            0 => String::new(),
            _ => own[start].text.trim().trim_matches(['#', '=', '*', '_', ':', ' ']).to_owned(),
        };
        let names = reference::all(&heading);
        Chapter { names, heading, notes: said(&own[start..end], Extent::Whole).0 }
    };
    starts.zip(ends).enumerate().map(chapter).collect()
}

/// What lines of notes say, their text left out, and the lines a marker stands on.
fn said(own: &[OwnLine], extent: Extent) -> (Notes, Vec<usize>) {
    let mut reader = Reader { extent, ..Reader::default() };
    let speakers = if extent == Extent::Whole { speakers(own) } else { Vec::new() };
    let mut skip = false;
    for (index, line) in own.iter().enumerate().filter(|(_, line)| !line.code) {
        if !std::mem::take(&mut skip) {
            skip = reader.line(line, own.get(index + 1));
        }
    }
    let Reader { mut notes, found, taken, .. } = reader;
    for Item { section, text, owner, marked } in found {
        match section {
            Section::Decisions => notes.decisions.push(text),
            Section::Actions => notes.actions.extend(action(&text, owner.as_deref())),
            Section::Participants => add(&mut notes.participants, &text),
            Section::Hosts => add(&mut notes.hosts, &text),
            Section::Scribes => add(&mut notes.scribes, &text),
        }
        debug_assert!(marked || extent == Extent::Whole, "a reply's notes come from markers alone");
    }
    for name in speakers {
        // `Jan` in a transcript is the `Jan Beulich` of the list of participants.
        let known = notes.participants.iter().filter_map(|person| person.name.as_ref());
        if !known.into_iter().any(|full| *full == name || full.split(' ').next() == Some(&name)) {
            notes.participants.push(Person::named(&name));
        }
    }
    (notes, taken)
}

/// Whether a text has the form of notes, whatever it calls itself: of a list of who was there, a transcript, and a
/// heading for decisions or actions, at least two.
pub fn is_form(own: &[OwnLine]) -> bool {
    let (mut people, mut results) = (false, false);
    for (index, line) in own.iter().enumerate().filter(|(_, line)| !line.code && !line.is_blank()) {
        match heading(&line.text, own.get(index + 1)).and_then(|heading| heading.section) {
            Some(Section::Participants) => people = true,
            Some(Section::Decisions | Section::Actions) => results = true,
            _ => {}
        }
    }
    (people && results) || ((people || results) && converses(own))
}

/// One thing found, its wrapped lines joined.
struct Item {
    section: Section,
    text: String,
    owner: Option<String>,
    marked: bool,
}

/// Where the reader stands.
#[derive(Default)]
struct Reader<'a> {
    extent: Extent,
    notes: Notes,
    found: Vec<Item>,
    taken: Vec<usize>,
    /// The section, and whether its heading was one that only another heading ends.
    section: Option<(Section, bool)>,
    /// The section has an item already, and its last is a bullet.
    begun: Option<bool>,
    /// The line above, when the last item may go on.
    above: Option<&'a str>,
    blank: bool,
}

impl<'a> Reader<'a> {
    /// Reads one line; true when the next one is its underline.
    fn line(&mut self, line: &'a OwnLine<'a>, next: Option<&OwnLine>) -> bool {
        let text: &'a str = line.text.as_ref();
        let blank = std::mem::replace(&mut self.blank, line.is_blank());
        if line.is_blank() {
            self.above = None;
            return false;
        }
        if lines::holds(text, *b"[#:")
            && let Some(found) = MARKER.captures(text)
        {
            let word = ["tag", "hash", "key"].iter().find_map(|part| found.name(part)).map_or("", |word| word.as_str());
            let section = match word.to_lowercase().as_str() {
                "agreed" | "decision" | "decided" | "conclusion" | "outcome" | "resolution" => Section::Decisions,
                _ => Section::Actions,
            };
            let owner = found.name("owner").map(|owner| owner.as_str().trim().to_owned());
            self.taken.push(line.number);
            self.found.push(Item { section, text: found["text"].trim().to_owned(), owner, marked: true });
            self.above = Some(text);
            return false;
        }
        if self.extent == Extent::Whole {
            if self.roles(text) {
                self.above = None;
                return false;
            }
            if let Some(heading) = heading(text, next) {
                let underlined = heading.underlined;
                self.enter(heading);
                return underlined;
            }
        }
        if let Some(above) = self.above
            && bullet(text).is_none()
            && (continues(above, text) || self.in_paragraph())
            && let Some(item) = self.found.last_mut()
        {
            item.text.push(' ');
            item.text.push_str(text.trim());
            if item.marked {
                self.taken.push(line.number);
            }
            self.above = Some(text);
            return false;
        }
        self.item(text, blank);
        false
    }

    /// Inside an unbulleted paragraph of a section, every line goes on with it; but people are listed line by line.
    fn in_paragraph(&self) -> bool {
        self.section.is_some_and(|(section, _)| matches!(section, Section::Decisions | Section::Actions))
            && self.begun == Some(false)
            && self.found.last().is_some_and(|item| !item.marked)
    }

    fn enter(&mut self, heading: Heading<'a>) {
        self.section = heading.section.map(|section| (section, heading.strong));
        self.begun = None;
        self.above = None;
        if let (Some(section), false) = (heading.section, heading.inline.is_empty()) {
            self.found.push(Item { section, text: heading.inline.to_owned(), owner: None, marked: false });
            // `Participants: A, B` is complete; `Conclusion: …` may be wrapped.
            self.begun = Some(false);
            self.above = heading.line;
            if !matches!(section, Section::Decisions | Section::Actions) {
                self.section = None;
            }
        }
    }

    fn item(&mut self, text: &'a str, after_blank: bool) {
        self.above = None;
        let Some((section, strong)) = self.section else { return self.done_line(text) };
        let words = bullet(text);
        let ends = after_blank && self.begun.is_some() && (words.is_none() || self.begun == Some(false)) && !strong;
        if ends || super::phrases::is_farewell(text) {
            self.section = None;
            return self.done_line(text);
        }
        self.begun = Some(words.is_some());
        self.found.push(Item { section, text: words.unwrap_or(text.trim()).to_owned(), owner: None, marked: false });
        self.above = Some(text);
    }

    /// `Name to do X. - Done.` stands anywhere.
    fn done_line(&mut self, text: &str) {
        let words = bullet(text).unwrap_or(text.trim());
        if self.extent == Extent::Whole
            && DONE.is_match(words)
            && action(words, None).is_some_and(|action| action.owner.is_some())
        {
            self.found.push(Item { section: Section::Actions, text: words.to_owned(), owner: None, marked: false });
        }
    }

    /// `(Presenter: X, Notetaker: Y)`
    fn roles(&mut self, text: &str) -> bool {
        let before = self.found.len();
        if text.trim_start().starts_with('(') {
            self.found.extend(ROLES.captures_iter(text).map(|found| {
                let scribe = found[1].to_lowercase().starts_with(['n', 's']);
                let section = if scribe { Section::Scribes } else { Section::Hosts };
                Item { section, text: found[2].trim().to_owned(), owner: None, marked: false }
            }));
        }
        self.found.len() > before
    }
}

/// A heading: what it heads, and what stands behind it on the same line.
struct Heading<'t> {
    section: Option<Section>,
    inline: &'t str,
    line: Option<&'t str>,
    /// `##`, `== ==`, underlined: only the next heading ends it.
    strong: bool,
    underlined: bool,
}

fn heading<'t>(text: &'t str, next: Option<&OwnLine>) -> Option<Heading<'t>> {
    let text = text.trim_end();
    let underlined = next.is_some_and(|next| next.text.trim_start().starts_with(UNDERLINES.map(char::from)));
    // Most lines are prose: nothing is looked for in them.
    if !underlined && !text.trim_start().starts_with(['#', '=', '*', '_']) && !text.contains(':') {
        return None;
    }
    let plain = |title: &str, strong, underlined| Heading {
        section: section(title),
        inline: "",
        line: None,
        strong,
        underlined,
    };
    if text.starts_with(['#', '='])
        && let Some(found) = HASHES.captures(text)
    {
        let title = found.get(1).or(found.get(2)).map_or("", |title| title.as_str());
        return Some(plain(title, true, false));
    }
    if underlined
        && next.is_some_and(|next| is_underline(next.text.trim()))
        && text.chars().count() <= 80
        && bullet(text).is_none()
    {
        return Some(plain(text, true, true));
    }
    if text.trim_start().starts_with(['*', '_'])
        && let Some(found) = BOLD.captures(text.trim())
    {
        let title = found.get(1).map_or("", |title| title.as_str());
        return Some(plain(title, false, false));
    }
    let (title, inline) = text.trim_start_matches(['*', '_']).split_once(':')?;
    let inline = inline.trim_start_matches(['*', '_']).trim();
    let known = section(title);
    let heads = known.is_some() || (inline.is_empty() && title.chars().count() <= 60 && bullet(text).is_none());
    // `Lead: time to first byte` has a known key and no people behind it.
    let suits = match known {
        Some(Section::Participants | Section::Hosts | Section::Scribes) if !inline.is_empty() => {
            !named(inline).is_empty()
        }
        _ => true,
    };
    let at_margin = !text.starts_with([' ', '\t']) || known.is_some();
    (heads && suits && at_margin).then_some(Heading {
        section: known,
        inline,
        line: Some(text),
        strong: false,
        underlined: false,
    })
}

/// At least three of one of these.
fn is_underline(text: &str) -> bool {
    text.len() >= 3 && UNDERLINES.iter().any(|mark| text.bytes().all(|byte| byte == *mark))
}
const UNDERLINES: [u8; 4] = [b'=', b'-', b'~', b'^'];

/// Longer text is no heading that is known, in bytes.
const LONGEST_HEADING: usize = 32;

fn section(title: &str) -> Option<Section> {
    let title = title.trim().trim_matches(['*', '_', ':', '#', ' ', '(', '.']);
    if title.len() > LONGEST_HEADING || !GLANCE.may_begin(title) {
        return None;
    }
    let title = title.to_lowercase();
    HEADINGS.iter().find(|(_, titles)| titles.contains(&title.as_str())).map(|(section, _)| *section)
}

/// The people of a list who are plainly people.
fn named(text: &str) -> Vec<Person> {
    let plausible = |person: &Person| person.address.is_some() || person.name.as_deref().is_some_and(people::is_name);
    people::persons(text).into_iter().filter(plausible).collect()
}

fn add(list: &mut Vec<Person>, text: &str) {
    for person in named(text) {
        if list.len() < MOST && !list.iter().any(|known| known.is(&person)) {
            list.push(person);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::Action;
    use crate::mail::Line;

    fn read_all(source: &str, extent: Extent) -> (Notes, Vec<usize>) {
        fn line((index, text): (usize, &str)) -> Line<'_> {
            let kind = if text.starts_with('>') { SpanKind::Quote } else { SpanKind::Visible };
            Line { first: index + 1, last: index + 1, text, kind }
        }
        let text = Text::of(&source.lines().enumerate().map(line).collect::<Vec<_>>());
        read(&text, &lines::own(&text), extent)
    }

    fn notes(source: &str) -> Notes {
        read_all(source, Extent::Whole).0
    }

    fn shown(actions: &[Action]) -> Vec<String> {
        let show = |action: &Action| {
            let owner = action.owner.as_ref().map_or("-", |owner| owner.label());
            format!("{owner}: {}{}", action.text, if action.done { " (done)" } else { "" })
        };
        actions.iter().map(show).collect()
    }

    #[test]
    fn four_styles_of_heading() {
        for text in [
            "## Decisions\n\n- one\n- two\n\n## Actions\n- Ada to try it",
            "Decisions\n=========\n\n- one\n- two\n\nActions\n-------\n- Ada to try it",
            "Decisions:\n- one\n- two\n\nNext steps:\n- Ada to try it\n\nThat was all.",
            "*Decisions*\n- one\n- two\n\n**Action items:**\n- Ada to try it\n\nBye",
            "== Decisions ==\n* one\n* two\n\n== Actions ==\n* Ada to try it",
        ] {
            let notes = notes(text);
            assert_eq!(notes.decisions, ["one", "two"], "{text}");
            assert_eq!(shown(&notes.actions), ["Ada: try it"], "{text}");
            assert_eq!(notes.text, text);
        }
    }

    #[test]
    fn markers_stand_anywhere() {
        let notes = notes(
            "Talk talk.\nTODO: add \"ping on irc\" to the page.\nACTION: Ada to write it\nAI(Grace Hopper): try it\n[ACTION] Ada: send it - Done.\n\
             #action Grace: mail the list\n#agreed we go on\nDecision: no more flags\n- Conclusion: keep it small\nMore talk to do things.\nAda to ask Grace. - Done.",
        );
        assert_eq!(notes.decisions, ["we go on", "no more flags", "keep it small"]);
        assert_eq!(
            shown(&notes.actions),
            [
                "-: add \"ping on irc\" to the page.",
                "Ada: write it",
                "Grace Hopper: try it",
                "Ada: send it (done)",
                "Grace: mail the list",
                "Ada: ask Grace. (done)"
            ]
        );
    }

    #[test]
    fn people_and_their_parts() {
        let notes = notes(
            "Participants: Ada Lovelace (ACME), Grace Hopper\nHost: Ada Lovelace\nNotes by: Edsger\n(Presenter: Barbara, Notetaker: Donald)\n\nAda: hello\nBarbara: yes\nAda: no\nNote: this is odd\nBarbara: so",
        );
        let names = |people: &[Person]| people.iter().map(|person| person.label().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&notes.participants), ["Ada Lovelace", "Grace Hopper", "Barbara"]);
        assert_eq!(names(&notes.hosts), ["Ada Lovelace", "Barbara"]);
        assert_eq!(names(&notes.scribes), ["Edsger", "Donald"]);
    }

    #[test]
    fn wrapped_conclusions_are_whole() {
        let notes = notes(
            "Conclusion: let us first do a basic working solution which runs on the\nfirst generation of hardware.\n\nUnrelated.",
        );
        assert_eq!(
            notes.decisions,
            ["let us first do a basic working solution which runs on the first generation of hardware."]
        );
    }

    #[test]
    fn a_reply_speaks_by_markers_alone() {
        let (notes, taken) = read_all("Decisions:\n- none\n\nAction: Ada to retry\n> TODO: quoted", Extent::Markers);
        assert_eq!((notes.decisions.len(), shown(&notes.actions), taken), (0, vec!["Ada: retry".to_owned()], vec![4]));
    }
}
