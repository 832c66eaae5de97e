//! A line to a server: TCP without Nagle's delay, TLS, and what proves who we are.
//!
//! SMTP and IMAP share it; what is said on the line is theirs. Nothing here knows of mail.
//!
//! Before TLS whatever comes may come from somebody on the way. So [`Plain`] reads line by line and counts, and a byte
//! more than the answer that ends the plain dialogue ends the connection (RFC 3207 §6 asks to drop what was learned).

mod program;
mod secret;
mod server;
mod stream;

pub use program::Program;
pub use secret::Secret;
pub use server::{Credentials, Login, Proof, Server, Tls};
pub use stream::{Plain, Stream};

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Whether every address of this name is this machine.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Connects to the first address that answers. Unencrypted only to this machine.
pub async fn dial(server: &Server, patience: Duration) -> io::Result<Plain> {
    let work = async {
        let addresses: Vec<SocketAddr> = lookup_host((server.host.as_str(), server.port)).await?.collect();
        if server.tls == Tls::None && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(io::Error::other(
                "tls `none` is only for a server on this machine; use `implicit` or `starttls`",
            ));
        }
        let socket = TcpStream::connect(addresses.as_slice()).await?;
        socket.set_nodelay(true)?;
        Ok(Plain::new(socket))
    };
    within(patience, work).await
}

/// The TLS handshake, with the certificates of the system and of the settings.
pub async fn encrypt(server: &Server, plain: Plain, patience: Duration) -> io::Result<Stream> {
    let work = async {
        let name = ServerName::try_from(server.host.clone()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(trust(server)?));
        Ok(Stream::Encrypted(Box::new(connector.connect(name, plain.into_socket()?).await?)))
    };
    within(patience, work).await
}

/// The work, or `TimedOut` when it takes too long.
pub async fn within<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(patience, work).await.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))
}

/// The certificates to trust: the system's and the configured ones.
fn trust(server: &Server) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &server.ca_file {
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
