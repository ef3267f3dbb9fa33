//! Seeded bugs: edits of the protocol, each a mistake that a real implementation made or could make.
//!
//! A fault changes limits, switches or the [`Conduct`](crate::protocol::Conduct) of a protocol and
//! nothing else. The ledger follows the edited protocol; invariants and the auditor judge by the healthy one.
//!
//! ```
//! use quorate::fault::Fault;
//! use quorate::protocol::Protocol;
//!
//! let healthy = Protocol::preset("symbol-mainnet").unwrap();
//! let fault = Fault::named("no-opt-in").unwrap();
//! assert!(healthy.switches.opt_in && !fault.seeded_in(&healthy).switches.opt_in);
//! ```

mod catapult;
mod ledger;
mod limits;
mod nis1;
mod waiting;

use serde::{Deserialize, Serialize};

use crate::account::nearest;
use crate::protocol::{Base, Protocol};

/// A seeded bug.
#[derive(Clone, Copy)]
pub struct Fault {
    /// Its name on the command line.
    pub name: &'static str,
    /// The presets it makes a difference in; the first one is tried unless another is named.
    pub protocols: &'static [&'static str],
    /// What is wrong, in a sentence.
    pub description: &'static str,
    /// Where it comes from: a commit or tag of a server, or the section of the rule it breaks.
    pub origin: &'static str,
    edit: fn(&mut Protocol),
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Fault").field(&self.name).finish()
    }
}

/// Seeded faults as `quorate faults` answers with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Catalogue {
    /// The faults.
    #[cfg_attr(feature = "schemas", schemars(length(min = 1)))]
    pub faults: Vec<Entry>,
}

/// A seeded fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its name on the command line.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[a-z0-9-]+$")))]
    pub name: String,
    /// The presets it makes a difference in.
    #[cfg_attr(feature = "schemas", schemars(length(min = 1)))]
    pub protocols: Vec<String>,
    /// What is wrong, in a sentence.
    pub description: String,
    /// Where it comes from: a commit or tag of a server, or the section of the rule it breaks.
    pub origin: String,
}

impl From<&Fault> for Entry {
    fn from(fault: &Fault) -> Self {
        Self {
            name: fault.name.to_owned(),
            protocols: fault.protocols.iter().map(ToString::to_string).collect(),
            description: fault.description.to_owned(),
            origin: fault.origin.to_owned(),
        }
    }
}

impl<'f> FromIterator<&'f Fault> for Catalogue {
    fn from_iter<I: IntoIterator<Item = &'f Fault>>(faults: I) -> Self {
        Self { faults: faults.into_iter().map(Entry::from).collect() }
    }
}

/// All presets but NIS1.
const CATAPULT: &[&str] = &["symbol-mainnet", "symbol-private", "catapult-v1", "catapult-v3"];
/// The two older Catapult eras.
const ERAS: &[&str] = &["catapult-v1", "catapult-v3"];
/// Symbol alone.
const SYMBOL: &[&str] = &["symbol-mainnet", "symbol-private"];
/// NIS1 alone.
const NIS1: &[&str] = &["nis1"];
/// Everything.
const ALL: &[&str] = &["symbol-mainnet", "symbol-private", "catapult-v1", "catapult-v3", "nis1"];

impl Fault {
    /// Every fault: rules of modifications and signatures, limits, the ledger's own work, what waits,
    /// NIS1.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let rooms =
            [catapult::FAULTS, limits::FAULTS, ledger::FAULTS, waiting::FAULTS, nis1::FAULTS];
        rooms.into_iter().flatten()
    }

    /// The fault of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|fault| fault.name == name)
    }

    /// The fault nearest in spelling, for a hint behind an unknown name.
    #[must_use]
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, Self::all().map(|fault| fault.name))
    }

    /// The protocol with this fault in it.
    #[must_use]
    pub fn seeded_in(&self, healthy: &Protocol) -> Protocol {
        let mut protocol = healthy.clone();
        (self.edit)(&mut protocol);
        protocol
    }

    /// Whether the fault can make a difference to rules of this base.
    #[must_use]
    pub fn concerns(&self, base: Base) -> bool {
        let presets = self.protocols.iter().filter_map(|name| Protocol::preset(name));
        presets.into_iter().any(|preset| preset.base == base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_fault_has_a_name_of_its_own_a_sentence_and_changes_its_protocols() {
        let names: BTreeSet<&str> = Fault::all().map(|fault| fault.name).collect();
        assert_eq!(names.len(), Fault::all().count());
        assert!(names.len() >= 45, "{} faults", names.len());
        for fault in Fault::all() {
            assert!(fault.description.ends_with('.'), "{}", fault.name);
            assert!(!fault.origin.is_empty() && !fault.protocols.is_empty(), "{}", fault.name);
            for name in fault.protocols {
                let healthy = Protocol::preset(name).unwrap();
                assert_ne!(fault.seeded_in(&healthy), healthy, "{} in {name}", fault.name);
            }
        }
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(Fault::nearest("no-optin"), Some("no-opt-in"));
        assert!(Fault::named("no-optin").is_none());
    }
}
