//! mlmmj: a real list, with subject prefix, footer and List-Id. It has no daemon: the MTA pipes mail into
//! `mlmmj-receive`, which hands the copies back to the MTA.

use super::{DOMAIN, program};
use crate::apt::need;
use crate::home::{Home, run};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What the list puts below every mail.
pub const FOOTER: &str = "_______________________________________________\nDevel mailing list\ndevel@summit.test\n";

pub struct List {
    pub name: &'static str,
    /// The program that takes a mail from standard input. It silently discards mail without Return-Path and
    /// Delivered-To, which the MTA has to add.
    pub receive: String,
}

impl List {
    /// Copies go to the subscribers through the MTA at this port; the list belongs to this user of the system.
    pub fn create(home: &Home, name: &'static str, mta: u16, owner: Option<&str>, subscribers: &[&str]) -> List {
        let program = need(&["mlmmj"], || program("mlmmj-receive"));
        let place = home.path().join("mlmmj").join(name);
        for part in ["incoming", "queue/discarded", "archive", "text", "subconf", "unsubconf", "bounce", "control"] {
            fs::create_dir_all(place.join(part)).expect("our own directory");
        }
        for part in ["moderation", "subscribers.d", "digesters.d", "nomailsubs.d", "requeue"] {
            fs::create_dir_all(place.join(part)).expect("our own directory");
        }
        let address = format!("{name}@{DOMAIN}");
        let headers = format!("List-Id: <{name}.{DOMAIN}>\nList-Post: <mailto:{address}>\nPrecedence: list\n");
        let control = [
            ("listaddress", &address[..]),
            ("owner", "ada@summit.test"),
            ("relayhost", "127.0.0.1"),
            ("smtpport", &mta.to_string()),
            ("delimiter", "+"),
            // The To header need not name the list.
            ("tocc", ""),
            ("prefix", &format!("[{name}]")),
            ("customheaders", &headers),
            ("footer", FOOTER),
        ];
        for (name, value) in control {
            fs::write(place.join("control").join(name), value).expect("our own directory");
        }
        fs::write(place.join("index"), "0").expect("our own directory");
        for subscriber in subscribers {
            // One file for each first letter.
            let file = place.join("subscribers.d").join(&subscriber[..1]);
            let others = fs::read_to_string(&file).unwrap_or_default();
            fs::write(file, format!("{others}{subscriber}@{DOMAIN}\n")).expect("our own directory");
        }
        if let Some(owner) = owner {
            run(Command::new("chown").arg("-R").arg(owner).arg(&place));
        }
        List { name, receive: receive(&program, &place) }
    }
}

fn receive(program: &Path, place: &Path) -> String {
    format!("{} -F -L {}/", program.display(), place.display())
}
