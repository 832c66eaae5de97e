//! A mail server that is having a bad day: it refuses, hangs up in the middle and after the end, and dawdles. What it
//! accepts for the list comes back into the mailbox, as a list sends it to its subscribers.

use crate::random::Random;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What becomes of one mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Good,
    /// 421 instead of a greeting.
    Closed,
    /// 451 to MAIL.
    Busy,
    /// Hangs up before the final dot.
    Interrupts,
    /// 451 to the final dot.
    Regrets,
    /// Hangs up after the final dot and forgets the mail.
    Forgets,
    /// Hangs up after the final dot, and keeps the mail.
    Hides,
    /// Accepts, and says so late.
    Slow,
}

/// Takes the number of a copy for the list, and the copy.
pub type Echo = Box<dyn Fn(usize, &str) + Send + Sync>;

pub struct Relay {
    pub port: u16,
    state: Arc<State>,
}

struct State {
    good: AtomicBool,
    random: Mutex<Random>,
    /// By Message-ID, each copy.
    accepted: Mutex<BTreeMap<String, Vec<Vec<u8>>>>,
    /// How many it accepted and did not say so.
    hidden: AtomicUsize,
    echoes: AtomicUsize,
    echo: Echo,
}

impl Relay {
    pub fn start(seed: u64, echo: Echo) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("the address just bound").port();
        let state = Arc::new(State {
            good: AtomicBool::new(false),
            random: Mutex::new(Random::new(seed)),
            accepted: Mutex::default(),
            hidden: AtomicUsize::new(0),
            echoes: AtomicUsize::new(0),
            echo,
        });
        let shared = state.clone();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let state = shared.clone();
                // A connection that breaks is the client's business.
                thread::spawn(move || state.serve(socket));
            }
        });
        Relay { port, state }
    }

    /// From now on it does what it should.
    pub fn recovers(&self) {
        self.state.good.store(true, Ordering::Relaxed);
    }

    /// Every copy it accepted since it was last asked, by Message-ID.
    pub fn accepted(&self) -> BTreeMap<String, Vec<Vec<u8>>> {
        std::mem::take(&mut self.state.accepted.lock().expect("nobody panics with it"))
    }

    pub fn hidden(&self) -> usize {
        self.state.hidden.load(Ordering::Relaxed)
    }
}

impl State {
    fn below(&self, end: u64) -> u64 {
        self.random.lock().expect("nobody panics with it").below(end)
    }

    fn mood(&self) -> Mood {
        if self.good.load(Ordering::Relaxed) {
            return Mood::Good;
        }
        match self.below(20) {
            0 => Mood::Closed,
            1 => Mood::Busy,
            2 => Mood::Interrupts,
            3 => Mood::Regrets,
            4 => Mood::Forgets,
            5 => Mood::Hides,
            6..9 => Mood::Slow,
            _ => Mood::Good,
        }
    }

    fn serve(&self, socket: TcpStream) -> Result<()> {
        socket.set_nodelay(true)?;
        let mut wire = BufReader::new(socket);
        let mut mood = self.mood();
        say(&mut wire, if mood == Mood::Closed { "421 not today" } else { "220 relay.example.org ready" })?;
        let mut to_list = false;
        loop {
            let mut line = String::new();
            if wire.read_line(&mut line)? == 0 || mood == Mood::Closed {
                return Ok(());
            }
            let line = line.trim_end().to_ascii_uppercase();
            match line.split([' ', ':']).next().unwrap_or("") {
                "EHLO" => say(&mut wire, "250-relay.example.org\r\n250 8BITMIME")?,
                "MAIL" if mood == Mood::Busy => {
                    mood = self.mood();
                    say(&mut wire, "451 later")?;
                }
                "RCPT" => {
                    to_list = line.contains("DEVEL@EXAMPLE.ORG");
                    say(&mut wire, "250 fine")?;
                }
                "DATA" if mood == Mood::Interrupts => {
                    say(&mut wire, "354 go on")?;
                    return Ok(());
                }
                "DATA" => {
                    say(&mut wire, "354 go on")?;
                    let mail = read_mail(&mut wire)?;
                    // What a list takes has an echo, which must keep it from being sent again: tried often.
                    let hides = to_list && !self.good.load(Ordering::Relaxed) && self.below(2) == 0;
                    match if hides { Mood::Hides } else { mood } {
                        Mood::Forgets => return Ok(()),
                        Mood::Regrets => say(&mut wire, "451 no room")?,
                        Mood::Hides => {
                            self.accept(mail, to_list);
                            self.hidden.fetch_add(1, Ordering::Relaxed);
                            return Ok(());
                        }
                        _ => {
                            self.accept(mail, to_list);
                            if mood == Mood::Slow {
                                thread::park_timeout(Duration::from_millis(self.below(100)));
                            }
                            say(&mut wire, "250 taken")?;
                        }
                    }
                    mood = self.mood();
                }
                "QUIT" => return say(&mut wire, "221 bye"),
                _ => say(&mut wire, "250 fine")?,
            }
        }
    }

    fn accept(&self, mail: Vec<u8>, to_list: bool) {
        let text = String::from_utf8_lossy(&mail).into_owned();
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: <")?.strip_suffix('>'));
        let id = id.expect("every letter has a Message-ID").to_owned();
        self.accepted.lock().expect("nobody panics with it").entry(id).or_default().push(mail);
        if to_list {
            let copy = text.replacen("Subject: ", "Subject: [devel] ", 1);
            let copy = format!("List-Id: <devel.example.org>\r\n{copy}--\r\ndevel mailing list\r\n");
            (self.echo)(self.echoes.fetch_add(1, Ordering::Relaxed), &copy);
        }
    }
}

/// Up to the final dot; without the dots that were put in front of dots.
fn read_mail(wire: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if wire.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(mail);
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn say(wire: &mut BufReader<TcpStream>, words: &str) -> Result<()> {
    wire.get_mut().write_all(format!("{words}\r\n").as_bytes())
}
