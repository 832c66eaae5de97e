//! Commands and their answers, and what the server tells by the way.
//!
//! A command has succeeded when its own tag came back with OK, and at no other time: NO, BAD, BYE, another tag, silence
//! and the end of the connection are faults, so that none of them can look like an empty mailbox.

use super::answer::{Answer, Code, Item, Status, Verdict};
use super::fault::{Fault, answered};
use super::line::{Line, NO_MAIL, Room};
use crate::wire::Stream;
use std::time::Duration;

#[derive(Debug)]
pub struct Dialogue {
    line: Line,
    commands: u32,
    /// Whether the last command is answered. Else its answers may still come, and would be taken for another's.
    in_step: bool,
    pub told: Told,
}

/// What the server said of itself and of the mailbox.
#[derive(Debug, Default)]
pub struct Told {
    /// `None` until it was said.
    pub can: Option<Vec<String>>,
    pub exists: Option<u32>,
    /// Mails came since this was last set to `false`.
    pub news: bool,
    /// So many went away since this was last set to 0.
    pub gone: u32,
    pub uid_validity: Option<u32>,
    pub uid_next: Option<u32>,
    pub mod_seq: Option<u64>,
}

/// Whose turn it is, within a command that was given.
#[derive(Debug)]
pub enum Turn {
    /// Ours: the server waits for more.
    Ours,
    /// Nobody's: the command is done.
    Done(Status),
}

impl Dialogue {
    pub fn new(stream: Stream, patience: Duration) -> Dialogue {
        Dialogue { line: Line::new(stream, patience), commands: 0, in_step: true, told: Told::default() }
    }

    /// Whether the server can do this: a name in capitals.
    pub fn can(&self, name: &str) -> bool {
        self.told.can.as_ref().is_some_and(|can| can.iter().any(|known| known == name))
    }

    /// What the server says first: OK, or PREAUTH when it knows us already.
    pub async fn greeting(&mut self) -> Result<Verdict, Fault> {
        const GREETING: &str = "the greeting";
        self.begin(GREETING, NO_MAIL)?;
        let answer = self.line.answer().await.map_err(Fault::lost(GREETING))?;
        let Answer::Untagged(status) = &answer else { return Err(out_of_turn(GREETING)) };
        let verdict = status.verdict;
        if !matches!(verdict, Verdict::Ok | Verdict::Preauth) {
            return Err(Fault::Lost { during: GREETING, why: answered(status) });
        }
        self.hear(GREETING, answer)?;
        self.in_step = true;
        Ok(verdict)
    }

    /// Gives a command that asks for no mail, and waits for its end. `rest` begins with a space, or is empty.
    pub async fn ask(&mut self, name: &'static str, rest: &str) -> Result<Status, Fault> {
        self.ask_for(name, rest, NO_MAIL, |_| Ok(())).await
    }

    /// The same for FETCH: `each` sees what comes of the mails.
    pub async fn ask_for(
        &mut self,
        name: &'static str,
        rest: &str,
        room: Room,
        mut each: impl FnMut(Item) -> Result<(), Fault>,
    ) -> Result<Status, Fault> {
        self.give(name, rest, room).await?;
        match self.turn(name, &mut each).await? {
            Turn::Done(status) => Ok(status),
            Turn::Ours => Err(out_of_turn(name)),
        }
    }

    /// Says a command, the whole of it or its beginning.
    pub async fn give(&mut self, name: &'static str, rest: &str, room: Room) -> Result<(), Fault> {
        self.begin(name, room)?;
        self.commands += 1;
        let tag = tag(self.commands);
        self.say(name, &format!("{tag} {name}{rest}")).await
    }

    /// Says one line of a command.
    pub async fn say(&mut self, name: &'static str, words: &str) -> Result<(), Fault> {
        self.line.say(&format!("{words}\r\n")).await.map_err(Fault::lost(name))
    }

