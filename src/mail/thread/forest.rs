//! All threads of some mails at once, for those who have them all: pages, the export, an evaluation.

use super::{Ids, Place, base_subject, changes};
use crate::clock::Timestamp;
use crate::mail::MessageId;
use std::collections::{HashMap, HashSet};

/// Threads, each sorted by date. Nodes stand in one row and point at each other by their places in it.
#[derive(Clone, Debug, Default)]
pub struct Forest {
    nodes: Vec<Node>,
    roots: Vec<usize>,
    by_id: HashMap<MessageId, usize>,
}

/// A mail, or the ghost of one that has not arrived.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: MessageId,
    pub seen: bool,
    /// When it was written; of a ghost, when the first mail below it was.
    pub at: Timestamp,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    head: usize,
}

impl Forest {
    /// The threads of these mails, each with when it was written. Of two mails under one id the first counts.
    pub fn of<'a>(mails: impl IntoIterator<Item = (Ids<'a>, Timestamp)>) -> Forest {
        let mut places: HashMap<MessageId, Place> = HashMap::new();
        let mut written: HashMap<MessageId, Timestamp> = HashMap::new();
        for (mail, at) in mails {
            written.entry(mail.message_id.clone()).or_insert(at);
            let changes = changes(mail, |id| places.get(id));
            places.extend(changes);
        }
        let seen = |id: &MessageId| places.get(id).is_some_and(|place| place.seen);
        let links = places.iter().map(|(id, place)| (id.clone(), place.answers(seen).cloned()));
        Forest::grown(links.collect(), &written)
    }

    /// Grows the trees from what each answers. Ids that `written` does not hold are ghosts.
    fn grown(mut links: Vec<(MessageId, Option<MessageId>)>, written: &HashMap<MessageId, Timestamp>) -> Forest {
        let known: HashSet<MessageId> = links.iter().map(|(id, _)| id.clone()).collect();
        let beyond: HashSet<MessageId> =
            links.iter().filter_map(|(_, parent)| parent.clone()).filter(|id| !known.contains(id)).collect();
        links.extend(beyond.into_iter().map(|id| (id, None)));
        let by_id: HashMap<MessageId, usize> =
            links.iter().enumerate().map(|(place, (id, _))| (id.clone(), place)).collect();
        let node = |(id, parent): &(MessageId, Option<MessageId>)| Node {
            id: id.clone(),
            seen: written.contains_key(id),
            at: written.get(id).copied().unwrap_or(Timestamp::MIN),
            parent: parent.as_ref().and_then(|parent| by_id.get(parent).copied()),
            children: Vec::new(),
            head: 0,
        };
        let mut forest = Forest { nodes: links.iter().map(node).collect(), roots: Vec::new(), by_id };
        forest.cut_circles();
        forest.link_and_sort();
        forest
    }

    /// Cuts each circle above one of its ghosts, else above its earliest mail: a choice that no order of arrival changes.
    fn cut_circles(&mut self) {
        let mut walk_of = vec![0_usize; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut way = Vec::new();
            let mut at = Some(start);
            while let Some(node) = at.filter(|node| walk_of[*node] == 0) {
                walk_of[node] = start + 1;
                way.push(node);
                at = self.nodes[node].parent;
            }
            let Some(met) = at.filter(|node| walk_of[*node] == start + 1) else { continue };
            let circle = way.iter().copied().skip_while(|node| *node != met);
            let first = circle.min_by_key(|node| (self.nodes[*node].at, &self.nodes[*node].id));
            if let Some(first) = first {
                self.nodes[first].parent = None;
            }
        }
    }

    fn link_and_sort(&mut self) {
        for place in 0..self.nodes.len() {
            match self.nodes[place].parent {
                Some(parent) => self.nodes[parent].children.push(place),
                None => self.roots.push(place),
            }
        }
        let downward = self.downward();
        for &place in downward.iter().rev() {
            if !self.nodes[place].seen {
                let earliest = self.nodes[place].children.iter().map(|child| self.nodes[*child].at).min();
                self.nodes[place].at = earliest.unwrap_or(Timestamp::MIN);
            }
        }
        for place in downward {
            let mut children = std::mem::take(&mut self.nodes[place].children);
            children.sort_by_key(|child| self.order(*child));
            self.nodes[place].children = children;
            self.nodes[place].head = self.nodes[place].parent.map_or(place, |parent| self.nodes[parent].head);
        }
        let mut roots = std::mem::take(&mut self.roots);
        roots.sort_by_key(|root| self.order(*root));
        self.roots = roots;
    }

    fn order(&self, place: usize) -> (Timestamp, MessageId) {
        (self.nodes[place].at, self.nodes[place].id.clone())
    }

    /// All nodes, parents before their children.
    fn downward(&self) -> Vec<usize> {
        let mut order = self.roots.clone();
        let mut next = 0;
        while next < order.len() {
            order.extend(&self.nodes[order[next]].children);
            next += 1;
        }
        order
    }

    /// The heads of the threads, by date.
    pub fn roots(&self) -> &[usize] {
        &self.roots
    }

    pub fn node(&self, place: usize) -> &Node {
        &self.nodes[place]
    }

    /// What a mail answers, arrived or not.
    pub fn parent(&self, id: &MessageId) -> Option<&MessageId> {
        let parent = self.nodes[*self.by_id.get(id)?].parent?;
        Some(&self.nodes[parent].id)
    }

    /// Who heads the thread of a mail: its farthest ancestor, arrived or not.
    pub fn head<'a>(&'a self, id: &'a MessageId) -> &'a MessageId {
        self.by_id.get(id).map_or(id, |place| &self.nodes[self.nodes[*place].head].id)
    }

    /// Without the ghosts that nobody misses (RFC 5256 §3, step 4): only one that holds several mails together at the
    /// head of a thread stays.
    pub fn pruned(&self) -> Forest {
        let downward = self.downward();
        // For each node the nearest mail above it that has arrived.
        let mut above: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut held: HashMap<usize, usize> = HashMap::new();
        for &place in &downward {
            let node = &self.nodes[place];
            let parent =
                node.parent.and_then(|parent| if self.nodes[parent].seen { Some(parent) } else { above[parent] });
            above[place] = parent;
            if node.seen && parent.is_none() && node.head != place {
                *held.entry(node.head).or_default() += 1;
            }
        }
        let holds = |head: &usize| held.get(head).is_some_and(|mails| *mails > 1);
        let links = downward.iter().filter(|place| self.nodes[**place].seen || holds(place)).map(|&place| {
            let node = &self.nodes[place];
            let parent = above[place].or(Some(node.head).filter(|head| *head != place && holds(head)));
            (node.id.clone(), parent.map(|parent| self.nodes[parent].id.clone()))
        });
        Forest::grown(links.collect(), &self.written())
    }

    /// Threads that perhaps belong below another: they begin with an answer to a subject that heads another one (a
    /// careful part of RFC 5256 §3, step 5). Each with that other's head. For people to look at; nothing acts by it.
    pub fn suggested<'a>(&'a self, subject: impl Fn(&MessageId) -> &'a str) -> Vec<(&'a MessageId, &'a MessageId)> {
        let shown = |root: usize| match self.nodes[root].seen {
            true => Some(root),
            false => self.nodes[root].children.iter().copied().find(|child| self.nodes[*child].seen),
        };
        let mut heads: HashMap<String, usize> = HashMap::new();
        let mut answers: Vec<(String, usize)> = Vec::new();
        for &root in &self.roots {
            let Some(mail) = shown(root) else { continue };
            let (base, marked) = base_subject(subject(&self.nodes[mail].id));
            if base.is_empty() {
                continue;
            }
            if marked && self.nodes[root].seen {
                answers.push((base, root));
            } else {
                heads.entry(base).or_insert(root);
            }
        }
        let below = |(base, root): (String, usize)| Some((&self.nodes[root].id, &self.nodes[*heads.get(&base)?].id));
        answers.into_iter().filter_map(below).collect()
    }

    /// The forest with some threads put below others.
    pub fn with(&self, below: &[(&MessageId, &MessageId)]) -> Forest {
        let moved: HashMap<&MessageId, &MessageId> = below.iter().copied().collect();
        let links = self.nodes.iter().map(|node| {
            let stays = node.parent.map(|parent| self.nodes[parent].id.clone());
            (node.id.clone(), moved.get(&node.id).map(|id| (*id).clone()).or(stays))
        });
        Forest::grown(links.collect(), &self.written())
    }

    fn written(&self) -> HashMap<MessageId, Timestamp> {
        self.nodes.iter().filter(|node| node.seen).map(|node| (node.id.clone(), node.at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::end::from_name;

    /// A mail in one line: `c 3 a,b x` is c, written at 3, with the References a and b and the In-Reply-To x.
    struct Line {
        id: MessageId,
        at: Timestamp,
        parents: Vec<MessageId>,
        references: Vec<MessageId>,
    }

    fn id(name: &str) -> MessageId {
        from_name(name).unwrap()
    }

    fn lines(text: &str) -> Vec<Line> {
        let list = |word: &str| word.split(',').filter(|word| *word != "-").map(id).collect::<Vec<_>>();
        let line = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (own, references, in_reply_to) = (id(words[0]), list(words[2]), list(words.get(3).unwrap_or(&"-")));
            let mut met = HashSet::from([&own]);
            let named = in_reply_to.iter().rev().chain(references.iter().rev());
            let parents = named.filter(|id| met.insert(id)).cloned().collect();
            let at = Timestamp::from_second(words[1].parse().unwrap()).unwrap();
            Line { id: own, at, parents, references }
        };
        text.split(';').map(line).collect()
    }

    fn forest(lines: &[&Line]) -> Forest {
        Forest::of(
            lines.iter().map(|line| {
                (Ids { message_id: &line.id, parents: &line.parents, references: &line.references }, line.at)
            }),
        )
    }

    /// `a(b c(d))`; ghosts in capitals.
    fn shown(forest: &Forest) -> String {
        fn tree(forest: &Forest, place: usize) -> String {
            let node = forest.node(place);
            let name = if node.seen { node.id.to_string() } else { node.id.as_str().to_uppercase() };
            let below: Vec<String> = node.children.iter().map(|child| tree(forest, *child)).collect();
            if below.is_empty() { name } else { format!("{name}({})", below.join(" ")) }
        }
        forest.roots().iter().map(|root| tree(forest, *root)).collect::<Vec<_>>().join(" ")
    }

    fn grown(text: &str) -> Forest {
        let lines = lines(text);
        forest(&lines.iter().collect::<Vec<_>>())
    }

    fn orders<T: Copy>(of: &[T]) -> Vec<Vec<T>> {
        if of.is_empty() {
            return vec![Vec::new()];
        }
        let first = |n: usize| {
            let rest: Vec<T> = of[..n].iter().chain(&of[n + 1..]).copied().collect();
            orders(&rest).into_iter().map(move |rest| [&[of[n]], rest.as_slice()].concat())
        };
        (0..of.len()).flat_map(first).collect()
    }

    #[test]
    fn every_order_of_arrival_grows_the_same_forest() {
        for (text, expected) in [
            // One mail (b) never comes, one In-Reply-To is repeated, one mail has its References the wrong way round.
            ("a 1 -;c 3 a,b b;d 4 b b;e 5 c c,c;f 6 c,a c;g 7 d,b,a d", "a(B(c(e f) d(g)))"),
            // Some circles: b and c answer each other; d and e name ghosts that would.
            ("a 1 -;b 2 a,c c;c 3 a,b b;d 4 x,y y;e 5 y,x x;f 6 f f", "a b(c) X(Y(d) e) f"),
            // In-Reply-To is somebody's address in some, and another mail in others.
            ("a 1 -;b 2 - m;c 3 a m;d 4 b m;e 5 - a,m;f 6 a b", "a(c e) M(b(d f))"),
        ] {
            let lines = lines(text);
            let all: Vec<&Line> = lines.iter().collect();
            for order in orders(&all) {
                let names: Vec<&str> = order.iter().map(|line| line.id.as_str()).collect();
                assert_eq!(shown(&forest(&order)), expected, "{names:?} of {text}");
            }
        }
    }

    #[test]
    fn ghosts_stay_where_they_hold_mails_together() {
        let pruned = |text: &str| shown(&grown(text).pruned());
        assert_eq!(pruned("c 3 a,b;d 4 a"), "A(c d)", "the ghost between falls away");
        assert_eq!(pruned("c 3 a,b"), "c");
        assert_eq!(pruned("a 1 -;c 3 a,b;d 4 a,b"), "a(c d)");
        assert_eq!(pruned("a 1 -;b 2 -"), "a b");
    }

    #[test]
    fn siblings_stand_by_date() {
        assert_eq!(shown(&grown("a 1 -;z 2 a;y 3 a;x 3 a;w 9 -;v 8 q")), "a(z x y) Q(v) w");
    }

    #[test]
    fn a_subject_only_suggests() {
        let grown = grown("a 1 -;b 2 -;c 3 -;d 4 b");
        let subjects = |id: &MessageId| match id.as_str() {
            "a" => "Console",
            "b" => "Re: Console",
            "c" => "Console",
            _ => "Re: Something",
        };
        let pairs = grown.suggested(subjects);
        assert_eq!(shown(&grown), "a b(d) c", "the same subject is not one thread");
        assert_eq!(shown(&grown.with(&pairs)), "a(b(d)) c");
    }

    #[test]
    fn a_long_thread_is_no_deep_recursion() {
        let text: Vec<String> = (1..20_000).map(|n| format!("{n}@x {n} {}@x", n - 1)).collect();
        let forest = grown(&text.join(";"));
        assert_eq!((forest.roots().len(), forest.head(&id("19999@x")).as_str()), (1, "0@x"));
        assert_eq!(forest.parent(&id("7@x")), Some(&id("6@x")));
    }
}
