//! A summit's calendar (RFC 5545): an event for each session that has a time, as a feed that calendars subscribe to.
//!
//! Names are shown, addresses are not.

use super::site::rich::called;
use super::{Record, host};
use crate::grammar::Mode;
use crate::letters::event::{self, About};
use crate::letters::wrap::printable;
use crate::mail::Person;
use crate::session::model::Attendance;
use crate::session::{Said, Session};
use icalendar::Event;

/// Which sessions a feed has.
#[derive(Clone, Debug)]
pub enum Of {
    Summit,
    /// Those of a track, whatever the case of its letters.
    Track(String),
    /// Those that somebody hosts, or said to come to.
    Person(Person),
}

impl Of {
    fn has(&self, session: &Session) -> bool {
        match self {
            Of::Summit => true,
            Of::Track(track) => {
                let own = session.proposal.track.as_deref().map(|own| printable(own).to_lowercase());
                own == Some(printable(track).to_lowercase())
            }
            Of::Person(person) => {
                let hosts = session.proposal.hosts.iter().any(|host| host.person.is(person));
                let comes = |said: &&Said<Attendance>| said.value.person.is(person);
                let comes = session.attendance.iter().find(comes).is_some_and(|said| said.value.mode != Mode::Declined);
                hosts || comes
            }
        }
    }
}

/// The feed as a text with CRLF, lines folded at 75 octets (RFC 5545 §3.1).
pub fn feed(record: &Record, of: &Of) -> String {
    let mut calendar = event::calendar("PUBLISH");
    let name = printable(&record.summit.name);
    calendar.name(&match of {
        Of::Summit => name,
        Of::Track(track) => format!("{name}: {}", printable(track)),
        Of::Person(person) => format!("{name}: {}", called(person)),
    });
    let all = record.register.of_summit(&record.summit.slug).map(|session| record.register.gathered(session));
    calendar.extend(all.filter(|session| of.has(session)).filter_map(|session| event(record, &session)));
    calendar.to_string()
}

fn event(record: &Record, session: &Session) -> Option<Event> {
    session.slot.as_ref()?.start?;
    let link = record.permalink(&session.root);
    let hosts: Vec<String> = session.proposal.hosts.iter().map(host).collect();
    let lines = [Some(hosts.join(", ")), link.clone()].into_iter().flatten().filter(|line| !line.is_empty());
    let about = About { domain: record.policy.robot.domain().to_owned(), lines: lines.collect(), link };
    event::event(session, about, record.now)
}
