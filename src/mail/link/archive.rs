//! The shapes of archives' links: where a mail's id, its hash, or its page stand in them.

use super::{Parts, percent_decoded};
use crate::mail::MessageId;
use data_encoding::{BASE32, HEXLOWER};

/// What may follow an id in a path: views of the mail and of its thread.
const VIEWS: [&str; 15] = [
    "",
    "raw",
    "mbox",
    "t",
    "T",
    "s",
    "d",
    "R",
    "t.mbox",
    "t.mbox.gz",
    "t.atom",
    "T.mbox.gz",
    "new.atom",
    "related",
    "patch",
];

/// What stands before a name with an `@` that is a list, a person or a package, and no mail.
const NO_MAILS: [&str; 21] = [
    "list",
    "lists",
    "listinfo",
    "info",
    "arc",
    "archives",
    "subscribe",
    "unsubscribe",
    "options",
    "users",
    "user",
    "u",
    "people",
    "profile",
    "members",
    "accounts",
    "photos",
    "package",
    "packages",
    "npm",
    "mailto",
];

/// Hosts where the whole path is an id begin so.
const ID_HOSTS: [&str; 3] = ["mid.", "msgid.", "message-id."];

/// Parameters that hold an id: Marc's `i`, Gmane's `message_id`.
const ID_PARAMETERS: [&str; 7] = ["i", "mid", "msgid", "msg_id", "messageid", "message_id", "message-id"];
/// Parameters that hold a search, and what a search for an id begins with.
const SEARCHES: [&str; 5] = ["q", "query", "s", "search", "words"];
const SEARCH_PREFIXES: [&str; 7] = ["+message-id:", "message-id:", "rfc822msgid:", "msgid:", "mid:", "id:", "m:"];

/// `mid:ID`: what stands behind the colon is nothing else.
pub(super) fn id_of_scheme(rest: &str) -> Option<MessageId> {
    named(&percent_decoded(rest), true)
}

/// The id in a link: the exact mail of a thread before the thread's head.
pub(super) fn id(parts: &Parts) -> Option<MessageId> {
    let in_fragment = || bracketed(&percent_decoded(parts.fragment));
    in_fragment().or_else(|| in_path(parts)).or_else(|| in_query(parts))
}

/// `/list/ID/`, `/r/ID`, `/all/ID/raw`, `/~u/list/%3CID%3E`, `/message-id/flat/ID`, `/d/msgid/GROUP/ID`.
fn in_path(parts: &Parts) -> Option<MessageId> {
    let segments: Vec<&str> = parts.path.split('/').collect();
    let last = segments.iter().rposition(|segment| !is_view(segment))?;
    let certain =
        ID_HOSTS.iter().any(|host| parts.host.get(..host.len()).is_some_and(|h| h.eq_ignore_ascii_case(host)));
    let before = last.checked_sub(1).map(|before| segments[before].to_ascii_lowercase());
    if before.as_deref().is_some_and(|before| NO_MAILS.contains(&before)) {
        return None;
    }
    // Twice: some gateways encode what was encoded.
    let name = percent_decoded(&percent_decoded(segments[last]));
    let id = bracketed(&name).or_else(|| named(&name, false))?;
    // A host's only segment with an `@` may be a list's front page; ids of mails are counted or drawn by lot.
    (certain || last > 0 || digits(id.as_str()) >= SOME_DIGITS).then_some(id)
}

