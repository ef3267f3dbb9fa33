//! Bytes of a transaction whose era and form are not given: decided by what the layouts allow.

use super::type_name::{UNKNOWN, catapult_type_name};
use super::{Form, Options, TransactionDocument};
use crate::key::Era;
use crate::unit::count_of;
use crate::wire::catapult::{AGGREGATE_BONDED, AGGREGATE_COMPLETE, Body, Changes, EmbeddableBody};
use crate::wire::{BY_LIKELIHOOD, FieldError, Payload, WireError, eras_of, nis1};

/// Length of a generation hash.
const GENERATION_HASH: usize = 32;

/// Reads a payload, or signing data.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<TransactionDocument, FieldError> {
    if let Some(document) = whole(bytes, options)? {
        return Ok(document);
    }
    if let Some(document) = signing_data(bytes, options)? {
        return Ok(document);
    }
    Err(refusal(bytes, options.era))
}

/// Reads NIS1's form without signatures.
pub(super) fn read_announced(
    bytes: &[u8],
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    if let Some(told) = options.era.filter(|&told| told != Era::N) {
        let expected = format!("a payload of era {told}, as asked for");
        return Err(FieldError::new("data", "a NIS1 announcement", expected));
    }
    let payload = owned(&Payload::decode_announced(bytes)?)?;
    Ok(TransactionDocument::of(payload, Form::SigningData, options))
}

fn eras(options: &Options) -> Vec<Era> {
    options.era.map_or_else(|| BY_LIKELIHOOD.to_vec(), |era| vec![era])
}

fn whole(bytes: &[u8], options: &Options) -> Result<Option<TransactionDocument>, FieldError> {
    let accepting = eras_of(bytes);
    let asked = eras(options);
    let Some(&era) = accepting.iter().find(|era| asked.contains(era)) else { return Ok(None) };
    let also: Vec<Era> = accepting.into_iter().filter(|&other| other != era).collect();
    let payload = Payload::decode(bytes, era)?;
    if options.era.is_none() && also.contains(&Era::A1) && has_actions(&payload) {
        let found = "bytes that eras A1 and B both accept, with the opposite meaning";
        return Err(FieldError::new("byte 0", found, "the era: `--era A1` or `--era B`"));
    }
    let document = TransactionDocument::of(owned(&payload)?, Form::Payload, options);
    Ok(Some(TransactionDocument { also, ..document }))
}

/// Whether it has modifications with an action byte.
fn has_actions(payload: &Payload<'_>) -> bool {
    let Payload::Catapult { transaction, .. } = payload else { return false };
    let is_ordered = |part: &EmbeddableBody<'_>| match part {
        EmbeddableBody::Modification(modification) => {
            matches!(&modification.changes, Changes::Ordered(entries) if !entries.is_empty())
        }
        _ => false,
    };
    match &transaction.body {
        Body::Single(part) => is_ordered(part),
        Body::Aggregate(aggregate) => {
            aggregate.transactions.iter().any(|one| is_ordered(&one.part))
        }
    }
}

/// What a wallet signs: on NIS1 the form without signatures, elsewhere the generation hash and what stands
/// behind the signer's key. An aggregate's transactions are shown to a hardware wallet behind what it signs.
fn signing_data(
    bytes: &[u8],
    options: &Options,
) -> Result<Option<TransactionDocument>, FieldError> {
    let mut found = None;
    for era in eras(options) {
        let is_first = found.is_none();
        if era == Era::N {
            if let (true, Ok(payload)) = (is_first, Payload::decode_announced(bytes)) {
                found = Some(TransactionDocument::of(owned(&payload)?, Form::SigningData, options));
            }
            continue;
        }
        let Some((hash, rest)) = bytes.split_first_chunk::<GENERATION_HASH>() else { continue };
        let rebuilt = with_header(rest, era, options);
        let Ok(payload) = Payload::decode(&rebuilt, era) else { continue };
        match &mut found {
            Some(document) => document.also.push(era),
            None => {
                let document =
                    TransactionDocument::of(owned(&payload)?, Form::SigningData, options);
                let has_signer = options.signer.is_some();
                let generation_hash = Some(*hash);
                found = Some(TransactionDocument { has_signer, generation_hash, ..document });
            }
        }
    }
    let is_opposite = |document: &TransactionDocument| {
        document.also.contains(&Era::A1) && has_actions(&document.payload)
    };
    if options.era.is_none() && found.as_ref().is_some_and(is_opposite) {
        let found = "signing data that eras A1 and B both accept, with the opposite meaning";
        return Err(FieldError::new("byte 0", found, "the era: `--era A1` or `--era B`"));
    }
    Ok(found)
}

