//! What the configuration says about lists, summits and people: values that the pure rooms are given.

use super::archived::Archived;
use super::occasion::Reminders;
use super::people::People;
use super::rights::Floors;
use super::trust::Sources;
use crate::grammar::Vocabulary;
use crate::mail::erase::is_nowhere;
use crate::mail::{Address, Author, Mail, MessageId, link, via};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How the Message-IDs of mails begin that were written from other programs' data.
const IMPORTED: &str = "import.";

#[derive(Clone, Debug)]
pub struct Policy {
    /// Display name and address of our own mail.
    pub robot_name: String,
    pub robot: Address,
    /// The envelope sender of what we post to lists; bounces come back there.
    pub bounces: Address,
    /// Bounces of private letters come back, too: to `bounces` with `+` and a token of each letter (VERP).
    pub verp: bool,
    pub lists: Vec<List>,
    /// At least one.
    pub summits: Vec<Summit>,
    /// Who is who.
    pub people: People,
    /// Whose word is taken for who wrote a mail.
    pub sources: Sources,
    /// How well an author must be known.
    pub floors: Floors,
    /// Where the world reads the pages: a URL that ends with `/`.
    pub public: Option<String>,
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
    /// It writes its own address into From of some mails, and the author's into Reply-To (see [`via`]).
    pub rewrites_from: bool,
}

#[derive(Clone, Debug)]
pub struct Summit {
    pub slug: String,
    pub name: String,
    /// Addresses of its lists; digests go to the first.
    pub lists: Vec<Address>,
    /// Their first addresses.
    pub organisers: Vec<Address>,
    pub zone: TimeZone,
    /// Mail before or after these days belongs to other summits of the list.
    pub opens: Option<Date>,
    pub closes: Option<Date>,
    pub vocabulary: Vocabulary,
    /// For how long an outcome is open to objection.
    pub outcome_days: u16,
    /// A few words by a human that open each digest.
    pub introduction: Option<String>,
    /// The tracks that are planned, in their order. Proposals may name others.
    pub tracks: Vec<String>,
    /// What its people are reminded of.
    pub reminders: Reminders,
    /// The days of the summit itself. Where nobody says, those of its sessions' slots count.
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    pub noise: Noise,
    pub form: DigestForm,
}

/// How a digest is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DigestForm {
    #[default]
    Text,
    /// A line for each session.
    Index,
    /// An index, and below it the mails that brought the news, as one text (RFC 1153).
    Plain,
    /// The same with the mails as parts of their own (RFC 2046 §5.1.5).
    Mime,
}

/// How much digests say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    /// So many days somebody may take their time before a digest says that they are needed; and so many days until it
    /// says so again.
    pub after_days: u16,
    pub every_days: u16,
    /// Rows of a digest.
    pub rows: usize,
}