/// `raw`, `t.mbox.gz`, and the mail's parts: `2-minutes.txt`, `1.2-a.bin`
fn is_view(segment: &str) -> bool {
    let part = segment.split_once('-').is_some_and(|(number, name)| {
        !name.contains('@') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    part || VIEWS.contains(&segment)
}

/// `?i=ID`, `?l=mid&q=ID`, `?q=m:ID`, `?query=+message-id:%3CID%3E`
fn in_query(parts: &Parts) -> Option<MessageId> {
    let by_id = parts.parameters().any(|(key, value)| key == "l" && value == "mid");
    parts.parameters().find_map(|(key, value)| {
        let value = percent_decoded(value);
        if ID_PARAMETERS.contains(&key) {
            return bracketed(&value).or_else(|| named(&value, true));
        }
        let searched = SEARCHES.contains(&key).then_some(value)?;
        let prefix = SEARCH_PREFIXES.iter().find_map(|prefix| searched.strip_prefix(prefix));
        let exact = prefix.filter(|id| !id.contains(char::is_whitespace)).or(Some(searched.as_str()).filter(|_| by_id));
        exact.and_then(|id| named(id.trim_matches(['<', '>']), true)).or_else(|| bracketed(&searched))
    })
}

/// `<ID>` and nothing else.
fn bracketed(text: &str) -> Option<MessageId> {
    named(text.trim().strip_prefix('<')?.strip_suffix('>')?, true)
}

/// How many digits make a name one that no person chose.
const SOME_DIGITS: usize = 4;

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// An id, where one is expected; elsewhere only what is no `react@17.0.2`, `tool@main` or `@ada@example.org`.
fn named(text: &str, expected: bool) -> Option<MessageId> {
    let (left, right) = text.rsplit_once('@')?;
    if left.is_empty() || right.is_empty() || text.contains(|c: char| c.is_whitespace() || "<>\"".contains(c)) {
        return None;
    }
    let is_version = || {
        let numbers = right.trim_start_matches(['v', '^', '~']);
        numbers.bytes().all(|b| b.is_ascii_digit() || b == b'.') && numbers.split('.').count() != 4
    };
    let like_a_host = || right.contains('.') || right.starts_with('[') || digits(left) >= SOME_DIGITS;
    (expected || (!left.starts_with('@') && !is_version() && like_a_host())).then(|| MessageId::parse(text)).flatten()
}

/// `#m` and the hash of public-inbox; the last word of 32 letters of base 32 in Mailman's archives.
pub(super) fn hash(parts: &Parts) -> Option<String> {
    let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).ok().filter(|hash| hash.len() == SHA1);
    let base32 = |text: &str| BASE32.decode(text.as_bytes()).ok().filter(|hash| hash.len() == SHA1);
    let in_fragment = || parts.fragment.strip_prefix('m').and_then(hex).or_else(|| base32(parts.fragment));
    let in_path = || parts.path.split('/').rev().find_map(base32);
    in_fragment().or_else(in_path).map(|hash| HEXLOWER.encode(&hash))
}

/// Bytes of a SHA-1.
const SHA1: usize = 20;

/// Indexes whose anchors count mails: MHonArc's with the number in the mail's name, Pipermail's with six digits of it.
const MHONARC: [&str; 4] = ["threads", "maillist", "thrd", "mail"];
const PIPERMAIL: [&str; 4] = ["thread", "date", "subject", "author"];

pub(super) fn page(parts: &Parts) -> Option<String> {
    let host = parts.host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let path = percent_decoded(parts.path);
    let path = path.trim_end_matches('/');
    let path = counted(path, parts.fragment).unwrap_or_else(|| path.to_owned());
    let known = !host.is_empty() && (!path.is_empty() || !parts.query.is_empty());
    let query = if parts.query.is_empty() { String::new() } else { format!("?{}", parts.query.replace("&amp;", "&")) };
    known.then(|| format!("{host}/{path}{query}"))
}

/// `2027-05/threads.html#00012` → `2027-05/msg00012.html`; `2027-May/thread.html#123` → `2027-May/000123.html`
fn counted(path: &str, anchor: &str) -> Option<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let index = file.strip_suffix(".html")?.trim_end_matches(|c: char| c.is_ascii_digit());
    let number: u64 = anchor.parse().ok()?;
    let page = if MHONARC.contains(&index) {
        format!("msg{anchor}.html")
    } else if PIPERMAIL.contains(&index) {
        format!("{number:06}.html")
    } else {
        return None;
    };
    Some(format!("{folder}/{page}"))
}

#[cfg(test)]
mod tests {
    use super::super::{id_hash, read};
    use crate::mail::MessageId;
    use crate::mail::end::from_name;

    fn id(url: &str) -> Option<String> {
        read(url).id.map(|id| id.to_string())
    }

