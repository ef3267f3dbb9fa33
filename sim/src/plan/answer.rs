//! What `plan` answers.

use serde::{Deserialize, Serialize};

use crate::replay::ProtocolId;
use crate::scenario::Document;
use crate::version::Version;

/// The transactions from one state of accounts to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Plan {
    /// Whether there is a plan; false as well where the work ended before one was found (`complete`).
    pub possible: bool,
    /// Why there is none: the limit, the signature or the opt-in that is missing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
    /// Whether it is proved that no plan has fewer transactions.
    pub shortest: bool,
    /// Whether it is proved that no plan of as few transactions opens narrower windows.
    pub narrowest: bool,
    /// Whether the search came to its end; false where the bound on work or time, or Ctrl-C, ended it.
    pub complete: bool,
    /// The transactions, in order.
    pub transactions: Vec<Transaction>,
    /// What opens between them; empty where nothing does.
    pub windows: Vec<Window>,
    /// Whether these are all windows of the plan.
    pub windows_complete: bool,
    /// Keys that nobody can sign with.
    pub lost: Vec<String>,
    /// Keys that a thief holds.
    pub stolen: Vec<String>,
    /// What the thief can do before the first transaction, a sentence an account.
    pub thief: Vec<String>,
    /// What else has to be known.
    pub notes: Vec<String>,
    /// The plan as a scenario: the old state at its start, the new one at its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scenario: Option<Document>,
    /// The protocol.
    #[serde(flatten)]
    pub protocol: ProtocolId,
    /// The version that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// One transaction of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Transaction {
    /// Who signs it, the one who sends it first; no fewer keys are enough.
    pub signers: Vec<String>,
    /// The accounts that it modifies.
    pub accounts: Vec<String>,
    /// The modifications inside, in order.
    pub changes: Vec<PlannedModification>,
}

/// One modification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct PlannedModification {
    /// The account that is modified.
    pub account: String,
    /// Cosignatories that it adds.
    pub additions: Vec<String>,
    /// Cosignatories that it removes.
    pub deletions: Vec<String>,
    /// Min approval afterwards (NIS1: min cosignatories, 0 = all); 0 for a plain account.
    pub min_approval: u32,
    /// Min removal afterwards; 0 on NIS1 and for a plain account.
    pub min_removal: u32,
    /// Whether it has no cosignatories afterwards.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub plain: bool,
}

/// What some keys can do between two transactions, and neither before nor after the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Window {
    /// It is open once so many transactions are through, until the next one is.
    pub after: usize,
    /// The account.
    pub account: String,
    /// `now`, `eventually`, or `now and eventually`.
    pub when: String,
    /// The minimal sets of keys that spend; at most 2,000 of them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub gain: Vec<Vec<String>>,
    /// How many they are.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub gain_count: usize,
    /// Where all keys together do not spend: the minimal sets that spend before and after.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lose: Vec<Vec<String>>,
    /// How many they are.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub lose_count: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Plan {
    /// Whether there is a plan and no window opens.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.possible && self.windows.is_empty() && self.windows_complete
    }
}
