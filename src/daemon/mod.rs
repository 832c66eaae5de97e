//! Moves values between the rooms, and holds no rule about sessions.
//!
//! Each pass is bounded and returns what it did; loops, sleeps, signals and the drain at the end are all in [`run`].

pub mod delivery;
pub mod fetch;
pub mod intake;
mod named;
pub mod rates;
pub mod replay;
pub mod run;
pub mod ticks;
pub mod understand;
