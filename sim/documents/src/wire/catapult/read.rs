//! Bytes to model, with nothing overlooked: sizes, counts, reserved bytes, padding, types, versions.

use std::borrow::Cow;

use super::super::cursor::{Cursor, WireError};
use super::{
    AGGREGATE_BONDED, AGGREGATE_COMPLETE, Aggregate, Body, Changes, Cosignature,
    DetachedCosignature, EmbeddableBody, Embedded, HASH_LOCK, HashLock, MODIFICATION, Modification,
    TRANSFER, Transaction, Transfer, cosignature_bytes, embedded_header_bytes, header_bytes,
    is_aligned, is_opaque, versions,
};
use crate::key::{Era, Network};

/// Reads a payload that stands alone.
///
/// # Errors
/// Anything the era's layout does not allow, with the byte it stands at.
pub fn read(bytes: &[u8], era: Era) -> Result<Transaction<'_>, WireError> {
    let mut cursor = Cursor::new(bytes);
    let size = cursor.u32("size")?;
    if usize::try_from(size) != Ok(bytes.len()) {
        return Err(WireError::new(
            0,
            format_args!("size {size}"),
            format_args!("{}, the length of the payload", bytes.len()),
        ));
    }
    reserved(&mut cursor, era)?;
    let signature = *cursor.array("signature")?;
    let signer = *cursor.array("signer public key")?;
    reserved(&mut cursor, era)?;
    let kind = read_kind(&mut cursor, era, false)?;
    let max_fee = cursor.u64("max fee")?;
    let deadline = cursor.u64("deadline")?;
    debug_assert_eq!(cursor.offset(), header_bytes(era));
    let body = match kind.kind {
        AGGREGATE_COMPLETE | AGGREGATE_BONDED => {
            Body::Aggregate(read_aggregate(&mut cursor, era, kind.kind == AGGREGATE_BONDED)?)
        }
        _ => Body::Single(read_part(&mut cursor, era, &kind)?),
    };
    cursor.end("transaction")?;
    let Kind { version, network, .. } = kind;
    Ok(Transaction { signature, signer, version, network, max_fee, deadline, body })
}

/// Reads a cosignature sent on its own, 136 bytes (era C).
///
/// # Errors
/// Another length, or a version that is not 0.
pub fn read_detached_cosignature(bytes: &[u8]) -> Result<DetachedCosignature, WireError> {
    let mut cursor = Cursor::new(bytes);
    let cosignature = read_cosignature(&mut cursor, Era::C)?;
    let parent_hash = *cursor.array("parent hash")?;
    cursor.end("detached cosignature")?;
    Ok(DetachedCosignature { cosignature, parent_hash })
}

struct Kind {
    version: u8,
    network: Network,
    kind: u16,
}

#[inline]
fn reserved(cursor: &mut Cursor<'_>, era: Era) -> Result<(), WireError> {
    if is_aligned(era) { cursor.zeros(4, "reserved bytes of the header") } else { Ok(()) }
}

#[inline]
fn read_kind(cursor: &mut Cursor<'_>, era: Era, embedded: bool) -> Result<Kind, WireError> {
    let at = cursor.offset();
    let version = cursor.u8("version")?;
    let network = read_network(cursor, era)?;
    let kind = cursor.u16("entity type")?;
    let known = versions(era, kind);
    let opaque = embedded && is_opaque(era, kind);
    if known.is_empty() && !opaque {
        return Err(unknown_type(at + 2, era, kind));
    }
    if embedded && matches!(kind, AGGREGATE_COMPLETE | AGGREGATE_BONDED) {
        return Err(WireError::new(
            at + 2,
            format_args!("an aggregate ({kind:#06x}) inside an aggregate"),
            "a transaction that may be embedded",
        ));
    }
    let fits = known.contains(&version) || (opaque && version > 0);
    if !fits {
        return Err(unknown_version(at, era, version, kind, known));
    }
    Ok(Kind { version, network, kind })
}

#[cold]
fn unknown_type(at: usize, era: Era, kind: u16) -> WireError {
    let found = format!("entity type {kind:#06x}");
    let what = if is_opaque(era, kind) { "one that may stand alone here" } else { "one" };
    WireError::new(
        at,
        found,
        format_args!("{what} of era {era}: 0x4155, 0x4154, 0x4148, 0x4141 or 0x4241"),
    )
}

#[cold]
fn unknown_version(at: usize, era: Era, version: u8, kind: u16, known: &[u8]) -> WireError {
    let known: Vec<String> = known.iter().map(u8::to_string).collect();
    let known = if known.is_empty() { "1 or more".to_owned() } else { known.join(", ") };
    WireError::new(
        at,
        format_args!("version {version}"),
        format_args!("{known} for type {kind:#06x} in era {era}"),
    )
}

