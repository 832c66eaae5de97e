//! No secret gets out: the program with canaries in every place where it keeps one, through successes and failures, with
//! `RAPPORTEUR_LOG=trace`. Nothing that it prints, logs, exports, or passes to what it starts, holds one; and no log tells
//! of a mail's words or of whole addresses.

#[path = "support/apt.rs"]
mod apt;
#[path = "support/home.rs"]
mod home;
#[path = "support/postgres.rs"]
mod postgres;

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use rapporteur::store::Store;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const SMTP_PASSWORD: &str = "canary-smtp-password-71b6";
const IMAP_PASSWORD: &str = "canary-imap-password-09d4";
const IMAP_TOKEN: &str = "canary-imap-token-5c3e";
const POSTGRES_PASSWORD: &str = "canary-postgres-password-a2f0";
const DKIM_KEY: &str = include_str!("support/dkim/ed25519.pem");
/// What a log may never hold: an address that wrote, and words of its mail.
const ADDRESS: &str = "ada@example.org";
const WORDS: &str = "canary words of a mail";

// What must stay inside.

/// Every secret, under each form that it could have outside.
#[derive(Clone)]
struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    fn new() -> Canaries {
        let key = DKIM_KEY.lines().find(|line| !line.starts_with('-')).expect("the key").to_owned();
        let mut canaries = vec![("the DKIM key", key)];
        for (name, secret) in [
            ("the SMTP password", SMTP_PASSWORD),
            ("the IMAP password", IMAP_PASSWORD),
            ("the IMAP token", IMAP_TOKEN),
            ("the password of PostgreSQL", POSTGRES_PASSWORD),
        ] {
            canaries.push((name, secret.to_owned()));
            // Within something longer it can be encoded in three ways, but for its ends.
            let ways = (0..3).map(|shift| BASE64.encode(&[&vec![0; shift], secret.as_bytes()].concat()));
            canaries.extend(ways.map(|way| (name, way[4..way.len() - 4].to_owned())));
        }
        Canaries(canaries)
    }

    /// The secret of an instance, too, in each form that the program writes bytes in.
    async fn and_of(mut self, database: &str) -> Canaries {
        let store = Store::open_existing(database).await.expect("the database");
        let secret = *store.secret();
        store.close().await;
        let base32 = BASE32_NOPAD.encode(&secret);
        for form in
            [HEXLOWER.encode(&secret), BASE64.encode(&secret), base32.to_lowercase(), base32, format!("{secret:?}")]
        {
            self.0.push(("the instance's secret", form));
        }
        self
    }

    #[track_caller]
    fn absent(&self, of: &str, text: &str) {
        for (name, canary) in &self.0 {
            assert!(!text.contains(canary), "{of} tells {name}:\n{text}");
        }
    }

    #[track_caller]
    fn absent_from_log(&self, of: &str, log: &str) {
        self.absent(of, log);
        let line = log.lines().find(|line| line.contains(ADDRESS) || line.contains(WORDS));
        assert_eq!(line, None, "{of} tells of a mail on its log");
    }
}

// Servers that take every login, or none.

/// What a server says to a line; `None` ends the connection.
type Says = fn(&str) -> Option<String>;

/// SMTP. Its words hold an address wherever they may.
fn smtp(line: &str) -> Option<String> {
    let word = line.split([' ', ':']).next().unwrap_or_default();
    Some(match word {
        "" => "220 mail.example.org for ada@example.org".into(),
        "EHLO" => "250-mail.example.org\r\n250 AUTH PLAIN".into(),
        "AUTH" => "235 welcome".into(),
        "DATA" => "354 go on".into(),
        "QUIT" => "221 bye".into(),
        "." | "MAIL" | "RCPT" | "RSET" => "250 ok, ada@example.org".into(),
        // The mail itself.
        _ => return Some(String::new()),
    })
}
fn smtp_without_login(line: &str) -> Option<String> {
    if line.starts_with("AUTH") { Some("535 5.7.8 ada@example.org, who are you?".into()) } else { smtp(line) }
}
fn smtp_without_recipients(line: &str) -> Option<String> {
    if line.starts_with("RCPT") { Some("550 5.1.1 <ada@example.org> is unknown".into()) } else { smtp(line) }
}
fn smtp_that_repeats(line: &str) -> Option<String> {
    if line.starts_with("AUTH") { Some(format!("421 4.7.0 not now: {line}")) } else { smtp(line) }
}
fn smtp_that_ends(line: &str) -> Option<String> {
    if line.starts_with("MAIL") { None } else { smtp(line) }
}

