//! Reports in a fixed format: delivery status notifications (RFC 3464) and feedback reports (RFC 5965).
//!
//! Their fields are read wherever they stand: in a part of their own type, or in a text, where broken mail systems put
//! them.

use crate::mail::header::{Header, token};
use crate::mail::mime::Leaf;
use crate::mail::{Address, Bounce};

/// What the reports in a mail tell.
#[derive(Default)]
pub struct Told {
    pub bounce: Bounce,
    /// Some recipient got the mail, or the report is of another kind: who is not named did not fail.
    pub settles: bool,
}

/// `None` when there is no report at all.
pub fn told(leaves: &[Leaf]) -> Option<Told> {
    let mut told: Option<Told> = None;
    for leaf in leaves.iter().filter(|leaf| !leaf.text.is_empty()) {
        if leaf.kind.ends_with("feedback-report") {
            complaint(&leaf.text, told.get_or_insert_default());
        } else if leaf.kind.ends_with("delivery-status") {
            recipients(&leaf.text, told.get_or_insert_default());
        } else if leaf.kind.ends_with("disposition-notification") {
            receipt(&leaf.text, told.get_or_insert_default());
        } else if leaf.kind == "text/plain" && has_fields(&leaf.text) {
            recipients(above_the_returned_mail(&leaf.text), told.get_or_insert_default());
        }
    }
    told
}

/// A text that holds the two fields without which a report says nothing.
fn has_fields(text: &str) -> bool {
    let mut found = [false, false];
    for line in text.lines() {
        found[0] |= starts_with(line, "final-recipient:");
        found[1] |= starts_with(line, "action:") || starts_with(line, "status:");
    }
    found == [true, true]
}

fn starts_with(line: &str, name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// A bounce of a bounce that holds everything in one text: the inner one's fields are not ours to count.
fn above_the_returned_mail(text: &str) -> &str {
    let at = text.match_indices('\n').find(|(at, _)| starts_with(&text[at + 1..], "received:"));
    at.map_or(text, |(at, _)| &text[..at])
}

/// The groups of fields: one per message, then one per recipient (RFC 3464 §2). A group begins at an empty line; where
/// the empty lines are lost, at the field that no recipient has twice.
fn recipients(text: &str, told: &mut Told) {
    let mut group = String::new();
    let mut has_final = false;
    for line in text.lines().chain([""]) {
        let line = line.trim_end();
        let again = has_final && starts_with(line, "final-recipient:");
        if line.is_empty() || again {
            recipient(&Header::read(group.as_bytes()), told);
            group.clear();
            has_final = false;
        }
        has_final |= starts_with(line, "final-recipient:");
        if !line.is_empty() {
            group.push_str(line);
            group.push('\n');
        }
    }
}

fn recipient(fields: &Header, told: &mut Told) {
    // The address that was written to, before what its own system made of it.
    const NAMES: [&str; 3] = ["original-recipient", "final-recipient", "x-actual-recipient"];
    let address = NAMES.iter().find_map(|name| fields.first(name).and_then(typed_address));
    if address.is_none() && NAMES.iter().all(|name| fields.first(name).is_none()) {
        return;
    }
    match fate(fields) {
        Some(Fate::Delivered) => told.settles = true,
        Some(Fate::Failed) => told.bounce.permanent.extend(address),
        Some(Fate::Delayed) => told.bounce.temporary.extend(address),
        None => {}
    }
}

enum Fate {
    Delivered,
    Delayed,
    Failed,
}

/// The action decides, but a mail that was given up because of a passing trouble (status `4.x.x`) says nothing against
/// the address. Without an action the status tells, and without both the reply code (RFC 3464 §2.3.3, §2.3.4, §2.3.6).
fn fate(fields: &Header) -> Option<Fate> {
    let action = fields.first("action").map(token).unwrap_or_default();
    let diagnosis = fields.first("diagnostic-code").map(|code| code.rsplit(';').next().unwrap_or(code).trim_start());
    let class = [fields.first("status"), diagnosis].into_iter().flatten().find_map(class);
    match action.as_str() {
        "delivered" | "relayed" | "expanded" => Some(Fate::Delivered),
        "delayed" => Some(Fate::Delayed),
        failed if failed.starts_with("fail") && class != Some('4') => Some(Fate::Failed),
        _ => class.map(|class| match class {
            '2' => Fate::Delivered,
            '4' => Fate::Delayed,
            _ => Fate::Failed,
        }),
    }
}

/// The first digit of `5.1.1` or `550`, when it is one of a status.
fn class(value: &str) -> Option<char> {
    let mut chars = value.chars();
    let class = chars.next().filter(|class| "245".contains(*class))?;
    chars.next().filter(|next| *next == '.' || next.is_ascii_digit())?;
    Some(class)
}

/// `rfc822; ada@example.org`, in lower case; also `LOCAL;<ada@example.org>`, and the Internet address within an X.400
/// name, where `(a)` stands for `@` (RFC 2156).
fn typed_address(value: &str) -> Option<String> {
    let text = value.split_once(';').map_or(value, |(_, text)| text);
    let text = text.trim().trim_matches(['<', '>', '"', ' ']);
    let lower = text.to_ascii_lowercase();
    let plain = match lower.split_once("rfc-822=") {
        Some((_, inner)) => inner.split(['/', ';']).next().unwrap_or(inner).replace("(a)", "@"),
        None => from_xtext(&lower),
    };
    Address::parse(&plain).map(|address| address.key())
}

/// Undoes what RFC 3461 §4 does to the two characters that it must hide, where a mail system has forgotten to. Any other
/// `+` with two digits is more likely a part of the address.
fn from_xtext(text: &str) -> String {
    text.replace("+2b", "+").replace("+3d", "=")
}

/// A receipt (RFC 8098) tells that the mail arrived, whatever became of it; but what a program deletes before anybody
/// sees it was rejected (RFC 5429).
fn receipt(text: &str, told: &mut Told) {
    told.settles = true;
    let fields = Header::read(text.trim_start().as_bytes());
    let disposition = fields.first("disposition").unwrap_or("").to_ascii_lowercase();
    if disposition.starts_with("automatic-action") && disposition.contains("deleted") {
        told.bounce.permanent.extend(fields.first("final-recipient").and_then(typed_address));
    }
}

/// Who complains (RFC 5965 §3). Reports that a signature failed (RFC 6591) or that a mail is no spam are none.
fn complaint(text: &str, told: &mut Told) {
    told.settles = true;
    let fields = Header::read(text.trim_start().as_bytes());
    let kind = fields.first("feedback-type").map(token).unwrap_or_default();
    if !matches!(kind.as_str(), "auth-failure" | "not-spam" | "dmarc") {
        let named = fields.all("original-rcpt-to").chain(fields.all("removal-recipient"));
        told.bounce.complained.extend(named.filter_map(typed_address));
    }
}
