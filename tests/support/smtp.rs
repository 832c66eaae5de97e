//! A small SMTP server that fails where it is told to, in clear, behind TLS and behind STARTTLS.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A second of a server that says a byte a second, for tests that wait for a few seconds in place of minutes.
const SECOND: Duration = Duration::from_millis(5);

/// Where in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// As soon as there is a connection, where TLS is to begin.
    Connect,
    Greeting,
    Ehlo,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// While the mail is sent.
    Block,
    /// The answer to the final dot.
    Dot,
    Rset,
}

/// What the server does instead of answering as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It goes away: the connection is closed, and no other is taken.
    Refuse,
    Close,
    Reset,
    Say(&'static str),
    /// What it should, a byte at a time.
    Slow,
    Hang,
}

/// What the server is.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// Shows each time its phase is reached, or only that time, counted from 1.
    pub fault: Option<(Phase, Fault)>,
    pub only: Option<usize>,
    /// Said in answer to EHLO; `OFFERS` behind TLS, too.
    pub offers: &'static [&'static str],
    /// Said in answer to EHLO once TLS has begun.
    pub offers_behind_tls: &'static [&'static str],
    pub tls: ServerTls,
    /// Slipped in behind the answer to STARTTLS.
    pub injects: &'static str,
    /// The certificate it shows, PEM.
    pub certificate: &'static str,
    /// What a login by LOGIN, PLAIN or a token must be, each step in base64.
    pub login: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerTls {
    Never,
    FromTheFirstByte,
    WhenAsked,
}

pub const SOUND: Script = Script {
    fault: None,
    only: None,
    offers: &[],
    offers_behind_tls: &[],
    tls: ServerTls::Never,
    injects: "",
    certificate: super::smtp_tls::CERTIFICATE,
    login: &[],
};

/// What one server was sent.
#[derive(Default)]
pub struct Seen {
    pub commands: Vec<String>,
    /// The bytes between DATA and the final dot, as they came over the wire.
    pub mails: Vec<Vec<u8>>,
    pub connections: usize,
    /// Several commands came at once.
    pub groups: usize,
    /// How often the phase of the fault was reached.
    reached: usize,
}

pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Serves until the test ends.
    pub async fn start(script: Script) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (shared, down) = (seen.clone(), Arc::new(Notify::new()));
        tokio::spawn(async move {
            loop {
                let socket = tokio::select! {
                    () = down.notified() => return,
                    accepted = listener.accept() => accepted.unwrap().0,
                };
                socket.set_nodelay(true).unwrap();
                if matches!(script.fault, Some((_, Fault::Reset))) {
                    // However it is closed, that is by a reset.
                    socket.set_zero_linger().unwrap();
                }
                shared.lock().unwrap().connections += 1;
                let (shared, down) = (shared.clone(), down.clone());
                tokio::spawn(async move { Connection { script, seen: shared, down }.serve(socket).await });
            }
        });
        if script.fault == Some((Phase::Connect, Fault::Refuse)) {
            drop(TcpStream::connect(address).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Server { address, seen }
    }

    pub fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }

    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().mails.clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

struct Connection {
    script: Script,
    seen: Arc<Mutex<Seen>>,
    down: Arc<Notify>,
}

