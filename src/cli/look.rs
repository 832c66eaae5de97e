//! `sessions`, `show`, `status`: looking things up.

use super::{Global, Outcome, Usage, print, summit};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::daemon::rates;
use crate::grammar::Mode;
use crate::letters::answer::rows;
use crate::letters::wrap::{cut, printable, printable_lines};
use crate::letters::{sentences, when};
use crate::pages::json;
use crate::session::{Archived, Basis, Finality, Register, Session, Status, Summit};
use crate::store::Store;
use clap::Args;

#[derive(Args)]
pub struct SessionsArgs {
    /// The summit's slug [default: the only one, else the one that opened last]
    #[arg(long)]
    summit: Option<String>,
}

#[derive(Args)]
pub struct ShowArgs {
    /// The session's id, such as S-7
    session: String,
    /// The summit's slug [default: the only one, else the one that opened last]
    #[arg(long)]
    summit: Option<String>,
}

pub async fn sessions(global: &Global, args: &SessionsArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let now = global.clock().now();
    let summit = summit(&config, args.summit.as_deref(), now)?;
    let register = register(&store, &config).await?;
    if global.json {
        let all: Vec<_> =
            register.of_summit(&summit.slug).map(|s| json::session(s, &register, &config.policy, now)).collect();
        print::json(&all)?;
    } else {
        table(&register, summit, now);
    }
    Ok(Outcome::Done)
}

/// The table of a summit's sessions.
pub fn table(register: &Register, summit: &Summit, now: Timestamp) {
    let head = ["ID", "STATUS", "TITLE", "HOSTS", "INTEREST", "COMING", "SLOT"];
    let mut table = vec![head.map(str::to_owned).to_vec()];
    for session in register.of_summit(&summit.slug) {
        let session = register.gathered(session);
        let session = session.as_ref();
        let comes = |said: &&crate::session::Said<crate::session::model::Attendance>| {
            matches!(said.value.mode, Mode::InPerson | Mode::Remote)
        };
        let slot = session.slot.as_ref().map(|slot| match slot.start {
            Some(start) => start.to_zoned(summit.zone.clone()).strftime("%a %-d %b %H:%M").to_string(),
            None => when::slot(slot, &summit.zone),
        });
        table.push(vec![
            session.key.to_string(),
            standing(session, summit, now),
            cut(&printable(session.title()), 44),
            cut(&short_hosts(session), 28),
            session.interest.len().to_string(),
            session.attendance.iter().filter(comes).count().to_string(),
            slot.map_or_else(String::new, |slot| cut(&printable(&slot), 24)),
        ]);
    }
    match table.len() {
        1 => say!("No sessions yet. Propose one: write to the list with [DESIGN SESSION] in front of the subject."),
        _ => print::table(&table),
    }
}

/// The status, or how firm the outcome is as long as that is open.
fn standing(session: &Session, summit: &Summit, now: Timestamp) -> String {
    let status = session.status(now);
    match (&status, session.finality(now, summit.patience())) {
        (Status::Concluded, Some(Finality::Tentative { until })) => {
            format!("tentative until {}", until.to_zoned(summit.zone.clone()).strftime("%-d %b"))
        }
        (Status::Concluded, Some(firm @ (Finality::Disputed { .. } | Finality::Settled { .. }))) => {
            firm.name().to_owned()
        }
        _ => status.name().to_owned(),
    }
}

fn short_hosts(session: &Session) -> String {
    let names: Vec<String> = session.proposal.hosts.iter().map(|host| printable(host.person.label())).collect();
    names.join(", ")
}

pub async fn show(global: &Global, args: &ShowArgs) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let now = global.clock().now();
    let summit = summit(&config, args.summit.as_deref(), now)?;
    let register = register(&store, &config).await?;
    let session = self::session(&register, &summit.slug, &args.session)?;
    if global.json {
        print::json(&json::session(session, &register, &config.policy, now))?;
    } else {
        let archived = archived(&store, session).await?;
        describe(&config, summit, &register, session, &archived, now);
    }
    Ok(Outcome::Done)
}

