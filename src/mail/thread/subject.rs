//! The base subject (RFC 5256 §2.1): what two mails of one talk have in common when their ids tell nothing.
//!
//! It may suggest that they belong together. It never makes them act on each other: two talks bear one subject often.

use crate::mail::read::REPLY_PREFIXES;

/// How mailers mark a forwarded mail in the subject, in lower case.
const FORWARD_PREFIXES: [&str; 9] = ["fw", "fwd", "wg", "tr", "rv", "enc", "vb", "i", "转发"];

/// The subject without its reply and forward marks and `[blobs]`, in lower case; and whether it bore such a mark.
pub fn base_subject(subject: &str) -> (String, bool) {
    let mut rest = subject.trim();
    let mut marked = false;
    loop {
        let shorter = if let Some(inner) = forwarded_whole(rest).or_else(|| without_trailer(rest)) {
            marked = true;
            inner
        } else if let Some(behind) = behind_prefix(rest) {
            marked = true;
            behind
        } else if let Some(behind) = behind_blob(rest) {
            behind
        } else {
            break;
        };
        rest = shorter.trim();
    }
    (rest.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(), marked)
}

/// `[Fwd: …]`
fn forwarded_whole(subject: &str) -> Option<&str> {
    let inner = subject.strip_prefix('[')?.strip_suffix(']')?;
    inner.get(..4).filter(|start| start.eq_ignore_ascii_case("fwd:")).map(|_| &inner[4..])
}

/// `… (fwd)`
fn without_trailer(subject: &str) -> Option<&str> {
    let at = subject.len().checked_sub(5)?;
    subject.get(at..).filter(|end| end.eq_ignore_ascii_case("(fwd)")).map(|_| &subject[..at])
}

/// `Re: …`, `AW[2]: …`, `回复：…`
fn behind_prefix(subject: &str) -> Option<&str> {
    let (prefix, behind) = subject.split_once([':', '：'])?;
    let prefix = prefix.split(['[', '(']).next().unwrap_or(prefix).trim().to_lowercase();
    let known = REPLY_PREFIXES.contains(&prefix.as_str()) || FORWARD_PREFIXES.contains(&prefix.as_str());
    known.then_some(behind)
}

/// `[list] …`, unless nothing else is left.
fn behind_blob(subject: &str) -> Option<&str> {
    let (_, behind) = subject.strip_prefix('[')?.split_once(']')?;
    (!behind.trim().is_empty()).then_some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_mailers_and_lists_fall_away() {
        for subject in [
            "Re: Console",
            "[devel] RE[2]: [users] AW: Console",
            "Fwd: Console (fwd)",
            "[Fwd: Console]",
            "回复：  Console",
            "Re: Re:Console",
        ] {
            assert_eq!(base_subject(subject), ("console".to_owned(), true), "{subject}");
        }
        assert_eq!(base_subject(" [TOPIC]  Second   console"), ("second console".to_owned(), false));
        assert_eq!(base_subject("[TOPIC]"), ("[topic]".to_owned(), false));
        assert_eq!(base_subject("Console: a plan"), ("console: a plan".to_owned(), false));
        assert_eq!(base_subject("Re:"), (String::new(), true));
    }
}
