//! The calendar as another program reads it: Debian's python3-icalendar is the judge.

use crate::apt;
use crate::program::{Place, mail, says};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const PYTHON: &str = "/usr/bin/python3";
/// What it finds in the calendar on its standard input: a dictionary for each event, times as ISO 8601.
const JUDGE: &str = r#"
import icalendar, json, sys
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
assert not calendar.errors, calendar.errors
def plain(value):
    if hasattr(value, "dt"):
        return value.dt.isoformat()
    if hasattr(value, "cats"):
        return [str(cat) for cat in value.cats]
    return value if isinstance(value, int) else str(value)
events = [{name: plain(value) for name, value in event.items()} for event in calendar.walk("VEVENT")]
print(json.dumps({"method": str(calendar["METHOD"]), "name": str(calendar.get("X-WR-CALNAME")), "events": events}))
"#;
/// Python's reader of mail takes the calendar out of a letter, and says which method its header names.
const OPENER: &str = r#"
import email, email.policy, json, sys
letter = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
assert letter.get_content_type() == "multipart/alternative" and not letter.defects, letter.defects
text, calendar = letter.iter_parts()
assert (text.get_content_type(), calendar.get_content_type()) == ("text/plain", "text/calendar")
print(json.dumps({"method": calendar["Content-Type"].params["method"], "to": letter["To"].addresses[0].addr_spec,
                  "calendar": calendar.get_content()}))
"#;

fn judged(calendar: &str) -> Value {
    let found = || {
        let import = Command::new(PYTHON).args(["-c", "import icalendar"]).stderr(Stdio::null()).status();
        import.is_ok_and(|status| status.success()).then_some(())
    };
    apt::need(&["python3-icalendar"], found);
    python(JUDGE, calendar)
}

fn python(script: &str, input: &str) -> Value {
    let mut judge = Command::new(PYTHON);
    judge.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.spawn().expect("python3");
    judge.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = judge.wait_with_output().expect("it ends");
    assert!(output.status.success(), "it does not understand {input}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn answer(id: &str, minute: u32, lines: &str) -> Vec<u8> {
    let mail = mail(id, "Re: [TOPIC] Console", "In-Reply-To: <console@example.org>\n", lines);
    let mail = String::from_utf8(mail).expect("text");
    mail.replace("10:00:00", &format!("10:{minute:02}:00")).into_bytes()
}

fn calendar(place: &Place) -> String {
    place.run(&["once"]).ok();
    let text = place.run(&["export", "ics"]).ok();
    // RFC 5545 §3.1.
    assert!(text.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
    text
}

#[test]
fn a_session_with_a_time_is_an_event_that_moves_and_is_cancelled() {
    let place = Place::new();
    place.deliver(&mail("console", "[TOPIC] Console", "", "One is not enough.")).ok();
    assert_eq!(judged(&calendar(&place))["events"], json!([]), "without a time it is no event");

    place.deliver(&answer("slot", 1, "#session slot 2027-06-16 14:00-15:30 in Room A\n#session track Guests")).ok();
    let feed = judged(&calendar(&place));
    assert_eq!((&feed["method"], &feed["name"]), (&json!("PUBLISH"), &json!("Design Summit 2027")));
    let uid = feed["events"][0]["UID"].clone();
    assert_eq!(uid, "s-1.design-summit-2027@lists.example.org");
    let event = json!({
        "UID": uid,
        "SEQUENCE": 1,
        "STATUS": "CONFIRMED",
        "SUMMARY": "S-1: Console",
        "DESCRIPTION": "Ada Lovelace",
        "LOCATION": "Room A",
        "CATEGORIES": ["Guests"],
        "DTSTART": "2027-06-16T12:00:00+00:00",
        "DTEND": "2027-06-16T13:30:00+00:00",
        "DTSTAMP": "2027-05-03T08:01:00+00:00",
        "LAST-MODIFIED": "2027-05-03T08:01:00+00:00",
        "CREATED": "2027-05-03T08:00:00+00:00",
    });
    assert_eq!(feed["events"], json!([event]));

    place.deliver(&answer("move", 2, "#session slot 2027-06-17 09:00-10:00")).ok();
    let moved = judged(&calendar(&place))["events"][0].clone();
    assert_eq!((&moved["UID"], &moved["SEQUENCE"]), (&uid, &json!(2)));
    assert_eq!((&moved["DTSTART"], &moved["LOCATION"]), (&json!("2027-06-17T07:00:00+00:00"), &json!("Room A")));

    place.deliver(&answer("gone", 3, "#session withdraw")).ok();
    let gone = judged(&calendar(&place))["events"][0].clone();
    assert_eq!((&gone["UID"], &gone["SEQUENCE"], &gone["STATUS"]), (&uid, &json!(3), &json!("CANCELLED")));
}

#[test]
fn whatever_a_title_holds_is_a_title() {
    let place = Place::new();
    // A backslash before an `n` is a line end to that judge, escaped or not.
    let title = "A; B, C\\d \"D\": BEGIN:VEVENT ✂ and a title that goes on for longer than a line of a calendar may";
    let subject = format!("[TOPIC] {title}");
    place.deliver(&mail("naughty", &subject, "", "Schedule: 2027-06-16 14:00 in Room 1; the one, \\with, commas")).ok();
    let feed = calendar(&place);
    says(&feed, &["\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"]);
    let event = judged(&feed)["events"][0].clone();
    assert_eq!(event["SUMMARY"], format!("S-1: {title}"));
    says(event["LOCATION"].as_str().expect("a room"), &["Room 1"]);
}

/// The letters are those of a story.
#[test]
fn an_invitation_and_its_end_are_what_calendars_expect() {
    for (letter, method, sequence, standing) in [
        ("03-ada-is-invited", "REQUEST", 0, "NEEDS-ACTION"),
        ("06-ada-is-invited-anew", "REQUEST", 1, "NEEDS-ACTION"),
        ("07-grace-is-invited-anew", "REQUEST", 1, "TENTATIVE"),
        ("11-ada-is-told", "CANCEL", 2, "NEEDS-ACTION"),
    ] {
        let path = format!("{}/tests/stories/65-invited/out/{letter}.eml", env!("CARGO_MANIFEST_DIR"));
        let opened = python(OPENER, &std::fs::read_to_string(path).expect("a letter"));
        let calendar = opened["calendar"].as_str().expect("a text");
        let found = judged(calendar);
        let event = &found["events"][0];
        assert_eq!((&opened["method"], &found["method"]), (&json!(method), &json!(method)), "{letter}");
        assert_eq!((&event["UID"], &event["SEQUENCE"]), (&json!("s-1.summit2027@example.org"), &json!(sequence)));
        assert_eq!(event["ORGANIZER"], "mailto:rapporteur@example.org");
        assert_eq!(event["ATTENDEE"], format!("mailto:{}", opened["to"].as_str().expect("an address")));
        says(&calendar.replace("\n ", "").replace("\r", ""), &[&format!("PARTSTAT={standing};")]);
    }
}
