//! Catapult's transactions as its nodes write them in JSON, with the field names of eras A to C.
//!
//! Source: catapult-rest, `plugins/aggregate.js`, `multisig.js`, `transfer.js`, `lockHash.js` and
//! `ModelSchemaBuilder.js`. Numbers of 64 bits are text, in eras A and A1 pairs of 32 bits, the lower first;
//! before Symbol `version` may hold the network in its second byte.

use std::borrow::Cow;

use serde_json::Value;

use super::{Form, Options, TransactionDocument};
use crate::key::{Address, Era, Network};
use crate::wire::catapult::{
    AGGREGATE_BONDED, AGGREGATE_COMPLETE, Aggregate, Body, Cosignature, DetachedCosignature,
    EmbeddableBody, Embedded, HASH_LOCK, HashLock, MODIFICATION, TRANSFER, Transaction, Transfer,
    add_byte,
};
use crate::wire::{
    FieldError, Fields, ModificationLayout, Payload, entry_of, read_modification, recipient_of,
};

/// Reads one transaction.
pub(super) fn read(
    value: &Value,
    path: &str,
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    let era = match options.era {
        Some(era) => era,
        None => era_of(value, path)?,
    };
    let mut unread = Vec::new();
    let mut fields = Fields::new(value, path)?;
    let head = read_head(&mut fields, era)?;
    let signature =
        if value.get("signature").is_some() { fields.bytes("signature")? } else { [0; 64] };
    let fee = if value.get("maxFee").is_some() { "maxFee" } else { "fee" };
    let max_fee = if value.get(fee).is_some() { number_field(&mut fields, fee)? } else { 0 };
    let deadline = number_field(&mut fields, "deadline")?;
    let body = match head.kind {
        AGGREGATE_COMPLETE | AGGREGATE_BONDED => {
            Body::Aggregate(read_aggregate(&mut fields, era, head.kind, &mut unread)?)
        }
        kind => {
            let part = read_part(&mut fields, era, kind)?;
            unread.extend(matches!(part, EmbeddableBody::Opaque { .. }).then_some(0));
            Body::Single(part)
        }
    };
    let Head { version, network, signer, .. } = head;
    let transaction = Transaction { signature, signer, version, network, max_fee, deadline, body };
    let payload = Payload::Catapult { era, transaction };
    Ok(TransactionDocument { unread, ..TransactionDocument::of(payload, Form::Rest, options) })
}

/// Reads a cosignature that names its aggregate.
pub(super) fn read_detached(
    value: &Value,
    path: &str,
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    let mut fields = Fields::new(value, path)?;
    let cosignature = read_cosignature(&mut fields, value)?;
    let parent_hash = fields.bytes("parentHash")?;
    let payload = Payload::Detached(DetachedCosignature { cosignature, parent_hash });
    Ok(TransactionDocument::of(payload, Form::Rest, options))
}

/// The era whose field names a transaction uses; eras A1 and B name a modification's entries alike in some
/// releases, and mean the opposite by them.
fn era_of(value: &Value, path: &str) -> Result<Era, FieldError> {
    let mut seen = Seen { version: low_byte(value), ..Seen::default() };
    seen.look(value);
    let parts = value.get("transactions").and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        seen.look(part.get("transaction").unwrap_or(part));
    }
    let is_aggregate = parts.is_some();
    let is_lock = value.get("type").and_then(Value::as_u64) == Some(HASH_LOCK.into());
    Ok(match seen {
        Seen { addresses: true, .. } => Era::C,
        Seen { keys: true, .. } => Era::B2,
        Seen { ordered: true, version, .. }
            if version == Some(if is_aggregate { 2 } else { 3 }) =>
        {
            Era::A
        }
        Seen { action: true, .. } => Era::B,
        Seen { ordered: true, .. } => {
            let found = "modifications that eras A1 and B write alike, with the opposite meaning";
            return Err(FieldError::new(path, found, "the era: `--era A1` or `--era B`"));
        }
        Seen { short: true, .. } => Era::C,
        Seen { signer: true, version: Some(1), .. } if !is_lock => Era::A1,
        Seen { signer: true, .. } => Era::A,
        Seen { long: true, .. } if value.get("transactionsHash").is_some() => Era::B2,
        Seen { long: true, .. } | Seen { listed: true, .. } | Seen { mijin: true, .. } => Era::B,
        _ => Era::C,
    })
}

fn low_byte(value: &Value) -> Option<u64> {
    value.get("version").and_then(Value::as_u64).map(|version| version & 0xFF)
}

/// What shows the era.
#[derive(Default)]
struct Seen {
    version: Option<u64>,
    addresses: bool,
    keys: bool,
    ordered: bool,
    action: bool,
    listed: bool,
    signer: bool,
    long: bool,
    short: bool,
    mijin: bool,
}

