//! Mails in a mail: what a digest quotes, each with its own header (multipart/digest, RFC 2046 §5.1.5).

use super::body;
use super::header::{self, HeaderText};
use crate::clock::Timestamp;
use crate::mail::{MessageId, Person};

/// A mail of which a digest tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    pub from: Person,
    pub at: Timestamp,
    pub subject: String,
    pub message_id: MessageId,
    pub text: String,
}

/// The date as a header has it.
pub(super) fn date(at: Timestamp) -> String {
    at.max(Timestamp::UNIX_EPOCH).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// A text, and below it the mails. `mark` is what nobody could know when they wrote one of these: it stands between them.
pub(super) fn multipart(above: &str, mails: &[Enclosed], mark: &str) -> String {
    let (outer, inner) = (format!("=_{mark}"), format!("=_digest_{mark}"));
    // The empty header of each part says that it is a mail.
    let mails: String = mails.iter().map(|mail| format!("--{inner}\r\n\r\n{}\r\n", mail.letter())).collect();
    format!(
        "Content-Type: multipart/mixed;\r\n boundary=\"{outer}\"\r\n\r\n--{outer}\r\n{}\r\n--{outer}\r\n\
         Content-Type: multipart/digest;\r\n boundary=\"{inner}\"\r\n\r\n{mails}--{inner}--\r\n\r\n--{outer}--\r\n",
        above
    )
}

impl Enclosed {
    fn letter(&self) -> String {
        let name = self.from.name.as_deref().map(HeaderText::new);
        let from = match &self.from.address {
            Some(address) => header::mailbox("From", name.as_ref(), address),
            None => header::text("From", &HeaderText::new(self.from.label())),
        };
        let fixed = |name: &str, value: &str| header::text(name, &HeaderText::new(value));
        let id = Some(&self.message_id).filter(|id| header::is_plain(id));
        let id = id.map_or_else(String::new, |id| header::ids("Message-ID", std::slice::from_ref(id)));
        from + &fixed("Date", &date(self.at))
            + &fixed("Subject", &self.subject)
            + &id
            + &fixed("MIME-Version", "1.0")
            + &body::part("text/plain; charset=utf-8", &self.text)
    }
}
