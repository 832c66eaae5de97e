//! Which mails stand in a list's archive, as far as it is known, and where they say so themselves.

use crate::mail::MessageId;
use std::collections::HashMap;

/// What is known of some mails. Of others it is taken that the list has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archived(HashMap<MessageId, Whereabouts>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Whereabouts {
    /// It came to us alone: no archive has it.
    Private,
    /// It came through a list, and perhaps says where it is kept (Archived-At, RFC 5064).
    OnList(Option<String>),
}

impl Archived {
    /// Takes in one copy of a mail. That one of them came through a list is enough, and the first address stands.
    pub fn add(&mut self, mail: MessageId, through_list: bool, stated: Option<String>) {
        let here = self.0.entry(mail).or_insert(Whereabouts::Private);
        if through_list {
            let before = match here {
                Whereabouts::OnList(before) => before.take(),
                Whereabouts::Private => None,
            };
            *here = Whereabouts::OnList(before.or(stated));
        }
    }

    /// Whether no archive can have it.
    pub fn is_private(&self, mail: &MessageId) -> bool {
        self.0.get(mail) == Some(&Whereabouts::Private)
    }

    /// Where it says to be kept.
    pub fn stated(&self, mail: &MessageId) -> Option<&str> {
        match self.0.get(mail)? {
            Whereabouts::OnList(stated) => stated.as_deref(),
            Whereabouts::Private => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_through_the_list_makes_a_mail_public_whichever_came_first() {
        let mail = |name: &str| MessageId::parse(&format!("<{name}@example.org>")).unwrap();
        let stated = || Some("https://lists.example.org/1".to_owned());
        let mut archived = Archived::default();
        archived.add(mail("private"), false, stated());
        archived.add(mail("both"), false, None);
        archived.add(mail("both"), true, stated());
        archived.add(mail("both"), false, None);
        assert_eq!((archived.is_private(&mail("private")), archived.stated(&mail("private"))), (true, None));
        assert_eq!((archived.is_private(&mail("both")), archived.stated(&mail("both"))), (false, stated().as_deref()));
        assert_eq!((archived.is_private(&mail("other")), archived.stated(&mail("other"))), (false, None));
    }
}
