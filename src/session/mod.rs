//! What it means: the register of sessions, and the pure decision about each mail.
//!
//! The truth is a log of [`Fact`]s, each with the mail it came from. A [`Session`] is the fold of its facts.
//! No clock, no I/O, no randomness in this room.

mod archived;
pub mod debt;
pub mod decide;
pub mod erase;
pub mod event;
mod followers;
mod likeness;
pub mod model;
pub mod needs;
pub mod occasion;
pub mod people;
pub mod policy;
pub mod register;
pub mod rights;
mod titles;
mod tracks;
pub mod trust;
pub mod waiting;

pub use archived::Archived;
pub use decide::{Answer, Confirmed, Decision, Item, Parent, Question, decide};
pub use followers::Follower;
pub use model::{Basis, Change, Fact, Finality, Said, Session, SessionKey, Status};
pub use needs::Need;
pub use people::People;
pub use policy::{List, Noise, Policy, Summit, Via};
pub use register::{Forebear, Register, TitleMatch};
pub use tracks::Track;
pub use waiting::Waiting;
