//! `explain`: what is understood of a mail, and why, with the line each thing came from. Writes nothing.

use super::{Global, Outcome, Usage, print};
use crate::clock::Timestamp;
use crate::config::{Config, ConfigError};
use crate::daemon::dns::Dns;
use crate::daemon::intake::Intake;
use crate::daemon::understand::{Understood, Unread, understand_all};
use crate::grammar::{Ask, Form, Mode, Reading, Vocabulary, Want};
use crate::letters::answer::at_line;
use crate::letters::sentences;
use crate::letters::transcript::Transcript;
use crate::letters::wrap::{cut, printable};
use crate::mail::dkim::Answers;
use crate::mail::end::name;
use crate::mail::screen::{Screening, Watch, screen};
use crate::mail::{Address, Automatic, End, Kind, Mail, MessageId, Reason};
use crate::session::policy::DigestForm;
use crate::session::rights::Floors;
use crate::session::trust::{Sources, Trust};
use crate::session::{Answer, Item, List, Noise, People, Policy, Summit, Via};
use crate::store::{Origin, Store};
use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;

#[derive(Args)]
pub struct ExplainArgs {
    /// A file with one mail, or the Message-ID of a stored one
    #[arg(value_name = "FILE|MESSAGE-ID")]
    mail: String,
}

/// How the mail ends, as far as it can be known here.
struct Verdict {
    kind: Kind,
    reason: Reason,
    detail: String,
    sessions: Vec<String>,
    /// What of it would not be done, beside what was not understood.
    refused: Vec<Item>,
    /// The letters it caused: number and subject.
    letters: Vec<(i64, String)>,
}

pub async fn explain(global: &Global, args: &ExplainArgs) -> anyhow::Result<Outcome> {
    let config = match global.config() {
        Ok(config) => Some(config),
        Err(ConfigError::Missing) if global.config.is_none() => None,
        Err(error) => return Err(error.into()),
    };
    let store = match &config {
        Some(config) => Store::open_existing(&config.database).await.ok(),
        None => None,
    };
    let raw = raw(&args.mail, store.as_ref()).await?;
    let now = global.clock().now();
    let defaults = default_policy();
    let policy = config.as_ref().map_or(&defaults, |config| &config.policy);
    let list = config.as_ref().map_or(policy.lists.first(), Config::only_list);
    let mut intake = match (&store, &config) {
        (Some(store), Some(config)) => {
            Some(Intake::new(store, config, "explain").asking(Dns::of(config).map_err(anyhow::Error::msg)?))
        }
        _ => None,
    };
    let answers = match &intake {
        Some(intake) => intake.answers_alone(&raw).await?,
        None => None,
    };
    let read = |at| understood(&raw, at, list, answers.as_ref(), policy);
    let mut understood = read(now);
    let verdict = match &mut intake {
        Some(intake) => match stored(intake.store, &understood).await? {
            Some((verdict, received)) => {
                // A signature is judged by the time at which the mail came.
                understood = read(received);
                verdict
            }
            None => decided(intake, &raw, now).await?,
        },
        None => judged(&understood, policy),
    };
    let trust = policy.trust(&understood.mail, &policy.via(&understood.mail, list), &understood.proof);
    if global.json {
        print::json(&as_json(&understood, &verdict, policy, &trust))?;
    } else {
        describe(&understood, &verdict, policy, &trust);
    }
    Ok(Outcome::Done)
}

async fn raw(mail: &str, store: Option<&Store>) -> anyhow::Result<Vec<u8>> {
    if Path::new(mail).exists() {
        let file = std::fs::File::open(mail).with_context(|| format!("{mail} can't be read"))?;
        return crate::mailbox::read_bounded(file, crate::mailbox::LIMIT)
            .with_context(|| format!("{mail} can't be read"));
    }
    let id = MessageId::parse(mail).filter(|_| mail.contains('@'));
    let stored = match (&id, store) {
        (Some(id), Some(store)) => store.raw_of(id).await?,
        _ => None,
    };
    stored.ok_or_else(|| {
        let what = match (id, store) {
            (Some(_), None) => "there is no database here to look it up in; name a --config",
            (Some(_), Some(_)) => "no such mail has arrived",
            (None, _) => "there is no such file, and it is no Message-ID",
        };
        Usage(format!("`{mail}`: {what}")).into()
    })
}

fn understood(
    raw: &[u8],
    received: Timestamp,
    list: Option<&List>,
    answers: Option<&Answers>,
    policy: &Policy,
) -> Understood {
    let mut all = understand_all(&[Unread { raw, received, list, answers }], policy);
    all.pop().expect("one mail in, one out")
}

