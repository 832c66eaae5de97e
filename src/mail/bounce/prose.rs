//! Who failed, in a mail system's own words.
//!
//! Mail systems name the address in few ways, whatever their language: behind a phrase (`could not be delivered to
//! ada@…`), on the lines below one, at the beginning of a line (`<ada@…>: no such user`), or behind a label
//! (`Recipient: ada@…`). The ways are tried from the surest to the weakest, and the first that names anybody is believed.

use super::addresses::{addresses, leading};
use super::{openings, phrases};
use crate::mail::Bounce;
use crate::mail::header::Header;
use crate::mail::html;
use crate::mail::mime::Leaf;
use std::borrow::Cow;

/// A From header of the program that delivers mail.
pub fn is_daemon(from: &str) -> bool {
    from.to_ascii_lowercase().contains("mailer-daemon")
}

/// Lines that are read: the report stands at the top.
const LINES: usize = 200;
/// A report that is only known by its words says what it is within this many lines that are not empty.
const OPENING: usize = 12;
/// No label is longer, in characters.
const LABEL: usize = 40;

/// The words of a bounce above the returned mail.
pub struct Report {
    /// Each text of the mail by itself: a language, a form.
    texts: Vec<Vec<Line>>,
    /// Addresses in the bounce's own From and To: the mail system, and us.
    involved: Vec<String>,
    failed_header: Vec<String>,
    /// The domain of the mail system that wrote it.
    domain: String,
    /// From mailer-daemon: nobody writes letters under that name.
    of_daemon: bool,
}

/// One way to find who failed.
type Way = fn(&Report, &[Line]) -> Vec<String>;
const MARKED: Way = |_, lines| marked(lines);

struct Line {
    text: String,
    lower: String,
}

impl Report {
    pub fn of(header: &Header, leaves: &[Leaf]) -> Report {
        let of_kind = |kind: &'static str| leaves.iter().filter(move |leaf| leaf.kind == kind);
        let plain = of_kind("text/plain").map(|leaf| Cow::from(&leaf.text));
        let html = of_kind("text/html").map(|leaf| from_html(&leaf.text));
        let texts = plain.chain(html).map(|text| lines(&text)).filter(|lines| !lines.is_empty());
        let involved: Vec<String> =
            ["from", "to"].iter().flat_map(|name| header.all(name)).flat_map(addresses).collect();
        Report {
            texts: texts.collect(),
            domain: header.first("from").and_then(|from| addresses(from).next()).map_or_else(String::new, domain),
            of_daemon: header.all("from").any(is_daemon),
            involved,
            failed_header: header.all("x-failed-recipients").flat_map(addresses).collect(),
        }
    }

    /// Does the text speak as mail systems do, and name somebody?
    pub fn is_report(&self) -> bool {
        self.opens_as_report() && !self.failed(true).is_empty()
    }

    /// A person who tells of a bounce greets, asks, says "I", or quotes it.
    fn opens_as_report(&self) -> bool {
        let opening = self.texts.iter().take(1).flatten().filter(|line| !line.text.trim().is_empty()).take(OPENING);
        let own = opening.take_while(|line| !line.text.starts_with('>') && !openings::is_personal(&line.lower));
        own.into_iter().any(speaks)
    }

    /// What it says. The subject, too, tells a warning from a failure.
    pub fn bounce(&self, subject: &str) -> Bounce {
        let lines = self.texts.iter().flatten().map(|line| line.lower.as_str());
        // A phrase may be broken over two lines.
        let said = lines.fold(subject.to_lowercase(), |said, line| said + " " + line.trim());
        let is_of_failure = self.of_daemon || openings::is_failure_subject(subject) || self.opens_as_report();
        let failed = self.failed(is_of_failure);
        if phrases::is_still_trying(&said) {
            Bounce { temporary: failed, ..Bounce::default() }
        } else {
            Bounce { permanent: failed, ..Bounce::default() }
        }
    }

    /// `is_of_failure`: subject or text say that something failed. Else only the form that means nothing else counts:
    /// postmasters also write letters, and holiday notices come from the null sender.
    fn failed(&self, is_of_failure: bool) -> Vec<String> {
        if !self.failed_header.is_empty() {
            return self.failed_header.clone();
        }
        const WAYS: [Way; 8] = [
            |_, lines| introduced(lines),
            Report::local_name,
            MARKED,
            |_, lines| mentioned(lines),
            |_, lines| below(lines),
            |_, lines| labelled(lines),
            |_, lines| to_labelled(lines),
            |_, lines| anywhere(lines),
        ];
        let ways = if is_of_failure { &WAYS[..] } else { &[MARKED] };
        let named = ways.iter().flat_map(|way| self.texts.iter().map(move |lines| self.without_us(way(self, lines))));
        named.into_iter().find(|named| !named.is_empty()).unwrap_or_default()
    }

    /// A provider may call its own people by their local names: one word alone on the line below the introduction.
    fn local_name(&self, lines: &[Line]) -> Vec<String> {
        let below = lines.iter().skip_while(|line| phrases::introduction(&line.lower).is_none());
        let first =
            below.skip(1).take_while(|_| self.of_daemon).map(|line| line.lower.trim()).find(|line| !line.is_empty());
        let name = first.filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        name.and_then(|name| addresses(&format!("{name}@{}", self.domain)).next()).into_iter().collect()
    }

