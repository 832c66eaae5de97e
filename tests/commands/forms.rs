//! A summit in other programs' forms, each as a program that is not ours reads it: xmllint against the form's schema,
//! feedparser, cmark.

use crate::apt;
use crate::program::{Place, mail, says};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command writes when it is given this; it must find it good.
fn judged(packages: &[&str], program: &str, args: &[&str], input: &str) -> String {
    let found = || {
        let mut look = Command::new("sh");
        look.args(["-c", &format!("command -v {program} >/dev/null && {}", probe(args))]);
        look.status().is_ok_and(|status| status.success()).then_some(())
    };
    apt::need(packages, found);
    let mut judge = Command::new(program);
    judge.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut judge = judge.spawn().expect("it starts");
    judge.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = judge.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}\n{input}");
    String::from_utf8(output.stdout).expect("text")
}

/// A module is there when it can be imported.
fn probe(args: &[&str]) -> &'static str {
    if args.contains(&FEEDPARSER) { "/usr/bin/python3 -c 'import feedparser' 2>/dev/null" } else { "true" }
}

const FEEDPARSER: &str = r#"
import feedparser, json, sys
feed = feedparser.parse(sys.stdin.buffer.read())
assert not feed.bozo, feed.bozo_exception
entries = [{key: entry.get(key) for key in ("id", "title", "author", "link", "updated")} | {"text": entry.content[0].value, "type": entry.content[0].type} for entry in feed.entries]
print(json.dumps({"version": feed.version, "id": feed.feed.id, "title": feed.feed.title, "updated": feed.feed.updated, "entries": entries}))
"#;

fn valid(schema: &str, document: &str) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/judges").join(schema);
    let schema = schema.to_str().expect("a path");
    judged(&["libxml2-utils"], "xmllint", &["--noout", "--nonet", "--relaxng", schema, "-"], document);
}

fn feed(place: &Place, more: &[&str]) -> Value {
    let feed = place.run(&[&["export", "atom"], more].concat()).ok();
    valid("atom.rng", &feed);
    serde_json::from_str(&judged(&["python3-feedparser"], "/usr/bin/python3", &["-c", FEEDPARSER], &feed))
        .expect("JSON")
}

fn deliver(place: &Place, minute: u32, mail: Vec<u8>) {
    let mail = String::from_utf8(mail).expect("text");
    place.deliver(mail.replace("10:00:00", &format!("10:{minute:02}:00")).as_bytes()).ok();
    place.run(&["once"]).ok();
}

/// Two sessions, one of them held, with notes; a title and a description full of other languages.
fn summit() -> Place {
    let place = Place::new();
    place.edit("[[summit]]", "archive = \"https://lists.example.org/devel/{message_id}/\"\n\n[[summit]]");
    let body = "Track: Guests & hosts\nSchedule: 2027-05-03 09:00-09:45 in Room <A>\nRef: https://example.org/?a=1&b=2\n\n\
                One is *not* enough: ]]> </content> & [x](javascript:1)\n# no heading\n- a bullet";
    deliver(&place, 0, mail("console", "[TOPIC] <b>Console</b> & \"more\" _now_", "", body));
    let answers = "In-Reply-To: <console@example.org>\n";
    deliver(&place, 1, mail("plus", "Re: [TOPIC] Console", answers, "+1"));
    let notes = "Participants: Ada Lovelace, Kurt\nDecision: <two> consoles\nAction: Kurt: count *them*";
    deliver(&place, 2, mail("notes", "[NOTES] Console", answers, notes));
    deliver(&place, 3, mail("later", "[TOPIC] Later", "", "Not yet."));
    place
}

