//! One click ends a subscription (RFC 8058), and nothing else does: not the look of a scanner, nor a link that is nobody's.

use super::served::{Answer, Served};
use crate::program::{Place, mail, proposal, says};
use serde_json::Value;
use std::fs;

const FORM: &str = "List-Unsubscribe=One-Click";

/// Ada has subscribed, and the digest that went to the list has come to her, too.
fn subscribed() -> Place {
    let place = Place::new();
    let config = fs::read_to_string(place.config()).expect("a configuration");
    // The letters are written before anybody is served.
    let public = format!("{config}\n[web]\npublic = \"https://sessions.example.org/\"\n");
    fs::write(place.config(), public).expect("the configuration");
    let subscribe = mail("subscribe", "Re: [TOPIC] Console", "", "#session subscribe all");
    for (name, raw) in [("1", proposal()), ("2", subscribe)] {
        fs::write(place.path("summit/inbox/new").join(name), raw).expect("a mail");
    }
    for args in [&["once"][..], &["digest", "proposals"], &["once"], &["once"]] {
        place.run(args).ok();
    }
    fs::write(place.config(), config).expect("the configuration");
    place
}

/// The letter that somebody subscribed to, unfolded.
fn direct(place: &Place) -> String {
    let letters = fs::read_dir(place.path("summit/sent/new")).expect("a Maildir");
    let texts = letters.map(|letter| fs::read_to_string(letter.expect("a letter").path()).expect("text"));
    let letter =
        texts.map(|text| text.replace("\r\n", "\n").replace("\n ", " ")).find(|text| text.contains("\nList-Id:"));
    letter.expect("a direct digest")
}

fn post(served: &Served, path: &str, body: &str) -> Answer {
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let length = body.len();
    // The body follows the header at once, as every client sends it.
    served.ask("POST", path, &format!("{kind}\r\nContent-Length: {length}\r\n\r\n{body}"))
}

#[test]
fn one_click_ends_a_subscription_and_nothing_else_does() {
    let place = subscribed();
    let letter = direct(&place);
    says(&letter, &["\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "You subscribed to this."]);
    assert!(!letter.contains("Not for you?"), "{letter}");
    let links = letter.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: ")).expect("links");
    let (link, by_mail) = links.split_once(", ").expect("two ways");
    assert_eq!(by_mail, "<mailto:rapporteur@lists.example.org?subject=unsubscribe>");
    let path = link.strip_prefix("<https://sessions.example.org").and_then(|rest| rest.strip_suffix('>'));
    let path = path.expect("a link to the pages").to_owned();
    assert!(!path.contains("ada"), "no address stands in it: {path}");

    let served = Served::of(place, "public = \"https://sessions.example.org/\"");
    let asks = |answer: &Answer| answer.text().contains("<button type=\"submit\">Unsubscribe</button>");
    let page = served.get(&path);
    assert!(page.status() == 200 && asks(&page), "{}", page.text());
    says(page.text(), &["Ada Lovelace", "<form method=\"post\">"]);
    assert_eq!(served.ask("HEAD", &path, "").status(), 200);

    let other = format!("{}{}", &path[..path.len() - 1], if path.ends_with('a') { 'b' } else { 'a' });
    for (wrong, body, status) in [
        (other.as_str(), FORM, 404),
        ("/unsubscribe/design-summit-2027/x", FORM, 404),
        ("/unsubscribe/nowhere/aaaaaaaaaaaaaaaaaaaaaaaaaa", FORM, 404),
        (&path, "", 400),
        (&path, "confirm=yes", 400),
        (&path, &"x".repeat(100_000), 413),
    ] {
        assert_eq!(post(&served, wrong, body).status(), status, "{wrong} {}", &body[..body.len().min(40)]);
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        assert_eq!(served.ask(method, &path, "").status(), 405, "{method}");
    }
    assert_eq!(served.get(&other).status(), 404);
    assert!(asks(&served.get(&path)), "all that changed nothing");

    for time in 1..=3 {
        let done = post(&served, &path, FORM);
        assert_eq!(done.status(), 200, "{time}");
        says(done.text(), &["<h1>Unsubscribed</h1>"]);
        assert_eq!((done.header("set-cookie"), done.header("location")), (None, None));
    }
    served.until(&path, |answer| !asks(answer));
    assert_eq!(post(&served, &path, FORM).status(), 200, "and after it was done");

    let place = served.place;
    served.daemon.stop();
    let export = place.json(&["export", "json"]);
    assert_eq!(export["summits"][0]["subscriptions"], Value::Array(Vec::new()));
    let ids = export["mail"].as_array().expect("mails").iter().filter_map(|mail| mail["message_id"].as_str());
    let clicks: Vec<&str> = ids.filter(|id| id.starts_with("unsubscribed.")).collect();
    let [click] = clicks.as_slice() else { panic!("one click is one mail: {clicks:?}") };
    let explained = place.run(&["explain", click]).ok();
    says(&explained, &["the link of a letter was clicked", "unsubscribe"]);
    place.run(&["replay"]).ok();
    assert_eq!(place.sent(), 3, "nobody is written to about a click");
}

/// A mail that looks like a click, from elsewhere: on the list it is talk.
#[test]
fn a_mail_that_looks_like_a_click_has_no_power() {
    let place = subscribed();
    let forged = mail("unsubscribed.x", "unsubscribe", "List-Id: <devel.lists.example.org>\n", "unsubscribe");
    fs::write(place.path("summit/inbox/new/3"), forged).expect("a mail");
    place.run(&["once"]).ok();
    let subscriptions = &place.json(&["export", "json"])["summits"][0]["subscriptions"];
    assert_eq!(subscriptions.as_array().map(Vec::len), Some(1), "{subscriptions}");
}
