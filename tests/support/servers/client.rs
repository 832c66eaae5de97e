//! A person's mail program, in as few lines as it takes: posts by SMTP, and waits for mail in a Maildir.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Sends a mail as any program on the machine would; the server must take it.
pub fn post(port: u16, from: &str, to: &str, mail: &str) {
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    socket.set_nodelay(true).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    let mut wire = BufReader::new(socket);
    expect(&mut wire, "220");
    let mail = mail.replace('\n', "\r\n").replace("\r\n.", "\r\n..");
    let dialogue = [
        ("EHLO home.summit.test".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
        (format!("{mail}\r\n."), "250"),
        ("QUIT".to_owned(), "221"),
    ];
    for (line, answer) in dialogue {
        wire.get_mut().write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
        expect(&mut wire, answer);
    }
}

/// The last line of an answer.
fn expect(wire: &mut BufReader<TcpStream>, code: &str) {
    loop {
        let mut line = String::new();
        wire.read_line(&mut line).expect("the server answers");
        assert!(line.starts_with(code), "wanted {code}, got {line}");
        if !line[code.len()..].starts_with('-') {
            return;
        }
    }
}

/// Waits until a mail with these words is in the Maildir, and returns it.
pub fn arrived(mailbox: &Path, words: &str) -> String {
    wait(&format!("no mail with `{words}` in {}", mailbox.display()), || {
        let files = ["new", "cur"].iter().flat_map(|part| fs::read_dir(mailbox.join(part)).into_iter().flatten());
        // A file may be moved from new to cur meanwhile.
        let mails = files.flatten().filter_map(|file| fs::read(file.path()).ok());
        mails.map(|mail| String::from_utf8_lossy(&mail).into_owned()).find(|mail| mail.contains(words))
    })
}

/// Looks again and again until there is something to see.
pub fn wait<T>(otherwise: &str, look: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{otherwise}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
