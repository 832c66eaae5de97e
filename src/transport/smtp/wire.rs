//! The connection itself: TCP without Nagle's delay, and TLS.
//!
//! lettre can do this too, but it sets no TCP_NODELAY, which costs 40 ms a mail, and after STARTTLS it goes on with
//! what it had read before: there, somebody on the way could place answers of their own (RFC 3207 §6 asks to drop
//! what was learned before TLS). Here a byte too many before TLS ends the connection.

use super::{Patience, SmtpSettings, Tls};
use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Longer answers are no answers of a mail server. In bytes.
const LONGEST_ANSWER: u64 = 16 << 10;

/// A stream on which the server's greeting is to be read next, encrypted as configured.
pub async fn connect(
    settings: &SmtpSettings,
    hello: &str,
    patience: Patience,
) -> Result<Box<dyn AsyncTokioStream>, String> {
    let server = settings.address();
    let failed = |what: &str, error: io::Error| format!("{server} {what}: {error}");
    let socket = within(patience.connect, dial(settings)).await.map_err(|error| failed("cannot be reached", error))?;
    let greeting = match settings.tls {
        Tls::None => return Ok(Box::new(socket)),
        Tls::Implicit => (socket, String::new()),
        Tls::Starttls => within(patience.command, starttls(socket, hello))
            .await
            .map_err(|error| failed("does not begin TLS", error))?,
    };
    let (socket, greeting) = greeting;
    let handshake = async {
        let name = ServerName::try_from(settings.host.clone()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(trust(settings)?)).connect(name, socket).await
    };
    let stream =
        within(patience.connect, handshake).await.map_err(|error| failed("fails in the TLS handshake", error))?;
    Ok(Box::new(Encrypted { greeting: io::Cursor::new(greeting.into_bytes()), stream }))
}

async fn within<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(patience, work).await.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))
}

/// Connects to the first address that answers. Unencrypted only to this machine.
async fn dial(settings: &SmtpSettings) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host((settings.host.as_str(), settings.port())).await?.collect();
    if settings.tls == Tls::None && !addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err(io::Error::other("tls `none` is only for a server on this machine; use `implicit` or `starttls`"));
    }
    let socket = TcpStream::connect(addresses.as_slice()).await?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

/// Asks for TLS, and gives back the greeting that was read on the way.
async fn starttls(mut socket: TcpStream, hello: &str) -> io::Result<(TcpStream, String)> {
    let mut server = BufReader::new(&mut socket);
    let greeting = answer(&mut server, "220").await?;
    server.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
    let offers = answer(&mut server, "250").await?;
    if !offers.lines().any(|line| line.get(4..).is_some_and(|offer| offer.trim().eq_ignore_ascii_case("STARTTLS"))) {
        return Err(io::Error::other("the server does not offer STARTTLS"));
    }
    server.write_all(b"STARTTLS\r\n").await?;
    answer(&mut server, "220").await?;
    if !server.buffer().is_empty() {
        return Err(io::Error::other("more than an answer came before TLS: somebody may sit on the line"));
    }
    Ok((socket, greeting))
}

/// All lines of one answer, which must have this code.
async fn answer(server: &mut BufReader<&mut TcpStream>, code: &str) -> io::Result<String> {
    let mut text = String::new();
    let mut server = server.take(LONGEST_ANSWER);
    loop {
        let start = text.len();
        if server.read_line(&mut text).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = &text[start..];
        if !line.starts_with(code) {
            return Err(io::Error::other(line.trim_end().to_owned()));
        }
        if !line[code.len()..].starts_with('-') {
            return Ok(text);
        }
    }
}

/// The certificates to trust: the system's and the configured ones.
fn trust(settings: &SmtpSettings) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &settings.ca_file {
        let unfit = |error: &dyn std::fmt::Display| {
            io::Error::other(format!("`{}` gives no certificate: {error}", file.display()))
        };
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unfit(&error))? {
            let certificate = certificate.map_err(|error| unfit(&error))?;
            roots.add(certificate).map_err(|error| unfit(&error))?;
        }
    }
    let versions =
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    Ok(versions.map_err(io::Error::other)?.with_root_certificates(roots).with_no_client_auth())
}

/// A TLS stream as lettre wants one: it begins with the greeting, which after STARTTLS has been read already.
#[derive(Debug)]
struct Encrypted {
    greeting: io::Cursor<Vec<u8>>,
    stream: TlsStream<TcpStream>,
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.greeting.position() < self.greeting.get_ref().len() as u64 {
            return Pin::new(&mut self.greeting).poll_read(cx, buffer);
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
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
