//! What goes wrong with a server, and what its owner can do about it.

use super::ImapSettings;
use super::answer::{Status, Verdict};
use crate::mailbox::Trouble;
use std::io;
use std::path::Path;

#[derive(Debug)]
pub enum Fault {
    /// The connection is of no more use: it ended, or nobody knows what the next answer belongs to.
    Lost { during: &'static str, why: String },
    /// NO or BAD: this command was not done, and the next one may be.
    Refused { command: &'static str, status: Status },
    /// The settings and the server do not fit each other.
    Unfit { what: String, fix: String },
}

impl Fault {
    pub fn lost(during: &'static str) -> impl Fn(io::Error) -> Fault {
        move |error| Fault::Lost { during, why: error.to_string() }
    }

    pub fn unfit(what: impl Into<String>, fix: impl Into<String>) -> Fault {
        Fault::Unfit { what: what.into(), fix: fix.into() }
    }

    pub fn trouble(self, settings: &ImapSettings) -> Trouble {
        let by_hand = settings.server.command_to_try("imap");
        let (what, fix) = match self {
            Fault::Lost { during, why } => (
                format!("is out of reach ({during}: {why})"),
                format!("nothing, if it comes back; it is tried again and again. By hand: `{by_hand}`"),
            ),
            Fault::Refused { command, status } => {
                let fix = match command {
                    "EXAMINE" | "SELECT" => format!("check `folder`: the server has no `{}` for us", settings.folder),
                    _ => format!("ask who runs {}; by hand: `{by_hand}`", settings.server.host),
                };
                (format!("is refused ({command}: {})", answered(&status)), fix)
            }
            Fault::Unfit { what, fix } => (what, fix),
        };
        Trouble::new(Path::new(&settings.name()), what, fix)
    }
}

/// `NO Mailbox is locked`.
pub fn answered(status: &Status) -> String {
    let verdict = match status.verdict {
        Verdict::Ok => "OK",
        Verdict::No => "NO",
        Verdict::Bad => "BAD",
        Verdict::Bye => "BYE",
        Verdict::Preauth => "PREAUTH",
    };
    format!("{verdict} {}", status.words).trim_end().to_owned()
}
