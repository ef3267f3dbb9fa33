//! Expectations about the state as they are written.

use serde::{Deserialize, Serialize};

use super::{HoldingRecord, Name, Pairs, StateRecord};

/// Whether some keys can spend from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `account` and `keys`")]
pub struct CanSpendRecord<'a> {
    /// The account.
    #[serde(borrow)]
    pub account: Name<'a>,
    /// The keys.
    #[serde(borrow)]
    pub keys: Vec<Name<'a>>,
    /// In the present state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<bool>,
    /// After any chain of transactions these keys can get accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eventually: Option<bool>,
}

/// Whether the keys that are left cannot spend from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `account`")]
pub struct LockedRecord<'a> {
    /// The account.
    #[serde(borrow)]
    pub account: Name<'a>,
    /// In the present state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<bool>,
    /// For ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eventually: Option<bool>,
}

/// The minimal key sets of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `account`")]
pub struct QuorumsRecord<'a> {
    /// The account.
    #[serde(borrow)]
    pub account: Name<'a>,
    /// That can spend now.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub now: Option<Vec<Vec<Name<'a>>>>,
    /// That can spend in the end.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub eventually: Option<Vec<Vec<Name<'a>>>>,
}

/// Expectations about the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object of expectations")]
pub struct CheckRecord<'a> {
    /// What accounts hold.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub balance: Option<Pairs<Name<'a>, HoldingRecord<'a>>>,
    /// All multisig accounts.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub state: Option<StateRecord<'a>>,
    /// Who can spend.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub can_spend: Option<CanSpendRecord<'a>>,
    /// What is locked.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub locked: Option<LockedRecord<'a>>,
    /// Minimal key sets.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub quorums: Option<QuorumsRecord<'a>>,
}
