//! Ten lines on which nothing is said, least of all the password.

use super::smtp::{Fault, Phase, SOUND, Script, Server, ServerTls};
use super::{BEHIND_TLS, MAIL, encrypted, kind, send, settings, smtp_tls, transport};
use rapporteur::transport::Sending;
use rapporteur::wire::Tls;

/// Offers a login before TLS, which must not be used.
const STARTTLS: Script = Script {
    tls: ServerTls::WhenAsked,
    offers: &["STARTTLS", "AUTH PLAIN LOGIN"],
    offers_behind_tls: &["AUTH PLAIN LOGIN"],
    login: BEHIND_TLS.login,
    ..SOUND
};

/// A ServerHello of TLS 1.0 or 1.1 (RFC 4346 §7.4.1.3), as a server sends that knows no later version.
const fn hello_of(version: &'static str) -> Script {
    Script { fault: Some((Phase::Connect, Fault::Say(version))), ..BEHIND_TLS }
}
const TLS_1_0: &str = "\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01thirty-two bytes, of no meaning.\0\0\x2f\0";
const TLS_1_1: &str = "\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x02thirty-two bytes, of no meaning.\0\0\x2f\0";

#[tokio::test]
async fn behind_tls_we_log_in_and_send() {
    let dir = tempfile::tempdir().unwrap();
    for (script, tls) in [(BEHIND_TLS, Tls::Implicit), (STARTTLS, Tls::Starttls)] {
        let server = Server::start(script).await;
        let mut transport = transport(encrypted(&server, tls, dir.path()));
        assert_eq!(transport.check().await, [], "{tls:?}");
        let sending = send(&mut transport, MAIL).await;
        assert_eq!(kind(&sending), "sent", "{tls:?}: {sending:?}");
        let login = format!("AUTH PLAIN {}", BEHIND_TLS.login[0]);
        let commands = server.commands();
        assert!(commands.contains(&login), "{commands:?}");
        let at = |command: &str| commands.iter().rposition(|said| said == command);
        assert!(tls == Tls::Implicit || at("STARTTLS") < at("EHLO robot.example.org"), "what it offers is asked anew");
    }
}

#[tokio::test]
async fn ten_lines_that_cannot_be_trusted_get_no_mail_and_no_password() {
    let certificate = |certificate| Script { certificate, ..BEHIND_TLS };
    let table = [
        ("a CA that nobody knows", certificate(smtp_tls::UNKNOWN_CA), Tls::Implicit, "certificate"),
        ("another host's certificate", certificate(smtp_tls::WRONG_HOST), Tls::Implicit, "certificate"),
        ("a certificate that is over", certificate(smtp_tls::EXPIRED), Tls::Implicit, "certificate"),
        ("a certificate by itself", certificate(smtp_tls::SELF_SIGNED), Tls::Implicit, "certificate"),
        ("no STARTTLS", Script { offers: &["AUTH PLAIN"], ..SOUND }, Tls::Starttls, "does not offer STARTTLS"),
        (
            "STARTTLS made unreadable on the way",
            Script { offers: &["XXXXXXXA", "AUTH PLAIN"], ..STARTTLS },
            Tls::Starttls,
            "does not offer STARTTLS",
        ),
        (
            "an answer slipped in behind that to STARTTLS",
            Script { injects: "\r\n250-mail.example.org\r\n250 AUTH PLAIN", ..STARTTLS },
            Tls::Starttls,
            "before TLS",
        ),
        ("no TLS where it should begin at once", SOUND, Tls::Implicit, "TLS handshake"),
        ("TLS 1.0 only", hello_of(TLS_1_0), Tls::Implicit, "TLS handshake"),
        ("TLS 1.1 only", hello_of(TLS_1_1), Tls::Implicit, "TLS handshake"),
    ];
    let dir = tempfile::tempdir().unwrap();
    for (what, script, tls, says) in table {
        let server = Server::start(script).await;
        let sending = send(&mut transport(encrypted(&server, tls, dir.path())), MAIL).await;
        assert!(matches!(&sending, Sending::Unavailable(why) if why.contains(says)), "{what}: {sending:?}");
        nothing_secret(what, &server, &sending);
    }
}

#[tokio::test]
async fn a_login_that_is_offered_in_clear_only_or_would_be_in_clear_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let only_before = Server::start(Script { offers_behind_tls: &[], ..STARTTLS }).await;
    let sending = send(&mut transport(encrypted(&only_before, Tls::Starttls, dir.path())), MAIL).await;
    assert!(matches!(&sending, Sending::Unavailable(why) if why.contains("offers no login")), "{sending:?}");
    nothing_secret("offered before TLS only", &only_before, &sending);

    let plain = Server::start(Script { offers: &["AUTH PLAIN"], ..SOUND }).await;
    let sending = send(&mut transport(encrypted(&plain, Tls::None, dir.path())), MAIL).await;
    assert!(matches!(&sending, Sending::Unavailable(why) if why.contains("not sent in clear")), "{sending:?}");
    nothing_secret("no TLS", &plain, &sending);
}

/// Neither in what the server heard nor in what we say about it.
fn nothing_secret(what: &str, server: &Server, sending: &Sending) {
    assert!(server.mails().is_empty(), "{what}");
    let all = format!("{:?} {sending:?}", server.commands());
    // The second is base64 of `open sesame`, and the third how it stands in the answer to PLAIN.
    for secret in ["open sesame", "b3BlbiBzZXNhbWU", "9wZW4gc2VzYW1l", "AUTH PLAIN A"] {
        assert!(!all.contains(secret), "{what}: {all}");
    }
}

#[tokio::test]
async fn unencrypted_only_to_this_machine() {
    // An address of TEST-NET-1 (RFC 5737): nothing is sent there, because it is refused before.
    let mut settings = settings(25);
    settings.server.host = "192.0.2.1".to_owned();
    let findings = transport(settings).check().await;
    assert!(findings[0].what.contains("only for a server on this machine"), "{findings:?}");
}
