//! Who is named in a header, and the one question that matters: who wrote this?
//!
//! Lists for display are read leniently. The author is read strictly: mail acts in an author's name, so two readings
//! of one From header must not be possible.

use super::header::{is_evenly_spaced, tidy};
use super::mailboxes::{Mailbox, mailboxes};
use super::{Address, Author, Person};

/// Everyone a header such as To names; entries with neither a name nor a sound address are left out.
pub fn people<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Person> {
    let person = |mailbox: Mailbox| {
        let address = mailbox.unsound.is_none().then(|| Address::parse(&mailbox.spec)).flatten();
        Person { name: display_name(mailbox), address }
    };
    values.flat_map(mailboxes).map(person).filter(|person| person.name.is_some() || person.address.is_some()).collect()
}

/// Judges the From headers (RFC 5322 §3.6.2): one header with one strict address, or a doubt.
pub fn author(from: &[&str]) -> Author {
    let boxes: Vec<Mailbox> = from.iter().flat_map(|value| mailboxes(value)).collect();
    let address = address_beyond_doubt(from, &boxes);
    let name = boxes.into_iter().next().and_then(display_name);
    match address {
        Ok(address) => Author { name, address: Some(address), ..Author::default() },
        Err(doubt) => Author { name, doubt: Some(doubt), ..Author::default() },
    }
}

/// An address that an author's name shows and that is not theirs: no harm to us, but people look at names.
pub fn disguise(author: &Author) -> Option<Address> {
    let words = author.name.as_deref().unwrap_or("").split(|c: char| c.is_whitespace() || "<>()[]\"'`,;:".contains(c));
    let shown = words.filter(|word| word.contains('@')).find_map(Address::parse);
    shown.filter(|shown| author.address.as_ref() != Some(shown))
}

fn address_beyond_doubt(from: &[&str], boxes: &[Mailbox]) -> Result<Address, String> {
    match (from, boxes) {
        ([], _) => Err("there is no From header".to_owned()),
        ([value], _) if value.contains(['\0', '\r', '\n']) => {
            Err("the From header holds a NUL or a bare CR".to_owned())
        }
        ([_], [only]) => sole_address(only),
        ([_], []) => Err("the From header holds no address".to_owned()),
        ([_], several) => Err(format!("the From header holds {} addresses", several.len())),
        (several, _) => Err(format!("there are {} From headers", several.len())),
    }
}

fn sole_address(only: &Mailbox) -> Result<Address, String> {
    if only.grouped {
        return Err("the From header names a group".to_owned());
    }
    if let Some(unsound) = only.unsound {
        return Err(format!("the From header has {unsound}"));
    }
    Address::parse(&only.spec).ok_or_else(|| match tidy(&only.spec) {
        shown if shown.is_empty() => "the From header holds no address".to_owned(),
        shown => format!("`{shown}` in the From header is not one plain address"),
    })
}

