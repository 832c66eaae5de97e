//! A reader as the daemon is one: a mailbox, and a store that keeps what came of it.

use crate::scripted::{self, Before, Server};
use rapporteur::clock::Timestamp;
use rapporteur::mailbox::Trouble;
use rapporteur::mailbox::imap::{After, Imap, ImapSettings, Patience, Poll};
use rapporteur::store::{Arrival, Origin, Store};
use rapporteur::wire::{Login, Proof, Secret, Tls};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

/// Long enough for a busy machine; where a test waits in vain it says how long.
pub const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(10),
    answer: Duration::from_secs(20),
    idle: Duration::from_millis(300),
    relist: Duration::from_secs(3600),
};

pub struct Reader {
    pub store: Store,
    pub settings: ImapSettings,
    pub patience: Patience,
    /// Told of single mails, on the way.
    pub troubles: Vec<Trouble>,
    /// The largest window, in bytes.
    pub largest: usize,
}

impl Reader {
    pub async fn new(settings: ImapSettings) -> Reader {
        let store = Store::memory([1; 32]).await.unwrap();
        Reader { store, settings, patience: PATIENCE, troubles: Vec::new(), largest: 0 }
    }

    pub async fn open(&self) -> Result<Imap, Trouble> {
        Imap::open(&self.settings, self.patience).await
    }

    /// Takes everything that is new on a connection.
    pub async fn take(&mut self, imap: &mut Imap) -> Result<(), Trouble> {
        let name = self.settings.name();
        imap.look(self.store.watermark(&name).await.unwrap().as_deref()).await?;
        loop {
            let unknown = self.store.unknown_keys(&name, &imap.candidates()).await.unwrap();
            let poll = imap.fetch(&unknown).await?;
            let more = poll.more;
            self.keep(&name, poll).await;
            imap.taken().await?;
            if !more {
                return Ok(());
            }
        }
    }

    pub async fn keep(&mut self, name: &str, poll: Poll) {
        self.largest = self.largest.max(poll.mails.iter().map(|mail| mail.raw.len()).sum());
        self.troubles.extend(poll.troubles);
        let arrivals = poll.mails.into_iter().map(|mail| Arrival {
            source_key: mail.key,
            raw: mail.raw,
            received: mail.received,
            origin: Origin::Live,
        });
        let arrivals: Vec<Arrival> = arrivals.collect();
        if !arrivals.is_empty() || poll.watermark.is_some() {
            self.store.receive(name, &arrivals, poll.watermark.as_deref()).await.unwrap();
        }
    }

    /// One connection from its beginning to its end.
    pub async fn once(&mut self) -> Result<(), Trouble> {
        let mut imap = self.open().await?;
        self.take(&mut imap).await?;
        imap.close().await;
        Ok(())
    }

    /// What was kept: bytes and time by key. No key comes twice.
    pub async fn kept(&self) -> BTreeMap<String, (Vec<u8>, Timestamp)> {
        let mut kept = BTreeMap::new();
        let mut last = 0;
        loop {
            let page = self.store.inbox_page(last, 64 << 20).await.unwrap();
            let Some(end) = page.last() else { return kept };
            last = end.id;
            for mail in page {
                let twice = kept.insert(mail.source_key.clone(), (mail.raw, mail.received));
                assert!(twice.is_none(), "{} was kept twice", mail.source_key);
            }
        }
    }

    pub async fn watermark(&self) -> Option<String> {
        self.store.watermark(&self.settings.name()).await.unwrap()
    }
}

/// How to reach the scripted server, as `ada` with her password.
pub fn settings(server: &Server, home: &Path) -> ImapSettings {
    let tls = match server.manner.before {
        Before::Nothing => Tls::None,
        Before::Tls => Tls::Implicit,
        _ => Tls::Starttls,
    };
    let login = (tls != Tls::None).then(|| {
        let proof = Proof::Password(Secret::File(secret(home, scripted::PASSWORD)));
        Login { user: "ada".into(), proof }
    });
    let server = rapporteur::wire::Server {
        host: "localhost".into(),
        port: server.port,
        tls,
        ca_file: Some(scripted::ca()),
        login,
    };
    ImapSettings { server, folder: "INBOX".into(), after: After::Leave }
}

/// A password file.
pub fn secret(home: &Path, text: &str) -> std::path::PathBuf {
    let path = home.join("password");
    std::fs::write(&path, format!("{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// A small mail that is like no other.
pub fn mail(number: u32) -> Vec<u8> {
    format!(
        "From: ada@example.org\r\nSubject: {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\nHello {number}\r\n"
    )
    .into_bytes()
}
