//! Threads: the trees that mails form by their ids, against those that other programs make of the same mails.
//!
//! A tree is `[id, [trees below]]`. `noprune` keeps the ghosts of mails that never came; without `nosubject`, threads
//! that begin with an answer are put below the one whose subject they answer. The order of brothers is not compared,
//! because programs differ in it. Of `real/` each expected group of trees is compared by itself, without any ghosts:
//! what a ghost held together are trees beside each other.

use crate::data::{self, Data};
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::mail::thread::{Forest, Ids};
use rapporteur::mail::{self, Mail, MessageId};
use rapporteur::mailbox::archive::{self, RawMail};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

pub fn measure(data: &Data, real: &[RawMail]) -> anyhow::Result<Vec<Row>> {
    let sets = data.sets("thread")?;
    if sets.is_empty() {
        return Ok(vec![Row::missing("thread_*")]);
    }
    let real: Vec<Mail> = real.iter().map(|mail| mail::read(&mail.raw, mail.received)).collect();
    let came: HashSet<&str> = real.iter().map(|mail| mail.message_id.as_str()).collect();
    let ghost = |tree: &Tree| !came.contains(tree.id.as_str());
    let beside = |tree: Tree| if ghost(&tree) { tree.below } else { vec![tree] };
    let without_ghosts: Vec<Tree> = grown(&real, false, true).into_iter().flat_map(beside).collect();
    let mut rows = Vec::new();
    for set in sets {
        let mut results = Vec::new();
        for case in &set.cases {
            let expected = trees(&case["expect"]["forest"]);
            let got = match case["file"].as_str() {
                Some(file) if !file.starts_with("real/") => {
                    let flag = |name: &str| case["flags"][name] == true;
                    grown(&mails(data, file)?, flag("noprune"), flag("nosubject"))
                }
                _ => {
                    let is_meant = |tree: &&Tree| expected.iter().any(|one| one.id == tree.id);
                    sorted(without_ghosts.iter().filter(is_meant).cloned().collect())
                }
            };
            let (expected, got) = (words(&expected), words(&got));
            let miss = Miss { case: data::name(case).to_owned(), expected: expected.clone(), got: got.clone() };
            results.push(if expected == got { Ok(()) } else { Err(miss) });
        }
        rows.push(Row::hits(set.name, Goal::Percent(100.0), results));
    }
    Ok(rows)
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Tree {
    id: String,
    below: Vec<Tree>,
}

fn trees(value: &Value) -> Vec<Tree> {
    let tree = |value: &Value| Tree { id: value[0].as_str().unwrap_or("").to_owned(), below: trees(&value[1]) };
    sorted(value.as_array().into_iter().flatten().map(tree).collect())
}

fn sorted(mut trees: Vec<Tree>) -> Vec<Tree> {
    trees.sort();
    trees
}

/// `a(b c(d))`
fn words(trees: &[Tree]) -> String {
    let word = |tree: &Tree| match tree.below.as_slice() {
        [] => tree.id.clone(),
        below => format!("{}({})", tree.id, words(below)),
    };
    trees.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The mails of an archive in the folder.
fn mails(data: &Data, file: &str) -> anyhow::Result<Vec<Mail>> {
    let read = |mail: Result<RawMail, _>| match mail {
        Ok(mail) => Ok(mail::read(&mail.raw, Timestamp::now())),
        Err(trouble) => Err(anyhow::anyhow!("{trouble}")),
    };
    archive::open(&[data.path(file)]).map(read).collect()
}

fn grown(mails: &[Mail], noprune: bool, nosubject: bool) -> Vec<Tree> {
    let parents: Vec<Vec<MessageId>> = mails.iter().map(Mail::parents).collect();
    let ids = mails
        .iter()
        .zip(&parents)
        .map(|(mail, parents)| (Ids { message_id: &mail.message_id, parents, references: &mail.references }, mail.at));
    let forest = Forest::of(ids);
    let forest = if noprune { forest } else { forest.pruned() };
    let subjects: HashMap<&MessageId, &str> =
        mails.iter().map(|mail| (&mail.message_id, mail.subject.as_str())).collect();
    let suggested = forest.suggested(|id| subjects.get(id).copied().unwrap_or(""));
    let forest = if nosubject { forest.clone() } else { forest.with(&suggested) };
    sorted(forest.roots().iter().map(|root| tree(&forest, *root)).collect())
}

fn tree(forest: &Forest, place: usize) -> Tree {
    let node = forest.node(place);
    let below = node.children.iter().map(|child| tree(forest, *child)).collect();
    Tree { id: node.id.to_string(), below: sorted(below) }
}
