//! A PostgreSQL of our own: one server for each test binary, one fresh database for each test. Without fsync.

use crate::apt::{is_root, need};
use crate::home::{Home, free_port, run};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

struct Server {
    port: u16,
    programs: PathBuf,
    _home: Home,
}

/// The address of a new, empty database.
pub fn database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(start);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let port = server.port.to_string();
    run(Command::new(server.programs.join("createdb")).args([
        "-h",
        "127.0.0.1",
        "-p",
        &port,
        "-U",
        "rapporteur",
        "-w",
        &name,
    ]));
    format!("postgres://rapporteur@127.0.0.1:{port}/{name}")
}

fn start() -> Server {
    let programs = need(&["postgresql"], programs);
    let home = Home::new("postgres");
    let place = home.path().display().to_string();
    let program = |name: &str| programs.join(name).display().to_string();
    // initdb and the server refuse to run as root.
    let owner: &[&str] = if is_root() {
        run(Command::new("chown").args(["postgres", &place]));
        &["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    } else {
        &["env"]
    };
    let data = format!("{place}/data");
    let initdb = [&program("initdb"), "-D", &data, "-U", "rapporteur", "-A", "trust", "-E", "UTF8"];
    run(Command::new(owner[0]).args(&owner[1..]).args(initdb).args(["--no-locale", "--no-sync"]).current_dir(&place));
    let port = free_port();
    let number = port.to_string();
    let server = [&program("postgres"), "-D", &data, "-h", "127.0.0.1", "-p", &number, "-k", &place];
    let settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"];
    let settings = settings.iter().flat_map(|setting| ["-c", setting]);
    let command: Vec<&str> = owner.iter().copied().chain(server).chain(settings).collect();
    let is_ready = program("pg_isready");
    // QUIT is the immediate shutdown: it waits for nobody.
    home.start("postgres", "QUIT", &command, || {
        let mut asked = Command::new(&is_ready);
        let status = asked.args(["-q", "-h", "127.0.0.1", "-p", &number]).stdin(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    });
    Server { port, programs, _home: home }
}

/// The newest `/usr/lib/postgresql/*/bin`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let paths = versions.flatten().map(|version| version.path().join("bin"));
    paths.filter(|path| path.join("initdb").exists()).max_by_key(|path| {
        let version = path.parent().and_then(|path| path.file_name()?.to_str()?.parse::<u32>().ok());
        version.unwrap_or(0)
    })
}
