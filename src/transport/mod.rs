//! Where mail goes out: SMTP, sendmail, a Maildir.
//!
//! A transport carries one mail to one recipient and says truthfully how that went; retries and their times are the
//! outbox's. The bytes are sent as they are: RFC 5322 with CRLF, complete, never touched here.

mod sendmail;
mod smtp;

pub use smtp::{Patience, Smtp, SmtpSettings};

use crate::mail::Address;
use crate::mailbox::{Trouble, maildir};
use crate::wire::Program;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How the attempt to send a mail ended, with the server's words or ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// Accepted: somebody else answers for it now.
    Sent(String),
    /// Certainly not accepted; a later attempt may succeed.
    Deferred(String),
    /// Certainly not accepted, and the same mail to the same recipient never will be.
    Rejected(String),
    /// Handed over, but the answer is lost: it may have been accepted.
    Unknown(String),
    /// Whoever is to take mails hears of none: a server that cannot be reached or refuses us as a whole. Nothing is held
    /// against this one.
    Unavailable(String),
}

/// A mail that [`Transport::Memory`] took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub envelope_from: Option<Address>,
    pub recipient: Address,
    pub bytes: Vec<u8>,
}

/// What keeps a transport from working, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    pub fix: String,
}

/// A way out.
pub enum Transport {
    Smtp(Box<Smtp>),
    /// A program that takes sendmail's arguments, with its own in front: `["/usr/sbin/sendmail"]`.
    Sendmail {
        command: Program,
    },
    /// Mails are put into this Maildir, with the line ends of files (LF).
    Maildir {
        path: PathBuf,
    },
    /// Mails are kept in memory, for tests and trials.
    Memory(Arc<Mutex<Vec<Sent>>>),
}

impl Transport {
    /// Sends one mail to one recipient. `None` as sender is the null sender `<>` (RFC 5321 §4.5.5).
    ///
    /// `bytes` are RFC 5322 with CRLF line ends. A connection stays open for the next mail: [`Transport::close`] it at the
    /// end of all work.
    pub async fn send(&mut self, envelope_from: Option<&Address>, recipient: &Address, bytes: &[u8]) -> Sending {
        match self {
            Transport::Smtp(smtp) => smtp.send(envelope_from, recipient, bytes).await,
            Transport::Sendmail { command } => sendmail::send(command, envelope_from, recipient, bytes).await,
            Transport::Maildir { path } => put(path.clone(), unique_name(bytes), local_line_ends(bytes)).await,
            Transport::Memory(sent) => {
                let mail = Sent {
                    envelope_from: envelope_from.cloned(),
                    recipient: recipient.clone(),
                    bytes: bytes.to_owned(),
                };
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                Sending::Sent("kept in memory".to_owned())
            }
        }
    }

    /// How long there is no use in trying: a server that would not hear of any mail is left alone for a while.
    pub fn resting(&self) -> Option<Duration> {
        match self {
            Transport::Smtp(smtp) => smtp.resting(),
            _ => None,
        }
    }

    /// What is known of the mail whose sending was just cut off: the future of [`Transport::send`] was dropped.
    pub fn cut(&mut self) -> Sending {
        let why = "cut off: the program was asked to stop".to_owned();
        match self {
            Transport::Smtp(smtp) if !smtp.at_dot() => Sending::Unavailable(why),
            // The file's name follows from the mail: a second attempt makes no second file.
            Transport::Maildir { .. } => Sending::Unavailable(why),
            _ => Sending::Unknown(why),
        }
    }

    /// Takes leave of the server at the end of all work.
    pub async fn close(&mut self) {
        if let Transport::Smtp(smtp) = self {
            smtp.close().await;
        }
    }

    /// Takes leave of the server if there was nothing to send for a while.
    pub async fn close_if_idle(&mut self) {
        if let Transport::Smtp(smtp) = self {
            smtp.close_if_idle().await;
        }
    }

    /// Tries what can be tried without sending a mail. Nothing found means that it should work.
    pub async fn check(&mut self) -> Vec<Finding> {
        let finding = match self {
            Transport::Smtp(smtp) => smtp.check().await,
            Transport::Sendmail { command } => sendmail::check(command),
            Transport::Maildir { path } => check_maildir(path),
            Transport::Memory(_) => None,
        };
        finding.into_iter().collect()
    }
}

async fn put(path: PathBuf, unique: String, bytes: Vec<u8>) -> Sending {
    let delivered = tokio::task::spawn_blocking(move || {
        maildir::deliver(&path, &unique, &bytes).map_err(|error| Trouble::io(&path, "takes no mail", &error))
    });
    match delivered.await {
        Ok(Ok(file)) => Sending::Sent(format!("put into {}", file.display())),
        Ok(Err(trouble)) => Sending::Unavailable(trouble.to_string()),
        Err(stopped) => Sending::Unknown(format!("the delivery did not end: {stopped}")),
    }
}

/// A file name from the Message-ID: the same mail gets the same name, so that a retry makes no second file.
fn unique_name(bytes: &[u8]) -> String {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).take_while(|line| !line.is_empty());
    const NAME: &[u8] = b"message-id:";
    let id = lines.find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME));
    let hash = HEXLOWER.encode(&Sha256::digest(id.unwrap_or(bytes)));
    format!("{}.rapporteur", &hash[..32])
}

/// CRLF becomes LF: what files and local programs expect.
fn local_line_ends(bytes: &[u8]) -> Vec<u8> {
    let mut local = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(text) => {
                local.extend_from_slice(text);
                local.push(b'\n');
            }
            None => local.extend_from_slice(line),
        }
    }
    local
}

/// Writes a trial file into `tmp/` and removes it.
fn check_maildir(path: &Path) -> Option<Finding> {
    let tmp = path.join("tmp");
    let trial = || -> io::Result<()> { tempfile::NamedTempFile::new_in(&tmp)?.close() };
    if !maildir::is_maildir(path) || !tmp.is_dir() {
        let what = format!("`{}` is no Maildir", path.display());
        return Some(Finding { what, fix: format!("create it with `mkdir -p {}/{{new,cur,tmp}}`", path.display()) });
    }
    trial().err().map(|error| {
        let Trouble { what, fix, .. } = Trouble::io(&tmp, "takes no file", &error);
        Finding { what: format!("`{}` {what}", tmp.display()), fix }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_sent_mail_follows_from_its_message_id() {
        let mail = b"Subject: x\r\nMessage-ID: <a@example.org>\r\n\r\nMessage-ID: <b@example.org>\r\n";
        let other_day = b"Message-ID:  <a@example.org>\r\nSubject: y\r\n\r\n";
        assert_ne!(unique_name(mail), unique_name(b"Message-ID: <b@example.org>\r\n\r\n"));
        assert_eq!(unique_name(mail), unique_name(mail));
        assert_eq!(unique_name(other_day).len(), unique_name(mail).len());
    }

    #[test]
    fn line_ends_become_local_and_nothing_else_changes() {
        assert_eq!(local_line_ends(b"a\r\n\r\n.\r\nb\rc\nlast"), b"a\n\n.\nb\rc\nlast");
        assert_eq!(local_line_ends(b""), b"");
    }
}
