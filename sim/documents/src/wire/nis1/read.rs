//! Bytes to model, with nothing overlooked.

use std::borrow::Cow;

use super::super::cursor::{Cursor, WireError};
use super::{
    Body, COSIGNATURE, Form, MODIFICATION, MULTISIG, Message, Mosaic, NESTING_MAX, OPAQUE,
    TRANSFER, Transaction, Transfer, versions,
};
use crate::key::{Era, Network};

/// Reads a transaction of this form.
///
/// # Errors
/// Anything the layout does not allow, with the byte it stands at. The order of a modification's
/// addresses is not looked at here, see [`Transaction::check_order`].
pub fn read(bytes: &[u8], form: Form) -> Result<Transaction<'_>, WireError> {
    let mut cursor = Cursor::new(bytes);
    let transaction = read_one(&mut cursor, form, 0)?;
    cursor.end("transaction")?;
    Ok(transaction)
}

fn read_one<'a>(
    cursor: &mut Cursor<'a>,
    form: Form,
    depth: usize,
) -> Result<Transaction<'a>, WireError> {
    let (kind, version, network) = read_kind(cursor, depth > 0)?;
    let timestamp = cursor.u32("timestamp")?;
    cursor.exactly(32, "size of the signer public key")?;
    let signer = *cursor.array("signer public key")?;
    let signature = match form {
        Form::Verifiable => {
            cursor.exactly(64, "size of the signature")?;
            Some(*cursor.array("signature")?)
        }
        Form::NonVerifiable => None,
    };
    let fee = cursor.u64("fee")?;
    let deadline = cursor.u32("deadline")?;
    let body = match kind {
        MODIFICATION => read_modification(cursor, version)?,
        TRANSFER => read_transfer(cursor, version)?,
        COSIGNATURE => read_cosignature(cursor)?,
        MULTISIG => read_multisig(cursor, form, depth)?,
        _ => Body::Opaque { kind, body: Cow::Borrowed(cursor.take(cursor.left(), "body")?) },
    };
    Ok(Transaction { version, network, timestamp, signer, signature, fee, deadline, body })
}

fn read_kind(cursor: &mut Cursor<'_>, inner: bool) -> Result<(u32, u8, Network), WireError> {
    let at = cursor.offset();
    let kind = cursor.u32("transaction type")?;
    let known = versions(kind);
    let opaque = inner && OPAQUE.contains(&kind);
    if known.is_empty() && !opaque {
        return Err(WireError::new(
            at,
            format_args!("transaction type {kind:#06x}"),
            "0x0101, 0x1001, 0x1002 or 0x1004",
        ));
    }
    let version = cursor.u8("version")?;
    let fits = known.contains(&version) || (opaque && version > 0);
    if !fits {
        let known: Vec<String> = known.iter().map(u8::to_string).collect();
        let known = if known.is_empty() { "1 or more".to_owned() } else { known.join(" or ") };
        return Err(WireError::new(
            at + 4,
            format_args!("version {version}"),
            format_args!("{known} for type {kind:#06x}"),
        ));
    }
    cursor.zeros(2, "reserved bytes of the version")?;
    let byte = cursor.u8("network")?;
    let network = Network::from_byte(byte).filter(|network| network.exists_in(Era::N));
    let network = network.ok_or_else(|| {
        WireError::new(at + 7, format_args!("network {byte:#04x}"), "0x68, 0x98 or 0x60")
    })?;
    Ok((kind, version, network))
}

fn read_modification<'a>(cursor: &mut Cursor<'a>, version: u8) -> Result<Body<'a>, WireError> {
    let at = cursor.offset();
    let count = cursor.u32("modifications count")?;
    let room = cursor.left() / 44;
    let Some(count) = usize::try_from(count).ok().filter(|&count| count <= room) else {
        return Err(WireError::new(
            at,
            format_args!("modifications count {count}"),
            format_args!("at most {room}, for {} bytes are left", cursor.left()),
        ));
    };
    let start = cursor.offset();
    let entries = cursor.entries::<44>(count, "modifications")?;
    check_entries(entries, start)?;
    let relative_change = if version == 1 {
        None
    } else {
        cursor.exactly(4, "size of the relative change")?;
        Some(cursor.i32("relative change")?)
    };
    Ok(Body::Modification { entries: Cow::Borrowed(entries), relative_change })
}

/// Sizes and types of the entries, and that no addition comes behind a deletion.
fn check_entries(entries: &[[u8; 44]], start: usize) -> Result<(), WireError> {
    let mut last = 1;
    for (index, entry) in entries.iter().enumerate() {
        let (head, _) = entry.split_at(12);
        if head == ADD && last == 1 {
            continue;
        }
        let mut cursor = Cursor::new(head);
        let place =
            |error: WireError| WireError { offset: error.offset + start + 44 * index, ..error };
        cursor.exactly(40, "size of the modification").map_err(place)?;
        let kind = cursor.u32("type of the modification").map_err(place)?;
        if !matches!(kind, 1 | 2) {
            let error = WireError::new(4, format_args!("modification type {kind}"), "1 or 2");
            return Err(place(error));
        }
        cursor.exactly(32, "size of the cosignatory public key").map_err(place)?;
        if kind < last {
            let error = WireError::new(4, "an addition behind a deletion", "additions first");
            return Err(place(error));
        }
        last = kind;
    }
    Ok(())
}

