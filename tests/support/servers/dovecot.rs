//! Dovecot: IMAP with IDLE and CONDSTORE, in clear and over TLS, and delivery by LMTP into Maildirs.
//!
//! Every IDLE wake-up comes up to half a second late: Dovecot gathers changes for that long, and no setting shortens it.

use super::{HOST, PASSWORD, USERS, certificate, listens, program};
use crate::apt::{is_root, need};
use crate::home::{Home, free_port, run};
use rapporteur::mailbox::maildir;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Dovecot {
    pub imap: u16,
    pub imaps: u16,
    pub lmtp: u16,
    mail: PathBuf,
    owner: String,
}

impl Dovecot {
    pub fn start(home: &Home) -> Dovecot {
        let dovecot = need(&["dovecot-imapd", "dovecot-lmtpd"], || {
            let plugins = ["imap", "lmtp"].iter().all(|part| Path::new("/usr/lib/dovecot").join(part).exists());
            program("dovecot").filter(|_| plugins)
        });
        let place = home.path().join("dovecot");
        let mail = place.join("mail");
        fs::create_dir_all(&mail).expect("our own directory");
        let owner = if is_root() { "mail".to_owned() } else { me() };
        let server = Dovecot { imap: free_port(), imaps: free_port(), lmtp: free_port(), mail: mail.clone(), owner };
        for user in USERS {
            maildir::create(&server.mailbox(user)).expect("our own directory");
        }
        run(Command::new("chown").arg("-R").arg(&server.owner).arg(&mail));
        let users: String = USERS.map(|user| format!("{user}:{{PLAIN}}{PASSWORD}::::::\n")).concat();
        fs::write(place.join("users"), users).expect("our own directory");
        let version = run(Command::new(&dovecot).arg("--version"));
        let version = version.split(' ').next().expect("a version");
        let config = place.join("dovecot.conf");
        let text = [server.settings(&place), server.dialect(&place, version)];
        // Since 2.4 its first lines are two versions.
        let head = if is_old(version) {
            String::new()
        } else {
            format!("dovecot_config_version = {version}\ndovecot_storage_version = {version}\n")
        };
        fs::write(&config, head + &text.concat()).expect("our own directory");
        let command = [path(&dovecot), "-F".into(), "-c".into(), path(&config)];
        home.start("dovecot", "TERM", &command.each_ref().map(String::as_str), || {
            [server.imap, server.imaps, server.lmtp].into_iter().all(listens)
        });
        server
    }

    /// The Maildir of a user.
    pub fn mailbox(&self, user: &str) -> PathBuf {
        self.mail.join(user)
    }

    /// What every version understands.
    fn settings(&self, place: &Path) -> String {
        let Dovecot { imap, imaps, lmtp, owner, .. } = self;
        let (internal, login) = if is_root() { ("dovecot", "dovenull") } else { (&owner[..], &owner[..]) };
        let group = |user: &str| run(Command::new("id").args(["-gn", user])).trim().to_owned();
        let (group, mail_group) = (group(internal), group(owner));
        let place = place.display();
        format!(
            r"
base_dir = {place}/run
state_dir = {place}/lib
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
hostname = {HOST}
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_uid = {owner}
mail_gid = {mail_group}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
auth_mechanisms = plain login
mail_fsync = never
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  process_min_avail = 1
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener sasl {{
    mode = 0666
  }}
}}
"
        )
    }

    /// What is written one way up to 2.3 and another since 2.4.
    fn dialect(&self, place: &Path, version: &str) -> String {
        let (chain, key) = certificate(&place.join("tls"));
        let (mail, users) = (path(&self.mail), path(&place.join("users")));
        if is_old(version) {
            return format!(
                r"
mail_location = maildir:{mail}/%n
ssl_cert = <{chain}
ssl_key = <{key}
disable_plaintext_auth = no
auth_username_format = %Ln
passdb {{
  driver = passwd-file
  args = {users}
}}
userdb {{
  driver = passwd-file
  args = {users}
  override_fields = home={mail}/%n
}}
"
            );
        }
        format!(
            r"
mail_driver = maildir
mail_path = {mail}/%{{user | username}}
mail_home = {mail}/%{{user | username}}
ssl_server_cert_file = {chain}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
auth_username_format = %{{user | username | lower}}
passdb passwd-file {{
  passwd_file_path = {users}
}}
userdb passwd-file {{
  passwd_file_path = {users}
}}
"
        )
    }
}

fn is_old(version: &str) -> bool {
    version.starts_with("2.3.")
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// The name of whoever runs the tests.
fn me() -> String {
    run(Command::new("id").arg("-un")).trim().to_owned()
}
