//! How to reach a server, and how to prove to it who we are.

use super::Secret;
use serde::Deserialize;
use std::path::PathBuf;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte (RFC 8314).
    #[default]
    Implicit,
    /// After STARTTLS, without which nothing else is said (RFC 3207 for SMTP, RFC 9051 §6.2.1 for IMAP).
    Starttls,
    /// Not at all: only to this machine itself.
    None,
}

/// A server and how to talk to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The name that also stands in its certificate.
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// Certificates (PEM) to trust beside the system's, for a server with a private one.
    pub ca_file: Option<PathBuf>,
    pub login: Option<Login>,
}

/// Who we are to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub proof: Proof,
}

/// What is shown beside the user's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    Password(Secret),
    /// An OAuth 2.0 access token (RFC 7628 OAUTHBEARER; XOAUTH2).
    Token(Secret),
}

impl Server {
    /// For messages.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The user's name and what proves it, read afresh so that a new password needs no restart. Never in clear: the
    /// answer is an error when the connection is not encrypted.
    pub async fn credentials(&self) -> Result<Option<Credentials>, String> {
        let Some(Login { user, proof }) = &self.login else { return Ok(None) };
        if self.tls == Tls::None {
            return Err(format!(
                "a password is not sent in clear to {}: use tls `implicit` or `starttls`",
                self.address()
            ));
        }
        let (secret, is_token) = match proof {
            Proof::Password(secret) => (secret, false),
            Proof::Token(secret) => (secret, true),
        };
        Ok(Some(Credentials { user: user.clone(), secret: secret.read().await?, is_token }))
    }

    /// What an operator types to see the server's side. `protocol` is openssl's name for it: `smtp`, `imap`.
    pub fn command_to_try(&self, protocol: &str) -> String {
        match self.tls {
            Tls::Implicit => format!("openssl s_client -connect {}", self.address()),
            Tls::Starttls => format!("openssl s_client -starttls {protocol} -connect {}", self.address()),
            Tls::None => format!("nc {} {}", self.host, self.port),
        }
    }
}

/// A login, ready to be sent. It has no `Debug`, so that it cannot get into a log.
pub struct Credentials {
    pub user: String,
    /// The password or the token.
    pub secret: String,
    pub is_token: bool,
}

impl Credentials {
    /// Words of the server, unless they hold so much as a piece of the secret, or of what was `said` to show it: they may
    /// be cut short.
    pub fn without_secrets(&self, words: String, said: &[&str]) -> String {
        const PIECE: usize = 6;
        let tells = |secret: &str| {
            let letters = secret.as_bytes();
            let mut pieces = letters.windows(PIECE.min(letters.len()).max(1));
            pieces.any(|piece| memchr::memmem::find(words.as_bytes(), piece).is_some())
        };
        if tells(&self.secret) || said.iter().any(|said| tells(said)) {
            return "its words are not shown: they repeat the secret".to_owned();
        }
        words
    }
}
