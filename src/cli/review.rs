//! `outbox` and `quarantine`: what waits for a human, and what a human can do about it.

use super::{Global, Outcome, Usage, print};
use crate::letters::{Seal, review};
use crate::mail::end::name;
use crate::store::{LetterRow, LetterStatus, Store, StoredMail};
use anyhow::Context;
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum OutboxCommand {
    /// Every letter, a line each
    List {
        /// Only letters that stand so: pending, sending, sent, unknown, failed, held, dropped, confirmed
        #[arg(long)]
        status: Option<String>,
    },
    /// One letter as its reader sees it
    Show { id: i64 },
    /// Keep a letter from going out
    Hold { id: i64 },
    /// Send a letter that is held, failed or uncertain
    Release {
        #[arg(required_unless_present = "all")]
        id: Option<i64>,
        /// Every held letter
        #[arg(long)]
        all: bool,
    },
    /// Give a held letter, that nobody has tried to send, another text
    Edit {
        id: i64,
        /// The file with the whole text; `-` reads the standard input
        text: PathBuf,
    },
    /// Give a letter up; it stays in the list
    Drop { id: i64 },
}

#[derive(Subcommand)]
pub enum QuarantineCommand {
    /// Every quarantined mail, a line each, with its reason
    List,
    /// One mail, as raw as it came
    Show { id: i64 },
    /// Try to read a mail again at the next pass
    Retry { id: i64 },
}

pub async fn outbox(global: &Global, command: &OutboxCommand) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let now = global.clock().now();
    match command {
        OutboxCommand::List { status } => list(global, &store, status.as_deref()).await?,
        OutboxCommand::Show { id } => {
            let (_, bytes) = store.letter(*id).await?.ok_or_else(|| no_letter(*id))?;
            print::mail(&bytes);
        }
        OutboxCommand::Hold { id } => {
            let done = store.hold(*id, "held by hand").await?;
            changed(&store, *id, done, "held", "pending, unknown or failed").await?;
        }
        OutboxCommand::Release { id: Some(id), .. } => {
            let done = store.release(*id, now).await?;
            changed(&store, *id, done, "pending: it goes out at the next pass", "held, failed or unknown").await?;
        }
        OutboxCommand::Release { id: None, .. } => {
            let held = store.letters(Some(LetterStatus::Held)).await?;
            for letter in &held {
                store.release(letter.id, now).await?;
            }
            say!("{} released.", print::count(held.len() as u64, "letter"));
        }
        OutboxCommand::Edit { id, text } => {
            let (row, bytes) = store.letter(*id).await?.ok_or_else(|| no_letter(*id))?;
            let text = match text.as_path() == Path::new("-") {
                true => std::io::read_to_string(std::io::stdin()).context("the standard input can't be read")?,
                false => std::fs::read_to_string(text).with_context(|| format!("{} can't be read", text.display()))?,
            };
            anyhow::ensure!(
                !text.trim().is_empty(),
                Usage("the text is empty; to give the letter up: outbox drop".into())
            );
            anyhow::ensure!(
                review::is_editable(&bytes),
                "letter {id} has several parts: release it as it is, or drop it"
            );
            let seal = Seal { policy: &config.policy, secret: store.secret(), dkim: config.dkim.as_deref() };
            let bytes = seal.with_text(&bytes, &text, now);
            let mut work = store.begin().await?;
            let done = work.rewrite(&row.message_id, &bytes).await?;
            work.close_post(&row.message_id, now, "").await?;
            work.commit().await?;
            changed(&store, *id, done, "held with its new text", "held and was never tried").await?;
        }
        OutboxCommand::Drop { id } => {
            let done = store.drop_letter(*id).await?;
            changed(&store, *id, done, "dropped", "pending, held, failed or unknown").await?;
        }
    }
    Ok(Outcome::Done)
}

