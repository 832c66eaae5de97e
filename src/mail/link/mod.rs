//! Links that lead to mails: what a URL tells of the mail it stands for, without asking anybody.
//!
//! Archives write the mail's id into a link, or its hash, or only a number of their own; gateways wrap the whole in
//! links of theirs. All are told by their shape, because the same archive software runs under a thousand names. A link
//! that names no mail is a link like any other.

mod archive;
mod wrapper;

use crate::mail::MessageId;
use data_encoding::HEXLOWER;
use sha1::{Digest, Sha1};

/// What a link tells of the mail that it leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The Message-ID that stands in it.
    pub id: Option<MessageId>,
    /// The hash of a Message-ID that stands in it: see [`id_hash`].
    pub hash: Option<String>,
    /// The page it shows, in a form to compare: see [`page`].
    pub page: Option<String>,
}

/// Reads a link as it stands in a mail: `http`, `https`, `mid:` (RFC 2392), `news:` and `nntp:` (RFC 5538), wrapped or not.
pub fn read(url: &str) -> Link {
    let bare = url.trim().starts_with('<');
    let url = wrapper::unwrapped(url.trim().trim_start_matches('<').trim_end_matches('>'));
    match url.split_once(':') {
        Some((scheme, rest)) if ["mid", "id"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            Link { id: archive::id_of_scheme(rest.split('/').next().unwrap_or(rest)), ..Link::default() }
        }
        Some((scheme, rest)) if ["news", "nntp"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            Link { id: archive::id_of_scheme(rest.rsplit('/').next().unwrap_or(rest)), ..Link::default() }
        }
        Some((_, rest)) if rest.starts_with("//") => {
            let parts = Parts::of(&rest[2..]);
            Link { id: archive::id(&parts), hash: archive::hash(&parts), page: archive::page(&parts) }
        }
        // `<ID>`, as in a `Ref:`. What has a scheme is no id.
        None if bare => Link { id: archive::id_of_scheme(&url), ..Link::default() },
        _ => Link::default(),
    }
}

/// What two links to one page have in common: host without `www.`, path decoded and without its last `/`, query. The
/// place in an index (`threads.html#00012`) is the page it points to (`msg00012.html`).
pub fn page(url: &str) -> Option<String> {
    read(url).page
}

/// SHA-1 of a Message-ID in hex. Public-inbox puts it behind `#m`; Mailman 3 has it as X-Message-ID-Hash and in its
/// archive's links, in base 32.
pub fn id_hash(id: &MessageId) -> String {
    HEXLOWER.encode(&Sha1::digest(id.as_str().as_bytes()))
}

/// A URL behind its scheme, cut up. Nothing is decoded yet.
struct Parts<'a> {
    host: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Parts<'a> {
    fn of(rest: &'a str) -> Parts<'a> {
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        Parts { host, path, query, fragment }
    }

    fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        // Debbugs and others separate by `;`; some mailers leave HTML's `&amp;` in.
        self.query.split(['&', ';']).filter_map(|pair| pair.trim_start_matches("amp;").split_once('='))
    }
}

/// `%40` → `@`. What is not a valid escape, or no UTF-8, stays as it is.
pub fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| data_encoding::HEXLOWER_PERMISSIVE.decode(hex).ok());
        match hex.as_deref() {
            Some([byte]) => {
                bytes.push(*byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::end::from_name;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reading_is_total(text in "(https://urldefense.com/v[23]/(__|url\\?u=))?(https?://)?[a-z0-9./%*_?=&#@<>é;!-]{0,120}") {
            let link = read(&text);
            prop_assert!(link.hash.is_none_or(|hash| hash.len() == 40));
            prop_assert!(link.page.is_none_or(|page| page.contains('/')), "what tells it from a hash");
        }
    }

    #[test]
    fn a_long_link_is_read_in_a_moment() {
        let begun = std::time::Instant::now();
        for piece in ["http", "https%3A", "/", "%25", "**A", "?url=", "&u=aHR0c", "#", "@1."] {
            read(&format!("https://urldefense.com/v3/__https://{}", piece.repeat(100_000 / piece.len())));
        }
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_mails_hash_is_that_of_its_archives() {
        let id: MessageId = from_name("12345").unwrap();
        let base32 = data_encoding::BASE32.encode(&HEXLOWER.decode(id_hash(&id).as_bytes()).unwrap());
        assert_eq!(base32, "RSZCG7IGPHFIRW3EMTVMMDNJMNCVCOLE", "Mailman's own example");
    }

    #[test]
    fn schemes_that_name_mails() {
        let id = |url: &str| read(url).id.map(|id| id.to_string());
        for url in
            ["mid:1@example.org", "MID:1%40example.org", "mid:1@example.org/part2@example.org", "id:1@example.org"]
        {
            assert_eq!(id(url).as_deref(), Some("1@example.org"), "{url}");
        }
        for url in ["news:1@example.org", "<news:1@example.org>", "nntp://news.example.org/1@example.org"] {
            assert_eq!(id(url).as_deref(), Some("1@example.org"), "{url}");
        }
        assert_eq!(id("<1@example.org>").as_deref(), Some("1@example.org"));
        for url in [
            "<mailto:ada@example.org>",
            "ada@example.org",
            "cid:part1@example.org",
            "mailto:ada@example.org",
            "news:comp.lang.rust",
            "nothing",
            "",
            ":",
            "mid:",
        ] {
            assert_eq!(read(url), Link::default(), "{url}");
        }
    }
}
