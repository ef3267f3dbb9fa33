//! Model to bytes: the reader's mirror.

use super::super::error::FieldError;
use super::{
    Aggregate, Body, Changes, Cosignature, DetachedCosignature, EmbeddableBody, Embedded, HashLock,
    Modification, Transaction, Transfer, add_byte, cosignature_bytes, embedded_header_bytes,
    header_bytes, is_aligned,
};
use crate::key::Era;

impl Transaction<'_> {
    /// Length of the payload in bytes.
    #[must_use]
    pub fn size(&self, era: Era) -> usize {
        header_bytes(era)
            + match &self.body {
                Body::Single(part) => part.size(era),
                Body::Aggregate(aggregate) => aggregate.size(era),
            }
    }

    /// Appends the payload to `out`.
    ///
    /// # Errors
    /// A list or message longer than its count field can say, or lists of another era.
    pub fn write(&self, era: Era, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let size = self.size(era);
        out.reserve(size);
        put_u32(out, "size", size)?;
        put_reserved(out, era);
        out.extend_from_slice(&self.signature);
        out.extend_from_slice(&self.signer);
        put_reserved(out, era);
        put_kind(out, self.version, self.network.byte(), self.body.kind());
        out.extend_from_slice(&self.max_fee.to_le_bytes());
        out.extend_from_slice(&self.deadline.to_le_bytes());
        match &self.body {
            Body::Single(part) => part.write(era, out),
            Body::Aggregate(aggregate) => aggregate.write(era, out),
        }
    }
}

#[inline]
fn put_reserved(out: &mut Vec<u8>, era: Era) {
    if is_aligned(era) {
        out.extend_from_slice(&[0; 4]);
    }
}

#[inline]
fn put_kind(out: &mut Vec<u8>, version: u8, network: u8, kind: u16) {
    let [low, high] = kind.to_le_bytes();
    out.extend_from_slice(&[version, network, low, high]);
}

#[inline]
fn put_u32(out: &mut Vec<u8>, field: &str, value: usize) -> Result<(), FieldError> {
    let value = u32::try_from(value).map_err(|_| FieldError::too_many(field, value, u32::MAX))?;
    out.extend_from_slice(&value.to_le_bytes());
    Ok(())
}

#[inline]
fn count(field: &str, value: usize) -> Result<u8, FieldError> {
    u8::try_from(value).map_err(|_| FieldError::too_many(field, value, 255))
}

impl EmbeddableBody<'_> {
    fn size(&self, era: Era) -> usize {
        match self {
            Self::Modification(modification) => modification.size(),
            Self::Transfer(transfer) => {
                let fixed = era.address_bytes() + if era == Era::C { 8 } else { 3 };
                fixed + 16 * transfer.mosaics.len() + transfer.message.len()
            }
            Self::HashLock(_) => 56,
            Self::Opaque { body, .. } => body.len(),
        }
    }

    fn write(&self, era: Era, out: &mut Vec<u8>) -> Result<(), FieldError> {
        match self {
            Self::Modification(modification) => modification.write(era, out)?,
            Self::Transfer(transfer) => transfer.write(era, out)?,
            Self::HashLock(lock) => lock.write(out),
            Self::Opaque { body, .. } => out.extend_from_slice(body),
        }
        Ok(())
    }
}

impl Modification<'_> {
    fn size(&self) -> usize {
        match &self.changes {
            Changes::Ordered(entries) => 3 + 33 * entries.len(),
            Changes::Keys { additions, deletions } => 8 + 32 * (additions.len() + deletions.len()),
            Changes::Addresses { additions, deletions } => {
                8 + 24 * (additions.len() + deletions.len())
            }
        }
    }

    fn write(&self, era: Era, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let [removal] = self.removal_delta.to_le_bytes();
        let [approval] = self.approval_delta.to_le_bytes();
        out.extend_from_slice(&[removal, approval]);
        match (&self.changes, era) {
            (Changes::Ordered(entries), Era::A | Era::A1 | Era::B) => {
                out.push(count("modifications", entries.len())?);
                out.extend_from_slice(entries.as_flattened());
            }
            (Changes::Keys { additions, deletions }, Era::B2) => {
                put_lists(out, additions, deletions)?;
            }
            (Changes::Addresses { additions, deletions }, Era::C) => {
                put_lists(out, additions, deletions)?;
            }
            _ => return Err(FieldError::other_era("modification", era)),
        }
        Ok(())
    }

    /// The entries of an ordered list as (adds, public key).
    pub fn ordered(&self, era: Era) -> impl Iterator<Item = (bool, &[u8; 32])> {
        let entries: &[[u8; 33]] = match &self.changes {
            Changes::Ordered(entries) => entries,
            _ => &[],
        };
        entries.iter().filter_map(move |entry| {
            let (action, key) = entry.split_first()?;
            Some((*action == add_byte(era), key.first_chunk()?))
        })
    }
}

