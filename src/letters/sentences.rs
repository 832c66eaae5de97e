//! What we say about single lines: every refusal and every confirmation, in one place, so that the tone can be read
//! in one go. `explain` and the private answer say the same.

use super::review::Why;
use super::when;
use super::wrap::{cut, printable};
use crate::clock::Timestamp;
use crate::grammar::{Ask, Level, Mode, Report, SessionRef, Want};
use crate::mail::dkim::Proof;
use crate::mail::results::Said;
use crate::mail::{MessageId, Person, Reason};
use crate::session::decide::{ERASE, Post, Refusal};
use crate::session::model::{Session, Word};
use crate::session::occasion::{Asked, Place};
use crate::session::rights::Role;
use crate::session::trust::{Ground, Trust};
use crate::session::waiting::{self, Held, Mistake};
use crate::session::{Change, Finality, Forebear, SessionKey};
use jiff::tz::TimeZone;

/// Characters of what somebody said of an outcome.
const ONE_LINE: usize = 160;

/// What a mail leaves open that perhaps proposes a session, and how its author can say it.
pub fn held(of: Option<&SessionKey>) -> (String, String) {
    match of {
        None => (
            "This may be a new session, or a remark in its thread. No session was opened.".into(),
            "If you propose it, send it anew: not as a reply, and with `[TOPIC]` in front of the subject.".into(),
        ),
        Some(session) => (
            format!(
                "{session} bears this title and has taken place: these may be its notes, or you propose it again. \
                 Nothing was done."
            ),
            format!(
                "If they are its notes, answer your own mail on the list with `#session ^notes {session}`. If you \
                 propose it again, send it with `[DESIGN SESSION]` in front of the subject."
            ),
        ),
    }
}

/// Why a line was not done, and what to write instead.
pub fn refusal(refusal: &Refusal) -> (String, String) {
    let (reason, hint) = match refusal {
        Refusal::NotAllowed { verb, session, needed } => (
            format!("`{verb}` of {session} is for {}.", needed.named()),
            match needed {
                Role::Organiser | Role::Author => {
                    "Ask an organiser to post that line; a suggestion is always welcome.".into()
                }
                _ => format!(
                    "Ask a host of {session} or an organiser to post that line; a suggestion is always welcome."
                ),
            },
        ),
        Refusal::UnknownWord => (
            "That is none of the words that this address knows.".into(),
            "They are: help, list, status, status S-7, subscribe, unsubscribe, stop, start, erase, confirm TOKEN, drop TOKEN."
                .into(),
        ),
        Refusal::Token(mistake) => self::mistake(*mistake),
        Refusal::NoSession => (
            "This mail is in no session's thread, and the line names no session.".into(),
            "Answer the session's proposal, or name it: `#session S-7 ...`".into(),
        ),
        Refusal::NotFound(session) => (
            format!("There is no session {}.", named(session)),
            "Name it by its id, `S-7`, by the link to its proposal in the archive, or by its exact title.".into(),
        ),
        Refusal::NotOne(session) => (
            format!("{} could be several sessions.", capital(&named(session))),
            "Name one of them by its id, such as `S-7`.".into(),
        ),
        Refusal::NothingToReopen(session) => {
            (format!("{session} is open: there is nothing to reopen."), "Nothing needs to be done.".into())
        }
        Refusal::NotMerged(session) => (
            format!("{session} is not merged into another session."),
            "Only a merged session can be split off again.".into(),
        ),
        Refusal::MergedIntoItself(session) => (
            format!("{session} can't be merged into itself."),
            "Name the session that it becomes part of: `#session merge S-8`".into(),
        ),
        Refusal::NoSuchAction { number, have: 0 } => (
            format!("There is no action {number}: no actions are noted for this session yet."),
            "Note one first: `Action: NAME: what is to be done`".into(),
        ),
        Refusal::NoSuchAction { number, have } => (
            format!("There is no action {number}."),
            format!("This session's actions are numbered 1 to {have}: `Action: done {have}`"),
        ),
        Refusal::NothingToCancel(session) => {
            (format!("{session} has no slot that could be cancelled."), "Nothing needs to be done.".into())
        }
        Refusal::NotAHost { name, session } => (
            format!("{name} is not a host of {session}."),
            "Write the host as the session's page has it, or by address.".into(),
        ),
        Refusal::AnswersNothing => (
            "This mail answers no mail that has reached us.".into(),
            "Use your mail program's reply on the mail you mean, and write the line there.".into(),
        ),
        Refusal::AlreadyASession(session) => (
            format!("That mail is in the thread of {session} already."),
            "Nothing needs to be done; to propose something else, start a new thread.".into(),
        ),
        Refusal::NoSuchMail(mail) => (
            format!("No mail {} has reached us.", named(mail).trim_start_matches("with the mail ")),
            "Copy the Message-ID from the header of the mail, or its link in the archive.".into(),
        ),
        Refusal::NothingToUndo => (
            "That mail did nothing to a session.".into(),
            "Give the Message-ID, or the link, of the mail whose lines were recorded.".into(),
        ),
        Refusal::AlreadyUndone(by) => (
            "What that mail did is taken back already.".into(),
            format!("To have it count again, take back the mail that did so: `#session undo <{by}>`"),
        ),
        Refusal::TakenBack { session, by } => (
            format!("{session} was taken back with the mail that opened it."),
            format!("An organiser, or who took it back, can bring it back: `#session undo <{by}>`"),
        ),
        Refusal::PartOf { session, into } => (
            format!("{session} is part of S-{into} now."),
            format!(
                "Name that one, `#session S-{into} ...`, or have an organiser split it off: `#session {session} split`"
            ),
        ),
        Refusal::NothingToObject(session) => (
            format!("{session} has no notes yet, so there is no outcome to object to."),
            "Say it in your own words: they are kept as a suggestion.".into(),
        ),
        Refusal::NothingToSettle(session) => {
            (format!("The outcome of {session} is not disputed."), "Nothing needs to be done.".into())
        }
        Refusal::HostAlready(session) => {
            (format!("You are a host of {session} already."), "Nothing needs to be done.".into())
        }
        Refusal::NotSubscribed(session, report) => (
            format!("You are not sent {}.", sent(session, *report)),
            match session.is_summit() {
                true => {
                    "Nothing needs to be done. To leave the list itself, use the link that it puts below its mails."
                }
                false => "Nothing needs to be done.",
            }
            .into(),
        ),
        Refusal::OwnMail => (
            "`^propose` is for the mail of somebody else.".into(),
            "To propose your own, post it with `[DESIGN SESSION]` in front of its subject.".into(),
        ),
        Refusal::OnlyOnTheList => (
            "Proposals and notes belong on the list, where everybody sees them.".into(),
            "Send the same mail to the list.".into(),
        ),
        Refusal::StillOrganiser(summit) => (
            format!("You are an organiser of the {summit}: what you decide there carries your name."),
            "Have the operator name somebody else in the configuration, and write again.".into(),
        ),
    };
    (reason, hint)
}

