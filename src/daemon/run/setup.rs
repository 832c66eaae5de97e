//! A configuration at work: with the addresses it listens on. A reload takes the whole of a new one, or nothing of it.

use super::{RunError, host};
use crate::config::{Config, ConfigError, Source};
use crate::daemon::dns::Dns;
use crate::mailbox::lmtp::{Listen, Listener, Rules};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long reading a configuration may take: a path in it may be on a disk that does not answer.
const READING: Duration = Duration::from_secs(10);

pub struct Setup {
    pub config: Config,
    pub dns: Option<Dns>,
    listeners: Vec<(Listen, Arc<Listener>)>,
    /// Where the archive is served.
    pub web: Option<(SocketAddr, Arc<TcpListener>)>,
}

/// Why the configuration stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("`database` has changed: that needs a restart")]
    Database,
    #[error("the configuration could not be read within {} s", READING.as_secs())]
    Slow,
}

impl Setup {
    /// Listens where the configuration says so. Addresses that were listened on before stay open.
    pub async fn of(config: Config, before: Option<&Setup>) -> Result<Setup, RunError> {
        let mut listeners = Vec::new();
        for mailbox in &config.mailboxes {
            let Source::Lmtp(listen) = &mailbox.source else { continue };
            let listener = match before.and_then(|before| before.listener(listen)) {
                Some(listener) => listener,
                None => match Listener::bind(listen).await {
                    Ok(listener) => Arc::new(listener),
                    Err(source) => return Err(RunError::Listen { listen: listen.clone(), source }),
                },
            };
            listeners.push((listen.clone(), listener));
        }
        let web = match config.web {
            None => None,
            Some(address) => {
                let open = before.and_then(|before| before.web.as_ref()).filter(|(known, _)| *known == address);
                let door = match open {
                    Some((_, door)) => door.clone(),
                    None => {
                        Arc::new(TcpListener::bind(address).await.map_err(|source| RunError::Web { address, source })?)
                    }
                };
                Some((address, door))
            }
        };
        let dns = Dns::of(&config).map_err(RunError::Dns)?;
        Ok(Setup { config, dns, listeners, web })
    }

    /// The file of this configuration, as it is now.
    pub async fn again(&self) -> Result<Setup, ReloadError> {
        let path = self.config.path.clone();
        let reading = tokio::task::spawn_blocking(move || Config::load(Some(&path)));
        let Ok(Ok(config)) = tokio::time::timeout(READING, reading).await else { return Err(ReloadError::Slow) };
        let config = config?;
        if config.database != self.config.database {
            return Err(ReloadError::Database);
        }
        Ok(Setup::of(config, Some(self)).await?)
    }

    pub fn listener(&self, listen: &Listen) -> Option<Arc<Listener>> {
        self.listeners.iter().find(|(known, _)| known == listen).map(|(_, listener)| listener.clone())
    }

    /// Whom mail is taken for by LMTP: ourselves, and the lists.
    pub fn rules(&self) -> Rules {
        let policy = &self.config.policy;
        let lists = policy.lists.iter().flat_map(|list| std::iter::once(&list.address).chain(&list.aliases));
        let recipients = std::iter::once(&policy.robot).chain([&policy.bounces]).chain(lists);
        let mut known = Vec::new();
        for address in recipients {
            if !known.contains(address) {
                known.push(address.clone());
            }
        }
        Rules { host: host(), recipients: known }
    }
}
