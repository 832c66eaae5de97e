//! The loops that work on the database: from the inbox to the mails' ends, and from the outbox to the world.
//!
//! Each does its bounded passes, then rests until it is woken, the configuration changes, or some time is over. None
//! waits for another.

use super::calm::Mood;
use super::setup::Setup;
use super::vitals::Vitals;
use super::{Stop, holder};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::intake::Intake;
use crate::daemon::ticks::Ticks;
use crate::daemon::{attention, delivery, direct, personal, transport};
use crate::store::{Store, StoreError};
use crate::transport::Transport;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Other processes write, too (`deliver`, `digest`, `outbox release`), and wake nobody: so often a loop looks by itself.
pub const LOOK: Duration = Duration::from_secs(5);
/// How long a delivery pass may take: its letters, the last of which may take as long as its lease.
const SENDING: Duration = Duration::from_secs(40 * 60);
/// A digest waits so long for the first look at each mailbox, in case one never ends.
const FIRST_LOOKS: Duration = Duration::from_secs(600);

/// What all loops share.
pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub stop: Stop,
    pub setups: watch::Receiver<Arc<Setup>>,
    /// Something new is in the inbox.
    pub mail_came: Notify,
    /// Something new is in the outbox.
    letter_came: Notify,
    /// What the pages tell of has changed.
    pub news: Notify,
    pub vitals: Vitals,
    /// Mailboxes that nobody has looked through since the start.
    unseen: AtomicUsize,
    /// What lay in the mailboxes at the start is settled.
    caught_up: AtomicBool,
    started: tokio::time::Instant,
}

impl Shared {
    pub fn new(store: Store, clock: Clock, stop: Stop, setups: watch::Receiver<Arc<Setup>>) -> Shared {
        let unseen = AtomicUsize::new(setups.borrow().config.mailboxes.len());
        let (mail_came, letter_came, news) = (Notify::new(), Notify::new(), Notify::new());
        let started = tokio::time::Instant::now();
        let (vitals, caught_up) = (Vitals::new(), AtomicBool::new(false));
        Shared { store, clock, stop, setups, mail_came, letter_came, news, vitals, unseen, caught_up, started }
    }

    /// A mailbox has been looked through for the first time, or cannot be.
    pub fn seen(&self) {
        // Mailboxes of a later configuration don't count.
        let _ = self.unseen.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        self.mail_came.notify_one();
    }

    /// The time between two looks at a mailbox that does not tell by itself.
    pub fn poll(&self) -> Duration {
        Duration::from_secs(self.setups.borrow().config.poll_seconds)
    }

    /// A digest made before the mail that waits in the mailboxes is known would be out of date at once.
    fn has_seen_all(&self) -> bool {
        self.unseen.load(Ordering::Relaxed) == 0 || self.started.elapsed() > FIRST_LOOKS
    }

