//! What somebody wrote, known again where it is quoted or repeated, however it is wrapped there: by runs of a few words.
//!
//! Fewer words in a row are nobody's.

use super::MARK;
use std::collections::HashSet;
use std::ops::Range;

/// So many words in a row are theirs.
const RUN: usize = 5;

#[derive(Clone, Debug, Default)]
pub struct Words(HashSet<String>);

/// A word of a text as it is compared, with its place.
struct Word {
    key: String,
    place: Range<usize>,
    quoted: bool,
}

impl Words {
    /// Takes a text for theirs.
    pub fn learn(&mut self, text: &str) {
        self.0.extend(runs(&words(text)));
    }

    /// What a text says is everybody's: a title, say.
    pub fn forget(&mut self, text: &str) {
        for run in runs(&words(text)) {
            self.0.remove(&run);
        }
    }

    /// The text with marks in the place of theirs, where it is quoted or anywhere; nothing when there is nothing of it.
    pub fn replaced(&self, text: &str, only_quoted: bool) -> Option<String> {
        if self.0.is_empty() || only_quoted && !text.contains('>') {
            return None;
        }
        let words: Vec<Word> = words(text).into_iter().filter(|word| word.quoted || !only_quoted).collect();
        let mut theirs = vec![false; words.len()];
        for (at, run) in runs(&words).enumerate() {
            if self.0.contains(&run) {
                theirs[at..at + RUN].fill(true);
            }
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (index, word) in words.iter().enumerate().filter(|(index, _)| theirs[*index]) {
            let between = &text[at..word.place.start];
            // One mark for what stands together in a line.
            let goes_on = index > 0 && theirs[index - 1] && !between.contains('\n');
            if !goes_on {
                out += between;
                out += MARK;
            }
            at = word.place.end;
        }
        out += &text[at..];
        theirs.contains(&true).then_some(out)
    }
}

/// The words of a text, without what is none: quote marks, bullets, rules.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let quoted = line.trim_start().starts_with('>');
        for word in line.split_whitespace() {
            let at = start + (word.as_ptr() as usize - line.as_ptr() as usize);
            let key = word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
            if !key.is_empty() {
                words.push(Word { key, place: at..at + word.len(), quoted });
            }
        }
        start += line.len();
    }
    words
}

fn runs(words: &[Word]) -> impl Iterator<Item = String> {
    words.windows(RUN).map(|run| run.iter().map(|word| word.key.as_str()).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hers() -> Words {
        let mut words = Words::default();
        words.learn("The second console should be off by default.\nSecond console for every guest, please.\nYes.\n");
        words.forget("Second console for every guest");
        words
    }

    #[test]
    fn what_is_quoted_is_marked_line_by_line() {
        for (text, expected) in [
            (">> The second console should be off by default.\r\n> Yes.\nNo.\n", ">> [erased]\r\n> Yes.\nNo.\n"),
            ("> she: the second console\n> should be off, I think\n", "> she: [erased]\n> [erased] I think\n"),
            ("> The second console should\nbe off\n", ""),
            ("The second console should be off by default.", ""),
            ("> Second console for every guest", ""),
        ] {
            let found = hers().replaced(text, true);
            assert_eq!(found.as_deref().unwrap_or(""), expected, "{text}");
        }
    }

    #[test]
    fn what_is_repeated_is_marked_anywhere() {
        let letter = "  S-1   Second console for every guest\n        - Ada: The second console should be\n          off by ...\n";
        let marked = "  S-1   Second console for every guest\n        - Ada: [erased]\n          [erased] ...\n";
        assert_eq!(hers().replaced(letter, false).as_deref(), Some(marked));
        assert_eq!(hers().replaced("Nothing of it", false), None);
    }
}
