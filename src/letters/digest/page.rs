//! A digest's text, from its head to the link to the previous one, and how it becomes a letter.

use super::limits::{self, Section};
use super::{Desk, Digest};
use crate::letters::compose::{Draft, Seal};
use crate::letters::{Outgoing, rendered, when};
use crate::mail::Person;
use askama::Template;

/// What one digest says.
pub(super) struct Page {
    /// Of the mail: `Design sessions: 14 proposed, 3 new`.
    pub subject: String,
    /// What the reader sees first: a line or two of numbers.
    pub counts: Vec<String>,
    pub sections: Vec<Section>,
    /// One line below the sections.
    pub quiet: Option<String>,
    /// Somebody may still object to an outcome.
    pub tentative: bool,
    /// How many rows it has at the most.
    pub most_rows: usize,
}

#[derive(Template)]
#[template(path = "digest.txt")]
struct DigestText<'a> {
    digest: Digest,
    introduction: Option<String>,
    summit: &'a str,
    moment: String,
    counts: &'a [String],
    sections: &'a [Section],
    quiet: Option<&'a str>,
    /// Something found no room.
    left_out: bool,
    tentative: bool,
    /// What a mail to propose, or to report, has in front of its subject.
    tag: &'a str,
    robot: &'a str,
    previous: Option<String>,
}

impl Page {
    /// The letter to the list; `None` when the summit has none.
    pub fn post(mut self, desk: &Desk, digest: Digest, seal: &Seal) -> Option<Outgoing> {
        self.sections.retain(|section| !section.is_empty());
        limits::deal(&mut self.sections, self.most_rows);
        let list = desk.summit.lists.first()?;
        seal.seal(Draft {
            kind: digest.letter(),
            cause: desk.cause,
            summit: &desk.summit.slug,
            to: Person { name: None, address: Some(list.clone()) },
            to_list: true,
            subject: self.title(desk, digest),
            in_reply_to: None,
            references: desk.since.previous.iter().cloned().collect(),
            token: None,
            body: self.text(desk, digest),
            date: desk.now,
        })
    }

    fn title(&self, desk: &Desk, digest: Digest) -> String {
        let number = match digest {
            Digest::Proposals | Digest::Outcomes => format!(" (digest {})", desk.since.count + 1),
            Digest::Agenda | Digest::Report => String::new(),
        };
        format!("[{}] {}{number}", desk.summit.slug, self.subject)
    }

    fn text(&self, desk: &Desk, digest: Digest) -> String {
        let words = &desk.summit.vocabulary;
        let tags = match digest {
            Digest::Proposals | Digest::Agenda => &words.proposal_tags,
            Digest::Outcomes | Digest::Report => &words.outcome_tags,
        };
        rendered(&DigestText {
            digest,
            introduction: desk.introduction(digest),
            summit: &desk.summit.name,
            moment: when::moment(desk.now, &desk.summit.zone),
            counts: &self.counts,
            sections: &self.sections,
            quiet: self.quiet.as_deref(),
            left_out: self.sections.iter().any(|section| section.more > 0),
            tentative: self.tentative,
            tag: tags.first().map_or("", String::as_str),
            robot: desk.policy.robot.as_str(),
            previous: desk.since.previous.as_ref().and_then(|id| desk.link(id)),
        })
    }
}