    /// Listens until the command that was given is done, or wants more of us.
    pub async fn turn(
        &mut self,
        name: &'static str,
        each: &mut impl FnMut(Item) -> Result<(), Fault>,
    ) -> Result<Turn, Fault> {
        let tag = tag(self.commands);
        loop {
            let answer = self.line.answer().await.map_err(Fault::lost(name))?;
            match self.hear(name, answer)? {
                None => {}
                Some(Answer::Fetch(item)) => each(item)?,
                Some(Answer::GoOn) => return Ok(Turn::Ours),
                Some(Answer::Tagged(theirs, status)) if theirs == tag => {
                    self.in_step = true;
                    return match status.verdict {
                        Verdict::Ok => Ok(Turn::Done(status)),
                        _ => Err(Fault::Refused { command: name, status }),
                    };
                }
                Some(_) => return Err(out_of_turn(name)),
            }
        }
    }

    /// IDLE (RFC 2177): waits until mail comes, or for so long.
    pub async fn idle(&mut self, span: Duration) -> Result<(), Fault> {
        const IDLE: &str = "IDLE";
        self.give(IDLE, "", NO_MAIL).await?;
        if let Turn::Done(status) = self.turn(IDLE, &mut ignore).await? {
            return Err(Fault::Refused { command: IDLE, status });
        }
        let end = tokio::time::Instant::now() + span;
        while !self.told.news {
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            if self.line.is_quiet(left).await.map_err(Fault::lost(IDLE))? {
                break;
            }
            self.line.begin(NO_MAIL);
            let answer = self.line.answer().await.map_err(Fault::lost(IDLE))?;
            if let Some(Answer::GoOn | Answer::Tagged(..)) = self.hear(IDLE, answer)? {
                return Err(out_of_turn(IDLE));
            }
        }
        self.line.begin(NO_MAIL);
        self.say(IDLE, "DONE").await?;
        self.turn(IDLE, &mut ignore).await.map(drop)
    }

    /// Takes leave, if anybody listens. Nothing depends on the answer.
    pub async fn leave(mut self) {
        if self.in_step {
            let _ = self.ask("LOGOUT", "").await;
        }
    }

    /// Whether there is anything to be had here any more: after a fault, or a future that was dropped, there is not.
    pub fn is_usable(&self, during: &'static str) -> Result<(), Fault> {
        match self.in_step {
            true => Ok(()),
            false => {
                let why = "an earlier command was left without its answer".to_owned();
                Err(Fault::Lost { during, why })
            }
        }
    }

    fn begin(&mut self, during: &'static str, room: Room) -> Result<(), Fault> {
        self.is_usable(during)?;
        self.in_step = false;
        self.line.begin(room);
        Ok(())
    }

    /// Notes what an answer tells whatever was asked, and hands on what may be the command's.
    fn hear(&mut self, during: &'static str, answer: Answer) -> Result<Option<Answer>, Fault> {
        let told = &mut self.told;
        match answer {
            Answer::Tagged(_, ref status) => {
                told.note(&status.code);
                return Ok(Some(answer));
            }
            Answer::Fetch(_) | Answer::GoOn => return Ok(Some(answer)),
            Answer::Untagged(status) if status.verdict == Verdict::Bye && during != "LOGOUT" => {
                return Err(Fault::Lost { during, why: answered(&status) });
            }
            Answer::Untagged(status) => told.note(&status.code),
            Answer::Capability(can) => told.can = Some(can),
            Answer::Exists(count) => (told.news, told.exists) = (true, Some(count)),
            Answer::Expunge => {
                told.gone = told.gone.saturating_add(1);
                told.exists = told.exists.map(|count| count.saturating_sub(1));
            }
            Answer::Other => {}
        }
        Ok(None)
    }
}

impl Told {
    fn note(&mut self, code: &Code) {
        match code {
            Code::Capability(can) => self.can = Some(can.clone()),
            Code::UidValidity(number) => self.uid_validity = Some(*number),
            Code::UidNext(number) => self.uid_next = Some(*number),
            Code::HighestModSeq(number) => self.mod_seq = Some(*number),
            Code::None | Code::ReadOnly | Code::ExpungeIssued | Code::Other => {}
        }
    }
}

fn tag(number: u32) -> String {
    format!("r{number}")
}

/// For commands of which no mail is expected: flags that change meanwhile are told by FETCH, too.
fn ignore(_: Item) -> Result<(), Fault> {
    Ok(())
}

pub fn out_of_turn(during: &'static str) -> Fault {
    Fault::Lost { during, why: "the server answers what it was not asked".to_owned() }
}
