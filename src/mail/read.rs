//! From bytes to a [`Mail`]. The only module that knows the MIME parser.

use super::Mail;
use crate::clock::Timestamp;

/// Reads one mail that passed the gate. Total: whatever stands in `raw`, a `Mail` comes back.
///
/// `received` is when our side got it: the upper bound of its date.
pub fn read(raw: &[u8], received: Timestamp) -> Mail {
    let _ = (raw, received);
    todo!("mail")
}
