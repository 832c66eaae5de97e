//! What one mail changes: a pure function from the mail, what was understood of it, and the register.
//!
//! `decide` has no clock, no I/O and no randomness, so the daemon, `import`, `replay`, `explain` and a dry run all
//! get the same answer from the same mail. It says what happened in data; the sentences are in [`crate::letters`].

use super::model::{Basis, Change, Fact, Session, SessionKey, Status};
use super::policy::{Policy, Summit, Via};
use super::register::{Register, TitleMatch, same_title};
use super::roles::{Role, needed, role};
use crate::clock::Timestamp;
use crate::grammar::{Ask, Complaint, Doubt, Form, Notes, Proposal, Reading, Repair, SessionRef, Want};
use crate::mail::{Automatic, Kind, Mail, MessageId, Person, Reason, name_key};
use std::collections::HashMap;

/// Everything a decision may look at.
pub struct Question<'a> {
    pub mail: &'a Mail,
    pub reading: &'a Reading,
    pub via: Via<'a>,
    pub policy: &'a Policy,
    /// The summit of the list at the time of the mail. A session in its thread may belong to another one.
    pub summit: &'a Summit,
    pub register: &'a Register,
    /// The mails it answers, nearest first.
    pub ancestors: &'a [MessageId],
    /// For each Message-ID that the mail names: that mail and those it answers, nearest first.
    pub named: &'a HashMap<MessageId, Vec<MessageId>>,
    /// The mail that each link leads to, for those that lead to one.
    pub links: &'a HashMap<String, MessageId>,
    /// The mail it answers, when a verb or a doubt is about that mail itself.
    pub parent: Option<&'a Parent>,
    /// Its Message-ID belongs to another mail with other content.
    pub reused_id: bool,
}

/// The mail that is answered, as far as `^propose`, `^notes` and a renamed thread need it.
#[derive(Clone, Debug)]
pub struct Parent {
    pub message_id: MessageId,
    pub author: Person,
    pub at: Timestamp,
    pub title: String,
    pub text: String,
    pub notes: Notes,
}

/// What is to be done about one mail.
#[derive(Clone, Debug)]
pub struct Decision {
    pub kind: Kind,
    pub reason: Reason,
    /// The reason with its particulars, for `explain` and `show`.
    pub detail: String,
    /// In the order of their lines; their positions are given by the log.
    pub facts: Vec<Fact>,
    pub sessions: Vec<SessionKey>,
    /// For notes that wait: where they might belong.
    pub candidates: Vec<SessionKey>,
    pub answer: Option<Answer>,
    /// Somebody made this person's mail a session: they are told, and can undo it.
    pub courtesy: Option<(Person, SessionKey, String)>,
}

impl Decision {
    /// A mail that ends here, without changing anything.
    pub fn end(kind: Kind, reason: Reason, detail: &str) -> Decision {
        Decision {
            kind,
            reason,
            detail: detail.to_owned(),
            facts: Vec::new(),
            sessions: Vec::new(),
            candidates: Vec::new(),
            answer: None,
            courtesy: None,
        }
    }
}

/// What the author of a mail is told, privately.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub items: Vec<Item>,
    pub repairs: Vec<Repair>,
}

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A proposal was recorded; `alike` bears the same title.
    Opened {
        session: SessionKey,
        proposal: Box<Proposal>,
        alike: Option<SessionKey>,
    },
    Revised {
        session: SessionKey,
        title: String,
    },
    Done {
        session: SessionKey,
        ask: Ask,
    },
    Refused {
        line: usize,
        source: String,
        refusal: Refusal,
    },
    NotUnderstood(Complaint),
    /// Perhaps a proposal: nothing was opened. `of` bears its title and has taken place, so that it may be notes.
    Held {
        title: String,
        of: Option<SessionKey>,
    },
    /// Notes that no session could be found for, with those they might belong to.
    WhichSession {
        title: String,
        candidates: Vec<(SessionKey, String)>,
    },
}

impl Item {
    /// Something the author has to look at.
    pub fn is_error(&self) -> bool {
        matches!(self, Item::Refused { .. } | Item::NotUnderstood(_) | Item::Held { .. } | Item::WhichSession { .. })
    }

