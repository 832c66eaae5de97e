//! IMAP: what a scripted server does wrong, and what Dovecot does right.
//!
//! `RAPPORTEUR_LONG=1` plays the story with Dovecot at length: thousands of mails, dozens of restarts.

mod bounds;
mod changes;
mod login;
mod misbehaves;
mod reader;
#[path = "../support/imap/mod.rs"]
mod scripted;