/// The words of the line that a refusal is about; empty where it is the line as a whole.
pub fn fault(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotAllowed { verb, .. } => (*verb).to_owned(),
        Refusal::NotFound(session) | Refusal::NotOne(session) | Refusal::NoSuchMail(session) => match session {
            SessionRef::Number(number) => format!("S-{number}"),
            SessionRef::MessageId(id) => id.to_string(),
            SessionRef::Url(words) | SessionRef::Title(words) | SessionRef::ProposedBy(words) => words.clone(),
            SessionRef::Event(uid) => uid.clone(),
        },
        Refusal::NoSuchAction { number, .. } => number.to_string(),
        Refusal::NotAHost { name, .. } => name.clone(),
        _ => String::new(),
    }
}

/// How to take back what was read between the lines.
pub fn unless(want: &Want) -> &'static str {
    match want {
        Want::Attend { mode: Mode::Declined, .. } => "If not, answer `Attend: yes`.",
        Want::Attend { .. } => "If not, answer `Attend: no`.",
        _ => "If not, answer `Interest: little`.",
    }
}

/// What became of the words that asked nothing.
pub fn kept(session: &SessionKey) -> String {
    format!("Your other words are kept as a suggestion to {session}.")
}

/// Why a token does not count, and what to do instead.
fn mistake(mistake: Mistake) -> (String, String) {
    let again = "Send the command again, and you are asked again.";
    let (reason, hint) = match mistake {
        Mistake::Missing => (
            "The token is missing.",
            "Answer the mail in which you were asked, or write `confirm` with the token that stands there.",
        ),
        Mistake::OneAtATime => (
            "A mail can answer one question, and this is the second: nothing was done about either.",
            "Send each token in a mail of its own.",
        ),
        Mistake::Unsaid => (
            "Your answer begins neither with `confirm` nor with `drop`, so nothing was done.",
            "Answer our question once more, with one of these words alone in the first line.",
        ),
        Mistake::NotWaiting => (
            "The post that you were shown does not wait for your word: it was changed since, or 48 hours are over.",
            "What is still held has its place in the outbox: `rapporteur outbox list`",
        ),
        Mistake::NoText => (
            "`edit` wants the new text below it, and nothing was changed.",
            "Answer once more: `edit` in the first line, and below it the whole text, not quoted.",
        ),
        Mistake::Unknown => (
            "No command waits for this token.",
            "Copy it whole from the mail in which you were asked, or answer that mail with `confirm`.",
        ),
        Mistake::NotYours => (
            "This token was sent to another address than the one you write from.",
            "Answer from the address that was asked.",
        ),
        Mistake::OtherCommand => (
            "This token belongs to another command than the mail that you answer.",
            "Nothing was done. Write `confirm` with the one token that you mean, in a new mail.",
        ),
        Mistake::Used(waiting::Word::Confirmed) => ("This was confirmed before.", "Nothing needs to be done."),
        Mistake::Used(waiting::Word::Dropped) => ("You have dropped this before.", again),
        Mistake::Used(waiting::Word::Edited) => {
            ("You have changed this text since.", "Answer the mail that shows the text as it is now.")
        }
        Mistake::Expired => ("The 48 hours in which this could be confirmed are over.", again),
        Mistake::Changed => ("That command does not read as it did when you were asked.", again),
    };
    (reason.into(), hint.into())
}

