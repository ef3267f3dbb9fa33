//! The fields of a protocol file, and what each base does with them.

use super::{Base, Limits, Problem, Switches};
use crate::protocol::{EligibleAddition, Threshold};
use serde::Serialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A protocol file: a base and what it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProtocolRecord {
    /// `multisig-protocol`, if given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// 1, if given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The protocol's own name; without it, the base's.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A preset, such as `symbol-mainnet`, or a rule set, such as `symbol`.
    pub base: String,
    /// The limits that differ from the base.
    #[serde(default, deserialize_with = "object", skip_serializing_if = "LimitsRecord::is_empty")]
    pub limits: LimitsRecord,
    /// The switches that differ from the base.
    #[serde(
        default,
        deserialize_with = "object",
        skip_serializing_if = "SwitchesRecord::is_empty"
    )]
    pub switches: SwitchesRecord,
}

/// Reads a field that, once named, must have a value: `null` is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

/// Reads an object; a list of the fields' values in order, which serde would take as well, is none.
pub(super) fn object<'de, D, T>(reader: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    reader.deserialize_any(Object(PhantomData))
}

/// Declares the record of a structure: the same fields, each of them optional.
macro_rules! record {
    (
        $(#[$about:meta])* $record:ident of $whole:ident, in full $described:ident;
        $($field:ident: $written:ty, $meaning:literal;)+
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $record {
            $(
                #[doc = $meaning]
                #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
                pub $field: Option<$written>,
            )+
        }

        impl $record {
            /// How many fields are named.
            #[must_use]
            pub fn len(&self) -> usize {
                [$(self.$field.is_some()),+].into_iter().filter(|&named| named).count()
            }

            /// Whether no field is named.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The fields of `changed` that differ from `base`.
            #[must_use]
            pub fn difference(base: &$whole, changed: &$whole) -> Self {
                Self {
                    $($field: (base.$field != changed.$field).then(|| changed.$field.into()),)+
                }
            }

            /// Writes the named fields over `whole`, if `base` has a use for them.
            pub(super) fn apply(&self, base: Base, whole: &mut $whole) -> Result<(), Problem> {
                $(
                    if let Some(written) = self.$field {
                        let before = whole.$field;
                        whole.$field = written.into();
                        check(base, stringify!($field), written, whole.$field == before)?;
                    }
                )+
                Ok(())
            }
        }

        #[doc = concat!("All fields of [`", stringify!($record), "`]; null for one that the base has no use for.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
        pub struct $described {
            $(
                #[doc = $meaning]
                pub $field: Option<$written>,
            )+
        }

        impl $described {
            /// All that `whole` says under this base.
            pub(super) fn of(base: Base, whole: &$whole) -> Self {
                Self {
                    $($field: Some(<$written>::from(whole.$field))
                        .filter(|value| is_used(base, stringify!($field), *value)),)+
                }
            }

            /// Every field's name and value as a file spells it.
            #[must_use]
            pub fn spelt(&self) -> Vec<(&'static str, Option<String>)> {
                vec![$((stringify!($field), self.$field.map(Written::spelt)),)+]
            }
        }
    };
}

record! {
    /// The limits of a protocol file; what each means stands with [`Limits`].
    LimitsRecord of Limits, in full LimitsDescription;
    max_cosignatories_per_account: u32, "Most cosignatories of one account.";
    max_cosigned_accounts_per_account: u32, "Most accounts that one account cosigns for.";
    max_multisig_depth: u32, "Most levels in edges, 0 to 255.";
    max_cosignatures_per_aggregate: u32, "Most signatures of an aggregate, its signer included.";
    max_transactions_per_aggregate: u32, "Most transactions of an aggregate.";
    max_transactions_per_block: u32, "Most transactions of a block (NIS1).";
    max_message_bytes: u32, "Longest message, in bytes.";
    transaction_lifetime_seconds: u64, "How far ahead any other deadline may lie, in seconds.";
    bonded_lifetime_seconds: u64, "How long a bonded aggregate may wait, in seconds.";
    hash_lock_amount: u64, "A hash lock's deposit, in the currency's smallest unit.";
    hash_lock_duration_blocks_max: u64, "Longest hash lock, in blocks.";
    max_rollback_blocks: u64, "How many blocks a server may take back.";
    block_time_seconds: u64, "Time between two blocks in seconds, from 1 on.";
}

record! {
    /// The switches of a protocol file; what each means stands with [`Switches`].
    SwitchesRecord of Switches, in full SwitchesDescription;
    opt_in: bool, "Whether an added account must consent.";
    removal_threshold: ThresholdName, "What a modification with deletions only needs.";
    mixed_threshold: ThresholdName, "What a modification with deletions and additions needs.";
    pass_down: bool, "Whether nested levels are judged by the same kind of operation.";
    max_deletions_per_modification: u32, "Most deletions of one modification, 0 to 255.";
    eligible_addition: EligibleName, "Whose signatures an added account makes eligible.";
    strict_cosignature_check: bool, "Whether only signers of embedded transactions may sign.";
    bonded_aggregates: bool, "Whether bonded aggregates exist.";
    n_of_n_removal_by_others: bool, "NIS1: whether N-of-N removal needs only the N - 1 others.";
}

/// How a protocol file spells a [`Threshold`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ThresholdName {
    /// Min approval.
    Approval,
    /// Min removal.
    Removal,
    /// The larger of the two.
    Max,
}

