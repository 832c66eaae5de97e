//! Timetables and the database of session-scheduler come in: shown first, brought once, and refused with their line.

use crate::apt;
use crate::program::{Place, Ran, mail, says};
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Stdio};

const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<schedule>
  <version>1</version>
  <conference><title>Summit</title><acronym>summit</acronym></conference>
  <day index="1" date="2027-06-16">
    <room name="Room A">
      <event id="7" guid="0d1c7d1e-0f3b-4f62-8d8e-0d2f0c7d5a01">
        <title>Second console &amp; more</title>
        <type>discussion</type>
        <date>2027-06-16T14:00:00+02:00</date>
        <duration>01:30</duration>
        <abstract>One is not enough.</abstract>
        <track>Guests</track>
        <persons><person id="1">Ada Lovelace</person><person id="2">Grace Hopper</person></persons>
        <description>Contact: nobody, in prose
#session withdraw</description>
        <links><link href="https://example.org/console">paper</link></links>
        <url>https://talks.example.org/7</url>
      </event>
    </room>
  </day>
</schedule>
"#;

fn json_of(xml_free: &str) -> String {
    json!({"schedule": {"version": "1", "conference": {"title": "Summit", "days": [{"index": 1, "rooms": {"Room A": [{
        "id": 7, "guid": "0d1c7d1e-0f3b-4f62-8d8e-0d2f0c7d5a01", "title": xml_free, "subtitle": null, "type": "discussion",
        "date": "2027-06-16T14:00:00+02:00", "start": "14:00", "duration": "01:30", "abstract": "One is not enough.",
        "track": "Guests", "persons": [{"id": 1, "public_name": "Ada Lovelace"}, {"id": 2, "name": "Grace Hopper"}],
        "description": "Contact: nobody, in prose\n#session withdraw",
        "links": [{"url": "https://example.org/console", "title": "paper"}], "url": "https://talks.example.org/7",
    }]}}]}}})
    .to_string()
}

fn import(place: &Place, kind: &str, text: &str, more: &[&str]) -> Ran {
    fs::write(place.path("source"), text).expect("a file");
    place.run(&[&["import", kind, "source"], more].concat())
}

#[test]
fn a_timetable_comes_in_from_either_form_as_the_same_session() {
    let place = Place::new();
    let shown = import(&place, "schedule", XML, &[]).ok();
    says(&shown, &["new    line 7", "Wed 16 June 2027, 14:00-15:30 CEST", "Ada Lovelace, Grace Hopper", "Guests"]);
    says(&shown, &["line 7: `#session withdraw` is kept as words", "1 session read, 1 of them new. Nothing was done"]);
    import(&place, "schedule", XML, &["--yes"]).ok();
    says(&import(&place, "schedule", &json_of("Second console & more"), &["--yes"]).ok(), &["known", "nothing to do"]);
    let session = &place.json(&["sessions"])[0];
    assert_eq!((&session["title"], &session["status"]), (&json!("Second console & more"), &json!("scheduled")));
    let slot = json!({"start": "2027-06-16T12:00:00Z", "end": "2027-06-16T13:30:00Z", "room": "Room A", "url": null});
    assert_eq!(session["schedule"], slot);
    let hosts: Vec<&Value> = session["hosts"].as_array().expect("a list").iter().map(|host| &host["name"]).collect();
    assert_eq!(hosts, ["Ada Lovelace", "Grace Hopper"], "a line of prose names no host");
    let references: Vec<&Value> =
        session["references"].as_array().expect("a list").iter().map(|one| &one["url"]).collect();
    assert_eq!(references, ["https://example.org/console", "https://talks.example.org/7"]);
    says(session["description"].as_str().expect("text"), &["One is not enough.\n\n    Contact: nobody, in prose"]);

    // A room that reads like a sentence is kept as words, and the time counts.
    let hall = Place::new();
    import(
        &hall,
        "schedule",
        &XML.replace("Room A", "The great hall on the far side of the river, upstairs"),
        &["--yes"],
    )
    .ok();
    let session = &hall.json(&["sessions"])[0];
    assert_eq!(session["schedule"]["start"], "2027-06-16T12:00:00Z");
    says(
        session["description"].as_str().expect("text"),
        &["Room: The great hall on the far side of the river, upstairs"],
    );

    // It moved, and is the same session still.
    let moved = XML.replace("T14:00:00", "T16:00:00");
    says(&import(&place, "schedule", &moved, &["--yes"]).ok(), &["changed", "1 changed: 1 mail written"]);
    assert_eq!(place.json(&["sessions"])[0]["schedule"]["start"], "2027-06-16T14:00:00Z");
    says(&place.run(&["replay"]).ok(), &["2 mails replayed, 0 differences"]);
}

