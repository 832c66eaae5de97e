//! A transcript: `Ada Lovelace (AL): words`, later `AL: words`. Who speaks in it was there.
//!
//! Much else has the look of a name and a colon (`Note: …`, `Fixes: …`), so nobody is believed who speaks once under
//! a single word, and a text is a transcript only when its voices answer each other.

use super::{MOST, is_no_name, is_nobody, section};
use crate::grammar::lines::{OwnLine, bullet};
use crate::grammar::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// `Ada: x`, `<Ada> : x`, `- Ada: x`, `[by chat] Ada: x`, `Ada Lovelace (AL): x`, `AL: x`, and `Ada:` above her words.
static VOICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)^\s?(?:[-*]\s+)?(?:\[[^\[\]]{1,20}\]\s*)?<?
          (?:(?P<name>\p{Lu}[\p{L}'’.-]*\p{Ll}[\p{L}'’.-]*(?:\s\p{Lu}[\p{L}'’.-]*){0,3})|(?P<short>\p{Lu}{1,3}))>?
          (?:\s\((?P<initials>\p{Lu}{1,4})\))?\s?:(?:\s+(?P<words>\S.*))?$",
    )
});

struct Voice {
    /// `None` for initials that nobody explained.
    name: Option<String>,
    initials: String,
    turns: usize,
}

/// Who speaks, in the order of their first words; nobody when it is no transcript.
pub fn speakers(own: &[OwnLine]) -> Vec<String> {
    let voices = voices(own);
    if !is_conversation(&voices) {
        return Vec::new();
    }
    let heard = |voice: &Voice| {
        let name = voice.name.as_ref()?;
        (voice.turns >= 2 || name.contains(' ')).then(|| name.clone())
    };
    voices.iter().filter_map(heard).collect()
}

/// Whether the text is a transcript.
pub fn converses(own: &[OwnLine]) -> bool {
    is_conversation(&voices(own))
}

/// Two people who speak four times, or three whom only their initials tell and who speak six times.
fn is_conversation(voices: &[Voice]) -> bool {
    let count = |voices: &mut dyn Iterator<Item = &Voice>| {
        voices.fold((0, 0, 0), |(all, turns, most), voice| (all + 1, turns + voice.turns, voice.turns.max(most)))
    };
    let (names, spoken, most) = count(&mut voices.iter().filter(|voice| voice.name.is_some()));
    let (all, turns, _) = count(&mut voices.iter());
    (names >= 2 && spoken >= 4 && most >= 2) || (all >= 3 && turns >= 6 && names >= 1)
}

fn voices(own: &[OwnLine]) -> Vec<Voice> {
    let mut voices: Vec<Voice> = Vec::new();
    for (index, line) in own.iter().enumerate().filter(|(_, line)| !line.code) {
        let Some(found) = line.text.contains(':').then(|| VOICE.captures(&line.text)).flatten() else { continue };
        let speaks = match found.name("words") {
            Some(words) => !words.as_str().starts_with("http"),
            // A name alone heads what is said below it.
            None => own.get(index + 1).is_some_and(|next| next.is_indented() || bullet(&next.text).is_some()),
        };
        let name = found.name("name").map(|name| name.as_str());
        if !speaks || name.is_some_and(|name| !is_persons(name)) {
            continue;
        }
        let short = found.name("short").or(found.name("initials")).map(|short| short.as_str());
        let known = voices.iter().position(|voice| match (name, short) {
            (Some(name), _) => voice.name.as_deref() == Some(name),
            (None, short) => short == Some(&voice.initials),
        });
        match known {
            Some(index) => voices[index].turns += 1,
            None if voices.len() < MOST => {
                let initials = short.map_or_else(|| initials(name.unwrap_or("")), str::to_owned);
                voices.push(Voice { name: name.map(str::to_owned), initials, turns: 1 });
            }
            None => {}
        }
    }
    voices
}

/// `Signed-off-by` is written like a name, `Marie-Louise` is one.
fn is_persons(name: &str) -> bool {
    let compound = name.split('-').skip(1).any(|part| part.starts_with(char::is_lowercase));
    !compound && !is_no_name(name) && !is_nobody(name) && section(name).is_none()
}

fn initials(name: &str) -> String {
    name.split(' ').filter_map(|word| word.chars().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn heard(text: &str) -> Vec<String> {
        let line =
            |(index, raw)| OwnLine { number: index + 1, last: index + 1, raw, text: Cow::Borrowed(raw), code: false };
        speakers(&text.lines().enumerate().map(line).collect::<Vec<_>>())
    }

    #[test]
    fn initials_stand_for_who_was_introduced() {
        let text = "Ada Lovelace (AL): two consoles?\nGrace Hopper (GH): why\nAL: because\nGH: fine\nXY: me too\n[by chat] Edsger: no";
        assert_eq!(heard(text), ["Ada Lovelace", "Grace Hopper"]);
    }

    #[test]
    fn words_may_stand_below_a_name() {
        let text = "Ada:\n  - one console\nGrace:\n  - two\n\nAda:\n  - why?\nGrace:\n  - why not";
        assert_eq!(heard(text), ["Ada", "Grace"]);
    }

    #[test]
    fn a_colon_makes_no_speaker() {
        for text in [
            "Signed-off-by: Ada\nSigned-off-by: Grace\nReviewed-by: Ada\nReviewed-by: Grace",
            "Note: a\nNote: b\nProblem: c\nProblem: d",
            "Ada: one\nGrace: two",
            "Slides: https://example.org/a\nVideo: https://example.org/b\nWiki: https://example.org/c\nWiki: https://example.org/d",
        ] {
            assert_eq!(heard(text), [""; 0], "{text}");
        }
    }
}
