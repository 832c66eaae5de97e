//! Hands mail to the machine's own mail system through its `sendmail` program.

use super::{Finding, Sending, local_line_ends};
use crate::mail::Address;
use crate::wire::Program;
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin};

/// How long the program may take. It only queues the mail, so this is generous.
const PATIENCE: Duration = Duration::from_secs(300);
/// How much of what it complains is read, in bytes.
const COMPLAINT: u64 = 4096;
/// "A temporary failure, the user is invited to retry", of `sysexits.h`.
const EX_TEMPFAIL: i32 = 75;

/// Runs `COMMAND… -i -f FROM -- RECIPIENT` with the mail on its standard input.
pub async fn send(program: &Program, envelope_from: Option<&Address>, recipient: &Address, bytes: &[u8]) -> Sending {
    let Some(mut command) = program.command() else {
        return Sending::Unavailable("no sendmail command is configured".to_owned());
    };
    let program = program.name().unwrap_or_default();
    let spawned = command
        .args(["-i", "-f", envelope_from.map_or("<>", Address::as_str), "--", recipient.as_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Sending::Unavailable(format!("`{program}` cannot be started: {error}")),
    };
    let (input, complaints) = (child.stdin.take(), child.stderr.take());
    let mail = local_line_ends(bytes);
    let run = async { tokio::join!(feed(input, &mail), first_line(complaints), child.wait()) };
    match tokio::time::timeout(PATIENCE, run).await {
        Err(_) => Sending::Unknown(format!("`{program}` did not end within {} s and was killed", PATIENCE.as_secs())),
        Ok((_, _, Err(error))) => Sending::Unknown(format!("how `{program}` ended is not known: {error}")),
        Ok((fed, complaint, Ok(status))) => judge(program, fed, &complaint, status),
    }
}

/// What the exit code means. Without one the program was killed, perhaps after it had queued the mail.
fn judge(program: &str, fed: bool, complaint: &str, status: ExitStatus) -> Sending {
    let said = format!("`{program}` ended with {status}{complaint}");
    match status.code() {
        Some(0) if fed => Sending::Sent(format!("`{program}` took it")),
        Some(0) => Sending::Deferred(format!("`{program}` ended without reading the whole mail")),
        Some(EX_TEMPFAIL) => Sending::Deferred(said),
        Some(_) => Sending::Rejected(said),
        None => Sending::Unknown(said),
    }
}

/// Whether the program read everything.
async fn feed(input: Option<ChildStdin>, mail: &[u8]) -> bool {
    let Some(mut input) = input else { return false };
    input.write_all(mail).await.is_ok() && input.shutdown().await.is_ok()
}

/// The first line of its complaint, as the end of a sentence; the rest is read so that it is never stuck on us.
async fn first_line(complaints: Option<ChildStderr>) -> String {
    let Some(mut complaints) = complaints else { return String::new() };
    let mut start = Vec::new();
    // What could be read of a complaint is enough of it.
    let _ = (&mut complaints).take(COMPLAINT).read_to_end(&mut start).await;
    let _ = tokio::io::copy(&mut complaints, &mut tokio::io::sink()).await;
    let start = String::from_utf8_lossy(&start);
    start.lines().map(str::trim).find(|line| !line.is_empty()).map_or_else(String::new, |line| format!(": {line}"))
}

/// Whether the program is there and may be run.
pub fn check(program: &Program) -> Option<Finding> {
    let Some(program) = program.name() else {
        return Some(Finding {
            what: "no sendmail command is configured".to_owned(),
            fix: "name one, for example `[\"/usr/sbin/sendmail\"]`".to_owned(),
        });
    };
    let places: Vec<PathBuf> = match program.contains('/') {
        true => vec![PathBuf::from(program)],
        false => env::split_paths(&env::var_os("PATH").unwrap_or_default()).map(|dir| dir.join(program)).collect(),
    };
    (!places.iter().any(|place| is_program(place))).then(|| Finding {
        what: format!("`{program}` is no program that can be run"),
        fix: "install a mail system that brings `sendmail`, or correct the path".to_owned(),
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