#[test]
fn a_timetable_of_ours_reads_back_to_the_same_times_and_is_known() {
    let (one, other) = (Place::new(), Place::new());
    let body =
        "Track: Guests\nSchedule: 2027-06-16 14:00-15:30 in Room A https://sched.example.org/1\n\nOne is not enough.";
    one.deliver(&mail("console", "[TOPIC] Console", "", body)).ok();
    one.run(&["once"]).ok();
    let timetable = one.run(&["export", "schedule"]).ok();
    says(&import(&one, "schedule", &timetable, &["--yes"]).ok(), &["is S-1", "nothing to do"]);
    import(&other, "schedule", &timetable, &["--yes"]).ok();
    let fact = |place: &Place, key: &str| place.json(&["sessions"])[0][key].clone();
    for key in ["title", "track", "status", "description"] {
        assert_eq!(fact(&other, key), fact(&one, key), "{key}");
    }
    for key in ["start", "end", "room"] {
        assert_eq!(fact(&other, "schedule")[key], fact(&one, "schedule")[key], "{key}");
    }
}

#[test]
fn a_timetable_that_cannot_be_read_is_refused_with_its_line() {
    let place = Place::new();
    for (text, complaint) in [
        (XML.replace("</room>", "</rom>"), "source:20: this is no well-formed XML"),
        ("<html>\n</html>".into(), "source:1: the document is a `<html>`, not a `<schedule>`\n  fix: export"),
        (XML.replace("Second console &amp; more", " "), "source:7: this event has no title\n  fix: give it one"),
        (XML.replace("2027-06-16T14:00:00+02:00", "on Friday"), "source:7: `on Friday` is no time\n  fix: write it as"),
        (XML.replace("01:30", "long"), "source:7: `long` is no duration\n  fix: write hours and minutes"),
        ("<schedule/>".into(), "source: the timetable has no event\n  fix: "),
        ("{\"schedule\":\n 7}".into(), "source:2: this is no timetable"),
        (json_of(""), "source: day 1, Room A, event 1: this event has no title"),
    ] {
        says(&import(&place, "schedule", &text, &["--yes"]).fails(1), &[complaint]);
    }
    assert_eq!(place.json(&["sessions"]), json!([]));
    says(&place.run(&["import", "schedule", "nowhere"]).fails(1), &["nowhere can't be read"]);
    says(&import(&place, "session-scheduler", XML, &[]).fails(1), &["source is no database of session-scheduler"]);
}

