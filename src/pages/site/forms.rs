//! What a summit is published as beside its pages: for calendars and programs.

use super::Site;
use crate::pages::calendar::Feed;
use crate::pages::json;
use crate::session::Summit;

/// A file of each summit, and what makes it.
type Form = (&'static str, fn(&Site, &Summit) -> Vec<u8>);

/// All of them. The site links to each under its name.
pub const OF_SUMMIT: &[Form] = &[("calendar.ics", calendar), ("sessions.json", sessions)];

fn calendar(site: &Site, summit: &Summit) -> Vec<u8> {
    let Site { policy, register, archived, now, .. } = site;
    Feed { policy, summit, register, archived, now: *now }.text().into_bytes()
}

/// As `export json` has them, but for addresses, and who is sent what: these files are for everybody.
fn sessions(site: &Site, summit: &Summit) -> Vec<u8> {
    let all = site.register.of_summit(&summit.slug);
    let all: Vec<_> = all.map(|session| json::session(session, &site.register, &site.policy, site.now)).collect();
    let mut value = serde_json::to_value(all).unwrap_or_else(|error| unreachable!("plain JSON: {error}"));
    for session in value.as_array_mut().into_iter().flatten().filter_map(|session| session.as_object_mut()) {
        session.remove("subscriptions");
    }
    super::view::hide_addresses(&mut value);
    let mut text = value.to_string();
    text.push('\n');
    text.into_bytes()
}