/// The session of a summit that is called so: `S-7`, `s7`, `7`.
pub fn session<'a>(register: &'a Register, summit: &str, id: &str) -> Result<&'a Session, Usage> {
    let number = id.trim_start_matches(['S', 's']).trim_start_matches('-').parse::<u32>().ok();
    number.and_then(|number| register.numbered(summit, number)).ok_or_else(|| {
        let ids: Vec<String> = register.of_summit(summit).map(|session| session.key.to_string()).collect();
        let known = if ids.is_empty() { "it has none yet".into() } else { format!("it has {}", ids.join(", ")) };
        Usage(format!("there is no session `{id}` in {summit}: {known}"))
    })
}

async fn archived(store: &Store, session: &Session) -> anyhow::Result<Archived> {
    let ids: Vec<_> = session.history().iter().map(|fact| fact.mail.clone()).chain([session.root.clone()]).collect();
    Ok(store.archived(&ids).await?)
}

fn describe(
    config: &Config,
    summit: &Summit,
    register: &Register,
    session: &Session,
    archived: &Archived,
    now: Timestamp,
) {
    let link = |id: &crate::mail::MessageId| {
        config.policy.permalink(summit, id, archived).unwrap_or_else(|| format!("<{id}>"))
    };
    print::heading(&format!("{}  {}", session.key, printable(session.title())));
    let gathered = register.gathered(session);
    let (alone, session) = (session, gathered.as_ref());
    let status = session.status(now);
    print::row("Status", status.name());
    match &status {
        Status::Merged(into) => print::row("Part of", &format!("S-{into}")),
        Status::Undone(by) => print::row("Undone by", &link(by)),
        Status::Withdrawn(Some(why)) | Status::Rejected(Some(why)) => print::row("Why", &printable(why)),
        _ => {}
    }
    match session.finality(now, summit.patience()) {
        Some(Finality::Final { since }) => {
            print::row("Outcome", &format!("final since {}", when::day(since, &summit.zone)))
        }
        Some(firm) => sentences::finality(&firm, &summit.zone).iter().for_each(|line| print::row("Outcome", line)),
        None => {}
    }
    let parts: Vec<String> = register.parts(alone).map(|part| part.key.to_string()).collect();
    if !parts.is_empty() {
        print::row("With", &parts.join(", "));
    }
    register.lineage(alone, &config.policy).iter().for_each(|before| print::row("Before", &sentences::before(before)));
    session.claims.iter().for_each(|claim| {
        print::row("Claimed by", &format!("{}  {}", printable(claim.value.label()), link(&claim.mail)));
    });
    for (label, value) in rows(&session.proposal, summit).into_iter().skip(1) {
        print::row(label, &value);
    }
    if let Some(slot) = &session.slot {
        print::row("Slot", &printable(&when::slot(slot, &summit.zone)));
        slot.url.iter().for_each(|url| print::row("", url));
    }
    print::row("Proposal", &link(&session.root));
    if !session.proposal.description.is_empty() {
        print::heading("Description");
        printable_lines(&session.proposal.description).for_each(|line| say!("{line}"));
    }
    let inferred = |basis: Basis| if basis == Basis::Inferred { " (inferred)" } else { "" };
    section("Interest", &session.interest, |said| {
        let level = sentences::level(said.value.level);
        vec![printable(said.value.person.label()), format!("{level}{}", inferred(said.value.basis)), link(&said.mail)]
    });
    section("Attendance", &session.attendance, |said| {
        let note = said.value.note.as_deref().map_or(String::new(), |note| format!(", {}", printable(note)));
        let mode = crate::mail::end::name(said.value.mode).replace('_', " ");
        let mode = format!("{mode}{note}{}", inferred(said.value.basis));
        vec![printable(said.value.person.label()), mode, link(&said.mail)]
    });
    section("Scribes", &session.scribes, |said| vec![printable(said.value.label()), link(&said.mail)]);
    section("References", &session.references, |said| vec![said.value.url.clone(), link(&said.mail)]);
    if !session.suggestions.is_empty() {
        print::heading("Suggestions");
        for said in &session.suggestions {
            say!("{}  {}", printable(said.value.author.label()), link(&said.mail));
            printable_lines(&said.value.text).for_each(|line| say!("    {line}"));
        }
    }
    for outcome in &session.outcomes {
        let author = printable(outcome.value.author.label());
        let corrected = if outcome.value.corrected { ", corrected" } else { "" };
        print::heading(&format!("Notes by {author}{corrected}  {}", link(&outcome.value.source)));
        outcome.value.notes.decisions.iter().for_each(|text| say!("  Decision: {}", printable(text)));
        printable_lines(&outcome.value.notes.text).for_each(|line| say!("    {line}"));
    }
    if session.actions().next().is_some() {
        print::heading("Actions");
        for (number, action) in session.actions() {
            let owner = action.owner.as_ref().map_or("nobody yet", |owner| owner.label());
            let mark = if action.done { "x" } else { " " };
            say!("  [{mark}] {number}. {}: {}", printable(owner), printable(&action.text));
        }
    }
    print::heading("History");
    let history: Vec<Vec<String>> = alone
        .history()
        .iter()
        .map(|fact| {
            let at = fact.at.to_zoned(summit.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
            let undone = if alone.undone_by(&fact.mail).is_some() { " (undone)" } else { "" };
            vec![at, format!("{}{undone}", sentences::change(&fact.change, &summit.zone)), link(&fact.mail)]
        })
        .collect();
    print::table(
        &std::iter::once(["WHEN", "WHAT", "MAIL"].map(str::to_owned).to_vec()).chain(history).collect::<Vec<_>>(),
    );
    if !session.repairs.is_empty() {
        print::heading("Repairs");
        session.repairs.iter().for_each(|repair| say!("  - {}", printable(repair)));
    }
}

fn section<T>(name: &str, all: &[T], row: impl Fn(&T) -> Vec<String>) {
    if !all.is_empty() {
        print::heading(name);
        // The heading stands above; rows need none of their own.
        let rows: Vec<Vec<String>> = all.iter().map(|one| row(one).into_iter().collect()).collect();
        let indented: Vec<Vec<String>> = rows
            .into_iter()
            .map(|mut row| {
                row[0] = format!("  {}", row[0]);
                row
            })
            .collect();
        print::plain_table(&indented);
    }
}

pub async fn status(global: &Global) -> anyhow::Result<Outcome> {
    let (config, store) = global.open().await?;
    let counts = store.counts().await?;
    let suspended = rates::suspended(&store, &config, global.clock().now()).await?;
    let register = register(&store, &config).await?;
    let name = |value: &crate::store::LetterStatus| crate::mail::end::name(*value);
    if global.json {
        let ends: serde_json::Map<String, serde_json::Value> =
            counts.ends.iter().map(|(end, n)| (crate::mail::end::name(*end), (*n).into())).collect();
        let letters: serde_json::Map<String, serde_json::Value> =
            counts.letters.iter().map(|(status, n)| (name(status), (*n).into())).collect();
        let sessions: serde_json::Map<String, serde_json::Value> = config
            .policy
            .summits
            .iter()
            .map(|summit| (summit.slug.clone(), register.of_summit(&summit.slug).count().into()))
            .collect();
        print::json(&serde_json::json!({
            "waiting": counts.waiting, "mail": ends, "outbox": letters, "facts": counts.facts,
            "last_received": counts.last_received, "sessions": sessions,
            "suspended": suspended,
        }))?;
        return Ok(Outcome::Done);
    }
    let listed = |parts: Vec<String>| if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
    let ends = counts.ends.iter().map(|(end, n)| format!("{n} {}", crate::mail::end::name(*end))).collect();
    let letters = counts.letters.iter().map(|(status, n)| format!("{n} {}", name(status))).collect();
    print::row("Mail", &listed(ends));
    print::row("Waiting", &counts.waiting.to_string());
    let last = counts.last_received.map_or("never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    print::row("Last mail", &last);
    print::row("Letters", &listed(letters));
    print::row("Facts", &counts.facts.to_string());
    if !suspended.is_empty() {
        // Nothing is sent to them by the clock, because too much came back.
        print::row("Suspended", &listed(suspended.iter().map(ToString::to_string).collect()));
    }
    for summit in &config.policy.summits {
        let n = register.of_summit(&summit.slug).count();
        print::row(&summit.slug, &format!("{} ({})", print::count(n as u64, "session"), summit.name));
    }
    Ok(Outcome::Done)
}

/// The register as the log tells it now.
pub async fn register(store: &Store, config: &Config) -> anyhow::Result<Register> {
    let mut register = Register::of(config.policy.people.clone());
    store.log_all().await?.into_iter().for_each(|fact| register.apply(fact));
    Ok(register)
}
