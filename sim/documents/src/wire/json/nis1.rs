//! NIS1's fields as JSON.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::super::nis1::{
    Body, COSIGNATURE, Form, MODIFICATION, MULTISIG, Message, Mosaic, NESTING_MAX, OPAQUE,
    TRANSFER, Transaction, Transfer, entry, entry_fields, versions,
};
use super::super::{Era, FieldError};
use super::{Fields, hex};

type Object = Map<String, Value>;

fn put(object: &mut Object, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

fn text_of(address: &[u8]) -> String {
    address.iter().copied().map(char::from).collect()
}

const fn type_name(kind: u32) -> &'static str {
    match kind {
        MODIFICATION => "multisig_modification",
        TRANSFER => "transfer",
        COSIGNATURE => "cosignature",
        MULTISIG => "multisig",
        _ => "opaque",
    }
}

pub(super) fn to_json(transaction: &Transaction<'_>) -> Value {
    let kind = transaction.body.kind();
    let mut object = Object::new();
    put(&mut object, "type", type_name(kind));
    put(&mut object, "transaction_type", kind);
    put(&mut object, "version", transaction.version);
    put(&mut object, "network", transaction.network.name());
    put(&mut object, "network_byte", transaction.network.byte());
    put(&mut object, "timestamp", transaction.timestamp);
    put(&mut object, "signer_public_key", hex(&transaction.signer));
    if let Some(signature) = &transaction.signature {
        put(&mut object, "signature", hex(signature));
    }
    put(&mut object, "fee", transaction.fee.to_string());
    put(&mut object, "deadline", transaction.deadline);
    put_body(&mut object, &transaction.body);
    Value::Object(object)
}

fn put_body(object: &mut Object, body: &Body<'_>) {
    match body {
        Body::Modification { entries, relative_change } => {
            let entries: Vec<Value> = entries.iter().map(entry_to_json).collect();
            put(object, "modifications", entries);
            if let Some(change) = relative_change {
                put(object, "min_approval_delta", *change);
            }
        }
        Body::Transfer(transfer) => put_transfer(object, transfer),
        Body::Multisig { inner, cosignatures } => {
            put(object, "inner_transaction_size", size_of_inner(inner));
            put(object, "inner_transaction", to_json(inner));
            if let Some(cosignatures) = cosignatures {
                let cosignatures: Vec<Value> = cosignatures.iter().map(to_json).collect();
                put(object, "cosignatures", cosignatures);
            }
        }
        Body::Cosignature { other_hash, multisig_address } => {
            put(object, "other_transaction_hash", hex(other_hash));
            put(object, "multisig_account_address", text_of(multisig_address));
        }
        Body::Opaque { body, .. } => put(object, "body_hex", hex(body)),
    }
}

fn size_of_inner(inner: &Transaction<'_>) -> usize {
    inner.signed_bytes().map_or(0, |bytes| bytes.len())
}

fn entry_to_json(bytes: &[u8; 44]) -> Value {
    let (adds, key) = entry_fields(bytes);
    json!({
        "action": if adds { "add" } else { "delete" },
        "action_value": if adds { 1 } else { 2 },
        "cosignatory_public_key": hex(&key),
    })
}

fn put_transfer(object: &mut Object, transfer: &Transfer<'_>) {
    put(object, "recipient_address", text_of(&transfer.recipient));
    put(object, "amount", transfer.amount.to_string());
    let message = transfer.message.as_ref().map_or(
        Value::Null,
        |message| json!({"type": message.kind, "payload_hex": hex(&message.payload)}),
    );
    put(object, "message", message);
    if let Some(mosaics) = &transfer.mosaics {
        let mosaics: Vec<Value> = mosaics
            .iter()
            .map(|mosaic| {
                json!({
                    "namespace": mosaic.namespace,
                    "name": mosaic.name,
                    "quantity": mosaic.quantity.to_string(),
                })
            })
            .collect();
        put(object, "mosaics", mosaics);
    }
}

pub(super) fn from_json(json: &Value) -> Result<Transaction<'static>, FieldError> {
    let form = match json.get("signature") {
        Some(_) => Form::Verifiable,
        None => Form::NonVerifiable,
    };
    read(json, "json".to_owned(), form, 0)
}

fn read(
    json: &Value,
    path: String,
    form: Form,
    depth: usize,
) -> Result<Transaction<'static>, FieldError> {
    let mut fields = Fields::new(json, path)?;
    let (kind, version) = read_header(&mut fields, depth > 0)?;
    let network = fields.network(Era::N)?;
    let timestamp = fields.number("timestamp")?;
    let signer = fields.bytes("signer_public_key")?;
    let signature = match form {
        Form::Verifiable => Some(fields.bytes("signature")?),
        Form::NonVerifiable => None,
    };
    let fee = fields.number("fee")?;
    let deadline = fields.number("deadline")?;
    let body = match kind {
        MODIFICATION => read_modification(&mut fields, version)?,
        TRANSFER => Body::Transfer(read_transfer(&mut fields, version)?),
        COSIGNATURE => Body::Cosignature {
            other_hash: fields.bytes("other_transaction_hash")?,
            multisig_address: read_address(&mut fields, "multisig_account_address")?,
        },
        MULTISIG => read_multisig(&mut fields, form, depth)?,
        _ => Body::Opaque { kind, body: Cow::Owned(fields.hex("body_hex")?) },
    };
    fields.finish()?;
    Ok(Transaction { version, network, timestamp, signer, signature, fee, deadline, body })
}

