//! Where a link leads, for a reader who sees only text.

/// Bytes of a link's text that are compared with its target.
const TEXT: usize = 1000;

/// The target that has to stand beside a link's text: an address or a web page, unless the text already names it.
pub fn target_beside(text: &str, href: &str) -> Option<String> {
    let href = href.trim();
    let address = href.strip_prefix("mailto:").map(|rest| rest.split('?').next().unwrap_or(rest));
    let web = href.starts_with("https://") || href.starts_with("http://");
    let target = address.or(web.then_some(href))?;
    let target = target.replace(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c), "");
    (!text.is_empty() && !target.is_empty() && !names(text, &target)).then_some(target)
}

/// The same but for scheme and a last `/`; or a whole URL of its own, as where a mail gateway has put its own link behind
/// it; or, for an address, words with an address in them.
fn names(text: &str, target: &str) -> bool {
    if text.len() > TEXT {
        return false;
    }
    let bare = |url: &str| {
        let url = url.trim_matches(['<', '>', '"', '\'']);
        let url = ["https://", "http://", "mailto:"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
        url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/').to_lowercase()
    };
    let url = ["https://", "http://", "<https://", "<http://"].iter().any(|scheme| text.starts_with(scheme));
    let whole = url && !text.contains(char::is_whitespace) && !text.ends_with("...") && !text.ends_with('…');
    whole || bare(text) == bare(target) || !target.contains("//") && text.contains('@')
}
