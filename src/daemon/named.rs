//! What a mail names: the links in it, the mails these lead to, and all whose threads will be asked about.

use crate::grammar::{Reading, SessionRef, Want};
use crate::mail::link::{self, Link};
use crate::mail::thread::{Ids, within_reach};
use crate::mail::{Mail, MessageId};
use crate::session::Policy;
use crate::store::{StoreError, Work};
use std::collections::{HashMap, HashSet};

/// A mail may name more mails than this; they are not looked up.
const MOST_NAMED: usize = 50;
/// And so with links.
const MOST_LINKS: usize = 200;

/// The mails whose threads will be asked about for this one, as far as it tells by itself.
pub fn mails_to_look_up(mail: &Mail, reading: Option<&Reading>) -> Vec<MessageId> {
    let (message_id, references) = (&mail.message_id, &mail.references);
    let mut ids: Vec<MessageId> =
        within_reach(Ids { message_id, parents: &mail.parents(), references }).cloned().collect();
    ids.extend(reading.into_iter().flat_map(|reading| mails(reading, |url| link::read(url).id)));
    ids
}

/// Message-IDs that a mail names besides those it answers, given where its links lead.
pub fn mails(reading: &Reading, leads: impl Fn(&str) -> Option<MessageId>) -> Vec<MessageId> {
    let id = |session: &SessionRef| match session {
        SessionRef::MessageId(id) => Some(id.clone()),
        SessionRef::Url(url) => leads(url),
        _ => None,
    };
    let mut met = HashSet::new();
    sessions(reading).filter_map(id).filter(|id| met.insert(id.clone())).take(MOST_NAMED).collect()
}

/// The links of a mail, read.
pub fn links(reading: &Reading) -> HashMap<&str, Link> {
    let named = sessions(reading).filter_map(|session| match session {
        SessionRef::Url(url) => Some(url.as_str()),
        _ => None,
    });
    let referred = reading.asks.iter().filter_map(|ask| match &ask.want {
        Want::Refer(url) => Some(url.as_str()),
        _ => None,
    });
    let proposed = reading.proposal.iter().flat_map(|proposal| &proposal.references).map(String::as_str);
    named.chain(referred).chain(proposed).take(MOST_LINKS).map(|url| (url, link::read(url))).collect()
}

/// The mail that each link leads to: one of ours by the hash in it or by where it is archived, a page of a watched list's
/// archive, or the Message-ID that stands in it, whether or not we know that mail.
pub async fn behind(
    links: &HashMap<&str, Link>,
    policy: &Policy,
    work: &mut Work,
) -> Result<HashMap<String, MessageId>, StoreError> {
    let mut mails = HashMap::new();
    for (url, link) in links {
        let ours = work.behind(link).await?;
        let on_page = || link.page.as_deref().and_then(|page| policy.mail_on(page));
        if let Some(id) = ours.or_else(on_page).or_else(|| link.id.clone()) {
            mails.insert((*url).to_owned(), id);
        }
    }
    Ok(mails)
}

/// The mails that are to be taken back.
pub fn undone(reading: &Reading, leads: impl Fn(&str) -> Option<MessageId>) -> Vec<MessageId> {
    let id = |want: &Want| match want {
        Want::Undo(SessionRef::MessageId(id)) => Some(id.clone()),
        Want::Undo(SessionRef::Url(url)) => leads(url),
        _ => None,
    };
    reading.asks.iter().filter_map(|ask| id(&ask.want)).take(MOST_NAMED).collect()
}

/// The sessions that the lines of a mail name, and the mails that they take back.
fn sessions(reading: &Reading) -> impl Iterator<Item = &SessionRef> {
    let targets = reading.asks.iter().filter_map(|ask| ask.target.as_ref());
    let merged = reading.asks.iter().filter_map(|ask| match &ask.want {
        Want::Merge(other) | Want::NotesParent(other) | Want::Undo(other) => Some(other),
        _ => None,
    });
    targets.chain(merged).chain(reading.mentions.iter().map(|mention| &mention.session))
}
