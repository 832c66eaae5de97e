//! The pages, brought to their readers: into a directory, and over HTTP. What stands in them is [`pages::site`]'s business.
//!
//! [`pages::site`]: crate::pages::site

mod library;
mod manifest;
mod publish;
mod serve;
mod shelf;
mod unsubscribe;

pub use library::Library;
pub use publish::{PublishError, Published, publish};
pub use serve::serve;
pub use shelf::read;
