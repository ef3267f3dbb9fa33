//! What makes a payload binding: what is signed, what is hashed, and whether the signatures hold.
//!
//! The generation hash keeps a transaction of one network from being replayed on another. Era A knows it
//! from server v0.4.0.1 on; earlier servers sign and hash without it, so there it may be absent. Every
//! other Catapult era needs it, NIS1 has none.

use serde::{Deserialize, Serialize};

use super::catapult::{Aggregate, Body, Transaction, is_aligned};
use super::{Era, FieldError, Payload, nis1};
use crate::key::{KeyPair, PublicKey, Scheme, Signature, verify};

/// Which signatures of a payload hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Signatures {
    /// The signer's own; absent where the payload carries none.
    pub signer: Option<bool>,
    /// Those of the others, in order.
    pub cosignatures: Vec<bool>,
    /// Whether the transactions hash (NIS1: the hash each cosignature names) is that of what is inside;
    /// absent where there is no such field.
    pub transactions_hash: Option<bool>,
}

impl Signatures {
    /// Whether everything that was looked at holds.
    #[must_use]
    pub fn all_hold(&self) -> bool {
        self.signer != Some(false)
            && self.transactions_hash != Some(false)
            && self.cosignatures.iter().all(|&holds| holds)
    }
}

/// The bytes a transaction's signature covers, without the generation hash.
fn covered(bytes: &[u8], transaction: &Transaction<'_>, era: Era) -> Vec<u8> {
    let start = if is_aligned(era) { 108 } else { 100 };
    let end = match &transaction.body {
        Body::Single(_) => bytes.len(),
        Body::Aggregate(_) if is_aligned(era) && transaction.version < 3 => 160,
        Body::Aggregate(_) if is_aligned(era) => 164,
        Body::Aggregate(aggregate) => 124 + aggregate.payload_size(era),
    };
    bytes.get(start..end).unwrap_or_default().to_vec()
}

impl Aggregate<'_> {
    /// The Merkle root of the embedded transactions: SHA3-256 of each without its padding, an odd last
    /// leaf paired with itself; 32 zero bytes where there is none.
    ///
    /// # Errors
    /// An embedded transaction that cannot be written.
    pub fn merkle_root(&self, era: Era) -> Result<[u8; 32], FieldError> {
        let mut layer = Vec::with_capacity(self.transactions.len());
        let mut bytes = Vec::new();
        for embedded in &self.transactions {
            bytes.clear();
            embedded.write(era, &mut bytes)?;
            layer.push(Scheme::Sha3.hash(&[&bytes]));
        }
        while layer.len() > 1 {
            layer = layer
                .chunks(2)
                .filter_map(|pair| Some(Scheme::Sha3.hash(&[pair.first()?, pair.last()?])))
                .collect();
        }
        Ok(layer.first().copied().unwrap_or_default())
    }
}