impl Seen {
    fn look(&mut self, value: &Value) {
        let is = |key: &str| value.get(key).is_some();
        self.addresses |= is("addressAdditions") || is("addressDeletions");
        self.keys |= is("publicKeyAdditions") || is("publicKeyDeletions");
        self.signer |= is("signer");
        let entries = value.get("modifications").and_then(Value::as_array);
        self.listed |= entries.is_some();
        self.mijin |= matches!(value.get("network").and_then(Value::as_u64), Some(0x60 | 0x90));
        self.ordered |= entries.is_some_and(|entries| !entries.is_empty());
        let mut entries = entries.into_iter().flatten();
        self.action |= entries.any(|entry| entry.get("modificationAction").is_some());
        let recipient = value.get("recipientAddress").or_else(|| value.get("recipient"));
        let length = recipient.and_then(Value::as_str).map_or(0, str::len);
        self.long |= matches!(length, 40 | 50);
        self.short |= matches!(length, 39 | 48);
    }
}

struct Head {
    kind: u16,
    version: u8,
    network: Network,
    signer: [u8; 32],
}

fn read_head(fields: &mut Fields<'_>, era: Era) -> Result<Head, FieldError> {
    let kind = fields.number("type")?;
    let version: u16 = fields.number("version")?;
    let [version, upper] = version.to_le_bytes();
    let byte = match fields.optional("network") {
        Some(_) => fields.number("network")?,
        None => upper,
    };
    let network = Network::from_byte(byte).filter(|network| network.exists_in(era));
    let network = network.ok_or_else(|| {
        let expected = format!("a network of era {era}, such as 104 or 152");
        fields.error("network", byte, expected)
    })?;
    Ok(Head { kind, version, network, signer: signer_field(fields)? })
}

fn signer_field(fields: &mut Fields<'_>) -> Result<[u8; 32], FieldError> {
    match fields.optional("signer") {
        Some(_) => fields.bytes("signer"),
        None => fields.bytes("signerPublicKey"),
    }
}

fn read_aggregate(
    fields: &mut Fields<'_>,
    era: Era,
    kind: u16,
    unread: &mut Vec<usize>,
) -> Result<Aggregate<'static>, FieldError> {
    let transactions_hash = match fields.optional("transactionsHash") {
        Some(_) => fields.bytes("transactionsHash")?,
        None => [0; 32],
    };
    if fields.optional("transactions").is_none() {
        let expected = "the aggregate with its transactions, which a list does not hold: ask the node for \
                        it by its hash, GET /transactions/partial/{hash} or \
                        /transactions/confirmed/{hash}";
        return Err(fields.error("transactions", "nothing", expected));
    }
    let mut transactions = Vec::new();
    for (index, (path, value)) in fields.list("transactions")?.into_iter().enumerate() {
        let (value, path) = match value.get("transaction") {
            Some(inner) => (inner, format!("{path}.transaction")),
            None => (value, path),
        };
        let embedded = read_embedded(value, path, era)?;
        unread.extend(matches!(embedded.part, EmbeddableBody::Opaque { .. }).then_some(index));
        transactions.push(embedded);
    }
    let mut cosignatures = Vec::new();
    if fields.optional("cosignatures").is_some_and(|list| !list.is_null()) {
        for (path, value) in fields.list("cosignatures")? {
            cosignatures.push(read_cosignature(&mut Fields::new(value, path)?, value)?);
        }
    }
    let bonded = kind == AGGREGATE_BONDED;
    Ok(Aggregate { bonded, transactions_hash, transactions, cosignatures })
}

fn read_embedded(value: &Value, path: String, era: Era) -> Result<Embedded<'static>, FieldError> {
    let mut fields = Fields::new(value, path)?;
    let Head { kind, version, network, signer } = read_head(&mut fields, era)?;
    if matches!(kind, AGGREGATE_BONDED | AGGREGATE_COMPLETE) {
        let expected = "a transaction that may be embedded";
        return Err(fields.error("type", format_args!("{kind}, an aggregate"), expected));
    }
    let part = read_part(&mut fields, era, kind)?;
    Ok(Embedded { signer, version, network, part })
}

fn read_cosignature(fields: &mut Fields<'_>, value: &Value) -> Result<Cosignature, FieldError> {
    let signature = match value.get("signature") {
        Some(_) => fields.bytes("signature")?,
        None => [0; 64],
    };
    Ok(Cosignature { signer: signer_field(fields)?, signature })
}

