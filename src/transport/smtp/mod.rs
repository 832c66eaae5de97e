//! SMTP, one phase at a time.
//!
//! The dialogue is driven here and not by lettre's own transport, because everything depends on the phase in which it
//! fails: before the final dot nothing was accepted, after it only the server knows (RFC 5321 §4.2.5). One connection
//! serves a delivery pass. There is no pool: our mail is rare.

mod line;

use super::{Finding, Sending};
use crate::mail::Address;
use crate::wire::{Credentials as Login, Server};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long to wait in each phase.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the TCP connection and the TLS handshake, each.
    pub connect: Duration,
    /// For the answer to a command, the greeting included.
    pub command: Duration,
    /// For the server to take the next block of the mail.
    pub block: Duration,
    /// For the answer to the final dot, while the server delivers.
    pub dot: Duration,
}

impl Patience {
    /// RFC 5321 §4.5.3.2; the time to connect is ours.
    pub const STANDARD: Patience = Patience {
        connect: Duration::from_secs(30),
        command: Duration::from_secs(300),
        block: Duration::from_secs(180),
        dot: Duration::from_secs(600),
    };
    /// For a trial while somebody waits.
    const SHORT: Patience = Patience {
        connect: Duration::from_secs(10),
        command: Duration::from_secs(20),
        block: Duration::from_secs(20),
        dot: Duration::from_secs(20),
    };
}

/// The mail is written in blocks of this many bytes.
const BLOCK: usize = 16 << 10;

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
    connection: Option<AsyncSmtpConnection>,
    /// The final dot of the mail in hand is on its way.
    at_dot: Arc<AtomicBool>,
}

/// How far the mail's bytes are on their way.
#[derive(Clone, Copy)]
enum Stage {
    Blocks,
    FinalDot,
}

impl Smtp {
    pub fn new(settings: SmtpSettings, patience: Patience) -> Smtp {
        Smtp { settings, patience, connection: None, at_dot: Arc::default() }
    }

    /// Sends one mail; see [`super::Transport::send`].
    ///
    /// A server that refuses us as a whole (greeting, EHLO, TLS, login) defers the mail whatever its code: that is
    /// mended in the configuration, and the mail is not to blame.
    pub async fn send(&mut self, envelope_from: Option<&Address>, recipient: &Address, bytes: &[u8]) -> Sending {
        self.at_dot.store(false, Ordering::Relaxed);
        let (from, to) = match (envelope_from.map(envelope_address).transpose(), envelope_address(recipient)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(why), _) | (_, Err(why)) => return Sending::Rejected(why),
        };
        if has_bare_line_end(bytes) {
            return Sending::Rejected("the mail has a CR or LF that is no CRLF, which must not be sent".to_owned());
        }
        let mut connection = match self.ready().await {
            Ok(connection) => connection,
            Err(why) => return Sending::Deferred(why),
        };
        let sending = self.transaction(&mut connection, from, to, bytes).await;
        // After a time-out or nonsense, answers would be taken for those of other commands: such a connection is closed.
        let in_step = !matches!(sending, (_, Step::Lost));
        if in_step {
            self.connection = Some(connection);
        }
        sending.0
    }

    /// Whether a sending that ended half way had begun with the final dot: then the mail was perhaps accepted.
    pub fn perhaps_accepted(&self) -> bool {
        self.at_dot.load(Ordering::Relaxed)
    }

    /// Says QUIT.
    pub async fn close(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // Nothing depends on the answer.
            let _ = timeout(self.patience.connect, connection.command(Quit)).await;
        }
    }

    /// Connects, logs in, and takes leave.
    pub async fn check(&mut self) -> Option<Finding> {
        self.close().await;
        let mut trial = Smtp::new(self.settings.clone(), Patience::SHORT);
        match trial.open().await {
            Ok(connection) => {
                trial.connection = Some(connection);
                trial.close().await;
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

    /// The connection of the last mail, cleared with RSET, or a new one.
    async fn ready(&mut self) -> Result<AsyncSmtpConnection, String> {
        if let Some(mut connection) = self.connection.take()
            && ask(&mut connection, Rset, "RSET", 250, self.patience.command).await.is_ok()
        {
            return Ok(connection);
        }
        self.open().await
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        let server = &self.settings.server;
        let hello = self.settings.hello.clone().map_or_else(ClientId::default, ClientId::Domain);
        let stream = line::connect(server, &hello.to_string(), self.patience).await?;
        // The greeting and the answer to EHLO.
        let connecting = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        let mut connection = match timeout(self.patience.command * 2, connecting).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(format!("{} does not greet: {error}", server.address())),
            Err(_) => return Err(format!("{} does not greet in time", server.address())),
        };
        if let Some(Login { user, secret, is_token }) = server.credentials().await? {
            let mechanisms: &[Mechanism] =
                if is_token { &[Mechanism::Xoauth2] } else { &[Mechanism::Plain, Mechanism::Login] };
            let credentials = Credentials::new(user, secret);
            let login = connection.auth(mechanisms, &credentials);
            match timeout(self.patience.command, login).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(format!("{} refuses the login: {error}", server.address())),
                Err(_) => return Err(format!("{} does not answer the login", server.address())),
            }
        }
        Ok(connection)
    }

    async fn transaction(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: Option<lettre::Address>,
        to: lettre::Address,
        bytes: &[u8],
    ) -> (Sending, Step) {
        let parameters = match mail_parameters(connection, from.as_ref(), &to, bytes) {
            Ok(parameters) => parameters,
            Err(why) => return (Sending::Rejected(why), Step::Answered),
        };
        let patience = self.patience.command;
        let envelope = async {
            ask(connection, Mail::new(from, parameters), "MAIL", 250, patience).await?;
            ask(connection, Rcpt::new(to, Vec::new()), "RCPT", 250, patience).await?;
            ask(connection, Data, "DATA", 354, patience).await
        };
        match envelope.await {
            Ok(()) => self.content(connection, bytes).await,
            Err(refused) => refused,
        }
    }

    /// The mail itself, the final dot, and the answer that decides.
    async fn content(&self, connection: &mut AsyncSmtpConnection, bytes: &[u8]) -> (Sending, Step) {
        // lettre ends the mail's last line together with the dot, so that line end must not be sent twice.
        let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let (tell, mut stage) = watch::channel(Stage::Blocks);
        let mut blocks = bytes.chunks(BLOCK);
        // lettre asks for a block when the one before is written; when there is none left, it writes the dot.
        let at_dot = self.at_dot.clone();
        let told = std::iter::from_fn(move || {
            let block = blocks.next();
            at_dot.store(block.is_none(), Ordering::Relaxed);
            tell.send_replace(if block.is_some() { Stage::Blocks } else { Stage::FinalDot });
            block
        });
        let sending = connection.message_iter(told);
        tokio::pin!(sending);
        let answer = loop {
            let patience = match *stage.borrow_and_update() {
                Stage::Blocks => self.patience.block,
                Stage::FinalDot => self.patience.dot,
            };
            tokio::select! {
                biased;
                answer = &mut sending => break Some(answer),
                Ok(()) = stage.changed() => {}
                () = sleep(patience) => break None,
            }
        };
        let at = *stage.borrow();
        match (answer, at) {
            (Some(Ok(reply)), _) if reply.code().severity == Severity::PositiveCompletion => {
                (Sending::Sent(words(&reply)), Step::Answered)
            }
            (Some(Err(error)), _) if error.is_permanent() => (Sending::Rejected(error.to_string()), Step::Answered),
            (Some(Err(error)), _) if error.is_transient() => (Sending::Deferred(error.to_string()), still_open(&error)),
            (answer, stage) => {
                let why = match answer {
                    Some(Ok(reply)) => format!("an answer that means nothing here: {}", words(&reply)),
                    Some(Err(error)) => error.to_string(),
                    None => "no answer in time".to_owned(),
                };
                let sending = match stage {
                    Stage::Blocks => Sending::Deferred(format!("while the mail was sent: {why}")),
                    Stage::FinalDot => Sending::Unknown(format!("after the final dot: {why}")),
                };
                (sending, Step::Lost)
            }
        }
    }
}

