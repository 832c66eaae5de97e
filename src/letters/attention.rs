//! What waits for an organiser: mail that could not be read, and notes that nobody has placed.
//!
//! Of a quarantined mail nothing is told that it says itself: nobody has read it. Its number in the inbox leads to it.

use super::notice::Notice;
use super::wrap::{cut, printable};
use super::{LetterKind, Outgoing, Seal, rendered, sentences, when};
use crate::clock::Timestamp;
use crate::mail::Reason;
use crate::session::Summit;

/// So many of each are named, the rest is counted.
const MOST: usize = 20;
const MOST_TITLE: usize = 200;

/// A mail that was quarantined.
pub struct Quarantined {
    /// Its number in the inbox.
    pub id: i64,
    pub received: Timestamp,
    pub bytes: u64,
    pub reason: Reason,
}

/// Notes that found no session, and whose author has not said which it is.
pub struct Unplaced {
    pub title: String,
    pub author: String,
    pub received: Timestamp,
    pub link: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "attention.txt")]
struct AttentionText<'a> {
    quarantined: &'a [Row],
    more_mails: usize,
    unplaced: &'a [Row],
    more_notes: usize,
    robot: &'a str,
    summit: &'a str,
}

struct Row {
    head: String,
    lines: Vec<String>,
}

/// One letter to each organiser; `cause` makes it this one.
pub fn letters(
    quarantined: &[Quarantined],
    unplaced: &[Unplaced],
    cause: String,
    summit: &Summit,
    seal: &Seal,
    now: Timestamp,
) -> Vec<Outgoing> {
    let mail = |mail: &Quarantined| Row {
        head: format!("{}, {}", sentences::size(mail.bytes), sentences::quarantined(mail.reason)),
        lines: vec![
            format!("came on {}", when::moment(mail.received, &summit.zone)),
            format!("rapporteur quarantine show {}", mail.id),
        ],
    };
    let notes = |notes: &Unplaced| Row {
        head: cut(&printable(&notes.title), MOST_TITLE),
        lines: [format!(
            "by {}, {}",
            cut(&printable(&notes.author), MOST_TITLE),
            when::day(notes.received, &summit.zone)
        )]
        .into_iter()
        .chain(notes.link.clone())
        .collect(),
    };
    let mails: Vec<Row> = quarantined.iter().take(MOST).map(mail).collect();
    let all_notes: Vec<Row> = unplaced.iter().take(MOST).map(notes).collect();
    let text = AttentionText {
        quarantined: &mails,
        more_mails: quarantined.len() - mails.len(),
        unplaced: &all_notes,
        more_notes: unplaced.len() - all_notes.len(),
        robot: &seal.policy.robot_name,
        summit: &summit.name,
    };
    let subject = match (quarantined.is_empty(), unplaced.is_empty()) {
        (false, true) => "Mail that could not be read",
        (true, _) => "Notes that found no session",
        (false, false) => "Mail that could not be read, and notes without a session",
    };
    let notice = Notice { kind: LetterKind::Attention, cause, subject, body: rendered(&text) };
    notice.letters(summit, seal, now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    #[test]
    fn of_what_nobody_has_read_the_number_leads_to_it_and_most_are_counted() {
        let text = concat!(
            "address = \"robot@example.org\"\n[transport]\nkind = \"maildir\"\npath = \"sent\"\n",
            "[[list]]\naddress = \"devel@lists.example.org\"\n[[summit]]\nslug = \"s\"\nname = \"S\"\n",
            "lists = [\"devel@lists.example.org\"]\norganisers = [\"olga@example.org\"]\n",
        );
        let policy = Config::parse(Path::new("rapporteur.toml"), text).unwrap().policy;
        let seal = Seal { policy: &policy, secret: &[27; 32], dkim: None };
        let received = Timestamp::UNIX_EPOCH;
        let mail = |id| Quarantined { id, received, bytes: 2_140_000, reason: Reason::TooLarge };
        let mails: Vec<Quarantined> = (1..=23).map(mail).collect();
        let letters = letters(&mails, &[], "attention:s:1970-01-01".into(), &policy.summits[0], &seal, received);
        let [letter] = letters.as_slice() else { panic!("one organiser") };
        let text = String::from_utf8(letter.bytes.clone()).unwrap().replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap();
        assert!(head.contains("To: olga@example.org\nSubject: Mail that could not be read\n"), "{head}");
        let first = "  2.1 MB, too large\n      came on Thursday 1 January 1970, 00:00 UTC\n      rapporteur quarantine show 1\n";
        assert!(body.contains(first), "{body}");
        assert_eq!(body.matches("quarantine show").count(), MOST);
        assert!(body.contains("\n  ... and 3 more: rapporteur quarantine list\n"), "{body}");
        assert!(body.lines().all(|line| line.len() <= 72), "{body}");
    }
}
