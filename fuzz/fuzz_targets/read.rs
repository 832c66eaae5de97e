//! Any bytes, through gate, reader and screen; with both kinds of line ends.
#![no_main]

use rapporteur_fuzz::invariants;

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    invariants::mail(raw);
    invariants::line_ends(raw);
});
