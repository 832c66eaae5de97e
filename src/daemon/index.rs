//! Keeps the index of words at the same place as the log: in the transaction that writes facts, the sessions that they
//! changed; and all of it, where it was made by other rules, knows people by other names, or is behind.
//!
//! It is nobody's source: whatever happens to it, it is made anew from the register.

use crate::pages::search::searchable;
use crate::session::{People, Register};
use crate::store::{Indexed, Searchable, StoreError, Work};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Counts up when sessions are put into words otherwise (`pages::search`).
const RULES: u32 = 1;

/// The index of this register.
pub fn of(register: &Register, people: &People) -> Indexed {
    let making = Sha256::digest(format!("{RULES} {people:?}"));
    Indexed { making: HEXLOWER.encode(&making[..16]), position: register.position() }
}

/// Brings the index to where the register is.
pub async fn keep(work: &mut Work, register: &Register, people: &People) -> Result<(), StoreError> {
    let now = of(register, people);
    match work.indexed().await? {
        Some(kept) if kept == now => Ok(()),
        Some(kept) if kept.making == now.making && kept.position < now.position => {
            work.index(&rows(register, kept.position), &now).await
        }
        _ => anew(work, register, people).await,
    }
}

/// Makes all of it again.
pub async fn anew(work: &mut Work, register: &Register, people: &People) -> Result<(), StoreError> {
    work.forget_words().await?;
    work.index(&rows(register, 0), &of(register, people)).await
}

fn rows(register: &Register, position: i64) -> Vec<Searchable> {
    tokio::task::block_in_place(|| register.changed_since(position).map(searchable).collect())
}
