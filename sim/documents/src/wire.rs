//! The bytes of real transactions: strict readers and exact writers for six eras, and their JSON.
//!
//! The era is given and never guessed: A1 and B have the same bytes with the opposite meaning. What the
//! official decoders let pass (bytes behind the end, reserved bytes, counts that do not fit) is refused
//! here with the byte it stands at.

pub mod catapult;
mod courier;
mod cursor;
mod error;
mod json;
mod line;
pub mod nis1;
mod round_trip;
mod seal;
pub mod step;

pub use crate::key::{Era, Network};
pub use courier::{Carried, Courier, Directory, transaction_of};
pub use cursor::{Cursor, WireError};
pub use error::FieldError;
pub(crate) use json::{Fields, ModificationLayout, entry_of, read_modification, recipient_of};
pub use line::{
    Decoded, Encoded, RefusedLine, Seal, ServerChanges, bytes_of_hex, decode_line,
    decode_line_unsealed, decoded, encode_line,
};
pub use round_trip::round_trip;
pub use seal::Signatures;

/// The eras in the order in which bytes that several accept are taken: Symbol, NIS1, then the older ones.
pub(crate) const BY_LIKELIHOOD: [Era; 6] = [Era::C, Era::N, Era::B2, Era::B, Era::A, Era::A1];

/// The eras whose layouts accept these bytes as a payload, the likeliest first.
#[must_use]
pub fn eras_of(bytes: &[u8]) -> Vec<Era> {
    BY_LIKELIHOOD.into_iter().filter(|&era| Payload::decode(bytes, era).is_ok()).collect()
}

/// A transaction read from bytes or to be written; its lists lie in the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Eras A, A1, B, B2 and C.
    Catapult {
        /// Which of them.
        era: Era,
        /// The transaction.
        transaction: catapult::Transaction<'a>,
    },
    /// A cosignature sent on its own (era C).
    Detached(catapult::DetachedCosignature),
    /// Era N.
    Nis1(nis1::Transaction<'a>),
}

impl<'a> Payload<'a> {
    /// Reads a payload; a NIS1 one in its verifiable form.
    ///
    /// A payload of era C that begins with eight zero bytes and is 136 bytes long is a detached
    /// cosignature: a transaction's first four bytes are its size and never zero.
    ///
    /// # Errors
    /// The first thing the era's layout does not allow. Hashes and signatures are not looked at, nor is
    /// the order of a NIS1 modification ([`Self::check_order`]), which costs hashes.
    pub fn decode(bytes: &'a [u8], era: Era) -> Result<Self, WireError> {
        match era {
            Era::N => nis1::read(bytes, nis1::Form::Verifiable).map(Self::Nis1),
            Era::C if bytes.len() == 136 && bytes.starts_with(&[0; 8]) => {
                catapult::read_detached_cosignature(bytes).map(Self::Detached)
            }
            _ => catapult::read(bytes, era).map(|transaction| Self::Catapult { era, transaction }),
        }
    }

    /// Reads the data part of a NIS1 announcement: the form without signatures.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn decode_announced(bytes: &'a [u8]) -> Result<Self, WireError> {
        nis1::read(bytes, nis1::Form::NonVerifiable).map(Self::Nis1)
    }

    /// Checks that the entries of a NIS1 modification are sorted; nothing to check elsewhere.
    ///
    /// # Errors
    /// They are sorted neither by the text nor by the bytes of their addresses.
    pub fn check_order(&self) -> Result<(), WireError> {
        match self {
            Self::Nis1(transaction) => transaction.check_order().map(|_| ()),
            Self::Catapult { .. } | Self::Detached(_) => Ok(()),
        }
    }

    /// What a NIS1 server changes when it reads the payload, before it verifies; nothing elsewhere.
    ///
    /// # Errors
    /// As [`Self::check_order`].
    pub fn server_changes(&self) -> Result<Vec<String>, WireError> {
        match self {
            Self::Nis1(transaction) => transaction.server_changes(),
            Self::Catapult { .. } | Self::Detached(_) => Ok(Vec::new()),
        }
    }

    /// The era it is of.
    #[must_use]
    pub const fn era(&self) -> Era {
        match self {
            Self::Catapult { era, .. } => *era,
            Self::Detached(_) => Era::C,
            Self::Nis1(_) => Era::N,
        }
    }

    /// The bytes.
    ///
    /// # Errors
    /// A list that is longer than its count field can say.
    pub fn encode(&self) -> Result<Vec<u8>, FieldError> {
        let mut out = Vec::new();
        self.encode_into(&mut out)?;
        Ok(out)
    }

    /// Appends the bytes to `out`; without the signature where a NIS1 transaction has none.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_into(&self, out: &mut Vec<u8>) -> Result<(), FieldError> {
        match self {
            Self::Catapult { era, transaction } => transaction.write(*era, out),
            Self::Detached(cosignature) => {
                out.extend_from_slice(&cosignature.bytes());
                Ok(())
            }
            Self::Nis1(transaction) => transaction.write(transaction.form(), out),
        }
    }
}
