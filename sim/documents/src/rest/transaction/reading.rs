//! From a file's bytes to what is in it.

use serde_json::{Deserializer, Value};

use super::contents::{Contents, contents_of};
use super::{Form, Item, Lock, Meta, Options, TransactionDocument};
use super::{bytes, catapult, nis1};
use crate::encoding::{self, JSON_VALUES_MAX, json_values};
use crate::key::{Address, Era};
use crate::wire::{FieldError, Fields, Payload, bytes_of_hex, step};

/// What stands for the whole document in a path.
const DOCUMENT: &str = "document";
/// What is read here, for whoever brought something else.
const EXPECTED: &str = "a transaction: a node's answer, a payload in hex or binary, what a wallet \
     announces or signs";

/// Reads what a file or an argument holds: bytes of a transaction, hex digits (one payload a line), or JSON
/// (one value, or several one after the other).
///
/// # Errors
/// Something else than a transaction, which is named; a document or payload that cannot be read, with the
/// field or byte; bytes that two eras read with opposite meanings.
pub fn read(bytes: &[u8], options: &Options) -> Result<Vec<Item>, FieldError> {
    let text = match encoding::text(bytes) {
        Err(encoding::NotUtf8::Utf16 { order }) => {
            let found = format_args!("UTF-16 ({order})");
            return Err(FieldError::new(DOCUMENT, found, "text in UTF-8"));
        }
        Err(encoding::NotUtf8::Byte { .. } | encoding::NotUtf8::Gzip) => None,
        Ok(text) if text.bytes().take(8).any(|byte| byte == 0) => None,
        Ok(text) => Some(text),
    };
    let Some(text) = text else { return one(bytes::read(bytes, options)) };
    let text = text.trim();
    match text.chars().next() {
        None => Err(FieldError::new(DOCUMENT, "nothing", EXPECTED)),
        Some('{' | '[') => read_json(text, options),
        Some(_) => text.lines().map(|line| hex_line(line.trim(), options)).collect(),
    }
}

fn one(document: Result<TransactionDocument, FieldError>) -> Result<Vec<Item>, FieldError> {
    Ok(vec![Item::Transaction(Box::new(document?))])
}

/// One line that is no JSON: hex digits, or something that is recognised by its form.
fn hex_line(line: &str, options: &Options) -> Result<Item, FieldError> {
    if let Some((found, expected)) = no_payload(line) {
        return Err(FieldError::new(DOCUMENT, found, expected));
    }
    let document = bytes::read(&bytes_of_hex(line)?, options)?;
    Ok(Item::Transaction(Box::new(document)))
}

/// What a line is that is no payload, and what should be there.
fn no_payload(line: &str) -> Option<(String, String)> {
    let is_hex = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = line.len();
    let ask = "ask the node: GET /transactions/partial/{hash}, /transactions/unconfirmed/{hash} or \
               /transactions/confirmed/{hash}";
    let (found, expected) = match (is_hex, digits) {
        (true, 64) => {
            ("64 hex digits, a hash or a public key", format!("the transaction itself; {ask}"))
        }
        (true, 128) => ("128 hex digits, a signature", EXPECTED.to_owned()),
        _ if Address::from_text(&line.replace('-', "")).is_ok_and(|a| a.network().is_some()) => {
            ("an address", EXPECTED.to_owned())
        }
        (true, _) => return None,
        _ if line.starts_with('<') => {
            ("a page in HTML or XML", format!("JSON or hex digits; {ask}"))
        }
        _ if encoding::is_yaml(line) => ("a line of YAML", EXPECTED.to_owned()),
        _ if line.starts_with('[') || line.contains(" = ") => {
            ("a properties file", EXPECTED.to_owned())
        }
        _ => return None,
    };
    Some((found.to_owned(), expected))
}

