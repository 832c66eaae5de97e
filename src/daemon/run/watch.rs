//! The watchers: one for each mailbox, so that one that hangs keeps no other waiting.
//!
//! A file or directory is glanced at every second, which costs a `stat`, and looked through when that shows a change, and
//! every `poll_seconds` in any case.

use super::calm::Mood;
use super::loops::Shared;
use crate::config::{MailboxConfig, Source};
use crate::daemon::fetch::{Fetched, Inlet};
use crate::mailbox::imap::{Imap, ImapSettings, Patience};
use crate::mailbox::lmtp::{Delivery, Listen, Verdict};
use crate::mailbox::{Glance, glance};
use crate::store::{Arrival, Origin, StoreError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet, block_in_place};

/// Between two glances.
const GLANCE: Duration = Duration::from_secs(1);
/// Mails brought by LMTP that are committed together: as many as there can be connections.
const TOGETHER: usize = 20;
/// What sessions get to say their last words when the program is asked to stop.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Watches the mailboxes of the configuration, whichever that is. A mailbox that stays the same is not disturbed by a
/// new one.
pub async fn watch_all(shared: Arc<Shared>) -> Result<(), StoreError> {
    let mut setups = shared.setups.clone();
    let mut watchers = JoinSet::new();
    let mut watched: Vec<(MailboxConfig, AbortHandle)> = Vec::new();
    while !shared.stop.is_set() {
        let wanted = setups.borrow_and_update().config.mailboxes.clone();
        watched.retain(|(mailbox, watcher)| {
            let stays = wanted.contains(mailbox);
            if !stays {
                watcher.abort();
                shared.vitals.trouble(&mailbox.name, None);
            }
            stays
        });
        for mailbox in wanted {
            if !watched.iter().any(|(known, _)| *known == mailbox) {
                let watcher = watchers.spawn(watch(shared.clone(), mailbox.clone()));
                watched.push((mailbox, watcher));
            }
        }
        tokio::select! {
            () = shared.stop.wait() => {}
            _ = setups.changed() => setups.mark_changed(),
            Some(ended) = watchers.join_next() => super::ended(ended)?,
        }
    }
    while let Some(ended) = watchers.join_next().await {
        super::ended(ended)?;
    }
    Ok(())
}

async fn watch(shared: Arc<Shared>, mailbox: MailboxConfig) -> Result<(), StoreError> {
    tracing::debug!(mailbox = mailbox.name, "watched");
    match &mailbox.source {
        Source::Maildir(path) | Source::Mbox(path) => watch_files(&shared, &mailbox, path).await,
        Source::Imap(settings) => watch_imap(&shared, &mailbox, settings).await,
        Source::Lmtp(listen) => listen_on(&shared, &mailbox, listen).await,
    }
}

/// One mailbox, and how it is doing.
struct Watcher<'a> {
    shared: &'a Shared,
    mailbox: &'a MailboxConfig,
    mood: Mood,
    /// It was looked through already, or could not be.
    seen: bool,
}

