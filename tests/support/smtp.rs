//! A small SMTP server that fails where it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Where in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Greeting,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    /// While the mail is sent: the server stops reading.
    Block,
    /// The answer to the final dot.
    Dot,
    Rset,
}

/// What the server does instead of answering as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Say(&'static str),
    Close,
    Hang,
}

/// What one server was sent.
#[derive(Default)]
pub struct Seen {
    pub commands: Vec<String>,
    /// The bytes between DATA and the final dot, as they came over the wire.
    pub mails: Vec<Vec<u8>>,
    pub connections: usize,
}

pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Serves until the test ends. The fault shows each time its phase is reached.
    pub async fn start(fault: Option<(Phase, Fault)>, offers: &'static str) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = seen.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                socket.set_nodelay(true).unwrap();
                shared.lock().unwrap().connections += 1;
                let shared = shared.clone();
                tokio::spawn(async move { serve(socket, fault, offers, true, shared).await });
            }
        });
        Server { address, seen }
    }

    pub fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }

    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().mails.clone()
    }
}

/// One connection. `None` at the end of it, however it ended.
pub async fn serve(
    socket: impl AsyncRead + AsyncWrite + Unpin,
    fault: Option<(Phase, Fault)>,
    offers: &str,
    greet: bool,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    let mut wire = BufReader::new(socket);
    if greet {
        reply(&mut wire, fault, Phase::Greeting, "220 mail.example.org ready").await?;
    }
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        seen.lock().unwrap().commands.push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                reply(&mut wire, fault, Phase::Ehlo, &format!("250-mail.example.org\r\n{offers}250 HELP")).await?
            }
            "MAIL" => reply(&mut wire, fault, Phase::Mail, "250 sender ok").await?,
            "RCPT" => reply(&mut wire, fault, Phase::Rcpt, "250 recipient ok").await?,
            "RSET" => reply(&mut wire, fault, Phase::Rset, "250 forgotten").await?,
            // NUL robot NUL open sesame
            "AUTH" if line == "AUTH PLAIN AHJvYm90AG9wZW4gc2VzYW1l" => say(&mut wire, "235 welcome").await?,
            "AUTH" => say(&mut wire, "535 who are you").await?,
            "QUIT" => return say(&mut wire, "221 bye").await,
            "DATA" => {
                reply(&mut wire, fault, Phase::Data, "354 go on").await?;
                match fault {
                    Some((Phase::Block, Fault::Close)) => return None,
                    Some((Phase::Block, Fault::Hang)) => std::future::pending().await,
                    Some((Phase::Data, _)) => continue,
                    _ => {}
                }
                let mut mail = Vec::new();
                while !(mail == b".\r\n" || mail.ends_with(b"\r\n.\r\n")) {
                    if wire.read_until(b'\n', &mut mail).await.ok()? == 0 {
                        return None;
                    }
                }
                mail.truncate(mail.len() - b".\r\n".len());
                seen.lock().unwrap().mails.push(mail);
                reply(&mut wire, fault, Phase::Dot, "250 queued as 42").await?;
            }
            _ => say(&mut wire, "502 unknown").await?,
        }
    }
}

async fn reply(
    wire: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>,
    fault: Option<(Phase, Fault)>,
    phase: Phase,
    usual: &str,
) -> Option<()> {
    match fault {
        Some((at, Fault::Say(words))) if at == phase => say(wire, words).await,
        Some((at, Fault::Close)) if at == phase => None,
        Some((at, Fault::Hang)) if at == phase => std::future::pending().await,
        _ => say(wire, usual).await,
    }
}

pub async fn say(wire: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>, words: &str) -> Option<()> {
    wire.write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
    wire.flush().await.ok()
}
