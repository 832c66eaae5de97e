//! `"Ada Lovelace via Devel" <devel@lists.example.org>`: a list that writes itself into From, so that the mail passes
//! DMARC (RFC 7489), and who wrote the mail before it did.
//!
//! Nothing here knows whether a list does this: whoever asks must. Behind any other From, Reply-To is only where answers
//! are wanted, and never says who wrote a mail. What the list left behind has to agree with itself, because a poster's own
//! Reply-To may stand there: Mailman 2 keeps it, and moves the author to Cc.

use super::{Address, Author, Mail, Person, same_name};

/// The author of a mail whose From shows the list, as its Reply-To tells; without an address when that is in doubt.
/// `is_list` knows the list's own addresses.
pub fn behind(mail: &Mail, is_list: impl Fn(&Address) -> bool) -> Author {
    let name = mail.author.name.as_deref().and_then(shown);
    let is_person = |person: &&Person| !person.address.as_ref().is_some_and(&is_list);
    let people: Vec<&Person> = mail.reply_to.iter().filter(is_person).collect();
    let found = match people.as_slice() {
        [one] => {
            // Where answers go to the list, Mailman puts the author into Cc; else, having kept the poster's own Reply-To,
            // Mailman 2 puts them there first.
            let to_list = people.len() < mail.reply_to.len();
            let places = if to_list { mail.cc.len() } else { 1 };
            agreed(mail, one, name, mail.cc.iter().filter(is_person).take(places))
        }
        [] => Err("Reply-To does not say who wrote it".to_owned()),
        several => Err(format!("Reply-To names {} people", several.len())),
    };
    let name = name.map(str::to_owned);
    match found {
        Ok(address) => {
            // Mailman's stand-in for an author without a name.
            let name = name.filter(|name| !name.ends_with(NAMELESS));
            Author { name, address: Some(address), doubt: None, relayed: true }
        }
        Err(doubt) => {
            let doubt = Some(format!("the list wrote itself into From, and {doubt}"));
            Author { name, address: None, doubt, relayed: true }
        }
    }
}

/// What Mailman puts behind the local part of an address that it takes for a name.
const NAMELESS: &str = "---";

/// The address of the one in Reply-To, when the name, the places in Cc where a list puts authors, and X-Original-From do
/// not speak for somebody else.
fn agreed<'a>(
    mail: &Mail,
    one: &Person,
    name: Option<&str>,
    mut cc: impl Iterator<Item = &'a Person>,
) -> Result<Address, String> {
    let Some(address) = &one.address else { return Err("Reply-To holds no sound address".to_owned()) };
    let Some(name) = name else { return Err("it names nobody".to_owned()) };
    let called = match (name.strip_suffix(NAMELESS), &one.name) {
        (Some(local), None) => local.eq_ignore_ascii_case(address.local()),
        (_, Some(other)) => same_name(other, name),
        (None, None) => true,
    };
    let namesake = cc.any(|person| {
        person.address.as_ref() != Some(address) && person.name.as_ref().is_some_and(|other| same_name(other, name))
    });
    match () {
        _ if !called => Err("Reply-To names somebody else".to_owned()),
        _ if namesake => Err("the author's name stands in Cc with another address".to_owned()),
        _ if mail.original_from.iter().any(|original| original.address.as_ref() != Some(address)) => {
            Err("X-Original-From names somebody else".to_owned())
        }
        _ => Ok(address.clone()),
    }
}

/// The address that a list wrote into the local part of its own: `ada=example.org@lists.example.net` (groups.io),
/// `ada=40example.org@dmarc.example.net` (the IETF's lists).
pub fn spelled_out(address: &Address) -> Option<Address> {
    let local = address.local().trim_start_matches('=');
    let (local, domain) = local.rsplit_once("=40").or_else(|| local.rsplit_once('='))?;
    Address::parse(&format!("{local}@{domain}")).filter(|_| domain.contains('.'))
}

