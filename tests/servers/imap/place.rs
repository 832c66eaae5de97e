//! Dovecot with one user's mailbox, and what an operator may do to it.

use crate::home::{Home, run};
use crate::reader::secret;
use crate::servers::dovecot::Dovecot;
use crate::servers::{PASSWORD, ca};
use rapporteur::mailbox::imap::{After, ImapSettings};
use rapporteur::wire::{Login, Proof, Secret, Server, Tls};
use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

pub const USER: &str = "rapporteur";

pub struct Place {
    pub dovecot: Dovecot,
    /// Last: its end is the server's end.
    pub home: Home,
}

impl Place {
    pub fn new() -> Place {
        let home = Home::new("imap");
        Place { dovecot: Dovecot::start(&home), home }
    }

    pub fn settings(&self, tls: Tls) -> ImapSettings {
        let proof = Proof::Password(Secret::File(secret(self.home.path(), PASSWORD)));
        let server = Server {
            host: "localhost".into(),
            port: if tls == Tls::Starttls { self.dovecot.imap } else { self.dovecot.imaps },
            tls,
            ca_file: Some(ca(&self.home)),
            login: Some(Login { user: USER.into(), proof }),
        };
        ImapSettings { server, folder: "INBOX".into(), after: After::Leave }
    }

    /// The server ends with all its sessions, whatever they are doing, `between` happens, and it comes back on the same
    /// ports. (Its master alone would leave sessions running for seconds, which then know the mailbox of before.)
    pub async fn restart(&self, between: impl FnOnce()) {
        const END: &str = r#"
            all="$0 $(pgrep -P "$0")"
            running() { for pid in $all; do case $(cut -d' ' -f3 /proc/$pid/stat 2>/dev/null) in ''|Z) ;; *) echo $pid;; esac; done; }
            kill -TERM $all
            for _ in $(seq 100); do [ -z "$(running)" ] && break; sleep 0.02; done
            kill -KILL $(running) 2>/dev/null; true"#;
        let pid = self.home.path().join("pids/dovecot.TERM");
        let pid = fs::read_to_string(pid).expect("a server that was started");
        run(Command::new("sh").args(["-c", END, pid.trim()]));
        let _ = fs::remove_file(self.home.path().join("dovecot/run/master.pid"));
        let listens = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
        while [self.dovecot.imap, self.dovecot.imaps, self.dovecot.lmtp].into_iter().any(listens) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        between();
        let config = self.home.path().join("dovecot/dovecot.conf").display().to_string();
        let command = ["dovecot", "-F", "-c", &config];
        self.home.start("dovecot", "TERM", &command, || listens(self.dovecot.imaps) && listens(self.dovecot.imap));
    }

    /// The server forgets what it knew of the mailbox but its mails: it gives them new UIDs, under a new UIDVALIDITY.
    pub async fn make_anew(&self) {
        let mailbox = self.dovecot.mailbox(USER);
        self.restart(|| {
            for name in ["dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"] {
                let _ = fs::remove_file(mailbox.join(name));
            }
        })
        .await;
    }

    /// Puts mails into the mailbox past the server, many at once.
    pub fn seed(&self, mails: impl Iterator<Item = String>) {
        let mailbox: PathBuf = self.dovecot.mailbox(USER);
        for (number, mail) in mails.enumerate() {
            let name = format!("17000{number:05}.M{number}P1.seed");
            fs::write(mailbox.join("cur").join(name), mail).expect("our own directory");
        }
        let owner = fs::metadata(&mailbox).expect("a Maildir");
        let owner = std::os::unix::fs::MetadataExt::uid(&owner).to_string();
        run(Command::new("chown").arg("-R").arg(owner).arg(&mailbox));
    }
}
