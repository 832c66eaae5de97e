//! Who answers whom. A mail's place is noted once, when it first arrives; mails that it names and that have not arrived
//! are noted as ghosts, so that a late one finds those that waited for it. Subjects play no part here.

use super::row::{Columns, ask_ids, ask_many, id_text};
use super::sql::Many;
use super::{MailRow, StoreError, Work, sql};
use crate::mail::MessageId;
use std::collections::{HashMap, HashSet};

/// How many ids of one mail's chain are looked at or noted, nearest first. Longer chains are made by hand.
const REACH: usize = 100;

/// How many ancestors a mail can have: enough for a thread of years.
const ANCESTORS: usize = 500;

impl Work {
    /// The given mails and all above them in their threads, nearest first, at most 500. Ghosts are among them.
    pub async fn ancestors(&mut self, ids: &[MessageId]) -> Result<Vec<MessageId>, StoreError> {
        let ids = &ids[..ids.len().min(REACH)];
        let mut parents: HashMap<MessageId, Option<MessageId>> = HashMap::new();
        for ids in ids.chunks(Many::ROWS) {
            for row in ask_ids(sql::ABOVE, ids).fetch_all(&mut *self.turn).await? {
                let mut columns = Columns::of(&row);
                parents.insert(columns.named()?, columns.named_or_null()?);
            }
        }
        Ok(nearest_first(ids, &parents))
    }

    /// Puts a mail in its thread, and ghosts for what it tells about mails not seen. Returns whether it was a ghost.
    pub(super) async fn put_thread(&mut self, row: &MailRow) -> Result<bool, StoreError> {
        let parents = &row.parents[..row.parents.len().min(REACH)];
        let references = &row.references[row.references.len().saturating_sub(REACH)..];
        let mut seen: HashMap<MessageId, bool> = HashMap::new();
        let mut places = ghosts(references, parents);
        let mut asked: Vec<MessageId> = places.iter().map(|place| place.id.clone()).collect();
        asked.push(row.message_id.clone());
        for ids in asked.chunks(Many::ROWS) {
            for row in ask_ids(sql::THREAD_OF, ids).fetch_all(&mut *self.turn).await? {
                let mut columns = Columns::of(&row);
                seen.insert(columns.named()?, columns.flag()?);
            }
        }
        let known = seen.get(&row.message_id).copied();
        places.retain(|place| !seen.contains_key(&place.id) && place.id != row.message_id);
        if known != Some(true) {
            let parent = parents.iter().find(|id| seen.get(*id) == Some(&true)).or(parents.first());
            places.push(Place { id: row.message_id.clone(), parent: parent.cloned(), seen: true });
        }
        for places in places.chunks(Many::ROWS) {
            let mut put = ask_many(sql::PUT_THREAD, places.len());
            for place in places {
                put = put.bind(id_text(&place.id)).bind(place.parent.as_ref().map(id_text)).bind(i64::from(place.seen));
            }
            put.execute(&mut *self.turn).await?;
        }
        Ok(known == Some(false))
    }
}

/// A row of the table `thread`.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    id: MessageId,
    parent: Option<MessageId>,
    seen: bool,
}

/// What a mail tells about others: each reference answers the one before it, and what In-Reply-To names beside the
/// references answers the last of them. Each id once.
fn ghosts(references: &[MessageId], parents: &[MessageId]) -> Vec<Place> {
    let mut named = HashSet::new();
    let mut places = Vec::new();
    let mut previous: Option<&MessageId> = None;
    for id in references {
        if named.insert(id) {
            places.push(Place { id: id.clone(), parent: previous.cloned(), seen: false });
            previous = Some(id);
        }
    }
    for id in parents {
        if named.insert(id) {
            places.push(Place { id: id.clone(), parent: previous.cloned(), seen: false });
        }
    }
    places
}

/// Walks up from the ids, all by one step at a time.
fn nearest_first(ids: &[MessageId], parents: &HashMap<MessageId, Option<MessageId>>) -> Vec<MessageId> {
    let mut met: HashSet<&MessageId> = HashSet::new();
    let mut way: Vec<&MessageId> = ids.iter().filter(|id| met.insert(id)).collect();
    let mut next = 0;
    while next < way.len() && way.len() < ANCESTORS {
        if let Some(Some(parent)) = parents.get(way[next])
            && met.insert(parent)
        {
            way.push(parent);
        }
        next += 1;
    }
    way.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::end::from_name;

    fn ids(names: &str) -> Vec<MessageId> {
        names.chars().map(|name| from_name(&format!("{name}@example.org")).unwrap()).collect()
    }

    /// `b<a` for a mail b that answers a.
    fn told(places: &[Place]) -> String {
        let letter = |id: &MessageId| id.as_str()[..1].to_owned();
        let told = places.iter().map(|place| {
            place
                .parent
                .as_ref()
                .map_or(letter(&place.id), |parent| format!("{}<{}", letter(&place.id), letter(parent)))
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn references_tell_a_chain() {
        assert_eq!(told(&ghosts(&ids("abc"), &ids("cba"))), "a b<a c<b");
    }

    #[test]
    fn an_in_reply_to_beside_the_references_hangs_below_them() {
        assert_eq!(told(&ghosts(&ids("ab"), &ids("xba"))), "a b<a x<b");
        assert_eq!(told(&ghosts(&[], &ids("xy"))), "x y");
    }

    #[test]
    fn references_that_repeat_do_not_make_a_circle() {
        assert_eq!(told(&ghosts(&ids("abab"), &ids("ba"))), "a b<a");
    }

    #[test]
    fn the_way_up_ends_in_a_circle() {
        let [a, b] = [ids("a").remove(0), ids("b").remove(0)];
        let parents = HashMap::from([(a.clone(), Some(b.clone())), (b.clone(), Some(a.clone()))]);
        assert_eq!(nearest_first(std::slice::from_ref(&a), &parents), [a, b]);
    }
}
