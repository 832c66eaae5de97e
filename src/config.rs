//! The configuration file: read once, checked whole, turned into values for the other rooms.
//!
//! Every mistake names the file, the line, what is wrong and what would be right. Paths are relative to the file.

mod people;

use crate::grammar::Vocabulary;
use crate::mail::Address;
use crate::session::{List, Policy, Summit};
use crate::transport::{Secret, SmtpSettings, Tls};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::path::{Path, PathBuf};
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
    /// Keep every outgoing mail for review.
    pub hold: bool,
    /// How often the mailboxes are looked at.
    pub poll_seconds: u64,
    pub policy: Policy,
    /// Lines of the mailmap that were left out, in words.
    pub left_out: Vec<String>,
    /// One per summit, by slug.
    pub digests: Vec<DigestTimes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxConfig {
    pub name: String,
    pub kind: MailboxKind,
    pub path: PathBuf,
    /// The list whose mail it holds, for mails that do not tell.
    pub list: Option<Address>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailboxKind {
    Maildir,
    Mbox,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportConfig {
    Maildir { path: PathBuf },
    Sendmail { command: Vec<String> },
    Smtp(SmtpSettings),
}

/// When a summit's digests are due.
#[derive(Clone, Debug, Default)]
pub struct DigestTimes {
    pub summit: String,
    pub proposals: Option<Schedule>,
    pub outcomes: Option<Schedule>,
}

/// Wall-clock times in the summit's zone: some days of the week, one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub days: Vec<Weekday>,
    pub at: Time,
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
        let reader = Reader { path, text };
        let file: File = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
        reader.config(file)
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

// The file as it is written.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "default_name")]
    name: String,
    address: Spanned<String>,
    bounces: Option<Spanned<String>>,
    #[serde(default = "default_database")]
    database: String,
    #[serde(default)]
    hold: bool,
    #[serde(default = "default_poll")]
    poll_seconds: Spanned<u64>,
    #[serde(default)]
    mailbox: Vec<MailboxTable>,
    transport: Option<Spanned<TransportTable>>,
    #[serde(default)]
    list: Vec<ListTable>,
    #[serde(default)]
    summit: Vec<SummitTable>,
    #[serde(default)]
    person: Vec<people::PersonTable>,
    mailmap: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailboxTable {
    kind: MailboxKind,
    path: Spanned<PathBuf>,
    list: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum TransportTable {
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
        hello: Option<String>,
        ca_file: Option<PathBuf>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListTable {
    address: Spanned<String>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    list_ids: Vec<String>,
    #[serde(default)]
    subject_prefixes: Vec<String>,
    archive: Option<Spanned<String>>,
    #[serde(default)]
    rewrites_from: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SummitTable {
    slug: Spanned<String>,
    name: String,
    lists: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    organisers: Vec<Spanned<String>>,
    zone: Option<Spanned<String>>,
    opens: Option<Spanned<String>>,
    closes: Option<Spanned<String>>,
    proposal_tags: Option<Vec<String>>,
    attend_tags: Option<Vec<String>>,
    outcome_tags: Option<Vec<String>>,
    introduction: Option<String>,
    proposal_digest: Option<Spanned<String>>,
    outcome_digest: Option<Spanned<String>>,
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

const WEEK: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

/// The checks, each with its line and its fix.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn wrong(&self, offset: usize, what: impl Into<String>, fix: impl Into<String>) -> ConfigError {
        ConfigError::Wrong { path: self.path.to_owned(), line: self.line(offset), what: what.into(), fix: fix.into() }
    }

    fn line(&self, offset: usize) -> usize {
        self.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
    }

    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message().trim().replace('\n', " ");
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
        Ok(Config {
            path: self.path.to_owned(),
            database: self.database(&file.database),
            mailboxes: file.mailbox.iter().map(|m| self.mailbox(m, &lists)).collect::<Result<_, _>>()?,
            transport: self.transport(file.transport)?,
            hold: file.hold,
            poll_seconds: file.poll_seconds.into_inner(),
            policy: Policy { robot_name: file.name, robot, bounces, lists, summits, people: told.people },
            left_out: told.left_out,
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

    fn list(&self, table: &ListTable) -> Result<List, ConfigError> {
        let archive = match &table.archive {
            Some(url) if !url.get_ref().contains("{message_id}") => {
                let fix = "put `{message_id}` where the Message-ID stands, as in `https://lore.example.org/list/{message_id}/`";
                return Err(self.wrong(url.span().start, "the archive's URL has no `{message_id}`", fix));
            }
            other => other.as_ref().map(|url| url.get_ref().clone()),
        };
        let address = self.address(&table.address)?;
        let mut list_ids: Vec<String> =
            table.list_ids.iter().map(|id| id.trim_matches(['<', '>']).to_lowercase()).collect();
        if list_ids.is_empty() {
            // What list software makes of an address when nobody tells it otherwise.
            list_ids.push(address.key().replace('@', "."));
        }
        let aliases = table.aliases.iter().map(|text| self.address(text)).collect::<Result<_, _>>()?;
        Ok(List { address, aliases, list_ids, archive, rewrites_from: table.rewrites_from })
    }

    fn mailbox(&self, table: &MailboxTable, lists: &[List]) -> Result<MailboxConfig, ConfigError> {
        let list = table.list.as_ref().map(|text| self.known_list(text, lists)).transpose()?;
        let path = self.relative(table.path.get_ref());
        let fix = match table.kind {
            MailboxKind::Maildir => format!("mkdir -p {}/{{new,cur,tmp}}", path.display()),
            MailboxKind::Mbox => format!("touch {}", path.display()),
        };
        if !path.exists() {
            let what = format!("the mailbox {} does not exist", path.display());
            return Err(self.wrong(table.path.span().start, what, fix));
        }
        Ok(MailboxConfig { name: table.path.get_ref().display().to_string(), kind: table.kind, path, list })
    }

    fn transport(&self, table: Option<Spanned<TransportTable>>) -> Result<TransportConfig, ConfigError> {
        let Some(table) = table else {
            let fix = "add `[transport]` with `kind = \"maildir\"`, `\"sendmail\"` or `\"smtp\"`";
            return Err(self.wrong(0, "there is no `[transport]`: nothing could be sent", fix));
        };
        let start = table.span().start;
        Ok(match table.into_inner() {
            TransportTable::Maildir { path } => TransportConfig::Maildir { path: self.relative(&path) },
            TransportTable::Sendmail { command } => {
                TransportConfig::Sendmail { command: command.unwrap_or_else(|| vec!["/usr/sbin/sendmail".into()]) }
            }
            TransportTable::Smtp { host, port, tls, user, password_env, password_file, hello, ca_file } => {
                let password = match (password_env, password_file) {
                    (Some(_), Some(_)) => {
                        let fix = "keep one of the two";
                        return Err(self.wrong(start, "both `password_env` and `password_file` are set", fix));
                    }
                    (Some(name), None) => Some(Secret::Environment(name)),
                    (None, file) => file.map(|file| Secret::File(self.relative(&file))),
                };
                if tls == Tls::None && !is_loopback(&host) {
                    let what =
                        format!("`tls = \"none\"` to `{host}`: mail and password would cross the network in clear");
                    return Err(self.wrong(start, what, "use `implicit` or `starttls`; `none` is for loopback only"));
                }
                let ca_file = ca_file.map(|file| self.relative(&file));
                TransportConfig::Smtp(SmtpSettings { host, port, tls, user, password, hello, ca_file })
            }
        })
    }

    fn summit(
        &self,
        table: &SummitTable,
        lists: &[List],
        prefixes: &[(Address, Vec<String>)],
    ) -> Result<(Summit, DigestTimes), ConfigError> {
        let slug = table.slug.get_ref().clone();
        let sound = !slug.is_empty() && slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !sound {
            let what = format!("`{slug}` can't be a slug");
            return Err(self.wrong(table.slug.span().start, what, "use a-z, 0-9 and `-`, such as `xen2017`"));
        }
        let own: Vec<Address> =
            table.lists.get_ref().iter().map(|text| self.known_list(text, lists)).collect::<Result<_, _>>()?;
        if own.is_empty() {
            let what = format!("summit `{slug}` has no list");
            return Err(self.wrong(table.lists.span().start, what, "name at least one list's address"));
        }
        let zone = match &table.zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name.get_ref()).map_err(|_| {
                let what = format!("`{}` is not a time zone", name.get_ref());
                self.wrong(name.span().start, what, "use an IANA name such as `Europe/Budapest` or `UTC`")
            })?,
        };
        let words = Vocabulary::default();
        let list_prefixes =
            prefixes.iter().filter(|(list, _)| own.contains(list)).flat_map(|(_, words)| words.clone()).collect();
        let vocabulary = Vocabulary {
            list_prefixes,
            proposal_tags: table.proposal_tags.clone().unwrap_or(words.proposal_tags),
            attend_tags: table.attend_tags.clone().unwrap_or(words.attend_tags),
            outcome_tags: table.outcome_tags.clone().unwrap_or(words.outcome_tags),
            event: table.name.clone(),
            zone: zone.clone(),
        };
        let times = DigestTimes {
            summit: slug.clone(),
            proposals: self.schedule(table.proposal_digest.as_ref())?,
            outcomes: self.schedule(table.outcome_digest.as_ref())?,
        };
        let summit = Summit {
            slug,
            name: table.name.clone(),
            lists: own,
            organisers: table.organisers.iter().map(|text| self.address(text)).collect::<Result<_, _>>()?,
            zone,
            opens: self.date(table.opens.as_ref())?,
            closes: self.date(table.closes.as_ref())?,
            vocabulary,
            introduction: table.introduction.clone(),
        };
        Ok((summit, times))
    }

    fn date(&self, text: Option<&Spanned<String>>) -> Result<Option<Date>, ConfigError> {
        let Some(text) = text else { return Ok(None) };
        text.get_ref().parse().map(Some).map_err(|_| {
            let what = format!("`{}` is not a date", text.get_ref());
            self.wrong(text.span().start, what, "write it as `2017-07-11`")
        })
    }

    /// `Mon 09:00`, `Mon,Thu 09:00`, `daily 18:30`, `never`.
    fn schedule(&self, text: Option<&Spanned<String>>) -> Result<Option<Schedule>, ConfigError> {
        let Some(text) = text else { return Ok(None) };
        if text.get_ref() == "never" {
            return Ok(None);
        }
        let parsed = text.get_ref().split_once(' ').and_then(|(days, at)| {
            let days = match days {
                "daily" => WEEK.iter().map(|(_, day)| *day).collect(),
                _ => days
                    .split(',')
                    .map(|name| WEEK.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map(|(_, day)| *day))
                    .collect::<Option<Vec<_>>>()?,
            };
            let (hour, minute) = at.trim().split_once(':')?;
            Some(Schedule { days, at: Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()? })
        });
        parsed.map(Some).ok_or_else(|| {
            let what = format!("`{}` is not a digest time", text.get_ref());
            self.wrong(text.span().start, what, "write `Mon 09:00`, `Mon,Thu 09:00`, `daily 18:30` or `never`")
        })
    }
}

/// A host name that never leaves the machine.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
