//! Step and wire to payload.

use serde_json::{Map, Value, json};

use super::super::json::{Fields, hex};
use super::super::{Era, FieldError, Payload};
use super::splitting::mosaic_fields;

type Object = Map<String, Value>;

/// The payload that a step and its wire part make.
///
/// # Errors
/// A field that is missing, unknown or out of range, an account whose key `wire.keys` does not hold, or
/// lists in the step and in `wire` that are not of one length.
pub fn join(step: &Value, wire: &Value) -> Result<Payload<'static>, FieldError> {
    let mut fields = Fields::new(wire, "wire")?;
    let name = fields.text("era")?;
    let era = Era::from_name(name)
        .ok_or_else(|| fields.error("era", format_args!("`{name}`"), "A, A1, B, B2, C or N"))?;
    let keys = fields.required("keys")?;
    let Value::Object(keys) = keys else {
        return Err(fields.error("keys", keys, "an object: address to public key"));
    };
    let joiner = Joiner { era, keys };
    let mut rest = object_of(wire, "wire")?;
    rest.shift_remove("era");
    rest.shift_remove("keys");
    let json = match (step.get("transaction"), step.get("cosign")) {
        (Some(transaction), None) => joiner.one(transaction, rest, "transaction")?,
        (None, Some(cosign)) => joiner.cosign(cosign, rest)?,
        _ => {
            let found = "neither or both";
            return Err(FieldError::new("step", found, "`transaction` or `cosign`"));
        }
    };
    Payload::from_json(&Value::Object(json), era)
}

struct Joiner<'a> {
    era: Era,
    keys: &'a Object,
}

fn object_of(value: &Value, path: &str) -> Result<Object, FieldError> {
    match value {
        Value::Object(object) => Ok(object.clone()),
        other => Err(FieldError::new(path, other, "an object")),
    }
}