#[test]
fn feeds_are_atom_and_stay_the_same_while_nothing_happens() {
    let place = summit();
    let sessions = feed(&place, &[]);
    assert_eq!((&sessions["version"], &sessions["updated"]), (&json!("atom10"), &json!("2027-05-03T08:03:00Z")));
    assert_eq!(sessions["id"], "tag:lists.example.org,2026:design-summit-2027/sessions");
    let console = &sessions["entries"][1];
    assert_eq!(console["title"], "S-1: <b>Console</b> & \"more\" _now_");
    assert_eq!(console["link"], "https://lists.example.org/devel/console@example.org/");
    says(
        console["text"].as_str().expect("text"),
        &["concluded", "One is *not* enough: ]]> </content> & [x](javascript:1)"],
    );
    assert_eq!(console["type"], "text/plain", "it is no markup");

    let outcomes = feed(&place, &["--outcomes"]);
    let notes = &outcomes["entries"][0];
    assert_eq!((&notes["id"], &notes["author"]), (&json!("mid:notes@example.org"), &json!("Ada Lovelace")));
    says(notes["text"].as_str().expect("text"), &["Decision: <two> consoles", "[ ] Kurt: count *them*"]);

    let life = feed(&place, &["--session", "S-1"]);
    let ids: Vec<&str> =
        life["entries"].as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids, ["mid:notes@example.org", "mid:plus@example.org", "mid:console@example.org"], "the last first");

    let later =
        |args: &[&str]| place.command(args).args(["--now", "2028-01-01T00:00:00Z"]).output().expect("it starts");
    let then = String::from_utf8(later(&["export", "atom", "--outcomes"]).stdout).expect("text");
    assert_eq!(then, place.run(&["export", "atom", "--outcomes"]).ok());
}

#[test]
fn the_timetable_is_one_for_other_programs() {
    let place = summit();
    let timetable = place.run(&["export", "schedule"]).ok();
    valid("schedule.rng", &timetable);
    says(&timetable, &["id=\"1\"", "<date>2027-05-03T09:00:00+02:00</date>", "<duration>00:45</duration>"]);
    says(
        &timetable,
        &["<slug>designsummit2027-1-b-console-b-more-now</slug>", "<person id=\"1\">Ada Lovelace</person>"],
    );
    assert!(!timetable.contains("Later"), "without a time it is in no timetable");
    let guid = |text: &str| text.split("guid=\"").nth(1).map(|rest| rest[..36].to_owned());
    let answers = "In-Reply-To: <console@example.org>\n";
    deliver(&place, 5, mail("move", "Re: [TOPIC] Console", answers, "#session slot 2027-06-17 14:00 in Room B"));
    let moved = place.run(&["export", "schedule"]).ok();
    valid("schedule.rng", &moved);
    assert_eq!(guid(&moved), guid(&timetable), "it is the same event");
    says(&moved, &["<room name=\"Room B\">", "2027-06-17T14:00:00+02:00"]);
}

#[test]
fn the_report_is_markdown_in_which_nobodys_words_are_markup() {
    let place = summit();
    let report = place.run(&["export", "report"]).ok();
    let seen = judged(&["cmark"], "cmark", &["--to", "xml"], &report);
    assert!(!seen.contains("<html_") && !seen.contains("<emph"), "{seen}");
    assert_eq!(seen.matches("<heading ").count(), 5, "the summit, two tracks, two sessions: {seen}");
    says(&report, &["2 sessions, 1 with notes;\n1 decision, 1 action, 1 of them open."]);
    let text: String =
        seen.split("<text").skip(1).filter_map(|rest| Some(rest.split_once('>')?.1.split_once('<')?.0)).collect();
    says(
        &text,
        &["S-1 &lt;b&gt;Console&lt;/b&gt; &amp; &quot;more&quot; _now_", "&lt;two&gt; consoles", "Kurt: count *them*"],
    );
}

#[test]
fn one_session_goes_out_by_itself_and_its_mails_come_back_byte_by_byte() {
    let place = summit();
    let one = place.json(&["show", "S-1"]);
    let alone: Value = serde_json::from_str(&place.run(&["export", "json", "--session", "S-1"]).ok()).expect("JSON");
    assert_eq!(alone, one);

    let thread = place.run(&["export", "mbox", "--session", "S-1"]).ok();
    assert_eq!(thread.matches("\nMessage-ID: ").count(), 3, "{thread}");
    let other = Place::new();
    std::fs::write(other.path("thread.mbox"), &thread).expect("a file");
    says(&other.run(&["import", "thread.mbox"]).ok(), &["3 mails read, 3 of them new"]);
    assert_eq!(other.run(&["export", "mbox", "--session", "S-1"]).ok(), thread);
    says(&place.run(&["export", "mbox", "--session", "S-9"]).fails(2), &["there is no session `S-9`", "S-1, S-2"]);
}