/// A line as the server has it.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl Connection {
    /// `None` at the end of the connection, however it ended.
    async fn serve(&self, socket: TcpStream) -> Option<()> {
        let mut wire: BufReader<Box<dyn Wire>> = BufReader::new(Box::new(socket));
        if let Some((Phase::Connect, fault)) = self.script.fault {
            return self.fail(&mut wire, fault, "\u{16}\u{3}\u{3}\u{40}this handshake takes its time").await;
        }
        if self.script.tls == ServerTls::FromTheFirstByte {
            wire = self.encrypt(wire).await?;
            return self.talk(wire, true, self.script.offers).await;
        }
        self.talk(wire, true, self.script.offers).await
    }

    async fn encrypt(&self, wire: BufReader<Box<dyn Wire>>) -> Option<BufReader<Box<dyn Wire>>> {
        let encrypted = super::smtp_tls::acceptor(self.script.certificate).accept(wire.into_inner()).await.ok()?;
        Some(BufReader::new(Box::new(encrypted)))
    }

    async fn talk(
        &self,
        mut wire: BufReader<Box<dyn Wire>>,
        greets: bool,
        offers: &'static [&'static str],
    ) -> Option<()> {
        let mut offers = offers;
        if greets {
            self.reply(&mut wire, Phase::Greeting, "220 mail.example.org ready").await?;
        }
        loop {
            let line = self.line(&mut wire).await?;
            if !wire.buffer().is_empty() && !line.starts_with("RSET") {
                self.seen.lock().unwrap().groups += 1;
            }
            let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let offers: String = offers.iter().map(|offer| format!("250-{offer}\r\n")).collect();
                    self.reply(&mut wire, Phase::Ehlo, &format!("250-mail.example.org\r\n{offers}250 HELP")).await?;
                }
                "HELO" => match self.script.fault {
                    Some((Phase::Ehlo, Fault::Say(words))) if !words.starts_with("502") => {
                        say(&mut wire, words).await?
                    }
                    _ => say(&mut wire, "250 mail.example.org").await?,
                },
                "STARTTLS" => {
                    self.reply(&mut wire, Phase::Starttls, &format!("220 go on{}", self.script.injects)).await?;
                    if !matches!(self.script.fault, Some((Phase::Starttls, Fault::Say(_)))) {
                        wire = self.encrypt(wire).await?;
                        offers = self.script.offers_behind_tls;
                    }
                }
                "AUTH" => self.login(&mut wire, &line).await?,
                "MAIL" => self.reply(&mut wire, Phase::Mail, "250 sender ok").await?,
                "RCPT" => self.reply(&mut wire, Phase::Rcpt, "250 recipient ok").await?,
                "RSET" => self.reply(&mut wire, Phase::Rset, "250 forgotten").await?,
                "QUIT" => return say(&mut wire, "221 bye").await,
                "DATA" => self.mail(&mut wire).await?,
                _ => say(&mut wire, "502 unknown").await?,
            }
        }
    }

    async fn line(&self, wire: &mut BufReader<Box<dyn Wire>>) -> Option<String> {
        let mut line = String::new();
        if wire.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        self.seen.lock().unwrap().commands.push(line.clone());
        Some(line)
    }

    /// `AUTH WAY [FIRST]`, then what is asked for with 334.
    async fn login(&self, wire: &mut BufReader<Box<dyn Wire>>, command: &str) -> Option<()> {
        let mut given: Vec<String> = command.split(' ').skip(2).map(str::to_owned).collect();
        while given.len() < self.script.login.len() {
            say(wire, "334 ").await?;
            given.push(self.line(wire).await?);
        }
        if given == self.script.login {
            return self.reply(wire, Phase::Auth, "235 welcome").await;
        }
        if command.contains("OAUTH") {
            // {"status":"401"}; the client has to say something first.
            say(wire, "334 eyJzdGF0dXMiOiI0MDEifQ==").await?;
            self.line(wire).await?;
        }
        say(wire, "535 who are you").await
    }

    async fn mail(&self, wire: &mut BufReader<Box<dyn Wire>>) -> Option<()> {
        let refused = match self.script.fault {
            Some((Phase::Mail | Phase::Rcpt, Fault::Say(words))) => words.starts_with(['4', '5']),
            _ => false,
        };
        if refused && self.script.only.is_none() && !self.script.offers.contains(&"X-ANYTHING-GOES") {
            return say(wire, "554 no valid recipients").await;
        }
        let here = |(at, _): &(Phase, Fault)| matches!(at, Phase::Data | Phase::Block);
        let fault = self.script.fault.filter(here).filter(|_| self.is_time());
        match fault {
            Some((Phase::Data, fault)) => {
                self.fail(wire, fault, "354 go on").await?;
                if let Fault::Say(_) = fault {
                    return Some(());
                }
            }
            _ => say(wire, "354 go on").await?,
        }
        match fault {
            Some((Phase::Block, Fault::Slow)) => loop {
                wire.get_mut().read_u8().await.ok()?;
                tokio::time::sleep(SECOND).await;
            },
            Some((Phase::Block, Fault::Say(words))) => {
                wire.read_u8().await.ok()?;
                say(wire, words).await?;
                return std::future::pending().await;
            }
            Some((Phase::Block, fault)) => {
                wire.read_u8().await.ok()?;
                return self.fail(wire, fault, "").await;
            }
            _ => {}
        }
        let mut mail = Vec::new();
        while !(mail == b".\r\n" || mail.ends_with(b"\r\n.\r\n")) {
            if wire.read_until(b'\n', &mut mail).await.ok()? == 0 {
                return None;
            }
        }
        mail.truncate(mail.len() - b".\r\n".len());
        self.seen.lock().unwrap().mails.push(mail);
        self.reply(wire, Phase::Dot, "250 queued as 42").await
    }

    async fn reply(&self, wire: &mut BufReader<Box<dyn Wire>>, phase: Phase, usual: &str) -> Option<()> {
        match self.script.fault {
            Some((at, fault)) if at == phase && self.is_time() => self.fail(wire, fault, usual).await,
            _ => say(wire, usual).await,
        }
    }

    fn is_time(&self) -> bool {
        let mut seen = self.seen.lock().unwrap();
        seen.reached += 1;
        self.script.only.is_none_or(|only| only == seen.reached)
    }

    async fn fail(&self, wire: &mut BufReader<Box<dyn Wire>>, fault: Fault, usual: &str) -> Option<()> {
        match fault {
            Fault::Say(words) => say(wire, words).await,
            Fault::Close | Fault::Reset => None,
            Fault::Refuse => {
                self.down.notify_one();
                tokio::time::sleep(Duration::from_millis(20)).await;
                None
            }
            Fault::Slow => {
                for byte in format!("{usual}\r\n").bytes() {
                    wire.write_all(&[byte]).await.ok()?;
                    wire.flush().await.ok()?;
                    tokio::time::sleep(SECOND).await;
                }
                Some(())
            }
            Fault::Hang => std::future::pending().await,
        }
    }
}

async fn say(wire: &mut BufReader<Box<dyn Wire>>, words: &str) -> Option<()> {
    wire.write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
    wire.flush().await.ok()
}
