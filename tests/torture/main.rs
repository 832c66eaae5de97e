//! The program under torture: killed, starved and lied to, again and again, until it is shown to lose and double nothing.
//!
//! Each test is the small edition that runs with all the others; `scripts/torture` runs the large ones, and
//! `docs/reliability.md` says what each proves. The program is the real one, in a process of its own.

#[path = "../support/apt.rs"]
mod apt;
mod books;
mod disk;
mod kills;
mod locked;
mod mails;
mod place;
mod random;
mod relay;
mod writes;

/// A number that the environment may set, for the large editions.
fn setting(name: &str, default: usize) -> usize {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`: write a whole number")),
        Err(_) => default,
    }
}
