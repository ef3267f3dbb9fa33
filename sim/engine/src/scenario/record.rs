//! A scenario as it is written: the exact fields of header and steps, borrowed from the text.
//!
//! Every record refuses unknown and duplicate fields. Names are still text here; `read` turns them
//! into ids, `write` turns a [`Step`](super::Step) back into records.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::protocol::json::ProtocolRecord;

mod check;
mod transaction;

pub use check::{CanSpendRecord, CheckRecord, LockedRecord, QuorumsRecord};
pub use transaction::{ChangeKind, ChangeRecord, SupplyAction, TransactionRecord, TransactionType};

/// A word of the text: the name of an account, a mosaic or a waiting transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// A whole number from 0 to 2^64 - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Number(pub u64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Number;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a whole number from 0 to 18446744073709551615")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
                Err(not_whole(value, &self))
            }
        }
        deserializer.deserialize_u64(Whole)
    }
}

/// The parser reads a number that no 64 bits can hold as a fraction; for the reader it is too large.
fn not_whole<E: de::Error>(value: f64, expected: &dyn de::Expected) -> E {
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    if value >= BEYOND {
        return E::custom(format!(
            "a number that is more than 18446744073709551615; expected {expected}"
        ));
    }
    E::invalid_type(de::Unexpected::Float(value), expected)
}

/// A JSON object in the order it was written, keys once each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs<K, V>(pub Vec<(K, V)>);

impl<K, V> Default for Pairs<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Serialize, V: Serialize> Serialize for Pairs<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<Name<'a>, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<V>(std::marker::PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Vec<(Name<'de>, V)>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs: Vec<(Name<'de>, V)> = Vec::new();
                let mut sorted = true;
                while let Some((name, value)) = map.next_entry::<Name<'de>, V>()? {
                    sorted = sorted && pairs.last().is_none_or(|(last, _)| *last < name);
                    pairs.push((name, value));
                }
                if !sorted {
                    let mut names: Vec<&Name<'de>> = pairs.iter().map(|(name, _)| name).collect();
                    names.sort_unstable();
                    let twice = names.windows(2).find(|pair| pair.first() == pair.last());
                    if let Some([name, _]) = twice {
                        return Err(de::Error::custom(format!("duplicate name `{}`", name.0)));
                    }
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(InOrder(std::marker::PhantomData)).map(Pairs)
    }
}

/// The thresholds and cosignatories of one multisig account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object: thresholds and `cosignatories`")]
pub struct EntryRecord<'a> {
    /// Min approval (all but nis1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_approval: Option<u32>,
    /// Min removal (all but nis1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_removal: Option<u32>,
    /// Min cosignatories (nis1), 0 = all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_cosignatories: Option<u32>,
    /// The cosignatories, sorted by name.
    #[serde(borrow)]
    pub cosignatories: Vec<Name<'a>>,
}

/// All multisig accounts, sorted by name.
pub type StateRecord<'a> = Pairs<Name<'a>, EntryRecord<'a>>;

/// A step's state: still as text where it was read (most are equal to the ledger's own text and need
/// no reading), as entries where it is to be written.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum StateText<'a> {
    /// As it stands in the file.
    Text(&'a RawValue),
    /// To be written.
    Entries(StateRecord<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for StateText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(Self::Text)
    }
}

impl<'a> StateText<'a> {
    /// The entries.
    ///
    /// # Errors
    /// A text that is no state: an unknown field, a name twice, a wrong type.
    pub fn entries(&self) -> Result<StateRecord<'a>, serde_json::Error> {
        match self {
            Self::Text(text) => serde_json::from_str(text.get()),
            Self::Entries(entries) => Ok(entries.clone()),
        }
    }
}

/// What an account holds: a number of the currency, or numbers by mosaic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldingRecord<'a> {
    /// So much of the currency.
    Currency(u64),
    /// So much of each mosaic.
    Mosaics(Pairs<Name<'a>, Number>),
}

impl Serialize for HoldingRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Currency(amount) => serializer.serialize_u64(*amount),
            Self::Mosaics(pairs) => pairs.serialize(serializer),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for HoldingRecord<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = HoldingRecord<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a balance: a whole number from 0 to 18446744073709551615, or an object of mosaics",
                )
            }
            fn visit_u64<E: de::Error>(self, amount: u64) -> Result<Self::Value, E> {
                Ok(HoldingRecord::Currency(amount))
            }
            fn visit_f64<E: de::Error>(self, amount: f64) -> Result<Self::Value, E> {
                Err(not_whole(amount, &self))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let pairs = Deserialize::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(HoldingRecord::Mosaics(pairs))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The limits in the header of a recorded trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object of limits")]
pub struct LimitsRecord {
    /// Most cosignatories of one account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cosignatories_per_account: Option<u32>,
    /// Most accounts that one account cosigns for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cosigned_accounts_per_account: Option<u32>,
    /// Most levels, in edges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_multisig_depth: Option<u32>,
    /// Most signatures of one aggregate, the signer's included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cosignatures_per_aggregate: Option<u32>,
    /// Most transactions inside one aggregate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_transactions_per_aggregate: Option<u32>,
}

/// A protocol by name, or a base and what it changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ProtocolChoice {
    /// A preset's name.
    Preset(String),
    /// A protocol of one's own.
    Own(Box<ProtocolRecord>),
}

