//! `check`: can this configuration work? Tries what can be tried without sending a mail, and says how to mend the rest.

use super::{Global, Outcome, base, print};
use crate::config::{Config, Source, TransportConfig};
use crate::daemon::transport;
use crate::mail::Address;
use crate::mailbox::{imap, maildir, mbox};
use crate::store::Store;
use serde::Serialize;

#[derive(Serialize)]
struct Finding {
    /// `error` keeps it from working; `warning` is for a human to weigh.
    level: &'static str,
    about: String,
    what: String,
    fix: String,
}

pub async fn check(global: &Global) -> anyhow::Result<Outcome> {
    let config = global.config()?;
    let mut findings = Vec::new();
    mailboxes(&config, global, &mut findings).await;
    database(&config, &mut findings).await;
    for finding in transport(&config).check().await {
        findings.push(error("transport", finding.what, finding.fix));
    }
    summits(&config, &mut findings);
    people(&config, &mut findings);
    if global.json {
        print::json(&findings)?;
    } else {
        for finding in &findings {
            say!("{}: {}: {}\n  fix: {}", finding.level, finding.about, finding.what, finding.fix);
        }
        let errors = findings.iter().filter(|finding| finding.level == "error").count() as u64;
        let warnings = findings.len() as u64 - errors;
        match (errors, warnings) {
            (0, 0) => say!("{}: everything is in order.", config.path.display()),
            _ => say!("{}, {}.", print::count(errors, "error"), print::count(warnings, "warning")),
        }
    }
    let broken = findings.iter().any(|finding| finding.level == "error");
    Ok(if broken { Outcome::NeedsAttention } else { Outcome::Done })
}

fn error(about: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { level: "error", about: about.into(), what: what.into(), fix: fix.into() }
}

fn warning(about: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { level: "warning", ..error(about, what, fix) }
}

async fn mailboxes(config: &Config, global: &Global, findings: &mut Vec<Finding>) {
    if config.mailboxes.is_empty() {
        let fix = "add a `[[mailbox]]`, or pipe mail into `rapporteur deliver`";
        findings.push(warning("mailbox", "no mailbox is polled", fix));
    }
    for mailbox in &config.mailboxes {
        let trouble = match &mailbox.source {
            Source::Maildir(path) => maildir::list(path).err(),
            Source::Mbox(path) => mbox::poll(path, None, 1, global.clock().now()).err(),
            Source::Imap(settings) => imap::check(settings).await,
            // Whether the address is free, `run` finds out: it may be `run` that listens there now.
            Source::Lmtp(_) => None,
        };
        findings.extend(trouble.map(|trouble| error(&mailbox.name, trouble.what, trouble.fix)));
        if config.list_of(mailbox).is_none() {
            let fix = "set `list` in its `[[mailbox]]` unless all its mail has a List-Id header";
            findings.push(warning(&mailbox.name, "mail without a List-Id can't be told apart here", fix));
        }
    }
    if let TransportConfig::Maildir { path } = &config.transport
        && config.mailboxes.iter().any(|mailbox| mailbox.source == Source::Maildir(path.clone()))
    {
        let fix = "give `[transport]` a Maildir of its own, such as `sent`";
        findings.push(error("transport", "letters would go into the Maildir that mail is read from", fix));
    }
}

async fn database(config: &Config, findings: &mut Vec<Finding>) {
    match Store::open_existing(&config.database).await {
        Ok(store) => store.close().await,
        Err(problem) => {
            let fix = format!(
                "`rapporteur once` makes a missing SQLite database; for PostgreSQL create it first (seen from {})",
                base(&config.path).display()
            );
            findings.push(error("database", problem.to_string(), fix));
        }
    }
}

fn people(config: &Config, findings: &mut Vec<Finding>) {
    for line in &config.left_out {
        let fix = "nothing to do when only git knows it; else correct the address in the mailmap";
        findings.push(warning("people", format!("{line}: the line is left out"), fix));
    }
    let policy = &config.policy;
    for organiser in policy.summits.iter().flat_map(|summit| &summit.organisers) {
        let idle = |address: &Address| policy.people.sworn_first(address) != organiser;
        for address in policy.people.addresses(organiser).into_iter().filter(idle) {
            let what = format!("`{address}` is {organiser} by the mailmap, which gives no organiser's rights");
            let fix = format!(
                "if they may act from it, add `[[person]]` with `addresses = [\"{organiser}\", \"{address}\"]`"
            );
            let known = findings.iter().any(|finding| finding.what == what);
            findings.extend((!known).then(|| warning("people", what, fix)));
        }
    }
}

fn summits(config: &Config, findings: &mut Vec<Finding>) {
    for summit in &config.policy.summits {
        if summit.organisers.is_empty() {
            let fix = "set `organisers`, or nobody can accept, reject or merge";
            findings.push(warning(&summit.slug, "it has no organiser", fix));
        } else {
            let what = "organisers and hosts are known by their From address alone";
            let fix =
                "let only subscribers post, or have the list check DMARC; every change names the mail that made it";
            findings.push(warning(&summit.slug, what, fix));
        }
        let digests = config.digests_of(&summit.slug);
        if digests.is_none_or(|digests| digests.proposals.is_none() && digests.outcomes.is_none()) {
            let fix = "set `proposal_digest` and `outcome_digest`, such as \"Mon 09:00\"";
            findings.push(warning(&summit.slug, "no digest is ever due", fix));
        }
        let archives = summit.lists.iter().filter_map(|address| config.policy.list(address)?.archive.as_ref());
        if archives.count() == 0 {
            let fix = "set `archive` of its list, with {message_id}, so that digests can link to mails";
            findings.push(warning(&summit.slug, "its list has no permalinks", fix));
        }
    }
    if config.hold {
        findings.push(warning("hold", "every letter waits for review", "`rapporteur outbox release --all` sends them"));
    }
}