fn put_lists<const N: usize>(
    out: &mut Vec<u8>,
    additions: &[[u8; N]],
    deletions: &[[u8; N]],
) -> Result<(), FieldError> {
    out.push(count("additions", additions.len())?);
    out.push(count("deletions", deletions.len())?);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(additions.as_flattened());
    out.extend_from_slice(deletions.as_flattened());
    Ok(())
}

impl Transfer<'_> {
    fn write(&self, era: Era, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let length = self.message.len();
        let message = u16::try_from(length)
            .map_err(|_| FieldError::too_many("bytes of message", length, 65_535))?;
        let mosaics = count("mosaics", self.mosaics.len())?;
        out.extend_from_slice(self.recipient.get(..era.address_bytes()).unwrap_or_default());
        out.extend_from_slice(&message.to_le_bytes());
        out.push(mosaics);
        if era == Era::C {
            out.extend_from_slice(&[0; 5]);
            out.extend_from_slice(self.mosaics.as_flattened());
            out.extend_from_slice(&self.message);
        } else {
            out.extend_from_slice(&self.message);
            out.extend_from_slice(self.mosaics.as_flattened());
        }
        Ok(())
    }
}

impl HashLock {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.mosaic.to_le_bytes());
        out.extend_from_slice(&self.amount.to_le_bytes());
        out.extend_from_slice(&self.duration.to_le_bytes());
        out.extend_from_slice(&self.hash);
    }
}

impl Aggregate<'_> {
    /// Length of the embedded transactions, padding included.
    #[must_use]
    pub fn payload_size(&self, era: Era) -> usize {
        self.transactions.iter().map(|embedded| embedded.padded_size(era)).sum()
    }

    fn size(&self, era: Era) -> usize {
        let fixed = if is_aligned(era) { 40 } else { 4 };
        fixed + self.payload_size(era) + cosignature_bytes(era) * self.cosignatures.len()
    }

    fn write(&self, era: Era, out: &mut Vec<u8>) -> Result<(), FieldError> {
        if is_aligned(era) {
            out.extend_from_slice(&self.transactions_hash);
        }
        put_u32(out, "payload_size", self.payload_size(era))?;
        put_reserved(out, era);
        for embedded in &self.transactions {
            embedded.write(era, out)?;
            let size = embedded.size(era);
            out.resize(out.len() + embedded.padded_size(era) - size, 0);
        }
        for cosignature in &self.cosignatures {
            cosignature.write(era, out);
        }
        Ok(())
    }
}

impl Embedded<'_> {
    /// Length in bytes, header included, padding not.
    #[must_use]
    pub fn size(&self, era: Era) -> usize {
        embedded_header_bytes(era) + self.part.size(era)
    }

    fn padded_size(&self, era: Era) -> usize {
        let size = self.size(era);
        if is_aligned(era) { size.next_multiple_of(8) } else { size }
    }

    /// Appends the embedded transaction to `out`, without padding.
    ///
    /// # Errors
    /// As [`Transaction::write`].
    pub fn write(&self, era: Era, out: &mut Vec<u8>) -> Result<(), FieldError> {
        put_u32(out, "size", self.size(era))?;
        put_reserved(out, era);
        out.extend_from_slice(&self.signer);
        put_reserved(out, era);
        put_kind(out, self.version, self.network.byte(), self.part.kind());
        self.part.write(era, out)
    }
}

impl Cosignature {
    fn write(&self, era: Era, out: &mut Vec<u8>) {
        if era == Era::C {
            out.extend_from_slice(&[0; 8]);
        }
        out.extend_from_slice(&self.signer);
        out.extend_from_slice(&self.signature);
    }
}

impl DetachedCosignature {
    /// The 136 bytes of it.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(136);
        self.cosignature.write(Era::C, &mut out);
        out.extend_from_slice(&self.parent_hash);
        out
    }
}
