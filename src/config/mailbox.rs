//! `[[mailbox]]`: where mail comes in.

use super::{ConfigError, Reader};
use crate::mail::Address;
use crate::mailbox::lmtp::Listen;
use crate::session::List;
use serde::Deserialize;
use std::path::PathBuf;
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
    Lmtp(Listen),
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum MailboxTable {
    Maildir { path: PathBuf, list: Option<String> },
    Mbox { path: PathBuf, list: Option<String> },
    Lmtp { listen: String, list: Option<String> },
}

impl Reader<'_> {
    pub(super) fn mailbox(&self, table: Spanned<MailboxTable>, lists: &[List]) -> Result<MailboxConfig, ConfigError> {
        let start = table.span().start;
        let (name, list, source) = match table.into_inner() {
            MailboxTable::Maildir { path, list } => {
                (path.display().to_string(), list, Source::Maildir(self.relative(&path)))
            }
            MailboxTable::Mbox { path, list } => (path.display().to_string(), list, Source::Mbox(self.relative(&path))),
            MailboxTable::Lmtp { listen, list } => {
                ("lmtp".to_owned(), list, Source::Lmtp(self.listen(listen, self.place(start, "listen"))?))
            }
        };
        self.exists(&source, self.place(start, "path"))?;
        let place = self.place(start, "list");
        let list = list.map(|text| self.known_list(&Spanned::new(place..place, text), lists)).transpose()?;
        Ok(MailboxConfig { name, source, list })
    }

    fn listen(&self, text: String, start: usize) -> Result<Listen, ConfigError> {
        match Listen::try_from(text) {
            Ok(Listen::Unix(path)) => Ok(Listen::Unix(self.relative(&path))),
            Ok(tcp) => Ok(tcp),
            Err((what, fix)) => Err(self.wrong(start, what, fix)),
        }
    }

    fn exists(&self, source: &Source, start: usize) -> Result<(), ConfigError> {
        let (path, fix) = match source {
            Source::Maildir(path) => (path, format!("mkdir -p {}/{{new,cur,tmp}}", path.display())),
            Source::Mbox(path) => (path, format!("touch {}", path.display())),
            Source::Lmtp(_) => return Ok(()),
        };
        if path.exists() {
            return Ok(());
        }
        Err(self.wrong(start, format!("the mailbox {} does not exist", path.display()), fix))
    }
}