/// Without a configuration: one list, one summit, the usual tags.
fn default_policy() -> Policy {
    let at = |text: &str| Address::parse(text).expect("a constant address");
    let address = at("list@localhost.invalid");
    let list = List { address, aliases: vec![], list_ids: vec![], archive: None, rewrites_from: false };
    Policy {
        robot_name: "Rapporteur".into(),
        robot: at("rapporteur@localhost.invalid"),
        bounces: at("rapporteur@localhost.invalid"),
        verp: false,
        summits: vec![Summit {
            slug: "summit".into(),
            name: "Summit".into(),
            lists: vec![list.address.clone()],
            organisers: vec![],
            zone: jiff::tz::TimeZone::UTC,
            opens: None,
            closes: None,
            vocabulary: Vocabulary::default(),
            introduction: None,
            tracks: Vec::new(),
            reminders: Default::default(),
            outcome_days: 7,
            first_day: None,
            last_day: None,
            noise: Noise::default(),
            form: DigestForm::default(),
        }],
        lists: vec![list],
        people: People::default(),
        sources: Sources::default(),
        floors: Floors::default(),
        public: None,
    }
}

/// What was decided when this mail came, and when that was.
async fn stored(store: &Store, understood: &Understood) -> anyhow::Result<Option<(Verdict, Timestamp)>> {
    let twins = store.mails_called(&understood.mail.message_id).await?;
    let same = twins.into_iter().find(|twin| twin.row.content_hash == understood.mail.content_hash);
    let Some(mail) = same else { return Ok(None) };
    let letters = store.letters(None).await?.into_iter().filter(|l| l.cause == mail.row.message_id.as_str());
    let verdict = Verdict {
        letters: letters.map(|letter| (letter.id, letter.subject)).collect(),
        kind: mail.row.kind,
        reason: mail.row.reason,
        detail: sentences::from_our_pages(mail.row.detail, mail.origin == Origin::Pages),
        sessions: mail.row.sessions.iter().map(ToString::to_string).collect(),
        refused: Vec::new(),
    };
    Ok(Some((verdict, mail.received)))
}

/// With a database: what would be decided if the mail came now.
async fn decided(intake: &mut Intake<'_>, raw: &[u8], now: Timestamp) -> anyhow::Result<Verdict> {
    let decision = intake.consider(raw, now).await?;
    let items = decision.answer.into_iter().flat_map(|answer| answer.items);
    let refused =
        items.filter(|item| matches!(item, Item::Refused { .. } | Item::Held { .. } | Item::Waits { .. })).collect();
    Ok(Verdict {
        kind: decision.kind,
        reason: decision.reason,
        detail: decision.detail.clone(),
        sessions: decision.sessions.iter().map(ToString::to_string).collect(),
        refused,
        letters: Vec::new(),
    })
}

/// Without one: what the mail tells by itself.
fn judged(understood: &Understood, policy: &Policy) -> Verdict {
    let Understood { mail, reading, refused, .. } = understood;
    let own = [policy.robot.clone()];
    let watch = Watch { own: &own, loop_mark: &|_| false, sent_by_us: false };
    let (kind, reason, detail) = match (refused, screen(mail, &watch), reading) {
        (Some(reason), ..) => (Kind::Unknown, *reason, "refused before it was read"),
        (None, Screening::Stop(kind, reason), _) => (kind, reason, "it ends at the screen"),
        (None, Screening::Process, Some(reading)) if mail.author.address.is_none() => {
            (reading.kind, Reason::AmbiguousFrom, "kept, acts on nothing")
        }
        (None, Screening::Process, Some(reading)) => {
            let (reason, detail) = alone(reading.kind);
            (reading.kind, reason, detail)
        }
        (None, Screening::Process, None) => (Kind::Unknown, Reason::Internal, "it was not read"),
    };
    Verdict { kind, reason, detail: detail.into(), sessions: Vec::new(), refused: Vec::new(), letters: Vec::new() }
}

/// What becomes of a mail when nothing is known but itself.
fn alone(kind: Kind) -> (Reason, &'static str) {
    match kind {
        Kind::Proposal | Kind::Revision => (Reason::NewSession, "it would open a session"),
        Kind::Outcome => (Reason::Unclaimed, "notes; their session is looked for in the database"),
        Kind::Attend => (Reason::Attending, "says who comes to the summit"),
        Kind::Call | Kind::Agenda => (Reason::Announcement, "an announcement; it belongs to no session"),
        Kind::Reply | Kind::Command => (Reason::Joined, "an answer; it counts if it answers a session"),
        _ => (Reason::NoSession, "belongs to no session"),
    }
}

