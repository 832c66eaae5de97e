//! The archive as a site: what stands in its files, where its links lead, and what never gets into it.

mod files;
mod hostile;
mod html;
mod served;
mod unsubscribe;