fn read_header(fields: &mut Fields<'_>, inner: bool) -> Result<(u32, u8), FieldError> {
    let name = fields.text("type")?;
    let kind = match name {
        "multisig_modification" => MODIFICATION,
        "transfer" => TRANSFER,
        "cosignature" => COSIGNATURE,
        "multisig" => MULTISIG,
        "opaque" if inner => fields.number("transaction_type")?,
        _ => return Err(fields.error("type", format_args!("`{name}`"), "a type of NIS1")),
    };
    if name == "opaque" && !OPAQUE.contains(&kind) {
        return Err(fields.error("transaction_type", kind, "a type that is carried unread"));
    }
    fields.stated("transaction_type", kind.into())?;
    let version = fields.number("version")?;
    let known = versions(kind);
    let fits = known.contains(&version) || (name == "opaque" && version > 0);
    if !fits {
        return Err(fields.error("version", version, format!("one of {known:?} for `{name}`")));
    }
    Ok((kind, version))
}

fn read_modification(fields: &mut Fields<'_>, version: u8) -> Result<Body<'static>, FieldError> {
    let mut entries = Vec::new();
    let mut deleting = false;
    for (path, value) in fields.list("modifications")? {
        let (adds, key) = read_entry(value, &path)?;
        if adds && deleting {
            let found = "an addition behind a deletion";
            return Err(FieldError::new(path, found, "additions first"));
        }
        deleting = !adds;
        entries.push(entry(adds, &key));
    }
    let relative_change =
        if version == 1 { None } else { Some(fields.signed("min_approval_delta")?) };
    Ok(Body::Modification { entries: Cow::Owned(entries), relative_change })
}

fn read_entry(value: &Value, path: &str) -> Result<(bool, [u8; 32]), FieldError> {
    let mut fields = Fields::new(value, path)?;
    let adds = match fields.text("action")? {
        "add" => true,
        "delete" => false,
        other => return Err(fields.error("action", format_args!("`{other}`"), "add or delete")),
    };
    fields.stated("action_value", if adds { 1 } else { 2 })?;
    let key = fields.bytes("cosignatory_public_key")?;
    fields.finish()?;
    Ok((adds, key))
}

fn read_address(fields: &mut Fields<'_>, key: &str) -> Result<[u8; 40], FieldError> {
    let text = fields.text(key)?;
    let bytes: Option<[u8; 40]> = text.as_bytes().try_into().ok();
    bytes
        .filter(|bytes| bytes.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')))
        .ok_or_else(|| fields.error(key, format_args!("`{text}`"), "an address of 40 characters"))
}

fn read_transfer(fields: &mut Fields<'_>, version: u8) -> Result<Transfer<'static>, FieldError> {
    let recipient = read_address(fields, "recipient_address")?;
    let amount = fields.number("amount")?;
    let message = match fields.required("message")? {
        Value::Null => None,
        value => Some(read_message(value, fields.path("message"))?),
    };
    let mosaics = if version == 1 {
        None
    } else {
        let mut mosaics = Vec::new();
        for (path, value) in fields.list("mosaics")? {
            let mut fields = Fields::new(value, path)?;
            let namespace = Cow::Owned(fields.text("namespace")?.to_owned());
            let name = Cow::Owned(fields.text("name")?.to_owned());
            mosaics.push(Mosaic { namespace, name, quantity: fields.number("quantity")? });
            fields.finish()?;
        }
        Some(mosaics)
    };
    Ok(Transfer { recipient, amount, message, mosaics })
}

fn read_message(value: &Value, path: String) -> Result<Message<'static>, FieldError> {
    let mut fields = Fields::new(value, path)?;
    let kind = fields.number("type")?;
    if !matches!(kind, 1 | 2) {
        return Err(fields.error("type", kind, "1 (plain) or 2 (encrypted)"));
    }
    let payload = Cow::Owned(fields.hex("payload_hex")?);
    fields.finish()?;
    Ok(Message { kind, payload })
}

fn read_multisig(
    fields: &mut Fields<'_>,
    form: Form,
    depth: usize,
) -> Result<Body<'static>, FieldError> {
    if depth >= NESTING_MAX {
        let found = format!("{} wrappers one inside the other", depth + 1);
        return Err(fields.error("inner_transaction", found, format!("at most {NESTING_MAX}")));
    }
    let path = fields.path("inner_transaction");
    let inner = fields.required("inner_transaction")?;
    let inner = Box::new(read(inner, path, Form::NonVerifiable, depth + 1)?);
    fields.stated("inner_transaction_size", size_of_inner(&inner) as u64)?;
    let cosignatures = match form {
        Form::NonVerifiable => None,
        Form::Verifiable => {
            let mut cosignatures = Vec::new();
            for (path, value) in fields.list("cosignatures")? {
                let at = path.clone();
                let cosignature = read(value, path, Form::Verifiable, NESTING_MAX)?;
                if cosignature.body.kind() != COSIGNATURE {
                    let found = type_name(cosignature.body.kind());
                    return Err(FieldError::new(at, format_args!("`{found}`"), "`cosignature`"));
                }
                cosignatures.push(cosignature);
            }
            Some(cosignatures)
        }
    };
    Ok(Body::Multisig { inner, cosignatures })
}
