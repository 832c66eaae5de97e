//! `[trust]`: whose word is taken for who wrote a mail, and how much of it a change needs.

use super::{ConfigError, Reader};
use crate::mail::Address;
use crate::session::rights::{Floors, Tier};
use crate::session::trust::Sources;
use serde::Deserialize;
use toml::Spanned;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrustTable {
    #[serde(default)]
    authserv_ids: Vec<Spanned<String>>,
    #[serde(default)]
    verify_signatures: bool,
    #[serde(default)]
    sealers: Vec<Spanned<String>>,
    hosts: Option<Spanned<String>>,
    organisers: Option<Spanned<String>>,
}

impl Reader<'_> {
    pub(super) fn trust(&self, table: TrustTable) -> Result<(Sources, Floors), ConfigError> {
        let least = Floors::default();
        let floors = Floors {
            hosts: table.hosts.map_or(Ok(least.hosts), |text| self.floor("hosts", &text))?,
            organisers: table.organisers.map_or(Ok(least.organisers), |text| self.floor("organisers", &text))?,
        };
        if let Some(first) = table.sealers.first().filter(|_| !table.verify_signatures) {
            let what = "`sealers` says nothing where no signature is verified";
            return Err(self.wrong(first.span().start, what, "set `verify_signatures = true`, or delete `sealers`"));
        }
        let ids = table.authserv_ids.iter().map(|text| self.authserv_id(text));
        let sealers = table.sealers.iter().map(|text| self.sealer(text));
        let sources = Sources {
            authserv_ids: ids.collect::<Result<_, _>>()?,
            verify: table.verify_signatures,
            sealers: sealers.collect::<Result<_, _>>()?,
        };
        Ok((sources, floors))
    }

    fn floor(&self, name: &str, text: &Spanned<String>) -> Result<Tier, ConfigError> {
        match text.get_ref().as_str() {
            "list" => Ok(Tier::T1),
            "authenticated" => Ok(Tier::T2),
            other => {
                let what = format!("`{other}` is not what `{name}` can ask for");
                let fix = "write \"list\" (the mail came through a watched list) or \"authenticated\" (a trusted server or \
                           a signature says whose it is)";
                Err(self.wrong(text.span().start, what, fix))
            }
        }
    }

    fn authserv_id(&self, text: &Spanned<String>) -> Result<String, ConfigError> {
        let id = text.get_ref();
        let odd = |c: char| c.is_whitespace() || c.is_control() || ";()\"".contains(c);
        if id.is_empty() || id.contains(odd) {
            let fix = "write the word before the first `;` of the Authentication-Results that your server adds, such as \
                       \"mx.example.org\"";
            return Err(self.wrong(text.span().start, format!("`{id}` can't be an authserv-id"), fix));
        }
        Ok(id.to_ascii_lowercase())
    }

    fn sealer(&self, text: &Spanned<String>) -> Result<String, ConfigError> {
        let domain = Address::parse(&format!("sealer@{}", text.get_ref()));
        domain.map(|address| address.domain_key()).ok_or_else(|| {
            let fix = "write the domain after `d=` in the list's ARC-Seal header, such as \"lists.example.org\"";
            self.wrong(text.span().start, format!("`{}` is not a domain", text.get_ref()), fix)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;
    use std::path::Path;

    /// Line 1 to 9; what a test adds stands behind.
    const REST: &str = concat!(
        "address = \"robot@example.org\"\n[transport]\nkind = \"maildir\"\npath = \"sent\"\n",
        "[[list]]\naddress = \"devel@lists.example.org\"\n",
        "[[summit]]\nslug = \"s\"\nname = \"S\"\nlists = [\"devel@lists.example.org\"]\n[trust]\n",
    );

    fn config(more: &str) -> Result<Config, String> {
        Config::parse(Path::new("rapporteur.toml"), &format!("{REST}{more}")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_asked_for_and_whose_word_is_taken() {
        let plain = config("").unwrap().policy;
        assert_eq!(plain.floors, Floors { hosts: Tier::T1, organisers: Tier::T2 });
        let set = "authserv_ids = [\"MX.example.org\"]\nverify_signatures = true\nsealers = [\"Lists.example.org\"]\n\
                   hosts = \"authenticated\"\norganisers = \"list\"\n";
        let policy = config(set).unwrap().policy;
        assert_eq!(policy.floors, Floors { hosts: Tier::T2, organisers: Tier::T1 });
        assert_eq!(policy.sources.authserv_ids, ["mx.example.org"]);
        assert_eq!((policy.sources.verify, &policy.sources.sealers[..]), (true, &["lists.example.org".to_owned()][..]));
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_the_legal_values() {
        for (more, expected) in [
            (
                "hosts = \"anyone\"",
                "rapporteur.toml:12: `anyone` is not what `hosts` can ask for\n  fix: write \"list\"",
            ),
            (
                "organisers = \"T2\"",
                "rapporteur.toml:12: `T2` is not what `organisers` can ask for\n  fix: write \"list\"",
            ),
            (
                "authserv_ids = [\n\"mx.example.org\",\n\"mx; x\"]",
                "rapporteur.toml:14: `mx; x` can't be an authserv-id\n  fix: write the word",
            ),
            ("authserv_ids = [\"\"]", "rapporteur.toml:12: `` can't be an authserv-id"),
            ("sealers = [\"lists.example.org\"]", "rapporteur.toml:12: `sealers` says nothing"),
            (
                "verify_signatures = true\nsealers = [\"a b\"]",
                "rapporteur.toml:13: `a b` is not a domain\n  fix: write the domain",
            ),
            ("anyone = true", "rapporteur.toml:12: unknown field `anyone`"),
        ] {
            let said = config(more).unwrap_err();
            assert!(said.starts_with(expected) && said.contains("\n  fix: "), "{said}\nshould begin: {expected}");
        }
    }
}
