//! Any text, its lines as written and flowed.
#![no_main]

use rapporteur_fuzz::invariants;

libfuzzer_sys::fuzz_target!(|decoded: &str| invariants::text(decoded));
