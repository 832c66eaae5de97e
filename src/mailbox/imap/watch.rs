//! What is in the mailbox, and when there is more.

use super::answer::{Code, Item};
use super::dialogue::{Dialogue, Told};
use super::fault::Fault;
use super::folder::folder;
use super::line::NO_MAIL;
use super::{After, ImapSettings, Patience, WINDOW, login, uids};
use crate::mailbox::Trouble;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// A mailbox with more mails than these is not ours to read: each takes 4 bytes of memory.
const MOST_MAILS: usize = 4_000_000;

/// A connection to a mailbox.
#[derive(Debug)]
pub struct Imap {
    pub(super) settings: ImapSettings,
    pub(super) dialogue: Dialogue,
    pub(super) uid_validity: u32,
    /// UIDs to be compared with what was received, rising.
    pub(super) queue: VecDeque<u32>,
    /// Mails that were listed and not given.
    pub(super) missing: BTreeSet<u32>,
    /// What is to become of the mails, and of which ones next.
    pub(super) after: After,
    pub(super) done: Vec<u32>,
    /// For the next [`super::Poll`].
    pub(super) troubles: Vec<Trouble>,
    patience: Patience,
    may_idle: bool,
    /// When all UIDs were listed, and whether all of those mails were taken or will be with the queue.
    listed: Option<tokio::time::Instant>,
    pub(super) whole: bool,
    /// So many mails are in the mailbox as far as we know them, and those that come will have this UID or a higher one.
    count: u32,
    next: u32,
    /// The watermark when all is taken, and the one that was kept.
    mark: String,
    kept: Option<String>,
}

impl Imap {
    /// Connects, logs in and opens the mailbox.
    pub async fn open(settings: &ImapSettings, patience: Patience) -> Result<Imap, Trouble> {
        Imap::opened(settings, patience).await.map_err(|fault| fault.trouble(settings))
    }

    async fn opened(settings: &ImapSettings, patience: Patience) -> Result<Imap, Fault> {
        let mut dialogue = login::open(settings, patience).await?;
        let verb = if settings.after == After::Leave { "EXAMINE" } else { "SELECT" };
        let condstore = if dialogue.can("CONDSTORE") { " (CONDSTORE)" } else { "" };
        dialogue.told = Told { can: dialogue.told.can.take(), ..Told::default() };
        let status = dialogue.ask(verb, &format!(" {}{condstore}", folder(&settings.folder))).await?;
        let Told { exists, uid_validity, mod_seq, .. } = dialogue.told;
        let (Some(count), Some(uid_validity)) = (exists, uid_validity) else {
            let why = "the server tells neither EXISTS nor UIDVALIDITY, or only one".to_owned();
            return Err(Fault::Lost { during: verb, why });
        };
        let may_idle = dialogue.can("IDLE") || dialogue.can("IMAP4REV2");
        let imap = Imap {
            settings: settings.clone(),
            dialogue,
            uid_validity,
            queue: VecDeque::new(),
            missing: BTreeSet::new(),
            after: settings.after.clone(),
            done: Vec::new(),
            troubles: Vec::new(),
            patience,
            may_idle,
            listed: None,
            whole: false,
            count,
            next: 1,
            mark: format!("{uid_validity}:{}", mod_seq.map_or("-".to_owned(), |number| number.to_string())),
            kept: None,
        };
        imap.may_change(status.code == Code::ReadOnly).await
    }

    /// Finds out what may be new. `watermark` is what was kept for this mailbox.
    pub async fn look(&mut self, watermark: Option<&str>) -> Result<(), Trouble> {
        self.kept = watermark.map(str::to_owned);
        self.looked().await.map_err(|fault| fault.trouble(&self.settings))
    }

    async fn looked(&mut self) -> Result<(), Fault> {
        self.dialogue.is_usable("a look")?;
        let Some(listed) = self.listed else {
            return match (self.nothing_changed(), self.dialogue.told.uid_next) {
                (true, Some(next)) => {
                    self.next = next;
                    self.list_done(true);
                    self.dialogue.told.news = false;
                    Ok(())
                }
                _ => self.list_all().await,
            };
        };
        if !self.whole || listed.elapsed() >= self.patience.relist {
            // Expunged mails are told of now, and not counted among those that should be listed.
            self.dialogue.ask("NOOP", "").await?;
            return self.list_all().await;
        }
        if self.dialogue.told.news {
            self.list_new().await?;
        }
        Ok(())
    }

