//! Who wants no private mail.

use super::row::{Columns, ask};
use super::{StoreError, Work, sql};
use crate::mail::Address;

impl Work {
    /// Notes what the author of a mail wants from now on.
    pub async fn mute(&mut self, mail: i64, author: &Address, muted: bool) -> Result<(), StoreError> {
        let mute = ask(sql::MUTE).bind(mail).bind(author.key()).bind(i64::from(muted));
        mute.execute(&mut *self.turn).await?;
        Ok(())
    }

    /// Whether a person wants none: the last word from any of their addresses.
    pub async fn is_muted(&mut self, addresses: &[Address]) -> Result<bool, StoreError> {
        let mut last = (0, false);
        for address in addresses {
            let row = ask(sql::MUTED).bind(address.key()).fetch_optional(&mut *self.turn).await?;
            if let Some(row) = row {
                let mut columns = Columns::of(&row);
                last = last.max((columns.int()?, columns.flag()?));
            }
        }
        Ok(last.1)
    }
}