/// What stands above the lines for which an author is asked.
pub fn ask_author(lines: usize) -> String {
    match lines {
        1 => "this line waits for your word, because a From header is easily forged:".into(),
        _ => "these lines wait for your word, because a From header is easily forged:".into(),
    }
}

/// The same, when they came from another address.
pub fn ask_registered(from: &str, subject: &str) -> String {
    format!("a mail from {from}, \"{subject}\", asks for this in your name:")
}

/// A line that waits until its author has been asked.
pub fn waits(held: &Held) -> String {
    if held.verb == ERASE {
        return "Your name, your addresses and your words are taken out of all that we keep, also where others quote or \
                name you. What you did for a session stays, without you. There is no way back, and no further letter: \
                we have no address then to write to."
            .into();
    }
    match held.place.session.is_summit() {
        true => format!("`{}` of {}.", held.verb, held.place.session),
        false => format!("`{}` of {}, \"{}\".", held.verb, held.place.session, printable(&held.title)),
    }
}

/// The same, to whoever is not the one who is asked.
pub fn asked_elsewhere(session: &SessionKey, verb: &str) -> String {
    let what = if verb == ERASE { format!("`{verb}`") } else { format!("`{verb}` of {session}") };
    format!("{what} waits until the address that is registered for its author has confirmed it.")
}

/// From now on there is no private mail, and how it comes back.
pub fn muted(robot: &str) -> String {
    format!(
        "You get no private mail from us any more. Two things are left: answers to what you say to {robot} itself, and \
         the question whether a command in your name is yours. The digests on the list go on. With `start` in a mail to \
         {robot} everything is as before."
    )
}

pub fn unmuted() -> String {
    "You get our private answers again.".into()
}

/// A word to the program itself, where its answer has no place.
pub fn told() -> String {
    "This is answered privately.".into()
}

/// Why an organiser is shown a post.
pub fn review(why: Why) -> String {
    match why {
        Why::Always => "the post below waits for the word of an organiser.".into(),
        Why::TooMany(most) => {
            format!(
                "the post below is held: {most} posts have gone to lists within a day. It waits for the word of an organiser."
            )
        }
        Why::Edited(_) => "the post below has the text that you wrote, and waits for your word.".into(),
    }
}

/// What an organiser's word did to a post.
pub fn reviewed(post: &Post, dropped: bool) -> String {
    match (post.waits, dropped) {
        (true, false) => format!("\"{}\" goes to the list now.", printable(&post.subject)),
        (true, true) => {
            format!("\"{}\" is given up. It stays in the outbox, for `outbox release`.", printable(&post.subject))
        }
        (false, _) => format!("\"{}\" does not wait any more: somebody was faster.", printable(&post.subject)),
    }
}

/// Lines that waited are given up.
pub fn dropped() -> String {
    "Nothing of what you were asked about will be done.".into()
}

