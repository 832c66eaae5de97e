//! UIDs: the numbers of mails in a mailbox, which rise with each mail and are never used again (RFC 9051 §2.3.1.1).

/// `3:7,9`: each of these UIDs and no other. They rise.
pub fn set(uids: &[u32]) -> String {
    let follows = |last: &u32, next: &u32| last.checked_add(1) == Some(*next);
    let runs = uids.chunk_by(follows).filter_map(|run| Some((run.first()?, run.last()?)));
    let written: Vec<String> =
        runs.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}:{last}") }).collect();
    written.join(",")
}

/// What a mail is remembered by. A UID alone means nothing when the mailbox is made anew.
pub fn key(uid_validity: u32, uid: u32) -> String {
    format!("{uid_validity}.{uid}")
}

#[cfg(test)]
mod tests {
    use super::set;

    #[test]
    fn a_set_names_runs_by_their_ends() {
        assert_eq!(set(&[3, 4, 5, 6, 7, 9, u32::MAX - 1, u32::MAX]), "3:7,9,4294967294:4294967295");
        assert_eq!(set(&[1]), "1");
    }
}