impl<'de> Deserialize<'de> for ProtocolChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Choice;
        impl<'de> Visitor<'de> for Choice {
            type Value = ProtocolChoice;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a preset's name or an object with a `base`")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<ProtocolChoice, E> {
                Ok(ProtocolChoice::Preset(name.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ProtocolChoice, A::Error> {
                let record = Deserialize::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(ProtocolChoice::Own(Box::new(record)))
            }
        }
        deserializer.deserialize_any(Choice)
    }
}

/// A mosaic that exists from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mosaic: an object with `name` and `owner`")]
pub struct MosaicRecord<'a> {
    /// Its name in this scenario.
    #[serde(borrow)]
    pub name: Name<'a>,
    /// The account that may change its supply.
    #[serde(borrow)]
    pub owner: Name<'a>,
    /// Decimal places, 0 to 6; 0 if absent.
    #[serde(default)]
    pub divisibility: u8,
    /// Whether the supply may change; true if absent.
    #[serde(default = "yes")]
    pub supply_mutable: bool,
    /// Whether others than the owner may pass it on; true if absent.
    #[serde(default = "yes")]
    pub transferable: bool,
}

const fn yes() -> bool {
    true
}

/// The header of a scenario; in the `.json` layout with the steps, still as text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "the header: an object with `format`, `version`, a protocol and `accounts`"
)]
pub struct HeaderRecord<'a> {
    /// Always `multisig-trace`.
    #[serde(borrow)]
    pub format: Name<'a>,
    /// Always 1.
    pub version: u32,
    /// A short name.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub name: Option<Name<'a>>,
    /// What it shows, in words.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub description: Option<Name<'a>>,
    /// The rule set of a recorded trace.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub ruleset: Option<Name<'a>>,
    /// The limits of a recorded trace.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limits: Option<LimitsRecord>,
    /// The protocol of a written scenario.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protocol: Option<ProtocolChoice>,
    /// All accounts.
    #[serde(borrow)]
    pub accounts: Vec<Name<'a>>,
    /// The mosaics that exist from the start.
    #[serde(skip_serializing_if = "Vec::is_empty", borrow, default)]
    pub mosaics: Vec<MosaicRecord<'a>>,
    /// What accounts hold at the start; absent = nothing.
    #[serde(skip_serializing_if = "is_empty", borrow, default)]
    pub balances: Pairs<Name<'a>, HoldingRecord<'a>>,
    /// The multisig accounts at the start.
    #[serde(skip_serializing_if = "is_empty", borrow, default)]
    pub state: StateRecord<'a>,
    /// Keys that do not exist any more.
    #[serde(skip_serializing_if = "Vec::is_empty", borrow, default)]
    pub lost: Vec<Name<'a>>,
    /// Keys that a thief holds, too.
    #[serde(skip_serializing_if = "Vec::is_empty", borrow, default)]
    pub stolen: Vec<Name<'a>>,
    /// The steps, in the `.json` layout only.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub steps: Option<Vec<&'a RawValue>>,
}

fn is_empty<K, V>(pairs: &Pairs<K, V>) -> bool {
    pairs.0.is_empty()
}

/// A transaction that may have to wait, under a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `id` and `transaction`")]
pub struct AnnounceRecord<'a> {
    /// The name that cosignatures and hash locks use.
    #[serde(borrow)]
    pub id: Name<'a>,
    /// Its deadline, in blocks from here; may stand in the transaction as well.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_blocks: Option<i64>,
    /// The same in seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_seconds: Option<i64>,
    /// The transaction.
    #[serde(borrow)]
    pub transaction: TransactionRecord<'a>,
}

/// A cosignature for a waiting transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `id` and `signer`")]
pub struct CosignRecord<'a> {
    /// Which waiting transaction.
    #[serde(borrow)]
    pub id: Name<'a>,
    /// Whose signature.
    #[serde(borrow)]
    pub signer: Name<'a>,
}

/// The end of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object, perhaps with a `harvester`")]
pub struct SealRecord<'a> {
    /// Who collects fees and forfeited deposits.
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    pub harvester: Option<Name<'a>>,
}

/// Time that passes: blocks, or seconds rounded up to blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `blocks` or `seconds`")]
pub struct AdvanceRecord {
    /// Number of blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Number>,
    /// Number of seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Number>,
}

/// Blocks that are taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `blocks`")]
pub struct RollBackRecord {
    /// Number of sealed blocks; what is open goes with them.
    pub blocks: Number,
}

/// One step: exactly one action, and what is expected of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a step: an object with one action")]
#[expect(missing_docs, reason = "the words of the format, described in scenarios/README.md")]
pub struct StepRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub note: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub transaction: Option<TransactionRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub announce: Option<Box<AnnounceRecord<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub cosign: Option<CosignRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub seal_block: Option<SealRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advance: Option<AdvanceRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll_back: Option<RollBackRecord>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub lose: Option<Vec<Name<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub steal: Option<Vec<Name<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub check: Option<Box<CheckRecord<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub wire: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub result: Option<Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    pub state: Option<StateText<'a>>,
}