/// What was done because of a line.
pub fn done(session: &SessionKey, ask: &Ask, zone: &TimeZone) -> String {
    match &ask.want {
        Want::Interest(level) => format!("Your interest in {session} is noted: {}.", self::level(*level)),
        Want::Attend { mode, .. } => format!("{}: you {}.", capital(&session.to_string()), self::mode(*mode)),
        Want::Scribe(None) => format!("You take notes in {session}. Thank you!"),
        Want::Scribe(Some(who)) => format!("{} takes notes in {session}.", who.label()),
        Want::Refer(_) => format!("The reference is kept with {session}."),
        Want::Suggest(_) => format!("The suggestion is kept with {session}."),
        Want::Title(title) => format!("{session} is now called \"{title}\"."),
        Want::AddHost(host) => format!("{} is a host of {session}.", host.person.label()),
        Want::DropHost(person) => format!("{} is no longer a host of {session}.", person.label()),
        Want::Slot(slot) if slot.start.is_some() => format!("{session} is on {}.", when::slot(slot, zone)),
        Want::Slot(slot) => format!("{session} takes place: {}.", when::slot(slot, zone)),
        Want::Cancel => format!("The slot of {session} is given up; the session stays."),
        Want::Track(track) => format!("{session} is in the track \"{track}\"."),
        Want::Withdraw { .. } => format!("{session} is withdrawn. `#session reopen` brings it back."),
        Want::Reopen => format!("{session} is open again."),
        Want::Accept => format!("{session} is accepted."),
        Want::Reject { .. } => format!("{session} is rejected. `#session accept` changes that."),
        Want::Merge(into) => format!("{session} is merged into {}. `#session split` undoes it.", named(into)),
        Want::Split => format!("{session} stands on its own again."),
        Want::Undo(_) => format!("What that mail did to {session} is taken back."),
        Want::Object { .. } => {
            format!(
                "Your objection is noted: the outcome of {session} is disputed until a host or an organiser settles it."
            )
        }
        Want::Settle { .. } => format!("The outcome of {session} is settled."),
        Want::ClaimHost => format!(
            "Your word that you host {session} is noted. It counts once one of its hosts or an organiser confirms it: \
             `#session host add NAME <ADDRESS>`"
        ),
        Want::ProposeParent { .. } => format!("That mail is now the session {session}."),
        Want::NotesParent(_) => format!("That mail holds the notes of {session}."),
        Want::Introduce(Some(_)) => format!("The next digest of {session} opens with these words."),
        Want::Introduce(None) => format!("The next digest of {session} opens without words of yours."),
        Want::ActionDone(number) => format!("Action {number} of {session} is done."),
        Want::Subscribe(scope) => {
            let end = if session.is_summit() { String::new() } else { format!(" {session}") };
            let sent = sent(session, scope.report());
            format!("From now on you are sent {sent}. The word `unsubscribe{end}` in a mail to us ends that.")
        }
        Want::Unsubscribe(scope) if session.is_summit() && scope.report().is_none() => {
            "None of our digests and news is sent to you any more, but for those that go to the list.".into()
        }
        Want::Unsubscribe(scope) => format!("You are no longer sent {}.", sent(session, scope.report())),
    }
}

/// What somebody has to do with a session, behind `a session that you`.
pub fn has_to_do(session: &Session, person: &Person) -> &'static str {
    let host = person.address.as_ref().is_some_and(|address| session.is_host(address));
    let scribe = session.scribes.iter().any(|said| said.value.is(person));
    match (host, scribe) {
        (true, _) => "host",
        (_, true) => "take the notes of",
        _ => "mean to come to",
    }
}

/// What a subscription brings: `the digests of outcomes`, `news of when and where S-7 takes place`.
pub fn sent(session: &SessionKey, report: Option<Report>) -> String {
    match (session.is_summit(), report) {
        (true, None) => "all digests of the summit".into(),
        (true, Some(Report::Proposals)) => "the digests of proposals".into(),
        (true, Some(Report::Agenda)) => "the agenda".into(),
        (true, Some(Report::Outcomes)) => "the digests of outcomes".into(),
        (true, Some(Report::Calendar)) => "the events of your sessions for your calendar".into(),
        (false, Some(Report::Calendar)) => format!("the event of {session} for your calendar"),
        (false, _) => format!("news of when and where {session} takes place and of its notes"),
    }
}

/// Who comes to a session, in a line; nothing when nobody has said so.
pub fn coming(session: &Session) -> Option<String> {
    let with = |mode: Mode| session.attendance.iter().filter(|said| said.value.mode == mode).count();
    match (with(Mode::InPerson), with(Mode::Remote)) {
        (0, 0) => None,
        (here, 0) => Some(format!("{here} coming")),
        (0, remote) => Some(format!("{remote} coming remotely")),
        (here, remote) => Some(format!("{} coming, {remote} of them remotely", here + remote)),
    }
}

