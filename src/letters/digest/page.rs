//! A digest's text, from its head to the link to the previous one, and how it becomes a letter.

use super::limits::{self, Section, count};
use super::{Desk, Digest, form};
use crate::letters::compose::{Content, Draft, Marks, Seal};
use crate::letters::enclosed::Enclosed;
use crate::letters::{Outgoing, rendered, sentences, when};
use crate::mail::Person;
use crate::session::policy::DigestForm;
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
    /// Where the pages are that show the same.
    pages: Option<String>,
    last: String,
}

impl Page {
    /// The letter to the list; `None` when the summit has none.
    pub fn post(mut self, desk: &Desk, digest: Digest, seal: &Seal) -> Option<Outgoing> {
        self.sections.retain(|section| !section.is_empty());
        limits::deal(&mut self.sections, self.most_rows);
        let list = desk.summit.lists.first()?;
        let (body, mails) = self.written(desk, digest);
        let content = if mails.is_empty() { Content::Text } else { Content::Mails(mails) };
        let draft = Draft {
            kind: digest.letter(),
            cause: desk.cause,
            summit: &desk.summit.slug,
            to: Person { name: None, address: Some(list.clone()) },
            to_list: true,
            subject: self.title(desk, digest),
            in_reply_to: None,
            references: desk.since.previous.iter().cloned().collect(),
            token: None,
            body,
            date: desk.now,
        };
        seal.seal_with(draft, &Marks { content, ..Marks::default() })
    }

    /// The text, in the form that the operator chose, and the mails that are enclosed. An agenda and a report are read as
    /// they are.
    fn written(&mut self, desk: &Desk, digest: Digest) -> (String, Vec<Enclosed>) {
        let form = match digest {
            Digest::Proposals | Digest::Outcomes => desk.summit.form,
            Digest::Agenda | Digest::Report => DigestForm::Text,
        };
        if form != DigestForm::Text {
            self.shortened();
        }
        let (mails, left_out) = match form {
            DigestForm::Text | DigestForm::Index => (Vec::new(), 0),
            DigestForm::Plain | DigestForm::Mime => desk.enclosed(digest),
        };
        let told = (left_out > 0).then(|| format!("NOT BELOW, for want of room: {}.", count(left_out, "mail")));
        self.quiet = [self.quiet.take(), told].into_iter().flatten().reduce(|quiet, told| format!("{quiet}\n{told}"));
        let text = self.text(desk, digest);
        match form {
            DigestForm::Plain => (form::as_text(&text, &mails, &self.title(desk, digest)), Vec::new()),
            DigestForm::Text | DigestForm::Index | DigestForm::Mime => (text, mails),
        }
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
            pages: desk.pages(digest),
            last: sentences::to_all(desk.policy.robot.as_str()),
        })
    }
}
