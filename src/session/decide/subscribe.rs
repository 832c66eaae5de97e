//! What a subscription is about: a session, or the summit as a whole.

use super::{Item, Judge, Refusal};
use crate::grammar::{Ask, Scope, Want};
use crate::session::model::{Change, SessionKey};

impl Judge<'_> {
    /// Whether an unsubscription means everything that its author gets.
    pub(super) fn means_all(&self, ask: &Ask, scope: Scope) -> bool {
        let of_summit = |key: &SessionKey| key.is_summit();
        let nowhere = ask.target.is_none() && self.here.as_ref().is_none_or(of_summit);
        ask.target.is_none() && scope == Scope::All || nowhere && scope == Scope::Here
    }

    /// The session of the thread; the summit, where there is none or the line names a kind of its digests.
    pub(super) fn subscribed_to(&self, ask: &Ask) -> SessionKey {
        let here = match ask.want {
            Want::Subscribe(Scope::Here) | Want::Unsubscribe(Scope::Here) => self.here.clone(),
            _ => None,
        };
        here.unwrap_or_else(|| SessionKey::of_summit(&self.q.summit.slug))
    }

    /// Ends all that its author has sent to them: the summit's digests, and the news of each session.
    pub(super) fn unsubscribe_all(&mut self, ask: &Ask) -> Result<Item, Refusal> {
        let summit = SessionKey::of_summit(&self.q.summit.slug);
        let sessions = self.q.register.of_summit(&summit.summit).map(|session| session.key.clone());
        let mut keys: Vec<SessionKey> = std::iter::once(summit.clone()).chain(sessions).collect();
        keys.retain(|key| self.session(key).is_some_and(|session| session.is_subscribed(&self.acting)));
        if keys.is_empty() {
            return Err(Refusal::NotSubscribed(summit, None));
        }
        for key in &keys {
            let person = self.author.clone();
            self.add(key, Change::Unsubscribed { person, report: None }, Some(ask.line));
        }
        Ok(Item::Done { session: summit, ask: ask.clone() })
    }
}
