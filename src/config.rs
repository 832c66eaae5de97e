//! The configuration file: read once, checked whole, turned into values for the other rooms.
//!
//! Every mistake names the file, the line, what is wrong and what would be right. Paths are relative to the file.

mod dkim;
mod mailbox;
mod people;
mod server;
mod summit;
mod transport;
mod trust;
mod web;

pub use mailbox::{MailboxConfig, Source};
pub use summit::{DigestTimes, Schedule};
pub use transport::TransportConfig;

use crate::letters::dkim::Signer;
use crate::mail::Address;
use crate::session::{List, Policy, Summit};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;

/// Where the configuration is looked for when no `--config` is given.
pub const PLACES: [&str; 2] = ["./rapporteur.toml", "/etc/rapporteur/rapporteur.toml"];

/// A configuration that passed all checks.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from.
    pub path: PathBuf,
    pub database: String,
    pub mailboxes: Vec<MailboxConfig>,
    pub transport: TransportConfig,
    /// The key that letters are signed with.
    pub dkim: Option<Arc<Signer>>,
    /// Keep every outgoing mail for review.
    pub hold: bool,
    /// Posts to lists wait until an organiser has approved them.
    pub approve: bool,
    /// How often the mailboxes are looked at.
    pub poll_seconds: u64,
    pub policy: Policy,
    /// Lines of the mailmap that were left out, in words.
    pub left_out: Vec<String>,
    /// Where the archive is served.
    pub web: Option<SocketAddr>,
    /// The file that says who is who, beside this one.
    pub mailmap: Option<PathBuf>,
    /// One per summit, by slug.
    pub digests: Vec<DigestTimes>,
}

/// A mistake in the configuration, ready to be shown.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("no configuration: looked for {}\n  fix: `rapporteur init DIR --name \"…\" --list ADDRESS` writes one; or name one with --config FILE", PLACES.join(" and "))]
    Missing,
    #[error("{}: {source}\n  fix: check the path given with --config", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}:{line}: {what}\n  fix: {fix}", path.display())]
    Wrong { path: PathBuf, line: usize, what: String, fix: String },
}

impl Config {
    /// Reads the given file, or the first of [`PLACES`] that exists.
    pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
        let path = match path {
            Some(path) => path.to_owned(),
            None => PLACES.iter().map(PathBuf::from).find(|place| place.exists()).ok_or(ConfigError::Missing)?,
        };
        let text =
            std::fs::read_to_string(&path).map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        Config::parse(&path, &text)
    }

    /// Reads a configuration from its text; `path` is for messages and relative paths.
    pub fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
        let reader = Reader { path, text, secrets: Vec::new() };
        let file: File = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
        Reader { secrets: file.secrets(), ..reader }.config(file)
    }

    pub fn list_of<'a>(&'a self, mailbox: &MailboxConfig) -> Option<&'a List> {
        mailbox.list.as_ref().and_then(|address| self.policy.list(address)).or_else(|| self.only_list())
    }

    /// With a single list there is no doubt whose mail it is.
    pub fn only_list(&self) -> Option<&List> {
        match self.policy.lists.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    pub fn digests_of(&self, summit: &str) -> Option<&DigestTimes> {
        self.digests.iter().find(|digests| digests.summit == summit)
    }
}

/// A local part has 64 bytes (RFC 5321 §4.5.3.1.1), of which `+` and a token take 17.
const LONGEST_BOUNCES: usize = 47;

// The file as it is written.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "default_name")]
    name: String,
    address: Spanned<String>,
    bounces: Option<Spanned<String>>,
    verp: Option<Spanned<bool>>,
    #[serde(default = "default_database")]
    database: String,
    #[serde(default)]
    hold: bool,
    #[serde(default)]
    approve: bool,
    #[serde(default = "default_poll")]
    poll_seconds: Spanned<u64>,
    #[serde(default)]
    mailbox: Vec<Spanned<mailbox::MailboxTable>>,
    transport: Option<Spanned<transport::TransportTable>>,
    dkim: Option<dkim::DkimTable>,
    web: Option<web::WebTable>,
    #[serde(default)]
    trust: trust::TrustTable,
    #[serde(default)]
    list: Vec<summit::ListTable>,
    #[serde(default)]
    summit: Vec<summit::SummitTable>,
    #[serde(default)]
    person: Vec<people::PersonTable>,
    mailmap: Option<Spanned<PathBuf>>,
}

impl File {
    fn secrets(&self) -> Vec<String> {
        let mailboxes = self.mailbox.iter().filter_map(|table| table.get_ref().secret());
        let transport = self.transport.iter().filter_map(|table| table.get_ref().secret());
        mailboxes.chain(transport).cloned().collect()
    }
}

fn default_name() -> String {
    "Rapporteur".into()
}
fn default_database() -> String {
    "sqlite:rapporteur.db".into()
}
fn default_poll() -> Spanned<u64> {
    Spanned::new(0..0, 30)
}

/// The checks, each with its line and its fix.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    /// The variables of the environment that hold a password: what we start does not see them.
    secrets: Vec<String>,
}

