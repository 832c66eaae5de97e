//! The archive that is served while the daemon works: looked through again when there is something new, and asked for by
//! readers, who never wait for that look.

use super::calm::Mood;
use super::loops::{LOOK, Shared};
use super::setup::Setup;
use crate::store::StoreError;
use crate::web::{Library, serve};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;
use tokio::task::JoinHandle;

const WHO: &str = "pages";

/// Serves where the configuration says so, whichever that is.
pub async fn pages(shared: Arc<Shared>) -> Result<(), StoreError> {
    let mut setups = shared.setups.clone();
    while !shared.stop.is_set() {
        let setup = setups.borrow_and_update().clone();
        match &setup.web {
            Some(_) => serve_one(&shared, &setup, &mut setups).await?,
            // Nobody reads: there is nothing to do until that changes.
            None => tokio::select! {
                () = shared.stop.wait() => {}
                _ = setups.changed() => setups.mark_changed(),
            },
        }
    }
    Ok(())
}

/// Serves by one configuration, until there is another.
async fn serve_one(
    shared: &Arc<Shared>,
    setup: &Arc<Setup>,
    setups: &mut Receiver<Arc<Setup>>,
) -> Result<(), StoreError> {
    let library = Arc::new(Library::of(shared.store.clone(), shared.clock));
    let server = begin(shared, setup, setups.clone(), library.clone());
    let mut mood = Mood::of(WHO);
    while !shared.stop.is_set() && !setups.has_changed().unwrap_or_default() {
        shared.vitals.works(WHO);
        let look = library.refresh(&setup.config.policy, shared.clock.now()).await;
        let pause = shared.after(look.map(|()| LOOK), &mut mood, WHO)?;
        library.tell(shared.vitals.troubled());
        shared.rest(WHO, setups, &shared.news, pause).await;
    }
    if let Some(server) = server {
        // It was asked to end by the same that ended us; what it has in hand ends first.
        let _ = tokio::time::timeout(LAST_ANSWERS, server).await;
    }
    Ok(())
}

/// What readers get to have their answers when the program stops.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

fn begin(
    shared: &Shared,
    setup: &Setup,
    mut setups: Receiver<Arc<Setup>>,
    library: Arc<Library>,
) -> Option<JoinHandle<()>> {
    let (address, door) = setup.web.as_ref()?;
    let stop = shared.stop.clone();
    let end = async move {
        tokio::select! {
            () = stop.wait() => {}
            _ = setups.changed() => {}
        }
    };
    tracing::info!(%address, "serving the archive");
    Some(tokio::spawn(serve(door.clone(), library, end)))
}
