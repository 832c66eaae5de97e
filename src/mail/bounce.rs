//! Bounces: delivery status notifications (RFC 3464), and what else comes from the null sender.

use super::header::{Header, token};
use super::mime::Leaf;
use super::{Address, Author, Bounce};

/// What a bounce says, if this mail is one: it comes from the null sender, from a mail system's own address, or is a
/// report.
pub fn bounce(header: &Header, author: &Author, leaves: &[Leaf], report: bool) -> Option<Bounce> {
    let null_sender = header.first("return-path").is_some_and(|path| path == "<>");
    let status = leaves.iter().filter(|leaf| leaf.kind.ends_with("delivery-status"));
    let reports: Vec<Bounce> = status.map(|leaf| recipients(&leaf.text)).collect();
    if !(null_sender || report || !reports.is_empty() || from_mail_system(header, author)) {
        return None;
    }
    let mut bounce = Bounce::default();
    for report in reports {
        bounce.permanent.extend(report.permanent);
        bounce.temporary.extend(report.temporary);
    }
    if bounce == Bounce::default() {
        bounce = told_in_prose(header, leaves);
    }
    for list in [&mut bounce.permanent, &mut bounce.temporary] {
        list.sort();
        list.dedup();
    }
    Some(bounce)
}

/// mailer-daemon or postmaster; the former also where From holds no address at all.
fn from_mail_system(header: &Header, author: &Author) -> bool {
    let postmaster = author.address.as_ref().is_some_and(|address| address.key().starts_with("postmaster@"));
    postmaster || header.all("from").any(|from| from.to_ascii_lowercase().contains("mailer-daemon"))
}

/// Reads the groups of fields of a delivery-status part: one per message, then one per recipient (RFC 3464 §2).
fn recipients(text: &str) -> Bounce {
    let mut bounce = Bounce::default();
    let unified = text.replace("\r\n", "\n");
    for group in unified.split("\n\n") {
        let fields = Header::read(group.trim_start().as_bytes());
        // The address that was written to, before what its own system made of it.
        let named =
            ["original-recipient", "final-recipient"].iter().find_map(|name| fields.first(name).and_then(recipient));
        let Some(address) = named else { continue };
        let action = fields.first("action").map(token).unwrap_or_default();
        let status = fields.first("status").unwrap_or("");
        match action.as_str() {
            "failed" | "" if status.starts_with('4') => bounce.temporary.push(address),
            "failed" => bounce.permanent.push(address),
            "delayed" => bounce.temporary.push(address),
            "" if status.starts_with('5') => bounce.permanent.push(address),
            _ => {}
        }
    }
    bounce
}

/// `rfc822; ada@example.org`, in lower case.
fn recipient(value: &str) -> Option<String> {
    let address = value.rsplit(';').next().unwrap_or(value);
    Address::parse(address.trim().trim_matches(['<', '>'])).map(|address| address.key())
}

/// Where the returned mail begins in a bounce that is all one text. Lower case, at the start of a line.
const RETURNED: [&str; 12] = [
    "--- below this line",
    "------ this is a copy",
    "----- original message",
    "-----original message",
    "--- original message",
    "----- unsent message",
    "----- message header",
    "the original message",
    "return-path:",
    "received:",
    "message-id:",
    "your message follows",
];
/// Said of mail that is still being tried. Lower case.
const STILL_TRYING: [&str; 7] = [
    "this is a warning",
    "warning message only",
    "not yet been delivered",
    "has been delayed",
    "will be retried",
    "still trying",
    "do not need to resend",
];
/// Lines of prose that are searched: the report stands at the top.
const PROSE_LINES: usize = 200;

/// A bounce without a report: the failed addresses as Exim's header names them, else those at the start of lines above
/// the returned mail, else any there. The mail system's own address and ours are none of them.
fn told_in_prose(header: &Header, leaves: &[Leaf]) -> Bounce {
    let text = leaves.iter().find(|leaf| leaf.kind == "text/plain").map_or("", |leaf| leaf.text.as_str());
    let returned = |line: &str| {
        let line = line.trim_start().to_lowercase();
        RETURNED.iter().any(|start| line.starts_with(start))
    };
    let report: Vec<&str> = text.lines().take(PROSE_LINES).take_while(|line| !returned(line)).collect();
    let involved: Vec<String> = ["from", "to"].iter().flat_map(|name| header.all(name)).flat_map(addresses).collect();
    let failed = |address: &String| {
        let local = address.split('@').next().unwrap_or("");
        !involved.contains(address) && !matches!(local, "mailer-daemon" | "postmaster" | "abuse" | "support")
    };

    let named = header.all("x-failed-recipients").flat_map(addresses).collect::<Vec<_>>();
    let leading = report.iter().filter_map(|line| leading_address(line)).filter(failed).collect::<Vec<_>>();
    let anywhere = report.iter().flat_map(|line| addresses(line)).filter(failed);
    let found = [named, leading].into_iter().find(|list| !list.is_empty()).unwrap_or_else(|| anywhere.collect());

    let said = report.join(" ").to_lowercase();
    if STILL_TRYING.iter().any(|phrase| said.contains(phrase)) {
        Bounce { temporary: found, ..Bounce::default() }
    } else {
        Bounce { permanent: found, ..Bounce::default() }
    }
}

