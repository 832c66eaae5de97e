//! `[[mailbox]]`: where mail comes in.

use super::server::{Ports, ServerKeys};
use super::{ConfigError, Reader};
use crate::mail::Address;
use crate::mailbox::imap::{After, ImapSettings};
use crate::mailbox::lmtp::Listen;
use crate::session::List;
use crate::wire::Tls;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxConfig {
    /// What its mails are remembered under: it must stay the same as long as the mailbox is the same.
    pub name: String,
    pub source: Source,
    /// The list whose mail it holds, for mails that do not tell.
    pub list: Option<Address>,
}

/// A mailbox, and how to get at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Maildir(PathBuf),
    Mbox(PathBuf),
    Imap(ImapSettings),
    Lmtp(Listen),
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum MailboxTable {
    Maildir {
        path: PathBuf,
        list: Option<String>,
    },
    Mbox {
        path: PathBuf,
        list: Option<String>,
    },
    Imap {
        host: String,
        port: Option<u16>,
        #[serde(default)]
        tls: Tls,
        user: Option<String>,
        password_env: Option<String>,
        password_file: Option<PathBuf>,
        token_command: Option<Vec<String>>,
        ca_file: Option<PathBuf>,
        #[serde(default = "default_folder")]
        folder: String,
        #[serde(default)]
        after: AfterKey,
        move_to: Option<String>,
        list: Option<String>,
    },
    Lmtp {
        listen: String,
        list: Option<String>,
    },
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AfterKey {
    #[default]
    Leave,
    Seen,
    Move,
}

impl MailboxTable {
    /// The variable of the environment that holds its password.
    pub(super) fn secret(&self) -> Option<&String> {
        match self {
            MailboxTable::Imap { password_env, .. } => password_env.as_ref(),
            _ => None,
        }
    }
}

fn default_folder() -> String {
    "INBOX".to_owned()
}

/// RFC 8314 §3.2, RFC 9051 §2.1.
const PORTS: Ports = Ports { implicit: 993, starttls: 143, none: 143 };

impl Reader<'_> {
    pub(super) fn mailbox(&self, table: Spanned<MailboxTable>, lists: &[List]) -> Result<MailboxConfig, ConfigError> {
        let start = table.span().start;
        let (name, source, list) = match table.into_inner() {
            MailboxTable::Maildir { path, list } => {
                let fix = |path: &Path| format!("mkdir -p {}/{{new,cur,tmp}}", path.display());
                (path.display().to_string(), Source::Maildir(self.existing(&path, start, fix)?), list)
            }
            MailboxTable::Mbox { path, list } => {
                let fix = |path: &Path| format!("touch {}", path.display());
                (path.display().to_string(), Source::Mbox(self.existing(&path, start, fix)?), list)
            }
            MailboxTable::Imap {
                host,
                port,
                tls,
                user,
                password_env,
                password_file,
                token_command,
                ca_file,
                folder,
                after,
                move_to,
                list,
            } => {
                let keys = ServerKeys { host, port, tls, user, password_env, password_file, token_command, ca_file };
                let server = self.server(keys, &PORTS, start)?;
                self.folder(&folder, start, "folder")?;
                let after = self.after(after, move_to, &folder, start)?;
                let settings = ImapSettings { server, folder, after };
                (settings.name(), Source::Imap(settings), list)
            }
            MailboxTable::Lmtp { listen, list } => {
                let name = format!("lmtp:{listen}");
                (name, Source::Lmtp(self.listen(listen, self.place(start, "listen"))?), list)
            }
        };
        let place = self.place(start, "list");
        let list = list.map(|text| self.known_list(&Spanned::new(place..place, text), lists)).transpose()?;
        Ok(MailboxConfig { name, source, list })
    }

    fn existing(&self, path: &Path, start: usize, fix: fn(&Path) -> String) -> Result<PathBuf, ConfigError> {
        let path = self.relative(path);
        if path.exists() {
            return Ok(path);
        }
        let what = format!("the mailbox {} does not exist", path.display());
        Err(self.wrong(self.place(start, "path"), what, fix(&path)))
    }

    fn listen(&self, text: String, start: usize) -> Result<Listen, ConfigError> {
        match Listen::try_from(text) {
            Ok(Listen::Unix(path)) => Ok(Listen::Unix(self.relative(&path))),
            Ok(tcp) => Ok(tcp),
            Err((what, fix)) => Err(self.wrong(start, what, fix)),
        }
    }

    fn after(
        &self,
        after: AfterKey,
        move_to: Option<String>,
        folder: &str,
        start: usize,
    ) -> Result<After, ConfigError> {
        let wrong = |key, what: &str, fix: &str| Err(self.wrong(self.place(start, key), what, fix));
        match (after, move_to) {
            (AfterKey::Leave, None) => Ok(After::Leave),
            (AfterKey::Seen, None) => Ok(After::Seen),
            (AfterKey::Move, Some(to)) if to == folder => {
                wrong("move_to", "`move_to` is the folder that mail is read from", "name another folder")
            }
            (AfterKey::Move, Some(to)) => self.folder(&to, start, "move_to").map(|()| After::Move(to)),
            (AfterKey::Move, None) => wrong(
                "after",
                "`after = \"move\"` does not say where to",
                "add `move_to = \"FOLDER\"`, a folder that is there",
            ),
            (_, Some(_)) => wrong(
                "move_to",
                "`move_to` is set, but nothing is moved",
                "set `after = \"move\"`, or delete `move_to`",
            ),
        }
    }

    fn folder(&self, name: &str, start: usize, key: &str) -> Result<(), ConfigError> {
        match name.is_empty() || name.contains(char::is_control) {
            false => Ok(()),
            true => {
                let what = format!("`{key}` can't name a folder");
                Err(self.wrong(
                    self.place(start, key),
                    what,
                    "write its name as mail programs show it, such as `INBOX`",
                ))
            }
        }
    }
}