/// What has become of a session's time and place.
pub fn moved(before: &Place, now: &Place) -> &'static str {
    match (before, now) {
        (_, Place::Off { .. }) => "a session that concerns you does not take place:",
        (_, Place::Nowhere) => "a session that concerns you has lost its slot:",
        (Place::At(_), Place::At(_)) => "a session that concerns you has another time or place:",
        (_, Place::At(_)) => "a session that concerns you has a time and place:",
    }
}

/// How often notes were asked for that are owed still.
pub fn asked(asked: Asked, zone: &TimeZone) -> String {
    let last = when::day(asked.last, zone);
    match asked.times {
        1 => format!("Its hosts were asked on {last}"),
        2 => format!("Its hosts were asked twice, last on {last}"),
        times => format!("Its hosts were asked {times} times, last on {last}"),
    }
}

/// Why a mail could not be read.
pub fn quarantined(reason: Reason) -> &'static str {
    match reason {
        Reason::TooLarge => "too large",
        Reason::HeaderTooLarge => "with a header that is too large",
        Reason::TooManyParts => "of too many parts",
        Reason::MailLoop => "gone through too many hosts",
        Reason::Strikes => "in hand three times when the program stopped uncleanly",
        _ => "by a mistake of the program",
    }
}

/// `734 bytes`, `12 kB`, `2.1 MB`
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// The end of a mail, when we wrote it ourselves.
pub fn from_our_pages(detail: String, is: bool) -> String {
    if is { format!("{detail}; we wrote it, for the link of a letter was clicked") } else { detail }
}

/// The last line of a digest that goes to everybody.
pub fn to_all(robot: &str) -> String {
    format!("Not for you? Filter mail from {robot}.")
}

/// The last line of a digest that somebody subscribed to.
pub fn subscribed(robot: &str) -> String {
    format!("You subscribed to this. To end it: `unsubscribe` to {robot}")
}

/// The subject of a letter about what somebody promised.
pub fn open(actions: usize) -> String {
    match actions {
        1 => "An action of yours is open".into(),
        n => format!("{n} actions of yours are open"),
    }
}

/// `3 days`
pub fn days(days: u16) -> String {
    format!("{days} {}", if days == 1 { "day" } else { "days" })
}

/// What was taken back, and how to take that back.
pub fn undone(sessions: &[SessionKey], by: &MessageId, ahead: bool) -> String {
    let names = sessions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    match ahead {
        true => format!("That mail has done nothing to {names} so far. Whatever else it brings, it will not count."),
        false => format!("What that mail did to {names} is taken back. To have it back: `#session undo <{by}>`"),
    }
}

/// What became of a line whose mail was taken back before it came.
pub fn undone_ahead(session: &SessionKey) -> String {
    format!("An organiser took this mail back before it came. The line is kept, and does nothing to {session}.")
}

/// What became of an objection that came too late.
pub fn objected_late(session: &SessionKey, since: Option<Timestamp>, zone: &TimeZone) -> String {
    let firm = match since {
        Some(since) => format!("final since {}", when::day(since, zone)),
        None => "settled".into(),
    };
    format!("The outcome of {session} is {firm}. Your objection is kept with it, and changes nothing.")
}

/// A session of the same title in an earlier summit: `also in 2026: S-4 of the Design Summit 2026, notes https://…`
pub fn before(before: &Forebear) -> String {
    let notes = before.notes.as_ref().map_or_else(|| "without notes".into(), |link| format!("notes {link}"));
    format!("also in {}: {} of the {}, {notes}", before.year, before.session, printable(&before.summit))
}

/// How firm an outcome is, in a line; nothing more is to be said of a final one.
pub fn finality(finality: &Finality, zone: &TimeZone) -> Vec<String> {
    let said = |what: &str, word: &Word| {
        let text = word.text.map(|text| format!(": {}", cut(&printable(text), ONE_LINE))).unwrap_or_default();
        format!("{what} by {}{text}", printable(word.person.label()))
    };
    match finality {
        Finality::Tentative { until } => {
            vec![format!("Tentative: final on {} if nobody objects", when::day(*until, zone))]
        }
        Finality::Final { .. } => Vec::new(),
        Finality::Disputed { objections } => objections.iter().map(|word| said("Disputed", word)).collect(),
        Finality::Settled { by, .. } => vec![said("Settled", by)],
    }
}

