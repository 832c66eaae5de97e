//! Mails for tests, and a reading in words.

use rapporteur::clock::Timestamp;
use rapporteur::grammar::private::What;
use rapporteur::grammar::{Action, Ask, Form, Host, Level, Mode, Reading, Scope, SessionRef, Slot, Token, Want};
use rapporteur::mail::{Author, Automatic, Line, Mail, MessageId, Person, SpanKind, Text, end};
use std::fmt::Write;

/// A Message-ID as the database would hand it back.
pub fn id(text: &str) -> MessageId {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).expect("a string")
}

/// A mail of which only the subject, the body, and what it answers are of interest.
pub fn mail(subject: &str, in_reply_to: Option<&str>, body: &str) -> Mail {
    let address = "grace@example.org".to_owned().try_into().ok();
    Mail {
        message_id: id("this@example.org"),
        message_id_given: true,
        author: Author { name: Some("Grace".to_owned()), address, ..Author::default() },
        to: Vec::new(),
        cc: Vec::new(),
        reply_to: Vec::new(),
        original_from: Vec::new(),
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
        date: None,
        date_raw: None,
        at: Timestamp::UNIX_EPOCH,
        in_reply_to: in_reply_to.map(id).into_iter().collect(),
        references: Vec::new(),
        list_ids: Vec::new(),
        delivered_to: Vec::new(),
        archived_at: None,
        automatic: Automatic::No,
        bounce: None,
        returned: Vec::new(),
        loop_mark: None,
        hops: 0,
        trace: Vec::new(),
        invitation: None,
        spam: false,
        text: text(body),
        attachments: Vec::new(),
        content_hash: String::new(),
        flaws: Vec::new(),
    }
}

/// Marks `>` lines as quotes, what stands between fences as code, and what follows `-- ` as signature.
fn text(body: &str) -> Text {
    let (mut signature, mut code) = (false, false);
    let line = |(index, line): (usize, &str)| {
        let text = line.trim_end_matches('\r');
        signature |= text == "-- ";
        let fence = text.starts_with("```");
        let kind = match () {
            () if signature => SpanKind::Signature,
            () if code || fence => SpanKind::Code,
            () if text.starts_with('>') => SpanKind::Quote,
            () => SpanKind::Visible,
        };
        code ^= fence;
        Line { first: index + 1, last: index + 1, text: text.into(), kind }
    };
    Text { lines: body.split('\n').enumerate().map(line).collect(), from_html: false }
}

/// A reading in words, one thing a line, in the order in which people would tell it.
pub fn words(reading: &Reading) -> String {
    let mut out = String::new();
    let mut say = |key: &str, value: &str| {
        if !value.is_empty() {
            writeln!(out, "{key}: {}", value.replace('\n', " / ")).expect("a string takes it");
        }
    };
    say("kind", &end::name(reading.kind));
    if let Some(proposal) = &reading.proposal {
        say("title", &proposal.title);
        say("version", &reading.subject.version.map(|version| version.to_string()).unwrap_or_default());
        proposal.hosts.iter().for_each(|host| say("host", &host_words(host)));
        say("description", &proposal.description);
        proposal.agenda.iter().for_each(|item| say("agenda", item));
        say("submitted", &proposal.submitted.map(|date| date.to_string()).unwrap_or_default());
        say("track", proposal.track.as_deref().unwrap_or_default());
        say("slot", &proposal.slot.as_ref().map(slot_words).unwrap_or_default());
        say("minutes", &proposal.duration.map(|minutes| minutes.to_string()).unwrap_or_default());
        say("format", proposal.format.as_deref().unwrap_or_default());
        proposal.required.iter().for_each(|person| say("required", &person_words(person)));
        proposal.avoid.iter().for_each(|what| say("avoid", what));
        say("aims", proposal.expected_outcomes.as_deref().unwrap_or_default());
        proposal.references.iter().for_each(|url| say("ref", url));
    }
    if let Some(notes) = &reading.notes {
        if reading.proposal.is_none() && end::name(reading.kind) == "outcome" {
            say("title", &reading.subject.title);
        }
        notes.hosts.iter().for_each(|person| say("host", &person_words(person)));
        notes.scribes.iter().for_each(|person| say("scribe", &person_words(person)));
        notes.participants.iter().for_each(|person| say("participant", &person_words(person)));
        notes.decisions.iter().for_each(|decision| say("decision", decision));
        notes.actions.iter().for_each(|action| say("action", &action_words(action)));
    }
    reading.asks.iter().for_each(|ask| say("ask", &ask_words(ask)));
    reading.repairs.iter().for_each(|repair| say("repaired", &format!("line {}: {}", repair.line, repair.text)));
    for complaint in &reading.complaints {
        say("complaint", &format!("line {}: {} {}", complaint.line, complaint.reason, complaint.hint));
    }
    reading.mentions.iter().for_each(|mention| say("mentions", &session_words(&mention.session)));
    out
}

