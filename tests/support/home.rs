//! A home for servers that tests start: a temporary directory, ports of the loopback, and an end.
//!
//! The servers are stopped by a watcher that waits for the end of a pipe this process holds: however the tests end,
//! killed included, the pipe ends too. What a server says is in `NAME.log`, and is shown when the test fails.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many bytes of each log are shown.
const SHOWN: usize = 8000;

/// Asks every server to end, ends those that do not within five seconds, and removes the home.
const WATCH: &str = r#"
trap '' INT TERM HUP
cat
running() { for pid in $(cat pids/* 2>/dev/null); do kill -0 "$pid" 2>/dev/null && echo "$pid"; done; }
for server in pids/*; do [ -e "$server" ] && kill -s "${server##*.}" "$(cat "$server")" 2>/dev/null; done
for _ in $(seq 100); do [ -z "$(running)" ] && break; sleep 0.05; done
kill -9 $(running) 2>/dev/null
cd / && rm -rf "$1"
"#;

pub struct Home {
    path: PathBuf,
    watcher: Child,
}

impl Home {
    pub fn new(name: &str) -> Home {
        let path = tempfile::Builder::new().prefix(&format!("rapporteur-{name}-")).tempdir();
        let path = path.expect("a temporary directory").keep();
        // Servers work as users of their own.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own directory");
        fs::create_dir(path.join("pids")).expect("a new directory");
        let watcher = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .arg(&path)
            .current_dir(&path)
            // Signals for the tests are not for it, and nobody who reads our output must wait for it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh, to watch over servers");
        Home { path, watcher }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a server in the foreground and waits until it is ready. `signal` (`TERM`) is what ends it.
    pub fn start(&self, name: &str, signal: &str, command: &[&str], ready: impl Fn() -> bool) {
        let pid = self.path.join("pids").join(format!("{name}.{signal}"));
        let log = self.path.join(format!("{name}.log"));
        let said = fs::File::create(&log).expect("a log");
        // The shell becomes the server: no moment in which it runs and nobody knows its pid.
        let mut server = Command::new("sh")
            .args(["-c", r#"echo $$ >"$0"; exec "$@""#])
            .arg(&pid)
            .args(command)
            .current_dir(&self.path)
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("a log"))
            .stderr(said)
            .spawn()
            .expect("sh, to start a server");
        // Somebody has to ask for its exit code, or it would seem to live on.
        let end = std::thread::spawn(move || server.wait());
        let started = Instant::now();
        while !ready() {
            assert!(!end.is_finished(), "{name} does not start: {:?}", end.join());
            assert!(started.elapsed() < PATIENCE, "{name} is not ready after {PATIENCE:?}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Home {
    /// Waits, so that a test leaves nothing behind; one that fails shows what the servers said.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let files = fs::read_dir(&self.path).into_iter().flatten().flatten().map(|file| file.path());
            for log in files.filter(|path| path.extension().is_some_and(|name| name == "log")) {
                let said = fs::read(&log).unwrap_or_default();
                let end = &said[said.len().saturating_sub(SHOWN)..];
                println!("{}:\n{}", log.display(), String::from_utf8_lossy(end));
            }
        }
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

/// A port nobody listens on, below those that Linux gives to connections: nobody gets it between our looking and the
/// server's start, but another test that looks at the same moment, which begins elsewhere.
pub fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 600) as u16 * 20;
    let ports = std::iter::repeat_with(|| 20_000 + (first + TRIED.fetch_add(1, Ordering::Relaxed)) % 12_000);
    ports.take(12_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// Runs a command to its end and returns its output; it must succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
