//! Which mail a bounce is about: the Message-IDs in what it gives back, be it the whole mail, its header, or a copy of it
//! in the text.

use crate::mail::MessageId;
use crate::mail::mime::Leaf;

/// A bounce is about one mail; what it encloses may quote a few more.
const MOST: usize = 8;
const NAME: &str = "message-id:";

pub fn returned(leaves: &[Leaf]) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for leaf in leaves {
        let mut lines = leaf.text.lines().peekable();
        while let Some(line) = lines.next() {
            // Some quote what they give back.
            let line = line.trim_start_matches(['>', ' ', '\t']);
            let Some((name, value)) = line.split_at_checked(NAME.len()) else { continue };
            if !name.eq_ignore_ascii_case(NAME) {
                continue;
            }
            let folded = if value.trim().is_empty() { lines.peek().copied() } else { None };
            let id = MessageId::parse(folded.unwrap_or(value));
            ids.extend(id.filter(|id| !ids.contains(id)));
            if ids.len() == MOST {
                return ids;
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use crate::clock::Timestamp;
    use crate::mail::read;

    fn returned(kind: &str, content: &str) -> Vec<String> {
        let bounce = format!(
            "From: MAILER-DAEMON@example.org\nMessage-ID: <report@example.org>\nSubject: Undelivered\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry.\n--b\nContent-Type: {kind}\n\n{content}\n--b--\n"
        );
        read(bounce.as_bytes(), Timestamp::UNIX_EPOCH).returned.iter().map(|id| id.to_string()).collect()
    }

    #[test]
    fn the_mail_is_named_wherever_it_is_given_back() {
        for kind in ["message/rfc822", "text/rfc822-headers", "text/plain"] {
            assert_eq!(returned(kind, "Subject: x\nMessage-Id: <a@example.org>\n\nbody"), ["a@example.org"], "{kind}");
        }
        assert_eq!(returned("text/plain", "> Message-ID:\n>  <a@example.org>\n"), ["a@example.org"]);
        assert_eq!(returned("text/plain", "your message-id: it is lost"), [""; 0]);
    }

    #[test]
    fn a_persons_mail_returns_nothing() {
        let mail = "From: ada@example.org\nSubject: x\n\nMessage-ID: <a@example.org>\n";
        assert!(read(mail.as_bytes(), Timestamp::UNIX_EPOCH).returned.is_empty());
    }
}
