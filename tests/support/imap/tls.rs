//! What comes before the dialogue: TLS, or an attack on it.

use super::{Manner, Seen, State, serve};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const CERTIFICATE: &[u8] = include_bytes!("../servers/tls/srv.pem");
const KEY: &[u8] = include_bytes!("../servers/tls/srv.key");

/// The certificate to trust, for `localhost`: a file for `ca_file`.
pub fn ca() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/servers/tls/ca.pem")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// No TLS, and no login: the client is known.
    Nothing,
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, as it should be.
    Starttls,
    /// PREAUTH as the greeting, which leaves no place for STARTTLS.
    Preauth,
    /// A server, or somebody on the way, that does not offer it.
    NoStarttls,
    /// It offers STARTTLS and refuses it.
    Refused,
    /// Behind the OK to STARTTLS, in the same packet, an answer slipped in.
    WithMore,
    /// OK to STARTTLS, and no TLS afterwards.
    NoHandshake,
}

pub async fn receive(
    socket: TcpStream,
    manner: Manner,
    state: Arc<Mutex<State>>,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    match manner.before {
        Before::Nothing => serve(socket, manner, true, state, seen).await,
        Before::Tls => serve(acceptor().accept(socket).await.ok()?, manner, true, state, seen).await,
        before => {
            let mut wire = BufReader::new(socket);
            let greeting = if before == Before::Preauth { "* PREAUTH hello\r\n" } else { "* OK hello\r\n" };
            wire.write_all(greeting.as_bytes()).await.ok()?;
            loop {
                let mut line = String::new();
                if wire.read_line(&mut line).await.ok()? == 0 {
                    return None;
                }
                seen.lock().unwrap().in_clear.extend_from_slice(line.as_bytes());
                let (tag, command) = line.trim_end().split_once(' ')?;
                let offers = if before == Before::NoStarttls { "AUTH=PLAIN" } else { "STARTTLS LOGINDISABLED" };
                let answer = match (command, before) {
                    ("CAPABILITY", _) => format!("* CAPABILITY IMAP4rev1 {offers}\r\n{tag} OK done\r\n"),
                    ("STARTTLS", Before::Refused) => format!("{tag} NO certificate lost\r\n"),
                    ("STARTTLS", Before::WithMore) => {
                        format!("{tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN INJECTED\r\n")
                    }
                    ("STARTTLS", _) => format!("{tag} OK begin\r\n"),
                    _ => format!("{tag} OK yes, yes\r\n"),
                };
                wire.write_all(answer.as_bytes()).await.ok()?;
                match (command, before) {
                    ("STARTTLS", Before::Starttls | Before::WithMore) => break,
                    ("STARTTLS", Before::NoHandshake) => {
                        wire.write_all(b"* OK who needs TLS\r\n").await.ok()?;
                        let mut rest = Vec::new();
                        let _ = wire.read_to_end(&mut rest).await;
                        seen.lock().unwrap().in_clear.extend_from_slice(&rest);
                        return None;
                    }
                    _ => {}
                }
            }
            serve(acceptor().accept(wire.into_inner()).await.ok()?, manner, false, state, seen).await
        }
    }
}

fn acceptor() -> TlsAcceptor {
    let certificates = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(certificates, key).unwrap()))
}
