//! Who answers whom. A mail's place is noted once, when it first arrives; mails that it names and that have not arrived
//! are noted as ghosts, so that a late one finds those that waited for it. Subjects play no part here.

use super::row::{Columns, ask_ids, ask_many, id_text};
use super::{MailRow, StoreError, sql};
use crate::mail::MessageId;
use sqlx::AnyConnection;
use std::collections::{HashMap, HashSet};

/// How many ids of one mail's chain are looked at or noted, nearest first. Longer chains are made by hand.
const REACH: usize = 100;

/// How many ancestors a mail can have: enough for a thread of years.
const ANCESTORS: usize = 500;

/// The part of the table `thread` that a turn has read, with what the turn has changed in it.
#[derive(Default)]
pub struct Threads {
    /// `None` for ids that the table does not have.
    places: HashMap<MessageId, Option<Place>>,
    /// Whose places are not written yet.
    changed: HashSet<MessageId>,
}

#[derive(Clone)]
struct Place {
    parent: Option<MessageId>,
    seen: bool,
}

impl Threads {
    /// Reads the places of these mails, and of those above them, as far as they are not known.
    pub async fn read(
        &mut self,
        ids: impl IntoIterator<Item = &MessageId>,
        connection: &mut AnyConnection,
    ) -> Result<(), StoreError> {
        let unread: HashSet<&MessageId> = ids.into_iter().filter(|id| !self.places.contains_key(*id)).collect();
        let unread: Vec<MessageId> = unread.into_iter().cloned().collect();
        for ids in sql::ABOVE.pieces(&unread) {
            for row in ask_ids(sql::ABOVE, ids).fetch_all(&mut *connection).await? {
                let mut columns = Columns::of(&row);
                let id = columns.named()?;
                let place = Place { parent: columns.named_or_null()?, seen: columns.flag()? };
                // What is known already may have changed since it was read.
                self.places.entry(id).or_insert(Some(place));
            }
        }
        for id in unread {
            self.places.entry(id).or_insert(None);
        }
        Ok(())
    }

    /// The given mails and all above them in their threads, nearest first, at most 500. Ghosts are among them.
    pub async fn ancestors(
        &mut self,
        ids: &[MessageId],
        connection: &mut AnyConnection,
    ) -> Result<Vec<MessageId>, StoreError> {
        let ids = &ids[..ids.len().min(REACH)];
        loop {
            let way = nearest_first(ids, |id| self.place(id)?.parent.as_ref());
            if way.iter().all(|id| self.places.contains_key(id)) {
                return Ok(way);
            }
            self.read(&way, connection).await?;
        }
    }

    /// Puts a mail in its thread, and ghosts for what it tells about mails not seen. Returns whether it was a ghost.
    pub async fn put(&mut self, row: &MailRow, connection: &mut AnyConnection) -> Result<bool, StoreError> {
        self.read(within_reach(&row.parents, &row.references).chain([&row.message_id]), connection).await?;
        let was_seen = self.place(&row.message_id).map(|place| place.seen);
        // A mail that was seen takes the place of its ghost; nothing takes the place of a mail that was seen.
        if was_seen != Some(true) {
            let parents = nearest(&row.parents);
            let here = parents.iter().find(|id| self.place(id).is_some_and(|place| place.seen));
            let parent = here.or(parents.first()).cloned();
            self.change(row.message_id.clone(), Place { parent, seen: true });
        }
        for (id, parent) in ghosts(newest(&row.references), nearest(&row.parents)) {
            if self.place(id).is_none() {
                self.change(id.clone(), Place { parent: parent.cloned(), seen: false });
            }
        }
        Ok(was_seen == Some(false))
    }

    /// Writes what has changed.
    pub async fn write(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let changed: Vec<MessageId> = self.changed.drain().collect();
        for ids in sql::PUT_THREAD.pieces(&changed) {
            let mut put = ask_many(sql::PUT_THREAD, ids.len());
            for id in ids {
                let place = self.place(id);
                let parent = place.and_then(|place| place.parent.as_ref());
                put = put
                    .bind(id_text(id))
                    .bind(parent.map(id_text))
                    .bind(i64::from(place.is_some_and(|place| place.seen)));
            }
            put.execute(&mut *connection).await?;
        }
        Ok(())
    }

    fn place(&self, id: &MessageId) -> Option<&Place> {
        self.places.get(id)?.as_ref()
    }

    fn change(&mut self, id: MessageId, place: Place) {
        self.changed.insert(id.clone());
        self.places.insert(id, Some(place));
    }
}

/// Of the mails that a mail answers or refers to, those that are looked at.
pub fn within_reach<'a>(parents: &'a [MessageId], references: &'a [MessageId]) -> impl Iterator<Item = &'a MessageId> {
    nearest(parents).iter().chain(newest(references))
}

fn nearest(parents: &[MessageId]) -> &[MessageId] {
    &parents[..parents.len().min(REACH)]
}

fn newest(references: &[MessageId]) -> &[MessageId] {
    &references[references.len().saturating_sub(REACH)..]
}

/// What a mail tells about others, each with what it answers: each reference answers the one before it, and what
/// In-Reply-To names beside the references answers the last of them. Each id once.
fn ghosts<'a>(references: &'a [MessageId], parents: &'a [MessageId]) -> Vec<(&'a MessageId, Option<&'a MessageId>)> {
    let mut named = HashSet::new();
    let mut places = Vec::new();
    let mut previous = None;
    for id in references {
        if named.insert(id) {
            places.push((id, previous));
            previous = Some(id);
        }
    }
    places.extend(parents.iter().filter(|id| named.insert(*id)).map(|id| (id, previous)));
    places
}

/// Walks up from the ids, all by one step at a time.
fn nearest_first<'a>(ids: &'a [MessageId], parent: impl Fn(&MessageId) -> Option<&'a MessageId>) -> Vec<MessageId> {
    let mut met: HashSet<&MessageId> = HashSet::new();
    let mut way: Vec<&MessageId> = ids.iter().filter(|id| met.insert(id)).collect();
    let mut next = 0;
    while next < way.len() && way.len() < ANCESTORS {
        if let Some(parent) = parent(way[next])
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
    fn told(places: &[(&MessageId, Option<&MessageId>)]) -> String {
        let letter = |id: &MessageId| id.as_str()[..1].to_owned();
        let told = places.iter().map(|(id, parent)| match parent {
            Some(parent) => format!("{}<{}", letter(id), letter(parent)),
            None => letter(id),
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
        let parents = HashMap::from([(a.clone(), b.clone()), (b.clone(), a.clone())]);
        assert_eq!(nearest_first(std::slice::from_ref(&a), |id| parents.get(id)), [a.clone(), b.clone()]);
    }
}
