//! The settings of a server, the same for mail in and mail out.

use super::{ConfigError, Reader};
use crate::wire::{self, Login, Program, Proof, Secret, Server, Tls};
use std::path::PathBuf;

/// What `[[mailbox]]` and `[transport]` say about their server.
pub(super) struct ServerKeys {
    pub host: String,
    pub port: Option<u16>,
    pub tls: Tls,
    pub user: Option<String>,
    pub password_env: Option<String>,
    pub password_file: Option<PathBuf>,
    pub token_command: Option<Vec<String>>,
    pub ca_file: Option<PathBuf>,
}

/// The usual port for each kind of encryption.
pub(super) struct Ports {
    pub implicit: u16,
    pub starttls: u16,
    pub none: u16,
}

impl Reader<'_> {
    /// `start` is where the table stands.
    pub(super) fn server(&self, keys: ServerKeys, ports: &Ports, start: usize) -> Result<Server, ConfigError> {
        let ServerKeys { host, port, tls, user, password_env, password_file, token_command, ca_file } = keys;
        if tls == Tls::None && !wire::is_loopback(&host) {
            let what = format!("`tls = \"none\"` to `{host}`: mail and password would cross the network in clear");
            return Err(self.wrong(
                self.place(start, "tls"),
                what,
                "use `implicit` or `starttls`; `none` is for loopback only",
            ));
        }
        let proofs = [
            ("password_env", password_env.map(|name| Proof::Password(Secret::Environment(name)))),
            ("password_file", password_file.map(|file| Proof::Password(Secret::File(self.relative(&file))))),
            (
                "token_command",
                token_command.map(|command| Proof::Token(Secret::Command(Program::new(command, &self.secrets)))),
            ),
        ];
        let mut set = proofs.into_iter().filter_map(|(name, proof)| Some((name, proof?)));
        let (first, second) = (set.next(), set.next());
        if let (Some((first, _)), Some((second, _))) = (&first, &second) {
            let what = format!("both `{first}` and `{second}` are set");
            return Err(self.wrong(self.place(start, second), what, "keep one of the two"));
        }
        let login = match (user, first) {
            (None, None) => None,
            (Some(user), Some((_, proof))) => Some(Login { user, proof }),
            (Some(user), None) => {
                let what = format!("there is no password for the user `{user}`");
                let fix = "add `password_file`, `password_env` or `token_command`, or delete `user`";
                return Err(self.wrong(self.place(start, "user"), what, fix));
            }
            (None, Some((name, _))) => {
                let what = format!("`{name}` is set, but no `user`");
                return Err(self.wrong(self.place(start, name), what, format!("add `user`, or delete `{name}`")));
            }
        };
        let port = port.unwrap_or(match tls {
            Tls::Implicit => ports.implicit,
            Tls::Starttls => ports.starttls,
            Tls::None => ports.none,
        });
        Ok(Server { host, port, tls, ca_file: ca_file.map(|file| self.relative(&file)), login })
    }
}
