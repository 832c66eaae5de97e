//! What becomes of mails in the mailbox once they are kept: by default nothing.
//!
//! Only mails that we took are touched, by their UIDs: EXPUNGE without UIDs would remove what others marked as deleted.

use super::answer::Code;
use super::fault::Fault;
use super::folder::folder;
use super::uids::set;
use super::{After, Imap};
use crate::mailbox::Trouble;

impl Imap {
    /// Whether what is to become of the mails can be done here.
    pub(super) async fn may_change(mut self, read_only: bool) -> Result<Imap, Fault> {
        if self.after == After::Leave {
            return Ok(self);
        }
        if read_only {
            let fix = "set `after = \"leave\"`, or ask who runs the server for the right to change it";
            return Err(Fault::unfit("can't be changed: the server opens it read-only", fix));
        }
        if let After::Move(to) = &self.after {
            let moves = ["MOVE", "UIDPLUS", "IMAP4REV2"].iter().any(|name| self.dialogue.can(name));
            if !moves {
                let fix = "set `after` to `\"leave\"` or `\"seen\"`";
                return Err(Fault::unfit("can't be moved from: the server has neither MOVE nor UIDPLUS", fix));
            }
            match self.dialogue.ask("STATUS", &format!(" {} (UIDNEXT)", folder(to))).await {
                Err(Fault::Refused { .. }) => {
                    let fix = format!("make the folder `{to}` with a mail program, or correct `move_to`");
                    return Err(Fault::unfit(format!("can't be moved from: there is no folder `{to}`"), fix));
                }
                answered => answered?,
            };
        }
        Ok(self)
    }

    /// To be called when the mails of the last [`super::Poll`] are kept. A server that refuses is told with the next
    /// one, and the mails stay as they are until the next connection.
    pub async fn taken(&mut self) -> Result<(), Trouble> {
        let uids = std::mem::take(&mut self.done);
        if uids.is_empty() {
            return Ok(());
        }
        match self.settle(&set(&uids)).await {
            // Somebody else was quicker.
            Err(Fault::Refused { status, .. }) if status.code == Code::ExpungeIssued => Ok(()),
            Err(fault @ Fault::Refused { .. }) => {
                self.troubles.push(fault.trouble(&self.settings));
                self.after = After::Leave;
                Ok(())
            }
            ended => ended.map_err(|fault| fault.trouble(&self.settings)),
        }
    }

    async fn settle(&mut self, uids: &str) -> Result<(), Fault> {
        let to = match &self.after {
            After::Leave => return Ok(()),
            After::Seen => {
                return self.dialogue.ask("UID STORE", &format!(" {uids} +FLAGS.SILENT (\\Seen)")).await.map(drop);
            }
            After::Move(to) => folder(to),
        };
        if self.dialogue.can("MOVE") || self.dialogue.can("IMAP4REV2") {
            return self.dialogue.ask("UID MOVE", &format!(" {uids} {to}")).await.map(drop);
        }
        // RFC 6851 §3.3 says that this is what MOVE does.
        self.dialogue.ask("UID COPY", &format!(" {uids} {to}")).await?;
        self.dialogue.ask("UID STORE", &format!(" {uids} +FLAGS.SILENT (\\Deleted)")).await?;
        self.dialogue.ask("UID EXPUNGE", &format!(" {uids}")).await.map(drop)
    }
}
