//! Transactions as people hold them: a node's answer, a payload, what a wallet announces or signs.
//!
//! [`read`] takes all of them, says what else was brought where it is none, and makes one value of each:
//! a payload with what its document says besides ([`TransactionDocument`]). Its [`SignedDocument`] is the
//! same whichever form it came in; a [`AccountDirectory`] puts it to a ledger under the names of a state.
//!
//! ```
//! use quorate::rest::transaction::{Item, Options, TransactionKind, read};
//!
//! let text = r#"{"meta":{"height":"0","hash":"AA"},"transaction":{"type":16961,"version":1,"network":152,
//!   "signerPublicKey":"B39C4E0FDA2CA1C9778E9F24C80A3899E1331D2203578DEB4DAA9EEC896AFF3A","maxFee":"0",
//!   "deadline":"1","transactions":[],"cosignatures":[]}}"#;
//! let error = read(text.as_bytes(), &Options::default()).unwrap_err();
//! assert_eq!(error.path, "document.meta.hash");
//! let whole = text.replace("\"AA\"", &format!("\"{}\"", "AA".repeat(32)));
//! let items = read(whole.as_bytes(), &Options::default())?;
//! let [Item::Transaction(document)] = items.as_slice() else { panic!("one transaction") };
//! assert_eq!(document.summary()?.kind, TransactionKind::Bonded);
//! # Ok::<(), quorate::rest::FieldError>(())
//! ```

mod bytes;
mod catapult;
mod contents;
mod directory;
mod nis1;
mod reading;
mod summary;
mod type_name;

use serde::{Deserialize, Serialize};

use crate::key::{Address, Era, PublicKey};
use crate::wire::catapult::Body;
use crate::wire::{Decoded, FieldError, Payload, Signatures, decoded};

pub use contents::{Contents, contents_of};
pub use directory::{AccountDirectory, CURRENCY_MOSAICS};
pub use reading::read;
pub use summary::{Party, SignedDocument, SignedPart, SignedPartBody, TransactionKind};
pub use type_name::{catapult_type_name, nis1_type_name};

/// What the reader knows besides the document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The era of the bytes; else it is decided by what is in the document.
    pub era: Option<Era>,
    /// The network's generation hash, for the hash and the signatures of Catapult transactions.
    pub generation_hash: Option<[u8; 32]>,
    /// Who signs, where the document does not say it: Symbol's signing data does not.
    pub signer: Option<PublicKey>,
}

/// One thing of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A transaction, or a cosignature on its own ([`Payload::Detached`]).
    Transaction(Box<TransactionDocument>),
    /// A hash lock.
    Lock(Lock),
}

/// The form a transaction was brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A node's answer in JSON.
    Rest,
    /// The payload, with its signature.
    Payload,
    /// What a wallet signs: without signatures; before Symbol's bytes the generation hash.
    SigningData,
    /// NIS1's data and signature.
    Announcement,
    /// What `decode` writes.
    Decoded,
}

impl Form {
    /// The word for it in `decode`'s answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Payload => "payload",
            Self::SigningData => "signing_data",
            Self::Announcement => "announcement",
            Self::Decoded => "decoded",
        }
    }
}

/// What a node keeps beside a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The hash by which the node knows it.
    pub hash: Option<[u8; 32]>,
    /// The height of its block; `None` while it waits or is unconfirmed.
    pub height: Option<u64>,
}

/// A transaction with what its document says besides.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionDocument {
    /// The transaction. What a node's answer does not show is zero in it: the signature of signing data,
    /// the bodies of types that are carried unread.
    pub payload: Payload<'static>,
    /// The form it came in.
    pub form: Form,
    /// What the node keeps beside it.
    pub meta: Meta,
    /// The generation hash that the document holds, or that was given.
    pub generation_hash: Option<[u8; 32]>,
    /// The other eras that accept the same bytes; empty for JSON.
    pub also: Vec<Era>,
    /// Whether the document says who signs.
    pub has_signer: bool,
    /// The parts, from 0, whose bodies the document does not show in a form this reader lays out.
    pub unread: Vec<usize>,
}

impl TransactionDocument {
    fn of(payload: Payload<'static>, form: Form, options: &Options) -> Self {
        Self {
            payload,
            form,
            meta: Meta::default(),
            generation_hash: options.generation_hash,
            also: Vec::new(),
            has_signer: true,
            unread: Vec::new(),
        }
    }

