//! People taken for programs: on a list where people write, every mail should be heard.

use crate::table::{Goal, Miss, Row};
use rapporteur::mail::{self, Automatic};
use rapporteur::mailbox::archive::RawMail;

pub fn measure(real: &[RawMail]) -> Vec<Row> {
    if real.is_empty() {
        return vec![Row::missing("real, heard as people")];
    }
    let result = |mail: &RawMail| {
        let read = mail::read(&mail.raw, mail.received);
        let got = match (&read.automatic, &read.bounce) {
            (Automatic::Yes(why), _) => why.clone(),
            (_, Some(bounce)) => format!("{bounce:?}"),
            _ => return Ok(()),
        };
        Err(Miss { case: format!("{} {:?}", mail.place, read.subject), expected: "a person".to_owned(), got })
    };
    vec![Row::hits("real, heard as people", Goal::Percent(100.0), real.iter().map(result))]
}
