//! How mail systems speak: the tables behind `prose`, all in lower case.
//!
//! The phrases are those of the programs themselves (Postfix, Exim, sendmail, qmail, OpenSMTPD, Courier, Exchange,
//! Domino, GroupWise, MDaemon, IMail, InterScan, hMailServer, MailEnable, the large providers), cut down to what several
//! of them share. A phrase that only one mail ever said has no place here.

/// Phrases that say whom the report is about, in the rest of the line or on the lines below.
const INTRODUCTIONS: [&str; 64] = [
    "following address",
    "following addresses had",
    "following recipient",
    "following list of recipients",
    "following user",
    "following mailbox",
    "following destination",
    "following email",
    "following e-mail",
    "following person",
    "these recipients",
    "these addresses",
    "this recipient",
    "this address",
    "to the following",
    "to these email addresses",
    "failed addresses follow",
    "failed recipients",
    "recipients of your message",
    "addresses did not receive",
    "recipients did not receive",
    "affected recipient",
    "recipients were affected",
    "has not yet been delivered is",
    "has not yet been delivered to",
    "not been delivered to",
    "not be delivered to",
    "not be sent to",
    "cannot be delivered to",
    "can't be delivered to",
    "was not delivered to",
    "were not delivered to",
    "wasn't delivered to",
    "couldn't be delivered to",
    "not able to deliver to",
    "undelivered to",
    "undeliverable to",
    "failed to deliver to",
    "delivery failed to",
    "delivery to",
    "delivery failed for",
    "did not reach",
    "unable to deliver message to",
    "unable to deliver your message to",
    "unable to deliver mail to",
    "delivering your mail to",
    "delivering your message to",
    "message was addressed",
    "mail was addressed",
    "originally addressed to",
    "rejected recipient",
    "unknown user:",
    "user unknown:",
    "permanent errors:",
    "an folgende",
    "folgende empfänger",
    "folgenden empfänger",
    "destinataires suivants",
    "pu etre delivre a",
    "être remis à",
    "siguientes destinatarios",
    "seguenti destinatari",
    "seguintes destinatários",
    "volgende geadresseerden",
];
/// Phrases that name one address in the same sentence.
const MENTIONS: [&str; 8] = [
    "message to",
    "mail to",
    "message for",
    "mail for",
    "addressed to",
    "mailbox",
    "sent to",
    "could not find a gateway for",
];

/// What stands behind a phrase that says whom the report is about; the addresses may follow on the lines below.
pub fn introduction(line: &str) -> Option<&str> {
    behind(&INTRODUCTIONS, line)
}

/// What stands behind a phrase that names one address in its own sentence.
pub fn mention(line: &str) -> Option<&str> {
    line.contains('@').then(|| behind(&MENTIONS, line)).flatten()
}

fn behind<'a>(phrases: &[&str], line: &'a str) -> Option<&'a str> {
    let (_, rest) = phrases.iter().find_map(|phrase| line.split_once(phrase))?;
    // `… is not accepting mail from ada@example.org`: that is us.
    rest.split(" from ").next()
}

/// Behind the SMTP reply that a line may begin with: `550 5.1.1 <ada@example.org>... User unknown` (RFC 5321 §4.2).
pub fn behind_reply_code(line: &str) -> Option<&str> {
    let (code, rest) = line.split_at_checked(3)?;
    let is_code = code.starts_with(['4', '5']) && code.bytes().all(|byte| byte.is_ascii_digit());
    let rest = rest.strip_prefix([' ', '-']).filter(|_| is_code)?;
    Some(rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim_start())
}

/// The address that the failed one was made from: `(expanded from: <ada@example.org>)`.
pub fn origin(line: &str) -> Option<&str> {
    const ORIGINS: [&str; 4] =
        ["(expanded from", "(generated from", "(originally addressed to", "(ultimately generated from"];
    ORIGINS.iter().find_map(|phrase| line.find(phrase).map(|at| &line[at + phrase.len()..]))
}

