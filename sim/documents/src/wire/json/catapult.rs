//! The Catapult eras' fields as JSON.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::super::catapult::{
    AGGREGATE_BONDED, AGGREGATE_COMPLETE, Aggregate, Body, Changes, Cosignature,
    DetachedCosignature, EmbeddableBody, Embedded, HASH_LOCK, HashLock, MODIFICATION, Modification,
    TRANSFER, Transaction, Transfer, add_byte, is_opaque, mosaic_fields, versions,
};
use super::super::{Era, FieldError};
use super::{Fields, hex};
use crate::key::{Address, Network, base32_text};

type Object = Map<String, Value>;

fn put(object: &mut Object, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

const fn type_name(kind: u16) -> &'static str {
    match kind {
        MODIFICATION => "multisig_modification",
        TRANSFER => "transfer",
        HASH_LOCK => "hash_lock",
        AGGREGATE_COMPLETE => "aggregate_complete",
        AGGREGATE_BONDED => "aggregate_bonded",
        _ => "opaque",
    }
}

fn header(type_name: &str, kind: u16, version: u8, network: Network, size: usize) -> Object {
    let mut object = Object::new();
    put(&mut object, "type", type_name);
    put(&mut object, "entity_type", kind);
    put(&mut object, "version", version);
    put(&mut object, "network", network.name());
    put(&mut object, "network_byte", network.byte());
    put(&mut object, "size", size);
    object
}

pub(super) fn to_json(transaction: &Transaction<'_>, era: Era) -> Value {
    let kind = transaction.body.kind();
    let size = transaction.size(era);
    let mut object = header(type_name(kind), kind, transaction.version, transaction.network, size);
    put(&mut object, "signature", hex(&transaction.signature));
    put(&mut object, "signer_public_key", hex(&transaction.signer));
    put(&mut object, "max_fee", transaction.max_fee.to_string());
    put(&mut object, "deadline", transaction.deadline.to_string());
    match &transaction.body {
        Body::Single(part) => put_part(&mut object, part, era),
        Body::Aggregate(aggregate) => put_aggregate(&mut object, aggregate, era),
    }
    Value::Object(object)
}

fn put_aggregate(object: &mut Object, aggregate: &Aggregate<'_>, era: Era) {
    if matches!(era, Era::B2 | Era::C) {
        put(object, "transactions_hash", hex(&aggregate.transactions_hash));
    }
    put(object, "payload_size", aggregate.payload_size(era));
    let transactions: Vec<Value> =
        aggregate.transactions.iter().map(|embedded| embedded_to_json(embedded, era)).collect();
    put(object, "transactions", transactions);
    let cosignatures: Vec<Value> = aggregate
        .cosignatures
        .iter()
        .map(|cosignature| Value::Object(cosignature_to_json(cosignature, era)))
        .collect();
    put(object, "cosignatures", cosignatures);
}

fn cosignature_to_json(cosignature: &Cosignature, era: Era) -> Object {
    let mut object = Object::new();
    if era == Era::C {
        put(&mut object, "version", "0");
    }
    put(&mut object, "signer_public_key", hex(&cosignature.signer));
    put(&mut object, "signature", hex(&cosignature.signature));
    object
}

pub(super) fn detached_to_json(detached: &DetachedCosignature) -> Value {
    let mut object = cosignature_to_json(&detached.cosignature, Era::C);
    put(&mut object, "parent_hash", hex(&detached.parent_hash));
    Value::Object(object)
}

fn embedded_to_json(embedded: &Embedded<'_>, era: Era) -> Value {
    let kind = embedded.part.kind();
    let name = if is_opaque(era, kind) { "opaque" } else { type_name(kind) };
    let mut object = header(name, kind, embedded.version, embedded.network, embedded.size(era));
    put(&mut object, "signer_public_key", hex(&embedded.signer));
    put_part(&mut object, &embedded.part, era);
    Value::Object(object)
}

fn put_part(object: &mut Object, part: &EmbeddableBody<'_>, era: Era) {
    match part {
        EmbeddableBody::Modification(modification) => put_modification(object, modification, era),
        EmbeddableBody::Transfer(transfer) => put_transfer(object, transfer, era),
        EmbeddableBody::HashLock(lock) => {
            put(object, "mosaic", mosaic_to_json(lock.mosaic, lock.amount));
            put(object, "duration", lock.duration.to_string());
            put(object, "hash", hex(&lock.hash));
        }
        EmbeddableBody::Opaque { body, .. } => put(object, "body_hex", hex(body)),
    }
}

