//! One mail over an open session: MAIL, RCPT, DATA, the mail, and the dot that decides.
//!
//! Before the final dot nothing was accepted, whatever happens; after it only the server knows (RFC 5321 §4.2.5).

use super::envelope::Envelope;
use super::open::Session;
use super::reply::Reply;
use super::{Patience, Sending};
use std::io;
use std::time::Duration;

/// The mail is written in blocks of this many bytes.
const BLOCK: usize = 16 << 10;
/// A server that closed the connection may have said why; that is there at once or not at all.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How the session is after a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Commands and answers belong together: it can be used on.
    InStep,
    /// It cannot: answers may be missing, or be taken for those of other commands.
    Lost,
    /// It was over before the mail began. On a session that was kept this says nothing about the mail or the server.
    Dead,
}

pub type Ended = (Sending, After);

/// Everything up to the final dot; `Err` when it does not come to that.
pub async fn upload(session: &mut Session, envelope: &Envelope, bytes: &[u8], patience: Patience) -> Result<(), Ended> {
    announce(session, envelope, patience).await?;
    for block in stuffed(bytes).chunks(BLOCK) {
        let early = match session.line.say_unanswered(block, patience.block).await {
            Ok(true) => continue,
            Ok(false) => session.line.answer(patience.command).await,
            Err(error) => session.line.answer(LAST_WORDS).await.map_err(|_| error),
        };
        // It answers before it has heard the mail out, and goes on in a step of its own.
        return Err((refused("while the mail was sent", early), After::Lost));
    }
    Ok(())
}

/// The final dot, and the answer to it.
pub async fn finish(session: &mut Session, patience: Patience) -> Ended {
    let answer = match session.line.say(b".\r\n", patience.block).await {
        Ok(()) => session.line.answer(patience.dot).await,
        Err(error) => session.line.answer(LAST_WORDS).await.map_err(|_| error),
    };
    match answer {
        Ok(reply) if reply.is_done() => {
            session.is_halfway = false;
            (Sending::Sent(reply.to_string()), After::InStep)
        }
        Ok(reply) if reply.is_passing() || reply.is_final() => {
            session.is_halfway = false;
            let after = if reply.is_goodbye() { After::Lost } else { After::InStep };
            (refused("after the mail", Ok(reply)), after)
        }
        Ok(reply) => {
            (Sending::Unknown(format!("after the final dot: an answer that means nothing there: {reply}")), After::Lost)
        }
        Err(error) => (Sending::Unknown(format!("after the final dot: {error}")), After::Lost),
    }
}

/// The commands before the mail. In one write where the server offers PIPELINING; then all are said before the first is
/// answered, and each answer is read whatever the one before was (RFC 2920 §3.1).
async fn announce(session: &mut Session, envelope: &Envelope, patience: Patience) -> Result<(), Ended> {
    let rset = session.is_halfway.then_some(("RSET", "RSET"));
    let commands = rset.into_iter().chain([("MAIL", &envelope.mail[..]), ("RCPT", &envelope.rcpt), ("DATA", "DATA")]);
    let commands: Vec<(&str, String)> = commands.map(|(name, words)| (name, format!("{words}\r\n"))).collect();
    let pipelining = session.offers.pipelining;
    let line = &mut session.line;
    session.is_halfway = true;
    let mut after = After::Dead;
    if pipelining {
        let all: String = commands.iter().map(|(_, words)| &words[..]).collect();
        let said = line.say(all.as_bytes(), patience.command).await;
        said.map_err(|error| (refused("MAIL", Err(error)), After::Dead))?;
    }
    let mut refusal: Option<(&str, Sending)> = None;
    for (name, words) in &commands {
        let answer = match pipelining {
            true => line.answer(patience.command).await,
            false => line.ask(words, patience.command).await,
        };
        let reply = match answer {
            Ok(reply) => reply,
            // What was refused before stays refused.
            Err(error) => return Err((refusal.map_or_else(|| refused(name, Err(error)), |(_, why)| why), after)),
        };
        if reply.is_goodbye() || (*name == "RSET" && !reply.is_done()) {
            return Err((refusal.map_or_else(|| refused(name, Ok(reply)), |(_, why)| why), after));
        }
        after = After::Lost;
        let is_expected = if *name == "DATA" { reply.code == 354 } else { reply.is_done() };
        match refusal {
            None if is_expected => {}
            None if !reply.is_passing() && !reply.is_final() => return Err((refused(name, Ok(reply)), After::Lost)),
            None if !pipelining => return Err((refused(name, Ok(reply)), After::InStep)),
            None => refusal = Some((name, refused(name, Ok(reply)))),
            // It waits for a mail to nobody: it gets the empty one (RFC 2920 §3.1), but not where it might have somebody.
            Some(("RCPT", why)) if reply.code == 354 => {
                let answer = line.ask(".\r\n", patience.command).await;
                let in_step = answer.is_ok_and(|reply| !reply.is_goodbye());
                return Err((why, if in_step { After::InStep } else { After::Lost }));
            }
            Some((_, why)) if reply.code == 354 => return Err((why, After::Lost)),
            Some(_) => {}
        }
    }
    match refusal {
        None => Ok(()),
        Some((_, why)) => Err((why, After::InStep)),
    }
}

/// What an answer other than the wished one means before anything was accepted. 530 wants a login (RFC 4954 §6): that is
/// ours to mend, and not the mail's fault.
fn refused(what: &str, answer: io::Result<Reply>) -> Sending {
    match answer {
        Ok(reply) if reply.code == 530 => Sending::Unavailable(format!("{what}: {reply}")),
        Ok(reply) if reply.is_final() => Sending::Rejected(format!("{what}: {reply}")),
        Ok(reply) if reply.is_passing() => Sending::Deferred(format!("{what}: {reply}")),
        Ok(reply) => Sending::Deferred(format!("{what}: an answer that means nothing there: {reply}")),
        Err(error) => Sending::Deferred(format!("{what}: {error}")),
    }
}

/// The mail as it goes over the wire: dots at the beginning of lines doubled (RFC 5321 §4.5.2), the last line ended.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(bytes.len() + bytes.len() / 64 + 2);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.is_empty() && !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}
