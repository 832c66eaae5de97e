//! IMAP with a scripted server, which does wrong what a server can do wrong. `tests/servers` has the story with Dovecot.

mod bounds;
mod changes;
mod config;
mod login;
mod misbehaves;
#[path = "../support/reader.rs"]
mod reader;
mod scene;
#[path = "../support/imap/mod.rs"]
mod scripted;
