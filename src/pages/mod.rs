//! What we publish: one read model, rendered.
