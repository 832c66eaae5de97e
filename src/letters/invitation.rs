//! The event of a session for one person's calendar: an invitation, or that it is called off (iMIP, RFC 6047).

use super::compose::{Content, Marks};
use super::event::{About, calendar, event};
use super::personal::{Desk, called, title};
use super::{LetterKind, Outgoing, rendered, sentences, when};
use crate::grammar::Mode;
use crate::mail::Person;
use crate::session::Session;
use crate::session::event::EventState;
use crate::session::occasion::Occasion;
use icalendar::{Component, Event, Property};

#[derive(askama::Template)]
#[template(path = "invitation.txt")]
struct InvitationText<'a> {
    name: String,
    cancelled: bool,
    why: &'static str,
    id: String,
    title: String,
    lines: Vec<String>,
    robot: &'a str,
    address: &'a str,
    summit: &'a str,
}

impl Desk<'_> {
    pub(super) fn invitation(&self, occasion: &Occasion, session: &Session, state: EventState) -> Option<Outgoing> {
        let person = &occasion.person;
        let link = self.link(&session.root);
        let text = InvitationText {
            name: called(person),
            cancelled: state.cancelled,
            why: sentences::has_to_do(session, person),
            id: session.key.to_string(),
            title: title(session),
            lines: self.place(session).into_iter().chain(link.clone()).collect(),
            robot: &self.seal.policy.robot_name,
            address: self.seal.policy.robot.as_str(),
            summit: &self.summit.name,
        };
        let start = session.slot.as_ref().and_then(|slot| slot.start).filter(|_| !state.cancelled);
        let subject = match start {
            Some(start) => format!("{} on {}: {}", session.key, when::start(start, &self.summit.zone), title(session)),
            None => format!("Cancelled: {}: {}", session.key, title(session)),
        };
        // RFC 5546 §3.2.2, §3.2.5.
        let method = if state.cancelled { "CANCEL" } else { "REQUEST" };
        let about = About {
            domain: self.seal.policy.robot.domain().to_owned(),
            lines: link.iter().cloned().collect(),
            link: link.clone(),
        };
        let event = self.addressed(event(session, about, self.now)?, session, person)?;
        let mut whole = calendar(method);
        whole.push(event);
        let headers = self.seal.unsubscribe(self.summit, person);
        let content = Content::Calendar(method, whole.to_string());
        let marks = Marks { headers, content, ..Marks::default() };
        self.seal(LetterKind::Invitation, occasion, Some(&session.root), subject, rendered(&text), marks)
    }

    /// We ask, and the answer comes back to us (RFC 5545 §3.8.4.1, §3.8.4.3).
    fn addressed(&self, mut event: Event, session: &Session, person: &Person) -> Option<Event> {
        let policy = self.seal.policy;
        let mut organizer = Property::new("ORGANIZER", format!("mailto:{}", policy.robot));
        organizer.add_parameter("CN", &parameter(&policy.robot_name));
        event.append_property(organizer.done());
        let said = session.attendance.iter().find(|said| said.value.person.is(person)).map(|said| said.value.mode);
        let (standing, reply) = match said {
            Some(Mode::InPerson | Mode::Remote) => ("ACCEPTED", "FALSE"),
            Some(Mode::Maybe) => ("TENTATIVE", "FALSE"),
            Some(Mode::Declined) => ("DECLINED", "FALSE"),
            None => ("NEEDS-ACTION", "TRUE"),
        };
        let mut attendee = Property::new("ATTENDEE", format!("mailto:{}", person.address.as_ref()?));
        attendee.add_parameter("CN", &parameter(&called(person)));
        attendee.add_parameter("PARTSTAT", standing).add_parameter("RSVP", reply);
        event.append_property(attendee.done());
        Some(event)
    }
}

/// A parameter's value has no way to hold a quotation mark (RFC 5545 §3.2).
fn parameter(text: &str) -> String {
    text.replace('"', "'")
}
