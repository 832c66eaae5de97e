//! Whether mail reaches somebody: a score of what came back.
//!
//! A letter that came back for good counts 1, one that was given up or put off for a passing trouble a quarter, and of one
//! day only the worst. What is older than a month counts no more, nor does what lies before a mail of theirs.

use crate::clock::Timestamp;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// In quarters of a point.
const SOFT: u32 = 1;
const HARD: u32 = 4;
/// From here on letters are probes.
const DOUBTFUL: u32 = 4;
/// From here on there are none.
const LOST: u32 = 12;
pub const MEMORY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Between two probes.
const PROBE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A letter that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    pub at: Timestamp,
    /// For good.
    pub hard: bool,
}

/// How well somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Well,
    /// Something came back: the next letter, not before then, will tell.
    Probe(Timestamp),
    /// So much came back that nothing is sent, until they write.
    Suspended,
}

/// The reach of somebody who wrote last when they were `heard`.
pub fn reach(returned: &[Returned], heard: Option<Timestamp>, now: Timestamp) -> Reach {
    let since = now.checked_sub(MEMORY).unwrap_or(now).max(heard.unwrap_or(Timestamp::MIN));
    let mut days: BTreeMap<i64, u32> = BTreeMap::new();
    let counted = || returned.iter().filter(|one| one.at > since && one.at <= now);
    for one in counted() {
        let worst = days.entry(one.at.as_second().div_euclid(24 * 3600)).or_default();
        *worst = (*worst).max(if one.hard { HARD } else { SOFT });
    }
    let last = counted().map(|one| one.at).max();
    match (days.values().sum::<u32>(), last) {
        (score, _) if score >= LOST => Reach::Suspended,
        (score, Some(last)) if score >= DOUBTFUL => Reach::Probe(last.checked_add(PROBE).unwrap_or(last)),
        _ => Reach::Well,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * 24 * 3600 + 60).expect("a time")
    }
    fn hard(at: i64) -> Returned {
        Returned { at: day(at), hard: true }
    }
    fn soft(at: i64) -> Returned {
        Returned { at: day(at), hard: false }
    }

    #[test]
    fn what_comes_back_makes_the_next_letters_probes_and_then_ends_them() {
        let probe = |day| Reach::Probe(self::day(day));
        for (returned, now, expected) in [
            (vec![], 10, Reach::Well),
            (vec![hard(10)], 10, probe(17)),
            (vec![hard(10), hard(10), hard(10)], 11, probe(17)),
            (vec![hard(10), hard(17)], 18, probe(24)),
            (vec![hard(10), hard(17), hard(24)], 25, Reach::Suspended),
            (vec![hard(10)], 41, Reach::Well),
            (vec![soft(10), soft(11), soft(12)], 12, Reach::Well),
            (vec![soft(10), soft(11), soft(12), soft(13)], 13, probe(20)),
        ] {
            assert_eq!(reach(&returned, None, day(now)), expected, "{returned:?} at {now}");
        }
    }

    #[test]
    fn a_mail_from_them_wipes_it_out() {
        let returned = [hard(10), hard(17), hard(24)];
        assert_eq!(reach(&returned, Some(day(9)), day(25)), Reach::Suspended);
        assert_eq!(reach(&returned, Some(day(25)), day(26)), Reach::Well);
    }
}
