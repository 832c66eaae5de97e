//! How well a mail's author is known, and by whose word: the tiers that `rights` asks for.
//!
//! From is what anybody writes there. A watched list lets its members post (T1); a server that the operator trusts saw
//! where the mail came from, or a signature proves it (T2). Each speaks of the domain in From alone, so nothing here
//! makes one of two people at one domain the other: that is that domain's business.

use super::policy::{Policy, Via};
use super::rights::Tier;
use crate::mail::dkim::Proof;
use crate::mail::results::{Said, said};
use crate::mail::{Address, Mail};

/// Whose word the operator takes.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Names under which the operator's servers write Authentication-Results, in lower case.
    pub authserv_ids: Vec<String>,
    /// Signatures are verified here, too.
    pub verify: bool,
    /// Domains whose seals (ARC) stand for the signatures they broke, in lower case.
    pub sealers: Vec<String>,
}

/// How well an author is known, and all that was found out on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    pub tier: Tier,
    pub ground: Ground,
    /// What a trusted server says.
    pub said: Said,
    /// What the signatures prove.
    pub proof: Proof,
}

/// What a tier rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// There is no address to know anything about.
    NoAddress,
    /// A trusted server says that the mail is not from this domain.
    Refuted,
    /// It did not even come through a watched list.
    Nothing,
    List,
    /// A list put itself into From, and said who wrote the mail.
    Relayed,
    /// [`Trust::said`].
    Server,
    /// [`Trust::proof`].
    Signature,
}

impl Policy {
    /// What is known of a mail's author, when `proof` is what its signatures prove.
    pub fn trust(&self, mail: &Mail, via: &Via, proof: &Proof) -> Trust {
        let address = mail.author.address.as_ref();
        let domain = address.map(Address::domain_key).unwrap_or_default();
        let said = said(&mail.trace, &self.sources.authserv_ids, &domain);
        let through_list = matches!(via, Via::List(_));
        let proven = matches!(proof, Proof::Signed { .. } | Proof::Sealed { .. });
        let (tier, ground) = match address {
            None => (Tier::T0, Ground::NoAddress),
            // Signatures outlast what a server on the way made of them: a list breaks them, and seals what it saw.
            Some(_) if proven && !mail.author.relayed => (Tier::T2, Ground::Signature),
            Some(_) if matches!(said, Said::Fail { .. }) => (Tier::T0, Ground::Refuted),
            Some(_) if matches!(said, Said::Pass { .. }) && !mail.author.relayed => (Tier::T2, Ground::Server),
            Some(_) if !through_list => (Tier::T0, Ground::Nothing),
            Some(_) if mail.author.relayed => (Tier::T1, Ground::Relayed),
            Some(_) => (Tier::T1, Ground::List),
        };
        Trust { tier, ground, said, proof: proof.clone() }
    }
}