    /// Whether all that is hashed is known: every body, the signer and, on Catapult, the signature.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_signed = match &self.payload {
            Payload::Catapult { transaction, .. } => transaction.signature != [0; 64],
            Payload::Detached(_) | Payload::Nis1(_) => true,
        };
        self.unread.is_empty() && self.has_signer && is_signed
    }

    /// The hash: as the node says, else computed where everything that is hashed is known.
    #[must_use]
    pub fn hash(&self) -> Option<[u8; 32]> {
        if self.meta.hash.is_some() || !self.is_whole() {
            return self.meta.hash;
        }
        self.payload.hash(self.generation_hash.as_ref()).ok().flatten()
    }

    /// Which signatures hold, as far as what is known decides it: without a generation hash the
    /// cosignatures by the hash that the node names. `None` where nothing decides.
    #[must_use]
    pub fn signatures(&self) -> Option<Signatures> {
        let is_early = self.payload.era() == Era::A && self.generation_hash.is_none();
        let verified = self.payload.verify(self.generation_hash.as_ref()).ok().flatten();
        let verified = verified.filter(|found| !is_early || found.signer == Some(true));
        match (verified, self.meta.hash) {
            (Some(found), _) if self.is_whole() => Some(found),
            // the bodies are signed by the hash of all transactions only
            (Some(found), _) if self.has_signer && self.is_signed_by_root() => {
                Some(Signatures { transactions_hash: None, ..found })
            }
            (_, Some(hash)) => {
                let cosignatures = self.payload.verify_cosignatures(&hash);
                (!cosignatures.is_empty())
                    .then(|| Signatures { cosignatures, ..Signatures::default() })
            }
            _ => None,
        }
    }

    /// Whether the signature covers no body but only the hash of all of them (Symbol, to version 2).
    fn is_signed_by_root(&self) -> bool {
        match &self.payload {
            Payload::Catapult { era, transaction } => {
                let is_aggregate = matches!(transaction.body, Body::Aggregate(_));
                let is_signed = transaction.signature != [0; 64];
                matches!(era, Era::B2 | Era::C)
                    && is_aggregate
                    && is_signed
                    && transaction.version < 3
            }
            Payload::Detached(_) | Payload::Nis1(_) => false,
        }
    }

    /// What `decode` shows of it; hash and signatures, which cost most, where `is_sealed`.
    ///
    /// # Errors
    /// A NIS1 modification in an order that nobody writes.
    pub fn decoded(&self, is_sealed: bool) -> Result<Decoded, FieldError> {
        let sealed = is_sealed.then(|| (self.hash(), self.signatures()));
        let shown = decoded(&self.payload, sealed)?;
        let not_shown = self.not_shown()?;
        Ok(Decoded {
            also: self.also.iter().map(|era| era.name().to_owned()).collect(),
            form: Some(self.form.name().to_owned()),
            height: self.meta.height,
            wire: shown.wire.filter(|_| not_shown.is_empty()),
            not_shown,
            ..shown
        })
    }

    /// What the document does not show of the payload, a phrase each.
    ///
    /// # Errors
    /// As [`Self::summary`].
    pub fn not_shown(&self) -> Result<Vec<String>, FieldError> {
        let mut phrases = Vec::new();
        if !self.has_signer {
            phrases.push("the public key of the signer".to_owned());
        }
        if self.unread.is_empty() {
            return Ok(phrases);
        }
        let summary = self.summary()?;
        for &index in &self.unread {
            if let Some(part) = summary.parts.get(index) {
                let (kind, name) = (part.kind, part.type_name(summary.era));
                phrases.push(format!("the body of part {}: type {kind} {name}", index + 1));
            }
        }
        Ok(phrases)
    }

    /// The same whichever form it came in.
    ///
    /// # Errors
    /// A cosignature on its own, which is no transaction.
    pub fn summary(&self) -> Result<SignedDocument, FieldError> {
        summary::of(self)
    }
}

/// A hash lock as `GET /lock/hash/{hash}` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Who paid the deposit.
    pub owner: Address,
    /// The mosaic of the deposit.
    pub mosaic: u64,
    /// The deposit in the mosaic's smallest unit.
    pub amount: u64,
    /// The height at which it expires.
    pub end_height: u64,
    /// Whether the aggregate it speaks for has been confirmed, which gives the deposit back.
    pub is_used: bool,
    /// The hash of the aggregate it speaks for.
    pub hash: [u8; 32],
}

/// One thing of a document as `decode` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum DecodedItem {
    /// A transaction, or a cosignature on its own.
    Transaction(Box<Decoded>),
    /// A hash lock.
    Lock {
        /// The lock.
        lock: DecodedLock,
    },
}

/// A hash lock as `decode` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct DecodedLock {
    /// The address that paid the deposit.
    pub owner: String,
    /// The mosaic of the deposit.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9A-F]{16}$")))]
    pub mosaic_id: String,
    /// The deposit in the mosaic's smallest unit.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9]+$")))]
    pub amount: String,
    /// The height at which it expires.
    pub end_height: u64,
    /// Whether the aggregate it speaks for has been confirmed.
    pub used: bool,
    /// The hash of the aggregate it speaks for.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9A-F]{64}$")))]
    pub hash: String,
}

impl DecodedItem {
    /// What `decode` shows of an item; hash and signatures where `is_sealed`.
    ///
    /// # Errors
    /// As [`TransactionDocument::decoded`].
    pub fn of(item: &Item, is_sealed: bool) -> Result<Self, FieldError> {
        Ok(match item {
            Item::Transaction(document) => {
                Self::Transaction(Box::new(document.decoded(is_sealed)?))
            }
            Item::Lock(lock) => Self::Lock { lock: lock.into() },
        })
    }
}

impl From<&Lock> for DecodedLock {
    fn from(lock: &Lock) -> Self {
        Self {
            owner: lock.owner.to_string(),
            mosaic_id: format!("{:016X}", lock.mosaic),
            amount: lock.amount.to_string(),
            end_height: lock.end_height,
            used: lock.is_used,
            hash: data_encoding::HEXUPPER.encode(&lock.hash),
        }
    }
}
