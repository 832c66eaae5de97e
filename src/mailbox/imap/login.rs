//! From a server's address to a dialogue in which we are known.
//!
//! Nothing is believed before TLS: what a server says it can do is asked again afterwards, PREAUTH is refused (it would
//! leave no place for STARTTLS, RFC 9051 §7.1.4), and so is a byte more than the answer to STARTTLS. The password is
//! said once, encrypted, in the best way that the server offers, and never shown: words of the server are cleared of it.

use super::answer::{self, Answer, Raw, Status, Verdict};
use super::dialogue::{Dialogue, Turn, out_of_turn};
use super::fault::{Fault, answered};
use super::folder::{fits_quotes, quoted};
use super::line::NO_MAIL;
use super::{ImapSettings, Patience};
use crate::wire::{self, Credentials, Plain, Server, Tls, within};
use data_encoding::BASE64;
use std::io;

/// A server that says more lines before TLS is none.
const MOST_LINES: usize = 100;

pub async fn open(settings: &ImapSettings, patience: Patience) -> Result<Dialogue, Fault> {
    let server = &settings.server;
    let mut plain = wire::dial(server, patience.connect).await.map_err(Fault::lost("connecting"))?;
    if server.tls == Tls::Starttls {
        within(patience.answer, starttls(&mut plain)).await.map_err(Fault::lost("STARTTLS"))?;
    }
    let stream = match server.tls {
        Tls::None => plain.stay_plain().map_err(Fault::lost("connecting"))?,
        Tls::Implicit | Tls::Starttls => {
            wire::encrypt(server, plain, patience.connect).await.map_err(Fault::lost("the TLS handshake"))?
        }
    };
    let mut dialogue = Dialogue::new(stream, patience.answer);
    // The greeting came before STARTTLS, and is not said again.
    let greeted = match server.tls {
        Tls::Starttls => Verdict::Ok,
        Tls::Implicit | Tls::None => dialogue.greeting().await?,
    };
    if greeted != Verdict::Preauth {
        login(&mut dialogue, server).await?;
    }
    know(&mut dialogue).await?;
    Ok(dialogue)
}

/// The dialogue before TLS, up to the server's word that it begins.
async fn starttls(plain: &mut Plain) -> io::Result<()> {
    match hear(plain).await? {
        Answer::Untagged(Status { verdict: Verdict::Ok, .. }) => {}
        Answer::Untagged(status) => {
            let why = format!("the server does not greet with OK, so TLS can't follow: {}", answered(&status));
            return Err(io::Error::other(why));
        }
        _ => return Err(io::Error::other("the server answers what it was not asked")),
    }
    plain.say("r1 CAPABILITY\r\n").await?;
    let mut offered = false;
    for _ in 0..MOST_LINES {
        match hear(plain).await? {
            Answer::Capability(can) => offered = can.iter().any(|name| name == "STARTTLS"),
            Answer::Tagged(_, status) if status.verdict == Verdict::Ok && offered => return begin_tls(plain).await,
            Answer::Tagged(..) => return Err(io::Error::other("the server does not offer STARTTLS")),
            _ => {}
        }
    }
    Err(io::Error::other("the server's answer has no end"))
}

async fn begin_tls(plain: &mut Plain) -> io::Result<()> {
    plain.say("r2 STARTTLS\r\n").await?;
    match hear(plain).await? {
        Answer::Tagged(tag, status) if tag == "r2" && status.verdict == Verdict::Ok => Ok(()),
        Answer::Tagged(_, status) => Err(io::Error::other(answered(&status))),
        _ => Err(io::Error::other("the server answers what it was not asked")),
    }
}

async fn hear(plain: &mut Plain) -> io::Result<Answer> {
    let line = plain.line().await?;
    let text = line.trim_end_matches(['\r', '\n']).as_bytes().to_vec();
    answer::read(Raw { text, literals: Vec::new() })
        .ok_or_else(|| io::Error::other("what came is no answer of an IMAP server"))
}

/// Asks what the server can do, if it has not said so by itself.
async fn know(dialogue: &mut Dialogue) -> Result<(), Fault> {
    if dialogue.told.can.is_none() {
        dialogue.ask("CAPABILITY", "").await?;
    }
    Ok(())
}

