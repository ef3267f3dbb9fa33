//! Which server a properties file was written for, by the keys that only some servers have.

use super::document::Document;
use super::{CHAIN, COSIGNATORIES, COSIGNERS, FORK_HEIGHTS, MULTISIG, NETWORK};
use crate::key::Era;
use crate::protocol::Base;

/// The server that a file was written for: its rules, its bytes, and what says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The rule set.
    pub base: Base,
    /// The byte format.
    pub era: Era,
    /// The server's versions, such as `0.9.6 and later`.
    pub servers: &'static str,
    /// The key or section that decided.
    pub decided_by: &'static str,
    /// The section that the key stands in, or should stand in.
    pub section: &'static str,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { base, era, servers, decided_by, section } = self;
        let base = base.name();
        write!(
            formatter,
            "rules of `{base}`, bytes of era {era}, servers {servers}: decided by `{decided_by}`"
        )?;
        if decided_by == section { Ok(()) } else { write!(formatter, " in `[{section}]`") }
    }
}

/// The first key of servers from 0.9.6 on; `publicKey` before.
pub(super) const NEMESIS_SIGNER: &str = "nemesisSignerPublicKey";

const FROM_0_9_6: &str = "0.9.6 and later";
const FROM_0_7: &str = "0.7 to 0.9.2";

/// What each key says, the first one that is there decides. The last one has no key of its own.
///
/// Source: `resources/config-network.properties` of the server's tags v0.1.0.1 to v1.0: `[network]
/// publicKey` became `nemesisSignerPublicKey` in v0.9.6, `epochAdjustment` came with v0.9.3,
/// `generationHashSeed` with v0.9.5, `maxCosignersPerAccount` was renamed in v0.7.
const KEYS: [(&str, &str, Base, Era, &str); 7] = [
    (NETWORK, NEMESIS_SIGNER, Base::Symbol, Era::C, FROM_0_9_6),
    (MULTISIG, COSIGNERS, Base::CatapultV3, Era::A, "to 0.6"),
    (FORK_HEIGHTS, FORK_HEIGHTS, Base::Symbol, Era::C, FROM_0_9_6),
    (CHAIN, "maxVotingKeysPerAccount", Base::Symbol, Era::C, FROM_0_9_6),
    (CHAIN, "votingSetGrouping", Base::Symbol, Era::C, FROM_0_9_6),
    (NETWORK, "generationHashSeed", Base::Symbol, Era::B2, "0.9.5"),
    (NETWORK, "epochAdjustment", Base::Symbol, Era::B2, "0.9.3 and 0.9.4"),
];

/// The server that a file was written for.
///
/// In this order: `nemesisSignerPublicKey` (Symbol, whatever the identifier says),
/// `maxCosignersPerAccount` (to 0.6), a section `[fork_heights]` or a key about voting (Symbol),
/// `generationHashSeed` (0.9.5), `epochAdjustment` (0.9.3): rules of Symbol in the bytes of era B2; else
/// 0.7 to 0.9.2. Servers 0.5 and 0.6 send the bytes of era A1, which no key says.
#[must_use]
pub fn origin_of(document: &Document<'_>) -> Origin {
    let is_there = |section: &str, key: &str| match section == key {
        true => document.section(section).is_some(),
        false => document.entry(section, key).is_some(),
    };
    let found = KEYS.iter().find(|(section, key, ..)| is_there(section, key));
    let (section, decided_by, base, era, servers) = match (found, is_there(NETWORK, "publicKey")) {
        (Some(&found), _) => found,
        (None, true) => (NETWORK, "publicKey", Base::CatapultV1, Era::B, FROM_0_7),
        (None, false) => (MULTISIG, COSIGNATORIES, Base::CatapultV1, Era::B, FROM_0_7),
    };
    Origin { base, era, servers, decided_by, section }
}
