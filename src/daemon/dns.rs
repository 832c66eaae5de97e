//! Looks up the keys of signatures. A name that nobody tells us about in time is not known, which is no verdict.

use crate::config::Config;
use crate::mail::dkim::{Answer, Answers};
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// All names of one pass together: less than a stop waits for the pass that is at work.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where names are looked up.
#[derive(Clone, Debug)]
pub enum Dns {
    /// The resolver that the system is configured with.
    System(Box<TokioResolver>),
    /// A table; what is not in it is not known.
    Table(Answers),
}

impl Dns {
    /// The system's, where the configuration wants signatures verified. Errors are sentences for the operator.
    pub fn of(config: &Config) -> Result<Option<Dns>, String> {
        if !config.policy.sources.verify {
            return Ok(None);
        }

        let resolver = TokioResolver::builder_tokio().and_then(|builder| builder.build());
        let resolver = resolver.map_err(|error| format!("the system's resolver can't be used: {error}"))?;
        Ok(Some(Dns::System(Box::new(resolver))))
    }

    /// The TXT records of each name.
    pub async fn answers(&self, names: BTreeSet<String>) -> Answers {
        match self {
            Dns::Table(table) => {
                let answer = |name: String| {
                    let answer = table.get(&name).cloned().unwrap_or(Answer::Unknown);
                    (name, answer)
                };
                names.into_iter().map(answer).collect()
            }
            Dns::System(resolver) => {
                let mut answers: Answers = names.iter().map(|name| (name.clone(), Answer::Unknown)).collect();
                let mut asked = JoinSet::new();
                for name in names {
                    let resolver = resolver.clone();
                    asked.spawn(async move {
                        let answer = txt(&resolver, &name).await;
                        (name, answer)
                    });
                }
                let all = async {
                    while let Some(answered) = asked.join_next().await {
                        answers.extend(answered);
                    }
                };
                // What has not come by then stays unknown.
                let _ = timeout(PATIENCE, all).await;
                answers
            }
        }
    }
}

async fn txt(resolver: &TokioResolver, name: &str) -> Answer {
    // With the dot no search domain of the system is tried.
    match resolver.txt_lookup(format!("{name}.")).await {
        Ok(found) => {
            let records = found.answers().iter().filter_map(|record| match &record.data {
                RData::TXT(txt) => Some(txt.txt_data.concat()),
                _ => None,
            });
            let records: Vec<String> = records.map(|record| String::from_utf8_lossy(&record).into_owned()).collect();
            if records.is_empty() { Answer::Nothing } else { Answer::Found(records) }
        }
        Err(error) if error.is_nx_domain() || error.is_no_records_found() => Answer::Nothing,
        Err(_) => Answer::Unknown,
    }
}
