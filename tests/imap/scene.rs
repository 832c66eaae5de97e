//! What the tests here begin with: a scripted server, how to reach it, and mails for it.

use crate::reader::secret;
use crate::scripted::{self, Before, Server};
use rapporteur::mailbox::imap::{After, ImapSettings};
use rapporteur::wire::{Login, Proof, Secret, Tls};
use std::path::Path;

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

/// A small mail that is like no other.
pub fn mail(number: u32) -> Vec<u8> {
    format!(
        "From: ada@example.org\r\nSubject: {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\nHello {number}\r\n"
    )
    .into_bytes()
}
