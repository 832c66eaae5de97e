//! From a server's address to a session in which mail can be sent: TCP, TLS, greeting, EHLO, login.
//!
//! Whatever goes wrong here is between the server and our settings: no mail is to blame. Each error is a sentence.

use super::line::Line;
use super::offers::Offers;
use super::reply::Reply;
use super::{Patience, SmtpSettings, login};
use crate::wire::{self, Server, Tls};
use std::io;

/// A connection on which mail can be sent.
pub struct Session {
    pub line: Line,
    pub offers: Offers,
    /// A mail was begun and not ended: RSET comes first.
    pub is_halfway: bool,
}

pub async fn open(settings: &SmtpSettings, patience: Patience) -> Result<Session, String> {
    let server = &settings.server;
    let name = hello(settings);
    let named = |error: String| format!("{} {error}", server.address());
    let mut line = connect(server, &name, patience).await.map_err(named)?;
    let offers = greet(&mut line, &name, patience, server.tls != Tls::Starttls).await.map_err(named)?;
    login::login(&mut line, server, &offers.auth, patience.command).await.map_err(named)?;
    Ok(Session { line, offers, is_halfway: false })
}

/// The line, encrypted as configured. What a server said before TLS is forgotten (RFC 3207 §4.2).
async fn connect(server: &Server, name: &str, patience: Patience) -> Result<Line, String> {
    let unreachable = |error: io::Error| format!("cannot be reached: {error}");
    let plain = wire::dial(server, patience.connect).await.map_err(unreachable)?;
    let stream = match server.tls {
        Tls::None => plain.stay_plain().map_err(unreachable)?,
        Tls::Implicit => wire::encrypt(server, plain, patience.connect).await.map_err(no_handshake)?,
        Tls::Starttls => {
            let mut line = Line::Before(plain);
            let offers = greet(&mut line, name, patience, true).await?;
            if !offers.starttls {
                return Err("does not offer STARTTLS: the connection stays unencrypted, and unused".to_owned());
            }
            let reply = line.ask("STARTTLS\r\n", patience.command).await;
            let reply = reply.map_err(|error| format!("does not answer STARTTLS: {error}"))?;
            let (220, Line::Before(plain)) = (reply.code, line) else {
                return Err(format!("does not begin TLS: {reply}"));
            };
            wire::encrypt(server, plain, patience.connect).await.map_err(no_handshake)?
        }
    };
    Ok(Line::from(stream))
}

fn no_handshake(error: io::Error) -> String {
    format!("fails in the TLS handshake: {error}")
}

/// Hears the greeting, if one is due, and says who we are: with EHLO, or HELO where that is not known (RFC 5321 §3.2).
async fn greet(line: &mut Line, name: &str, patience: Patience, greeting_due: bool) -> Result<Offers, String> {
    if greeting_due {
        let greeting = line.answer(patience.command).await;
        let greeting = greeting.map_err(|error| format!("does not greet: {error}"))?;
        expect_code(greeting, 220, "does not greet")?;
    }
    let silent = |error: io::Error| format!("does not answer EHLO: {error}");
    let reply = line.ask(&format!("EHLO {name}\r\n"), patience.command).await.map_err(silent)?;
    if !reply.is_final() {
        return expect_code(reply, 250, "refuses EHLO").map(|reply| Offers::read(&reply));
    }
    let reply = line.ask(&format!("HELO {name}\r\n"), patience.command).await.map_err(silent)?;
    expect_code(reply, 250, "refuses EHLO and HELO").map(|_| Offers::default())
}

fn expect_code(reply: Reply, code: u16, otherwise: &str) -> Result<Reply, String> {
    match reply.code == code {
        true => Ok(reply),
        false => Err(format!("{otherwise}: {reply}")),
    }
}

/// Our name in EHLO: the configured one, else this machine's if it is a whole one, else an address (RFC 5321 §4.1.4).
fn hello(settings: &SmtpSettings) -> String {
    let whole =
        |name: &String| name.contains('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    let machine = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    settings.hello.clone().or_else(|| machine().filter(whole)).unwrap_or_else(|| "[127.0.0.1]".to_owned())
}
