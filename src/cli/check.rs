//! `check`: can this configuration work? Tries what can be tried without sending a mail, and says how to mend the rest.

use super::{Global, Outcome, base, print};
use crate::config::{Config, Source, TransportConfig};
use crate::daemon::transport;
use crate::mail::Address;
use crate::mail::results;
use crate::mailbox::{imap, maildir, mbox};
use crate::session::rights::Tier;
use crate::store::{Store, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Of the mails that are kept, so many of the last ones are looked at, and so many bytes at a time.
const RECENT: i64 = 500;
const PAGE_BYTES: u64 = 4 << 20;

#[derive(Serialize)]
struct Finding {
    /// `error` keeps it from working; `warning` is for a human to weigh; `note` says what follows from the settings.
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
    trust(&config, &mut findings);
    web(&config, &mut findings);
    summits(&config, &mut findings);
    people(&config, &mut findings);
    if global.json {
        print::json(&findings)?;
    } else {
        for finding in &findings {
            say!("{}: {}: {}\n  fix: {}", finding.level, finding.about, finding.what, finding.fix);
        }
        let of = |level| findings.iter().filter(|finding| finding.level == level).count() as u64;
        let (errors, warnings) = (of("error"), of("warning"));
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

fn note(about: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { level: "note", ..error(about, what, fix) }
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
        Ok(store) => {
            match unheard_of(&store, &config.policy.sources.authserv_ids).await {
                Ok(found) => findings.extend(found),
                Err(problem) => {
                    findings.push(error("database", problem.to_string(), "see what it says, and try again"))
                }
            }
            store.close().await;
        }
        Err(problem) => {
            let fix = format!(
                "`rapporteur once` makes a missing SQLite database; for PostgreSQL create it first (seen from {})",
                base(&config.path).display()
            );
            findings.push(error("database", problem.to_string(), fix));
        }
    }
}

/// Servers whose word is trusted and that never said one: a name that is misspelt, or a server that adds no such header.
async fn unheard_of(store: &Store, authserv_ids: &[String]) -> Result<Option<Finding>, StoreError> {
    if authserv_ids.is_empty() {
        return Ok(None);
    }
    let (mut seen, mut mails) = (BTreeMap::<String, u64>::new(), 0);
    let mut last = store.below_last(RECENT).await?;
    loop {
        let page = store.inbox_page(last, PAGE_BYTES).await?;
        let Some(end) = page.last() else { break };
        (last, mails) = (end.id, mails + page.len() as u64);
        page.iter().flat_map(|mail| results::names(&mail.raw)).for_each(|name| *seen.entry(name).or_default() += 1);
    }
    let silent: Vec<&str> = authserv_ids.iter().filter(|id| !seen.contains_key(*id)).map(String::as_str).collect();
    if silent.is_empty() || mails == 0 {
        return Ok(None);
    }
    let mut others: Vec<(&String, &u64)> = seen.iter().collect();
    others.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let others: Vec<&str> = others.into_iter().take(3).map(|(name, _)| name.as_str()).collect();
    let what =
        format!("none of the last {} has Authentication-Results of {}", print::count(mails, "mail"), silent.join(", "));
    let fix = match others.is_empty() {
        true => "have your mail server add them (OpenDMARC, rspamd), or delete the name from `authserv_ids`".to_owned(),
        false => format!(
            "compare the name in `authserv_ids`; what is there bears {}, which to trust is yours to know",
            others.join(", ")
        ),
    };
    Ok(Some(warning("trust", what, fix)))
}

/// Does the configuration believe more than the mailbox can prove, or ask for more?
fn trust(config: &Config, findings: &mut Vec<Finding>) {
    let (floors, sources) = (config.policy.floors, &config.policy.sources);
    let organised = config.policy.summits.iter().any(|summit| !summit.organisers.is_empty());
    let roles = [("hosts", Some(floors.hosts)), ("organisers", organised.then_some(floors.organisers))];
    let with = |wanted: Tier| {
        roles.iter().filter(|(_, tier)| *tier == Some(wanted)).map(|(role, _)| *role).collect::<Vec<_>>()
    };
    let (by_list, by_proof) = (with(Tier::T1), with(Tier::T2));
    if !by_list.is_empty() {
        let what =
            format!("{} are believed in whatever comes through the list, or looks as if it did", by_list.join(" and "));
        let fix = format!(
            "let only subscribers post, and have the list check DMARC; or set {} in `[trust]`",
            by_list.iter().map(|role| format!("`{role} = \"authenticated\"`")).collect::<Vec<_>>().join(" and ")
        );
        findings.push(warning("trust", what, fix));
    }
    if !by_proof.is_empty() && sources.authserv_ids.is_empty() && !sources.verify {
        let what =
            format!("no mail can prove its author here: {} are asked back before each change", by_proof.join(" and "));
        let fix = "name your mail server in `authserv_ids`, or set `verify_signatures = true`; or leave it so";
        findings.push(note("trust", what, fix));
    }
}

fn web(config: &Config, findings: &mut Vec<Finding>) {
    if config.web.is_some() && config.policy.public.is_none() {
        let what = "letters lead to no page, and who subscribed can't end that with one click";
        let fix =
            "set `public` in `[web]` to where everybody reads the pages, once a web server with TLS stands in front";
        findings.push(note("web", what, fix));
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
