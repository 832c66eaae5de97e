//! Which mails go on to be understood, and which end here.
//!
//! The rows stand in the order of the truth table in `docs/operating.md`: a mail that several rows match ends by the
//! first. Nothing here looks at what a mail asks.

use super::{Address, Automatic, Kind, Mail, Reason};

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

/// More Received headers than any honest route has: a list post that reaches us has a handful.
const HOP_LIMIT: usize = 50;

/// Own echo, bounce, automatic, loop, spam: the rows of the truth table in `docs/operating.md`, first match wins.
pub fn screen(mail: &Mail, watch: &Watch) -> Screening {
    let from_us = || mail.author.address.as_ref().is_some_and(|address| watch.own.contains(address));
    let rows: [(&dyn Fn() -> bool, Kind, Reason); 5] = [
        (&|| mail.hops > HOP_LIMIT, Kind::Unknown, Reason::MailLoop),
        (&|| watch.sent_by_us || (watch.loop_mark)(mail) || from_us(), Kind::Own, Reason::OwnEcho),
        (&|| mail.bounce.is_some(), Kind::Bounce, Reason::Bounce),
        (&|| matches!(mail.automatic, Automatic::Yes(_)), Kind::Automatic, Reason::Automatic),
        (&|| mail.spam, Kind::Spam, Reason::Spam),
    ];
    let stop = rows.iter().find(|(applies, _, _)| applies());
    stop.map_or(Screening::Process, |(_, kind, reason)| Screening::Stop(*kind, *reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::mail::read;

    const OURS: &str = "summit@lists.example.org";

    fn verdict(headers: &str, mark_is_ours: bool, sent_by_us: bool) -> Screening {
        let mail = read(format!("Message-ID: <m@example.org>\n{headers}\n\nHi\n").as_bytes(), Timestamp::UNIX_EPOCH);
        let own = [Address::parse(OURS).unwrap()];
        screen(&mail, &Watch { own: &own, loop_mark: &|mail| mark_is_ours && mail.loop_mark.is_some(), sent_by_us })
    }

    #[test]
    fn a_person_is_heard_even_through_a_list() {
        let headers = "From: Ada <ada@example.org>\nList-Id: <devel.example.org>\nPrecedence: bulk";
        assert_eq!(verdict(headers, false, false), Screening::Process);
    }

    #[test]
    fn our_own_mail_comes_back_and_does_nothing() {
        let ours = Screening::Stop(Kind::Own, Reason::OwnEcho);
        assert_eq!(verdict(&format!("From: Summit <{}>", OURS.to_uppercase()), false, false), ours);
        assert_eq!(verdict("From: ada@example.org", false, true), ours);
        let marked = "From: ada@example.org\nX-Rapporteur-Loop: abc\nAuto-Submitted: auto-generated";
        assert_eq!(verdict(marked, true, false), ours);
        let forged = "From: ada@example.org\nX-Rapporteur-Loop: abc";
        assert_eq!(verdict(forged, false, false), Screening::Process, "a mark that does not verify proves nothing");
    }

    #[test]
    fn programs_bounces_and_spam_end_here() {
        let from = "From: ada@example.org\n";
        let stopped = |headers: &str| verdict(&format!("{from}{headers}"), false, false);
        assert_eq!(stopped("Auto-Submitted: auto-replied"), Screening::Stop(Kind::Automatic, Reason::Automatic));
        assert_eq!(stopped("Return-Path: <>"), Screening::Stop(Kind::Bounce, Reason::Bounce));
        assert_eq!(stopped("X-Spam-Flag: YES"), Screening::Stop(Kind::Spam, Reason::Spam));
        assert_eq!(
            stopped("X-Spam-Flag: YES\nIn-Reply-To: <a@example.org>"),
            Screening::Process,
            "spam answers nobody"
        );
        assert_eq!(stopped("X-Autoreply: yes"), Screening::Process, "a hint is heard, though never answered");
    }

    #[test]
    fn a_mail_that_went_round_fifty_times_is_a_loop_whatever_else_it_is() {
        let hops = "Received: from a by b\n".repeat(51);
        let verdict = verdict(&format!("{hops}Return-Path: <>\nFrom: ada@example.org"), false, false);
        assert_eq!(verdict, Screening::Stop(Kind::Unknown, Reason::MailLoop));
    }
}
