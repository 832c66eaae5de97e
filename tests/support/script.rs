//! The script of a story, `story.txt`: one step a line, `#` begins a comment.

use rapporteur::clock::Timestamp;
use rapporteur::daemon::ticks::Digest;

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `at 2027-05-03T09:00:00Z`: the clock.
    At(Timestamp),
    /// `deliver in/01.eml [to MAILBOX] [N times]`: in the last form `{n}` in the mail becomes 1, 2, …
    Deliver { file: String, mailbox: Option<String>, times: Option<u32> },
    /// `echo out/01.eml [to MAILBOX]`: the list sends our own letter back, with its headers and its footer.
    Echo { file: String, mailbox: Option<String> },
    /// `confirm out/01.eml`: whom the letter asks answers it with the one word.
    Confirm(String),
    /// `answer out/01.eml in/02.txt`: whom the letter went to answers it with this text.
    Answer { letter: String, text: String },
    /// `pass`: one pass of everything, as the daemon makes it.
    Pass,
    /// `digest proposals`: made by hand; the next pass sends it.
    Digest(Digest),
    /// `send fails deferred "450 busy"`, `send works`: how the next sendings end.
    Sending(Option<Failure>),
    /// `expect out/01.eml`: the next letter that went out, byte for byte.
    Expect(String),
    /// `tried out/01.eml`: the next sending that failed, byte for byte.
    Tried(String),
    /// `expect 20 letters`: whatever they say.
    ExpectLetters(usize),
    /// `expect nothing`: all letters so far have been named.
    ExpectNothing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How a sendmail program says it: `kill -9 $$`, `exit 75`.
    pub ends: &'static str,
    pub words: String,
}

/// Each way in which a sending can fail, with what makes a sendmail program end so.
const FAILURES: [(&str, &str); 3] = [("deferred", "exit 75"), ("rejected", "exit 1"), ("unknown", "kill -9 $$")];

/// The steps with their line numbers, counted from 1.
pub fn parse(text: &str) -> Result<Vec<(usize, Step)>, String> {
    let lines = text.lines().zip(1..).map(|(line, n)| (n, line.trim()));
    let steps = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    steps
        .map(|(n, line)| match step(line) {
            Some(step) => Ok((n, step)),
            None => Err(format!("story.txt:{n}: no such step: {line}")),
        })
        .collect()
}

fn step(line: &str) -> Option<Step> {
    if let Some(rest) = line.strip_prefix("send fails ") {
        let (how, words) = rest.split_once(' ')?;
        let (_, ends) = FAILURES.into_iter().find(|(name, _)| *name == how)?;
        let words = words.strip_prefix('"')?.strip_suffix('"')?.to_owned();
        return Some(Step::Sending(Some(Failure { ends, words })));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let owned = |text: &str| text.to_owned();
    Some(match words.as_slice() {
        ["at", time] => Step::At(time.parse().ok()?),
        ["deliver", file] => Step::Deliver { file: owned(file), mailbox: None, times: None },
        ["deliver", file, "to", name] => Step::Deliver { file: owned(file), mailbox: Some(owned(name)), times: None },
        ["deliver", file, n, "times"] => {
            Step::Deliver { file: owned(file), mailbox: None, times: Some(n.parse().ok()?) }
        }
        ["echo", file] => Step::Echo { file: owned(file), mailbox: None },
        ["echo", file, "to", name] => Step::Echo { file: owned(file), mailbox: Some(owned(name)) },
        ["confirm", file] => Step::Confirm(owned(file)),
        ["answer", letter, text] => Step::Answer { letter: owned(letter), text: owned(text) },
        ["pass"] => Step::Pass,
        ["digest", kind] => Step::Digest(Digest::ALL.into_iter().find(|digest| digest.name() == *kind)?),
        ["send", "works"] => Step::Sending(None),
        ["expect", "nothing"] => Step::ExpectNothing,
        ["expect", n, "letters"] => Step::ExpectLetters(n.parse().ok()?),
        ["expect", file] => Step::Expect(owned(file)),
        ["tried", file] => Step::Tried(owned(file)),
        _ => return None,
    })
}
