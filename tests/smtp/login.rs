//! Each way to log in, and each way in which that fails.

use super::smtp::{Script, Server};
use super::{BEHIND_TLS, MAIL, encrypted, kind, send, transport};
use rapporteur::transport::{Sending, SmtpSettings};
use rapporteur::wire::{Login, Proof, Secret, Tls};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn with_token(server: &Server, dir: &Path) -> SmtpSettings {
    let mut settings = encrypted(server, Tls::Implicit, dir);
    let token = Secret::Command(["echo", "ya29.token"].map(str::to_owned).to_vec().into());
    settings.server.login = Some(Login { user: "robot".to_owned(), proof: Proof::Token(token) });
    settings.server.port = server.address.port();
    settings
}

#[tokio::test]
async fn a_password_is_shown_in_the_way_that_the_server_offers() {
    let dir = tempfile::tempdir().unwrap();
    let by_login: Script =
        Script { offers: &["AUTH CRAM-MD5 LOGIN"], login: &["cm9ib3Q=", "b3BlbiBzZXNhbWU="], ..BEHIND_TLS };
    for script in [BEHIND_TLS, by_login] {
        let server = Server::start(script).await;
        let sending = send(&mut transport(encrypted(&server, Tls::Implicit, dir.path())), MAIL).await;
        assert_eq!(kind(&sending), "sent", "{:?}: {sending:?}", script.offers);
    }
}

#[tokio::test]
async fn a_token_is_shown_as_xoauth2() {
    let dir = tempfile::tempdir().unwrap();
    // user=robot ^A auth=Bearer ya29.token ^A ^A
    let login = &["dXNlcj1yb2JvdAFhdXRoPUJlYXJlciB5YTI5LnRva2VuAQE="];
    let server = Server::start(Script { offers: &["AUTH PLAIN XOAUTH2"], login, ..BEHIND_TLS }).await;
    let sending = send(&mut transport(with_token(&server, dir.path())), MAIL).await;
    assert_eq!(kind(&sending), "sent", "{sending:?}");
}

#[tokio::test]
async fn a_token_is_shown_as_oauthbearer_where_both_are_offered_and_its_refusal_is_heard_out() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(Script { offers: &["AUTH XOAUTH2 OAUTHBEARER"], login: &["no"], ..BEHIND_TLS }).await;
    let sending = send(&mut transport(with_token(&server, dir.path())), MAIL).await;
    assert!(matches!(&sending, Sending::Unavailable(why) if why.contains("535 who are you")), "{sending:?}");
    let commands = server.commands();
    let [_, shown, last] = &commands[..] else { panic!("{commands:?}") };
    let shown = data_encoding::BASE64.decode(shown.strip_prefix("AUTH OAUTHBEARER ").unwrap().as_bytes()).unwrap();
    let port = server.address.port();
    let expected = format!("n,a=robot,\x01host=localhost\x01port={port}\x01auth=Bearer ya29.token\x01\x01");
    assert_eq!(String::from_utf8(shown).unwrap(), expected);
    assert_eq!(last, "AQ==");
    assert!(!format!("{sending:?}").contains("ya29"), "{sending:?}");
}

#[tokio::test]
async fn a_refused_login_is_not_the_mails_fault() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(BEHIND_TLS).await;
    let mut settings = encrypted(&server, Tls::Implicit, dir.path());
    settings.server.login.as_mut().unwrap().user = "stranger".to_owned();
    let mut transport = transport(settings);
    let sending = send(&mut transport, MAIL).await;
    assert!(matches!(&sending, Sending::Unavailable(why) if why.contains("refuses the login: 535")), "{sending:?}");
    assert!(transport.resting().is_some(), "a wrong password is not tried once a letter");
}

#[tokio::test]
async fn a_password_file_that_others_may_read_is_refused_with_the_fix() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(BEHIND_TLS).await;
    let settings = encrypted(&server, Tls::Implicit, dir.path());
    fs::set_permissions(dir.path().join("password"), fs::Permissions::from_mode(0o644)).unwrap();
    let findings = transport(settings).check().await;
    assert!(findings[0].what.contains("chmod 600"), "{findings:?}");
}
