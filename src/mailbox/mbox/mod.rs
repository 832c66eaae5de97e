//! mbox: mails one after the other, each after a line `From sender date` (RFC 4155).
//!
//! Of the dialects, mboxrd is read and written: inside a mail one `>` is put before every line that begins with any
//! number of `>` and then `From `, and taken away again when reading. mboxo files read the same way, as far as they
//! can be read at all. Content-Length is ignored: it lies as soon as anybody edits a file.

mod poll;
mod postmark;
mod read;
mod write;

pub use poll::{Arrived, Poll, poll};
pub use read::{Ending, Mail, Reader};
pub use write::write_mboxrd;

pub(super) use postmark::postmark;
