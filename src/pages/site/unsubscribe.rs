//! The page behind the link of a letter that ends a subscription, before the click and after it.
//!
//! To look at it changes nothing: scanners follow every link in a mail (RFC 8058 §1). No address stands in a link or on a page.

use super::Site;
use super::rich::called;
use super::view::Frame;
use crate::clock::Timestamp;
use crate::grammar::Token;
use crate::letters::unsubscribe::{FOLDER, ONE_CLICK};
use crate::letters::{Seal, rendered};
use crate::mail::MessageId;
use crate::session::{Follower, Summit};
use askama::Template;

#[derive(Template)]
#[template(path = "site/unsubscribe.html")]
struct UnsubscribePage<'a> {
    frame: Frame<'a>,
    person: String,
    name: &'a str,
    /// Before the click.
    asks: bool,
    robot: &'a str,
    post: (&'a str, &'a str),
}

/// What a click comes to.
pub struct Clicked {
    pub page: Vec<u8>,
    /// To be kept as if it had arrived; nothing where there is nothing left to end.
    pub mail: Option<(MessageId, Vec<u8>)>,
}

impl Site {
    /// What is shown to whoever follows a link; `None` when it is nobody's.
    pub fn unsubscribe(&self, path: &str, secret: &[u8; 32]) -> Option<Vec<u8>> {
        let (summit, follower) = self.linked(path, secret)?;
        Some(self.unsubscribe_page(path, summit, follower, self.follows(summit, follower)))
    }

    /// The click; `None` when the link is nobody's. The same one again comes to the same.
    pub fn unsubscribed(&self, path: &str, secret: &[u8; 32], now: Timestamp) -> Option<Clicked> {
        let (summit, follower) = self.linked(path, secret)?;
        let page = self.unsubscribe_page(path, summit, follower, false);
        let mail = self.follows(summit, follower).then(|| self.seal(secret).click(summit, follower, now)).flatten();
        Some(Clicked { page, mail })
    }

    /// Whose link `unsubscribe/SUMMIT/TOKEN` is.
    fn linked(&self, path: &str, secret: &[u8; 32]) -> Option<(&Summit, Follower<'_>)> {
        let (slug, token) = path.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
        let (summit, token) = (self.policy.summit(slug)?, Token::parse(token)?);
        let seal = self.seal(secret);
        let theirs = |one: &Follower| one.person.address.as_ref().is_some_and(|own| seal.ends(&token, summit, own));
        Some((summit, self.register.followers(&summit.slug).find(theirs)?))
    }

    fn follows(&self, summit: &Summit, follower: Follower) -> bool {
        self.register.is_follower(&summit.slug, follower.person)
    }

    fn seal<'s>(&'s self, secret: &'s [u8; 32]) -> Seal<'s> {
        Seal { policy: &self.policy, secret, dkim: None }
    }

    fn unsubscribe_page(&self, path: &str, summit: &Summit, follower: Follower, asks: bool) -> Vec<u8> {
        let page = UnsubscribePage {
            frame: self.frame(path, "Unsubscribe", None),
            person: called(follower.person),
            name: &summit.name,
            asks,
            robot: self.policy.robot.as_str(),
            post: ONE_CLICK,
        };
        rendered(&page).into_bytes()
    }
}