#[inline]
fn read_network(cursor: &mut Cursor<'_>, era: Era) -> Result<Network, WireError> {
    let at = cursor.offset();
    let byte = cursor.u8("network")?;
    Network::from_byte(byte).filter(|network| network.exists_in(era)).ok_or_else(|| {
        let known: Vec<String> = Network::ALL
            .into_iter()
            .filter(|network| network.exists_in(era))
            .map(|network| format!("{:#04x}", network.byte()))
            .collect();
        WireError::new(at, format_args!("network {byte:#04x}"), known.join(", "))
    })
}

#[inline]
fn read_part<'a>(
    cursor: &mut Cursor<'a>,
    era: Era,
    kind: &Kind,
) -> Result<EmbeddableBody<'a>, WireError> {
    match kind.kind {
        _ if is_opaque(era, kind.kind) => {
            let body = Cow::Borrowed(cursor.take(cursor.left(), "body")?);
            Ok(EmbeddableBody::Opaque { kind: kind.kind, body })
        }
        MODIFICATION => {
            read_modification(cursor, era, kind.network).map(EmbeddableBody::Modification)
        }
        TRANSFER => read_transfer(cursor, era).map(EmbeddableBody::Transfer),
        HASH_LOCK => read_hash_lock(cursor).map(EmbeddableBody::HashLock),
        other => Err(unknown_type(cursor.offset(), era, other)),
    }
}

fn read_modification<'a>(
    cursor: &mut Cursor<'a>,
    era: Era,
    network: Network,
) -> Result<Modification<'a>, WireError> {
    let removal_delta = cursor.i8("min removal delta")?;
    let approval_delta = cursor.i8("min approval delta")?;
    let changes = if is_aligned(era) {
        let additions = usize::from(cursor.u8("additions count")?);
        let deletions = usize::from(cursor.u8("deletions count")?);
        cursor.zeros(4, "reserved bytes of the modification")?;
        if era == Era::C {
            Changes::Addresses {
                additions: read_addresses(cursor, network, additions, "additions")?,
                deletions: read_addresses(cursor, network, deletions, "deletions")?,
            }
        } else {
            Changes::Keys {
                additions: Cow::Borrowed(cursor.entries(additions, "additions")?),
                deletions: Cow::Borrowed(cursor.entries(deletions, "deletions")?),
            }
        }
    } else {
        let count = usize::from(cursor.u8("modifications count")?);
        Changes::Ordered(Cow::Borrowed(read_actions(cursor, count)?))
    };
    Ok(Modification { removal_delta, approval_delta, changes })
}

fn read_actions<'a>(cursor: &mut Cursor<'a>, count: usize) -> Result<&'a [[u8; 33]], WireError> {
    let at = cursor.offset();
    let entries = cursor.entries::<33>(count, "modifications")?;
    for (index, [action, ..]) in entries.iter().enumerate() {
        if *action > 1 {
            return Err(WireError::new(
                at + 33 * index,
                format_args!("modification action {action}"),
                "0 or 1",
            ));
        }
    }
    Ok(entries)
}

/// An alias (the network's byte plus one, a namespace id) ends in 15 zero bytes.
fn read_addresses<'a>(
    cursor: &mut Cursor<'a>,
    network: Network,
    count: usize,
    field: &str,
) -> Result<Cow<'a, [[u8; 24]]>, WireError> {
    let at = cursor.offset();
    let entries = cursor.entries::<24>(count, field)?;
    for (index, entry) in entries.iter().enumerate() {
        check_alias(entry, network, at + 24 * index)?;
    }
    Ok(Cow::Borrowed(entries))
}

#[inline]
fn check_alias(entry: &[u8; 24], network: Network, at: usize) -> Result<(), WireError> {
    let [first, _, _, _, _, _, _, _, _, rest @ ..] = entry;
    if *first == network.byte() | 1 && *rest != [0; 15] {
        return Err(WireError::new(
            at + 9,
            "an alias with more behind its namespace id",
            "15 zero bytes",
        ));
    }
    Ok(())
}

fn read_transfer<'a>(cursor: &mut Cursor<'a>, era: Era) -> Result<Transfer<'a>, WireError> {
    let mut recipient = [0; 25];
    let address = cursor.take(era.address_bytes(), "recipient")?;
    for (to, from) in recipient.iter_mut().zip(address) {
        *to = *from;
    }
    let message_size = usize::from(cursor.u16("message size")?);
    let count = usize::from(cursor.u8("mosaics count")?);
    if era != Era::C {
        let message = Cow::Borrowed(cursor.take(message_size, "message")?);
        let mosaics = Cow::Borrowed(cursor.entries(count, "mosaics")?);
        return Ok(Transfer { recipient, mosaics, message });
    }
    cursor.zeros(5, "reserved bytes of the transfer")?;
    let at = cursor.offset();
    let mosaics = cursor.entries(count, "mosaics")?;
    check_mosaic_order(mosaics, at)?;
    let message = Cow::Borrowed(cursor.take(message_size, "message")?);
    Ok(Transfer { recipient, mosaics: Cow::Borrowed(mosaics), message })
}