fn put(object: &mut Object, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

impl Joiner<'_> {
    fn key(&self, address: &str, path: String) -> Result<Value, FieldError> {
        self.keys.get(address).cloned().ok_or_else(|| {
            FieldError::new(path, format_args!("`{address}`"), "an account of `wire.keys`")
        })
    }

    fn key_of(&self, fields: &mut Fields<'_>, key: &str) -> Result<Value, FieldError> {
        let address = fields.text(key)?;
        self.key(address, fields.path(key))
    }

    /// The keys of a list of addresses.
    fn keys_of(&self, fields: &mut Fields<'_>, key: &str) -> Result<Vec<Value>, FieldError> {
        fields
            .list(key)?
            .into_iter()
            .map(|(path, address)| self.key(address.as_str().unwrap_or_default(), path))
            .collect()
    }

    fn cosign(&self, step: &Value, mut json: Object) -> Result<Object, FieldError> {
        let mut fields = Fields::new(step, "cosign")?;
        let detached = json.get("type").and_then(Value::as_str) == Some("detached_cosignature");
        let id = fields.text("id")?;
        put(&mut json, "signer_public_key", self.key_of(&mut fields, "signer")?);
        if detached {
            put(&mut json, "parent_hash", id);
            json.shift_remove("type");
            json.shift_remove("network");
        } else {
            put(&mut json, "other_transaction_hash", id);
        }
        fields.finish()?;
        Ok(json)
    }

    fn one(&self, step: &Value, mut json: Object, path: &str) -> Result<Object, FieldError> {
        let mut fields = Fields::new(step, path)?;
        let kind = fields.text("type")?;
        put(&mut json, "type", kind);
        put(&mut json, "signer_public_key", self.key_of(&mut fields, "signer")?);
        match kind {
            "multisig_modification" => self.modification(&mut fields, &mut json)?,
            "transfer" => self.transfer(&mut fields, &mut json)?,
            "hash_lock" => hash_lock(&mut fields, &mut json)?,
            "aggregate_complete" | "aggregate_bonded" => {
                let transactions = self.inner(&mut fields, &mut json)?;
                put(&mut json, "transactions", transactions);
                self.cosignatures(&mut fields, &mut json)?;
            }
            "multisig" => {
                let mut transactions = self.inner(&mut fields, &mut json)?;
                let (Some(inner), true) = (transactions.pop(), transactions.is_empty()) else {
                    return Err(fields.error("transactions", "another number", "exactly one"));
                };
                put(&mut json, "inner_transaction", inner);
                if json.contains_key("signature") {
                    self.cosignatures(&mut fields, &mut json)?;
                }
            }
            "opaque" => {}
            _ => {
                let expected = "a type that has bytes in this era";
                return Err(fields.error("type", format_args!("`{kind}`"), expected));
            }
        }
        fields.finish()?;
        Ok(json)
    }

    /// The transactions inside, each with its entry of the wire part.
    fn inner(&self, fields: &mut Fields<'_>, json: &mut Object) -> Result<Vec<Value>, FieldError> {
        let wires = paired(json, fields, "transactions")?;
        let steps = fields.list("transactions")?;
        steps
            .into_iter()
            .zip(wires)
            .map(|((path, step), wire)| self.one(step, wire, &path).map(Value::Object))
            .collect()
    }

    fn cosignatures(&self, fields: &mut Fields<'_>, json: &mut Object) -> Result<(), FieldError> {
        let wires = paired(json, fields, "cosignatures")?;
        let keys = self.keys_of(fields, "cosignatures")?;
        let joined: Vec<Value> = keys
            .into_iter()
            .zip(wires)
            .map(|(key, mut wire)| {
                put(&mut wire, "signer_public_key", key);
                Value::Object(wire)
            })
            .collect();
        put(json, "cosignatures", joined);
        Ok(())
    }

    fn modification(&self, fields: &mut Fields<'_>, json: &mut Object) -> Result<(), FieldError> {
        if self.era == Era::N {
            return self.nis1_modification(fields, json);
        }
        put(json, "min_approval_delta", fields.signed::<i64>("min_approval_delta")?);
        put(json, "min_removal_delta", fields.signed::<i64>("min_removal_delta")?);
        match self.era {
            Era::C => {
                for list in ["additions", "deletions"] {
                    put(json, &format!("address_{list}"), fields.required(list)?.clone());
                }
            }
            Era::B2 => {
                for list in ["additions", "deletions"] {
                    put(json, &format!("public_key_{list}"), self.keys_of(fields, list)?);
                }
            }
            _ => {
                let mut entries = Vec::new();
                for (path, value) in fields.list("modifications")? {
                    let mut entry = Fields::new(value, path)?;
                    let key = self.key_of(&mut entry, "cosignatory")?;
                    let action = entry.text("action")?;
                    entry.finish()?;
                    entries.push(json!({"action": action, "cosignatory_public_key": key}));
                }
                put(json, "modifications", entries);
            }
        }
        Ok(())
    }

    fn nis1_modification(
        &self,
        fields: &mut Fields<'_>,
        json: &mut Object,
    ) -> Result<(), FieldError> {
        if let Some(version) = fields.optional("version") {
            put(json, "version", version.clone());
        }
        if let Some(delta) = fields.optional("min_cosignatories_delta") {
            put(json, "min_approval_delta", delta.clone());
        }
        let entry = |action: &str, key| json!({"action": action, "cosignatory_public_key": key});
        let added = self.keys_of(fields, "additions")?;
        let deleted = self.keys_of(fields, "deletions")?;
        let entries: Vec<Value> = added
            .into_iter()
            .map(|key| entry("add", key))
            .chain(deleted.into_iter().map(|key| entry("delete", key)))
            .collect();
        put(json, "modifications", entries);
        Ok(())
    }

    fn transfer(&self, fields: &mut Fields<'_>, json: &mut Object) -> Result<(), FieldError> {
        put(json, "recipient_address", fields.text("recipient")?);
        self.message(fields, json)?;
        if json.contains_key("mosaics") {
            return self.kept_mosaics(fields, json);
        }
        let Some(ids) = json.shift_remove("mosaic_ids") else {
            put(json, "amount", fields.number::<u64>("amount")?.to_string());
            return Ok(());
        };
        let ids = ids.as_array().cloned().unwrap_or_default();
        let single = matches!(ids.as_slice(), [_]) && self.era != Era::N;
        let amounts = match ids.as_slice() {
            [] if self.era == Era::N => {
                put(json, "amount", fields.number::<u64>("amount")?.to_string());
                Object::new()
            }
            [] => {
                fields.stated("amount", 0)?;
                Object::new()
            }
            [id] if single => {
                let amount = fields.number::<u64>("amount")?;
                Object::from_iter([(id.as_str().unwrap_or_default().to_owned(), amount.into())])
            }
            _ => object_of(fields.required("mosaics")?, &fields.path("mosaics"))?,
        };
        if amounts.len() != ids.len() {
            let expected = format!("{}, those of `wire.mosaic_ids`", ids.len());
            return Err(fields.error("mosaics", format!("{} mosaics", amounts.len()), expected));
        }
        let mosaics: Result<Vec<Value>, FieldError> = ids
            .iter()
            .map(|id| {
                let id = id.as_str().unwrap_or_default();
                let amount = amounts.get(id).and_then(Value::as_u64);
                let amount = amount.ok_or_else(|| {
                    fields.error("mosaics", "another list", format_args!("an amount of `{id}`"))
                })?;
                Ok(self.mosaic(id, amount))
            })
            .collect();
        put(json, "mosaics", mosaics?);
        Ok(())
    }

    fn mosaic(&self, id: &str, amount: u64) -> Value {
        if self.era != Era::N {
            return json!({"mosaic_id": id, "amount": amount.to_string()});
        }
        let (namespace, name) = id.split_once(':').unwrap_or((id, ""));
        json!({"namespace": namespace, "name": name, "quantity": amount.to_string()})
    }

    /// A list with one mosaic twice lies whole in the wire part; the step may not say otherwise.
    fn kept_mosaics(&self, fields: &mut Fields<'_>, json: &Object) -> Result<(), FieldError> {
        let list = json.get("mosaics").and_then(Value::as_array);
        let kept: Object =
            list.into_iter().flatten().map(|entry| mosaic_fields(entry, self.era)).collect();
        let shown = fields.required("mosaics")?;
        if shown.as_object() == Some(&kept) {
            return Ok(());
        }
        Err(fields.error("mosaics", "other amounts", "those of `wire.mosaics`"))
    }

    fn message(&self, fields: &mut Fields<'_>, json: &mut Object) -> Result<(), FieldError> {
        let text = match fields.optional("message") {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => return Err(fields.error("message", other, "text")),
        };
        let kind = json.shift_remove("message_type");
        if self.era == Era::N {
            let message = match (text, json.shift_remove("message")) {
                (Some(text), _) => {
                    json!({"type": kind.unwrap_or(1.into()), "payload_hex": hex(text.as_bytes())})
                }
                (None, Some(message)) => message,
                (None, None) => Value::Null,
            };
            put(json, "message", message);
        } else if let Some(text) = text {
            put(json, "message_hex", hex(text.as_bytes()));
        } else if !json.contains_key("message_hex") {
            put(json, "message_hex", "");
        }
        Ok(())
    }
}

/// The list of the wire part that goes with a list of the step.
fn paired(
    json: &mut Object,
    fields: &mut Fields<'_>,
    key: &str,
) -> Result<Vec<Object>, FieldError> {
    let wires = json.shift_remove(key).unwrap_or_default();
    let wires = wires.as_array().cloned().unwrap_or_default();
    let count = fields.list(key)?.len();
    if wires.len() != count {
        let expected = format!("{}, as many as in `wire`", wires.len());
        return Err(fields.error(key, format!("{count} entries"), expected));
    }
    wires.iter().map(|wire| object_of(wire, "wire")).collect()
}

fn hash_lock(fields: &mut Fields<'_>, json: &mut Object) -> Result<(), FieldError> {
    let mosaic = json.shift_remove("mosaic_id").unwrap_or_default();
    let amount = fields.number::<u64>("amount")?.to_string();
    put(json, "mosaic", json!({"mosaic_id": mosaic, "amount": amount}));
    put(json, "duration", fields.number::<u64>("duration_blocks")?.to_string());
    put(json, "hash", fields.text("id")?);
    Ok(())
}
