//! A small IMAP server that misbehaves where it is told to, and otherwise does what RFC 3501 says.
//!
//! What it holds and how it fails can be changed while a client is there. It notes every byte it gets.

mod answers;
mod faults;
mod tls;

pub use faults::{Fault, Phase};
pub use tls::{Before, ca};

use faults::play;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// The password of the one user, `ada`, and her token.
pub const PASSWORD: &str = "open sesame";
pub const TOKEN: &str = "ya29.token-of-ada";

/// What may be changed at any time.
pub struct State {
    pub uid_validity: u32,
    pub mails: BTreeMap<u32, Mail>,
    /// Rises with every change, as RFC 7162 has it.
    pub mod_seq: u64,
    pub fault: Option<(Phase, Fault)>,
    /// Happens once, behind the first untagged answer in this phase; its words are sent.
    pub meanwhile: Option<(Phase, Event)>,
    /// Mails that the server lists and can't read.
    pub unreadable: Vec<u32>,
}

type Event = Box<dyn FnOnce(&mut State) -> String + Send>;

#[derive(Clone)]
pub struct Mail {
    pub raw: Vec<u8>,
    /// What the server says of its size.
    pub size: usize,
}

/// What a client did.
#[derive(Default)]
pub struct Seen {
    /// Everything that was said in clear.
    pub in_clear: Vec<u8>,
    pub commands: Vec<String>,
    pub connections: usize,
    /// Bytes of a literal without end that the client took.
    pub swallowed: usize,
}

/// How the server shows itself.
#[derive(Clone, Copy)]
pub struct Manner {
    pub before: Before,
    /// What it can do beside IMAP4rev1.
    pub offers: &'static str,
}

pub struct Server {
    pub port: u16,
    pub manner: Manner,
    state: Arc<Mutex<State>>,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    pub async fn start(manner: Manner) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            uid_validity: 7,
            mails: BTreeMap::new(),
            mod_seq: 1,
            fault: None,
            meanwhile: None,
            unreadable: Vec::new(),
        };
        let server =
            Server { port, manner, state: Arc::new(Mutex::new(state)), seen: Arc::new(Mutex::new(Seen::default())) };
        let (state, seen) = (server.state.clone(), server.seen.clone());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                socket.set_nodelay(true).unwrap();
                seen.lock().unwrap().connections += 1;
                let (state, seen) = (state.clone(), seen.clone());
                tokio::spawn(async move { tls::receive(socket, manner, state, seen).await });
            }
        });
        server
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub fn commands(&self) -> Vec<String> {
        self.seen().commands.clone()
    }
}

impl State {
    /// A mail comes in. Its UID is one above the highest.
    pub fn append(&mut self, raw: &[u8]) -> u32 {
        let uid = self.mails.keys().last().map_or(1, |last| last + 1);
        self.put(uid, raw);
        uid
    }

    pub fn put(&mut self, uid: u32, raw: &[u8]) {
        self.mod_seq += 1;
        self.mails.insert(uid, Mail { raw: raw.to_vec(), size: raw.len() });
    }

    /// A mail goes away; what a session is told about it.
    pub fn expunge(&mut self, uid: u32) -> String {
        let place = self.mails.keys().position(|known| *known == uid).expect("a mail that is there") + 1;
        self.mails.remove(&uid);
        format!("* {place} EXPUNGE\r\n")
    }
}

/// One connection. `None` at its end, however it came.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manner: Manner,
    greet: bool,
    state: Arc<Mutex<State>>,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    let mut wire = BufReader::new(stream);
    if greet {
        let greeting = match manner.before {
            Before::Nothing => "* PREAUTH we know each other\r\n",
            _ => "* OK mail.example.org ready\r\n",
        };
        play(&mut wire, Phase::Greeting, "*", greeting.as_bytes().to_vec(), &state, &seen).await?;
    }
    // How many mails this session was told of.
    let mut told = 0;
    loop {
        let line = read_line(&mut wire).await?;
        let in_clear = manner.before == Before::Nothing;
        {
            let mut seen = seen.lock().unwrap();
            seen.commands.push(line.split_once(' ').map_or(line.clone(), |(_, command)| command.to_owned()));
            if in_clear {
                seen.in_clear.extend_from_slice(line.as_bytes());
            }
        }
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        if name == "AUTHENTICATE" && !rest.contains(' ') {
            wire.write_all(b"+ \r\n").await.ok()?;
            wire.flush().await.ok()?;
            let proof = read_line(&mut wire).await?;
            let answer = answers::login(tag, &format!("AUTHENTICATE {rest} {proof}"));
            play(&mut wire, Phase::Login, tag, answer, &state, &seen).await?;
            continue;
        }
        if name == "IDLE" {
            told = idle(&mut wire, tag, told, &state, &seen).await?;
            continue;
        }
        let (phase, answer) = answers::answer(tag, name, rest, manner, &mut told, &state);
        play(&mut wire, phase, tag, answer, &state, &seen).await?;
        if name == "LOGOUT" {
            return None;
        }
    }
}

/// Tells of mails that come until DONE.
async fn idle<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut BufReader<S>,
    tag: &str,
    mut told: usize,
    state: &Arc<Mutex<State>>,
    seen: &Arc<Mutex<Seen>>,
) -> Option<usize> {
    play(wire, Phase::Idle, tag, b"+ idling\r\n".to_vec(), state, seen).await?;
    if matches!(state.lock().unwrap().fault, Some((Phase::Idle, Fault::No | Fault::Bad | Fault::Empty))) {
        return Some(told);
    }
    loop {
        let count = state.lock().unwrap().mails.len();
        if count > told {
            told = count;
            wire.write_all(format!("* {count} EXISTS\r\n").as_bytes()).await.ok()?;
            wire.flush().await.ok()?;
        }
        match tokio::time::timeout(Duration::from_millis(5), wire.fill_buf()).await {
            Err(_) => {}
            Ok(_) => {
                let line = read_line(wire).await?;
                assert_eq!(line, "DONE");
                seen.lock().unwrap().commands.push(line);
                let ok = format!("{tag} OK idled\r\n");
                play(wire, Phase::IdleEnd, tag, ok.into_bytes(), state, seen).await?;
                return Some(told);
            }
        }
    }
}

async fn read_line<S: AsyncRead + AsyncWrite + Unpin>(wire: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    match wire.read_line(&mut line).await.ok()? {
        0 => None,
        _ => Some(line.trim_end().to_owned()),
    }
}
