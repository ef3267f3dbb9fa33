//! Which fields a step and each kind of transaction have.

use super::{Misfit, misfit};
use crate::scenario::record::{StepRecord, TransactionRecord};

/// The actions and whether a step has them.
fn actions(record: &StepRecord<'_>) -> [(&'static str, bool); 9] {
    [
        ("transaction", record.transaction.is_some()),
        ("announce", record.announce.is_some()),
        ("cosign", record.cosign.is_some()),
        ("seal_block", record.seal_block.is_some()),
        ("advance", record.advance.is_some()),
        ("roll_back", record.roll_back.is_some()),
        ("lose", record.lose.is_some()),
        ("steal", record.steal.is_some()),
        ("check", record.check.is_some()),
    ]
}

/// Number of actions in a step.
pub(super) fn acts(record: &StepRecord<'_>) -> usize {
    actions(record).into_iter().map(|(_, present)| usize::from(present)).sum()
}

#[cold]
pub(super) fn several_actions(record: &StepRecord<'_>) -> String {
    let present = actions(record).into_iter().filter(|&(_, present)| present);
    let names: Vec<String> = present.map(|(name, _)| format!("`{name}`")).collect();
    format!("a step with several actions ({}); expected exactly one", names.join(", "))
}

pub(super) fn need<'r, T: ?Sized>(
    field: Option<&'r T>,
    record: &TransactionRecord<'_>,
    name: &str,
) -> Result<&'r T, Misfit> {
    match field {
        Some(value) => Ok(value),
        None => misfit(format!("a `{}` without `{name}`; it is required", record.kind.word())),
    }
}

/// The number, 0 if absent.
pub(super) fn within<T: TryFrom<i64> + Default>(
    number: Option<i64>,
    name: &str,
) -> Result<T, Misfit> {
    let Some(number) = number else { return Ok(T::default()) };
    T::try_from(number).or_else(|_| {
        let bits = size_of::<T>() * 8;
        let (least, most) = (-1i64 << (bits - 1), (1i64 << (bits - 1)) - 1);
        misfit(format!("`{name}` is {number}; expected {least} to {most}"))
    })
}

/// The optional fields of a transaction, as bits in the order of [`FIELD_NAMES`].
fn fields(record: &TransactionRecord<'_>) -> u32 {
    [
        record.cosignatures.is_some(),
        record.transactions.is_some(),
        record.min_removal_delta.is_some(),
        record.min_approval_delta.is_some(),
        record.min_cosignatories_delta.is_some(),
        record.additions.is_some(),
        record.deletions.is_some(),
        record.modifications.is_some(),
        record.version.is_some(),
        record.recipient.is_some(),
        record.amount.is_some(),
        record.mosaics.is_some(),
        record.message.is_some(),
        record.id.is_some(),
        record.duration_blocks.is_some(),
        record.mosaic.is_some(),
        record.divisibility.is_some(),
        record.supply_mutable.is_some(),
        record.transferable.is_some(),
        record.action.is_some(),
        record.deadline_blocks.is_some(),
        record.deadline_seconds.is_some(),
    ]
    .into_iter()
    .enumerate()
    .fold(0, |bits, (index, present)| bits | u32::from(present) << index)
}

const FIELD_NAMES: [&str; 22] = [
    "cosignatures",
    "transactions",
    "min_removal_delta",
    "min_approval_delta",
    "min_cosignatories_delta",
    "additions",
    "deletions",
    "modifications",
    "version",
    "recipient",
    "amount",
    "mosaics",
    "message",
    "id",
    "duration_blocks",
    "mosaic",
    "divisibility",
    "supply_mutable",
    "transferable",
    "action",
    "deadline_blocks",
    "deadline_seconds",
];

pub(super) const FIELDS_ENVELOPE: u32 = 0b11;
pub(super) const FIELDS_BLOCK: u32 = 0b10;
pub(super) const FIELDS_LISTED: u32 = 0b0110_1100;
pub(super) const FIELDS_ORDERED: u32 = 0b1000_1100;
pub(super) const FIELDS_MODIFICATION_NIS1: u32 = 0b1_0111_0000;
pub(super) const FIELDS_TRANSFER: u32 = 0b1_1110_0000_0000;
pub(super) const FIELDS_HASH_LOCK: u32 = 0b110_0100_0000_0000;
pub(super) const FIELDS_DEFINITION: u32 = 0b111_1000_0000_0000_0000;
/// What a transaction has that stands in no other one: its identity and its deadline.
pub(super) const FIELDS_TOP: u32 = 0b11_0000_0010_0000_0000_0000;
/// What the transaction inside a NIS1 wrapper has: its identity.
pub(super) const FIELDS_WRAPPED: u32 = 0b10_0000_0000_0000;
pub(super) const FIELDS_SUPPLY: u32 = 0b1000_1000_0100_0000_0000;

/// Refuses a field that this kind of transaction does not have.
#[inline]
pub(super) fn check_fields(record: &TransactionRecord<'_>, allowed: u32) -> Result<(), Misfit> {
    let surplus = fields(record) & !allowed;
    if surplus == 0 { Ok(()) } else { surplus_field(record, surplus, allowed) }
}

#[cold]
fn surplus_field(record: &TransactionRecord<'_>, surplus: u32, allowed: u32) -> Result<(), Misfit> {
    let named = |bits: u32| {
        let names = FIELD_NAMES.iter().enumerate();
        names.filter(move |(index, _)| bits >> index & 1 == 1).map(|(_, name)| format!("`{name}`"))
    };
    let found = named(surplus).next().unwrap_or_default();
    let expected: Vec<String> = named(allowed).collect();
    let (kind, expected) = (record.kind.word(), expected.join(", "));
    misfit(format!(
        "a `{kind}` of this protocol has no {found}; expected `signer` and of these: {expected}"
    ))
}
