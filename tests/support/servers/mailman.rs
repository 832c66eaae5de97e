//! Mailman 3, its core alone: takes a list's mail by LMTP and sends it through an MTA. Slow to start (ten seconds or more).

use super::{DOMAIN, listens};
use crate::apt::{is_root, need};
use crate::home::{Home, free_port, run};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

/// Starts it with a list that takes mail on the port `lmtp`, and sends through the MTA on the port `mta`.
pub fn start(home: &Home, name: &str, lmtp: u16, mta: u16, subscribers: &[&str]) {
    let master =
        need(&["mailman3"], || Some(PathBuf::from("/usr/lib/mailman3/bin/master")).filter(|master| master.exists()));
    let place = home.path().join("mailman");
    fs::create_dir_all(&place).expect("our own directory");
    let (rest, config, master) = (free_port(), place.join("mailman.cfg"), master.display().to_string());
    fs::write(&config, settings(&place.display().to_string(), lmtp, rest, mta)).expect("our own directory");
    let config = config.display().to_string();
    let mut command = Vec::new();
    if is_root() {
        // It refuses root.
        run(Command::new("chown").arg("-R").arg("list").arg(&place));
        command.extend(["setpriv", "--reuid=list", "--regid=list", "--init-groups"]);
    }
    command.extend([&master, "-C", &config]);
    home.start("mailman", "TERM", &command, || listens(lmtp) && listens(rest));
    let list = format!("{name}.{DOMAIN}");
    ask(rest, "POST", "domains", &format!("mail_host={DOMAIN}"));
    ask(rest, "POST", "lists", &format!("fqdn_listname={name}%40{DOMAIN}"));
    let quiet = "send_welcome_message=false&archive_policy=never&default_member_action=accept";
    ask(rest, "PATCH", &format!("lists/{list}/config"), quiet);
    for user in subscribers {
        let member = "pre_verified=true&pre_confirmed=true&pre_approved=true&send_welcome_message=false";
        ask(rest, "POST", "members", &format!("list_id={list}&subscriber={user}%40{DOMAIN}&{member}"));
    }
}

fn settings(place: &str, lmtp: u16, rest: u16, mta: u16) -> String {
    let quick = ["in", "pipeline", "out"].map(|runner| format!("[runner.{runner}]\nsleep_time: 0.05s\n")).concat();
    let without = ["nntp", "digest", "task"].map(|runner| format!("[runner.{runner}]\nstart: no\n")).concat();
    format!(
        "[mailman]
site_owner: ada@{DOMAIN}
layout: here
[paths.here]
var_dir: {place}/var
bin_dir: /usr/lib/mailman3/bin
log_dir: {place}/log
etc_dir: {place}
pid_file: {place}/master.pid
[database]
class: mailman.database.sqlite.SQLiteDatabase
url: sqlite:///{place}/mailman.db
[webservice]
hostname: 127.0.0.1
port: {rest}
admin_user: rest
admin_pass: rest
[mta]
incoming: mailman.mta.null.NullMTA
outgoing: mailman.mta.deliver.deliver
smtp_host: 127.0.0.1
smtp_port: {mta}
lmtp_host: 127.0.0.1
lmtp_port: {lmtp}
{quick}{without}"
    )
}

/// One request to Mailman's own interface; it must be granted.
fn ask(port: u16, method: &str, path: &str, form: &str) {
    // `rest:rest`
    let head =
        "Host: localhost\r\nAuthorization: Basic cmVzdDpyZXN0\r\nContent-Type: application/x-www-form-urlencoded";
    let request = format!("{method} /3.1/{path} HTTP/1.0\r\n{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len());
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("Mailman listens");
    socket.write_all(request.as_bytes()).expect("Mailman reads");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("Mailman answers");
    let granted = answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
    assert!(granted, "{method} {path} {form}: {answer}");
}
