//! The program under torture: killed, starved and lied to, again and again, until it is shown to lose and double nothing.
//!
//! Each test is the small edition that runs with all the others; `scripts/torture` runs the large ones, and
//! `docs/reliability.md` says what each proves. The program is the real one, in a process of its own.

#[path = "../support/apt.rs"]
mod apt;
mod books;
mod disk;
mod kills;
mod locked;
mod mails;
mod place;
mod random;
mod relay;
mod writes;

use kills::{Torture, torture};
use place::Inbox;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_loses_nothing_and_does_nothing_twice() {
    torture(&Inbox::maildir(), Torture::of(200, 2000)).await;
}
