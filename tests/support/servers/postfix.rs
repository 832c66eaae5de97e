//! Postfix: SMTP from the loopback, and submission with STARTTLS and a login that Dovecot checks. Users' mail goes to
//! Dovecot by LMTP, a list's into the list. Its master needs root.

use super::dovecot::Dovecot;
use super::mlmmj::List;
use super::{DOMAIN, HOST, USERS, certificate, listens, script};
use crate::apt::{is_root, need};
use crate::home::{Home, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What else Postfix delivers to: a list manager that takes mail by LMTP.
pub struct ByLmtp<'a> {
    pub list: &'a str,
    pub port: u16,
}

/// Starts it on two ports, which lists have to know before: `smtp` takes mail for our domain from anybody on this
/// machine, `submission` wants STARTTLS and a login such as `ada`.
pub fn start(home: &Home, smtp: u16, submission: u16, dovecot: &Dovecot, lists: &[List], others: &[ByLmtp]) {
    assert!(is_root(), "Postfix starts as root only: run this test as root");
    let master =
        need(&["postfix"], || Some(PathBuf::from("/usr/lib/postfix/sbin/master")).filter(|master| master.exists()));
    let place = home.path().join("postfix");
    for part in ["etc", "spool", "data"] {
        fs::create_dir_all(place.join(part)).expect("our own directory");
    }
    run(Command::new("chown").arg("postfix").arg(place.join("data")));
    let etc = place.join("etc");
    let names = lists.iter().map(|list| list.name).chain(others.iter().map(|other| other.list));
    let known: String = USERS.into_iter().chain(names).map(|user| format!("{{{user}@{DOMAIN}=x}} ")).collect();
    let to_list = |list: &List| format!("{{{}@{DOMAIN}=list:{}}} ", list.name, list.name);
    let to_other = |other: &ByLmtp| format!("{{{}@{DOMAIN}=lmtp:inet:127.0.0.1:{}}} ", other.list, other.port);
    let routes: String = lists.iter().map(to_list).chain(others.iter().map(to_other)).collect();
    fs::write(etc.join("main.cf"), main_cf(home, dovecot, &known, &routes)).expect("our own directory");
    script(&place.join("into-list"), &into_list(lists));
    let services = master_cf(smtp, submission, &place);
    fs::write(etc.join("master.cf"), services).expect("our own directory");
    // Postfix waits two seconds for a configuration that was written just now: it may still be edited.
    run(Command::new("touch").args(["-d", "1 minute ago"]).args([etc.join("main.cf"), etc.join("master.cf")]));
    let config = etc.display().to_string();
    // Makes the directories of the queue.
    run(Command::new("postfix").args(["-c", &config, "check"]));
    let master = master.display().to_string();
    let mail_config = format!("MAIL_CONFIG={config}");
    // What `postfix start-fg` runs, without its checks; the variables let it log to a file of ours.
    let environment = ["POSTLOG_SERVICE=postlog", "POSTLOG_HOSTNAME=mail", &mail_config];
    let command: Vec<&str> = ["env"].into_iter().chain(environment).chain([&master[..], "-c", &config, "-s"]).collect();
    home.start("postfix", "TERM", &command, || listens(smtp) && listens(submission));
}

fn main_cf(home: &Home, dovecot: &Dovecot, known: &str, routes: &str) -> String {
    let (home, lmtp) = (home.path().display(), dovecot.lmtp);
    let (chain, key) = certificate(Path::new(&format!("{home}/postfix/tls")));
    format!(
        "compatibility_level = 3.6
queue_directory = {home}/postfix/spool
data_directory = {home}/postfix/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/postfix.mail.log
maillog_file_prefixes = {home}
myhostname = {HOST}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtputf8_enable = yes
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = inline:{{ {known}}}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {routes}}}
default_transport = error:5.1.2 nothing leaves this machine
list_destination_recipient_limit = 1
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_chain_files = {key}, {chain}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {home}/dovecot/run/sasl
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
in_flow_delay = 0
"
    )
}

/// The services of a small Postfix, and ours that pipes mail into lists.
fn master_cf(smtp: u16, submission: u16, place: &Path) -> String {
    let place = place.display();
    format!(
        "127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
list unix - n n - - pipe flags=DORhu user=mail argv={place}/into-list ${{nexthop}}
"
    )
}

/// `into-list NAME`: the list's program, by name.
fn into_list(lists: &[List]) -> String {
    let cases: String = lists.iter().map(|list| format!("    {}) exec {} ;;\n", list.name, list.receive)).collect();
    format!("#!/bin/sh\ncase $1 in\n{cases}esac\nexit 67\n")
}