    /// Whether the mailbox is as it was when all its mails had been taken: only mod-sequences tell.
    fn nothing_changed(&self) -> bool {
        let kept = self.kept.as_deref();
        let before = kept.and_then(|kept| kept.split(':').next());
        if before.is_some_and(|before| before != self.uid_validity.to_string()) {
            tracing::info!("{} was made anew on its server: all of its mail is looked at again", self.settings.name());
        }
        self.dialogue.told.mod_seq.is_some() && kept == Some(&self.mark)
    }

    async fn list_all(&mut self) -> Result<(), Fault> {
        let expected = self.dialogue.told.exists.unwrap_or(0);
        let all = self.list(1).await?;
        let gone = self.dialogue.told.gone;
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        if count < expected.saturating_sub(gone) {
            let why = format!("the server lists {count} of {expected} mails");
            return Err(Fault::Lost { during: "UID FETCH", why });
        }
        self.count = count.saturating_sub(gone);
        self.next = after_last(&all).or(self.dialogue.told.uid_next).unwrap_or(1);
        self.missing.retain(|uid| all.binary_search(uid).is_ok());
        self.queue = all.into();
        self.list_done(true);
        Ok(())
    }

    /// The mails that came since. Should they not be all, some came with lower UIDs, and everything is listed.
    async fn list_new(&mut self) -> Result<(), Fault> {
        let new = self.list(self.next).await?;
        let gone = std::mem::take(&mut self.dialogue.told.gone);
        self.count = self.count.saturating_sub(gone).saturating_add(u32::try_from(new.len()).unwrap_or(u32::MAX));
        if self.dialogue.told.exists.unwrap_or(0) > self.count {
            return self.list_all().await;
        }
        self.next = after_last(&new).unwrap_or(self.next);
        self.queue.extend(new);
        Ok(())
    }

    fn list_done(&mut self, whole: bool) {
        self.dialogue.told.gone = 0;
        self.whole = whole;
        self.listed = Some(tokio::time::Instant::now());
    }

    /// The UIDs from `first` on, rising. The last mail is always among the answers to `first:*`, even below `first`.
    async fn list(&mut self, first: u32) -> Result<Vec<u32>, Fault> {
        self.dialogue.told.news = false;
        let mut all = Vec::new();
        if self.dialogue.told.exists == Some(0) {
            return Ok(all);
        }
        let each = |item: Item| {
            all.extend(item.uid.filter(|uid| *uid >= first));
            match all.len() > MOST_MAILS {
                true => {
                    Err(Fault::unfit(format!("has more than {MOST_MAILS} mails"), "move old mail to another folder"))
                }
                false => Ok(()),
            }
        };
        self.dialogue.ask_for("UID FETCH", &format!(" {first}:* (UID)"), NO_MAIL, each).await?;
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// The keys of mails that may be new, oldest first, at most [`WINDOW`]; to be compared with those received.
    pub fn candidates(&self) -> Vec<String> {
        self.queue.iter().take(WINDOW).map(|uid| uids::key(self.uid_validity, *uid)).collect()
    }

    /// The watermark to keep now, unless it is there already.
    pub(super) fn watermark(&mut self) -> Option<String> {
        let due = self.whole && self.queue.is_empty() && self.kept.as_ref() != Some(&self.mark);
        due.then(|| self.kept.insert(self.mark.clone()).clone())
    }

    /// Waits until there may be mail: by IDLE until the server says so, at most five minutes; where it does not let us,
    /// for the time between two looks.
    pub async fn wait(&mut self, between_looks: Duration) -> Result<(), Trouble> {
        self.waited(between_looks).await.map_err(|fault| fault.trouble(&self.settings))
    }

    async fn waited(&mut self, between_looks: Duration) -> Result<(), Fault> {
        if self.dialogue.told.news {
            return Ok(());
        }
        if self.may_idle {
            match self.dialogue.idle(self.patience.idle).await {
                // It has too many of us, perhaps.
                Err(Fault::Refused { .. }) => self.may_idle = false,
                ended => return ended,
            }
        }
        tokio::time::sleep(between_looks.min(self.patience.idle)).await;
        self.dialogue.ask("NOOP", "").await.map(drop)
    }

    /// Takes leave of the server, if it answers soon.
    pub async fn close(self) {
        // An answer that is late is not waited for: the program may be stopping.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.dialogue.leave()).await;
    }
}

fn after_last(uids: &[u32]) -> Option<u32> {
    uids.last().map(|last| last.saturating_add(1))
}
