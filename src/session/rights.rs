//! Who may do what: one table of verbs, read by `decide` and printed in `docs/operating.md`.
//!
//! Two things count: what the author is towards the session ([`Role`]), and how well it is known that the author is who
//! the mail says ([`Tier`]). What the role allows and the tier does not yet prove is not refused: the registered address
//! is asked first.

use super::model::Session;
use super::policy::{Policy, Summit};
use crate::mail::Person;
use serde::{Deserialize, Serialize};

/// How well it is known that From names who wrote the mail. The order is that of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// Nothing is known.
    T0,
    /// It came through a list that is watched.
    T1,
    /// A server that we trust says so (RFC 8601), or its signature does.
    T2,
    /// The registered address was asked, and said yes.
    T3,
}

/// What an author is towards a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Anyone,
    /// A host of the session, or the one who proposed it.
    Host,
    /// An organiser of the summit.
    Organiser,
}

impl Role {
    pub fn named(self) -> &'static str {
        match self {
            Role::Anyone => "anyone on the list",
            Role::Host => "a host of the session or an organiser",
            Role::Organiser => "an organiser",
        }
    }
}

/// The tier from which a role may do something at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// Whatever is known.
    Any,
    /// What the operator asks of hosts ([`Floors::hosts`]).
    Hosts,
    /// What the operator asks of organisers ([`Floors::organisers`]).
    Organisers,
    /// Never without the word of the registered address.
    Asked,
}

/// What the operator asks for before a change is made at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floors {
    pub hosts: Tier,
    pub organisers: Tier,
}

impl Default for Floors {
    fn default() -> Floors {
        Floors { hosts: Tier::T0, organisers: Tier::T0 }
    }
}

/// One verb's row: from which tier each role may use it; `None` where it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// As `grammar::Want::verb` names it.
    pub verb: &'static str,
    pub anyone: Option<Floor>,
    pub host: Option<Floor>,
    pub organiser: Option<Floor>,
}

/// What becomes of a verb in somebody's mouth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// The role allows it; whether the author has it is not proven.
    AskFirst,
    /// It takes this role.
    Refused(Role),
}

/// Facts are anybody's to add.
const fn fact(verb: &'static str) -> Right {
    Right { verb, anyone: Some(Floor::Any), host: Some(Floor::Any), organiser: Some(Floor::Any) }
}

/// What changes a session is its hosts'; an organiser may do it for them.
const fn change(verb: &'static str) -> Right {
    Right { verb, anyone: None, host: Some(Floor::Hosts), organiser: Some(Floor::Organisers) }
}

/// What weighs one session against others is the organisers'.
const fn ruling(verb: &'static str) -> Right {
    Right { verb, anyone: None, host: None, organiser: Some(Floor::Organisers) }
}

/// The table.
pub const RIGHTS: &[Right] = &[
    fact("interest"),
    fact("attend"),
    fact("scribe"),
    fact("ref"),
    fact("suggest"),
    fact("^propose"),
    change("revise"),
    change("title"),
    change("host add"),
    change("host drop"),
    change("slot"),
    change("cancel"),
    change("track"),
    change("withdraw"),
    change("reopen"),
    change("^notes"),
    change("action done"),
    ruling("accept"),
    ruling("reject"),
    ruling("merge"),
    ruling("split"),
];

/// The row of a verb.
pub fn right(verb: &str) -> &'static Right {
    let row = RIGHTS.iter().find(|right| right.verb == verb);
    row.unwrap_or_else(|| unreachable!("each verb has its row, as a test of the documents shows: `{verb}`"))
}

impl Right {
    /// What becomes of it for an author who has these roles, at a tier.
    pub fn verdict(&self, roles: Roles, tier: Tier, floors: Floors) -> Verdict {
        let host = self.host.filter(|_| roles.host);
        let organiser = self.organiser.filter(|_| roles.organiser);
        let reached = |floor: &Floor| match floor {
            Floor::Any => true,
            Floor::Hosts => tier >= floors.hosts,
            Floor::Organisers => tier >= floors.organisers,
            Floor::Asked => tier >= Tier::T3,
        };
        let allowed = [self.anyone, host, organiser];
        match (allowed.iter().flatten().next(), allowed.iter().flatten().any(reached)) {
            (None, _) => Verdict::Refused(self.least()),
            (Some(_), true) => Verdict::Done,
            (Some(_), false) => Verdict::AskFirst,
        }
    }

    /// The least role that may use it.
    pub fn least(&self) -> Role {
        match (self.anyone, self.host) {
            (Some(_), _) => Role::Anyone,
            (None, Some(_)) => Role::Host,
            (None, None) => Role::Organiser,
        }
    }
}

/// The roles an author has towards a session, each by itself: an organiser may host a session of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    pub host: bool,
    pub organiser: bool,
}

impl Roles {
    /// Only an address makes a role, and whose it is the operator says: names prove nothing.
    pub fn of(author: &Person, session: &Session, summit: &Summit, policy: &Policy) -> Roles {
        let Some(address) = &author.address else { return Roles::default() };
        Roles { host: session.is_host(policy.people.first(address)), organiser: policy.is_organiser(summit, address) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYONE: Roles = Roles { host: false, organiser: false };
    const HOST: Roles = Roles { host: true, organiser: false };
    const ORGANISER: Roles = Roles { host: false, organiser: true };
    const STRICT: Floors = Floors { hosts: Tier::T1, organisers: Tier::T2 };

    #[test]
    fn a_tier_below_the_floor_is_asked_and_a_missing_role_refused_whatever_the_tier() {
        let title = right("title");
        for (roles, tier, verdict) in [
            (ANYONE, Tier::T3, Verdict::Refused(Role::Host)),
            (HOST, Tier::T0, Verdict::AskFirst),
            (HOST, Tier::T1, Verdict::Done),
            (ORGANISER, Tier::T1, Verdict::AskFirst),
            (ORGANISER, Tier::T2, Verdict::Done),
        ] {
            assert_eq!(title.verdict(roles, tier, STRICT), verdict, "{roles:?} {tier:?}");
        }
        assert_eq!(right("accept").verdict(HOST, Tier::T3, STRICT), Verdict::Refused(Role::Organiser));
    }

    #[test]
    fn who_has_two_roles_needs_only_what_one_of_them_asks_for() {
        let both = Roles { host: true, organiser: true };
        assert_eq!(right("title").verdict(both, Tier::T1, STRICT), Verdict::Done);
    }

    #[test]
    fn what_is_never_done_unasked_needs_the_word_of_the_registered_address() {
        let row = Right { verb: "erase", anyone: None, host: None, organiser: Some(Floor::Asked) };
        assert_eq!(row.verdict(ORGANISER, Tier::T2, STRICT), Verdict::AskFirst);
        assert_eq!(row.verdict(ORGANISER, Tier::T3, STRICT), Verdict::Done);
    }

    #[test]
    fn each_verb_has_one_row() {
        for (at, right) in RIGHTS.iter().enumerate() {
            assert!(RIGHTS[at + 1..].iter().all(|other| other.verb != right.verb), "{}", right.verb);
        }
    }
}
