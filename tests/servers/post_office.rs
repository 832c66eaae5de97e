//! Everything a list needs to live: an MTA, the list, and the mailboxes of its subscribers.

use crate::home::{Home, free_port};
use crate::servers::client::{arrived, post};
use crate::servers::dovecot::Dovecot;
use crate::servers::mlmmj::List;
use crate::servers::postfix::{self, ByLmtp};
use crate::servers::{DOMAIN, USERS, chasquid, mailman};
use std::time::Instant;

pub struct PostOffice {
    pub dovecot: Dovecot,
    pub mta: Mta,
    /// Last: its end is the servers' end.
    pub home: Home,
}

/// Who carries the mail.
pub struct Mta {
    pub smtp: u16,
    pub submission: u16,
    /// The name the robot logs in with.
    pub login: String,
}

impl PostOffice {
    /// With chasquid, which needs no root.
    pub fn with_chasquid() -> PostOffice {
        let home = Home::new("chasquid");
        let dovecot = Dovecot::start(&home);
        let (smtp, submission) = (free_port(), free_port());
        let list = List::create(&home, "devel", smtp, None, &USERS);
        chasquid::start(&home, smtp, submission, &[list]);
        PostOffice { dovecot, mta: Mta { smtp, submission, login: format!("rapporteur@{DOMAIN}") }, home }
    }

    /// With Postfix, which delivers by LMTP.
    pub fn with_postfix() -> PostOffice {
        let home = Home::new("postfix");
        let dovecot = Dovecot::start(&home);
        let (smtp, submission) = (free_port(), free_port());
        let list = List::create(&home, "devel", smtp, Some("mail"), &USERS);
        postfix::start(&home, smtp, submission, &dovecot, &[list], &[]);
        PostOffice { dovecot, mta: Mta { smtp, submission, login: "rapporteur".into() }, home }
    }

    /// With Postfix, and Mailman for mlmmj.
    pub fn with_mailman() -> PostOffice {
        let home = Home::new("mailman");
        let dovecot = Dovecot::start(&home);
        let (smtp, submission, lmtp) = (free_port(), free_port(), free_port());
        postfix::start(&home, smtp, submission, &dovecot, &[], &[ByLmtp { list: "devel", port: lmtp }]);
        mailman::start(&home, "devel", lmtp, smtp, &USERS);
        PostOffice { dovecot, mta: Mta { smtp, submission, login: "rapporteur".into() }, home }
    }
}

/// In the long edition all of them.
pub fn all() -> Vec<fn() -> PostOffice> {
    let long = std::env::var_os("RAPPORTEUR_LONG").is_some();
    let quick: [fn() -> PostOffice; 2] = [PostOffice::with_chasquid, PostOffice::with_postfix];
    let slow: Option<fn() -> PostOffice> = long.then_some(PostOffice::with_mailman);
    quick.into_iter().chain(slow).collect()
}

#[test]
fn a_post_reaches_every_subscriber_with_the_lists_marks() {
    for start in all() {
        let before = Instant::now();
        let office = start();
        let stands = before.elapsed();
        let mail = "From: Ada <ada@summit.test>\nTo: devel@summit.test\nSubject: Hello\nMessage-ID: <hello@summit.test>\n\nHello, all.\n";
        let before = Instant::now();
        post(office.mta.smtp, "ada@summit.test", "devel@summit.test", mail);
        for user in USERS {
            let copy = arrived(&office.dovecot.mailbox(user), "Hello, all.");
            let copy = copy.to_lowercase();
            for mark in ["subject: [devel] hello", "list-id: ", "<devel.summit.test>", "devel mailing list"] {
                assert!(copy.contains(mark), "{mark} is missing:\n{copy}");
            }
        }
        println!("stands in {stands:?}, from post to the last mailbox {:?}", before.elapsed());
    }
}