    /// The line of the mail that it is about; 0 for the mail as a whole.
    pub fn line(&self) -> usize {
        match self {
            Item::Done { ask, .. } => ask.line,
            Item::Refused { line, .. } => *line,
            Item::NotUnderstood(complaint) => complaint.line,
            Item::Opened { .. } | Item::Revised { .. } | Item::Held { .. } | Item::WhichSession { .. } => 0,
        }
    }
}

/// Why something that was understood is not done.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The author may not.
    NotAllowed {
        verb: &'static str,
        session: SessionKey,
        needed: Role,
    },
    /// The mail is in no session's thread, and the line names none.
    NoSession,
    NotFound(SessionRef),
    /// Several sessions would fit.
    NotOne(SessionRef),
    NothingToReopen(SessionKey),
    NotMerged(SessionKey),
    MergedIntoItself(SessionKey),
    NoSuchAction {
        number: usize,
        have: usize,
    },
    NothingToCancel(SessionKey),
    NotAHost {
        name: String,
        session: SessionKey,
    },
    /// `^propose` or `^notes` in a mail that answers none that we know.
    AnswersNothing,
    /// `^propose` on a mail that already belongs to a session's thread.
    AlreadyASession(SessionKey),
    OwnMail,
    /// Proposals and notes belong on the list, where everybody sees them.
    OnlyOnTheList,
}

/// Decides about one mail that passed the screen.
pub fn decide(question: &Question) -> Decision {
    let mut judge = Judge::new(question);
    if question.reused_id {
        return Decision::end(
            question.reading.kind,
            Reason::ReusedMessageId,
            "another mail has this Message-ID already: kept, acts on nothing",
        );
    }
    if question.via == Via::Elsewhere {
        return Decision::end(question.reading.kind, Reason::OtherList, "it came through no list that is watched");
    }
    if question.mail.author.address.is_none() {
        let doubt = question.mail.author.doubt.as_deref().unwrap_or("the author is unknown");
        return Decision::end(question.reading.kind, Reason::AmbiguousFrom, doubt);
    }
    match question.reading.kind {
        Kind::Proposal => judge.proposal(),
        Kind::Revision => judge.revision(),
        Kind::Outcome => judge.outcome(),
        Kind::Call | Kind::Agenda => judge.announcement(),
        _ => judge.conversation(),
    }
    judge.decision()
}

/// One mail before the bench: what was decided so far.
struct Judge<'a> {
    q: &'a Question<'a>,
    author: Person,
    /// The same as the operator knows them, for comparing: facts keep the address that they came from.
    acting: Person,
    kind: Kind,
    facts: Vec<Fact>,
    items: Vec<Item>,
    sessions: Vec<SessionKey>,
    candidates: Vec<SessionKey>,
    courtesy: Option<(Person, SessionKey, String)>,
    /// The session that lines without a name are about: the thread's, or the one this very mail opens.
    here: Option<SessionKey>,
    /// The sessions this mail has changed, as they stand now: a later line sees what an earlier one did.
    changed: HashMap<SessionKey, Session>,
    /// A reason that does not follow from facts and items.
    reason: Option<(Reason, String)>,
    /// The author gets an answer even when there is no error.
    asked: bool,
}

