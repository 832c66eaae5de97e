//! What a site's files are called, and how a page leads to them. Names stay: others link to them.

use crate::mail::MessageId;
use crate::mail::link::id_hash;
use crate::session::SessionKey;

pub const STYLE: &str = "style.css";
pub const SUMMITS: &str = "index.html";
pub const DECISIONS: &str = "decisions.html";
pub const ACTIONS: &str = "actions.html";
pub const TOPICS: &str = "topics.html";
pub const PEOPLE: &str = "people/index.html";
pub const SEARCH: &str = "search.html";
pub const LOST: &str = "404.html";

/// Hex digits of an anchor: a page would need billions of mails before two of them met.
const ANCHOR: usize = 16;
/// Characters of a person's name in a file's.
const LONGEST: usize = 60;

pub fn of_summit(slug: &str, file: &str) -> String {
    format!("{slug}/{file}")
}

pub fn session(key: &SessionKey) -> String {
    format!("{}/{key}.html", key.summit)
}

/// What else there is of a session.
pub fn form_of_session(key: &SessionKey, end: &str) -> String {
    format!("{}/{key}.{end}", key.summit)
}

/// Where a mail stands on its session's page. From the Message-ID alone, so that it is the same for ever.
pub fn anchor(mail: &MessageId) -> String {
    format!("m{}", &id_hash(mail)[..ANCHOR])
}

/// From a page, the way to the top of the site.
pub fn up(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

/// A person's name as a file is called: its letters and digits, whatever they are.
pub fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let whole: String = words.collect::<Vec<_>>().join("-").chars().take(LONGEST).collect();
    if whole.is_empty() { "nameless".to_owned() } else { whole.trim_end_matches('-').to_owned() }
}

/// For a URL (RFC 3986 §2.3): everything but the unreserved.
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        match plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_somebody_is_called_their_file_stays_in_its_folder() {
        assert_eq!(slug("Ada  O'Example"), "ada-o-example");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("Žofia Šťastná"), "žofia-šťastná");
        assert_eq!(slug("\u{202e}<script>"), "script");
        assert_eq!(slug("…"), "nameless");
        assert!(slug(&"name ".repeat(100)).len() <= LONGEST);
    }

    #[test]
    fn a_way_up_for_each_folder() {
        assert_eq!((up("index.html").as_str(), up("xen2017/S-1.html").as_str()), ("", "../"));
    }
}
