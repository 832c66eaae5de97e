//! What somebody can have sent to them: all of a summit's digests, one kind of them, or what happens to one session.
//!
//! Only that it was asked for is told here. Who gets what in the end is the session's to say.

use serde::{Deserialize, Serialize};

/// A kind of digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    Proposals,
    Agenda,
    Outcomes,
}

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What the line is about: its session, or the one of its thread; where there is none, everything.
    Here,
    /// Everything of the summit.
    All,
    Only(Report),
}

/// The legal values, for people.
pub const SCOPES: &str = "proposals, agenda, outcomes, all";

impl Report {
    pub const ALL: [Report; 3] = [Report::Proposals, Report::Agenda, Report::Outcomes];

    pub fn name(self) -> &'static str {
        match self {
            Report::Proposals => "proposals",
            Report::Agenda => "agenda",
            Report::Outcomes => "outcomes",
        }
    }
}

impl Scope {
    /// The one kind; all of them when it is `None`.
    pub fn report(self) -> Option<Report> {
        match self {
            Scope::Only(report) => Some(report),
            Scope::Here | Scope::All => None,
        }
    }
}

/// What stands behind the verb: nothing, a kind in singular or plural, or `all`.
pub fn scope(text: &str) -> Option<Scope> {
    let text = text.trim_end_matches(['.', '!', ' ']).to_lowercase();
    let text = text.strip_prefix("to ").or(text.strip_prefix("from ")).unwrap_or(&text);
    let text = text.strip_prefix("the ").unwrap_or(text);
    let kind = |report: &Report| text.trim_end_matches('s') == report.name().trim_end_matches('s');
    match text {
        "" => Some(Scope::Here),
        "all" | "everything" => Some(Scope::All),
        _ => Report::ALL.into_iter().find(kind).map(Scope::Only),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_in_singular_or_plural() {
        for (text, expected) in [
            ("", Some(Scope::Here)),
            ("all", Some(Scope::All)),
            ("to outcomes.", Some(Scope::Only(Report::Outcomes))),
            ("Outcome", Some(Scope::Only(Report::Outcomes))),
            ("from the agenda", Some(Scope::Only(Report::Agenda))),
            ("proposals", Some(Scope::Only(Report::Proposals))),
            ("S-7", None),
            ("me", None),
        ] {
            assert_eq!(scope(text), expected, "{text}");
        }
    }
}