    #[test]
    fn archives_put_the_id_into_their_links() {
        for url in [
            "https://lore.example.org/devel/20170711.1@example.org/",
            "http://lkml.example.org/r/20170711.1@example.org",
            "https://lore.example.org/all/20170711.1%40example.org/T/#u",
            "https://lore.example.org/all/20170711.1@example.org/t.mbox.gz",
            "https://lore.example.org/devel/20170711.1@example.org/2-minutes.txt",
            "<https://lore.example.org/devel/20170711.1@example.org/raw>",
            "https://lists.example.org/~ada/devel/%3C20170711.1@example.org%3E",
            "https://lists.example.org/~ada/devel/%3C0@example.org%3E#%3C20170711.1@example.org%3E",
            "https://www.example.org/message-id/flat/20170711.1%40example.org",
            "https://lists.example.org/msgid-search/20170711.1@example.org",
            "https://lists.example.org/20170711.1@example.org",
            "http://mid.example.org/20170711.1@example.org",
            "https://groups.example.com/d/msgid/devel/20170711.1%40example.org.",
            "https://work.example.org/project/devel/patch/20170711.1@example.org/mbox/",
            "https://lists.example.org/sympa/arcsearch_id/devel/2017-07/20170711.1%40example.org",
            "https://lists.example.org/thread.html/%3C20170711.1@example.org%3E",
            "https://marc.example.info/?i=20170711.1@example.org",
            "https://marc.example.info/?i=%3C20170711.1@example.org%3E&w=2",
            "https://www.example.com/search?l=mid&q=20170711.1@example.org",
            "http://news.example.org/find-root.php?message_id=%3c20170711.1@example.org%3e",
            "https://lists.example.org/namazu.cgi?query=%2Bmessage-id:%3C20170711.1@example.org%3E&submit=Search",
            "https://lore.example.org/all/?q=m:20170711.1@example.org",
        ] {
            let found = id(url).map(|id| id.trim_end_matches('.').to_owned());
            assert_eq!(found.as_deref(), Some("20170711.1@example.org"), "{url}");
        }
        assert_eq!(id("https://lore.example.org/devel/a%2Fb@example.org/").as_deref(), Some("a/b@example.org"));
        assert_eq!(id("https://lore.example.org/r/f05200f@10.0.0.250").as_deref(), Some("f05200f@10.0.0.250"));
    }

    #[test]
    fn lists_people_and_packages_are_no_mails() {
        for url in [
            "https://lists.example.org/archives/html/devel/2017-07/msg00042.html",
            "https://www.example.com/devel@lists.example.org/msg00042.html",
            "https://www.example.com/devel@lists.example.org/",
            "https://lists.example.org/archives/list/devel@lists.example.org/",
            "https://lists.example.org/archives/list/devel@lists.example.org/2017/7/",
            "https://ada@example.org/devel/",
            "https://example.org/page?contact=ada@example.org",
            "https://example.org/search?q=ada@example.org",
            "https://social.example.org/@ada@example.net",
            "https://cdn.example.com/react@17.0.2/umd/react.js",
            "https://code.example.com/tool/react@17.0.2",
            "https://code.example.com/actions/tool@main",
            "https://example.org",
        ] {
            assert_eq!(id(url), None, "{url}");
        }
    }

    #[test]
    fn a_hash_names_a_mail_to_those_who_have_it() {
        let hash = |url: &str| read(url).hash;
        let id: MessageId = from_name("12345").unwrap();
        let (own, base32) = (Some(id_hash(&id)), "RSZCG7IGPHFIRW3EMTVMMDNJMNCVCOLE");
        for url in [
            format!("https://lists.example.org/archives/list/devel@lists.example.org/message/{base32}/"),
            format!("https://lists.example.org/archives/list/devel@lists.example.org/thread/{base32}/"),
            format!(
                "https://lists.example.org/hyperkitty/list/devel@lists.example.org/message/{base32}/attachment/2/a.txt"
            ),
            format!(
                "https://lists.example.org/archives/list/devel@lists.example.org/thread/{}/#{base32}",
                "A".repeat(32)
            ),
            format!("https://lore.example.org/devel/0@example.org/T/#m{}", id_hash(&id)),
        ] {
            assert_eq!(hash(&url), own, "{url}");
            assert_eq!(read(&url).id.is_some(), url.contains("0@"), "{url}");
        }
        for url in [
            "https://example.org/message/SHORT/",
            "https://lore.example.org/devel/1@x/T/#u",
            "https://example.org/#m12",
        ] {
            assert_eq!(hash(url), None, "{url}");
        }
    }

    #[test]
    fn two_links_to_one_page_are_alike() {
        let page = |url: &str| read(url).page;
        for (one, other) in [
            ("https://lists.example.org/devel/msg1.html", "http://www.Lists.example.org/devel/msg1.html#start"),
            ("https://lists.example.org/devel/a%40b/", "https://lists.example.org/devel/a@b"),
            ("https://lists.example.org/2027-05/threads.html#00012", "https://lists.example.org/2027-05/msg00012.html"),
            ("https://lists.example.org/2027-May/thread.html#123", "https://lists.example.org/2027-May/000123.html"),
        ] {
            assert_eq!(page(one), page(other));
            assert!(page(one).is_some());
        }
        assert_ne!(page("https://marc.example.info/?l=a&m=1"), page("https://marc.example.info/?l=a&m=2"));
        assert_eq!(page("https://lists.example.org/"), None, "a front page is nobody's");
    }
}
