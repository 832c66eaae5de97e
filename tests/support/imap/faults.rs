//! The ways to misbehave, and the places for it.

use super::{Seen, State};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Where in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Greeting,
    Capability,
    Login,
    Examine,
    /// All UIDs.
    List,
    Sizes,
    Bodies,
    Noop,
    Idle,
    /// The answer to DONE.
    IdleEnd,
    /// STORE, COPY, MOVE, EXPUNGE, STATUS.
    Change,
    Logout,
}

/// What the server does instead of answering as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    No,
    Bad,
    Bye,
    Garbage,
    /// One byte now and then.
    Drip,
    /// The end of the connection in the middle of the answer.
    Close,
    /// Silence in the middle of the answer.
    Hang,
    /// Announces a literal of 1 GiB, and sends it as long as somebody takes it.
    Gigabyte,
    /// An answer to a command that nobody gave.
    WrongTag,
    /// OK, and not a word of what was asked for.
    Empty,
    /// An answer without a line end.
    Endless,
}

impl Fault {
    pub const ALL: [Fault; 11] = [
        Fault::No,
        Fault::Bad,
        Fault::Bye,
        Fault::Garbage,
        Fault::Drip,
        Fault::Close,
        Fault::Hang,
        Fault::Gigabyte,
        Fault::WrongTag,
        Fault::Empty,
        Fault::Endless,
    ];
}

/// Sends an answer, or what is to come instead.
pub async fn play(
    wire: &mut (impl AsyncWrite + Unpin),
    phase: Phase,
    tag: &str,
    usual: Vec<u8>,
    state: &Arc<Mutex<State>>,
    seen: &Arc<Mutex<Seen>>,
) -> Option<()> {
    let fault = state.lock().unwrap().fault.filter(|(at, _)| *at == phase).map(|(_, fault)| fault);
    let Some(fault) = fault else {
        let usual = with_what_happens_meanwhile(usual, phase, state);
        return send(wire, &usual).await;
    };
    match fault {
        Fault::No => send(wire, format!("{tag} NO not today\r\n").as_bytes()).await,
        Fault::Bad => send(wire, format!("{tag} BAD what?\r\n").as_bytes()).await,
        Fault::Empty => send(wire, format!("{tag} OK done\r\n").as_bytes()).await,
        Fault::WrongTag => send(wire, b"zz99 OK done\r\n").await,
        Fault::Garbage => send(wire, b"\x00\xff\xfeHTTP/1.1 400 Bad Request\r\n").await,
        Fault::Bye => {
            send(wire, b"* BYE going down\r\n").await?;
            None
        }
        Fault::Close => {
            send(wire, &usual[..usual.len() / 2]).await?;
            None
        }
        Fault::Hang => {
            send(wire, &usual[..usual.len() / 2]).await?;
            std::future::pending().await
        }
        Fault::Drip => {
            for byte in usual {
                send(wire, &[byte]).await?;
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            Some(())
        }
        Fault::Gigabyte => {
            send(wire, b"* 1 FETCH (UID 1 BODY[] {1073741824}\r\n").await?;
            pour(wire, seen).await
        }
        Fault::Endless => {
            send(wire, b"* OK ").await?;
            pour(wire, seen).await
        }
    }
}

/// Sends 1 GiB, as far as somebody takes it.
async fn pour(wire: &mut (impl AsyncWrite + Unpin), seen: &Arc<Mutex<Seen>>) -> Option<()> {
    for _ in 0..(1 << 14) {
        send(wire, &[b'x'; 1 << 16]).await?;
        seen.lock().unwrap().swallowed += 1 << 16;
    }
    None
}

fn with_what_happens_meanwhile(usual: Vec<u8>, phase: Phase, state: &Arc<Mutex<State>>) -> Vec<u8> {
    let mut state = state.lock().unwrap();
    if state.meanwhile.as_ref().is_none_or(|(at, _)| *at != phase) {
        return usual;
    }
    let (_, event) = state.meanwhile.take().expect("just seen");
    let words = event(&mut state);
    // Behind the first line that ends an answer: literals end with `)`.
    let place = usual.windows(3).position(|bytes| bytes == b")\r\n").map_or(0, |place| place + 3);
    [&usual[..place], words.as_bytes(), &usual[place..]].concat()
}

async fn send(wire: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Option<()> {
    wire.write_all(bytes).await.ok()?;
    wire.flush().await.ok()
}
