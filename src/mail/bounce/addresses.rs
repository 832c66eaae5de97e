//! Finding addresses in the prose of a mail system.

use crate::mail::Address;

/// What stands around an address: white space, brackets and quotes of many scripts, and what ends a clause.
fn is_border(c: char) -> bool {
    c.is_whitespace() || "<>()[]{}\"',;:|‘’“”„«»‹›＜＞：，、。（）【】「」『』".contains(c)
}

/// How an address is introduced where addresses of several kinds may stand: `SMTP=ada@example.org` within an X.400 name.
const KINDS: [&str; 4] = ["smtp=", "rfc822=", "rfc-822=", "addr="];

/// Every address in a line, lower case.
pub fn addresses(line: &str) -> impl Iterator<Item = String> + '_ {
    // Most lines have none.
    let parts = line.contains('@').then(|| line.split(is_border));
    parts.into_iter().flatten().filter(|part| part.contains('@')).filter_map(address)
}

/// The address that a line begins with, behind brackets and quotes only.
pub fn leading(line: &str) -> Option<String> {
    let rest = line.trim_start_matches(|c: char| is_border(c) && !c.is_whitespace()).trim_start();
    // `DDA:SMTP=` and `SMTP:` have borders within them.
    let first = rest.split_whitespace().next()?;
    first.split(is_border).find(|part| part.contains('@')).and_then(address).filter(|address| {
        let start = first.to_lowercase();
        let at = start.find(address.as_str()).unwrap_or(start.len());
        start[..at].is_empty() || start[..at].ends_with(':') || KINDS.iter().any(|kind| start[..at].ends_with(kind))
    })
}

/// One word as an address with a full domain. `ada@example.org...User` is an address and its explanation; `ada@exam...`
/// is one that was shortened, which is nobody's.
fn address(word: &str) -> Option<String> {
    let word = word.split("...").next().unwrap_or(word).trim_matches(['.', '!', '?', '*', '`', '_', '\\']);
    let lower = word.to_ascii_lowercase();
    let kind = KINDS.iter().find(|kind| lower.starts_with(**kind)).map_or(0, |kind| kind.len());
    let address = Address::parse(&lower[kind..])?;
    address.domain().contains('.').then(|| address.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_whatever_surrounds_them() {
        let all = |line: &str| addresses(line).collect::<Vec<_>>();
        assert_eq!(all("550 <Ada@Example.org>... User unknown"), ["ada@example.org"]);
        assert_eq!(all("ada@example.org...User is over quota"), ["ada@example.org"]);
        assert_eq!(all("[SMTP:ada@example.org], „bob@example.org“."), ["ada@example.org", "bob@example.org"]);
        assert_eq!(all("c=US;a= ;p=X;dda:SMTP=ada@example.org; on Friday"), ["ada@example.org"]);
        assert!(all("ada@exam... root@localhost @ a@b@ nobody").is_empty());
    }

    #[test]
    fn a_line_begins_with_an_address_or_not() {
        assert_eq!(leading("\"ada@example.org\" is full").as_deref(), Some("ada@example.org"));
        assert_eq!(leading("<ada@example.org>: no").as_deref(), Some("ada@example.org"));
        assert_eq!(leading("c=US;dda:SMTP=ada@example.org; on").as_deref(), Some("ada@example.org"));
        assert_eq!(leading("the address ada@example.org"), None);
        assert_eq!(leading("mx.example.org[ada@example.org]"), None);
    }
}
