//! Moves values between the rooms, and holds no rule about sessions.
//!
//! Each pass is bounded and returns what it did; loops, sleeps, signals and the drain at the end are all in [`run`].

pub mod attention;
pub mod delivery;
pub mod direct;
pub mod dns;
pub mod due;
pub mod erase;
pub mod fetch;
pub mod index;
pub mod intake;
mod named;
pub mod personal;
pub mod rates;
pub mod replay;
pub mod review;
pub mod run;
pub mod ticks;
mod undelivered;
pub mod understand;

use crate::config::{Config, TransportConfig};
use crate::transport::{Patience, Smtp, Transport};

/// The way out that the configuration names.
pub fn transport(config: &Config) -> Transport {
    match &config.transport {
        TransportConfig::Maildir { path } => Transport::Maildir { path: path.clone() },
        TransportConfig::Sendmail { command } => Transport::Sendmail { command: command.clone() },
        TransportConfig::Smtp(settings) => Transport::Smtp(Box::new(Smtp::new(settings.clone(), Patience::STANDARD))),
    }
}
