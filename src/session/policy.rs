//! What the configuration says about lists, summits and people: values that the pure rooms are given.

use crate::grammar::Vocabulary;
use crate::mail::{Address, Mail, MessageId, link};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;

#[derive(Clone, Debug)]
pub struct Policy {
    /// Display name and address of our own mail.
    pub robot_name: String,
    pub robot: Address,
    /// The envelope sender of what we post to lists; bounces come back there.
    pub bounces: Address,
    pub lists: Vec<List>,
    /// At least one.
    pub summits: Vec<Summit>,
}

/// A watched list.
#[derive(Clone, Debug)]
pub struct List {
    pub address: Address,
    /// Other addresses of the same list: old names, other spellings.
    pub aliases: Vec<Address>,
    /// The id inside `<>` of its List-Id header, lower case (RFC 2919).
    pub list_ids: Vec<String>,
    /// Its permalinks: a URL with `{message_id}`.
    pub archive: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Summit {
    pub slug: String,
    pub name: String,
    /// Addresses of its lists; digests go to the first.
    pub lists: Vec<Address>,
    pub organisers: Vec<Address>,
    pub zone: TimeZone,
    /// Mail before or after these days belongs to other summits of the list.
    pub opens: Option<Date>,
    pub closes: Option<Date>,
    pub vocabulary: Vocabulary,
    /// A few words by a human that open each digest.
    pub introduction: Option<String>,
}

/// How a mail reached us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via<'a> {
    List(&'a List),
    /// Sent to our own address.
    Private,
    /// Some other list's mail, or nobody's that we know.
    Elsewhere,
}

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        self.address == other.address
    }
}
impl Eq for List {}

impl List {
    fn is_called(&self, address: &Address) -> bool {
        self.address == *address || self.aliases.contains(address)
    }

    /// The permalink of one of its mails.
    pub fn permalink(&self, mail: &MessageId) -> Option<String> {
        let template = self.archive.as_ref()?;
        Some(template.replace("{message_id}", &percent_encoded(mail.as_str())))
    }

    /// The mail that stands on a page of its archive (see [`link::page`]).
    fn mail_on(&self, page: &str) -> Option<MessageId> {
        let own = link::page(self.archive.as_ref()?)?;
        let (before, behind) = own.split_once("{message_id}")?;
        let id = page.strip_prefix(before)?.strip_suffix(behind)?;
        // A `/` may be the id's own; but not behind its `@`, where `/raw` and the like follow.
        let whole = !id.rsplit('@').next().unwrap_or(id).contains('/');
        Some(id).filter(|_| whole).and_then(MessageId::parse)
    }
}

impl Policy {
    pub fn list(&self, address: &Address) -> Option<&List> {
        self.lists.iter().find(|list| list.is_called(address))
    }

    /// The mail that stands on a page of the watched lists' archives.
    pub fn mail_on(&self, page: &str) -> Option<MessageId> {
        self.lists.iter().find_map(|list| list.mail_on(page))
    }

    pub fn summit(&self, slug: &str) -> Option<&Summit> {
        self.summits.iter().find(|summit| summit.slug == slug)
    }

    /// Where people can read a mail: the list's own Archived-At when it stands on the archive's host (RFC 5064), else
    /// the configured permalink.
    pub fn permalink(
        &self,
        summit: &Summit,
        mail: &MessageId,
        archived: &HashMap<MessageId, String>,
    ) -> Option<String> {
        let computed = summit.lists.iter().find_map(|address| self.list(address)?.permalink(mail));
        let stated = archived.get(mail);
        match (stated, computed) {
            (Some(stated), Some(computed)) if host(stated) != host(&computed) => Some(computed),
            (Some(stated), _) => Some(stated.clone()),
            (None, computed) => computed,
        }
    }

    /// How a mail came: by its List-Id, else by the addresses it was sent to, else by the mailbox it lay in.
    /// A copy that came through another list counts when it was sent to ours as well; a foreign List-Id alone does not.
    pub fn via<'a>(&'a self, mail: &Mail, mailbox_list: Option<&'a List>) -> Via<'a> {
        let by_id = |list: &&List| mail.list_ids.iter().any(|id| list.list_ids.contains(id));
        if let Some(list) = self.lists.iter().find(by_id) {
            return Via::List(list);
        }
        let named = mail.to.iter().chain(&mail.cc).filter_map(|person| person.address.as_ref());
        let named: Vec<&Address> = named.chain(&mail.delivered_to).collect();
        if let Some(list) = self.lists.iter().find(|list| named.iter().any(|address| list.is_called(address))) {
            return Via::List(list);
        }
        if named.contains(&&self.robot) {
            return Via::Private;
        }
        match mailbox_list {
            Some(list) if mail.list_ids.is_empty() => Via::List(list),
            _ => Via::Elsewhere,
        }
    }

    /// The summit a new mail of a list belongs to: of those open at its time the one that opened last; between summits
    /// the one that was last, so that late notes find their way.
    pub fn summit_for(&self, list: Option<&List>, at: jiff::Timestamp) -> Option<&Summit> {
        let of_list = |summit: &&Summit| list.is_none_or(|list| summit.lists.iter().any(|a| list.is_called(a)));
        let mine: Vec<&Summit> = self.summits.iter().filter(of_list).collect();
        let day = |summit: &Summit| at.to_zoned(summit.zone.clone()).date();
        let begun = |summit: &Summit| summit.opens.is_none_or(|opens| opens <= day(summit));
        let open = |summit: &Summit| begun(summit) && summit.closes.is_none_or(|closes| day(summit) <= closes);
        let last = |fits: &dyn Fn(&Summit) -> bool| {
            mine.iter().copied().filter(|summit| fits(summit)).max_by_key(|summit| summit.opens)
        };
        last(&open).or_else(|| last(&begun)).or_else(|| mine.first().copied())
    }
}

impl Summit {
    pub fn is_organiser(&self, address: &Address) -> bool {
        self.organisers.contains(address)
    }
}

fn host(url: &str) -> Option<&str> {
    url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next())
}

/// A Message-ID as one segment of a URL path (RFC 3986 §3.3): what archives leave readable stays readable.
fn percent_encoded(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'@' | b'+' | b'=' | b'!' | b'$' | b'\'' | b'*' | b',' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
