//! Somebody else's mail program on the same mailbox: appends, marks and removes mails.

use std::io;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub struct Second {
    wire: BufReader<TcpStream>,
}

impl Second {
    /// Logs in without TLS, as programs of the same machine may, and opens the mailbox to change it.
    pub async fn open(port: u16, user: &str, password: &str) -> io::Result<Second> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await?;
        socket.set_nodelay(true)?;
        let mut second = Second { wire: BufReader::new(socket) };
        second.line().await?;
        second.ask(&format!("LOGIN \"{user}\" \"{password}\"")).await?;
        second.ask("SELECT INBOX").await?;
        Ok(second)
    }

    /// All lines of an answer but the last, which must be OK.
    pub async fn ask(&mut self, command: &str) -> io::Result<Vec<String>> {
        self.wire.write_all(format!("x {command}\r\n").as_bytes()).await?;
        self.end().await
    }

    pub async fn append(&mut self, mail: &str) -> io::Result<()> {
        self.wire.write_all(format!("x APPEND INBOX {{{}}}\r\n", mail.len()).as_bytes()).await?;
        while !self.line().await?.starts_with('+') {}
        self.wire.write_all(format!("{mail}\r\n").as_bytes()).await?;
        self.end().await.map(drop)
    }

    async fn end(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            match line.strip_prefix("x ") {
                Some(end) if end.starts_with("OK") => return Ok(lines),
                Some(end) => return Err(io::Error::other(end.to_owned())),
                None => lines.push(line),
            }
        }
    }

    /// One line. What a literal holds becomes a part of it.
    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        loop {
            if self.wire.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let size = line.trim_end().strip_suffix('}').and_then(|start| start.rsplit_once('{'));
            let Some(size) = size.and_then(|(_, size)| size.parse().ok()) else {
                return Ok(line.trim_end().to_owned());
            };
            let mut literal = vec![0; size];
            self.wire.read_exact(&mut literal).await?;
            line.push_str(&String::from_utf8_lossy(&literal));
        }
    }
}
