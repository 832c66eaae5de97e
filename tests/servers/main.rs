//! The program among real servers, each started by the test itself on the loopback and gone when the test ends.
//!
//! Missing servers are installed (Debian, as root). `RAPPORTEUR_LONG=1` adds what takes tens of seconds: Mailman.

#[path = "../support/apt.rs"]
mod apt;
#[path = "../support/home.rs"]
mod home;
mod imap;
mod post_office;
#[path = "../support/reader.rs"]
mod reader;
mod round;
#[path = "../support/servers/mod.rs"]
mod servers;
mod speed;

// What kills the program, see tests/torture.
#[path = "../torture/books.rs"]
mod books;
mod killed;
#[path = "../torture/kills.rs"]
mod kills;
#[path = "../torture/mails.rs"]
mod mails;
#[path = "../torture/place.rs"]
mod place;
#[path = "../torture/random.rs"]
mod random;
#[path = "../torture/relay.rs"]
mod relay;