/// The person's name in what lists make of it: `Ada via Devel`, `'Ada' via Devel`, `Ada (via Devel)`,
/// `Ada (ada@example.org via Devel)`, `Ada (ada@example.org)`, `Devel (on behalf of Ada)`.
pub fn shown(name: &str) -> Option<&str> {
    let name = match name.rsplit_once("(on behalf of ") {
        Some((_, person)) => person.trim_end_matches(')'),
        None => {
            let via = [" via ", " (via "].iter().filter_map(|via| name.rfind(via)).max();
            let name = &name[..via.unwrap_or(name.len())];
            // What is left of a bracket with an address in it.
            match name.rsplit_once('(') {
                Some((person, inside)) if inside.contains('@') => person,
                _ => name,
            }
        }
    };
    let name = name.trim().trim_matches(['\'', '"']).trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::read;

    fn mail(header: &str) -> Mail {
        read(format!("{header}\n\nHi\n").as_bytes(), "2027-05-03T00:00:00Z".parse().unwrap())
    }
    fn author(header: &str) -> Author {
        behind(&mail(header), |address| address.as_str() == "devel@lists.example.org")
    }
    fn known(name: &str) -> (Option<String>, Option<Address>) {
        (Some(name.to_owned()), Address::parse("ada@example.org"))
    }

    #[test]
    fn what_list_software_makes_of_an_author() {
        for (header, name) in [
            // Mailman 2 and 3.
            (
                "From: Ada Lovelace via Devel\n\t<devel@lists.example.org>\nReply-To: Ada Lovelace <ada@example.org>",
                "Ada Lovelace",
            ),
            // Answers go to the list as well.
            (
                "From: \"Ada Lovelace via Devel\" <devel@lists.example.org>\nReply-To: Ada Lovelace <ada@example.org>, Devel <devel@lists.example.org>\nCc: Ada <ada@example.org>, Bob <bob@example.org>",
                "Ada Lovelace",
            ),
            // A copy to another address of one's own.
            (
                "From: Ada via Devel <devel@lists.example.org>\nReply-To: Ada <ada@example.org>\nCc: devel@lists.example.org, Bob <bob@example.org>, Ada <ada@example.net>",
                "Ada",
            ),
            // Google Groups.
            (
                "From: \"'Ada Lovelace' via Devel\" <devel@lists.example.org>\nX-Original-From: Ada Lovelace <ada@example.org>\nReply-To: Ada Lovelace <ada@example.org>",
                "Ada Lovelace",
            ),
            // Sympa.
            (
                "From: \"Ada (ada@example.org via devel Mailing List)\" <devel@lists.example.org>\nReply-To: ada@example.org",
                "Ada",
            ),
            (
                "From: \"devel Mailing List (on behalf of Ada)\" <devel@lists.example.org>\nReply-To: ada@example.org",
                "Ada",
            ),
            (
                "From: =?utf-8?Q?L=C3=B6we=2C_Ada_via_Devel?= <devel@lists.example.org>\nReply-To: =?utf-8?Q?Ada_L=C3=B6we?= <ada@example.org>",
                "Löwe, Ada",
            ),
        ] {
            let author = author(header);
            assert_eq!((author.name.clone(), author.address.clone()), known(name), "{header}: {author:?}");
        }
    }

    #[test]
    fn an_author_without_a_name_keeps_none() {
        let author = author("From: ada--- via Devel <devel@lists.example.org>\nReply-To: ada@example.org");
        assert_eq!((author.name, author.address), (None, Address::parse("ada@example.org")));
    }

    #[test]
    fn a_posters_own_reply_to_makes_nobody_else_of_them() {
        let via = "From: Eve via Devel <devel@lists.example.org>";
        for (rest, doubt) in [
            // What Mailman 2 makes of Eve's `Reply-To: ada@example.org`.
            ("Reply-To: ada@example.org\nCc: Eve <eve@example.net>, devel@lists.example.org", "stands in Cc"),
            ("Reply-To: Eve <ada@example.org>\nCc: Eve <eve@example.net>", "stands in Cc"),
            ("Reply-To: Ada <ada@example.org>\nCc: Eve <eve@example.net>", "names somebody else"),
            // Mailman 3.
            ("Reply-To: Ada <ada@example.org>, Eve <eve@example.net>", "names 2 people"),
            (
                "Reply-To: ada@example.org, Devel <devel@lists.example.org>\nCc: Bob <bob@example.org>, Eve <eve@example.net>",
                "stands in Cc",
            ),
            // Google Groups.
            ("Reply-To: ada@example.org\nX-Original-From: Eve <eve@example.net>", "X-Original-From"),
            ("Reply-To: \"ada\"@example.org", "no sound address"),
            ("Reply-To: Devel <devel@lists.example.org>\nCc: Eve <eve@example.net>", "does not say"),
            ("To: devel@lists.example.org", "does not say"),
        ] {
            let author = author(&format!("{via}\n{rest}"));
            assert_eq!((author.name.as_deref(), author.address), (Some("Eve"), None), "{rest}");
            assert!(author.doubt.as_ref().is_some_and(|said| said.contains(doubt)), "{rest}: {:?}", author.doubt);
        }
        let nameless =
            author("From: eve--- via Devel <devel@lists.example.org>\nReply-To: ada@example.org\nCc: eve@example.net");
        assert_eq!(nameless.address, None);
        let list_itself = author("From: devel@lists.example.org\nReply-To: ada@example.org");
        assert_eq!(list_itself.address, None);
    }

    #[test]
    fn addresses_that_lists_spell_out() {
        let spelled = |text: &str| spelled_out(&Address::parse(text).unwrap()).map(String::from);
        assert_eq!(spelled("ada=40example.org@dmarc.example.net").as_deref(), Some("ada@example.org"));
        assert_eq!(spelled("ada=example.org@groups.example.net").as_deref(), Some("ada@example.org"));
        assert_eq!(spelled("=ada=example.org@lists.example.net").as_deref(), Some("ada@example.org"));
        assert_eq!(spelled("ada+x=y=example.org@lists.example.net").as_deref(), Some("ada+x=y@example.org"));
        assert_eq!(spelled("ada+tag=x@example.net"), None);
        assert_eq!(spelled("ada@example.net"), None);
    }
}
