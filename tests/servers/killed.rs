//! Killed at any moment while it reads its mail by IMAP: `tests/torture` with Dovecot before the Maildir.

use crate::home::Home;
use crate::kills::{Torture, torture};
use crate::place::Inbox;
use crate::servers::dovecot::Dovecot;
use crate::servers::{PASSWORD, ca, private};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_over_imap_it_loses_nothing_and_does_nothing_twice() {
    let home = Home::new("killed");
    let dovecot = Dovecot::start(&home);
    let (ca, password) = (ca(&home).display().to_string(), home.path().join("password"));
    private(&password, PASSWORD);
    let (port, password) = (dovecot.imaps, password.display());
    let table = format!(
        "kind = \"imap\"\nhost = \"localhost\"\nport = {port}\nuser = \"rapporteur\"\npassword_file = \"{password}\"\n\
         ca_file = \"{ca}\""
    );
    let inbox = Inbox { table, maildir: dovecot.mailbox("rapporteur") };
    torture(&inbox, Torture::of(50, 500)).await;
}
