//! Where a secret is kept: never in the configuration itself, never on a command line.

use super::Program;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs};
use tokio::time::timeout;

/// How long a command may take to fetch a token.
const PATIENCE: Duration = Duration::from_secs(30);

/// The place of a password or token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The name of an environment variable.
    Environment(String),
    /// A file that only its owner may read; line ends at its end do not count.
    File(PathBuf),
    /// A program and its arguments: it prints the secret.
    Command(Program),
}

impl Secret {
    /// Errors are sentences for the operator; they never hold the secret.
    pub(super) async fn read(&self) -> Result<String, String> {
        let text = match self {
            Secret::Environment(name) => {
                env::var(name).map_err(|error| format!("the environment variable {name} gives no password: {error}"))?
            }
            Secret::File(path) => read_file(path)?,
            Secret::Command(program) => ask(program).await?,
        };
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let name = path.display();
    let unreadable = |error| format!("the password file `{name}` cannot be read: {error}");
    // systemd guards its credentials by other means than the mode (LoadCredential= in systemd.exec(5)).
    let guarded = env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| path.starts_with(dir));
    if !guarded && fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(format!("others may read the password file `{name}`: run `chmod 600 {name}`"));
    }
    fs::read_to_string(path).map_err(unreadable)
}

async fn ask(program: &Program) -> Result<String, String> {
    let Some(mut command) = program.command() else { return Err("the token command is empty".to_owned()) };
    let name = program.name().unwrap_or_default();
    let output = match timeout(PATIENCE, command.stderr(Stdio::inherit()).output()).await {
        Ok(output) => output.map_err(|error| format!("the token command `{name}` cannot be run: {error}"))?,
        Err(_) => return Err(format!("the token command `{name}` gave no token in {} s", PATIENCE.as_secs())),
    };
    if !output.status.success() {
        return Err(format!("the token command `{name}` failed ({}): run it by hand", output.status));
    }
    match String::from_utf8(output.stdout) {
        Ok(text) if !text.trim().is_empty() => Ok(text),
        _ => Err(format!("the token command `{name}` printed no token: run it by hand")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(script: &str) -> Secret {
        Secret::Command(["sh", "-c", script].map(str::to_owned).to_vec().into())
    }

    #[tokio::test]
    async fn a_token_command_prints_the_token() {
        assert_eq!(printed("echo ya29.token").read().await, Ok("ya29.token".to_owned()));
        assert!(printed("exit 3").read().await.unwrap_err().contains("failed (exit status: 3)"));
        assert!(printed("true").read().await.unwrap_err().contains("printed no token"));
        let missing = Secret::Command(vec!["/no/such/program".to_owned()].into());
        assert!(missing.read().await.unwrap_err().contains("cannot be run"));
    }
}
