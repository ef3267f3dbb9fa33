//! Payload to step and wire.

use serde_json::{Map, Value, json};

use super::super::{Era, Payload};
use super::IMPLIED;
use crate::key::{Address, Network, PublicKey};

type Object = Map<String, Value>;

/// The step (`{"transaction": ..}`, or `{"cosign": ..}` for a signature on its own) and the wire part.
#[must_use]
pub fn split(payload: &Payload<'_>) -> (Value, Value) {
    let mut keys = Keys { era: payload.era(), network: network_of(payload), map: Object::new() };
    let json = object_of(payload.to_json());
    let cosigns = json.contains_key("parent_hash") || is(&json, "type", "cosignature");
    let (step, rest) =
        if cosigns { split_cosign(json, &mut keys) } else { split_one(json, &mut keys) };
    let mut wire = Object::new();
    put(&mut wire, "era", keys.era.name());
    put(&mut wire, "network", keys.network.name());
    wire.extend(rest);
    put(&mut wire, "keys", Value::Object(keys.map));
    let kind = if cosigns { "cosign" } else { "transaction" };
    (json!({kind: step}), Value::Object(wire))
}

/// A detached cosignature does not say its network; its address is written as one of the test network.
fn network_of(payload: &Payload<'_>) -> Network {
    match payload {
        Payload::Catapult { transaction, .. } => transaction.network,
        Payload::Detached(_) => Network::Testnet,
        Payload::Nis1(transaction) => transaction.network,
    }
}

/// The public keys met so far, by address.
struct Keys {
    era: Era,
    network: Network,
    map: Object,
}

impl Keys {
    fn address(&mut self, key: &Value) -> Value {
        let Some(public) = key.as_str().and_then(PublicKey::from_hex) else { return Value::Null };
        let address = Address::of(&public, self.era, self.network).to_string();
        self.map.insert(address.clone(), key.clone());
        Value::String(address)
    }
}

fn object_of(value: Value) -> Object {
    if let Value::Object(object) = value { object } else { Object::new() }
}

fn is(object: &Object, key: &str, text: &str) -> bool {
    object.get(key).and_then(Value::as_str) == Some(text)
}

fn take(object: &mut Object, key: &str) -> Value {
    object.shift_remove(key).unwrap_or_default()
}

fn take_list(object: &mut Object, key: &str) -> Vec<Value> {
    if let Value::Array(list) = take(object, key) { list } else { Vec::new() }
}

/// A decimal string as the number it is.
fn number(value: &Value) -> Value {
    match value.as_str().and_then(|text| text.parse::<u64>().ok()) {
        Some(number) => number.into(),
        None => value.clone(),
    }
}