async fn login(dialogue: &mut Dialogue, server: &Server) -> Result<(), Fault> {
    let by_hand = server.command_to_try("imap");
    let credentials = server.credentials().await.map_err(|what| {
        Fault::unfit(format!("can't be logged in to ({what})"), "mend the setting; `rapporteur check` tries it")
    })?;
    let Some(credentials) = credentials else {
        return Err(Fault::unfit("wants a login", "add `user`, and `password_file` or `token_command`"));
    };
    know(dialogue).await?;
    let way = way(dialogue, server, &credentials)?;
    // What it could do before the login may not be what it can do afterwards (RFC 9051 §6.2.2).
    let before = dialogue.told.can.take();
    let sasl_ir = before.is_some_and(|can| can.iter().any(|name| name == "SASL-IR"));
    match way.go(dialogue, sasl_ir).await {
        Err(Fault::Refused { status, .. }) => {
            let fix = format!("check `user` and the password or token; by hand: `{by_hand}`");
            let words = credentials.without_secrets(answered(&status), &[way.said()]);
            Err(Fault::unfit(format!("refuses the login of {} ({words})", credentials.user), fix))
        }
        Err(Fault::Lost { during, why }) => {
            Err(Fault::Lost { during, why: credentials.without_secrets(why, &[way.said()]) })
        }
        ended => ended,
    }
}

/// How the proof is said.
enum Way {
    /// LOGIN with its two arguments.
    Login(String),
    /// AUTHENTICATE (RFC 4616, RFC 7628) with what is said first, and what after a refusal, both in base64.
    Sasl { mechanism: &'static str, first: String, retort: &'static str },
}

fn way(dialogue: &Dialogue, server: &Server, credentials: &Credentials) -> Result<Way, Fault> {
    let Credentials { user, secret, is_token } = credentials;
    let holds_controls = [user, secret].iter().any(|text| text.contains(char::is_control));
    if holds_controls {
        let fix = "write one line of text into it, without control characters";
        return Err(Fault::unfit("can't be logged in to (the user or the password holds a control character)", fix));
    }
    let sasl =
        |mechanism, first: String, retort| Ok(Way::Sasl { mechanism, first: BASE64.encode(first.as_bytes()), retort });
    if *is_token && dialogue.can("AUTH=OAUTHBEARER") {
        let Server { host, port, .. } = server;
        let user = user.replace('=', "=3D").replace(',', "=2C");
        // RFC 7628 §3.1; the retort is a lone ^A (§3.2.3).
        let first = format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {secret}\x01\x01");
        return sasl("OAUTHBEARER", first, "AQ==");
    }
    if *is_token && dialogue.can("AUTH=XOAUTH2") {
        return sasl("XOAUTH2", format!("user={user}\x01auth=Bearer {secret}\x01\x01"), "");
    }
    if *is_token {
        let fix = "set `password_file` instead of `token_command`, or ask who runs the server";
        return Err(Fault::unfit("takes no token (neither OAUTHBEARER nor XOAUTH2)", fix));
    }
    if dialogue.can("AUTH=PLAIN") {
        return sasl("PLAIN", format!("\0{user}\0{secret}"), "*");
    }
    if dialogue.can("LOGINDISABLED") {
        let fix = "use `token_command` if the server wants tokens; else ask who runs it";
        return Err(Fault::unfit("takes no password (no AUTH=PLAIN, and LOGINDISABLED)", fix));
    }
    if !fits_quotes(user) || !fits_quotes(secret) {
        let fix = "choose a password of ASCII characters";
        return Err(Fault::unfit("can't be logged in to (LOGIN takes ASCII alone, and there is no AUTH=PLAIN)", fix));
    }
    Ok(Way::Login(format!(" {} {}", quoted(user), quoted(secret))))
}

impl Way {
    async fn go(&self, dialogue: &mut Dialogue, sasl_ir: bool) -> Result<(), Fault> {
        const NAME: &str = "AUTHENTICATE";
        let (mechanism, first, retort) = match self {
            Way::Login(words) => return dialogue.ask("LOGIN", words).await.map(drop),
            Way::Sasl { mechanism, first, retort } => (mechanism, first, retort),
        };
        // With SASL-IR (RFC 4959) the proof stands in the command itself, else the server asks for it. A refusal may be
        // explained in a challenge, which wants an answer before the command ends.
        let mut to_say = vec![*retort];
        if sasl_ir {
            dialogue.give(NAME, &format!(" {mechanism} {first}"), NO_MAIL).await?;
        } else {
            to_say.push(first);
            dialogue.give(NAME, &format!(" {mechanism}"), NO_MAIL).await?;
        }
        while let Turn::Ours = dialogue.turn(NAME, &mut |_| Ok(())).await? {
            let words = to_say.pop().ok_or_else(|| out_of_turn(NAME))?;
            dialogue.say(NAME, words).await?;
        }
        Ok(())
    }

    /// What is said in secret, as it goes over the wire.
    fn said(&self) -> &str {
        match self {
            Way::Login(_) => "",
            Way::Sasl { first, .. } => first,
        }
    }
}