/// What a mail to the program's own address says to it.
pub fn private_words(reading: &Reading) -> String {
    let said = reading.private.requests.iter().map(|request| {
        let token = |token: &Option<Token>| token.as_ref().map_or("the token of the Subject", Token::as_str).to_owned();
        let what = match &request.what {
            What::Help => "help".to_owned(),
            What::List => "list".to_owned(),
            What::Status(None) => "status".to_owned(),
            What::Status(Some(session)) => format!("status {}", session_words(session)),
            What::Stop => "stop".to_owned(),
            What::Start => "start".to_owned(),
            What::Ask { .. } => request.ask().as_ref().map(ask_words).unwrap_or_default(),
            What::Confirm(given) => format!("confirm {}", token(given)),
            What::Drop(given) => format!("drop {}", token(given)),
            What::Edit(given) => format!("edit with {}", token(given)),
            What::Unknown => format!("unknown: {}", request.source),
        };
        format!("to the program: {what}\n")
    });
    said.collect()
}

fn ask_words(ask: &Ask) -> String {
    let what = match &ask.want {
        Want::Interest(level) => format!("interest {}", level_words(*level)),
        Want::Attend { mode, note: None } => format!("attend {}", mode_words(*mode)),
        Want::Attend { mode, note: Some(note) } => format!("attend {} ({note})", mode_words(*mode)),
        Want::Scribe(None) => "scribe me".to_owned(),
        Want::Scribe(Some(person)) => format!("scribe {}", person_words(person)),
        Want::Refer(text) | Want::Suggest(text) | Want::Title(text) | Want::Track(text) => {
            format!("{} {text}", ask.want.verb())
        }
        Want::AddHost(host) => format!("host add {}", host_words(host)),
        Want::DropHost(person) => format!("host drop {}", person_words(person)),
        Want::Slot(slot) => format!("slot {}", slot_words(slot)),
        Want::Withdraw { why: Some(why) } | Want::Reject { why: Some(why) } => format!("{} ({why})", ask.want.verb()),
        Want::Merge(session) => format!("merge {}", session_words(session)),
        Want::NotesParent(session) => format!("^notes {}", session_words(session)),
        Want::ProposeParent { title: Some(title) } => format!("^propose {title}"),
        Want::Undo(mail) => format!("undo {}", session_words(mail)),
        Want::Object { why: Some(text) } | Want::Settle { how: Some(text) } => format!("{} ({text})", ask.want.verb()),
        Want::ActionDone(number) => format!("action done {number}"),
        Want::Subscribe(scope) | Want::Unsubscribe(scope) => match scope {
            Scope::Here => ask.want.verb().to_owned(),
            Scope::All => format!("{} all", ask.want.verb()),
            Scope::Only(report) => format!("{} {}", ask.want.verb(), report.name()),
        },
        other => other.verb().to_owned(),
    };
    let target = ask.target.as_ref().map(|session| format!("{}: ", session_words(session))).unwrap_or_default();
    let form = match ask.form {
        Form::Field => "",
        Form::Command => " [command]",
        Form::Phrase => " [guess]",
        Form::Prose => " [prose]",
    };
    format!("{target}{what}{form}")
}

fn session_words(session: &SessionRef) -> String {
    match session {
        SessionRef::Number(number) => format!("S-{number}"),
        SessionRef::MessageId(id) => format!("<{id}>"),
        SessionRef::Url(url) => url.clone(),
        SessionRef::Title(title) => format!("\"{title}\""),
        SessionRef::ProposedBy(name) => format!("proposed by {name}"),
        SessionRef::Event(uid) => format!("event {uid}"),
    }
}

fn slot_words(slot: &Slot) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let parts = [time(slot.start), time(slot.end), slot.room.clone(), slot.url.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn host_words(host: &Host) -> String {
    let affiliation = host.affiliation.as_ref().map(|group| format!(" ({group})")).unwrap_or_default();
    format!("{}{affiliation}", person_words(&host.person))
}

fn person_words(person: &Person) -> String {
    match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        _ => person.label().to_owned(),
    }
}

fn action_words(action: &Action) -> String {
    let owner = action.owner.as_ref().map_or("nobody yet", |person| person.label());
    format!("{owner}: {}{}", action.text, if action.done { " (done)" } else { "" })
}

fn level_words(level: Level) -> &'static str {
    match level {
        Level::Little => "little",
        Level::Yes => "yes",
        Level::Very => "very",
    }
}

fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::InPerson => "in person",
        Mode::Remote => "remote",
        Mode::Maybe => "maybe",
        Mode::Declined => "no",
    }
}
