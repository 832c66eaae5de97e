//! The log: standard error, with every address masked.
//!
//! What we tell ourselves names letters and mails by number; but a mail server's words are told as they are, and they often
//! repeat an address. It is masked where the line is written, so that nobody can forget it, whatever library speaks.

use regex::Regex;
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;
use tracing_subscriber::EnvFilter;

/// Begins to log what `RAPPORTEUR_LOG` asks for, or from this level on.
pub fn begin(level: &str) {
    let filter = EnvFilter::try_from_env("RAPPORTEUR_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Masked)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        // Who cannot be told because nobody reads our log any more must not die of it.
        .log_internal_errors(false)
        .init();
}

/// Standard error. An event is written in one piece.
struct Masked;

impl Write for Masked {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(masked(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"([\p{L}\p{N}])[\p{L}\p{N}.!#$%&'*+=?^_`{|}~-]*@((?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]+)";
    Regex::new(pattern).expect("a test uses it")
});

/// `ada@example.org` is `a...@example.org`.
fn masked(text: &str) -> Cow<'_, str> {
    ADDRESS.replace_all(text, "$1...@$2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_first_letter_and_its_domain() {
        for (text, shown) in [
            ("550 <ada+x@example.org> unknown", "550 <a...@example.org> unknown"),
            ("ärger@bücher.example, b@example.org", "ä...@bücher.example, b...@example.org"),
            ("imap:robot@localhost/INBOX", "imap:robot@localhost/INBOX"),
            ("every 10 s @ noon", "every 10 s @ noon"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
