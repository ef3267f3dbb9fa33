//! The five Catapult layouts as one typed model: what a payload says, with its lists left in place.
//!
//! Source: `plugins/txes/*/src/model/*Transaction.h` and `src/catapult/model/{Transaction,
//! EmbeddedTransaction,Cosignature}.h` of catapult-server v0.1 to v1.0.

mod read;
mod write;

use std::borrow::Cow;

use crate::key::{Era, Network};

pub use read::{mosaic_fields, read, read_detached_cosignature};

/// Entity type of a multisig modification.
pub const MODIFICATION: u16 = 0x4155;
/// Entity type of a transfer.
pub const TRANSFER: u16 = 0x4154;
/// Entity type of a hash lock.
pub const HASH_LOCK: u16 = 0x4148;
/// Entity type of an aggregate that carries all its cosignatures.
pub const AGGREGATE_COMPLETE: u16 = 0x4141;
/// Entity type of an aggregate whose cosignatures arrive later.
pub const AGGREGATE_BONDED: u16 = 0x4241;

/// The other entity types a server may embed; inside an aggregate their bodies are carried unread.
///
/// Source: `model/*EntityType.h` of the plugins, all eras together: keys and links, namespaces,
/// mosaics, restrictions (once properties), metadata, secret locks.
pub const OPAQUE: [u16; 20] = [
    0x414C, 0x424C, 0x4143, 0x4243, 0x414E, 0x424E, 0x434E, 0x414D, 0x424D, 0x434D, 0x4150, 0x4250,
    0x4350, 0x4151, 0x4251, 0x4144, 0x4244, 0x4344, 0x4152, 0x4252,
];

/// A transaction that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction<'a> {
    /// The signature of the signer.
    pub signature: [u8; 64],
    /// The public key of the signer.
    pub signer: [u8; 32],
    /// The version of the body's layout.
    pub version: u8,
    /// The network it is for.
    pub network: Network,
    /// The most the signer pays, in the currency's smallest unit.
    pub max_fee: u64,
    /// Milliseconds since the network's first block.
    pub deadline: u64,
    /// What it does.
    pub body: Body<'a>,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// One thing.
    Single(EmbeddableBody<'a>),
    /// Several things together.
    Aggregate(Aggregate<'a>),
}

/// What a transaction that may be embedded does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmbeddableBody<'a> {
    /// Changes a multisig account.
    Modification(Modification<'a>),
    /// Moves mosaics.
    Transfer(Transfer<'a>),
    /// Locks a deposit for a bonded aggregate.
    HashLock(HashLock),
    /// Something else, known by its type and carried unread; only inside an aggregate.
    Opaque {
        /// The entity type, one of [`OPAQUE`].
        kind: u16,
        /// The body behind the embedded header.
        body: Cow<'a, [u8]>,
    },
}

/// A multisig modification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modification<'a> {
    /// Change of min removal; it comes first on the wire.
    pub removal_delta: i8,
    /// Change of min approval.
    pub approval_delta: i8,
    /// The entries.
    pub changes: Changes<'a>,
}

/// The entries of a modification, in the shape of their era.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes<'a> {
    /// Eras A, A1, B: action byte and public key.
    Ordered(Cow<'a, [[u8; 33]]>),
    /// Era B2: public keys.
    Keys {
        /// Added.
        additions: Cow<'a, [[u8; 32]]>,
        /// Removed.
        deletions: Cow<'a, [[u8; 32]]>,
    },
    /// Era C: unresolved addresses.
    Addresses {
        /// Added.
        additions: Cow<'a, [[u8; 24]]>,
        /// Removed.
        deletions: Cow<'a, [[u8; 24]]>,
    },
}

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// The unresolved address of the recipient, 25 bytes; in era C the last one is unused and zero.
    pub recipient: [u8; 25],
    /// Mosaic id and amount, 8 bytes each, little-endian.
    pub mosaics: Cow<'a, [[u8; 16]]>,
    /// The message with its type byte, if any.
    pub message: Cow<'a, [u8]>,
}

