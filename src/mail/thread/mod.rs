//! Who answers whom: one rule, from the ids of the mails alone (RFC 5256 §3, REFERENCES, without its subjects).
//!
//! A mail's own headers place it, and nothing that others say; a mail that was named and has not arrived, a *ghost*,
//! is placed by the fullest References that names it. Both are the same in whatever order mails arrive, so the places
//! noted on the way ([`changes`]) and a [`Forest`] made of all mails at once agree. Circles are noted as they are told:
//! refusing the link that closes one would let the first to arrive decide. They are cut where they are read.

mod forest;
mod subject;

pub use forest::{Forest, Node};
pub use subject::base_subject;

use super::MessageId;
use std::collections::HashSet;

/// How many ids of one mail's chain are looked at or noted, nearest first. Longer chains are made by hand.
const REACH: usize = 100;

/// How many ancestors a mail can have: enough for a thread of years.
const ANCESTORS: usize = 500;

/// What one mail's headers say of threads.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a> {
    pub message_id: &'a MessageId,
    /// All that it answers, nearest first: see [`super::Mail::parents`].
    pub parents: &'a [MessageId],
    /// The References, oldest first.
    pub references: &'a [MessageId],
}

/// Where a mail stands in its thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// It has arrived. A ghost has not.
    pub seen: bool,
    /// What it answers: by its own words, or for a ghost by those of others.
    pub parent: Option<MessageId>,
    /// The last of its References, when In-Reply-To names another mail: it holds the place when that one never comes,
    /// or was only somebody's address.
    pub aside: Option<MessageId>,
    /// For a ghost: how many mails its witness named before it. The longest chain is the least truncated.
    pub told: usize,
}

impl Place {
    /// What it answers, given which mails have arrived: the nearest that has; else where the References lead.
    pub fn answers(&self, seen: impl Fn(&MessageId) -> bool) -> Option<&MessageId> {
        let (parent, aside) = (self.parent.as_ref(), self.aside.as_ref());
        parent.filter(|id| seen(id)).or(aside).or(parent)
    }

    /// All that it may answer, the likeliest first.
    pub fn above(&self) -> impl Iterator<Item = &MessageId> {
        self.parent.iter().chain(&self.aside)
    }

    /// Whether this word on a ghost counts more than another: by what is said, never by who spoke first.
    fn outweighs(&self, other: &Place) -> bool {
        !other.seen && (self.told > other.told || (self.told == other.told && self.parent < other.parent))
    }
}

/// What changes when a mail arrives: its own place, unless it has one, and those of the ghosts that it tells of.
pub fn changes<'p>(mail: Ids, known: impl Fn(&MessageId) -> Option<&'p Place>) -> Vec<(MessageId, Place)> {
    let mut changes = Vec::new();
    // A mail that was seen takes the place of its ghost; nothing takes the place of a mail that was seen.
    if known(mail.message_id).is_none_or(|place| !place.seen) {
        changes.push((mail.message_id.clone(), own_place(mail)));
    }
    let mut named = HashSet::from([mail.message_id]);
    for (id, place) in ghosts(mail) {
        if named.insert(id) && known(id).is_none_or(|old| place.outweighs(old)) {
            changes.push((id.clone(), place));
        }
    }
    changes
}

/// In-Reply-To is what the writer's program meant to answer; the References are the way there.
fn own_place(mail: Ids) -> Place {
    let parent = mail.parents.first();
    let aside = match mail.references.last() {
        Some(last) => Some(last).filter(|last| Some(*last) != parent),
        None => mail.parents.get(1),
    };
    Place { seen: true, parent: parent.cloned(), aside: aside.cloned(), told: 0 }
}

/// What a mail tells of others: each reference answers the one before it. Of what stands in In-Reply-To alone nothing
/// is known: it may be no mail at all.
fn ghosts(mail: Ids<'_>) -> impl Iterator<Item = (&MessageId, Place)> {
    let first = mail.references.len().saturating_sub(REACH);
    let chain = mail.references.iter().enumerate().skip(first).map(move |(told, id)| {
        let parent = told.checked_sub(1).and_then(|before| mail.references.get(before));
        (id, Place { parent: parent.cloned(), told, ..Place::default() })
    });
    chain.chain(nearest(mail.parents).iter().map(|id| (id, Place::default())))
}