fn read_part(
    fields: &mut Fields<'_>,
    era: Era,
    kind: u16,
) -> Result<EmbeddableBody<'static>, FieldError> {
    match kind {
        // its transfers changed their layout from release to release and are carried unread in bytes
        TRANSFER if era == Era::B2 => Ok(EmbeddableBody::Opaque { kind, body: Cow::Borrowed(&[]) }),
        MODIFICATION => read_modification(fields, era, &LAYOUT).map(EmbeddableBody::Modification),
        TRANSFER => read_transfer(fields, era).map(EmbeddableBody::Transfer),
        HASH_LOCK => Ok(EmbeddableBody::HashLock(HashLock {
            mosaic: id_field(fields, "mosaicId")?,
            amount: number_field(fields, "amount")?,
            duration: number_field(fields, "duration")?,
            hash: fields.bytes("hash")?,
        })),
        kind => Ok(EmbeddableBody::Opaque { kind, body: Cow::Borrowed(&[]) }),
    }
}

const LAYOUT: ModificationLayout = ModificationLayout {
    deltas: ["minRemovalDelta", "minApprovalDelta"],
    addresses: ["addressAdditions", "addressDeletions"],
    address: (read_address, "an address of 48 hex digits or 39 characters"),
    keys: ["publicKeyAdditions", "publicKeyDeletions"],
    entry: read_entry,
};

/// The action is a number, which means by era what the byte means, or a word.
fn read_entry(value: &Value, path: String, era: Era) -> Result<[u8; 33], FieldError> {
    let mut fields = Fields::new(value, path)?;
    let names = ["modificationAction", "modificationType", "type"];
    let key = names.into_iter().find(|key| value.get(key).is_some()).unwrap_or("type");
    let action: u8 = match fields.required(key)?.as_str() {
        Some("add") => add_byte(era),
        Some("remove" | "del") => 1 - add_byte(era),
        _ => fields.number(key)?,
    };
    if action > 1 {
        return Err(fields.error(key, action, "0 or 1"));
    }
    Ok(entry_of(action, fields.bytes("cosignatoryPublicKey")?))
}

fn read_address(text: &str) -> Option<[u8; 24]> {
    Address::from_text(&text.replace('-', "")).ok()?.bytes().try_into().ok()
}

fn read_transfer(fields: &mut Fields<'_>, era: Era) -> Result<Transfer<'static>, FieldError> {
    let key = match fields.optional("recipientAddress") {
        Some(_) => "recipientAddress",
        None => "recipient",
    };
    let text = fields.text(key)?;
    let address = Address::from_text(&text.replace('-', "")).ok();
    let address = address.filter(|address| address.bytes().len() == era.address_bytes());
    let address = address.ok_or_else(|| {
        fields.error(key, format_args!("`{text}`"), format_args!("an address of era {era}"))
    })?;
    let recipient = recipient_of(&address);
    let mut mosaics = Vec::new();
    for (path, value) in fields.list("mosaics")? {
        let mut fields = Fields::new(value, path)?;
        let id = id_field(&mut fields, "id")?;
        let amount = number_field(&mut fields, "amount")?;
        mosaics.push((u128::from(id) | (u128::from(amount) << 64)).to_le_bytes());
    }
    let message = Cow::Owned(read_message(fields)?);
    Ok(Transfer { recipient, mosaics: Cow::Owned(mosaics), message })
}

/// Hex with the type's byte in front; in the older eras an object with type and payload; or nothing.
fn read_message(fields: &mut Fields<'_>) -> Result<Vec<u8>, FieldError> {
    match fields.optional("message") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value @ Value::Object(_)) => {
            let mut message = Fields::new(value, fields.path("message"))?;
            let mut bytes = vec![message.number::<u8>("type")?];
            bytes.extend(message.hex("payload")?);
            Ok(bytes)
        }
        Some(_) => fields.hex("message"),
    }
}

/// A number of 64 bits: digits, a number, or two halves of 32 bits, the lower first.
pub(super) fn number(value: &Value, path: impl FnOnce() -> String) -> Result<u64, FieldError> {
    let number = match value {
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        Value::Array(halves) => halves_of(halves),
        other => other.as_u64(),
    };
    number.ok_or_else(|| FieldError::new(path(), value, "a whole number of at most 64 bits"))
}

fn halves_of(halves: &[Value]) -> Option<u64> {
    let [low, high] = halves else { return None };
    let half = |value: &Value| u32::try_from(value.as_u64()?).ok();
    Some(u64::from(half(low)?) | u64::from(half(high)?) << 32)
}

/// A field of 64 bits.
pub(super) fn number_field(fields: &mut Fields<'_>, key: &str) -> Result<u64, FieldError> {
    let value = fields.required(key)?;
    number(value, || fields.path(key))
}

/// A mosaic's id: 16 hex digits, or two halves.
pub(super) fn id_field(fields: &mut Fields<'_>, key: &str) -> Result<u64, FieldError> {
    let value = fields.required(key)?;
    let id = match value {
        Value::Array(halves) => halves_of(halves),
        Value::String(text) if text.len() == 16 && text.is_ascii() => {
            u64::from_str_radix(text, 16).ok()
        }
        _ => None,
    };
    id.ok_or_else(|| fields.error(key, value, "a mosaic id of 16 hex digits"))
}
