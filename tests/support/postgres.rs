//! A PostgreSQL of our own: one server for each test binary, one fresh database for each test.
//!
//! The server lives in a temporary directory, on a free port of the loopback, without fsync. It is stopped by a watcher
//! that waits for the end of a pipe this process holds: however the tests end, killed included, the pipe ends too.
//! Where PostgreSQL is missing it is installed (Debian, as root); where it cannot be had the tests fail and say why.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

struct Server {
    port: u16,
    /// Holds the pipe, never written to: see above.
    _watcher: Child,
}

/// The address of a new, empty database.
pub fn database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(start);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let port = server.port.to_string();
    let mut create = Command::new(programs().join("createdb"));
    run(create.args(["-h", "127.0.0.1", "-p", &port, "-U", "rapporteur", "-w", &name]));
    format!("postgres://rapporteur@127.0.0.1:{port}/{name}")
}

fn start() -> Server {
    let programs = match find_programs() {
        Some(programs) => programs,
        None => install(),
    };
    let home = tempfile::Builder::new().prefix("rapporteur-postgres-").tempdir().expect("a temporary directory").keep();
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(&home));
    }
    let mut server = Server { port: 0, _watcher: watch(&programs, &home) };
    let data = home.join("data");
    let initdb = programs.join("initdb");
    let initdb = initdb.to_str().expect("a path in UTF-8");
    run(as_owner(initdb, &home).arg("-D").arg(&data).args([
        "-U",
        "rapporteur",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]));
    // Somebody else may take the port between our looking and the server's start.
    for _ in 0..5 {
        server.port = free_port();
        let options = format!(
            "-c listen_addresses=127.0.0.1 -p {} -k {} -c fsync=off -c synchronous_commit=off \
             -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB",
            server.port,
            home.display()
        );
        let pg_ctl = programs.join("pg_ctl");
        let started = as_owner(pg_ctl.to_str().expect("a path in UTF-8"), &home)
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(home.join("log"))
            .args(["-w", "-o", &options, "start"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if started.is_ok_and(|status| status.success()) {
            return server;
        }
    }
    let log = fs::read_to_string(home.join("log")).unwrap_or_default();
    panic!("PostgreSQL does not start: {log}");
}

/// Stops the server and removes its directory when this process is gone.
fn watch(programs: &Path, home: &Path) -> Child {
    let pg_ctl = programs.join("pg_ctl");
    let data = home.join("data");
    let stop = format!("{} -D {} -m immediate stop", pg_ctl.display(), data.display());
    let stop = if is_root() { format!("runuser -u postgres -- {stop}") } else { stop };
    let script = format!("trap '' INT TERM HUP; cat; {stop}; rm -rf {}", home.display());
    Command::new("sh")
        .args(["-c", &script])
        .current_dir(home)
        // Signals for the tests are not for it, and nobody who reads our output must wait for it.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh, to watch over PostgreSQL")
}

/// `initdb` and the server refuse to run as root.
fn as_owner(program: &str, home: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(home).stdin(Stdio::null());
    command
}

fn programs() -> PathBuf {
    find_programs().expect("PostgreSQL is installed by now")
}

/// The newest `/usr/lib/postgresql/*/bin`.
fn find_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let paths = versions.flatten().map(|version| version.path().join("bin"));
    paths.filter(|path| path.join("initdb").exists()).max_by_key(|path| {
        let version = path.parent().and_then(|path| path.file_name()?.to_str()?.parse::<u32>().ok());
        version.unwrap_or(0)
    })
}

fn install() -> PathBuf {
    assert!(
        is_root(),
        "these tests need PostgreSQL: install it with `apt-get install postgresql`, or run them as root"
    );
    // Packages ask this program whether they may start daemons; 101 means no.
    let policy = Path::new("/usr/sbin/policy-rc.d");
    let ours = !policy.exists();
    if ours {
        fs::write(policy, "#!/bin/sh\nexit 101\n").expect("a policy that keeps PostgreSQL from starting by itself");
        run(Command::new("chmod").arg("755").arg(policy));
    }
    let apt = |arguments: &[&str]| {
        let status = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
        status.is_ok_and(|status| status.success())
    };
    let install = ["install", "-y", "--no-install-recommends", "postgresql"];
    let installed = apt(&install) || (apt(&["update"]) && apt(&install));
    if ours {
        fs::remove_file(policy).expect("the policy just written");
    }
    assert!(installed, "these tests need PostgreSQL, and `apt-get install postgresql` failed");
    find_programs().expect("/usr/lib/postgresql/*/bin after installing postgresql")
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("`id -u`");
    output.stdout == b"0\n"
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the address just bound").port()
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
