//! Posts that wait for an organiser: who is asked about them, and what their word does.

use super::rates::{LIST_A_DAY, Rationed, ration};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::letters::review::{self, Held, Why};
use crate::letters::{Outgoing, Seal};
use crate::mail::{Address, Mail};
use crate::session::Summit;
use crate::session::decide::{Post, PostWord};
use crate::store::{LetterStatus, StoreError, Work};

/// Adds the letters that ask organisers about what is held of these. Where everything is held, these would be, too.
pub async fn ask(
    work: &mut Work,
    letters: &mut Vec<Rationed>,
    config: &Config,
    summit: &Summit,
    seal: &Seal<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let why = if config.approve { Why::Always } else { Why::TooMany(LIST_A_DAY) };
    let mut asking = Vec::new();
    for (letter, status, _) in letters.iter().filter(|_| !config.hold) {
        let Some(list) = letter.recipients.first().filter(|_| letter.to_list && *status == LetterStatus::Held) else {
            continue;
        };
        let post = Held { message_id: &letter.message_id, subject: &letter.subject, list, bytes: &letter.bytes };
        for organiser in organisers(config, summit) {
            asking.extend(show(work, &post, &organiser, why, summit, seal, now).await?);
        }
    }
    letters.extend(ration(work, asking, config, now).await?);
    Ok(())
}

/// Does what an organiser's word says. Of an edited post the letter that shows it again.
pub async fn act(
    work: &mut Work,
    (post, word): &(Post, PostWord),
    (mail, received): (&Mail, Timestamp),
    seal: &Seal<'_>,
    now: Timestamp,
) -> Result<Option<Outgoing>, StoreError> {
    let Some((row, bytes)) = work.letter_called(&post.message_id).await? else { return Ok(None) };
    match word {
        PostWord::Approved => work.release(row.id, now).await?,
        PostWord::Dropped => work.drop_letter(row.id).await?,
        PostWord::Edited(text) => {
            let bytes = seal.with_text(&bytes, text, now);
            let (list, author) = (row.recipients.first(), &mail.author.address);
            let (Some(list), Some(author), Some(summit)) = (list, author, seal.policy.summit(&row.summit)) else {
                return Ok(None);
            };
            work.close_post(&post.message_id, received, &post.token_hash).await?;
            if work.rewrite(&post.message_id, &bytes).await? {
                let post = Held { message_id: &post.message_id, subject: &row.subject, list, bytes: &bytes };
                let organiser = seal.policy.registered(summit, author);
                return show(work, &post, &organiser, Why::Edited(mail), summit, seal, now).await;
            }
        }
    }
    Ok(None)
}

async fn show(
    work: &mut Work,
    post: &Held<'_>,
    organiser: &Address,
    why: Why<'_>,
    summit: &Summit,
    seal: &Seal<'_>,
    now: Timestamp,
) -> Result<Option<Outgoing>, StoreError> {
    let Some((letter, waiting)) = review::preview(post, organiser, why, summit, seal, now) else { return Ok(None) };
    work.wait(&waiting).await?;
    Ok(Some(letter))
}

/// One address of each.
fn organisers(config: &Config, summit: &Summit) -> Vec<Address> {
    let mut first: Vec<Address> =
        summit.organisers.iter().map(|address| config.policy.people.sworn_first(address).clone()).collect();
    first.sort_by_key(Address::key);
    first.dedup();
    first
}
