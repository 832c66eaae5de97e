//! What any mail asks, and that nothing asks once it is quoted.
#![no_main]

use rapporteur_fuzz::invariants;

libfuzzer_sys::fuzz_target!(init: rapporteur_fuzz::let_panics_be_caught(), |raw: &[u8]| {
    if let Some(mail) = invariants::mail(raw) {
        invariants::reading(&mail);
    }
    invariants::quoted_never_acts(&String::from_utf8_lossy(raw));
});
