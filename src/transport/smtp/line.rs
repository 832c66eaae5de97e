//! From a server's address to a stream on which its greeting is to be read next, encrypted as configured.
//!
//! lettre can do this too, but it sets no TCP_NODELAY, which costs 40 ms a mail, and after STARTTLS it goes on with
//! what it had read before: there, somebody on the way could place answers of their own.

use super::Patience;
use crate::wire::{self, Plain, Server, Stream, Tls, within};
use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longer answers are no answers of a mail server. In bytes.
const LONGEST_ANSWER: usize = 16 << 10;

/// Connects, and has the line encrypted. `hello` is our name in EHLO.
pub async fn connect(server: &Server, hello: &str, patience: Patience) -> Result<Box<dyn AsyncTokioStream>, String> {
    let failed = |what: &'static str| move |error: io::Error| format!("{} {what}: {error}", server.address());
    let mut plain = wire::dial(server, patience.connect).await.map_err(failed("cannot be reached"))?;
    let mut greeting = String::new();
    if server.tls == Tls::Starttls {
        let asked = within(patience.command, starttls(&mut plain, hello)).await;
        greeting = asked.map_err(failed("does not begin TLS"))?;
    }
    let stream = match server.tls {
        Tls::None => plain.stay_plain().map_err(failed("cannot be used"))?,
        Tls::Implicit | Tls::Starttls => {
            wire::encrypt(server, plain, patience.connect).await.map_err(failed("fails in the TLS handshake"))?
        }
    };
    Ok(Box::new(Greeted { greeting: io::Cursor::new(greeting.into_bytes()), stream }))
}

/// Asks for TLS, and gives back the greeting that was read on the way.
async fn starttls(plain: &mut Plain, hello: &str) -> io::Result<String> {
    let greeting = answer(plain, "220").await?;
    plain.say(&format!("EHLO {hello}\r\n")).await?;
    let offers = answer(plain, "250").await?;
    if !offers.lines().any(|line| line.get(4..).is_some_and(|offer| offer.trim().eq_ignore_ascii_case("STARTTLS"))) {
        return Err(io::Error::other("the server does not offer STARTTLS"));
    }
    plain.say("STARTTLS\r\n").await?;
    answer(plain, "220").await?;
    Ok(greeting)
}

/// All lines of one answer, which must have this code.
async fn answer(plain: &mut Plain, code: &str) -> io::Result<String> {
    let mut text = String::new();
    while text.len() < LONGEST_ANSWER {
        let line = plain.line().await?;
        if !line.starts_with(code) {
            return Err(io::Error::other(line.trim_end().to_owned()));
        }
        text.push_str(&line);
        if !line[code.len()..].starts_with('-') {
            return Ok(text);
        }
    }
    Err(io::Error::other("the server's answer has no end"))
}

/// A stream as lettre wants one: it begins with the greeting, which after STARTTLS has been read already.
#[derive(Debug)]
struct Greeted {
    greeting: io::Cursor<Vec<u8>>,
    stream: Stream,
}

impl AsyncTokioStream for Greeted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Greeted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.greeting.position() < self.greeting.get_ref().len() as u64 {
            return Pin::new(&mut self.greeting).poll_read(cx, buffer);
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Greeted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