    /// Rests until something happens or the pause is over.
    pub async fn rest(
        &self,
        who: &'static str,
        setups: &mut watch::Receiver<Arc<Setup>>,
        woken: &Notify,
        pause: Duration,
    ) {
        self.vitals.rests(who, pause);
        tokio::select! {
            () = self.stop.wait() => {}
            // Its sender lives as long as the loops do.
            _ = setups.changed() => setups.mark_changed(),
            () = woken.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    /// What a loop does about the end of a pass: an error of the database that passes is told and waited out, any other
    /// ends the program. The pause until the next pass.
    pub fn after(
        &self,
        pass: Result<Duration, StoreError>,
        mood: &mut Mood,
        who: &str,
    ) -> Result<Duration, StoreError> {
        let pause = match pass {
            Ok(pause) => {
                mood.works([]);
                Ok(pause)
            }
            Err(error) if error.passes() => Ok(mood.fails(error.to_string())),
            Err(error) => Err(error),
        };
        self.vitals.trouble(who, mood.trouble());
        pause
    }
}

/// Settles what is in the inbox; when nothing is left, looks at the clock. In this order, because a digest speaks of
/// settled mail.
pub async fn intake(shared: Arc<Shared>) -> Result<(), StoreError> {
    const WHO: &str = "intake";
    let (mut setups, mut mood) = (shared.setups.clone(), Mood::of(WHO));
    while !shared.stop.is_set() {
        let setup = setups.borrow_and_update().clone();
        let mut intake = Intake::new(&shared.store, &setup.config, &holder()).asking(setup.dns.clone());
        while !shared.stop.is_set() && !setups.has_changed().unwrap_or_default() {
            shared.vitals.works(WHO);
            let pass = settle(&shared, &mut intake, &setup.config).await;
            let pause = shared.after(pass, &mut mood, WHO)?;
            if !pause.is_zero() {
                shared.rest(WHO, &mut setups, &shared.mail_came, pause).await;
            }
        }
    }
    Ok(())
}

async fn settle(shared: &Shared, intake: &mut Intake<'_>, config: &Config) -> Result<Duration, StoreError> {
    let settled = intake.settle(shared.clock.now()).await?;
    if !settled.is_empty() {
        tracing::info!(mails = settled.len(), "settled");
        shared.vitals.settled(settled.len());
        shared.news.notify_one();
        if settled.iter().any(|settlement| !settlement.letters.is_empty()) {
            shared.letter_came.notify_one();
        }
        return Ok(Duration::ZERO);
    }
    let erased = intake.erase(shared.clock.now()).await?;
    if erased > 0 {
        tracing::info!(persons = erased, "erased");
    }
    if shared.has_seen_all() {
        if !shared.caught_up.swap(true, Ordering::Relaxed) {
            shared.letter_came.notify_one();
        }
        let (store, now) = (&shared.store, shared.clock.now());
        let register = intake.up_to_date().await?;
        let mut made = Ticks { store, config, register, now }.pass().await?;
        made.extend(personal::pass(store, config, register, now).await?);
        made.extend(direct::pass(store, config, register, now).await?);
        made.extend(attention::pass(store, config, register, now).await?);
        for digest in &made {
            tracing::info!(digest, "made");
            shared.letter_came.notify_one();
        }
    }
    Ok(LOOK)
}

/// Sends what is due.
pub async fn delivery(shared: Arc<Shared>) -> Result<(), StoreError> {
    const WHO: &str = "delivery";
    let (mut setups, mut mood) = (shared.setups.clone(), Mood::of(WHO));
    while !shared.stop.is_set() {
        let setup = setups.borrow_and_update().clone();
        let mut transport = transport(&setup.config);
        while !shared.stop.is_set() && !setups.has_changed().unwrap_or_default() {
            shared.vitals.promise(WHO, SENDING);
            let pass = deliver(&shared, &setup.config, &mut transport).await;
            let pause = shared.after(pass, &mut mood, WHO)?;
            shared.rest(WHO, &mut setups, &shared.letter_came, pause).await;
        }
        transport.close().await;
    }
    Ok(())
}

async fn deliver(shared: &Shared, config: &Config, transport: &mut Transport) -> Result<Duration, StoreError> {
    let Shared { store, clock, stop, .. } = shared;
    // The echo of a letter that was perhaps sent may lie in a mailbox since we were last here: it is not sent again.
    if !shared.caught_up.load(Ordering::Relaxed) {
        return Ok(LOOK);
    }
    let wait = async || store.next_letter().await.map(|due| due.map(|due| due.duration_since(clock.now())));
    if wait().await?.is_some_and(|wait| !wait.is_positive()) {
        let delivered = delivery::pass(store, config, transport, &holder(), *clock, stop).await?;
        let delivery::Delivered { sent, later, failed, held } = delivered;
        if delivered != delivery::Delivered::default() {
            tracing::info!(sent, later, failed, held, "delivered");
        }
        shared.vitals.sent(sent);
    } else {
        transport.close_if_idle().await;
    }
    // What is due even now could not be sent: the breaker is open, or the server rests.
    let wait = wait().await?.filter(|wait| wait.is_positive());
    Ok(wait.map_or(LOOK, |wait| wait.unsigned_abs().min(LOOK)))
}
