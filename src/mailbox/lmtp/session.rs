//! One connection: who may say what when, how long it may take, and how much may come.
//!
//! The end of a mail is CRLF, dot, CRLF and nothing else (RFC 5321 §4.1.1.4), so that nobody can end it sooner than the
//! sender meant. A bare CR or LF inside is kept as it came: we are the last to read the mail, nobody behind us can take
//! it for a line end of the protocol, and a mail refused here would be lost to the list.

use super::{Delivery, Rules, Verdict, reply};
use crate::mail::Address;
use crate::mailbox::LIMIT;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver};
use smtp_proto::{MAIL_BODY_BINARYMIME, MailFrom, RcptTo, Request};
use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// RFC 5321 §4.5.3.1.4 asks for 512 bytes, and extensions for more.
const LONGEST_LINE: u64 = 4096;
/// RFC 5321 §4.5.3.1.8.
const MOST_RECIPIENTS: usize = 100;
/// A program that knows no LMTP is sent away after so many mistakes.
const MOST_MISTAKES: u32 = 20;

/// How long to wait for the other side. RFC 5321 §4.5.3.2.7 for a command; the rest is ours.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub command: Duration,
    /// For the next bytes of a mail, and for all of them.
    pub block: Duration,
    pub mail: Duration,
    /// For our own turn to read a mail.
    pub turn: Duration,
}

impl Patience {
    pub const STANDARD: Patience = Patience {
        command: Duration::from_secs(300),
        block: Duration::from_secs(180),
        mail: Duration::from_secs(600),
        turn: Duration::from_secs(60),
    };
}

pub struct Session {
    rules: Rules,
    mails: mpsc::Sender<Delivery>,
    turns: Arc<Semaphore>,
    patience: Patience,
    /// Without one there are too many connections already.
    place: Option<OwnedSemaphorePermit>,
    state: State,
}

/// How far the dialogue is.
#[derive(Default)]
struct State {
    greeted: bool,
    /// The envelope of the mail that is coming: the sender, empty for `<>`.
    from: Option<String>,
    recipients: Vec<Address>,
    mistakes: u32,
}

