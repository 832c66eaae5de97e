//! Whatever people write, the pages have the elements of the templates and no others: the same page is made with harmless
//! words and with hostile ones, in every field that a mail fills, and the two are compared as an HTML5 parser reads them.

use super::html::{pages, parsed};
use crate::program::Place;
use rapporteur::letters::wrap::printable;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What breaks out of pages, in our own words: of elements, attributes, comments, raw text, entities, encodings.
const STRINGS: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "'><b onmouseover='alert(1)'>",
    "\" onfocus=alert(1) autofocus x=\"",
    "' style='x:expression(alert(1))",
    "javascript:alert(1)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<iframe srcdoc='<p>x'>",
    "--><h1>x</h1><!--",
    "]]><x>",
    "</title></head><body>",
    "</textarea><x>",
    "</pre></details></article></main><x>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example.org>",
    "<base href=//evil.example.org/>",
    "<meta http-equiv=refresh content=0>",
    "<form action=//evil.example.org><input>",
    "<math><mi xlink:href=x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\u{ff1c}script\u{ff1e}",
    "{{ 7*7 }} {% raw %} ${7*7} <%= 7*7 %>",
    "\u{202e}txet\u{202c} \u{200b}\u{feff}",
    "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}",
    "Ṱ̺̺̕o͞ ̷i̲̬n̝̗v̟̜o̶̙k̪̀e",
    "👩‍👩‍👧‍👦 🏳️‍🌈 \u{1f1ed}\u{1f1fa}",
    "الكل في المجمو عة",
    "田中さんにあげて下さい",
    "CON PRN AUX NUL COM1",
    "../../../../etc/passwd",
    "'; DROP TABLE mail; --",
    "NULL undefined null true NaN -1 1e1000",
    "<>\"'&`",
    "<a",
    "&",
    "&amp",
];

/// A summit with a session for each of these words, said in nine fields: a name, a title, an affiliation, a track, a room, a
/// suggestion, a note to an attendance, a decision, an action; and in a quote, a list and a piece of code.
fn site<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let place = Place::new();
    let encoded = |text: &str| format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(text.as_bytes()));
    for (n, said) in words.enumerate() {
        let mail = |kind: &str, from: &str, subject: &str, more: &str, body: &str| {
            let (from, subject) =
                (format!("{} <{from}@example.org>", encoded(&format!("Ada {said} X"))), encoded(subject));
            let mail = format!(
                "From: {from}\nTo: devel@lists.example.org\nSubject: {subject}\nMessage-ID: <{kind}-{n}@example.org>\n\
                 Date: Mon, 3 May 2027 10:00:00 +0200\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
                 Content-Transfer-Encoding: 8bit\n{more}\n{body}\n"
            );
            fs::write(place.path("summit/inbox/new").join(format!("{n:03}-{kind}")), mail).expect("a mail");
        };
        let author = format!("ada.{n}");
        let answers = format!("In-Reply-To: <1-{n}@example.org>\n");
        let proposal = format!(
            "Contact: Ada Example (Works {said} here)\n\nAbout {said} this.\n\n- a point {said}\n\n```\n{said}\n```\n"
        );
        let slot = format!("#session track Track {said} one\n#session slot 2027-07-14 14:00 in Room {said} A\n");
        let reply = format!(
            "On Monday, Ada {said} wrote:\n> quoted {said}\n\nAttend: remote, because {said}\n\nPlease {said} too.\n"
        );
        let notes = format!("Decision: we do {said} this.\nAction: Bob: write {said} it.\n");
        mail("1", &author, &format!("[TOPIC] Console {said} for all"), "", &proposal);
        mail("2", "olga", "Re: it", &answers, &slot);
        mail("3", &format!("bob.{n}"), "Re: it", &answers, &reply);
        mail("4", &author, "[NOTES] Console", &answers, &notes);
    }
    place.run(&["once"]).ok();
    let dir = place.path("site").display().to_string();
    place.run(&["publish", &dir]).ok();
    pages(&place.path("site"))
}

/// The elements of a page with the names of their attributes, in order.
fn elements(html: &str) -> Vec<(String, Vec<String>)> {
    parsed(html).0.into_iter().map(|tag| (tag.name, tag.attributes.into_keys().collect())).collect()
}

#[test]
fn no_words_become_elements() {
    let (harmless, hostile) = (site(STRINGS.iter().map(|_| "words")), site(STRINGS.iter().copied()));
    let known: BTreeSet<_> = harmless.values().flat_map(|html| elements(html)).collect();
    for (path, html) in &hostile {
        for tag in parsed(html).0 {
            let href = tag.attributes.get("href").map_or("", String::as_str);
            let scheme = href.split_once(':').map_or("", |(scheme, _)| scheme);
            assert!(["", "https", "http", "mailto"].contains(&scheme), "{path} leads to {href}");
        }
        let strange: Vec<_> = elements(html).into_iter().filter(|element| !known.contains(element)).collect();
        assert!(strange.is_empty(), "{path}: {strange:?}");
    }
    for (n, said) in (1..).zip(STRINGS) {
        let page = format!("design-summit-2027/S-{n}.html");
        // What an element is made of would be missing here.
        let text = printable(&parsed(&hostile[&page]).1);
        let times = text.matches(&printable(said)).count();
        assert!(times >= 8, "{said} stands {times} times in the words of {page}: {text}");
    }
}

#[test]
fn what_is_said_in_private_stays_there() {
    let place = Place::new();
    let mail = |id: &str, to: &str, more: &str, body: &str| {
        format!(
            "From: Olga <olga@example.org>\nTo: {to}\nSubject: [TOPIC] Console\nMessage-ID: <{id}@example.org>\n\
             Date: Mon, 3 May 2027 10:00:00 +0200\n{more}\n{body}\n"
        )
    };
    let robot = fs::read_to_string(place.config()).expect("the configuration");
    let robot = robot.lines().find_map(|line| line.strip_prefix("address = \"")?.strip_suffix('"')).expect("ours");
    let list = mail("one", "devel@lists.example.org", "", "One console is not enough.");
    let private = mail(
        "two",
        robot,
        "In-Reply-To: <one@example.org>\n",
        "S-1: +1\n\nBetween us: the sponsor is late with the money.\n",
    );
    for (n, mail) in [list, private].iter().enumerate() {
        fs::write(place.path("summit/inbox/new").join(n.to_string()), mail).expect("a mail");
    }
    place.run(&["once"]).ok();
    let dir = place.path("site").display().to_string();
    place.run(&["publish", &dir]).ok();
    for (path, html) in pages(&place.path("site")) {
        assert!(!html.contains("sponsor"), "{path}");
    }
}
