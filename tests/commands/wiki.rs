//! A wiki's page comes in and goes out: the same facts on either side, and nothing of it acts.

use crate::apt;
use crate::program::{Place, Ran, says};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// A page as plain text, as a browser copies it.
const FLAT: &str = "\
2027: Design Summit
Notes
Graphics
Outcomes
Security, Safety
Second console for every guest
Date of insert: May 3 2027; |
Technical contact: (ACME) Ada Lovelace, Grace Hopper |
Description: One console is not enough. Is *one* per guest | {{enough}}?
- what breaks when there are two
- who could test it
SCHEDULE: http://sched.example.org/x1 |
Outcomes: Not specified, project outcomes |
Ref: Not specified, link(s) to mailing list discussion or other references |
Feel free to make suggestions here
And whether you intend to attend:
|
Community
Design Session: Loose ends of the release -
Date of insert: May 4 2027
Contact=Kurt Example, Edsger Dijkstra; |
Technical contact: Not specified, project contact |
Description: We have a date.
#session withdraw
Attend: yes
Other questions
|
Outcomes: a list of what is left |
Ref: https://example.org/release |
Feel free to make suggestions here
And whether you intend to attend:
|
";

impl Place {
    fn import(&self, text: &str, more: &[&str]) -> Ran {
        fs::write(self.path("page.txt"), text).expect("a page");
        self.run(&[&["import", "wiki", "page.txt"], more].concat())
    }

    /// The sessions, without what only tells which mail said it.
    fn facts(&self) -> Value {
        let mut sessions = self.json(&["sessions"]);
        forget(&mut sessions, &["message_id", "repairs"]);
        sessions
    }
}

fn forget(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !keys.contains(&key.as_str()));
            fields.values_mut().for_each(|value| forget(value, keys));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| forget(value, keys)),
        _ => {}
    }
}

#[test]
fn a_page_comes_in_once_after_it_was_shown() {
    let place = Place::new();
    let shown = place.import(FLAT, &[]).ok();
    says(&shown, &["STATE", "new    line 6", "Graphics", "Kurt Example, Edsger Dijkstra"]);
    says(&shown, &["line 19: `contact` stood inside the date", "line 19: `#session withdraw` is kept as words"]);
    says(
        &shown,
        &[
            "\ntracks = [\n    \"Graphics\",\n    \"Security, Safety\",\n    \"Community\",\n]\n",
            "2 sessions read, 2 of them new. Nothing was done",
        ],
    );
    assert_eq!(place.facts(), json!([]), "a table is no import");

    let url = ["--url", "https://wiki.example.org/Sessions", "--yes"];
    says(&place.import(FLAT, &url).ok(), &["2 of them new: 2 mails written into the inbox. Nothing was sent."]);
    says(&place.import(FLAT, &url).ok(), &["known", "2 sessions read, 0 of them new: nothing to do."]);
    let sessions = place.facts();
    let first = &sessions[0];
    assert_eq!(
        (&first["title"], &first["track"]),
        (&json!("Second console for every guest"), &json!("Security, Safety"))
    );
    assert_eq!(first["hosts"][0]["affiliation"], "ACME");
    assert_eq!(first["submitted"], "2027-05-02T22:00:00Z", "midnight in the summit's zone");
    assert_eq!((first["agenda"].as_array().map(Vec::len), &first["status"]), (Some(2), &json!("scheduled")));
    assert_eq!(first["references"][0]["url"], "https://wiki.example.org/Sessions");
    let second = &sessions[1];
    assert_eq!((&second["title"], &second["track"]), (&json!("Loose ends of the release"), &json!("Community")));
    assert_eq!((&second["status"], &second["attendance"]), (&json!("proposed"), &json!([])), "nothing of a page acts");
    says(second["description"].as_str().expect("text"), &["#session withdraw", "Attend: yes", "Other questions"]);
    says(&place.run(&["replay"]).ok(), &["2 mails replayed, 0 differences"]);
    assert_eq!(place.run(&["outbox", "list"]).ok().trim(), "No letters.");
}

