//! No robot draws us into a loop: two of us, a vacation responder, ticket systems and a mail system that returns mail,
//! for days.

use super::robots::{Kind, Robot};
use super::world::{LIST, Letter, Manners, NOWHERE, Place, Us, World};
use rapporteur::grammar::{self, Form};
use rapporteur::letters::{Draft, LetterKind, Seal};
use rapporteur::mail::{Address, Person, read};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const A: &str = "rapporteur@example.org";
const B: &str = "minutes@example.net";
const VERA: &str = "vera@example.org";
const SUPPORT: &str = "support@example.com";
const DESK: &str = "desk@example.edu";

/// In one pair, of one cause, after the mail that began it. What is more is a loop that has begun.
const MOST: u32 = 2;
/// The mails that make an instance write to whom they are from: done, refused, not understood, at the wrong address.
const OPENINGS: [(&str, &str); 5] = [
    ("Re: [TOPIC] Console", "#session interested"),
    ("Re: [TOPIC] Console", "#session withdraw"),
    ("Re: [TOPIC] Console", "#session nonsense"),
    ("[TOPIC] A second console", "One is not enough."),
    ("[NOTES] Something else", "Decision: none."),
];

/// In minutes, with an hour to spare.
const DAY: u32 = 25 * 60;

fn mail(from: &str, to: &str, id: &str, thread: &str, subject: &str, body: &str) -> Letter {
    let raw = format!(
        "From: Somebody <{from}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{id}>\nDate: Mon, 3 May 2027 06:00:00 \
         +0000\n{thread}\n{body}\n"
    );
    Letter { envelope_from: from.to_owned(), to: to.to_owned(), raw }
}

