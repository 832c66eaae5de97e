//! Robots, each a small honest model of a kind that is out there: what it puts into its mail, and what it answers.
//!
//! They heed the headers by which robots know each other (RFC 3834), and nothing else: not the null sender, and not that
//! they have written to somebody before. Where those headers are taken off, they answer everything.

use super::world::{Letter, header};
use rapporteur::clock::Timestamp;
use rapporteur::mail::{Address, Mail};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person is away: it answers in the thread, with the mail it answers below, and no quote marks.
    Vacation,
    /// A ticket system: a subject and a Message-ID of its own, no word of what it answers but the text itself.
    Tickets,
    /// A ticket system that takes `Re:` off and keeps the sender's tags in front.
    TagKeeper,
}

#[derive(Clone, Debug)]
pub struct Robot {
    pub address: String,
    pub kind: Kind,
    written: u32,
}

impl Robot {
    pub fn new(address: &str, kind: Kind) -> Robot {
        Robot { address: address.to_owned(), kind, written: 0 }
    }

    pub fn answer(&mut self, raw: &str, mail: &Mail, from: &Address, now: Timestamp) -> Option<Letter> {
        let says = |name: &str| header(raw, name).map(str::to_ascii_lowercase);
        let is_robots = says("Auto-Submitted").is_some_and(|word| word != "no")
            || says("X-Auto-Response-Suppress").is_some()
            || says("Precedence").is_some_and(|word| ["bulk", "junk", "list"].contains(&word.as_str()));
        if is_robots || from.as_str() == self.address {
            return None;
        }
        self.written += 1;
        let text = raw.split_once("\n\n").map(|(_, body)| body).unwrap_or_default();
        let n = self.written;
        let domain = self.address.split('@').nth(1).unwrap_or_default();
        let own_id = format!("{}.{n}@{domain}", self.address.split('@').next().unwrap_or_default());
        let bare = mail.subject.trim_start_matches("Re: ");
        let (subject, thread, words) = match self.kind {
            Kind::Vacation => (
                format!("Re: {}", mail.subject),
                format!("In-Reply-To: <{0}>\nReferences: <{0}>\n", mail.message_id),
                "I am away until Monday, and read your mail then:",
            ),
            Kind::Tickets => (format!("[Support #{n}] {bare}"), String::new(), "Thank you. We have received:"),
            Kind::TagKeeper => (format!("{bare} [ticket {n}]"), String::new(), "Thank you. We have received:"),
        };
        let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let raw = format!(
            "From: Desk <{}>\nTo: {from}\nSubject: {subject}\nMessage-ID: <{own_id}>\nDate: {date}\n{thread}\
             Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\nPrecedence: bulk\n\
             Content-Type: text/plain; charset=utf-8\n\n{words}\n\n{text}",
            self.address
        );
        Some(Letter { envelope_from: self.address.clone(), to: from.to_string(), raw })
    }
}

/// What the mail system writes of a mail to an address that nobody has: a report to the envelope sender; and, as the
/// careless ones do, to whoever From names when there is none.
pub fn reports(letter: &Letter, mail: &Mail) -> Vec<Letter> {
    let to = match letter.envelope_from.as_str() {
        "" => mail.author.address.iter().map(ToString::to_string).collect::<Vec<_>>(),
        sender => vec![sender.to_owned()],
    };
    let head = letter.raw.split("\n\n").next().unwrap_or_default();
    let failed = &letter.to;
    let report = |to: String| Letter {
        envelope_from: String::new(),
        raw: format!(
            "From: Mail Delivery System <MAILER-DAEMON@mx.{domain}>\nTo: {to}\nSubject: Undelivered Mail Returned to \
             Sender\nMessage-ID: <dsn.{id}>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: \
             multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nNo such \
             user: <{failed}>\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.{domain}\n\n\
             Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: \
             text/rfc822-headers\n\n{head}\n\n--b--\n",
            domain = super::world::NOWHERE,
            id = mail.message_id,
        ),
        to,
    };
    to.into_iter().map(report).collect()
}
