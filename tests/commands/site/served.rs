//! The same pages over HTTP, as a reader asks for them, byte by byte.

use super::html::parsed;
use crate::program::{Daemon, Place, SOON, mail, proposal, says};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// An answer: its status line and header, and its body.
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        self.head.lines().find(named).map(|line| line[name.len()..].trim_start_matches(':').trim())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }
}

pub struct Served {
    pub place: Place,
    address: SocketAddr,
    pub daemon: Daemon,
}

impl Served {
    pub fn start() -> Served {
        let place = Place::new();
        fs::write(place.path("summit/inbox/new/1"), proposal()).expect("a mail");
        let served = Served::of(place, "");
        served.until("/design-summit-2027/S-1.html", |answer| answer.status() == 200);
        served
    }

    /// What lies in a place, served; `more` goes into `[web]`.
    pub fn of(place: Place, more: &str) -> Served {
        // A port that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
        let config = fs::read_to_string(place.config()).expect("a configuration");
        let web = format!("\n[web]\nlisten = \"{address}\"\n{more}\n");
        fs::write(place.config(), format!("{config}{web}")).expect("the configuration");
        let daemon = Daemon::start(&place);
        let served = Served { place, address, daemon };
        served.until("/readyz", |answer| answer.status() == 200);
        served
    }

    pub fn ask(&self, method: &str, path: &str, more: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("somebody listens");
        stream.set_read_timeout(Some(SOON)).expect("a timeout");
        let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut all = Vec::new();
        stream.read_to_end(&mut all).expect("it answers");
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a header");
        Answer { head: String::from_utf8(all[..end].to_vec()).expect("ASCII"), body: all[end + 4..].to_vec() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    #[track_caller]
    pub fn until(&self, path: &str, holds: impl Fn(&Answer) -> bool) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get(path);
            if holds(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < SOON, "{path}: {}", answer.head);
            thread::park_timeout(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_reader_is_served() {
    let served = Served::start();
    let page = served.get("/design-summit-2027/S-1.html");
    says(page.text(), &["One console is not enough.", "Ada Lovelace"]);
    let policy = page.header("content-security-policy").expect("a policy");
    says(policy, &["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'"]);
    let tags = parsed(page.text()).0;
    let own = tags.iter().find(|tag| tag.attributes.contains_key("http-equiv")).expect("a policy in the page");
    says(policy, &[own.attributes["content"].as_str()]);
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));

    let tag = page.header("etag").expect("a tag").to_owned();
    let again = served.ask("GET", "/design-summit-2027/S-1.html", &format!("If-None-Match: \"x\", {tag}\r\n"));
    assert_eq!((again.status(), again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(tag.as_str()));

    let packed = served.ask("GET", "/design-summit-2027/S-1.html", "Accept-Encoding: br, gzip\r\n");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_ne!(packed.header("etag"), Some(tag.as_str()), "two forms have two tags");
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut plain).expect("gzip");
    assert_eq!(plain, page.text());

    let head = served.ask("HEAD", "/", "");
    assert_eq!((head.status(), head.body.len()), (200, 0));
    assert_eq!(served.get("/").text(), served.get("/index.html").text());
    assert_eq!(served.get("/style.css").header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(served.ask("POST", "/", "Content-Length: 0\r\n").status(), 405);
    let (code, _) = served.daemon.stop();
    assert_eq!(code, Some(0));
}

#[test]
fn who_is_lost_is_helped_and_nothing_else_is_served() {
    let served = Served::start();
    for path in [
        "/nothing",
        "/design-summit-2027/S-9.html",
        "/../rapporteur.toml",
        "/%2e%2e/rapporteur.toml",
        "/%00",
        "/people/",
    ] {
        let answer = served.get(path);
        let expected = if path == "/people/" { 200 } else { 404 };
        assert_eq!(answer.status(), expected, "{path}");
        says(answer.text(), &["index.html"]);
        assert!(!answer.text().contains("authserv"), "{path}");
    }
    let lost = served.get("/design-summit-2027/S-9.html");
    says(lost.text(), &["href=\"../style.css\"", "Nothing stands here"]);
}

#[test]
fn what_comes_in_is_seen_and_found() {
    let served = Served::start();
    assert!(!served.get("/search.html?q=serial").text().contains("S-1.html"));
    let notes = mail("notes", "[NOTES] Console", "In-Reply-To: <console@example.org>\n", "Decision: a serial one.");
    fs::write(served.place.path("summit/inbox/new/2"), notes).expect("a mail");
    served.until("/design-summit-2027/S-1.html", |answer| answer.text().contains("a serial one"));
    let found = served.get("/search.html?q=SERIAL+conso");
    says(found.text(), &["design-summit-2027/S-1.html", "1 session with", "value=\"SERIAL conso\""]);
    let hostile = served.get("/search.html?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    let (tags, text) = parsed(hostile.text());
    assert!(tags.iter().all(|tag| tag.name != "script"));
    says(&text, &["<script>alert(1)</script>", "Nothing has all of these words"]);
}
