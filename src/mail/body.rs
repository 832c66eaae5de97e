//! Which part of a mail is its text, and what the other parts are called.

use super::Text;
use super::header::tidy;
use super::mime::Leaf;
use super::tail::is_footer;

/// Bytes of HTML that are turned into text; what stands beyond is not read.
const HTML_LIMIT: usize = 256_000;
/// Elements that may be open within each other: the converter's work grows with the depth.
const HTML_DEPTH: usize = 200;
/// Columns: so wide that no line is wrapped that its author did not wrap.
const HTML_WIDTH: usize = 1000;

/// What a mail's parts hold.
#[derive(Default)]
pub struct Body {
    pub text: Text,
    pub attachments: Vec<String>,
    pub flaws: Vec<String>,
}

/// The first text/plain that is neither attached nor a list's footer is the text; without one the first text/html.
pub fn body(leaves: Vec<Leaf>, first_in_thread: bool) -> Body {
    let inline = |leaf: &Leaf, kind: &str| leaf.kind == kind && !leaf.attached;
    let footer = |leaf: &Leaf| inline(leaf, "text/plain") && is_footer(&Text::plain(&leaf.text, false).lines);
    let footers: Vec<bool> = leaves.iter().map(footer).collect();
    let plain = (0..leaves.len()).find(|&at| inline(&leaves[at], "text/plain") && !footers[at]);
    let chosen = plain.or_else(|| leaves.iter().position(|leaf| inline(leaf, "text/html")));

    let mut body = Body::default();
    for (at, leaf) in leaves.into_iter().enumerate() {
        if Some(at) == chosen {
            body.text = text(&leaf, first_in_thread);
            body.flaws.extend(leaf.flaw);
        } else if !footers[at] && is_attachment(&leaf) {
            body.attachments.push(leaf.name.as_deref().map(tidy).filter(|name| !name.is_empty()).unwrap_or(leaf.kind));
            body.flaws.extend(leaf.flaw);
        }
    }
    body
}

fn text(leaf: &Leaf, first_in_thread: bool) -> Text {
    match leaf.flowed {
        _ if leaf.kind == "text/html" => {
            Text { from_html: true, ..Text::plain(&html_text(&leaf.text), first_in_thread) }
        }
        Some(delsp) => Text::flowed(&leaf.text, delsp, first_in_thread),
        None => Text::plain(&leaf.text, first_in_thread),
    }
}

/// Signatures, and the other renderings of the same text, are nothing that was attached.
fn is_attachment(leaf: &Leaf) -> bool {
    let signature = matches!(
        leaf.kind.as_str(),
        "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "text/rfc822-headers"
    );
    let other_form = !leaf.attached && (leaf.alternative || leaf.name.is_none()) && leaf.kind == "text/html"
        || leaf.alternative && leaf.kind == "text/plain" && !leaf.attached;
    !signature && !other_form
}

/// HTML as its reader sees it: quotes marked by `> `, links without their targets, nothing wrapped.
fn html_text(html: &str) -> String {
    let cut = &html[..html.floor_char_boundary(HTML_LIMIT)];
    let cut = &cut[..shallow(cut)];
    let config = html2text::config::plain_no_decorate().link_footnotes(false).raw_mode(true).allow_width_overflow();
    config.string_from_read(cut.as_bytes(), HTML_WIDTH).unwrap_or_default()
}

/// How much of the HTML stays within [`HTML_DEPTH`], by a count of tags that is never too low.
fn shallow(html: &str) -> usize {
    const VOID: [&str; 10] = ["br", "hr", "img", "meta", "link", "input", "col", "area", "wbr", "p"];
    let mut depth = 0usize;
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let closing = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if name.is_empty() || VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        if depth > HTML_DEPTH {
            return at;
        }
    }
    html.len()
}
