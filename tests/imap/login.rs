//! The way in: TLS first, then who we are; and what is never said in clear.

use crate::reader::{Reader, secret};
use crate::scene::{mail, settings};
use crate::scripted::{Before, Manner, PASSWORD, Server, TOKEN};
use data_encoding::BASE64;
use rapporteur::wire::{Login, Proof, Secret};

async fn reader(server: &Server, home: &std::path::Path) -> Reader {
    server.state().append(&mail(1));
    Reader::new(settings(server, home)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_in_clear_to_whoever_keeps_tls_away() {
    for (before, says) in [
        (Before::Preauth, "greet with OK"),
        (Before::NoStarttls, "does not offer STARTTLS"),
        (Before::Refused, "certificate lost"),
        (Before::WithMore, "more than an answer"),
        (Before::NoHandshake, "TLS handshake"),
    ] {
        let server = Server::start(Manner { before, offers: "AUTH=PLAIN SASL-IR" }).await;
        let home = tempfile::tempdir().unwrap();
        let mut reader = reader(&server, home.path()).await;
        let trouble = reader.once().await.expect_err("no TLS, no mail").to_string();
        assert!(trouble.contains(says), "{before:?}: {trouble}");
        let said = String::from_utf8_lossy(&server.seen().in_clear).into_owned();
        for secret in [PASSWORD.to_owned(), BASE64.encode(PASSWORD.as_bytes()), "LOGIN".into(), "AUTHENTICATE".into()] {
            assert!(!said.contains(&secret), "{before:?}: {said}");
        }
        assert!(server.commands().is_empty(), "{before:?}: nothing is said afterwards");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_nobody_vouches_for_or_of_another_host_ends_it() {
    let server = Server::start(Manner { before: Before::Tls, offers: "AUTH=PLAIN" }).await;
    let home = tempfile::tempdir().unwrap();
    let mut stranger = reader(&server, home.path()).await;
    stranger.settings.server.ca_file = None;
    let trouble = stranger.once().await.unwrap_err().to_string();
    assert!(trouble.contains("TLS handshake") && trouble.contains("openssl s_client -connect localhost:"), "{trouble}");
    let mut other = reader(&server, home.path()).await;
    other.settings.server.host = "127.0.0.2".into();
    assert!(other.once().await.is_err());
    assert!(server.commands().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_login_is_the_best_that_the_server_offers() {
    let password = || Proof::Password(Secret::Environment("unused".into()));
    let token = || Proof::Token(Secret::Command(vec!["echo".into(), TOKEN.into()].into()));
    for (before, offers, proof, command) in [
        (Before::Tls, "AUTH=PLAIN SASL-IR", password(), "AUTHENTICATE PLAIN AGFkYQBvcGVuIHNlc2FtZQ=="),
        (Before::Tls, "AUTH=PLAIN", password(), "AUTHENTICATE PLAIN"),
        (Before::Tls, "", password(), "LOGIN \"ada\" \"open sesame\""),
        (
            Before::Starttls,
            "AUTH=PLAIN LOGINDISABLED SASL-IR",
            password(),
            "AUTHENTICATE PLAIN AGFkYQBvcGVuIHNlc2FtZQ==",
        ),
        (Before::Tls, "AUTH=XOAUTH2 AUTH=PLAIN SASL-IR", token(), "AUTHENTICATE XOAUTH2 "),
        (Before::Tls, "AUTH=XOAUTH2 AUTH=OAUTHBEARER", token(), "AUTHENTICATE OAUTHBEARER"),
        (Before::Tls, "AUTH=OAUTHBEARER SASL-IR", token(), "AUTHENTICATE OAUTHBEARER "),
    ] {
        let server = Server::start(Manner { before, offers }).await;
        let home = tempfile::tempdir().unwrap();
        let mut reader = reader(&server, home.path()).await;
        if let Proof::Token(_) = proof {
            reader.settings.server.login = Some(Login { user: "ada".into(), proof });
        }
        reader.once().await.unwrap_or_else(|trouble| panic!("{offers}: {trouble}"));
        assert_eq!(reader.kept().await.len(), 1);
        let commands = server.commands();
        assert!(commands.iter().any(|said| said.starts_with(command)), "{offers}: {commands:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_cannot_be_is_not_tried() {
    let token = || Some(Proof::Token(Secret::Command(vec!["echo".into(), TOKEN.into()].into())));
    for (offers, proof, says) in [
        ("LOGINDISABLED", None, "LOGINDISABLED"),
        ("AUTH=PLAIN", token(), "takes no token"),
        ("AUTH=XOAUTH2", Some(Proof::Token(Secret::Command(vec!["false".into()].into()))), "failed"),
    ] {
        let server = Server::start(Manner { before: Before::Tls, offers }).await;
        let home = tempfile::tempdir().unwrap();
        let mut reader = reader(&server, home.path()).await;
        if let Some(proof) = proof {
            reader.settings.server.login = Some(Login { user: "ada".into(), proof });
        }
        let trouble = reader.once().await.unwrap_err().to_string();
        assert!(trouble.contains(says), "{offers}: {trouble}");
        let tried = server.commands().iter().any(|said| said.starts_with("LOGIN") || said.starts_with("AUTH"));
        assert!(!tried, "{offers}: {:?}", server.commands());
    }
}

/// The scripted server repeats in its refusal what it was told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_repeats_the_password_does_not_bring_it_into_our_messages() {
    for offers in ["AUTH=PLAIN SASL-IR", "AUTH=PLAIN", ""] {
        let server = Server::start(Manner { before: Before::Tls, offers }).await;
        let home = tempfile::tempdir().unwrap();
        let mut reader = reader(&server, home.path()).await;
        secret(home.path(), "wrong horse battery");
        let trouble = reader.once().await.unwrap_err();
        let said = format!("{trouble} {trouble:?}");
        assert!(said.contains("refuses the login of ada"), "{said}");
        for piece in ["horse", "battery", &BASE64.encode(b"\0ada\0wrong horse battery")[6..]] {
            assert!(!said.contains(piece), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unencrypted_server_is_never_told_a_password() {
    let server = Server::start(Manner { before: Before::Nothing, offers: "" }).await;
    let home = tempfile::tempdir().unwrap();
    let mut reader = reader(&server, home.path()).await;
    // It knows us already, so we are let in without one.
    reader.once().await.unwrap();
    let file = secret(home.path(), PASSWORD);
    let login = Login { user: "ada".into(), proof: Proof::Password(Secret::File(file)) };
    reader.settings.server.login = Some(login);
    reader.once().await.unwrap();
    let said = String::from_utf8_lossy(&server.seen().in_clear).into_owned();
    assert!(!said.contains(PASSWORD) && !said.contains("LOGIN"), "{said}");
}