/// A hash lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashLock {
    /// Which mosaic is locked.
    pub mosaic: u64,
    /// How much of it.
    pub amount: u64,
    /// For how long, in blocks.
    pub duration: u64,
    /// The hash of the aggregate it speaks for.
    pub hash: [u8; 32],
}

/// An aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate<'a> {
    /// Whether its cosignatures arrive later.
    pub bonded: bool,
    /// The Merkle root of its transactions; only eras B2 and C have the field.
    pub transactions_hash: [u8; 32],
    /// What is to be done, in order.
    pub transactions: Vec<Embedded<'a>>,
    /// The signatures of the others.
    pub cosignatures: Vec<Cosignature>,
}

/// A transaction inside an aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded<'a> {
    /// The public key of the account it acts for.
    pub signer: [u8; 32],
    /// The version of the body's layout.
    pub version: u8,
    /// The network it is for.
    pub network: Network,
    /// What it does.
    pub part: EmbeddableBody<'a>,
}

/// The signature of one who is not the signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The public key.
    pub signer: [u8; 32],
    /// The signature of the aggregate's hash.
    pub signature: [u8; 64],
}

/// A cosignature sent on its own (era C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetachedCosignature {
    /// Who signs, and the signature.
    pub cosignature: Cosignature,
    /// The hash of the aggregate.
    pub parent_hash: [u8; 32],
}

/// Whether headers and embedded transactions are aligned to 8 bytes (eras B2 and C).
pub(super) const fn is_aligned(era: Era) -> bool {
    matches!(era, Era::B2 | Era::C)
}

/// Length of a top-level header.
pub(super) const fn header_bytes(era: Era) -> usize {
    if is_aligned(era) { 128 } else { 120 }
}

/// Length of an embedded transaction's header.
pub(super) const fn embedded_header_bytes(era: Era) -> usize {
    if is_aligned(era) { 48 } else { 40 }
}

/// Length of one cosignature inside an aggregate; era C puts 8 bytes of version before it.
pub(super) const fn cosignature_bytes(era: Era) -> usize {
    if matches!(era, Era::C) { 104 } else { 96 }
}

/// The action byte that adds a cosignatory.
#[must_use]
pub const fn add_byte(era: Era) -> u8 {
    if matches!(era, Era::B) { 1 } else { 0 }
}

/// The versions this era knows of this type; none: it does not lay the type out at all.
///
/// Era B2's transfers changed their layout from release to release and are carried unread.
pub(super) const fn versions(era: Era, kind: u16) -> &'static [u8] {
    match (era, kind) {
        (Era::A, MODIFICATION | TRANSFER) => &[3],
        (Era::A, AGGREGATE_COMPLETE | AGGREGATE_BONDED) => &[2],
        (Era::C, AGGREGATE_COMPLETE | AGGREGATE_BONDED) => &[1, 2, 3],
        (Era::B2, TRANSFER) => &[],
        (_, MODIFICATION | TRANSFER | HASH_LOCK | AGGREGATE_COMPLETE | AGGREGATE_BONDED) => &[1],
        _ => &[],
    }
}

/// Whether an embedded transaction of this type is carried unread.
pub(super) fn is_opaque(era: Era, kind: u16) -> bool {
    OPAQUE.contains(&kind) || (era == Era::B2 && kind == TRANSFER)
}

impl Body<'_> {
    /// The entity type.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        match self {
            Self::Single(part) => part.kind(),
            Self::Aggregate(aggregate) if aggregate.bonded => AGGREGATE_BONDED,
            Self::Aggregate(_) => AGGREGATE_COMPLETE,
        }
    }
}

impl EmbeddableBody<'_> {
    /// The entity type.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        match self {
            Self::Modification(_) => MODIFICATION,
            Self::Transfer(_) => TRANSFER,
            Self::HashLock(_) => HASH_LOCK,
            Self::Opaque { kind, .. } => *kind,
        }
    }
}
