//! How the program is asked to end: once to end well, twice to end at once.

use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd)]
enum Asked {
    #[default]
    NotYet,
    Well,
    AtOnce,
}

/// Whether the program was asked to stop. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<watch::Sender<Asked>>);

impl Stop {
    /// Set by SIGTERM or SIGINT from now on; the second one means at once.
    pub fn on_signals() -> Stop {
        let stop = Stop::default();
        let (asked, handlers) = (stop.clone(), [SignalKind::terminate(), SignalKind::interrupt()].map(signal));
        tokio::spawn(async move {
            // Without handlers the signals end the process at once, which every state of the database survives.
            let [Ok(mut term), Ok(mut int)] = handlers else { return };
            either(&mut term, &mut int).await;
            tracing::info!("stopping");
            asked.set();
            either(&mut term, &mut int).await;
            asked.0.send_replace(Asked::AtOnce);
        });
        stop
    }

    /// Asks to end well. It cannot be taken back.
    pub fn set(&self) {
        self.0.send_modify(|asked| {
            if *asked < Asked::Well {
                *asked = Asked::Well;
            }
        });
    }

    pub fn is_set(&self) -> bool {
        *self.0.borrow() >= Asked::Well
    }

    /// Returns when it is set.
    pub async fn wait(&self) {
        self.reaches(Asked::Well).await;
    }

    /// Returns when it has been set for so long, or asked for again.
    pub async fn wait_and(&self, grace: Duration) {
        self.wait().await;
        tokio::select! {
            () = self.reaches(Asked::AtOnce) => {}
            () = tokio::time::sleep(grace) => {}
        }
    }

    async fn reaches(&self, level: Asked) {
        // The sender is ours and lives: this cannot fail.
        let _ = self.0.subscribe().wait_for(|asked| *asked >= level).await;
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
