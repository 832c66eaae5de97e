//! Which mails go on to be understood, and which end here.

use super::{Address, Kind, Mail, Reason};

/// What the screen must know of us and of the lists.
pub struct Watch<'a> {
    /// Our own addresses: mail from them never acts.
    pub own: &'a [Address],
    /// Verifies a loop mark against a Message-ID.
    pub loop_mark: &'a dyn Fn(&Mail) -> bool,
    /// The Message-ID is one of a mail that we sent.
    pub sent_by_us: bool,
}

/// The verdict on one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screening {
    /// Understand it, and let it act.
    Process,
    /// It ends here.
    Stop(Kind, Reason),
}

/// Own echo, bounce, automatic, loop, spam: the rows of the truth table in `docs/operating.md`, first match wins.
pub fn screen(mail: &Mail, watch: &Watch) -> Screening {
    let _ = (mail, watch);
    todo!("mail")
}
