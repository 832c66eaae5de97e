//! Did a program write this mail? RFC 3834, and what programs do that never read it.
//!
//! Two verdicts, and a rule for choosing. *Yes* is for what no person's mail can bear: it runs nothing. Everything else
//! that speaks of programs is a *hint*: people write through trackers and forges, whose mail bears the tracker's signs
//! around their words, so a hinted mail is understood and recorded, only never answered. What lists set themselves says
//! nothing of mail that came through one.

mod challenges;
mod senders;
mod signs;
mod subjects;

pub use senders::is_robot;

use super::header::{Header, token};
use super::mime::Leaf;
use super::{Author, Automatic};
use signs::Verdict;

/// The rows of the truth table in `docs/operating.md`, first match wins; a proof goes before every hint.
pub fn automatic(header: &Header, author: &Author, subject: &str, leaves: &[Leaf]) -> Automatic {
    if let Some(token) = header.all("auto-submitted").map(token).find(|token| !token.is_empty() && token != "no") {
        return Automatic::Yes(format!("Auto-Submitted: {token}"));
    }
    let from_list = LIST_HEADERS.iter().any(|name| header.first(name).is_some());
    let sign = signs::shown(header, from_list);
    if let Some((Verdict::Proof, sign)) = sign {
        return Automatic::Yes(sign);
    }
    if let Some(address) = author.address.as_ref().filter(|address| senders::is_list_manager(address)) {
        return Automatic::Yes(format!("it comes from a list manager, {address}"));
    }
    let hint = sign
        .map(|(_, sign)| sign)
        .or_else(|| subjects::is_answer(subject).then(|| format!("the subject `{subject}`")))
        .or_else(|| {
            challenges::is_challenge(header, author, subject).then(|| format!("it asks to be confirmed: `{subject}`"))
        })
        .or_else(|| is_calendar_reply(leaves).then(|| "it answers an invitation".to_owned()))
        .or_else(|| senders::is_robot(author).then(|| format!("it comes from a program, {}", author.person().label())));
    hint.map_or(Automatic::No, Automatic::Hint)
}

/// What lists add to the mail they hand on (RFC 2369, RFC 2919; the older ones of Mailman, majordomo and ezmlm).
const LIST_HEADERS: [&str; 5] = ["list-id", "list-post", "x-beenthere", "x-mailing-list", "mailing-list"];

/// A calendar's answer (RFC 5546 §3.2.3): a person pressed a button, and the program wrote.
fn is_calendar_reply(leaves: &[Leaf]) -> bool {
    let replies = |text: &str| text.lines().take(20).any(|line| line.trim_end().eq_ignore_ascii_case("METHOD:REPLY"));
    leaves.iter().any(|leaf| leaf.kind == "text/calendar" && replies(&leaf.text))
}

#[cfg(test)]
mod tests;