/// The address that a line begins with: `<ada@example.org>:`, `To: ada@example.org`, `RCPT TO:<ada@example.org>`.
fn leading_address(line: &str) -> Option<String> {
    const LABELS: [&str; 6] = ["rcpt to:", "to:", "recipient:", "recipient address:", "failed recipient:", "user:"];
    let line = line.trim().trim_start_matches(['*', '-', '>', ' ']);
    let labelled = LABELS.iter().find_map(|label| {
        let head = line.get(..label.len())?;
        head.eq_ignore_ascii_case(label).then(|| &line[label.len()..])
    });
    let first = labelled.unwrap_or(line).split_whitespace().next()?;
    addresses(first).into_iter().next().filter(|address| {
        // `host.example.org[192.0.2.1]` and the like begin a line too, but not with an address.
        first.trim_start_matches(['<', '"', '\'', '(', '[']).to_lowercase().starts_with(address.as_str())
    })
}

/// Every address in a line, lower case.
fn addresses(line: &str) -> Vec<String> {
    let parts = line.split(|c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c));
    let parts = parts.filter(|part| part.contains('@'));
    parts.filter_map(|part| Address::parse(part.trim_end_matches('.'))).map(|address| address.key()).collect()
}

#[cfg(test)]
mod tests {
    use crate::clock::Timestamp;
    use crate::mail::{Bounce, read};

    fn bounce(mail: &str) -> Option<Bounce> {
        read(mail.as_bytes(), Timestamp::UNIX_EPOCH).bounce
    }
    fn permanent(addresses: &[&str]) -> Bounce {
        Bounce { permanent: addresses.iter().map(|text| text.to_string()).collect(), temporary: Vec::new() }
    }

    fn report(fields: &str) -> String {
        format!(
            "From: Mail Delivery <mailer-daemon@mx.example.net>\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\n\nIt did not work.\n--b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.example.net\n\n{fields}\n\n--b--\n"
        )
    }

    #[test]
    fn a_report_says_who_failed_and_who_is_delayed() {
        let mail = report(concat!(
            "Original-Recipient: rfc822;Ada.L@Example.ORG\nFinal-Recipient: rfc822; al@mx.example.org\nAction: failed\nStatus: 5.1.1\n\n",
            "Final-Recipient: rfc822;bob@example.org\nAction: Delayed (still trying)\nStatus: 4.4.1\n\n",
            "Final-Recipient: rfc822;cy@example.org\nAction: failed\nStatus: 4.4.7\n\n",
            "Final-Recipient: rfc822;dee@example.org\nAction: delivered\nStatus: 2.0.0",
        ));
        let expected = Bounce {
            permanent: vec!["ada.l@example.org".to_owned()],
            temporary: vec!["bob@example.org".to_owned(), "cy@example.org".to_owned()],
        };
        assert_eq!(bounce(&mail), Some(expected));
    }

    #[test]
    fn the_null_sender_and_mail_systems_bounce() {
        assert_eq!(bounce("Return-Path: <>\nFrom: ada@example.org\n\nHi\n"), Some(Bounce::default()));
        assert_eq!(bounce("From: Postmaster@example.org\n\nHi\n"), Some(Bounce::default()));
        assert_eq!(bounce("From: MAILER-DAEMON (Mail System)\n\nHi\n"), Some(Bounce::default()));
        assert_eq!(bounce("Return-Path: <ada@example.org>\nFrom: ada@example.org\n\nHi\n"), None);
    }

    #[test]
    fn prose_names_the_failed_address() {
        let qmail = "From: MAILER-DAEMON@mx.example.net\nTo: summit@example.org\n\n\
            I was not able to deliver your message to the following addresses.\n\n\
            <ada@example.org>:\nNo such user at mx2@example.net.\n\n\
            --- Below this line is a copy of the message.\n\nFrom: summit@example.org\neve@example.org\n";
        assert_eq!(bounce(qmail), Some(permanent(&["ada@example.org"])));
        let exim =
            "From: mailer-daemon@example.net\nX-Failed-Recipients: ada@example.org,\n bob@example.org\n\nSorry.\n";
        assert_eq!(bounce(exim), Some(permanent(&["ada@example.org", "bob@example.org"])));
        let warning = "From: mailer-daemon@example.net\n\nYour message to ada@example.org has been delayed.\n";
        let delayed = Bounce { temporary: vec!["ada@example.org".to_owned()], ..Bounce::default() };
        assert_eq!(bounce(warning), Some(delayed));
    }
}
