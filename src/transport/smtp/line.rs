//! The line to a server, line by line: before TLS, and as it is worked on.
//!
//! Every wait has an end. What is read is bounded, whatever the server says.

use super::reply::{Partial, Reply};
use crate::wire::{Plain, Stream, within};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf};

/// Longer lines are none of a mail server. RFC 5321 §4.5.3.1.5 allows 512 bytes.
const LONGEST_LINE: u64 = 4 << 10;

pub enum Line {
    Before(Plain),
    Open { reader: BufReader<ReadHalf<Stream>>, writer: WriteHalf<Stream> },
}

impl From<Stream> for Line {
    fn from(stream: Stream) -> Line {
        let (reader, writer) = tokio::io::split(stream);
        Line::Open { reader: BufReader::new(reader), writer }
    }
}

impl Line {
    /// The next whole answer.
    pub async fn answer(&mut self, patience: Duration) -> io::Result<Reply> {
        let work = async {
            let mut partial = Partial::default();
            loop {
                if let Some(reply) = partial.add(&self.read().await?)? {
                    return Ok(reply);
                }
            }
        };
        within(patience, work).await
    }

    /// Says something and hears the answer.
    pub async fn ask(&mut self, words: &str, patience: Duration) -> io::Result<Reply> {
        self.say(words.as_bytes(), patience).await?;
        self.answer(patience).await
    }

    pub async fn say(&mut self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        let work = async {
            match self {
                Line::Before(plain) => plain.say(&String::from_utf8_lossy(bytes)).await,
                Line::Open { writer, .. } => {
                    writer.write_all(bytes).await?;
                    writer.flush().await
                }
            }
        };
        within(patience, work).await
    }

    /// Says a part of the mail, to which no answer is due. `false`, with the part half said, when one comes all the same.
    pub async fn say_unanswered(&mut self, bytes: &[u8], patience: Duration) -> io::Result<bool> {
        let Line::Open { reader, writer } = self else { return self.say(bytes, patience).await.map(|()| true) };
        let work = async {
            tokio::select! {
                biased;
                early = reader.fill_buf() => early.map(|_| false),
                said = writer.write_all(bytes) => said.map(|()| true),
            }
        };
        within(patience, work).await
    }

    /// Whether something waits to be read, if only the end of the connection. Between two mails that is no good sign.
    pub async fn has_news(&mut self) -> bool {
        match self {
            Line::Before(_) => false,
            // A time-out of nothing looks once.
            Line::Open { reader, .. } => tokio::time::timeout(Duration::ZERO, reader.fill_buf()).await.is_ok(),
        }
    }

    async fn read(&mut self) -> io::Result<String> {
        let reader = match self {
            Line::Before(plain) => return plain.line().await,
            Line::Open { reader, .. } => reader,
        };
        let mut line = Vec::new();
        reader.take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        match line.last() {
            Some(b'\n') => Ok(String::from_utf8_lossy(&line).into_owned()),
            Some(_) if line.len() as u64 >= LONGEST_LINE => Err(io::Error::other("the server's line has no end")),
            _ => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")),
        }
    }
}
