//! The pages, brought to their readers: into a directory, and over HTTP. What stands in them is [`pages::site`]'s business.
//!
//! [`pages::site`]: crate::pages::site

mod manifest;
mod publish;
mod shelf;

pub use publish::{PublishError, Published, publish};
pub use shelf::read;