fn read_json(text: &str, options: &Options) -> Result<Vec<Item>, FieldError> {
    if json_values(text) > JSON_VALUES_MAX {
        let expected = format!("at most {JSON_VALUES_MAX}");
        return Err(FieldError::new(DOCUMENT, "too many values", expected));
    }
    let mut items = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| FieldError::no_json(DOCUMENT, text, &error))?;
        read_value(&value, DOCUMENT, options, &mut items)?;
    }
    match items.is_empty() {
        true => Err(FieldError::new(DOCUMENT, "an empty list", EXPECTED)),
        false => Ok(items),
    }
}

fn read_value(
    value: &Value,
    path: &str,
    options: &Options,
    items: &mut Vec<Item>,
) -> Result<(), FieldError> {
    let list = match value {
        Value::Array(list) => Some((list, path.to_owned())),
        Value::Object(fields) => match fields.get("data") {
            Some(Value::Array(list)) => Some((list, format!("{path}.data"))),
            _ => None,
        },
        _ => None,
    };
    let contents = contents_of(value);
    if let (Some((list, path)), true) = (list, is_readable(&contents)) {
        for (index, entry) in list.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match is_list(entry) {
                true => return Err(FieldError::new(path, "a list in a list", EXPECTED)),
                false => read_value(entry, &path, options, items)?,
            }
        }
        return Ok(());
    }
    items.push(read_object(value, path, &contents, options)?);
    Ok(())
}

fn is_list(value: &Value) -> bool {
    value.is_array() || value.get("data").is_some_and(Value::is_array)
}

const fn is_readable(contents: &Contents) -> bool {
    use Contents as C;
    matches!(contents, C::Transaction | C::Lock | C::Cosignature | C::Payload)
}

fn read_object(
    value: &Value,
    path: &str,
    contents: &Contents,
    options: &Options,
) -> Result<Item, FieldError> {
    let document = match contents {
        Contents::Transaction => read_rest(value, path, options)?,
        Contents::Cosignature => catapult::read_detached(value, path, options)?,
        Contents::Payload => read_payload(value, path, options)?,
        Contents::Lock => return read_lock(value, path).map(Item::Lock),
        Contents::NodeError { .. } => {
            let expected = "the transaction; it is not, or no longer, where the node was asked: ask \
                            GET /transactions/partial, /transactions/unconfirmed and \
                            /transactions/confirmed with its hash";
            return Err(FieldError::new(path, contents.text(), expected));
        }
        other => return Err(FieldError::new(path, other.text(), EXPECTED)),
    };
    Ok(Item::Transaction(Box::new(document)))
}

/// `{"meta","transaction"}`, or the transaction alone.
fn read_rest(
    value: &Value,
    path: &str,
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    let (inner, inner_path) = match value.get("transaction") {
        Some(inner) => (inner, format!("{path}.transaction")),
        None => (value, path.to_owned()),
    };
    // NIS1 alone dates its transactions.
    let is_nis1 = inner.get("timeStamp").is_some();
    if let Some(told) = options.era.filter(|&told| (told == Era::N) != is_nis1) {
        let found = if is_nis1 { "a transaction of NIS1" } else { "a transaction of Catapult" };
        return Err(FieldError::new(
            inner_path,
            found,
            format_args!("one of era {told}, as asked for"),
        ));
    }
    let mut document = match is_nis1 {
        true => nis1::read(inner, &inner_path, options)?,
        false => catapult::read(inner, &inner_path, options)?,
    };
    if let Some(meta) = value.get("meta") {
        document.meta = read_meta(meta, &format!("{path}.meta"), is_nis1)?;
    }
    Ok(document)
}

/// Catapult: `hash`, `height` as text. NIS1: `hash.data` and `height` of a confirmed one, where the greatest
/// number of its language stands for none; `data` of an unconfirmed one is the hash of the inner transaction.
fn read_meta(meta: &Value, path: &str, is_nis1: bool) -> Result<Meta, FieldError> {
    let hash = if is_nis1 { meta.pointer("/hash/data") } else { meta.get("hash") };
    let hash = match hash.filter(|hash| !hash.is_null()) {
        None => None,
        Some(hash) => Some(hash_of(hash, format!("{path}.hash"))?),
    };
    let height = match meta.get("height").filter(|height| !height.is_null()) {
        None => None,
        Some(height) => Some(catapult::number(height, || format!("{path}.height"))?),
    };
    let height = height.filter(|&height| height > 0 && height < (1 << 53) - 1);
    Ok(Meta { hash, height })
}