fn put(object: &mut Object, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

fn split_cosign(mut json: Object, keys: &mut Keys) -> (Object, Object) {
    let field =
        if json.contains_key("parent_hash") { "parent_hash" } else { "other_transaction_hash" };
    let mut step = Object::new();
    put(&mut step, "id", take(&mut json, field));
    put(&mut step, "signer", keys.address(&take(&mut json, "signer_public_key")));
    if field == "parent_hash" {
        put(&mut json, "type", "detached_cosignature");
    }
    for key in IMPLIED {
        json.shift_remove(key);
    }
    (step, json)
}

fn split_one(mut json: Object, keys: &mut Keys) -> (Object, Object) {
    let kind = take(&mut json, "type");
    let mut step = Object::new();
    put(&mut step, "type", kind.clone());
    put(&mut step, "signer", keys.address(&take(&mut json, "signer_public_key")));
    let opaque = kind == "opaque";
    for key in IMPLIED {
        if !(opaque && key.ends_with("_type")) {
            json.shift_remove(key);
        }
    }
    match kind.as_str().unwrap_or_default() {
        "multisig_modification" => split_modification(&mut json, &mut step, keys),
        "transfer" => split_transfer(&mut json, &mut step, keys.era),
        "hash_lock" => split_hash_lock(&mut json, &mut step),
        "aggregate_complete" | "aggregate_bonded" => split_aggregate(&mut json, &mut step, keys),
        "multisig" => split_multisig(&mut json, &mut step, keys),
        _ => {}
    }
    (step, json)
}

fn split_modification(json: &mut Object, step: &mut Object, keys: &mut Keys) {
    if keys.era == Era::N {
        return split_nis1_modification(json, step, keys);
    }
    put(step, "min_approval_delta", take(json, "min_approval_delta"));
    put(step, "min_removal_delta", take(json, "min_removal_delta"));
    if json.contains_key("modifications") {
        let entries = take_list(json, "modifications");
        let entry = |entry: Value| {
            let mut entry = object_of(entry);
            let cosignatory = keys.address(&take(&mut entry, "cosignatory_public_key"));
            json!({"action": take(&mut entry, "action"), "cosignatory": cosignatory})
        };
        put(step, "modifications", entries.into_iter().map(entry).collect::<Vec<_>>());
        return;
    }
    for list in ["additions", "deletions"] {
        let addresses = match json.shift_remove(&format!("address_{list}")) {
            Some(addresses) => addresses,
            None => {
                let public_keys = take_list(json, &format!("public_key_{list}"));
                public_keys.iter().map(|key| keys.address(key)).collect()
            }
        };
        put(step, list, addresses);
    }
}

/// NIS1 has one threshold; a version 1 modification is another transaction to its rules and says so.
fn split_nis1_modification(json: &mut Object, step: &mut Object, keys: &mut Keys) {
    if let Some(delta) = json.shift_remove("min_approval_delta") {
        put(step, "min_cosignatories_delta", delta);
    }
    if json.get("version").and_then(Value::as_u64) == Some(1) {
        put(step, "version", 1);
    }
    let (added, deleted): (Vec<Value>, Vec<Value>) = take_list(json, "modifications")
        .into_iter()
        .partition(|entry| entry.get("action").and_then(Value::as_str) == Some("add"));
    let mut addresses = |entries: Vec<Value>| -> Vec<Value> {
        let key = |entry: &Value| entry.get("cosignatory_public_key").cloned();
        entries.iter().filter_map(key).map(|key| keys.address(&key)).collect()
    };
    put(step, "additions", addresses(added));
    put(step, "deletions", addresses(deleted));
}

fn split_transfer(json: &mut Object, step: &mut Object, era: Era) {
    put(step, "recipient", take(json, "recipient_address"));
    split_message(json, step, era);
    let entries: Vec<(String, Value)> = match json.get("mosaics").and_then(Value::as_array) {
        Some(list) => list.iter().map(|entry| mosaic_fields(entry, era)).collect(),
        None => Vec::new(),
    };
    let amounts: Object = entries.iter().cloned().collect();
    let nis1_amount = if era == Era::N { json.get("amount").cloned() } else { None };
    match entries.as_slice() {
        [] => {
            json.shift_remove("amount");
            put(step, "amount", number(&nis1_amount.unwrap_or_else(|| 0.into())));
        }
        [(_, amount)] if era != Era::N => put(step, "amount", amount.clone()),
        _ => put(step, "mosaics", amounts.clone()),
    }
    let reversible = amounts.len() == entries.len() && entries.iter().all(|(id, _)| is_plain(id));
    if reversible && json.shift_remove("mosaics").is_some() {
        let ids: Vec<Value> = entries.into_iter().map(|(id, _)| Value::String(id)).collect();
        put(json, "mosaic_ids", ids);
    }
}

/// Whether a NIS1 mosaic's name can be separated again at its one colon.
fn is_plain(id: &str) -> bool {
    id.matches(':').count() <= 1
}

/// The name a mosaic goes by in a step, and its amount.
pub(super) fn mosaic_fields(entry: &Value, era: Era) -> (String, Value) {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    if era == Era::N {
        let id = format!("{}:{}", text("namespace"), text("name"));
        (id, number(entry.get("quantity").unwrap_or(&Value::Null)))
    } else {
        (text("mosaic_id").to_owned(), number(entry.get("amount").unwrap_or(&Value::Null)))
    }
}

/// A message that is text goes into the step, any other stays in hex.
fn split_message(json: &mut Object, step: &mut Object, era: Era) {
    let hex = if era == Era::N {
        json.get("message").and_then(|message| message.get("payload_hex"))
    } else {
        json.get("message_hex")
    };
    let bytes = hex
        .and_then(Value::as_str)
        .and_then(|hex| data_encoding::HEXUPPER.decode(hex.as_bytes()).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    if era != Era::N {
        if let Some(text) = text {
            json.shift_remove("message_hex");
            if !text.is_empty() {
                put(step, "message", text);
            }
        }
        return;
    }
    let message = take(json, "message");
    match text {
        Some(text) => {
            put(step, "message", text);
            put(json, "message_type", message.get("type").cloned().unwrap_or_default());
        }
        None if message.is_object() => put(json, "message", message),
        None => {}
    }
}

fn split_hash_lock(json: &mut Object, step: &mut Object) {
    let mut mosaic = object_of(take(json, "mosaic"));
    put(step, "id", take(json, "hash"));
    put(step, "amount", number(&take(&mut mosaic, "amount")));
    put(step, "duration_blocks", number(&take(json, "duration")));
    put(json, "mosaic_id", take(&mut mosaic, "mosaic_id"));
}

fn split_aggregate(json: &mut Object, step: &mut Object, keys: &mut Keys) {
    let (steps, wires): (Vec<Value>, Vec<Value>) = take_list(json, "transactions")
        .into_iter()
        .map(|inner| split_one(object_of(inner), keys))
        .map(|(step, wire)| (Value::Object(step), Value::Object(wire)))
        .unzip();
    put(step, "transactions", steps);
    put(json, "transactions", wires);
    split_cosignatures(json, step, keys);
}

fn split_cosignatures(json: &mut Object, step: &mut Object, keys: &mut Keys) {
    let (signers, rest): (Vec<Value>, Vec<Value>) = take_list(json, "cosignatures")
        .into_iter()
        .map(|cosignature| {
            let mut rest = object_of(cosignature);
            let signer = keys.address(&take(&mut rest, "signer_public_key"));
            for key in IMPLIED {
                rest.shift_remove(key);
            }
            (signer, Value::Object(rest))
        })
        .unzip();
    put(step, "cosignatures", signers);
    put(json, "cosignatures", rest);
}

fn split_multisig(json: &mut Object, step: &mut Object, keys: &mut Keys) {
    let inner = object_of(take(json, "inner_transaction"));
    let (inner_step, inner_wire) = split_one(inner, keys);
    put(step, "transactions", vec![Value::Object(inner_step)]);
    put(json, "transactions", vec![Value::Object(inner_wire)]);
    if json.contains_key("signature") {
        split_cosignatures(json, step, keys);
    }
}