impl<'a> Watcher<'a> {
    fn of(shared: &'a Shared, mailbox: &'a MailboxConfig) -> Watcher<'a> {
        Watcher { shared, mailbox, mood: Mood::of(&mailbox.name), seen: false }
    }

    /// What is done about the end of a look. How long to leave the mailbox alone, if it failed.
    fn after(&mut self, look: Result<Fetched, StoreError>) -> Result<Option<Duration>, StoreError> {
        let pause = match look {
            Ok(fetched) => {
                if fetched.new > 0 {
                    tracing::info!(mailbox = self.mailbox.name, mails = fetched.new, "fetched");
                }
                let troubles = fetched.troubles.iter().map(ToString::to_string);
                match fetched.failed {
                    true => Some(self.mood.fails(troubles.collect::<Vec<_>>().join("; "))),
                    false => {
                        self.mood.works(troubles);
                        None
                    }
                }
            }
            Err(error) if error.passes() => Some(self.mood.fails(error.to_string())),
            Err(error) => return Err(error),
        };
        self.shared.vitals.trouble(&self.mailbox.name, self.mood.trouble());
        if !std::mem::replace(&mut self.seen, true) {
            self.shared.seen();
        }
        Ok(pause)
    }

    /// Rests until it is time, the program is to stop, or somebody says that there is something.
    async fn rest(&self, pause: Duration, woken: impl Future<Output = ()>) {
        tokio::select! {
            () = self.shared.stop.wait() => {}
            () = woken => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn watch_files(shared: &Shared, mailbox: &MailboxConfig, path: &Path) -> Result<(), StoreError> {
    let came = || shared.mail_came.notify_one();
    let inlet = Inlet { store: &shared.store, stop: &shared.stop, came: &came };
    let mut watcher = Watcher::of(shared, mailbox);
    while !shared.stop.is_set() {
        let before = block_in_place(|| glance(path));
        let pause = watcher.after(inlet.fetch(mailbox, shared.clock.now()).await)?;
        watcher.rest(pause.unwrap_or_else(|| shared.poll()), changed(path, &before)).await;
    }
    Ok(())
}

/// Connection after connection; on each, look after look.
async fn watch_imap(shared: &Shared, mailbox: &MailboxConfig, settings: &ImapSettings) -> Result<(), StoreError> {
    let mut watcher = Watcher::of(shared, mailbox);
    while !shared.stop.is_set() {
        // Whatever it is doing, the connection may be dropped: what was not committed is fetched again.
        let pause = tokio::select! {
            failed = imap_connection(&mut watcher, settings) => failed?,
            () = shared.stop.wait_and(LAST_WORDS) => return Ok(()),
        };
        watcher.rest(pause, std::future::pending()).await;
    }
    Ok(())
}

/// Stays connected as long as it works, or until the stop. How long to leave the mailbox alone after that.
async fn imap_connection(watcher: &mut Watcher<'_>, settings: &ImapSettings) -> Result<Duration, StoreError> {
    let Watcher { shared, mailbox, .. } = *watcher;
    let came = || shared.mail_came.notify_one();
    let inlet = Inlet { store: &shared.store, stop: &shared.stop, came: &came };
    let mut failed = Fetched::default();
    let mut imap = match Imap::open(settings, Patience::STANDARD).await {
        Ok(imap) => imap,
        Err(trouble) => {
            failed.fail(trouble);
            return Ok(watcher.after(Ok(failed))?.unwrap_or_default());
        }
    };
    while !shared.stop.is_set() {
        let mut fetched = Fetched::default();
        let look = inlet.imap_look(&mailbox.name, &mut imap, &mut fetched).await.map(|()| fetched);
        if let Some(pause) = watcher.after(look)? {
            return Ok(pause);
        }
        let waited = tokio::select! {
            waited = imap.wait(shared.poll()) => waited,
            () = shared.stop.wait() => break,
        };
        if let Err(trouble) = waited {
            failed.fail(trouble);
            return Ok(watcher.after(Ok(failed))?.unwrap_or_default());
        }
    }
    imap.close().await;
    Ok(Duration::ZERO)
}

/// Returns when the file or directory looks otherwise than it did.
async fn changed(path: &Path, before: &Glance) {
    loop {
        tokio::time::sleep(GLANCE).await;
        if block_in_place(|| glance(path)) != *before {
            return;
        }
    }
}

/// Keeps what is brought by LMTP. Each mail is answered after the commit that it is in.
async fn listen_on(shared: &Shared, mailbox: &MailboxConfig, listen: &Listen) -> Result<(), StoreError> {
    shared.seen();
    let Some(listener) = shared.setups.borrow().listener(listen) else { return Ok(()) };
    let (brought, mut mails) = mpsc::channel(TOGETHER);
    let serving = listener.serve(|| shared.setups.borrow().rules(), brought);
    let keeping = async {
        let mut mood = Mood::of(&mailbox.name);
        let mut together = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                count = mails.recv_many(&mut together, TOGETHER) => if count == 0 { return Ok(()) },
                () = shared.stop.wait(), if !mails.is_closed() => mails.close(),
            }
            keep(shared, mailbox, &mut together, &mut mood).await?;
        }
    };
    tokio::pin!(serving, keeping);
    let kept = tokio::select! {
        kept = &mut keeping => kept,
        // It ends only when nothing is kept any more.
        () = &mut serving => return Ok(()),
    };
    // Now the sessions take their leave.
    let _ = tokio::time::timeout(LAST_WORDS, serving).await;
    kept
}

async fn keep(
    shared: &Shared,
    mailbox: &MailboxConfig,
    together: &mut Vec<Delivery>,
    mood: &mut Mood,
) -> Result<(), StoreError> {
    let (mut arrivals, mut answers) = (Vec::new(), Vec::new());
    for Delivery { key, raw, answer } in together.drain(..) {
        arrivals.push(Arrival { source_key: key, raw, received: shared.clock.now(), origin: Origin::Live });
        answers.push(answer);
    }
    let kept = shared.store.receive(&mailbox.name, &arrivals, None).await;
    let verdict = match &kept {
        Ok(_) => Verdict::Kept,
        Err(StoreError::Locked) => Verdict::Busy,
        Err(StoreError::Full) => Verdict::Full,
        Err(_) => Verdict::Failed,
    };
    for answer in answers {
        // Who has gone meanwhile brings it again, and it is known by its key.
        let _ = answer.send(verdict);
    }
    match kept {
        Ok(new) => {
            mood.works([]);
            if new > 0 {
                tracing::info!(mailbox = mailbox.name, mails = new, "taken");
                shared.mail_came.notify_one();
            }
        }
        Err(error) if error.passes() => drop(mood.fails(error.to_string())),
        Err(error) => return Err(error),
    }
    shared.vitals.trouble(&mailbox.name, mood.trouble());
    Ok(())
}