impl Reader<'_> {
    fn wrong(&self, offset: usize, what: impl Into<String>, fix: impl Into<String>) -> ConfigError {
        ConfigError::Wrong { path: self.path.to_owned(), line: self.line(offset), what: what.into(), fix: fix.into() }
    }

    fn line(&self, offset: usize) -> usize {
        self.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
    }

    /// Where a setting of the table that starts there is written, else where the table starts: the values of a table
    /// with a `kind` come without their places.
    fn place(&self, table: usize, key: &str) -> usize {
        let mut offset = table;
        for line in self.text[table..].split_inclusive('\n') {
            let name = line.split('=').next().unwrap_or_default();
            match line.trim_start() {
                next if next.starts_with('[') && offset > table => break,
                _ if name.trim() == key && name != line => return offset,
                _ => offset += line.len(),
            }
        }
        table
    }

    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let message = error.message().trim().replace('\n', " ");
        let offset = error.span().map_or(0, |span| span.start);
        let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        let offset = unknown.map_or(offset, |name| self.place(offset, name));
        let fix = if message.contains("unknown field") {
            "use one of the expected names, or delete the line; rapporteur.example.toml shows all of them"
        } else {
            "rapporteur.example.toml shows how it is written"
        };
        self.wrong(offset, message, fix)
    }

    fn config(&self, file: File) -> Result<Config, ConfigError> {
        let robot = self.address(&file.address)?;
        let bounces = file.bounces.as_ref().map(|text| self.address(text)).transpose()?.unwrap_or(robot.clone());
        let verp = file.verp.filter(|verp| *verp.get_ref());
        if let Some(verp) = verp.as_ref().filter(|_| bounces.local().len() > LONGEST_BOUNCES) {
            let what = format!("`{bounces}` leaves no room for the token of `verp`");
            let fix = format!("choose a `bounces` with at most {LONGEST_BOUNCES} characters before the `@`");
            return Err(self.wrong(verp.span().start, what, fix));
        }
        let prefixes: Vec<(Address, Vec<String>)> = file
            .list
            .iter()
            .map(|list| Ok((self.address(&list.address)?, list.subject_prefixes.clone())))
            .collect::<Result<_, ConfigError>>()?;
        let lists = file.list.iter().map(|list| self.list(list)).collect::<Result<Vec<_>, _>>()?;
        if lists.is_empty() {
            return Err(self.wrong(0, "no list is configured", "add `[[list]]` with `address = \"list@example.org\"`"));
        }
        let told = self.people(&file.person, file.mailmap.as_ref())?;
        let mut summits = Vec::new();
        let mut digests = Vec::new();
        for table in &file.summit {
            let (summit, times) = self.summit(table, &lists, &prefixes)?;
            if summits.iter().any(|known: &Summit| known.slug == summit.slug) {
                let what = format!("two summits are called `{}`", summit.slug);
                return Err(self.wrong(table.slug.span().start, what, "give each summit a slug of its own"));
            }
            self.organisers(table, &summit, &told.people)?;
            summits.push(summit);
            digests.push(times);
        }
        if summits.is_empty() {
            let fix = "add `[[summit]]` with `slug`, `name` and `lists`";
            return Err(self.wrong(0, "no summit is configured", fix));
        }
        if *file.poll_seconds.get_ref() == 0 {
            let fix = "write a whole number of seconds from 1, such as 30";
            return Err(self.wrong(file.poll_seconds.span().start, "`poll_seconds` is 0", fix));
        }
        let (sources, floors) = self.trust(file.trust)?;
        Ok(Config {
            path: self.path.to_owned(),
            database: self.database(&file.database),
            mailboxes: file.mailbox.into_iter().map(|m| self.mailbox(m, &lists)).collect::<Result<_, _>>()?,
            transport: self.transport(file.transport)?,
            dkim: self.dkim(file.dkim, &robot)?,
            web: self.web(file.web.as_ref())?,
            hold: file.hold,
            approve: file.approve,
            poll_seconds: file.poll_seconds.into_inner(),
            policy: Policy {
                robot_name: file.name,
                robot,
                bounces,
                verp: verp.is_some(),
                lists,
                summits,
                people: told.people,
                sources,
                floors,
                public: self.public(file.web.as_ref())?,
            },
            left_out: told.left_out,
            mailmap: file.mailmap.map(|path| self.relative(path.get_ref())),
            digests,
        })
    }

    fn relative(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |dir| dir.join(path))
    }

    fn database(&self, url: &str) -> String {
        match url.strip_prefix("sqlite:") {
            Some(file) => format!("sqlite:{}", self.relative(Path::new(file.trim_start_matches("//"))).display()),
            None => url.to_owned(),
        }
    }

    fn address(&self, text: &Spanned<String>) -> Result<Address, ConfigError> {
        Address::try_from(text.get_ref().clone())
            .map_err(|what| self.wrong(text.span().start, what, "one plain address, without a name and without `<>`"))
    }

    fn known_list(&self, text: &Spanned<String>, lists: &[List]) -> Result<Address, ConfigError> {
        let address = self.address(text)?;
        let known = |list: &&List| list.address == address || list.aliases.contains(&address);
        match lists.iter().find(known) {
            Some(list) => Ok(list.address.clone()),
            None => {
                let all: Vec<&str> = lists.iter().map(|list| list.address.as_str()).collect();
                let what = format!("`{address}` is not one of the lists here");
                Err(self.wrong(text.span().start, what, format!("name one of: {}", all.join(", "))))
            }
        }
    }
}
