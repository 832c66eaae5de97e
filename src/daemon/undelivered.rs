//! Letters that did not arrive: what a report about one changes, and who is told of it.

use super::rates::{self, Rationed, ration};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::letters::notice::{self, Undelivered};
use crate::letters::{LetterKind, Outgoing, Seal};
use crate::mail::{Address, Mail};
use crate::session::Summit;
use crate::store::{LetterRow, LetterStatus, StoreError, Work};

/// Organisers hear of what may not have reached a list, and of every letter that waits for a human; a person who can't be
/// reached is no news to them, and what told them of something else is not told of in turn.
pub fn notices(letter: &LetterRow, held: bool, error: &str, seal: &Seal, now: Timestamp) -> Vec<Outgoing> {
    let Some(to) = letter.recipients.first() else { return Vec::new() };
    let concerns_them = held || seal.policy.list(to).is_some();
    let tells_of_another = matches!(letter.kind, LetterKind::Undelivered | LetterKind::Breaker);
    let summit = seal.policy.summit(&letter.summit).filter(|_| concerns_them && !tells_of_another);
    let Some(summit) = summit else { return Vec::new() };
    let about = Undelivered { id: letter.id, attempt: letter.attempts, to, subject: &letter.subject, held, error };
    notice::undelivered(&about, summit, seal, now)
}

/// Has the organisers told of a question that is held because of its rate. Where all is held, they know.
pub async fn tell_of_held(
    work: &mut Work,
    letters: &[Rationed],
    summit: Option<&Summit>,
    config: &Config,
    seal: &Seal<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_held = |(letter, status, _): &&Rationed| letter.kind == LetterKind::Confirm && *status == LetterStatus::Held;
    let question = letters.iter().find(is_held).filter(|_| !config.hold);
    if let (Some((question, ..)), Some(summit)) = (question, summit) {
        let notices = notice::held_question(question, rates::WHY_HELD, summit, seal, now);
        let notices = ration(work, notices, config, now).await?;
        work.owe(&notices, now).await?;
    }
    Ok(())
}

/// Takes note of a report that letters of ours will never arrive, or are late, which counts when it happens often. A
/// complaint says nothing of either.
pub async fn note(
    work: &mut Work,
    report: &Mail,
    config: &Config,
    seal: &Seal<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(bounce) = &report.bounce else { return Ok(()) };
    let to = report.to.iter().filter_map(|person| person.address.clone());
    let came_to: Vec<Address> = to.chain(report.delivered_to.iter().cloned()).collect();
    if bounce.permanent.is_empty() {
        return work.late(&report.returned, &came_to, &bounce.temporary, now).await;
    }
    for letter in work.bounced(&report.returned, &came_to, &bounce.permanent, now).await? {
        tracing::info!(letter = letter.id, "came back");
        let error = letter.error.as_deref().unwrap_or_default();
        let notices = notices(&letter, false, error, seal, now);
        let notices = ration(work, notices, config, now).await?;
        work.owe(&notices, now).await?;
    }
    Ok(())
}
