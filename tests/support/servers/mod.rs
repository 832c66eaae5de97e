//! Real mail servers on the loopback, as small as they can be: each in its home ([`crate::home`]), on free ports, with
//! the users and the one domain below. Nothing leaves the machine.
//!
//! The certificates in `tls/` are of a CA of our own, made for these tests: they protect nothing.

pub mod chasquid;
pub mod client;
pub mod dovecot;
pub mod mailman;
pub mod mlmmj;
pub mod postfix;

use crate::home::Home;
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where users and lists are. A name that no DNS ever answers (RFC 6761).
pub const DOMAIN: &str = "summit.test";
/// The name the servers give themselves; the certificate is for it, too.
pub const HOST: &str = "mail.summit.test";
/// Who has a mailbox.
pub const USERS: [&str; 3] = ["rapporteur", "ada", "grace"];
/// The password of each.
pub const PASSWORD: &str = "open sesame";

const CA: &str = include_str!("tls/ca.pem");
const CERTIFICATE: &str = include_str!("tls/srv.pem");
const KEY: &str = include_str!("tls/srv.key");

/// Whose certificates are to be trusted: a file for `ca_file`.
pub fn ca(home: &Home) -> PathBuf {
    let path = home.path().join("ca.pem");
    fs::write(&path, CA).expect("our own directory");
    path
}

/// A file that only its owner can read.
pub fn private(path: &Path, text: &str) {
    fs::write(path, text).expect("our own directory");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}

/// Writes the servers' certificate and its key into a directory, under the names certbot gives them.
fn certificate(dir: &Path) -> (String, String) {
    fs::create_dir_all(dir).expect("our own directory");
    let (chain, key) = (dir.join("fullchain.pem"), dir.join("privkey.pem"));
    fs::write(&chain, CERTIFICATE).expect("our own directory");
    fs::write(&key, KEY).expect("our own directory");
    (chain.display().to_string(), key.display().to_string())
}

/// A program in one of the places for programs.
fn program(name: &str) -> Option<PathBuf> {
    let places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    places.iter().map(|place| Path::new(place).join(name)).find(|path| path.exists())
}

fn script(path: &Path, text: &str) {
    fs::write(path, text).expect("our own directory");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("our own file");
}

/// Whether somebody listens on this port.
fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}