fn automatic(mail: &Mail, kind: Kind) -> (&'static str, Option<&str>) {
    match (&mail.automatic, kind) {
        (_, Kind::Bounce) => ("bounce", None),
        (_, Kind::Own) => ("own", None),
        (Automatic::No, _) => ("human", None),
        (Automatic::Hint(why), _) => ("hint", Some(why)),
        (Automatic::Yes(why), _) => ("automatic", Some(why)),
    }
}

fn as_json(understood: &Understood, verdict: &Verdict, policy: &Policy, trust: &Trust) -> Value {
    let Understood { mail, reading, .. } = understood;
    let (automatic, why) = automatic(mail, verdict.kind);
    let asks = |form: Form| -> Vec<Value> {
        let asks = reading.iter().flat_map(|reading| &reading.asks).filter(|ask| ask.form == form);
        asks.map(|ask| json!({"verb": ask.want.verb(), "args": ask.args, "line": ask.line})).collect()
    };
    let subject = reading.as_ref().map(|reading| json!(reading.subject));
    let complaints: Vec<Value> = not_done(reading.as_ref(), verdict).iter().filter_map(complaint).collect();
    json!({
        "kind": verdict.kind,
        "end": verdict.reason.end(),
        "reason": verdict.reason,
        "detail": verdict.detail,
        "session": verdict.sessions,
        "letters": verdict.letters.iter().map(|(id, subject)| json!({"id": id, "subject": subject})).collect::<Vec<_>>(),
        "message_id": mail.message_id,
        "subject": subject.unwrap_or_else(|| json!({"raw": mail.subject, "title": mail.subject})),
        "author": {
            "name": mail.author.name, "address": mail.author.address, "trust": trust.tier,
            "trust_reason": sentences::trust(trust), "doubt": mail.author.doubt, "person": policy.people.acting(&mail.author.person()),
        },
        "date": mail.at,
        "automatic": {"verdict": automatic, "reason": why},
        "visible_text": mail.text.visible_text(),
        "spans": mail.text.spans(),
        "proposal": reading.as_ref().and_then(|reading| reading.proposal.as_ref()),
        "notes": reading.as_ref().and_then(|reading| reading.notes.as_ref()),
        "fields": reading.as_ref().map_or(&[][..], |reading| &reading.fields),
        "commands": asks(Form::Command),
        "inferred": asks(Form::Phrase),
        "repairs": reading.as_ref().map_or(&[][..], |reading| &reading.repairs),
        "complaints": complaints,
        "flaws": mail.flaws,
        "attachments": mail.attachments,
        "thread": {"parent": mail.parents().first(), "references": mail.references},
        "bounce": mail.bounce.as_ref().map(
            |b| json!({"permanent": b.permanent, "temporary": b.temporary, "complained": b.complained}),
        ),
    })
}

fn describe(understood: &Understood, verdict: &Verdict, policy: &Policy, trust: &Trust) {
    let Understood { mail, reading, .. } = understood;
    print::row("Mail", &format!("<{}>", mail.message_id));
    print::row("Kind", &name(verdict.kind));
    let end = match verdict.reason.end() {
        End::Recorded => "recorded",
        End::Ignored => "ignored",
        End::Quarantined => "quarantined",
    };
    print::row("End", &format!("{end}: {} ({})", verdict.detail, name(verdict.reason)));
    let author = match (&mail.author.address, &mail.author.doubt) {
        (Some(address), _) => format!("{} <{address}>", mail.author.person().label()),
        (None, doubt) => format!("unknown: {}; acts on nothing", doubt.as_deref().unwrap_or("no address")),
    };
    print::row("Author", &printable(&author));
    if mail.author.address.is_some() {
        print::row("Trust", &printable(&format!("{:?}: {}", trust.tier, sentences::trust(trust))));
    }
    let acting = policy.people.acting(&mail.author.person());
    if let Some(first) = acting.address.as_ref().filter(|first| mail.author.address.as_ref() != Some(*first)) {
        print::row("Known as", &printable(&format!("{} <{first}>", acting.label())));
    }
    let (automatic, why) = automatic(mail, verdict.kind);
    print::row("Written by", &why.map_or_else(|| automatic.to_owned(), |why| format!("{automatic}: {why}")));
    if let Some(parent) = mail.parents().first() {
        print::row("Answers", &format!("<{parent}>"));
    }
    for (id, subject) in &verdict.letters {
        print::row("Answered", &format!("{subject} (`rapporteur outbox show {id}`)"));
    }
    mail.flaws.iter().for_each(|flaw| print::row("Mended", flaw));
    let spans: Vec<String> = mail
        .text
        .spans()
        .iter()
        .map(|span| format!("{} {}", lines(span.start_line, span.end_line), name(span.kind)))
        .collect();
    print::row("Text", &spans.join(", "));
    let Some(reading) = reading else { return };
    subject(reading);
    proposal(reading);
    asks(reading, "Understood", |form| matches!(form, Form::Field | Form::Command));
    asks(reading, "Inferred", |form| form == Form::Phrase);
    asks(reading, "Suggestion", |form| form == Form::Prose);
    if policy.via(mail, None) == Via::Private && !reading.private.requests.is_empty() {
        print::heading("Said to the program");
        reading.private.requests.iter().for_each(|word| say!("  {}", at_line(word.line, &word.source)));
    }
    if let Some(notes) = &reading.notes {
        print::heading("Notes");
        notes.participants.iter().for_each(|person| say!("  Participant  {}", printable(person.label())));
        notes.decisions.iter().for_each(|text| say!("  Decision     {}", printable(text)));
        for action in &notes.actions {
            let owner = action.owner.as_ref().map_or("nobody yet", |owner| owner.label());
            let done = if action.done { " (done)" } else { "" };
            say!("  Action       {}: {}{done}", printable(owner), printable(&action.text));
        }
    }
    if !reading.repairs.is_empty() {
        print::heading("Repaired");
        reading.repairs.iter().for_each(|repair| say!("  {}", at_line(repair.line, &repair.text)));
    }
    let items = not_done(Some(reading), verdict);
    if !items.is_empty() {
        let places: Vec<String> = items.iter().map(place).collect();
        print::heading(&format!("Not done: {}", places.join(", ")));
        let transcript = Transcript::of(&Answer { items, repairs: Vec::new() }, &policy.summits[0]);
        say!("{}", transcript.text().trim_matches('\n'));
    }
}

