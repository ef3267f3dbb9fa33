//! Finds the document in what was brought: a bare answer, or a wrapper with labels around one or two.

use serde_json::Value;

use super::catapult::{self, Labels};
use super::{Document, FieldError, check, nis1};
use crate::key::Address;
use crate::wire::Fields;

/// Reads whatever it is and checks it as a whole.
pub(super) fn read(value: &Value) -> Result<Document, FieldError> {
    if let Some(entries) = several(value) {
        let inside = |(index, entry)| {
            let at = move |error: FieldError| FieldError {
                path: format!("[{index}]: {}", error.path),
                ..error
            };
            read(entry).map_err(at)
        };
        let documents = entries.iter().enumerate().map(inside).collect::<Result<_, _>>()?;
        let merged = Document::merge(documents)?;
        check::whole(&merged, "documents")?;
        return Ok(merged);
    }
    let document = if value.is_array() {
        catapult::read_graph(value, "graph", &Labels::new())?
    } else if value.get("meta").is_some() {
        nis1::read(value, "account", &Labels::new())?
    } else if is_bare_multisig(value) {
        catapult::read_multisig(value, "multisig", &Labels::new())?
    } else {
        return read_wrapper(value);
    };
    check::whole(&document, "document")?;
    Ok(document)
}

/// The documents of a list of them, bare or as `data`; a graph is a list of levels and no such list.
fn several(value: &Value) -> Option<&Vec<Value>> {
    let entries = value.as_array().or_else(|| value.get("data")?.as_array())?;
    let is_level = |entry: &Value| entry.get("level").is_some();
    (!entries.is_empty() && !entries.iter().any(is_level)).then_some(entries)
}

/// The bare answer has the account's fields where the wrapper has the whole answer.
fn is_bare_multisig(value: &Value) -> bool {
    value.get("graph").is_none()
        && value.get("multisig").is_some_and(|inner| inner.get("accountAddress").is_some())
}

fn read_wrapper(value: &Value) -> Result<Document, FieldError> {
    let labels = read_labels(value)?;
    let multisig = match value.get("multisig") {
        Some(multisig) => Some(catapult::read_multisig(multisig, "multisig", &labels)?),
        None => None,
    };
    let document = match (value.get("graph"), value.get("response"), &multisig) {
        (Some(graph), _, _) => catapult::read_graph(graph, "graph", &labels)?,
        (None, Some(response), _) => nis1::read(response, "response", &labels)?,
        (None, None, Some(multisig)) => multisig.clone(),
        (None, None, None) => {
            let expected = "a list of levels, `multisig`, `graph`, `response`, or `meta`";
            return Err(FieldError::new("document", "none of a node's answers", expected));
        }
    };
    check::whole(&document, "graph")?;
    if let Some(multisig) = multisig {
        let (one, other) = (multisig.to_json(), document.multisig_json(&multisig.query));
        if multisig.query != document.query || other != Some(one) {
            let found = "another account, or another entry of it, than in `graph`";
            return Err(FieldError::new("multisig", found, "the entry of level 0"));
        }
    }
    check_query(value, &document)?;
    Ok(document)
}

/// `labels`: label to `{account, address, address_hex}`.
fn read_labels(value: &Value) -> Result<Labels, FieldError> {
    let mut labels = Labels::new();
    let Some(map) = value.get("labels") else { return Ok(labels) };
    let Value::Object(map) = map else {
        return Err(FieldError::new("labels", map, "an object: label to address"));
    };
    for (label, entry) in map {
        let path = format!("labels.{label}");
        let mut fields = Fields::new(entry, path.as_str())?;
        let mut address = None;
        for key in ["address", "address_hex"] {
            if fields.optional(key).is_none() {
                continue;
            }
            let text = fields.text(key)?;
            let read = Address::from_text(text)
                .map_err(|error| fields.error(key, error, "an address in base32 or hex"))?;
            if address.is_some_and(|address| address != read) {
                return Err(fields.error(key, read, "the same as `address`"));
            }
            address = Some(read);
        }
        let address = address.ok_or_else(|| fields.error("address", "nothing", "the field"))?;
        if let Some(other) = labels.insert(address, label.clone()) {
            let found = format!("the address of `{other}`");
            return Err(FieldError::new(path, found, "an address of its own"));
        }
    }
    Ok(labels)
}

/// `query` and `query_address` name the account that was asked for. Without labels `query` is a name that
/// nothing explains and is left alone.
fn check_query(value: &Value, document: &Document) -> Result<(), FieldError> {
    let labelled = value.get("labels").is_some();
    for key in ["query", "query_address"] {
        let Some(text) = value.get(key).and_then(Value::as_str) else { continue };
        if (labelled || key == "query_address") && document.find(text) != Some(&document.query) {
            let expected = format!("`{}`, the account of level 0", document.query);
            return Err(FieldError::new(key, format!("`{text}`"), expected));
        }
    }
    Ok(())
}
