//! What a summit needs of its readers, session by session, and the notes that found no session.

use super::Site;
use super::view::{Card, Named, shown};
use crate::grammar::subject;
use crate::mail::Kind;
use crate::pages::json::unclaimed;
use crate::session::{Need, Session, Summit};
use crate::store::StoredMail;

/// A session that needs somebody.
pub struct Wanting {
    pub card: Card,
    pub what: What,
}

pub enum What {
    Notes,
    Confirmation(Vec<Named>),
    Host,
    Answers,
    Settlement,
}

/// Notes that no session could be found for.
pub struct Stray {
    pub subject: String,
    pub author: Named,
    pub archive: Option<String>,
    pub candidates: Vec<Card>,
}

impl Site {
    pub fn wanting(&self, summit: &Summit) -> Vec<Wanting> {
        let one = |session: &Session| {
            let what = match session.need(summit, self.now)? {
                Need::Notes => What::Notes,
                Need::Confirmation(claims) => {
                    What::Confirmation(claims.iter().map(|claim| self.named(&claim.value)).collect())
                }
                Need::Host => What::Host,
                Need::Answers => What::Answers,
                Need::Settlement => What::Settlement,
            };
            Some(Wanting { card: self.card(summit, session), what })
        };
        self.register.of_summit(&summit.slug).filter_map(one).collect()
    }

    pub fn strays(&self, summit: &Summit) -> Vec<Stray> {
        let one = |mail: &StoredMail| Stray {
            subject: shown(&subject::parse(&mail.row.subject, &summit.vocabulary).subject.title),
            author: self.author(mail),
            archive: self.permalink(summit, &mail.row.message_id),
            candidates: mail.row.candidates.iter().filter_map(|key| self.card_of(key)).collect(),
        };
        unclaimed(&self.mails, &self.register, &summit.slug).filter(|mail| self.is_public(mail)).map(one).collect()
    }

    /// The mails that called for topics, newest first: where they stand.
    pub fn calls(&self, summit: &Summit) -> Vec<(String, String)> {
        let called = self.mails.iter().rev().filter(|mail| {
            mail.row.kind == Kind::Call && mail.row.summit.as_deref() == Some(&summit.slug) && self.is_public(mail)
        });
        let link = |mail: &StoredMail| Some((shown(&mail.row.subject), self.permalink(summit, &mail.row.message_id)?));
        called.filter_map(link).take(3).collect()
    }
}
