//! Who may do what. One table, read by `decide` and printed in `docs/operating.md`.

use super::model::Session;
use super::policy::{Policy, Summit};
use crate::grammar::Want;
use crate::mail::Person;

/// The least role a verb asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Anyone,
    /// A host of the session, the one who proposed it, or an organiser.
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

/// Facts are anybody's to add; what changes a session is its hosts'; what weighs one session against others is the organisers'.
pub fn needed(want: &Want) -> Role {
    match want {
        Want::Interest(_)
        | Want::Attend { .. }
        | Want::Scribe(_)
        | Want::Refer(_)
        | Want::Suggest(_)
        | Want::ProposeParent { .. } => Role::Anyone,
        Want::Title(_)
        | Want::AddHost(_)
        | Want::DropHost(_)
        | Want::Slot(_)
        | Want::Cancel
        | Want::Track(_)
        | Want::Withdraw { .. }
        | Want::Reopen
        | Want::NotesParent(_)
        | Want::ActionDone(_) => Role::Host,
        Want::Accept | Want::Reject { .. } | Want::Merge(_) | Want::Split => Role::Organiser,
    }
}

/// The role an author has towards a session. Only an address makes a role, and whose it is the operator says: names prove
/// nothing.
pub fn role(author: &Person, session: &Session, summit: &Summit, policy: &Policy) -> Role {
    match &author.address {
        Some(address) if policy.is_organiser(summit, address) => Role::Organiser,
        Some(address) if session.is_host(policy.people.first(address)) => Role::Host,
        _ => Role::Anyone,
    }
}
