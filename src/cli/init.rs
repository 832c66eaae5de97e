//! `init`: a directory with everything a summit needs, ready to run.

use super::{Outcome, new_secret};
use crate::config::Config;
use crate::mail::Address;
use crate::mailbox::maildir;
use crate::store::Store;
use anyhow::{Context, ensure};
use askama::Template;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct InitArgs {
    /// Made when it is not there; must not hold a configuration yet
    pub dir: PathBuf,
    /// The summit's name, such as "Design Summit 2027"
    #[arg(long)]
    pub name: String,
    /// The list's address
    #[arg(long, value_parser = address)]
    pub list: Address,
    /// The id in the list's List-Id header [default: the address with a dot for the @]
    #[arg(long)]
    pub list_id: Option<String>,
    /// Who may accept, reject, merge and schedule; may be given several times
    #[arg(long, value_parser = address)]
    pub organiser: Vec<Address>,
    /// The summit's time zone, an IANA name
    #[arg(long, default_value = "UTC")]
    pub zone: String,
    /// The short name in subjects and on the command line [default: made from the name]
    #[arg(long)]
    pub slug: Option<String>,
    /// Our own address [default: rapporteur@ the list's domain]
    #[arg(long, value_parser = address)]
    pub address: Option<Address>,
    /// The list's permalinks, such as https://lore.example.org/list/{message_id}/
    #[arg(long)]
    pub archive: Option<String>,
}

fn address(text: &str) -> Result<Address, String> {
    Address::try_from(text.to_owned())
}

#[derive(Template)]
#[template(path = "rapporteur.toml", escape = "none")]
struct ConfigText {
    slug: String,
    name: String,
    address: String,
    list: String,
    list_id: String,
    archive: Option<String>,
    organisers: Vec<String>,
    zone: String,
}

pub async fn init(args: &InitArgs) -> anyhow::Result<Outcome> {
    let path = set_up(args).await?;
    let dir = args.dir.display();
    say!("{} is ready:", dir);
    say!("  {}    the configuration, every setting explained", path.display());
    say!("  {dir}/inbox              the Maildir that mail is read from");
    say!("  {dir}/sent               the Maildir that letters go to, until you set up SMTP or sendmail");
    say!("  {dir}/rapporteur.db      the database");
    say!("\nNext:");
    say!("  subscribe {} to {}, and have its mail delivered to {dir}/inbox", own_address(args), args.list);
    say!("  rapporteur --config {} check", path.display());
    say!("  rapporteur --config {} run", path.display());
    Ok(Outcome::Done)
}

/// Writes the directory; the path of its configuration.
pub async fn set_up(args: &InitArgs) -> anyhow::Result<PathBuf> {
    let path = args.dir.join("rapporteur.toml");
    ensure!(
        !path.exists(),
        "{} is there already and stays as it is\n  fix: name another directory, or edit that file",
        path.display()
    );
    let text = config_text(args);
    // The mailboxes must be there before the configuration can be checked; the check must pass before it is written.
    for maildir in ["inbox", "sent"] {
        let dir = args.dir.join(maildir);
        maildir::create(&dir).with_context(|| format!("{} can't be made", dir.display()))?;
    }
    let config = Config::parse(&path, &text)?;
    std::fs::write(&path, text).with_context(|| format!("{} can't be written", path.display()))?;
    Store::open(&config.database, new_secret()?).await?.close().await;
    Ok(path)
}

fn config_text(args: &InitArgs) -> String {
    let text = ConfigText {
        slug: args.slug.clone().unwrap_or_else(|| slug(&args.name)),
        name: quoted(&args.name),
        address: own_address(args),
        list: args.list.to_string(),
        list_id: args.list_id.clone().unwrap_or_else(|| args.list.key().replace('@', ".")),
        archive: args.archive.clone(),
        organisers: args.organiser.iter().map(ToString::to_string).collect(),
        zone: args.zone.clone(),
    };
    text.render().expect("writing to memory does not fail")
}

fn own_address(args: &InitArgs) -> String {
    args.address.as_ref().map_or_else(|| format!("rapporteur@{}", args.list.domain()), ToString::to_string)
}

/// A name as a TOML basic string.
fn quoted(name: &str) -> String {
    toml::Value::String(name.to_owned()).to_string()
}

/// `Design Summit 2027` becomes `design-summit-2027`.
fn slug(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let slug = plain.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "summit".into() } else { slug }
}
