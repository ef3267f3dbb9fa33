//! The layout of NEM NIS1 as a typed model, in both its forms.
//!
//! *Verifiable* carries the signature; *non-verifiable* is what is hashed, signed and announced. Source:
//! `core/model/*Transaction.java` and `core/serialization/BinarySerializer.java` of NemProject/nem.

mod canonical;
mod order;
mod read;
mod write;

use std::borrow::Cow;

use crate::key::Network;

pub use order::Order;
pub use read::read;

/// Transaction type of a transfer.
pub const TRANSFER: u32 = 0x0101;
/// Transaction type of a multisig modification.
pub const MODIFICATION: u32 = 0x1001;
/// Transaction type of a signature for a waiting multisig transaction.
pub const COSIGNATURE: u32 = 0x1002;
/// Transaction type of the wrapper around one inner transaction.
pub const MULTISIG: u32 = 0x1004;

/// The other transaction types; inside a wrapper their bodies are carried unread.
///
/// Source: `core/model/TransactionTypes.java`: importance transfer, namespace, mosaic definition, mosaic
/// supply change.
pub const OPAQUE: [u32; 4] = [0x0801, 0x2001, 0x4001, 0x4002];

/// How deep wrappers may lie in wrappers. The server refuses the first; the bytes allow any number, and
/// a reader that follows them all can be made to run out of stack.
pub const NESTING_MAX: usize = 8;

/// Which of the two forms a transaction is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With its signature (and a wrapper's cosignatures).
    Verifiable,
    /// Without: what is hashed, signed and announced.
    NonVerifiable,
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction<'a> {
    /// The version of the body's layout.
    pub version: u8,
    /// The network it is for.
    pub network: Network,
    /// Seconds since the network's first block.
    pub timestamp: u32,
    /// The public key of the signer.
    pub signer: [u8; 32],
    /// The signature; absent in the non-verifiable form.
    pub signature: Option<[u8; 64]>,
    /// The fee in micro XEM.
    pub fee: u64,
    /// Seconds since the network's first block.
    pub deadline: u32,
    /// What it does.
    pub body: Body<'a>,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Changes a multisig account.
    Modification {
        /// The entries of 44 bytes as they stand on the wire.
        entries: Cow<'a, [[u8; 44]]>,
        /// The relative change of the threshold; version 2 only.
        relative_change: Option<i32>,
    },
    /// Moves XEM or mosaics.
    Transfer(Transfer<'a>),
    /// Wraps an inner transaction of a multisig account.
    Multisig {
        /// The inner transaction, non-verifiable.
        inner: Box<Transaction<'a>>,
        /// The cosignatures, verifiable; absent in the non-verifiable form.
        cosignatures: Option<Vec<Transaction<'a>>>,
    },
    /// Signs a waiting multisig transaction.
    Cosignature {
        /// The hash of the inner transaction.
        other_hash: [u8; 32],
        /// The text of the multisig account's address.
        multisig_address: [u8; 40],
    },
    /// Something else, known by its type and carried unread; only inside a wrapper.
    Opaque {
        /// The transaction type, one of [`OPAQUE`].
        kind: u32,
        /// The body behind the common part.
        body: Cow<'a, [u8]>,
    },
}

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// The text of the recipient's address.
    pub recipient: [u8; 40],
    /// Micro XEM, or with mosaics the multiplier of their quantities in millionths.
    pub amount: u64,
    /// The message.
    pub message: Option<Message<'a>>,
    /// The mosaics; version 2 only.
    pub mosaics: Option<Vec<Mosaic<'a>>>,
}

impl Transfer<'_> {
    /// How much of a mosaic moves: its quantity times the amount, in millionths, rounded down.
    ///
    /// Source: `core/model/TransferTransaction.java`, `getMosaics`.
    #[must_use]
    pub fn moved(&self, mosaic: &Mosaic<'_>) -> u64 {
        let product = u128::from(mosaic.quantity) * u128::from(self.amount);
        u64::try_from(product / 1_000_000).unwrap_or(u64::MAX)
    }
}

/// A transfer's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// 1 plain, 2 encrypted.
    pub kind: u32,
    /// Its bytes.
    pub payload: Cow<'a, [u8]>,
}

/// One mosaic of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mosaic<'a> {
    /// The namespace it is defined in.
    pub namespace: Cow<'a, str>,
    /// Its name there.
    pub name: Cow<'a, str>,
    /// How many of its smallest unit.
    pub quantity: u64,
}

/// The versions known of this type; none: it is not laid out at all.
pub(super) const fn versions(kind: u32) -> &'static [u8] {
    match kind {
        MODIFICATION | TRANSFER => &[1, 2],
        MULTISIG | COSIGNATURE => &[1],
        _ => &[],
    }
}

impl Body<'_> {
    /// The transaction type.
    #[must_use]
    pub const fn kind(&self) -> u32 {
        match self {
            Self::Modification { .. } => MODIFICATION,
            Self::Transfer(_) => TRANSFER,
            Self::Multisig { .. } => MULTISIG,
            Self::Cosignature { .. } => COSIGNATURE,
            Self::Opaque { kind, .. } => *kind,
        }
    }
}

/// Whether an entry adds, and whose key it names.
#[must_use]
pub fn entry_fields(entry: &[u8; 44]) -> (bool, [u8; 32]) {
    let [_, _, _, _, kind, _, _, _, _, _, _, _, key @ ..] = entry;
    (*kind == 1, *key)
}

/// The entry that adds or deletes this key.
#[must_use]
pub fn entry(adds: bool, key: &[u8; 32]) -> [u8; 44] {
    let mut bytes = [0; 44];
    let fields: [&[u8]; 4] = [
        &40_u32.to_le_bytes(),
        &(if adds { 1_u32 } else { 2 }).to_le_bytes(),
        &32_u32.to_le_bytes(),
        key,
    ];
    for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    bytes
}

impl Transaction<'_> {
    /// The form this transaction has the parts of.
    #[must_use]
    pub const fn form(&self) -> Form {
        if self.signature.is_some() { Form::Verifiable } else { Form::NonVerifiable }
    }
}