fn mosaic_to_json(id: u64, amount: u64) -> Value {
    json!({"mosaic_id": format!("{id:016X}"), "amount": amount.to_string()})
}

fn put_modification(object: &mut Object, modification: &Modification<'_>, era: Era) {
    put(object, "min_removal_delta", modification.removal_delta);
    put(object, "min_approval_delta", modification.approval_delta);
    fn list<const N: usize>(entries: &[[u8; N]], text: fn(&[u8]) -> String) -> Vec<Value> {
        entries.iter().map(|entry| Value::String(text(entry))).collect()
    }
    match &modification.changes {
        Changes::Ordered(_) => {
            let entries: Vec<Value> = modification
                .ordered(era)
                .map(|(adds, key)| {
                    let byte = if adds { add_byte(era) } else { 1 - add_byte(era) };
                    json!({
                        "action": if adds { "add" } else { "remove" },
                        "action_byte": byte,
                        "cosignatory_public_key": hex(key),
                    })
                })
                .collect();
            put(object, "modifications", entries);
        }
        Changes::Keys { additions, deletions } => {
            put(object, "public_key_additions", list(additions, hex));
            put(object, "public_key_deletions", list(deletions, hex));
        }
        Changes::Addresses { additions, deletions } => {
            put(object, "address_additions", list(additions, base32_text));
            put(object, "address_deletions", list(deletions, base32_text));
        }
    }
}

fn put_transfer(object: &mut Object, transfer: &Transfer<'_>, era: Era) {
    let recipient = transfer.recipient.get(..era.address_bytes()).unwrap_or_default();
    put(object, "recipient_address", base32_text(recipient));
    let mosaics: Vec<Value> = transfer
        .mosaics
        .iter()
        .map(mosaic_fields)
        .map(|(id, amount)| mosaic_to_json(id, amount))
        .collect();
    put(object, "mosaics", mosaics);
    put(object, "message_hex", hex(&transfer.message));
}

pub(super) fn from_json(json: &Value, era: Era) -> Result<Transaction<'static>, FieldError> {
    let mut fields = Fields::new(json, "json")?;
    let (kind, version, network) = read_header(&mut fields, era, false)?;
    let signature = fields.bytes("signature")?;
    let signer = fields.bytes("signer_public_key")?;
    let max_fee = fields.number("max_fee")?;
    let deadline = fields.number("deadline")?;
    let body = match kind {
        AGGREGATE_COMPLETE | AGGREGATE_BONDED => {
            Body::Aggregate(read_aggregate(&mut fields, era, kind == AGGREGATE_BONDED)?)
        }
        _ => Body::Single(read_part(&mut fields, era, kind)?),
    };
    let transaction = Transaction { signature, signer, version, network, max_fee, deadline, body };
    fields.stated("size", transaction.size(era) as u64)?;
    fields.finish()?;
    Ok(transaction)
}

fn read_header(
    fields: &mut Fields<'_>,
    era: Era,
    embedded: bool,
) -> Result<(u16, u8, Network), FieldError> {
    let name = fields.text("type")?;
    let kind = match name {
        "multisig_modification" => MODIFICATION,
        "transfer" => TRANSFER,
        "hash_lock" => HASH_LOCK,
        "aggregate_complete" if !embedded => AGGREGATE_COMPLETE,
        "aggregate_bonded" if !embedded => AGGREGATE_BONDED,
        "opaque" if embedded => read_opaque_kind(fields, era)?,
        _ => return Err(fields.error("type", format_args!("`{name}`"), "a type of this era")),
    };
    fields.stated("entity_type", kind.into())?;
    let version = fields.number("version")?;
    let known = versions(era, kind);
    let fits = known.contains(&version) || (name == "opaque" && version > 0);
    if !fits {
        let expected = format!("one of {known:?} for `{name}` in era {era}");
        return Err(fields.error("version", version, expected));
    }
    Ok((kind, version, fields.network(era)?))
}

fn read_opaque_kind(fields: &mut Fields<'_>, era: Era) -> Result<u16, FieldError> {
    let kind = fields.number("entity_type")?;
    if is_opaque(era, kind) {
        return Ok(kind);
    }
    Err(fields.error("entity_type", kind, "a type that is carried unread"))
}