impl Payload<'_> {
    /// The scheme of its signatures; `None` for a detached cosignature, whose network is unknown: era C
    /// has one scheme.
    fn scheme(&self) -> Scheme {
        match self {
            Self::Catapult { era, transaction } => Scheme::of(*era, transaction.network),
            Self::Detached(_) => Scheme::Sha2,
            Self::Nis1(_) => Scheme::Keccak,
        }
    }

    /// What the signer signs; on NIS1 what a server verifies, which may differ from the bytes as they
    /// stand ([`nis1::Transaction::server_changes`]). Absent where the era needs a generation hash and none is given.
    ///
    /// # Errors
    /// A payload that cannot be written.
    pub fn signing_data(
        &self,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<Option<Vec<u8>>, FieldError> {
        match self {
            Self::Catapult { era, transaction } => {
                let bytes = self.encode()?;
                let covered = covered(&bytes, transaction, *era);
                Ok(match generation_hash {
                    Some(generation_hash) => Some([generation_hash.as_slice(), &covered].concat()),
                    None if *era == Era::A => Some(covered),
                    None => None,
                })
            }
            Self::Detached(cosignature) => Ok(Some(cosignature.parent_hash.to_vec())),
            Self::Nis1(transaction) => transaction.server_bytes().map(Some),
        }
    }

    /// The hash of the transaction as its bytes stand. Absent where the era needs a generation hash and none is given, and for a
    /// detached cosignature, which is no transaction.
    ///
    /// # Errors
    /// A payload that cannot be written.
    pub fn hash(&self, generation_hash: Option<&[u8; 32]>) -> Result<Option<[u8; 32]>, FieldError> {
        if let Self::Nis1(transaction) = self {
            return Ok(Some(self.scheme().hash(&[&transaction.signed_bytes()?])));
        }
        let Some(data) = self.signing_data(generation_hash)? else { return Ok(None) };
        Ok(match self {
            Self::Catapult { era, transaction } => {
                let (half, _) = transaction.signature.split_at(32);
                let signature = if *era == Era::C { &transaction.signature } else { half };
                Some(self.scheme().hash(&[signature, &transaction.signer, &data]))
            }
            Self::Detached(_) | Self::Nis1(_) => None,
        })
    }

    /// Checks every signature and cosignature; `None` where a generation hash is missing.
    ///
    /// # Errors
    /// A payload that cannot be written.
    pub fn verify(
        &self,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<Option<Signatures>, FieldError> {
        let Some(data) = self.signing_data(generation_hash)? else { return Ok(None) };
        let scheme = self.scheme();
        let holds = |signer: &[u8; 32], data: &[u8], signature: &[u8; 64]| {
            verify(scheme, &PublicKey(*signer), data, &Signature(*signature))
        };
        Ok(Some(match self {
            Self::Catapult { era, transaction } => {
                let mut signatures = Signatures {
                    signer: Some(holds(&transaction.signer, &data, &transaction.signature)),
                    ..Signatures::default()
                };
                if let Body::Aggregate(aggregate) = &transaction.body {
                    let hash = self.hash(generation_hash)?.unwrap_or_default();
                    signatures.cosignatures = aggregate
                        .cosignatures
                        .iter()
                        .map(|one| holds(&one.signer, &hash, &one.signature))
                        .collect();
                    if is_aligned(*era) {
                        let root = aggregate.merkle_root(*era)?;
                        signatures.transactions_hash = Some(root == aggregate.transactions_hash);
                    }
                }
                signatures
            }
            Self::Detached(detached) => {
                let one = &detached.cosignature;
                let cosignatures = vec![holds(&one.signer, &data, &one.signature)];
                Signatures { cosignatures, ..Signatures::default() }
            }
            Self::Nis1(transaction) => verify_nis1(transaction, &data)?,
        }))
    }

    /// Which cosignatures of a Catapult aggregate hold for this hash, in order; none elsewhere.
    #[must_use]
    pub fn verify_cosignatures(&self, hash: &[u8; 32]) -> Vec<bool> {
        let Self::Catapult { transaction, .. } = self else { return Vec::new() };
        let Body::Aggregate(aggregate) = &transaction.body else { return Vec::new() };
        let scheme = self.scheme();
        let cosignatures = aggregate.cosignatures.iter();
        cosignatures
            .map(|one| verify(scheme, &PublicKey(one.signer), hash, &Signature(one.signature)))
            .collect()
    }

    /// Puts the key's signature into the payload; its signer becomes the key. A detached cosignature is
    /// signed anew, too.
    ///
    /// # Errors
    /// A payload that cannot be written, or a generation hash that is missing.
    pub fn sign(
        &mut self,
        key: &KeyPair,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<(), FieldError> {
        match self {
            Self::Catapult { transaction, .. } => transaction.signer = key.public().0,
            Self::Detached(detached) => detached.cosignature.signer = key.public().0,
            Self::Nis1(transaction) => transaction.signer = key.public().0,
        }
        let data = self.signing_data(generation_hash)?.ok_or_else(no_generation_hash)?;
        let Signature(signature) = key.sign(&data);
        match self {
            Self::Catapult { transaction, .. } => transaction.signature = signature,
            Self::Detached(detached) => detached.cosignature.signature = signature,
            Self::Nis1(transaction) => transaction.signature = Some(signature),
        }
        Ok(())
    }

    /// Adds the key's cosignature to a signed Catapult aggregate.
    ///
    /// # Errors
    /// The payload is no aggregate, cannot be written, or the generation hash is missing.
    pub fn cosign(
        &mut self,
        key: &KeyPair,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<(), FieldError> {
        let hash = self.hash(generation_hash)?.ok_or_else(no_generation_hash)?;
        let Self::Catapult { transaction, .. } = self else { return Err(no_aggregate()) };
        let Body::Aggregate(aggregate) = &mut transaction.body else { return Err(no_aggregate()) };
        let Signature(signature) = key.sign(&hash);
        let signer = key.public().0;
        aggregate.cosignatures.push(super::catapult::Cosignature { signer, signature });
        Ok(())
    }
}

fn no_generation_hash() -> FieldError {
    FieldError::new("generation_hash", "none", "32 bytes, for this era signs them")
}

fn no_aggregate() -> FieldError {
    FieldError::new("type", "another transaction", "an aggregate")
}

/// A wrapper's cosignatures are transactions of their own, each over its own bytes.
fn verify_nis1(transaction: &nis1::Transaction<'_>, data: &[u8]) -> Result<Signatures, FieldError> {
    let holds = |one: &nis1::Transaction<'_>, data: &[u8]| {
        let signature = one.signature?;
        Some(verify(Scheme::Keccak, &PublicKey(one.signer), data, &Signature(signature)))
    };
    let mut signatures = Signatures { signer: holds(transaction, data), ..Signatures::default() };
    if let nis1::Body::Multisig { inner, cosignatures: Some(cosignatures) } = &transaction.body {
        let inner_hash = Scheme::Keccak.hash(&[&inner.server_bytes()?]);
        for one in cosignatures {
            signatures.cosignatures.push(holds(one, &one.signed_bytes()?) == Some(true));
        }
        let names_inner = |one: &nis1::Transaction<'_>| matches!(&one.body, nis1::Body::Cosignature { other_hash, .. } if *other_hash == inner_hash);
        if !cosignatures.is_empty() {
            signatures.transactions_hash = Some(cosignatures.iter().all(names_inner));
        }
    }
    Ok(signatures)
}
