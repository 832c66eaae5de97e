//! One action, taken apart: who does it, what it is, whether it is done.

use super::{is_no_name, is_nobody};
use crate::grammar::{Action, pattern, people, reply};
use regex::Regex;
use std::sync::LazyLock;

pub static DONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:\s*(?:[-–—]\s*done|\(\s*done\s*\)|\[\s*done\s*\]|✓|✔))\s*\.?\s*$|^(?:done\s*:|\[x\]|✓|✔)\s*")
});
static NAME_TO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\S+(?:\s+\S+){0,3}?)\s+(?:to|will)\s+(\p{Ll}.*)$"));

/// Takes one action apart: owner, text, whether it is done.
pub fn action(text: &str, owner: Option<&str>) -> Option<Action> {
    let done = DONE.is_match(text);
    let text = DONE.replace_all(text, "");
    let text = text.trim().trim_start_matches("[ ]").trim();
    let (named, text) = match owner {
        Some(owner) => (Some(owner), text),
        None => split_owner(text),
    };
    let owner = named.filter(|name| !is_nobody(name)).and_then(people::person);
    // `done 2` speaks of another one, and is not at the margin, where it would have closed it.
    let speaks_of_another = reply::action_done(text).is_some();
    (!text.is_empty() && !speaks_of_another).then(|| Action { owner, text: text.to_owned(), done })
}

/// `Ada: x`, `[Ada] x`, `@ada x`, `Ada to x`, `Ada will x`.
fn split_owner(text: &str) -> (Option<&str>, &str) {
    let owner = |name: &str| is_nobody(name) || (people::is_name(name) && !is_no_name(name));
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let colon = text.split_once(':').filter(|(_, rest)| rest.starts_with(' '));
    if let Some((name, rest)) = bracketed.or(colon)
        && owner(name.trim())
    {
        return (Some(name.trim()), rest.trim_start_matches([':', ' ']));
    }
    if let Some((name, rest)) = text.strip_prefix('@').and_then(|rest| rest.split_once([' ', ':'])) {
        return (Some(name), rest.trim_start_matches([':', ' ']));
    }
    let to = NAME_TO.captures(text).and_then(|found| found.get(1).zip(found.get(2)));
    match to.map(|(name, rest)| (name.as_str(), rest.as_str())) {
        Some((name, rest)) if owner(name) => (Some(name), rest),
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_that_is_done_is_no_new_one() {
        assert_eq!(action("done 2", None), None);
        assert!(action("done with the tests, send them", None).is_some());
    }

    #[test]
    fn an_owner_is_a_name() {
        for (text, expected) in [
            ("Need to fix it", "-: Need to fix it"),
            ("Add ability to load it", "-: Add ability to load it"),
            ("nobody: fix it", "-: fix it"),
            ("Ada Lovelace: fix it", "Ada Lovelace: fix it"),
            ("[x] Ada to fix it", "Ada: fix it (done)"),
            ("@ada fix it", "ada: fix it"),
            ("Jan Beulich will send it (done)", "Jan Beulich: send it (done)"),
        ] {
            let action = action(text, None).expect(text);
            let owner = action.owner.as_ref().map_or("-", |owner| owner.label());
            let shown = format!("{owner}: {}{}", action.text, if action.done { " (done)" } else { "" });
            assert_eq!(shown, expected, "{text}");
        }
    }
}
