//! The envelope of one mail: MAIL and RCPT, with what must be announced for it.
//!
//! The mail's bytes are frozen. What a server cannot take as it is, it does not get; ours are ASCII unless an address in
//! them is not, so that every server can take them.

use super::offers::Offers;
use crate::mail::Address;
use std::fmt::Write;

/// The commands, without line ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Envelope {
    pub mail: String,
    pub rcpt: String,
}

impl Envelope {
    /// Errors are reasons to reject the mail. `None` is the null sender.
    pub fn new(from: Option<&Address>, to: &Address, bytes: &[u8], offers: &Offers) -> Result<Envelope, String> {
        let (sender, recipient) = (from.map_or_else(|| Ok(String::new()), path)?, path(to)?);
        let mut mail = format!("MAIL FROM:<{sender}>");
        if let Some(limit) = offers.size {
            if (1..bytes.len() as u64).contains(&limit) {
                return Err(format!("the server takes mails of at most {limit} bytes; this one has {}", bytes.len()));
            }
            // Writing to a string does not fail.
            let _ = write!(mail, " SIZE={}", bytes.len());
        }
        if !header(bytes).is_ascii() || !sender.is_ascii() || !recipient.is_ascii() {
            if !offers.utf8 {
                return Err(format!("the server takes no addresses beyond ASCII (SMTPUTF8): {to}"));
            }
            mail.push_str(" SMTPUTF8");
        }
        if !bytes.is_ascii() {
            if !offers.eight_bit {
                return Err("the server takes no 8-bit mail (8BITMIME)".to_owned());
            }
            mail.push_str(" BODY=8BITMIME");
        }
        Ok(Envelope { mail, rcpt: format!("RCPT TO:<{recipient}>") })
    }
}

/// An address as it stands in the envelope: the domain as the DNS has it (RFC 5891), the local part as it is.
fn path(address: &Address) -> Result<String, String> {
    let domain = idna::domain_to_ascii(address.domain());
    let domain = domain.map_err(|_| format!("`{address}` cannot be sent to: its domain has no form in the DNS"))?;
    Ok(format!("{}@{domain}", address.local()))
}

/// The mail's header block.
fn header(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    &bytes[..end.unwrap_or(bytes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"Subject: x\r\n\r\nx\r\n";

    fn at(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn everything() -> Offers {
        Offers { eight_bit: true, utf8: true, size: Some(1000), ..Offers::default() }
    }

    #[test]
    fn nothing_is_announced_that_is_not_offered_or_not_needed() {
        let envelope = Envelope::new(None, &at("ada@example.org"), PLAIN, &Offers::default()).unwrap();
        assert_eq!((&envelope.mail[..], &envelope.rcpt[..]), ("MAIL FROM:<>", "RCPT TO:<ada@example.org>"));
        let envelope = Envelope::new(Some(&at("r@example.org")), &at("ada@example.org"), PLAIN, &everything());
        assert_eq!(envelope.unwrap().mail, "MAIL FROM:<r@example.org> SIZE=17");
    }

    #[test]
    fn a_domain_goes_as_the_dns_has_it_to_any_server() {
        let envelope = Envelope::new(None, &at("ada@bücher.example"), PLAIN, &Offers::default()).unwrap();
        assert_eq!(envelope.rcpt, "RCPT TO:<ada@xn--bcher-kva.example>");
    }

    #[test]
    fn a_local_part_beyond_ascii_needs_smtputf8() {
        let refused = Envelope::new(None, &at("łukasz@example.org"), PLAIN, &Offers::default()).unwrap_err();
        assert!(refused.contains("SMTPUTF8") && refused.contains("łukasz@example.org"), "{refused}");
        let envelope = Envelope::new(None, &at("łukasz@example.org"), PLAIN, &everything()).unwrap();
        assert_eq!(envelope.mail, "MAIL FROM:<> SIZE=17 SMTPUTF8");
        assert_eq!(envelope.rcpt, "RCPT TO:<łukasz@example.org>");
    }

    #[test]
    fn eight_bit_text_needs_8bitmime_and_an_eight_bit_header_smtputf8_too() {
        let (ada, body, head) = (at("ada@example.org"), "S: x\r\n\r\nß\r\n", "S: ß\r\n\r\nx\r\n");
        let body = |offers| Envelope::new(None, &ada, body.as_bytes(), &offers).map(|envelope| envelope.mail);
        let head = |offers| Envelope::new(None, &ada, head.as_bytes(), &offers).map(|envelope| envelope.mail);
        let eight_bit = Offers { eight_bit: true, ..Offers::default() };
        assert!(body(Offers::default()).unwrap_err().contains("8BITMIME"));
        assert_eq!(body(eight_bit.clone()).unwrap(), "MAIL FROM:<> BODY=8BITMIME");
        assert!(head(eight_bit).unwrap_err().contains("SMTPUTF8"));
        assert_eq!(head(everything()).unwrap(), "MAIL FROM:<> SIZE=12 SMTPUTF8 BODY=8BITMIME");
    }

    #[test]
    fn a_mail_that_is_too_large_is_not_offered() {
        let large = vec![b'x'; 1001];
        assert!(Envelope::new(None, &at("ada@example.org"), &large, &everything()).unwrap_err().contains("1000"));
        let unlimited = Offers { size: Some(0), ..Offers::default() };
        assert!(Envelope::new(None, &at("ada@example.org"), &large, &unlimited).is_ok());
    }
}
