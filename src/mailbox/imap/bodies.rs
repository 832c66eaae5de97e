//! The mails themselves, a window at a time.
//!
//! Sizes are asked for first, so that a window fits into memory, and they are not believed: at most
//! `LIMIT + 1` bytes of a mail are asked for (a byte more than the gate lets pass), and mails for which there is no
//! room come again with the next window. A window counts when the server has said OK to it.

use super::answer::{Body, Code, Item};
use super::fault::{Fault, answered};
use super::line::{NO_MAIL, Room};
use super::uids::{key, set};
use super::{After, Arrived, Imap, Poll, WINDOW, WINDOW_BYTES};
use crate::clock::Timestamp;
use crate::mailbox::{LIMIT, Trouble, received::received};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

const FETCH: &str = "UID FETCH";
const MAILS: Room = Room { each: LIMIT + 1, together: WINDOW_BYTES };

/// What is known of a mail before it comes. A size of 0 means that there may be nothing.
#[derive(Clone, Copy, Default)]
struct Facts {
    size: u64,
    date: Option<Timestamp>,
}

/// What became of the mails that were asked for.
#[derive(Default)]
struct Window {
    bodies: BTreeMap<u32, Vec<u8>>,
    bytes: usize,
    /// For the next window.
    left: HashSet<u32>,
    troubles: Vec<Trouble>,
}

impl Imap {
    /// Fetches a window of the candidates: the unknown among them, oldest first. The mails are to be kept together with
    /// the watermark before [`Imap::taken`] is called.
    pub async fn fetch(&mut self, unknown: &[String]) -> Result<Poll, Trouble> {
        self.fetched(unknown).await.map_err(|fault| fault.trouble(&self.settings))
    }

    async fn fetched(&mut self, unknown: &[String]) -> Result<Poll, Fault> {
        let unknown: HashSet<&str> = unknown.iter().map(String::as_str).collect();
        let candidates: Vec<u32> = self.queue.iter().take(WINDOW).copied().collect();
        let (new, old): (Vec<u32>, Vec<u32>) =
            candidates.iter().partition(|uid| unknown.contains(key(self.uid_validity, **uid).as_str()));
        let facts = self.facts(&new).await?;
        let mut window = self.window(&new, &facts).await?;

        self.queue.drain(..candidates.len());
        for uid in candidates.iter().rev().filter(|uid| window.left.contains(uid)) {
            self.queue.push_front(*uid);
        }
        for uid in new.iter().filter(|uid| !window.left.contains(uid)) {
            match window.bodies.contains_key(uid) {
                true => _ = self.missing.remove(uid),
                false => window.troubles.extend(self.is_missing(*uid)),
            }
        }
        self.done = match self.after {
            After::Leave => Vec::new(),
            After::Seen => window.bodies.keys().copied().collect(),
            // Those known before had been kept when the connection broke, and were not moved any more.
            After::Move(_) => {
                candidates.into_iter().filter(|uid| old.contains(uid) || window.bodies.contains_key(uid)).collect()
            }
        };
        let mails = window.bodies.into_iter().map(|(uid, raw)| {
            let date = facts.get(&uid).and_then(|facts| facts.date);
            let received = date.or_else(|| received(&raw)).unwrap_or(Timestamp::UNIX_EPOCH);
            Arrived { key: key(self.uid_validity, uid), raw, received }
        });
        let mails = mails.collect();
        let mut troubles = std::mem::take(&mut self.troubles);
        troubles.append(&mut window.troubles);
        Ok(Poll { mails, watermark: self.watermark(), troubles, more: !self.queue.is_empty() })
    }

    /// A mail that was listed did not come. The first time somebody has expunged it meanwhile, we suppose.
    fn is_missing(&mut self, uid: u32) -> Option<Trouble> {
        self.whole = false;
        let again = !self.missing.insert(uid);
        again.then(|| self.withheld(&[uid], "listed, and not sent"))
    }

    fn withheld(&self, uids: &[u32], why: &str) -> Trouble {
        let what = format!("does not give the mails with UID {} ({why})", set(uids));
        let fix = "look for them with a mail program, and move away what that can't show either; the other mails go on";
        Trouble::new(Path::new(&self.settings.name()), what, fix)
    }

