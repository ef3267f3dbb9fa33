//! Which thresholds to choose: every pair of them with what it is worth.

use serde::{Deserialize, Serialize};

use super::period::Period;
use crate::analysis::{Design, Number, Risk};
use crate::protocol::Protocol;
use crate::replay::ProtocolId;
use crate::version::Version;

/// All thresholds of an account of so many keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Designs {
    /// The protocol.
    #[serde(flatten)]
    pub protocol: ProtocolId,
    /// The rule set the protocol builds on.
    pub base: String,
    /// How many keys.
    pub keys: usize,
    /// The time that the probabilities are meant for, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Every choice.
    pub designs: Vec<DesignFigures>,
    /// The version that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// One choice of thresholds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct DesignFigures {
    /// Min approval; NIS1: min cosignatories.
    pub min_approval: u32,
    /// Min removal; NIS1: the same as min approval.
    pub min_removal: u32,
    /// What it is worth now, by one payment.
    pub now: RiskFigures,
    /// What it is worth eventually, after any chain of transactions.
    pub eventually: RiskFigures,
    /// Whether no other choice is better in one respect and as good in the others.
    pub frontier: bool,
}

/// What a choice is worth in one view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct RiskFigures {
    /// The fewest keys that spend.
    pub signatures: u32,
    /// How likely the account is locked.
    pub lockout_probability: Number,
    /// How likely thieves can spend.
    pub theft_probability: Number,
    /// Whether no other choice is better in one respect of this view and as good in the other.
    pub frontier: bool,
}

impl Designs {
    /// All choices of thresholds for so many keys.
    #[must_use]
    pub fn new(keys: usize, protocol: &Protocol, rows: &[Design]) -> Self {
        let risk = |risk: &Risk| RiskFigures {
            signatures: risk.signatures,
            lockout_probability: risk.lockout.into(),
            theft_probability: risk.theft.into(),
            frontier: risk.frontier,
        };
        let row = |row: &Design| DesignFigures {
            min_approval: row.min_approval,
            min_removal: row.min_removal,
            now: risk(&row.now),
            eventually: risk(&row.eventually),
            frontier: row.frontier,
        };
        Self {
            protocol: ProtocolId::of(protocol),
            base: protocol.base.name().to_owned(),
            keys,
            period: None,
            designs: rows.iter().map(row).collect(),
            version: Version::default(),
        }
    }
}
