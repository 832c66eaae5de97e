//! How to reach an SMTP server.

use lettre::transport::smtp::extension::ClientId;
use serde::Deserialize;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::{env, fs};

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte (RFC 8314); port 465.
    #[default]
    Implicit,
    /// After STARTTLS, without which nothing is sent (RFC 3207); port 587.
    Starttls,
    /// Not at all: only to this machine itself; port 25.
    None,
}

/// Where a password is kept: never in the configuration itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The name of an environment variable.
    Environment(String),
    /// A file that only its owner may read; line ends at its end do not count.
    File(PathBuf),
}

/// A server and how to talk to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// The name that also stands in its certificate.
    pub host: String,
    /// The usual one for `tls` if none is given.
    pub port: Option<u16>,
    pub tls: Tls,
    /// Logs in with this name and the password, if there is one.
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// How we call ourselves in EHLO: the machine's name if none is given.
    pub hello: Option<String>,
    /// Certificates (PEM) to trust beside the system's, for a server with a private one.
    pub ca_file: Option<PathBuf>,
}

impl SmtpSettings {
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Implicit => 465,
            Tls::Starttls => 587,
            Tls::None => 25,
        })
    }

    /// For messages.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port())
    }

    pub(super) fn hello_name(&self) -> ClientId {
        self.hello.clone().map_or_else(ClientId::default, ClientId::Domain)
    }

    /// Name and password, read afresh so that a new password needs no restart. They are never sent in clear.
    pub(super) fn login(&self) -> Result<Option<(String, String)>, String> {
        let Some(user) = &self.user else { return Ok(None) };
        if self.tls == Tls::None {
            return Err(format!(
                "a password is not sent in clear to {}: use tls `implicit` or `starttls`",
                self.address()
            ));
        }
        let secret = self.password.as_ref().ok_or_else(|| format!("there is no password for the user `{user}`"))?;
        Ok(Some((user.clone(), secret.read()?)))
    }

    /// What an operator types to see the server's side.
    pub(super) fn command_to_try(&self) -> String {
        match self.tls {
            Tls::Implicit => format!("openssl s_client -connect {}", self.address()),
            Tls::Starttls => format!("openssl s_client -starttls smtp -connect {}", self.address()),
            Tls::None => format!("nc {} {}", self.host, self.port()),
        }
    }
}

impl Secret {
    fn read(&self) -> Result<String, String> {
        match self {
            Secret::Environment(name) => {
                env::var(name).map_err(|error| format!("the environment variable {name} gives no password: {error}"))
            }
            Secret::File(path) => {
                let name = path.display();
                let about = fs::metadata(path)
                    .map_err(|error| format!("the password file `{name}` cannot be read: {error}"))?;
                if about.permissions().mode() & 0o077 != 0 {
                    return Err(format!("others may read the password file `{name}`: run `chmod 600 {name}`"));
                }
                let text = fs::read_to_string(path)
                    .map_err(|error| format!("the password file `{name}` cannot be read: {error}"))?;
                Ok(text.trim_end_matches(['\r', '\n']).to_owned())
            }
        }
    }
}
