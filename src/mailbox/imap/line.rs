//! Bytes to answers and back, within bounds of time and memory whatever the server does.
//!
//! A command has a minute, and a second more for each KiB that comes: a long answer may take its time, a server that
//! drips does not hold us. A literal is announced by its length, which nobody believes: only what was asked for may be
//! so long, memory grows with what really comes, and what there is no room for is read and forgotten.

use super::answer::{self, Answer, Raw};
use crate::wire::Stream;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout_at;

/// The text of an answer, literals apart. In bytes; capabilities and flags take a few hundred.
const LONGEST_TEXT: usize = 64 << 10;
/// Bytes a millisecond that a server must bring at least.
const SLOWEST: u64 = 1;

/// How much room there is for literals, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// A longer literal is a breach: nobody asked for so much.
    pub each: usize,
    /// When so much was kept, what follows is forgotten.
    pub together: usize,
}

/// For commands that ask for no mail.
pub const NO_MAIL: Room = Room { each: LONGEST_TEXT, together: LONGEST_TEXT };

#[derive(Debug)]
pub struct Line {
    stream: BufReader<Stream>,
    patience: Duration,
    room: Room,
    /// Since the command began: when, the bytes that came, and the bytes of literals that were kept.
    begun: tokio::time::Instant,
    got: u64,
    kept: usize,
}

impl Line {
    pub fn new(stream: Stream, patience: Duration) -> Line {
        let begun = tokio::time::Instant::now();
        Line { stream: BufReader::with_capacity(32 << 10, stream), patience, room: NO_MAIL, begun, got: 0, kept: 0 }
    }

    /// From now on time and room are a new command's.
    pub fn begin(&mut self, room: Room) {
        self.room = room;
        (self.begun, self.got, self.kept) = (tokio::time::Instant::now(), 0, 0);
    }

    pub async fn say(&mut self, text: &str) -> io::Result<()> {
        let end = self.end();
        let work = async {
            self.stream.write_all(text.as_bytes()).await?;
            self.stream.flush().await
        };
        timeout_at(end, work).await.unwrap_or_else(|_| Err(late()))
    }

    /// Whether nothing comes for so long. Something that has begun to come is left to [`Line::answer`].
    pub async fn is_quiet(&mut self, span: Duration) -> io::Result<bool> {
        match tokio::time::timeout(span, self.stream.fill_buf()).await {
            Ok(Ok([])) => Err(closed()),
            Ok(Ok(_)) => Ok(false),
            Ok(Err(error)) => Err(in_our_words(error)),
            Err(_) => Ok(true),
        }
    }

    /// The next answer.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        let mut raw = Raw::default();
        self.text(&mut raw.text).await?;
        if answer::may_hold_literals(&raw.text) {
            while let Some(size) = announced(&raw.text)? {
                let literal = self.literal(size).await?;
                raw.literals.push(literal);
                self.text(&mut raw.text).await?;
            }
        }
        // It is not shown: a server that sends back what it got would bring the password into our messages.
        answer::read(raw).ok_or_else(|| breach("what came is no answer of an IMAP server".to_owned()))
    }

    /// One line, without its line end, behind what is there already.
    async fn text(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let chunk = self.chunk().await?;
            let end = memchr::memchr(b'\n', chunk);
            let taken = end.map_or(chunk.len(), |end| end + 1);
            text.extend_from_slice(&chunk[..taken]);
            self.consume(taken);
            if text.len() > LONGEST_TEXT {
                return Err(breach(format!("an answer of more than {} KiB", LONGEST_TEXT >> 10)));
            }
            if end.is_some() {
                text.pop();
                text.pop_if(|byte| *byte == b'\r');
                return Ok(());
            }
        }
    }

    async fn literal(&mut self, size: u64) -> io::Result<Option<Vec<u8>>> {
        if size > self.room.each as u64 {
            return Err(breach(format!(
                "a literal of {size} bytes, where at the most {} were asked for",
                self.room.each
            )));
        }
        let keep = self.kept < self.room.together;
        let mut bytes = Vec::new();
        let mut left = size as usize;
        while left > 0 {
            let chunk = self.chunk().await?;
            let taken = left.min(chunk.len());
            if keep {
                bytes.extend_from_slice(&chunk[..taken]);
            }
            self.consume(taken);
            left -= taken;
        }
        self.kept += bytes.len();
        Ok(keep.then_some(bytes))
    }

    /// What has come, at least one byte.
    async fn chunk(&mut self) -> io::Result<&[u8]> {
        let end = self.end();
        match timeout_at(end, self.stream.fill_buf()).await {
            Ok(Ok([])) => Err(closed()),
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(in_our_words(error)),
            Err(_) => Err(late()),
        }
    }

    fn consume(&mut self, count: usize) {
        self.stream.consume(count);
        self.got += count as u64;
    }

    fn end(&self) -> tokio::time::Instant {
        self.begun + self.patience + Duration::from_millis(self.got / SLOWEST)
    }
}

/// The length of the literal that a line announces at its end: `{310}`, `{310+}`, `~{310}`.
fn announced(text: &[u8]) -> io::Result<Option<u64>> {
    let Some(inside) = text.strip_suffix(b"}") else { return Ok(None) };
    let Some(open) = memchr::memrchr(b'{', inside) else { return Ok(None) };
    let digits = &inside[open + 1..];
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Ok(None);
    }
    let size = String::from_utf8_lossy(digits).parse();
    size.map(Some).map_err(|_| breach("a literal without measure".to_owned()))
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

/// rustls explains at length that an end without a word of TLS may be an attack: to us every end is a fault.
fn in_our_words(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { closed() } else { error }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
}

fn breach(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::announced;

    #[test]
    fn a_literal_is_announced_at_the_end_of_a_line() {
        let size = |text: &str| announced(text.as_bytes()).ok();
        assert_eq!(size("* 1 FETCH (BODY[] {310}"), Some(Some(310)));
        assert_eq!(size("* 1 FETCH (BODY[] ~{310+}"), Some(Some(310)));
        assert_eq!(size("* 1 FETCH (X \"{310}\")"), Some(None));
        assert_eq!(size("* 1 FETCH (X {} "), Some(None));
        assert_eq!(size("* 1 FETCH (X {99999999999999999999}"), None);
    }
}