/// IMAP, as far as the login, and a folder with nothing in it.
fn imap(line: &str) -> Option<String> {
    let (tag, rest) = line.split_once(' ').unwrap_or((line, ""));
    let word = rest.split(' ').next().unwrap_or_default();
    Some(match (tag, word) {
        ("", _) => "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2] for ada@example.org".into(),
        (_, "CAPABILITY") => format!("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2\r\n{tag} OK done"),
        (_, "AUTHENTICATE" | "LOGIN") => format!("{tag} OK ada@example.org is in"),
        (_, "LOGOUT") => return None,
        _ => format!("{tag} NO not for ada@example.org"),
    })
}
fn imap_without_login(line: &str) -> Option<String> {
    match line.split_once(' ') {
        Some((tag, rest)) if rest.starts_with("AUTHENTICATE") => {
            Some(format!("{tag} NO ada@example.org, who are you?"))
        }
        _ => imap(line),
    }
}
fn imap_that_repeats(line: &str) -> Option<String> {
    match line.split_once(' ') {
        Some((tag, rest)) if rest.starts_with("AUTHENTICATE") => Some(format!("{tag} BAD what is {rest}?")),
        _ => imap(line),
    }
}

struct Server {
    address: SocketAddr,
    logins: Arc<AtomicUsize>,
}

/// Serves with TLS until the test ends.
async fn server(says: Says) -> Server {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("support/tls/good.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("support/tls/key.pem")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, logins) = (listener.local_addr().expect("an address"), Arc::new(AtomicUsize::new(0)));
    let count = logins.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, count) = (acceptor.clone(), count.clone());
            tokio::spawn(async move {
                let mut wire = BufReader::new(acceptor.accept(socket).await.ok()?);
                let mut line = String::new();
                loop {
                    let answer = says(line.trim_end())?;
                    if !answer.is_empty() {
                        wire.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
                        wire.flush().await.ok()?;
                    }
                    line.clear();
                    if wire.read_line(&mut line).await.ok()? == 0 {
                        return None::<()>;
                    }
                    count.fetch_add(usize::from(line.contains("AUTH")), Ordering::Relaxed);
                }
            });
        }
    });
    Server { address, logins }
}

// The program.

struct Summit(tempfile::TempDir);

impl Summit {
    /// Its configuration has a secret of each kind: two IMAP mailboxes, SMTP, DKIM, and this database.
    fn new(imap: &Server, smtp: &Server, database: &str) -> Summit {
        let home = tempfile::tempdir().expect("a directory");
        let secret = |name: &str, text: &str| {
            fs::write(home.path().join(name), text).expect("a secret");
            fs::set_permissions(home.path().join(name), fs::Permissions::from_mode(0o600)).expect("our own file");
        };
        secret("imap-password", IMAP_PASSWORD);
        secret("imap-token", IMAP_TOKEN);
        secret("dkim.pem", DKIM_KEY);
        secret("ca.pem", include_str!("support/tls/ca.pem"));
        for dir in ["inbox/new", "inbox/cur", "inbox/tmp"] {
            fs::create_dir_all(home.path().join(dir)).expect("a Maildir");
        }
        let text = format!(
            r#"name = "Rapporteur"
address = "rapporteur@example.org"
database = "{database}"
[[mailbox]]
kind = "maildir"
path = "inbox"
[[mailbox]]
kind = "imap"
host = "localhost"
port = {imap}
user = "robot"
password_file = "imap-password"
ca_file = "ca.pem"
[[mailbox]]
kind = "imap"
host = "localhost"
port = {imap}
folder = "Other"
user = "robot"
token_command = ["sh", "-c", "env >token-saw; cat imap-token"]
ca_file = "ca.pem"
[transport]
kind = "smtp"
host = "localhost"
port = {smtp}
user = "robot"
password_env = "SMTP_PASSWORD"
ca_file = "ca.pem"
[dkim]
key_file = "dkim.pem"
selector = "mail2027"
[trust]
organisers = "list"

[[list]]
address = "devel@lists.example.org"
[[summit]]
slug = "summit2027"
name = "Design Summit 2027"
lists = ["devel@lists.example.org"]
organisers = ["olga@example.org"]
"#,
            imap = imap.address.port(),
            smtp = smtp.address.port(),
        );
        fs::write(home.path().join("rapporteur.toml"), text).expect("the configuration");
        let summit = Summit(home);
        let mail = format!(
            "From: Ada <{ADDRESS}>\nTo: devel@lists.example.org\nSubject: [TOPIC] Console\nMessage-ID: \
             <console@example.org>\n\n{WORDS}\n\n#session nonsense {WORDS}\n"
        );
        fs::write(summit.mail(), mail).expect("a mail");
        summit
    }

