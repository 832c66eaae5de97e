//! The program among real servers, each started by the test itself on the loopback and gone when the test ends.
//!
//! Missing servers are installed (Debian, as root). `RAPPORTEUR_LONG=1` adds what takes tens of seconds: Mailman.

#[path = "../support/apt.rs"]
mod apt;
#[path = "../support/home.rs"]
mod home;
mod post_office;
mod round;
#[path = "../support/servers/mod.rs"]
mod servers;
mod speed;
