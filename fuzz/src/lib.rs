//! What the fuzz targets share: the invariants of the property tests.

#[path = "../../tests/support/invariants.rs"]
pub mod invariants;

/// A panic that is caught is no find: the reader of mail goes on where the MIME parser fails (`mail::mime::guarded`).
/// libFuzzer's hook would end the process at the panic; without it, what nobody catches still does.
pub fn let_panics_be_caught() {
    drop(std::panic::take_hook());
}
