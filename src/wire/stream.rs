//! The two kinds of stream: before TLS, where nothing is believed, and the one that is worked on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A longer line before TLS is none of a mail server. In bytes.
const LONGEST_LINE: u64 = 4 << 10;

/// A connection before TLS. A byte that nobody asked for keeps it from becoming another.
#[derive(Debug)]
pub struct Plain {
    socket: BufReader<TcpStream>,
}

impl Plain {
    pub(super) fn new(socket: TcpStream) -> Plain {
        Plain { socket: BufReader::new(socket) }
    }

    /// The next line with its line end. A connection that ends, or a line without end, is an error.
    pub async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        (&mut self.socket).take(LONGEST_LINE).read_line(&mut line).await?;
        match line.ends_with('\n') {
            true => Ok(line),
            false if line.len() as u64 >= LONGEST_LINE => Err(io::Error::other("the server's line has no end")),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Sends a command with its line end.
    pub async fn say(&mut self, command: &str) -> io::Result<()> {
        self.socket.write_all(command.as_bytes()).await
    }

    /// The unencrypted stream, for a server of this machine.
    pub fn stay_plain(self) -> io::Result<Stream> {
        self.into_socket().map(Stream::Plain)
    }

    pub(super) fn into_socket(self) -> io::Result<TcpStream> {
        if self.socket.buffer().is_empty() {
            return Ok(self.socket.into_inner());
        }
        Err(io::Error::other("more than an answer came before TLS: somebody may sit on the line"))
    }
}

/// A connection to work on.
#[derive(Debug)]
pub enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Stream::Encrypted(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