#[test]
fn what_changed_on_the_page_revises_its_session_and_what_was_mailed_is_there() {
    let place = Place::new();
    place.deliver(&crate::mail("ends", "[TOPIC] Loose ends of the release", "", "They are.")).ok();
    place.run(&["once"]).ok();
    says(&place.import(FLAT, &["--yes"]).ok(), &["is S-1", "2 sessions read, 1 of them new: 1 mail written"]);
    let changed = FLAT.replace("One console is not enough.", "One console is plenty.");
    says(&place.import(&changed, &["--yes"]).ok(), &["changed", "0 of them new, 1 changed: 1 mail written"]);
    says(&place.import(&changed, &["--yes"]).ok(), &["known", "nothing to do"]);
    let sessions = place.facts();
    assert_eq!(sessions.as_array().map(Vec::len), Some(2));
    says(sessions[1]["description"].as_str().expect("text"), &["One console is plenty."]);
    says(&place.run(&["replay"]).ok(), &["3 mails replayed, 0 differences"]);
}

#[test]
fn a_page_goes_out_and_comes_in_to_the_same_facts() {
    let (one, other) = (Place::new(), Place::new());
    one.import(FLAT, &["--yes"]).ok();
    let more = "Date of insert: 3 May 2027\nTrack: Ünïcode & Co\nSchedule: 2027-06-16 14:00-15:30 in Room A https://sched.example.org/x3\nDuration: 45\n\
                Format: talk\nRequired: Ada Lovelace\nAvoid: Friday\nOutcomes: a list\nRef: https://example.org/a?b=1&c=2\n\
                Description: = no heading\n# no list ''nor emphasis'' {{project}} [[link]] a|b <b>&amp;\n\n    code | {x}\n* star\n- dash\n  and the rest of it\n---- x ~~~~";
    one.deliver(&crate::mail("naughty", "[TOPIC] A title [with] {{all}} | of \\u0026amp; it", "", more)).ok();
    one.run(&["once"]).ok();
    let page = one.run(&["export", "wiki"]).ok();
    says(&other.import(&page, &["--yes"]).ok(), &["3 of them new"]);
    let (mut ours, mut theirs) = (one.facts(), other.facts());
    let by_title = |facts: &mut Value| {
        forget(facts, &["id", "address", "claimed"]);
        facts.as_array_mut().expect("a list").sort_by_key(|session| session["title"].to_string());
    };
    by_title(&mut ours);
    by_title(&mut theirs);
    assert_eq!(ours, theirs, "{page}");

    // A parser of wikitext sees the templates, and no markup in what they hold.
    let judged = judged(&page);
    assert_eq!(judged["templates"], 3, "{page}");
    assert_eq!(judged["tags"], json!(["li"]), "bullets and nothing else: {page}");
    assert_eq!(judged["links"], 0);
}

