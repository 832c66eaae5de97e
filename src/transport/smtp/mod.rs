//! SMTP, one phase at a time.
//!
//! The client is ours, because everything depends on the phase in which a dialogue fails: before the final dot nothing
//! was accepted, after it only the server knows. A mail's way: [`open`] (TCP, TLS, EHLO, login), [`dialogue`] (MAIL to the
//! dot); [`line`](mod@line) reads and writes, [`reply`] and [`offers`] say what was read.
//!
//! There is one connection, and no pool: it is kept for the next mail, a minute long. One carries several hundred mails a
//! second, and ours are few.

mod dialogue;
mod envelope;
mod line;
mod login;
mod offers;
mod open;
mod patience;
mod reply;
mod rest;

pub use patience::Patience;

use super::{Finding, Sending};
use crate::mail::Address;
use crate::wire::Server;
use dialogue::{After, Ended};
use envelope::Envelope;
use open::{Session, open};
use rest::Rest;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// A connection is kept so long after a mail. Servers wait for at least five minutes (RFC 5321 §4.5.3.2.7).
const KEPT: Duration = Duration::from_secs(60);

/// A server and how we show ourselves there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    pub server: Server,
    /// How we call ourselves in EHLO: the machine's name if none is given.
    pub hello: Option<String>,
}

/// A server, and the connection to it while there is one.
pub struct Smtp {
    settings: SmtpSettings,
    patience: Patience,
    kept: Option<(Session, Instant)>,
    rest: Rest,
    /// The final dot of the last mail was begun.
    at_dot: bool,
}

impl Smtp {
    pub fn new(settings: SmtpSettings, patience: Patience) -> Smtp {
        Smtp { settings, patience, kept: None, rest: Rest::default(), at_dot: false }
    }

    /// Sends one mail; see [`super::Transport::send`].
    pub async fn send(&mut self, envelope_from: Option<&Address>, recipient: &Address, bytes: &[u8]) -> Sending {
        if has_bare_line_end(bytes) {
            return Sending::Rejected("the mail has a CR or LF that is no CRLF, which must not be sent".to_owned());
        }
        self.at_dot = false;
        let deadline = Instant::now() + self.patience.before_dot;
        let mail = Mail { from: envelope_from, to: recipient, bytes, deadline };
        let (sending, after) = self.attempt(&mail).await;
        match (&sending, after) {
            (Sending::Unavailable(_), _) | (_, After::Lost | After::Dead) => self.rest.trouble(Instant::now()),
            (_, After::InStep) => self.rest.over(),
        }
        sending
    }

    /// How long the server is still left alone, after it would not hear of any mail.
    pub fn resting(&self) -> Option<Duration> {
        self.rest.left(Instant::now())
    }

    /// Whether the last sending came to the final dot: if it was cut off there, the mail was perhaps accepted.
    pub fn at_dot(&self) -> bool {
        self.at_dot
    }

    /// Takes leave.
    pub async fn close(&mut self) {
        if let Some((session, _)) = self.kept.take() {
            self.quit(session).await;
        }
    }

    /// Takes leave if there was nothing to send for a while.
    pub async fn close_if_idle(&mut self) {
        if self.kept.as_ref().is_some_and(|(_, since)| since.elapsed() >= KEPT) {
            self.close().await;
        }
    }

    /// Connects, logs in, and takes leave.
    pub async fn check(&mut self) -> Option<Finding> {
        self.close().await;
        match open(&self.settings, Patience::SHORT).await {
            Ok(session) => {
                self.quit(session).await;
                None
            }
            Err(what) => Some(Finding {
                what,
                fix: format!(
                    "check host, port, tls, user and password of the SMTP server; by hand: `{}`",
                    self.settings.server.command_to_try("smtp")
                ),
            }),
        }
    }

    /// On the connection of the last mail, if it is still there, else on a new one.
    async fn attempt(&mut self, mail: &Mail<'_>) -> Ended {
        self.close_if_idle().await;
        if let Some((mut session, _)) = self.kept.take()
            && !session.line.has_news().await
        {
            match self.deliver(session, mail).await {
                (_, After::Dead) => {}
                ended => return ended,
            }
        }
        let opening = timeout_at(mail.deadline, open(&self.settings, self.patience)).await;
        match opening.unwrap_or_else(|_| Err(format!("{} takes too long", self.settings.server.address()))) {
            Ok(session) => self.deliver(session, mail).await,
            // That is mended in the configuration or there, whatever the code says: the mail is not to blame.
            Err(why) => (Sending::Unavailable(why), After::Lost),
        }
    }

    async fn deliver(&mut self, mut session: Session, mail: &Mail<'_>) -> Ended {
        let envelope = match Envelope::new(mail.from, mail.to, mail.bytes, &session.offers) {
            Ok(envelope) => envelope,
            Err(why) => {
                self.kept = Some((session, Instant::now()));
                return (Sending::Rejected(why), After::InStep);
            }
        };
        let upload = dialogue::upload(&mut session, &envelope, mail.bytes, self.patience);
        let ended = match timeout_at(mail.deadline, upload).await {
            Ok(Ok(())) => {
                self.at_dot = true;
                dialogue::finish(&mut session, self.patience).await
            }
            Ok(Err(ended)) => ended,
            Err(_) => (Sending::Deferred("the server takes too long".to_owned()), After::Lost),
        };
        if ended.1 == After::InStep {
            self.kept = Some((session, Instant::now()));
        }
        ended
    }

    async fn quit(&self, mut session: Session) {
        // Nothing depends on the answer.
        let _ = timeout(self.patience.connect, session.line.ask("QUIT\r\n", self.patience.connect)).await;
    }
}

/// One mail to send, and when everything before its final dot must be over.
struct Mail<'a> {
    from: Option<&'a Address>,
    to: &'a Address,
    bytes: &'a [u8],
    deadline: Instant,
}

/// A server may take a bare CR or LF for a line end and see an end of the mail where there is none.
fn has_bare_line_end(bytes: &[u8]) -> bool {
    let mut previous = 0;
    let bare = bytes.iter().any(|&byte| {
        let bare = (byte == b'\n') != (previous == b'\r');
        previous = byte;
        bare
    });
    bare || previous == b'\r'
}

#[cfg(test)]
mod tests {
    use super::has_bare_line_end;

    #[test]
    fn only_crlf_ends_a_line() {
        for sound in ["", "a\r\n", "\r\n.\r\n\r\n", "no end"] {
            assert!(!has_bare_line_end(sound.as_bytes()), "{sound:?}");
        }
        for bare in ["\n", "\r", "a\n.\r\n", "a\r.\r\n", "a\r\r\n", "a\r\n\n", "a\r\nb\r"] {
            assert!(has_bare_line_end(bare.as_bytes()), "{bare:?}");
        }
    }
}