    /// Sizes and dates. A server that refuses them may still give the mails.
    async fn facts(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Facts>, Fault> {
        let mut all = BTreeMap::new();
        if uids.is_empty() {
            return Ok(all);
        }
        let each = |item: Item| {
            if let Some(uid) = item.uid.filter(|uid| uids.binary_search(uid).is_ok()) {
                let facts: &mut Facts = all.entry(uid).or_default();
                facts.size = item.size.unwrap_or(facts.size);
                facts.date = item.date.or(facts.date);
            }
            Ok(())
        };
        let rest = format!(" {} (UID RFC822.SIZE INTERNALDATE)", set(uids));
        match self.dialogue.ask_for(FETCH, &rest, NO_MAIL, each).await {
            Ok(_) | Err(Fault::Refused { .. }) => Ok(all),
            Err(fault) => Err(fault),
        }
    }

    async fn window(&mut self, uids: &[u32], facts: &BTreeMap<u32, Facts>) -> Result<Window, Fault> {
        let size = |uid: &u32| facts.get(uid).map_or(0, |facts| facts.size);
        let fitting = fitting(uids.iter().map(size));
        let (now, later) = uids.split_at(fitting);
        let mut window = Window { left: later.iter().copied().collect(), ..Window::default() };
        if now.is_empty() {
            return Ok(window);
        }
        match self.bodies(now, &mut window).await {
            Ok(()) => {}
            Err(Fault::Refused { status, .. }) if status.code == Code::ExpungeIssued => {}
            Err(Fault::Refused { .. }) => self.one_by_one(now, &mut window).await?,
            Err(fault) => return Err(fault),
        }
        // Nothing came although there is something: that is no mail.
        window.bodies.retain(|uid, raw| !raw.is_empty() || size(uid) == 0);
        Ok(window)
    }

    async fn bodies(&mut self, uids: &[u32], window: &mut Window) -> Result<(), Fault> {
        let each = |item: Item| {
            let Some(uid) = item.uid.filter(|uid| uids.binary_search(uid).is_ok()) else { return Ok(()) };
            match item.body {
                Some(Body::Bytes(bytes)) => {
                    window.bytes += bytes.len();
                    window.bodies.insert(uid, bytes);
                    window.left.remove(&uid);
                }
                Some(Body::Dropped) if !window.bodies.contains_key(&uid) => _ = window.left.insert(uid),
                _ => {}
            }
            Ok(())
        };
        let rest = format!(" {} (UID BODY.PEEK[]<0.{}>)", set(uids), LIMIT + 1);
        self.dialogue.ask_for(FETCH, &rest, MAILS, each).await.map(drop)
    }

    /// A server refuses all of a FETCH for one mail that it can't read: that one is found out, and the others come.
    /// When none of several comes, it is not the mails.
    async fn one_by_one(&mut self, uids: &[u32], window: &mut Window) -> Result<(), Fault> {
        let mut refused = Vec::new();
        let mut last = None;
        for uid in uids {
            if window.bodies.contains_key(uid) {
                continue;
            }
            if window.bytes >= WINDOW_BYTES {
                window.left.insert(*uid);
                continue;
            }
            match self.bodies(&[*uid], window).await {
                Ok(()) => {}
                Err(Fault::Refused { status, .. }) => {
                    refused.push(*uid);
                    last = Some(status);
                }
                Err(fault) => return Err(fault),
            }
        }
        match last {
            Some(status) if refused.len() > 1 && window.bodies.is_empty() => {
                Err(Fault::Refused { command: FETCH, status })
            }
            Some(status) => {
                // Said here, so that it is not said again that they are missing.
                self.missing.retain(|uid| !refused.contains(uid));
                window.troubles.push(self.withheld(&refused, &answered(&status)));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// How many mails of these sizes make a window: at least one.
fn fitting(sizes: impl Iterator<Item = u64>) -> usize {
    let mut bytes = 0;
    let fits = sizes.take_while(|size| {
        let first = bytes == 0;
        bytes += (*size).clamp(1, LIMIT as u64 + 1);
        first || bytes <= WINDOW_BYTES as u64
    });
    fits.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_bounded_in_bytes_and_never_empty() {
        let mib = 1 << 20;
        assert_eq!(fitting([5 * mib, 5 * mib, 5 * mib, 5 * mib].into_iter()), 3);
        assert_eq!(fitting([900 * mib, 1].into_iter()), 1);
        assert_eq!(fitting([1, 900 * mib].into_iter()), 1);
        assert_eq!(fitting([0; 200].into_iter()), 200);
        assert_eq!(fitting(std::iter::empty()), 0);
    }
}
