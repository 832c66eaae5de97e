//! `[dkim]`: the key that our mail is signed with.

use super::{ConfigError, Reader};
use crate::letters::dkim::Signer;
use crate::mail::Address;
use serde::Deserialize;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DkimTable {
    key_file: Spanned<PathBuf>,
    selector: Spanned<String>,
    domain: Option<Spanned<String>>,
}

impl Reader<'_> {
    /// The key is read here, so that a file that cannot be used is known at the start, with its line.
    pub(super) fn dkim(&self, table: Option<DkimTable>, robot: &Address) -> Result<Option<Arc<Signer>>, ConfigError> {
        let Some(table) = table else { return Ok(None) };
        self.name(&table.selector)?;
        let domain = match &table.domain {
            None => robot.domain_key(),
            Some(domain) => self.name(domain)?.to_owned(),
        };
        let file = self.relative(table.key_file.get_ref());
        let signer = read(&file).and_then(|pem| Signer::new(&domain, table.selector.get_ref(), &pem));
        signer.map(|signer| Some(Arc::new(signer))).map_err(|why| {
            let what = format!("`{}` cannot sign our mail", file.display());
            self.wrong(table.key_file.span().start, what, why)
        })
    }

    /// A part of a name in the DNS.
    fn name<'t>(&self, text: &'t Spanned<String>) -> Result<&'t str, ConfigError> {
        let name = text.get_ref();
        let is_label =
            |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        match name.split('.').all(is_label) {
            true => Ok(name),
            false => {
                let what = format!("`{name}` is no name in the DNS");
                Err(self.wrong(text.span().start, what, "use letters, digits, `-`, `_` and `.`, such as `mail2027`"))
            }
        }
    }
}

fn read(file: &Path) -> Result<String, String> {
    let unreadable = |error| format!("make it readable for us: {error}");
    if fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(format!("others may read it: run `chmod 600 {}`", file.display()));
    }
    fs::read_to_string(file).map_err(unreadable)
}