fn hash_of(value: &Value, path: String) -> Result<[u8; 32], FieldError> {
    let bytes = value.as_str().and_then(|text| bytes_of_hex(text).ok());
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| FieldError::new(path, value, "a hash of 64 hex digits"))
}

/// `payload` of an SDK, `hex` of our own, `data` and `signature` of NIS1, or what `decode` wrote.
fn read_payload(
    value: &Value,
    path: &str,
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let generation_hash = match value.get("generation_hash").filter(|hash| !hash.is_null()) {
        Some(hash) => Some(hash_of(hash, format!("{path}.generation_hash"))?),
        None => options.generation_hash,
    };
    let options = &Options { generation_hash, ..*options };
    if let Some(wire) = value.get("wire") {
        let payload = step::join(value, wire)?;
        return told(TransactionDocument::of(payload, Form::Decoded, options), path, options);
    }
    if let (Some(json), Some(era)) = (value.get("json"), text("era").and_then(Era::from_name)) {
        let payload = Payload::from_json(json, era)?;
        return told(TransactionDocument::of(payload, Form::Decoded, options), path, options);
    }
    let (key, digits) = ["payload", "hex", "data"]
        .into_iter()
        .find_map(|key| Some((key, text(key)?)))
        .ok_or_else(|| FieldError::new(path, "an object without a payload", EXPECTED))?;
    let inside =
        |error: FieldError| FieldError { path: format!("{path}.{key}: {}", error.path), ..error };
    if let Some((found, expected)) = no_payload(digits) {
        return Err(inside(FieldError::new("text", found, expected)));
    }
    let bytes = bytes_of_hex(digits).map_err(|error| inside(error.into()))?;
    if key != "data" {
        return bytes::read(&bytes, options).map_err(inside);
    }
    let mut document = bytes::read_announced(&bytes, options).map_err(inside)?;
    if let (Some(signature), Payload::Nis1(transaction)) =
        (text("signature"), &mut document.payload)
    {
        let bytes: Option<[u8; 64]> =
            bytes_of_hex(signature).ok().and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or_else(|| {
            FieldError::new(format!("{path}.signature"), signature, "128 hex digits")
        })?;
        nis1::put_signature(transaction, bytes);
        document.form = Form::Announcement;
    }
    Ok(document)
}

fn told(
    document: TransactionDocument,
    path: &str,
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    let era = document.payload.era();
    match options.era.filter(|&told| told != era) {
        None => Ok(document),
        Some(told) => {
            let expected = format!("era {told}, as asked for");
            Err(FieldError::new(format!("{path}.era"), format_args!("era {era}"), expected))
        }
    }
}

/// `{"lock":{..}}` or the lock alone; eras A and B write `accountAddress` and `height`.
fn read_lock(value: &Value, path: &str) -> Result<Lock, FieldError> {
    let (value, path) = match value.get("lock") {
        Some(inner) => (inner, format!("{path}.lock")),
        None => (value, path.to_owned()),
    };
    let mut fields = Fields::new(value, path)?;
    let newest = |one: &'static str, other| if value.get(one).is_some() { one } else { other };
    let owner = newest("ownerAddress", "accountAddress");
    let text = fields.text(owner)?;
    let owner = Address::from_text(text)
        .map_err(|_| fields.error(owner, format_args!("`{text}`"), "an address"))?;
    let status = catapult::number_field(&mut fields, "status")?;
    if status > 1 {
        return Err(fields.error("status", status, "0 (unused) or 1 (used)"));
    }
    Ok(Lock {
        owner,
        mosaic: catapult::id_field(&mut fields, "mosaicId")?,
        amount: catapult::number_field(&mut fields, "amount")?,
        end_height: catapult::number_field(&mut fields, newest("endHeight", "height"))?,
        is_used: status == 1,
        hash: fields.bytes("hash")?,
    })
}