fn display_name(mailbox: Mailbox) -> Option<String> {
    let Mailbox { name, spec, .. } = mailbox;
    let quotes = ['\'', '"', ' '];
    // Most names are what is shown of them.
    let shown = match is_evenly_spaced(&name) && !name.starts_with(quotes) && !name.ends_with(quotes) {
        true => name,
        false => tidy(&name).trim_matches(quotes).to_owned(),
    };
    (!shown.is_empty() && !shown.eq_ignore_ascii_case(&spec)).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(from: &str) -> (Option<String>, Option<String>) {
        let author = author(&[from]);
        assert_eq!(author.address.is_none(), author.doubt.is_some());
        (author.name, author.address.map(String::from))
    }
    fn known(name: &str, address: &str) -> (Option<String>, Option<String>) {
        (Some(name.to_owned()).filter(|name| !name.is_empty()), Some(address.to_owned()))
    }

    #[test]
    fn an_author_in_the_ways_mailers_write_one() {
        let ada = "ada@example.org";
        for (from, name) in [
            (" Ada Lovelace <ada@example.org>", "Ada Lovelace"),
            ("ada@example.org", ""),
            ("ada@example.org (Ada Lovelace)", "Ada Lovelace"),
            ("\"Lovelace, Ada\" <ada@example.org>", "Lovelace, Ada"),
            ("Lovelace, Ada <ada@example.org>", "Lovelace, Ada"),
            ("\"Ada \\\"Countess\\\" Lovelace\" <ada@example.org>", "Ada \"Countess\" Lovelace"),
            ("=?utf-8?Q?Ad=C3=A0_(Xen,_Inc)?= <ada@example.org>", "Adà (Xen, Inc)"),
            ("\"ada@example.org\" <ada@example.org>", ""),
            ("'Ada via Devel' <ada@example.org>", "Ada via Devel"),
            ("\"eve@example.net\" <ada@example.org>", "eve@example.net"),
            ("\"=?utf-8?Q?Ada?=\" <ada@example.org>", "=?utf-8?Q?Ada?="),
            ("A\u{202e}da\u{200b} <ada@example.org>", "Ada"),
            ("=?utf-8?Q?Ada=0D=0ABcc:_eve?= <ada@example.org>", "Ada Bcc: eve"),
        ] {
            assert_eq!(one(from), known(name, ada), "{from}");
        }
    }

    #[test]
    fn odd_shapes_that_all_read_alike() {
        for from in [
            "Ada <ada@example.org>,",
            "Ada < ada@example.org >",
            "Ada<ada@example.org>",
            "\"\" <ada@example.org>",
            "<ada@example.org>",
            "<ada@example.org> (Ada)",
            "(Ada) ada@example.org",
            "(Ada) <ada@example.org>",
            "ada@example.org (Ada (at (work)))",
            "ada@example.org (eve@example.net)",
            "Ada (<eve@example.net>) <ada@example.org>",
            "\"<eve@example.net>\" <ada@example.org>",
            "\"Ada\" \"Lovelace\" <ada@example.org>",
            "\"Ada, <eve@example.net>,\" <ada@example.org>",
            "\"Ada \\\" <eve@example.net>\" <ada@example.org>",
            "ada@example.org <ADA@example.org>",
            "=?utf-8?Q?Ada_<eve=40example.net>?= <ada@example.org>",
            "=?utf-8?Q?eve@example.net,?= <ada@example.org>",
            "=?utf-8?B?broken <ada@example.org>",
            "=?nonsense?Q?Ada?= <ada@example.org>",
            "Ada =?utf-8?Q?L=C3?= =?utf-8?Q?=B6we?= <ada@example.org>",
            "Äda Löwe <ada@example.org>",
            "Ada\tLovelace\t<ada@example.org>",
            "Dr. Ada K. Lovelace, Jr. <ada@example.org>",
        ] {
            let address = one(from).1.map(|address| address.to_lowercase());
            assert_eq!(address.as_deref(), Some("ada@example.org"), "{from:?}");
        }
    }

    #[test]
    fn two_possible_readings_are_no_identity() {
        for from in [
            "",
            " ",
            "Ada",
            "Ada <>",
            "ada@example.org, eve@example.net",
            "Ada <ada@example.org>, Eve <eve@example.net>",
            "Ada <ada@example.org>, Eve",
            "ada@example.org,ada@example.org",
            "ada@example.org; eve@example.net",
            "; ada@example.org",
            "eve@example.net \"Ada\" <ada@example.org>",
            "\"\" ada@example.org",
            "\"eve@example.net\", <ada@example.org>",
            "\"eve@example.net\"ada@example.org <ada@example.org>",
            "Ada) <ada@example.org>",
            "Ada > <ada@example.org>",
            "Ada \\ <ada@example.org>",
            "ada@example.org;",
            "<ada@example.org> <eve@example.net>",
            "<ada@example.org><eve@example.net>",
            "<<ada@example.org>>",
            "<ada@example.org>>",
            "<ada@example.org",
            "ada@example.org>",
            "<ada@example.org> eve@example.net",
            "<ada@example.org> \"<eve@example.net>\"",
            "ada@example.org eve@example.net",
            "\"eve@example.net\" ada@example.org",
            "Ada ada@example.org",
            "eve@example.net <ada@example.org>",
            "eve@example.net (Eve) <ada@example.org>",
            "ada@example.org (Ada",
            "eve@example.net (<ada@example.org>",
            "Ada \"<eve@example.net> <ada@example.org>",
            "\"Ada <ada@example.org>",
            "Ada \\<eve@example.net\\> <ada@example.org>",
            "<ada@example.org\0>",
            "<ada@example.org>\0<eve@example.net>",
            "<ada@example.org>\r",
            "<ada@exam\rple.org>",
            "<ada@example.org>\nFrom: <eve@example.net>",
            "<ada@example\u{b}.org>",
            "<ada @example.org>",
            "<ada@ example.org>",
            "<=?utf-8?Q?ada?=@example.org>",
            "ada@=?utf-8?Q?example.org?=",
            "=?utf-8?Q?ada=40example.org?=",
            "=?utf-8?Q?<ada=40example.org>?=",
            "=?utf-8?Q?Ada <eve@example.net>?= <ada@example.org>",
            "\"ada\"@example.org",
            "<\"ada\"@example.org>",
            "<\"ada@example.org\">",
            "<ada(comment)@example.org>",
            "ada(comment)@example.org",
            "ada@(comment)example.org",
            "friends: ada@example.org;",
            "friends:;",
            "friends:;, ada@example.org",
            "eve@example.net: ada@example.org",
            "mailto:ada@example.org",
            "<mailto:ada@example.org>",
            "<@relay.example.net:ada@example.org>",
            "<@a.example.net,@b.example.net:ada@example.org>",
            "ada%example.org@relay.example.net",
            "relay.example.net!ada@example.org",
            "ada@example.org@example.net",
            "ada@[192.0.2.1]",
            "ada@[IPv6:2001:db8::1]",
            "ada@192.0.2.1",
            "ada@example.org.",
            "ada@.example.org",
            "ada..lovelace@example.org",
            "ada＠example.org",
            "ada@example．org",
            "Ada ＜ada@example.org＞",
            "ada@exam\u{200b}ple.org",
            "ada@example.org\u{202e}",
            "ada at example.org",
            "[ada@example.org]",
        ] {
            assert_eq!(one(from).1, None, "{from:?}");
        }
        let two = author(&["Ada <ada@example.org>", "Ada <ada@example.org>"]);
        assert_eq!((two.address, two.doubt.as_deref()), (None, Some("there are 2 From headers")));
        let empty = author(&["", "Ada <ada@example.org>"]);
        assert_eq!((empty.address, empty.doubt.as_deref()), (None, Some("there are 2 From headers")));
        assert_eq!(author(&[]).doubt.as_deref(), Some("there is no From header"));
    }

    #[test]
    fn a_name_that_shows_another_address_is_told() {
        let shown = |from: &str| disguise(&author(&[from])).map(String::from);
        assert_eq!(shown("\"eve@example.net\" <ada@example.org>").as_deref(), Some("eve@example.net"));
        assert_eq!(shown("\"Eve <eve@example.net>\" <ada@example.org>").as_deref(), Some("eve@example.net"));
        assert_eq!(shown("=?utf-8?Q?eve=40example.net?= <ada@example.org>").as_deref(), Some("eve@example.net"));
        assert_eq!(shown("\"ADA@example.org\" <ada@example.org>"), None);
        assert_eq!(shown("Ada @ home <ada@example.org>"), None);
    }

    #[test]
    fn lists_of_people_are_read_leniently() {
        let to = people(
            [" Ada <ada@example.org>, team: bob@example.org, Eve (at work) <eve@example.org>;, Nobody"].into_iter(),
        );
        let labels: Vec<&str> = to.iter().map(|person| person.label()).collect();
        assert_eq!(labels, ["Ada", "bob@example.org", "Eve", "Nobody"]);
        assert!(people(["undisclosed-recipients:;"].into_iter()).is_empty());
    }
}
