//! Any text, its lines as written and flowed.
#![no_main]

use rapporteur_fuzz::invariants;

libfuzzer_sys::fuzz_target!(init: rapporteur_fuzz::let_panics_be_caught(), |decoded: &str| invariants::text(decoded));
