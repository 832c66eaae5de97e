//! The grammar as a list member meets it: every example of `docs/mail-grammar.md` runs here, and properties that hold
//! for any mail.

mod grammar {
    pub mod support;
}
use grammar::support::{mail, private_words, words};

use proptest::prelude::*;
use rapporteur::grammar::{Form, Reading, Vocabulary, parse};
use rapporteur::mail::Kind;

const DOCUMENT: &str = include_str!("../docs/mail-grammar.md");

fn read(subject: &str, in_reply_to: Option<&str>, body: &str) -> Reading {
    parse(&mail(subject, in_reply_to, body), &Vocabulary::default())
}

/// A fenced block of the document.
struct Block {
    info: String,
    text: String,
    line: usize,
}

/// All fenced blocks: a fence is closed by one of its own length.
fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, Block)> = None;
    for (number, line) in document.lines().enumerate() {
        let fence: String = line.chars().take_while(|c| *c == '`').collect();
        open = match open {
            Some((opening, block)) if fence == opening && line == fence => {
                blocks.push(block);
                None
            }
            Some((opening, mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                Some((opening, block))
            }
            None if fence.len() >= 3 => {
                let info = line[fence.len()..].trim().to_owned();
                Some((fence, Block { info, text: String::new(), line: number + 1 }))
            }
            None => None,
        };
    }
    assert!(open.is_none(), "the last fence is not closed");
    blocks
}

/// The examples: each `mail` block with the `understood` block right behind it.
fn examples(document: &str) -> Vec<(usize, String, String)> {
    let mut examples = Vec::new();
    let mut blocks = blocks(document).into_iter();
    while let Some(block) = blocks.next() {
        assert_eq!(block.info, "mail", "line {}: only pairs of `mail` and `understood` stand here", block.line);
        let understood = blocks.next().filter(|next| next.info == "understood");
        let understood = understood.unwrap_or_else(|| panic!("line {}: no `understood` follows this mail", block.line));
        examples.push((block.line, block.text, understood.text));
    }
    examples
}

/// The reading of an example's mail, in words.
fn understood(source: &str) -> String {
    let (head, body) = source.split_once("\n\n").expect("a blank line between headers and body");
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let subject = header("Subject").expect("a subject");
    let parent = header("In-Reply-To").map(|id| id.trim_matches(['<', '>']));
    let reading = read(subject, parent, body);
    let private = header("To").map(|_| private_words(&reading)).unwrap_or_default();
    words(&reading) + &private
}

#[test]
fn every_example_of_the_document_holds() {
    let examples = examples(DOCUMENT);
    assert!(examples.len() >= 20, "only {} examples", examples.len());
    for (line, source, expected) in examples {
        assert_eq!(understood(&source), expected, "docs/mail-grammar.md, line {line}:\n{source}");
    }
}

#[test]
#[should_panic(expected = "no `understood` follows")]
fn a_mail_without_its_reading_fails() {
    examples("```mail\nSubject: x\n\ny\n```\n");
}

/// The text with every line behind `mark`.
fn behind(mark: &str, text: &str) -> String {
    text.lines().map(|line| format!("{mark}{line}\n")).collect()
}

/// Lines that act, when their author writes them at column 0.
const ACTING: [&str; 7] =
    ["#session attend remote", "#session withdraw", "+1", "Attend: yes", "S-7: +1", "TODO: act", "Interest: very"];

fn acts(reading: &Reading) -> bool {
    reading.asks.iter().any(|ask| ask.form != Form::Prose) || reading.notes.is_some() || !reading.complaints.is_empty()
}

#[test]
fn the_acting_lines_do_act_when_they_stand_free() {
    for line in ACTING {
        assert!(acts(&read("Re: [TOPIC] x", Some("x@example.org"), line)), "{line}");
    }
}