/// What follows from a command.
enum Next {
    Say(Cow<'static, str>),
    Data,
    End(&'static str),
}

type Wire<S> = BufReader<S>;

impl Session {
    pub fn new(
        rules: Rules,
        mails: mpsc::Sender<Delivery>,
        turns: Arc<Semaphore>,
        patience: Patience,
        place: Option<OwnedSemaphorePermit>,
    ) -> Session {
        Session { rules, mails, turns, patience, place, state: State::default() }
    }

    /// Talks until either side has enough.
    pub async fn run(mut self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut wire = BufReader::new(stream);
        if let Err(error) = self.talk(&mut wire).await {
            tracing::debug!("LMTP: {error}");
        }
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> io::Result<()> {
        if self.place.is_none() {
            return self.say(wire, reply::TOO_MANY).await;
        }
        self.say(wire, &reply::greeting(&self.rules.host)).await?;
        loop {
            let line = tokio::select! {
                line = timeout(self.patience.command, line(wire)) => line,
                () = self.mails.closed() => return self.say(wire, reply::GOING_DOWN).await,
            };
            let line = match line {
                Ok(line) => line?,
                Err(_) => return self.say(wire, reply::TOO_SLOW).await,
            };
            let Some(line) = line else { return self.say(wire, reply::LINE_TOO_LONG).await };
            if line.is_empty() {
                return Ok(());
            }
            match self.state.next(&line, &self.rules) {
                Next::Say(words) => self.say(wire, &words).await?,
                Next::Data => self.data(wire).await?,
                Next::End(words) => return self.say(wire, words).await,
            }
        }
    }

    async fn say<S: AsyncRead + AsyncWrite + Unpin>(&self, wire: &mut Wire<S>, words: &str) -> io::Result<()> {
        let work = async {
            wire.write_all(format!("{words}\r\n").as_bytes()).await?;
            wire.flush().await
        };
        timeout(self.patience.command, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// DATA: the mail, and an answer for each recipient (RFC 2033 §4.2).
    async fn data<S: AsyncRead + AsyncWrite + Unpin>(&mut self, wire: &mut Wire<S>) -> io::Result<()> {
        let Ok(Ok(turn)) = timeout(self.patience.turn, self.turns.clone().acquire_owned()).await else {
            self.state.forget();
            return self.say(wire, reply::NO_TURN).await;
        };
        self.say(wire, reply::GO_ON).await?;
        let mail = timeout(self.patience.mail, content(wire, self.patience.block));
        let mail = mail.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        let (from, recipients) = self.state.forget();
        self.state.mistakes = 0;
        let answers: Vec<String> = match mail {
            None => vec![reply::too_large(); recipients.len()],
            Some(mail) => {
                let verdict = self.hand_over(mail, &from, &recipients).await;
                recipients.iter().map(|recipient| reply::verdict(verdict, recipient)).collect()
            }
        };
        drop(turn);
        self.say(wire, &answers.join("\r\n")).await
    }

    async fn hand_over(&self, mail: Vec<u8>, from: &str, recipients: &[Address]) -> Verdict {
        let key = HEXLOWER.encode(&Sha256::digest(&mail));
        let mut raw = envelope(from, recipients);
        raw.extend_from_slice(&mail);
        let (answer, verdict) = oneshot::channel();
        if self.mails.send(Delivery { key, raw, answer }).await.is_err() {
            return Verdict::Failed;
        }
        verdict.await.unwrap_or(Verdict::Failed)
    }
}

impl State {
    fn next(&mut self, line: &[u8], rules: &Rules) -> Next {
        let next = match Request::parse(&mut line.iter()) {
            Ok(request) => self.obey(request, rules),
            Err(error) => Next::Say(reply::mistake(&error).into()),
        };
        if let Next::Say(words) = &next
            // Not a refused recipient: a mail system may bring many of those.
            && words.starts_with("50")
        {
            self.mistakes += 1;
            if self.mistakes > MOST_MISTAKES {
                return Next::End(reply::TOO_CLUELESS);
            }
        }
        next
    }

    fn obey(&mut self, request: Request<Cow<'_, str>>, rules: &Rules) -> Next {
        Next::Say(match request {
            Request::Lhlo { .. } => {
                self.forget();
                self.greeted = true;
                reply::offers(&rules.host).into()
            }
            Request::Ehlo { .. } | Request::Helo { .. } => reply::NOT_SMTP.into(),
            Request::Mail { from } => self.mail(from),
            Request::Rcpt { to } => self.recipient(to, rules),
            Request::Data if self.from.is_none() => reply::MAIL_FIRST.into(),
            Request::Data if self.recipients.is_empty() => reply::NOBODY.into(),
            Request::Data => return Next::Data,
            Request::Rset => {
                self.forget();
                reply::FORGOTTEN.into()
            }
            Request::Noop { .. } => reply::FINE.into(),
            Request::Vrfy { .. } => reply::PERHAPS.into(),
            Request::Quit => return Next::End(reply::BYE),
            _ => reply::NO_SUCH_VERB.into(),
        })
    }

    fn mail(&mut self, from: MailFrom<Cow<'_, str>>) -> Cow<'static, str> {
        if !self.greeted {
            return reply::LHLO_FIRST.into();
        }
        if self.from.is_some() {
            return reply::ONE_AT_A_TIME.into();
        }
        if from.size > LIMIT {
            return reply::too_large().into();
        }
        if from.flags & MAIL_BODY_BINARYMIME != 0 {
            return reply::NO_BINARY.into();
        }
        self.from = Some(from.address.into_owned());
        reply::SENDER.into()
    }

    fn recipient(&mut self, to: RcptTo<Cow<'_, str>>, rules: &Rules) -> Cow<'static, str> {
        if self.from.is_none() {
            return reply::MAIL_FIRST.into();
        }
        if self.recipients.len() >= MOST_RECIPIENTS {
            return reply::MANY_RECIPIENTS.into();
        }
        match Address::parse(&to.address).filter(|address| rules.accepts(address)) {
            Some(address) => {
                let words = reply::recipient(&address);
                self.recipients.push(address);
                words.into()
            }
            None => reply::unknown_recipient(&to.address, &rules.recipients).into(),
        }
    }

    /// The envelope ends here.
    fn forget(&mut self) -> (String, Vec<Address>) {
        (self.from.take().unwrap_or_default(), std::mem::take(&mut self.recipients))
    }
}

/// The next command with its line end; empty at the end of the connection, `None` when it is too long.
async fn line<S: AsyncRead + Unpin>(wire: &mut Wire<S>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    wire.take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
    match line.ends_with(b"\n") || line.is_empty() {
        true => Ok(Some(line)),
        false if line.len() as u64 >= LONGEST_LINE => Ok(None),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The mail up to its final dot, without the dots that were put before others; `None` when it is larger than [`LIMIT`]:
/// then it is read to its end all the same, and not kept.
async fn content<S: AsyncRead + Unpin>(wire: &mut Wire<S>, patience: Duration) -> io::Result<Option<Vec<u8>>> {
    let (mut receiver, mut mail) = (DataReceiver::new(), Vec::new());
    // The line end of DATA counts: a mail may be empty.
    receiver.ingest(&mut b"\r\n".iter(), &mut mail);
    mail.clear();
    let mut too_large: Option<DummyDataReceiver> = None;
    loop {
        let block = timeout(patience, wire.fill_buf()).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        if block.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = block.iter();
        let ended = match &mut too_large {
            None => receiver.ingest(&mut rest, &mut mail),
            Some(receiver) => receiver.ingest(&mut rest),
        };
        let used = block.len() - rest.len();
        wire.consume(used);
        if mail.len() > LIMIT {
            too_large = Some(DummyDataReceiver::new_data(&receiver));
            mail = Vec::new();
        }
        if ended {
            return Ok(too_large.is_none().then_some(mail));
        }
    }
}

/// The header lines that keep the envelope. What is in them has passed the parser; controls cannot be in an address.
fn envelope(from: &str, recipients: &[Address]) -> Vec<u8> {
    let from: String = from.chars().filter(|c| !c.is_control()).collect();
    let mut lines = format!("Return-Path: <{from}>\r\n");
    for recipient in recipients {
        lines.push_str(&format!("Delivered-To: {recipient}\r\n"));
    }
    lines.into_bytes()
}
