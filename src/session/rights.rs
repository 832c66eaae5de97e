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
    /// Whoever wrote what the verb is about: the mail to take back.
    Author,
    /// A host of the session, or the one who proposed it.
    Host,
    /// An organiser of the summit.
    Organiser,
}

impl Role {
    pub fn named(self) -> &'static str {
        match self {
            Role::Anyone => "anyone on the list",
            Role::Author => "the author of that mail or an organiser",
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
        Floors { hosts: Tier::T1, organisers: Tier::T2 }
    }
}

/// One verb's row: from which tier each role may use it; `None` where it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// As `grammar::Want::verb` names it.
    pub verb: &'static str,
    /// Of what the verb is about: the mail that is taken back, the notes that are placed, the action's owner.
    pub author: Option<Floor>,
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
    Right { verb, author: None, anyone: Some(Floor::Any), host: Some(Floor::Any), organiser: Some(Floor::Any) }
}

/// A fact for which others would get mail, if anybody could state it in their name.
const fn known(verb: &'static str) -> Right {
    let floor = Some(Floor::Hosts);
    Right { verb, author: None, anyone: floor, host: floor, organiser: floor }
}

/// What changes a session is its hosts'; an organiser may do it for them.
const fn change(verb: &'static str) -> Right {
    Right { verb, author: None, anyone: None, host: Some(Floor::Hosts), organiser: Some(Floor::Organisers) }
}

/// A change that somebody may make of what is their own, whoever hosts the session; proven as well as a host's.
const fn own(verb: &'static str) -> Right {
    Right { author: Some(Floor::Hosts), ..change(verb) }
}

/// Taking back what one mail did is for its author, who could also not have written it, and for the organisers. A host
/// has other verbs; this one would let them strike out what others said.
const fn taking_back(verb: &'static str) -> Right {
    Right { author: Some(Floor::Hosts), ..ruling(verb) }
}

/// What a host does with a session of their own, and an organiser with another's only when asked whether it was they.
const fn hosts_own(verb: &'static str) -> Right {
    Right { organiser: Some(Floor::Asked), ..change(verb) }
}

/// What weighs one session against others is the organisers'.
const fn ruling(verb: &'static str) -> Right {
    Right { verb, author: None, anyone: None, host: None, organiser: Some(Floor::Organisers) }
}

/// The same, where it takes from others what they planned: the registered address has the last word.
const fn verdict(verb: &'static str) -> Right {
    Right { organiser: Some(Floor::Asked), ..ruling(verb) }
}

/// The table.
pub const RIGHTS: &[Right] = &[
    fact("interest"),
    fact("attend"),
    fact("scribe"),
    fact("ref"),
    fact("suggest"),
    fact("^propose"),
    fact("host me"),
    fact("object"),
    known("subscribe"),
    fact("unsubscribe"),
    change("revise"),
    change("title"),
    change("host add"),
    change("host drop"),
    change("slot"),
    change("cancel"),
    change("track"),
    hosts_own("withdraw"),
    change("reopen"),
    change("settle"),
    own("^notes"),
    own("action done"),
    ruling("accept"),
    verdict("reject"),
    verdict("merge"),
    ruling("split"),
    taking_back("undo"),
];

/// The row of a verb.
pub fn right(verb: &str) -> &'static Right {
    let row = RIGHTS.iter().find(|right| right.verb == verb);
    row.unwrap_or_else(|| unreachable!("each verb has its row, as a test of the documents shows: `{verb}`"))
}

impl Right {
    /// What becomes of it for an author who has these roles, at a tier.
    pub fn verdict(&self, roles: Roles, tier: Tier, floors: Floors) -> Verdict {
        let author = self.author.filter(|_| roles.author);
        let host = self.host.filter(|_| roles.host);
        let organiser = self.organiser.filter(|_| roles.organiser);
        let reached = |floor: &Floor| match floor {
            Floor::Any => true,
            Floor::Hosts => tier >= floors.hosts,
            Floor::Organisers => tier >= floors.organisers,
            Floor::Asked => tier >= Tier::T3,
        };
        let allowed = [self.anyone, author, host, organiser];
        match (allowed.iter().flatten().next(), allowed.iter().flatten().any(reached)) {
            (None, _) => Verdict::Refused(self.least()),
            (Some(_), true) => Verdict::Done,
            (Some(_), false) => Verdict::AskFirst,
        }
    }

    /// Whether it only adds a fact.
    pub fn adds(&self) -> bool {
        self.anyone.is_some()
    }

    /// The least role that may use it.
    pub fn least(&self) -> Role {
        match (self.anyone, self.host, self.author) {
            (Some(_), ..) => Role::Anyone,
            (None, Some(_), _) => Role::Host,
            (None, None, Some(_)) => Role::Author,
            (None, None, None) => Role::Organiser,
        }
    }
}

/// The roles an author has towards a session, each by itself: an organiser may host a session of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Of what the verb is about.
    pub author: bool,
    pub host: bool,
    pub organiser: bool,
}

impl Roles {
    /// Only an address makes a role, and whose it is the operator says: names prove nothing.
    pub fn of(author: &Person, session: &Session, summit: &Summit, policy: &Policy) -> Roles {
        let Some(address) = &author.address else { return Roles::default() };
        Roles {
            author: false,
            host: session.is_host(policy.people.first(address)),
            organiser: policy.is_organiser(summit, address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYONE: Roles = Roles { author: false, host: false, organiser: false };
    const AUTHOR: Roles = Roles { author: true, ..ANYONE };
    const HOST: Roles = Roles { host: true, ..ANYONE };
    const ORGANISER: Roles = Roles { organiser: true, ..ANYONE };
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
        let both = Roles { organiser: true, ..HOST };
        assert_eq!(right("title").verdict(both, Tier::T1, STRICT), Verdict::Done);
    }

    #[test]
    fn what_is_never_done_unasked_needs_the_word_of_the_registered_address() {
        let row = Right { verb: "erase", author: None, anyone: None, host: None, organiser: Some(Floor::Asked) };
        assert_eq!(row.verdict(ORGANISER, Tier::T2, STRICT), Verdict::AskFirst);
        assert_eq!(row.verdict(ORGANISER, Tier::T3, STRICT), Verdict::Done);
    }

    #[test]
    fn what_is_ones_own_may_be_taken_back_and_what_is_anothers_only_by_an_organiser() {
        let undo = right("undo");
        for (roles, tier, verdict) in [
            (AUTHOR, Tier::T0, Verdict::AskFirst),
            (AUTHOR, Tier::T1, Verdict::Done),
            (ORGANISER, Tier::T1, Verdict::AskFirst),
            (HOST, Tier::T3, Verdict::Refused(Role::Author)),
            (ANYONE, Tier::T3, Verdict::Refused(Role::Author)),
        ] {
            assert_eq!(undo.verdict(roles, tier, STRICT), verdict, "{roles:?} {tier:?}");
        }
        assert_eq!(right("title").verdict(AUTHOR, Tier::T3, STRICT), Verdict::Refused(Role::Host));
        assert_eq!(right("action done").verdict(AUTHOR, Tier::T0, STRICT), Verdict::AskFirst);
        assert_eq!(right("action done").verdict(AUTHOR, Tier::T1, STRICT), Verdict::Done);
    }

    #[test]
    fn each_verb_has_one_row() {
        for (at, right) in RIGHTS.iter().enumerate() {
            assert!(RIGHTS[at + 1..].iter().all(|other| other.verb != right.verb), "{}", right.verb);
        }
    }
}