#[test]
fn a_command_in_any_kind_of_line_of_others_is_nothing() {
    for line in ACTING {
        for body in [format!("> {line}"), format!("-- \n{line}"), format!("```\n{line}\n```"), format!("    {line}")] {
            if line == "TODO: act" && body.starts_with("    ") {
                // Notes are indented as their author likes.
                continue;
            }
            assert!(!acts(&read("Re: [TOPIC] x", Some("x@example.org"), &body)), "{body}");
        }
    }
}

#[test]
fn the_same_lines_survive_a_byte_order_mark_no_break_spaces_and_stuffing() {
    for body in [
        "\u{feff}#session attend remote",
        "#session\u{a0}attend\u{a0}remote",
        " #session attend remote",
        "#SESSION: Attend Remote",
    ] {
        let reading = read("Re: [TOPIC] x", Some("x@example.org"), body);
        assert_eq!(words(&reading), "kind: command\nask: attend remote [command]\n", "{body:?}");
    }
    let reading = read("[TOPIC] x", None, "\u{feff}Contact:\u{a0}Ada\n Track: Boot\n");
    assert_eq!(words(&reading), "kind: proposal\ntitle: x\nhost: Ada\ntrack: Boot\n");
}

#[test]
fn everyday_words_in_prose_stay_prose() {
    let body = "We met last year.\nWhere: nobody knows. It was late, and nobody wrote it down anywhere.\n\nBackground: it is old.\n\nNote: this is no field.\n\n\
                Problem: it breaks.\n\nType: a word that people type\nwhen they are asked for a sentence which is too long to be a format of a session.\n";
    let proposal = read("[TOPIC] x", None, body).proposal.expect("a proposal");
    for line in body.lines().take(6) {
        assert!(proposal.description.contains(line), "{line}");
    }
    assert_eq!((proposal.slot, proposal.references.len()), (None, 0));
}

#[test]
fn a_page_wrapped_by_a_mailer_keeps_its_bullets() {
    let body = "Technical contact: (ACME) Ada Lovelace, Grace Hopper |\nDescription: One console is not enough, and two are hard to\nagree on.\n\
                - what breaks, and on which of the machines that we have in the\ncolo\n- who\n\nOther questions\n* why\nSCHEDULE: http://sched.example.org/x |\nOutcomes: Not specified |\n";
    let proposal = read("[DESIGN SESSION] x", None, body).proposal.expect("a proposal");
    assert_eq!(proposal.agenda, ["what breaks, and on which of the machines that we have in the colo", "who", "why"]);
    assert!(proposal.description.contains("Other questions"));
    assert_eq!(proposal.slot.and_then(|slot| slot.url).as_deref(), Some("http://sched.example.org/x"));
    assert_eq!(proposal.expected_outcomes, None);
}

#[test]
fn a_buried_key_is_found_and_reported_once() {
    for body in ["Date of insert: July 13 2017\nContact=Ada;\n", "Date of insert: July 13 2017 Contact=Ada\n"] {
        let reading = read("[DESIGN SESSION] x", None, body);
        let proposal = reading.proposal.expect("a proposal");
        assert_eq!((proposal.hosts.len(), proposal.submitted.is_some(), reading.repairs.len()), (1, true, 1), "{body}");
    }
    assert!(read("[TOPIC] x", None, "Date=2017-07-13\nContact=Ada\n").repairs.is_empty());
}