impl From<ThresholdName> for Threshold {
    fn from(name: ThresholdName) -> Self {
        match name {
            ThresholdName::Approval => Self::Approval,
            ThresholdName::Removal => Self::Removal,
            ThresholdName::Max => Self::Larger,
        }
    }
}

impl From<Threshold> for ThresholdName {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Approval => Self::Approval,
            Threshold::Removal => Self::Removal,
            Threshold::Larger => Self::Max,
        }
    }
}

/// How a protocol file spells an [`EligibleAddition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EligibleName {
    /// The added account's own key.
    OwnKey,
    /// The keys at the bottom of its tree.
    Leaves,
}

impl From<EligibleName> for EligibleAddition {
    fn from(name: EligibleName) -> Self {
        match name {
            EligibleName::OwnKey => Self::OwnKey,
            EligibleName::Leaves => Self::Leaves,
        }
    }
}

impl From<EligibleAddition> for EligibleName {
    fn from(eligible: EligibleAddition) -> Self {
        match eligible {
            EligibleAddition::OwnKey => Self::OwnKey,
            EligibleAddition::Leaves => Self::Leaves,
        }
    }
}

/// A value of a protocol file: a number, a flag or a word.
trait Written: Copy {
    /// The number, for a range check.
    fn number(self) -> Option<u64> {
        None
    }

    /// As a file spells it.
    fn spelt(self) -> String;
}

impl Written for u32 {
    fn number(self) -> Option<u64> {
        Some(u64::from(self))
    }

    fn spelt(self) -> String {
        self.to_string()
    }
}

impl Written for u64 {
    fn number(self) -> Option<u64> {
        Some(self)
    }

    fn spelt(self) -> String {
        self.to_string()
    }
}

impl Written for bool {
    fn spelt(self) -> String {
        self.to_string()
    }
}

impl Written for ThresholdName {
    fn spelt(self) -> String {
        match self {
            Self::Approval => "approval".into(),
            Self::Removal => "removal".into(),
            Self::Max => "max".into(),
        }
    }
}

impl Written for EligibleName {
    fn spelt(self) -> String {
        match self {
            Self::OwnKey => "own_key".into(),
            Self::Leaves => "leaves".into(),
        }
    }
}

/// Whether a named field is in range and of any use. A limit may be named as the base has it.
fn check(
    base: Base,
    field: &'static str,
    written: impl Written,
    is_unchanged: bool,
) -> Result<(), Problem> {
    if let Some(found) = written.number() {
        let (min, max) = range(field);
        if !(min..=max).contains(&found) {
            return Err(Problem::OutOfRange { field, found, min, max });
        }
        if is_unchanged && is_limit(field) {
            return Ok(());
        }
    }
    match no_use(base, field) {
        None => Ok(()),
        Some(reason) => {
            let found = written.spelt();
            let found = if is_word(&found) { format!("`{found}`") } else { found };
            Err(Problem::NoUse { field, found, base: base.name(), reason })
        }
    }
}

/// Whether a spelt value is a word, neither a number nor a flag.
fn is_word(spelt: &str) -> bool {
    !matches!(spelt, "true" | "false") && !spelt.starts_with(|first: char| first.is_ascii_digit())
}

fn is_limit(field: &str) -> bool {
    field != "max_deletions_per_modification"
}

/// Both bounds included. Depth and deletions are one byte on a server.
fn range(field: &str) -> (u64, u64) {
    match field {
        "max_multisig_depth" | "max_deletions_per_modification" => (0, u64::from(u8::MAX)),
        "block_time_seconds" => (1, u64::MAX),
        _ => (0, u64::MAX),
    }
}

/// Why `base` has no use for a limit or a switch, as the end of a sentence that starts with it.
fn no_use(base: Base, field: &str) -> Option<&'static str> {
    match base {
        Base::Nis1 => no_use_on_nis1(field),
        Base::CatapultV3 | Base::CatapultV1 | Base::Symbol => no_use_on_catapult(field),
    }
}

fn no_use_on_nis1(field: &str) -> Option<&'static str> {
    Some(match field {
        "max_cosigned_accounts_per_account" => "does not limit how many accounts one cosigns for",
        "max_multisig_depth" => "has one level, since no cosignatory can be a multisig account",
        "max_cosignatures_per_aggregate"
        | "max_transactions_per_aggregate"
        | "strict_cosignature_check"
        | "bonded_aggregates" => "has no aggregates",
        "hash_lock_amount" | "hash_lock_duration_blocks_max" | "max_rollback_blocks" => {
            "has no hash locks"
        }
        "opt_in" | "eligible_addition" => "never asks an added account for its consent",
        "removal_threshold" | "mixed_threshold" => "has a single threshold, min cosignatories",
        "pass_down" => "has no nested levels",
        "max_deletions_per_modification" => "always allows one deletion in a modification",
        _ => return None,
    })
}

fn no_use_on_catapult(field: &str) -> Option<&'static str> {
    match field {
        "n_of_n_removal_by_others" => {
            Some("removes by min removal from an N-of-N account too; the switch belongs to `nis1`")
        }
        "max_transactions_per_block" => {
            Some("has no limit on blocks in this testbench; it belongs to `nis1`")
        }
        _ => None,
    }
}

/// Whether a description spells a field out: the base has a use for it, and it is a limit at all.
fn is_used(base: Base, field: &str, value: impl Written) -> bool {
    let is_unlimited = value.number() == Some(u64::from(u32::MAX));
    !is_unlimited && (no_use(base, field).is_none() || field == "max_multisig_depth")
}