#[test]
fn a_pages_headings_are_tracks_with_or_without_sessions() {
    let place = Place::new();
    let page = FLAT.replace("Security, Safety\n", "Sessions Highlighted on the Wiki\n").replace("Community\n", "");
    let shown = place.import(&page, &["--yes"]).ok();
    says(&shown, &["\ntracks = [\n    \"Graphics\",\n]\n"]);
    let sessions = place.facts();
    assert_eq!((&sessions[0]["track"], &sessions[1]["track"]), (&Value::Null, &Value::Null), "{sessions}");

    let config = fs::read_to_string(place.config()).expect("the configuration");
    let planned = config.replacen("\n[[summit]]\n", "\n[[summit]]\ntracks = [\"Tools\", \"Graphics\"]\n", 1);
    assert_ne!(planned, config, "a setting of the summit: {config}");
    fs::write(place.config(), &planned).expect("the configuration");
    place.deliver(&crate::mail("tools", "[TOPIC] A compiler", "", "Track: compilers")).ok();
    place.deliver(&crate::mail("screen", "[TOPIC] A screen", "", "Track: GRAPHICS")).ok();
    place.run(&["once"]).ok();
    let page = place.run(&["export", "wiki"]).ok();
    let order: Vec<usize> = ["== Tools ==", "== Graphics ==", "A screen", "== compilers ==", "A compiler"]
        .iter()
        .map(|heading| page.find(heading).unwrap_or_else(|| panic!("{heading} in {page}")))
        .collect();
    assert!(order.is_sorted(), "in the order in which they are planned: {page}");
    says(&place.import(&page, &[]).ok(), &["\ntracks = [\n    \"Tools\",\n    \"Graphics\",\n    \"compilers\",\n]\n"]);

    let whole = planned.replace("\"Graphics\"]", "\"graphics\", \"Compilers\"]");
    fs::write(place.config(), whole).expect("the configuration");
    assert!(!place.import(&page, &[]).ok().contains("tracks = ["), "what is planned is not told again");
    fs::write(place.config(), &planned).expect("the configuration");

    place.run(&["publish", "site"]).ok();
    let index = fs::read_to_string(place.path("site/design-summit-2027/index.html")).expect("the summit's page");
    says(&index, &["<h3>Tools</h3>", "No session yet.", "<h3>Graphics</h3>"]);

    let twice = planned.replace("\"Graphics\"]", "\"tools\"]");
    fs::write(place.config(), twice).expect("the configuration");
    says(&place.run(&["check"]).fails(2), &["the track `tools` stands there twice", "name each track once"]);
}

const PYTHON: &str = "/usr/bin/python3";
const JUDGE: &str = r#"
import json, sys, mwparserfromhell as parser
page = parser.parse(sys.stdin.read())
projects = [one for one in page.filter_templates() if str(one.name).strip() == "project"]
for one in projects:
    assert {str(p.name).strip() for p in one.params} == {"Project", "Date", "Contact", "Desc", "Outcomes", "References"}
values = [parser.parse(str(p.value)) for one in projects for p in one.params]
tags = sorted({str(tag.tag) for value in values for tag in value.filter_tags()})
links = sum(len(value.filter_wikilinks()) for value in values)
print(json.dumps({"templates": len(page.filter_templates()), "tags": tags, "links": links}))
"#;

fn judged(page: &str) -> Value {
    let found = || {
        let import = Command::new(PYTHON).args(["-c", "import mwparserfromhell"]).stderr(Stdio::null()).status();
        import.is_ok_and(|status| status.success()).then_some(())
    };
    apt::need(&["python3-mwparserfromhell"], found);
    let mut judge =
        Command::new(PYTHON).args(["-c", JUDGE]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
    judge.stdin.take().expect("a pipe").write_all(page.as_bytes()).expect("it reads");
    let output = judge.wait_with_output().expect("it ends");
    assert!(output.status.success(), "it does not understand {page}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_page_that_cannot_be_read_is_refused_with_its_line_and_nothing_happens() {
    let place = Place::new();
    for (page, complaint) in [
        ("Nothing here.", "page.txt: no session found\n  fix: a session is `{{project"),
        ("= A =\n\n{{project\n|Project=X\n", "page.txt:3: this `{{project` is not closed\n  fix: put `}}`"),
        ("{{project |Desc=x}}", "page.txt:1: this `{{project}}` has no title\n  fix: write it as `|Project="),
        ("\nDate of insert: May 3 2027", "page.txt:2: no title stands above this field\n  fix: write"),
    ] {
        says(&place.import(page, &["--yes"]).fails(1), &[complaint]);
    }
    fs::write(place.path("page.txt"), b"A\n\xff\n").expect("a page");
    says(&place.run(&["import", "wiki", "page.txt"]).fails(1), &["page.txt:2: this is not UTF-8\n  fix: save it"]);
    says(&place.import(FLAT, &["--operator", "nobody"]).fails(2), &["`nobody` is not a mail address\n  fix: "]);
    says(&place.import(FLAT, &["--url", "page"]).fails(2), &["`page` is no web address\n  fix: "]);
    says(&place.import(FLAT, &["--summit", "x"]).fails(2), &["there is no summit `x`"]);
    assert_eq!(place.facts(), json!([]));
}