/// Mosaic id and amount of an entry.
#[inline]
#[must_use]
pub fn mosaic_fields(entry: &[u8; 16]) -> (u64, u64) {
    let wide = u128::from_le_bytes(*entry);
    (wide as u64, (wide >> 64) as u64)
}

fn check_mosaic_order(mosaics: &[[u8; 16]], at: usize) -> Result<(), WireError> {
    for (index, pair) in mosaics.windows(2).enumerate() {
        if let [before, after] = pair {
            let (before, after) = (mosaic_fields(before).0, mosaic_fields(after).0);
            if before >= after {
                return Err(WireError::new(
                    at + 16 * (index + 1),
                    format_args!("mosaic {after:016X}"),
                    format_args!("an id above {before:016X}, for mosaics are sorted by id"),
                ));
            }
        }
    }
    Ok(())
}

fn read_hash_lock(cursor: &mut Cursor<'_>) -> Result<HashLock, WireError> {
    Ok(HashLock {
        mosaic: cursor.u64("mosaic id")?,
        amount: cursor.u64("amount")?,
        duration: cursor.u64("duration")?,
        hash: *cursor.array("hash")?,
    })
}

fn read_aggregate<'a>(
    cursor: &mut Cursor<'a>,
    era: Era,
    bonded: bool,
) -> Result<Aggregate<'a>, WireError> {
    let mut transactions_hash = [0; 32];
    if is_aligned(era) {
        transactions_hash = *cursor.array("transactions hash")?;
    }
    let at = cursor.offset();
    let payload_size = cursor.u32("payload size")?;
    if is_aligned(era) {
        cursor.zeros(4, "reserved bytes of the aggregate")?;
    }
    let left = cursor.left();
    let Some(payload) = usize::try_from(payload_size).ok().filter(|&payload| payload <= left)
    else {
        return Err(WireError::new(
            at,
            format_args!("payload size {payload_size}"),
            format_args!("at most {left}, the bytes left behind it"),
        ));
    };
    let each = cosignature_bytes(era);
    if !(left - payload).is_multiple_of(each) {
        return Err(WireError::new(
            at,
            format_args!("payload size {payload}, which leaves {}", left - payload),
            format_args!("a multiple of {each} bytes of cosignatures"),
        ));
    }
    let mut inner = cursor.part(payload, "embedded transactions")?;
    let mut transactions = Vec::new();
    while inner.left() > 0 {
        transactions.push(read_embedded(&mut inner, era)?);
    }
    let mut cosignatures = Vec::with_capacity(cursor.left() / each);
    while cursor.left() > 0 {
        cosignatures.push(read_cosignature(cursor, era)?);
    }
    Ok(Aggregate { bonded, transactions_hash, transactions, cosignatures })
}

fn read_embedded<'a>(inner: &mut Cursor<'a>, era: Era) -> Result<Embedded<'a>, WireError> {
    let at = inner.offset();
    let mut whole = *inner;
    let size = inner.u32("size of the embedded transaction")?;
    let least = embedded_header_bytes(era);
    let Some(size) =
        usize::try_from(size).ok().filter(|size| (least..=whole.left()).contains(size))
    else {
        return Err(WireError::new(
            at,
            format_args!("embedded size {size}"),
            format_args!("{least} to {}, the bytes left of the payload size", whole.left()),
        ));
    };
    let mut cursor = whole.part(size, "embedded transaction")?;
    *inner = whole;
    cursor.u32("size of the embedded transaction")?;
    reserved(&mut cursor, era)?;
    let signer = *cursor.array("signer public key")?;
    reserved(&mut cursor, era)?;
    let kind = read_kind(&mut cursor, era, true)?;
    let part = read_part(&mut cursor, era, &kind)?;
    cursor.end("embedded transaction")?;
    if is_aligned(era) {
        inner.zeros(size.next_multiple_of(8) - size, "padding of the embedded transaction")?;
    }
    Ok(Embedded { signer, version: kind.version, network: kind.network, part })
}

#[inline]
fn read_cosignature(cursor: &mut Cursor<'_>, era: Era) -> Result<Cosignature, WireError> {
    if era == Era::C {
        cursor.zeros(8, "version of the cosignature")?;
    }
    let signer = *cursor.array("cosignatory public key")?;
    let signature = *cursor.array("cosignature")?;
    Ok(Cosignature { signer, signature })
}