/// Whether commands and answers still belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Answered,
    Lost,
}

/// One command before the mail itself, where nothing can be accepted yet.
async fn ask(
    connection: &mut AsyncSmtpConnection,
    command: impl Display,
    name: &str,
    expected: u16,
    patience: Duration,
) -> Result<(), (Sending, Step)> {
    match timeout(patience, connection.command(command)).await {
        Ok(Ok(reply)) if reply.has_code(expected) || (expected == 250 && reply.has_code(251)) => Ok(()),
        Ok(Ok(reply)) => {
            let why = format!("{name}: an answer that means nothing here: {}", words(&reply));
            Err((Sending::Deferred(why), Step::Lost))
        }
        Ok(Err(error)) if error.is_permanent() => Err((Sending::Rejected(format!("{name}: {error}")), Step::Answered)),
        Ok(Err(error)) if error.is_transient() => {
            let step = still_open(&error);
            Err((Sending::Deferred(format!("{name}: {error}")), step))
        }
        Ok(Err(error)) => Err((Sending::Deferred(format!("{name}: {error}")), Step::Lost)),
        Err(_) => Err((Sending::Deferred(format!("{name}: no answer in time")), Step::Lost)),
    }
}

/// 421 announces that the server closes the connection (RFC 5321 §3.8).
fn still_open(error: &lettre::transport::smtp::Error) -> Step {
    match error.status().is_some_and(|code| u16::from(code) == 421) {
        true => Step::Lost,
        false => Step::Answered,
    }
}

/// What must be announced with MAIL: 8-bit content (RFC 6152) and addresses beyond ASCII (RFC 6531). A frozen mail
/// cannot be encoded anew, so a server without these extensions cannot take it.
fn mail_parameters(
    connection: &AsyncSmtpConnection,
    from: Option<&lettre::Address>,
    to: &lettre::Address,
    bytes: &[u8],
) -> Result<Vec<MailParameter>, String> {
    let server = connection.server_info();
    let mut parameters = Vec::new();
    if !to.to_string().is_ascii() || from.is_some_and(|from| !from.to_string().is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(format!("the server takes no addresses beyond ASCII (SMTPUTF8): {to}"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !bytes.is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err("the server takes no 8-bit mail (8BITMIME)".to_owned());
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

fn envelope_address(address: &Address) -> Result<lettre::Address, String> {
    address.as_str().parse().map_err(|error| format!("`{address}` cannot be sent to: {error}"))
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

fn words(reply: &Response) -> String {
    format!("{} {}", reply.code(), reply.message().collect::<Vec<_>>().join(" "))
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
