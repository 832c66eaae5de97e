//! A program that we start, for a token or to hand it a mail.
//!
//! It inherits our environment, because people keep in it what such programs need; but not the variables that hold
//! passwords of ours, which are none of its business.

use std::process::Stdio;
use tokio::process::Command;

/// A program with its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    words: Vec<String>,
    /// Variables of our environment that it does not see.
    hidden: Vec<String>,
}

impl Program {
    pub fn new(words: Vec<String>, hidden: &[String]) -> Program {
        Program { words, hidden: hidden.to_vec() }
    }

    /// What it is called; `None` when nothing is.
    pub fn name(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    /// Ready to be started, with nothing on its standard input; it ends with whoever waits for it.
    pub fn command(&self) -> Option<Command> {
        let (name, arguments) = self.words.split_first()?;
        let mut command = Command::new(name);
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        for variable in &self.hidden {
            command.env_remove(variable);
        }
        Some(command)
    }
}

impl From<Vec<String>> for Program {
    fn from(words: Vec<String>) -> Program {
        Program::new(words, &[])
    }
}