const ADD: [u8; 12] = [40, 0, 0, 0, 1, 0, 0, 0, 32, 0, 0, 0];

fn read_address(cursor: &mut Cursor<'_>) -> Result<[u8; 40], WireError> {
    cursor.exactly(40, "size of the address")?;
    let at = cursor.offset();
    let address = cursor.array::<40>("address")?;
    match address.iter().position(|byte| !matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) {
        None => Ok(*address),
        Some(index) => {
            let byte = address.get(index).copied().unwrap_or_default();
            Err(WireError::new(
                at + index,
                format_args!("{byte:#04x} in an address"),
                "A to Z or 2 to 7",
            ))
        }
    }
}

fn read_transfer<'a>(cursor: &mut Cursor<'a>, version: u8) -> Result<Body<'a>, WireError> {
    let recipient = read_address(cursor)?;
    let amount = cursor.u64("amount")?;
    let envelope = cursor.length("size of the message envelope")?;
    let message = if envelope == 0 {
        None
    } else {
        let mut inner = cursor.part(envelope, "message envelope")?;
        let message = read_message(&mut inner)?;
        inner.end("message envelope")?;
        Some(message)
    };
    let mosaics = if version == 1 { None } else { Some(read_mosaics(cursor)?) };
    Ok(Body::Transfer(Transfer { recipient, amount, message, mosaics }))
}

fn read_message<'a>(cursor: &mut Cursor<'a>) -> Result<Message<'a>, WireError> {
    let at = cursor.offset();
    let kind = cursor.u32("message type")?;
    if !matches!(kind, 1 | 2) {
        let expected = "1 (plain) or 2 (encrypted)";
        return Err(WireError::new(at, format_args!("message type {kind}"), expected));
    }
    let size = cursor.length("size of the message")?;
    Ok(Message { kind, payload: Cow::Borrowed(cursor.take(size, "message")?) })
}

/// A mosaic is at least 20 bytes long, so the list grows with what is read and not with its count.
fn read_mosaics<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<Mosaic<'a>>, WireError> {
    let count = cursor.u32("mosaics count")?;
    let mut mosaics = Vec::new();
    for _ in 0..count {
        let size = cursor.length("size of the mosaic")?;
        let mut mosaic = cursor.part(size, "mosaic")?;
        let size = mosaic.length("size of the mosaic id")?;
        let mut id = mosaic.part(size, "mosaic id")?;
        let namespace = read_name(&mut id, "namespace")?;
        let name = read_name(&mut id, "mosaic name")?;
        id.end("mosaic id")?;
        let quantity = mosaic.u64("quantity")?;
        mosaic.end("mosaic")?;
        mosaics.push(Mosaic { namespace, name, quantity });
    }
    Ok(mosaics)
}

fn read_name<'a>(cursor: &mut Cursor<'a>, field: &str) -> Result<Cow<'a, str>, WireError> {
    let size = cursor.length(field)?;
    let at = cursor.offset();
    match std::str::from_utf8(cursor.take(size, field)?) {
        Ok(name) => Ok(Cow::Borrowed(name)),
        Err(error) => {
            let found = format_args!("a {field} that is not UTF-8");
            Err(WireError::new(at + error.valid_up_to(), found, "text"))
        }
    }
}

fn read_cosignature<'a>(cursor: &mut Cursor<'a>) -> Result<Body<'a>, WireError> {
    cursor.exactly(36, "size of the hash field")?;
    cursor.exactly(32, "size of the hash")?;
    let other_hash = *cursor.array("hash")?;
    let multisig_address = read_address(cursor)?;
    Ok(Body::Cosignature { other_hash, multisig_address })
}

fn read_multisig<'a>(
    cursor: &mut Cursor<'a>,
    form: Form,
    depth: usize,
) -> Result<Body<'a>, WireError> {
    if depth >= NESTING_MAX {
        return Err(WireError::new(
            cursor.offset(),
            format_args!("{} wrappers one inside the other", depth + 1),
            format_args!("at most {NESTING_MAX}"),
        ));
    }
    let size = cursor.length("size of the inner transaction")?;
    let mut part = cursor.part(size, "inner transaction")?;
    let inner = Box::new(read_one(&mut part, Form::NonVerifiable, depth + 1)?);
    part.end("inner transaction")?;
    let cosignatures = match form {
        Form::Verifiable => Some(read_cosignatures(cursor)?),
        Form::NonVerifiable => None,
    };
    Ok(Body::Multisig { inner, cosignatures })
}

fn read_cosignatures<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<Transaction<'a>>, WireError> {
    let count = cursor.u32("cosignatures count")?;
    let mut cosignatures = Vec::new();
    for _ in 0..count {
        let size = cursor.length("size of the cosignature")?;
        let at = cursor.offset();
        let mut part = cursor.part(size, "cosignature")?;
        let cosignature = read_one(&mut part, Form::Verifiable, NESTING_MAX)?;
        part.end("cosignature")?;
        if cosignature.body.kind() != COSIGNATURE {
            return Err(WireError::new(
                at,
                format_args!("transaction type {:#06x}", cosignature.body.kind()),
                format_args!("{COSIGNATURE:#06x}, a cosignature"),
            ));
        }
        cosignatures.push(cosignature);
    }
    Ok(cosignatures)
}
