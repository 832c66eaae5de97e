//! What the fuzz targets share: the invariants of the property tests.

#[path = "../../tests/support/invariants.rs"]
pub mod invariants;
