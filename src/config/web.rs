//! `[web]`: where the archive is served.

use super::{ConfigError, Reader};
use serde::Deserialize;
use std::net::SocketAddr;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebTable {
    listen: Option<Spanned<String>>,
}

/// This machine alone: whoever wants the world to see it says so, or puts a web server in front.
const USUAL: &str = "127.0.0.1:8080";

impl Reader<'_> {
    /// Nothing is served without the table.
    pub(super) fn web(&self, table: Option<WebTable>) -> Result<Option<SocketAddr>, ConfigError> {
        let Some(table) = table else { return Ok(None) };
        let listen = table.listen.unwrap_or_else(|| Spanned::new(0..0, USUAL.to_owned()));
        match listen.get_ref().parse() {
            Ok(address) => Ok(Some(address)),
            Err(_) => {
                let what = format!("`{}` is no address and port to listen on", listen.get_ref());
                Err(self.wrong(
                    listen.span().start,
                    what,
                    "write them with a colon, such as `127.0.0.1:8080` or `[::1]:8080`",
                ))
            }
        }
    }
}
