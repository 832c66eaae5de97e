//! chasquid: SMTP and submission in one program that needs no root. It delivers through Dovecot's delivery agent, and
//! pipes a list's mail into the list.

use super::mlmmj::List;
use super::{DOMAIN, HOST, PASSWORD, USERS, certificate, listens, program, script};
use crate::apt::need;
use crate::home::{Home, run};
use std::fs;
use std::process::Command;

/// Starts it on two ports, which lists have to know before: `smtp` takes mail for our domain from anybody, `submission`
/// wants STARTTLS and a login such as `ada@summit.test`.
pub fn start(home: &Home, smtp: u16, submission: u16, lists: &[List]) {
    let chasquid = need(&["chasquid"], || program("chasquid"));
    let place = home.path().join("chasquid");
    certificate(&place.join("certs").join(HOST));
    let domain = place.join("domains").join(DOMAIN);
    fs::create_dir_all(&domain).expect("our own directory");
    let (path, dovecot) = (place.display(), home.path().join("dovecot/dovecot.conf"));
    let settings = format!(
        r#"hostname: "{HOST}"
smtp_address: "127.0.0.1:{smtp}"
submission_address: "127.0.0.1:{submission}"
mail_delivery_agent_bin: "{path}/deliver"
mail_delivery_agent_args: "%to_user%"
data_dir: "{path}/data"
mail_log_path: "<stdout>"
dovecot_auth: false
"#
    );
    fs::write(place.join("chasquid.conf"), settings).expect("our own directory");
    let deliver = format!("#!/bin/sh\nexec /usr/lib/dovecot/dovecot-lda -c {} -d \"$1\"\n", dovecot.display());
    script(&place.join("deliver"), &deliver);
    script(&place.join("into-list"), INTO_LIST);
    let alias = |list: &List| format!("{}: | {path}/into-list {}@{DOMAIN} {}\n", list.name, list.name, list.receive);
    fs::write(domain.join("aliases"), lists.iter().map(alias).collect::<String>()).expect("our own directory");
    for user in USERS {
        let mut add = Command::new(program("chasquid-util").expect("it comes with chasquid"));
        let (user, password) = (format!("{user}@{DOMAIN}"), format!("--password={PASSWORD}"));
        run(add.args([format!("-C={path}"), "user-add".into(), user, password]));
    }
    let command = [chasquid.display().to_string(), format!("--config_dir={path}")];
    home.start("chasquid", "TERM", &command.each_ref().map(String::as_str), || listens(smtp) && listens(submission));
}

/// `into-list ADDRESS PROGRAM…`: adds the two headers that mlmmj wants and chasquid does not write. The envelope's sender
/// stands in chasquid's Received header.
const INTO_LIST: &str = r#"#!/bin/sh
address=$1; shift
mail=$(mktemp); trap 'rm -f "$mail"' EXIT; cat >"$mail"
sender=$(sed -n '1,12s/.*envelope from "\([^"]*\)").*/\1/p' "$mail" | head -1)
{ printf 'Return-Path: <%s>\nDelivered-To: %s\n' "$sender" "$address"; cat "$mail"; } | "$@"
"#;
