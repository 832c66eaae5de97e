//! How a mail leaves by SMTP: what is sent, and what is believed when something goes wrong on the way.

mod delivery;
mod dialogue;
mod faults;
mod login;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/smtp_tls.rs"]
mod smtp_tls;
mod tls;

use rapporteur::mail::Address;
use rapporteur::transport::{Patience, Sending, Smtp, SmtpSettings, Transport};
use rapporteur::wire::{self, Login, Proof, Secret, Tls};
use smtp::{SOUND, Script, Server, ServerTls};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const MAIL: &[u8] = b"Message-ID: <one@example.org>\r\nSubject: Design sessions\r\n\r\n.\r\n..two dots\r\nthe end\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn settings(port: u16) -> SmtpSettings {
    let server = wire::Server { host: "127.0.0.1".to_owned(), port, tls: Tls::None, ca_file: None, login: None };
    SmtpSettings { server, hello: Some("robot.example.org".to_owned()) }
}

/// Settings for a server behind TLS, with a login. The files are put into `dir`.
fn encrypted(server: &Server, tls: Tls, dir: &Path) -> SmtpSettings {
    let (ca_file, password) = (dir.join("ca.pem"), dir.join("password"));
    fs::write(&ca_file, smtp_tls::CA).unwrap();
    fs::write(&password, "open sesame\n").unwrap();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
    let login = Login { user: "robot".to_owned(), proof: Proof::Password(Secret::File(password)) };
    let mut settings = settings(server.address.port());
    let host = "localhost".to_owned();
    settings.server = wire::Server { host, tls, login: Some(login), ca_file: Some(ca_file), ..settings.server };
    settings
}

/// A server behind TLS that wants to be logged in to by PLAIN: NUL robot NUL open sesame.
const BEHIND_TLS: Script = Script {
    tls: ServerTls::FromTheFirstByte,
    offers: &["AUTH PLAIN LOGIN"],
    login: &["AHJvYm90AG9wZW4gc2VzYW1l"],
    ..SOUND
};

/// Waits for a short time only, so that a server that hangs is noticed within a test.
const IMPATIENT: Patience = Patience {
    connect: Duration::from_secs(3),
    command: Duration::from_secs(2),
    block: Duration::from_secs(2),
    before_dot: Duration::from_secs(20),
    dot: Duration::from_secs(4),
};

fn transport(settings: SmtpSettings) -> Transport {
    Transport::Smtp(Box::new(Smtp::new(settings, IMPATIENT)))
}

async fn send(transport: &mut Transport, mail: &[u8]) -> Sending {
    transport.send(Some(&address("robot@example.org")), &address("xen@lists.example.org"), mail).await
}

async fn send_to(server: &Server, mail: &[u8]) -> Sending {
    send(&mut transport(settings(server.address.port())), mail).await
}

fn kind(sending: &Sending) -> &'static str {
    match sending {
        Sending::Sent(_) => "sent",
        Sending::Deferred(_) => "deferred",
        Sending::Rejected(_) => "rejected",
        Sending::Unknown(_) => "unknown",
        Sending::Unavailable(_) => "unavailable",
    }
}
