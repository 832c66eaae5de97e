//! What we publish: one read model, rendered.

pub mod json;
