//! Any bytes, through gate, reader and screen; with both kinds of line ends.
#![no_main]

use rapporteur_fuzz::invariants;

libfuzzer_sys::fuzz_target!(init: rapporteur_fuzz::let_panics_be_caught(), |raw: &[u8]| {
    invariants::mail(raw);
    invariants::line_ends(raw);
});
