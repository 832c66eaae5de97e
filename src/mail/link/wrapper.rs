//! Links that gateways, portals and search engines put around others: what they hide is the link that was meant.

use super::percent_decoded;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// Parameters that hold the whole link: Safe Links, Google, LinkedIn, Trend Micro `url`; FireEye, Symantec, Facebook,
/// Zix, Sophos (in base 64) `u`; Barracuda `a`; Google, YouTube `q`; and what others call it.
const PARAMETERS: [&str; 13] =
    ["url", "u", "a", "q", "target", "to", "uddg", "redirecturl", "redirect", "dest", "destination", "link", "z"];

/// Wrappers rarely nest deeper; a bound keeps this linear.
const DEPTH: usize = 4;

/// The link behind all wrappers. One that cannot be looked behind, such as Mimecast's, stays as it is.
pub(super) fn unwrapped(url: &str) -> String {
    let mut url = url.to_owned();
    for _ in 0..DEPTH {
        match proofpoint_v3(&url).or_else(|| in_parameter(&url)).or_else(|| in_path(&url)) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    url
}

/// `?url=https%3A%2F%2F…`, on whatever host.
fn in_parameter(url: &str) -> Option<String> {
    let (before, query) = url.split_once('?')?;
    // Proofpoint's second form has `-` for `%` and `_` for `/`; its first was plain.
    let second = before.ends_with("/v2/url") && host(before).starts_with("urldefense.");
    query.split('&').find_map(|pair| {
        let (key, value) = pair.trim_start_matches("amp;").split_once('=')?;
        let known = PARAMETERS.iter().any(|parameter| key.eq_ignore_ascii_case(parameter));
        let value = known.then(|| match second {
            true => percent_decoded(&value.replace('-', "%").replace('_', "/")),
            false => percent_decoded(value),
        })?;
        link(&value).or_else(|| link(&percent_decoded(&value))).or_else(|| in_base64(&value))
    })
}

fn in_base64(value: &str) -> Option<String> {
    // `http` in base 64, at the start of three bytes.
    let bare = value.strip_prefix("aHR0c").map(|_| value.trim_end_matches('='))?;
    let bytes = BASE64_NOPAD.decode(bare.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(bare.as_bytes())).ok()?;
    link(&String::from_utf8(bytes).ok()?)
}

/// `/web/2027/https://…`, `/TOKEN/https%3A%2F%2F…` (Cisco), `/v2/___https://…___.TOKEN` (Check Point).
fn in_path(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let mut tails = path.match_indices("http").map(|(at, _)| &path[at..]);
    let tail = tails.find(|tail| link(&percent_decoded(beginning(tail))).is_some())?;
    match link(tail) {
        // What was not encoded keeps its own query.
        Some(inner) => Some(inner.split_once("___").map_or(inner.clone(), |(inner, _)| inner.to_owned())),
        None => link(&percent_decoded(tail.split(['/', '?', '#']).next().unwrap_or(tail))),
    }
}

/// Proofpoint's third form: `/v3/__URL__;LETTERS!!…$`. `*` stands for the next of the letters (in base 64), `**B` for the
/// next three: `A` counts two of them, `B` three, and so on.
fn proofpoint_v3(url: &str) -> Option<String> {
    let (before, rest) = url.split_once("/v3/__")?;
    let (inner, letters) = rest.rsplit_once("__;").unwrap_or((rest.trim_end_matches('_'), ""));
    let letters = letters.split('!').next().unwrap_or("").trim_end_matches('=');
    let letters = BASE64URL_NOPAD.decode(letters.as_bytes()).unwrap_or_default();
    let letters = String::from_utf8_lossy(&letters);
    let mut letters = letters.chars();
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let run = match (c, chars.as_str().strip_prefix('*').and_then(|rest| rest.chars().next()).and_then(run_length))
        {
            ('*', Some(run)) => {
                chars.by_ref().take(2).for_each(drop);
                run
            }
            ('*', None) => 1,
            _ => {
                plain.push(c);
                continue;
            }
        };
        // Without the letters the link is not whole; as much as there is of it may still name a mail.
        let before = plain.len();
        plain.extend(letters.by_ref().take(run));
        if plain.len() == before {
            plain.push(c);
        }
    }
    host(before).starts_with("urldefense.").then(|| link(&plain)).flatten()
}

/// Its place in base 64's URL alphabet, from two.
fn run_length(letter: char) -> Option<usize> {
    let alphabet = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']);
    alphabet.zip(2..).find(|(known, _)| *known == letter).map(|(_, length)| length)
}

