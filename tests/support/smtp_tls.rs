//! The same server behind TLS, with a certificate for `localhost` that nobody trusts unless told to.

use super::smtp::{Seen, Server, serve};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Made for these tests: it protects nothing.
pub const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBkTCCATigAwIBAgIUNYLDsEDZy8CiCSezbcLPyIBvhPwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE4MzQyNloYDzIxMjYxMDI5
MTgzNDI2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT6dmdh916UpaKqN0Det7eAyeDNEpKseuTXAu4ReBn1pv0FFu9hc3Rj
xyWst0pMKUWWdLjpA13R4ugjECTAlYuRo2YwZDAdBgNVHQ4EFgQUPzVlaCiMvkbU
M5xJr7pVK9oRZ00wHwYDVR0jBBgwFoAUPzVlaCiMvkbUM5xJr7pVK9oRZ00wFAYD
VR0RBA0wC4IJbG9jYWxob3N0MAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDRwAw
RAIgLxAoDGR6jUm7vwbCW3uCMLFGxkJ+hbB+Vl+LO1JoL40CIGvhAiJfIR13A5Si
BzV4woibXgv17vpkN4pgQawBYI1s
-----END CERTIFICATE-----
";
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBNP3XijWUJzAeOnl
stAoTOpdJTblcko4pW6PjhRloyehRANCAAT6dmdh916UpaKqN0Det7eAyeDNEpKs
euTXAu4ReBn1pv0FFu9hc3RjxyWst0pMKUWWdLjpA13R4ugjECTAlYuR
-----END PRIVATE KEY-----
";

/// What comes before the handshake.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing: TLS from the first byte.
    Nothing,
    /// A dialogue that ends with STARTTLS.
    Starttls,
    /// The same, and an answer slipped in behind the last one.
    StarttlsWithMore,
}

pub async fn start(before: Before) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let shared = shared.clone();
            tokio::spawn(async move {
                let socket = if before == Before::Nothing { socket } else { starttls(socket, before).await };
                let encrypted = acceptor().accept(socket).await.ok()?;
                serve(encrypted, None, "250-AUTH PLAIN LOGIN\r\n", before == Before::Nothing, shared).await
            });
        }
    });
    Server { address, seen }
}

async fn starttls(mut socket: TcpStream, before: Before) -> TcpStream {
    let mut wire = BufReader::new(&mut socket);
    wire.write_all(b"220 mail.example.org ready\r\n").await.unwrap();
    let mut line = String::new();
    wire.read_line(&mut line).await.unwrap();
    wire.write_all(b"250-mail.example.org\r\n250 STARTTLS\r\n").await.unwrap();
    wire.read_line(&mut line).await.unwrap();
    assert!(line.ends_with("STARTTLS\r\n"), "{line}");
    let more = if before == Before::StarttlsWithMore { "250 injected\r\n" } else { "" };
    wire.write_all(format!("220 go on\r\n{more}").as_bytes()).await.unwrap();
    socket
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
