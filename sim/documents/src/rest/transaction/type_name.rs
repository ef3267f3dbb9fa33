//! What transaction types are called.

use crate::wire::{catapult, nis1};

/// What a type is called that is in no list.
pub(super) const UNKNOWN: &str = "of an unknown type";

/// The name of a Catapult transaction type.
///
/// Source: `model/*EntityType.h` of the plugins and `src/catapult/model/EntityType.h`.
#[must_use]
pub const fn catapult_type_name(kind: u16) -> &'static str {
    match kind {
        catapult::TRANSFER => "transfer",
        catapult::MODIFICATION => "multisig modification",
        catapult::HASH_LOCK => "hash lock",
        catapult::AGGREGATE_COMPLETE => "aggregate complete",
        catapult::AGGREGATE_BONDED => "aggregate bonded",
        0x414C => "account key link",
        0x424C => "node key link",
        0x4143 => "voting key link",
        0x4243 => "vrf key link",
        0x4152 => "secret lock",
        0x4252 => "secret proof",
        0x4144 => "account metadata",
        0x4244 => "mosaic metadata",
        0x4344 => "namespace metadata",
        0x414D => "mosaic definition",
        0x424D => "mosaic supply change",
        0x434D => "mosaic supply revocation",
        0x414E => "namespace registration",
        0x424E => "address alias",
        0x434E => "mosaic alias",
        0x4150 => "account address restriction",
        0x4250 => "account mosaic restriction",
        0x4350 => "account operation restriction",
        0x4151 => "mosaic global restriction",
        0x4251 => "mosaic address restriction",
        _ => UNKNOWN,
    }
}

/// The name of a NIS1 transaction type.
///
/// Source: NemProject/nem, `core/model/TransactionTypes.java`.
#[must_use]
pub const fn nis1_type_name(kind: u32) -> &'static str {
    match kind {
        nis1::TRANSFER => "transfer",
        nis1::MODIFICATION => "multisig modification",
        nis1::COSIGNATURE => "multisig signature",
        nis1::MULTISIG => "multisig",
        0x0801 => "importance transfer",
        0x2001 => "namespace provision",
        0x4001 => "mosaic definition",
        0x4002 => "mosaic supply change",
        _ => UNKNOWN,
    }
}