    fn without_us(&self, named: Vec<String>) -> Vec<String> {
        let ours = |address: &String| self.involved.contains(address) || phrases::is_helper(address);
        named.into_iter().filter(|address| !ours(address)).collect()
    }
}

fn domain(address: String) -> String {
    address.split('@').next_back().unwrap_or_default().to_owned()
}

/// Some mail systems call HTML what has no markup in it, and would lose its line ends.
fn from_html(html: &str) -> Cow<'_, str> {
    let has_markup = ["</", "<br", "<BR", "<p>", "<P>"].iter().any(|tag| html.contains(tag));
    if has_markup { Cow::from(html::read(html).text) } else { Cow::from(html) }
}

fn lines(text: &str) -> Vec<Line> {
    let lines = text.lines().map(|line| Line { text: line.to_owned(), lower: line.to_lowercase() });
    lines.take(LINES).take_while(|line| !phrases::is_returned_mail(&line.lower)).collect()
}

/// Behind a phrase that says whom it is about, or on the lines below it; and in the replies of SMTP.
fn introduced(lines: &[Line]) -> Vec<String> {
    let mut named = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if phrases::behind_reply_code(line.text.trim_start()).is_some() {
            named.extend(addresses(&line.text));
        } else if let Some(rest) = phrases::introduction(&line.lower) {
            let before = named.len();
            named.extend(addresses(rest));
            if named.len() == before {
                named.extend(below(&lines[at + 1..]));
            }
        }
    }
    named
}

/// `Your message to ada@example.org has been delayed.`
fn mentioned(lines: &[Line]) -> Vec<String> {
    lines.iter().filter_map(|line| phrases::mention(&line.lower)).flat_map(addresses).collect()
}

/// A list of addresses, each at the beginning of a line, with what is said of it beside or beneath. It goes on to the
/// next heading. Lines that are indented deeper than the first of the list belong to what is said.
fn below(lines: &[Line]) -> Vec<String> {
    let mut named = Vec::new();
    let mut deepest = usize::MAX;
    let mut above: Option<&Line> = None;
    for line in lines {
        if phrases::is_heading(&line.text) && !named.is_empty() {
            break;
        }
        let starts = indent(line) <= deepest && !above.is_some_and(|above| goes_on(above, line));
        if let Some(address) = item(&line.text).filter(|_| starts) {
            named.push(address);
            deepest = indent(line);
        } else if let Some(origin) = phrases::origin(&line.lower) {
            named.extend(addresses(origin));
        }
        above = Some(line);
    }
    named
}

fn indent(line: &Line) -> usize {
    line.text.len() - line.text.trim_start().len()
}

/// Does the line only go on with the sentence above it, and begin with an address by chance? One that is alone on its
/// line, in brackets or behind a label is there on purpose.
fn goes_on(above: &Line, line: &Line) -> bool {
    let text = above.text.trim();
    let is_prose = !text.is_empty() && !text.ends_with(':') && !phrases::is_heading(text) && item(text).is_none();
    let own = line.text.trim();
    let is_bare = !own.starts_with('<') && (own.contains(' ') || own.ends_with('.')) && label(own).is_none();
    is_prose && is_bare && indent(above) == indent(line)
}

/// The address that an item of a list begins with: behind a bullet, the SMTP reply, or a label.
fn item(line: &str) -> Option<String> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*->•·+".contains(c));
    leading(line)
        .or_else(|| leading(phrases::behind_reply_code(line)?))
        .or_else(|| label(line).map(|(_, address)| address))
}

/// `<ada@example.org>: reason`, the oldest form.
fn marked(lines: &[Line]) -> Vec<String> {
    let marked = lines.iter().filter(|line| line.text.starts_with('<') && line.text.contains(">:"));
    marked.filter_map(|line| leading(&line.text)).collect()
}

/// `Failed recipient: ada@example.org`.
fn labelled(lines: &[Line]) -> Vec<String> {
    lines.iter().filter_map(|line| label(&line.text)).filter(|(label, _)| label != "to").map(|(_, a)| a).collect()
}

/// `To:` is also what the mail itself said, which was perhaps the list.
fn to_labelled(lines: &[Line]) -> Vec<String> {
    lines.iter().filter_map(|line| label(&line.text)).map(|(_, address)| address).collect()
}

/// A few words, a colon, and an address: the label in lower case, unless it names somebody else.
fn label(line: &str) -> Option<(String, String)> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*->•".contains(c));
    let (label, rest) = line.split_once([':', '：'])?;
    let label = label.trim_end().to_lowercase();
    let is_label = label.chars().count() <= LABEL
        && !label.contains('@')
        && !label.ends_with("said")
        && !phrases::is_of_another(&label);
    is_label.then(|| leading(rest.trim_start())).flatten().map(|address| (label, address))
}

/// A line in which a mail system says whom it is about, or what is wrong with an address.
fn speaks(line: &Line) -> bool {
    phrases::introduction(&line.lower).is_some() || phrases::is_reason(&line.lower) && item(&line.text).is_some()
}

/// The one address that is there, but for those of helpers and senders. Of several, nobody knows which failed.
fn anywhere(lines: &[Line]) -> Vec<String> {
    let own = lines.iter().filter(|line| !phrases::is_of_another(&line.lower));
    let mut named: Vec<String> = own.flat_map(|line| addresses(&line.text)).collect();
    named.sort();
    named.dedup();
    if named.len() == 1 { named } else { Vec::new() }
}
