//! The address that is listened on, and the connections that come.

use super::session::{Patience, Session};
use super::{Delivery, Rules};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// Connections at a time; more are told to come back.
const MOST_CONNECTIONS: usize = 20;
/// Mails that are read at a time, each of them whole in memory; the others wait for their turn.
const MOST_READ: usize = 4;
/// After the system refused us a connection (too many files are open, say).
const PAUSE: Duration = Duration::from_millis(100);

/// Where to listen: a socket in the file system, or a port of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl TryFrom<String> for Listen {
    /// What is wrong, and the fix.
    type Error = (String, &'static str);

    fn try_from(text: String) -> Result<Listen, (String, &'static str)> {
        const FIX: &str = "write `unix:/run/rapporteur/lmtp` or `127.0.0.1:24`";
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Listen::Unix(path.into()));
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.port() == 25 => {
                Err((format!("`{text}` is SMTP's port, which LMTP must not use (RFC 2033)"), FIX))
            }
            Ok(address) if address.ip().is_loopback() => Ok(Listen::Tcp(address)),
            Ok(_) => {
                Err((format!("`{text}` can be reached from other machines, and LMTP asks nobody who they are"), FIX))
            }
            Err(_) => Err((format!("`{text}` is no place to listen"), FIX)),
        }
    }
}

impl std::fmt::Display for Listen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Listen::Unix(path) => write!(f, "unix:{}", path.display()),
            Listen::Tcp(address) => address.fmt(f),
        }
    }
}

/// An address that is ours, as long as this lives.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    /// With the file that it is.
    Unix(UnixListener, PathBuf, FileId),
    Tcp(TcpListener),
}

/// Device and inode.
type FileId = (u64, u64);

enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Listener {
    /// Takes the address. A socket that a dead process has left behind is replaced; one that answers is somebody's.
    pub async fn bind(listen: &Listen) -> io::Result<Listener> {
        let socket = match listen {
            Listen::Tcp(address) => Socket::Tcp(TcpListener::bind(address).await?),
            Listen::Unix(path) => {
                remove_stale(path)?;
                let socket = UnixListener::bind(path)?;
                // Who may come is said by the directory, which the operator can give to a group.
                fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
                let about = fs::symlink_metadata(path)?;
                Socket::Unix(socket, path.clone(), (about.dev(), about.ino()))
            }
        };
        Ok(Listener { socket })
    }

    /// Takes connections until nobody takes `mails` any more, then lets the sessions say so and end.
    pub async fn serve(&self, rules: impl Fn() -> Rules, mails: mpsc::Sender<Delivery>) {
        let (places, turns) = (Arc::new(Semaphore::new(MOST_CONNECTIONS)), Arc::new(Semaphore::new(MOST_READ)));
        let mut sessions = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.accept() => accepted,
                () = mails.closed() => break,
            };
            // Those that have ended.
            while sessions.try_join_next().is_some() {}
            let place = places.clone().try_acquire_owned().ok();
            let session = Session::new(rules(), mails.clone(), turns.clone(), Patience::STANDARD, place);
            match accepted {
                Ok(Stream::Unix(stream)) => drop(sessions.spawn(session.run(stream))),
                Ok(Stream::Tcp(stream)) => drop(sessions.spawn(session.run(stream))),
                Err(error) => {
                    tracing::debug!("no connection: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        while sessions.join_next().await.is_some() {}
    }

    async fn accept(&self) -> io::Result<Stream> {
        match &self.socket {
            Socket::Unix(socket, ..) => Ok(Stream::Unix(socket.accept().await?.0)),
            Socket::Tcp(socket) => {
                let (stream, _) = socket.accept().await?;
                // Small answers must not wait for each other.
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Socket::Unix(_, path, file) = &self.socket
            && fs::symlink_metadata(path).is_ok_and(|about| (about.dev(), about.ino()) == *file)
        {
            // A socket that stays is replaced by the next start.
            let _ = fs::remove_file(path);
        }
    }
}

fn remove_stale(path: &Path) -> io::Result<()> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_socket());
    if !is_socket {
        // Nothing, or something that is not ours to remove: `bind` says so.
        return Ok(());
    }
    match StdUnixStream::connect(path) {
        Ok(_) => Err(io::ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_is_listened_to() {
        let listen = |text: &str| Listen::try_from(text.to_owned());
        assert_eq!(listen("unix:/run/rapporteur/lmtp"), Ok(Listen::Unix("/run/rapporteur/lmtp".into())));
        assert_eq!(listen("[::1]:24").map(|listen| listen.to_string()), Ok("[::1]:24".to_owned()));
        assert!(listen("0.0.0.0:24").unwrap_err().0.contains("from other machines"));
        assert!(listen("127.0.0.1:25").unwrap_err().0.contains("SMTP's port"));
        assert!(listen("lmtp.example.org:24").unwrap_err().1.contains("unix:/run/rapporteur/lmtp"));
        assert!(listen("unix:").is_err());
    }
}