#[test]
fn kinds_from_the_mail_alone() {
    let parent = Some("parent@example.org");
    for (subject, parent, body, kind) in [
        ("[TOPIC] x", parent, "prose", Kind::Proposal),
        ("Fwd: [TOPIC] x", None, "prose", Kind::Discussion),
        ("Re: [TOPIC v2] x", parent, "+1", Kind::Reply),
        ("Re: [TOPIC v2] x", parent, "Description: the new one", Kind::Revision),
        ("Re: Design session: x", parent, "yes", Kind::Reply),
        ("x", parent, "yes", Kind::Reply),
        ("x", parent, "#session accept", Kind::Command),
        ("x", None, "#session S-7 accept", Kind::Command),
        ("x", None, "S-7: +1", Kind::Reply),
        ("x", None, "S-7 is fine", Kind::Discussion),
        ("[TOPIC] [NOTES] x", None, "prose", Kind::Outcome),
        ("[TOPIC 2/4] x", None, "prose", Kind::Proposal),
        ("[TOPIC 2/4] x", None, "Participants: Ada, Grace\n\nTalk.", Kind::Outcome),
        ("Design session about x", None, "It broke.", Kind::Discussion),
        ("Nested guests", None, "Hi all,\n\nHere are my notes from this design session:", Kind::Outcome),
        ("[PATCH] x", None, "TODO: y", Kind::Discussion),
        ("CFP: the summit", None, "Come!", Kind::Call),
        ("Re: Call for topics", parent, "When?", Kind::Reply),
        ("[ANNOUNCE] Summit design sessions", None, "Come!", Kind::Call),
    ] {
        assert_eq!(read(subject, parent, body).kind, kind, "{subject} / {body}");
    }
}

#[test]
fn a_proposal_takes_commands_and_its_authors_presence() {
    let reading = read("[TOPIC] x", None, "Prose.\n\nAttend: remote\n#session track Boot\n\nMore prose.\n");
    assert_eq!(
        words(&reading),
        "kind: proposal\ntitle: x\ndescription: Prose. /  /  / More prose.\nask: attend remote\nask: track Boot [command]\n"
    );
}

/// What has a meaning somewhere in the grammar.
const PIECES: &[&str] = &[
    "#session",
    " attend",
    " slot",
    " 2017-07-12",
    " 14:00",
    "-15:00",
    " CEST",
    "\n",
    "\n",
    "\n\n",
    "- ",
    "> ",
    "-- \n",
    "```\n",
    "S-7",
    ": ",
    "+1",
    "Contact",
    "Description",
    "=",
    "|",
    ";",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "@",
    "https://e.org/",
    "Ada to do",
    "Decision",
    "TODO",
    "AI(",
    "Participants",
    "##",
    "===\n",
    "Ref",
    "\u{a0}",
    "\u{feff}",
    "é",
    "🦀",
    "回复：",
    "\"",
    "“",
    "99",
    "/",
    "July",
    " 31",
    "[TOPIC",
    " v2",
    " 0/4",
    "not specified",
    "Attend",
    "count me in",
    "\t",
    "\0",
    "İ",
];

/// Text made of the pieces that mean something, in any order.
fn mails() -> impl Strategy<Value = String> {
    let piece = prop_oneof![3 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end(subject in mails(), body in mails(), answers in any::<bool>()) {
        let reading = read(&subject, answers.then_some("p@example.org"), &body);
        let lines = body.split('\n').count();
        prop_assert!(reading.asks.iter().all(|ask| ask.line <= lines));
        prop_assert!(reading.complaints.iter().all(|complaint| complaint.line <= lines && !complaint.hint.is_empty()));
        prop_assert_eq!(reading.proposal.is_some(), matches!(reading.kind, Kind::Proposal | Kind::Revision));
    }

    #[test]
    fn arbitrary_characters_are_read_too(subject in any::<String>(), body in any::<String>()) {
        read(&subject, None, &body);
    }

    #[test]
    fn what_is_quoted_never_acts(body in mails()) {
        let reading = read("Re: x", Some("p@example.org"), &behind("> ", &body));
        prop_assert!(reading.asks.is_empty() && reading.complaints.is_empty() && reading.notes.is_none());
    }

    #[test]
    fn a_command_below_the_signature_changes_nothing(body in mails(), below in mails()) {
        let with = read("Re: x", Some("p@example.org"), &format!("{body}\n-- \n{below}\n#session withdraw"));
        let without = read("Re: x", Some("p@example.org"), &format!("{body}\n-- \n"));
        prop_assert_eq!(with.asks, without.asks);
    }
}
