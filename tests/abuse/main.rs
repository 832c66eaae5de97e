//! No way to abuse it: robots, floods and forgers against the program's own passes.
//!
//! Each module is one proof of `docs/reliability.md`.

mod authority;
mod floods;
mod loops;
mod people;
mod robots;
mod world;
