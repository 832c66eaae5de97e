//! What pretalx answers to programs: a page of `/api/events/EVENT/submissions/`, or of `…/slots/`, with its `results`.
//!
//! A name is a text or one for each language. Where there is only its number, or a speaker's code, the answer was not
//! asked for whole: that is said, for a session without its people would look complete.

use super::{Event, Fault, Person};
use crate::clock::Timestamp;
use jiff::Unit;
use serde_json::Value;

/// What pretalx has to be asked for.
const WHOLE: &str = "ask pretalx for `submissions/?expand=speakers,track,submission_type,slots,slots.room&page_size=100`, or \
                     export the timetable as `schedule.json` (Schedule, Export)";
/// What came to nothing there is no session.
const GONE: [&str; 5] = ["rejected", "withdrawn", "canceled", "draft", "deleted"];

/// The events of a page, and what of it does not come.
pub fn read(page: &Value) -> Result<(Vec<Event>, Vec<String>), Fault> {
    let results = page["results"].as_array().map_or(&[][..], Vec::as_slice);
    let mut remarks = Vec::new();
    let mut events = Vec::new();
    for (result, n) in results.iter().zip(1..) {
        // A slot holds its submission, a submission its slots.
        let (talk, slot) = match result.get("submission") {
            Some(talk) => (talk, result),
            None => (result, slot_of(result)),
        };
        let state = talk["state"].as_str().unwrap_or_default();
        match talk {
            Value::Null => remarks.push(format!("result {n}: a slot without a session is left out")),
            Value::Object(_) if GONE.contains(&state) => {
                remarks.push(format!("result {n}: `{}` is {state}, and left out", text(&talk["title"])));
            }
            Value::Object(_) => events.push(event(talk, slot, n)?),
            _ => return Err(unasked(n, "the session")),
        }
    }
    if let Some(next) = page["next"].as_str() {
        remarks.push(format!("there is a further page, which is imported by itself: {next}"));
    }
    Ok((events, remarks))
}

/// The first slot; older versions know of one only.
fn slot_of(talk: &Value) -> &Value {
    talk.get("slots").map_or(&talk["slot"], |slots| &slots[0])
}

fn event(talk: &Value, slot: &Value, n: usize) -> Result<Event, Fault> {
    let name = |value: &Value, what: &str| named(value).ok_or_else(|| unasked(n, what));
    if slot.is_number() {
        return Err(unasked(n, "the slot"));
    }
    let speakers = talk["speakers"].as_array().into_iter().flatten();
    let speaker = |one: &Value| match one {
        Value::Object(_) => name(&one["name"], "a speaker").map(|name| Person { name }),
        _ => Err(unasked(n, "a speaker")),
    };
    let (start, end) = (text(&slot["start"]), text(&slot["end"]));
    Ok(Event {
        guid: text(&talk["code"]),
        title: name(&talk["title"], "the title")?,
        kind: name(&talk["submission_type"], "the type")?,
        duration: minutes(&start, &end).or(talk["duration"].as_i64()).map_or_else(String::new, clock),
        date: start,
        track: name(&talk["track"], "the track")?,
        summary: text(&talk["abstract"]),
        description: text(&talk["description"]),
        persons: speakers.map(speaker).collect::<Result<_, Fault>>()?,
        room: name(&slot["room"], "the room")?,
        place: format!("result {n}"),
        ..Event::default()
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What something is called: English before other languages. `None` where only its number is there.
fn named(value: &Value) -> Option<String> {
    match value {
        Value::Number(_) => None,
        Value::Object(fields) => match fields.get("name") {
            Some(name) => named(name),
            None => Some(fields.get("en").or(fields.values().next()).map(text).unwrap_or_default()),
        },
        value => Some(text(value)),
    }
}

fn unasked(n: usize, what: &str) -> Fault {
    Fault::whole(format!("result {n}: {what} has a number here, and no name"), WHOLE)
}

fn minutes(start: &str, end: &str) -> Option<i64> {
    let (start, end): (Timestamp, Timestamp) = (start.parse().ok()?, end.parse().ok()?);
    start.until((Unit::Minute, end)).ok().map(|time| time.get_minutes())
}

/// `01:30`
fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn talk() -> Value {
        json!({
            "code": "ABCDEF", "title": "Second console", "state": "confirmed", "duration": 30,
            "speakers": [{"code": "XYZ", "name": "Ada Example"}],
            "submission_type": {"id": 1, "name": {"de": "Gespräch", "en": "Discussion"}},
            "track": {"en": "Guests"}, "abstract": "Two of them.", "description": null,
            "slots": [{"start": "2027-07-14T14:00:00+02:00", "end": "2027-07-14T15:30:00+02:00", "room": {"id": 3, "name": {"en": "Room A"}}}],
        })
    }

    fn told(page: Value) -> Vec<[String; 7]> {
        let (events, _) = read(&page).unwrap();
        let told = |event: Event| {
            let people: Vec<String> = event.persons.into_iter().map(|person| person.name).collect();
            [event.guid, event.title, people.join(", "), event.kind, event.track, event.room, event.duration]
        };
        events.into_iter().map(told).collect()
    }

    #[test]
    fn submissions_slots_and_older_answers_say_the_same() {
        let expected = ["ABCDEF", "Second console", "Ada Example", "Discussion", "Guests", "Room A", "01:30"];
        assert_eq!(told(json!({"count": 1, "next": null, "results": [talk()]})), [expected]);
        let mut slot = talk()["slots"][0].clone();
        slot["submission"] = talk();
        assert_eq!(told(json!({"results": [slot]})), [expected]);
        let mut old = talk();
        old["slot"] =
            json!({"start": "2027-07-14T14:00:00+02:00", "end": "2027-07-14T15:30:00+02:00", "room": "Room A"});
        old["submission_type"] = json!({"en": "Discussion"});
        old.as_object_mut().unwrap().remove("slots");
        assert_eq!(told(json!({"results": [old]})), [expected]);
    }

    #[test]
    fn what_was_not_asked_for_is_missed_and_what_came_to_nothing_is_not() {
        for (field, value) in
            [("speakers", json!(["XYZ"])), ("track", json!(7)), ("submission_type", json!(1)), ("slots", json!([12]))]
        {
            let mut bare = talk();
            bare[field] = value;
            let fault = read(&json!({"results": [bare]})).unwrap_err().to_string();
            assert!(fault.contains("result 1") && fault.contains("expand=speakers"), "{fault}");
        }
        let mut gone = talk();
        gone["state"] = json!("withdrawn");
        let next = "https://pretalx.example.org/api/events/summit/submissions/?page=2";
        let (events, remarks) =
            read(&json!({"next": next, "results": [gone, {"start": "2027-07-14T14:00:00Z", "submission": null}]}))
                .unwrap();
        assert_eq!((events.len(), remarks.len()), (0, 3), "{remarks:?}");
        assert!(remarks[0].contains("`Second console` is withdrawn") && remarks[2].contains(next), "{remarks:?}");
    }

    #[test]
    fn a_session_without_a_slot_has_no_time_yet() {
        let mut early = talk();
        early["slots"] = json!([]);
        let (events, _) = read(&json!({"results": [early]})).unwrap();
        assert_eq!((events[0].date.as_str(), events[0].room.as_str(), events[0].duration.as_str()), ("", "", "00:30"));
    }
}
