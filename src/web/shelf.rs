//! From the database to a [`Site`].

use crate::clock::Timestamp;
use crate::pages::site::{Posted, Site, Way};
use crate::session::{Policy, Register};
use crate::store::{Edition, Store, StoreError};

/// What is known now, and which state that is. The state is asked for first: what comes in meanwhile is then perhaps in
/// the site already, and looked for once more.
pub async fn read(store: &Store, policy: &Policy, now: Timestamp, way: Way) -> Result<(Edition, Site), StoreError> {
    let edition = store.edition().await?;
    let (facts, mails, posted) = (store.log_all().await?, store.mail_rows().await?, store.posted().await?);
    let site = tokio::task::block_in_place(|| {
        let mut register = Register::of(policy.people.clone());
        facts.into_iter().for_each(|fact| register.apply(fact));
        let posted = posted.into_iter().map(|(row, bytes)| Posted { row, bytes }).collect();
        Site::of(policy.clone(), register, mails, posted, now, way)
    });
    Ok((edition, site))
}