/// The payload that this signing data was taken from, with zeros for what it does not hold.
fn with_header(rest: &[u8], era: Era, options: &Options) -> Vec<u8> {
    let reserved: &[u8] = if is_aligned(era) { &[0; 4] } else { &[] };
    let signer = options.signer.map_or([0; 32], |key| key.0);
    let size = 4 + 2 * reserved.len() + 64 + 32 + rest.len();
    let size = u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
    [&size, reserved, &[0; 64], &signer, reserved, rest].concat()
}

const fn is_aligned(era: Era) -> bool {
    matches!(era, Era::B2 | Era::C)
}

/// A payload that lives as long as it is needed.
fn owned(payload: &Payload<'_>) -> Result<Payload<'static>, FieldError> {
    Payload::from_json(&payload.to_json(), payload.era())
}

/// Why these bytes are no payload: in the words of the era they look like.
fn refusal(bytes: &[u8], told: Option<Era>) -> FieldError {
    let others = eras_of(bytes);
    if let (Some(told), [other, ..]) = (told, others.as_slice()) {
        let found = format!("a payload of era {other}");
        return FieldError::new("byte 0", found, format_args!("one of era {told}, as asked for"));
    }
    if let Some(error) = without_transactions(bytes) {
        return error;
    }
    let looks = told.or_else(|| BY_LIKELIHOOD.into_iter().find(|&era| looks_like(bytes, era)));
    let Some(era) = looks else {
        let found = count_of(bytes.len() as u64, "byte") + " with which no transaction begins";
        return FieldError::new("byte 0", found, "a payload of NIS1, Catapult or Symbol");
    };
    if let Some(size) = announced_size(bytes, era).filter(|&size| size > bytes.len()) {
        let found =
            format!("{}, where the size field says {size}", count_of(bytes.len() as u64, "byte"));
        return FieldError::new("byte 0", found, "the whole payload; it was cut off");
    }
    match form_refusal(bytes, era) {
        Some(error) => error.into(),
        None => FieldError::new("byte 0", "bytes of no form", format_args!("those of era {era}")),
    }
}

/// NIS1 has two forms; the error is that of the form whose third field is the signature's size or not.
fn form_refusal(bytes: &[u8], era: Era) -> Option<WireError> {
    let verifiable = Payload::decode(bytes, era).err()?;
    let is_unsigned = era == Era::N && bytes.get(48..52) != Some(&64_u32.to_le_bytes());
    let unsigned = is_unsigned.then(|| Payload::decode_announced(bytes).err()).flatten();
    Some(unsigned.filter(|error| error.offset > verifiable.offset).unwrap_or(verifiable))
}

/// Signing data of an aggregate ends at the hash of its transactions, or 4 bytes behind it in version 3.
fn without_transactions(bytes: &[u8]) -> Option<FieldError> {
    let rest = bytes.get(GENERATION_HASH..)?;
    let kind = u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?);
    let is_aggregate = matches!(kind, AGGREGATE_BONDED | AGGREGATE_COMPLETE);
    (is_aggregate && matches!(rest.len(), 52 | 56)).then(|| {
        let found = "signing data of an aggregate, which holds only the hash of its transactions";
        FieldError::new("byte 0", found, "the aggregate itself: its payload, or the node's answer")
    })
}

fn announced_size(bytes: &[u8], era: Era) -> Option<usize> {
    let field = bytes.first_chunk::<4>().filter(|_| era != Era::N)?;
    usize::try_from(u32::from_le_bytes(*field)).ok()
}

/// Whether type and network stand where this era has them.
fn looks_like(bytes: &[u8], era: Era) -> bool {
    let number = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let is_network =
        |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, 0x60 | 0x68 | 0x90 | 0x98));
    if era == Era::N {
        let known = [nis1::TRANSFER, nis1::MODIFICATION, nis1::COSIGNATURE, nis1::MULTISIG];
        let kind = bytes.first_chunk::<4>().map(|field| u32::from_le_bytes(*field));
        return kind.is_some_and(|kind| known.contains(&kind)) && is_network(7);
    }
    let at = if is_aligned(era) { 108 } else { 100 };
    let is_kind = number(at + 2).is_some_and(|kind| catapult_type_name(kind) != UNKNOWN);
    is_kind && is_network(at + 1)
}
