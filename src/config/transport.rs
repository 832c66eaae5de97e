//! `[transport]`: where mail goes out.

use super::server::{Ports, ServerKeys};
use super::{ConfigError, Reader};
use crate::transport::SmtpSettings;
use crate::wire::{Program, Tls};
use serde::Deserialize;
use std::path::PathBuf;
use toml::Spanned;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportConfig {
    Maildir { path: PathBuf },
    Sendmail { command: Program },
    Smtp(SmtpSettings),
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum TransportTable {
    Maildir {
        path: PathBuf,
    },
    Sendmail {
        command: Option<Vec<String>>,
    },
    Smtp {
        host: String,
        port: Option<u16>,
        #[serde(default)]
        tls: Tls,
        user: Option<String>,
        password_env: Option<String>,
        password_file: Option<PathBuf>,
        token_command: Option<Vec<String>>,
        ca_file: Option<PathBuf>,
        hello: Option<String>,
    },
}

/// Submission (RFC 8314 §3.3, RFC 6409), and plain SMTP to this machine.
const PORTS: Ports = Ports { implicit: 465, starttls: 587, none: 25 };

impl TransportTable {
    /// The variable of the environment that holds its password.
    pub(super) fn secret(&self) -> Option<&String> {
        match self {
            TransportTable::Smtp { password_env, .. } => password_env.as_ref(),
            _ => None,
        }
    }
}

impl Reader<'_> {
    pub(super) fn transport(&self, table: Option<Spanned<TransportTable>>) -> Result<TransportConfig, ConfigError> {
        let Some(table) = table else {
            let fix = "add `[transport]` with `kind = \"maildir\"`, `\"sendmail\"` or `\"smtp\"`";
            return Err(self.wrong(0, "there is no `[transport]`: nothing could be sent", fix));
        };
        let start = table.span().start;
        Ok(match table.into_inner() {
            TransportTable::Maildir { path } => TransportConfig::Maildir { path: self.relative(&path) },
            TransportTable::Sendmail { command } => {
                let command = command.unwrap_or_else(|| vec!["/usr/sbin/sendmail".into()]);
                TransportConfig::Sendmail { command: Program::new(command, &self.secrets) }
            }
            TransportTable::Smtp {
                host,
                port,
                tls,
                user,
                password_env,
                password_file,
                token_command,
                ca_file,
                hello,
            } => {
                let keys = ServerKeys { host, port, tls, user, password_env, password_file, token_command, ca_file };
                TransportConfig::Smtp(SmtpSettings { server: self.server(keys, &PORTS, start)?, hello })
            }
        })
    }
}
