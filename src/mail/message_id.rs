//! Message-IDs (RFC 5322 §3.6.4) as people's software really writes them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A Message-ID without its angle brackets: the key of a mail. Never empty, never with white space or controls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// A stable key from the content of one `<…>` or a bare token; `None` when nothing is left of it.
    pub fn parse(text: &str) -> Option<MessageId> {
        let _ = text;
        todo!("mail")
    }

    /// Every id in a header value such as In-Reply-To or References, in order.
    pub fn all(header: &str) -> Vec<MessageId> {
        let _ = header;
        todo!("mail")
    }

    pub fn ours(local: &str, domain: &str) -> MessageId {
        MessageId(format!("{local}@{domain}"))
    }

    pub fn from_url(url: &str) -> Option<MessageId> {
        let _ = url;
        todo!("mail")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