impl<'a> Judge<'a> {
    fn new(q: &'a Question<'a>) -> Judge<'a> {
        Judge {
            q,
            author: q.mail.author.person(),
            acting: q.policy.people.acting(&q.mail.author.person()),
            kind: q.reading.kind,
            facts: Vec::new(),
            items: Vec::new(),
            sessions: Vec::new(),
            candidates: Vec::new(),
            courtesy: None,
            here: None,
            changed: HashMap::new(),
            reason: None,
            asked: false,
        }
    }

    // What kind of mail it is decides the way it takes.

    fn proposal(&mut self) {
        let Some(proposal) = &self.q.reading.proposal else { return self.conversation() };
        if self.q.via == Via::Private {
            return self.refuse(0, &self.q.mail.subject, Refusal::OnlyOnTheList);
        }
        if let Some(of) = self.taken_place(&proposal.title).filter(|_| self.q.reading.doubt == Some(Doubt::Notes)) {
            self.hold(Some(of));
            return self.asks();
        }
        let opened = self.open(&self.q.mail.message_id, &self.author.clone(), proposal.clone());
        self.items.push(opened);
        self.asked = true;
        self.asks();
    }

    fn revision(&mut self) {
        let Some(proposal) = &self.q.reading.proposal else { return self.conversation() };
        let by_title = || match self.q.register.titled(&self.q.summit.slug, &proposal.title) {
            TitleMatch::Exactly(key) => Some(key),
            _ => None,
        };
        let Some(key) = self.thread().or_else(by_title) else { return self.proposal() };
        if self.role(&key) == Role::Anyone {
            let refusal = Refusal::NotAllowed { verb: "revise", session: key, needed: Role::Host };
            return self.refuse(0, &self.q.mail.subject, refusal);
        }
        let repairs = self.q.reading.repairs.iter().map(|repair| repair.text.clone()).collect();
        let proposal = proposal.clone();
        let title = proposal.title.clone();
        let author = self.author.clone();
        let references = proposal.references.clone();
        self.add(&key, Change::Revised { author, proposal, repairs }, None);
        self.refer(&key, references);
        self.items.push(Item::Revised { session: key.clone(), title });
        self.asked = true;
        self.here = Some(key);
        self.asks();
    }

    fn outcome(&mut self) {
        let Some(notes) = &self.q.reading.notes else { return self.conversation() };
        if self.q.via == Via::Private {
            return self.refuse(0, &self.q.mail.subject, Refusal::OnlyOnTheList);
        }
        match self.sessions_of_notes() {
            Ok(keys) => {
                for key in keys {
                    self.note(&key, &self.q.mail.message_id, &self.author.clone(), notes.clone(), true);
                    self.here = Some(key);
                    self.asks();
                }
            }
            Err(candidates) => {
                let named = candidates.iter().map(|key| (key.clone(), self.title(key))).collect();
                let title = self.q.reading.subject.title.clone();
                self.items.push(Item::WhichSession { title, candidates: named });
                self.candidates = candidates;
                self.reason = Some((Reason::Unclaimed, "notes, but of which session?".into()));
            }
        }
    }

    fn announcement(&mut self) {
        self.reason = Some((Reason::Announcement, "an announcement; it belongs to no session".into()));
    }

    /// Replies, commands, `[ATTEND]` mails and all other talk: it acts by its lines.
    fn conversation(&mut self) {
        let thread = self.thread();
        self.here = thread.clone();
        if self.renames() {
            self.hold(None);
        }
        let notes = self.q.reading.notes.as_ref().filter(|_| thread.is_some() && self.q.via != Via::Private);
        // Notes are often posted as an answer to the proposal, under its subject.
        if notes.is_some_and(Notes::is_whole) {
            self.kind = Kind::Outcome;
        }
        self.asks();
        if self.kind == Kind::Attend {
            self.reason = Some((Reason::Attending, "says who comes to the summit".into()));
        } else if self.sessions.is_empty() && thread.is_none() && self.kind == Kind::Reply {
            self.kind = Kind::Discussion;
        }
        let Some(key) = thread else { return };
        if let Some(notes) = notes {
            self.note(&key, &self.q.mail.message_id, &self.author.clone(), notes.clone(), notes.is_whole());
        }
        if !self.sessions.contains(&key) {
            self.sessions.insert(0, key);
        }
    }

    fn hold(&mut self, of: Option<SessionKey>) {
        self.items.push(Item::Held { title: self.q.reading.subject.title.clone(), of });
    }

    /// Whether this very mail turned its thread into what may be a proposal; those that answer it only bear its title.
    fn renames(&self) -> bool {
        let title = &self.q.reading.subject.title;
        self.q.reading.doubt == Some(Doubt::Talk)
            && self.q.via != Via::Private
            && self.q.parent.is_some_and(|parent| !same_title(&parent.title, title))
    }

    /// The session that bears the title, when its slot is over or its notes are here.
    fn taken_place(&self, title: &str) -> Option<SessionKey> {
        let TitleMatch::Exactly(key) = self.q.register.titled(&self.q.summit.slug, title) else { return None };
        let status = self.q.register.session(&key)?.status(self.q.mail.at);
        matches!(status, Status::Held(_) | Status::Concluded).then_some(key)
    }

    // Its lines.

    /// Each line in turn; but a session that the mail opens is there for all of them.
    fn asks(&mut self) {
        let opens = |ask: &&Ask| matches!(ask.want, Want::ProposeParent { .. });
        let asks = &self.q.reading.asks;
        for ask in asks.iter().filter(opens).chain(asks.iter().filter(|ask| !opens(ask))) {
            // What is said to us alone is not for the session's page; the words of notes are the notes; and those of
            // holiday notices and ticket systems, which are not certain to be programs, are nobody's suggestion.
            let program = self.q.mail.automatic != Automatic::No;
            let aside = program || self.q.via == Via::Private || self.here.is_none() || self.kind == Kind::Outcome;
            if ask.form == Form::Prose && aside {
                continue;
            }
            if ask.form == Form::Command {
                self.asked = true;
            }
            self.ask(ask);
        }
        for complaint in &self.q.reading.complaints {
            // Outside a session's thread only a command asks something of us.
            if self.here.is_some() || complaint.is_command() {
                self.items.push(Item::NotUnderstood(complaint.clone()));
            }
        }
    }

    fn ask(&mut self, ask: &Ask) {
        let outcome = match &ask.want {
            Want::ProposeParent { title } => self.propose_parent(title.as_deref()),
            _ => self.on_session(ask),
        };
        match outcome {
            Ok(session) if ask.form == Form::Command => self.items.push(Item::Done { session, ask: ask.clone() }),
            Ok(_) => {}
            // Attendance at the summit as a whole, and remarks on mails that are nobody's session, ask nothing.
            Err(Refusal::NoSession) if ask.form != Form::Command => {}
            Err(refusal) => self.refuse(ask.line, &ask.source, refusal),
        }
    }

    /// One ask about one session: that session, when it was recorded.
    fn on_session(&mut self, ask: &Ask) -> Result<SessionKey, Refusal> {
        let named = match &ask.want {
            Want::NotesParent(session) => Some(session),
            _ => ask.target.as_ref(),
        };
        let key = match named {
            Some(session) => self.resolve(session)?,
            None => self.here.clone().ok_or(Refusal::NoSession)?,
        };
        let least = needed(&ask.want);
        let closes_own = matches!(ask.want, Want::ActionDone(n) if self.owns_action(&key, n));
        if self.role(&key) < least && !closes_own && !self.may_place_notes(ask) {
            return Err(Refusal::NotAllowed { verb: ask.want.verb(), session: key, needed: least });
        }
        if matches!(ask.want, Want::NotesParent(_)) {
            return self.place_parent(key);
        }
        let change = self.change(ask, &key)?;
        self.add(&key, change, Some(ask.line));
        Ok(key)
    }

    /// The change that an ask amounts to, now that its author may have it.
    fn change(&self, ask: &Ask, key: &SessionKey) -> Result<Change, Refusal> {
        let person = self.author.clone();
        let basis = if ask.form == Form::Phrase { Basis::Inferred } else { Basis::Explicit };
        let session = self.session(key);
        Ok(match ask.want.clone() {
            Want::Interest(level) => Change::Interest { person, level, basis },
            Want::Attend { mode, note } => Change::Attendance { person, mode, note, basis },
            Want::Scribe(who) => Change::Scribe { person: who.unwrap_or(person) },
            Want::Refer(url) => {
                let target = self.q.links.get(&url).cloned();
                Change::Referenced { url, target }
            }
            Want::Suggest(text) => Change::Suggested { author: person, text },
            Want::Title(title) => Change::Titled { title },
            Want::AddHost(host) => Change::HostAdded { host },
            Want::DropHost(person) => {
                let named = self.q.policy.people.known(&person);
                let known = session.is_some_and(|s| s.proposal.hosts.iter().any(|h| h.person.is(&named)));
                if !known {
                    return Err(Refusal::NotAHost { name: person.label().to_owned(), session: key.clone() });
                }
                Change::HostDropped { person }
            }
            Want::Slot(slot) => Change::Slotted { slot },
            Want::Cancel => match session.is_some_and(|session| session.slot.is_some()) {
                true => Change::Unslotted,
                false => return Err(Refusal::NothingToCancel(key.clone())),
            },
            Want::Track(track) => Change::Tracked { track },
            Want::Withdraw { why } => Change::Withdrawn { why },
            Want::Reopen => match session.is_some_and(Session::is_closed) {
                true => Change::Reopened,
                false => return Err(Refusal::NothingToReopen(key.clone())),
            },
            Want::Accept => Change::Accepted,
            Want::Reject { why } => Change::Rejected { why },
            Want::Merge(other) => {
                let into = self.resolve(&other)?;
                if into == *key {
                    return Err(Refusal::MergedIntoItself(key.clone()));
                }
                Change::Merged { into: into.number }
            }
            Want::Split => match session.is_some_and(Session::is_merged) {
                true => Change::Reopened,
                false => return Err(Refusal::NotMerged(key.clone())),
            },
            Want::ActionDone(number) => {
                let have = session.map_or(0, |session| session.actions().count());
                if number == 0 || number > have {
                    return Err(Refusal::NoSuchAction { number, have });
                }
                Change::ActionDone { number }
            }
            Want::ProposeParent { .. } | Want::NotesParent(_) => return Err(Refusal::AnswersNothing),
        })
    }

    // The mail that this one answers.

    fn propose_parent(&mut self, title: Option<&str>) -> Result<SessionKey, Refusal> {
        let parent = self.q.parent.ok_or(Refusal::AnswersNothing)?;
        if let Some(key) = &self.here {
            return Err(Refusal::AlreadyASession(key.clone()));
        }
        if self.is_acting(&parent.author) {
            return Err(Refusal::OwnMail);
        }
        let proposal = Proposal {
            title: title.unwrap_or(&parent.title).to_owned(),
            description: parent.text.clone(),
            ..Proposal::default()
        };
        let key = self.next_key();
        self.open(&parent.message_id, &parent.author, proposal);
        self.courtesy = Some((parent.author.clone(), key.clone(), self.author.label().to_owned()));
        Ok(key)
    }

    fn place_parent(&mut self, key: SessionKey) -> Result<SessionKey, Refusal> {
        let parent = self.q.parent.ok_or(Refusal::AnswersNothing)?;
        self.note(&key, &parent.message_id, &parent.author, parent.notes.clone(), true);
        Ok(key)
    }

    /// Whoever wrote the notes may say where they belong.
    fn may_place_notes(&self, ask: &Ask) -> bool {
        matches!(ask.want, Want::NotesParent(_)) && self.q.parent.is_some_and(|parent| self.is_acting(&parent.author))
    }

    fn is_acting(&self, person: &Person) -> bool {
        self.q.policy.people.acting(person).is(&self.acting)
    }

    fn owns_action(&self, key: &SessionKey, number: usize) -> bool {
        let mut actions = self.session(key).into_iter().flat_map(Session::actions);
        let owner = actions.find(|(n, _)| *n == number).and_then(|(_, action)| action.owner.as_ref());
        owner.is_some_and(|owner| owner.is(&self.acting) || is_first_name(owner, &self.acting))
    }

    // Finding sessions.

    /// The session whose thread the mail is in.
    fn thread(&self) -> Option<SessionKey> {
        self.q.register.of_thread(self.q.ancestors).first().cloned()
    }

    /// A session as the lines before this one left it.
    fn session(&self, key: &SessionKey) -> Option<&Session> {
        self.changed.get(key).or_else(|| self.q.register.session(key))
    }

    fn role(&self, key: &SessionKey) -> Role {
        let summit = self.q.policy.summit(&key.summit).unwrap_or(self.q.summit);
        self.session(key).map_or(Role::Anyone, |session| role(&self.author, session, summit, self.q.policy))
    }

    fn resolve(&self, session: &SessionRef) -> Result<SessionKey, Refusal> {
        let register = self.q.register;
        let summit = self.thread().map_or(self.q.summit.slug.clone(), |key| key.summit);
        let not_found = || Refusal::NotFound(session.clone());
        match session {
            SessionRef::Number(number) => {
                register.numbered(&summit, *number).map(|s| s.key.clone()).ok_or_else(not_found)
            }
            SessionRef::MessageId(id) => self.of_mail(id).ok_or_else(not_found),
            SessionRef::Url(url) => {
                let scheduled = || {
                    let at = |s: &&Session| s.slot.as_ref().is_some_and(|slot| slot.url.as_ref() == Some(url));
                    register.of_summit(&summit).find(at).map(|s| s.key.clone())
                };
                let mail = self.q.links.get(url).and_then(|id| self.of_mail(id));
                mail.or_else(scheduled).ok_or_else(not_found)
            }
            SessionRef::Title(title) => match register.titled(&summit, title) {
                TitleMatch::Exactly(key) => Ok(key),
                TitleMatch::Perhaps(_) => Err(Refusal::NotOne(session.clone())),
                TitleMatch::Nothing => Err(not_found()),
            },
            SessionRef::ProposedBy(name) => {
                let person = self.q.policy.people.known(&Person::named(name));
                let by = |s: &&Session| {
                    s.proposer.is(&person) || s.proposal.hosts.iter().any(|host| host.person.is(&person))
                };
                let found: Vec<&Session> = register.of_summit(&summit).filter(by).collect();
                match found.as_slice() {
                    [one] => Ok(one.key.clone()),
                    [] => Err(not_found()),
                    _ => Err(Refusal::NotOne(session.clone())),
                }
            }
        }
    }

    /// The session that a mail named by its id belongs to.
    fn of_mail(&self, id: &MessageId) -> Option<SessionKey> {
        let chain = self.q.named.get(id).map_or(std::slice::from_ref(id), Vec::as_slice);
        self.q.register.of_thread(chain).first().cloned()
    }

    /// Where notes belong: the thread, ids in the subject, the one session the text names, the exact title. Anything
    /// less certain is only a candidate, best first.
    fn sessions_of_notes(&self) -> Result<Vec<SessionKey>, Vec<SessionKey>> {
        if let Some(key) = self.thread() {
            return Ok(vec![key]);
        }
        let found = |in_subject: bool| -> Vec<SessionKey> {
            let here = self.q.reading.mentions.iter().filter(|mention| (mention.line == 0) == in_subject);
            distinct(here.filter_map(|mention| self.resolve(&mention.session).ok()))
        };
        let (subject, body) = (found(true), found(false));
        if !subject.is_empty() {
            return Ok(subject);
        }
        if let [one] = body.as_slice() {
            return Ok(vec![one.clone()]);
        }
        match self.q.register.titled(&self.q.summit.slug, &self.q.reading.subject.title) {
            TitleMatch::Exactly(key) => Ok(vec![key]),
            TitleMatch::Perhaps(alike) => Err(distinct(body.into_iter().chain(alike))),
            TitleMatch::Nothing => Err(body),
        }
    }

    fn title(&self, key: &SessionKey) -> String {
        self.q.register.session(key).map_or_else(String::new, |session| session.title().to_owned())
    }

    // Writing down.

    fn next_key(&self) -> SessionKey {
        let summit = self.q.summit.slug.clone();
        SessionKey { number: self.q.register.next_number(&summit), summit }
    }

    /// Opens a session; what its host may be told.
    fn open(&mut self, root: &MessageId, author: &Person, mut proposal: Proposal) -> Item {
        let key = self.next_key();
        let alike = self.q.register.almost(&key.summit, &proposal.title);
        claim_own_name(&mut proposal, author);
        let repairs = self.q.reading.repairs.iter().map(|repair| repair.text.clone()).collect();
        let shown = Box::new(proposal.clone());
        self.add(&key, Change::Proposed { root: root.clone(), author: author.clone(), proposal, repairs }, None);
        self.refer(&key, shown.references.clone());
        self.reason = Some((Reason::NewSession, format!("opened {key}")));
        self.here = Some(key.clone());
        Item::Opened { session: key, proposal: shown, alike }
    }

    /// A proposal's references speak for themselves; only where one leads to that does not stand in it is a fact more.
    fn refer(&mut self, key: &SessionKey, references: Vec<String>) {
        for url in references {
            let target = self.q.links.get(&url).cloned().filter(|id| MessageId::from_url(&url).as_ref() != Some(id));
            if target.is_some() {
                self.add(key, Change::Referenced { url, target }, None);
            }
        }
    }

    /// Takes notes down, and with them who wrote them, where they say so.
    fn note(&mut self, key: &SessionKey, source: &MessageId, author: &Person, notes: Notes, complete: bool) {
        let (source, author) = (source.clone(), author.clone());
        let own = |scribe: &Person| if scribe.is(&author) { author.clone() } else { scribe.clone() };
        let scribes: Vec<Person> = notes.scribes.iter().map(own).collect();
        self.add(key, Change::Noted { source, author, notes, complete }, None);
        for person in scribes {
            self.add(key, Change::Scribe { person }, None);
        }
    }

    fn add(&mut self, key: &SessionKey, change: Change, line: Option<usize>) {
        let (mail, at) = (self.q.mail.message_id.clone(), self.q.mail.at);
        let fact = Fact { position: 0, session: key.clone(), change, mail, at, line };
        match (self.changed.get_mut(key), self.q.register.session(key)) {
            (Some(session), _) => session.insert(fact.clone()),
            (None, Some(session)) => {
                let mut session = session.clone();
                session.insert(fact.clone());
                self.changed.insert(key.clone(), session);
            }
            (None, None) => self.changed.extend(Session::open(fact.clone()).map(|session| (key.clone(), session))),
        }
        self.facts.push(fact);
        if !self.sessions.contains(key) {
            self.sessions.push(key.clone());
        }
    }

    fn refuse(&mut self, line: usize, source: &str, refusal: Refusal) {
        self.items.push(Item::Refused { line, source: source.to_owned(), refusal });
    }

    fn decision(self) -> Decision {
        let errors = self.items.iter().filter(|item| item.is_error()).count();
        let keys: Vec<String> = self.sessions.iter().map(SessionKey::to_string).collect();
        let keys = keys.join(", ");
        let (reason, detail) = match self.reason {
            Some((reason, detail)) => (reason, detail),
            None if !self.facts.is_empty() => {
                (Reason::Joined, format!("{} to {keys}", count(self.facts.len(), "fact")))
            }
            None if errors > 0 => (Reason::Refused, format!("{} not done", count(errors, "line"))),
            None if !self.sessions.is_empty() => (Reason::InThread, format!("in the thread of {keys}")),
            None => (Reason::NoSession, "belongs to no session".into()),
        };
        let wanted = self.asked || errors > 0;
        let answer = wanted.then(|| Answer { items: self.items, repairs: self.q.reading.repairs.clone() });
        Decision {
            kind: self.kind,
            reason,
            detail,
            facts: self.facts,
            sessions: self.sessions,
            candidates: self.candidates,
            answer: answer.filter(|answer| !answer.items.is_empty()),
            courtesy: self.courtesy,
        }
    }
}

/// Notes call people by their first names: `AI(Grace): …`. Enough to close one's own action, and for nothing else.
fn is_first_name(owner: &Person, author: &Person) -> bool {
    let (Some(owner), Some(author)) = (&owner.name, &author.name) else { return false };
    name_key(author).split(' ').next() == Some(name_key(owner).as_str())
}

/// Without a named host the author is it; and where the author is named without an address, the mail supplies it.
fn claim_own_name(proposal: &mut Proposal, author: &Person) {
    if proposal.hosts.is_empty() {
        proposal.hosts.push(crate::grammar::Host { person: author.clone(), affiliation: None });
    }
    for host in &mut proposal.hosts {
        if host.person.address.is_none() && host.person.is(author) {
            host.person.address = author.address.clone();
        }
    }
}

fn distinct(keys: impl Iterator<Item = SessionKey>) -> Vec<SessionKey> {
    let mut out: Vec<SessionKey> = Vec::new();
    for key in keys {
        if !out.contains(&key) {
            out.push(key);
        }
    }
    out
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
