//! Bounces: what mail systems send back about a mail, and who it did not reach.
//!
//! Reports in a fixed format (`report`) are believed first; else the words are read (`prose`), by tables of how mail
//! systems speak (`phrases`, `openings`). Whether a mail is a bounce at all is decided here, from signs that no person's
//! mail bears. Nothing here decides what follows from a bounce.

mod addresses;
mod openings;
mod phrases;
mod prose;
mod report;
mod returned;

pub use returned::returned;

use super::header::Header;
use super::mailboxes::mailboxes;
use super::mime::{self, Leaf};
use super::{Author, Bounce};
use prose::Report;

/// What a bounce says, if this mail is one. `report`: the mail is a multipart/report (RFC 6522).
pub fn bounce(header: &Header, author: &Author, subject: &str, leaves: &[Leaf], report: bool) -> Option<Bounce> {
    let prose = || Report::of(header, leaves);
    // Fields in a text prove nothing: people show each other their bounces.
    let certain = report
        || leaves.iter().any(|leaf| mime::is_report(&leaf.kind))
        || header.first("return-path").is_some_and(is_null_sender)
        || header.first("x-failed-recipients").is_some()
        || from_mail_system(header, author);
    let is_bounce = certain || openings::is_failure_subject(subject) && prose().is_report();
    if !is_bounce {
        return None;
    }
    let bounce = match report::told(leaves) {
        Some(told) if told.settles || !told.bounce.is_empty() => told.bounce,
        _ => enclosed(leaves).unwrap_or_else(|| prose().bounce(subject)),
    };
    Some(bounce.in_order())
}

/// `<>` (RFC 5321 §4.5.5), also as sendmail spells it out on delivery.
fn is_null_sender(path: &str) -> bool {
    path == "<>" || prose::is_daemon(path)
}

/// mailer-daemon or postmaster; the former also where From holds no address at all. `Mail System <>` is one, too. Neither
/// needs an address that could stand for a person: mail systems write `Postmaster@[192.0.2.1]`.
fn from_mail_system(header: &Header, author: &Author) -> bool {
    let postmaster = |from: &str| match &author.address {
        Some(address) => address.local().eq_ignore_ascii_case("postmaster"),
        None => mailboxes(from).iter().any(|mailbox| mailbox.spec.to_ascii_lowercase().starts_with("postmaster@")),
    };
    let named = |from: &str| prose::is_daemon(from) || from.trim_end().ends_with("<>") || postmaster(from);
    header.all("from").any(named)
}

/// The report of a bounce that some gateway has wrapped whole into a mail of its own.
fn enclosed(leaves: &[Leaf]) -> Option<Bounce> {
    let messages = leaves.iter().filter(|leaf| leaf.kind == "message/rfc822" && !leaf.text.is_empty());
    let mut told = messages.filter_map(|leaf| report::told(&mime::leaves_of(leaf.text.as_bytes())));
    told.find(|told| told.settles || !told.bounce.is_empty()).map(|told| told.bounce)
}

#[cfg(test)]
mod tests;
