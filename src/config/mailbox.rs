//! `[[mailbox]]`: where mail comes in.

use super::{ConfigError, Reader};
use crate::mail::Address;
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
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum MailboxTable {
    Maildir { path: PathBuf, list: Option<String> },
    Mbox { path: PathBuf, list: Option<String> },
}

impl Reader<'_> {
    pub(super) fn mailbox(&self, table: Spanned<MailboxTable>, lists: &[List]) -> Result<MailboxConfig, ConfigError> {
        let start = table.span().start;
        let (path, list, source): (_, _, fn(PathBuf) -> Source) = match table.into_inner() {
            MailboxTable::Maildir { path, list } => (path, list, Source::Maildir),
            MailboxTable::Mbox { path, list } => (path, list, Source::Mbox),
        };
        let name = path.display().to_string();
        let source = source(self.relative(&path));
        self.exists(&source, self.place(start, "path"))?;
        let place = self.place(start, "list");
        let list = list.map(|text| self.known_list(&Spanned::new(place..place, text), lists)).transpose()?;
        Ok(MailboxConfig { name, source, list })
    }

    fn exists(&self, source: &Source, start: usize) -> Result<(), ConfigError> {
        let (path, fix) = match source {
            Source::Maildir(path) => (path, format!("mkdir -p {}/{{new,cur,tmp}}", path.display())),
            Source::Mbox(path) => (path, format!("touch {}", path.display())),
        };
        if path.exists() {
            return Ok(());
        }
        Err(self.wrong(start, format!("the mailbox {} does not exist", path.display()), fix))
    }
}
