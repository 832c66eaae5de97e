//! No way to abuse it: robots, floods and forgers against the program's own passes.
//!
//! Each module is one proof of `docs/reliability.md`.

mod floods;
mod loops;
mod robots;
mod world;
