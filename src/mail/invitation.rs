//! A calendar's answer to an invitation (iTIP, RFC 5546 §3.2.3; by mail, RFC 6047): a person pressed a button, and their
//! program wrote. Says only who answered and how; whether it is theirs to say is asked elsewhere.

use super::address::Address;
use super::mime::{Leaf, guarded};
use icalendar::parser::{Component, Property, read_calendar, unfold};

/// No answer is longer, in bytes, or has more components within each other; the parser calls itself for each.
const LONGEST: usize = 64 << 10;
const MOST_COMPONENTS: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationReply {
    /// Of the event, as the invitation had it.
    pub uid: String,
    pub attendee: Address,
    pub standing: Standing,
    pub comment: Option<String>,
}

/// PARTSTAT (RFC 5545 §3.2.12), as far as it says whether somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Accepted,
    Tentative,
    Declined,
}

/// The answer among the parts of a mail; nothing when it is about several events, or of several people.
pub fn reply(leaves: &[Leaf]) -> Option<InvitationReply> {
    leaves.iter().filter(|leaf| leaf.kind == "text/calendar").find_map(|leaf| of(&leaf.text))
}

fn of(text: &str) -> Option<InvitationReply> {
    let starts = |line: &&str| line.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:"));
    if text.len() > LONGEST || text.lines().filter(starts).count() > MOST_COMPONENTS {
        return None;
    }
    guarded(|| {
        let text = unfold(text);
        let calendar = read_calendar(&text).ok()?;
        let method = calendar.properties.iter().find(|property| is(property, "METHOD"))?;
        if !method.val.as_str().eq_ignore_ascii_case("REPLY") {
            return None;
        }
        let mut events = calendar.components.iter().filter(|one| one.name.as_str().eq_ignore_ascii_case("VEVENT"));
        answer(events.next()?).filter(|_| events.next().is_none())
    })
    .flatten()
}

fn answer(event: &Component) -> Option<InvitationReply> {
    let value =
        |name| event.properties.iter().find(|property| is(property, name)).map(|property| property.val.as_str());
    let mut attendees = event.properties.iter().filter(|property| is(property, "ATTENDEE"));
    let attendee = attendees.next().filter(|_| attendees.next().is_none())?;
    let said = attendee.params.iter().find(|param| param.key.as_str().eq_ignore_ascii_case("PARTSTAT"))?;
    let standing = match said.val.as_ref()?.as_str().to_ascii_uppercase().as_str() {
        "ACCEPTED" => Standing::Accepted,
        "TENTATIVE" => Standing::Tentative,
        "DECLINED" => Standing::Declined,
        // Not yet, or somebody else instead.
        _ => return None,
    };
    let address = attendee.val.as_str();
    let address = address.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).map(|_| &address[7..])?;
    let comment = value("COMMENT").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    Some(InvitationReply {
        uid: value("UID")?.trim().to_owned(),
        attendee: Address::parse(address.trim())?,
        standing,
        comment: comment.filter(|comment| !comment.is_empty()),
    })
}

fn is(property: &Property, name: &str) -> bool {
    property.name.as_str().eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(lines: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    }

    #[test]
    fn the_answers_of_several_calendars_are_read() {
        let attendee = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org\r\n";
        let plain = of(&event(&format!("UID:s-1.summit@example.org\r\n{attendee}"))).expect("an answer");
        assert_eq!((plain.uid.as_str(), plain.attendee.as_str()), ("s-1.summit@example.org", "ada@example.org"));
        assert_eq!((plain.standing, plain.comment), (Standing::Accepted, None));

        let folded = "UID:s-1.summit@example.org\r\nATTENDEE;CN=\"Lovelace; Ada\";CUTYPE=INDIVIDUAL;PARTSTAT=TENTA\r\n \
                      TIVE:MAILTO:Ada@example.org\r\nCOMMENT:Perhaps\\, if the\\ntrain runs\r\n";
        let folded = of(&event(folded)).expect("an answer");
        assert_eq!((folded.standing, folded.attendee.key()), (Standing::Tentative, "ada@example.org".into()));
        assert_eq!(folded.comment.as_deref(), Some("Perhaps, if the train runs"));

        let bare = of(&event("UID:a\r\nATTENDEE;PARTSTAT=DECLINED:mailto:a@example.org\r\n").replace("\r\n", "\n"));
        assert_eq!(bare.map(|answer| answer.standing), Some(Standing::Declined));
    }

    #[test]
    fn what_is_no_single_answer_says_nothing() {
        let attendee = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org\r\n";
        let good = event(&format!("UID:a\r\n{attendee}"));
        assert!(of(&good).is_some());
        for (what, text) in [
            ("a request", good.replace("REPLY", "REQUEST")),
            ("no method", good.replace("METHOD:REPLY\r\n", "")),
            ("two people", good.replace(attendee, &attendee.repeat(2))),
            ("nobody", good.replace(attendee, "")),
            ("not answered yet", good.replace("ACCEPTED", "NEEDS-ACTION")),
            ("no mail address", good.replace("mailto:ada@example.org", "urn:uuid:1")),
            ("no event", good.replace("UID:a\r\n", "")),
            ("nested without end", "BEGIN:VCALENDAR\r\n".repeat(4000)),
            ("nonsense", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n;;;:::\r\n".into()),
            ("nothing", String::new()),
        ] {
            assert_eq!(of(&text), None, "{what}");
        }
    }
}
