//! What the DNS said about a mail's signatures, under the hash of its bytes: keys are withdrawn, and the mail is judged
//! the same for ever.

use super::row::{Columns, ask, ask_many, json};
use super::{Store, StoreError, sql};
use crate::mail::dkim::Answers;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// SHA-256 of a mail's bytes.
pub type Hash = [u8; 32];

pub fn hash(raw: &[u8]) -> Hash {
    Sha256::digest(raw).into()
}

impl Store {
    /// The answers that are kept for these mails.
    pub async fn answers(&self, mails: &[Hash]) -> Result<HashMap<Hash, Answers>, StoreError> {
        let mut found = HashMap::new();
        for mails in sql::ANSWERS.pieces(mails) {
            let asked = mails.iter().fold(ask_many(sql::ANSWERS, mails.len()), |asked, mail| asked.bind(mail.to_vec()));
            for row in asked.fetch_all(&self.reader).await? {
                let mut columns = Columns::of(&row);
                let hash = columns.bytes()?;
                let hash = hash.try_into().map_err(|_| StoreError::Corrupt("a hash of another length".to_owned()))?;
                found.insert(hash, columns.json()?);
            }
        }
        Ok(found)
    }

    /// Keeps answers. Those that came first stand.
    pub async fn keep_answers(&self, answers: &HashMap<Hash, Answers>) -> Result<(), StoreError> {
        if answers.is_empty() {
            return Ok(());
        }
        let mut work = self.begin().await?;
        for (hash, answers) in answers {
            let keep = ask(sql::KEEP_ANSWERS).bind(hash.to_vec()).bind(json(answers));
            keep.execute(&mut *work.turn).await?;
        }
        work.commit().await
    }
}
