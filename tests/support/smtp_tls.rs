//! What the server shows in the TLS handshake. All of this was made for tests: it protects nothing.

use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The one that clients of these tests trust.
pub const CA: &str = include_str!("tls/ca.pem");
/// For `localhost`, by that CA.
pub const CERTIFICATE: &str = include_str!("tls/good.pem");
/// By that CA for another host; by another CA; by that CA until 2021; by itself.
pub const WRONG_HOST: &str = include_str!("tls/wrong-host.pem");
pub const UNKNOWN_CA: &str = include_str!("tls/unknown-ca.pem");
pub const EXPIRED: &str = include_str!("tls/expired.pem");
pub const SELF_SIGNED: &str = include_str!("tls/self-signed.pem");
/// The key of all of them.
const KEY: &str = include_str!("tls/key.pem");

pub fn acceptor(certificate: &str) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