/// Ten days in this world: on each, somebody forges all of its robots, to both of us or to the list.
async fn days(manners: Manners) {
    let one = Place::new(A, 1, B, "verp = true").await;
    let other = Place::new(B, 2, A, "").await;
    let robots = [(VERA, Kind::Vacation), (SUPPORT, Kind::Tickets), (DESK, Kind::TagKeeper)];
    let robots = robots.map(|(address, kind)| Robot::new(address, kind)).to_vec();
    let gone = format!("gone@{NOWHERE}");
    let members = [A, B, VERA, SUPPORT, DESK, &gone, "ada@example.org"];
    let now = "2027-05-03T06:00:00Z".parse().expect("a time");
    let mut world = World::new(now, manners, vec![Us::new(&one), Us::new(&other)], robots, &members);
    world.write(mail("ada@example.org", LIST, "console@example.org", "", "[TOPIC] Console", "One is not enough."));
    world.pass(60).await;
    let thread = "In-Reply-To: <console@example.org>\n";
    let to_us: &[&str] = &[A, B];
    for (n, (subject, body)) in OPENINGS.iter().enumerate() {
        for to in [to_us, &[LIST]] {
            for (from, to) in
                [A, B, VERA, SUPPORT, DESK, &gone].iter().flat_map(|from| to.iter().map(move |to| (from, to)))
            {
                let id = format!("{n}.{to}.{from}").replace('@', ".");
                world.write(mail(from, to, &format!("{id}@example.com"), thread, subject, body));
            }
            // A day for each: what the rates hold back today, they do not hide tomorrow.
            world.pass(DAY).await;
        }
    }
    let ours = |address: &str| address == A || address == B;
    let pairs = world.pairs();
    let with_us = || pairs.iter().filter(|((_, one, other), _)| ours(one) || ours(other));
    let loops = with_us().filter(|(_, count)| **count > MOST);
    let loops = loops.map(|((began, one, other), count)| format!("{one} and {other}: {count} mails, begun by {began}"));
    let loops: Vec<String> = loops.collect();
    assert!(loops.is_empty(), "{manners:?}\n{}", loops.join("\n"));
    let letters: u32 = world.sent.iter().filter(|((_, from, _), _)| ours(from)).map(|(_, count)| count).sum();
    let met: BTreeSet<(&String, &String)> = with_us().map(|((_, one, other), _)| (one, other)).collect();
    let most = with_us().map(|(_, count)| *count).max().unwrap_or(0);
    println!("{manners:?}: {letters} letters of ours, {} pairs, at most {most} mails of one cause", met.len());
    assert!(met.len() >= 8 && letters > 20, "the world is not at work: {met:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn robots_that_tell_what_they_are_get_nothing_twice() {
    days(Manners { stripped: 0 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn robots_whose_headers_a_gateway_takes_off_get_nothing_twice() {
    days(Manners { stripped: 3 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn even_two_of_us_without_our_own_mark_stop() {
    days(Manners { stripped: 4 }).await;
}

/// What a ticket system's mail does that repeats a letter of ours without quote marks, in the name of an organiser.
fn heard(text: &str) -> Vec<String> {
    let raw = format!(
        "From: Olga <olga@example.org>\nTo: {A}\nSubject: Re: Console\nMessage-ID: <copy@example.org>\nIn-Reply-To: \
         <console@example.org>\nContent-Type: text/plain; charset=utf-8\n\nThank you. We have received:\n\n{text}"
    );
    let mail = super::world::understood(&raw, jiff::Timestamp::UNIX_EPOCH);
    let place = tempfile::tempdir().expect("a directory");
    let config = super::world::configuration(place.path(), A, "olga@example.org", "");
    let reading = grammar::parse(&mail, &config.policy.summits[0].vocabulary);
    let asks = reading.asks.into_iter().filter(|ask| !matches!(ask.form, Form::Prose | Form::Phrase));
    asks.map(|ask| ask.source).chain(reading.complaints.into_iter().map(|complaint| complaint.source)).collect()
}

#[test]
fn a_letter_of_ours_that_comes_back_without_quote_marks_is_not_heard() {
    let stories = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories")).expect("the stories");
    let letters = stories.flat_map(|story| fs::read_dir(story.expect("a story").path().join("out"))).flatten();
    let mut count = 0;
    for letter in letters.map(|letter| letter.expect("a letter").path()) {
        let text = fs::read(&letter).expect("a letter");
        let text = read(&text, jiff::Timestamp::UNIX_EPOCH)
            .text
            .lines()
            .map(|line| format!("{}\n", line.text))
            .collect::<String>();
        assert_eq!(heard(&text), Vec::<String>::new(), "{}", letter.display());
        count += 1;
    }
    assert!(count > 20, "{count} letters");
}

#[test]
fn names_and_titles_at_the_margin_of_a_letter_are_not_heard() {
    let place = tempfile::tempdir().expect("a directory");
    let config = super::world::configuration(place.path(), A, "olga@example.org", "");
    let seal = Seal { policy: &config.policy, secret: &[1; 32], dkim: None };
    for words in ["#session withdraw", "Attend: no", "S-1: +1", "+1", "#SESSION accept", " #session accept"] {
        let long = "a title that goes on and on and on, until it is broken, and then says: ";
        let body = format!("{words} has made a mail of yours a session\n\n{words}\n\n{long}{words}\n{long} {words}\n");
        let letter = seal.seal(Draft {
            kind: LetterKind::Courtesy,
            cause: "a@example.org",
            summit: "summit2027",
            to: Person { name: None, address: Address::parse("ada@example.org") },
            to_list: false,
            subject: "Your mail is now a session".into(),
            in_reply_to: None,
            references: Vec::new(),
            token: None,
            body,
            date: jiff::Timestamp::UNIX_EPOCH,
        });
        let bytes = String::from_utf8(letter.expect("a letter").bytes).expect("text").replace("\r\n", "\n");
        let text = bytes.split_once("\n\n").expect("a header and a body").1;
        assert!(text.contains(words.trim()), "{text}");
        assert_eq!(heard(text), Vec::<String>::new(), "{text}");
    }
}