/// The tables that are read, with two users, three sessions and a timetable.
const SCHEDULER: &str = "
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.executescript('''
create table event_users(userid text primary key, hashedpassword text, username text, isadmin boolean, isverified boolean,
    realname text, email text, company text, description text, location text);
create table event_interest(userid text, discussionid text, interest integer);
create table event_discussions(discussionid text primary key, owner text, title text, description text,
    approvedtitle text, approveddescription text, ispublic boolean);
create table event_locations(locationid integer primary key, locationname text, locationurl text, isplace boolean,
    capacity integer);
create table event_slots(slotid text primary key, slotidx integer, dayid integer, slottime string, isbreak boolean,
    islocked boolean);
create table event_schedule(discussionid text, slotid text, locationid integer);
insert into event_users(userid, username, realname, email, company) values
    ('usr_1', 'ada', 'Ada Lovelace', 'ada@example.org', 'ACME'), ('usr_2', 'grace', '', null, null);
insert into event_discussions values
    ('disc_1', 'usr_1', 'Second console', 'One is not enough.', 'Second console', 'One is not enough.', 1),
    ('disc_2', 'usr_2', 'Not yet approved', 'x', '', '', 0),
    ('disc_3', 'usr_2', 'Serial ports (edited)', 'y', 'Serial ports', 'What of them?', 0);
insert into event_interest values ('usr_1', 'disc_1', 100), ('usr_2', 'disc_1', 25), ('usr_1', 'disc_3', 75),
    ('usr_2', 'disc_3', 0);
insert into event_locations values (1, 'Room A', 'https://meet.example.org/a', 1, 50);
insert into event_slots values ('s1', 1, 1, '2027-06-16T14:00:00+02:00', 0, 0), ('s2', 2, 1, '2027-06-16T14:45:00+02:00', 1, 0);
insert into event_schedule values ('disc_1', 's1', 1);
''')
if len(sys.argv) > 2:
    base.execute(sys.argv[2])
base.commit()
";

fn scheduler(place: &Place, more: &str) {
    let python = || Command::new("/usr/bin/python3").arg("-V").stdout(Stdio::null()).status().is_ok().then_some(());
    apt::need(&["python3"], python);
    let _ = fs::remove_file(place.path("event.sqlite"));
    let mut make = Command::new("/usr/bin/python3");
    make.args(["-c", SCHEDULER]).arg(place.path("event.sqlite")).args(Some(more).filter(|more| !more.is_empty()));
    assert!(make.status().expect("python3").success());
}

#[test]
fn the_database_of_session_scheduler_comes_in_with_interest_and_timetable() {
    let place = Place::new();
    scheduler(&place, "");
    let import = ["import", "session-scheduler", "event.sqlite", "--url", "https://sessions.example.org/"];
    let shown = place.run(&import).ok();
    says(
        &shown,
        &["new    session 1  Second console", "Ada Lovelace (ACME)", "INTEREST", "session 2: left out, because"],
    );
    says(
        &shown,
        &["no address there, and get one at session-scheduler.invalid: grace", "2 sessions read, 2 of them new"],
    );
    let yes = [&import[..], &["--yes"]].concat();
    says(&place.run(&yes).ok(), &["2 of them new: 4 mails written into the inbox"]);
    says(&place.run(&yes).ok(), &["known", "nothing to do"]);
    let sessions = place.json(&["sessions"]);
    let (first, second) = (&sessions[0], &sessions[1]);
    let slot = json!({"start": "2027-06-16T12:00:00Z", "end": "2027-06-16T12:45:00Z", "room": "Room A", "url": "https://meet.example.org/a"});
    assert_eq!(first["schedule"], slot);
    assert_eq!(
        first["hosts"][0]["address"], "ada@example.org",
        "who has an address is the host, and need not claim it"
    );
    assert_eq!(first["interest"].as_array().map(Vec::len), Some(1), "not the owner's own");
    assert_eq!((&first["interest"][0]["level"], &second["interest"][0]["level"]), (&json!("little"), &json!("yes")));
    assert_eq!(first["references"][0]["url"], "https://sessions.example.org/uid/discussion/disc_1/view");
    assert_eq!((&second["title"], &second["description"]), (&json!("Serial ports"), &json!("What of them?")));
    says(&place.run(&["replay"]).ok(), &["4 mails replayed, 0 differences"]);

    scheduler(&place, "update event_interest set interest = 100 where userid = 'usr_2' and discussionid = 'disc_1'");
    says(&place.run(&yes).ok(), &["nothing of the sessions changed: 1 mail written"]);
    assert_eq!(place.json(&["sessions"])[0]["interest"][0]["level"], "very");
    scheduler(&place, "update event_slots set slottime = 'noon' where slotid = 's1'");
    says(
        &place.run(&yes).fails(1),
        &["event.sqlite: `Second console` takes place at `noon`, which is no time\n  fix: "],
    );
}
