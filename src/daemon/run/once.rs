//! One pass of everything, in the order that a mail goes.

use super::Stop;
use crate::clock::Clock;
use crate::daemon::delivery;
use crate::daemon::fetch::fetch;
use crate::daemon::intake::{Intake, Settlement};
use crate::daemon::ticks::Ticks;
use crate::daemon::{attention, direct, personal};
use crate::mailbox::Trouble;
use crate::store::StoreError;
use crate::transport::Transport;

/// What one pass of everything did.
#[derive(Debug, Default)]
pub struct Done {
    pub fetched: u64,
    pub troubles: Vec<Trouble>,
    pub settled: u64,
    pub digests: Vec<String>,
    pub delivered: delivery::Delivered,
}

/// Fetches, settles, makes what is due and sends, once. `watch` sees what becomes of each mail. When `stop` is set, it
/// ends at the next place where nothing is left half done.
pub async fn once(
    intake: &mut Intake<'_>,
    transport: &mut Transport,
    clock: Clock,
    stop: &Stop,
    watch: &mut dyn FnMut(&Settlement),
) -> Result<Done, StoreError> {
    let (store, config) = (intake.store, intake.config);
    let mut done = Done::default();
    let fetched = fetch(store, config, clock.now(), stop).await?;
    (done.fetched, done.troubles) = (fetched.new, fetched.troubles);
    while !stop.is_set() {
        let settled = intake.settle(clock.now()).await?;
        if settled.is_empty() {
            break;
        }
        done.settled += settled.len() as u64;
        settled.iter().for_each(&mut *watch);
    }
    if !stop.is_set() {
        intake.erase(clock.now()).await?;
        let (register, now) = (intake.up_to_date().await?, clock.now());
        done.digests = Ticks { store, config, register, now }.pass().await?;
        done.digests.extend(personal::pass(store, config, register, now).await?);
        done.digests.extend(direct::pass(store, config, register, now).await?);
        done.digests.extend(attention::pass(store, config, register, now).await?);
        done.delivered = delivery::pass(store, config, transport, &intake.worker, clock, stop).await?;
    }
    Ok(done)
}
