//! A transaction as it is written.

use serde::{Deserialize, Serialize};

use super::{Name, Number, Pairs};

/// The kinds of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the format, described in scenarios/README.md")]
pub enum TransactionType {
    AggregateComplete,
    AggregateBonded,
    Multisig,
    MultisigModification,
    Transfer,
    HashLock,
    MosaicDefinition,
    MosaicSupplyChange,
    Block,
}

impl TransactionType {
    /// The word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AggregateComplete => "aggregate_complete",
            Self::AggregateBonded => "aggregate_bonded",
            Self::Multisig => "multisig",
            Self::MultisigModification => "multisig_modification",
            Self::Transfer => "transfer",
            Self::HashLock => "hash_lock",
            Self::MosaicDefinition => "mosaic_definition",
            Self::MosaicSupplyChange => "mosaic_supply_change",
            Self::Block => "block",
        }
    }
}

/// What an entry of an ordered modification does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the format, described in scenarios/README.md")]
pub enum ChangeKind {
    Add,
    Remove,
    Invalid,
}

/// One entry of an ordered modification (catapult-v3, catapult-v1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `action` and `cosignatory`")]
pub struct ChangeRecord<'a> {
    /// What it does.
    pub action: ChangeKind,
    /// To whom.
    #[serde(borrow)]
    pub cosignatory: Name<'a>,
}

/// Which way a supply moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the format, described in scenarios/README.md")]
pub enum SupplyAction {
    Increase,
    Decrease,
}

/// A transaction: the fields of every kind, of which each kind takes its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a transaction: an object with `type`")]
#[expect(missing_docs, reason = "the words of the format, described in scenarios/README.md")]
pub struct TransactionRecord<'a> {
    #[serde(rename = "type")]
    pub kind: TransactionType,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub signer: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub cosignatures: Option<Vec<Name<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub transactions: Option<Vec<TransactionRecord<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_removal_delta: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_approval_delta: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_cosignatories_delta: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub additions: Option<Vec<Name<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub deletions: Option<Vec<Name<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub modifications: Option<Vec<ChangeRecord<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub recipient: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub mosaics: Option<Pairs<Name<'a>, Number>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub message: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub id: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_blocks: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub mosaic: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divisibility: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply_mutable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<SupplyAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_blocks: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
}

impl TransactionRecord<'_> {
    /// A record of this kind without any other field.
    #[must_use]
    pub const fn new(kind: TransactionType) -> Self {
        Self {
            kind,
            signer: None,
            cosignatures: None,
            transactions: None,
            min_removal_delta: None,
            min_approval_delta: None,
            min_cosignatories_delta: None,
            additions: None,
            deletions: None,
            modifications: None,
            version: None,
            recipient: None,
            amount: None,
            mosaics: None,
            message: None,
            id: None,
            duration_blocks: None,
            mosaic: None,
            divisibility: None,
            supply_mutable: None,
            transferable: None,
            action: None,
            deadline_blocks: None,
            deadline_seconds: None,
        }
    }

    /// Every account that it names, with repeats.
    #[must_use]
    pub fn account_names(&self) -> Vec<&str> {
        let one = [&self.signer, &self.recipient].into_iter().flatten();
        let lists = [&self.cosignatures, &self.additions, &self.deletions];
        let several = lists.into_iter().flatten().flatten();
        let changed = self.modifications.iter().flatten().map(|change| &change.cosignatory);
        let own = one.chain(several).chain(changed).map(|name| &*name.0);
        let inner = self.transactions.iter().flatten().flat_map(Self::account_names);
        own.chain(inner).collect()
    }
}
