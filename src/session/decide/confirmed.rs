//! The lines that waited, now that the registered address has said yes: decided again, against the register of now, and
//! nothing else of their mail.

use super::{Judge, Refusal};
use crate::grammar::{Ask, Want};
use crate::session::waiting::{Mistake, Place};

impl Judge<'_> {
    pub(super) fn confirmed(&mut self, places: &[Place]) {
        for Place { line, session } in places {
            // What was confirmed is about this session, whatever bears its title by now.
            self.here = Some(session.clone());
            let reading = self.q.reading;
            match (reading.ask_at(*line), &reading.proposal) {
                // Taking back a mail may be about more than one.
                (Some(ask), _) if matches!(ask.want, Want::Undo(_)) => self.ask(&ask),
                (Some(ask), _) => self.ask(&Ask { target: None, ..ask }),
                (None, Some(proposal)) if *line == 0 => match self.may_revise(session) {
                    Ok(_) => self.revise(session, proposal),
                    Err(refusal) => self.refuse(0, &self.q.mail.subject, refusal),
                },
                _ => self.refuse(*line, "", Refusal::Token(Mistake::Changed)),
            }
        }
        self.asked = true;
    }
}