/// As much as holds `https://` and one letter more, percent-encoded. Looking further at each place would take a square.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(20)]
}

/// A text that is a link to the web. Some wrappers lose one of its slashes.
fn link(text: &str) -> Option<String> {
    for scheme in ["https:/", "http:/"] {
        let start = text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme));
        if let Some(rest) = start.map(|start| text[start.len()..].trim_start_matches('/')) {
            return (!rest.is_empty()).then(|| format!("{scheme}/{rest}"));
        }
    }
    None
}

fn host(url: &str) -> &str {
    url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    const PLAIN: &str = "https://lore.example.org/devel/20170711.1@example.org/";

    #[test]
    fn gateways_hide_the_link_that_was_meant() {
        let base64 = BASE64.encode(PLAIN.as_bytes());
        for url in [
            // Safe Links, plain and with what was encoded encoded again.
            "https://eur01.safelinks.example.com/?url=https%3A%2F%2Flore.example.org%2Fdevel%2F20170711.1%40example.org%2F&data=05%7C02&reserved=0",
            "https://eur01.safelinks.example.com/ap/t-59584e83/?url=https%3A%2F%2Flore.example.org%2Fdevel%2F20170711.1%40example.org%2F&amp;data=05",
            "https://x.example.com/GetUrl?url=https%253A%252F%252Flore.example.org%252Fdevel%252F20170711.1@example.org%252F",
            // Proofpoint's three forms.
            "https://urldefense.proofpoint.com/v1/url?u=https://lore.example.org/devel/20170711.1%40example.org/&k=x&s=y",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__lore.example.org_devel_20170711.1-40example.org_&d=Dw&c=x",
            "https://urldefense.com/v3/__https://lore.example.org/devel/20170711.1@example.org/__;!!x!y$",
            "https://urldefense.us/v3/__https:/lore.example.org/devel/20170711.1*example.org/__;QA!!x!y$",
            "https://urldefense.com/v3/__https://lore.example.org/devel/**A170711.1*example.org/__;MjBA!!x!y$",
            // Barracuda, Symantec, FireEye, Trend Micro, Google, Facebook, LinkedIn.
            "https://linkprotect.example.com/url?a=https%3a%2f%2flore.example.org%2fdevel%2f20170711.1%40example.org%2f&c=E,1,x&typo=1",
            "https://clicktime.example.com/15t?h=x&u=https://lore.example.org/devel/20170711.1@example.org/",
            "https://protect2.example.com/v1/url?k=1-2-3&q=1&e=4&u=https%3A%2F%2Flore.example.org%2Fdevel%2F20170711.1%40example.org%2F",
            "https://ctp.example.com:443/wis/clicktime/v1/query?url=https%3a%2f%2flore.example.org%2fdevel%2f20170711.1%40example.org%2f&umid=1",
            "https://www.example.com/url?sa=D&q=https://lore.example.org/devel/20170711.1@example.org/&ust=1",
            // Cisco, Check Point, an archive of the web.
            "https://secure-web.example.com/1wvx_-Y/https%3A%2F%2Flore.example.org%2Fdevel%2F20170711.1%40example.org%2F",
            "https://protect.example.com/v2/___https://lore.example.org/devel/20170711.1@example.org/___.YXAzOng",
            "https://web.example.org/web/20270503000000*/https://lore.example.org/devel/20170711.1@example.org/",
            &format!("https://eu-west-1.protection.example.com/?d=example.org&u={base64}&p=m&i=1"),
        ] {
            assert_eq!(percent_decoded(&unwrapped(url)), PLAIN, "{url}");
        }
    }

    #[test]
    fn one_wrapper_in_another() {
        let once = format!("https://safelinks.example.com/?url={}", PLAIN.replace(':', "%3A").replace('/', "%2F"));
        let twice = format!("https://www.example.com/url?q={}", once.replace('%', "%25").replace(':', "%3A"));
        assert_eq!(unwrapped(&twice), PLAIN);
    }

    #[test]
    fn what_hides_nothing_stays() {
        for url in [
            PLAIN,
            "https://protect-eu.example.com/s/aBcD1eF?domain=lore.example.org",
            "https://example.org/page?url=nothing&u=http",
            "https://urldefense.com/v3/__nothing__;!!",
            "https://example.org/http",
            "no link",
            "",
        ] {
            assert_eq!(unwrapped(url), url);
        }
        let endless = "https://a.example.org/?u=".repeat(50);
        assert!(unwrapped(&endless).len() < endless.len());
    }
}