/// What is wrong with an address.
pub fn is_reason(line: &str) -> bool {
    const REASONS: [&str; 12] = [
        "no such user",
        "user unknown",
        "unknown user",
        "unknown host",
        "host unknown",
        "mailbox unavailable",
        "mailbox full",
        "mailbox is full",
        "over quota",
        "quota exceeded",
        "does not exist",
        "not found",
    ];
    REASONS.iter().any(|reason| line.contains(reason))
}

/// Where the returned mail, or what is said of it, begins: a heading, behind its ornaments.
const RETURNED: [&str; 45] = [
    "below this line",
    "below the next line",
    "below is a copy",
    "this is a copy",
    "here is a copy",
    "a copy of the original message",
    "a copy of your",
    "included is a copy",
    "attachment is a copy",
    "attached is a copy",
    "the attachment contains the original",
    "original message headers",
    "original message details",
    "original message header",
    "original message follows",
    "original message",
    "original mail as follows",
    "original mail info",
    "the original message follow",
    "the original message header",
    "the original message is",
    "your original message",
    "the header of the original",
    "the header and top",
    "the first ",
    "unsent message",
    "message header",
    "message text follows",
    "message body follows",
    "message contents follow",
    "your message reads",
    "your message follows",
    "returned message",
    "returned mail",
    "start of returned",
    "header of the source mail",
    "old message:",
    "no message was collected",
    "diagnostic information for administrators",
    "forwarded message",
    "mensaje original",
    "mensagem original",
    "message d'origine",
    "ursprüngliche nachricht",
    "originalnachricht",
];
/// The fields that a returned header begins with, at the start of a line: a report may show some of them indented.
const FIELDS: [&str; 3] = ["return-path:", "received:", "message-id:"];

pub fn is_returned_mail(line: &str) -> bool {
    // The footer of a list that the bounce went through.
    if line.trim_end().len() > 30 && line.trim_end().bytes().all(|byte| byte == b'_') {
        return true;
    }
    let field = line.trim_start_matches('>');
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '<');
    FIELDS.iter().any(|name| field.starts_with(name)) || RETURNED.iter().any(|start| line.starts_with(start))
}

/// A ruled line or a heading between rules, as `----- Transcript of session follows -----`.
pub fn is_heading(line: &str) -> bool {
    let line = line.trim();
    let rule = line.bytes().take_while(|byte| b"-=_*+|#".contains(byte)).count();
    rule >= 3
}

/// Is it still being tried?
pub fn is_still_trying(said: &str) -> bool {
    const STILL_TRYING: [&str; 23] = [
        "this is a warning",
        "this is just a warning",
        "warning message only",
        "not yet been delivered",
        "not been delivered yet",
        "has been delayed",
        "have been delayed",
        "delivery delayed",
        "delayed mail",
        "message delayed",
        "is delayed",
        "has been postponed",
        "will be retried",
        "still trying",
        "will keep trying",
        "will continue to try",
        "will continue to be made",
        "attempts will continue",
        "will continue trying",
        "do not need to resend",
        "delays in delivering",
        "status notification (delay)",
        "wird weiterhin versucht",
    ];
    STILL_TRYING.iter().any(|phrase| said.contains(phrase)) && !said.contains("will not continue trying")
}

/// Labels and sentences that name somebody else than the recipient.
pub fn is_of_another(words: &str) -> bool {
    const OTHERS: [&str; 24] = [
        "from",
        "sender",
        "reply",
        "return-path",
        "errors-to",
        "message-id",
        "message id",
        "msgid",
        "references",
        "subject",
        "contact",
        "assistance",
        "questions",
        "help",
        "support",
        "please send",
        "http",
        "reported by",
        "reporting",
        "administrator",
        "by the",
        "unsubscribe",
        "cc",
        "date",
    ];
    OTHERS.iter().any(|other| words.contains(other))
}

/// Addresses that bounces name as a help, never as failed.
pub fn is_helper(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or(address);
    matches!(local, "mailer-daemon" | "postmaster" | "abuse" | "support" | "helpdesk" | "hostmaster" | "mail-daemon")
}
