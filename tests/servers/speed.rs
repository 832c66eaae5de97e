//! How fast mail leaves over one connection. `SMTP_MAILS=5000 cargo test --release --test servers speed -- --nocapture`
//! measures; a disk that writes slowly makes Postfix slow (`TMPDIR=/dev/shm` leaves it out).

use crate::post_office::PostOffice;
use crate::servers::{DOMAIN, USERS};
use rapporteur::mail::Address;
use rapporteur::transport::{Patience, Sending, Smtp, SmtpSettings, Transport};
use rapporteur::wire::{Server, Tls};
use std::time::Instant;

#[tokio::test]
async fn one_connection_carries_hundreds_of_mails_a_second() {
    let office = PostOffice::with_postfix();
    let mails = std::env::var("SMTP_MAILS").map_or(200, |mails| mails.parse().expect("SMTP_MAILS is a number"));
    let (host, port) = ("127.0.0.1".to_owned(), office.mta.smtp);
    let server = Server { host, port, tls: Tls::None, ca_file: None, login: None };
    let settings = SmtpSettings { server, hello: Some("robot.summit.test".to_owned()) };
    let mut transport = Transport::Smtp(Box::new(Smtp::new(settings, Patience::STANDARD)));
    let to = Address::parse(&format!("{}@{DOMAIN}", USERS[1])).unwrap();
    let begun = Instant::now();
    for n in 0..mails {
        let mail = format!("Message-ID: <{n}@{DOMAIN}>\r\nSubject: {n}\r\n\r\n{}", "Design sessions.\r\n".repeat(100));
        let sending = transport.send(None, &to, mail.as_bytes()).await;
        assert!(matches!(sending, Sending::Sent(_)), "{sending:?}");
    }
    let rate = f64::from(mails) / begun.elapsed().as_secs_f64();
    transport.close().await;
    println!("{mails} mails of 2 kB to Postfix on one connection: {rate:.0} a second");
    // Nagle's algorithm would make it 20.
    assert!(rate > 50.0, "{rate} mails a second");
}
