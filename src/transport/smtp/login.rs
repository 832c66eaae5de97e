//! The login (RFC 4954), by the ways that the server offers after TLS.
//!
//! What is said here is secret: no error repeats it.

use super::line::Line;
use super::reply::Reply;
use crate::wire::{Credentials, Server};
use data_encoding::BASE64;
use std::io;
use std::time::Duration;

/// Ways to log in, the first that is offered is taken.
const WITH_PASSWORD: [&str; 2] = ["PLAIN", "LOGIN"];
const WITH_TOKEN: [&str; 2] = ["OAUTHBEARER", "XOAUTH2"];

/// Logs in, if the settings say so. Errors are ends of a sentence.
pub async fn login(line: &mut Line, server: &Server, offered: &[String], patience: Duration) -> Result<(), String> {
    let Some(credentials) = server.credentials().await? else { return Ok(()) };
    let known = if credentials.is_token { WITH_TOKEN } else { WITH_PASSWORD };
    let Some(way) = known.into_iter().find(|way| offered.iter().any(|offer| offer == way)) else {
        let offered = if offered.is_empty() { "none".to_owned() } else { offered.join(", ") };
        return Err(format!("offers no login of the kind we have ({}); it offers: {offered}", known.join(", ")));
    };
    let failed = |error: io::Error| format!("does not answer the login: {error}");
    let reply = converse(line, way, server, &credentials, patience).await.map_err(failed)?;
    match reply.is_done() {
        true => Ok(()),
        false => {
            let (first, rest) = words(way, server, &credentials);
            let said: Vec<&str> = first.iter().chain(&rest).map(String::as_str).collect();
            Err(format!("refuses the login: {}", credentials.without_secrets(reply.to_string(), &said)))
        }
    }
}

/// The dialogue to its end. A server that asks for more than there is to say gets the empty answer, and then says what it
/// holds against us (RFC 7628 §3.2.3; XOAUTH2 the same).
async fn converse(
    line: &mut Line,
    way: &str,
    server: &Server,
    credentials: &Credentials,
    patience: Duration,
) -> io::Result<Reply> {
    let (first, rest) = words(way, server, credentials);
    let command = match first {
        Some(first) => format!("AUTH {way} {first}\r\n"),
        None => format!("AUTH {way}\r\n"),
    };
    let mut reply = line.ask(&command, patience).await?;
    for word in rest {
        if reply.code != 334 {
            break;
        }
        reply = line.ask(&format!("{word}\r\n"), patience).await?;
    }
    Ok(reply)
}

/// What is said with the command, and what after each 334.
fn words(way: &str, server: &Server, credentials: &Credentials) -> (Option<String>, Vec<String>) {
    let Credentials { user, secret, .. } = credentials;
    let encoded = |text: String| BASE64.encode(text.as_bytes());
    match way {
        // RFC 4616.
        "PLAIN" => (Some(encoded(format!("\0{user}\0{secret}"))), vec![]),
        "LOGIN" => (None, vec![encoded(user.clone()), encoded(secret.clone())]),
        "OAUTHBEARER" => {
            let (host, port) = (&server.host, server.port);
            // `=` and `,` are written so in a name (RFC 5801 §4).
            let name = user.replace('=', "=3D").replace(',', "=2C");
            let words = format!("n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {secret}\x01\x01");
            (Some(encoded(words)), vec![encoded("\x01".to_owned())])
        }
        _ => (Some(encoded(format!("user={user}\x01auth=Bearer {secret}\x01\x01"))), vec![String::new()]),
    }
}