impl Default for Noise {
    fn default() -> Noise {
        Noise { after_days: 3, every_days: 14, rows: 50 }
    }
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

impl Summit {
    pub fn patience(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.outcome_days))
    }
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

    /// Whether a From with this address is the list speaking, and not a person: its own address, or the one that its
    /// bounces come to.
    fn speaks_as(&self, address: &Address) -> bool {
        let plain = || Address::parse(&format!("{}@{}", address.local().strip_suffix("-bounces")?, address.domain()));
        self.is_called(address) || plain().is_some_and(|plain| self.is_called(&plain))
    }

    /// The author whom it has spelled out in an address of its own: at its domain, at a `dmarc.` below that, or at the
    /// domain above its own.
    fn spells_out(&self, address: &Address) -> Option<Address> {
        let (own, domain) = (self.address.domain().to_ascii_lowercase(), address.domain().to_ascii_lowercase());
        let above = || domain.contains('.') && own.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
        let at_home = domain == own || domain.strip_prefix("dmarc.") == Some(&own) || above();
        via::spelled_out(address).filter(|_| at_home && self.rewrites_from)
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

    /// What stands behind the `+` when an address is our own; nothing when that is ours as it stands.
    pub fn tag<'a>(&self, address: &'a Address) -> Option<&'a str> {
        if *address == self.robot {
            return Some("");
        }
        let (local, tag) = address.local().split_once('+')?;
        let ours = local.eq_ignore_ascii_case(self.robot.local()) && address.domain_key() == self.robot.domain_key();
        ours.then_some(tag)
    }

    pub fn summit(&self, slug: &str) -> Option<&Summit> {
        self.summits.iter().find(|summit| summit.slug == slug)
    }

    /// The summit before this one, of the same lists.
    pub fn forerunner(&self, summit: &Summit) -> Option<&Summit> {
        let same_list = |other: &&Summit| other.lists.iter().any(|list| summit.lists.contains(list));
        let before = self.summits.iter().filter(|other| other.slug != summit.slug && other.opens < summit.opens);
        before.filter(same_list).max_by_key(|other| other.opens)
    }

    /// Where people can read a mail: the list's own Archived-At when it stands on the archive's host (RFC 5064), else
    /// the configured permalink. Nowhere, when it was written to us alone.
    pub fn permalink(&self, summit: &Summit, mail: &MessageId, archived: &Archived) -> Option<String> {
        if self.is_imported(mail) || archived.is_private(mail) {
            return None;
        }
        let computed = summit.lists.iter().find_map(|address| self.list(address)?.permalink(mail));
        match (archived.stated(mail), computed) {
            (Some(stated), Some(computed)) if host(stated) != host(&computed) => Some(computed),
            (Some(stated), _) => Some(stated.to_owned()),
            (None, computed) => computed,
        }
    }

    /// The Message-ID of a mail that `import` wrote: `local` is a plain dot-atom.
    pub fn imported_id(&self, local: &str) -> MessageId {
        MessageId::ours(&format!("{IMPORTED}{local}"), &self.robot.domain_key())
    }

    /// Whether a mail calls itself one that `import` wrote. Those are in no archive; whoever lies about it gains nothing.
    fn is_imported(&self, mail: &MessageId) -> bool {
        mail.as_str().starts_with(IMPORTED) && mail.as_str().ends_with(&format!("@{}", self.robot.domain_key()))
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
        if named.iter().any(|address| self.tag(address).is_some()) {
            return Via::Private;
        }
        match mailbox_list {
            Some(list) if mail.list_ids.is_empty() => Via::List(list),
            _ => Via::Elsewhere,
        }
    }

    /// The List-Id of what is sent to those who subscribed to a summit (RFC 2919).
    pub fn digests_id(&self, summit: &Summit) -> String {
        format!("digests.{}.{}", summit.slug, self.robot.domain_key())
    }

    /// The summit whose subscriptions a mail is about, when it says so.
    pub fn summit_of_digests(&self, mail: &Mail) -> Option<&Summit> {
        self.summits.iter().find(|summit| mail.list_ids.contains(&self.digests_id(summit).to_lowercase()))
    }

    /// Who wrote a mail, now that it is known which list it came through. From, but for the mails in which a list shows
    /// itself there: those have the author that a list known to do this has left in them, or nobody. Reply-To never says
    /// who wrote any other mail.
    pub fn author(&self, mail: &Mail, mailbox_list: Option<&List>) -> Author {
        let Some(from) = &mail.author.address else { return mail.author.clone() };
        if is_nowhere(from) {
            let doubt = Some("whoever wrote it was erased".to_owned());
            return Author { address: None, doubt, ..mail.author.clone() };
        }
        let through = match self.via(mail, mailbox_list) {
            Via::List(list) => Some(list),
            _ => None,
        };
        if let Some(author) = through.and_then(|list| list.spells_out(from)) {
            let name = mail.author.name.as_deref().and_then(via::shown).map(str::to_owned);
            return Author { name, address: Some(author), doubt: None, relayed: true };
        }
        match self.lists.iter().find(|list| list.speaks_as(from)) {
            None => mail.author.clone(),
            Some(list) if list.rewrites_from && through == Some(list) => {
                via::behind(mail, |address| list.speaks_as(address))
            }
            Some(_) => Author {
                name: mail.author.name.as_deref().and_then(via::shown).map(str::to_owned),
                address: None,
                doubt: Some(format!(
                    "{from} in the From header is a list's own address, and not known to stand for others"
                )),
                relayed: true,
            },
        }
    }

    /// Whether an address may act as an organiser of the summit.
    pub fn is_organiser(&self, summit: &Summit, address: &Address) -> bool {
        summit.organisers.contains(self.people.sworn_first(address))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::read;

    fn at(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn a_page_of_a_lists_archive_names_its_mail() {
        let list = List {
            address: Address::parse("devel@example.org").unwrap(),
            aliases: Vec::new(),
            list_ids: Vec::new(),
            archive: Some("https://lists.example.org/devel/{message_id}/".to_owned()),
            rewrites_from: false,
        };
        let on = |url: &str| list.mail_on(&link::page(url).unwrap()).map(|id| id.to_string());
        for id in ["1@example.org", "12345", "a/b@example.org", "a b"].iter().filter_map(|id| MessageId::parse(id)) {
            assert_eq!(on(&list.permalink(&id).unwrap()).as_deref(), Some(id.as_str()), "its own links come back");
        }
        for url in ["https://lists.example.org/users/12345/", "https://lists.example.org/devel/1@example.org/raw"] {
            assert_eq!(on(url), None, "{url}");
        }
    }

    /// Who wrote a mail that came through a list, for a list that rewrites From and for one that is not known to.
    fn authors(list: &str, header: &str) -> [Option<String>; 2] {
        [true, false].map(|rewrites_from| {
            let list = List {
                address: at(list),
                aliases: vec![at("old@lists.example.org")],
                list_ids: vec!["devel.example.org".into()],
                archive: None,
                rewrites_from,
            };
            let (robot_name, robot, bounces) = ("R".into(), at("r@example.org"), at("r@example.org"));
            let policy = Policy {
                robot_name,
                robot,
                bounces,
                verp: false,
                lists: vec![list],
                summits: vec![],
                people: People::default(),
                sources: Sources::default(),
                floors: Floors::default(),
                public: None,
            };
            let raw = format!("List-Id: <devel.example.org>\n{header}\n\nHi\n");
            let mail = read(raw.as_bytes(), jiff::Timestamp::UNIX_EPOCH);
            policy.author(&mail, None).address.map(String::from)
        })
    }
    fn known(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_authors_behind_a_lists_own_address_are_known_only_where_the_operator_says_so() {
        let ada = known("ada@example.net");
        for address in [
            "devel@lists.example.org",
            "Devel@lists.example.org",
            "old@lists.example.org",
            "devel-bounces@lists.example.org",
        ] {
            let header = format!("From: Ada via Devel <{address}>\nReply-To: Ada <ada@example.net>");
            assert_eq!(authors("devel@lists.example.org", &header), [ada.clone(), None], "{address}");
        }
        for domain in ["lists.example.org", "dmarc.lists.example.org", "example.org"] {
            let address = format!("ada=40example.net@{domain}");
            let header = format!("From: Ada via Devel <{address}>\nReply-To: eve@example.com");
            assert_eq!(authors("devel@lists.example.org", &header), [ada.clone(), known(&address)], "{domain}");
        }
    }

    #[test]
    fn nobody_else_is_undone_and_reply_to_is_no_identity() {
        for from in ["eve@example.com", "devel@example.org", "ada=example.net@example.com", "ada=example.net@org"] {
            let header = format!("From: Ada via Devel <{from}>\nReply-To: Ada <ada@example.net>");
            assert_eq!(authors("devel@lists.example.org", &header), [known(from), known(from)], "{from}");
        }
    }
}
