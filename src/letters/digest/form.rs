//! The other forms of a digest, for those who choose one: an index of a line for each session, and the mails themselves
//! behind such an index, as one text (RFC 1153) or as mails in a mail (multipart/digest, RFC 2046 §5.1.5).
//!
//! They hold the same news. Only what came since the last digest is quoted, and of long mails the beginning.

use super::limits::{MOST_BYTES, Row};
use super::page::Page;
use super::rows::title;
use super::{Desk, Digest};
use crate::letters::enclosed::{self, Enclosed};
use crate::letters::wrap::{cut, printable, printable_lines};
use crate::session::{Change, Fact, Session};

/// Lines, and characters, of one mail.
const MOST_LINES: usize = 60;
const MOST_CHARACTERS: usize = 4_000;
/// Between the preamble and the first mail, and between mails (RFC 1153 §3).
const FIRST_RULE: usize = 70;
const RULE: usize = 30;

impl Desk<'_> {
    /// The mails that brought the news, in the order in which they were written, and how many found no room.
    pub(super) fn enclosed(&self, digest: Digest) -> (Vec<Enclosed>, usize) {
        let (before, all) = (self.since.told, self.told(digest));
        let is_new = |fact: &Fact| match fact.change {
            Change::Noted { .. } => fact.position > before.outcomes && all.outcomes > before.outcomes,
            _ => fact.position > before.changes && all.changes > before.changes,
        };
        let sessions = self.register.of_summit(&self.summit.slug);
        let facts = sessions.flat_map(|session| session.counted().map(move |fact| (session, fact)));
        let mut mails: Vec<Enclosed> =
            facts.filter(|(_, fact)| is_new(fact)).filter_map(|(session, fact)| enclosed(session, fact)).collect();
        mails.sort_by(|a, b| (a.at, &a.message_id).cmp(&(b.at, &b.message_id)));
        let mut room = MOST_BYTES;
        let fits = |mail: &&Enclosed| {
            room = room.saturating_sub(mail.text.len() + mail.subject.len());
            room > 0
        };
        let (all, fit) = (mails.len(), mails.iter().take_while(fits).count());
        mails.truncate(fit);
        (mails, all - fit)
    }
}

fn enclosed(session: &Session, fact: &Fact) -> Option<Enclosed> {
    let name = format!("{} {}", session.key, title(session));
    let (from, subject, text) = match &fact.change {
        Change::Proposed { author, proposal, .. } => (author, name, proposal.description.as_str()),
        Change::Revised { author, proposal, .. } => (author, format!("{name}, revised"), proposal.description.as_str()),
        Change::Suggested { author, text } => (author, format!("Re: {name}"), text.as_str()),
        Change::Noted { author, notes, .. } => (author, format!("Notes of {name}"), notes.text.as_str()),
        _ => return None,
    };
    let message_id = match &fact.change {
        Change::Proposed { root: mail, .. } | Change::Noted { source: mail, .. } => mail.clone(),
        _ => fact.mail.clone(),
    };
    Some(Enclosed { from: from.clone(), at: fact.at, subject, message_id, text: beginning(text) })
}

/// The beginning of a mail's words, line by line.
fn beginning(text: &str) -> String {
    let mut lines: Vec<String> = printable_lines(text).take(MOST_LINES + 1).collect();
    let more = lines.len() > MOST_LINES;
    lines.truncate(MOST_LINES);
    let text = lines.join("\n");
    match text.chars().count() > MOST_CHARACTERS {
        true => text.chars().take(MOST_CHARACTERS).collect::<String>() + "\n...",
        false if more => text + "\n...",
        false => text,
    }
}

impl Page {
    /// A line for each session: no more than its title.
    pub(super) fn shortened(&mut self) {
        for section in &mut self.sections {
            let line = |row: Row| format!("{:<6}{}", row.id, row.title);
            section.lines = section.rows.drain(..).map(line).collect();
        }
    }
}

/// The mails as one text, below the preamble: what stands between them tells programs where each begins.
pub(super) fn as_text(preamble: &str, mails: &[Enclosed], name: &str) -> String {
    let mut out = format!("{}\n\n{}\n", preamble.trim_end(), "-".repeat(FIRST_RULE));
    for mail in mails {
        let date = enclosed::date(mail.at);
        let from = mail.from.address.as_ref().map_or_else(
            || printable(mail.from.label()),
            |address| match &mail.from.name {
                Some(name) => format!("{} <{address}>", printable(name)),
                None => address.to_string(),
            },
        );
        let header =
            format!("Date: {date}\nFrom: {from}\nSubject: {}\nMessage-ID: <{}>", mail.subject, mail.message_id);
        // A line of the mail that looks like a rule is none (RFC 1153 §3).
        let rule = "-".repeat(RULE);
        let body = mail.text.lines().map(|line| if line == rule { format!(" {line}\n") } else { format!("{line}\n") });
        out += &format!("\n{header}\n\n{}\n{rule}\n", body.collect::<String>());
    }
    let end = format!("End of {}", cut(&printable(name), 60));
    format!("{out}\n{end}\n{}\n", "*".repeat(end.chars().count()))
}
