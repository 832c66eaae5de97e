//! What a server says it can do, in its answer to EHLO (RFC 5321 §4.1.1.1).

use super::reply::Reply;

/// A server that only knows HELO offers nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// RFC 3207.
    pub starttls: bool,
    /// Several commands may be sent at once (RFC 2920).
    pub pipelining: bool,
    /// Mail beyond ASCII (RFC 6152).
    pub eight_bit: bool,
    /// Addresses and headers beyond ASCII (RFC 6531).
    pub utf8: bool,
    /// The largest mail it takes, in bytes (RFC 1870); 0 means that it does not say.
    pub size: Option<u64>,
    /// Ways to log in, upper case (RFC 4954).
    pub auth: Vec<String>,
}

impl Offers {
    pub fn read(hello: &Reply) -> Offers {
        let mut offers = Offers::default();
        // The first line is its name.
        for line in hello.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Old servers write `AUTH=LOGIN PLAIN`.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0)),
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_in_any_case_and_the_name_offers_nothing() {
        let lines =
            ["PIPELINING.example.org", "pipelining", "SIZE 1000", "Auth plain Login", "AUTH=XOAUTH2", "X-ODD", ""];
        let hello = Reply { code: 250, lines: lines.map(str::to_owned).to_vec() };
        let offers = Offers::read(&hello);
        assert_eq!(offers.auth, ["PLAIN", "LOGIN", "XOAUTH2"]);
        assert_eq!((offers.pipelining, offers.size, offers.utf8), (true, Some(1000), false));
        let bare = Reply { code: 250, lines: vec!["SMTPUTF8".into()] };
        assert_eq!(Offers::read(&bare), Offers::default());
    }
}
