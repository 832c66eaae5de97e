//! A letter without a person who was erased. It may still be on its way to others: so it is made as all letters are, and
//! signed anew. Of one that went to the person themselves nothing is kept but that there was one.

use super::body;
use super::compose::Seal;
use super::header::{self, HeaderText};
use super::wrap::{fill, printable};
use crate::clock::Timestamp;
use crate::mail::erase::{Eraser, MARK, first_text};
use crate::mail::{Mail, MessageId, Person, read};

impl Seal<'_> {
    /// The letter without the person; nothing when they are not in it. `theirs` are those that went to them.
    pub fn erased(&self, bytes: &[u8], theirs: bool, eraser: &Eraser) -> Option<Vec<u8>> {
        let letter = String::from_utf8_lossy(bytes);
        let (head, rest) = letter.split_once("\r\n\r\n")?;
        let mail = read(bytes, Timestamp::MAX);
        let text = match theirs {
            true => Some(format!("{MARK}\n")),
            // What hangs on it, an invitation say, goes where it names them.
            false => {
                let text = first_text(bytes);
                eraser.letter(&text).or_else(|| eraser.mail(bytes, &mail).map(|_| text))
            }
        };
        let encoded = text.map(|text| body::encode(&fill(&text.replace("\r\n", "\n"))));
        let mut changed = encoded.is_some();
        let mut out = String::with_capacity(letter.len());
        for field in fields(head) {
            let name = field.split(':').next().unwrap_or_default();
            let erased = match (name, &encoded) {
                ("DKIM-Signature", _) => continue,
                ("Content-Transfer-Encoding", Some((encoding, _))) => {
                    Some(header::text(name, &HeaderText::new(encoding)))
                }
                ("Content-Type", Some(_)) => Some(header::text(name, &HeaderText::new("text/plain; charset=utf-8"))),
                _ => erased_field(name, field, &mail, eraser),
            };
            changed |= erased.is_some();
            out += &erased.unwrap_or_else(|| format!("{field}\r\n"));
        }
        out += "\r\n";
        out += encoded.as_ref().map_or(rest, |(_, text)| text.as_str());
        let date = mail.date.unwrap_or(Timestamp::UNIX_EPOCH);
        let signature = self.dkim.and_then(|signer| signer.sign(&out, date)).unwrap_or_default();
        changed.then(|| (signature + &out).into_bytes())
    }
}

/// A field in which the person stands.
fn erased_field(name: &str, field: &str, mail: &Mail, eraser: &Eraser) -> Option<String> {
    match name {
        "To" => {
            let before = mail.to.first()?;
            let mut person: Person = before.clone();
            eraser.person(&mut person);
            let called = person.name.as_deref().map(|name| HeaderText::new(&printable(name)));
            let address = person.address.as_ref().filter(|_| person != *before)?;
            Some(header::mailbox(name, called.as_ref(), address))
        }
        "Subject" => eraser.text(&mail.subject).map(|subject| header::text(name, &HeaderText::new(&subject))),
        "In-Reply-To" | "References" => {
            let ids = eraser.text(&field.replace("\r\n", ""))?;
            Some(header::ids(name, &MessageId::all(&ids)))
        }
        _ => None,
    }
}

/// The fields of a letter of ours, each with its folds.
fn fields(head: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let folds = head.match_indices("\r\n").map(|(at, _)| at + 2).filter(|at| !head[*at..].starts_with([' ', '\t']));
    starts.extend(folds);
    let ends = starts.iter().skip(1).map(|start| start - 2).chain([head.len()]);
    starts.iter().zip(ends).map(|(start, end)| &head[*start..end]).collect()
}