/// One change in a few words.
pub fn change(change: &Change, zone: &TimeZone) -> String {
    let words = match change {
        Change::Proposed { author, .. } => format!("proposed by {}", author.label()),
        Change::Revised { author, .. } => format!("revised by {}", author.label()),
        Change::Titled { title } => format!("title: {title}"),
        Change::HostAdded { host } => format!("host: {}", super::answer::hosts(std::slice::from_ref(host))),
        Change::HostDropped { person } => format!("no longer host: {}", person.label()),
        Change::Slotted { slot } => format!("slot: {}", when::slot(slot, zone)),
        Change::Unslotted => "slot given up".into(),
        Change::Tracked { track } => format!("track: {track}"),
        Change::Withdrawn { .. } => "withdrawn".into(),
        Change::Reopened => "reopened".into(),
        Change::Accepted => "accepted".into(),
        Change::Rejected { .. } => "rejected".into(),
        Change::Merged { into } => format!("merged into S-{into}"),
        Change::Interest { person, level, .. } => {
            format!("interest of {}: {}", person.label(), self::level(*level))
        }
        Change::Attendance { person, mode, .. } => {
            format!("{}: {}", person.label(), crate::mail::end::name(*mode).replace('_', " "))
        }
        Change::Suggested { author, .. } => format!("suggestion by {}", author.label()),
        Change::Referenced { url, .. } => format!("reference: {url}"),
        Change::Scribe { person } => format!("scribe: {}", person.label()),
        Change::Noted { author, corrects: Some(_), .. } => format!("corrected notes by {}", author.label()),
        Change::Noted { author, complete: true, .. } => format!("notes by {}", author.label()),
        Change::Noted { author, .. } => format!("addition to the notes by {}", author.label()),
        Change::ActionDone { number } => format!("action {number} done"),
        Change::Introduced { .. } => "introduction of the next digest".into(),
        Change::Subscribed { person, .. } => format!("subscribed: {}", person.label()),
        Change::Unsubscribed { person, .. } => format!("no longer subscribed: {}", person.label()),
        Change::HostClaimed { person } => format!("claimed to host: {}", person.label()),
        Change::Objected { person, .. } => format!("objection of {}", person.label()),
        Change::Settled { person, .. } => format!("settled by {}", person.label()),
        Change::Undone { mail } => format!("taken back: <{mail}>"),
    };
    cut(&printable(&words), 72)
}

pub fn level(level: Level) -> &'static str {
    match level {
        Level::Little => "a little",
        Level::Yes => "yes",
        Level::Very => "very much",
    }
}

pub fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::InPerson => "come in person",
        Mode::Remote => "take part remotely",
        Mode::Maybe => "may come",
        Mode::Declined => "don't come",
    }
}

/// How well a mail's author is known, and what did not help.
pub fn trust(trust: &Trust) -> String {
    let known = match (trust.ground, &trust.said, &trust.proof) {
        (Ground::NoAddress, ..) => "nobody can say who wrote it".to_owned(),
        (Ground::Refuted, Said::Fail { by }, _) => {
            format!("{by} says dmarc=fail: it may not be from there")
        }
        (Ground::Server, Said::Pass { by }, _) => format!("{by} says dmarc=pass"),
        (Ground::Signature, _, Proof::Signed { domain, selector }) => {
            format!("signed by {domain} (key `{selector}`)")
        }
        (Ground::Signature, _, Proof::Sealed { by }) => format!("sealed by {by}, which saw it signed (ARC)"),
        (Ground::List, ..) => "it came through a watched list".to_owned(),
        (Ground::Relayed, ..) => "a watched list says who wrote it".to_owned(),
        _ => "nothing is known".to_owned(),
    };
    let said = match &trust.said {
        Said::Unsure { by, result } => Some(format!("{by} says {result}")),
        _ => None,
    };
    let proof = match &trust.proof {
        Proof::Broken(why) | Proof::Unknown(why) => Some(why.clone()),
        _ => None,
    };
    [Some(known), said, proof].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn named(session: &SessionRef) -> String {
    match session {
        SessionRef::Number(number) => format!("S-{number}"),
        SessionRef::MessageId(id) => format!("with the mail <{id}>"),
        SessionRef::Url(url) => format!("at {url}"),
        SessionRef::Title(title) => format!("called \"{title}\""),
        SessionRef::ProposedBy(name) => format!("proposed by {name}"),
        SessionRef::Event(uid) => format!("with the event {uid}"),
    }
}

pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
