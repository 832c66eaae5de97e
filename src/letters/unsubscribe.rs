//! The end of a subscription with one click (RFC 8058): the headers and the link of a letter, and the mail that a click is.
//!
//! A link holds an HMAC over a person and a summit. Whoever has it has a letter of theirs, and can end what they subscribed to
//! there, and nothing else. Nothing is kept for it, and it does not expire: letters are read late.
//!
//! A click is written down as a mail of that person, so that the fact that follows has a mail like every other. It must not
//! have more power than such a mail has: what it says, anybody may say.

use super::compose::{Seal, encoded};
use super::header::{self, HeaderText};
use super::{body, enclosed, rendered};
use crate::clock::Timestamp;
use crate::grammar::Token;
use crate::mail::{Address, MessageId, Person};
use crate::session::{Follower, Summit};
use askama::Template;
use hmac::Mac;

/// The folder of the links, below the address of the pages.
pub const FOLDER: &str = "unsubscribe";
/// What is posted there, by mail programs and by the page's own button (RFC 8058 §3.2).
pub const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// What the MACs are for.
const LINK: &str = "unsubscribe";
const CLICK: &str = "unsubscribed";

#[derive(Template)]
#[template(path = "click.txt")]
struct ClickText<'a> {
    person: &'a str,
    robot: &'a str,
}

impl Seal<'_> {
    /// The headers of a letter that somebody subscribed to (RFC 2369 §3.2, RFC 8058 §3.1). Without an address of the pages,
    /// only the way by mail.
    pub fn unsubscribe(&self, summit: &Summit, to: &Person) -> Vec<(&'static str, Vec<String>)> {
        let by_mail = format!("<mailto:{}?subject=unsubscribe>", self.policy.robot);
        match to.address.as_ref().and_then(|address| self.link(summit, address)) {
            None => vec![("List-Unsubscribe", vec![by_mail])],
            Some(link) => vec![
                ("List-Unsubscribe", vec![format!("<{link}>,"), by_mail]),
                ("List-Unsubscribe-Post", vec![format!("{}={}", ONE_CLICK.0, ONE_CLICK.1)]),
            ],
        }
    }

    fn link(&self, summit: &Summit, person: &Address) -> Option<String> {
        let pages = self.policy.public.as_ref()?;
        let token = encoded(self.mac_of(&[LINK, &summit.slug, &person.key()]));
        Some(format!("{pages}{FOLDER}/{}/{token}", summit.slug))
    }

    /// Whether a link with this token is that person's. Compared in constant time.
    pub fn ends(&self, token: &Token, summit: &Summit, person: &Address) -> bool {
        let mac = self.mac_of(&[LINK, &summit.slug, &person.key()]);
        let bytes = token.bytes();
        bytes.len() == 16 && mac.verify_truncated_left(&bytes).is_ok()
    }

    /// The mail that a click is, with its Message-ID: the same until the person subscribes anew.
    pub fn click(&self, summit: &Summit, of: Follower, at: Timestamp) -> Option<(MessageId, Vec<u8>)> {
        let (robot, person) = (&self.policy.robot, of.person.address.as_ref()?);
        let local = encoded(self.mac_of(&[CLICK, &summit.slug, &person.key(), &of.since.to_string()]));
        let id = MessageId::ours(&format!("unsubscribed.{local}"), &robot.domain_key());
        let name = of.person.name.as_deref().map(HeaderText::new);
        let text = ClickText { person: person.as_str(), robot: &self.policy.robot_name };
        let mail = [
            header::text("Date", &HeaderText::new(&enclosed::date(at))),
            header::mailbox("From", name.as_ref(), person),
            header::mailbox("To", Some(&HeaderText::new(&self.policy.robot_name)), robot),
            header::text("Subject", &HeaderText::new("unsubscribe")),
            header::ids("Message-ID", std::slice::from_ref(&id)),
            header::words("List-Id", vec![format!("<{}>", self.policy.digests_id(summit))]),
            header::text("MIME-Version", &HeaderText::new("1.0")),
            body::part("text/plain; charset=utf-8", &rendered(&text)),
        ];
        Some((id, mail.concat().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::mail::read;
    use std::path::Path;

    const CONFIG: &str = concat!(
        "address = \"robot@example.org\"\n[transport]\nkind = \"maildir\"\npath = \"sent\"\n",
        "[web]\npublic = \"https://sessions.example.org/all\"\n",
        "[[list]]\naddress = \"devel@lists.example.org\"\n",
        "[[summit]]\nslug = \"one\"\nname = \"One\"\nlists = [\"devel@lists.example.org\"]\n",
        "[[summit]]\nslug = \"two\"\nname = \"Two\"\nlists = [\"devel@lists.example.org\"]\n",
    );

    fn person(address: &str) -> Person {
        Person { name: Some("Grace Hopper".into()), address: Address::parse(address) }
    }

    #[test]
    fn a_link_is_one_persons_for_one_summit_and_of_one_instance() {
        let policy = Config::parse(Path::new("rapporteur.toml"), CONFIG).unwrap().policy;
        let [one, two] = policy.summits.as_slice() else { panic!("two summits") };
        let seal = Seal { policy: &policy, secret: &[27; 32], dkim: None };
        let grace = person("Grace@example.org").address.unwrap();
        let link = seal.link(one, &grace).unwrap();
        let token =
            link.strip_prefix("https://sessions.example.org/all/unsubscribe/one/").and_then(Token::parse).unwrap();
        assert!(seal.ends(&token, one, &grace));
        assert!(!seal.ends(&token, two, &grace));
        assert!(!seal.ends(&token, one, &Address::parse("ada@example.org").unwrap()));
        assert!(!Seal { secret: &[28; 32], ..seal }.ends(&token, one, &grace));
        assert!(!seal.ends(&Token::parse("aaaaaaaaaaaa").unwrap(), one, &grace), "a part of a token is none");
    }

    #[test]
    fn a_click_is_a_mail_that_says_which_summit_it_is_about() {
        let policy = Config::parse(Path::new("rapporteur.toml"), CONFIG).unwrap().policy;
        let seal = Seal { policy: &policy, secret: &[27; 32], dkim: None };
        let grace = person("grace@example.org");
        let click = |since| seal.click(&policy.summits[1], Follower { person: &grace, since }, Timestamp::UNIX_EPOCH);
        let (id, raw) = click(7).unwrap();
        let mail = read(&raw, Timestamp::UNIX_EPOCH);
        assert_eq!((mail.message_id.clone(), mail.author.address.clone()), (id.clone(), grace.address.clone()));
        assert_eq!(policy.summit_of_digests(&mail).map(|summit| summit.slug.as_str()), Some("two"));
        assert_ne!(click(8).unwrap().0, id, "who subscribes anew can end it anew");
    }
}
