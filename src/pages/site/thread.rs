//! A session's mails, one by one: who wrote, what it did, its words, and how to answer it from where one reads.

use super::text::{Block, blocks};
use super::view::{Moment, Named, shown};
use super::{Raws, Site, paths};
use crate::mail::{MessageId, Person, read};
use crate::session::{Change, Session, Summit};
use crate::store::StoredMail;
use std::collections::HashMap;

pub struct Entry<'a> {
    pub anchor: String,
    pub author: Named,
    pub at: Moment,
    /// What it answers, when that stands on the page: where, and who wrote it.
    pub answers: Option<(String, String)>,
    pub did: Vec<Did<'a>>,
    /// Its words; `None` when they were said in private.
    pub words: Option<Vec<Block>>,
    pub archive: Option<String>,
    pub reply: Option<Reply>,
}

/// One fact of a mail.
pub struct Did<'a> {
    pub anchor: String,
    pub change: &'a Change,
    /// Another mail says that it counts no more.
    pub undone: bool,
}

/// What makes a mail an answer to this one.
pub struct Reply {
    /// A `mailto:` (RFC 6068 §2) that sets what follows.
    pub link: String,
    pub to: String,
    pub subject: String,
    pub in_reply_to: String,
}

impl Site {
    /// A session's mails, in order.
    pub fn entries<'a>(&'a self, summit: &Summit, session: &'a Session, raws: &Raws) -> Vec<Entry<'a>> {
        let thread: Vec<&StoredMail> = self.thread(&session.key).collect();
        let here: HashMap<&MessageId, &StoredMail> = thread.iter().map(|mail| (&mail.row.message_id, *mail)).collect();
        let mut did: HashMap<&MessageId, Vec<Did>> = HashMap::new();
        for fact in session.history() {
            let of_mail = did.entry(&fact.mail).or_default();
            let anchor = format!("{}-{}", paths::anchor(&fact.mail), of_mail.len() + 1);
            of_mail.push(Did { anchor, change: &fact.change, undone: session.undone_by(&fact.mail).is_some() });
        }
        // What somebody asked to be sent, in private, is not told here; nor is a mail that said nothing else.
        let told = |mail: &&&StoredMail| {
            let did = did.get(&mail.row.message_id);
            self.is_public(mail) || did.is_none_or(|did| did.iter().any(|did| !did.change.is_personal()))
        };
        let thread: Vec<&StoredMail> = thread.iter().filter(told).copied().collect();
        let entry = |mail: &&StoredMail| {
            let row = &mail.row;
            let public = self.is_public(mail);
            let answered = row.parents.iter().chain(row.references.iter().rev()).find_map(|id| here.get(id));
            Entry {
                anchor: paths::anchor(&row.message_id),
                author: self.author(mail),
                at: Moment::minute(row.at, &summit.zone),
                answers: answered.map(|mail| (paths::anchor(&mail.row.message_id), self.author(mail).label)),
                did: did
                    .remove(&row.message_id)
                    .into_iter()
                    .flatten()
                    .filter(|did| public || !did.change.is_personal())
                    .collect(),
                words: public.then(|| words(mail, raws)),
                archive: self.permalink(summit, &row.message_id).filter(|_| public),
                reply: row.list.as_deref().filter(|_| public).map(|list| Reply::to(mail, list)),
            }
        };
        thread.iter().map(entry).collect()
    }

    /// Who wrote a mail, as the operator knows them.
    pub fn author(&self, mail: &StoredMail) -> Named {
        let person = Person { name: mail.row.from_name.clone(), address: mail.row.from_address.clone() };
        self.named(&self.policy.people.known(&person))
    }
}

fn words(mail: &StoredMail, raws: &Raws) -> Vec<Block> {
    raws.get(&mail.id).map_or_else(Vec::new, |raw| blocks(&read(raw, mail.received).text))
}

impl Reply {
    fn to(mail: &StoredMail, list: &str) -> Reply {
        let subject = shown(&mail.row.subject);
        let bare =
            subject.get(..3).filter(|head| head.eq_ignore_ascii_case("re:")).map_or(&*subject, |_| &subject[3..]);
        let subject = format!("Re: {}", bare.trim_start());
        let in_reply_to = format!("<{}>", mail.row.message_id);
        let link =
            format!("mailto:{list}?In-Reply-To={}&Subject={}", paths::encoded(&in_reply_to), paths::encoded(&subject));
        Reply { link, to: list.to_owned(), subject, in_reply_to }
    }
}