async fn list(global: &Global, store: &Store, status: Option<&str>) -> anyhow::Result<()> {
    let wanted = match status {
        None => None,
        Some(text) => Some(crate::mail::end::from_name::<LetterStatus>(text).ok_or_else(|| {
            let legal = "pending, sending, sent, unknown, failed, held, dropped, confirmed";
            Usage(format!("`{text}` is no status of a letter; legal are {legal}"))
        })?),
    };
    let letters = store.letters(wanted).await?;
    if global.json {
        let row = |letter: &LetterRow| {
            serde_json::json!({
                "id": letter.id, "kind": letter.kind, "message_id": letter.message_id, "to": letter.recipients,
                "subject": letter.subject, "status": letter.status, "cause": letter.cause,
                "attempts": letter.attempts, "created": letter.created, "due": letter.due, "error": letter.error,
            })
        };
        return print::json(&letters.iter().map(row).collect::<Vec<_>>());
    }
    let mut table = vec![["ID", "STATUS", "CREATED", "TO", "SUBJECT"].map(str::to_owned).to_vec()];
    for letter in &letters {
        let to: Vec<&str> = letter.recipients.iter().map(|address| address.as_str()).collect();
        table.push(vec![
            letter.id.to_string(),
            name(letter.status),
            letter.created.strftime("%Y-%m-%d %H:%M").to_string(),
            to.join(", "),
            letter.subject.clone(),
        ]);
        if let Some(error) = &letter.error {
            table.push(vec![String::new(), String::new(), String::new(), String::new(), format!("  {error}")]);
        }
    }
    match letters.is_empty() {
        true => say!("No letters."),
        false => print::table(&table),
    }
    Ok(())
}

/// Says what became of a letter, or why nothing did.
async fn changed(store: &Store, id: i64, done: bool, now: &str, legal: &str) -> anyhow::Result<()> {
    if done {
        say!("Letter {id} is {now}.");
        return Ok(());
    }
    let (letter, _) = store.letter(id).await?.ok_or_else(|| no_letter(id))?;
    let status = name(letter.status);
    anyhow::bail!("letter {id} is {status}; that is possible only for a letter that is {legal}")
}

fn no_letter(id: i64) -> Usage {
    Usage(format!("there is no letter {id}; `rapporteur outbox list` shows them all"))
}

pub async fn quarantine(global: &Global, command: &QuarantineCommand) -> anyhow::Result<Outcome> {
    let (_, store) = global.open().await?;
    match command {
        QuarantineCommand::List => {
            let mails = store.quarantined().await?;
            if global.json {
                let row = |mail: &StoredMail| {
                    serde_json::json!({
                        "id": mail.id, "message_id": mail.row.message_id, "subject": mail.row.subject,
                        "received": mail.received,
                        "reason": mail.row.reason, "detail": mail.row.detail,
                    })
                };
                print::json(&mails.iter().map(row).collect::<Vec<_>>())?;
                return Ok(Outcome::Done);
            }
            let mut table = vec![["ID", "RECEIVED", "REASON", "SUBJECT"].map(str::to_owned).to_vec()];
            table.extend(mails.iter().map(|mail| {
                vec![
                    mail.id.to_string(),
                    mail.received.strftime("%Y-%m-%d %H:%M").to_string(),
                    name(mail.row.reason),
                    mail.row.subject.clone(),
                ]
            }));
            match mails.is_empty() {
                true => say!("Nothing is quarantined."),
                false => print::table(&table),
            }
        }
        QuarantineCommand::Show { id } => {
            use std::io::Write;
            let raw = store.raw(*id).await?.ok_or_else(|| no_mail(*id))?;
            std::io::stdout().write_all(&raw)?;
        }
        QuarantineCommand::Retry { id } => {
            anyhow::ensure!(store.retry(*id).await?, no_mail(*id));
            say!("Mail {id} is read again at the next pass.");
        }
    }
    Ok(Outcome::Done)
}

fn no_mail(id: i64) -> Usage {
    Usage(format!("no quarantined mail has the number {id}; `rapporteur quarantine list` shows them all"))
}
