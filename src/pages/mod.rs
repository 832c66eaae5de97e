//! What we publish: one read model, rendered.

pub mod calendar;
pub mod json;
pub mod site;