    fn mail(&self) -> PathBuf {
        self.0.path().join("inbox/new/1.mail")
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.0.path().join("rapporteur.db").display())
    }

    /// A command that tells everything.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapporteur"));
        command.args(args).args(["--config", "rapporteur.toml"]).current_dir(self.0.path());
        command.env("RAPPORTEUR_LOG", "trace").env("SMTP_PASSWORD", SMTP_PASSWORD).env("RUST_BACKTRACE", "full");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Every command that shows something.
    fn look(&self, canaries: &Canaries) {
        let mail = self.mail().display().to_string();
        self.say(
            canaries,
            &[
                &["once"],
                &["check"],
                &["status"],
                &["sessions"],
                &["show", "S-1"],
                &["export", "json"],
                &["explain", &mail],
                &["outbox", "list"],
                &["outbox", "show", "1"],
                &["replay"],
            ],
        );
    }

    fn say(&self, canaries: &Canaries, commands: &[&[&str]]) {
        for args in commands {
            let ran = self.command(args).output().expect("the program starts");
            let [out, err] = [&ran.stdout, &ran.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
            canaries.absent(&format!("{args:?}"), &out);
            // A command's errors are its answer, and tell what a server said; the rest is the log.
            let (answer, log): (Vec<&str>, Vec<&str>) = err.lines().partition(|line| line.starts_with("rapporteur: "));
            canaries.absent(&format!("{args:?}"), &answer.join("\n"));
            canaries.absent_from_log(&format!("{args:?}"), &log.join("\n"));
        }
    }

    /// The daemon for a while: its log, and the arguments of itself and of what it starts.
    fn live(&self, canaries: &Canaries) {
        let log = self.0.path().join("log");
        let file = fs::File::create(&log).expect("a log");
        let told = self.0.path().join("notify");
        let manager = UnixDatagram::bind(&told).expect("a socket");
        manager.set_nonblocking(true).expect("a socket");
        let mut daemon = self
            .command(&["run"])
            .env("NOTIFY_SOCKET", told)
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the program starts");
        let id = daemon.id();
        let mut arguments = String::new();
        for _ in 0..24 {
            for process in fs::read_dir("/proc").expect("the processes").flatten() {
                let status = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
                let mut behind_name = status.rsplit(')').next().unwrap_or_default().split_whitespace();
                let parent = behind_name.nth(1).and_then(|parent| parent.parse().ok());
                if process.file_name().to_string_lossy() == id.to_string() || parent == Some(id) {
                    arguments += &fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
                }
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        assert!(arguments.contains("run"), "{arguments}");
        canaries.absent("a list of arguments", &arguments);
        let stop = Command::new("kill").args(["-TERM", &id.to_string()]).status().expect("kill");
        assert!(stop.success(), "it ran until now");
        daemon.wait().expect("it ends");
        let mut piece = [0; 4096];
        let mut status = String::new();
        while let Ok(size) = manager.recv(&mut piece) {
            status += &String::from_utf8_lossy(&piece[..size]);
        }
        assert!(status.contains("STATUS="), "{status}");
        canaries.absent_from_log("the status for systemd", &status);
        let log = String::from_utf8_lossy(&fs::read(log).expect("a log")).into_owned();
        assert!(log.contains("DEBUG") && log.contains("ready"), "everything is told: {log}");
        canaries.absent_from_log("the daemon", &log);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_told_whatever_the_servers_do() {
    let cases: [(Says, Says); 5] = [
        (imap, smtp),
        (imap_without_login, smtp_without_login),
        (imap_that_repeats, smtp_that_repeats),
        (imap, smtp_without_recipients),
        (imap, smtp_that_ends),
    ];
    for (imap, smtp) in cases {
        let (imap, smtp) = (server(imap).await, server(smtp).await);
        let summit = Summit::new(&imap, &smtp, "sqlite:rapporteur.db");
        tokio::task::block_in_place(|| summit.command(&["once"]).output().expect("the program starts"));
        let canaries = Canaries::new().and_of(&summit.database()).await;
        tokio::task::block_in_place(|| {
            summit.look(&canaries);
            summit.live(&canaries);
        });
        for server in [imap, smtp] {
            assert!(server.logins.load(Ordering::Relaxed) > 0, "the secrets were needed");
        }
    }
}

/// What a program of ours found in its environment: what the system has there, and no password.
fn is_shown_no_password(summit: &Summit, saw: &str) {
    let saw = fs::read_to_string(summit.0.path().join(saw)).expect("it was started");
    assert!(saw.contains("PATH=") && saw.contains("RAPPORTEUR_LOG="), "{saw}");
    assert!(!saw.contains("SMTP_PASSWORD") && !saw.contains(SMTP_PASSWORD), "{saw}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_start_is_not_shown_a_password_of_our_environment() {
    let (imap, smtp) = (server(imap).await, server(smtp).await);
    let summit = Summit::new(&imap, &smtp, "sqlite:rapporteur.db");
    tokio::task::block_in_place(|| {
        summit.command(&["once"]).output().expect("the program starts");
        is_shown_no_password(&summit, "token-saw");

        let path = summit.0.path().join("rapporteur.toml");
        let text = fs::read_to_string(&path).expect("the configuration");
        let (above, transport) = text.split_once("[transport]").expect("a transport");
        let (_, below) = transport.split_once("[dkim]").expect("a key");
        let above = above.replacen("password_file = \"imap-password\"", "password_env = \"SMTP_PASSWORD\"", 1);
        let sendmail =
            "[transport]\nkind = \"sendmail\"\ncommand = [\"sh\", \"-c\", \"env >sendmail-saw; cat >mail\"]\n";
        fs::write(&path, format!("{above}{sendmail}[dkim]{below}")).expect("the configuration");
        fs::write(summit.mail().with_file_name("2.mail"), "From: Ada <ada@example.org>\nTo: devel@lists.example.org\nSubject: [TOPIC] Serial\nMessage-ID: <serial@example.org>\n\nHi\n").expect("a mail");
        summit.command(&["outbox", "release", "--all"]).output().expect("the program starts");
        summit.command(&["once", "--now", "2099-01-01T00:00:00Z"]).output().expect("the program starts");
        is_shown_no_password(&summit, "sendmail-saw");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_of_postgresql_is_told() {
    let (imap, smtp) = (server(imap).await, server(smtp).await);
    let canaries = Canaries::new();
    let sound = postgres::database().replace("rapporteur@", &format!("rapporteur:{POSTGRES_PASSWORD}@"));
    let elsewhere = |rest: &str| format!("postgres://rapporteur:{POSTGRES_PASSWORD}@{rest}");
    let summit = Summit::new(&imap, &smtp, &sound);
    tokio::task::block_in_place(|| {
        summit.look(&canaries);
        summit.live(&canaries);
    });
    for database in [
        sound.replace("rapporteur:", "nobody:"),
        elsewhere("127.0.0.1:port/none"),
        elsewhere("localhost/none").replace("postgres:", "mysql:"),
        // The configuration itself cannot be read.
        elsewhere("localhost/none\" and more"),
    ] {
        let summit = Summit::new(&imap, &smtp, &database);
        tokio::task::block_in_place(|| summit.say(&canaries, &[&["status"], &["check"], &["run"]]));
    }
}