/// The mails whose places the rule asks for when this one arrives.
pub fn within_reach(mail: Ids<'_>) -> impl Iterator<Item = &MessageId> {
    let newest = &mail.references[mail.references.len().saturating_sub(REACH)..];
    [mail.message_id].into_iter().chain(nearest(mail.parents)).chain(newest)
}

/// Of the mails that one answers, those that are looked at.
pub fn nearest(parents: &[MessageId]) -> &[MessageId] {
    &parents[..parents.len().min(REACH)]
}

/// The mails given and all above them, nearest first, all by one step at a time; at most 500. A circle ends where it
/// began.
pub fn ancestors<'p>(ids: &[MessageId], known: impl Fn(&MessageId) -> Option<&'p Place>) -> Vec<MessageId> {
    let mut met: HashSet<&MessageId> = HashSet::new();
    let mut way: Vec<&MessageId> = nearest(ids).iter().filter(|id| met.insert(id)).collect();
    let mut next = 0;
    while next < way.len() && way.len() < ANCESTORS {
        let above = known(way[next]).into_iter().flat_map(Place::above);
        way.extend(above.filter(|id| met.insert(id)));
        next += 1;
    }
    way.truncate(ANCESTORS);
    way.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::end::from_name;
    use std::collections::HashMap;

    fn id(name: char) -> MessageId {
        from_name(&format!("{name}@example.org")).unwrap()
    }
    fn ids(names: &str) -> Vec<MessageId> {
        names.chars().map(id).collect()
    }
    /// What a mail with these headers changes among no other mails: `b<a` for a mail b that answers a, `(x)` aside.
    fn told(own: char, in_reply_to: &str, references: &str) -> String {
        let (own, references) = (id(own), ids(references));
        let mut parents: Vec<MessageId> = ids(in_reply_to).into_iter().rev().collect();
        parents.extend(references.iter().rev().filter(|id| !parents.contains(id)).cloned().collect::<Vec<_>>());
        let mail = Ids { message_id: &own, parents: &parents, references: &references };
        let letter = |id: &MessageId| id.as_str()[..1].to_owned();
        let line = |(id, place): &(MessageId, Place)| {
            let parent = place.parent.as_ref().map_or_else(String::new, |parent| format!("<{}", letter(parent)));
            let aside = place.aside.as_ref().map_or_else(String::new, |aside| format!("({})", letter(aside)));
            format!("{}{parent}{aside}", letter(id))
        };
        changes(mail, |_| None).iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn references_tell_a_chain() {
        assert_eq!(told('d', "c", "abc"), "d<c a b<a c<b");
        assert_eq!(told('d', "", "abc"), "d<c a b<a c<b");
        assert_eq!(told('d', "", ""), "d");
    }

    #[test]
    fn an_in_reply_to_beside_the_references_is_a_mail_or_an_address() {
        assert_eq!(told('d', "x", "ab"), "d<x(b) a b<a x");
        assert_eq!(told('d', "a", "ab"), "d<a(b) a b<a", "it skips one on the way");
        assert_eq!(told('d', "xy", ""), "d<y(x) y x");
        let place = Place { seen: true, parent: Some(id('x')), aside: Some(id('b')), told: 0 };
        let answers = |here: &str| place.answers(|id| ids(here).contains(id)).cloned();
        assert_eq!((answers("xb"), answers("b"), answers("")), (Some(id('x')), Some(id('b')), Some(id('b'))));
    }

    #[test]
    fn the_fullest_references_place_a_ghost() {
        let short = Place { parent: Some(id('a')), told: 1, ..Place::default() };
        let long = Place { parent: Some(id('b')), told: 2, ..Place::default() };
        assert!(long.outweighs(&short) && !short.outweighs(&long) && !short.outweighs(&short));
        assert!(!long.outweighs(&Place { seen: true, ..Place::default() }), "a mail's own words come first");
    }

    #[test]
    fn the_way_up_ends_in_a_circle() {
        let [a, b] = [id('a'), id('b')];
        let answers = |parent: &MessageId| Place { parent: Some(parent.clone()), ..Place::default() };
        let places = HashMap::from([(a.clone(), answers(&b)), (b.clone(), answers(&a))]);
        assert_eq!(ancestors(std::slice::from_ref(&a), |id| places.get(id)), [a.clone(), b.clone()]);
    }
}
