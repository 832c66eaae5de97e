//! Rapporteur follows a project's design sessions on its mailing list, from proposal to outcome.
//!
//! # A tour in reading order
//!
//! Follow one mail:
//!
//! 1. [`mailbox`] finds it and hands its raw bytes to [`store`], which keeps them before anybody reads them.
//! 2. [`mail`] says what arrived: the gate, the headers, and the text as spans (the author's words, quotes, signature, footer).
//! 3. [`grammar`] says what it asks: a closed set of asks, with a complaint for each line it did not understand.
//! 4. [`session`] says what that means: [`session::decide()`] is a pure function from the mail and the register of
//!    sessions to changes and letters.
//! 5. [`letters`] says what we answer, and how the digests read; [`transport`] carries it.
//! 6. [`pages`] says what we publish of it; [`web`] brings that to a directory, or over HTTP.
//!
//! What wikis and schedules hold comes the same way: [`import`] writes the mails that would have said it.
//!
//! [`daemon`] only moves values between these rooms; [`cli`] is the shell around it. Arrows point one way:
//! `cli → daemon → store, mailbox, transport → pages, letters → session → grammar → mail → clock`. [`wire`] is the line to
//! a server that mail comes and goes by.

#![forbid(unsafe_code)]

pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod grammar;
pub mod import;
pub mod letters;
pub mod mail;
pub mod mailbox;
pub mod pages;
pub mod session;
pub mod store;
pub mod transport;
pub mod web;
pub mod wire;
