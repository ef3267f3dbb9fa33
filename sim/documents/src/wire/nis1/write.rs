//! Model to bytes: the reader's mirror.

use super::super::error::FieldError;
use super::{Body, Form, Message, Mosaic, Transaction, Transfer};

impl Transaction<'_> {
    /// Appends the bytes of this form to `out`.
    ///
    /// # Errors
    /// A list longer than 32 bits can count, or a verifiable form without its signature.
    pub fn write(&self, form: Form, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let [low, high, ..] = self.body.kind().to_le_bytes();
        out.extend_from_slice(&[low, high, 0, 0, self.version, 0, 0, self.network.byte()]);
        out.extend_from_slice(&self.timestamp.to_le_bytes());
        put_sized(out, &self.signer)?;
        if form == Form::Verifiable {
            let Some(signature) = &self.signature else {
                return Err(FieldError::new("signature", "none", "one, for the verifiable form"));
            };
            put_sized(out, signature)?;
        }
        out.extend_from_slice(&self.fee.to_le_bytes());
        out.extend_from_slice(&self.deadline.to_le_bytes());
        self.body.write(form, out)
    }

    /// The non-verifiable bytes: what is hashed and signed.
    ///
    /// # Errors
    /// As [`Transaction::write`].
    pub fn signed_bytes(&self) -> Result<Vec<u8>, FieldError> {
        let mut out = Vec::new();
        self.write(Form::NonVerifiable, &mut out)?;
        Ok(out)
    }
}

#[inline]
fn put_size(out: &mut Vec<u8>, size: usize) -> Result<(), FieldError> {
    let size = u32::try_from(size).map_err(|_| FieldError::too_many("bytes", size, u32::MAX))?;
    out.extend_from_slice(&size.to_le_bytes());
    Ok(())
}

#[inline]
fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), FieldError> {
    put_size(out, bytes.len())?;
    out.extend_from_slice(bytes);
    Ok(())
}

/// Writes something whose size stands before it.
fn put_measured(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), FieldError>,
) -> Result<(), FieldError> {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out)?;
    let size = out.len() - start - 4;
    let size = u32::try_from(size).map_err(|_| FieldError::too_many("bytes", size, u32::MAX))?;
    if let Some(field) = out.get_mut(start..start + 4) {
        field.copy_from_slice(&size.to_le_bytes());
    }
    Ok(())
}

impl Body<'_> {
    fn write(&self, form: Form, out: &mut Vec<u8>) -> Result<(), FieldError> {
        match self {
            Self::Modification { entries, relative_change } => {
                put_size(out, entries.len())?;
                out.extend_from_slice(entries.as_flattened());
                match relative_change {
                    Some(change) => put_sized(out, &change.to_le_bytes()),
                    None => Ok(()),
                }
            }
            Self::Transfer(transfer) => transfer.write(out),
            Self::Multisig { inner, cosignatures } => {
                put_measured(out, |out| inner.write(Form::NonVerifiable, out))?;
                if form == Form::NonVerifiable {
                    return Ok(());
                }
                let cosignatures = cosignatures.as_deref().unwrap_or_default();
                put_size(out, cosignatures.len())?;
                for cosignature in cosignatures {
                    put_measured(out, |out| cosignature.write(Form::Verifiable, out))?;
                }
                Ok(())
            }
            Self::Cosignature { other_hash, multisig_address } => {
                put_size(out, 36)?;
                put_sized(out, other_hash)?;
                put_sized(out, multisig_address)
            }
            Self::Opaque { body, .. } => {
                out.extend_from_slice(body);
                Ok(())
            }
        }
    }
}

impl Transfer<'_> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), FieldError> {
        put_sized(out, &self.recipient)?;
        out.extend_from_slice(&self.amount.to_le_bytes());
        match &self.message {
            Some(message) => put_measured(out, |out| message.write(out))?,
            None => put_size(out, 0)?,
        }
        if let Some(mosaics) = &self.mosaics {
            put_size(out, mosaics.len())?;
            for mosaic in mosaics {
                put_measured(out, |out| mosaic.write(out))?;
            }
        }
        Ok(())
    }
}

impl Message<'_> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), FieldError> {
        out.extend_from_slice(&self.kind.to_le_bytes());
        put_sized(out, &self.payload)
    }
}

impl Mosaic<'_> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), FieldError> {
        put_size(out, 8 + self.namespace.len() + self.name.len())?;
        put_sized(out, self.namespace.as_bytes())?;
        put_sized(out, self.name.as_bytes())?;
        out.extend_from_slice(&self.quantity.to_le_bytes());
        Ok(())
    }
}