/// What was not understood, and what would not be done.
fn not_done(reading: Option<&Reading>, verdict: &Verdict) -> Vec<Item> {
    let complaints = reading.into_iter().flat_map(|reading| &reading.complaints).cloned();
    complaints.map(Item::NotUnderstood).chain(verdict.refused.iter().cloned()).collect()
}

fn place(item: &Item) -> String {
    match item.line() {
        0 => "subject".into(),
        line => lines(line, line),
    }
}

fn complaint(item: &Item) -> Option<Value> {
    let (source, fault, (reason, hint)) = match item {
        Item::NotUnderstood(c) => (&c.source, c.fault.clone(), (c.reason.clone(), c.hint.clone())),
        Item::Refused { source, refusal, .. } => (source, sentences::fault(refusal), sentences::refusal(refusal)),
        Item::Held { title, of } => (title, String::new(), sentences::held(of.as_ref())),
        _ => return None,
    };
    Some(json!({"line": item.line(), "source": source, "fault": fault, "reason": reason, "hint": hint}))
}

fn lines(first: usize, last: usize) -> String {
    if first == last { format!("line {first}") } else { format!("lines {first}-{last}") }
}

fn subject(reading: &Reading) {
    let subject = &reading.subject;
    print::heading("Subject");
    say!("  Title        {}", printable(&subject.title));
    if !subject.tags.is_empty() {
        say!("  Tags         {}", subject.tags.join(", "));
    }
    let said = [
        (subject.is_reply, "a reply"),
        (subject.is_forward, "forwarded"),
        (subject.version.is_some(), "a new version"),
    ];
    let said: Vec<&str> = said.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if !said.is_empty() {
        say!("  It is        {}", said.join(", "));
    }
}

fn proposal(reading: &Reading) {
    let Some(proposal) = &reading.proposal else { return };
    print::heading("Proposal");
    let summit = &default_policy().summits[0];
    for (label, value) in crate::letters::answer::rows(proposal, summit) {
        say!("  {label:<12} {value}");
    }
    for host in proposal.hosts.iter().filter(|host| host.person.address.is_none()) {
        say!("  Unclaimed    {}: a name without an address is nobody's yet", printable(host.person.label()));
    }
    for (field, line) in reading.fields.iter().map(|field| (field, field.line)) {
        say!("  line {line:<7} {}: {}", field.key, cut(&printable(&field.value), 60));
    }
    proposal.agenda.iter().for_each(|point| say!("  - {}", printable(point)));
}

fn asks(reading: &Reading, title: &str, of: impl Fn(Form) -> bool) {
    let asks: Vec<&Ask> = reading.asks.iter().filter(|ask| of(ask.form)).collect();
    if asks.is_empty() {
        return;
    }
    print::heading(title);
    for ask in asks {
        let what = match &ask.want {
            Want::Suggest(text) => cut(&printable(text), 70),
            Want::Attend { mode: Mode::Declined, .. } => "attend: does not come".into(),
            want => format!("{}: {}", want.verb(), printable(&ask.args)),
        };
        say!("  line {:<7} {what}", ask.line);
    }
}