fn read_part(
    fields: &mut Fields<'_>,
    era: Era,
    kind: u16,
) -> Result<EmbeddableBody<'static>, FieldError> {
    match kind {
        _ if is_opaque(era, kind) => {
            Ok(EmbeddableBody::Opaque { kind, body: Cow::Owned(fields.hex("body_hex")?) })
        }
        MODIFICATION => read_modification(fields, era, &LAYOUT).map(EmbeddableBody::Modification),
        TRANSFER => read_transfer(fields, era).map(EmbeddableBody::Transfer),
        _ => {
            let mosaic = fields.required("mosaic")?;
            let (mosaic, amount) = read_mosaic(mosaic, fields.path("mosaic"))?;
            let duration = fields.number("duration")?;
            Ok(EmbeddableBody::HashLock(HashLock {
                mosaic,
                amount,
                duration,
                hash: fields.bytes("hash")?,
            }))
        }
    }
}

fn read_mosaic(value: &Value, path: String) -> Result<(u64, u64), FieldError> {
    let mut fields = Fields::new(value, path)?;
    let id = u64::from_be_bytes(fields.bytes("mosaic_id")?);
    let amount = fields.number("amount")?;
    fields.finish()?;
    Ok((id, amount))
}

/// How an entry of a list is read, and what is expected where it cannot be.
type Entry<const N: usize> = (fn(&str) -> Option<[u8; N]>, &'static str);

/// How a layout names the fields of a modification, and what stands in its lists.
pub(crate) struct ModificationLayout {
    /// The changes of min removal and of min approval.
    pub deltas: [&'static str; 2],
    /// Additions and deletions by address, and what is expected there.
    pub addresses: [&'static str; 2],
    pub address: Entry<24>,
    /// Additions and deletions by public key.
    pub keys: [&'static str; 2],
    /// An entry of an era that lists both in one order.
    pub entry: fn(&Value, String, Era) -> Result<[u8; 33], FieldError>,
}

const LAYOUT: ModificationLayout = ModificationLayout {
    deltas: ["min_removal_delta", "min_approval_delta"],
    addresses: ["address_additions", "address_deletions"],
    address: (read_address, "an address of 39 characters"),
    keys: ["public_key_additions", "public_key_deletions"],
    entry: read_entry,
};

pub(crate) fn read_modification(
    fields: &mut Fields<'_>,
    era: Era,
    layout: &ModificationLayout,
) -> Result<Modification<'static>, FieldError> {
    let [removal, approval] = layout.deltas;
    let (removal_delta, approval_delta) = (fields.signed(removal)?, fields.signed(approval)?);
    let changes = match era {
        Era::C => {
            let [additions, deletions] = layout.addresses;
            Changes::Addresses {
                additions: read_list(fields, additions, layout.address)?,
                deletions: read_list(fields, deletions, layout.address)?,
            }
        }
        Era::B2 => {
            let ([additions, deletions], key): (_, Entry<32>) = (layout.keys, (read_key, KEY));
            Changes::Keys {
                additions: read_list(fields, additions, key)?,
                deletions: read_list(fields, deletions, key)?,
            }
        }
        _ => {
            let mut entries = Vec::new();
            for (path, value) in fields.list("modifications")? {
                entries.push((layout.entry)(value, path, era)?);
            }
            Changes::Ordered(Cow::Owned(entries))
        }
    };
    Ok(Modification { removal_delta, approval_delta, changes })
}

/// What stands in a list of keys.
const KEY: &str = "64 hex digits";

/// The action's byte and the key of an entry.
pub(crate) fn entry_of(action: u8, key: [u8; 32]) -> [u8; 33] {
    let mut entry = [action; 33];
    for (to, from) in entry.iter_mut().skip(1).zip(key) {
        *to = from;
    }
    entry
}

fn read_entry(value: &Value, path: String, era: Era) -> Result<[u8; 33], FieldError> {
    let mut fields = Fields::new(value, path)?;
    let action = match fields.text("action")? {
        "add" => add_byte(era),
        "remove" => 1 - add_byte(era),
        other => return Err(fields.error("action", format_args!("`{other}`"), "add or remove")),
    };
    fields.stated("action_byte", action.into())?;
    let key: [u8; 32] = fields.bytes("cosignatory_public_key")?;
    fields.finish()?;
    Ok(entry_of(action, key))
}

fn read_list<const N: usize>(
    fields: &mut Fields<'_>,
    key: &str,
    (read, expected): Entry<N>,
) -> Result<Cow<'static, [[u8; N]]>, FieldError> {
    let mut entries = Vec::new();
    for (path, value) in fields.list(key)? {
        let entry = value.as_str().and_then(read);
        entries.push(entry.ok_or_else(|| FieldError::new(path, value, expected))?);
    }
    Ok(Cow::Owned(entries))
}

fn read_address(text: &str) -> Option<[u8; 24]> {
    Address::from_text(text).ok()?.bytes().try_into().ok()
}

fn read_key(text: &str) -> Option<[u8; 32]> {
    crate::key::PublicKey::from_hex(text).map(|key| key.0)
}

fn read_transfer(fields: &mut Fields<'_>, era: Era) -> Result<Transfer<'static>, FieldError> {
    let text = fields.text("recipient_address")?;
    let address = Address::from_text(text).ok();
    let address = address.filter(|address| address.bytes().len() == era.address_bytes());
    let Some(address) = address else {
        let expected = format!("an address of era {era}");
        return Err(fields.error("recipient_address", format_args!("`{text}`"), expected));
    };
    let recipient = recipient_of(&address);
    let mut mosaics = Vec::new();
    for (path, value) in fields.list("mosaics")? {
        let (id, amount) = read_mosaic(value, path)?;
        mosaics.push((u128::from(id) | (u128::from(amount) << 64)).to_le_bytes());
    }
    let message = Cow::Owned(fields.hex("message_hex")?);
    Ok(Transfer { recipient, mosaics: Cow::Owned(mosaics), message })
}

/// An address as the field of a transfer holds it, zeros behind the shorter ones.
pub(crate) fn recipient_of(address: &Address) -> [u8; 25] {
    let mut recipient = [0; 25];
    for (to, from) in recipient.iter_mut().zip(address.bytes()) {
        *to = *from;
    }
    recipient
}

fn read_aggregate(
    fields: &mut Fields<'_>,
    era: Era,
    bonded: bool,
) -> Result<Aggregate<'static>, FieldError> {
    let transactions_hash =
        if matches!(era, Era::B2 | Era::C) { fields.bytes("transactions_hash")? } else { [0; 32] };
    let mut transactions = Vec::new();
    for (path, value) in fields.list("transactions")? {
        transactions.push(read_embedded(value, path, era)?);
    }
    let mut cosignatures = Vec::new();
    for (path, value) in fields.list("cosignatures")? {
        let mut fields = Fields::new(value, path)?;
        cosignatures.push(read_cosignature(&mut fields, era)?);
        fields.finish()?;
    }
    let aggregate = Aggregate { bonded, transactions_hash, transactions, cosignatures };
    fields.stated("payload_size", aggregate.payload_size(era) as u64)?;
    Ok(aggregate)
}

fn read_embedded(value: &Value, path: String, era: Era) -> Result<Embedded<'static>, FieldError> {
    let mut fields = Fields::new(value, path)?;
    let (kind, version, network) = read_header(&mut fields, era, true)?;
    let signer = fields.bytes("signer_public_key")?;
    let part = read_part(&mut fields, era, kind)?;
    let embedded = Embedded { signer, version, network, part };
    fields.stated("size", embedded.size(era) as u64)?;
    fields.finish()?;
    Ok(embedded)
}

fn read_cosignature(fields: &mut Fields<'_>, era: Era) -> Result<Cosignature, FieldError> {
    if era == Era::C {
        let version: u64 = fields.number("version")?;
        if version != 0 {
            return Err(fields.error("version", version, 0));
        }
    }
    let signer = fields.bytes("signer_public_key")?;
    Ok(Cosignature { signer, signature: fields.bytes("signature")? })
}

pub(super) fn detached_from_json(json: &Value) -> Result<DetachedCosignature, FieldError> {
    let mut fields = Fields::new(json, "json")?;
    let cosignature = read_cosignature(&mut fields, Era::C)?;
    let parent_hash = fields.bytes("parent_hash")?;
    fields.finish()?;
    Ok(DetachedCosignature { cosignature, parent_hash })
}
