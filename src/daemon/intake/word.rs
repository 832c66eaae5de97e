//! The word of a registered address: the lines that waited for it are decided again, on the mail that holds them and
//! against the register of now; or a post that waited for an organiser goes out, or does not. Everything it needs is in the database: a restart, a replay and an import come to the
//! same.

use super::{Intake, through};
use crate::daemon::understand::{Understood, Unread, understand_all};
use crate::grammar::Token;
use crate::grammar::private::{Request, What};
use crate::letters::Seal;
use crate::letters::review;
use crate::mail::SpanKind;
use crate::mail::end::name;
use crate::mail::{Address, Automatic, Kind, Mail, Reason};
use crate::session::decide::{Brought, Post, PostWord, Refusal};
use crate::session::rights::Tier;
use crate::session::waiting::{Mistake, WRONG_TRIES, Word, hash_of, token_hash};
use crate::session::{Answer, Confirmed, Decision, Item, Question, Waiting, decide};
use crate::store::{ClaimedMail, LetterStatus, StoreError, Work};

impl Intake<'_> {
    /// What a private mail's word for lines that wait comes to; nothing when it brings none. A mail that may be a program's
    /// has no word.
    pub(super) async fn hear(
        &self,
        work: &mut Work,
        claim: &ClaimedMail,
        understood: &Understood,
        seal: &Seal<'_>,
    ) -> Result<Option<Decision>, StoreError> {
        let Understood { mail, reading: Some(reading), .. } = understood else { return Ok(None) };
        let (Automatic::No, Some(author)) = (&mail.automatic, &mail.author.address) else { return Ok(None) };
        let carried = match self.carried(mail, reading.private.token.as_ref()) {
            Ok(carried) => carried,
            Err(token) => {
                return self.wrong(work, claim, mail, &token, &Request::of(mail), Mistake::OtherCommand).await;
            }
        };
        let said: Vec<(&Request, Word, &Option<Token>)> = reading.private.requests.iter().filter_map(word).collect();
        let whole = said.iter().find(|(_, _, token)| token.is_some());
        let Some((request, word, written)) = whole.or(said.first()).copied() else {
            return self.unsaid(work, claim, mail, author, carried, seal).await;
        };
        let differs = |(_, other, token): &&(&Request, Word, &Option<Token>)| {
            *other != word || (token.is_some() && *token != written)
        };
        if let Some((other, ..)) = said.iter().find(differs) {
            return Ok(Some(ended(Reason::Refused, mistaken(other, Mistake::OneAtATime))));
        }
        let token = match (written, carried) {
            (Some(written), Some(carried)) if *written != carried => {
                return self.wrong(work, claim, mail, written, request, Mistake::OtherCommand).await;
            }
            (Some(token), _) => token.clone(),
            (None, Some(token)) => token,
            // `yes` and `no` are said to anybody.
            (None, None) if !request.is_ours() => return Ok(None),
            (None, None) => return Ok(Some(ended(Reason::Refused, mistaken(request, Mistake::Missing)))),
        };
        let waiting = match self.weigh(work, &token, author, claim, seal).await? {
            Ok(waiting) => waiting,
            Err(mistake) => return self.wrong(work, claim, mail, &token, request, mistake).await,
        };
        let Some(inbox_id) = waiting.inbox_id else {
            return self.reviewed(work, mail, request, word, &waiting).await.map(Some);
        };
        if word == Word::Edited {
            return Ok(Some(ended(Reason::Refused, mistaken(request, Mistake::Unsaid))));
        }
        if word == Word::Dropped {
            let (line, source) = (request.line, request.source.clone());
            let mut decision = ended(Reason::Answered, Item::Dropped { line, source });
            decision.detail = format!("dropped what <{}> asked for", waiting.mail);
            decision.token = Some(Brought::Word(word, waiting.token_hash));
            return Ok(Some(decision));
        }
        match self.decided_again(work, mail, &waiting, inbox_id).await? {
            Some(decision) => Ok(Some(decision)),
            None => self.wrong(work, claim, mail, &token, request, Mistake::Changed).await,
        }
    }

    /// The token that a mail carries without its author's doing, in its Subject and in our address; one of two that differ
    /// as the error.
    fn carried(&self, mail: &Mail, in_subject: Option<&Token>) -> Result<Option<Token>, Token> {
        let named = mail.to.iter().chain(&mail.cc).filter_map(|person| person.address.as_ref());
        let tags = named.chain(&mail.delivered_to).filter_map(|address| self.config.policy.tag(address));
        let in_address = tags.filter_map(|tag| tag.strip_prefix("confirm-")).find_map(Token::parse);
        match (in_address, in_subject) {
            (Some(one), Some(other)) if one != *other => Err(one),
            (one, other) => Ok(one.or(other.cloned())),
        }
    }

    /// Which lines wait for a token of this author.
    async fn weigh(
        &self,
        work: &mut Work,
        token: &Token,
        author: &Address,
        claim: &ClaimedMail,
        seal: &Seal<'_>,
    ) -> Result<Result<Waiting, Mistake>, StoreError> {
        let Some(waiting) = work.waiting(&token_hash(token)).await? else { return Ok(Err(Mistake::Unknown)) };
        if !seal.knows(token, &waiting.mail, &waiting.command_hash) {
            return Ok(Err(Mistake::Unknown));
        }
        Ok(waiting.hears(author, claim.id, claim.received, seal.policy).map(|()| waiting))
    }

    /// The decision about the lines that waited; nothing when they do not read as they did.
    async fn decided_again(
        &self,
        work: &mut Work,
        word: &Mail,
        waiting: &Waiting,
        inbox_id: i64,
    ) -> Result<Option<Decision>, StoreError> {
        let policy = &self.config.policy;
        let Some(arrived) = work.arrived(inbox_id).await? else { return Ok(None) };
        let list = self.list_of(&arrived.mailbox);
        let unread = [Unread::new(&arrived.raw, arrived.received, list)];
        let read = tokio::task::block_in_place(|| understand_all(&unread, policy));
        let Understood { mail, reading, .. } = read.into_iter().next().expect("one mail in, one out");
        let Some(reading) = reading else { return Ok(None) };
        if hash_of(&waiting.places, &mail, &reading).as_ref() != Some(&waiting.command_hash) {
            return Ok(None);
        }
        let via = policy.via(&mail, list);
        let Some(summit) = policy.summit_for(through(&via), mail.at) else { return Ok(None) };
        let case = self.case(work, &mail, &reading, list, (arrived.id, arrived.received)).await?;
        let mut decision = decide(&Question {
            confirmed: Some(Confirmed { places: &waiting.places, at: word.at.max(mail.at) }),
            ..self.question((&mail, &reading), via, summit, Tier::T3, &case)
        });
        decision.kind = Kind::Command;
        decision.detail = format!("confirmed <{}>: {}", waiting.mail, decision.detail);
        decision.token = Some(Brought::Word(Word::Confirmed, waiting.token_hash.clone()));
        Ok(Some(decision))
    }

    /// An organiser's word about a post. What it comes to does not depend on the outbox, which a replay has not; only what
    /// the organiser is told does.
    async fn reviewed(
        &self,
        work: &mut Work,
        mail: &Mail,
        request: &Request,
        word: Word,
        waiting: &Waiting,
    ) -> Result<Decision, StoreError> {
        let policy = &self.config.policy;
        let organises = |summit| policy.is_organiser(summit, &waiting.address);
        if !policy.summits.iter().any(organises) {
            return Ok(ended(Reason::Refused, mistaken(request, Mistake::NotYours)));
        }
        let letter = work.letter_called(&waiting.mail).await?;
        let text = below(mail, request.line);
        let editable = letter.as_ref().is_none_or(|(_, bytes)| review::is_editable(bytes));
        if word == Word::Edited && (text.is_empty() || !editable) {
            return Ok(ended(Reason::Refused, mistaken(request, Mistake::NoText)));
        }
        let post = Post {
            message_id: waiting.mail.clone(),
            token_hash: waiting.token_hash.clone(),
            subject: letter.as_ref().map(|(row, _)| row.subject.clone()).unwrap_or_default(),
            waits: letter.is_some_and(|(row, _)| row.status == LetterStatus::Held),
        };
        let (line, source) = (request.line, request.source.clone());
        let item = Item::Reviewed { line, source, post: post.clone(), dropped: word == Word::Dropped };
        let mut decision = ended(Reason::Answered, item);
        decision.detail = format!("about the post <{}>: {}", waiting.mail, name(word));
        decision.token = Some(Brought::Word(word, waiting.token_hash.clone()));
        let said = match word {
            Word::Confirmed => PostWord::Approved,
            Word::Dropped => PostWord::Dropped,
            Word::Edited => PostWord::Edited(text),
        };
        if post.waits {
            // The text as it is now is the answer.
            decision.answer = decision.answer.filter(|_| word != Word::Edited);
            decision.post = Some((post, said));
        }
        Ok(decision)
    }

    /// The answer to our question says neither yes nor no. Words only: a mail without any asks nothing.
    async fn unsaid(
        &self,
        work: &mut Work,
        claim: &ClaimedMail,
        mail: &Mail,
        author: &Address,
        carried: Option<Token>,
        seal: &Seal<'_>,
    ) -> Result<Option<Decision>, StoreError> {
        let text = mail.text.visible_text();
        let (Some(token), Some(first)) = (carried, text.lines().find(|line| !line.trim().is_empty())) else {
            return Ok(None);
        };
        if self.weigh(work, &token, author, claim, seal).await?.is_err() {
            return Ok(None);
        }
        let refusal = Refusal::Token(Mistake::Unsaid);
        let item = Item::Refused { line: 1, source: first.to_owned(), refusal };
        Ok(Some(ended(Reason::Refused, item)))
    }

    /// A token that does not count. Who brings many is not told any more: it may be a game of answers.
    async fn wrong(
        &self,
        work: &mut Work,
        claim: &ClaimedMail,
        mail: &Mail,
        token: &Token,
        request: &Request,
        mistake: Mistake,
    ) -> Result<Option<Decision>, StoreError> {
        let mut decision = ended(Reason::WrongToken, mistaken(request, mistake));
        decision.detail = format!("its token does not count: {}", mistake.named());
        decision.token = Some(Brought::Wrong(token_hash(token)));
        let tries = match &mail.author.address {
            Some(author) => work.wrong_tries(author, claim.id, claim.received).await?,
            None => 0,
        };
        if tries >= WRONG_TRIES {
            decision.answer = None;
            decision.detail += "; not answered, because too many within a day were like it";
        }
        Ok(Some(decision))
    }
}

/// The word that a request is, with the token beside it.
fn word(request: &Request) -> Option<(&Request, Word, &Option<Token>)> {
    match &request.what {
        What::Confirm(token) => Some((request, Word::Confirmed, token)),
        What::Drop(token) => Some((request, Word::Dropped, token)),
        What::Edit(token) => Some((request, Word::Edited, token)),
        _ => None,
    }
}

/// What its author has written below a line, up to where others' words or a signature begin.
fn below(mail: &Mail, line: usize) -> String {
    let lines = mail.text.lines().skip_while(|known| known.first <= line);
    let own = lines.take_while(|line| matches!(line.kind, SpanKind::Visible | SpanKind::Code));
    own.map(|line| line.text).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

fn mistaken(request: &Request, mistake: Mistake) -> Item {
    Item::Refused { line: request.line, source: request.source.clone(), refusal: Refusal::Token(mistake) }
}

/// A mail that says nothing else.
fn ended(reason: Reason, item: Item) -> Decision {
    let answer = Answer { items: vec![item], repairs: Vec::new() };
    Decision { answer: Some(answer), ..Decision::end(Kind::Command, reason, "its word or its token is missing") }
}
