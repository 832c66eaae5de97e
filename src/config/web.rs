//! `[web]`: where the archive is served, and where the world reads it.

use super::{ConfigError, Reader};
use serde::Deserialize;
use std::net::SocketAddr;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebTable {
    listen: Option<Spanned<String>>,
    public: Option<Spanned<String>>,
}

/// This machine alone: whoever wants the world to see it says so, or puts a web server in front.
const USUAL: &str = "127.0.0.1:8080";

impl Reader<'_> {
    /// Nothing is served without the table.
    pub(super) fn web(&self, table: Option<&WebTable>) -> Result<Option<SocketAddr>, ConfigError> {
        let Some(table) = table else { return Ok(None) };
        let usual = Spanned::new(0..0, USUAL.to_owned());
        let listen = table.listen.as_ref().unwrap_or(&usual);
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

    /// The address of the pages for everybody, with a `/` at its end. Letters lead there, and one click there ends a
    /// subscription: that takes HTTPS (RFC 8058 §3.1).
    pub(super) fn public(&self, table: Option<&WebTable>) -> Result<Option<String>, ConfigError> {
        let Some(public) = table.and_then(|table| table.public.as_ref()) else { return Ok(None) };
        let url = public.get_ref();
        let host = |rest: &&str| !rest.is_empty() && !rest.starts_with(['/', ':']);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:[]%".contains(&byte);
        match url.strip_prefix("https://").filter(host).filter(|rest| rest.bytes().all(plain)) {
            Some(rest) => Ok(Some(format!("https://{}/", rest.trim_end_matches('/')))),
            None => {
                let what = format!("`{url}` is no address of pages that everybody reads");
                let fix = "write it whole, with TLS and without `?` or `#`, such as `https://sessions.example.org/`";
                Err(self.wrong(public.span().start, what, fix))
            }
        }
    }
}
