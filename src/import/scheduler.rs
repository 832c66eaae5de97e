//! The sessions of session-scheduler: proposals by their owners, the timetable, and who is interested how much.
//!
//! It knows addresses of some users only. Who has none gets one that no mail can reach (RFC 2606 §2), so that their
//! interest counts; `[[person]]` in the configuration says whose it is.

use super::field::{self, description, field, proposal};
use super::{Entry, Fault, Source, Voice};
use crate::clock::Timestamp;
use crate::grammar::{Level, Slot};
use crate::mail::{Address, Person};
use crate::store::scheduler::{Discussion, User, Wish};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Its sessions as entries. Slots have their own zones; this one is for writing them down.
pub fn read(discussions: &[Discussion], wishes: &[Wish], zone: &TimeZone) -> Result<Source, Fault> {
    let mut source = Source::default();
    let mut faceless = BTreeSet::new();
    let mut known = BTreeSet::new();
    let people = wishes.iter().map(|wish| &wish.user).chain(discussions.iter().map(|discussion| &discussion.owner));
    faceless.extend(people.filter(|user| address(user).is_none()).map(called));
    for (discussion, row) in discussions.iter().zip(1..) {
        if discussion.title.trim().is_empty() {
            source.remarks.push(format!("session {row}: left out, because it was not approved"));
        } else if !known.insert(&discussion.id) {
            let title = &discussion.title;
            source.remarks.push(format!("session {row}: `{title}` has a second slot, which is left out"));
        } else {
            source.entries.push(entry(discussion, wishes, row, zone)?);
        }
    }
    if source.entries.is_empty() {
        return Err(Fault::whole("no approved session is in it", "approve them in session-scheduler first"));
    }
    if !faceless.is_empty() {
        let names: Vec<&str> = faceless.into_iter().collect();
        source.remarks.push(format!(
            "these people have no address there, and get one at {NOWHERE}: {}; `[[person]]` in the configuration can \
             join it with their own",
            names.join(", ")
        ));
    }
    Ok(source)
}

/// Where no mail goes.
const NOWHERE: &str = "session-scheduler.invalid";

fn entry(discussion: &Discussion, wishes: &[Wish], row: usize, zone: &TimeZone) -> Result<Entry, Fault> {
    let owner = person(&discussion.owner);
    let slot = slot(discussion)?;
    let (mut fields, mut words) = (Vec::new(), Vec::new());
    let mut add = |key: &str, value: &str| match field(key, value) {
        Some(line) => fields.push(line),
        None if value.trim().is_empty() => {}
        None => words.push(format!("{key}: {}", value.trim())),
    };
    add("Title", &discussion.title);
    let company = discussion.owner.company.trim();
    if !company.is_empty() {
        add("Contact", &format!("{} ({company})", called(&discussion.owner)));
    }
    if let Some((slot, room)) = slot.map(|slot| field::slot(&slot, zone)) {
        fields.extend(slot);
        words.extend(room);
    }
    let text = std::iter::once(description(&discussion.description)).chain(words);
    let own = wishes.iter().filter(|wish| wish.discussion == discussion.id);
    let voices = own.map(|wish| Voice { person: person(&wish.user), level: level(wish.interest) });
    Ok(Entry {
        key: discussion.id.clone(),
        place: format!("session {row}"),
        title: discussion.title.trim().to_owned(),
        author: Some(owner),
        proposed: None,
        text: proposal(fields, &text.collect::<Vec<_>>().join("\n\n")),
        voices: voices.collect(),
        page: Some(format!("uid/discussion/{}/view", discussion.id)),
    })
}

fn slot(discussion: &Discussion) -> Result<Option<Slot>, Fault> {
    let time = |text: &Option<String>| {
        let parsed = text.as_deref().map(|text| {
            text.parse::<Timestamp>().map_err(|_| {
                let what = format!("`{}` takes place at `{text}`, which is no time", discussion.title);
                Fault::whole(what, "correct the slot in session-scheduler: `2027-07-14T09:00:00+02:00`")
            })
        });
        parsed.transpose()
    };
    let (start, end) = (time(&discussion.starts)?, time(&discussion.ends)?);
    let text =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let (room, url) = (text(&discussion.room), text(&discussion.room_url));
    Ok(start.map(|start| Slot { start: Some(start), end, room, url }))
}

/// As its buttons name them: `A little` is 25, `Yes` 75, `Very` 100; older versions took any number.
fn level(interest: i64) -> Level {
    match interest {
        ..=25 => Level::Little,
        26..=75 => Level::Yes,
        _ => Level::Very,
    }
}

fn called(user: &User) -> &str {
    if user.name.trim().is_empty() { &user.login } else { user.name.trim() }
}

fn address(user: &User) -> Option<Address> {
    Address::parse(user.email.trim())
}

fn person(user: &User) -> Person {
    let plain: String = user.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let nowhere = || Address::parse(&format!("{}@{NOWHERE}", plain.to_lowercase()));
    Person { name: Some(called(user).to_owned()), address: address(user).or_else(nowhere) }
}
